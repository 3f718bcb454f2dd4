/* SPDX-License-Identifier: MIT */
/* Starts a reading of the layer and returns its batches. */
#include "guard/sqlite_guard.h"
#include "source/source_internal.h"

#include <cpl_string.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLUMNAR_ROWS = 16384,
    LOOP_ROWS = 4096,
    MAX_LOOP_ROWS = 65536,
    MIN_ROWS = 16,
    DEFAULT_BATCH_BYTES = 64 << 20, /* unless the caller asks for a number of rows */
    MAX_BATCH_BYTES = 1 << 30       /* in any case: offsets are 32-bit, and features differ in size */
};

static zf_status alloc_lists(zf_feature_reader *reader, size_t n, zf_error *error) {
    free(reader->fields);
    free(reader->types);
    free(reader->plan.column_child);
    free(reader->plan.column_layout);
    reader->n_fields = n;
    reader->fields = calloc(n + 1, sizeof *reader->fields);
    reader->types = calloc(n + 1, sizeof *reader->types);
    reader->plan.column_child = calloc(n + 1, sizeof *reader->plan.column_child);
    reader->plan.column_layout = calloc(n + 1, sizeof *reader->plan.column_layout);
    if (reader->fields && reader->types && reader->plan.column_child && reader->plan.column_layout)
        return ZF_OK;
    reader->n_fields = 0;
    return zf_error_memory(error, n * sizeof *reader->fields, "the fields of a query");
}

/* Stores the fields of the query and their types. */
static zf_status take_fields(zf_source *source, const zf_source_query *query, zf_error *error) {
    zf_feature_reader *reader = &source->reader;
    zf_status st = alloc_lists(reader, query->n_fields, error);
    if (st != ZF_OK)
        return st;
    for (size_t c = 0; c < query->n_fields; c++) {
        int field = query->fields[c];
        if (field < 0 || (size_t)field >= source->info.n_fields)
            return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "field number %d is not one of the layer's %zu", field,
                                source->info.n_fields);
        if (source->fields[field].type == ZF_FIELD_UNSUPPORTED)
            return zf_error_set(
                error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                "field '%s' holds a list or another type that zonefold does not read; leave it out",
                source->fields[field].name);
        reader->fields[c] = field;
        reader->types[c] = source->fields[field].type;
    }
    return ZF_OK;
}

static bool is_gpkg(const zf_source *source) {
    return strcmp(source->info.driver, "GPKG") == 0;
}

/* True if a field of this name is read. OGR ignores fields by name, and a shapefile may have two of one name.
 */
static bool is_name_in_use(const zf_source *source, const char *name) {
    const zf_feature_reader *reader = &source->reader;
    for (size_t c = 0; c < reader->n_fields; c++)
        if (zf_string_equal_nocase(source->fields[reader->fields[c]].name, name))
            return true;
    return false;
}

/* Tells OGR which fields not to read. With an attribute filter all are read, because OGR evaluates it on the
 * feature; only GeoPackage filters in SQL. */
static zf_status ignore_other_fields(zf_source *source, const zf_source_query *query, zf_error *error) {
    bool is_filter_ogr = query->where && !is_gpkg(source);
    char **ignored = CSLAddString(NULL, "OGR_STYLE");
    if (!query->wants_geometry && !query->filter && !is_filter_ogr)
        ignored = CSLAddString(ignored, "OGR_GEOMETRY");
    for (size_t i = 0; !is_filter_ogr && i < source->info.n_fields; i++)
        if (!is_name_in_use(source, source->fields[i].name) && !zf_geometry_text_is_field(source, i))
            ignored = CSLAddString(ignored, source->fields[i].name);
    zf_trap trap;
    zf_trap_begin(&trap);
    OGRErr result = OGR_L_SetIgnoredFields(source->layer, (const char **)ignored);
    zf_trap_end(&trap);
    CSLDestroy(ignored);
    if (result == OGRERR_NONE)
        return ZF_OK;
    return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OGR, "cannot choose the fields to read: %s",
                        zf_trap_message(&trap));
}

static void set_filter(zf_source *source, const zf_envelope *filter) {
    zf_trap trap;
    zf_trap_begin(&trap);
    if (filter)
        OGR_L_SetSpatialFilterRect(source->layer, filter->min_x, filter->min_y, filter->max_x, filter->max_y);
    else
        OGR_L_SetSpatialFilter(source->layer, NULL);
    zf_trap_end(&trap);
}

/* Rows per batch: the number asked for or a default, fewer if features are large. */
static size_t choose_rows(const zf_source *source, size_t asked, bool is_columnar) {
    size_t rows = asked > 0 ? asked : is_columnar ? COLUMNAR_ROWS : LOOP_ROWS;
    uint64_t budget = asked > 0 ? MAX_BATCH_BYTES : DEFAULT_BATCH_BYTES;
    if (!is_columnar)
        return rows < MAX_LOOP_ROWS ? rows : MAX_LOOP_ROWS; /* the feature loop limits the bytes itself */
    uint64_t n = source->info.n_features > 0 ? (uint64_t)source->info.n_features : 1;
    uint64_t mean_bytes = source->info.file_bytes / n + 1;
    uint64_t fit = source->info.n_features > 0 ? budget / mean_bytes : rows;
    if (fit < MIN_ROWS)
        fit = MIN_ROWS;
    return rows < fit ? rows : (size_t)fit;
}

