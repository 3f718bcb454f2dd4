/* SPDX-License-Identifier: MIT */
/* Counts what the values of the fields have in common, and reports the problems among them. */
#include "base/quantity.h"
#include "inspect/inspect_internal.h"
#include "zone/zone.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1 << 12, MAX_SLOTS = 1 << 21, MIN_HEIGHTS = 20, BINS_PER_UNIT = 4 };
/* Houses are 3 to 12 m high, or 10 to 40 feet: a median above this looks like feet. */
static const double high_median = 12.0;
/* Zeros are reported if at least one value in so many is 0. */
static const uint64_t zeros_share = 100;
/* A text field is reported as numbers if at most one value in so many is something else. */
static const uint64_t mostly_share = 5;
static const uint64_t stand_in_share = 100; /* and the same for numbers that stand for a missing value */

/* ---- sets of ids ---- */

static uint64_t hash(const void *bytes, size_t n) {
    const uint8_t *b = bytes;
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * 1099511628211u;
    h ^= h >> 32;
    return h != 0 ? h : 1;
}

/* Inserts a hash into a table with room for it. */
static void put(uint64_t *slots, size_t cap, uint64_t h) {
    size_t at = (size_t)(h * 0x9E3779B97F4A7C15u) & (cap - 1);
    while (slots[at] != 0)
        at = (at + 1) & (cap - 1);
    slots[at] = h;
}

/* Doubles the table, or sets is_full at the maximum size. */
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

/* Adds an id, or counts it as repeated. A full set still finds repeated ids, but not all of them. */
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

/* ---- choice of fields ---- */

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

