/* SPDX-License-Identifier: MIT */
#include "zone/zone_internal.h"

#include <stdlib.h>
#include <string.h>

static const char *const well_known[] = {"ZIP",       "ZIPCODE", "ZIP_CODE", "ZIP5",      "ZCTA5CE20",
                                         "ZCTA5CE10", "ZCTA5",   "POSTCODE", "POSTALCODE"};
enum { N_WELL_KNOWN = sizeof well_known / sizeof *well_known };

bool zf_zone_is_zip_name(const char *name) {
    for (size_t k = 0; k < N_WELL_KNOWN; k++)
        if (zf_string_equal_nocase(name, well_known[k]))
            return true;
    return false;
}

static void append_field_names(zf_text *text, const zf_source_info *info) {
    for (size_t i = 0; i < info->n_fields; i++) {
        zf_text_append(text, i == 0 ? "" : ", ");
        zf_text_append(text, info->fields[i].name);
    }
    if (info->n_fields == 0)
        zf_text_append(text, "(none)");
}

/** Error "what; the layer's fields are: a, b, c", with the layer. */
static zf_status fields_error(const zf_source *source, const char *what, zf_error *error) {
    const zf_source_info *info = zf_source_get_info(source);
    zf_text names = {0};
    append_field_names(&names, info);
    zf_status st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "%s; the layer's fields are: %s", what,
                                names.bytes ? names.bytes : "");
    zf_text_deinit(&names);
    return zf_error_at(error, st, info->path, info->layer, ZF_NO_FID);
}

/** Error for a field that does not exist, with the nearest name. */
static zf_status missing_field(const zf_source *source, const char *option, const char *name,
                               zf_error *error) {
    const zf_source_info *info = zf_source_get_info(source);
    const char **names = malloc((info->n_fields + 1) * sizeof *names);
    for (size_t i = 0; names != NULL && i < info->n_fields; i++)
        names[i] = info->fields[i].name;
    const char *near = names != NULL ? zf_string_nearest(name, names, info->n_fields) : NULL;
    zf_text what = {0};
    zf_text_append_format(&what, "%s: no field '%s'", option, name);
    if (near != NULL)
        zf_text_append_format(&what, " (did you mean '%s'?)", near);
    zf_status st = fields_error(source, what.bytes ? what.bytes : option, error);
    zf_text_deinit(&what);
    free(names);
    return st;
}

/** Finds the only field with a well-known name. */
static zf_status find_well_known(const zf_source *source, int *out, zf_error *error) {
    const zf_source_info *info = zf_source_get_info(source);
    int found = -1, n_found = 0;
    for (size_t i = 0; i < info->n_fields; i++)
        if (zf_zone_is_zip_name(info->fields[i].name)) {
            found = (int)i;
            n_found++;
        }
    *out = found;
    if (n_found == 1)
        return ZF_OK;
    return fields_error(source,
                        n_found == 0 ? "no field looks like a ZIP id; name it with `zip_field`"
                                     : "several fields look like a ZIP id; choose one with `zip_field`",
                        error);
}

/** Splits "FIELD DESC" or "FIELD ASC" into name and direction. */
static zf_status parse_order(const char *order_by, char *name, size_t cap, bool *out_desc, zf_error *error) {
    size_t n = strlen(order_by);
    *out_desc = false;
    if (n > 5 && zf_string_equal_nocase(order_by + n - 5, " DESC")) {
        *out_desc = true;
        n -= 5;
    } else if (n > 4 && zf_string_equal_nocase(order_by + n - 4, " ASC")) {
        n -= 4;
    }
    while (n > 0 && order_by[n - 1] == ' ')
        n--;
    if (n == 0 || n >= cap)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "`order_by` '%s': expected FIELD or FIELD DESC", order_by);
    memcpy(name, order_by, n);
    name[n] = '\0';
    return ZF_OK;
}

static zf_status find_order(const zf_source *source, const char *order_by, zf_zone_fields *out,
                            zf_error *error) {
    char name[512];
    zf_status st = parse_order(order_by, name, sizeof name, &out->is_descending, error);
    if (st != ZF_OK)
        return st;
    zf_name_unquote(name);
    out->order = zf_source_field_by_name(source, name);
    return out->order < 0 ? missing_field(source, "`order_by`", name, error) : ZF_OK;
}

zf_status zf_zone_find_field(const zf_source *source, const char *parameter, const char *name, int *out,
                             zf_error *error) {
    *out = zf_source_field_by_name(source, name);
    return *out < 0 ? missing_field(source, parameter, name, error) : ZF_OK;
}

zf_status zf_zone_fields_find(const zf_source *source, const zf_catalogue_options *options,
                              zf_zone_fields *out, zf_error *error) {
    out->zip = out->order = -1;
    out->is_descending = false;
    if (options->order_by != NULL) {
        zf_status st = find_order(source, options->order_by, out, error);
        if (st != ZF_OK)
            return st;
    }
    if (options->zip_field == NULL && !options->combine)
        return find_well_known(source, &out->zip, error);
    if (options->zip_field != NULL) {
        out->zip = zf_source_field_by_name(source, options->zip_field);
        if (out->zip < 0)
            return missing_field(source, "`zip_field`", options->zip_field, error);
    }
    if (options->combine) /* one zone: the fields must exist, but are not read */
        out->zip = out->order = -1;
    return ZF_OK;
}

/** NULL before numbers before text, as in SQLite. */
static int value_class(const zf_value *v) {
    switch (v->kind) {
    case ZF_VALUE_NULL:
        return 0;
    case ZF_VALUE_INTEGER:
    case ZF_VALUE_REAL:
        return 1;
    default:
        return 2;
    }
}

int zf_zone_compare_values(const zf_value *a, const zf_value *b) {
    int ca = value_class(a), cb = value_class(b);
    if (ca != cb)
        return ca < cb ? -1 : 1;
    if (ca == 0)
        return 0;
    if (ca == 1) {
        if (a->kind == ZF_VALUE_INTEGER && b->kind == ZF_VALUE_INTEGER)
            return (a->as.integer > b->as.integer) - (a->as.integer < b->as.integer);
        double x = zf_value_number(a), y = zf_value_number(b);
        return (x > y) - (x < y);
    }
    size_t n = a->as.bytes.n < b->as.bytes.n ? a->as.bytes.n : b->as.bytes.n;
    int c = n == 0 ? 0 : memcmp(a->as.bytes.bytes, b->as.bytes.bytes, n);
    return c != 0 ? c : (a->as.bytes.n > b->as.bytes.n) - (a->as.bytes.n < b->as.bytes.n);
}
