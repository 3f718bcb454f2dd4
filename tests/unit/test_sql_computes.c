/* SPDX-License-Identifier: MIT */
/* Computed columns and several conditions: their order, types, values, and what they may not be. */
#include "expression_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h> /* wants those above */

#include <sqlite3.h>

enum { MAX_RULES = 4 };

/* What a run gave: a column per compute, and how many rows each rule let through. */
typedef struct outcome {
    zf_arena arena;
    zf_expressions *select;
    sample sample;
    uint8_t passes[N_SAMPLE_ROWS];
    size_t passed[MAX_RULES];
    size_t n_rules;
} outcome;

static zf_value value_of(void *user, size_t row, size_t column) {
    return sample_value(&((outcome *)user)->sample, row, column);
}

static void note_rule(void *user, size_t rule, const uint8_t *passes) {
    outcome *o = user;
    assert_int_equal(rule, o->n_rules);
    for (size_t r = 0; r < N_SAMPLE_ROWS; r++)
        o->passed[rule] += passes[r];
    o->n_rules++;
}

static zf_expressions_options options_of(const zf_named_expression *computes, size_t n_computes,
                                         const zf_named_expression *rules, size_t n_rules) {
    return (zf_expressions_options){.columns = sample_columns,
                                    .n_columns = N_SAMPLE_COLUMNS,
                                    .computes = computes,
                                    .n_computes = n_computes,
                                    .rules = rules,
                                    .n_rules = n_rules};
}

static zf_status open_outcome(outcome *o, const zf_expressions_options *options, zf_error *error) {
    *o = (outcome){.select = NULL};
    zf_arena_init(&o->arena, NULL, ZF_MEMORY_BATCH, 1024);
    return zf_expressions_create(options, NULL, &o->select, error);
}

static zf_status run_outcome(outcome *o, zf_error *error) {
    const zf_expression_rows rows = {.n = N_SAMPLE_ROWS, .value = value_of, .user = o, .arena = &o->arena, .after_rule = note_rule};
    return zf_expressions_run(o->select, &rows, o->passes, error);
}

static void close_outcome(outcome *o) {
    zf_expressions_destroy(o->select);
    zf_arena_release(&o->arena);
}

static void assert_passes(const outcome *o, const char *wanted) {
    for (size_t r = 0; r < N_SAMPLE_ROWS; r++)
        assert_int_equal('0' + o->passes[r], wanted[r]);
}

/* ---- values and types against plain SQLite ---- */

