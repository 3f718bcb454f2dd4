/* SPDX-License-Identifier: MIT */
#include "sql/tokens.h"

#include <sqlite3.h>
#include <string.h>

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

/* The length of white space or of a closed comment; 0: there is none. */
static size_t gap_length(const char *text) {
    const size_t n = strspn(text, " \t\n\r\f");
    if (n > 0)
        return n;
    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0) /* a byte order mark */
        return 3;
    if (text[0] == '-' && text[1] == '-')
        return strcspn(text, "\n");
    if (text[0] != '/' || text[1] != '*')
        return 0;
    const char *end = strstr(text + 2, "*/");
    return end == NULL ? 0 : (size_t)(end + 2 - text);
}

/* A token that begins with an opening quote; before the quote stand n_before bytes. A doubled quote inside
 * stands for one, except in [...]. */
static zf_token read_quoted(zf_token_kind kind, const char *text, size_t n_before) {
    const char close = (char)(text[n_before] == '[' ? ']' : text[n_before]);
    for (size_t n = n_before + 1; text[n] != '\0'; n++) {
        if (text[n] != close)
            continue;
        if (close == ']' || text[n + 1] != close)
            return (zf_token){kind, text, n + 1, true};
        n++;
    }
    return (zf_token){kind, text, strlen(text), false};
}

static size_t number_length(const char *text) {
    const bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    size_t n = 1;
    while (is_word_byte(text[n]) || text[n] == '.' ||
           (!is_hex && (text[n] == '+' || text[n] == '-') && (text[n - 1] == 'e' || text[n - 1] == 'E')))
        n++;
    return n;
}

static size_t sign_length(const char *text) {
    static const char *const signs[] = {"->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "!=", "=="};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strncmp(text, signs[i], strlen(signs[i])) == 0)
            return strlen(signs[i]);
    return 1;
}

static zf_token read_token(const char *text) {
    const char c = text[0];
    if (c == '\0')
        return (zf_token){ZF_TOKEN_END, text, 0, true};
    if (c == '/' && text[1] == '*')
        return (zf_token){ZF_TOKEN_COMMENT, text, strlen(text), false};
    if (c == '\'')
        return read_quoted(ZF_TOKEN_TEXT, text, 0);
    if (c == '"' || c == '`' || c == '[')
        return read_quoted(ZF_TOKEN_NAME, text, 0);
    if ((c == 'x' || c == 'X') && text[1] == '\'')
        return read_quoted(ZF_TOKEN_BLOB, text, 1);
    if (is_digit(c) || (c == '.' && is_digit(text[1])))
        return (zf_token){ZF_TOKEN_NUMBER, text, number_length(text), true};
    size_t n = 0;
    while (is_word_byte(text[n]))
        n++;
    return n > 0 ? (zf_token){ZF_TOKEN_WORD, text, n, true}
                 : (zf_token){ZF_TOKEN_SIGN, text, sign_length(text), true};
}

zf_token zf_token_next(const char *sql, size_t *inout_at) {
    for (size_t gap; (gap = gap_length(sql + *inout_at)) > 0;)
        *inout_at += gap;
    const zf_token token = read_token(sql + *inout_at);
    *inout_at += token.n;
    return token;
}

bool zf_token_is_word(const zf_token *token, const char *word) {
    return token->kind == ZF_TOKEN_WORD && strlen(word) == token->n &&
           sqlite3_strnicmp(token->text, word, (int)token->n) == 0;
}

bool zf_token_is_sign(const zf_token *token, const char *sign) {
    return token->kind == ZF_TOKEN_SIGN && strlen(sign) == token->n &&
           memcmp(token->text, sign, token->n) == 0;
}

/* Compares the bytes between the quotes, where a doubled quote stands for one. */
bool zf_token_is_name(const zf_token *token, const char *name) {
    if (token->kind == ZF_TOKEN_WORD)
        return zf_token_is_word(token, name);
    if (token->kind != ZF_TOKEN_NAME || !token->is_closed)
        return false;
    const char close = token->text[token->n - 1];
    size_t at = 1;
    for (; *name != '\0' && at + 1 < token->n; name++, at++) {
        if (sqlite3_strnicmp(token->text + at, name, 1) != 0)
            return false;
        at += close != ']' && token->text[at] == close;
    }
    return *name == '\0' && at + 1 == token->n;
}
