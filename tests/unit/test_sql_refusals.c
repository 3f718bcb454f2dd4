/* SPDX-License-Identifier: MIT */
/* What an expression may not do, and what is said about it. */
#include "expression_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h> /* wants those above */

typedef struct refusal {
    const char *where;
    const char *says; /* part of the text */
} refusal;

static void check_refusals(const refusal *refusals, size_t n) {
    for (size_t i = 0; i < n; i++) {
        zf_expressions *select = NULL;
        zf_error error = ZF_ERROR_INIT;
        if (sample_create(refusals[i].where, &select, &error) != ZF_E_USAGE || select != NULL)
            fail_msg("not refused: %s", refusals[i].where);
        if (strstr(error.text, refusals[i].says) == NULL)
            fail_msg("%s: '%s' does not say '%s'", refusals[i].where, error.text, refusals[i].says);
        if (strstr(error.text, "`where`") == NULL || error.status != ZF_E_USAGE)
            fail_msg("%s: '%s' does not name the option", refusals[i].where, error.text);
    }
}
#define CHECK_REFUSALS(refusals) check_refusals(refusals, sizeof(refusals) / sizeof(refusals)[0])

static void an_expression_cannot_leave_its_parentheses(void **state) {
    (void)state;
    static const refusal refusals[] = {
        {"1) OR (1", "a parenthesis is closed that was not opened (at character 2: ) OR (1)"},
        {"1) LIMIT (0", "not opened"},
        {"1) UNION SELECT (1", "not opened"},
        {"1) THEN 1 END) OR zf_keep((1", "not opened"},
        {"fid IN (1)) OR (1", "not opened"},
        {"'(' = '(') OR (1", "not opened"},
        {"/* ( */ 1) OR (1", "not opened"},
        {"-- (\n1) OR (1", "not opened"},
        {"[(] = 1) OR (1", "not opened"},
        {"`(` = 1) OR (1", "not opened"},
        {"\"(\" = 1) OR (1", "not opened"},
        {"'it''s (' = 1) OR (1", "not opened"},
        {"(1", "a parenthesis is not closed (at character 1: (1)"},
        {"fid IN (1, (2)", "not closed"},
        {"'a", "a text in single quotes is not closed (at character 1: 'a)"},
        {"'a''", "not closed"},
        {"\"fid", "a quoted name is not closed"},
        {"[fid", "a quoted name is not closed"},
        {"`fid", "a quoted name is not closed"},
        {"1 /* a", "a comment is not closed (at character 3: /* a)"},
        {"1 /*/", "a comment is not closed"},
        {"1; DROP TABLE building", "without a semicolon (at character 2: ; DROP TABLE building)"},
        {"1;", "without a semicolon"},
        {";", "without a semicolon"},
        {"", "it is empty"},
        {" \t\n", "it is empty"},
        {"-- 1", "it is empty"},
        {"/* 1 */", "it is empty"},
        {"1 AS x", "syntax error"},
        {"1, 2", "row value misused"},
        {"*", "near \"*\": syntax error"},
        {"1 FROM building", "near \"FROM\": syntax error"},
        {"1 THEN 1", "near \"THEN\": syntax error"},
        {"1 END", "near \"END\": syntax error"},
        {"#1", "syntax error"},
    };
    CHECK_REFUSALS(refusals);
}

static void an_expression_sees_nothing_but_its_row(void **state) {
    (void)state;
    static const refusal refusals[] = {
        {"(SELECT 1)", "subquery"},
        {"SELECT 1", "subquery"},
        {"EXISTS (SELECT 1)", "subquery"},
        {"NOT EXISTS (SELECT * FROM sqlite_schema)", "cannot use"},
        {"fid IN (SELECT 1)", "subquery"},
        {"fid IN (VALUES (1))", "subquery"},
        {"fid = (SELECT max(fid) FROM building)", "cannot use"},
        {"WITH t AS (SELECT 1) SELECT 1", "subquery"},
        {"VALUES (1)", "subquery"},
        {"fid IN sqlite_schema", "cannot use"},
        {"fid IN json_each('[1]')", "cannot use"},
        {"fid IN pragma_table_list", "cannot use"},
        {"other.height > 1", "no such column: other.height"},
        {"temp.building.height > 1", "no such column"},
        {"rowid = 1", "no such column"},
        {"oid = 1", "no such column"},
        {"_rowid_ = 1", "no such column"},
        {"building = 1", "no such column: building"},
        {"RAISE(ABORT, 'x')", "RAISE()"},
    };
    CHECK_REFUSALS(refusals);
}

