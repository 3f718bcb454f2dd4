/* SPDX-License-Identifier: MIT */
/*
 * The type of an expression follows from its form: from its outermost operation and, where that passes on the
 * types of its operands (CASE, coalesce(), arithmetic), from theirs. SQLite gives types to values only, and
 * the values of the first buildings may differ from those of the last. The type is right but for integer
 * arithmetic that overflows; expression_statement.c refuses a value that does not fit.
 *
 * The text is cut into tokens, each opening token knows its closing one, and a range of tokens is split at
 * its operators that bind least. Source: SQLite, "SQL Language Expressions",
 * https://www.sqlite.org/lang_expr.html, for precedence and for the types of results.
 */
#include "sql/expression_tokens.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 200 }; /* of calls and CASEs within each other; a deeper part has the type ANY */

/* ---- tokens ---- */

static bool is_word(const zf_token *t, const char *word) {
    return zf_token_is_word(t, word);
}

static bool is_sign(const zf_token *t, const char *sign) {
    return zf_token_is_sign(t, sign);
}

/* Finds the closing token of each '(' and CASE. open: room for as many numbers as there are tokens. */
static void match_tokens(zf_expression_tokens *t, size_t *open) {
    size_t n_open = 0;
    for (size_t i = 0; i < t->n; i++) {
        const zf_token *now = &t->items[i];
        t->match[i] = SIZE_MAX;
        bool is_end = is_word(now, "END") && n_open > 0 && is_word(&t->items[open[n_open - 1]], "CASE");
        if (is_sign(now, "(") || is_word(now, "CASE"))
            open[n_open++] = i;
        else if ((is_sign(now, ")") && n_open > 0) || is_end)
            t->match[open[--n_open]] = i;
    }
}

zf_status zf_expression_tokenize(zf_expression_tokens *t, const char *text, zf_error *error) {
    const size_t n_bytes = strlen(text) + 1;
    t->items = calloc(n_bytes, sizeof *t->items);
    t->match = calloc(n_bytes, sizeof *t->match);
    size_t *open = calloc(n_bytes, sizeof *open);
    if (t->items == NULL || t->match == NULL || open == NULL) {
        free(open);
        return zf_error_memory(error, n_bytes * sizeof *t->items, "the type of an expression");
    }
    size_t at = 0;
    for (zf_token one; (one = zf_token_next(text, &at)).kind != ZF_TOKEN_END;)
        t->items[t->n++] = one;
    match_tokens(t, open);
    free(open);
    return ZF_OK;
}

void zf_expression_tokens_deinit(zf_expression_tokens *t) {
    free(t->items);
    free(t->match);
    t->items = NULL;
    t->match = NULL;
}

static size_t after(const zf_expression_tokens *t, size_t i, size_t end) {
    return zf_expression_after(t, i, end);
}

/* ---- types ---- */

static bool is_number(zf_expression_kind k) {
    return k == ZF_KIND_INTEGER || k == ZF_KIND_REAL;
}

/* The type of a value that has one of two types. */
static zf_expression_kind join(zf_expression_kind a, zf_expression_kind b) {
    if (a == b || b == ZF_KIND_NULL)
        return a;
    if (a == ZF_KIND_NULL)
        return b;
    if (is_number(a) && is_number(b))
        return ZF_KIND_REAL;
    bool is_text = a == ZF_KIND_TEXT || b == ZF_KIND_TEXT, is_mixed = a == ZF_KIND_MIXED || b == ZF_KIND_MIXED;
    bool are_known = a < ZF_KIND_BLOB && b < ZF_KIND_BLOB;
    return are_known && (is_text || is_mixed) ? ZF_KIND_MIXED : ZF_KIND_ANY;
}

/* The type of + - * / of two operands. */
static zf_expression_kind arithmetic(zf_expression_kind a, zf_expression_kind b) {
    bool are_integers = (a == ZF_KIND_INTEGER || a == ZF_KIND_NULL) && (b == ZF_KIND_INTEGER || b == ZF_KIND_NULL);
    return are_integers ? ZF_KIND_INTEGER : ZF_KIND_REAL;
}

