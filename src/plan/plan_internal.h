/* SPDX-License-Identifier: MIT */
/** The parts of a plan: what the options say of expressions (plan_conditions.c), of SQL files
 * (plan_questions.c) and of the rest (plan_options.c), and the columns that follow from it (plan.c). */
#ifndef ZF_PLAN_PLAN_INTERNAL_H
#define ZF_PLAN_PLAN_INTERNAL_H

#include "plan/plan.h"

/** n x size cleared bytes of the plan's arena into the pointer at out. */
ZF_MUST_USE zf_status zf_plan_take(zf_plan *p, size_t n, size_t size, void *out, zf_error *error);
/** Scope column by name: a measure, else a field by its exact name, else one that differs in case. */
bool zf_plan_find(const zf_plan *p, const char *name, size_t *out);
/** The same for an option, marking the column as used. ZF_E_USAGE names the option and what there is. */
ZF_MUST_USE zf_status zf_plan_use(zf_plan *p, const char *option, const char *name, size_t *out,
                                  zf_error *error);
/** fid, the measures and the fields, with room for n_computes columns more. */
ZF_MUST_USE zf_status zf_plan_make_scope(zf_plan *p, const zf_source_info *info, size_t n_computes,
                                         zf_error *error);
/** Names of computed columns and rules. The columns join the scope; their types are settled by compiling. */
ZF_MUST_USE zf_status zf_plan_read_expressions(zf_plan *p, const zf_run_options *options, zf_error *error);
/** "NAME=REST" of an option; expected: what it should look like, for the message. */
ZF_MUST_USE zf_status zf_plan_parse_named(zf_plan *p, const char *option, const char *expected,
                                          const char *text, zf_select_named *out, zf_error *error);
/** Files of --analysis-sql; after all columns and analyses are known. */
ZF_MUST_USE zf_status zf_plan_read_questions(zf_plan *p, const zf_run_options *options,
                                             const zf_callbacks *callbacks, zf_error *error);
/** Which values travel with a row; after the carried columns are known. */
ZF_MUST_USE zf_status zf_plan_list_payload(zf_plan *p, zf_error *error);
/** ZF_E_USAGE when a computed column is called as a column that important_building has anyway; after the
 * analyses are known. */
ZF_MUST_USE zf_status zf_plan_check_computes(const zf_plan *p, zf_error *error);
/** Statistics, analyses and carried fields. */
ZF_MUST_USE zf_status zf_plan_read_options(zf_plan *p, const zf_run_options *options, zf_error *error);

#endif
