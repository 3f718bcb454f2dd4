/* SPDX-License-Identifier: MIT */
/*
 * The expression stands in parentheses in a statement of ours. It must not be able to close them: `1) OR (1`
 * would be another question than the one that was asked. Quotes and comments are read as SQLite's tokenizer
 * reads them.
 */
#include "expressions_internal.h"

#include <string.h>

enum { MAX_PARENTHESES = 1000 };

typedef struct scanner {
    const char *text;
    size_t at;
    size_t depth;
    size_t last_open; /* where the innermost unclosed parenthesis was opened, as far as known */
    bool has_content;
    const char *problem;
    size_t problem_at;
} scanner;

static void fail(scanner *s, const char *problem, size_t at) {
    s->problem = problem;
    s->problem_at = at;
}

/* Stands at an opening quote; a doubled quote inside stands for one, except in [...]. */
static void skip_quoted(scanner *s, char close) {
    size_t begin = s->at++;
    for (; s->text[s->at] != '\0'; s->at++) {
        if (s->text[s->at] != close)
            continue;
        if (close == ']' || s->text[s->at + 1] != close) {
            s->at++;
            return;
        }
        s->at++;
    }
    fail(s, close == '\'' ? "a text in single quotes is not closed" : "a quoted name is not closed", begin);
}

static void skip_line_comment(scanner *s) {
    while (s->text[s->at] != '\0' && s->text[s->at] != '\n')
        s->at++;
}

static void skip_block_comment(scanner *s) {
    const char *end = strstr(s->text + s->at + 2, "*/");
    if (end == NULL)
        fail(s, "a comment is not closed", s->at);
    else
        s->at = (size_t)(end - s->text) + 2;
}

/* Newer versions of SQLite nest without end; a thousand is theirs for expressions. */
static void open_parenthesis(scanner *s) {
    if (s->depth++ == 0)
        s->last_open = s->at;
    if (s->depth > MAX_PARENTHESES)
        fail(s, "parentheses are nested too deeply", s->at);
}

static void close_parenthesis(scanner *s) {
    if (s->depth == 0)
        fail(s, "a parenthesis is closed that was not opened", s->at);
    else
        s->depth--;
    s->at++;
}

static void read_token(scanner *s) {
    char c = s->text[s->at], next = s->text[s->at + 1];
    if (strchr(" \t\n\r\f", c) != NULL) {
        s->at++;
        return;
    }
    if (c == '-' && next == '-') {
        skip_line_comment(s);
        return;
    }
    if (c == '/' && next == '*') {
        skip_block_comment(s);
        return;
    }
    s->has_content = true;
    if (c == '\'' || c == '"' || c == '`') {
        skip_quoted(s, c);
    } else if (c == '[') {
        skip_quoted(s, ']');
    } else if (c == ')') {
        close_parenthesis(s);
    } else {
        if (c == '(')
            open_parenthesis(s);
        if (c == ';')
            fail(s, "there must be one expression, without a semicolon", s->at);
        s->at++;
    }
}

const char *zf_expression_scan(const char *text, size_t *out_at) {
    scanner s = {.text = text};
    while (s.problem == NULL && text[s.at] != '\0')
        read_token(&s);
    if (s.problem == NULL && s.depth > 0)
        fail(&s, "a parenthesis is not closed", s.last_open);
    if (s.problem == NULL && !s.has_content)
        fail(&s, "it is empty", 0);
    *out_at = s.problem_at;
    return s.problem;
}