static const char *const expressions[] = {
    "fid",
    "height",
    "name",
    "born",
    "is_old",
    "picture",
    "\"order\"",
    "[OTHER INFO]",
    "`other info`",
    "building.height",
    "building.\"order\"",
    "NULL",
    "TRUE",
    "1",
    "-1",
    "0x10",
    "1.5",
    ".5",
    "1e3",
    "9223372036854775807",
    "9223372036854775808",
    "'a'",
    "'it''s -- no comment'",
    "x'00ff'",
    "fid + 1",
    "fid+-1",
    "- fid",
    "-(fid)",
    "- - height",
    "+name",
    "-name",
    "~fid",
    "- ~ fid",
    "fid - 1 - 1",
    "fid * 2 / 3 % 2",
    "fid / 2.0",
    "height + fid",
    "height % 2",
    "name + 1",
    "name * fid",
    "picture + 1",
    "NULL + 1",
    "name || fid",
    "fid || 1",
    "fid || -1",
    "1 + 2 || 3",
    "'1' || 2 + 3",
    "height > 5",
    "height > 5 AND name",
    "NOT height",
    "name IS NULL",
    "name NOTNULL",
    "name NOT NULL",
    "name LIKE 'a%'",
    "name NOT LIKE 'a%'",
    "like('a%', name)",
    "glob('A*', name)",
    "fid IN (1, 2)",
    "fid BETWEEN 2 AND 3",
    "fid & 1",
    "fid | 1 + 1.5",
    "fid << 1",
    "fid = 1 OR 2.5",
    "(((fid)))",
    "((fid) + (1.5))",
    "(fid) + (2)",
    "name COLLATE NOCASE",
    "fid COLLATE BINARY + 1",
    "CASE WHEN height > 5 THEN 'big' ELSE 'small' END",
    "CASE WHEN height > 5 THEN 'big' END",
    "CASE fid WHEN 1 THEN 1 WHEN 2 THEN 2.5 ELSE NULL END",
    "CASE WHEN fid = 1 THEN fid ELSE fid * 2 END",
    "CASE WHEN fid = 1 THEN 'a' ELSE 1 END",
    "CASE WHEN CASE WHEN fid = 1 THEN 'x' END = 'x' THEN 1 ELSE CASE fid WHEN 2 THEN 2 END END + 1",
    "CASE WHEN fid = 3 THEN NULL END",
    "CAST(height AS INTEGER)",
    "CAST(height AS TEXT)",
    "CAST(fid AS REAL)",
    "CAST(fid AS NUMERIC)",
    "CAST(name AS BLOB)",
    "CAST(name AS VARCHAR(3))",
    "CAST(CASE WHEN fid = 1 THEN 'a' ELSE 1 END AS INTEGER)",
    "COALESCE(height, fid)",
    "coalesce(height, 0)",
    "ifnull(name, 'none')",
    "ifnull(name, 0)",
    "nullif(fid, 3)",
    "iif(fid > 2, 'a', 'b')",
    "iif(fid > 2, 1, 2.5)",
    "max(fid, 3)",
    "min(height, fid)",
    "max(name, 'b')",
    "abs(height)",
    "abs(fid - 3)",
    "abs(name)",
    "ceil(height)",
    "floor(fid)",
    "trunc(fid / 2.0)",
    "round(height, 1)",
    "round(fid)",
    "sqrt(fid)",
    "pow(fid, 2)",
    "ln(fid)",
    "pi()",
    "mod(fid, 2)",
    "sign(height)",
    "length(name)",
    "instr(name, 'e')",
    "unicode(name)",
    "upper(name)",
    "substr(name, 1, 2)",
    "substr(picture, 1, 1)",
    "substr(fid * 100, 1, 1)",
    "replace(name, 'a', 'b')",
    "trim(name)",
    "hex(picture)",
    "quote(name)",
    "typeof(name)",
    "char(65 + fid)",
    "printf('%05.1f', height)",
    "printf('%-8s|%+d|%.3c|%*d|%.*f|%q|%%|%x|%,d|%lld', name, fid, name, 7, fid, 2, height, name, fid, "
    "1000000, "
    "fid)",
    "printf('%.*c|%s|%-*.*c|', fid, name, picture, -9, -2, name)",
    "printf(name)",
    "printf()",
    "printf(NULL, 1)",
    "printf('%c%c%y%d', name, height, 1)",
    "printf('%s %s', 'utc', 'localtime')",
    "printf('%.1000000c', name) = replace(hex(zeroblob(500000)), '0', substr(name, 1, 1))",
    "zeroblob(fid)",
    "date(born, '+1 day')",
    "strftime('%Y', born)",
    "CAST(strftime('%Y', born) AS INTEGER)",
    "julianday(born)",
    "unixepoch(born)",
    "'{\"a\":[1,2.5,\"x\"]}' -> 'a'",
    "'{\"a\":3}' ->> 'a'",
    "json_extract('{\"a\":3.5}', '$.a')",
    "json_array_length('[1,2]')",
    "json_array(fid, name)",
    "likely(fid)",
    "\"abs\"(fid)",
    "fid /* a ) comment ' */ + 1 -- 2.5",
    "fid\n+\n1",
    "'\xF0\x9F\x8F\xA0' || name",
};
enum { N_EXPRESSIONS = sizeof expressions / sizeof expressions[0] };

