/* SPDX-License-Identifier: MIT */
/* Six made-up buildings for the tests of expressions. */
#ifndef EXPRESSION_ROWS_H
#define EXPRESSION_ROWS_H

#include "sql/expressions.h"

#include <stdio.h>
#include <string.h>

enum { N_SAMPLE_COLUMNS = 10, N_SAMPLE_ROWS = 6 };
enum { FID, HEIGHT, NAME, INFO, BORN, ORDER, IS_OLD, PICTURE, TAGS, HEIGHT_AGAIN };

static const zf_column sample_columns[N_SAMPLE_COLUMNS] = {
    {"fid", ZF_FIELD_INTEGER},     {"height", ZF_FIELD_REAL},  {"name", ZF_FIELD_TEXT},
    {"OTHER INFO", ZF_FIELD_TEXT}, {"born", ZF_FIELD_DATE},    {"order", ZF_FIELD_INTEGER},
    {"is_old", ZF_FIELD_BOOLEAN},  {"picture", ZF_FIELD_BLOB}, {"tags", ZF_FIELD_UNSUPPORTED},
    {"HEIGHT", ZF_FIELD_TEXT},
};

/* All texts go through one buffer: a caller may do that. */
typedef struct sample {
    char scratch[64];
    bool was_touched[N_SAMPLE_COLUMNS];
} sample;

static zf_value text_through(sample *s, const char *text) {
    memset(s->scratch, '#', sizeof s->scratch);
    if (text == NULL)
        return zf_value_null();
    size_t n = strlen(text);
    memcpy(s->scratch, text, n); /* not terminated: values are not */
    return zf_value_bytes(ZF_VALUE_TEXT, (zf_bytes){(const uint8_t *)s->scratch, n});
}

static zf_value sample_value(void *user, size_t row, size_t column) {
    static const double heights[N_SAMPLE_ROWS] = {0, 5.5, -1, 10, 12.25, 1e300};
    static const char *const names[N_SAMPLE_ROWS] = {"Abbey",
                                                     NULL,
                                                     "",
                                                     "house",
                                                     "12",
                                                     "Stra\xC3\x9F"
                                                     "e"};
    static const char *const infos[N_SAMPLE_ROWS] = {"x", "y", "x", NULL, "it's", "100%"};
    static const char *const dates[N_SAMPLE_ROWS] = {"2020-02-29", "1999-12-31", NULL,
                                                     "2020-01-01", "0001-01-01", "2020-03-01"};
    static const int64_t orders[N_SAMPLE_ROWS] = {0, 1, -1, INT64_MAX, INT64_MIN, 42};
    static const uint8_t blob[3] = {0, 255, 7};
    sample *s = user;
    s->was_touched[column] = true;
    switch (column) {
    case FID:
        return zf_value_integer((int64_t)row + 1);
    case HEIGHT:
        return row == 2 ? zf_value_null() : zf_value_real(heights[row]);
    case NAME:
        return text_through(s, names[row]);
    case INFO:
        return text_through(s, infos[row]);
    case BORN:
        return text_through(s, dates[row]);
    case ORDER:
        return zf_value_integer(orders[row]);
    case IS_OLD:
        return row == 4 ? zf_value_null() : zf_value_integer((int64_t)(row % 2));
    case PICTURE:
        return row == 1 ? zf_value_null()
                        : zf_value_bytes(ZF_VALUE_BLOB, (zf_bytes){blob, row == 2 ? 0 : sizeof blob});
    default:
        return zf_value_null();
    }
}

static inline zf_status sample_create(const char *where, zf_expressions **out, zf_error *error) {
    const zf_expressions_options options = {
        .columns = sample_columns, .n_columns = N_SAMPLE_COLUMNS, .where = where};
    return zf_expressions_create(&options, NULL, out, error);
}

#endif
