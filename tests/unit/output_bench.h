/* SPDX-License-Identifier: MIT */
/**
 * @file output_bench.h
 * For tests of results: a directory of their own, a small result, a second look at it through SpatiaLite, a
 * silent child process.
 */
#ifndef ZF_TEST_OUTPUT_BENCH_H
#define ZF_TEST_OUTPUT_BENCH_H

#include "output/output.h"
#include "unit/wkb_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spatialite.h> /* wants sqlite3.h above */

typedef struct bench {
    char directory[256];
    char path[300]; /* directory/result.sqlite */
    zf_crs *crs;
} bench;

static inline int bench_setup(void **state) {
    bench *b = calloc(1, sizeof *b);
    const char *base = getenv("TMPDIR");
    assert_non_null(b);
    snprintf(b->directory, sizeof b->directory, "%s/zf-output-XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(b->directory));
    snprintf(b->path, sizeof b->path, "%s/result.sqlite", b->directory);
    assert_int_equal(zf_crs_create("EPSG:2249", &b->crs, NULL), ZF_OK);
    *state = b;
    return 0;
}

static inline size_t count_files(const bench *b) {
    size_t n = 0;
    DIR *directory = opendir(b->directory);
    assert_non_null(directory);
    for (struct dirent *e = readdir(directory); e != NULL; e = readdir(directory))
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(directory);
    return n;
}

static inline int bench_teardown(void **state) {
    bench *b = *state;
    char path[600];
    DIR *directory = opendir(b->directory);
    for (struct dirent *e = readdir(directory); e != NULL; e = readdir(directory)) {
        snprintf(path, sizeof path, "%s/%s", b->directory, e->d_name);
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && unlink(path) != 0)
            rmdir(path);
    }
    closedir(directory);
    rmdir(b->directory);
    zf_crs_destroy(b->crs);
    free(b);
    return 0;
}

/* ---- a small result ---- */

static const zf_column bench_zip_columns[] = {{"parts", ZF_FIELD_INTEGER}, {"area_m2", ZF_FIELD_REAL}};
static const zf_column bench_building_columns[] = {{"height", ZF_FIELD_REAL},
                                                   {"levels", ZF_FIELD_INTEGER},
                                                   {"use", ZF_FIELD_TEXT},
                                                   {"photo", ZF_FIELD_BLOB}};

static inline zf_output_options bench_options(const bench *b) {
    return (zf_output_options){.path = b->path,
                               .crs = b->crs,
                               .zip_columns = {bench_zip_columns, 2},
                               .has_buildings = true,
                               .building_geometry_type = "MULTIPOLYGON",
                               .building_columns = {bench_building_columns, 4}};
}

static inline zf_bytes square(wkb_writer *w, double x, double y, double side) {
    const double xy[] = {x, y, x + side, y, x + side, y + side, x, y + side, x, y};
    wkb_polygon(w, xy, 5);
    return (zf_bytes){w->bytes, w->n};
}

/* n_zips ZIPs of per_zip buildings; values cover every kind, NULL included. */
static inline zf_status write_rows(zf_output *output, uint32_t n_zips, uint32_t per_zip, zf_error *error) {
    static wkb_writer w;
    zf_status status = ZF_OK;
    for (uint32_t rank = 1; status == ZF_OK && rank <= n_zips; rank++) {
        char zip[16];
        snprintf(zip, sizeof zip, "%05u", rank);
        const zf_value z[] = {zf_value_integer(1), zf_value_real(1e4)};
        status = zf_output_write_zip(output, rank, zip, z, square(&w, 1000.0 * rank, 0, 500), error);
        for (uint32_t i = 0; status == ZF_OK && i < per_zip; i++) {
            const zf_value v[] = {
                i % 3 == 0 ? zf_value_null() : zf_value_real(i * 1.5), zf_value_integer((int64_t)i - 2),
                i % 2 == 0 ? zf_value_text("gar\xC3\xA7on") : zf_value_null(),
                zf_value_bytes(ZF_VALUE_BLOB, (zf_bytes){(const uint8_t *)"\0\1\2", i % 4})};
            status = zf_output_write_building(output, rank, zip, 100 + i, v,
                                              square(&w, 1000.0 * rank + 5.0 * i, 7.0 * (i % 40), 3), error);
        }
    }
    return status;
}

static inline void write_result(const zf_output_options *options, uint32_t n_zips, uint32_t per_zip) {
    zf_output *output = NULL;
    zf_error error = ZF_ERROR_INIT;
    if (zf_output_open(options, &output, &error) != ZF_OK ||
        write_rows(output, n_zips, per_zip, &error) != ZF_OK || zf_output_finish(output, &error) != ZF_OK)
        fail_msg("%s", error.text);
}

/* ---- a second look ---- */

typedef struct reader {
    sqlite3 *db;
    void *spatialite;
    char text[1 << 16];
} reader;

static inline reader *reader_open(const char *path) {
    reader *r = calloc(1, sizeof *r);
    assert_non_null(r);
    spatialite_initialize();
    assert_int_equal(sqlite3_open_v2(path, &r->db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    r->spatialite = spatialite_alloc_connection();
    spatialite_init_ex(r->db, r->spatialite, 0);
    return r;
}

static inline void reader_close(reader *r) {
    assert_int_equal(sqlite3_close(r->db), SQLITE_OK);
    spatialite_cleanup_ex(r->spatialite);
    free(r);
}

/* All rows as "a|b;c|d", NULL as "NULL", SQL errors as "error: ..." . Borrowed until the next call. */
static inline const char *ask(reader *r, const char *sql) {
    sqlite3_stmt *s = NULL;
    size_t n = 0;
    r->text[0] = '\0';
    if (sqlite3_prepare_v2(r->db, sql, -1, &s, NULL) == SQLITE_OK) {
        while (sqlite3_step(s) == SQLITE_ROW)
            for (int i = 0; i < sqlite3_column_count(s) && n < sizeof r->text; i++) {
                const char *value = (const char *)sqlite3_column_text(s, i);
                n += (size_t)snprintf(r->text + n, sizeof r->text - n, "%s%s",
                                      n == 0   ? ""
                                      : i == 0 ? ";"
                                               : "|",
                                      value != NULL ? value : "NULL");
            }
    }
    if (sqlite3_finalize(s) != SQLITE_OK || s == NULL)
        snprintf(r->text, sizeof r->text, "error: %s", sqlite3_errmsg(r->db));
    return r->text;
}

static inline uint8_t *read_whole(const char *path, size_t *out_n) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *out_n = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*out_n + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *out_n, file), *out_n);
    bytes[*out_n] = 0;
    fclose(file);
    return bytes;
}

/* ---- a child that must be silent ---- */

/* Runs body in a child whose stdout and stderr are caught; returns its exit status and how many bytes it
 * printed. */
static inline int run_caught(int (*body)(void *), void *user, size_t *out_printed) {
    FILE *caught = tmpfile();
    int result = 0;
    assert_non_null(caught);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(fileno(caught), STDOUT_FILENO);
        dup2(fileno(caught), STDERR_FILENO);
        int code = body(user);
        fflush(NULL);
        _exit(code);
    }
    assert_int_equal(waitpid(child, &result, 0), child);
    fseek(caught, 0, SEEK_END);
    *out_printed = (size_t)ftell(caught);
    fclose(caught);
    return WIFEXITED(result) ? WEXITSTATUS(result) : -1;
}

#endif
