/* SPDX-License-Identifier: MIT */
/**
 * @file expression_tokens.h
 * The tokens of an expression, with their nesting, and the kind of value of a range of them. Internal to this
 * room.
 */
#ifndef ZF_SQL_EXPRESSION_TOKENS_H
#define ZF_SQL_EXPRESSION_TOKENS_H

#include "sql/expressions_internal.h"
#include "sql/tokens.h"

/** What kind of value a part of an expression has, as far as its form tells. */
typedef enum zf_expression_kind {
    ZF_KIND_NULL,
    ZF_KIND_INTEGER,
    ZF_KIND_REAL,
    ZF_KIND_TEXT,
    ZF_KIND_MIXED, /**< a text or a number */
    ZF_KIND_BLOB,
    ZF_KIND_ANY
} zf_expression_kind;

typedef struct zf_expression_tokens {
    const zf_sql_columns *columns;
    size_t n_known; /**< columns that the expression can read */
    zf_token *items;
    size_t *match; /**< of '(' and CASE: the token that closes it; SIZE_MAX: none does */
    size_t n;
} zf_expression_tokens;

/** Fills items and match of tokens with columns and n_known. ZF_E_MEMORY; release in any case. */
ZF_MUST_USE zf_status zf_expression_tokenize(zf_expression_tokens *tokens, const char *text, zf_error *error);
void zf_expression_tokens_deinit(zf_expression_tokens *tokens);

/** The token after this one, skipping what a parenthesis or a CASE encloses. */
static inline size_t zf_expression_after(const zf_expression_tokens *tokens, size_t i, size_t end) {
    size_t match = tokens->match[i];
    return match != SIZE_MAX && match < end ? match + 1 : i + 1;
}

/** The kind of value of a range of tokens. */
zf_expression_kind zf_expression_kind_of(const zf_expression_tokens *tokens, size_t begin, size_t end);

#endif
