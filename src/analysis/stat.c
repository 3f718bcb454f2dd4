/* SPDX-License-Identifier: MIT */
/* The table of statistics: name, field types, source, result, unit, label, definition. */
#include "analysis/analysis_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/** Groups of field types: numbers and booleans, texts, dates and times. */
enum { NUMBERS = 1 << 0, TEXTS = 1 << 1, DATES = 1 << 2, ALL = NUMBERS | TEXTS | DATES };

typedef enum stat_result {
    RESULT_REAL = 0,
    RESULT_INTEGER,
    RESULT_VALUE, /**< one of the field's values: of its type */
} stat_result;

/** What becomes of the field's unit. */
typedef enum unit_rule { NO_UNIT = 0, SAME_UNIT, SQUARED_UNIT, IN_CHARACTERS } unit_rule;

/** Whether the weights of rows change the result. */
typedef enum weight_rule { NOT_WEIGHTED = 0, WEIGHTED } weight_rule;

/** One kind of statistic. */
typedef struct stat_row {
    const char *name; /**< of percentiles "pNN" */
    unsigned types;
    zf_stat_source source;
    weight_rule weight;
    stat_result result;
    unit_rule unit;
    const char *label;
    const char *definition, *null_when; /**< as in zf_result_column */
    zf_stat_of_sorted *of_sorted;       /**< computes it from the sorted numbers; NULL: its source does */
} stat_row;

#define OF_NONE "if there are no values"

