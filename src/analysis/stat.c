/* SPDX-License-Identifier: MIT */
/* What the statistics are called and which types of field take them. */
#include "analysis/analysis.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/** One kind of statistic; percentiles are named by their number. */
typedef struct stat_row {
    const char *name;
    bool takes_text;
} stat_row;

static const stat_row stat_rows[ZF_STAT_KINDS] = {
    [ZF_STAT_COUNT] = {"count", true},
    [ZF_STAT_MISSING] = {"missing", true},
    [ZF_STAT_SUM] = {"sum", false},
    [ZF_STAT_MEAN] = {"mean", false},
    [ZF_STAT_MIN] = {"min", true},
    [ZF_STAT_MAX] = {"max", true},
    [ZF_STAT_RANGE] = {"range", false},
    [ZF_STAT_MEDIAN] = {"median", false},
    [ZF_STAT_STDDEV] = {"stddev", false},
    [ZF_STAT_STDDEV_SAMPLE] = {"stddev_sample", false},
    [ZF_STAT_VARIANCE] = {"variance", false},
    [ZF_STAT_CV] = {"cv", false},
    [ZF_STAT_Q1] = {"q1", false},
    [ZF_STAT_Q3] = {"q3", false},
    [ZF_STAT_IQR] = {"iqr", false},
    [ZF_STAT_PERCENTILE] = {NULL, false},
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

static bool is_text_like(zf_field_type type) {
    return type == ZF_FIELD_TEXT || type == ZF_FIELD_DATE || type == ZF_FIELD_TIME ||
           type == ZF_FIELD_DATETIME;
}

bool zf_stat_applies(zf_stat stat, zf_field_type type) {
    if (stat.kind >= ZF_STAT_KINDS)
        return false;
    return zf_field_type_is_number(type) || (is_text_like(type) && stat_rows[stat.kind].takes_text);
}

zf_field_type zf_stat_result_type(zf_stat stat, zf_field_type type) {
    if (stat.kind == ZF_STAT_COUNT || stat.kind == ZF_STAT_MISSING)
        return ZF_FIELD_INTEGER;
    return is_text_like(type) ? type : ZF_FIELD_REAL;
}

const char *zf_stat_names_for(zf_field_type type) {
    if (zf_field_type_is_number(type))
        return "count missing sum mean min max range median stddev stddev_sample variance cv q1 q3 iqr pNN";
    return is_text_like(type) ? "count missing min max" : "";
}
