/* SPDX-License-Identifier: MIT */
/* Checks the content of a result: compares the hash of each table with the recorded one. */
#include "provenance/result_internal.h"

#include <stdlib.h>
#include <string.h>

/** Adds the names of a table's columns to its hash. */
static zf_status add_columns(zf_reader *reader, const char *table, zf_content *content, zf_error *error) {
    sqlite3_stmt *columns = NULL;
    zf_status status = zf_reader_prepare(reader, &columns, error,
                                         "SELECT name FROM pragma_table_info('%q') ORDER BY cid", table);
    while (status == ZF_OK && (status = zf_reader_step(reader, columns, error)) == ZF_OK) {
        zf_value name = zf_reader_value(columns, 0);
        status = zf_content_add(content, &name, error);
    }
    sqlite3_finalize(columns);
    return status == ZF_DONE ? zf_content_end_row(content, error) : status;
}

/** Adds the values of a row to the hash. */
static zf_status add_row(sqlite3_stmt *row, zf_content *content, zf_error *error) {
    zf_status status = ZF_OK;
    for (int i = 0; status == ZF_OK && i < sqlite3_column_count(row); i++) {
        zf_value value = zf_reader_value(row, i);
        status = zf_content_add(content, &value, error);
    }
    return status == ZF_OK ? zf_content_end_row(content, error) : status;
}

/** Whether a row of run_info holds a hash of the content; such rows are not hashed. */
static bool is_hash(const char *table, sqlite3_stmt *row) {
    return strcmp(table, "run_info") == 0 && sqlite3_column_type(row, 0) == SQLITE_TEXT &&
           zf_content_is_key((const char *)sqlite3_column_text(row, 0));
}

/** Adds all rows of a table to its hash, in the order of rowid. */
static zf_status add_rows(zf_reader *reader, zf_verified_table *table, zf_content *content, zf_error *error) {
    sqlite3_stmt *rows = NULL;
    zf_status status =
        zf_reader_prepare(reader, &rows, error, "SELECT * FROM \"%w\" ORDER BY rowid", table->name);
    while (status == ZF_OK && (status = zf_reader_step(reader, rows, error)) == ZF_OK) {
        if (is_hash(table->name, rows))
            continue;
        status = add_row(rows, content, error);
        table->n_rows++;
    }
    sqlite3_finalize(rows);
    return status == ZF_DONE ? ZF_OK : status;
}

/** Computes the hash of a table: column names, then rows. */
static zf_status hash_table(zf_reader *reader, zf_verified_table *table, zf_content *content,
                            zf_error *error) {
    zf_status status = add_columns(reader, table->name, content, error);
    if (status == ZF_OK)
        status = add_rows(reader, table, content, error);
    return status == ZF_OK ? zf_content_finish(content, table->sha256, error) : status;
}

/** Appends a table to the verdict; NULL without memory. */
static zf_verified_table *new_table(zf_verdict *verdict, const char *name, zf_error *error) {
    zf_verified_table *tables = realloc(verdict->tables, (verdict->n_tables + 1) * sizeof *verdict->tables);
    if (tables != NULL)
        verdict->tables = tables;
    char *copy = tables != NULL ? zf_string_copy(name) : NULL;
    if (copy == NULL) {
        zf_error_memory(error, strlen(name), "the name of a table");
        return NULL;
    }
    zf_verified_table *table = &tables[verdict->n_tables++];
    *table = (zf_verified_table){.name = copy};
    return table;
}

/** Compares the hash of one table with the recorded one. */
static zf_status verify_table(zf_reader *reader, const char *name, const char *written, zf_content *content,
                              zf_verdict *verdict, zf_error *error) {
    bool is_there = false;
    zf_verified_table *table = new_table(verdict, name, error);
    if (table == NULL)
        return ZF_E_MEMORY;
    zf_status status = zf_reader_has_table(reader, name, &is_there, error);
    if (status == ZF_OK && !is_there)
        return zf_verdict_add(verdict, ZF_CHECK_CONTENT, name, error, "the table is missing");
    if (status == ZF_OK)
        status = hash_table(reader, table, content, error);
    if (status != ZF_OK)
        return status;
    table->is_as_written = strcmp(table->sha256, written) == 0;
    if (table->is_as_written)
        return ZF_OK;
    return zf_verdict_add(verdict, ZF_CHECK_CONTENT, name, error,
                          "its content has changed since it was written: SHA-256 %s, recorded %s",
                          table->sha256, written);
}

/** Adds the name and the hash of a table to the hash of the whole content. */
static zf_status add_to_all(const zf_verified_table *table, zf_content *all, zf_error *error) {
    const zf_value name = zf_value_text(table->name), hash = zf_value_text(table->sha256);
    zf_status status = zf_content_add(all, &name, error);
    if (status == ZF_OK)
        status = zf_content_add(all, &hash, error);
    return status == ZF_OK ? zf_content_end_row(all, error) : status;
}

/** Compares the hash of the whole content with the recorded one. */
static zf_status verify_all(zf_reader *reader, zf_content *content, zf_verdict *verdict, zf_error *error) {
    sqlite3_stmt *statement = NULL;
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < verdict->n_tables; i++)
        status = add_to_all(&verdict->tables[i], content, error);
    if (status == ZF_OK)
        status = zf_content_finish(content, verdict->sha256, error);
    if (status == ZF_OK)
        status = zf_reader_prepare(reader, &statement, error,
                                   "SELECT value FROM run_info WHERE key='" ZF_CONTENT_KEY "'");
    if (status == ZF_OK)
        status = zf_reader_step(reader, statement, error);
    const char *written = status == ZF_OK ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    bool is_so = written != NULL && strcmp(written, verdict->sha256) == 0;
    sqlite3_finalize(statement);
    if ((status != ZF_OK && status != ZF_DONE) || is_so)
        return status;
    return zf_verdict_add(verdict, ZF_CHECK_CONTENT, NULL, error,
                          "the content as a whole has changed since it was written: SHA-256 %s",
                          verdict->sha256);
}

/** Verifies each table of which run_info has a hash. */
static zf_status verify_tables(zf_reader *reader, zf_content *content, zf_verdict *verdict, zf_error *error) {
    static const size_t n_prefix = sizeof ZF_CONTENT_KEY; /* and the point */
    sqlite3_stmt *hashes = NULL;
    zf_status status = zf_reader_prepare(
        reader, &hashes, error,
        "SELECT key, coalesce(value,'') FROM run_info WHERE substr(key,1,%d)='" ZF_CONTENT_KEY
        ".' ORDER BY rowid",
        (int)n_prefix);
    while (status == ZF_OK && (status = zf_reader_step(reader, hashes, error)) == ZF_OK)
        status = verify_table(reader, (const char *)sqlite3_column_text(hashes, 0) + n_prefix,
                              (const char *)sqlite3_column_text(hashes, 1), content, verdict, error);
    sqlite3_finalize(hashes);
    return status == ZF_DONE ? ZF_OK : status;
}

zf_status zf_verify_contents(zf_reader *reader, zf_verdict *verdict, zf_error *error) {
    zf_content *content = NULL;
    zf_status status = zf_content_create(&content, error);
    if (status == ZF_OK)
        status = verify_tables(reader, content, verdict, error);
    if (status == ZF_OK && verdict->n_tables == 0) {
        status =
            zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                         "the result holds no hashes of its content: it was written by an older zonefold, or "
                         "run_info was changed");
        zf_error_at(error, status, reader->path, "run_info", ZF_NO_FID);
    }
    if (status == ZF_OK)
        status = verify_all(reader, content, verdict, error);
    zf_content_destroy(content);
    return status;
}
