/* SPDX-License-Identifier: MIT */
/* Opens and finishes the result file. */
#include "guard/sqlite_guard.h"
#include "output/output_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUILDING_FID = 3 };

/* The fixed tables of a result. Their columns are stated in schema/result_column.c. */
static const struct {
    zf_result_table schema;
    const char *geometry_type;
    size_t fid_column; /**< see zf_output_table_def */
} fixed_tables[ZF_OUTPUT_TABLES] = {
    [ZF_OUTPUT_ZIP] = {ZF_TABLE_ZIP_SUMMARY, "MULTIPOLYGON", 0},
    [ZF_OUTPUT_BUILDING] = {ZF_TABLE_IMPORTANT_BUILDING, NULL, BUILDING_FID},
    [ZF_OUTPUT_GROUP] = {ZF_TABLE_ZIP_GROUP, NULL, 0},
    [ZF_OUTPUT_REJECTED] = {ZF_TABLE_REJECTED_FEATURE, "POINT", 0},
    [ZF_OUTPUT_COUNT] = {ZF_TABLE_RUN_COUNT, NULL, 0},
    [ZF_OUTPUT_AREA] = {ZF_TABLE_RUN_AREA, NULL, 0},
    [ZF_OUTPUT_FUNNEL] = {ZF_TABLE_RUN_FUNNEL, NULL, 0},
    [ZF_OUTPUT_INFO] = {ZF_TABLE_RUN_INFO, NULL, 0},
    [ZF_OUTPUT_INPUT] = {ZF_TABLE_RUN_INPUT, NULL, 0},
};

static zf_status open_table(zf_output *output, const zf_output_options *options, int i, zf_error *error) {
    const zf_table_schema *schema = &zf_result_tables[fixed_tables[i].schema];
    zf_output_table_def definition = {.name = schema->name,
                                      .geometry_type = fixed_tables[i].geometry_type,
                                      .own = schema->columns,
                                      .n_own = schema->n_own,
                                      .fid_column = fixed_tables[i].fid_column};
    zf_output_table *table = &output->tables[i];
    static const zf_output_columns none = {NULL, 0};
    const zf_output_columns *given = i == ZF_OUTPUT_ZIP        ? &options->zip_columns
                                     : i == ZF_OUTPUT_BUILDING ? &options->building_columns
                                     : i == ZF_OUTPUT_GROUP    ? &options->group_columns
                                                               : &none;
    if ((i == ZF_OUTPUT_BUILDING && !options->has_buildings) || (i == ZF_OUTPUT_AREA && !options->has_areas) ||
        (i == ZF_OUTPUT_GROUP && given->n == 0))
        return ZF_OK;
    if (i == ZF_OUTPUT_BUILDING) {
        definition.geometry_type = options->building_geometry_type;
        output->buildings.has_single_points =
            definition.geometry_type != NULL && strcmp(definition.geometry_type, "POINT") == 0;
    }
    zf_status status = zf_output_table_create(&output->db, &definition, given->items, given->n, table, error);
    if (status == ZF_OK && table->layer.geometry_type != NULL)
        status = zf_output_layer_register(&output->db, table, output->srid, error);
    return status;
}

bool zf_output_has_table(const char *name) {
    for (size_t i = 0; i < ZF_OUTPUT_TABLES; i++)
        if (zf_string_equal_nocase(zf_result_tables[fixed_tables[i].schema].name, name))
            return true;
    return zf_string_equal_nocase(name, ZF_OUTPUT_STYLE_TABLE);
}

/* Refuses a query whose name is taken: now, since its table is created at the end of the run. */
static zf_status check_query_table(const zf_output *output, const char *name, zf_error *error) {
    for (size_t i = 0; i < output->first_query_table; i++)
        if (output->tables[i].name != NULL && zf_string_equal_nocase(output->tables[i].name, name))
            return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "`analysis_sqls` '%s': the result has a table of that name already; choose "
                                "another",
                                name);
    return ZF_OK;
}

/* Creates all tables, then prepares the statements, which a later change of the schema would invalidate. */
static zf_status open_tables(zf_output *output, const zf_output_options *options, zf_error *error) {
    zf_status status = zf_database_expect_one(&output->db, "SELECT InitSpatialMetaData(0,'NONE')", error);
    if (status == ZF_OK)
        status = zf_srs_add_crs(&output->db, options->crs, &output->srid, error);
    for (int i = 0; status == ZF_OK && i < ZF_OUTPUT_TABLES; i++)
        status = open_table(output, options, i, error);
    for (size_t i = 0; status == ZF_OK && i < options->n_analysis_tables; i++)
        status = zf_output_analysis_table_create(&output->db, &options->analysis_tables[i], output->tables,
                                                 ZF_OUTPUT_TABLES + i, output->srid,
                                                 &output->tables[ZF_OUTPUT_TABLES + i], error);
    for (size_t k = 0; status == ZF_OK && k < zf_queries_count(options->queries); k++)
        status = check_query_table(output, zf_queries_name(options->queries, k), error);
    for (size_t i = 0; status == ZF_OK && i < output->n_tables; i++)
        if (output->tables[i].name != NULL)
            status = zf_output_table_prepare(&output->db, &output->tables[i], options->budget, error);
    return status;
}

