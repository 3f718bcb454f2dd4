/* SPDX-License-Identifier: MIT */
/*
 * QML, the XML of a QGIS style: of it what differs from QGIS's defaults. Names of elements and properties as
 * QGIS 3.22 to 3.40 read them (https://github.com/qgis/QGIS, src/core/symbology).
 */
#include "output/style_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** A property of a symbol. */
typedef struct property {
    const char *name, *value;
} property;

/** Of ColorBrewer's YlOrRd (https://colorbrewer2.org) those on which dark footprints can be seen. */
static const char *const ramp[ZF_STYLE_CLASSES] = {"255,255,204,255", "254,217,118,255", "254,178,76,255",
                                                   "253,141,60,255", "252,78,42,255"};

/** Of ColorBrewer's Dark2, for answers: told apart from each other and from the ramp. */
static const char *const answer_rgb[] = {"27,158,119", "117,112,179", "231,41,138", "102,166,30",
                                         "166,118,29"};

/* Fewer classes are spread over the ramp. */
static const char *colour_of(size_t i, size_t n) {
    return n < 2 ? ramp[1] : ramp[(i * (ZF_STYLE_CLASSES - 1) + (n - 1) / 2) / (n - 1)];
}

static void append_number(zf_text *out, double number) {
    zf_text_append_json_number(out, number);
}

/* Six digits are more than a legend wants. */
static void append_shown(zf_text *out, double number) {
    char digits[48];
    snprintf(digits, sizeof digits, "%.6g", number);
    zf_text_append_json_number(out, strtod(digits, NULL));
}

/* ---- symbols ---- */

static void append_symbol(zf_text *out, size_t number, const char *type, const char *layer,
                          const property *properties, size_t n) {
    zf_text_append_format(out,
                          "<symbol name=\"%zu\" type=\"%s\" alpha=\"1\" clip_to_extent=\"1\" "
                          "force_rhr=\"0\"><layer class=\"%s\" enabled=\"1\" locked=\"0\" pass=\"0\">"
                          "<Option type=\"Map\">",
                          number, type, layer);
    for (size_t i = 0; i < n; i++)
        zf_text_append_format(out, "<Option name=\"%s\" value=\"%s\" type=\"QString\"/>", properties[i].name,
                              properties[i].value);
    zf_text_append(out, "</Option></layer></symbol>\n");
}

static void append_fill(zf_text *out, size_t number, const char *colour, const char *outline,
                        const char *width_mm) {
    const property properties[] = {{"color", colour},           {"style", "solid"},
                                   {"joinstyle", "bevel"},      {"outline_color", outline},
                                   {"outline_style", "solid"},  {"outline_width", width_mm},
                                   {"outline_width_unit", "MM"}};
    append_symbol(out, number, "fill", "SimpleFill", properties, sizeof properties / sizeof *properties);
}

static void append_marker(zf_text *out, size_t number, const char *shape, const char *colour) {
    const property properties[] = {{"name", shape},
                                   {"color", colour},
                                   {"size", "2.4"},
                                   {"size_unit", "MM"},
                                   {"outline_color", "255,255,255,255"},
                                   {"outline_style", "solid"},
                                   {"outline_width", "0.3"},
                                   {"outline_width_unit", "MM"}};
    append_symbol(out, number, "marker", "SimpleMarker", properties, sizeof properties / sizeof *properties);
}

static void append_line(zf_text *out, size_t number, const char *colour) {
    const property properties[] = {{"line_color", colour}, {"line_style", "solid"},
                                   {"line_width", "0.5"},  {"line_width_unit", "MM"},
                                   {"capstyle", "round"},  {"joinstyle", "round"}};
    append_symbol(out, number, "line", "SimpleLine", properties, sizeof properties / sizeof *properties);
}

static void append_zone(zf_text *out, size_t number, const char *colour) {
    append_fill(out, number, colour, "110,90,70,255", "0.2");
}

/* ---- renderers ---- */

static void append_renderer(zf_text *out, const char *type, const char *attribute) {
    zf_text_append_format(out, "<renderer-v2 type=\"%s\"", type);
    if (attribute != NULL) {
        zf_text_append(out, " attr=\"");
        zf_text_append_xml(out, attribute);
        zf_text_append(out, "\"");
    }
    zf_text_append(out, " symbollevels=\"0\" enableorderby=\"0\" forceraster=\"0\" referencescale=\"-1\"");
}

static void append_range(zf_text *out, const zf_style_look *look, size_t i) {
    const zf_style_class *class = &look->classes[i];
    zf_text_append(out, "<range lower=\"");
    append_number(out, class->lower);
    zf_text_append(out, "\" upper=\"");
    append_number(out, class->upper);
    zf_text_append_format(out, "\" symbol=\"%zu\" render=\"true\" label=\"", i);
    if (class->shown_lower < class->shown_upper) {
        append_shown(out, class->shown_lower);
        zf_text_append(out, " – ");
    }
    append_shown(out, class->shown_upper);
    zf_text_append(out, " ");
    zf_text_append_xml(out, look->unit);
    zf_text_append(out, "\"/>\n");
}

static void append_graduated(zf_text *out, const zf_style_look *look) {
    append_renderer(out, "graduatedSymbol", look->attribute);
    zf_text_append(out, " graduatedMethod=\"GraduatedColor\">\n<ranges>\n");
    for (size_t i = 0; i < look->n_classes; i++)
        append_range(out, look, i);
    zf_text_append(out, "</ranges>\n<symbols>\n");
    for (size_t i = 0; i < look->n_classes; i++)
        append_zone(out, i, colour_of(i, look->n_classes));
    zf_text_append(out, "</symbols>\n<classificationMethod id=\"Custom\"/>\n</renderer-v2>\n");
}

