/* SPDX-License-Identifier: MIT */
/* The tools of a recorded run: its layers, plan and ZIPs, and one lane. */
#include "provenance/why_internal.h"

#include <string.h>

zf_status zf_why_copy(zf_arena *arena, const char *text, const char **out, zf_error *error) {
    char *copy = NULL;
    *out = NULL;
    zf_status status = text != NULL ? zf_arena_copy(arena, text, strlen(text), &copy, error) : ZF_OK;
    *out = copy;
    return status;
}

/* Opens both layers and makes the plan, which may need the decimal sign of texts. */
static zf_status open_layers(zf_why_tools *t, zf_error *error) {
    const zf_callbacks *callbacks = &t->guard.callbacks;
    zf_status status = zf_inputs_open(t->options, callbacks, &t->inputs, error);
    if (status == ZF_OK)
        status = zf_plan_make(t->options, &(zf_plan_sources){t->inputs.zips, t->inputs.buildings, NULL}, callbacks, &t->budget,
                              &t->plan, error);
    if (status == ZF_OK)
        status = zf_plan_find_decimal_sign(&t->plan, t->inputs.buildings, callbacks, error);
    return status;
}

/* Loads the ZIPs as zf_run does. */
static zf_status read_zips(zf_why_tools *t, zf_error *error) {
    size_t n_threads = 1;
    zf_status status = zf_inputs_load_zips(&t->inputs, t->options, &t->shares, &n_threads,
                                           &t->guard.callbacks, NULL, &t->budget, &t->catalogue, error);
    /* All ZIPs at once: only those near the building get a grid. */
    if (status == ZF_OK)
        zf_catalogue_first_pass(t->catalogue, SIZE_MAX, t->shares.other_bytes, NULL);
    return status;
}

/* Opens the one lane that reads, assigns and selects the building. */
static zf_status open_lane(zf_why_tools *t, zf_error *error) {
    zf_status status = zf_metric_create(t->inputs.crs, t->inputs.is_geodesic, &t->metric, error);
    t->context =
        (zf_stream_context){.options = t->options,
                            .plan = &t->plan,
                            .shares = &t->shares,
                            .catalogue = t->catalogue,
                            .buildings = t->inputs.buildings,
                            .crs = t->inputs.crs,
                            .metrics = &t->metric,
                            .n_threads = 1,
                            .batch_rows = zf_inputs_batch_rows(&t->inputs, t->options, &t->shares, 1),
                            .callbacks = &t->guard.callbacks,
                            .budget = &t->budget};
    return status == ZF_OK ? zf_lane_open(&t->lane, &t->context, 0, false, error) : status;
}

zf_status zf_why_tools_open(zf_why_tools *tools, const zf_run_options *options, const zf_callbacks *callbacks,
                            zf_error *error) {
    *tools = (zf_why_tools){.options = options, .is_begun = true};
    zf_guard_init(&tools->guard, callbacks);
    tools->shares = zf_shares_divide(options->memory_bytes, 1);
    zf_budget_init(&tools->budget, tools->shares.limit_bytes);
    zf_status status = open_layers(tools, error);
    if (status == ZF_OK)
        status = read_zips(tools, error);
    return status == ZF_OK ? open_lane(tools, error) : status;
}

void zf_why_tools_close(zf_why_tools *tools) {
    if (!tools->is_begun)
        return;
    zf_lane_close(&tools->lane);
    zf_metric_destroy(tools->metric);
    zf_catalogue_destroy(tools->catalogue);
    zf_plan_deinit(&tools->plan);
    zf_inputs_close(&tools->inputs);
    zf_guard_deinit(&tools->guard);
}