/* True for the names of years, such as year_built, yr_blt, AYBYrBuilt and BAUJAHR. */
static bool is_year_name(const char *name) {
    static const char *const parts[] = {"year", "yr_", "_yr", "yrbuilt", "yrblt", "baujahr"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (strcasestr(name, parts[i]) != NULL)
            return true;
    return false;
}

/* Adds a tally for a field. All fields are read, because the source checks their values. */
static zf_status add_field(const zf_source_info *info, size_t i, zf_field_tallies *tallies, zf_error *error) {
    const zf_column *column = &info->fields[i];
    const bool is_number = column->type == ZF_FIELD_INTEGER || column->type == ZF_FIELD_REAL;
    const bool is_text = column->type == ZF_FIELD_TEXT;
    zf_field_tally tally = {
        .field = (int)i, .name = column->name, .type = column->type, .first_blank = ZF_NO_FID};
    tally.is_zip = (is_number || is_text) && zf_zone_is_zip_name(column->name);
    tally.is_id = (is_number || is_text) && !tally.is_zip && is_id_name(column->name);
    tally.is_height = is_number && is_height_name(column->name);
    tally.is_year = is_number && is_year_name(column->name);
    if (tallies->n == ZF_TALLIED_FIELDS || column->type == ZF_FIELD_UNSUPPORTED)
        return ZF_OK;
    if (tally.is_height && (tally.numbers.bins = calloc(ZF_HEIGHT_BINS, sizeof *tally.numbers.bins)) == NULL)
        return zf_error_memory(error, ZF_HEIGHT_BINS * sizeof *tally.numbers.bins, "the heights of a layer");
    tallies->fields[tallies->n] = tally.field;
    tallies->items[tallies->n++] = tally;
    return ZF_OK;
}

zf_status zf_field_tallies_init(const zf_source_info *info, zf_field_tallies *tallies, zf_error *error) {
    static const char *const own[] = {"GPKG", "ESRI Shapefile", "FlatGeobuf", "SQLite", "OpenFileGDB"};
    zf_status status = ZF_OK;
    *tallies = (zf_field_tallies){0};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        tallies->has_unique_fids |= strcmp(info->driver, own[i]) == 0;
    for (size_t i = 0; i < info->n_fields && status == ZF_OK; i++)
        status = add_field(info, i, tallies, error);
    return status;
}

void zf_field_tallies_deinit(zf_field_tallies *tallies) {
    for (size_t i = 0; i < tallies->n; i++)
        free(tallies->items[i].numbers.bins);
    free(tallies->ids.slots);
    free(tallies->fids.slots);
    *tallies = (zf_field_tallies){0};
}

const zf_field_tally *zf_field_tallies_zip(const zf_field_tallies *tallies) {
    for (size_t i = 0; i < tallies->n; i++)
        if (tallies->items[i].is_zip)
            return &tallies->items[i];
    return NULL;
}

/* ---- values ---- */

/* Counts a number if it is the lowest or the highest so far. */
static void add_extreme(zf_number_tally *numbers, double number) {
    if (numbers->n_lowest == 0 || number < numbers->lowest) {
        numbers->lowest = number;
        numbers->n_lowest = 0;
    }
    if (numbers->n_highest == 0 || number > numbers->highest) {
        numbers->highest = number;
        numbers->n_highest = 0;
    }
    numbers->n_lowest += number == numbers->lowest;
    numbers->n_highest += number == numbers->highest;
}

/* Counts a number. */
static void add_number(zf_field_tally *tally, double number) {
    add_extreme(&tally->numbers, number);
    tally->numbers.n_below_10000 += number >= 0 && number < 10000;
    tally->numbers.n_zero += number == 0;
    tally->numbers.n_negative += number < 0;
    tally->numbers.n_positive += number > 0;
    if (tally->numbers.bins != NULL && number > 0) {
        const double bin = number * BINS_PER_UNIT;
        tally->numbers.bins[bin < ZF_HEIGHT_BINS - 1 ? (size_t)bin : ZF_HEIGHT_BINS - 1]++;
    }
    if (tally->example[0] == '\0' ||
        (tally->is_zip && number >= 0 && number < 10000 && tally->numbers.n_below_10000 == 1))
        (void)snprintf(tally->example, sizeof tally->example, "%.15g", number);
}

/* Counts a text that is a number, with a point or a comma, or a length with a unit; keeps the first other
 * one. */
static void add_quantity(zf_text_tally *tally, const char *text, size_t n) {
    double ignored = 0;
    zf_length_unit unit = ZF_UNIT_NONE;
    if (zf_quantity_number(text, n, '.', &ignored) || zf_quantity_number(text, n, ',', &ignored)) {
        tally->n_numbers++;
    } else if (zf_quantity_metres(text, n, '.', &ignored, &unit) ||
               zf_quantity_metres(text, n, ',', &ignored, &unit)) {
        tally->n_with_unit++;
        tally->units |= 1u << unit;
    } else if (tally->other[0] == '\0') {
        (void)snprintf(tally->other, sizeof tally->other, "%.*s", n < 36 ? (int)n : 36, text);
    }
}

static bool are_digits(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isdigit((unsigned char)text[i]))
            return false;
    return n > 0;
}

/* True for valid UTF-8; texts of 512 bytes and more are not checked. */
static bool is_utf8(const char *text, size_t n) {
    char copy[512];
    if (n >= sizeof copy || memchr(text, '\0', n) != NULL)
        return true;
    memcpy(copy, text, n);
    copy[n] = '\0';
    return zf_text_is_utf8(copy);
}

/* True for UTF-8 that was read as Latin-1 and encoded again: U+00C2 or U+00C3, then one of U+0080 to U+00BF.
 */
static bool is_encoded_twice(const char *text, size_t n) {
    for (size_t i = 0; i + 3 < n; i++)
        if ((uint8_t)text[i] == 0xC3 && ((uint8_t)text[i + 1] & 0xFE) == 0x82 &&
            (uint8_t)text[i + 2] == 0xC2 && (uint8_t)text[i + 3] >= 0x80)
            return true;
    return false;
}

