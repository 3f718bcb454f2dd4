/* SPDX-License-Identifier: MIT */
#include "cli/cells.h"
#include "cli/summary.h"
#include "zonefold/program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_SHOWN = 25, EMPTY_SHOWN = 8, PIPE_WIDTH = 100 };

/* ---- which columns, in which order ---- */

static bool has_name(const zf_zip_line *line, size_t i, const char *name) {
    return strcmp(line->columns[i].name, name) == 0;
}

/** Adds a column of every result, by its name. */
static void add_fixed(zf_summary_text *text, const zf_zip_line *line, const char *name) {
    for (size_t i = 0; i < line->n_fixed; i++)
        if (has_name(line, i, name))
            text->columns[text->n_columns++] = i;
}

/** Adds the columns of n options; the sum of all areas stands among the fixed columns already. */
static void add_range(zf_summary_text *text, const zf_zip_line *line, size_t first, size_t n) {
    for (size_t i = first; i < first + n; i++)
        if (i < line->first_default || i >= line->first_default + line->n_default ||
            !has_name(line, i, "area_m2_sum"))
            text->columns[text->n_columns++] = i;
}

/** What was asked for stands first, after the counts; then what every result has; last what no option asked
 * for. `important` and its area equal those of all buildings without a condition, and are left out then. */
static void choose_columns(zf_summary *summary, const zf_zip_line *line) {
    static const char *const others[] = {"coverage", "built_area_m2", "per_km2", "crossing"};
    zf_summary_text *text = &summary->text;
    const size_t after_defaults = line->first_default + line->n_default;
    add_fixed(text, line, "buildings");
    if (summary->has_conditions)
        add_fixed(text, line, "important");
    add_range(text, line, line->n_fixed, line->first_default - line->n_fixed);
    add_range(text, line, after_defaults, line->n - after_defaults);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        add_fixed(text, line, others[i]);
    if (summary->has_conditions) {
        add_fixed(text, line, "important_coverage");
        add_fixed(text, line, "important_area_m2");
    }
    add_range(text, line, line->first_default, line->n_default);
}

static bool is_share(const char *column) {
    return strcmp(column, "coverage") == 0 || strcmp(column, "important_coverage") == 0;
}

/* ---- the table of ZIPs ---- */

static void add_text_cell(zf_summary_text *text, const char *words) {
    zf_text cell = {0};
    const zf_value value = {ZF_VALUE_TEXT, {.bytes = {(const uint8_t *)words, strlen(words)}}};
    zf_cli_append_cell(&cell, &value);
    zf_table_text_add(&text->table, &cell);
    zf_text_deinit(&cell);
}

static void add_headings(zf_summary_text *text, const zf_zip_line *line) {
    add_text_cell(text, "zip");
    for (size_t c = 0; c < text->n_columns; c++) {
        const zf_column *column = &line->columns[text->columns[c]];
        text->table.is_right[c + 1] = zf_field_type_is_number(column->type);
        add_text_cell(text, column->name);
        zf_text_append_n(&text->names, column->name, strlen(column->name) + 1);
    }
}

static void add_row(zf_summary_text *text, const zf_zip_line *line) {
    zf_text cell = {0};
    add_text_cell(text, line->zip);
    for (size_t c = 0; c < text->n_columns; c++) {
        const zf_value *value = &line->values[text->columns[c]];
        if (is_share(line->columns[text->columns[c]].name) && value->kind == ZF_VALUE_REAL)
            zf_text_append_format(&cell, "%.1f %%", 100.0 * value->as.real);
        else
            zf_cli_append_cell(&cell, value);
        zf_table_text_add(&text->table, &cell);
    }
    zf_text_deinit(&cell);
}

/** A ZIP in which nothing is, and which nothing crosses. */
static bool is_empty(const zf_zip_line *line) {
    bool is_empty = true;
    for (size_t i = 0; i < line->n_fixed; i++)
        if (has_name(line, i, "buildings") || has_name(line, i, "crossing"))
            is_empty &= line->values[i].as.integer == 0;
    return is_empty;
}

static void add_empty(zf_summary_text *text, const zf_zip_line *line) {
    const zf_value zip = {ZF_VALUE_TEXT, {.bytes = {(const uint8_t *)line->zip, strlen(line->zip)}}};
    text->n_empty++;
    if (text->n_empty > EMPTY_SHOWN)
        return;
    zf_text_append(&text->empty, text->n_empty > 1 ? ", " : "");
    zf_cli_append_cell(&text->empty, &zip);
}

static zf_status begin(zf_summary *summary, const zf_zip_line *line, zf_error *error) {
    zf_summary_text *text = &summary->text;
    text->columns = calloc(line->n, sizeof *text->columns);
    if (text->columns == NULL)
        return zf_error_memory(error, line->n * sizeof *text->columns, "the summary");
    choose_columns(summary, line);
    zf_status status = zf_table_text_init(&text->table, text->n_columns + 1, error);
    if (status == ZF_OK)
        add_headings(text, line);
    return status;
}

