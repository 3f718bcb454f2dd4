/* SPDX-License-Identifier: MIT */
#include "expression_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h> /* wants those above */

#include <sqlite3.h>

static zf_expressions *compile(const char *where) {
    zf_expressions *select = NULL;
    zf_error error = ZF_ERROR_INIT;
    if (sample_create(where, &select, &error) != ZF_OK)
        fail_msg("%s: %s", where, error.text);
    return select;
}

static void check_passes(const char *where, const char *wanted) {
    sample s = {{0}, {false}};
    const zf_expression_rows rows = {.n = N_SAMPLE_ROWS, .value = sample_value, .user = &s};
    zf_expressions *select = compile(where);
    uint8_t passes[N_SAMPLE_ROWS];
    char got[N_SAMPLE_ROWS + 1] = {0};
    memset(passes, 0xAA, sizeof passes);
    assert_int_equal(zf_expressions_run(select, &rows, passes, NULL), ZF_OK);
    for (int r = 0; r < N_SAMPLE_ROWS; r++)
        got[r] = (char)('0' + passes[r]);
    if (strcmp(got, wanted) != 0)
        fail_msg("%s: %s instead of %s", where, got, wanted);
    zf_expressions_destroy(select);
}

/* ---- the same expressions on a real table in plain SQLite ---- */

static const char *const expressions[] = {
    "height > 10",
    "height >= 10 AND fid < 5",
    "height > 10 OR name = 'house'",
    "NOT (height > 10)",
    "height IS NULL",
    "height",
    "name",
    "born",
    "picture",
    "NULL",
    "1",
    "0",
    "0.5",
    "'0.5'",
    "'x'",
    "height = '10'",
    "fid = '3'",
    "name = 12",
    "name = '12'",
    "is_old = TRUE",
    "is_old",
    "NOT is_old",
    "is_old IS NOT TRUE",
    "name LIKE 'a%'",
    "name LIKE '%\xC3\x9F_'",
    "\"OTHER INFO\" LIKE '100!%' ESCAPE '!'",
    "\"OTHER INFO\" = 'it''s'",
    "[OTHER INFO] = 'x' AND `name` = ''",
    "name GLOB '[A-Z]*'",
    "name || \"OTHER INFO\" = 'Abbeyx'",
    "name || born || \"OTHER INFO\" LIKE '%1x'",
    "length(name) > 4",
    "upper(name) IN ('ABBEY', 'HOUSE')",
    "fid IN (1, 2, 3.0, '4')",
    "fid NOT IN (1, NULL)",
    "fid BETWEEN 2 AND 4",
    "COALESCE(name, born) > '2'",
    "CASE WHEN fid < 3 THEN height ELSE fid END > 4",
    "CASE fid WHEN 1 THEN 'a' WHEN 2 THEN NULL END IS NULL",
    "born >= '2020-01-01'",
    "strftime('%Y', born) = '2020'",
    "date(born, '+1 day') = '2020-03-01'",
    "date(born, 'start of month', '+1 month', '-1 day') = '2020-02-29'",
    "julianday(born) > 2458000 AND date(born) < date('2020-02-01')",
    "unixepoch(born) > unixepoch('2000-01-01')",
    "time(fid * 3600, 'unixepoch') > '03:00:00'",
    "datetime(name) IS NULL",
    "\"order\" < 0",
    "\"order\" + 1 > 0",
    "\"order\" / 2 > 3",
    "\"order\" % 7 = 0",
    "fid / 0 IS NULL",
    "CAST(height AS INTEGER) = 5",
    "CAST(height AS TEXT) = '10.0'",
    "typeof(height) = 'real'",
    "typeof(picture) = 'blob' AND length(picture) = 3",
    "picture = x'00ff07'",
    "hex(picture) = '00FF07'",
    "sqrt(height) > 3",
    "pow(height, 2) > 30 AND ln(height) < 700",
    "round(height) = 6",
    "max(height, fid) = fid",
    "min(height, 3, fid)",
    "abs(height) > 5",
    "height * 1e10 > 1e305",
    "iif(fid = 1, NULL, 1)",
    "nullif(fid, 3) IS NULL",
    "instr(name, 'us')",
    "substr(born, 1, 4) = '2020'",
    "replace(name, 'b', '') = 'Aey'",
    "printf('%05.1f', height) = '012.2'",
    "json_extract('{\"a\":[1,2,3]}', '$.a[2]') = fid",
    "'{\"a\":3}' ->> 'a' = fid",
    "fid = 1 -- a comment",
    "fid = 1 /* ) ; ' */ OR fid = 2",
    "fid\n=\n3",
    "building.height > 10",
    "(fid, height) = (1, 0)",
    "name COLLATE NOCASE = 'ABBEY'",
    "name = 'a;b' OR name = 'c)d' OR name = '(('",
    "name ISNULL",
    "~fid & 1",
    "fid << 2 > 12",
    "-height > 0",
    "height > 0 AND \"order\" > 0 OR height IS NULL AND fid",
};

