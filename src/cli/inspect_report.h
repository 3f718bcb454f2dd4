/* SPDX-License-Identifier: MIT */
/**
 * @file inspect_report.h
 * What `inspect` tells of one layer.
 */
#ifndef ZF_CLI_INSPECT_REPORT_H
#define ZF_CLI_INSPECT_REPORT_H

#include "cli/cli.h"
#include "source/source.h"

enum { ZF_PROBLEMS_MAX = 48 };

/** One layer as it is told. Borrows from the source and the CRS; the caller frees with
 * zf_layer_report_deinit. */
typedef struct zf_layer_report {
    const zf_source_info *info;
    zf_crs *crs; /**< NULL: the file does not say, or says something PROJ does not take */
    zf_text problems[ZF_PROBLEMS_MAX];
    size_t n_problems;
    uint64_t n_read; /**< features that were looked at */
} zf_layer_report;

/** ZF_E_MEMORY when the words of a problem found no room. Before they are told. */
ZF_MUST_USE zf_status zf_layer_report_check(const zf_layer_report *report, zf_error *error);
/** Looks at what the source says of itself: cheap checks only. ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_layer_report_init(const zf_source_info *info, zf_layer_report *out, zf_error *error);
/** One problem more, in words; of more than ZF_PROBLEMS_MAX the first ones. */
ZF_PRINTF(2, 3) void zf_layer_report_add(zf_layer_report *report, const char *format, ...);
void zf_layer_report_deinit(zf_layer_report *report);

/** A file's heading and its layers, text and JSON. The first layer's info speaks for the file. */
void zf_inspect_text_file(const char *path, const zf_source_info *first, size_t n_layers, zf_text *out);
void zf_inspect_text_layer(const zf_layer_report *report, zf_text *out);
void zf_inspect_json_file(const char *path, const zf_source_info *first, zf_text *out);
void zf_inspect_json_layer(const zf_layer_report *report, zf_text *out);

#endif
