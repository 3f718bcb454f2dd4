/* SPDX-License-Identifier: MIT */
/* Finds what is legal in an expression, but cannot be meant: a comparison with NULL, and || for OR. */
#include "sql/slips.h"
#include "sql/tokens.h"

enum { MAX_DEPTH = 200 };

/** What precedes the present token in one pair of parentheses, since the last AND, OR or comma. */
typedef struct nesting {
    bool is_case;
    bool has_comparison; /**< a comparison has begun */
    bool has_concat;     /**< and || after it */
    bool is_not_in_list; /**< the parentheses are the list of NOT IN */
} nesting;

static bool is_sign_of(const zf_token *token, const char *const *signs) {
    for (; *signs != NULL; signs++)
        if (zf_token_is_sign(token, *signs))
            return true;
    return false;
}

static bool is_word_of(const zf_token *token, const char *const *words) {
    for (; *words != NULL; words++)
        if (zf_token_is_word(token, *words))
            return true;
    return false;
}

/** Whether a token compares by a sign, so that NULL on one side gives NULL. */
static bool compares_by_sign(const zf_token *token) {
    static const char *const signs[] = {"=", "==", "<>", "!=", "<", "<=", ">", ">=", NULL};
    return is_sign_of(token, signs);
}

static bool compares(const zf_token *token) {
    static const char *const words[] = {"IS", "LIKE", "GLOB", "IN", "BETWEEN", "ISNULL", "NOTNULL", NULL};
    return compares_by_sign(token) || is_word_of(token, words);
}

/** Whether a token begins another operand of AND, OR, CASE or a list. */
static bool separates(const zf_token *token) {
    static const char *const words[] = {"AND", "OR", "WHEN", "THEN", "ELSE", NULL};
    return zf_token_is_sign(token, ",") || is_word_of(token, words);
}

/** Goes into and out of parentheses and CASE; false if the token is neither. */
static bool nest(const zf_token *token, bool is_not_in, nesting *levels, size_t *inout_depth) {
    const bool is_case = zf_token_is_word(token, "CASE");
    if ((is_case || zf_token_is_sign(token, "(")) && *inout_depth + 1 < MAX_DEPTH)
        levels[++*inout_depth] = (nesting){.is_case = is_case, .is_not_in_list = is_not_in};
    else if ((zf_token_is_sign(token, ")") ||
              (zf_token_is_word(token, "END") && levels[*inout_depth].is_case)) &&
             *inout_depth > 0)
        --*inout_depth;
    else
        return false;
    return true;
}

zf_expression_slips zf_expression_find_slips(const char *text) {
    nesting levels[MAX_DEPTH] = {{0}};
    zf_expression_slips found = {0};
    size_t at = 0, depth = 0;
    zf_token before = {.kind = ZF_TOKEN_END}, before_that = before;
    for (zf_token t; (t = zf_token_next(text, &at)).kind != ZF_TOKEN_END; before_that = before, before = t) {
        const bool is_not_in = zf_token_is_word(&before, "IN") && zf_token_is_word(&before_that, "NOT");
        if (nest(&t, is_not_in, levels, &depth))
            continue;
        nesting *now = &levels[depth];
        const bool is_null = zf_token_is_word(&t, "NULL");
        if ((is_null && (compares_by_sign(&before) || now->is_not_in_list)) ||
            (compares_by_sign(&t) && zf_token_is_word(&before, "NULL") &&
             !zf_token_is_word(&before_that, "IS") && !zf_token_is_word(&before_that, "NOT")))
            found.compares_null = true;
        if (separates(&t))
            now->has_comparison = now->has_concat = false;
        else if (compares(&t)) {
            found.concats_conditions |= now->has_concat;
            now->has_comparison = true;
            now->has_concat = false;
        } else if (zf_token_is_sign(&t, "||"))
            now->has_concat = now->has_comparison;
    }
    return found;
}
