/* SPDX-License-Identifier: MIT */
/**
 * @file safe_functions.h
 * SQLite's date functions without the clock and the time zone of this machine, and its printf() without texts
 * that are too large.
 */
#ifndef ZF_SQL_SAFE_FUNCTIONS_H
#define ZF_SQL_SAFE_FUNCTIONS_H

#include "sql/sandbox_vfs.h"

struct zf_safe_functions;

/** One function that replaces SQLite's own; its implementation is passed this. */
typedef struct zf_safe_function {
    struct zf_safe_functions *all;
    const char *name;
    bool is_format; /**< printf() by one of its names */
} zf_safe_function;
enum { ZF_N_SAFE_FUNCTIONS = 9 };

/** A call of SQLite's own function with one number of arguments, compiled on the second connection. */
typedef struct zf_safe_call {
    struct zf_safe_call *next;
    const zf_safe_function *function;
    int n_arguments;
    sqlite3_stmt *statement;
} zf_safe_call;

/** Zero-initialise, then set the first three. Not movable: SQLite holds pointers into it. */
typedef struct zf_safe_functions {
    const zf_sandbox_vfs *vfs;
    char *refusal; /**< buffer for the reason of a refusal in words; only the first is kept */
    size_t n_refusal;
    sqlite3 *db; /**< the second connection, opened by the first call */
    zf_safe_function functions[ZF_N_SAFE_FUNCTIONS];
    zf_safe_call *calls;
} zf_safe_functions;

/** Replaces the functions of a connection. */
ZF_MUST_USE zf_status zf_safe_functions_register(zf_safe_functions *functions, sqlite3 *db, zf_error *error);
/** After the connection is no longer used. Idempotent. */
void zf_safe_functions_close(zf_safe_functions *functions);

#endif