/* Resets the reader for a new query. */
static void reset(zf_feature_reader *reader, const zf_source_query *query) {
    reader->is_started = false;
    reader->is_columnar = false;
    reader->is_done = false;
    reader->is_filtered = query->where || query->filter;
    reader->wants_geometry = query->wants_geometry;
    reader->last_fid = ZF_NO_FID;
    reader->was_short = false;
    reader->n_read = 0;
}

/* Sets fields and filters of the layer. */
static zf_status set_up_layer(zf_source *source, const zf_source_query *query, zf_error *error) {
    if (query->wants_geometry && !source->info.has_geometry)
        return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                            "the layer is a table without geometry column; name a layer with polygons");
    zf_status st = take_fields(source, query, error);
    set_filter(source, NULL);
    if (st == ZF_OK)
        st = zf_source_check_stored_types(source, error);
    if (st == ZF_OK)
        st = ignore_other_fields(source, query, error);
    if (st == ZF_OK)
        st = zf_source_set_where(source, query->where, error);
    if (st == ZF_OK)
        set_filter(source, query->filter);
    return st;
}

/* Opens the columnar stream, or prepares the feature loop where that is not possible. */
static zf_status choose_path(zf_source *source, const zf_source_query *query, zf_error *error) {
    zf_feature_reader *reader = &source->reader;
    const char *obstacle = zf_arrow_obstacle(source);
    zf_status st = ZF_OK;
    reader->batch_rows = choose_rows(source, query->batch_rows, true);
    if (!obstacle)
        st = zf_arrow_start(source, &obstacle, error);
    if (st != ZF_OK)
        return st;
    reader->is_columnar = !obstacle;
    if (obstacle)
        reader->batch_rows = choose_rows(source, query->batch_rows, false);
    if (reader->is_columnar)
        zf_log(&source->callbacks, ZF_LOG_DETAIL, "%s: reading layer '%s' in columnar batches of %zu",
               source->path, source->info.layer, reader->batch_rows);
    else
        zf_log(&source->callbacks, ZF_LOG_DETAIL, "%s: reading layer '%s' feature by feature: %s",
               source->path, source->info.layer, obstacle);
    return ZF_OK;
}

const zf_callbacks *zf_source_begin_watch(const zf_source *source) {
    return zf_sqlite_guard_watch(&source->callbacks);
}

zf_status zf_source_end_watch(const zf_source *source, const zf_callbacks *before, zf_status st,
                              zf_error *error) {
    (void)zf_sqlite_guard_watch(before);
    if (zf_check_cancelled(&source->callbacks, NULL) == ZF_OK)
        return st;
    if (error)
        *error = (zf_error)ZF_ERROR_INIT; /* the interrupted statement counts as a read error */
    return zf_check_cancelled(&source->callbacks, error);
}

static zf_status start(zf_source *source, const zf_source_query *query, zf_error *error) {
    zf_trap trap;
    zf_trap_begin(&trap);
    zf_arrow_stop(&source->reader);
    zf_trap_end(&trap);
    reset(&source->reader, query);
    zf_geojson_rewind(source);
    zf_geometry_text_rewind(source);
    zf_status st = set_up_layer(source, query, error);
    if (st == ZF_OK) {
        zf_trap_begin(&trap);
        OGR_L_ResetReading(source->layer);
        zf_trap_end(&trap);
        st = choose_path(source, query, error);
    }
    source->reader.is_started = st == ZF_OK;
    return st == ZF_OK ? ZF_OK : zf_error_at(error, st, source->path, source->info.layer, ZF_NO_FID);
}

zf_status zf_source_start(zf_source *source, const zf_source_query *query, zf_error *error) {
    const zf_callbacks *before = zf_source_begin_watch(source);
    return zf_source_end_watch(source, before, start(source, query, error), error);
}

static zf_status next(zf_source *source, zf_batch **out, zf_error *error) {
    *out = NULL;
    zf_feature_reader *reader = &source->reader;
    if (!reader->is_started)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                            "zf_source_next without zf_source_start");
    zf_status st = reader->is_done       ? ZF_DONE
                   : reader->is_columnar ? zf_arrow_next(source, out, error)
                                         : zf_loop_next(source, out, error);
    if (st == ZF_OK)
        st = zf_source_correct_batch(source, *out, error);
    if (st == ZF_OK) {
        reader->n_read += (int64_t)(*out)->n_rows;
        return ZF_OK;
    }
    zf_batch_release(*out);
    *out = NULL;
    reader->is_done = true;
    if (st == ZF_DONE)
        st = zf_source_check_unchanged(source, error);
    reader->is_started = st == ZF_DONE;
    if (st == ZF_DONE)
        zf_source_end_findings(source);
    return st == ZF_DONE ? st : zf_error_at(error, st, source->path, source->info.layer, ZF_NO_FID);
}

zf_status zf_source_next(zf_source *source, zf_batch **out, zf_error *error) {
    const zf_callbacks *before = zf_source_begin_watch(source);
    zf_status st = next(source, out, error);
    if (st != ZF_OK)
        return zf_source_end_watch(source, before, st, error);
    (void)zf_sqlite_guard_watch(before);
    return ZF_OK;
}
