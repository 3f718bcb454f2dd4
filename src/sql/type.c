/* SPDX-License-Identifier: MIT */
/*
 * The type of an expression from its form alone: from its outermost operation and, as far as that passes its
 * operands' types on (CASE, coalesce(), arithmetic), from theirs. SQLite gives types to values only, and the
 * values of the first buildings may differ from those of the last. What is found is sound but for integer
 * arithmetic that overflows; expression.c refuses a value that does not fit.
 *
 * The text is cut into tokens, each opening one knows its closing one, and a range of tokens is split at its
 * operators that bind least. Source: SQLite, "SQL Language Expressions", for precedence and for the types of
 * results.
 */
#include "expressions_internal.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 200 }; /* of calls and CASEs within each other; what lies deeper is taken for ANY */

typedef enum kind { KIND_NULL, KIND_INTEGER, KIND_REAL, KIND_TEXT, KIND_BLOB, KIND_ANY } kind;

/* ---- tokens ---- */

typedef enum token_kind {
    TOKEN_WORD,
    TOKEN_NAME,
    TOKEN_TEXT,
    TOKEN_BLOB,
    TOKEN_NUMBER,
    TOKEN_SIGN
} token_kind;

typedef struct token {
    token_kind kind;
    const char *text;
    size_t n;
    size_t match; /* of '(' and CASE: where it is closed; SIZE_MAX: nowhere */
} token;

typedef struct tokens {
    const zf_expressions *select;
    size_t n_known; /* columns */
    token *items;
    size_t n;
} tokens;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

static size_t quoted_length(const char *text, char close) {
    for (size_t n = 1; text[n] != '\0'; n++)
        if (text[n] == close && (close == ']' || text[++n] != close))
            return close == ']' ? n + 1 : n;
    return strlen(text);
}

static size_t number_length(const char *text) {
    size_t n = 1;
    bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    while (is_word_byte(text[n]) || text[n] == '.' ||
           (!is_hex && (text[n] == '+' || text[n] == '-') && (text[n - 1] == 'e' || text[n - 1] == 'E')))
        n++;
    return n;
}

