/* SPDX-License-Identifier: MIT */
#include "cli/table_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char cut_mark[] = "...";
enum { GAP = 2, N_MARK = sizeof cut_mark - 1, LEAST_OF_LAST = 20 };

void zf_table_text_add(zf_table_text *table, zf_text *cell) {
    zf_text_append_n(&table->cells, cell->bytes != NULL ? cell->bytes : "", cell->n + 1);
    table->cells.is_failed |= cell->is_failed;
    table->n_cells++;
    cell->n = 0;
    if (cell->bytes != NULL)
        cell->bytes[0] = '\0';
}

/* Bytes of the first n characters. */
static size_t bytes_of(const char *text, size_t n) {
    size_t bytes = 0;
    while (n-- > 0 && text[bytes] != '\0') {
        const size_t width = zf_utf8_bytes(text + bytes, strlen(text + bytes));
        bytes += width > 0 ? width : 1;
    }
    return bytes;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Widths of the columns, and the most that each may have; how many fit into a line. The last one may be of
 * any width that fits. */
static void measure_columns(zf_table_text *table, size_t line_width) {
    const char *cell = table->cells.bytes;
    size_t at = 0, *width = table->widths, *most = table->widths + table->n_columns;
    for (size_t i = 0; i < table->n_cells; i++, cell += strlen(cell) + 1) {
        const size_t w = zf_cli_width(cell), c = i % table->n_columns;
        width[c] = w > width[c] ? w : width[c];
    }
    for (size_t c = 0; c < table->n_columns; c++) {
        const bool is_last = c + 1 == table->n_columns;
        const size_t left =
            line_width == 0 ? SIZE_MAX : line_width - least(line_width, at + (c > 0 ? GAP : 0));
        most[c] = is_last ? left : least(left, ZF_TABLE_CELL_WIDTH);
        if (c > 0 && least(width[c], is_last ? LEAST_OF_LAST : ZF_TABLE_CELL_WIDTH) > left)
            return;
        width[c] = least(width[c], most[c]);
        at += width[c] + (c > 0 ? GAP : 0);
        table->n_shown = c + 1;
    }
}

/* A cell in its width; blanks before it, or after it unless it is the last. */
static void append_cell(const zf_table_text *table, size_t c, const char *cell, zf_text *out) {
    const size_t w = zf_cli_width(cell), most = table->widths[table->n_columns + c];
    const size_t padding = table->widths[c] - least(table->widths[c], w);
    zf_text_append_format(out, "%*s", c > 0 ? GAP : 0, "");
    if (w > most) {
        zf_text_append_n(out, cell, bytes_of(cell, most > N_MARK ? most - N_MARK : 0));
        zf_text_append(out, cut_mark);
        return;
    }
    zf_text_append_format(out, "%*s", table->is_right[c] ? (int)padding : 0, "");
    zf_text_append(out, cell);
    if (!table->is_right[c] && c + 1 < table->n_shown)
        zf_text_append_format(out, "%*s", (int)padding, "");
}

zf_status zf_table_text_init(zf_table_text *table, size_t n_columns, zf_error *error) {
    *table = (zf_table_text){.n_columns = n_columns, .is_right = calloc(n_columns, sizeof *table->is_right)};
    return table->is_right != NULL ? ZF_OK : zf_error_memory(error, n_columns, "the table");
}

void zf_table_text_append(zf_table_text *table, size_t width, zf_text *out) {
    const bool is_first = table->widths == NULL;
    if (is_first)
        table->widths = calloc(2 * table->n_columns, sizeof *table->widths);
    if (table->widths == NULL || table->cells.is_failed) {
        out->is_failed = true;
        return;
    }
    if (is_first)
        measure_columns(table, width);
    const char *cell = table->cells.bytes;
    for (size_t i = 0; i < table->n_cells; i++, cell += strlen(cell) + 1) {
        const size_t c = i % table->n_columns;
        if (c < table->n_shown)
            append_cell(table, c, cell, out);
        if (c + 1 == table->n_columns)
            zf_text_append(out, "\n");
    }
    table->n_cells = table->cells.n = 0;
}

void zf_table_text_deinit(zf_table_text *table) {
    zf_text_deinit(&table->cells);
    free(table->is_right);
    free(table->widths);
    *table = (zf_table_text){0};
}
