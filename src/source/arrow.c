/* SPDX-License-Identifier: MIT */
#include "source/source_internal.h"

#include <cpl_string.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Before GDAL 3.8.3, columnar reading returns random bits for booleans
 * (https://github.com/OSGeo/gdal/issues/8998). Before GDAL 3.11.4, it has a data race if fids have gaps or a
 * filter is set (https://github.com/OSGeo/gdal/issues/12934; 3.10.3 crashed in some of a hundred runs).
 */
enum {
    MIN_VERSION_BOOLEANS = 3080300,
    MIN_VERSION_HANDSHAKE = 3110400,
    MAX_EMPTY_ARRAYS = 16,
    MAX_COLUMNS = 120
};

static int gdal_version(void) {
    return (int)strtol(GDALVersionInfo("VERSION_NUM"), NULL, 10);
}

/* True for types that columnar reading returns like the feature loop. It is false for dates (a text that is
 * not a date becomes 1970-01-01, time zones are lost) and for small subtypes such as int16 and float32
 * (values out of range are truncated, while the feature loop keeps them). */
static bool is_columnar_type(zf_field_type type, OGRFieldSubType subtype) {
    switch (type) {
    case ZF_FIELD_INTEGER:
    case ZF_FIELD_REAL:
        return subtype == OFSTNone;
    case ZF_FIELD_BOOLEAN:
        return gdal_version() >= MIN_VERSION_BOOLEANS;
    case ZF_FIELD_TEXT:
    case ZF_FIELD_BLOB:
        return true;
    default:
        return false;
    }
}

/* True if the number of features comes from gpkg_ogr_contents, which GDAL uses for tables, not for views. */
static bool has_stored_count(const zf_source *source) {
    int64_t n = 0;
    zf_text sql = {0};
    zf_text_append(&sql, "SELECT c.feature_count FROM gpkg_ogr_contents c JOIN sqlite_master m ON "
                         "lower(m.name)=lower(c.table_name) WHERE m.type='table' AND lower(m.name)=lower(");
    zf_text_append_literal(&sql, source->info.layer);
    zf_text_append(&sql, ")");
    bool has = !sql.is_failed && zf_source_query_integer(source, sql.bytes, &n);
    zf_text_deinit(&sql);
    return has && n == source->info.n_features;
}

/* True if the fids are 1, 2, ... n and GDAL knows n: it then reads one range of fids after the other. */
static bool has_gapless_fids(const zf_source *source) {
    static const char *const ends[] = {"MIN", "MAX"};
    int64_t values[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        zf_text sql = {0};
        zf_text_append_format(&sql, "SELECT %s(", ends[i]);
        zf_text_append_identifier(&sql, source->info.fid_column);
        zf_text_append(&sql, ") FROM ");
        zf_text_append_identifier(&sql, source->info.layer);
        bool has = !sql.is_failed && zf_source_query_integer(source, sql.bytes, &values[i]);
        zf_text_deinit(&sql);
        if (!has)
            return false;
    }
    return values[0] == 1 && values[1] == source->info.n_features && has_stored_count(source);
}

const char *zf_arrow_obstacle(const zf_source *source) {
    const zf_feature_reader *reader = &source->reader;
    if (source->is_loop_forced)
        return "the feature loop was asked for";
    if (strcmp(source->info.driver, "GPKG") != 0)
        return "only GeoPackage's columnar reading has been compared with its feature loop";
    if (!OGR_L_TestCapability(source->layer, OLCFastGetArrowStream))
        return "the driver has no columnar reading";
    if (!source->info.fid_column[0])
        return "the layer has no fid column";
    if (gdal_version() < MIN_VERSION_HANDSHAKE && (reader->is_filtered || !has_gapless_fids(source)))
        return "this version of GDAL reads only gapless fids without a filter safely in columns";
    if (reader->n_fields > MAX_COLUMNS)
        return "GDAL hands columns on as arguments of an SQL function, which takes no more than 127";
    for (size_t c = 0; c < reader->n_fields; c++)
        if (!is_columnar_type(reader->types[c], source->subtypes[reader->fields[c]]))
            return "this version of GDAL does not read the type of a field in use right in columns";
    return NULL;
}

/* The layout of a column by its Arrow format; NONE if the format is not expected for the type. */
static zf_layout layout_of(zf_field_type type, const struct ArrowSchema *schema) {
    const char *format = schema->format;
    if (schema->dictionary || !format || !format[0] || format[1])
        return ZF_LAYOUT_NONE;
    switch (type) {
    case ZF_FIELD_INTEGER:
        return format[0] == 'i' ? ZF_LAYOUT_INT32 : format[0] == 'l' ? ZF_LAYOUT_INT64 : ZF_LAYOUT_NONE;
    case ZF_FIELD_REAL:
        return format[0] == 'g' ? ZF_LAYOUT_DOUBLE : ZF_LAYOUT_NONE;
    case ZF_FIELD_BOOLEAN:
        return format[0] == 'b' ? ZF_LAYOUT_BIT : ZF_LAYOUT_NONE;
    case ZF_FIELD_TEXT:
        return format[0] == 'u' ? ZF_LAYOUT_BYTES32 : format[0] == 'U' ? ZF_LAYOUT_BYTES64 : ZF_LAYOUT_NONE;
    case ZF_FIELD_BLOB:
        return format[0] == 'z' ? ZF_LAYOUT_BYTES32 : format[0] == 'Z' ? ZF_LAYOUT_BYTES64 : ZF_LAYOUT_NONE;
    default:
        return ZF_LAYOUT_NONE;
    }
}

/* The number of a column of the stream; -1 if there is none of this name. */
static int child_by_name(const struct ArrowSchema *schema, const char *name) {
    for (int64_t i = 0; i < schema->n_children; i++)
        if (schema->children[i]->name && strcmp(schema->children[i]->name, name) == 0)
            return (int)i;
    return -1;
}

/* Finds the fid column. Returns NULL, or what is missing. */
static const char *plan_fid(const zf_source *source, const struct ArrowSchema *schema, zf_arrow_plan *plan) {
    plan->fid_child = child_by_name(schema, source->info.fid_column);
    if (plan->fid_child < 0)
        plan->fid_child = child_by_name(schema, "OGC_FID");
    if (plan->fid_child < 0)
        return "the stream has no fid column";
    if (layout_of(ZF_FIELD_INTEGER, schema->children[plan->fid_child]) != ZF_LAYOUT_INT64)
        return "the stream's fid column is not of 64-bit integers";
    return NULL;
}

/* Finds the geometry column. Returns NULL, or what is missing. */
static const char *plan_geometry(const zf_source *source, const struct ArrowSchema *schema,
                                 zf_arrow_plan *plan) {
    plan->geometry_child = child_by_name(schema, OGR_L_GetGeometryColumn(source->layer));
    if (plan->geometry_child < 0)
        return "the stream has no geometry column";
    plan->geometry_layout = layout_of(ZF_FIELD_BLOB, schema->children[plan->geometry_child]);
    return plan->geometry_layout == ZF_LAYOUT_NONE ? "the stream's geometry column is not of binary type"
                                                   : NULL;
}

const char *zf_arrow_plan_columns(const zf_source *source, const struct ArrowSchema *schema,
                                  zf_feature_reader *reader) {
    zf_arrow_plan *plan = &reader->plan;
    plan->geometry_child = -1;
    plan->geometry_layout = ZF_LAYOUT_NONE;
    if (!schema->format || strcmp(schema->format, "+s") != 0)
        return "the stream's arrays are not structs";
    const char *obstacle = plan_fid(source, schema, plan);
    if (!obstacle && reader->wants_geometry)
        obstacle = plan_geometry(source, schema, plan);
    for (size_t c = 0; !obstacle && c < reader->n_fields; c++) {
        plan->column_child[c] = child_by_name(schema, source->fields[reader->fields[c]].name);
        if (plan->column_child[c] < 0)
            return "the stream lacks a field in use";
        plan->column_layout[c] = layout_of(reader->types[c], schema->children[plan->column_child[c]]);
        if (plan->column_layout[c] == ZF_LAYOUT_NONE)
            return "the stream has a field in use in an unexpected format";
    }
    return obstacle;
}

/* Reads the schema, which holds for all arrays of the stream. Returns NULL, or why it cannot be used. */
static const char *read_schema(zf_source *source) {
    zf_feature_reader *reader = &source->reader;
    struct ArrowSchema schema = {0};
    if (reader->stream.get_schema(&reader->stream, &schema) != 0 || !schema.release)
        return "the stream has no schema";
    const char *obstacle = zf_arrow_plan_columns(source, &schema, reader);
    schema.release(&schema);
    return obstacle;
}

zf_status zf_arrow_start(zf_source *source, const char **out_obstacle, zf_error *error) {
    zf_feature_reader *reader = &source->reader;
    char rows[24];
    (void)snprintf(rows, sizeof rows, "%zu", reader->batch_rows);
    char **options = CSLSetNameValue(NULL, "MAX_FEATURES_IN_BATCH", rows);
    options = CSLSetNameValue(options, "INCLUDE_FID", "YES");
    zf_trap trap;
    zf_trap_begin(&trap);
    bool is_open = OGR_L_GetArrowStream(source->layer, &reader->stream, options);
    *out_obstacle = is_open && reader->stream.release ? read_schema(source) : "the stream cannot be opened";
    if (*out_obstacle)
        zf_arrow_stop(reader);
    zf_trap_end(&trap);
    CSLDestroy(options);
    (void)error;
    return ZF_OK;
}

void zf_arrow_stop(zf_feature_reader *reader) {
    if (reader->stream.release)
        reader->stream.release(&reader->stream);
    memset(&reader->stream, 0, sizeof reader->stream);
}

/* Points a batch column at the buffers of an array; false if they do not fit the layout. */
static bool bind_column(const struct ArrowArray *array, int child, zf_layout layout, zf_batch_column *out) {
    if (child >= array->n_children)
        return false;
    const struct ArrowArray *a = array->children[child];
    bool is_bytes = layout == ZF_LAYOUT_BYTES32 || layout == ZF_LAYOUT_BYTES64;
    /* The offset of a struct array also applies to its children. */
    if (a->n_buffers != (is_bytes ? 3 : 2) || a->length < array->offset + array->length || !a->buffers[1])
        return false;
    out->layout = layout;
    out->first = (size_t)(array->offset + a->offset);
    out->validity = a->null_count == 0 ? NULL : a->buffers[0];
    out->values = a->buffers[is_bytes ? 2 : 1];
    out->offsets = is_bytes ? a->buffers[1] : NULL;
    return true;
}

/* Binds the fid, the geometry and all fields of the query. */
static bool bind_all(const zf_feature_reader *reader, zf_batch *batch) {
    const zf_arrow_plan *plan = &reader->plan;
    const struct ArrowArray *array = &batch->array;
    bool is_good = bind_column(array, plan->fid_child, ZF_LAYOUT_INT64, &batch->fid);
    if (is_good && plan->geometry_child >= 0)
        is_good = bind_column(array, plan->geometry_child, plan->geometry_layout, &batch->geometry);
    for (size_t c = 0; is_good && c < reader->n_fields; c++) {
        is_good = bind_column(array, plan->column_child[c], plan->column_layout[c], &batch->columns[c]);
        batch->columns[c].type = reader->types[c];
    }
    return is_good;
}

/* True if a whole row is null. Such a feature would have no fid; no driver should return one. */
static bool has_null_rows(const struct ArrowArray *array) {
    if (array->null_count == 0 || array->n_buffers < 1 || !array->buffers[0])
        return false;
    zf_batch_column rows = {.first = (size_t)array->offset, .validity = array->buffers[0]};
    for (size_t i = 0; i < (size_t)array->length; i++)
        if (zf_column_is_null(&rows, i))
            return true;
    return false;
}

zf_status zf_arrow_bind(const zf_feature_reader *reader, struct ArrowArray *array, zf_batch **out,
                        zf_error *error) {
    zf_batch *batch = NULL;
    zf_status st = zf_batch_create(reader->n_fields, &batch, error);
    if (st != ZF_OK) {
        array->release(array);
        return st;
    }
    batch->array = *array;
    array->release = NULL;
    batch->n_rows = (size_t)batch->array.length;
    if (has_null_rows(&batch->array) || !bind_all(reader, batch)) {
        zf_batch_release(batch);
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_OGR,
                            "GDAL %s returned an array that does not match its schema; please report this",
                            zf_gdal_version());
    }
    *out = batch;
    return ZF_OK;
}

/* Finds the cause of a failed columnar reading: reads the layer again feature by feature, because the error
 * messages of the driver's threads are lost. */
static zf_status explain_failure(zf_source *source, const char *message, zf_error *error) {
    zf_trap again;
    int64_t last_fid = ZF_NO_FID;
    zf_arrow_stop(&source->reader);
    zf_trap_begin(&again);
    OGR_L_ResetReading(source->layer);
    for (OGRFeatureH feature; !again.has_failed && (feature = OGR_L_GetNextFeature(source->layer)) != NULL;) {
        if (!again.has_failed)
            last_fid = OGR_F_GetFID(feature);
        OGR_F_Destroy(feature);
    }
    zf_trap_end(&again);
    if (again.has_failed)
        return zf_source_read_error(source, zf_trap_message(&again), last_fid, error);
    if (zf_source_is_out_of_memory(message))
        return zf_source_read_error(source, message, last_fid, error);
    return zf_error_set(
        error, ZF_E_INPUT, ZF_DOMAIN_OGR,
        "GDAL's columnar reading failed (%s), but the features can be read one by one; either the "
        "file's stored feature count is wrong: copy the layer into a new file, for example with ogr2ogr; or "
        "a batch is too large: use a smaller `batch_size`",
        message);
}

/* Detects features that are returned twice. GDAL reads ranges of fids if the stored feature count says that
 * there are no gaps. If that count is wrong, a short batch is followed by fids that were returned before. */
static zf_status check_order(zf_source *source, const zf_batch *batch, zf_error *error) {
    zf_feature_reader *reader = &source->reader;
    int64_t last = ZF_NO_FID;
    bool is_repeated = false;
    for (size_t row = 0; row < batch->n_rows; row++) {
        int64_t fid = zf_batch_fid(batch, row);
        is_repeated = is_repeated || fid <= reader->last_fid;
        last = fid > last ? fid : last;
    }
    if (reader->was_short && !reader->is_filtered && is_repeated)
        return zf_error_set(
            error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
            "the file's stored feature count is wrong, so that features would be read twice; copy the layer "
            "into a new file, for example with ogr2ogr");
    reader->last_fid = last;
    reader->was_short = batch->n_rows < reader->batch_rows;
    return ZF_OK;
}

/* Reads the next array of the stream; out->release is NULL at the end. Empty arrays are skipped. */
static zf_status next_array(zf_source *source, struct ArrowArray *out, zf_error *error) {
    zf_feature_reader *reader = &source->reader;
    zf_trap trap;
    for (int n_empty = 0; n_empty < MAX_EMPTY_ARRAYS; n_empty++) {
        memset(out, 0, sizeof *out);
        zf_trap_begin(&trap);
        trap.ignores_unreadable = true; /* GDAL 3.10 warns, but returns the row */
        int result = reader->stream.get_next(&reader->stream, out);
        zf_trap_end(&trap);
        zf_source_log_warnings(source, &trap);
        /* If the query for the next fid range fails, GDAL emits an error but returns success. */
        bool is_failed = result != 0 || trap.has_failed;
        if (!is_failed && (!out->release || out->length > 0))
            return ZF_OK;
        if (out->release)
            out->release(out);
        if (is_failed)
            return explain_failure(source, zf_trap_message(&trap), error);
    }
    return explain_failure(source, "it returns only empty batches", error);
}

zf_status zf_arrow_next(zf_source *source, zf_batch **out, zf_error *error) {
    struct ArrowArray array;
    zf_status st = next_array(source, &array, error);
    if (st != ZF_OK)
        return st;
    if (!array.release)
        return ZF_DONE;
    zf_batch *batch = NULL;
    st = zf_arrow_bind(&source->reader, &array, &batch, error);
    if (st == ZF_OK)
        st = check_order(source, batch, error);
    if (st == ZF_OK)
        st = zf_source_mark_corrupt(source, batch, error);
    if (st != ZF_OK) {
        zf_batch_release(batch);
        return st;
    }
    *out = batch;
    return ZF_OK;
}
