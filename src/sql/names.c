/* SPDX-License-Identifier: MIT */
/* Column names that people's data brings along, made distinct. */
#include "sql/names.h"
#include "sql/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct scope {
    const char *const *own;
    size_t n_own;
    const zf_column *columns;
    size_t n_columns;
    char **settled;
    size_t n_settled;
    bool has_geometry; /**< the name of the geometry column is taken */
} scope;

static const char *original(const scope *in, size_t i) {
    const char *name = in->columns[i].name;
    return name != NULL && *name != '\0' ? name : "column"; /* QGIS cannot show a column without a name */
}

static bool is_own(const scope *in, const char *name) {
    for (size_t i = 0; i < in->n_own; i++)
        if (zf_string_equal_nocase(name, in->own[i]))
            return true;
    /* SpatiaLite finds a row by ROWID; a column of that name would hide it. */
    return (in->has_geometry && zf_string_equal_nocase(name, ZF_GEOMETRY_COLUMN)) ||
           zf_string_equal_nocase(name, "rowid");
}

static bool is_original_before(const scope *in, const char *name, size_t end) {
    for (size_t i = 0; i < end; i++)
        if (zf_string_equal_nocase(name, original(in, i)))
            return true;
    return false;
}

static bool is_settled(const scope *in, const char *name) {
    for (size_t i = 0; i < in->n_settled; i++)
        if (zf_string_equal_nocase(name, in->settled[i]))
            return true;
    return false;
}

static char *settle(const scope *in, size_t i) {
    const char *name = original(in, i);
    if (!is_own(in, name) && !is_original_before(in, name, i))
        return zf_string_copy(name);
    for (unsigned suffix = 2;; suffix++) {
        char *candidate = NULL;
        if (asprintf(&candidate, "%s_%u", name, suffix) < 0)
            return NULL;
        if (!is_own(in, candidate) && !is_original_before(in, candidate, in->n_columns) &&
            !is_settled(in, candidate))
            return candidate;
        free(candidate);
    }
}

static zf_status settle_all(scope *in, zf_error *error) {
    memset(in->settled, 0, in->n_columns * sizeof *in->settled);
    for (size_t i = 0; i < in->n_columns; i++) {
        in->settled[i] = settle(in, i);
        if (in->settled[i] == NULL)
            return zf_error_memory(error, strlen(original(in, i)) + 12, "a column name");
        in->n_settled = i + 1;
    }
    return ZF_OK;
}

zf_status zf_names_settle(const char *const *own, size_t n_own, const zf_column *columns, size_t n,
                          char **out_names, zf_error *error) {
    scope in = {own, n_own, columns, n, out_names, 0, true};
    return settle_all(&in, error);
}

zf_status zf_names_settle_query(const char *const *own, size_t n_own, const zf_column *columns, size_t n,
                                char **out_names, zf_error *error) {
    scope in = {own, n_own, columns, n, out_names, 0, false};
    return settle_all(&in, error);
}