static sqlite3 *plain_table(void) {
    sqlite3 *db = NULL;
    sqlite3_stmt *insert = NULL;
    sample s = {{0}, {false}};
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "CREATE TABLE building(fid INTEGER, height REAL, name TEXT, \"OTHER INFO\" "
                                  "TEXT, born TEXT, \"order\" "
                                  "INTEGER, is_old INTEGER, picture BLOB)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "INSERT INTO building VALUES(?,?,?,?,?,?,?,?)", -1, &insert, NULL), SQLITE_OK);
    for (size_t r = 0; r < N_SAMPLE_ROWS; r++) {
        for (int c = FID; c <= PICTURE; c++) {
            zf_value v = sample_value(&s, r, (size_t)c);
            if (v.kind == ZF_VALUE_INTEGER)
                sqlite3_bind_int64(insert, c + 1, v.as.integer);
            else if (v.kind == ZF_VALUE_REAL)
                sqlite3_bind_double(insert, c + 1, v.as.real);
            else if (v.kind == ZF_VALUE_TEXT)
                sqlite3_bind_text(insert, c + 1, (const char *)v.as.bytes.bytes, (int)v.as.bytes.n,
                                  SQLITE_TRANSIENT);
            else if (v.kind == ZF_VALUE_BLOB)
                sqlite3_bind_blob(insert, c + 1, v.as.bytes.bytes, (int)v.as.bytes.n, SQLITE_TRANSIENT);
            else
                sqlite3_bind_null(insert, c + 1);
        }
        assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    return db;
}

static void ask_plain_table(sqlite3 *db, const char *expression, char out[N_SAMPLE_ROWS + 1]) {
    sqlite3_stmt *statement = NULL;
    char *sql = sqlite3_mprintf("SELECT rowid FROM building WHERE %s", expression);
    memset(out, '0', N_SAMPLE_ROWS);
    out[N_SAMPLE_ROWS] = '\0';
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW)
        out[sqlite3_column_int(statement, 0) - 1] = '1';
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    sqlite3_free(sql);
}

static void answers_are_those_of_plain_sqlite(void **state) {
    (void)state;
    sqlite3 *db = plain_table();
    size_t n_mixed = 0;
    for (size_t e = 0; e < sizeof expressions / sizeof expressions[0]; e++) {
        char wanted[N_SAMPLE_ROWS + 1];
        ask_plain_table(db, expressions[e], wanted);
        n_mixed += strchr(wanted, '0') != NULL && strchr(wanted, '1') != NULL;
        check_passes(expressions[e], wanted);
    }
    assert_true(n_mixed > 50); /* the expressions do tell rows apart */
    sqlite3_close(db);
}

static void null_is_not_true(void **state) {
    (void)state;
    check_passes("height > 5", "010111");
    check_passes("NOT height > 5", "100000");
    check_passes("name = NULL", "000000");
}

static void an_expression_without_columns_is_asked_for_every_row(void **state) {
    (void)state;
    check_passes("1", "111111");
    check_passes("1 = 2", "000000");
    check_passes("abs(-1)", "111111");
    check_passes("date('2020-01-01', '+1 day') = '2020-01-02'", "111111");
}

static void only_columns_in_use_are_touched(void **state) {
    (void)state;
    sample s = {{0}, {false}};
    const zf_expression_rows rows = {.n = N_SAMPLE_ROWS, .value = sample_value, .user = &s};
    uint8_t passes[N_SAMPLE_ROWS];
    zf_expressions *select = compile("Name LIKE 'a%' OR \"other info\" > 'a' OR coalesce(BORN, 1)");
    for (size_t c = 0; c < N_SAMPLE_COLUMNS; c++)
        assert_int_equal(zf_expressions_use(select, c), c == NAME || c == INFO || c == BORN);
    assert_false(zf_expressions_use(select, N_SAMPLE_COLUMNS));
    assert_int_equal(zf_expressions_run(select, &rows, passes, NULL), ZF_OK);
    for (size_t c = 0; c < N_SAMPLE_COLUMNS; c++)
        assert_true(!s.was_touched[c] || zf_expressions_use(select, c));
    zf_expressions_destroy(select);
}

