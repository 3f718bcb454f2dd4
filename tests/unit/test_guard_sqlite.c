/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard/sqlite_guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char path[] = "guarded.sqlite";
static char directory[] = "/tmp/zonefold-test-XXXXXX";

static void run(sqlite3 *db, const char *sql) {
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
}

static int try(sqlite3 *db, const char *sql) {
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* What a hostile file would call: counts its calls. */
static void spite(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n, (void)values;
    ++*(int *)sqlite3_user_data(context);
    sqlite3_result_int(context, 1);
}

static int make_file(void **state) {
    sqlite3 *db = NULL;
    int n_calls = 0;
    (void)state;
    assert_non_null(mkdtemp(directory));
    assert_int_equal(chdir(directory), 0);
    zf_sqlite_guard_install();
    assert_int_equal(zf_sqlite_open_own(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
                     SQLITE_OK);
    sqlite3_create_function(db, "spite", 0, SQLITE_UTF8 | SQLITE_DETERMINISTIC, &n_calls, spite, NULL, NULL);
    run(db,
        "CREATE TABLE plain (a INTEGER PRIMARY KEY, b TEXT); INSERT INTO plain VALUES (1, 'x');"
        "CREATE VIRTUAL TABLE box USING rtree(id, x0, x1); INSERT INTO box VALUES (1, 0, 1);"
        "CREATE VIEW honest AS SELECT upper(b) AS b FROM plain WHERE a IN (SELECT id FROM box WHERE x0 < 2);"
        "CREATE VIEW hostile AS SELECT spite() AS a FROM plain;"
        "ATTACH ':memory:' AS other; DETACH other");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return 0;
}

static int remove_file(void **state) {
    (void)state;
    (void)unlink(path);
    return chdir("/") == 0 ? rmdir(directory) : -1;
}

/* A guarded connection on which the process has registered a function, as GDAL and SpatiaLite do. */
static sqlite3 *open_guarded(const char *name, int flags, int *n_calls) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(name, &db, flags, NULL), SQLITE_OK);
    sqlite3_create_function(db, "spite", 0, SQLITE_UTF8 | SQLITE_DETERMINISTIC, n_calls, spite, NULL, NULL);
    return db;
}

static void tables_and_honest_views_are_read(void **state) {
    int n_calls = 0;
    (void)state;
    sqlite3 *db = open_guarded(path, SQLITE_OPEN_READONLY, &n_calls);
    run(db,
        "SELECT b FROM plain; SELECT b FROM honest; SELECT * FROM box WHERE x0 > -1; PRAGMA "
        "table_info(plain);"
        "SELECT count(*) FROM sqlite_master; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        " WHERE i < 3) SELECT sum(i) FROM n; SELECT value FROM json_each('[1]')");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void functions_on_no_list_are_not_called(void **state) {
    int n_calls = 0;
    (void)state;
    sqlite3 *db = open_guarded(path, SQLITE_OPEN_READONLY, &n_calls);
    assert_int_not_equal(try(db, "SELECT * FROM hostile"), SQLITE_OK);
    assert_int_not_equal(try(db, "SELECT spite()"), SQLITE_OK);
    assert_int_not_equal(try(db, "SELECT load_extension('x')"), SQLITE_OK);
    assert_int_equal(n_calls, 0);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_file_for_reading_is_only_read(void **state) {
    static const char *const refused[] = {"ATTACH 'x.sqlite' AS x",
                                          "VACUUM INTO 'x.sqlite'",
                                          "CREATE TABLE c (a)",
                                          "CREATE TEMP TABLE c (a)",
                                          "DROP TABLE plain",
                                          "UPDATE plain SET a = 2",
                                          "PRAGMA writable_schema = ON",
                                          "PRAGMA journal_mode = WAL",
                                          "PRAGMA trusted_schema = ON",
                                          "PRAGMA temp_store_directory = '/'",
                                          "CREATE VIRTUAL TABLE temp.c USING rtree(id, x0, x1)"};
    int n_calls = 0;
    (void)state;
    sqlite3 *db = open_guarded(path, SQLITE_OPEN_READONLY, &n_calls);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (try(db, refused[i]) == SQLITE_OK)
            fail_msg("%s is not refused", refused[i]);
    assert_int_not_equal(access("x.sqlite", F_OK), 0);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void generated_columns_call_no_function_on_no_list(void **state) {
    static const char other[] = "generated.sqlite";
    sqlite3 *db = NULL;
    int n_calls = 0;
    (void)state;
    assert_int_equal(zf_sqlite_open_own(other, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
                     SQLITE_OK);
    sqlite3_create_function(db, "spite", 0, SQLITE_UTF8 | SQLITE_DETERMINISTIC, &n_calls, spite, NULL, NULL);
    run(db, "CREATE TABLE t (a, b AS (spite()), c AS (upper(a))); INSERT INTO t (a) VALUES ('x')");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    n_calls = 0;
    db = open_guarded(other, SQLITE_OPEN_READONLY, &n_calls);
    assert_int_not_equal(try(db, "SELECT b FROM t"), SQLITE_OK);
    assert_int_equal(n_calls, 0);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    (void)unlink(other);
}

static void generated_columns_call_ordinary_functions(void **state) {
    static const char other[] = "honest.sqlite";
    sqlite3 *db = NULL;
    int n_calls = 0;
    (void)state;
    assert_int_equal(zf_sqlite_open_own(other, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
                     SQLITE_OK);
    run(db, "CREATE TABLE t (a, c AS (upper(a))); INSERT INTO t (a) VALUES ('x')");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    db = open_guarded(other, SQLITE_OPEN_READONLY, &n_calls);
    run(db, "SELECT a, c FROM t");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    (void)unlink(other);
}

static void temporary_databases_work_but_attach_no_file(void **state) {
    static const char other[] = "temporary.sqlite";
    int n_calls = 0;
    (void)state;
    sqlite3 *db = open_guarded(other, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &n_calls);
    run(db, "CREATE TABLE t (a); INSERT INTO t VALUES (1); CREATE INDEX i ON t (a); DELETE FROM t");
    assert_int_equal(try(db, "ATTACH 'x.sqlite' AS x"), SQLITE_AUTH);
    assert_int_not_equal(try(db, "VACUUM INTO 'x.sqlite'"), SQLITE_OK);
    assert_int_not_equal(try(db, "SELECT spite()"), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_not_equal(access("x.sqlite", F_OK), 0);
    (void)unlink(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_and_honest_views_are_read),
        cmocka_unit_test(functions_on_no_list_are_not_called),
        cmocka_unit_test(a_file_for_reading_is_only_read),
        cmocka_unit_test(generated_columns_call_no_function_on_no_list),
        cmocka_unit_test(generated_columns_call_ordinary_functions),
        cmocka_unit_test(temporary_databases_work_but_attach_no_file),
    };
    return cmocka_run_group_tests_name("guard sqlite", tests, make_file, remove_file);
}