/* Counts a text. */
static void add_text(zf_field_tally *tally, const char *text, size_t n) {
    tally->texts.n_not_utf8 += !is_utf8(text, n);
    tally->texts.n_twice_encoded += is_encoded_twice(text, n);
    tally->texts.n_four_digits += n == 4 && are_digits(text, n);
    tally->texts.n_leading_zero += n > 1 && text[0] == '0' && are_digits(text, n);
    add_quantity(&tally->texts, text, n);
    if (tally->example[0] == '\0' || (tally->is_zip && n == 4 && tally->texts.n_four_digits == 1))
        (void)snprintf(tally->example, sizeof tally->example, "%.*s", n < 36 ? (int)n : 36, text);
}

/* True for NULL and for texts of white space. */
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

/* Counts a value; ids of the first id field go into a set. */
static zf_status add_value(zf_field_tallies *tallies, zf_field_tally *tally, const zf_value *value,
                           int64_t fid, zf_error *error) {
    if (is_blank(value)) {
        tally->first_blank = tally->n_blank++ == 0 ? fid : tally->first_blank;
        return ZF_OK;
    }
    tally->n++;
    if (value->kind == ZF_VALUE_TEXT)
        add_text(tally, (const char *)value->as.bytes.bytes, value->as.bytes.n);
    else if (value->kind == ZF_VALUE_INTEGER || value->kind == ZF_VALUE_REAL)
        add_number(tally, zf_value_number(value));
    bool is_first_id = tally->is_id;
    for (const zf_field_tally *other = tallies->items; other < tally; other++)
        is_first_id = is_first_id && !other->is_id;
    return is_first_id ? add_to_set(&tallies->ids, value, error) : ZF_OK;
}

zf_status zf_field_tallies_add(zf_field_tallies *tallies, const zf_batch *batch, size_t row,
                               zf_error *error) {
    char scratch[ZF_VALUE_SCRATCH_BYTES];
    const int64_t fid = zf_batch_fid(batch, row);
    zf_status status = tallies->has_unique_fids ? ZF_OK : add_id(&tallies->fids, &fid, sizeof fid, error);
    for (size_t c = 0; c < tallies->n && status == ZF_OK; c++) {
        const zf_value value = zf_batch_value(batch, c, row, scratch);
        status = add_value(tallies, &tallies->items[c], &value, fid, error);
    }
    return status;
}

/* ---- problems ---- */

static void report_zip(const zf_field_tally *tally, zf_layer_report *report) {
    char a[32], b[32];
    if (tally->n_blank > 0)
        zf_layer_report_add(
            report,
            "ZIP field '%s': %s feature%s without an id (first: feature %" PRId64
            "): left out, and listed in rejected_feature; choose another field with `zip_field`",
            tally->name, zf_format_grouped(tally->n_blank, a), tally->n_blank == 1 ? "" : "s",
            tally->first_blank);
    if (tally->type != ZF_FIELD_TEXT && tally->numbers.n_below_10000 > 0)
        zf_layer_report_add(report,
                            "ZIP field '%s' holds numbers, which have no leading zeros: %s of %s ids are "
                            "short, such as %s; export it as text, or choose another field with `zip_field`",
                            tally->name, zf_format_grouped(tally->numbers.n_below_10000, a),
                            zf_format_grouped(tally->n, b), tally->example);
    if (tally->type == ZF_FIELD_TEXT && tally->texts.n_four_digits > 0 && tally->texts.n_leading_zero == 0)
        zf_layer_report_add(report,
                            "ZIP field '%s': %s of %s ids have four digits, such as '%s': leading zeros seem "
                            "to be lost; export it again as text, or choose another field with `zip_field`",
                            tally->name, zf_format_grouped(tally->texts.n_four_digits, a),
                            zf_format_grouped(tally->n, b), tally->example);
}

/* True for -99, -999, -9999, ..., for 9999, 99999, ..., and for the least 32-bit integer. */
static bool stands_for_nothing(double number) {
    double nines = number < 0 ? 99 : 9999;
    while (nines < fabs(number) && nines < 1e15)
        nines = 10 * nines + 9;
    return fabs(number) == nines || number == INT32_MIN;
}

