/* SPDX-License-Identifier: MIT */
/*
 * What an expression may do: read columns of its row and call functions whose answer depends on nothing but
 * their arguments. SQLite asks here while it compiles. Functions are allowed by name, not refused by name:
 * other parts of the process (GDAL, SpatiaLite) may add functions to every connection, among them ones that
 * open files.
 */
#include "expressions_internal.h"

#include <stdio.h>
#include <string.h>

static const char *const allowed_functions[] = {
    /* core */
    "abs", "char", "coalesce", "concat", "concat_ws", "format", "glob", "hex", "if", "ifnull", "iif", "instr",
    "length", "like", "likelihood", "likely", "lower", "ltrim", "max", "min", "nullif", "octet_length",
    "printf", "quote", "replace", "round", "rtrim", "sign", "soundex", "substr", "substring", "trim",
    "typeof", "unhex", "unicode", "unistr", "unistr_quote", "unlikely", "upper", "zeroblob",
    /* mathematics */
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "ceiling", "cos", "cosh", "degrees",
    "exp", "floor", "ln", "log", "log10", "log2", "mod", "pi", "pow", "power", "radians", "sin", "sinh",
    "sqrt", "tan", "tanh", "trunc",
    /* dates; dates.c stands in for them */
    "date", "datetime", "julianday", "strftime", "time", "timediff", "unixepoch",
    /* JSON */
    "->", "->>", "json", "json_array", "json_array_length", "json_error_position", "json_extract",
    "json_insert", "json_object", "json_patch", "json_pretty", "json_quote", "json_remove", "json_replace",
    "json_set", "json_type", "json_valid"};

static const char *const aggregates[] = {"avg",
                                         "count",
                                         "cume_dist",
                                         "dense_rank",
                                         "first_value",
                                         "group_concat",
                                         "json_group_array",
                                         "json_group_object",
                                         "lag",
                                         "last_value",
                                         "lead",
                                         "median",
                                         "nth_value",
                                         "ntile",
                                         "percent_rank",
                                         "rank",
                                         "row_number",
                                         "string_agg",
                                         "sum",
                                         "total"};

static const char *const clocks[] = {"current_date", "current_time", "current_timestamp"};

static bool is_among(const char *name, const char *const *names, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (zf_string_equal_nocase(name, names[i]))
            return true;
    return false;
}
#define IS_AMONG(name, names) is_among(name, names, sizeof(names) / sizeof(names)[0])

bool zf_is_pure_function(const char *name) {
    return IS_AMONG(name, allowed_functions);
}

bool zf_is_pure_aggregate(const char *name) {
    return IS_AMONG(name, aggregates);
}

bool zf_is_clock(const char *name) {
    return IS_AMONG(name, clocks);
}

const char *zf_guard_nearest_function(const char *name) {
    return zf_string_nearest(name, allowed_functions, sizeof allowed_functions / sizeof allowed_functions[0]);
}

ZF_PRINTF(2, 3) static int refuse(zf_expressions *select, const char *format, ...) {
    if (select->refusal[0] == '\0') {
        va_list values;
        va_start(values, format);
        vsnprintf(select->refusal, sizeof select->refusal, format, values);
        va_end(values);
    }
    return SQLITE_DENY;
}

/* SQLite asks for the outermost call first: ours. A second zf_keep or SELECT is the user's. */
static int judge_select(zf_expressions *select) {
    if (select->n_selects++ == 0)
        return SQLITE_OK;
    return refuse(select, "it has a subquery (SELECT, EXISTS, IN (SELECT ...) or IN with a table's name): an "
                          "expression sees one building "
                          "and nothing else");
}

static int judge_function(zf_expressions *select, const char *name) {
    if (strcmp(name, "zf_keep") == 0 && select->n_keeps++ == 0)
        return SQLITE_OK;
    if (IS_AMONG(name, allowed_functions)) {
        select->uses_dates = select->uses_dates || zf_dates_has(name);
        return SQLITE_OK;
    }
    if (IS_AMONG(name, aggregates))
        return refuse(select, "%s() needs many rows: an expression sees one building at a time", name);
    if (IS_AMONG(name, clocks))
        return refuse(select,
                      "%s asks for the present time, and the result must not depend on when it is made: "
                      "write the date itself",
                      name);
    return refuse(select,
                  "the function %s() is not allowed: an expression may only use functions whose answer "
                  "depends on nothing but "
                  "their arguments",
                  name);
}

static int judge_column(zf_expressions *select, const char *table, const char *name) {
    if (name == NULL || name[0] == '\0') /* the table is read, but none of its columns */
        return SQLITE_OK;
    if (table == NULL || strcmp(table, "building") != 0)
        return refuse(select, "it reads a table: an expression sees one building and nothing else");
    for (size_t c = 0; c < select->n_columns; c++) {
        /* SQLite gives the name as it was declared; ROWID is what it calls a row number, even beside a column
         * `rowid`. */
        if (select->is_hidden[c] || strcmp(select->columns[c].name, name) != 0)
            continue;
        if (c >= select->current->column)
            return refuse(select,
                          c == select->current->column
                              ? "it speaks of %s, which is what it computes"
                              : "%s is computed later: columns are computed in the order given",
                          name);
        if (select->columns[c].type == ZF_FIELD_UNSUPPORTED)
            return refuse(
                select, "the column %s is of a type (a list or the like) that expressions cannot use", name);
        select->is_used[c] = true;
        return SQLITE_OK;
    }
    return refuse(select, "no such column: %s", name[0] == '\x01' ? "a name with control characters" : name);
}

int zf_guard(void *user, int action, const char *a, const char *b, const char *database,
             const char *trigger) {
    zf_expressions *select = user;
    (void)database, (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
        return judge_select(select);
    case SQLITE_FUNCTION:
        return judge_function(select, b);
    case SQLITE_READ:
        return judge_column(select, a, b);
    default:
        return refuse(select, "it does more than compute");
    }
}
