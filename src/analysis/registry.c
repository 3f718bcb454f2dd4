/* SPDX-License-Identifier: MIT */
/* All analyses, in the order of the manual. */
#include "analysis/analysis.h"

#include <string.h>

static const zf_analysis *const analyses[] = {
    &zf_analysis_nearest,
};
enum { N_ANALYSES = sizeof analyses / sizeof analyses[0] };

const zf_analysis *const *zf_analyses(size_t *out_n) {
    *out_n = N_ANALYSES;
    return analyses;
}

size_t zf_analysis_cell_bytes(zf_analysis_cell cell) {
    return cell == ZF_CELL_ROW ? sizeof(uint32_t) : sizeof(double);
}

const zf_analysis *zf_analysis_by_name(const char *name) {
    for (size_t i = 0; i < N_ANALYSES; i++) {
        if (strcmp(analyses[i]->name, name) == 0)
            return analyses[i];
    }
    return NULL;
}
