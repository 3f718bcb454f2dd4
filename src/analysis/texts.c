/* SPDX-License-Identifier: MIT */
/* Statistics of texts, dates and times. */
#include "analysis/analysis.h"

#include <string.h>

/* As SQLite's BINARY collation: bytes as unsigned numbers, a prefix before what it begins. */
static int compare(zf_bytes a, zf_bytes b) {
    size_t n_common = a.n < b.n ? a.n : b.n;
    int order = n_common == 0 ? 0 : memcmp(a.bytes, b.bytes, n_common);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

void zf_stats_of_texts(const zf_bytes *values, size_t n, const zf_stat *stats, size_t n_stats,
                       zf_value *out) {
    size_t n_present = 0;
    zf_bytes min = {NULL, 0}, max = {NULL, 0};
    for (size_t i = 0; i < n; i++) {
        if (values[i].bytes == NULL)
            continue;
        if (n_present == 0 || compare(values[i], min) < 0)
            min = values[i];
        if (n_present == 0 || compare(values[i], max) > 0)
            max = values[i];
        n_present++;
    }
    for (size_t i = 0; i < n_stats; i++) {
        switch (stats[i].kind) {
        case ZF_STAT_COUNT:
            out[i] = zf_value_integer((int64_t)n_present);
            break;
        case ZF_STAT_MISSING:
            out[i] = zf_value_integer((int64_t)(n - n_present));
            break;
        case ZF_STAT_MIN:
            out[i] = zf_value_bytes(ZF_VALUE_TEXT, min);
            break;
        case ZF_STAT_MAX:
            out[i] = zf_value_bytes(ZF_VALUE_TEXT, max);
            break;
        default:
            out[i] = zf_value_null();
        }
    }
}
