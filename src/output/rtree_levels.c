/* SPDX-License-Identifier: MIT */
/* Which level a node is of, by its number: nodes of one level are numbered in long runs. */
#include "output/output_internal.h"

enum { FIRST_CAP = 16 };

zf_status zf_output_rtree_levels_note(zf_output_rtree_levels *levels, zf_budget *budget, int64_t number,
                                    unsigned level, zf_error *error) {
    if (levels->n > 0 && levels->runs[levels->n - 1].level == level)
        return ZF_OK;
    if (levels->n == levels->cap) {
        const size_t cap = levels->cap == 0 ? FIRST_CAP : levels->cap * 2, size = sizeof *levels->runs;
        void *runs = levels->runs;
        zf_status status =
            zf_memory_resize(budget, ZF_MEMORY_SINK, &runs, levels->cap * size, cap * size, error);
        if (status != ZF_OK)
            return zf_error_within(error, status, "spatial index of the result");
        levels->runs = runs;
        levels->cap = cap;
    }
    levels->runs[levels->n++] = (zf_output_rtree_run){number, level};
    return ZF_OK;
}

unsigned zf_output_rtree_levels_of(const zf_output_rtree_levels *levels, int64_t number) {
    size_t low = 0, high = levels->n; /* the last run that does not begin after the number */
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (levels->runs[middle].first <= number)
            low = middle;
        else
            high = middle;
    }
    return levels->n == 0 ? 0 : levels->runs[low].level;
}

void zf_output_rtree_levels_deinit(zf_output_rtree_levels *levels, zf_budget *budget) {
    zf_memory_free(budget, ZF_MEMORY_SINK, levels->runs, levels->cap * sizeof *levels->runs);
    *levels = (zf_output_rtree_levels){0};
}
