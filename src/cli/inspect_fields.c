/* SPDX-License-Identifier: MIT */
#include "cli/inspect_scan.h"
#include "zone/zone.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1 << 12, MAX_SLOTS = 1 << 21, MIN_HEIGHTS = 20, BINS_PER_UNIT = 4, NUMBER_BYTES = 64 };
static const double high_median =
    12.0; /* metres; the houses of a town are 3 to 12 m high, in feet 10 to 40 */
static const uint64_t zeros_share = 100; /* one in so many is no accident */

/* ---- sets of ids ---- */

static uint64_t hash(const void *bytes, size_t n) {
    const uint8_t *b = bytes;
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * 1099511628211u;
    h ^= h >> 32;
    return h != 0 ? h : 1;
}

static void put(uint64_t *slots, size_t cap, uint64_t h) {
    size_t at = (size_t)(h * 0x9E3779B97F4A7C15u) & (cap - 1);
    while (slots[at] != 0)
        at = (at + 1) & (cap - 1);
    slots[at] = h;
}

static zf_status grow(zf_id_set *set, zf_error *error) {
    size_t cap = set->cap == 0 ? FIRST_SLOTS : 2 * set->cap;
    if (cap > MAX_SLOTS) {
        set->is_full = true;
        return ZF_OK;
    }
    uint64_t *slots = calloc(cap, sizeof *slots);
    if (slots == NULL)
        return zf_error_memory(error, cap * sizeof *slots, "the ids of a layer");
    for (size_t i = 0; i < set->cap; i++)
        if (set->slots[i] != 0)
            put(slots, cap, set->slots[i]);
    free(set->slots);
    set->slots = slots;
    set->cap = cap;
    return ZF_OK;
}

static zf_status add_id(zf_id_set *set, const void *bytes, size_t n, zf_error *error) {
    const uint64_t h = hash(bytes, n);
    if (!set->is_full && 2 * set->n >= set->cap) {
        zf_status status = grow(set, error);
        if (status != ZF_OK)
            return status;
    }
    size_t at = (size_t)(h * 0x9E3779B97F4A7C15u) & (set->cap - 1);
    while (set->slots[at] != 0 && set->slots[at] != h)
        at = (at + 1) & (set->cap - 1);
    if (set->slots[at] == h)
        set->n_repeated++;
    else if (!set->is_full) {
        set->slots[at] = h;
        set->n++;
    }
    return ZF_OK;
}

/* ---- which fields ---- */

static bool ends_with(const char *name, const char *end) {
    const size_t n = strlen(name), m = strlen(end);
    return n >= m && strcasecmp(name + n - m, end) == 0;
}

static bool is_id_name(const char *name) {
    static const char *const names[] = {"id", "objectid", "globalid", "gml_id", "fid", "uuid"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return ends_with(name, "_id");
}

static bool is_height_name(const char *name) {
    return strcasestr(name, "height") != NULL || strcasestr(name, "hgt") != NULL;
}

static zf_status take_field(const zf_source_info *info, size_t i, zf_field_looks *looks, zf_error *error) {
    const zf_column *column = &info->fields[i];
    const bool is_number = column->type == ZF_FIELD_INTEGER || column->type == ZF_FIELD_REAL;
    const bool is_text = column->type == ZF_FIELD_TEXT;
    zf_field_look look = {
        .field = (int)i, .name = column->name, .type = column->type, .first_blank = ZF_NO_FID};
    look.is_zip = (is_number || is_text) && zf_zone_is_zip_name(column->name);
    look.is_id = (is_number || is_text) && !look.is_zip && is_id_name(column->name);
    look.is_height = is_number && is_height_name(column->name);
    if (looks->n == ZF_LOOK_FIELDS || (!is_text && !look.is_zip && !look.is_id && !look.is_height))
        return ZF_OK;
    if (look.is_height && (look.bins = calloc(ZF_LOOK_BINS, sizeof *look.bins)) == NULL)
        return zf_error_memory(error, ZF_LOOK_BINS * sizeof *look.bins, "the heights of a layer");
    looks->fields[looks->n] = look.field;
    looks->items[looks->n++] = look;
    return ZF_OK;
}

zf_status zf_field_looks_init(const zf_source_info *info, zf_field_looks *looks, zf_error *error) {
    static const char *const own[] = {"GPKG", "ESRI Shapefile", "FlatGeobuf", "SQLite", "OpenFileGDB"};
    zf_status status = ZF_OK;
    *looks = (zf_field_looks){0};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        looks->has_own_fids |= strcmp(info->driver, own[i]) == 0;
    for (size_t i = 0; i < info->n_fields && status == ZF_OK; i++)
        status = take_field(info, i, looks, error);
    return status;
}

void zf_field_looks_deinit(zf_field_looks *looks) {
    for (size_t i = 0; i < looks->n; i++)
        free(looks->items[i].bins);
    free(looks->ids.slots);
    free(looks->fids.slots);
    *looks = (zf_field_looks){0};
}

const zf_field_look *zf_field_looks_zip(const zf_field_looks *looks) {
    for (size_t i = 0; i < looks->n; i++)
        if (looks->items[i].is_zip)
            return &looks->items[i];
    return NULL;
}

/* ---- values ---- */

static void add_number(zf_field_look *look, double number) {
    look->n_below_10000 += number >= 0 && number < 10000;
    look->n_zero += number == 0;
    look->n_negative += number < 0;
    look->n_positive += number > 0;
    if (look->bins != NULL && number > 0) {
        const double bin = number * BINS_PER_UNIT;
        look->bins[bin < ZF_LOOK_BINS - 1 ? (size_t)bin : ZF_LOOK_BINS - 1]++;
    }
    if (look->example[0] == '\0' ||
        (look->is_zip && number >= 0 && number < 10000 && look->n_below_10000 == 1))
        (void)snprintf(look->example, sizeof look->example, "%.15g", number);
}

static bool is_number_text(const char *text, size_t n) {
    char copy[NUMBER_BYTES];
    char *end = copy;
    if (n == 0 || n >= sizeof copy || memchr("0123456789+-.", text[0], 13) == NULL)
        return false;
    memcpy(copy, text, n);
    copy[n] = '\0';
    (void)strtod(copy, &end);
    return end == copy + n && strpbrk(copy, "xXpP") == NULL;
}

static bool are_digits(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isdigit((unsigned char)text[i]))
            return false;
    return n > 0;
}