static void of_columns_with_one_name_the_first_is_meant(void **state) {
    (void)state;
    zf_expressions *select = compile("HEIGHT > 10");
    assert_true(zf_expressions_use(select, HEIGHT));
    assert_false(zf_expressions_use(select, HEIGHT_AGAIN));
    zf_expressions_destroy(select);
}

static void without_a_condition_every_row_passes(void **state) {
    (void)state;
    uint8_t passes[3] = {0, 7, 0};
    const zf_expression_rows rows = {.n = 3, .value = sample_value, .user = NULL};
    zf_expressions *select = NULL;
    assert_int_equal(sample_create(NULL, &select, NULL), ZF_OK);
    for (size_t c = 0; c < N_SAMPLE_COLUMNS; c++)
        assert_false(zf_expressions_use(select, c));
    assert_int_equal(zf_expressions_run(select, &rows, passes, NULL), ZF_OK);
    assert_memory_equal(passes, "\1\1\1", 3);
    zf_expressions_destroy(select);
    select = compile("1");
    zf_expressions_destroy(select);
    zf_expressions_destroy(NULL);
}

static void no_rows_are_legal(void **state) {
    (void)state;
    const zf_expression_rows rows = {.n = 0, .value = sample_value, .user = NULL};
    zf_expressions *select = compile("height > 10");
    assert_int_equal(zf_expressions_run(select, &rows, NULL, NULL), ZF_OK);
    zf_expressions_destroy(select);
}

static void runs_do_not_remember_each_other(void **state) {
    (void)state;
    zf_expressions *select = compile("abs(\"order\") = 42 OR fid = 1");
    for (int k = 0; k < 3; k++) {
        sample s = {{0}, {false}};
        uint8_t passes[N_SAMPLE_ROWS];
        zf_expression_rows rows = {.n = 4, .value = sample_value, .user = &s};
        assert_int_equal(zf_expressions_run(select, &rows, passes, NULL), ZF_OK);
        assert_memory_equal(passes, "\1\0\0\0", 4);
        rows.n = 6; /* row 4 overflows abs() */
        assert_int_equal(zf_expressions_run(select, &rows, passes, NULL), ZF_E_USAGE);
    }
    zf_expressions_destroy(select);
}

static void two_at_once_do_not_meet(void **state) {
    (void)state;
    sample s = {{0}, {false}};
    const zf_expression_rows rows = {.n = N_SAMPLE_ROWS, .value = sample_value, .user = &s};
    uint8_t passes[N_SAMPLE_ROWS];
    zf_expressions *a = compile("fid = 1"), *b = compile("CASE WHEN fid = 2 THEN datetime('now') END");
    assert_int_equal(zf_expressions_run(b, &rows, passes, NULL), ZF_E_USAGE);
    assert_int_equal(zf_expressions_run(a, &rows, passes, NULL), ZF_OK);
    zf_expressions_destroy(a);
    assert_int_equal(zf_expressions_run(b, &rows, passes, NULL), ZF_E_USAGE);
    zf_expressions_destroy(b);
}

static void the_process_keeps_its_clock_and_its_files(void **state) {
    (void)state;
    sqlite3 *db = NULL;
    const sqlite3_vfs *before = sqlite3_vfs_find(NULL);
    zf_expressions *select = compile("fid = 1");
    sqlite3_stmt *statement = NULL;
    assert_ptr_equal(sqlite3_vfs_find(NULL), before);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT datetime('now') > '2020'", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(statement, 0), 1);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    zf_expressions_destroy(select);
    assert_ptr_equal(sqlite3_vfs_find(NULL), before);
}

static void two_thousand_columns_can_be_spoken_of(void **state) {
    (void)state;
    enum { N = 2000 };
    static char names[N][24];
    static zf_column columns[N];
    for (int c = 0; c < N; c++) {
        snprintf(names[c], sizeof names[c], "field %d", c);
        columns[c] = (zf_column){names[c], ZF_FIELD_INTEGER};
    }
    zf_expressions *select = NULL;
    const zf_expressions_options options = {
        .columns = columns, .n_columns = N, .where = "\"field 1999\" > 0 AND [FIELD 0] = 1"};
    assert_int_equal(zf_expressions_create(&options, NULL, &select, NULL), ZF_OK);
    for (size_t c = 0; c < N; c++)
        assert_int_equal(zf_expressions_use(select, c), c == 0 || c == N - 1);
    zf_expressions_destroy(select);
}

