/* SPDX-License-Identifier: MIT */
/** The list of features that were repaired, skipped or unusable, for the table rejected_feature. */
#ifndef ZF_OUTPUT_REJECTS_H
#define ZF_OUTPUT_REJECTS_H

#include "output/output.h"

/** A list under the budget. From some thousands of entries on it continues in a temporary file. Append from
 * one thread at a time. */
typedef struct zf_rejects zf_rejects;
/** temp_dir: see zf_gather; borrowed for the list's life. */
ZF_MUST_USE zf_status zf_rejects_create(const char *temp_dir, zf_budget *budget, zf_rejects **out,
                                        zf_error *error);
void zf_rejects_destroy(zf_rejects *rejects);
/** Copies; `ordinal` is the feature's position in its source. */
ZF_MUST_USE zf_status zf_rejects_append(zf_rejects *rejects, const zf_rejected *rejected, uint64_t ordinal,
                                        zf_error *error);
/** Writes them sorted: zips first, then by fid, then ordinal, then order of appending. */
ZF_MUST_USE zf_status zf_rejects_write(zf_rejects *rejects, zf_output *output, zf_error *error);
size_t zf_rejects_count(const zf_rejects *rejects);

#endif