static void a_table_of_one_column_is_no_set_either(void **state) {
    (void)state;
    zf_expressions *select = NULL;
    zf_error error = ZF_ERROR_INIT;
    const zf_expressions_options options = {
        .columns = sample_columns, .n_columns = 1, .where = "fid IN building"};
    assert_int_equal(zf_expressions_create(&options, NULL, &select, &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, "subquery"));
}

static void a_column_called_rowid_is_a_column_and_oid_is_none(void **state) {
    (void)state;
    static const zf_column columns[] = {{"rowid", ZF_FIELD_INTEGER}};
    zf_expressions *select = NULL;
    zf_expressions_options options = {.columns = columns, .n_columns = 1, .where = "rowid > 1"};
    assert_int_equal(zf_expressions_create(&options, NULL, &select, NULL), ZF_OK);
    assert_true(zf_expressions_use(select, 0));
    zf_expressions_destroy(select);
    select = NULL;
    options.where = "oid > 1";
    assert_int_equal(zf_expressions_create(&options, NULL, &select, NULL), ZF_E_USAGE);
    assert_null(select);
}

static void an_expression_sees_one_row_at_a_time(void **state) {
    (void)state;
    static const refusal refusals[] = {
        {"sum(height) > 1", "sum() needs many rows"},
        {"count(*) > 1", "count() needs many rows"},
        {"avg(height) > 1", "many rows"},
        {"max(height) > 1", "many rows"},
        {"min(height) > 1", "many rows"},
        {"group_concat(name) = ''", "many rows"},
        {"row_number() OVER () > 1", "many rows"},
        {"lag(fid) OVER (ORDER BY fid) > 1", "many rows"},
        {"max(height) OVER () > 1", "many rows"},
        {"sum(height) FILTER (WHERE 1) > 1", "many rows"},
        {"json_group_array(fid) = ''", "many rows"},
    };
    CHECK_REFUSALS(refusals);
}

static void only_functions_of_their_arguments_are_allowed(void **state) {
    (void)state;
    static const refusal refusals[] = {
        {"random() > 1", "the function random() is not allowed"},
        {"RANDOMBLOB(4) > 1", "randomblob() is not allowed"},
        {"load_extension('x')", "load_extension() is not allowed"},
        {"coalesce(1, load_extension('x', 'y'))", "load_extension() is not allowed"},
        {"changes() > 1", "changes() is not allowed"},
        {"total_changes() > 1", "total_changes() is not allowed"},
        {"last_insert_rowid() > 1", "last_insert_rowid() is not allowed"},
        {"sqlite_version() > 1", "sqlite_version() is not allowed"},
        {"sqlite_source_id() > 1", "sqlite_source_id() is not allowed"},
        {"sqlite_compileoption_used('x')", "sqlite_compileoption_used() is not allowed"},
        {"zf_keep(1)", "zf_keep() is not allowed"},
        {"name MATCH 'x'", "match() is not allowed"},
        {"name REGEXP 'x'", "REGEXP"},
        {"lenght(name) > 3",
         "no such function: lenght (at character 1: lenght(name) > 3); perhaps length() is meant"},
        {"quite_unheard_of(name)", "no such function: quite_unheard_of"},
        {"length(name, 1)", "wrong number of arguments to function length()"},
        {"fid > ?1", "a parameter (?1)"},
        {"fid > ?", "a parameter (?)"},
        {"fid > :limit", "a parameter (:limit)"},
        {"fid > @limit", "a parameter (@limit)"},
        {"fid > $limit", "a parameter ($limit)"},
    };
    CHECK_REFUSALS(refusals);
}

static void the_clock_is_refused_before_the_first_row(void **state) {
    (void)state;
    static const refusal refusals[] = {
        {"born > CURRENT_DATE", "current_date asks for the present time"},
        {"born > current_time", "current_time asks for the present time"},
        {"born > CURRENT_TIMESTAMP", "current_timestamp asks for the present time"},
        {"born > date('now')", "present time"},
        {"born > DATE('NOW')", "present time"},
        {"born > date()", "present time"},
        {"born > datetime('now', '-1 year')", "present time"},
        {"born > time('now')", "present time"},
        {"julianday('now') > 1", "present time"},
        {"unixepoch('now') > 1", "present time"},
        {"strftime('%Y') > '2000'", "present time"},
        {"strftime('%Y', 'now') > '2000'", "present time"},
        {"date('n' || 'ow') > born", "present time"},
        {"coalesce(born, date('now')) > '2020'", "present time"},
        {"born > datetime('2020-01-01', 'localtime')", "time zone"},
        {"born > datetime('2020-01-01', 'UTC')", "time zone"},
        {"born > datetime('2020-01-01', 'local' || 'time')", "time zone"},
        {"born > datetime('2020-01-01', CAST('utc' AS BLOB))", "time zone"},
        {"julianday('2020-01-01', '+1 day', 'localtime') > 1", "time zone"},
    };
    CHECK_REFUSALS(refusals);
}