zf_status zf_summary_text_add(zf_summary *summary, const zf_zip_line *line, zf_error *error) {
    zf_summary_text *text = &summary->text;
    zf_status status = text->columns == NULL ? begin(summary, line, error) : ZF_OK;
    if (status != ZF_OK)
        return status;
    if (is_empty(line))
        add_empty(text, line);
    else if (text->n_shown < ROWS_SHOWN) {
        text->n_shown++;
        add_row(text, line);
    }
    return text->empty.is_failed || text->names.is_failed || text->table.cells.is_failed
               ? zf_error_memory(error, 0, "the summary")
               : ZF_OK;
}

/** The names of the columns that do not fit. */
static void append_hidden(const zf_summary_text *text, zf_text *out) {
    const char *name = text->names.bytes;
    for (size_t c = 1; c <= text->n_columns; c++, name += strlen(name) + 1)
        if (c >= text->table.n_shown)
            zf_text_append_format(out, "%s%s",
                                  c == text->table.n_shown ? "Not shown, see 'zonefold show': " : ", ", name);
    if (text->table.n_shown <= text->n_columns)
        zf_text_append(out, "\n");
}

static void append_zips(zf_summary *summary, zf_text *out) {
    zf_summary_text *text = &summary->text;
    const size_t width = zf_program_output_columns();
    char number[32];
    if (text->n_shown > 0)
        zf_table_text_append(&text->table, width > 0 ? width : PIPE_WIDTH, out);
    const uint64_t n_more = summary->n_zips - text->n_empty - text->n_shown;
    if (n_more > 0)
        zf_text_append_format(out, "... and %s more ZIPs with buildings\n",
                              zf_format_grouped(n_more, number));
    if (text->n_empty > 0)
        zf_text_append_format(out, "%s ZIP%s without buildings: %s%s\n",
                              zf_format_grouped(text->n_empty, number), text->n_empty == 1 ? "" : "s",
                              text->empty.bytes, text->n_empty > EMPTY_SHOWN ? ", ..." : "");
    if (text->n_shown > 0)
        append_hidden(text, out);
    if (text->n_shown > 0 && summary->has_conditions)
        zf_text_append(out,
                       "Built area and coverage are of all buildings, not only of the important ones.\n");
    zf_text_append(out, "\n");
}

/* ---- the counts ---- */

/* "12 outside all ZIPs": left out when there are none */
static void append_part(zf_text *out, uint64_t n, const char *words) {
    char number[32];
    if (n > 0)
        zf_text_append_format(out, ", %s %s", zf_format_grouped(n, number), words);
}

/* One condition is told by the line on important ones. */
static void append_funnel(const zf_run_report *report, zf_text *out) {
    char name[64], number[32];
    int width = 0;
    if (report->n_funnel < 2)
        return;
    for (size_t i = 0; i < report->n_funnel; i++) {
        const char *rule = report->funnel[i].rule;
        const int w = (int)zf_cli_width(zf_cli_printable(rule, strlen(rule), name, sizeof name));
        width = w > width ? w : width;
    }
    for (size_t i = 0; i < report->n_funnel; i++) {
        const zf_run_step *step = &report->funnel[i];
        zf_cli_printable(step->rule, strlen(step->rule), name, sizeof name);
        zf_text_append_format(out, "%s%s%*s", i == 0 ? "Funnel: " : "        ", name,
                              width - (int)zf_cli_width(name), "");
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
    if (counts->buildings_repaired > 0)
        zf_text_append_format(out, "; %s repaired", zf_format_grouped(counts->buildings_repaired, a));
    zf_text_append(out, counts->buildings_empty + counts->buildings_skipped + counts->buildings_repaired > 0
                            ? " (see rejected_feature)\n"
                            : "\n");
    if (counts->buildings_in_many > 0)
        zf_text_append_format(out, "In more than one ZIP: %s\n",
                              zf_format_grouped(counts->buildings_in_many, a));
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
}

/** The tables of the result that have rows: "zip_summary (12 rows), important_building (5,684)". */
static void append_tables(const zf_run_report *report, zf_text *out) {
    char number[32];
    bool is_first = true;
    for (size_t i = 0; i < report->n_tables; i++) {
        if (report->tables[i].n_rows == 0)
            continue;
        zf_text_append_format(out, "%s%s (%s%s)", is_first ? "Tables: " : ", ", report->tables[i].name,
                              zf_format_grouped(report->tables[i].n_rows, number),
                              !is_first                       ? ""
                              : report->tables[i].n_rows == 1 ? " row"
                                                              : " rows");
        is_first = false;
    }
    zf_text_append(out, is_first ? "" : "\n");
}

void zf_summary_text_append(zf_summary *summary, const char *output, const zf_run_report *report,
                            zf_text *out) {
    if (summary->n_zips > 0)
        append_zips(summary, out);
    append_counts(report, summary->n_zips, out);
    append_tables(report, out);
    zf_text_append_format(out, "Result: %s\n", output);
}

void zf_summary_deinit(zf_summary *summary) {
    zf_table_text_deinit(&summary->text.table);
    zf_text_deinit(&summary->text.names);
    zf_text_deinit(&summary->text.empty);
    zf_text_deinit(&summary->zips);
    free(summary->text.columns);
}