/* Opens the temporary file with SpatiaLite, without a journal, in a transaction. */
static zf_status open_database(zf_database *db, const zf_output_file *file, zf_error *error) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (zf_sqlite_open_own(file->temp_path, &db->handle, flags, NULL) != SQLITE_OK) {
        if (db->handle == NULL)
            return zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_SQLITE,
                                "cannot open the result: out of memory");
        return zf_database_error(db, "open the temporary file of the result", error);
    }
    zf_status status = zf_database_add_spatialite(db, error);
    if (status != ZF_OK)
        return status;
    return zf_database_run(
        db,
        "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA secure_delete=OFF;"
        "PRAGMA cache_size=-512; BEGIN",
        "start the result", error);
}

zf_status zf_output_open(const zf_output_options *options, zf_output **out, zf_error *error) {
    zf_output *output = calloc(1, sizeof *output);
    if (output == NULL)
        return zf_error_memory(error, sizeof *output, "the result");
    output->file.fd = -1;
    output->first_query_table = ZF_OUTPUT_TABLES + options->n_analysis_tables;
    output->n_tables = output->first_query_table + zf_queries_count(options->queries);
    output->budget = options->budget;
    output->tables = calloc(output->n_tables, sizeof *output->tables);
    if (output->tables == NULL) {
        const size_t n_bytes = output->n_tables * sizeof *output->tables;
        free(output);
        return zf_error_memory(error, n_bytes, "the result's tables");
    }
    if (options->callbacks != NULL)
        output->callbacks = *options->callbacks;
    zf_status status = zf_output_check_style_time(error);
    if (status == ZF_OK)
        status = zf_output_file_create(
            &output->file, &(zf_output_target){options->path, "the result", "output", options->overwrite},
            error);
    if (status == ZF_OK)
        status = zf_output_file_check_sqlite(&output->file, error);
    if (status == ZF_OK) {
        output->db.path = output->file.path;
        output->db.callbacks = &output->callbacks;
        status = open_database(&output->db, &output->file, error);
    }
    if (status == ZF_OK)
        status = open_tables(output, options, error);
    if (status != ZF_OK) {
        zf_output_abort(output);
        return status;
    }
    *out = output;
    return ZF_OK;
}

static void close_tables(zf_output *output) {
    for (size_t i = 0; i < output->n_tables; i++)
        zf_output_table_deinit(&output->tables[i]);
}

static zf_status flush_tables(zf_output *output, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < output->n_tables; i++)
        status = zf_output_table_flush(&output->db, &output->tables[i], error);
    return status;
}

/* Registers the type of the buildings that were written, where it is not that of their layer. */
static zf_status register_building_type(zf_output *output, zf_error *error) {
    static const char *const types[] = {"GEOMETRY",   "POINT",           "LINESTRING",  "POLYGON",
                                        "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON"};
    const zf_output_table *table = &output->tables[ZF_OUTPUT_BUILDING];
    char sql[256];
    int number = 0;
    if (output->buildings.types == 0)
        return ZF_OK;
    while (strcmp(types[number], table->layer.geometry_type) != 0)
        number++;
    sqlite3_snprintf(
        sizeof sql, sql,
        "UPDATE geometry_columns SET geometry_type=%d WHERE f_table_name='%q' AND geometry_type<>%d", number,
        table->name, number);
    return zf_database_run(&output->db, sql, "finish a layer of the result", error);
}

static zf_status finish_layers(zf_output *output, zf_error *error) {
    zf_status status = register_building_type(output, error);
    for (size_t i = 0; status == ZF_OK && i < output->n_tables; i++) {
        zf_output_table *table = &output->tables[i];
        if (table->layer.geometry_type == NULL)
            continue;
        zf_database_watch_cancel(&output->db, true);
        status = zf_output_rtree_finish(&output->db, &table->layer.rtree, error);
        zf_database_watch_cancel(&output->db, false);
        if (status == ZF_OK)
            status = zf_output_layer_restore_triggers(&output->db, table, error);
    }
    return status;
}

size_t zf_output_n_tables(const zf_output *output) {
    return output->n_tables;
}

const char *zf_output_table_name(const zf_output *output, size_t i, uint64_t *out_n_rows) {
    *out_n_rows = output->tables[i].n_rows;
    return output->tables[i].name;
}

static uint64_t count_rows(const zf_output *output) {
    uint64_t n = 0;
    for (size_t i = 0; i < output->n_tables; i++)
        n += output->tables[i].layer.geometry_type != NULL ? output->tables[i].n_rows : 0;
    return n;
}