/* Reports a number that occurs at least twice, and once in a hundred values, if it likely means unknown. */
static bool report_stand_in(const zf_field_tally *tally, double number, uint64_t n, zf_layer_report *report) {
    char a[32], b[32];
    if (n < 2 || n * stand_in_share < tally->n || !stands_for_nothing(number))
        return false;
    zf_layer_report_add(
        report,
        "field '%s': %s of %s values are %.15g, which likely means unknown; make them missing "
        "with `compute` NAME='NULLIF(\"%s\", %.15g)'",
        tally->name, zf_format_grouped(n, a), zf_format_grouped(tally->n, b), number, tally->name, number);
    return true;
}

/* The median of the positive values, to a quarter of a unit. */
static double median_height(const zf_field_tally *tally) {
    uint64_t below = 0;
    for (size_t bin = 0; bin < ZF_HEIGHT_BINS; bin++)
        if ((below += tally->numbers.bins[bin]) * 2 >= tally->numbers.n_positive)
            return (double)bin / BINS_PER_UNIT;
    return 0;
}

/* Reports zeros of heights and years. */
static void report_zeros(const zf_field_tally *tally, zf_layer_report *report) {
    char a[32], b[32];
    if (tally->numbers.n_zero * zeros_share >= tally->n && tally->numbers.n_zero > 0)
        zf_layer_report_add(
            report,
            "field '%s': %s of %s values are 0, which likely means unknown; leave them out with `where` "
            "'\"%s\" > 0', or make them missing with `compute` NAME='NULLIF(\"%s\", 0)'",
            tally->name, zf_format_grouped(tally->numbers.n_zero, a), zf_format_grouped(tally->n, b),
            tally->name, tally->name);
}

/* has_stand_in: the lowest number has been reported. */
static void report_height(const zf_field_tally *tally, bool has_stand_in, zf_layer_report *report) {
    char a[32], b[32];
    const bool says_metres = ends_with(tally->name, "_m") || strcasestr(tally->name, "met") != NULL;
    const bool says_feet = strcasestr(tally->name, "ft") != NULL || strcasestr(tally->name, "feet") != NULL;
    if (tally->numbers.n_negative > (has_stand_in ? tally->numbers.n_lowest : 0))
        zf_layer_report_add(report,
                            "field '%s': %s of %s values are negative, which likely means unknown; leave "
                            "them out with `where` '\"%s\" >= 0'",
                            tally->name, zf_format_grouped(tally->numbers.n_negative, a),
                            zf_format_grouped(tally->n, b), tally->name);
    if (tally->numbers.n_positive < MIN_HEIGHTS || says_metres ||
        (!says_feet && median_height(tally) <= high_median))
        return;
    zf_layer_report_add(report,
                        "field '%s' looks like feet (half of its values are above %g): for metres, `compute` "
                        "NAME='\"%s\" * 0.3048'",
                        tally->name, median_height(tally), tally->name);
}

/* Appends the units that occur: "m, ft". */
static void append_units(zf_text *out, unsigned units) {
    const char *before = "";
    for (unsigned unit = ZF_UNIT_M; unit < ZF_LENGTH_UNITS; unit++)
        if (units & 1u << unit) {
            zf_text_append_format(out, "%s%s", before, zf_length_unit_name((zf_length_unit)unit));
            before = ", ";
        }
}

