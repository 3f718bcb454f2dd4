/* SPDX-License-Identifier: MIT */
/*
 * A table as a SpatiaLite layer. Geometry column and spatial index are registered while the table is empty.
 * That takes a millisecond. On a full table RecoverGeometryColumn and CreateSpatialIndex validate and index
 * every row, cannot be interrupted, and print when the disk is full. The triggers they create are dropped
 * while rows are written and created again at the end.
 */
#include "output/table.h"

#include <stdlib.h>

/* Appends the SQL of a trigger to the list. */
static zf_status keep_trigger(zf_output_table *table, const char *sql, zf_error *error) {
    char **grown = realloc(table->layer.triggers, (table->layer.n_triggers + 1) * sizeof *grown);
    if (grown == NULL)
        return zf_error_memory(error, sizeof *grown, "a trigger");
    table->layer.triggers = grown;
    grown[table->layer.n_triggers] = zf_string_copy(sql);
    if (grown[table->layer.n_triggers] == NULL)
        return zf_error_memory(error, 1, "a trigger");
    table->layer.n_triggers++;
    return ZF_OK;
}

/* Keeps the SQL of each trigger and collects the statements that drop them. */
static zf_status read_triggers(const zf_database *db, zf_output_table *table, zf_text *drops,
                               zf_error *error) {
    sqlite3_stmt *statement = NULL;
    int code = SQLITE_DONE;
    zf_status status = zf_database_prepare(db,
                                           "SELECT name,sql FROM sqlite_master WHERE type='trigger' AND "
                                           "tbl_name=?1 COLLATE NOCASE ORDER BY rowid",
                                           &statement, error);
    if (status != ZF_OK)
        return status;
    sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC);
    while (status == ZF_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        zf_text_append(drops, "DROP TRIGGER ");
        zf_text_append_identifier(drops, (const char *)sqlite3_column_text(statement, 0));
        zf_text_append(drops, ";");
        status = keep_trigger(table, (const char *)sqlite3_column_text(statement, 1), error);
    }
    if (status == ZF_OK && code != SQLITE_DONE)
        status = zf_database_error(db, "read the triggers of the result", error);
    sqlite3_finalize(statement);
    return status;
}

/* Drops the triggers and keeps their SQL. */
static zf_status drop_triggers(const zf_database *db, zf_output_table *table, zf_error *error) {
    zf_text drops = {0};
    zf_status status = read_triggers(db, table, &drops, error);
    if (status == ZF_OK && drops.is_failed)
        status = zf_error_memory(error, drops.cap, "an SQL statement");
    if (status == ZF_OK && drops.n > 0)
        status = zf_database_run(db, drops.bytes, "prepare a layer of the result", error);
    zf_text_deinit(&drops);
    return status;
}

zf_status zf_output_layer_register(const zf_database *db, zf_output_table *table, int32_t srid,
                                   zf_error *error) {
    char sql[1024];
    sqlite3_snprintf(sizeof sql, sql, "SELECT RecoverGeometryColumn('%q','%q',%d,'%s','%s')", table->name,
                     table->layer.geometry_name, srid, table->layer.geometry_type, table->layer.dimensions);
    zf_status status = zf_database_expect_one(db, sql, error);
    if (status != ZF_OK)
        return status;
    sqlite3_snprintf(sizeof sql, sql, "SELECT CreateSpatialIndex('%q','%q')", table->name,
                     table->layer.geometry_name);
    status = zf_database_expect_one(db, sql, error);
    return status == ZF_OK ? drop_triggers(db, table, error) : status;
}

zf_status zf_output_layer_restore_triggers(const zf_database *db, zf_output_table *table, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < table->layer.n_triggers; i++)
        status = zf_database_run(db, table->layer.triggers[i], "finish a layer of the result", error);
    return status;
}
