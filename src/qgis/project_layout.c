/* SPDX-License-Identifier: MIT */
/* The page: A4 across, a map with its title, legend and scale bar. */
#include "qgis/project_internal.h"

/** Millimetres on the page. */
enum { MAP_WIDTH = 205, MAP_HEIGHT = 178 };

#define MAP_ID "{6f2ad0c1-57b4-4d40-9a44-7a6f6e656601}"

zf_envelope zf_project_fit(const zf_envelope *extent, double width, double height) {
    static const double room = 1.04;
    const double x = (extent->min_x + extent->max_x) / 2, y = (extent->min_y + extent->max_y) / 2;
    double half_x = (extent->max_x - extent->min_x) / 2 * room;
    double half_y = (extent->max_y - extent->min_y) / 2 * room;
    if (half_x * height < half_y * width)
        half_x = half_y * width / height;
    else
        half_y = half_x * height / width;
    return (zf_envelope){x - half_x, y - half_y, x + half_x, y + half_y};
}

void zf_project_append_extent(zf_text *out, const zf_envelope *extent) {
    const double sides[] = {extent->min_x, extent->min_y, extent->max_x, extent->max_y};
    static const char *const names[] = {"xmin", "ymin", "xmax", "ymax"};
    for (int i = 0; i < 4; i++) {
        zf_text_append_format(out, "%s%s=\"", i > 0 ? " " : "", names[i]);
        zf_text_append_json_number(out, sides[i]);
        zf_text_append(out, "\"");
    }
}

/* type: QGIS's number of the kind of item. It stays open for its own attributes. */
static void append_item(zf_text *out, int type, const char *id, int z, const char *place) {
    zf_text_append_format(out,
                          "<LayoutItem type=\"%d\" uuid=\"%s\" templateUuid=\"%s\" id=\"\" zValue=\"%d\" %s "
                          "referencePoint=\"0\" opacity=\"1\" visibility=\"1\" blendMode=\"0\" "
                          "itemRotation=\"0\" excludeFromExports=\"0\" positionLock=\"false\" groupUuid=\"\" "
                          "frameJoinStyle=\"miter\" outlineWidthM=\"0.2,mm\"",
                          type, id, id, z, place);
}

static void append_page(zf_text *out) {
    zf_text_append(out, "<PageCollection>");
    append_item(out, 65638, "{6f2ad0c1-57b4-4d40-9a44-7a6f6e656600}", 0,
                "position=\"0,0,mm\" positionOnPage=\"0,0,mm\" size=\"297,210,mm\"");
    zf_text_append(
        out, " background=\"true\" frame=\"false\"/><GuideCollection visible=\"1\"/></PageCollection>\n");
}

static void append_map(zf_text *out, const zf_project *project) {
    const zf_envelope extent = zf_project_fit(&project->extent, MAP_WIDTH, MAP_HEIGHT);
    zf_text place = {0};
    zf_text_append_format(&place, "position=\"10,22,mm\" positionOnPage=\"10,22,mm\" size=\"%d,%d,mm\"",
                          MAP_WIDTH, MAP_HEIGHT);
    out->is_failed |= place.is_failed;
    append_item(out, 65639, MAP_ID, 1, place.bytes != NULL ? place.bytes : "");
    zf_text_append(out, " background=\"true\" frame=\"true\" keepLayerSet=\"false\" followPreset=\"false\" "
                        "drawCanvasItems=\"true\" mapRotation=\"0\" mapFlags=\"0\" labelMargin=\"0,mm\">"
                        "<FrameColor red=\"110\" green=\"110\" blue=\"110\" alpha=\"255\"/>"
                        "<BackgroundColor red=\"255\" green=\"255\" blue=\"255\" alpha=\"255\"/><Extent ");
    zf_project_append_extent(out, &extent);
    zf_text_append(out, "/><LayerSet/></LayoutItem>\n");
    zf_text_deinit(&place);
}

static void append_title(zf_text *out, const zf_project *project) {
    append_item(out, 65641, "{6f2ad0c1-57b4-4d40-9a44-7a6f6e656602}", 2,
                "position=\"10,8,mm\" positionOnPage=\"10,8,mm\" size=\"277,12,mm\"");
    zf_text_append(out, " background=\"false\" frame=\"false\" htmlState=\"0\" halign=\"1\" valign=\"128\" "
                        "marginX=\"0\" marginY=\"0\" labelText=\"");
    zf_text_append_xml(out, project->title.bytes);
    zf_text_append(out, ": important buildings, ZIP by ZIP\">"
                        "<LabelFont description=\"sans,18,-1,5,75,0,0,0,0,0\" style=\"\"/>"
                        "<FontColor red=\"40\" green=\"40\" blue=\"40\" alpha=\"255\"/></LayoutItem>\n");
}