static bool is_utf8(const char *text, size_t n) {
    char copy[512];
    if (n >= sizeof copy || memchr(text, '\0', n) != NULL)
        return true; /* not looked at */
    memcpy(copy, text, n);
    copy[n] = '\0';
    return zf_text_is_utf8(copy);
}

/* UTF-8 taken for Latin-1 and encoded once more: an a with tilde, then a sign out of Latin-1's upper half. */
static bool is_encoded_twice(const char *text, size_t n) {
    for (size_t i = 0; i + 3 < n; i++)
        if ((uint8_t)text[i] == 0xC3 && ((uint8_t)text[i + 1] & 0xFE) == 0x82 &&
            (uint8_t)text[i + 2] == 0xC2 && (uint8_t)text[i + 3] >= 0x80)
            return true;
    return false;
}

static void add_text(zf_field_look *look, const char *text, size_t n) {
    look->n_not_utf8 += !is_utf8(text, n);
    look->n_twice_encoded += is_encoded_twice(text, n);
    look->n_four_digits += n == 4 && are_digits(text, n);
    look->n_five_digits += n == 5 && are_digits(text, n);
    look->n_leading_zero += n > 1 && text[0] == '0' && are_digits(text, n);
    look->n_numbers += is_number_text(text, n);
    if (look->example[0] == '\0' || (look->is_zip && n == 4 && look->n_four_digits == 1))
        (void)snprintf(look->example, sizeof look->example, "%.*s", n < 36 ? (int)n : 36, text);
}

static bool is_blank(const zf_value *value) {
    if (value->kind == ZF_VALUE_NULL)
        return true;
    for (size_t i = 0; value->kind == ZF_VALUE_TEXT && i < value->as.bytes.n; i++)
        if (!isspace(value->as.bytes.bytes[i]))
            return false;
    return value->kind == ZF_VALUE_TEXT;
}

static zf_status add_to_set(zf_id_set *set, const zf_value *value, zf_error *error) {
    if (value->kind == ZF_VALUE_TEXT)
        return add_id(set, value->as.bytes.bytes, value->as.bytes.n, error);
    return add_id(set, &value->as, sizeof(int64_t), error);
}

static zf_status add_value(zf_field_looks *looks, zf_field_look *look, const zf_value *value, int64_t fid,
                           zf_error *error) {
    if (is_blank(value)) {
        look->first_blank = look->n_blank++ == 0 ? fid : look->first_blank;
        return ZF_OK;
    }
    look->n++;
    if (value->kind == ZF_VALUE_TEXT)
        add_text(look, (const char *)value->as.bytes.bytes, value->as.bytes.n);
    else
        add_number(look, zf_value_number(value));
    bool is_first_id = look->is_id;
    for (const zf_field_look *other = looks->items; other < look; other++)
        is_first_id = is_first_id && !other->is_id;
    return is_first_id ? add_to_set(&looks->ids, value, error) : ZF_OK;
}

zf_status zf_field_looks_add(zf_field_looks *looks, const zf_batch *batch, size_t row, zf_error *error) {
    char scratch[ZF_VALUE_SCRATCH_BYTES];
    const int64_t fid = zf_batch_fid(batch, row);
    zf_status status = looks->has_own_fids ? ZF_OK : add_id(&looks->fids, &fid, sizeof fid, error);
    for (size_t c = 0; c < looks->n && status == ZF_OK; c++) {
        const zf_value value = zf_batch_value(batch, c, row, scratch);
        status = add_value(looks, &looks->items[c], &value, fid, error);
    }
    return status;
}

/* ---- findings ---- */

static const char *count(uint64_t n, char out[32]) {
    return zf_cli_grouped(n, out);
}

