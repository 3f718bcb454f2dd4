/* SPDX-License-Identifier: MIT */
/** What the statistics of a ZIP, or of a group of its buildings, are taken from: collected row by row. The
 * folder's own.
 */
#ifndef ZF_PERZIP_COLLECT_H
#define ZF_PERZIP_COLLECT_H

#include "gather/gather.h"
#include "plan/plan.h"
#include "stream/totals.h"

/** Which statistics are collected of which rows, and in which memory. Everything is borrowed. */
typedef struct zf_collecting {
    const zf_plan_statistics *statistics;
    const zf_row_layout *layout;
    zf_budget *budget;
    zf_arena *result;   /**< totals, texts and values */
    zf_arena *columns;  /**< columns that only the statistics need, scratch */
    zf_arena *analyses; /**< columns that analyses need, too; NULL: there are none */
} zf_collecting;

/** What the statistics of one field need beside its column or its total. */
typedef struct zf_field_values {
    zf_order_stats order;
    zf_classes classes; /**< distinct values, on the heap; freed when the statistics are taken */
} zf_field_values;

/** What is collected of n rows. Zeros are nothing. */
typedef struct zf_collected {
    size_t n;
    double **numbers;              /**< a column per number of the layout; NULL where not needed */
    zf_total *totals;              /**< one per number of the layout */
    zf_running_text *texts;        /**< one per text of the layout */
    zf_field_values *fields;       /**< one per request; NULL when no statistic needs them */
    zf_wide_sum shares, shared_m2; /**< under `share`: of all rows, and of their areas */
} zf_collected;

/** Takes columns for up to n_rows rows. */
ZF_MUST_USE zf_status zf_collected_take_columns(const zf_collecting *task, size_t n_rows, zf_collected *c,
                                                zf_error *error);
/** Starts without rows; keeps the columns. */
ZF_MUST_USE zf_status zf_collected_begin(const zf_collecting *task, zf_collected *c, zf_error *error);
/** Adds a row; rows come in fid order. There are columns for it. */
ZF_MUST_USE zf_status zf_collected_add(const zf_collecting *task, zf_collected *c, const zf_gather_row *row,
                                       zf_error *error);
/** Fills the values of all statistics, which live in task->result, and frees the tables of distinct values.
 */
ZF_MUST_USE zf_status zf_collected_evaluate(const zf_collecting *task, zf_collected *c, zf_value *out,
                                            zf_error *error);
/** Frees the tables of distinct values; idempotent. */
void zf_collected_release(const zf_collecting *task, zf_collected *c);
/** Bytes of the tables of distinct values, which are in no forecast. */
size_t zf_collected_classes_bytes(const zf_collecting *task, const zf_collected *c);

#endif
