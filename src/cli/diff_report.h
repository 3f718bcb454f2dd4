/* SPDX-License-Identifier: MIT */
/** How differences between two results are told. */
#ifndef ZF_CLI_DIFF_REPORT_H
#define ZF_CLI_DIFF_REPORT_H

#include "cli/cli.h"
#include "zonefold/diff.h"

enum { ZF_DIFF_ROWS_BY_DEFAULT = 20 };

/** The rows of a table that differ, as far as they are listed. */
typedef struct zf_diff_rows {
    const char *table; /**< borrowed from the difference */
    size_t n;          /**< that differ, so far */
    zf_text text;
} zf_diff_rows;

/** Rows as they are found, table by table. Zero-initialise but for is_json and n_rows. */
typedef struct zf_diff_report {
    bool is_json;
    size_t n_rows;        /**< listed at most, of each table */
    zf_diff_rows *tables; /**< that have rows which differ; the last one is at hand */
    size_t n_tables;
    const char *name_a, *name_b; /**< of the results, in lines; NULL: "A", "B" */
} zf_diff_report;

/** For zf_diff; user is the report. */
zf_status zf_diff_report_row(void *user, const zf_row_difference *row, zf_error *error);
/** All tables with their rows: lines, or the elements of a JSON array. Before the difference goes. */
void zf_diff_report_append_tables(const zf_diff_report *report, const zf_difference *difference,
                                  zf_text *out);
void zf_diff_report_deinit(zf_diff_report *report);

#endif
