/* SPDX-License-Identifier: MIT */
#include "schema/scope.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NAMES_LISTED = 40 };

static void add(zf_scope *scope, zf_column column, zf_scope_kind kind, size_t number, bool is_hidden) {
    scope->columns[scope->n++] =
        (zf_scope_column){.column = column, .kind = kind, .number = number, .is_hidden = is_hidden};
}

static bool is_reserved(const char *name) {
    return zf_string_equal_nocase(name, "fid") || zf_measure_by_name(name) != ZF_MEASURE_KINDS;
}

zf_status zf_scope_make(const zf_source_info *info, size_t n_computed, zf_arena *arena, zf_scope *out,
                        zf_error *error) {
    *out = (zf_scope){.cap = zf_scope_measure(ZF_MEASURE_KINDS) + info->n_fields + n_computed};
    zf_status st = zf_arena_take(arena, out->cap, sizeof *out->columns, &out->columns, error);
    if (st != ZF_OK)
        return st;
    add(out, (zf_column){"fid", ZF_FIELD_INTEGER}, ZF_SCOPE_KIND_FID, 0, false);
    for (int m = 0; m < ZF_MEASURE_KINDS; m++) {
        zf_column measure = {zf_measure_name((zf_measure)m), zf_measure_type((zf_measure)m)};
        add(out, measure, ZF_SCOPE_KIND_MEASURE, (size_t)m, false);
    }
    for (size_t i = 0; i < info->n_fields; i++)
        add(out, info->fields[i], ZF_SCOPE_KIND_FIELD, i, is_reserved(info->fields[i].name));
    return ZF_OK;
}

void zf_scope_add_computed(zf_scope *scope, const char *name) {
    const zf_scope_column *last = &scope->columns[scope->n - 1];
    size_t number = last->kind == ZF_SCOPE_KIND_COMPUTED ? last->number + 1 : 0;
    add(scope, (zf_column){name, ZF_FIELD_TEXT}, ZF_SCOPE_KIND_COMPUTED, number, false);
}

bool zf_scope_find(const zf_scope *scope, const char *name, size_t *out) {
    enum { RESERVED, EXACT, ANY_CASE, N_PASSES };
    for (int pass = RESERVED; pass < N_PASSES; pass++)
        for (size_t i = 0; i < scope->n; i++) {
            const zf_scope_column *c = &scope->columns[i];
            bool is_field = c->kind == ZF_SCOPE_KIND_FIELD || c->kind == ZF_SCOPE_KIND_COMPUTED;
            bool is_found = is_field == (pass != RESERVED) &&
                            (pass == EXACT ? strcmp(c->column.name, name) == 0
                                           : zf_string_equal_nocase(c->column.name, name));
            if (is_found) {
                *out = i;
                return true;
            }
        }
    return false;
}

/* Names of one kind, up to a number: the layer's own and computed ones, or those that every layer has. */
static void append_names(zf_text *out, const zf_scope *scope, bool is_own) {
    size_t n = 0;
    for (size_t i = 0; i < scope->n; i++) {
        const zf_scope_column *c = &scope->columns[i];
        const bool is_field = c->kind == ZF_SCOPE_KIND_FIELD || c->kind == ZF_SCOPE_KIND_COMPUTED;
        if (is_field == is_own && !c->is_hidden && n++ < MAX_NAMES_LISTED)
            zf_text_append_format(out, "%s%s", n == 1 ? "" : ", ", c->column.name);
    }
    if (n > MAX_NAMES_LISTED)
        zf_text_append_format(out, " and %zu more", n - MAX_NAMES_LISTED);
    if (n == 0)
        zf_text_append(out, "none");
}

static zf_status refuse_unknown(const zf_scope *scope, const char *parameter, const char *name,
                                zf_error *error) {
    zf_text names = {0};
    const char **all = malloc(scope->n * sizeof *all);
    for (size_t i = 0; all != NULL && i < scope->n; i++)
        all[i] = scope->columns[i].column.name;
    const char *near = all != NULL ? zf_string_nearest(name, all, scope->n) : NULL;
    append_names(&names, scope, true);
    zf_text_append(&names, "; besides ");
    append_names(&names, scope, false);
    zf_status st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "%s: the building layer has no field '%s'%s%s%s; there are: %s", parameter,
                                name, near != NULL ? " (did you mean '" : "", near != NULL ? near : "",
                                near != NULL ? "'?)" : "", names.bytes != NULL ? names.bytes : "");
    zf_text_deinit(&names);
    free(all);
    return st;
}

zf_status zf_scope_use(zf_scope *scope, const char *parameter, const char *name, size_t *out,
                       zf_error *error) {
    if (!zf_scope_find(scope, name, out))
        return refuse_unknown(scope, parameter, name, error);
    if (scope->columns[*out].column.type == ZF_FIELD_UNSUPPORTED)
        return zf_error_set(
            error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
            "%s: field '%s' is a list, which cannot be carried or counted; read it as a text (GeoJSON: "
            "`buildings_open_option` ARRAY_AS_STRING=YES), or write it into a text field",
            parameter, name);
    scope->columns[*out].is_used = true;
    return ZF_OK;
}

void zf_scope_list(const zf_scope *scope, zf_column *out) {
    for (size_t i = 0; i < scope->n; i++)
        out[i] = scope->columns[i].column;
}
