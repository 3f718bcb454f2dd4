/* SPDX-License-Identifier: MIT */
/** The tables of a result and their columns, by the names that a user gives. */
#ifndef ZF_PROVENANCE_TABLE_NAMES_H
#define ZF_PROVENANCE_TABLE_NAMES_H

#include "provenance/result_internal.h"
#include "zonefold/table.h"

/** A column of a table; the strings are its own. */
typedef struct zf_named_column {
    char *name;
    char *label; /**< with the unit; a copy of the name where there is no label */
    zf_field_type type;
    bool is_geometry;
} zf_named_column;

/** Zero-initialise. */
typedef struct zf_named_columns {
    zf_named_column *items;
    size_t n;
} zf_named_columns;

/** The table as the file spells it, free(); ZF_E_USAGE names those of the result. */
ZF_MUST_USE zf_status zf_find_table(zf_reader *reader, const char *name, char **out, zf_error *error);
/** All columns of a table, in its order. *out also on failure: zf_named_columns_deinit. */
ZF_MUST_USE zf_status zf_list_columns(zf_reader *reader, const char *table, zf_named_columns *out,
                                      zf_error *error);
void zf_named_columns_deinit(zf_named_columns *columns);
/** Number of the column of that name: exact, else in any case. ZF_E_USAGE, for the parameter, names those of
 * the table. */
ZF_MUST_USE zf_status zf_find_column(const zf_named_columns *columns, const char *table, const char *name,
                                     const char *parameter, size_t *out, zf_error *error);

/** The file of an open table. */
zf_reader *zf_table_file(zf_table_reader *reader);

#endif