/* In the order of the manual. */
/* clang-format off */
static const stat_row stat_rows[ZF_STAT_KINDS] = {
    [ZF_STAT_COUNT] = {"count", ALL, ZF_FROM_RUNNING, WEIGHTED, RESULT_INTEGER, NO_UNIT, "values",
        "number of values that are not missing", NULL, NULL},
    [ZF_STAT_MISSING] = {"missing", ALL, ZF_FROM_RUNNING, WEIGHTED, RESULT_INTEGER, NO_UNIT, "missing values",
        "number of missing values (NULL or NaN)", NULL, NULL},
    [ZF_STAT_UNIQUE] = {"unique", ALL, ZF_FROM_CLASSES, NOT_WEIGHTED, RESULT_INTEGER, NO_UNIT, "different values",
        "number of distinct values; of dates and times, of distinct instants", NULL, NULL},
    [ZF_STAT_MODE] = {"mode", NUMBERS | TEXTS, ZF_FROM_CLASSES, WEIGHTED, RESULT_VALUE, SAME_UNIT, "most frequent",
        "the most frequent value; if there are several, the smallest of them", OF_NONE, NULL},
    [ZF_STAT_MINORITY] = {"minority", NUMBERS | TEXTS, ZF_FROM_CLASSES, WEIGHTED, RESULT_VALUE, SAME_UNIT, "least frequent",
        "the least frequent value that occurs; if there are several, the smallest of them", OF_NONE, NULL},
    [ZF_STAT_FIRST] = {"first", ALL, ZF_FROM_ORDER, NOT_WEIGHTED, RESULT_VALUE, SAME_UNIT, "first",
        "the first value in the order of the feature ids", OF_NONE, NULL},
    [ZF_STAT_LAST] = {"last", ALL, ZF_FROM_ORDER, NOT_WEIGHTED, RESULT_VALUE, SAME_UNIT, "last",
        "the last value in the order of the feature ids", OF_NONE, NULL},
    [ZF_STAT_SUM] = {"sum", NUMBERS, ZF_FROM_RUNNING, WEIGHTED, RESULT_REAL, SAME_UNIT, "sum",
        "sum, computed exactly and rounded once", NULL, NULL},
    [ZF_STAT_MEAN] = {"mean", NUMBERS, ZF_FROM_RUNNING, WEIGHTED, RESULT_REAL, SAME_UNIT, "mean",
        "arithmetic mean", OF_NONE, NULL},
    [ZF_STAT_MIN] = {"min", ALL, ZF_FROM_RUNNING, NOT_WEIGHTED, RESULT_VALUE, SAME_UNIT, "minimum",
        "the smallest value; of dates and times the earliest instant", OF_NONE, NULL},
    [ZF_STAT_MAX] = {"max", ALL, ZF_FROM_RUNNING, NOT_WEIGHTED, RESULT_VALUE, SAME_UNIT, "maximum",
        "the largest value; of dates and times the latest instant", OF_NONE, NULL},
    [ZF_STAT_RANGE] = {"range", NUMBERS, ZF_FROM_RUNNING, NOT_WEIGHTED, RESULT_REAL, SAME_UNIT, "range",
        "largest minus smallest value", OF_NONE, NULL},
    [ZF_STAT_MEDIAN] = {"median", NUMBERS, ZF_FROM_COLUMN, WEIGHTED, RESULT_REAL, SAME_UNIT, "median",
        "the middle value, or the mean of the two middle values", OF_NONE, NULL},
    [ZF_STAT_STDDEV] = {"stddev", NUMBERS, ZF_FROM_COLUMN, WEIGHTED, RESULT_REAL, SAME_UNIT, "standard deviation",
        "standard deviation of the population", OF_NONE, NULL},
    [ZF_STAT_STDDEV_SAMPLE] = {"stddev_sample", NUMBERS, ZF_FROM_COLUMN, WEIGHTED, RESULT_REAL, SAME_UNIT, "standard deviation of the sample",
        "standard deviation of the sample (n - 1)", "for fewer than two values", NULL},
    [ZF_STAT_VARIANCE] = {"variance", NUMBERS, ZF_FROM_COLUMN, WEIGHTED, RESULT_REAL, SQUARED_UNIT, "variance",
        "variance of the population", OF_NONE, NULL},
    [ZF_STAT_CV] = {"cv", NUMBERS, ZF_FROM_COLUMN, WEIGHTED, RESULT_REAL, NO_UNIT, "coefficient of variation",
        "coefficient of variation: stddev / mean", "if there are no values or the mean is 0", NULL},
    [ZF_STAT_Q1] = {"q1", NUMBERS, ZF_FROM_COLUMN, WEIGHTED, RESULT_REAL, SAME_UNIT, "first quartile",
        "first quartile: the same as p25", OF_NONE, NULL},
    [ZF_STAT_Q3] = {"q3", NUMBERS, ZF_FROM_COLUMN, WEIGHTED, RESULT_REAL, SAME_UNIT, "third quartile",
        "third quartile: the same as p75", OF_NONE, NULL},
    [ZF_STAT_IQR] = {"iqr", NUMBERS, ZF_FROM_COLUMN, WEIGHTED, RESULT_REAL, SAME_UNIT, "between the quartiles",
        "interquartile range, q3 - q1", OF_NONE, NULL},
    [ZF_STAT_PERCENTILE] = {"pNN", NUMBERS, ZF_FROM_COLUMN, WEIGHTED, RESULT_REAL, SAME_UNIT, "percentile",
        "percentile, NN from 0 to 100, such as p90, by linear interpolation between the closest "
        "ranks (type 7 of R)", OF_NONE, NULL},
    [ZF_STAT_ARGMIN] = {"argmin", NUMBERS, ZF_FROM_ORDER, NOT_WEIGHTED, RESULT_INTEGER, NO_UNIT, "fid of the minimum",
        "the feature id of the smallest value; if there are several, the lowest id", OF_NONE, NULL},
    [ZF_STAT_ARGMAX] = {"argmax", NUMBERS, ZF_FROM_ORDER, NOT_WEIGHTED, RESULT_INTEGER, NO_UNIT, "fid of the maximum",
        "the feature id of the largest value; if there are several, the lowest id", OF_NONE, NULL},
    [ZF_STAT_GINI] = {"gini", NUMBERS, ZF_FROM_COLUMN, WEIGHTED, RESULT_REAL, NO_UNIT, "Gini coefficient",
        "Gini's coefficient of concentration of the population: with the n values in ascending "
        "order, the sum of (2i - n - 1) x[i] over i from 1 to n, divided by n times the sum of all "
        "values. It is 0 if all values are equal, and 1 - 1/n if all values but one are 0", "if there are no values, if a value is negative or infinite, or if all values are 0", zf_gini},
    [ZF_STAT_SHANNON] = {"shannon", NUMBERS | TEXTS, ZF_FROM_CLASSES, WEIGHTED, RESULT_REAL, NO_UNIT, "Shannon index",
        "Shannon's diversity index, -sum(p ln p), where p is the proportion of each distinct value "
        "and ln the natural logarithm (Shannon 1948; momepy's shannon with each value as a class). "
        "It is 0 if all values are equal", OF_NONE, NULL},
    [ZF_STAT_SIMPSON] = {"simpson", NUMBERS | TEXTS, ZF_FROM_CLASSES, WEIGHTED, RESULT_REAL, NO_UNIT, "Simpson index",
        "Simpson's index, sum(p^2), where p is the proportion of each distinct value: the "
        "probability that two buildings drawn with replacement have the same value (Simpson 1949; "
        "momepy's simpson with each value as a class). It is 1 if all values are equal; 1 - simpson "
        "is the Gini-Simpson index", OF_NONE, NULL},
    [ZF_STAT_MIN_LENGTH] = {"min_length", TEXTS, ZF_FROM_LENGTHS, NOT_WEIGHTED, RESULT_INTEGER, IN_CHARACTERS, "least length",
        "length of the shortest text in characters, like SQLite's length()", OF_NONE, NULL},
    [ZF_STAT_MEAN_LENGTH] = {"mean_length", TEXTS, ZF_FROM_LENGTHS, WEIGHTED, RESULT_REAL, IN_CHARACTERS, "mean length",
        "mean length of the texts in characters", OF_NONE, NULL},
    [ZF_STAT_MAX_LENGTH] = {"max_length", TEXTS, ZF_FROM_LENGTHS, NOT_WEIGHTED, RESULT_INTEGER, IN_CHARACTERS, "greatest length",
        "length of the longest text in characters", OF_NONE, NULL},
};
/* clang-format on */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/** Parses "p0" to "p100"; one leading zero is allowed ("p05"). */
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
        if (kind != ZF_STAT_PERCENTILE && strcmp(stat_rows[kind].name, name) == 0) {
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

zf_stat_of_sorted *zf_stat_sorted_function(zf_stat stat) {
    assert(stat.kind < ZF_STAT_KINDS);
    return stat_rows[stat.kind].of_sorted;
}

/** The group of a type of field; 0 for types without statistics. */
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
        return DATES;
    default:
        return 0;
    }
}

