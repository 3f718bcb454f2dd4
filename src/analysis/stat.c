/* SPDX-License-Identifier: MIT */
/* What the statistics are called and which types of field take them. */
#include "analysis/analysis.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/** Types of fields: numbers and booleans, texts, dates and times. */
enum { NUMBERS = 1 << 0, TEXTS = 1 << 1, MOMENTS = 1 << 2, ALL = NUMBERS | TEXTS | MOMENTS };

typedef enum stat_result {
    RESULT_REAL = 0,
    RESULT_INTEGER,
    RESULT_VALUE, /**< one of the field's values: of its type */
} stat_result;

/** One kind of statistic; percentiles are named by their number. */
typedef struct stat_row {
    const char *name;
    unsigned types;
    zf_stat_source source;
    stat_result result;
} stat_row;

static const stat_row stat_rows[ZF_STAT_KINDS] = {
    [ZF_STAT_COUNT] = {"count", ALL, ZF_FROM_RUNNING, RESULT_INTEGER},
    [ZF_STAT_MISSING] = {"missing", ALL, ZF_FROM_RUNNING, RESULT_INTEGER},
    [ZF_STAT_UNIQUE] = {"unique", ALL, ZF_FROM_CLASSES, RESULT_INTEGER},
    [ZF_STAT_MODE] = {"mode", NUMBERS | TEXTS, ZF_FROM_CLASSES, RESULT_VALUE},
    [ZF_STAT_MINORITY] = {"minority", NUMBERS | TEXTS, ZF_FROM_CLASSES, RESULT_VALUE},
    [ZF_STAT_FIRST] = {"first", ALL, ZF_FROM_ORDER, RESULT_VALUE},
    [ZF_STAT_LAST] = {"last", ALL, ZF_FROM_ORDER, RESULT_VALUE},
    [ZF_STAT_SUM] = {"sum", NUMBERS, ZF_FROM_RUNNING, RESULT_REAL},
    [ZF_STAT_MEAN] = {"mean", NUMBERS, ZF_FROM_RUNNING, RESULT_REAL},
    [ZF_STAT_MIN] = {"min", ALL, ZF_FROM_RUNNING, RESULT_VALUE},
    [ZF_STAT_MAX] = {"max", ALL, ZF_FROM_RUNNING, RESULT_VALUE},
    [ZF_STAT_RANGE] = {"range", NUMBERS, ZF_FROM_RUNNING, RESULT_REAL},
    [ZF_STAT_MEDIAN] = {"median", NUMBERS, ZF_FROM_COLUMN, RESULT_REAL},
    [ZF_STAT_STDDEV] = {"stddev", NUMBERS, ZF_FROM_COLUMN, RESULT_REAL},
    [ZF_STAT_STDDEV_SAMPLE] = {"stddev_sample", NUMBERS, ZF_FROM_COLUMN, RESULT_REAL},
    [ZF_STAT_VARIANCE] = {"variance", NUMBERS, ZF_FROM_COLUMN, RESULT_REAL},
    [ZF_STAT_CV] = {"cv", NUMBERS, ZF_FROM_COLUMN, RESULT_REAL},
    [ZF_STAT_Q1] = {"q1", NUMBERS, ZF_FROM_COLUMN, RESULT_REAL},
    [ZF_STAT_Q3] = {"q3", NUMBERS, ZF_FROM_COLUMN, RESULT_REAL},
    [ZF_STAT_IQR] = {"iqr", NUMBERS, ZF_FROM_COLUMN, RESULT_REAL},
    [ZF_STAT_PERCENTILE] = {NULL, NUMBERS, ZF_FROM_COLUMN, RESULT_REAL},
    [ZF_STAT_ARGMIN] = {"argmin", NUMBERS, ZF_FROM_ORDER, RESULT_INTEGER},
    [ZF_STAT_ARGMAX] = {"argmax", NUMBERS, ZF_FROM_ORDER, RESULT_INTEGER},
    [ZF_STAT_GINI] = {"gini", NUMBERS, ZF_FROM_COLUMN, RESULT_REAL},
    [ZF_STAT_SHANNON] = {"shannon", NUMBERS | TEXTS, ZF_FROM_CLASSES, RESULT_REAL},
    [ZF_STAT_SIMPSON] = {"simpson", NUMBERS | TEXTS, ZF_FROM_CLASSES, RESULT_REAL},
    [ZF_STAT_MIN_LENGTH] = {"min_length", TEXTS, ZF_FROM_LENGTHS, RESULT_INTEGER},
    [ZF_STAT_MEAN_LENGTH] = {"mean_length", TEXTS, ZF_FROM_LENGTHS, RESULT_REAL},
    [ZF_STAT_MAX_LENGTH] = {"max_length", TEXTS, ZF_FROM_LENGTHS, RESULT_INTEGER},
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* "p0" to "p100"; one leading zero is how people align them ("p05"). */
static bool parse_percentile(const char *name, zf_stat *out) {
    size_t n = strlen(name);
    if (n < 2 || n > 4 || name[0] != 'p')
        return false;
    unsigned percent = 0;
    for (const char *c = name + 1; *c != '\0'; c++) {
        if (!is_digit(*c))
            return false;
        percent = 10 * percent + (unsigned)(*c - '0');
    }
    if (percent > 100 || (n == 4 && percent != 100))
        return false;
    *out = (zf_stat){ZF_STAT_PERCENTILE, percent};
    return true;
}

bool zf_stat_parse(const char *name, zf_stat *out) {
    for (int kind = 0; kind < ZF_STAT_KINDS; kind++) {
        if (stat_rows[kind].name != NULL && strcmp(stat_rows[kind].name, name) == 0) {
            *out = (zf_stat){(zf_stat_kind)kind, 0};
            return true;
        }
    }
    return parse_percentile(name, out);
}

void zf_stat_name(zf_stat stat, char out[24]) {
    assert(stat.kind < ZF_STAT_KINDS);
    if (stat.kind == ZF_STAT_PERCENTILE)
        snprintf(out, 24, "p%u", stat.percent);
    else
        snprintf(out, 24, "%s", stat_rows[stat.kind].name);
}

zf_stat_source zf_stat_source_of(zf_stat stat) {
    assert(stat.kind < ZF_STAT_KINDS);
    return stat_rows[stat.kind].source;
}

static unsigned group_of(zf_field_type type) {
    switch (type) {
    case ZF_FIELD_INTEGER:
    case ZF_FIELD_REAL:
    case ZF_FIELD_BOOLEAN:
        return NUMBERS;
    case ZF_FIELD_TEXT:
        return TEXTS;
    case ZF_FIELD_DATE:
    case ZF_FIELD_TIME:
    case ZF_FIELD_DATETIME:
        return MOMENTS;
    default:
        return 0;
    }
}

bool zf_stat_applies(zf_stat stat, zf_field_type type) {
    return stat.kind < ZF_STAT_KINDS && (stat_rows[stat.kind].types & group_of(type)) != 0;
}

bool zf_stat_is_weighted(zf_stat stat) {
    assert(stat.kind < ZF_STAT_KINDS);
    switch (stat.kind) {
    case ZF_STAT_UNIQUE:
    case ZF_STAT_MIN:
    case ZF_STAT_MAX:
    case ZF_STAT_RANGE:
    case ZF_STAT_MIN_LENGTH:
    case ZF_STAT_MAX_LENGTH:
        return false;
    default:
        return stat_rows[stat.kind].source != ZF_FROM_ORDER;
    }
}

zf_field_type zf_stat_result_type(zf_stat stat, zf_field_type type, bool is_weighted) {
    if (is_weighted && (stat.kind == ZF_STAT_COUNT || stat.kind == ZF_STAT_MISSING))
        return ZF_FIELD_REAL;
    switch (stat_rows[stat.kind].result) {
    case RESULT_INTEGER:
        return ZF_FIELD_INTEGER;
    case RESULT_VALUE:
        return type;
    default:
        return ZF_FIELD_REAL;
    }
}

const char *zf_stat_names_for(zf_field_type type) {
    switch (group_of(type)) {
    case NUMBERS:
        return "count missing unique mode minority first last sum mean min max range median stddev "
               "stddev_sample variance cv q1 q3 iqr pNN argmin argmax gini shannon simpson";
    case TEXTS:
        return "count missing unique mode minority first last min max shannon simpson min_length mean_length "
               "max_length";
    case MOMENTS:
        return "count missing unique first last min max";
    default:
        return "";
    }
}