static sqlite3 *plain_table(void) {
    sqlite3 *db = NULL;
    sqlite3_stmt *insert = NULL;
    sample s = {{0}, {false}};
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "CREATE TABLE building(fid INTEGER, height REAL, name TEXT, \"OTHER INFO\" "
                                  "TEXT, born TEXT, \"order\" INTEGER, is_old INTEGER, picture BLOB)",
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

/* A value of ours, of its column's type, against SQLite's: equal but for integers that became reals and
 * numbers that became texts. */
static void check_value(const char *expression, zf_field_type type, const zf_value *mine,
                        sqlite3_stmt *theirs) {
    int kind = sqlite3_column_type(theirs, 0);
    bool is_same = false;
    if (kind == SQLITE_NULL)
        is_same = mine->kind == ZF_VALUE_NULL;
    else if (type == ZF_FIELD_INTEGER)
        is_same = kind == SQLITE_INTEGER && mine->kind == ZF_VALUE_INTEGER &&
                  mine->as.integer == sqlite3_column_int64(theirs, 0);
    else if (type == ZF_FIELD_REAL)
        is_same = (kind == SQLITE_INTEGER || kind == SQLITE_FLOAT) && mine->kind == ZF_VALUE_REAL &&
                  mine->as.real == sqlite3_column_double(theirs, 0);
    else {
        const void *bytes = type == ZF_FIELD_TEXT ? (const void *)sqlite3_column_text(theirs, 0)
                                                  : sqlite3_column_blob(theirs, 0);
        size_t n = (size_t)sqlite3_column_bytes(theirs, 0);
        is_same = (kind == SQLITE_BLOB) == (type == ZF_FIELD_BLOB) &&
                  mine->kind == (type == ZF_FIELD_TEXT ? ZF_VALUE_TEXT : ZF_VALUE_BLOB) &&
                  mine->as.bytes.n == n && (n == 0 || memcmp(mine->as.bytes.bytes, bytes, n) == 0);
    }
    if (!is_same)
        fail_msg("%s: another value, or of another type than %s", expression, zf_field_type_name(type));
}

static void values_and_types_are_those_of_plain_sqlite(void **state) {
    (void)state;
    sqlite3 *db = plain_table();
    size_t n_of_type[ZF_FIELD_TYPE_END] = {0};
    for (size_t e = 0; e < N_EXPRESSIONS; e++) {
        const zf_named_expression compute = {"x", expressions[e]};
        const zf_expressions_options options = options_of(&compute, 1, NULL, 0);
        zf_error error = ZF_ERROR_INIT;
        outcome o;
        sqlite3_stmt *statement = NULL;
        if (open_outcome(&o, &options, &error) != ZF_OK || run_outcome(&o, &error) != ZF_OK)
            fail_msg("%s: %s", expressions[e], error.text);
        assert_passes(&o, "111111");
        n_of_type[zf_expressions_type(o.select, 0)]++;
        char *sql = sqlite3_mprintf("SELECT (%s\n) FROM building ORDER BY rowid", expressions[e]);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
        for (size_t r = 0; r < N_SAMPLE_ROWS; r++) {
            zf_value mine = zf_expressions_value(o.select, r, 0);
            assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
            check_value(expressions[e], zf_expressions_type(o.select, 0), &mine, statement);
        }
        sqlite3_finalize(statement);
        sqlite3_free(sql);
        close_outcome(&o);
    }
    assert_true(n_of_type[ZF_FIELD_INTEGER] > 30 && n_of_type[ZF_FIELD_REAL] > 20 &&
                n_of_type[ZF_FIELD_TEXT] > 30 && n_of_type[ZF_FIELD_BLOB] > 3);
    sqlite3_close(db);
}

static zf_field_type type_of(const char *expression) {
    const zf_named_expression compute = {"x", expression};
    const zf_expressions_options options = options_of(&compute, 1, NULL, 0);
    outcome o;
    assert_int_equal(open_outcome(&o, &options, NULL), ZF_OK);
    zf_field_type type = zf_expressions_type(o.select, 0);
    close_outcome(&o);
    return type;
}

static void a_type_is_as_narrow_as_the_form_allows(void **state) {
    (void)state;
    static const struct {
        const char *expression;
        zf_field_type type;
    } cases[] = {
        {"fid", ZF_FIELD_INTEGER},
        {"fid + 1", ZF_FIELD_INTEGER},
        {"fid / 10 * 10", ZF_FIELD_INTEGER},
        {"fid * 1.0", ZF_FIELD_REAL},
        {"height > 5", ZF_FIELD_INTEGER},
        {"name IS NOT NULL AND height", ZF_FIELD_INTEGER},
        {"CASE WHEN height > 5 THEN 'a' END", ZF_FIELD_TEXT},
        {"CASE WHEN height > 5 THEN 1 ELSE 2 END", ZF_FIELD_INTEGER},
        {"CASE WHEN height > 5 THEN 1 ELSE height END", ZF_FIELD_REAL},
        {"CASE name WHEN 'a' THEN 1 END", ZF_FIELD_INTEGER},
        {"COALESCE(height, 0)", ZF_FIELD_REAL},
        {"round(height)", ZF_FIELD_REAL},
        {"CAST(round(height) AS INT)", ZF_FIELD_INTEGER},
        {"born || ''", ZF_FIELD_TEXT},
        {"abs(fid)", ZF_FIELD_INTEGER},
        {"max(fid, 2)", ZF_FIELD_INTEGER},
        {"iif(height > 1, fid, NULL)", ZF_FIELD_INTEGER},
        {"picture", ZF_FIELD_BLOB},
        {"'{}' ->> 'a'", ZF_FIELD_TEXT},
        {"NULL", ZF_FIELD_TEXT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (type_of(cases[i].expression) != cases[i].type)
            fail_msg("%s: %s", cases[i].expression, zf_field_type_name(type_of(cases[i].expression)));
}

static char *repeat(const char *open, const char *middle, const char *close, size_t n) {
    zf_text text = {0};
    for (size_t i = 0; i < n; i++)
        zf_text_append(&text, open);
    zf_text_append(&text, middle);
    for (size_t i = 0; i < n; i++)
        zf_text_append(&text, close);
    assert_false(text.is_failed);
    return text.bytes;
}

static void deep_and_long_forms_are_no_danger(void **state) {
    (void)state;
    static const char *const shapes[][3] = {
        {"(", "1", ")"},
        {"-", "1", ""},
        {"- ", "1", ""},
        {"abs(", "1", ")"},
        {"CASE WHEN 1 THEN ", "1", " END"},
        {"", "1", "+1"},
        {"1||", "1", ""},
        {"CASE ", "1", ""},
        {"NOT ", "1", ""},
        {"-(", "1", ")"},
        {"x.", "x", ""},
        {"[", "x", "]"},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        for (size_t n = 50; n <= 50000; n *= 10) {
            char *text = repeat(shapes[i][0], shapes[i][1], shapes[i][2], n);
            const zf_named_expression compute = {"x", text};
            const zf_expressions_options options = options_of(&compute, 1, NULL, 0);
            outcome o;
            zf_status st = open_outcome(&o, &options, NULL);
            assert_true(st == ZF_OK || st == ZF_E_USAGE);
            close_outcome(&o);
            free(text);
        }
}

/* ---- order ---- */

static void columns_build_on_each_other_and_conditions_on_columns(void **state) {
    (void)state;
    static const zf_named_expression computes[] = {
        {"double", "fid * 2"},
        {"label", "name || ':' || double"},
        {"my sum", "\"DOUBLE\" + [label] || length(label)"},
    };
    static const zf_named_expression rules[] = {
        {"even", "double % 4 = 0"},
        {"labelled", "label LIKE '%:%'"},
        {"large", "\"my sum\" > '4'"},
    };
    const zf_expressions_options options = options_of(computes, 3, rules, 3);
    outcome o;
    assert_int_equal(open_outcome(&o, &options, NULL), ZF_OK);
    assert_true(zf_expressions_use(o.select, FID) && zf_expressions_use(o.select, NAME));
    assert_false(zf_expressions_use(o.select, HEIGHT));
    assert_int_equal(run_outcome(&o, NULL), ZF_OK);
    zf_value label = zf_expressions_value(o.select, 3, 1);
    assert_int_equal(label.as.bytes.n, 7);
    assert_memory_equal(label.as.bytes.bytes, "house:8", 7);
    assert_int_equal(zf_expressions_value(o.select, 1, 1).kind, ZF_VALUE_NULL);
    assert_int_equal(zf_expressions_value(o.select, 5, 0).as.integer, 12);
    assert_int_equal(o.n_rules, 3);
    assert_int_equal(o.passed[0], 3); /* rows 2, 4, 6 */
    assert_int_equal(o.passed[1], 2); /* row 2 has no name */
    assert_passes(&o, "000101");
    close_outcome(&o);
}

static void a_rule_sees_only_what_passed_the_rules_before_it(void **state) {
    (void)state;
    static const zf_named_expression rules[] = {
        {"no overflow", "\"order\" > -9223372036854775807"},
        {"abs", "abs(\"order\") <> 42"},
        {"nothing", "height IS NULL AND height IS NOT NULL"},
        {"not even asked", "json_extract('[', '$')"},
    };
    zf_expressions_options options = options_of(NULL, 0, rules, 4);
    options.where = "fid < 6";
    outcome o;
    zf_error error = ZF_ERROR_INIT;
    options.n_rules = 3;
    assert_int_equal(open_outcome(&o, &options, NULL), ZF_OK);
    assert_int_equal(run_outcome(&o, &error), ZF_OK);
    const size_t wanted[] = {5, 4, 4, 0};
    assert_memory_equal(o.passed, wanted, sizeof wanted);
    assert_passes(&o, "000000");
    close_outcome(&o);
    options.where = NULL;
    options.rules = rules + 1; /* without the first one, a row fails */
    options.n_rules = 1;
    assert_int_equal(open_outcome(&o, &options, NULL), ZF_OK);
    assert_int_equal(run_outcome(&o, &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, "cannot evaluate `rules` abs: integer overflow"));
    assert_int_equal(zf_expressions_failed_row(o.select), 4);
    close_outcome(&o);
    options.rules = rules + 2; /* nobody is left to fail */
    options.n_rules = 2;
    assert_int_equal(open_outcome(&o, &options, NULL), ZF_OK);
    assert_int_equal(run_outcome(&o, NULL), ZF_OK);
    close_outcome(&o);
}

static void null_does_not_pass_a_rule(void **state) {
    (void)state;
    static const zf_named_expression compute = {"h", "height * 1"};
    static const zf_named_expression rules[] = {{"a", "h > -100"}, {"b", "NULL"}};
    zf_expressions_options options = options_of(&compute, 1, rules, 1);
    outcome o;
    assert_int_equal(open_outcome(&o, &options, NULL), ZF_OK);
    assert_int_equal(run_outcome(&o, NULL), ZF_OK);
    assert_passes(&o, "110111");
    close_outcome(&o);
    options.n_rules = 2;
    assert_int_equal(open_outcome(&o, &options, NULL), ZF_OK);
    assert_int_equal(run_outcome(&o, NULL), ZF_OK);
    assert_passes(&o, "000000");
    close_outcome(&o);
}

static void a_computed_column_compares_as_a_field_of_its_type(void **state) {
    (void)state;
    static const zf_named_expression computes[] = {{"n", "fid + 0"}, {"t", "fid || ''"}};
    static const zf_named_expression rule = {"r", "n = '3' AND n < '10' AND t = 3 AND t > '10'"};
    const zf_expressions_options options = options_of(computes, 2, &rule, 1);
    outcome o;
    assert_int_equal(open_outcome(&o, &options, NULL), ZF_OK);
    assert_int_equal(run_outcome(&o, NULL), ZF_OK);
    assert_passes(&o, "001000");
    close_outcome(&o);
}

/* ---- what is refused ---- */

static void check_refused(const zf_expressions_options *options, const char *says, const char *option) {
    outcome o;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(open_outcome(&o, options, &error), ZF_E_USAGE);
    if (strstr(error.text, says) == NULL || strstr(error.text, option) == NULL)
        fail_msg("'%s' does not say '%s' and '%s'", error.text, says, option);
    close_outcome(&o);
}

static void a_column_sees_only_those_before_it(void **state) {
    (void)state;
    static const zf_named_expression later[] = {{"a", "b + 1"}, {"b", "fid"}};
    static const zf_named_expression itself[] = {{"a", "1"}, {"b", "\"B\" + 1"}};
    zf_expressions_options options = options_of(later, 2, NULL, 0);
    check_refused(&options, "b is computed later", "`computes` a");
    options.computes = itself;
    check_refused(&options, "b, which is what it computes", "`computes` b");
}

static void hostile_columns_and_rules_are_refused_by_name(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"1) OR (1", "not opened"},
        {"1)), zf_keep((1", "not opened"},
        {"1 /* open", "a comment is not closed"},
        {"1; ATTACH 'x' AS y", "without a semicolon"},
        {"ATTACH 'x' AS y", "syntax error"},
        {"load_extension('x')", "load_extension() is not allowed"},
        {"(SELECT max(fid) FROM building)", "subquery"},
        {"(SELECT 1)", "subquery"},
        {"EXISTS (SELECT 1)", "subquery"},
        {"fid IN (SELECT 1)", "subquery"},
        {"fid IN pragma_database_list", "cannot use"},
        {"pragma_table_info('x')", "no such function"},
        {"random()", "random() is not allowed"},
        {"randomblob(3)", "randomblob() is not allowed"},
        {"date('now')", "present time"},
        {"CURRENT_DATE", "present time"},
        {"datetime('2020-01-01', 'localtime')", "time zone"},
        {"sum(fid)", "many rows"},
        {"row_number() OVER ()", "many rows"},
        {"rowid", "no such column"},
        {"1, 2", "row value"},
        {"(1, 2)", "row value"},
        {"1 AS y", "syntax error"},
        {"*", "syntax error"},
        {"?1", "a parameter"},
        {"zf_keep(1)", "zf_keep() is not allowed"},
        {"heigth", "perhaps height is meant"},
        {"\"Abbey\"", "a text stands in single quotes"},
        {"tags", "the column tags is a list"},
        {"'a", "is not closed"},
        {"", "it is empty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const zf_named_expression computes[] = {{"first", "1"}, {"bad one", cases[i].text}, {"last", "1"}};
        const zf_named_expression rules[] = {{"first", "1"}, {"bad one", cases[i].text}};
        zf_expressions_options options = options_of(computes, 3, NULL, 0);
        check_refused(&options, cases[i].says, "`computes` bad one");
        options = options_of(NULL, 0, rules, 2);
        options.where = "fid";
        check_refused(&options, cases[i].says, "`rules` bad one");
    }
}

static void values_that_do_not_fit_their_column_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
        size_t row;
    } cases[] = {
        {"\"order\" + 1", "no 64-bit integer, and by its form its column is of the type integer", 3},
        {"CASE WHEN fid = 2 THEN x'00' ELSE 'a' END", "it gives a blob", 1},
        {"abs(\"order\")", "integer overflow", 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const zf_named_expression compute = {"x", cases[i].text};
        const zf_expressions_options options = options_of(&compute, 1, NULL, 0);
        outcome o;
        zf_error error = ZF_ERROR_INIT;
        assert_int_equal(open_outcome(&o, &options, NULL), ZF_OK);
        assert_int_equal(run_outcome(&o, &error), ZF_E_USAGE);
        if (strstr(error.text, cases[i].says) == NULL || strstr(error.text, "`computes` x") == NULL)
            fail_msg("%s: %s", cases[i].text, error.text);
        assert_int_equal(zf_expressions_failed_row(o.select), cases[i].row);
        close_outcome(&o);
    }
}

static void values_beyond_the_budget_are_a_matter_of_memory(void **state) {
    (void)state;
    const zf_named_expression compute = {"x", "hex(zeroblob(100000))"};
    const zf_expressions_options options = options_of(&compute, 1, NULL, 0);
    zf_budget budget;
    zf_error error = ZF_ERROR_INIT;
    outcome o;
    zf_budget_init(&budget, 300000);
    assert_int_equal(open_outcome(&o, &options, NULL), ZF_OK);
    zf_arena_init(&o.arena, &budget, ZF_MEMORY_BATCH, 1024);
    assert_int_equal(run_outcome(&o, &error), ZF_E_MEMORY);
    assert_int_equal(error.status, ZF_E_MEMORY);
    close_outcome(&o);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_types_are_those_of_plain_sqlite),
        cmocka_unit_test(a_type_is_as_narrow_as_the_form_allows),
        cmocka_unit_test(deep_and_long_forms_are_no_danger),
        cmocka_unit_test(columns_build_on_each_other_and_conditions_on_columns),
        cmocka_unit_test(a_rule_sees_only_what_passed_the_rules_before_it),
        cmocka_unit_test(null_does_not_pass_a_rule),
        cmocka_unit_test(a_computed_column_compares_as_a_field_of_its_type),
        cmocka_unit_test(a_column_sees_only_those_before_it),
        cmocka_unit_test(hostile_columns_and_rules_are_refused_by_name),
        cmocka_unit_test(values_that_do_not_fit_their_column_are_refused),
        cmocka_unit_test(values_beyond_the_budget_are_a_matter_of_memory),
    };
    return cmocka_run_group_tests_name("select_computes", tests, NULL, NULL);
}
