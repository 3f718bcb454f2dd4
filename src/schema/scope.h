/* SPDX-License-Identifier: MIT */
/**
 * @file scope.h
 * The columns that expressions and statistics can name: `fid`, the measures, the fields of the building
 * layer, the computed columns, in this order.
 */
#ifndef ZF_SCHEMA_SCOPE_H
#define ZF_SCHEMA_SCOPE_H

#include "geometry/geometry.h"
#include "memory/memory.h"
#include "source/source.h"

typedef enum zf_scope_kind {
    ZF_SCOPE_KIND_FID = 0,
    ZF_SCOPE_KIND_MEASURE,
    ZF_SCOPE_KIND_FIELD,
    ZF_SCOPE_KIND_COMPUTED
} zf_scope_kind;

typedef struct zf_scope_column {
    zf_column column; /**< the name is borrowed from the source or from the plan's arena */
    zf_scope_kind kind;
    size_t number;       /**< of the measure, of the field in layer order, of the computed column */
    size_t batch_column; /**< of a field in use: its column in the batches */
    bool is_used;        /**< read or computed at all */
    bool is_number_text; /**< some expression reads it within number() or metres() */
    bool is_hidden;      /**< a field behind `fid` or a measure of the same name */
} zf_scope_column;

typedef struct zf_scope {
    zf_scope_column *columns;
    size_t n, cap;
    const zf_column *zip_columns; /**< n_zip_columns: of the building's ZIP, which only the user's SELECTs see, as the
                                     columns from number n on; in the plan's arena */
    size_t n_zip_columns;
} zf_scope;

/** Column numbers that are the same in each scope. */
enum { ZF_SCOPE_FID = 0, ZF_SCOPE_FIRST_MEASURE = 1 };
static inline size_t zf_scope_measure(zf_measure measure) {
    return ZF_SCOPE_FIRST_MEASURE + (size_t)measure;
}

/** `fid`, the measures and the layer's fields, with room for n_computed columns, all in the arena.
 * ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_scope_make(const zf_source_info *info, size_t n_computed, zf_arena *arena,
                                    zf_scope *out, zf_error *error);
/** Adds a computed column; its type follows once it is compiled. There must be room. */
void zf_scope_add_computed(zf_scope *scope, const char *name);
/** The column of that name: `fid` or a measure, else a field or computed column of exactly that name, else
 * one that differs in case. */
bool zf_scope_find(const zf_scope *scope, const char *name, size_t *out);
/**
 * Finds a column for a parameter and marks it as used.
 * @return ZF_E_USAGE: there is none (the error names the nearest, and what there is), or it is a list.
 */
ZF_MUST_USE zf_status zf_scope_use(zf_scope *scope, const char *parameter, const char *name, size_t *out,
                                   zf_error *error);
/** Names and types of all columns, for SQL: scope->n elements of out. */
void zf_scope_list(const zf_scope *scope, zf_column *out);

#endif
