/* SPDX-License-Identifier: MIT */
/*
 * Finds text columns that an expression compares with a number. SQLite then compares texts ('9' > '30') or
 * finds every text greater than every number. It compares numbers only if the other side has numeric
 * affinity: if it is a number column itself or a CAST to a number. Source: SQLite, "Datatypes In SQLite",
 * section 4.2.
 */
#include "sql/expression_tokens.h"

enum { MAX_NESTING = 200 };

/** A range of tokens: [begin, end). */
typedef struct operand {
    size_t begin, end;
} operand;

static bool is_word(const zf_expression_tokens *t, size_t i, const char *word) {
    return zf_token_is_word(&t->items[i], word);
}

static bool is_sign(const zf_expression_tokens *t, size_t i, const char *sign) {
    return zf_token_is_sign(&t->items[i], sign);
}

static bool is_one_of(const zf_token *token, const char *const *texts, bool are_words) {
    for (; *texts != NULL; texts++)
        if (are_words ? zf_token_is_word(token, *texts) : zf_token_is_sign(token, *texts))
            return true;
    return false;
}

static bool is_comparison(const zf_token *token) {
    static const char *const signs[] = {"=", "==", "<>", "!=", "<", "<=", ">", ">=", NULL};
    return is_one_of(token, signs, false) || zf_token_is_word(token, "IS");
}

/** Whether a token separates the operands of comparisons. */
static bool is_boundary(const zf_token *token) {
    static const char *const words[] = {"AND",   "OR",      "NOT",      "IN",      "LIKE",   "GLOB", "REGEXP",
                                        "MATCH", "BETWEEN", "ISNULL",   "NOTNULL", "ESCAPE", "WHEN", "THEN",
                                        "ELSE",  "AS",      "DISTINCT", "FROM",    NULL};
    return is_comparison(token) || is_one_of(token, words, true) || zf_token_is_sign(token, ",");
}

/** Finds the column that a token names. */
static bool find_column(const zf_expression_tokens *t, size_t i, size_t *out) {
    const zf_token *token = &t->items[i];
    for (size_t c = 0; (token->kind == ZF_TOKEN_WORD || token->kind == ZF_TOKEN_NAME) && c < t->n_known; c++)
        if (!t->columns->is_hidden[c] && zf_token_is_name(token, t->columns->items[c].name)) {
            *out = c;
            return true;
        }
    return false;
}

/** Removes parentheses around an operand; they keep its affinity. */
static operand peel(const zf_expression_tokens *t, operand o) {
    while (o.end - o.begin > 2 && is_sign(t, o.begin, "(") && t->match[o.begin] == o.end - 1) {
        o.begin++;
        o.end--;
    }
    return o;
}

static bool is_number(zf_expression_kind kind) {
    return kind == ZF_KIND_INTEGER || kind == ZF_KIND_REAL;
}

/** Whether an operand is a number that leaves a text on the other side a text. */
static bool is_plain_number(const zf_expression_tokens *t, operand o, bool has_affinity) {
    size_t column = 0;
    if (o.begin >= o.end || !is_number(zf_expression_kind_of(t, o.begin, o.end)))
        return false;
    o = peel(t, o);
    bool is_column = o.end - o.begin == 1 && find_column(t, o.begin, &column);
    return !has_affinity || !(is_column || is_word(t, o.begin, "CAST"));
}

/** Finds the first text column in an operand that is a text. */
static bool find_text(const zf_expression_tokens *t, operand o, size_t *out) {
    if (o.begin >= o.end)
        return false;
    zf_expression_kind kind = zf_expression_kind_of(t, o.begin, o.end);
    for (size_t i = o.begin; (kind == ZF_KIND_TEXT || kind == ZF_KIND_MIXED) && i < o.end; i++)
        if (find_column(t, i, out) && t->columns->items[*out].type == ZF_FIELD_TEXT)
            return true;
    return false;
}

/** Marks the text column of one comparison. is_list: the right side is a member of an IN list, which has no
 * affinity. */