static size_t sign_length(const char *text) {
    static const char *const signs[] = {"->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "!=", "=="};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (strncmp(text, signs[i], strlen(signs[i])) == 0)
            return strlen(signs[i]);
    return 1;
}

/* Length of white space and comments. */
static size_t gap_length(const char *text) {
    size_t n = strspn(text, " \t\n\r\f");
    const char *end = NULL;
    if (n > 0)
        return n;
    if (text[0] == '-' && text[1] == '-')
        return strcspn(text, "\n");
    if (text[0] == '/' && text[1] == '*')
        end = strstr(text + 2, "*/");
    return end == NULL ? 0 : (size_t)(end + 2 - text);
}

static token read_token(const char *text) {
    char c = text[0];
    if (c == '\'')
        return (token){TOKEN_TEXT, text, quoted_length(text, c), SIZE_MAX};
    if (c == '"' || c == '`' || c == '[')
        return (token){TOKEN_NAME, text, quoted_length(text, (char)(c == '[' ? ']' : c)), SIZE_MAX};
    if ((c == 'x' || c == 'X') && text[1] == '\'')
        return (token){TOKEN_BLOB, text, 1 + quoted_length(text + 1, '\''), SIZE_MAX};
    if (is_digit(c) || (c == '.' && is_digit(text[1])))
        return (token){TOKEN_NUMBER, text, number_length(text), SIZE_MAX};
    size_t n = 0;
    while (is_word_byte(text[n]))
        n++;
    return n > 0 ? (token){TOKEN_WORD, text, n, SIZE_MAX}
                 : (token){TOKEN_SIGN, text, sign_length(text), SIZE_MAX};
}

static bool is_word(const token *t, const char *word) {
    return t->kind == TOKEN_WORD && strlen(word) == t->n && sqlite3_strnicmp(t->text, word, (int)t->n) == 0;
}

static bool is_sign(const token *t, const char *sign) {
    return t->kind == TOKEN_SIGN && strlen(sign) == t->n && memcmp(t->text, sign, t->n) == 0;
}

static void match_tokens(tokens *t, size_t *open) {
    size_t n_open = 0;
    for (size_t i = 0; i < t->n; i++) {
        const token *now = &t->items[i];
        bool is_end = is_word(now, "END") && n_open > 0 && is_word(&t->items[open[n_open - 1]], "CASE");
        if (is_sign(now, "(") || is_word(now, "CASE"))
            open[n_open++] = i;
        else if ((is_sign(now, ")") && n_open > 0) || is_end)
            t->items[open[--n_open]].match = i;
    }
}

static zf_status tokenize(tokens *t, const char *text, zf_error *error) {
    size_t n_bytes = strlen(text);
    t->items = calloc(n_bytes + 1, sizeof *t->items);
    size_t *open = calloc(n_bytes + 1, sizeof *open);
    if (t->items == NULL || open == NULL) {
        free(open);
        return zf_error_memory(error, n_bytes * sizeof *t->items, "the type of an expression");
    }
    for (size_t at = 0, n; text[at] != '\0'; at += n) {
        n = gap_length(text + at);
        if (n > 0)
            continue;
        t->items[t->n] = read_token(text + at);
        n = t->items[t->n++].n;
    }
    match_tokens(t, open);
    free(open);
    return ZF_OK;
}

/* The token after this one, with all that a parenthesis or a CASE holds. */
static size_t after(const tokens *t, size_t i, size_t end) {
    size_t match = t->items[i].match;
    return match != SIZE_MAX && match < end ? match + 1 : i + 1;
}

/* ---- types ---- */

static kind join(kind a, kind b) {
    if (a == b || b == KIND_NULL)
        return a;
    if (a == KIND_NULL)
        return b;
    bool are_numbers = (a == KIND_INTEGER || a == KIND_REAL) && (b == KIND_INTEGER || b == KIND_REAL);
    return are_numbers ? KIND_REAL : KIND_ANY;
}

static kind arithmetic(kind a, kind b) {
    bool are_integers = (a == KIND_INTEGER || a == KIND_NULL) && (b == KIND_INTEGER || b == KIND_NULL);
    return are_integers ? KIND_INTEGER : KIND_REAL;
}

static kind kind_of_field(zf_field_type type) {
    switch (type) {
    case ZF_FIELD_INTEGER:
    case ZF_FIELD_BOOLEAN:
        return KIND_INTEGER;
    case ZF_FIELD_REAL:
        return KIND_REAL;
    case ZF_FIELD_TEXT:
    case ZF_FIELD_DATE:
    case ZF_FIELD_TIME:
    case ZF_FIELD_DATETIME:
        return KIND_TEXT;
    case ZF_FIELD_BLOB:
        return KIND_BLOB;
    default:
        return KIND_ANY;
    }
}

static kind kind_of_number(const token *t) {
    bool is_hex = t->n > 1 && (t->text[1] == 'x' || t->text[1] == 'X');
    for (size_t i = 0; !is_hex && i < t->n; i++)
        if (strchr(".eE", t->text[i]) != NULL)
            return KIND_REAL;
    return is_hex || t->n <= 18 ? KIND_INTEGER : KIND_REAL; /* 2^63 has 19 digits */
}

/* A quoted name's bytes against a column's name, doubled quotes inside included. */
static bool is_name(const token *t, const char *name) {
    if (t->kind == TOKEN_WORD)
        return strlen(name) == t->n && sqlite3_strnicmp(t->text, name, (int)t->n) == 0;
    char close = t->text[t->n - 1];
    size_t at = 1;
    for (; *name != '\0' && at + 1 < t->n; name++, at++) {
        if (sqlite3_strnicmp(t->text + at, name, 1) != 0)
            return false;
        at += close != ']' && t->text[at] == close;
    }
    return *name == '\0' && at + 1 == t->n;
}

static kind kind_of_word(const tokens *t, const token *word) {
    for (size_t c = 0; c < t->n_known; c++)
        if (!t->select->is_hidden[c] && is_name(word, t->select->columns[c].name))
            return kind_of_field(t->select->columns[c].type);
    if (is_word(word, "NULL"))
        return KIND_NULL;
    return is_word(word, "TRUE") || is_word(word, "FALSE") ? KIND_INTEGER : KIND_ANY;
}

static kind kind_of_token(const tokens *t, const token *one) {
    switch (one->kind) {
    case TOKEN_NUMBER:
        return kind_of_number(one);
    case TOKEN_TEXT:
        return KIND_TEXT;
    case TOKEN_BLOB:
        return KIND_BLOB;
    case TOKEN_WORD:
    case TOKEN_NAME:
        return kind_of_word(t, one);
    default:
        return KIND_ANY;
    }
}

/* ---- calls ---- */

typedef enum result {
    RESULT_ANY = 0,
    RESULT_INTEGER,
    RESULT_REAL,
    RESULT_TEXT,
    RESULT_BLOB,
    RESULT_NUMBER,   /* an integer for an integer, else a real */
    RESULT_PART,     /* a blob for a blob, else a text */
    RESULT_FIRST,    /* the first argument */
    RESULT_JOINED,   /* one of the arguments */
    RESULT_BRANCH,   /* of condition, value, condition, value, ..., value: one of the values */
    RESULT_UNIXEPOCH /* 'subsec' makes it a real */
} result;

typedef struct call_result {
    const char *names; /* each between blanks */
    result result;
} call_result;

static const call_result call_results[] = {
    {" glob instr json_array_length json_error_position json_valid length like octet_length sign unicode ",
     RESULT_INTEGER},
    {" acos acosh asin asinh atan atan2 atanh cos cosh degrees exp julianday ln log log10 log2 mod pi pow "
     "power "
     "radians round sin sinh sqrt tan tanh ",
     RESULT_REAL},
    {" -> char concat concat_ws date datetime format hex json json_array json_insert json_object json_patch "
     "json_pretty json_quote json_remove json_replace json_set json_type lower ltrim printf quote replace "
     "rtrim "
     "soundex strftime time timediff trim typeof unistr unistr_quote upper ",
     RESULT_TEXT},
    {" unhex zeroblob ", RESULT_BLOB},
    {" abs ceil ceiling floor trunc ", RESULT_NUMBER},
    {" substr substring ", RESULT_PART},
    {" likelihood likely nullif unlikely ", RESULT_FIRST},
    {" coalesce ifnull max min ", RESULT_JOINED},
    {" if iif ", RESULT_BRANCH},
    {" unixepoch ", RESULT_UNIXEPOCH},
};

static result result_of(const token *name) {
    char padded[40] = " ";
    size_t quotes = name->kind == TOKEN_NAME ? 1 : 0, n = name->n - 2 * quotes;
    if (n > sizeof padded - 3)
        return RESULT_ANY;
    for (size_t i = 0; i < n; i++) {
        char c = name->text[quotes + i];
        padded[1 + i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    padded[1 + n] = ' ';
    for (size_t i = 0; i < sizeof call_results / sizeof call_results[0]; i++)
        if (strstr(call_results[i].names, padded) != NULL)
            return call_results[i].result;
    return RESULT_ANY;
}

static kind kind_of_range(const tokens *t, size_t begin, size_t end, size_t depth);

/* Joined kinds of the arguments in [begin, end) with numbers from 0; wanted says which, of how many. */
static kind join_arguments(const tokens *t, size_t begin, size_t end, size_t depth,
                           bool (*is_wanted)(size_t i, size_t n)) {
    size_t n = 1;
    kind joined = KIND_NULL;
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

static bool has_comma(const tokens *t, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i = after(t, i, end))
        if (is_sign(&t->items[i], ","))
            return true;
    return false;
}

static bool has_part(const token *first, const token *last, const char *part) {
    int n = (int)strlen(part);
    for (const char *at = first->text; at + n <= last->text + last->n; at++)
        if (sqlite3_strnicmp(at, part, n) == 0)
            return true;
    return false;
}

/* CAST(value AS type): SQLite's rules for the affinity of a type's name. */
static kind kind_of_cast(const tokens *t, size_t begin, size_t end) {
    size_t as = begin;
    while (as < end && !is_word(&t->items[as], "AS"))
        as = after(t, as, end);
    if (as + 1 >= end)
        return KIND_BLOB;
    const token *first = &t->items[as + 1], *last = &t->items[end - 1];
    if (has_part(first, last, "INT"))
        return KIND_INTEGER;
    if (has_part(first, last, "CHAR") || has_part(first, last, "CLOB") || has_part(first, last, "TEXT"))
        return KIND_TEXT;
    return has_part(first, last, "BLOB") ? KIND_BLOB : KIND_REAL;
}

static kind kind_of_call(const tokens *t, const token *name, size_t begin, size_t end, size_t depth) {
    if (is_word(name, "CAST"))
        return kind_of_cast(t, begin, end);
    switch (result_of(name)) {
    case RESULT_INTEGER:
        return KIND_INTEGER;
    case RESULT_REAL:
        return KIND_REAL;
    case RESULT_TEXT:
        return KIND_TEXT;
    case RESULT_BLOB:
        return KIND_BLOB;
    case RESULT_NUMBER:
        return arithmetic(join_arguments(t, begin, end, depth, is_first), KIND_NULL);
    case RESULT_PART: {
        kind first = join_arguments(t, begin, end, depth, is_first);
        return first == KIND_BLOB || first == KIND_ANY ? first : KIND_TEXT;
    }
    case RESULT_FIRST:
        return join_arguments(t, begin, end, depth, is_first);
    case RESULT_JOINED:
        return join_arguments(t, begin, end, depth, is_any);
    case RESULT_BRANCH:
        return join_arguments(t, begin, end, depth, is_branch);
    case RESULT_UNIXEPOCH:
        return has_comma(t, begin, end) ? KIND_REAL : KIND_INTEGER;
    case RESULT_ANY:
        break;
    }
    return KIND_ANY;
}

/* What stands between CASE and END. */
static kind kind_of_case(const tokens *t, size_t begin, size_t end, size_t depth) {
    kind joined = KIND_NULL;
    size_t value = SIZE_MAX; /* where one begins */
    for (size_t i = begin; i <= end; i = i < end ? after(t, i, end) : end + 1) {
        const token *now = i < end ? &t->items[i] : NULL;
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

static level level_of_word(const tokens *t, size_t i, size_t end, bool is_after_operand) {
    static const char *const words[] = {"AND",  "OR",     "NOT",   "IS",      "IN",     "LIKE",
                                        "GLOB", "REGEXP", "MATCH", "BETWEEN", "ISNULL", "NOTNULL"};
    bool is_called = i + 1 < end && is_sign(&t->items[i + 1], "(");
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
        if (is_word(&t->items[i], words[w]))
            return is_after_operand || w == 2 || !is_called ? LEVEL_TRUTH : LEVEL_NONE;
    return LEVEL_NONE;
}

static level level_of_sign(const token *sign, bool is_after_operand) {
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

/* The level of the token at i, and whether an operand has ended with it. */
static level level_at(const tokens *t, size_t i, size_t end, bool *is_after_operand) {
    const token *now = &t->items[i];
    bool is_opening = is_sign(now, "(");
    level found = now->kind == TOKEN_WORD                  ? level_of_word(t, i, end, *is_after_operand)
                  : now->kind == TOKEN_SIGN && !is_opening ? level_of_sign(now, *is_after_operand)
                                                           : LEVEL_NONE;
    *is_after_operand = found == LEVEL_NONE && (now->kind != TOKEN_SIGN || is_opening);
    return found;
}

static level loosest(const tokens *t, size_t begin, size_t end) {
    level found = LEVEL_NONE;
    bool is_after_operand = false;
    for (size_t i = begin; i < end; i = after(t, i, end)) {
        level now = level_at(t, i, end, &is_after_operand);
        found = now > found ? now : found;
    }
    return found;
}

static kind kind_of_arithmetic(const tokens *t, size_t begin, size_t end, level split, size_t depth) {
    bool is_after_operand = false;
    kind all = KIND_NULL;
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
static kind kind_of_parts(const tokens *t, size_t begin, size_t end) {
    bool is_after_operand = false;
    kind last = KIND_TEXT;
    for (size_t i = begin; i < end; i = after(t, i, end))
        if (level_at(t, i, end, &is_after_operand) == LEVEL_PARTS)
            last = is_sign(&t->items[i], "->>") ? KIND_ANY : KIND_TEXT;
    return last;
}

static kind kind_of_operand(const tokens *t, size_t begin, size_t end, size_t depth) {
    const token *first = &t->items[begin];
    if (end - begin == 1)
        return kind_of_token(t, first);
    if (is_word(first, "CASE") && first->match == end - 1)
        return kind_of_case(t, begin + 1, end - 1, depth);
    if (is_sign(&t->items[begin + 1], "(") && t->items[begin + 1].match == end - 1)
        return kind_of_call(t, first, begin + 2, end - 1, depth);
    if (is_sign(&t->items[end - 2], "."))
        return kind_of_token(t, &t->items[end - 1]);
    return KIND_ANY;
}

/* Leaves out COLLATE and its name at the end, signs in front, and parentheses around it all; returns whether
 * there was any. */
static bool peel(const tokens *t, size_t *begin, size_t *end, bool *is_negated, bool *is_bits) {
    size_t b = *begin, e = *end;
    while (e - b > 2 && is_word(&t->items[e - 2], "COLLATE"))
        e -= 2;
    for (; e - b > 1 && t->items[b].kind == TOKEN_SIGN && !is_sign(&t->items[b], "("); b++) {
        *is_negated = *is_negated || is_sign(&t->items[b], "-");
        *is_bits = *is_bits || is_sign(&t->items[b], "~");
    }
    bool is_enclosed =
        e - b > 2 && is_sign(&t->items[b], "(") && t->items[b].match == e - 1 && !has_comma(t, b + 1, e - 1);
    bool is_peeled = is_enclosed || b != *begin || e != *end;
    *begin = is_enclosed ? b + 1 : b;
    *end = is_enclosed ? e - 1 : e;
    return is_peeled;
}

static kind kind_of_level(const tokens *t, size_t begin, size_t end, level found, size_t depth) {
    switch (found) {
    case LEVEL_TRUTH:
    case LEVEL_BITS:
        return KIND_INTEGER;
    case LEVEL_SUM:
    case LEVEL_PRODUCT:
        return kind_of_arithmetic(t, begin, end, found, depth);
    case LEVEL_PARTS:
        return kind_of_parts(t, begin, end);
    default:
        return kind_of_operand(t, begin, end, depth);
    }
}

static kind kind_of_range(const tokens *t, size_t begin, size_t end, size_t depth) {
    bool is_negated = false, is_bits = false;
    if (begin >= end || depth > MAX_DEPTH)
        return KIND_ANY;
    level found = loosest(t, begin, end);
    while (found == LEVEL_NONE && peel(t, &begin, &end, &is_negated, &is_bits))
        found = loosest(t, begin, end);
    if (is_bits)
        return KIND_INTEGER;
    kind inner = kind_of_level(t, begin, end, found, depth);
    return is_negated ? arithmetic(inner, KIND_NULL) : inner;
}

zf_status zf_expression_type(const zf_expressions *select, size_t n_known, const char *text,
                             zf_field_type *out, zf_error *error) {
    tokens t = {.select = select, .n_known = n_known};
    zf_status st = tokenize(&t, text, error);
    kind found = st == ZF_OK ? kind_of_range(&t, 0, t.n, 0) : KIND_ANY;
    free(t.items);
    *out = found == KIND_INTEGER ? ZF_FIELD_INTEGER
           : found == KIND_REAL  ? ZF_FIELD_REAL
           : found == KIND_BLOB  ? ZF_FIELD_BLOB
                                 : ZF_FIELD_TEXT;
    return st;
}