static void without_columns_there_is_still_arithmetic(void **state) {
    (void)state;
    zf_expressions *select = NULL;
    const zf_expressions_options options = {.columns = NULL, .n_columns = 0, .where = "1 + 1 = 2"};
    const zf_expression_rows rows = {.n = 2, .value = sample_value, .user = NULL};
    uint8_t passes[2] = {0, 0};
    assert_int_equal(zf_expressions_create(&options, NULL, &select, NULL), ZF_OK);
    assert_int_equal(zf_expressions_run(select, &rows, passes, NULL), ZF_OK);
    assert_memory_equal(passes, "\1\1", 2);
    zf_expressions_destroy(select);
}

static void names_may_hold_anything(void **state) {
    (void)state;
    static const zf_column columns[] = {{"a\"b", ZF_FIELD_INTEGER},
                                        {"", ZF_FIELD_INTEGER},
                                        {"x); DROP TABLE y; --", ZF_FIELD_INTEGER},
                                        {"'", ZF_FIELD_INTEGER},
                                        {"h\xC3\xB6he", ZF_FIELD_REAL},
                                        {"", ZF_FIELD_TEXT}};
    zf_expressions *select = NULL;
    const zf_expressions_options options = {
        .columns = columns,
        .n_columns = 6,
        .where = "\"a\"\"b\" + \"x); DROP TABLE y; --\" + [h\xC3\xB6he] > \"'\""};
    assert_int_equal(zf_expressions_create(&options, NULL, &select, NULL), ZF_OK);
    for (size_t c = 0; c < 6; c++)
        assert_int_equal(zf_expressions_use(select, c), c == 0 || c == 2 || c == 3 || c == 4);
    zf_expressions_destroy(select);
}

/* ---- cancelling ---- */

typedef struct patience {
    int n_asked;
    int limit;
} patience;

static bool is_out_of_patience(void *user) {
    patience *p = user;
    return p->n_asked++ >= p->limit;
}

static zf_value one(void *user, size_t row, size_t column) {
    (void)user, (void)row, (void)column;
    return zf_value_integer(1);
}

static void a_run_can_be_cancelled_before_and_within(void **state) {
    (void)state;
    enum { N = 2000000 };
    uint8_t *passes = malloc(N);
    assert_non_null(passes);
    const zf_expression_rows rows = {.n = N, .value = one, .user = NULL};
    for (int limit = 0; limit < 40; limit += 13) {
        patience p = {0, INT32_MAX};
        zf_error error = ZF_ERROR_INIT;
        const zf_callbacks callbacks = {.is_cancelled = is_out_of_patience, .user = &p};
        const zf_expressions_options options = {
            .columns = sample_columns, .n_columns = 2, .where = "fid > 0 AND height > 0"};
        zf_expressions *select = NULL;
        assert_int_equal(zf_expressions_create(&options, &callbacks, &select, NULL), ZF_OK);
        p = (patience){0, limit};
        assert_int_equal(zf_expressions_run(select, &rows, passes, &error), ZF_E_CANCELLED);
        assert_int_equal(error.status, ZF_E_CANCELLED);
        assert_int_equal(p.n_asked, limit + 1);
        p.limit = INT32_MAX;
        assert_int_equal(zf_expressions_run(select, &rows, passes, NULL), ZF_OK); /* and taken up again */
        assert_int_equal(passes[N - 1], 1);
        zf_expressions_destroy(select);
    }
    free(passes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_those_of_plain_sqlite),
        cmocka_unit_test(null_is_not_true),
        cmocka_unit_test(an_expression_without_columns_is_asked_for_every_row),
        cmocka_unit_test(only_columns_in_use_are_touched),
        cmocka_unit_test(of_columns_with_one_name_the_first_is_meant),
        cmocka_unit_test(without_a_condition_every_row_passes),
        cmocka_unit_test(no_rows_are_legal),
        cmocka_unit_test(runs_do_not_remember_each_other),
        cmocka_unit_test(two_at_once_do_not_meet),
        cmocka_unit_test(the_process_keeps_its_clock_and_its_files),
        cmocka_unit_test(two_thousand_columns_can_be_spoken_of),
        cmocka_unit_test(without_columns_there_is_still_arithmetic),
        cmocka_unit_test(names_may_hold_anything),
        cmocka_unit_test(a_run_can_be_cancelled_before_and_within),
    };
    return cmocka_run_group_tests_name("select", tests, NULL, NULL);
}