static zf_status run(const char *where, zf_error *error) {
    sample s = {{0}, {false}};
    const zf_expression_rows rows = {.n = N_SAMPLE_ROWS, .value = sample_value, .user = &s};
    uint8_t passes[N_SAMPLE_ROWS];
    zf_expressions *select = NULL;
    assert_int_equal(sample_create(where, &select, NULL), ZF_OK);
    zf_status st = zf_expressions_run(select, &rows, passes, error);
    zf_expressions_destroy(select);
    return st;
}

static void the_clock_is_refused_whenever_a_row_asks_for_it(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(run("CASE WHEN fid = 6 THEN date('now') END", &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, "present time"));
    error = (zf_error)ZF_ERROR_INIT;
    assert_int_equal(run("fid = 3 AND date(substr('know', 2 + fid - 3)) IS NULL", &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, "present time"));
    error = (zf_error)ZF_ERROR_INIT;
    assert_int_equal(run("CASE WHEN fid = 6 THEN date(born, 'localtime') END", &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, "time zone"));
}

static void a_failing_row_names_the_expression_and_what_sqlite_said(void **state) {
    (void)state;
    static const refusal failures[] = {
        {"abs(\"order\") > 1", "integer overflow"},
        {"CASE WHEN fid = 2 THEN zeroblob(100000000) END IS NULL", "string or blob too big"},
        {"CASE WHEN fid = 2 THEN json_extract('[', '$') END IS NULL", "malformed JSON"},
        {"name LIKE replace(hex(zeroblob(600)), '0', 'a') AND fid", "LIKE or GLOB pattern too complex"},
        {"fid = 2 AND \"OTHER INFO\" LIKE 'a' ESCAPE 'bc'", "ESCAPE expression must be a single character"},
    };
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        zf_error error = ZF_ERROR_INIT;
        assert_int_equal(run(failures[i].where, &error), ZF_E_USAGE);
        assert_int_equal(error.domain, ZF_DOMAIN_SQLITE);
        if (strstr(error.text, failures[i].says) == NULL || strstr(error.text, failures[i].where) == NULL ||
            strstr(error.text, "`where`") == NULL)
            fail_msg("%s", error.text);
    }
}

static void an_unknown_column_brings_the_nearest_one(void **state) {
    (void)state;
    static const refusal refusals[] = {
        {"heigth > 10", "no such column: heigth (at character 1: heigth > 10); perhaps height is meant"},
        {"fid = 1 AND nmae = 'x'",
         "no such column: nmae (at character 13: nmae = 'x'); perhaps name is meant"},
        {"'\xC3\xA4' = nmae", "(at character 7: nmae)"},
        {"[OTHER INF] = 'x'", "perhaps \"OTHER INFO\" is meant"},
        {"storeys > 3",
         "the columns are height, name, \"OTHER INFO\", born, \"order\", is_old, picture, tags, fid;"},
        {"storeys > 3", "names with spaces or other signs need double quotes"},
        {"name = \"Abbey\"", "no such column: Abbey"},
        {"name = \"Abbey\"", "a text stands in single quotes"},
        {"\"\" = 1", "no such column"},
        {"\"\x01"
         "9\" = 1",
         "no such column"}, /* what stands in for the second HEIGHT is out of reach */
        {"tags IS NULL", "the column tags is a list"},
    };
    CHECK_REFUSALS(refusals);
}

static void a_syntax_error_says_where_and_what_to_do(void **state) {
    (void)state;
    static const refusal refusals[] = {
        {"height > 10 10", "near \"10\": syntax error (at character 13: 10)"},
        {"height >", "it ends too early"},
        {"height > AND fid", "near \"AND\": syntax error (at character 10: AND fid)"},
        {"OTHER INFO = 'x'", "near \"INFO\": syntax error (at character 7: INFO = 'x'); this name needs "
                             "double quotes: \"OTHER INFO\""},
        {"order = 1", "syntax error (at character 1: order = 1); this name needs double quotes: \"order\""},
        {"height > 10\nand\n)", "The expression is: height > 10 and )"},
    };
    CHECK_REFUSALS(refusals);
}