static void append_actions(zf_text *out) {
    append_renderer(out, "categorizedSymbol", "action");
    zf_text_append(out, ">\n<categories>\n"
                        "<category value=\"repaired\" symbol=\"0\" render=\"true\" label=\"repaired\"/>\n"
                        "<category value=\"skipped\" symbol=\"1\" render=\"true\" label=\"skipped\"/>\n"
                        "</categories>\n<symbols>\n");
    append_marker(out, 0, "circle", "31,120,180,255");
    append_marker(out, 1, "diamond", "106,61,154,255");
    zf_text_append(out, "</symbols>\n</renderer-v2>\n");
}

zf_style_shape zf_style_shape_of(const zf_output_table *table) {
    static const struct {
        const char *end;
        zf_style_shape shape;
    } shapes[] = {{"POINT", ZF_STYLE_POINTS}, {"LINESTRING", ZF_STYLE_LINES}, {"POLYGON", ZF_STYLE_POLYGONS}};
    for (size_t i = 0; table->geometry_type != NULL && i < sizeof shapes / sizeof *shapes; i++)
        if (strstr(table->geometry_type, shapes[i].end) != NULL)
            return shapes[i].shape;
    return ZF_STYLE_NO_SHAPE;
}

/* Polygons can be seen through: ZIPs lie below. */
static void append_answer(zf_text *out, zf_style_shape shape, size_t number) {
    char colour[32], fill[32];
    const char *rgb = answer_rgb[number % (sizeof answer_rgb / sizeof *answer_rgb)];
    snprintf(colour, sizeof colour, "%s,255", rgb);
    snprintf(fill, sizeof fill, "%s,60", rgb);
    if (shape == ZF_STYLE_POLYGONS)
        append_fill(out, 0, fill, colour, "0.4");
    else if (shape == ZF_STYLE_LINES)
        append_line(out, 0, colour);
    else
        append_marker(out, 0, "circle", colour);
}

static void append_single(zf_text *out, const zf_style_look *look, const zf_output_table *table) {
    const zf_style_kind kind = look->kind;
    append_renderer(out, "singleSymbol", NULL);
    zf_text_append(out, ">\n<symbols>\n");
    if (kind == ZF_STYLE_ANSWER)
        append_answer(out, zf_style_shape_of(table), look->number);
    else if (kind == ZF_STYLE_BUILDING)
        append_fill(out, 0, "84,73,65,255", "51,43,37,255", "0.05");
    else if (kind == ZF_STYLE_CLUSTER)
        append_fill(out, 0, "84,39,143,40", "84,39,143,255", "0.3");
    else
        append_zone(out, 0, ramp[0]);
    zf_text_append(out, "</symbols>\n</renderer-v2>\n");
}

/* ---- labels and fields ---- */

/* The ZIP's id, where there is room for it. */
static void append_labels(zf_text *out) {
    zf_text_append(out,
                   "<labeling type=\"simple\"><settings calloutType=\"simple\">\n"
                   "<text-style fieldName=\"zip\" isExpression=\"0\" fontSize=\"9\" fontSizeUnit=\"Point\" "
                   "fontWeight=\"75\" textColor=\"40,40,40,255\" textOpacity=\"1\" multilineHeight=\"1\">"
                   "<text-buffer bufferDraw=\"1\" bufferSize=\"0.9\" bufferSizeUnits=\"MM\" "
                   "bufferColor=\"255,255,255,255\" bufferOpacity=\"0.85\" bufferNoFill=\"1\" "
                   "bufferJoinStyle=\"128\"/></text-style>\n"
                   "<placement placement=\"4\" fitInPolygonOnly=\"1\" centroidInside=\"1\" priority=\"5\" "
                   "polygonPlacementFlags=\"2\"/>\n"
                   "<rendering drawLabels=\"1\" obstacle=\"1\" obstacleType=\"1\" scaleVisibility=\"0\" "
                   "limitNumLabels=\"0\" fontLimitPixelSize=\"0\" mergeLines=\"0\" labelPerPart=\"0\" "
                   "displayAll=\"0\"/>\n"
                   "</settings></labeling>\n");
}

static void append_aliases(zf_text *out, zf_style_kind kind, const zf_output_table *table) {
    zf_text alias = {0};
    zf_text_append(out, "<aliases>\n");
    for (size_t i = 0; i < table->n_columns; i++) {
        alias.n = 0;
        zf_style_append_alias(&alias, kind, table->columns[i].name);
        if (alias.n == 0)
            continue;
        zf_text_append_format(out, "<alias index=\"%zu\" field=\"", i);
        zf_text_append_xml(out, table->columns[i].name);
        zf_text_append(out, "\" name=\"");
        zf_text_append_xml(out, alias.bytes);
        zf_text_append(out, "\"/>\n");
    }
    zf_text_append(out, "</aliases>\n");
    out->is_failed |= alias.is_failed;
    zf_text_deinit(&alias);
}

void zf_style_append_qml(zf_text *out, const zf_style_look *look, const zf_output_table *table) {
    const bool is_zip = look->kind == ZF_STYLE_ZIP;
    zf_text_append_format(out,
                          "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
                          "<qgis version=\"3.22.0\" styleCategories=\"Symbology|Labeling|Fields\" "
                          "labelsEnabled=\"%d\">\n",
                          is_zip);
    if (look->n_classes > 0)
        append_graduated(out, look);
    else if (look->kind == ZF_STYLE_REJECTED)
        append_actions(out);
    else
        append_single(out, look, table);
    if (is_zip)
        append_labels(out);
    append_aliases(out, look->kind, table);
    zf_text_append_format(out, "<layerGeometryType>%d</layerGeometryType>\n</qgis>\n",
                          (int)zf_style_shape_of(table));
}
