/* SPDX-License-Identifier: MIT */
/* The tables of query results. They are created after the last ZIP, when the types of their columns are
 * known; a table with a geometry column is a layer. */
#include "output/output_internal.h"

#include <stdlib.h>
#include <string.h>

enum { N_OWN = 2 }; /* zip_rank and zip */

/** One query's table. */
typedef struct query_table {
    const char *name;
    zf_query_column *columns;
    size_t n_columns;
    size_t layer;     /**< the geometry column; n_columns: there is none */
    zf_value *stored; /**< N_OWN + n_columns: the row as it was stored */
    zf_value *given;  /**< the same without the geometry */
    zf_text promoted; /**< a geometry that was made a multi-geometry */
} query_table;

static zf_status init(zf_queries *queries, size_t k, query_table *q, zf_error *error) {
    const size_t n = zf_queries_n_columns(queries, k);
    *q = (query_table){.name = zf_queries_name(queries, k), .n_columns = n, .layer = n};
    q->columns = calloc(n, sizeof *q->columns);
    q->stored = calloc(N_OWN + n, sizeof *q->stored);
    q->given = calloc(n, sizeof *q->given);
    if (q->columns == NULL || q->stored == NULL || q->given == NULL)
        return zf_error_memory(error, n * sizeof *q->columns, "the table of a query");
    const zf_query_column *columns = NULL;
    zf_status status = zf_queries_result_columns(queries, k, &columns, error);
    if (status == ZF_OK)
        memcpy(q->columns, columns, n * sizeof *q->columns);
    return status;
}

static void deinit(query_table *q) {
    zf_text_deinit(&q->promoted);
    free(q->columns);
    free(q->stored);
    free(q->given);
}

/* SpatiaLite's metadata refuse quotes in names. */
static bool is_layer_name(const char *name) {
    return strpbrk(name, "'\"") == NULL && strlen(name) <= ZF_OUTPUT_MAX_NAME_BYTES;
}

/* Finds the first column that can be a layer's geometry. */
static zf_status find_layer(zf_output *output, query_table *q, zf_error *error) {
    for (size_t i = 0; i < q->n_columns; i++) {
        const zf_query_column *column = &q->columns[i];
        bool is_layer = false;
        zf_status status = ZF_OK;
        if (!column->has_geometry)
            continue;
        if (!column->is_mixed && is_layer_name(q->name) && is_layer_name(column->name))
            status = zf_srs_add_srid(&output->db, column->srid, &is_layer, error);
        if (status != ZF_OK || is_layer) {
            q->layer = i;
            return status;
        }
        zf_log(&output->callbacks, ZF_LOG_INFO,
               "the geometries of '%s' in the table '%s' stay blobs: SpatiaLite knows no layer of such a "
               "name, CRS or mixture of dimensions",
               column->name, q->name);
    }
    return ZF_OK;
}

static zf_status create(zf_output *output, const query_table *q, zf_output_table *table, zf_error *error) {
    static const char *const types[] = {
        "GEOMETRY",   "POINT",           "LINESTRING",   "POLYGON",
        "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"};
    static const char *const dimensions[] = {"XY", "XYZ", "XYM", "XYZM"};
    const bool is_layer = q->layer < q->n_columns;
    const zf_query_column *geometry = is_layer ? &q->columns[q->layer] : NULL;
    const zf_output_layer_def names = {is_layer ? geometry->name : "", N_OWN + q->layer,
                                       dimensions[is_layer ? geometry->dimensions : 0]};
    const zf_table_schema *schema = &zf_result_tables[ZF_TABLE_QUERY];
    const zf_output_table_def definition = {.name = q->name,
                                            .geometry_type = is_layer ? types[geometry->geometry_type] : NULL,
                                            .own = schema->columns + schema->n_own - N_OWN,
                                            .n_own = N_OWN,
                                            .layer = &names};
    zf_column *columns = calloc(q->n_columns, sizeof *columns);
    if (columns == NULL)
        return zf_error_memory(error, q->n_columns * sizeof *columns, "the table of a query");
    size_t n = 0;
    for (size_t i = 0; i < q->n_columns; i++)
        if (i != q->layer)
            columns[n++] = (zf_column){q->columns[i].name, q->columns[i].type};
    zf_status status = zf_output_table_create(&output->db, &definition, columns, n, table, error);
    free(columns);
    if (status == ZF_OK && is_layer)
        status = zf_output_layer_register(&output->db, table, geometry->srid, error);
    return status == ZF_OK ? zf_output_table_prepare(&output->db, table, output->budget, error) : status;
}

/* QGIS draws no layer of several types: in a layer of multi-geometries a single one becomes such. */
static zf_status take_geometry(query_table *q, zf_bytes blob, zf_output_row *row, zf_error *error) {
    zf_spatialite_header header = {.envelope = zf_envelope_empty()};
    row->geometry = blob;
    const bool is_geometry = zf_spatialite_header_read(blob, &header);
    row->envelope = header.envelope;
    if (!is_geometry || header.type > 3 || header.type + 3 != q->columns[q->layer].geometry_type)
        return ZF_OK;
    q->promoted.n = 0;
    zf_spatialite_promote(blob, &q->promoted);
    if (q->promoted.is_failed)
        return zf_error_memory(error, blob.n, "a geometry of a query");
    row->geometry = (zf_bytes){.bytes = (const uint8_t *)q->promoted.bytes, .n = q->promoted.n};
    return ZF_OK;
}

static zf_status write_row(zf_output *output, zf_output_table *table, query_table *q, zf_error *error) {
    zf_output_row row = {.own = q->stored, .given = q->given, .envelope = zf_envelope_empty()};
    zf_status status = ZF_OK;
    for (size_t i = 0, to = 0; i < q->n_columns; i++) {
        const zf_value *value = &q->stored[N_OWN + i];
        if (i != q->layer)
            q->given[to++] = *value;
        else if (value->kind == ZF_VALUE_BLOB)
            status = take_geometry(q, value->as.bytes, &row, error);
    }
    return status == ZF_OK ? zf_output_table_insert(&output->db, table, &row, error) : status;
}

static zf_status write_rows(zf_output *output, zf_queries *queries, size_t k, query_table *q,
                            zf_output_table *table, zf_error *error) {
    zf_status status = zf_query_rows_begin(queries, k, error);
    while (status == ZF_OK) {
        status = zf_query_rows_next(queries, q->stored, error);
        if (status == ZF_OK)
            status = write_row(output, table, q, error);
    }
    return status == ZF_DONE ? ZF_OK : status;
}

zf_status zf_output_write_query_results(zf_output *output, zf_queries *queries, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t k = 0; status == ZF_OK && k < zf_queries_count(queries); k++) {
        zf_output_table *table = &output->tables[output->first_query_table + k];
        query_table q;
        status = init(queries, k, &q, error);
        if (status == ZF_OK)
            status = find_layer(output, &q, error);
        if (status == ZF_OK)
            status = create(output, &q, table, error);
        if (status == ZF_OK)
            status = write_rows(output, queries, k, &q, table, error);
        deinit(&q);
    }
    output->is_broken = output->is_broken || status != ZF_OK;
    return status;
}