static void append_legend_style(zf_text *out, const char *name, int points, int weight, const char *margins) {
    zf_text_append_format(out,
                          "<style name=\"%s\" alignment=\"1\" indent=\"0\" %s><styleFont "
                          "description=\"sans,%d,-1,5,%d,0,0,0,0,0\" style=\"\"/></style>",
                          name, margins, points, weight);
}

/* Without a tree of its own a legend follows the list of layers. */
static void append_legend(zf_text *out) {
    append_item(out, 65642, "{6f2ad0c1-57b4-4d40-9a44-7a6f6e656603}", 3,
                "position=\"219,22,mm\" positionOnPage=\"219,22,mm\" size=\"68,120,mm\"");
    zf_text_append(out,
                   " background=\"false\" frame=\"false\" title=\"\" titleAlignment=\"1\" columnCount=\"1\" "
                   "boxSpace=\"0\" columnSpace=\"2\" symbolWidth=\"7\" symbolHeight=\"4\" "
                   "symbolAlignment=\"1\" lineSpacing=\"1\" wrapChar=\"\" resizeToContents=\"1\" "
                   "fontColor=\"#282828\" legendFilterByAtlas=\"0\" map_uuid=\"" MAP_ID "\"><styles>");
    append_legend_style(out, "title", 12, 75, "marginBottom=\"3\"");
    append_legend_style(out, "group", 11, 75, "marginTop=\"3\"");
    append_legend_style(out, "subgroup", 10, 75, "marginTop=\"4\"");
    append_legend_style(out, "symbol", 9, 50, "marginTop=\"1.5\"");
    append_legend_style(out, "symbolLabel", 9, 50, "marginTop=\"1.5\" marginLeft=\"2\"");
    zf_text_append(out, "</styles></LayoutItem>\n");
}

static void append_scale_bar(zf_text *out, const zf_project *project) {
    /* segmentSizeMode 1: as long as fits between the two widths, of round numbers */
    static const char common[] =
        " background=\"false\" frame=\"false\" style=\"Single Box\" segmentSizeMode=\"1\" minBarWidth=\"30\" "
        "maxBarWidth=\"60\" numSegments=\"2\" numSegmentsLeft=\"0\" numSubdivisions=\"1\" "
        "subdivisionsHeight=\"1.5\" numUnitsPerSegment=\"1\" segmentMillimeters=\"20\" height=\"2.5\" "
        "labelBarSpace=\"2\" boxContentSpace=\"0\" alignment=\"0\" labelVerticalPlacement=\"0\" "
        "labelHorizontalPlacement=\"0\" outlineWidth=\"0.2\" lineJoinStyle=\"miter\" lineCapStyle=\"square\" "
        "mapUuid=\"" MAP_ID "\"";
    static const char inside[] =
        "><text-style fontSize=\"9\" fontSizeUnit=\"Point\" textColor=\"40,40,40,255\" textOpacity=\"1\" "
        "multilineHeight=\"1\"/><strokeColor red=\"40\" green=\"40\" blue=\"40\" alpha=\"255\"/>"
        "<numericFormat id=\"basic\"><Option type=\"Map\"><Option name=\"decimals\" value=\"6\" "
        "type=\"int\"/>"
        "<Option name=\"rounding_type\" value=\"0\" type=\"int\"/>"
        "<Option name=\"show_plus\" value=\"false\" type=\"bool\"/>"
        "<Option name=\"show_thousand_separator\" value=\"true\" type=\"bool\"/>"
        "<Option name=\"show_trailing_zeros\" value=\"false\" type=\"bool\"/></Option></numericFormat>"
        "<fillColor red=\"40\" green=\"40\" blue=\"40\" alpha=\"255\"/>"
        "<fillColor2 red=\"255\" green=\"255\" blue=\"255\" alpha=\"255\"/></LayoutItem>\n";
    append_item(out, 65646, "{6f2ad0c1-57b4-4d40-9a44-7a6f6e656604}", 4,
                "position=\"219,186,mm\" positionOnPage=\"219,186,mm\" size=\"60,12,mm\"");
    zf_text_append(out, common);
    if (project->crs.n == 0) /* a plane in metres, which QGIS cannot know */
        zf_text_append_format(out, " unitType=\"unknown\" unitLabel=\"%s\" numMapUnitsPerScaleBarUnit=\"%d\"",
                              project->is_large ? "km" : "m", project->is_large ? 1000 : 1);
    else
        zf_text_append_format(out, " unitType=\"%s\" unitLabel=\"%s\" numMapUnitsPerScaleBarUnit=\"1\"",
                              project->is_large ? "km" : "meters", project->is_large ? "km" : "m");
    zf_text_append(out, inside);
}

void zf_project_append_layout(zf_text *out, const zf_project *project) {
    zf_text_append(out, "<Layouts><Layout name=\"Map\" units=\"mm\" printResolution=\"300\" "
                        "worldFileMap=\"\">\n");
    append_page(out);
    append_scale_bar(out, project);
    append_legend(out);
    append_title(out, project);
    append_map(out, project);
    zf_text_append(out, "</Layout></Layouts>\n");
}
