/* SPDX-License-Identifier: MIT */
/* What the machine can do at best: reading with nothing done about it, inserting with nothing kept beside it.
 */
#include "tool.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_recordbatch.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "bench-floors arrow FILE COLUMN...   geometry and columns as Arrow batches of 16,384\n"
    "bench-floors loop FILE COLUMN...    the same by the feature loop\n"
    "bench-floors insert RESULT OUT      the rows of the result's important_building into a bare new table;\n"
    "                                    reading them is not timed\n"
    "Each prints one line of JSON: rows and seconds.\n";

enum { BATCH_ROWS = 16384 };

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_floor(uint64_t rows, double seconds) {
    printf("{\"rows\": %llu, \"seconds\": %.4f}\n", (unsigned long long)rows, seconds);
}

/* ---- reading ---- */

static OGRLayerH open_projected(GDALDatasetH *out_dataset, const char *path, char **columns) {
    *out_dataset = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, NULL, NULL, NULL);
    OGRLayerH layer = *out_dataset != NULL ? GDALDatasetGetLayer(*out_dataset, 0) : NULL;
    if (layer == NULL)
        tool_fail("cannot open %s", path);
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
    char **ignored = NULL;
    for (int i = 0; i < OGR_FD_GetFieldCount(definition); i++) {
        const char *name = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(definition, i));
        if (CSLFindString(columns, name) < 0)
            ignored = CSLAddString(ignored, name);
    }
    OGR_L_SetIgnoredFields(layer, (const char **)ignored);
    CSLDestroy(ignored);
    return layer;
}

static uint64_t read_arrow(OGRLayerH layer) {
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    uint64_t rows = 0;
    char *options[] = {"MAX_FEATURES_IN_BATCH=16384", NULL};
    if (!OGR_L_GetArrowStream(layer, &stream, options))
        tool_fail("the driver gives no Arrow stream");
    while (stream.get_next(&stream, &batch) == 0 && batch.release != NULL) {
        rows += (uint64_t)batch.length;
        batch.release(&batch);
    }
    stream.release(&stream);
    return rows;
}

static uint64_t read_loop(OGRLayerH layer) {
    uint64_t rows = 0;
    OGRFeatureH feature;
    while ((feature = OGR_L_GetNextFeature(layer)) != NULL) {
        rows++;
        OGR_F_Destroy(feature);
    }
    return rows;
}

static void floor_read(const char *path, char **columns, uint64_t (*read)(OGRLayerH)) {
    GDALDatasetH dataset;
    double start = seconds_now();
    GDALAllRegister();
    OGRLayerH layer = open_projected(&dataset, path, columns);
    uint64_t rows = read(layer);
    GDALClose(dataset);
    print_floor(rows, seconds_now() - start);
}

/* ---- inserting ---- */

typedef struct value {
    int type, n_bytes;
    union {
        sqlite3_int64 integer;
        double real;
        size_t at; /* in the batch's bytes */
    } as;
} value;

typedef struct batch {
    int n_columns;
    size_t n_rows;
    bool is_last;  /* another step of the finished statement would begin it anew */
    value *values; /* BATCH_ROWS x n_columns */
    size_t n_bytes, cap_bytes;
    char *bytes;
} batch;

static void check(sqlite3 *db, int code, const char *what) {
    if (code != SQLITE_OK)
        tool_fail("cannot %s: %s", what, sqlite3_errmsg(db));
}

static void keep_value(batch *b, sqlite3_stmt *row, int column) {
    value *v = &b->values[b->n_rows * (size_t)b->n_columns + (size_t)column];
    v->type = sqlite3_column_type(row, column);
    if (v->type == SQLITE_INTEGER) {
        v->as.integer = sqlite3_column_int64(row, column);
    } else if (v->type == SQLITE_FLOAT) {
        v->as.real = sqlite3_column_double(row, column);
    } else if (v->type != SQLITE_NULL) {
        const void *from = sqlite3_column_blob(row, column);
        v->n_bytes = sqlite3_column_bytes(row, column);
        v->as.at = b->n_bytes;
        if (b->n_bytes + (size_t)v->n_bytes > b->cap_bytes) {
            b->cap_bytes = (b->n_bytes + (size_t)v->n_bytes) * 2;
            b->bytes = tool_resize(b->bytes, b->cap_bytes, 1);
        }
        memcpy(b->bytes + b->n_bytes, from, (size_t)v->n_bytes);
        b->n_bytes += (size_t)v->n_bytes;
    }
}

