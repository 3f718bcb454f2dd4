/* SPDX-License-Identifier: MIT */
#include "stream/funnel.h"

#include <inttypes.h>
#include <stdlib.h>

static zf_status fill_step(const zf_plan *plan, const zf_tally *tally, size_t i, uint64_t reached,
                           zf_run_step *out, zf_error *error) {
    const char *name = zf_plan_condition_name(plan, i);
    out->passed = tally->n_passed[i];
    if (out->passed > reached)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                            "the funnel does not add up: of %" PRIu64 " pairs %" PRIu64 " pass '%s'", reached,
                            out->passed, name);
    out->dropped = reached - out->passed;
    out->rule = zf_string_copy(name);
    return out->rule != NULL ? ZF_OK : zf_error_memory(error, 0, "the funnel");
}

zf_status zf_funnel_make(const zf_plan *plan, const zf_tally *tally, const zf_run_counts *counts,
                         zf_run_report *out, zf_error *error) {
    size_t n = zf_plan_n_conditions(plan);
    uint64_t reached = counts->assignments;
    zf_status st = ZF_OK;
    *out = (zf_run_report){.counts = *counts, .funnel = calloc(n + 1, sizeof *out->funnel), .n_funnel = n};
    if (out->funnel == NULL)
        st = zf_error_memory(error, n * sizeof *out->funnel, "the funnel");
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        st = fill_step(plan, tally, i, reached, &out->funnel[i], error);
        reached = out->funnel[i].passed;
    }
    if (st == ZF_OK && reached != counts->important)
        st = zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                          "the funnel does not add up: %" PRIu64 " pairs pass it and %" PRIu64
                          " are important",
                          reached, counts->important);
    if (st != ZF_OK)
        zf_run_report_deinit(out);
    return st;
}

zf_status zf_funnel_write(const zf_run_report *report, zf_output *output, zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < report->n_funnel; i++) {
        const zf_run_step *step = &report->funnel[i];
        st =
            zf_output_write_funnel(output, (uint32_t)(i + 1), step->rule, step->passed, step->dropped, error);
    }
    return st;
}

void zf_run_report_deinit(zf_run_report *report) {
    for (size_t i = 0; report->funnel != NULL && i < report->n_funnel; i++)
        free(report->funnel[i].rule);
    free(report->funnel);
    for (size_t i = 0; i < report->n_tables; i++)
        free(report->tables[i].name);
    free(report->tables);
    *report = (zf_run_report){0};
}