static zf_expression_kind kind_of_field(zf_field_type type) {
    switch (type) {
    case ZF_FIELD_INTEGER:
    case ZF_FIELD_BOOLEAN:
        return ZF_KIND_INTEGER;
    case ZF_FIELD_REAL:
        return ZF_KIND_REAL;
    case ZF_FIELD_TEXT:
    case ZF_FIELD_DATE:
    case ZF_FIELD_TIME:
    case ZF_FIELD_DATETIME:
        return ZF_KIND_TEXT;
    case ZF_FIELD_BLOB:
        return ZF_KIND_BLOB;
    default:
        return ZF_KIND_ANY;
    }
}

static zf_expression_kind kind_of_number(const zf_token *t) {
    bool is_hex = t->n > 1 && (t->text[1] == 'x' || t->text[1] == 'X');
    for (size_t i = 0; !is_hex && i < t->n; i++)
        if (strchr(".eE", t->text[i]) != NULL)
            return ZF_KIND_REAL;
    return is_hex || t->n <= 18 ? ZF_KIND_INTEGER : ZF_KIND_REAL; /* 2^63 has 19 digits */
}

static zf_expression_kind kind_of_word(const zf_expression_tokens *t, const zf_token *word) {
    for (size_t c = 0; c < t->n_known; c++)
        if (!t->columns->is_hidden[c] && zf_token_is_name(word, t->columns->items[c].name))
            return kind_of_field(t->columns->items[c].type);
    if (is_word(word, "NULL"))
        return ZF_KIND_NULL;
    return is_word(word, "TRUE") || is_word(word, "FALSE") ? ZF_KIND_INTEGER : ZF_KIND_ANY;
}

static zf_expression_kind kind_of_token(const zf_expression_tokens *t, const zf_token *one) {
    switch (one->kind) {
    case ZF_TOKEN_NUMBER:
        return kind_of_number(one);
    case ZF_TOKEN_TEXT:
        return ZF_KIND_TEXT;
    case ZF_TOKEN_BLOB:
        return ZF_KIND_BLOB;
    case ZF_TOKEN_WORD:
    case ZF_TOKEN_NAME:
        return kind_of_word(t, one);
    default:
        return ZF_KIND_ANY;
    }
}

/* ---- calls ---- */

/* A quoted name can be a function's, too. */
static zf_returns returns_of(const zf_token *name) {
    const size_t quotes = name->kind == ZF_TOKEN_NAME ? 1 : 0;
    return zf_sql_function_returns(name->text + quotes, name->n - 2 * quotes);
}

static zf_expression_kind kind_of_range(const zf_expression_tokens *t, size_t begin, size_t end, size_t depth);

/* Joins the types of some arguments of a call; is_wanted picks argument i of n. */
static zf_expression_kind join_arguments(const zf_expression_tokens *t, size_t begin, size_t end, size_t depth,
                           bool (*is_wanted)(size_t i, size_t n)) {
    size_t n = 1;
    zf_expression_kind joined = ZF_KIND_NULL;
    for (size_t i = begin; i < end; i = after(t, i, end))
        n += is_sign(&t->items[i], ",");
    for (size_t i = begin, first = begin, argument = 0; i <= end; i = i < end ? after(t, i, end) : end + 1) {
        if (i < end && !is_sign(&t->items[i], ","))
            continue;
        if (is_wanted(argument++, n))
            joined = join(joined, kind_of_range(t, first, i, depth + 1));
        first = i + 1;
    }
    return joined;
}

static bool is_first(size_t i, size_t n) {
    (void)n;
    return i == 0;
}

static bool is_any(size_t i, size_t n) {
    (void)i, (void)n;
    return true;
}

static bool is_branch(size_t i, size_t n) {
    return i % 2 == 1 || (i + 1 == n && n % 2 == 1);
}

