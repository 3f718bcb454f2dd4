/* SPDX-License-Identifier: MIT */
/* Statistics of texts: as they go by, the first and the last in order are kept. */
#include "analysis/analysis.h"

#include <string.h>

/* SQLite's BINARY collation: bytes as unsigned numbers, a prefix before what it begins. */
static int compare(zf_bytes a, zf_bytes b) {
    size_t n_common = a.n < b.n ? a.n : b.n;
    int order = n_common == 0 ? 0 : memcmp(a.bytes, b.bytes, n_common);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static zf_status keep(zf_kept_text *kept, zf_bytes text, zf_arena *arena, zf_error *error) {
    if (text.n > kept->cap ||
        kept->bytes == NULL) { /* doubled: a longer text leaves the shorter one's room behind */
        size_t cap = 0;
        uint8_t *bytes = NULL;
        zf_status status = zf_size_mul(text.n, 2, &cap) ? zf_arena_take(arena, cap + 1, 1, &bytes, error)
                                                        : zf_error_memory(error, text.n, "a text");
        if (status != ZF_OK)
            return status;
        kept->bytes = bytes;
        kept->cap = cap + 1;
    }
    if (text.n > 0)
        memcpy(kept->bytes, text.bytes, text.n);
    kept->n = text.n;
    return ZF_OK;
}

static zf_bytes text_of(const zf_kept_text *kept) {
    return (zf_bytes){kept->bytes, kept->n};
}

zf_status zf_running_text_add(zf_running_text *running, zf_bytes text, zf_arena *arena, zf_error *error) {
    zf_status status = ZF_OK;
    if (text.bytes == NULL)
        return ZF_OK;
    if (running->n == 0 || compare(text, text_of(&running->min)) < 0)
        status = keep(&running->min, text, arena, error);
    if (status == ZF_OK && (running->n == 0 || compare(text, text_of(&running->max)) > 0))
        status = keep(&running->max, text, arena, error);
    running->n++;
    return status;
}

void zf_stats_of_running_text(const zf_running_text *running, uint64_t n_rows, const zf_stat *stats,
                              size_t n_stats, zf_value *out) {
    for (size_t i = 0; i < n_stats; i++) {
        switch (stats[i].kind) {
        case ZF_STAT_COUNT:
            out[i] = zf_value_integer((int64_t)running->n);
            break;
        case ZF_STAT_MISSING:
            out[i] = zf_value_integer((int64_t)(n_rows - running->n));
            break;
        case ZF_STAT_MIN:
            out[i] = zf_value_bytes(ZF_VALUE_TEXT, text_of(&running->min));
            break;
        case ZF_STAT_MAX:
            out[i] = zf_value_bytes(ZF_VALUE_TEXT, text_of(&running->max));
            break;
        default:
            out[i] = zf_value_null();
        }
    }
}
