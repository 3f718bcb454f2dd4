/* SPDX-License-Identifier: MIT */
/* Reads a layer feature by feature into batches of columns. */
#include "source/source_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FID = 0, GEOMETRY = 1, FIRST_FIELD = 2, MAX_HEAP_BYTES = 32 << 20, FIRST_HEAP_BYTES = 4096 };

/* The layout in which this file stores values of a type. */
static zf_layout layout_of(zf_field_type type) {
    switch (type) {
    case ZF_FIELD_INTEGER:
    case ZF_FIELD_BOOLEAN:
        return ZF_LAYOUT_INT64;
    case ZF_FIELD_REAL:
        return ZF_LAYOUT_DOUBLE;
    case ZF_FIELD_DATE:
    case ZF_FIELD_TIME:
    case ZF_FIELD_DATETIME:
        return ZF_LAYOUT_TIMESTAMP;
    default:
        return ZF_LAYOUT_BYTES64;
    }
}

static bool alloc_column(zf_loop_column *column, size_t cap_rows) {
    column->validity = calloc((cap_rows + 7) / 8, 1);
    column->words = calloc(cap_rows + 1, sizeof *column->words);
    return column->validity && column->words;
}

/* Creates an empty batch with room for reader->batch_rows rows. */
static zf_status create_batch(const zf_feature_reader *reader, zf_batch **out, zf_error *error) {
    zf_batch *batch = NULL;
    zf_status st = zf_batch_create(reader->n_fields, &batch, error);
    if (st != ZF_OK)
        return st;
    size_t n = reader->n_fields + FIRST_FIELD;
    assert(n >= FIRST_FIELD);
    batch->loop = calloc(n, sizeof *batch->loop);
    bool is_good = batch->loop != NULL;
    for (size_t i = 0; is_good && i < n; i++)
        is_good = alloc_column(&batch->loop[i], reader->batch_rows);
    if (!is_good) {
        zf_batch_release(batch);
        return zf_error_memory(error, n * reader->batch_rows * sizeof(int64_t), "a batch of features");
    }
    *out = batch;
    return ZF_OK;
}

/* Makes room for n more bytes in the heap of a column; *out is where they go. */
static zf_status reserve(zf_loop_column *column, size_t n, uint8_t **out, zf_error *error) {
    size_t needed;
    if (!zf_size_add(column->n_heap, n, &needed))
        return zf_error_memory(error, n, "a feature");
    if (needed > column->cap_heap) {
        size_t cap = column->cap_heap > 0 ? column->cap_heap : FIRST_HEAP_BYTES;
        while (cap < needed)
            cap = cap <= SIZE_MAX / 2 ? cap * 2 : needed;
        uint8_t *heap = realloc(column->heap, cap);
        if (!heap)
            return zf_error_memory(error, cap, "a feature");
        column->heap = heap;
        column->cap_heap = cap;
    }
    *out = column->heap + column->n_heap;
    return ZF_OK;
}

static void set_valid(zf_loop_column *column, size_t row) {
    column->validity[row / 8] = (uint8_t)(column->validity[row / 8] | 1u << (row % 8));
}

static zf_status put_bytes(zf_loop_column *column, size_t row, zf_bytes bytes, zf_error *error) {
    uint8_t *to;
    zf_status st = reserve(column, bytes.n, &to, error);
    if (st != ZF_OK)
        return st;
    if (bytes.n > 0)
        memcpy(to, bytes.bytes, bytes.n);
    column->n_heap += bytes.n;
    set_valid(column, row);
    return ZF_OK;
}

/* Stores a text. An incomplete UTF-8 character at the end of a full field of a .dbf is left out. */
static zf_status put_text(zf_source *source, zf_loop_column *column, size_t row, OGRFeatureH feature,
                          int field, zf_error *error) {
    const char *text = OGR_F_GetFieldAsString(feature, field);
    size_t n = strlen(text);
    if (source->shapefile.has_utf8_texts && n > 0 && (unsigned char)text[n - 1] >= 0x80) {
        const int width = OGR_Fld_GetWidth(OGR_F_GetFieldDefnRef(feature, field));
        const size_t n_cut = n == (size_t)width ? zf_utf8_cut_bytes(text, n) : 0;
        if (n_cut > 0)
            zf_source_add_finding(source, field, ZF_FINDING_CUT_TEXT, OGR_F_GetFID(feature), NULL);
        n -= n_cut;
    }
    return put_bytes(column, row, (zf_bytes){(const uint8_t *)text, n}, error);
}

static zf_status put_blob(zf_loop_column *column, size_t row, OGRFeatureH feature, int field,
                          zf_error *error) {
    int n = 0;
    const uint8_t *bytes = OGR_F_GetFieldAsBinary(feature, field, &n);
    return put_bytes(column, row, (zf_bytes){bytes, n > 0 ? (size_t)n : 0}, error);
}

static int64_t *word_of(zf_loop_column *column, size_t row) {
    assert(column->words != NULL);
    return &column->words[row];
}

static void put_word(zf_loop_column *column, size_t row, const void *word) {
    memcpy(word_of(column, row), word, sizeof *column->words);
    set_valid(column, row);
}

