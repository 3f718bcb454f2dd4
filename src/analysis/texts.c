/* SPDX-License-Identifier: MIT */
/* Statistics of texts, dates and times, added one by one: keeps the smallest and the largest, and the first
 * and the last where a statistic needs them. */
#include "analysis/statistics.h"

#include <string.h>

int zf_text_compare(zf_bytes a, zf_bytes b) {
    size_t n_common = a.n < b.n ? a.n : b.n;
    int order = n_common == 0 ? 0 : memcmp(a.bytes, b.bytes, n_common);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

/** Characters as SQLite's length() counts them: in UTF-8, up to the first NUL. A continuation byte without a
 * lead byte is a character of its own. */
static size_t count_characters(zf_bytes text) {
    size_t n = 0;
    for (size_t i = 0; i < text.n && text.bytes[i] != 0; n++) {
        bool is_lead = text.bytes[i++] >= 0xC0;
        while (is_lead && i < text.n && (text.bytes[i] & 0xC0) == 0x80)
            i++;
    }
    return n;
}

/** Copies a text into a buffer. A larger buffer is twice as long, as the arena keeps the smaller one. */
static zf_status keep(zf_kept_text *kept, zf_bytes text, zf_arena *arena, zf_error *error) {
    if (text.n > kept->cap || kept->bytes == NULL) {
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

/** The sums that weights are added to. */
enum { OF_TEXTS = 0, OF_LENGTHS, OF_MISSING };

static zf_bytes text_of(const zf_kept_text *kept) {
    return (zf_bytes){kept->bytes, kept->n};
}

/** Keeps the first and the last text. */
static zf_status keep_ends(zf_running_text *running, zf_bytes text, zf_arena *arena, zf_error *error) {
    zf_status status = running->n == 0 ? keep(&running->first, text, arena, error) : ZF_OK;
    return status == ZF_OK ? keep(&running->last, text, arena, error) : status;
}

/** Whether a text comes before another one: by instant, then bytewise. */
static bool is_before(zf_bytes a, int64_t a_ms, zf_bytes b, int64_t b_ms) {
    return a_ms != b_ms ? a_ms < b_ms : zf_text_compare(a, b) < 0;
}

/** Keeps the text if it is the smallest or the largest. Of equal instants the bytewise lower text is kept. */
static zf_status keep_extremes(zf_running_text *running, zf_bytes text, zf_arena *arena, zf_error *error) {
    int64_t ms = 0;
    zf_status status = ZF_OK;
    bool is_instant = zf_field_type_is_instant(running->type) && zf_instant_read(running->type, text, &ms);
    bool is_min = running->n == 0 || is_before(text, ms, text_of(&running->min), running->min_ms);
    bool is_max = running->n == 0 || is_before(text_of(&running->max), running->max_ms, text, ms);
    if (is_instant && running->n > 0 && ms == running->max_ms)
        is_max = zf_text_compare(text, text_of(&running->max)) < 0;
    if (is_min) {
        running->min_ms = ms;
        status = keep(&running->min, text, arena, error);
    }
    if (status == ZF_OK && is_max) {
        running->max_ms = ms;
        status = keep(&running->max, text, arena, error);
    }
    return status;
}

/** Takes the length of a text. */
static void measure(zf_running_text *running, zf_bytes text, double weight) {
    uint64_t length = count_characters(text);
    running->total_length += length;
    if (running->weights != NULL)
        zf_wide_sum_add(&running->weights[OF_LENGTHS], weight * (double)length);
    if (running->n == 0 || length < running->min_length)
        running->min_length = length;
    if (running->n == 0 || length > running->max_length)
        running->max_length = length;
}

zf_status zf_running_text_add(zf_running_text *running, zf_bytes text, double weight, zf_arena *arena,
                              zf_error *error) {
    zf_status status = ZF_OK;
    if (running->weights != NULL)
        zf_wide_sum_add(&running->weights[text.bytes == NULL ? OF_MISSING : OF_TEXTS], weight);
    if (text.bytes == NULL)
        return ZF_OK;
    status = keep_extremes(running, text, arena, error);
    if (status == ZF_OK && running->wants & ZF_FROM_ORDER)
        status = keep_ends(running, text, arena, error);
    if (running->wants & ZF_FROM_LENGTHS)
        measure(running, text, weight);
    running->n++;
    return status;
}

/** The least, mean or greatest length; NULL without texts. */
static zf_value length_of(const zf_running_text *running, zf_stat_kind kind) {
    if (running->n == 0 || !(running->wants & ZF_FROM_LENGTHS))
        return zf_value_null();
    if (kind == ZF_STAT_MEAN_LENGTH && running->weights != NULL)
        return zf_value_real(zf_wide_sum_get(&running->weights[OF_LENGTHS]) /
                             zf_wide_sum_get(&running->weights[OF_TEXTS]));
    if (kind == ZF_STAT_MEAN_LENGTH)
        return zf_value_real((double)running->total_length / (double)running->n);
    return zf_value_integer(
        (int64_t)(kind == ZF_STAT_MIN_LENGTH ? running->min_length : running->max_length));
}

/** A statistic of the texts so far. */
static zf_value evaluate(const zf_running_text *running, uint64_t n_rows, zf_stat_kind kind) {
    switch (kind) {
    case ZF_STAT_COUNT:
        return running->weights != NULL ? zf_value_real(zf_wide_sum_get(&running->weights[OF_TEXTS]))
                                        : zf_value_integer((int64_t)running->n);
    case ZF_STAT_MISSING:
        return running->weights != NULL ? zf_value_real(zf_wide_sum_get(&running->weights[OF_MISSING]))
                                        : zf_value_integer((int64_t)(n_rows - running->n));
    case ZF_STAT_MIN:
        return zf_value_bytes(ZF_VALUE_TEXT, text_of(&running->min));
    case ZF_STAT_MAX:
        return zf_value_bytes(ZF_VALUE_TEXT, text_of(&running->max));
    case ZF_STAT_FIRST:
        return zf_value_bytes(ZF_VALUE_TEXT, text_of(&running->first));
    case ZF_STAT_LAST:
        return zf_value_bytes(ZF_VALUE_TEXT, text_of(&running->last));
    case ZF_STAT_MIN_LENGTH:
    case ZF_STAT_MEAN_LENGTH:
    case ZF_STAT_MAX_LENGTH:
        return length_of(running, kind);
    default:
        return zf_value_null();
    }
}

void zf_stats_of_running_text(const zf_running_text *running, uint64_t n_rows, const zf_stat *stats,
                              size_t n_stats, zf_value *out) {
    for (size_t i = 0; i < n_stats; i++)
        out[i] = evaluate(running, n_rows, stats[i].kind);
}
