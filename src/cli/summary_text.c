/* SPDX-License-Identifier: MIT */
#include "cli/summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TABLE_WIDTH = 100, TEXT_CELL_BYTES = 25 };

/* What most people look for first; other columns follow in the order of zip_summary. */
static const char *const first_columns[] = {"buildings",     "important", "crossing",
                                            "built_area_m2", "coverage",  "per_km2"};
enum { N_FIRST = sizeof first_columns / sizeof first_columns[0] };

static bool is_first_column(const char *name) {
    for (size_t i = 0; i < N_FIRST; i++)
        if (strcmp(first_columns[i], name) == 0)
            return true;
    return false;
}

/** Columns that only the file and the JSON summary have, so that the statistics asked for fit into the line. */
static bool is_left_out(const char *name) {
    static const char *const names[] = {"parts", "area_m2", "important_area_m2", "important_coverage"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void take_column(zf_summary *summary, const zf_zip_line *line, size_t i) {
    if (summary->n_columns == ZF_SUMMARY_COLUMNS) {
        summary->has_more_columns = true;
        return;
    }
    const size_t c = summary->n_columns++;
    summary->source[c] = i;
    summary->is_left[c] = !zf_field_type_is_number(line->columns[i].type);
    zf_cli_printable(line->columns[i].name, strlen(line->columns[i].name), summary->cell[0][c],
                     ZF_SUMMARY_CELL_BYTES);
}

static void choose_columns(zf_summary *summary, const zf_zip_line *line) {
    snprintf(summary->cell[0][0], ZF_SUMMARY_CELL_BYTES, "zip");
    summary->is_left[0] = true;
    summary->n_columns = 1;
    for (size_t f = 0; f < N_FIRST; f++)
        for (size_t i = 0; i < line->n; i++)
            if (strcmp(line->columns[i].name, first_columns[f]) == 0)
                take_column(summary, line, i);
    for (size_t i = 0; i < line->n; i++) {
        const char *name = line->columns[i].name;
        if (is_left_out(name))
            summary->has_more_columns = true;
        else if (!is_first_column(name))
            take_column(summary, line, i);
    }
}

static void format_real(char *out, size_t n_bytes, double number) {
    const double size = fabs(number);
    if (size == 0.0) {
        snprintf(out, n_bytes, "0");
        return;
    }
    if (size >= 1e12 || (size < 1e-3 && size > 0.0))
        snprintf(out, n_bytes, "%.4g", number);
    else
        snprintf(out, n_bytes, "%.*f", size >= 100.0 ? 1 : size >= 1.0 ? 2 : 4, number);
}

static void format_value(char *out, const zf_value *value) {
    switch (value->kind) {
    case ZF_VALUE_INTEGER:
        snprintf(out, ZF_SUMMARY_CELL_BYTES, "%" PRId64, value->as.integer);
        return;
    case ZF_VALUE_REAL:
        format_real(out, ZF_SUMMARY_CELL_BYTES, value->as.real);
        return;
    case ZF_VALUE_TEXT:
        zf_cli_printable((const char *)value->as.bytes.bytes, value->as.bytes.n, out, TEXT_CELL_BYTES);
        for (char *c = out; *c != '\0'; c++)
            if (*c == '\n' || *c == '\t')
                *c = ' ';
        return;
    case ZF_VALUE_NULL:
    case ZF_VALUE_BLOB:
        break;
    }
    snprintf(out, ZF_SUMMARY_CELL_BYTES, "-");
}

void zf_summary_text_add(zf_summary *summary, const zf_zip_line *line) {
    if (summary->n_columns == 0)
        choose_columns(summary, line);
    if (summary->n_zips > ZF_SUMMARY_ROWS)
        return;
    char(*row)[ZF_SUMMARY_CELL_BYTES] = summary->cell[summary->n_zips];
    const zf_value zip = {ZF_VALUE_TEXT, {.bytes = {(const uint8_t *)line->zip, strlen(line->zip)}}};
    format_value(row[0], &zip);
    for (size_t c = 1; c < summary->n_columns; c++)
        format_value(row[c], &line->values[summary->source[c]]);
}

static void append_cell(zf_text *out, const char *cell, size_t width, bool is_left, bool is_last) {
    const int padding = (int)(width - zf_cli_width(cell));
    if (!is_left)
        zf_text_append_format(out, "%*s", padding, "");
    zf_text_append(out, cell);
    if (is_left && !is_last)
        zf_text_append_format(out, "%*s", padding, "");
}

/* Widths of the columns; returns how many fit into a line. */
static size_t measure_columns(const zf_summary *summary, size_t n_rows, size_t *width) {
    size_t line = 0;
    for (size_t c = 0; c < summary->n_columns; c++) {
        width[c] = 0;
        for (size_t r = 0; r < n_rows; r++) {
            const size_t w = zf_cli_width(summary->cell[r][c]);
            width[c] = w > width[c] ? w : width[c];
        }
        line += width[c] + (c > 0 ? 2 : 0);
        if (line > TABLE_WIDTH)
            return c;
    }
    return summary->n_columns;
}

static void append_table(const zf_summary *summary, zf_text *out) {
    size_t width[ZF_SUMMARY_COLUMNS];
    const size_t n_shown = summary->n_zips < ZF_SUMMARY_ROWS ? (size_t)summary->n_zips : ZF_SUMMARY_ROWS;
    const size_t n_columns = measure_columns(summary, n_shown + 1, width);
    for (size_t r = 0; r <= n_shown; r++) {
        for (size_t c = 0; c < n_columns; c++) {
            zf_text_append(out, c > 0 ? "  " : "");
            append_cell(out, summary->cell[r][c], width[c], summary->is_left[c], c + 1 == n_columns);
        }
        zf_text_append(out, "\n");
    }
    char left[32];
    if (summary->n_zips > n_shown)
        zf_text_append_format(out, "... and %s more in zip_summary\n",
                              zf_format_grouped(summary->n_zips - n_shown, left));
    else if (n_columns < summary->n_columns || summary->has_more_columns)
        zf_text_append(out, summary->has_conditions
                                ? "(built area and coverage are of all buildings; those of the important ones, and more "
                                  "columns, in zip_summary)\n"
                                : "(more columns in zip_summary)\n");
}

/* "12 outside all ZIPs": left out when there are none */
static void append_part(zf_text *out, uint64_t n, const char *words) {
    char number[32];
    if (n > 0)
        zf_text_append_format(out, ", %s %s", zf_format_grouped(n, number), words);
}

/* One condition is told by the line on important ones. */
static void append_funnel(const zf_run_report *report, zf_text *out) {
    char name[ZF_SUMMARY_CELL_BYTES], number[32];
    size_t width = 0;
    if (report->n_funnel < 2)
        return;
    for (size_t i = 0; i < report->n_funnel; i++) {
        const char *rule = report->funnel[i].rule;
        size_t w = zf_cli_width(zf_cli_printable(rule, strlen(rule), name, sizeof name));
        width = w > width ? w : width;
    }
    for (size_t i = 0; i < report->n_funnel; i++) {
        const zf_run_step *step = &report->funnel[i];
        zf_cli_printable(step->rule, strlen(step->rule), name, sizeof name);
        zf_text_append(out, i == 0 ? "Funnel: " : "        ");
        append_cell(out, name, width, true, false);
        zf_text_append_format(out, "  %s pass", zf_format_grouped(step->passed, number));
        zf_text_append_format(out, ", %s dropped\n", zf_format_grouped(step->dropped, number));
    }
}

/* Each row of rejected_feature is counted once in the ledger, but for those of repaired ZIPs. */
static void append_zips_repaired(const zf_run_report *report, zf_text *out) {
    const zf_run_counts *c = &report->counts;
    const uint64_t others =
        c->buildings_empty + c->buildings_skipped + c->buildings_repaired + c->zip_features_skipped;
    char number[32];
    if (report->rejected > others)
        zf_text_append_format(out, "ZIP features repaired: %s (see rejected_feature)\n",
                              zf_format_grouped(report->rejected - others, number));
}

static void append_areas(const zf_run_areas *areas, zf_text *out) {
    char number[32];
    zf_text_append_format(out, "Area of their footprints: %s m2",
                          zf_format_grouped((uint64_t)(areas->assigned_m2 + 0.5), number));
    zf_text_append_format(out, ", of which %s beyond all ZIPs",
                          zf_format_grouped((uint64_t)(areas->beyond_m2 + 0.5), number));
    zf_text_append_format(out, " and %s in more than one\n",
                          zf_format_grouped((uint64_t)(areas->in_many_m2 + 0.5), number));
}

static void append_counts(const zf_run_report *report, uint64_t n_zips, zf_text *out) {
    const zf_run_counts *counts = &report->counts;
    char a[32], b[32];
    zf_text_append_format(
        out, "%s building%s read: %s in a ZIP", zf_format_grouped(counts->buildings_read, a),
        counts->buildings_read == 1 ? "" : "s", zf_format_grouped(counts->buildings_assigned, b));
    append_part(out, counts->buildings_crossing, "crossing the border of one");
    append_part(out, counts->buildings_outside, "outside all ZIPs");
    append_part(out, counts->buildings_empty, "without geometry");
    append_part(out, counts->buildings_skipped, "skipped");
    zf_text_append(out, "\n");
    if (counts->buildings_in_many > 0)
        zf_text_append_format(out, "In more than one ZIP: %s\n",
                              zf_format_grouped(counts->buildings_in_many, a));
    if (counts->buildings_repaired > 0)
        zf_text_append_format(out, "Repaired: %s (see rejected_feature)\n",
                              zf_format_grouped(counts->buildings_repaired, a));
    append_zips_repaired(report, out);
    if (counts->zip_features_skipped > 0)
        zf_text_append_format(out, "ZIP features left out: %s of %s (see rejected_feature)\n",
                              zf_format_grouped(counts->zip_features_skipped, a),
                              zf_format_grouped(counts->zips_read, b));
    if (report->has_areas)
        append_areas(&report->areas, out);
    append_funnel(report, out);
    zf_text_append_format(out, "Important: %s of %s in ", zf_format_grouped(counts->important, a),
                          zf_format_grouped(counts->assignments, b));
    zf_text_append_format(out, "%s ZIP%s\n", zf_format_grouped(n_zips, a), n_zips == 1 ? "" : "s");
    if (report->has_groups)
        zf_text_append_format(out, "Groups: %s (see zip_group)\n", zf_format_grouped(report->n_groups, a));
}

void zf_summary_text_append(const zf_summary *summary, const char *output, const zf_run_report *report,
                            zf_text *out) {
    if (summary->n_zips > 0) {
        append_table(summary, out);
        zf_text_append(out, "\n");
    }
    append_counts(report, summary->n_zips, out);
    zf_text_append_format(out, "Result: %s\n", output);
}
