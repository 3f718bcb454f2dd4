/* SPDX-License-Identifier: MIT */
/*
 * A result must not depend on the clock, which the VFS refuses, nor on the time zone of this machine, which
 * the modifiers 'localtime' and 'utc' take from the C library. So each date function is replaced by one that
 * checks its arguments and lets SQLite's own compute the result on a second connection, in about a
 * microsecond a call.
 *
 * printf() and format() go the same way, for their size. Before 3.41 SQLite repeats a character as often as
 * the precision of %c says, one by one: two billion times in half a minute, inside of one call, where no
 * interrupt reaches. And where a text is too large it returns NULL, which looks like a result.
 */
#include "sql/safe_functions.h"

#include "guard/sqlite_guard.h"
#include "sql/policy.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int since; /* sqlite3_libversion_number */
    bool is_format;
} replaced[ZF_N_SAFE_FUNCTIONS] = {
    {"date", 0, false},        {"datetime", 0, false},
    {"julianday", 0, false},   {"strftime", 0, false},
    {"time", 0, false},        {"timediff", 3043000, false},
    {"printf", 0, true},       {"unixepoch", 3038000, false},
    {"format", 3038000, true},
};

/* ---- calls of SQLite's own functions ---- */

static int open_connection(zf_safe_functions *all) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX |
                      SQLITE_OPEN_PRIVATECACHE;
    if (all->db != NULL)
        return SQLITE_OK;
    const int code = zf_sqlite_open_own(":memory:", &all->db, flags, all->vfs->name);
    if (code == SQLITE_OK) {
        zf_policy_apply(&zf_policy_expression, all->db);
    } else {
        sqlite3_close(all->db);
        all->db = NULL;
    }
    return code;
}

static sqlite3_stmt *compile(zf_safe_functions *all, const char *name, int n_arguments) {
    zf_text sql = {0};
    sqlite3_stmt *statement = NULL;
    zf_text_append_format(&sql, "SELECT %s(", name);
    for (int i = 0; i < n_arguments; i++)
        zf_text_append(&sql, i == 0 ? "?" : ",?");
    zf_text_append(&sql, ")");
    if (!sql.is_failed)
        sqlite3_prepare_v3(all->db, sql.bytes, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    zf_text_deinit(&sql);
    return statement;
}

/* The statement of a function with n arguments; NULL: out of memory, or SQLite takes no such number. */
static sqlite3_stmt *find_call(zf_safe_functions *all, const zf_safe_function *function, int n_arguments) {
    for (const zf_safe_call *call = all->calls; call != NULL; call = call->next)
        if (call->function == function && call->n_arguments == n_arguments)
            return call->statement;
    sqlite3_stmt *statement = compile(all, function->name, n_arguments);
    zf_safe_call *call = statement == NULL ? NULL : malloc(sizeof *call);
    if (call == NULL) {
        sqlite3_finalize(statement);
        return NULL;
    }
    *call = (zf_safe_call){all->calls, function, n_arguments, statement};
    all->calls = call;
    return statement;
}

static bool is_time_zone(const char *text) {
    return text != NULL && (zf_string_equal_nocase(text, "localtime") || zf_string_equal_nocase(text, "utc"));
}

static bool bind(sqlite3_stmt *statement, int at, sqlite3_value *value, bool *out_has_time_zone) {
    int type = sqlite3_value_type(value);
    if (type != SQLITE_TEXT && type != SQLITE_BLOB)
        return sqlite3_bind_value(statement, at, value) == SQLITE_OK;
    const char *text = (const char *)sqlite3_value_text(value); /* SQLite's own read blobs as texts, too */
    *out_has_time_zone = *out_has_time_zone || is_time_zone(text);
    return sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC) == SQLITE_OK;
}

static void return_date(sqlite3_context *context, const zf_safe_function *function, sqlite3_stmt *statement,
                        bool has_time_zone) {
    zf_safe_functions *all = function->all;
    if (has_time_zone) {
        if (all->refusal[0] == '\0')
            snprintf(all->refusal, all->n_refusal,
                     "%s() asks for the time zone of this machine ('localtime', 'utc'), and the result must "
                     "not depend on where it is made: give the difference in hours",
                     function->name);
        sqlite3_result_error(context, "the time zone was asked", -1);
        return;
    }
    const int result = sqlite3_step(statement);
    if (all->vfs->has_refused_time)
        sqlite3_result_error(context, "the clock was asked", -1);
    else if (result == SQLITE_ROW)
        sqlite3_result_value(context, sqlite3_column_value(statement, 0));
    else
        sqlite3_result_error(context, sqlite3_errmsg(all->db), -1);
}

/* ---- printf ---- */

/** What a call of printf() asks for. */
typedef struct format_size {
    int64_t n_repeated; /**< characters by %c */
    int64_t most;       /**< bytes of the text, roughly, at most; without those of plain numbers */
} format_size;