/* Whether a comma stands in a range of tokens, outside of parentheses and CASEs. */
static bool has_comma(const zf_expression_tokens *t, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i = after(t, i, end))
        if (is_sign(&t->items[i], ","))
            return true;
    return false;
}

/* Whether the text from one token to another contains a part, in any case. */
static bool has_part(const zf_token *first, const zf_token *last, const char *part) {
    int n = (int)strlen(part);
    for (const char *at = first->text; at + n <= last->text + last->n; at++)
        if (sqlite3_strnicmp(at, part, n) == 0)
            return true;
    return false;
}

/* CAST(value AS type): SQLite's rules for the affinity of a type's name. */
static zf_expression_kind kind_of_cast(const zf_expression_tokens *t, size_t begin, size_t end) {
    size_t as = begin;
    while (as < end && !is_word(&t->items[as], "AS"))
        as = after(t, as, end);
    if (as + 1 >= end)
        return ZF_KIND_BLOB;
    const zf_token *first = &t->items[as + 1], *last = &t->items[end - 1];
    if (has_part(first, last, "INT"))
        return ZF_KIND_INTEGER;
    if (has_part(first, last, "CHAR") || has_part(first, last, "CLOB") || has_part(first, last, "TEXT"))
        return ZF_KIND_TEXT;
    return has_part(first, last, "BLOB") ? ZF_KIND_BLOB : ZF_KIND_REAL;
}

static zf_expression_kind kind_of_call(const zf_expression_tokens *t, const zf_token *name, size_t begin, size_t end, size_t depth) {
    if (is_word(name, "CAST"))
        return kind_of_cast(t, begin, end);
    switch (returns_of(name)) {
    case ZF_RETURNS_INTEGER:
        return ZF_KIND_INTEGER;
    case ZF_RETURNS_REAL:
        return ZF_KIND_REAL;
    case ZF_RETURNS_TEXT:
        return ZF_KIND_TEXT;
    case ZF_RETURNS_BLOB:
        return ZF_KIND_BLOB;
    case ZF_RETURNS_NUMBER:
        return arithmetic(join_arguments(t, begin, end, depth, is_first), ZF_KIND_NULL);
    case ZF_RETURNS_PART: {
        zf_expression_kind first = join_arguments(t, begin, end, depth, is_first);
        return first >= ZF_KIND_MIXED ? first : ZF_KIND_TEXT;
    }
    case ZF_RETURNS_FIRST:
        return join_arguments(t, begin, end, depth, is_first);
    case ZF_RETURNS_JOINED:
        return join_arguments(t, begin, end, depth, is_any);
    case ZF_RETURNS_BRANCH:
        return join_arguments(t, begin, end, depth, is_branch);
    case ZF_RETURNS_UNIXEPOCH:
        return has_comma(t, begin, end) ? ZF_KIND_REAL : ZF_KIND_INTEGER;
    case ZF_RETURNS_ANY:
        break;
    }
    return ZF_KIND_ANY;
}

/* The type of what stands between CASE and END. */
static zf_expression_kind kind_of_case(const zf_expression_tokens *t, size_t begin, size_t end, size_t depth) {
    zf_expression_kind joined = ZF_KIND_NULL;
    size_t value = SIZE_MAX; /* where one begins */
    for (size_t i = begin; i <= end; i = i < end ? after(t, i, end) : end + 1) {
        const zf_token *now = i < end ? &t->items[i] : NULL;
        bool begins = now != NULL && (is_word(now, "THEN") || is_word(now, "ELSE"));
        if (value != SIZE_MAX && (now == NULL || begins || is_word(now, "WHEN"))) {
            joined = join(joined, kind_of_range(t, value, i, depth + 1));
            value = SIZE_MAX;
        }
        if (begins)
            value = i + 1;
    }
    return joined;
}

/* ---- operators ---- */

