/* SPDX-License-Identifier: MIT */
/** The user's expressions over the kept buildings of a batch, some at a time. */
#ifndef ZF_STREAM_SELECTION_H
#define ZF_STREAM_SELECTION_H

#include "plan/plan.h"
#include "stream/kept.h"
#include "stream/unread.h"

/** Buildings that are selected together: their computed values are held until their rows are emitted. */
enum { ZF_SELECTED_AT_ONCE = 512 };

typedef struct zf_selection {
    const zf_plan *plan;                      /**< borrowed */
    zf_kept_list *kept;                       /**< borrowed */
    zf_expressions *expressions;              /**< owned */
    size_t first, n;                          /**< items of `kept` */
    uint8_t is_selected[ZF_SELECTED_AT_ONCE]; /**< of them: 1 when it passes all conditions */
    zf_unread_list *unread; /**< counted up by each run; borrowed */
    uint64_t
        *n_passed; /**< per condition, (building, ZIP) pairs that passed it and all before it; borrowed */
} zf_selection;

/** Compiles the plan's expressions. n_passed is counted up by each run. */
ZF_MUST_USE zf_status zf_selection_init(zf_selection *selection, const zf_plan *plan,
                                        const zf_callbacks *callbacks, zf_kept_list *kept, uint64_t *n_passed,
                                        zf_error *error);
void zf_selection_deinit(zf_selection *selection);
/**
 * Computes the plan's columns and conditions for n <= ZF_SELECTED_AT_ONCE kept buildings from `first` on.
 * @return failures of zf_expressions_run; *out_failed is the building that it failed on, or NULL.
 */
ZF_MUST_USE zf_status zf_selection_run(zf_selection *selection, size_t first, size_t n,
                                       const zf_kept **out_failed, zf_error *error);

/** Value of a column of the plan's scope for a building of the last run. `scratch` has
 * ZF_VALUE_SCRATCH_BYTES and holds formatted dates. */
zf_value zf_selection_value(const zf_selection *selection, const zf_kept *kept, size_t column, char *scratch);
/** Fills the cells of a gathered row, as the plan's layout has them. */
void zf_selection_cells(const zf_selection *selection, const zf_row_layout *layout, const zf_kept *kept,
                        zf_cell *out);

#endif
