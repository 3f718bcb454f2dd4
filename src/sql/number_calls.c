/* SPDX-License-Identifier: MIT */
/* Finds the columns that an expression reads within number() and metres(). */
#include "sql/expression_tokens.h"

#include <string.h>

static bool is_name(const zf_token *token) {
    return token->kind == ZF_TOKEN_WORD || token->kind == ZF_TOKEN_NAME;
}

/** Marks the columns that a range of tokens names. */
static void mark_columns(const zf_expression_tokens *t, size_t begin, size_t end, bool *out_is_read) {
    for (size_t i = begin; i < end; i++)
        for (size_t c = 0; is_name(&t->items[i]) && c < t->n_known; c++)
            if (!t->columns->is_hidden[c] && zf_token_is_name(&t->items[i], t->columns->items[c].name))
                out_is_read[c] = true;
}

zf_status zf_expression_find_number_calls(const zf_sql_columns *columns, size_t n_known, const char *text,
                                          bool *out_is_read, zf_error *error) {
    zf_expression_tokens t = {.columns = columns, .n_known = n_known};
    zf_status st = zf_expression_tokenize(&t, text, error);
    for (size_t i = 0; st == ZF_OK && i + 1 < t.n; i++) {
        const bool is_call = zf_token_is_name(&t.items[i], "number") || zf_token_is_name(&t.items[i], "metres");
        if (is_call && zf_token_is_sign(&t.items[i + 1], "(") && t.match[i + 1] != SIZE_MAX)
            mark_columns(&t, i + 2, t.match[i + 1], out_is_read);
    }
    zf_expression_tokens_deinit(&t);
    return st;
}

zf_status zf_expression_find_columns(const zf_sql_columns *columns, size_t n_known, const char *text,
                                     bool *out_is_read, zf_error *error) {
    zf_expression_tokens t = {.columns = columns, .n_known = n_known};
    zf_status st = zf_expression_tokenize(&t, text, error);
    if (st == ZF_OK)
        mark_columns(&t, 0, t.n, out_is_read);
    zf_expression_tokens_deinit(&t);
    return st;
}
