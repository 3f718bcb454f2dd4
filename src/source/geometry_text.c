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

/* True if a name matches one of the names of an open option: "lon*,x", with a * at either end. */
static bool is_named_by(const zf_source *source, const char *option, const char *name) {
    const char *value = CSLFetchNameValue(source->open_options, option);
    char **patterns = value ? CSLTokenizeString2(value, ",", 0) : NULL;
    bool is_named = false;
    for (int i = 0; !is_named && i < CSLCount(patterns); i++) {
        const char *pattern = patterns[i];
        const size_t n = strlen(pattern), n_name = strlen(name);
        const bool is_open_left = n > 1 && pattern[0] == '*', is_open_right = n > 0 && pattern[n - 1] == '*';
        const size_t n_word = n - is_open_left - is_open_right;
        const char *word = pattern + is_open_left;
        for (size_t at = 0; !is_named && n_word <= n_name && at <= n_name - n_word; at++)
            is_named = (at == 0 || is_open_left) && (at == n_name - n_word || is_open_right) &&
                       strncasecmp(name + at, word, n_word) == 0;
    }
    CSLDestroy(patterns);
    return is_named;
}

/* True if a field of a CSV is one from which GDAL makes the geometry: by its name, or by its type in the
 * .csvt. */
static bool makes_geometry(const zf_source *source, const char *name, const char *type) {
    const char *geometry_column = OGR_L_GetGeometryColumn(source->layer);
    if (zf_string_equal_nocase(name, "WKT") || strncasecmp(name, "_WKT", 4) == 0 ||
        (geometry_column && *geometry_column && zf_string_equal_nocase(name, geometry_column)))
        return true;
    return is_geometry_type(type) || is_named_by(source, "GEOM_POSSIBLE_NAMES", name) ||
           is_named_by(source, "X_POSSIBLE_NAMES", name) || is_named_by(source, "Y_POSSIBLE_NAMES", name);
}

static const char *type_of(CSLConstList types, size_t column) {
    return (int)column < CSLCount(types) ? types[column] : "";
}

/* Splits a record of a CSV. CSLDestroy */
static char **split(const char *record, char separator) {
    const char separators[] = {separator, '\0'};
    return CSLTokenizeString2(record, separators, CSLT_HONOURSTRINGS | CSLT_ALLOWEMPTYTOKENS);
}