/* Stores a date or time. One that does not exist leaves the row without value. */
static void put_timestamp(zf_source *source, zf_loop_column *column, size_t row, OGRFeatureH feature,
                          int field) {
    const OGRField *raw = OGR_F_GetRawFieldRef(feature, field);
    if (!zf_timestamp_exists(source->fields[field].type, raw)) {
        source->stored.has_warnings = true;
        if (!source->stored.is_table) /* otherwise zf_source_correct_batch counts it */
            zf_source_add_finding(source, field, ZF_FINDING_NO_DATE, OGR_F_GetFID(feature), NULL);
        return;
    }
    const int64_t word = zf_timestamp_pack(raw);
    put_word(column, row, &word);
}

/* Stores the value of a field; a NULL leaves the row without value. */
static zf_status put_field(zf_source *source, zf_loop_column *column, size_t row, OGRFeatureH feature,
                           int field, zf_error *error) {
    const zf_field_type type = source->fields[field].type;
    if (!OGR_F_IsFieldSetAndNotNull(feature, field))
        return ZF_OK;
    int64_t word;
    double real;
    switch (layout_of(type)) {
    case ZF_LAYOUT_INT64:
        word = OGR_F_GetFieldAsInteger64(feature, field);
        word = type == ZF_FIELD_BOOLEAN ? word != 0 : word;
        put_word(column, row, &word);
        return ZF_OK;
    case ZF_LAYOUT_DOUBLE:
        real = OGR_F_GetFieldAsDouble(feature, field);
        put_word(column, row, &real);
        return ZF_OK;
    case ZF_LAYOUT_TIMESTAMP:
        put_timestamp(source, column, row, feature, field);
        return ZF_OK;
    default:
        return type == ZF_FIELD_BLOB ? put_blob(column, row, feature, field, error)
                                     : put_text(source, column, row, feature, field, error);
    }
}

/* Stores a geometry as WKB. A corrupt one is stored as present but without bytes, unlike a missing one. */
static zf_status put_geometry(zf_loop_column *column, size_t row, OGRGeometryH geometry, bool is_corrupt,
                              zf_error *error) {
    if (!geometry || is_corrupt) {
        if (is_corrupt)
            set_valid(column, row);
        return ZF_OK;
    }
    size_t n = OGR_G_WkbSizeEx(geometry);
    uint8_t *to;
    zf_status st = reserve(column, n, &to, error);
    if (st != ZF_OK)
        return st;
    if (OGR_G_ExportToIsoWkb(geometry, wkbNDR, to) == OGRERR_NONE)
        column->n_heap += n;
    set_valid(column, row);
    return ZF_OK;
}

/* True if column i stores offsets into a heap of bytes. */
static bool has_heap(const zf_feature_reader *reader, size_t i) {
    return i == GEOMETRY ||
           (i >= FIRST_FIELD && layout_of(reader->types[i - FIRST_FIELD]) == ZF_LAYOUT_BYTES64);
}

/* Appends a feature to the batch. */
static zf_status append(zf_source *source, zf_batch *batch, OGRFeatureH feature, bool is_corrupt,
                        zf_error *error) {
    const zf_feature_reader *reader = &source->reader;
    size_t row = batch->n_rows;
    int64_t fid = OGR_F_GetFID(feature);
    put_word(&batch->loop[FID], row, &fid);
    zf_status st = ZF_OK;
    if (reader->wants_geometry)
        st = put_geometry(&batch->loop[GEOMETRY], row, OGR_F_GetGeometryRef(feature), is_corrupt, error);
    for (size_t c = 0; st == ZF_OK && c < reader->n_fields; c++)
        st = put_field(source, &batch->loop[FIRST_FIELD + c], row, feature, reader->fields[c], error);
    for (size_t i = 0; i < reader->n_fields + FIRST_FIELD; i++)
        if (has_heap(reader, i))
            *word_of(&batch->loop[i], row + 1) = (int64_t)batch->loop[i].n_heap;
    batch->n_rows++;
    return st;
}

static size_t heap_bytes(const zf_batch *batch) {
    size_t n = 0;
    for (size_t i = 0; i < batch->n_columns + FIRST_FIELD; i++)
        n += batch->loop[i].n_heap;
    return n;
}

/* A batch column over the buffers of a loop column. */
static zf_batch_column view(const zf_loop_column *column, zf_field_type type, zf_layout layout) {
    bool is_bytes = layout == ZF_LAYOUT_BYTES64;
    return (zf_batch_column){.type = type,
                             .layout = layout,
                             .validity = column->validity,
                             .values = is_bytes ? (const void *)column->heap : (const void *)column->words,
                             .offsets = is_bytes ? column->words : NULL};
}

/* Sets the columns of the batch once all rows are there. */
static void bind(const zf_feature_reader *reader, zf_batch *batch) {
    batch->fid = view(&batch->loop[FID], ZF_FIELD_INTEGER, ZF_LAYOUT_INT64);
    if (reader->wants_geometry)
        batch->geometry = view(&batch->loop[GEOMETRY], ZF_FIELD_BLOB, ZF_LAYOUT_BYTES64);
    for (size_t c = 0; c < reader->n_fields; c++)
        batch->columns[c] =
            view(&batch->loop[FIRST_FIELD + c], reader->types[c], layout_of(reader->types[c]));
}

