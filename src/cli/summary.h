/* SPDX-License-Identifier: MIT */
/**
 * @file summary.h
 * The summary that `run` prints on standard output: collected ZIP by ZIP, printed only after success.
 */
#ifndef ZF_CLI_SUMMARY_H
#define ZF_CLI_SUMMARY_H

#include "cli/cli.h"

enum {
    ZF_SUMMARY_ROWS = 25,    /* ZIPs in the text form */
    ZF_SUMMARY_COLUMNS = 14, /* that its table may hold, the ZIP's own included */
    ZF_SUMMARY_CELL_BYTES = 64
};

/** Zero-initialise but for format. */
typedef struct zf_summary {
    zf_cli_format format;
    uint64_t n_zips;
    /* text: row 0 is the heading */
    char cell[ZF_SUMMARY_ROWS + 1][ZF_SUMMARY_COLUMNS][ZF_SUMMARY_CELL_BYTES];
    bool is_left[ZF_SUMMARY_COLUMNS];  /**< text columns are aligned to the left */
    size_t source[ZF_SUMMARY_COLUMNS]; /**< which of the line's columns; the first is the ZIP itself */
    size_t n_columns;
    bool has_more_columns;
    bool has_conditions; /**< else all buildings are important */
    /* json: the objects of the ZIPs, comma-separated */
    zf_text zips;
} zf_summary;

/* One file per format: `add` takes the line of a ZIP, `append` writes the whole summary of a successful run.
 */
void zf_summary_text_add(zf_summary *summary, const zf_zip_line *line);
void zf_summary_text_append(const zf_summary *summary, const char *output, const zf_run_report *report,
                            zf_text *out);
void zf_summary_json_add(zf_summary *summary, const zf_zip_line *line);
void zf_summary_json_append(const zf_summary *summary, const char *output, const zf_run_report *report,
                            zf_text *out);

#endif
