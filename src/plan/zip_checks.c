/* SPDX-License-Identifier: MIT */
/* What looks wrong about the ZIPs themselves: ids that look alike, and ZIPs that look like buildings. */
#include "plan/inputs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PAIRS = 3 };

/* ---- ids that differ only by characters that are not seen ---- */

/** Bytes of a character that is not seen, or looks like a blank, at the beginning of a UTF-8 text; 0 for any
 * other. */
static size_t unseen_bytes(const char *at) {
    static const char *const characters[] = {"\xC2\xA0",     "\xC2\xAD",     "\xE1\x9A\x80", "\xE2\x80\x8B",
                                             "\xE2\x80\x8C", "\xE2\x80\x8D", "\xE2\x80\x8E", "\xE2\x80\x8F",
                                             "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE2\x81\xA0", "\xE3\x80\x80",
                                             "\xEF\xBB\xBF"};
    if (*at == ' ' || *at == '\t')
        return 1;
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++)
        if (strncmp(at, characters[i], strlen(characters[i])) == 0)
            return strlen(characters[i]);
    /* U+2000 to U+200A: spaces of many widths */
    return strncmp(at, "\xE2\x80", 2) == 0 && (uint8_t)at[2] >= 0x80 && (uint8_t)at[2] <= 0x8A ? 3 : 0;
}

static bool has_unseen(const char *zip) {
    for (; *zip; zip++)
        if (unseen_bytes(zip) > 0)
            return true;
    return false;
}

/** Whether two texts are equal but for characters that are not seen. */
static bool look_alike(const char *a, const char *b) {
    for (;; a++, b++) {
        for (size_t n; (n = unseen_bytes(a)) > 0;)
            a += n;
        for (size_t n; (n = unseen_bytes(b)) > 0;)
            b += n;
        if (*a != *b || *a == '\0')
            return *a == *b;
    }
}

/** Writes an id with escapes such as \u{200B} for all that is not seen, except inner blanks. */
static void append_escaped(zf_text *out, const char *zip) {
    for (const char *at = zip; *at;) {
        const size_t n = unseen_bytes(at);
        if (n == 2)
            zf_text_append_format(out, "\\u{%04X}", ((uint8_t)at[0] & 0x1Fu) << 6 | ((uint8_t)at[1] & 0x3Fu));
        else if (n == 3)
            zf_text_append_format(out, "\\u{%04X}",
                                  ((uint8_t)at[0] & 0x0Fu) << 12 | ((uint8_t)at[1] & 0x3Fu) << 6 |
                                      ((uint8_t)at[2] & 0x3Fu));
        else
            zf_text_append_n(out, at, 1);
        at += n > 0 ? n : 1;
    }
}

/** Adds the ids that look like the i-th one; those of a lower number that have such characters too have been
 * there. */
static size_t append_twins(const zf_catalogue *catalogue, size_t i, size_t n_before, zf_text *out) {
    const char *zip = zf_catalogue_zone(catalogue, i)->zip;
    size_t n = n_before;
    for (size_t j = 0; j < zf_catalogue_count(catalogue); j++) {
        const char *other = zf_catalogue_zone(catalogue, j)->zip;
        if (j == i || !look_alike(zip, other) || (j < i && has_unseen(other)))
            continue;
        if (n++ >= MAX_PAIRS)
            continue;
        zf_text_append(out, n > 1 ? ", '" : "'");
        append_escaped(out, zip);
        zf_text_append(out, "' and '");
        append_escaped(out, other);
        zf_text_append(out, "'");
    }
    return n;
}

void zf_inputs_warn_alike_ids(const zf_inputs *inputs, const zf_catalogue *catalogue,
                              const zf_callbacks *callbacks) {
    const zf_source_info *info = zf_source_get_info(inputs->zips);
    zf_text pairs = {0};
    size_t n = 0;
    for (size_t i = 0; i < zf_catalogue_count(catalogue); i++)
        if (has_unseen(zf_catalogue_zone(catalogue, i)->zip))
            n = append_twins(catalogue, i, n, &pairs);
    if (n > 0 && !pairs.is_failed)
        zf_log(callbacks, ZF_LOG_WARNING,
               "%s: layer '%s': ZIP ids differ only by characters that are not seen, and are ZIPs of their "
               "own: %s%s; correct them, or unite them by `zip_field` of a corrected field",
               info->path, info->layer, pairs.bytes, n > MAX_PAIRS ? ", ..." : "");
    zf_text_deinit(&pairs);
}

/* ---- layers that are swapped ---- */

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** The median extent of the ZIPs in metres; NAN without memory or ZIPs. */
static double median_size_m(const zf_inputs *inputs, const zf_catalogue *catalogue) {
    const zf_crs_info *crs = zf_crs_get_info(inputs->crs);
    const double unit_m = crs->is_geographic ? crs->unit * crs->semi_major_m : crs->unit;
    const size_t n_zones = zf_catalogue_count(catalogue);
    double *sizes = malloc((n_zones + 1) * sizeof *sizes), median = NAN;
    size_t n = 0;
    for (size_t i = 0; sizes != NULL && i < n_zones; i++) {
        const zf_envelope *e = &zf_catalogue_zone(catalogue, i)->envelope;
        if (!zf_envelope_is_empty(e))
            sizes[n++] = fmax(e->max_x - e->min_x, e->max_y - e->min_y) * unit_m;
    }
    if (n > 0) {
        qsort(sizes, n, sizeof *sizes, by_value);
        median = sizes[n / 2];
    }
    free(sizes);
    return median;
}

void zf_inputs_warn_swapped(const zf_inputs *inputs, const zf_catalogue *catalogue,
                            const zf_callbacks *callbacks) {
    static const double house_m = 60;
    const zf_source_info *buildings = zf_source_get_info(inputs->buildings);
    const size_t n_zones = zf_catalogue_count(catalogue);
    char a[32], b[32];
    if (buildings->n_features <= 0 || !buildings->may_hold_polygons ||
        n_zones <= (uint64_t)buildings->n_features)
        return;
    const double size_m = median_size_m(inputs, catalogue);
    if (size_m < house_m)
        zf_log(
            callbacks, ZF_LOG_WARNING,
            "there are more ZIPs (%s, half of them smaller than %.0f m) than buildings (%s): are `zips` and "
            "`buildings` swapped?",
            zf_format_grouped(n_zones, a), ceil(size_m),
            zf_format_grouped((uint64_t)buildings->n_features, b));
}