/* True if an error ends the reading even though a feature was returned. For a shapefile that ends early, GDAL
 * returns all remaining features without geometry, or without attributes; otherwise only this feature is
 * damaged. */
static bool ends_reading(zf_source *source, OGRFeatureH feature, const zf_trap *trap) {
    if (!feature || strcmp(source->info.driver, "ESRI Shapefile") != 0)
        return !feature;
    return strstr(trap->failure, "DBF") || zf_shapefile_is_truncated(source);
}

/* Logs an error of GDAL that concerns one feature. That of a geometry is not logged: the feature is listed as
 * corrupt. */
static void log_feature_error(zf_source *source, OGRFeatureH feature, const zf_trap *trap) {
    char message[ZF_TRAP_TEXT_BYTES + 64];
    if (strcmp(source->info.driver, "ESRI Shapefile") == 0 || zf_geojson_is_geometry_error(source, trap))
        return;
    /* not always about this feature: GDAL reads GeoJSON ahead */
    (void)snprintf(message, sizeof message, "at feature %" PRId64 ": %s", (int64_t)OGR_F_GetFID(feature),
                   zf_trap_message(trap));
    zf_source_log_warning(source, message);
}

/* True for formats whose files store the number of features, so that a truncated file is detected. GDAL reads
 * a FlatGeobuf that ends within its index as a layer without features. */
static bool has_true_count(const zf_source *source) {
    const char *driver = source->info.driver;
    return strcmp(driver, "FlatGeobuf") == 0 || strcmp(driver, "ESRI Shapefile") == 0;
}

/* At the end of the layer: an error if the file should have more features. */
static zf_status check_count(const zf_source *source, int64_t n_read, zf_error *error) {
    const zf_feature_reader *reader = &source->reader;
    int64_t n_features = source->info.n_features;
    if (reader->is_filtered || !has_true_count(source) || n_read >= n_features)
        return ZF_DONE;
    char message[96];
    (void)snprintf(message, sizeof message, "the file should have %" PRId64 " features and has %" PRId64,
                   n_features, n_read);
    return zf_source_read_error(source, message, reader->last_fid, error);
}

/* True if the file has a geometry for the feature that GDAL did not return, or not wholly. */
static bool is_corrupt_feature(zf_source *source, OGRFeatureH feature, int64_t row, const zf_trap *trap) {
    source->json.has_errors |= trap->has_failed;
    if (zf_geojson_is_one(source)) /* an error may be about another feature: GDAL reads ahead */
        return zf_geojson_is_corrupt(source, feature, source->reader.n_read + row);
    if (OGR_F_GetGeometryRef(feature))
        return false;
    return trap->has_failed || zf_source_is_corrupt_shape(source, OGR_F_GetFID(feature)) ||
           zf_geometry_text_is_corrupt(source, feature);
}

/* Reads the next feature into the batch. */
static zf_status next_feature(zf_source *source, zf_trap *trap, zf_batch *batch, zf_error *error) {
    zf_feature_reader *reader = &source->reader;
    trap->has_failed = false;
    OGRFeatureH feature = OGR_L_GetNextFeature(source->layer);
    if (trap->has_failed && ends_reading(source, feature, trap)) {
        OGR_F_Destroy(feature);
        return zf_source_read_error(source, zf_trap_message(trap), reader->last_fid, error);
    }
    if (!feature)
        return check_count(source, reader->n_read + (int64_t)batch->n_rows, error);
    if (trap->has_failed)
        log_feature_error(source, feature, trap);
    const bool is_corrupt =
        reader->wants_geometry && is_corrupt_feature(source, feature, (int64_t)batch->n_rows, trap);
    zf_status st = append(source, batch, feature, is_corrupt, error);
    reader->last_fid = OGR_F_GetFID(feature);
    OGR_F_Destroy(feature);
    return st;
}

zf_status zf_loop_next(zf_source *source, zf_batch **out, zf_error *error) {
    zf_feature_reader *reader = &source->reader;
    if (reader->is_done)
        return ZF_DONE;
    zf_batch *batch = NULL;
    zf_status st = create_batch(reader, &batch, error);
    if (st != ZF_OK)
        return st;
    zf_trap trap;
    zf_trap_begin(&trap);
    while (st == ZF_OK && batch->n_rows < reader->batch_rows && heap_bytes(batch) < MAX_HEAP_BYTES)
        st = next_feature(source, &trap, batch, error);
    zf_trap_end(&trap);
    zf_source_log_warnings(source, &trap);
    source->stored.has_warnings |= trap.n_warnings > 0;
    reader->is_done = st == ZF_DONE;
    if ((st != ZF_OK && st != ZF_DONE) || batch->n_rows == 0) {
        zf_batch_release(batch);
        return st;
    }
    bind(reader, batch);
    *out = batch;
    return ZF_OK;
}