/* Reports a text field of which most values are numbers, or lengths with units. */
static void report_quantities(const zf_field_tally *tally, zf_layer_report *report) {
    char a[32], b[32];
    const zf_text_tally *t = &tally->texts;
    const uint64_t n_read = t->n_numbers + t->n_with_unit;
    const bool has_codes = t->n_leading_zero > 0 && t->n_with_unit == 0; /* 02139 is a code */
    zf_text text = {0};
    if (tally->n == 0 || has_codes || n_read * mostly_share < tally->n * (mostly_share - 1))
        return;
    if (t->n_numbers == tally->n)
        zf_text_append_format(&text, "contains only numbers, such as '%s'", tally->example);
    else if (t->n_numbers > 0)
        zf_text_append_format(&text, "%s of %s values are numbers", zf_format_grouped(t->n_numbers, a),
                              zf_format_grouped(tally->n, b));
    if (t->n_with_unit > 0) {
        zf_text_append_format(&text, "%svalues with units: ", text.n > 0 ? "; " : "");
        append_units(&text, t->units);
    }
    if (n_read < tally->n)
        zf_text_append_format(&text, "; others: '%s'", t->other);
    zf_text_append_format(&text,
                          "; texts are compared letter by letter, and have no mean: `compute` "
                          "NAME='%s(\"%s\")' makes numbers of them",
                          t->n_with_unit > 0 ? "metres" : "number", tally->name);
    if (t->n_numbers == tally->n)
        zf_text_append_format(&text, ", as does CAST(\"%s\" AS REAL)", tally->name);
    if (!text.is_failed)
        zf_layer_report_add(report, "text field '%s': %s", tally->name, text.bytes);
    zf_text_deinit(&text);
}

static void report_text(const zf_field_tally *tally, zf_layer_report *report) {
    char a[32];
    if (tally->texts.n_not_utf8 > 0)
        zf_layer_report_add(report,
                            "field '%s': %s %s not UTF-8: give the encoding with `encoding` "
                            "(shapefiles), for example `encoding` CP1252",
                            tally->name, zf_format_grouped(tally->texts.n_not_utf8, a),
                            tally->texts.n_not_utf8 == 1 ? "text is" : "texts are");
    if (tally->texts.n_twice_encoded > 0)
        zf_layer_report_add(
            report,
            "field '%s': %s %s like UTF-8 read as Latin-1: correct it with `zips_encoding` or "
            "`buildings_encoding` UTF-8 (shapefiles), or export the layer again",
            tally->name, zf_format_grouped(tally->texts.n_twice_encoded, a),
            tally->texts.n_twice_encoded == 1 ? "text looks" : "texts look");
    if (!tally->is_zip && !tally->is_id)
        report_quantities(tally, report);
}

static const zf_field_tally *id_field(const zf_field_tallies *tallies) {
    for (size_t i = 0; i < tallies->n; i++)
        if (tallies->items[i].is_id)
            return &tallies->items[i];
    return NULL;
}

void zf_field_tallies_report(const zf_field_tallies *tallies, zf_layer_report *report) {
    char a[32];
    const bool is_one = tallies->fids.n_repeated == 1;
    const zf_field_tally *id = id_field(tallies);
    for (size_t i = 0; i < tallies->n; i++) {
        const zf_field_tally *tally = &tallies->items[i];
        if (tally->is_zip)
            report_zip(tally, report);
        const bool may_stand_in = !tally->is_zip && !tally->is_id;
        const bool has_stand_in =
            may_stand_in && report_stand_in(tally, tally->numbers.lowest, tally->numbers.n_lowest, report);
        if (may_stand_in)
            (void)report_stand_in(tally, tally->numbers.highest, tally->numbers.n_highest, report);
        if (tally->is_height || tally->is_year)
            report_zeros(tally, report);
        if (tally->is_height)
            report_height(tally, has_stand_in, report);
        if (tally->type == ZF_FIELD_TEXT)
            report_text(tally, report);
    }
    if (id != NULL && tallies->ids.n_repeated > 0)
        zf_layer_report_add(report, "field '%s': %s %s the id of another%s: each counts on its own", id->name,
                            zf_format_grouped(tallies->ids.n_repeated, a),
                            tallies->ids.n_repeated == 1 ? "feature repeats" : "features repeat",
                            tallies->ids.is_full ? ", at least" : "");
    if (tallies->fids.n_repeated > 0)
        zf_layer_report_add(report,
                            "%s %s the fid of another feature: building_fid does not identify %s; copy the "
                            "layer into a GeoPackage",
                            zf_format_grouped(tallies->fids.n_repeated, a),
                            is_one ? "feature has" : "features have", is_one ? "it" : "them");
}