/* How loosely an operator binds: a range is split at the loosest. */
typedef enum level { LEVEL_NONE, LEVEL_PARTS, LEVEL_PRODUCT, LEVEL_SUM, LEVEL_BITS, LEVEL_TRUTH } level;

static level level_of_word(const zf_expression_tokens *t, size_t i, size_t end, bool is_after_operand) {
    static const char *const words[] = {"AND",  "OR",     "NOT",   "IS",      "IN",     "LIKE",
                                        "GLOB", "REGEXP", "MATCH", "BETWEEN", "ISNULL", "NOTNULL"};
    bool is_called = i + 1 < end && is_sign(&t->items[i + 1], "(");
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
        if (is_word(&t->items[i], words[w]))
            return is_after_operand || w == 2 || !is_called ? LEVEL_TRUTH : LEVEL_NONE;
    return LEVEL_NONE;
}

static level level_of_sign(const zf_token *sign, bool is_after_operand) {
    static const char *const of_level[][10] = {
        [LEVEL_PARTS] = {"||", "->", "->>"},
        [LEVEL_PRODUCT] = {"*", "/", "%"},
        [LEVEL_SUM] = {"+", "-"},
        [LEVEL_BITS] = {"&", "|", "<<", ">>"},
        [LEVEL_TRUTH] = {"=", "==", "<>", "!=", "<", "<=", ">", ">="},
    };
    for (level l = LEVEL_PARTS; is_after_operand && l <= LEVEL_TRUTH; l++)
        for (size_t i = 0; of_level[l][i] != NULL; i++)
            if (is_sign(sign, of_level[l][i]))
                return l;
    return LEVEL_NONE;
}

/* The level of the token at i. *is_after_operand: whether an operand ends before it; then, with it. */
static level level_at(const zf_expression_tokens *t, size_t i, size_t end, bool *is_after_operand) {
    const zf_token *now = &t->items[i];
    bool is_opening = is_sign(now, "(");
    level found = now->kind == ZF_TOKEN_WORD                  ? level_of_word(t, i, end, *is_after_operand)
                  : now->kind == ZF_TOKEN_SIGN && !is_opening ? level_of_sign(now, *is_after_operand)
                                                              : LEVEL_NONE;
    *is_after_operand = found == LEVEL_NONE && (now->kind != ZF_TOKEN_SIGN || is_opening);
    return found;
}

/* The level of the operator at which a range of tokens is split. */
static level loosest(const zf_expression_tokens *t, size_t begin, size_t end) {
    level found = LEVEL_NONE;
    bool is_after_operand = false;
    for (size_t i = begin; i < end; i = after(t, i, end)) {
        level now = level_at(t, i, end, &is_after_operand);
        found = now > found ? now : found;
    }
    return found;
}

/* The type of operands joined by + and -, or by * / %. */
static zf_expression_kind kind_of_arithmetic(const zf_expression_tokens *t, size_t begin, size_t end, level split, size_t depth) {
    bool is_after_operand = false;
    zf_expression_kind all = ZF_KIND_NULL;
    size_t first = begin;
    for (size_t i = begin; i < end; i = after(t, i, end)) {
        if (level_at(t, i, end, &is_after_operand) != split)
            continue;
        all = arithmetic(all, kind_of_range(t, first, i, depth + 1));
        first = i + 1;
    }
    return arithmetic(all, kind_of_range(t, first, end, depth + 1));
}

/* Of || -> ->> in a row the last one gives the result. */
static zf_expression_kind kind_of_parts(const zf_expression_tokens *t, size_t begin, size_t end) {
    bool is_after_operand = false;
    zf_expression_kind last = ZF_KIND_TEXT;
    for (size_t i = begin; i < end; i = after(t, i, end))
        if (level_at(t, i, end, &is_after_operand) == LEVEL_PARTS)
            last = is_sign(&t->items[i], "->>") ? ZF_KIND_ANY : ZF_KIND_TEXT;
    return last;
}

