/* SPDX-License-Identifier: MIT */
/* All analyses, in the order of the manual. */
#include "analysis/analysis_internal.h"

#include <string.h>

/* clang-format off */
static const zf_analysis *const analyses[] = {
    &zf_analysis_nearest,
    &zf_analysis_clark_evans,
    &zf_analysis_neighbours,
    &zf_analysis_adjacency,
    &zf_analysis_overlaps,
    &zf_analysis_clusters,
    &zf_analysis_histogram,
};
/* clang-format on */
enum { N_ANALYSES = sizeof analyses / sizeof analyses[0] };

const zf_analysis *const *zf_analyses(size_t *out_n) {
    *out_n = N_ANALYSES;
    return analyses;
}

size_t zf_analysis_cell_bytes(zf_analysis_cell cell) {
    return cell == ZF_CELL_NUMBER ? sizeof(double) : sizeof(uint32_t);
}

zf_status zf_analysis_run(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                          zf_error *error) {
    zf_arena_mark mark = zf_arena_get_mark(input->arena);
    zf_status status = job->analysis->run(job, input, out, error);
    zf_arena_rewind(input->arena, mark);
    return status == ZF_OK ? ZF_OK : zf_error_within(error, status, "analysis %s", job->analysis->name);
}

unsigned zf_analysis_job_needs(const zf_analysis_job *job) {
    const zf_analysis *analysis = job->analysis;
    return analysis->needs | (analysis->more_needs != NULL ? analysis->more_needs(job) : 0);
}

double zf_analysis_job_halo_m(const zf_analysis_job *job) {
    for (size_t i = 0; i < job->analysis->n_parameters; i++)
        if (strcmp(job->analysis->parameters[i].name, ZF_HALO_NAME) == 0 && job->arguments[i].is_there)
            return job->arguments[i].number;
    return -1;
}

const zf_analysis *zf_analysis_by_name(const char *name) {
    for (size_t i = 0; i < N_ANALYSES; i++) {
        if (strcmp(analyses[i]->name, name) == 0)
            return analyses[i];
    }
    return NULL;
}
