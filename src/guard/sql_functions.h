/* SPDX-License-Identifier: MIT */
/**
 * @file sql_functions.h
 * The SQL functions of SQLite and SpatiaLite whose result depends on nothing but their arguments.
 *
 * Functions are allowed by name, not refused by name. SpatiaLite has 420, among them ones that read or write
 * files, tables, its own settings or the network; every version brings more, and other parts of the process
 * may add functions to every connection. A new harmless function is refused until its name stands here; a
 * list of refused names would let a new harmful one in without a word.
 */
#ifndef ZF_GUARD_SQL_FUNCTIONS_H
#define ZF_GUARD_SQL_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>

/** Kinds of functions; bits. */
typedef enum zf_function_kind {
    ZF_FUNCTION_OTHER = 0,     /**< on no list */
    ZF_FUNCTION_SCALAR = 1,    /**< SQLite's own, whose result depends on nothing but the arguments */
    ZF_FUNCTION_AGGREGATE = 2, /**< SQLite's own over many rows, window functions included */
    ZF_FUNCTION_SPATIAL = 4, /**< SpatiaLite's that depend on nothing but the arguments and the EPSG's list */
    ZF_FUNCTION_CLOCK = 8    /**< CURRENT_DATE and the like */
} zf_function_kind;

/** The type of a scalar function's result. */
typedef enum zf_returns {
    ZF_RETURNS_ANY = 0,
    ZF_RETURNS_INTEGER,
    ZF_RETURNS_REAL,
    ZF_RETURNS_TEXT,
    ZF_RETURNS_BLOB,
    ZF_RETURNS_NUMBER,   /**< an integer for an integer, else a real */
    ZF_RETURNS_PART,     /**< a blob for a blob, else a text */
    ZF_RETURNS_FIRST,    /**< the first argument */
    ZF_RETURNS_JOINED,   /**< one of the arguments */
    ZF_RETURNS_BRANCH,   /**< of condition, value, condition, value, ..., value: one of the values */
    ZF_RETURNS_UNIXEPOCH /**< an integer, or with 'subsec' a real */
} zf_returns;

/** ZF_FUNCTION_OTHER for a name on no list. Spatial functions may begin with ST_. */
zf_function_kind zf_sql_function_kind_of(const char *name);
/** The result's type of the scalar function whose name are n bytes, in any case. */
zf_returns zf_sql_function_returns(const char *name, size_t n);
/** The scalar or spatial function nearest to a mistyped name, without ST_; NULL: none is near. */
const char *zf_sql_function_nearest(zf_function_kind kind, const char *name);

#endif