/* The type of a range of tokens without an operator outside of parentheses. */
static zf_expression_kind kind_of_operand(const zf_expression_tokens *t, size_t begin, size_t end, size_t depth) {
    const zf_token *first = &t->items[begin];
    if (end - begin == 1)
        return kind_of_token(t, first);
    if (is_word(first, "CASE") && t->match[begin] == end - 1)
        return kind_of_case(t, begin + 1, end - 1, depth);
    if (is_sign(&t->items[begin + 1], "(") && t->match[begin + 1] == end - 1)
        return kind_of_call(t, first, begin + 2, end - 1, depth);
    if (is_sign(&t->items[end - 2], "."))
        return kind_of_token(t, &t->items[end - 1]);
    return ZF_KIND_ANY;
}

/* Strips COLLATE and its name at the end, signs in front, and parentheses around it all. False: there were
 * none. */
static bool peel(const zf_expression_tokens *t, size_t *begin, size_t *end, bool *is_negated, bool *is_bits) {
    size_t b = *begin, e = *end;
    while (e - b > 2 && is_word(&t->items[e - 2], "COLLATE"))
        e -= 2;
    for (; e - b > 1 && t->items[b].kind == ZF_TOKEN_SIGN && !is_sign(&t->items[b], "("); b++) {
        *is_negated = *is_negated || is_sign(&t->items[b], "-");
        *is_bits = *is_bits || is_sign(&t->items[b], "~");
    }
    bool is_enclosed =
        e - b > 2 && is_sign(&t->items[b], "(") && t->match[b] == e - 1 && !has_comma(t, b + 1, e - 1);
    bool is_peeled = is_enclosed || b != *begin || e != *end;
    *begin = is_enclosed ? b + 1 : b;
    *end = is_enclosed ? e - 1 : e;
    return is_peeled;
}

static zf_expression_kind kind_of_level(const zf_expression_tokens *t, size_t begin, size_t end, level found, size_t depth) {
    switch (found) {
    case LEVEL_TRUTH:
    case LEVEL_BITS:
        return ZF_KIND_INTEGER;
    case LEVEL_SUM:
    case LEVEL_PRODUCT:
        return kind_of_arithmetic(t, begin, end, found, depth);
    case LEVEL_PARTS:
        return kind_of_parts(t, begin, end);
    default:
        return kind_of_operand(t, begin, end, depth);
    }
}

/* The type of a range of tokens. */
static zf_expression_kind kind_of_range(const zf_expression_tokens *t, size_t begin, size_t end, size_t depth) {
    bool is_negated = false, is_bits = false;
    if (begin >= end || depth > MAX_DEPTH)
        return ZF_KIND_ANY;
    level found = loosest(t, begin, end);
    while (found == LEVEL_NONE && peel(t, &begin, &end, &is_negated, &is_bits))
        found = loosest(t, begin, end);
    if (is_bits)
        return ZF_KIND_INTEGER;
    zf_expression_kind inner = kind_of_level(t, begin, end, found, depth);
    return is_negated ? arithmetic(inner, ZF_KIND_NULL) : inner;
}

zf_expression_kind zf_expression_kind_of(const zf_expression_tokens *t, size_t begin, size_t end) {
    return kind_of_range(t, begin, end, 0);
}

zf_status zf_expression_type(const zf_sql_columns *columns, size_t n_known, const char *text,
                             zf_field_type *out, zf_error *error) {
    zf_expression_tokens t = {.columns = columns, .n_known = n_known};
    zf_status st = zf_expression_tokenize(&t, text, error);
    zf_expression_kind found = st == ZF_OK ? kind_of_range(&t, 0, t.n, 0) : ZF_KIND_ANY;
    zf_expression_tokens_deinit(&t);
    *out = found == ZF_KIND_INTEGER ? ZF_FIELD_INTEGER
           : found == ZF_KIND_REAL  ? ZF_FIELD_REAL
           : found == ZF_KIND_BLOB  ? ZF_FIELD_BLOB
                                 : ZF_FIELD_TEXT;
    return st;
}
