/* SPDX-License-Identifier: MIT */
/* What the policies of expressions and of queries let a statement do. */
#include "sql/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int read_anything(void *user, const char *table, const char *column) {
    (void)user, (void)table, (void)column;
    return SQLITE_OK;
}

static void open_sandbox(zf_sandbox *sandbox, const zf_policy *policy) {
    *sandbox = (zf_sandbox){.judge_read = read_anything};
    assert_int_equal(zf_sandbox_open(sandbox, policy, policy == &zf_policy_query ? "/tmp" : NULL, NULL),
                     ZF_OK);
    assert_int_equal(sqlite3_exec(sandbox->db.handle, "CREATE TABLE building(a)", NULL, NULL, NULL),
                     SQLITE_OK);
    zf_sandbox_harden(sandbox);
}

/* Compiles and runs a statement to its end. Returns SQLite's last code. */
static int run(zf_sandbox *sandbox, const char *sql) {
    sqlite3_stmt *statement = NULL;
    int code = zf_sandbox_prepare(sandbox, sql, &statement, NULL);
    if (code == SQLITE_OK)
        do
            code = zf_sandbox_step(sandbox, statement);
        while (code == SQLITE_ROW);
    sqlite3_finalize(statement);
    return code;
}

static void check_refused(zf_sandbox *sandbox, const char *sql, const char *says) {
    const int code = run(sandbox, sql);
    if (code == SQLITE_DONE || zf_sandbox_refusal(sandbox) == NULL ||
        strstr(zf_sandbox_refusal(sandbox), says) == NULL)
        fail_msg("%s: code %d, \"%s\" instead of \"%s\"", sql, code,
                 zf_sandbox_refusal(sandbox) != NULL ? zf_sandbox_refusal(sandbox) : "", says);
}

static void check_allowed(zf_sandbox *sandbox, const char *sql) {
    const int code = run(sandbox, sql);
    if (code != SQLITE_DONE || zf_sandbox_refusal(sandbox) != NULL)
        fail_msg("%s: code %d, %s", sql, code, sqlite3_errmsg(sandbox->db.handle));
}

static void both_policies_refuse_what_is_no_reading(void **state) {
    static const char *const statements[] = {"INSERT INTO building VALUES (1)",
                                             "DELETE FROM building",
                                             "DROP TABLE building",
                                             "CREATE TABLE t(a)",
                                             "CREATE TEMP VIEW v AS SELECT 1",
                                             "ATTACH ':memory:' AS other",
                                             "PRAGMA user_version",
                                             "PRAGMA writable_schema=ON",
                                             "BEGIN",
                                             "ANALYZE",
                                             "SAVEPOINT a"};
    const zf_policy *const policies[] = {&zf_policy_expression, &zf_policy_query};
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        zf_sandbox sandbox;
        open_sandbox(&sandbox, policies[p]);
        for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
            check_refused(&sandbox, statements[i], "it does more than");
        assert_int_equal(zf_sandbox_close(&sandbox), ZF_OK);
    }
}

static void both_policies_refuse_clocks_chance_files_and_the_machine(void **state) {
    static const struct {
        const char *sql, *says;
    } cases[] = {{"SELECT CURRENT_TIMESTAMP", "asks for the present time"},
                 {"SELECT datetime('now')", "asks for the present time"},
                 {"SELECT julianday()", "asks for the present time"},
                 {"SELECT date('2020-01-01', 'localtime')", "asks for the time zone"},
                 {"SELECT random()", "random() is not allowed"},
                 {"SELECT randomblob(4)", "randomblob() is not allowed"},
                 {"SELECT load_extension('x')", "load_extension() is not allowed"},
                 {"SELECT sqlite_version()", "sqlite_version() is not allowed"},
                 {"SELECT last_insert_rowid()", "last_insert_rowid() is not allowed"},
                 {"SELECT printf('%.*c', 2000000000, 'x')", "would make a text of more than"}};
    const zf_policy *const policies[] = {&zf_policy_expression, &zf_policy_query};
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        zf_sandbox sandbox;
        open_sandbox(&sandbox, policies[p]);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
            check_refused(&sandbox, cases[i].sql, cases[i].says);
        assert_int_equal(zf_sandbox_close(&sandbox), ZF_OK);
    }
}

static void an_expression_has_one_select_and_no_aggregate(void **state) {
    zf_sandbox sandbox;
    (void)state;
    open_sandbox(&sandbox, &zf_policy_expression);
    check_allowed(&sandbox, "SELECT abs(a), upper('x'), date('2020-01-01', '+1 day') FROM building");
    check_refused(&sandbox, "SELECT (SELECT 1)", "it has a subquery");
    check_refused(&sandbox, "SELECT sum(a) FROM building", "sum() needs many rows");
    assert_int_equal(run(&sandbox, "SELECT ST_Area(a) FROM building"), SQLITE_ERROR); /* it is not there */
    assert_int_equal(zf_sandbox_close(&sandbox), ZF_OK);
}

