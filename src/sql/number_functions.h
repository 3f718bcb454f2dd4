/* SPDX-License-Identifier: MIT */
/** @file number_functions.h number(x) and metres(x): numbers and lengths that are written as texts. */
#ifndef ZF_SQL_NUMBER_FUNCTIONS_H
#define ZF_SQL_NUMBER_FUNCTIONS_H

#include "sql/columns.h"
#include "sql/expressions.h"

/** What the functions go by, and what they could not read. SQLite holds a pointer to it. */
typedef struct zf_number_functions {
    char decimal_sign;             /**< '.' or ',' */
    bool has_unread;               /**< a text, not blank, or a blob was no number; the caller clears it */
    char example[ZF_UNREAD_BYTES]; /**< the first of them, on one line, perhaps cut */
} zf_number_functions;

/** Adds the functions to a connection. */
ZF_MUST_USE zf_status zf_number_functions_register(zf_number_functions *functions, sqlite3 *db,
                                                   zf_error *error);

#endif