static void a_very_long_expression_is_cut_in_the_message(void **state) {
    (void)state;
    char where[4000];
    zf_expressions *select = NULL;
    zf_error error = ZF_ERROR_INIT;
    snprintf(where, sizeof where, "fid  = "); /* the cut, after 200 bytes, would fall into a character */
    while (strlen(where) < sizeof where - 10)
        strcat(where, "\xC3\xA4\xC3\xB6");
    assert_int_equal(sample_create(where, &select, &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, "The expression is: fid  = \xC3\xA4"));
    assert_string_equal(error.text + strlen(error.text) - 5, "\xC3\xB6...");
}

static void what_would_take_the_machine_is_refused(void **state) {
    (void)state;
    size_t n = 3u << 20;
    char *where = malloc(n + 1);
    assert_non_null(where);
    zf_expressions *select = NULL;
    memset(where, ' ', n);
    where[0] = '1';
    where[n] = '\0';
    assert_int_equal(sample_create(where, &select, NULL), ZF_E_USAGE); /* longer than 1 MiB */
    memset(where, '(', 5000);
    where[5000] = '1';
    memset(where + 5001, ')', 5000);
    where[10001] = '\0';
    assert_int_equal(sample_create(where, &select, NULL), ZF_E_USAGE); /* deeper than SQLite goes */
    where[0] = '1';
    for (size_t i = 0; i < 2000; i++)
        memcpy(where + 1 + 2 * i, "+1", 3);
    assert_int_equal(sample_create(where, &select, NULL), ZF_E_USAGE);
    assert_null(select);
    free(where);
}

static void too_many_columns_are_said_to_be(void **state) {
    (void)state;
    enum { N = 2100 };
    static char names[N][24];
    static zf_column columns[N];
    for (int c = 0; c < N; c++) {
        snprintf(names[c], sizeof names[c], "c%d", c);
        columns[c] = (zf_column){names[c], ZF_FIELD_INTEGER};
    }
    zf_expressions *select = NULL;
    zf_error error = ZF_ERROR_INIT;
    const zf_expressions_options options = {.columns = columns, .n_columns = N, .where = "c1 > 0"};
    assert_int_equal(zf_expressions_create(&options, NULL, &select, &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, "2100 columns"));
}

static void of_many_columns_some_are_listed(void **state) {
    (void)state;
    static char names[20][8];
    static zf_column columns[20];
    for (int c = 0; c < 20; c++) {
        snprintf(names[c], sizeof names[c], "c%d", c % 20);
        columns[c] = (zf_column){names[c], ZF_FIELD_INTEGER};
    }
    zf_expressions *select = NULL;
    zf_error error = ZF_ERROR_INIT;
    const zf_expressions_options options = {.columns = columns, .n_columns = 20, .where = "storeys > 0"};
    assert_int_equal(zf_expressions_create(&options, NULL, &select, &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, "the columns are c0, c1, c2, "));
    assert_non_null(strstr(error.text, ", c11 and 8 more;"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_expression_cannot_leave_its_parentheses),
        cmocka_unit_test(an_expression_sees_nothing_but_its_row),
        cmocka_unit_test(a_table_of_one_column_is_no_set_either),
        cmocka_unit_test(a_column_called_rowid_is_a_column_and_oid_is_none),
        cmocka_unit_test(an_expression_sees_one_row_at_a_time),
        cmocka_unit_test(only_functions_of_their_arguments_are_allowed),
        cmocka_unit_test(the_clock_is_refused_before_the_first_row),
        cmocka_unit_test(the_clock_is_refused_whenever_a_row_asks_for_it),
        cmocka_unit_test(a_failing_row_names_the_expression_and_what_sqlite_said),
        cmocka_unit_test(an_unknown_column_brings_the_nearest_one),
        cmocka_unit_test(a_syntax_error_says_where_and_what_to_do),
        cmocka_unit_test(a_very_long_expression_is_cut_in_the_message),
        cmocka_unit_test(what_would_take_the_machine_is_refused),
        cmocka_unit_test(of_many_columns_some_are_listed),
        cmocka_unit_test(too_many_columns_are_said_to_be),
    };
    return cmocka_run_group_tests_name("select_refusals", tests, NULL, NULL);
}
