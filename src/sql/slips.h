/* SPDX-License-Identifier: MIT */
/**
 * @file slips.h
 * What is legal in an expression, but cannot be meant.
 */
#ifndef ZF_SQL_SLIPS_H
#define ZF_SQL_SLIPS_H

#include <stdbool.h>

typedef struct zf_expression_slips {
    bool compares_null;      /**< = NULL, <> NULL, NOT IN (..., NULL): never true */
    bool concats_conditions; /**< a = 1 || b = 2, which joins the texts 1 and b */
} zf_expression_slips;

/** Any text is legal; of one that SQLite would not compile the answer means nothing. Cost: linear. */
zf_expression_slips zf_expression_find_slips(const char *text);

#endif
