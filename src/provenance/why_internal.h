/* SPDX-License-Identifier: MIT */
/** What the files of `why` share. */
#ifndef ZF_PROVENANCE_WHY_INTERNAL_H
#define ZF_PROVENANCE_WHY_INTERNAL_H

#include "run/guard.h"
#include "stream/lane.h"
#include "zonefold/why.h"

/** The tools of the recorded run, for one building at a time. Zero-initialise; zf_why_tools_close. */
typedef struct zf_why_tools {
    const zf_run_options *options; /**< borrowed */
    zf_guard guard;
    zf_budget budget;
    zf_shares shares;
    zf_inputs inputs;
    zf_plan plan;
    zf_catalogue *catalogue;
    zf_metric *metric;
    zf_stream_context context;
    zf_lane lane;
    bool is_begun; /**< the guard is initialised */
} zf_why_tools;

/** Opens the layers, makes the plan and reads the ZIPs, as a run does. tools is not movable afterwards. */
ZF_MUST_USE zf_status zf_why_tools_open(zf_why_tools *tools, const zf_run_options *options,
                                        const zf_callbacks *callbacks, zf_error *error);
void zf_why_tools_close(zf_why_tools *tools);

/** Tells the story of a row of the batch in tools->lane.kept into the report. (why_building.c) */
ZF_MUST_USE zf_status zf_why_tell(zf_why_tools *tools, size_t row, zf_arena *arena, zf_why_report *out,
                                  zf_error *error);
/** Evaluates the conditions for kept building i. (why_conditions.c) */
ZF_MUST_USE zf_status zf_why_judge(zf_why_tools *tools, size_t i, zf_arena *arena, zf_why_judgement *out,
                                   zf_error *error);
/** A copy of a text in the arena; of NULL, NULL. */
ZF_MUST_USE zf_status zf_why_copy(zf_arena *arena, const char *text, const char **out, zf_error *error);

#endif
