/* SPDX-License-Identifier: MIT */
/*
 * SQLite's date functions, but for two things on which a result must not depend: the clock, which the VFS
 * notices, and the time zone of this machine, which the modifiers 'localtime' and 'utc' take from the C
 * library without asking anybody. A function of the same name stands before SQLite's own, looks at the
 * modifiers and has the call answered by SQLite's own on a second connection. This costs about a microsecond
 * per call. printf() and format() go the same way, for their size (format.c).
 */
#include "sql/pure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct date_name {
    const char *name;
    int since; /* sqlite3_libversion_number */
    bool is_format;
} date_name;

static const date_name date_names[ZF_N_DATE_FUNCTIONS] = {
    {"date", 0, false},        {"datetime", 0, false},
    {"julianday", 0, false},   {"strftime", 0, false},
    {"time", 0, false},        {"timediff", 3043000, false},
    {"printf", 0, true},       {"unixepoch", 3038000, false},
    {"format", 3038000, true},
};

bool zf_dates_has(const char *function) {
    for (size_t i = 0; i < ZF_N_DATE_FUNCTIONS; i++)
        if (zf_string_equal_nocase(function, date_names[i].name))
            return true;
    return false;
}

static sqlite3_stmt *compile(zf_dates *dates, const zf_date_function *function, int n_arguments) {
    zf_text sql = {0};
    sqlite3_stmt *statement = NULL;
    zf_text_append_format(&sql, "SELECT %s(", function->name);
    for (int i = 0; i < n_arguments; i++)
        zf_text_append(&sql, i == 0 ? "?" : ",?");
    zf_text_append(&sql, ")");
    if (!sql.is_failed)
        sqlite3_prepare_v3(dates->db, sql.bytes, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    zf_text_deinit(&sql);
    return statement;
}

static sqlite3_stmt *find_call(zf_dates *dates, const zf_date_function *function, int n_arguments) {
    for (const zf_date_call *call = dates->calls; call != NULL; call = call->next)
        if (call->function == function && call->n_arguments == n_arguments)
            return call->statement;
    sqlite3_stmt *statement = compile(dates, function, n_arguments);
    zf_date_call *call = statement == NULL ? NULL : malloc(sizeof *call);
    if (call == NULL) {
        sqlite3_finalize(statement);
        return NULL;
    }
    *call = (zf_date_call){dates->calls, function, n_arguments, statement};
    dates->calls = call;
    return statement;
}

static bool asks_for_time_zone(const char *text) {
    return text != NULL && (zf_string_equal_nocase(text, "localtime") || zf_string_equal_nocase(text, "utc"));
}

static bool bind(sqlite3_stmt *statement, int at, sqlite3_value *value, bool *out_asks_for_time_zone) {
    int type = sqlite3_value_type(value);
    if (type != SQLITE_TEXT && type != SQLITE_BLOB)
        return sqlite3_bind_value(statement, at, value) == SQLITE_OK;
    const char *text = (const char *)sqlite3_value_text(value); /* SQLite's own reads blobs as texts, too */
    *out_asks_for_time_zone = *out_asks_for_time_zone || asks_for_time_zone(text);
    return sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC) == SQLITE_OK;
}

static void answer(sqlite3_context *context, const zf_dates *dates, sqlite3_stmt *statement) {
    int result = sqlite3_step(statement);
    if (dates->vfs->was_asked)
        sqlite3_result_error(context, "the clock was asked", -1);
    else if (result == SQLITE_ROW)
        sqlite3_result_value(context, sqlite3_column_value(statement, 0));
    else
        sqlite3_result_error(context, sqlite3_errmsg(dates->db), -1);
}

static void refuse_size(sqlite3_context *context, const zf_date_function *function, int most) {
    zf_dates *dates = function->dates;
    if (dates->refusal[0] == '\0')
        snprintf(dates->refusal, dates->n_refusal,
                 "%s() would make a text of more than %d MiB, the most that there may be: ask for fewer "
                 "characters",
                 function->name, most >> 20);
    sqlite3_result_error_toobig(context);
}

/* SQLite answers NULL where the text is too large, and where it is empty. */
static void answer_format(sqlite3_context *context, const zf_date_function *function, sqlite3_stmt *statement,
                          int n_arguments, sqlite3_value **arguments) {
    const int most = sqlite3_limit(function->dates->db, SQLITE_LIMIT_LENGTH, -1);
    const zf_format_size size = zf_format_look(n_arguments, arguments);
    const int result = size.n_repeated <= most ? sqlite3_step(statement) : SQLITE_TOOBIG;
    if (result == SQLITE_TOOBIG ||
        (result == SQLITE_ROW && sqlite3_column_type(statement, 0) == SQLITE_NULL && size.most > most))
        refuse_size(context, function, most);
    else if (result == SQLITE_ROW)
        sqlite3_result_value(context, sqlite3_column_value(statement, 0));
    else
        sqlite3_result_error(context, sqlite3_errmsg(function->dates->db), -1);
}

static void call(sqlite3_context *context, int n_arguments, sqlite3_value **arguments) {
    const zf_date_function *function = sqlite3_user_data(context);
    zf_dates *dates = function->dates;
    sqlite3_stmt *statement = find_call(dates, function, n_arguments);
    bool is_bound = statement != NULL, asks = false;
    if (!is_bound) {
        sqlite3_result_error(context, sqlite3_errmsg(dates->db), -1);
        return;
    }
    for (int i = 0; is_bound && i < n_arguments; i++)
        is_bound = bind(statement, i + 1, arguments[i], &asks);
    if (!is_bound) {
        sqlite3_result_error_nomem(context);
    } else if (function->is_format) {
        answer_format(context, function, statement, n_arguments, arguments);
    } else if (asks) {
        if (dates->refusal[0] == '\0')
            snprintf(
                dates->refusal, dates->n_refusal,
                "%s() asks for the time zone of this machine ('localtime', 'utc'), and the result must not "
                "depend on where it is made: give the difference in hours",
                function->name);
        sqlite3_result_error(context, "the time zone was asked", -1);
    } else {
        answer(context, dates, statement);
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

zf_status zf_dates_register(zf_dates *dates, sqlite3 *db, zf_error *error) {
    for (size_t i = 0; i < ZF_N_DATE_FUNCTIONS; i++) {
        if (sqlite3_libversion_number() < date_names[i].since)
            continue;
        dates->functions[i] = (zf_date_function){dates, date_names[i].name, date_names[i].is_format};
        if (sqlite3_create_function_v2(db, date_names[i].name, -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                       &dates->functions[i], call, NULL, NULL, NULL) != SQLITE_OK)
            return zf_error_memory(error, 0, "the date functions of an expression");
    }
    return ZF_OK;
}

zf_status zf_dates_open(zf_dates *dates, zf_error *error) {
    return dates->db == NULL ? zf_connection_open(dates->vfs, &dates->db, error) : ZF_OK;
}

void zf_dates_close(zf_dates *dates) {
    for (zf_date_call *one = dates->calls, *next; one != NULL; one = next) {
        next = one->next;
        sqlite3_finalize(one->statement);
        free(one);
    }
    dates->calls = NULL;
    sqlite3_close(dates->db);
    dates->db = NULL;
}