/* Reads a number in the format, or '*' and the argument it stands for, as SQLite does. */
static int64_t take_number(const char **inout_format, int n_values, sqlite3_value **values, int *inout_next) {
    int64_t number = 0;
    if (**inout_format == '*') {
        ++*inout_format;
        int value = *inout_next < n_values ? (int)sqlite3_value_int64(values[*inout_next]) : 0;
        ++*inout_next;
        return value >= 0 ? value : value > INT_MIN ? -value : 0;
    }
    for (; **inout_format >= '0' && **inout_format <= '9'; ++*inout_format)
        number = number < INT_MAX ? number * 10 + (**inout_format - '0') : number;
    return number;
}

static format_size measure_format(int n_values, sqlite3_value **values) {
    const char *at = n_values > 0 ? (const char *)sqlite3_value_text(values[0]) : NULL;
    format_size size = {0, 0};
    int next = 1;
    for (int i = 0; i < n_values; i++)
        size.most += 2 * (int64_t)sqlite3_value_bytes(values[i]); /* a quote may become two */
    while (at != NULL && (at = strchr(at, '%')) != NULL) {
        at++;
        at += strspn(at, "-+ #!0,");
        int64_t width = take_number(&at, n_values, values, &next), precision = 0;
        if (*at == '.') {
            at++;
            precision = take_number(&at, n_values, values, &next);
        }
        at += strspn(at, "l");
        size.n_repeated += *at == 'c' ? precision : 0;
        size.most += width + (*at != '\0' && strchr("sqQwz", *at) != NULL ? 0 : precision);
        next += *at != '%' && *at != 'n';
        at += *at != '\0';
    }
    return size;
}

/* SQLite's own returns NULL where the text is too large, and also where it is empty. */
static void return_format(sqlite3_context *context, const zf_safe_function *function, sqlite3_stmt *statement,
                          int n_arguments, sqlite3_value **arguments) {
    zf_safe_functions *all = function->all;
    const int most = sqlite3_limit(all->db, SQLITE_LIMIT_LENGTH, -1);
    const format_size size = measure_format(n_arguments, arguments);
    const int result = size.n_repeated <= most ? sqlite3_step(statement) : SQLITE_TOOBIG;
    const bool is_null = result == SQLITE_ROW && sqlite3_column_type(statement, 0) == SQLITE_NULL;
    if (result == SQLITE_TOOBIG || (is_null && size.most > most)) {
        if (all->refusal[0] == '\0')
            snprintf(all->refusal, all->n_refusal,
                     "%s() would make a text of more than %d MiB, the most that there may be: ask for fewer "
                     "characters",
                     function->name, most >> 20);
        sqlite3_result_error_toobig(context);
    } else if (result == SQLITE_ROW) {
        sqlite3_result_value(context, sqlite3_column_value(statement, 0));
    } else {
        sqlite3_result_error(context, sqlite3_errmsg(all->db), -1);
    }
}

/* ---- the functions ---- */

static void call(sqlite3_context *context, int n_arguments, sqlite3_value **arguments) {
    const zf_safe_function *function = sqlite3_user_data(context);
    zf_safe_functions *all = function->all;
    const int code = open_connection(all);
    if (code != SQLITE_OK) {
        sqlite3_result_error_code(context, code);
        return;
    }
    sqlite3_stmt *statement = find_call(all, function, n_arguments);
    if (statement == NULL) {
        sqlite3_result_error(context, sqlite3_errmsg(all->db), -1);
        return;
    }
    bool is_bound = true, has_time_zone = false;
    for (int i = 0; is_bound && i < n_arguments; i++)
        is_bound = bind(statement, i + 1, arguments[i], &has_time_zone);
    if (!is_bound)
        sqlite3_result_error_nomem(context);
    else if (function->is_format)
        return_format(context, function, statement, n_arguments, arguments);
    else
        return_date(context, function, statement, has_time_zone);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

zf_status zf_safe_functions_register(zf_safe_functions *all, sqlite3 *db, zf_error *error) {
    for (size_t i = 0; i < ZF_N_SAFE_FUNCTIONS; i++) {
        if (sqlite3_libversion_number() < replaced[i].since)
            continue;
        all->functions[i] = (zf_safe_function){all, replaced[i].name, replaced[i].is_format};
        if (sqlite3_create_function_v2(db, replaced[i].name, -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                       &all->functions[i], call, NULL, NULL, NULL) != SQLITE_OK)
            return zf_error_memory(error, 0, "the date functions");
    }
    return ZF_OK;
}

void zf_safe_functions_close(zf_safe_functions *all) {
    for (zf_safe_call *one = all->calls, *next; one != NULL; one = next) {
        next = one->next;
        sqlite3_finalize(one->statement);
        free(one);
    }
    all->calls = NULL;
    sqlite3_close(all->db);
    all->db = NULL;
}
