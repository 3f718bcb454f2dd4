/* SPDX-License-Identifier: MIT */
/**
 * @file tokens.h
 * SQL text as tokens, cut as SQLite's own tokenizer cuts it (https://www.sqlite.org/src/file/src/tokenize.c).
 */
#ifndef ZF_SQL_TOKENS_H
#define ZF_SQL_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum zf_token_kind {
    ZF_TOKEN_END,     /**< of the text; n is 0 */
    ZF_TOKEN_WORD,    /**< a keyword or a plain name */
    ZF_TOKEN_NAME,    /**< a quoted name: "a", `a` or [a] */
    ZF_TOKEN_TEXT,    /**< 'a' */
    ZF_TOKEN_BLOB,    /**< x'00' */
    ZF_TOKEN_NUMBER,  /**< 1, .5, 1e-9, 0xFF */
    ZF_TOKEN_SIGN,    /**< an operator, a parenthesis, a comma, a semicolon */
    ZF_TOKEN_COMMENT, /**< only one that is not closed; others are skipped */
} zf_token_kind;

typedef struct zf_token {
    zf_token_kind kind;
    const char *text; /**< into the SQL text; borrowed */
    size_t n;
    bool is_closed; /**< false: the text ends inside of quotes or of a comment */
} zf_token;

/** The token at or after *inout_at, behind blanks, comments and byte order marks. Moves *inout_at past it. */
zf_token zf_token_next(const char *sql, size_t *inout_at);

/** Whether the token is this keyword, in any case. */
bool zf_token_is_word(const zf_token *token, const char *word);
bool zf_token_is_sign(const zf_token *token, const char *sign);
/** Whether the token, quoted or not, is this name, in any case. */
bool zf_token_is_name(const zf_token *token, const char *name);

#endif