bool zf_stat_applies(zf_stat stat, zf_field_type type) {
    return stat.kind < ZF_STAT_KINDS && (stat_rows[stat.kind].types & group_of(type)) != 0;
}

bool zf_stat_is_weighted(zf_stat stat) {
    assert(stat.kind < ZF_STAT_KINDS);
    return stat_rows[stat.kind].weight == WEIGHTED;
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

void zf_stat_append_names(zf_text *out, zf_field_type type) {
    const char *before = "";
    for (int kind = 0; kind < ZF_STAT_KINDS; kind++)
        if (zf_stat_applies((zf_stat){(zf_stat_kind)kind, 0}, type)) {
            zf_text_append_format(out, "%s%s", before, stat_rows[kind].name);
            before = " ";
        }
}

/** The unit of a statistic of values in a unit; "" for none. */
static const char *unit_of(unit_rule rule, const char *unit) {
    switch (rule) {
    case SAME_UNIT:
        return unit;
    case SQUARED_UNIT:
        return strcmp(unit, "m") == 0 ? "m²" : strcmp(unit, "m²") == 0 ? "m⁴" : "";
    case IN_CHARACTERS:
        return "characters";
    default:
        return "";
    }
}

zf_result_column zf_stat_column(zf_stat stat, zf_field_type type, bool is_weighted, const char *unit) {
    assert(stat.kind < ZF_STAT_KINDS);
    const stat_row *row = &stat_rows[stat.kind];
    return (zf_result_column){.name = row->name,
                              .type = zf_stat_result_type(stat, type, is_weighted),
                              .label = row->label,
                              .unit = unit_of(row->unit, unit != NULL ? unit : ""),
                              .definition = row->definition,
                              .null_when = row->null_when,
                              .producer = (unsigned)stat.kind};
}
