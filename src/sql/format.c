/* SPDX-License-Identifier: MIT */
/*
 * How large a text printf() is asked for. Before 3.41 SQLite repeats a character as often as the precision of
 * %c says, one by one and even when the text is far too large already: two billion times in half a minute,
 * inside of one call, where no interrupt reaches.
 */
#include "sql/pure.h"

#include <limits.h>
#include <string.h>

/* A number in the format, or the argument that stands for it; as SQLite reads them. */
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

zf_format_size zf_format_look(int n_values, sqlite3_value **values) {
    const char *at = n_values > 0 ? (const char *)sqlite3_value_text(values[0]) : NULL;
    zf_format_size size = {0, 0};
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
