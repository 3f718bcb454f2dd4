/* SPDX-License-Identifier: MIT */
/**
 * @file table_text.h
 * A table of aligned columns.
 */
#ifndef ZF_CLI_TABLE_TEXT_H
#define ZF_CLI_TABLE_TEXT_H

#include "cli/cli.h"

enum { ZF_TABLE_CELL_WIDTH = 60 }; /* characters of a cell, but for the last of a row */

/** The cells of a table, row by row, headings first. Zero-initialise; zf_table_text_deinit. */
typedef struct zf_table_text {
    size_t n_columns;
    bool *is_right; /**< n_columns: aligned to the right */
    zf_text cells;  /**< each ends with a NUL */
    size_t n_cells; /**< the last row may be incomplete */
    size_t *widths; /**< n_columns, and as many that no cell exceeds; NULL before the first append */
    size_t n_shown; /**< columns that fit */
} zf_table_text;

ZF_MUST_USE zf_status zf_table_text_init(zf_table_text *table, size_t n_columns, zf_error *error);
/** Adds one cell: the text of cell, which is emptied. */
void zf_table_text_add(zf_table_text *table, zf_text *cell);
/**
 * Appends the rows, columns aligned and two blanks apart, and takes them out of the table. Longer cells end
 * with "...". The widths are those of the first call's cells.
 * @param width of a line; columns that do not fit are left out, but not the first. 0: no limit.
 */
void zf_table_text_append(zf_table_text *table, size_t width, zf_text *out);
void zf_table_text_deinit(zf_table_text *table);

#endif