static void compare(const zf_expression_tokens *t, operand left, operand right, bool is_list,
                    bool *out_is_compared) {
    size_t column = 0;
    if ((find_text(t, left, &column) && is_plain_number(t, right, !is_list)) ||
        (find_text(t, right, &column) && is_plain_number(t, left, true)))
        out_is_compared[column] = true;
}

/** The operand after token i. */
static operand operand_after(const zf_expression_tokens *t, size_t i, size_t end) {
    operand o = {i + 1, i + 1};
    while (o.end < end && !is_boundary(&t->items[o.end]))
        o.end = zf_expression_after(t, o.end, end);
    return o;
}

/** Compares the left operand of IN with each member of the list. */
static void compare_list(const zf_expression_tokens *t, operand left, size_t in, size_t end,
                         bool *out_is_compared) {
    if (in + 1 >= end || !is_sign(t, in + 1, "(") || t->match[in + 1] >= end)
        return;
    for (size_t i = in + 1, close = t->match[in + 1]; i < close;) {
        operand member = operand_after(t, i, close);
        compare(t, left, member, true, out_is_compared);
        i = member.end > i ? member.end : i + 1;
    }
}

/** Handles the operator at token i, whose left operand ends before it. */
static void visit_operator(const zf_expression_tokens *t, operand left, size_t i, size_t end,
                           bool *out_is_compared) {
    if (is_comparison(&t->items[i])) {
        while (i + 1 < end &&
               (is_word(t, i + 1, "NOT") || is_word(t, i + 1, "DISTINCT") || is_word(t, i + 1, "FROM")))
            i++; /* IS NOT DISTINCT FROM */
        compare(t, left, operand_after(t, i, end), false, out_is_compared);
    } else if (is_word(t, i, "BETWEEN")) {
        operand low = operand_after(t, i, end), high = {end, end};
        if (low.end < end && is_word(t, low.end, "AND"))
            high = operand_after(t, low.end, end);
        compare(t, left, low, false, out_is_compared);
        compare(t, left, high, false, out_is_compared);
    } else if (is_word(t, i, "IN")) {
        compare_list(t, left, i, end, out_is_compared);
    }
}

/** Handles all comparisons in a range; base: what stands between CASE and the first WHEN, or empty. */
static void visit_range(const zf_expression_tokens *t, size_t begin, size_t end, bool is_case, size_t depth,
                        bool *out_is_compared) {
    operand left = {begin, begin}, base = {begin, begin};
    bool is_first_when = is_case;
    for (size_t i = begin, next; i < end && depth < MAX_NESTING; i = next) {
        next = zf_expression_after(t, i, end);
        if (next > i + 1)
            visit_range(t, i + 1, next - 1, is_word(t, i, "CASE"), depth + 1, out_is_compared);
        if (!is_boundary(&t->items[i])) {
            left.end = next;
            continue;
        }
        if (is_word(t, i, "WHEN") && is_first_when)
            base = left;
        is_first_when = is_first_when && !is_word(t, i, "WHEN");
        if (is_word(t, i, "WHEN") && base.end > base.begin)
            compare(t, base, operand_after(t, i, end), false, out_is_compared);
        visit_operator(t, left, i, end, out_is_compared);
        bool is_negation = is_word(t, i, "NOT") && left.end > left.begin; /* x NOT IN, x NOT BETWEEN */
        if (!is_negation)
            left = (operand){next, next};
    }
}

zf_status zf_expression_find_text_comparisons(const zf_sql_columns *columns, size_t n_known, const char *text,
                                              bool *out_is_compared, zf_error *error) {
    zf_expression_tokens t = {.columns = columns, .n_known = n_known};
    zf_status st = zf_expression_tokenize(&t, text, error);
    if (st == ZF_OK)
        visit_range(&t, 0, t.n, false, 0, out_is_compared);
    zf_expression_tokens_deinit(&t);
    return st;
}