/* SQLite's cache is flushed first: SpatiaLite prints when the disk is full during its own statements. */
static zf_status check_indexes(zf_output *output, zf_error *error) {
    uint64_t n_done = 0;
    const uint64_t n_total = count_rows(output);
    zf_status status = zf_database_flush(&output->db, error);
    for (size_t i = 0; status == ZF_OK && i < output->n_tables; i++) {
        if (output->tables[i].layer.geometry_type == NULL)
            continue;
        zf_progress_report(&output->callbacks, "finish", n_done, n_total);
        status = zf_check_cancelled(&output->callbacks, error);
        if (status == ZF_OK)
            status = zf_output_index_check(&output->db, &output->tables[i], error);
        n_done += output->tables[i].n_rows;
    }
    zf_progress_report(&output->callbacks, "finish", n_done, n_total);
    return status;
}

static zf_status write_statistics(zf_output *output, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < output->n_tables; i++)
        if (output->tables[i].layer.geometry_type != NULL)
            status = zf_output_layer_write_statistics(&output->db, &output->tables[i], error);
    return status;
}

/* Finishes the hash of a table and adds it to the hash of all. */
static zf_status finish_content(zf_output_table *table, zf_content *all, char hex[ZF_SHA256_HEX_BYTES],
                                zf_error *error) {
    zf_status status = zf_content_finish(table->content, hex, error);
    zf_content_destroy(table->content);
    table->content = NULL;
    const zf_value name = zf_value_text(table->name), hash = zf_value_text(hex);
    if (status == ZF_OK)
        status = zf_content_add(all, &name, error);
    if (status == ZF_OK)
        status = zf_content_add(all, &hash, error);
    return status == ZF_OK ? zf_content_end_row(all, error) : status;
}

static zf_status write_content(zf_output *output, const char *table, const char *hex, zf_error *error) {
    char *key = NULL;
    if (asprintf(&key, ZF_CONTENT_KEY "%s%s", *table != '\0' ? "." : "", table) < 0)
        return zf_error_memory(error, 0, "the name of a hash");
    zf_status status = zf_output_write_info(output, key, hex, error);
    free(key);
    return status;
}

/* Finishes all hashes before the first is written to run_info, whose own hash leaves them out. */
static zf_status write_contents(zf_output *output, char (*hex)[ZF_SHA256_HEX_BYTES], zf_content *all,
                                zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < output->n_tables; i++)
        if (output->tables[i].name != NULL)
            status = finish_content(&output->tables[i], all, hex[i], error);
    for (size_t i = 0; status == ZF_OK && i < output->n_tables; i++)
        if (output->tables[i].name != NULL)
            status = write_content(output, output->tables[i].name, hex[i], error);
    if (status == ZF_OK)
        status = zf_content_finish(all, hex[0], error);
    return status == ZF_OK ? write_content(output, "", hex[0], error) : status;
}

static zf_status finish_contents(zf_output *output, zf_error *error) {
    char(*hex)[ZF_SHA256_HEX_BYTES] = calloc(output->n_tables, sizeof *hex);
    zf_content *all = NULL;
    zf_status status = hex != NULL ? zf_content_create(&all, error)
                                   : zf_error_memory(error, output->n_tables * sizeof *hex, "hashes");
    if (status == ZF_OK)
        status = write_contents(output, hex, all, error);
    zf_content_destroy(all);
    free(hex);
    return status;
}

static zf_status finish_database(zf_output *output, zf_error *error) {
    zf_status status = zf_check_cancelled(&output->callbacks, error);
    if (status == ZF_OK)
        status = finish_contents(output, error);
    if (status == ZF_OK)
        status = flush_tables(output, error);
    if (status == ZF_OK)
        status = finish_layers(output, error);
    if (status == ZF_OK)
        status = check_indexes(output, error);
    if (status == ZF_OK)
        status = write_statistics(output, error);
    if (status == ZF_OK)
        status = zf_database_run(&output->db, "DELETE FROM spatialite_history; COMMIT",
                                 "write the result to disk", error);
    close_tables(output);
    return status;
}

zf_status zf_output_finish(zf_output *output, zf_error *error) {
    zf_status status = ZF_OK;
    if (output->is_broken)
        status = zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                              "the result cannot be finished after a failed write");
    if (status == ZF_OK)
        status = finish_database(output, error);
    if (status == ZF_OK)
        status = zf_database_close(&output->db, error);
    if (status == ZF_OK)
        status = zf_check_cancelled(&output->callbacks, error);
    if (status == ZF_OK)
        status = zf_output_file_put_in_place(&output->file, error);
    zf_output_abort(output);
    return status;
}

void zf_output_abort(zf_output *output) {
    if (output == NULL)
        return;
    close_tables(output);
    if (zf_database_close(&output->db, NULL) != ZF_OK)
        zf_log(&output->callbacks, ZF_LOG_WARNING, "the unfinished result could not be closed");
    zf_output_file_deinit(&output->file);
    zf_spatialite_blob_deinit(&output->blob);
    free(output->tables);
    free(output);
}