static void tell_zip(const zf_field_look *look, zf_layer_report *report) {
    char a[32], b[32];
    if (look->n_blank > 0)
        zf_layer_report_add(report,
                            "ZIP field '%s': %s feature%s without an id (first: feature %" PRId64
                            "): left out, and listed in rejected_feature; --zip-field chooses another field",
                            look->name, count(look->n_blank, a), look->n_blank == 1 ? "" : "s",
                            look->first_blank);
    if (look->type != ZF_FIELD_TEXT && look->n_below_10000 > 0)
        zf_layer_report_add(
            report,
            "ZIP field '%s' holds numbers, which have no leading zeros: %s of %s ids are short, as %s; "
            "export it as text, or choose another field with --zip-field",
            look->name, count(look->n_below_10000, a), count(look->n, b), look->example);
    if (look->type == ZF_FIELD_TEXT && look->n_four_digits > 0 && look->n_leading_zero == 0)
        zf_layer_report_add(
            report,
            "ZIP field '%s': %s of %s ids have four digits, as '%s': leading zeros seem lost; export it "
            "again as text, or choose another field with --zip-field",
            look->name, count(look->n_four_digits, a), count(look->n, b), look->example);
}

static double median_height(const zf_field_look *look) {
    uint64_t below = 0;
    for (size_t bin = 0; bin < ZF_LOOK_BINS; bin++)
        if ((below += look->bins[bin]) * 2 >= look->n_positive)
            return (double)bin / BINS_PER_UNIT;
    return 0;
}

static void tell_height(const zf_field_look *look, zf_layer_report *report) {
    char a[32], b[32];
    const bool says_metres = ends_with(look->name, "_m") || strcasestr(look->name, "met") != NULL;
    const bool says_feet = strcasestr(look->name, "ft") != NULL || strcasestr(look->name, "feet") != NULL;
    if (look->n_zero * zeros_share >= look->n && look->n_zero > 0)
        zf_layer_report_add(
            report,
            "field '%s': %s of %s values are 0, which likely means unknown; leave them out with --where "
            "'\"%s\" > 0', or make them missing with --compute NAME='NULLIF(\"%s\", 0)'",
            look->name, count(look->n_zero, a), count(look->n, b), look->name, look->name);
    if (look->n_negative > 0)
        zf_layer_report_add(
            report,
            "field '%s': %s of %s values are negative, which likely means unknown; leave them out with "
            "--where '\"%s\" >= 0'",
            look->name, count(look->n_negative, a), count(look->n, b), look->name);
    if (look->n_positive < MIN_HEIGHTS || says_metres || (!says_feet && median_height(look) <= high_median))
        return;
    zf_layer_report_add(report,
                        "field '%s' looks like feet (half of its values are above %g): for metres, --compute "
                        "NAME='\"%s\" * 0.3048'",
                        look->name, median_height(look), look->name);
}

static void tell_text(const zf_field_look *look, zf_layer_report *report) {
    char a[32];
    if (look->n_not_utf8 > 0)
        zf_layer_report_add(
            report,
            "field '%s': %s texts are not UTF-8: say what they are with --encoding (shapefiles), "
            "for example --encoding CP1252",
            look->name, count(look->n_not_utf8, a));
    if (look->n_twice_encoded > 0)
        zf_layer_report_add(
            report,
            "field '%s': %s texts look like UTF-8 read as Latin-1: correct it with --encoding "
            "UTF-8 (shapefiles), or export the layer again",
            look->name, count(look->n_twice_encoded, a));
    if (!look->is_zip && !look->is_id && look->n > 0 && look->n_numbers == look->n &&
        look->n_leading_zero == 0)
        zf_layer_report_add(
            report,
            "text field '%s' holds numbers only, as '%s': texts compare by their letters; use "
            "CAST(\"%s\" AS REAL) in expressions",
            look->name, look->example, look->name);
}

static const zf_field_look *id_field(const zf_field_looks *looks) {
    for (size_t i = 0; i < looks->n; i++)
        if (looks->items[i].is_id)
            return &looks->items[i];
    return NULL;
}

void zf_field_looks_tell(const zf_field_looks *looks, zf_layer_report *report) {
    char a[32];
    const zf_field_look *id = id_field(looks);
    for (size_t i = 0; i < looks->n; i++) {
        const zf_field_look *look = &looks->items[i];
        if (look->is_zip)
            tell_zip(look, report);
        if (look->is_height)
            tell_height(look, report);
        if (look->type == ZF_FIELD_TEXT)
            tell_text(look, report);
    }
    if (id != NULL && looks->ids.n_repeated > 0)
        zf_layer_report_add(
            report, "field '%s': %s features repeat the id of another%s: each counts on its own", id->name,
            count(looks->ids.n_repeated, a), looks->ids.is_full ? ", at least" : "");
    if (looks->fids.n_repeated > 0)
        zf_layer_report_add(
            report,
            "%s features have the fid of another: building_fid will not tell them apart; copy the "
            "layer into a GeoPackage",
            count(looks->fids.n_repeated, a));
}