static bool read_batch(batch *b, sqlite3_stmt *rows) {
    int code = SQLITE_ROW;
    b->n_rows = b->n_bytes = 0;
    if (b->is_last)
        return false;
    while (b->n_rows < BATCH_ROWS && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        for (int column = 0; column < b->n_columns; column++)
            keep_value(b, rows, column);
        b->n_rows++;
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        tool_fail("cannot read the rows of the result");
    b->is_last = code == SQLITE_DONE;
    return b->n_rows > 0;
}

static void insert_batch(const batch *b, sqlite3 *db, sqlite3_stmt *insert) {
    const value *v = b->values;
    for (size_t row = 0; row < b->n_rows; row++) {
        for (int column = 1; column <= b->n_columns; column++, v++) {
            if (v->type == SQLITE_INTEGER)
                sqlite3_bind_int64(insert, column, v->as.integer);
            else if (v->type == SQLITE_FLOAT)
                sqlite3_bind_double(insert, column, v->as.real);
            else if (v->type == SQLITE_TEXT)
                sqlite3_bind_text(insert, column, b->bytes + v->as.at, v->n_bytes, SQLITE_STATIC);
            else if (v->type == SQLITE_BLOB)
                sqlite3_bind_blob(insert, column, b->bytes + v->as.at, v->n_bytes, SQLITE_STATIC);
            else
                sqlite3_bind_null(insert, column);
        }
        if (sqlite3_step(insert) != SQLITE_DONE)
            tool_fail("cannot insert: %s", sqlite3_errmsg(db));
        sqlite3_reset(insert);
    }
}

/* The result's own columns and types, but no index, trigger or constraint except the integer key. */
static sqlite3_stmt *create_bare_table(sqlite3 *db, sqlite3_stmt *rows) {
    sqlite3_str *create = sqlite3_str_new(NULL), *insert = sqlite3_str_new(NULL);
    int n_columns = sqlite3_column_count(rows);
    sqlite3_stmt *statement = NULL;
    for (int i = 0; i < n_columns; i++) {
        const char *type = sqlite3_column_decltype(rows, i);
        sqlite3_str_appendf(create, "%s\"%w\" %s%s", i > 0 ? ", " : "CREATE TABLE bare (",
                            sqlite3_column_name(rows, i), type != NULL ? type : "",
                            i == 0 ? " PRIMARY KEY" : "");
        sqlite3_str_appendall(insert, i > 0 ? ", ?" : "INSERT INTO bare VALUES (?");
    }
    sqlite3_str_appendall(create, ")");
    sqlite3_str_appendall(insert, ")");
    char *create_sql = sqlite3_str_finish(create), *insert_sql = sqlite3_str_finish(insert);
    check(db,
          sqlite3_exec(db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE",
                       NULL, NULL, NULL),
          "set up the new file");
    check(db, sqlite3_exec(db, create_sql, NULL, NULL, NULL), "create the table");
    check(db, sqlite3_prepare_v2(db, insert_sql, -1, &statement, NULL), "prepare the insert");
    sqlite3_free(create_sql);
    sqlite3_free(insert_sql);
    return statement;
}

static void floor_insert(const char *result, const char *path) {
    sqlite3 *from = NULL, *to = NULL;
    sqlite3_stmt *rows = NULL;
    uint64_t n_rows = 0;
    if (access(path, F_OK) == 0)
        tool_fail("%s exists: remove it first", path);
    check(from, sqlite3_open_v2(result, &from, SQLITE_OPEN_READONLY, NULL), "open the result");
    check(from, sqlite3_prepare_v2(from, "SELECT * FROM important_building ORDER BY id", -1, &rows, NULL),
          "read the result");
    batch b = {.n_columns = sqlite3_column_count(rows)};
    b.values = tool_resize(NULL, (size_t)b.n_columns * BATCH_ROWS, sizeof *b.values);

    double start = seconds_now();
    check(to, sqlite3_open(path, &to), "create the new file");
    sqlite3_stmt *insert = create_bare_table(to, rows);
    check(to, sqlite3_exec(to, "BEGIN", NULL, NULL, NULL), "begin");
    double spent = seconds_now() - start;
    while (read_batch(&b, rows)) {
        start = seconds_now();
        insert_batch(&b, to, insert);
        spent += seconds_now() - start;
        n_rows += b.n_rows;
    }
    start = seconds_now();
    sqlite3_finalize(insert);
    check(to, sqlite3_exec(to, "COMMIT", NULL, NULL, NULL), "commit");
    check(to, sqlite3_close(to), "close");
    print_floor(n_rows, spent + seconds_now() - start);
    sqlite3_finalize(rows);
    sqlite3_close(from);
    free(b.values);
    free(b.bytes);
}

int main(int argc, char **argv) {
    if (argc >= 3 && strcmp(argv[1], "arrow") == 0)
        floor_read(argv[2], argv + 3, read_arrow);
    else if (argc >= 3 && strcmp(argv[1], "loop") == 0)
        floor_read(argv[2], argv + 3, read_loop);
    else if (argc == 4 && strcmp(argv[1], "insert") == 0)
        floor_insert(argv[2], argv[3]);
    else {
        fputs(usage, stderr);
        return 2;
    }
    return 0;
}