static void a_query_may_nest_aggregate_and_measure(void **state) {
    zf_sandbox sandbox;
    (void)state;
    open_sandbox(&sandbox, &zf_policy_query);
    check_allowed(&sandbox, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) "
                            "SELECT sum(i), (SELECT count(*) FROM building) FROM n");
    check_allowed(&sandbox, "SELECT ST_Area(ST_Buffer(MakePoint(1, 2, 4326), 1)), Area(NULL)");
    check_allowed(&sandbox, "SELECT ST_AsText(ST_Transform(MakePoint(-71, 42, 4326), 26986))");
    assert_int_equal(run(&sandbox, "SELECT BlobFromFile('/etc/passwd')"), SQLITE_ERROR);
    assert_int_equal(run(&sandbox, "SELECT ExportSHP('building', 'a', 'x', 'UTF-8')"), SQLITE_ERROR);
    check_refused(&sandbox, "SELECT CreateUUID()", "is not allowed");
    check_refused(&sandbox, "SELECT spatialite_version()", "is not allowed");
    assert_int_equal(run(&sandbox, "SELECT eval('DELETE FROM building')"), SQLITE_ERROR);
    assert_int_equal(run(&sandbox, "SELECT * FROM json_each('[1]')"), SQLITE_ERROR);
    assert_int_equal(run(&sandbox, "SELECT count(*) FROM json_tree('[1]')"), SQLITE_ERROR);
    assert_int_equal(run(&sandbox, "SELECT count(*) FROM dbstat"), SQLITE_ERROR);
    assert_int_equal(zf_sandbox_close(&sandbox), ZF_OK);
}

static bool is_cancelled(void *user) {
    int *n = user;
    return ++*n > 2;
}

static void a_long_statement_can_be_cancelled(void **state) {
    static const char endless[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                                  "SELECT count(*) FROM n";
    zf_sandbox sandbox;
    int n = 0;
    (void)state;
    open_sandbox(&sandbox, &zf_policy_query);
    sandbox.callbacks = (zf_callbacks){.user = &n, .is_cancelled = is_cancelled};
    assert_int_equal(run(&sandbox, endless), SQLITE_INTERRUPT);
    assert_true(sandbox.is_cancelled);
    sandbox.callbacks = (zf_callbacks){.user = NULL};
    sandbox.n_looks_left = 3;
    assert_int_equal(run(&sandbox, endless), SQLITE_INTERRUPT);
    assert_false(sandbox.is_cancelled);
    check_allowed(&sandbox, "SELECT 1");
    assert_int_equal(zf_sandbox_close(&sandbox), ZF_OK);
}

static void limits_hold(void **state) {
    zf_sandbox sandbox;
    (void)state;
    open_sandbox(&sandbox, &zf_policy_expression);
    assert_int_equal(run(&sandbox, "SELECT zeroblob(16777217)"), SQLITE_TOOBIG);
    assert_int_equal(run(&sandbox, "SELECT \"text\""), SQLITE_ERROR); /* a name, never a text */
    assert_int_equal(zf_sandbox_close(&sandbox), ZF_OK);
    open_sandbox(&sandbox, &zf_policy_query);
    assert_int_equal(run(&sandbox, "SELECT zeroblob(268435457)"), SQLITE_TOOBIG);
    assert_int_equal(run(&sandbox, "SELECT length(zeroblob(16777217))"), SQLITE_DONE);
    assert_int_equal(zf_sandbox_close(&sandbox), ZF_OK);
}

static void each_function_is_of_one_kind(void **state) {
    (void)state;
    assert_int_equal(zf_sql_function_kind_of("ABS"), ZF_FUNCTION_SCALAR);
    assert_int_equal(zf_sql_function_kind_of("Count"), ZF_FUNCTION_AGGREGATE);
    assert_int_equal(zf_sql_function_kind_of("st_area"), ZF_FUNCTION_SPATIAL);
    assert_int_equal(zf_sql_function_kind_of("Area"), ZF_FUNCTION_SPATIAL);
    assert_int_equal(zf_sql_function_kind_of("current_date"), ZF_FUNCTION_CLOCK);
    assert_int_equal(zf_sql_function_kind_of("random"), ZF_FUNCTION_OTHER);
    assert_int_equal(zf_sql_function_kind_of("ST_abs"), ZF_FUNCTION_OTHER);
    assert_int_equal(zf_sql_function_returns("LENGTH(", 6), ZF_RETURNS_INTEGER);
    assert_int_equal(zf_sql_function_returns("json_extract", 12), ZF_RETURNS_ANY);
    assert_string_equal(zf_sql_function_nearest(ZF_FUNCTION_SPATIAL, "ST_Bufer"), "buffer");
    assert_string_equal(zf_sql_function_nearest(ZF_FUNCTION_SCALAR, "coalese"), "coalesce");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_policies_refuse_what_is_no_reading),
        cmocka_unit_test(both_policies_refuse_clocks_chance_files_and_the_machine),
        cmocka_unit_test(an_expression_has_one_select_and_no_aggregate),
        cmocka_unit_test(a_query_may_nest_aggregate_and_measure),
        cmocka_unit_test(a_long_statement_can_be_cancelled),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(each_function_is_of_one_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
