/* SPDX-License-Identifier: MIT */
/**
 * @file summary.h
 * The summary that `run` prints on standard output: collected ZIP by ZIP, printed only after success.
 */
#ifndef ZF_CLI_SUMMARY_H
#define ZF_CLI_SUMMARY_H

#include "cli/cli.h"
#include "cli/table_text.h"

/** The text form, which shows the first ZIPs that have buildings. */
typedef struct zf_summary_text {
    zf_table_text table;
    size_t *columns; /**< n_columns: columns of zip_summary in the order shown, counted after `zip`; on the
                        heap */
    size_t n_columns;
    zf_text names;    /**< of these columns, each ends with a NUL */
    uint64_t n_shown; /**< ZIPs */
    uint64_t n_empty; /**< ZIPs without a building */
    zf_text empty;    /**< the first of these, as "01297, 01301" */
} zf_summary_text;

/** Zero-initialise but for the first two members; zf_summary_deinit. */
typedef struct zf_summary {
    zf_cli_format format;
    bool has_conditions; /**< else all buildings are important */
    uint64_t n_zips;
    zf_summary_text text;
    zf_text zips; /**< json: the objects of the ZIPs, comma-separated */
} zf_summary;

/* One file per format: `add` takes the line of a ZIP, `append` writes the whole summary of a successful run.
 */
ZF_MUST_USE zf_status zf_summary_text_add(zf_summary *summary, const zf_zip_line *line, zf_error *error);
void zf_summary_text_append(zf_summary *summary, const char *output, const zf_run_report *report,
                            zf_text *out);
void zf_summary_json_add(zf_summary *summary, const zf_zip_line *line);
void zf_summary_json_append(const zf_summary *summary, const char *output, const zf_run_report *report,
                            zf_text *out);

void zf_summary_deinit(zf_summary *summary);

#endif
