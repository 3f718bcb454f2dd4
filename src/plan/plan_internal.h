/* SPDX-License-Identifier: MIT */
/** The parts of a plan. Each is made by one function from the options and the parts before it, in this order.
 */
#ifndef ZF_PLAN_PLAN_INTERNAL_H
#define ZF_PLAN_PLAN_INTERNAL_H

#include "plan/plan.h"

#include <string.h>

/** n x size cleared bytes of the arena into the pointer at out. */
ZF_MUST_USE static inline zf_status zf_plan_take(zf_arena *arena, size_t n, size_t size, void *out,
                                                 zf_error *error) {
    void *bytes = NULL;
    zf_status st = zf_arena_alloc(arena, n, size, &bytes, error);
    if (st != ZF_OK)
        return st;
    memset(bytes, 0, n * size);
    memcpy(out, &bytes, sizeof bytes);
    return ZF_OK;
}
/** "NAME=REST" of a parameter; expected: what it should look like, for the message. */
ZF_MUST_USE zf_status zf_plan_parse_named(zf_arena *arena, const char *parameter, const char *expected,
                                          const char *text, zf_named_expression *out, zf_error *error);

/** Computed columns, which join the scope with their types, and conditions (plan_expressions.c). */
ZF_MUST_USE zf_status zf_plan_make_expressions(const zf_run_options *options, const zf_callbacks *callbacks,
                                               zf_arena *arena, zf_scope *scope, zf_plan_expressions *out,
                                               zf_error *error);
/** ZF_E_USAGE when a computed column is called as a column that important_building has anyway. */
ZF_MUST_USE zf_status zf_plan_check_computes(const zf_plan_expressions *expressions,
                                             const zf_plan_analyses *analyses, zf_error *error);
/** plan_statistics.c */
ZF_MUST_USE zf_status zf_plan_make_statistics(const zf_run_options *options, zf_arena *arena, zf_scope *scope,
                                              zf_plan_statistics *out, zf_error *error);
/** plan_analyses.c */
ZF_MUST_USE zf_status zf_plan_make_analyses(const zf_run_options *options, zf_arena *arena, zf_scope *scope,
                                            zf_plan_analyses *out, zf_error *error);
/** plan_queries.c */
ZF_MUST_USE zf_status zf_plan_make_queries(const zf_run_options *options, const zf_plan_analyses *analyses,
                                           const zf_callbacks *callbacks, zf_arena *arena, zf_scope *scope,
                                           zf_plan_queries *out, zf_error *error);
/** The fields of `by`, which are then in use (plan_groups.c). */
ZF_MUST_USE zf_status zf_plan_use_groups(const zf_run_options *options, zf_arena *arena, zf_scope *scope,
                                         zf_plan_groups *out, zf_error *error);
/** Rows and columns of the groups, when the statistics and the columns of zip_summary are there (plan_groups.c). */
ZF_MUST_USE zf_status zf_plan_make_groups(zf_plan *plan, zf_error *error);
/** Scope columns that are written with each important building, in their order. */
typedef struct zf_carried {
    size_t *columns;
    size_t n;
} zf_carried;
ZF_MUST_USE zf_status zf_plan_list_carried(const zf_run_options *options, const zf_scope *scope,
                                           bool is_weighted, zf_arena *arena, zf_carried *out,
                                           zf_error *error);
/** Slots of the gathered rows, which requests and arguments of analyses then know, and the payload, in which
 * queries then find their columns (plan_layout.c). */
ZF_MUST_USE zf_status zf_plan_make_layout(const zf_scope *scope, const zf_carried *carried,
                                          zf_plan_statistics *statistics, zf_plan_analyses *analyses,
                                          zf_plan_queries *queries, zf_arena *arena, zf_row_layout *out,
                                          zf_error *error);
/** plan_result.c */
ZF_MUST_USE zf_status zf_plan_make_result(const zf_run_options *options, zf_plan *plan,
                                          const zf_carried *carried, zf_error *error);
/** Fields of the ZIP layer that zip_summary carries; the scope then has them for queries (plan_zips.c). */
ZF_MUST_USE zf_status zf_plan_make_zip_fields(const zf_run_options *options, const zf_source *zips,
                                              zf_arena *arena, zf_scope *scope, zf_plan_zips *out,
                                              zf_error *error);
/** Columns of zip_summary that are computed of the others, which the plan's result has (plan_zips.c). */
ZF_MUST_USE zf_status zf_plan_make_zip_computes(const zf_run_options *options, const zf_callbacks *callbacks,
                                                zf_plan *plan, zf_error *error);
/** The column of zip_summary by which the map is coloured; all its columns are known by now (plan_map.c). */
ZF_MUST_USE zf_status zf_plan_choose_map_column(const zf_run_options *options, zf_plan *plan, zf_error *error);

#endif