static char **first_record(const zf_source *source, char separator) {
    zf_records *records = zf_records_open(source->open_path, '\n', true);
    const zf_text *record = records ? zf_records_next(records) : NULL;
    const size_t n_mark = record && strncmp(record->bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    char **names = record ? split(record->bytes + n_mark, separator) : NULL;
    for (int i = 0; i < CSLCount(names); i++)
        names[i][strcspn(names[i], "\r")] = '\0';
    zf_records_close(records);
    return names;
}

/* True if the first record holds the names of the fields. */
static bool are_names(const zf_source *source, CSLConstList record) {
    for (int i = 0; i < CSLCount(record); i++)
        if (zf_source_field_by_name(source, record[i]) >= 0)
            return true;
    return source->info.n_fields == 0;
}

/* The separator that divides the first record into most columns. */
static char find_separator(const zf_source *source) {
    static const char separators[] = ",;\t|";
    char found = ',';
    int n_most = 0;
    for (const char *c = separators; *c; c++) {
        char **names = first_record(source, *c);
        if (CSLCount(names) > n_most) {
            n_most = CSLCount(names);
            found = *c;
        }
        CSLDestroy(names);
    }
    return found;
}

/* Finds the columns of the geometry in the file, for texts that GDAL does not return: X and Y that are no
 * numbers, and columns that are no fields (KEEP_GEOM_COLUMNS=NO). */
static void find_columns(zf_source *source, CSLConstList types) {
    zf_geometry_text *text = &source->text;
    text->separator = find_separator(source);
    char **names = first_record(source, text->separator);
    for (int i = 0; i < CSLCount(names) && text->n_columns < ZF_GEOMETRY_FIELDS; i++)
        if (makes_geometry(source, names[i], type_of(types, (size_t)i)))
            text->columns[text->n_columns++] = i;
    text->has_names = are_names(source, names);
    CSLDestroy(names);
}

void zf_geometry_text_find(zf_source *source) {
    zf_geometry_text *text = &source->text;
    if (!is_csv(source) || !source->info.has_geometry)
        return;
    char **types = read_csvt(source);
    for (size_t i = 0; i < source->info.n_fields && text->n < ZF_GEOMETRY_FIELDS; i++)
        if (makes_geometry(source, source->fields[i].name, type_of(types, i)))
            text->fields[text->n++] = (int)i;
    find_columns(source, types);
    CSLDestroy(types);
}

bool zf_geometry_text_is_field(const zf_source *source, size_t field) {
    for (size_t i = 0; i < source->text.n; i++)
        if (source->text.fields[i] == (int)field)
            return true;
    return false;
}

static bool is_blank(const char *text) {
    while (isspace((unsigned char)*text))
        text++;
    return *text == '\0';
}

/* True if a column of the geometry is not blank in the record of a feature. GDAL counts the records from 1.
 */
static bool has_text_in_file(zf_source *source, int64_t fid) {
    zf_geometry_text *text = &source->text;
    const zf_text *record = NULL;
    bool has_text = false;
    if (text->n_columns == 0 || fid < text->n_read)
        return false;
    if (!text->records) {
        text->records = zf_records_open(source->open_path, '\n', true);
        if (text->records && text->has_names)
            (void)zf_records_next(text->records);
    }
    while (text->records && text->n_read < fid && (record = zf_records_next(text->records)) != NULL)
        text->n_read++;
    char **values = record && text->n_read == fid ? split(record->bytes, text->separator) : NULL;
    for (size_t i = 0; i < text->n_columns && !has_text; i++)
        has_text = text->columns[i] < CSLCount(values) && !is_blank(values[text->columns[i]]);
    CSLDestroy(values);
    return has_text;
}

bool zf_geometry_text_is_corrupt(zf_source *source, OGRFeatureH feature) {
    if (!is_csv(source))
        return false;
    for (size_t i = 0; i < source->text.n; i++) {
        const int field = source->text.fields[i];
        const OGRFieldType type =
            OGR_Fld_GetType(OGR_F_GetFieldDefnRef(feature, field)); /* of a number: see the file */
        if (type == OFTString && OGR_F_IsFieldSetAndNotNull(feature, field) &&
            !is_blank(OGR_F_GetFieldAsString(feature, field)))
            return true;
    }
    return has_text_in_file(source, OGR_F_GetFID(feature));
}

void zf_geometry_text_rewind(zf_source *source) {
    zf_records_close(source->text.records);
    source->text.records = NULL;
    source->text.n_read = 0;
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
    const char *option = source->option_name; /* "`zips`" */
    if (is_csv(source) && (!option || *option != '`'))
        zf_source_note(source,
                       "the layer has no geometry, but column '%s' holds %s; give `open_options` "
                       "GEOM_POSSIBLE_NAMES=%s, or name the column WKT in the first line of the file",
                       name, kind, name);
    else if (is_csv(source))
        zf_source_note(source,
                       "the layer has no geometry, but column '%s' holds %s; give %.*s_open_options` "
                       "GEOM_POSSIBLE_NAMES=%s, or name the column WKT in the first line of the file",
                       name, kind, (int)strlen(option) - 1, option, name);
    else
        zf_source_note(
            source,
            "the layer has no geometry, but field '%s' holds %s; make a geometry of it, for example with "
            "ogr2ogr: write the layer to a CSV, name the column WKT, and read that",
            name, kind);
}

/* The first field with one of the names; NULL for none. */
static const char *field_named(const zf_source *source, const char *const *names) {
    for (; *names != NULL; names++) {
        const int field = zf_source_field_by_name(source, *names);
        if (field >= 0)
            return source->fields[field].name;
    }
    return NULL;
}

/* Notes columns of a CSV that are coordinates by their names, and what to do. */
static void note_coordinates(zf_source *source) {
    static const char *const xs[] = {"lon",     "long",       "longitude", "lng",     "x",
                                     "x_coord", "xcoord",     "coord_x",   "point_x", "pos_x",
                                     "easting", "rechtswert", NULL};
    static const char *const ys[] = {"lat",     "latitude", "y",        "y_coord",  "ycoord", "coord_y",
                                     "point_y", "pos_y",    "northing", "hochwert", NULL};
    const char *x = field_named(source, xs), *y = field_named(source, ys);
    const char *option = source->option_name; /* "`zips`" */
    const bool is_layer = option != NULL && *option == '`';
    if (x == NULL || y == NULL)
        return;
    const int n = is_layer ? (int)strlen(option) - 1 : 1;
    option = is_layer ? option : "`";
    const char *joint = is_layer ? "_" : "";
    zf_source_note(source,
                   "the layer has no geometry, but columns '%s' and '%s' look like coordinates; give "
                   "%.*s%sopen_options` "
                   "X_POSSIBLE_NAMES=%s and %.*s%sopen_options` Y_POSSIBLE_NAMES=%s",
                   x, y, n, option, joint, x, n, option, joint, y);
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
    if (!is_found && is_csv(source))
        note_coordinates(source);
}
