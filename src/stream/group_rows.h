/* SPDX-License-Identifier: MIT */
/**
 * The rows of zf_plan_groups: one for each assigned building and ZIP, important or not. A row has the cells
 * of plan->groups.layout and one more, 1 for an important building, else 0. Its first text is the key of its
 * group, by which the rows of a ZIP are sorted; the texts of the layout follow.
 */
#ifndef ZF_STREAM_GROUP_ROWS_H
#define ZF_STREAM_GROUP_ROWS_H

#include "gather/gather.h"
#include "stream/selection.h"

/** Takes the buildings of one thread. */
typedef struct zf_group_writer zf_group_writer;

/** A gather for n_writers of such rows. */
ZF_MUST_USE zf_status zf_group_rows_create(const zf_plan_groups *groups, size_t n_writers, size_t share_bytes,
                                           const char *temp_dir, zf_budget *budget, zf_gather **out,
                                           zf_error *error);
/** The plan and the gather are borrowed. */
ZF_MUST_USE zf_status zf_group_writer_open(const zf_plan_groups *groups, zf_gather *rows, zf_budget *budget,
                                           zf_group_writer **out, zf_error *error);
/** Appends a row for each ZIP of a building of the last zf_selection_run. Failures of zf_gather_append. */
ZF_MUST_USE zf_status zf_group_writer_add(zf_group_writer *writer, const zf_selection *selection,
                                          const zf_kept *kept, bool is_important, zf_error *error);
/** After the last building: hands the rows over. */
ZF_MUST_USE zf_status zf_group_writer_finish(zf_group_writer *writer, zf_error *error);
/** Frees the writer, and drops what was not handed over. NULL is legal. */
void zf_group_writer_close(zf_group_writer *writer);

#endif
