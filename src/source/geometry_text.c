/* SPDX-License-Identifier: MIT */
/*
 * Geometries that are text: of a CSV whose text GDAL cannot parse, where it returns a missing geometry; and
 * of a layer without geometry column, whose geometries are in a text field that GDAL does not know as such.
 */
#include "source/source_internal.h"

#include <cpl_string.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LINE_BYTES = 1 << 16, MAX_EXAMINED = 20 };

/* ---- CSV ---- */

static bool is_csv(const zf_source *source) {
    return strcmp(source->info.driver, "CSV") == 0;
}

/* True for the types of a .csvt that make a geometry of a column. */
static bool is_geometry_type(const char *type) {
    static const char *const types[] = {"WKT", "CoordX", "CoordY", "Point(X)", "Point(Y)"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (zf_string_equal_nocase(type, types[i]))
            return true;
    return false;
}

/* The types of the .csvt, to free by CSLDestroy; NULL if there is none. */
static char **read_csvt(const zf_source *source) {
    char *path = NULL, **types = NULL;
    const char *dot = strrchr(source->open_path, '.');
    const int n_stem = dot ? (int)(dot - source->open_path) : (int)strlen(source->open_path);
    if (asprintf(&path, "%.*s.csvt", n_stem, source->open_path) < 0)
        return NULL;
    VSILFILE *file = zf_path_file_bytes(path) > 0 ? VSIFOpenL(path, "rb") : NULL;
    const char *line = file ? CPLReadLine2L(file, MAX_LINE_BYTES, NULL) : NULL;
    if (line)
        types =
            CSLTokenizeString2(line, ",", CSLT_HONOURSTRINGS | CSLT_STRIPLEADSPACES | CSLT_STRIPENDSPACES);
    if (file)
        (void)VSIFCloseL(file);
    free(path);
    return types;
}

/* True if a field of a CSV is one from which GDAL makes the geometry: by its name, or by its type in the
 * .csvt. */
static bool makes_geometry(const zf_source *source, size_t field, CSLConstList types) {
    const char *name = source->fields[field].name;
    const char *geometry_column = OGR_L_GetGeometryColumn(source->layer);
    if (zf_string_equal_nocase(name, "WKT") || strncasecmp(name, "_WKT", 4) == 0 ||
        (geometry_column && *geometry_column && zf_string_equal_nocase(name, geometry_column)))
        return true;
    return (int)field < CSLCount(types) && is_geometry_type(types[field]);
}

void zf_geometry_text_find(zf_source *source) {
    if (!is_csv(source) || !source->info.has_geometry)
        return;
    char **types = read_csvt(source);
    for (size_t i = 0; i < source->info.n_fields && source->n_geometry_fields < ZF_GEOMETRY_FIELDS; i++)
        if (makes_geometry(source, i, types))
            source->geometry_fields[source->n_geometry_fields++] = (int)i;
    CSLDestroy(types);
}

bool zf_geometry_text_is_field(const zf_source *source, size_t field) {
    for (size_t i = 0; i < source->n_geometry_fields; i++)
        if (source->geometry_fields[i] == (int)field)
            return true;
    return false;
}

static bool is_blank(const char *text) {
    while (isspace((unsigned char)*text))
        text++;
    return *text == '\0';
}

bool zf_geometry_text_is_corrupt(const zf_source *source, OGRFeatureH feature) {
    for (size_t i = 0; i < source->n_geometry_fields; i++) {
        const int field = source->geometry_fields[i];
        if (OGR_F_IsFieldSetAndNotNull(feature, field) && !is_blank(OGR_F_GetFieldAsString(feature, field)))
            return true;
    }
    return false;
}

/* ---- a layer without geometry column ---- */

static const char *const wkt_types[] = {"POINT",        "LINESTRING",      "POLYGON",
                                        "MULTIPOINT",   "MULTILINESTRING", "MULTIPOLYGON",
                                        "MULTISURFACE", "CURVEPOLYGON",    "GEOMETRYCOLLECTION"};

static bool is_wkt(const char *text) {
    if (strncasecmp(text, "SRID=", 5) == 0 && strchr(text, ';'))
        text = strchr(text, ';') + 1;
    for (size_t i = 0; i < sizeof wkt_types / sizeof *wkt_types; i++) {
        const size_t n = strlen(wkt_types[i]);
        if (strncasecmp(text, wkt_types[i], n) == 0 && strchr(" (Zz", text[n]) && strchr(text + n, '('))
            return true;
    }
    return false;
}

/* The hexadecimal digits of a WKB: byte order, type, at least one point. */
static bool is_hex_wkb(const char *text) {
    const size_t n = strspn(text, "0123456789abcdefABCDEF");
    return n >= 42 && n % 2 == 0 && text[n] == '\0' && text[0] == '0' && (text[1] == '0' || text[1] == '1');
}

/* The kind of geometry in a text, or NULL. */
static const char *kind_of(const char *text) {
    while (isspace((unsigned char)*text))
        text++;
    if (is_wkt(text))
        return "WKT";
    if (is_hex_wkb(text))
        return "WKB in hexadecimal digits";
    return *text == '{' && strstr(text, "\"coordinates\"") && strstr(text, "\"type\"") ? "GeoJSON" : NULL;
}

/* Notes the field and what to do. */
static void note_field(zf_source *source, size_t field, const char *kind) {
    const char *name = source->fields[field].name;
    if (is_csv(source))
        zf_source_note(
            source,
            "the layer has no geometry, but column '%s' holds %s; name the column WKT in the first line of "
            "the file, so that GDAL reads it as the geometry",
            name, kind);
    else
        zf_source_note(
            source,
            "the layer has no geometry, but field '%s' holds %s; make a geometry of it, for example with "
            "ogr2ogr: write the layer to a CSV, name the column WKT, and read that",
            name, kind);
}

void zf_geometry_text_note(zf_source *source) {
    OGRFeatureH feature = NULL;
    bool is_found = false;
    if (source->info.has_geometry)
        return;
    OGR_L_ResetReading(source->layer);
    for (int n = 0; !is_found && n < MAX_EXAMINED && (feature = OGR_L_GetNextFeature(source->layer)) != NULL;
         n++) {
        for (size_t i = 0; !is_found && i < source->info.n_fields; i++) {
            const char *kind = source->fields[i].type == ZF_FIELD_TEXT
                                   ? kind_of(OGR_F_GetFieldAsString(feature, (int)i))
                                   : NULL;
            if (kind)
                note_field(source, i, kind);
            is_found = kind != NULL;
        }
        OGR_F_Destroy(feature);
    }
    OGR_L_ResetReading(source->layer);
}
