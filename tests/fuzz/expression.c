/* SPDX-License-Identifier: MIT */
/*
 * Expressions of anybody's making, compiled and run over six buildings. Up to four of them, with NULs
 * between: a condition, two computed columns, a rule.
 */
#include "fuzz/fuzz.h"
#include "unit/expression_rows.h"

enum { MAX_QUESTIONS = 40, MAX_EXPRESSIONS = 4 };

/* Bounds what an expression may cost. */
static bool is_enough(void *user) {
    return ++*(int *)user > MAX_QUESTIONS;
}

static bool is_of_type(zf_value value, zf_field_type type) {
    static const zf_value_kind kinds[] = {[ZF_FIELD_INTEGER] = ZF_VALUE_INTEGER,
                                          [ZF_FIELD_REAL] = ZF_VALUE_REAL,
                                          [ZF_FIELD_TEXT] = ZF_VALUE_TEXT,
                                          [ZF_FIELD_BLOB] = ZF_VALUE_BLOB};
    bool is_known =
        type == ZF_FIELD_INTEGER || type == ZF_FIELD_REAL || type == ZF_FIELD_TEXT || type == ZF_FIELD_BLOB;
    return is_known && (value.kind == ZF_VALUE_NULL || value.kind == kinds[type]);
}

/* Reads every byte, for a sanitizer to see whether it is there. */
static void touch(zf_value value) {
    volatile uint8_t byte = 0;
    if (value.kind == ZF_VALUE_TEXT || value.kind == ZF_VALUE_BLOB)
        for (size_t i = 0; i < value.as.bytes.n; i++)
            byte = value.as.bytes.bytes[i];
    (void)byte;
}

static void run(zf_expressions *select, size_t n_computes) {
    uint8_t passes[N_SAMPLE_ROWS];
    sample rows_read = {0};
    zf_arena arena;
    zf_error error = ZF_ERROR_INIT;
    zf_arena_init(&arena, NULL, ZF_MEMORY_BATCH, 1 << 12);
    const zf_expression_rows rows = {.n = N_SAMPLE_ROWS, .value = sample_value, .user = &rows_read, .arena = &arena};
    zf_status status = zf_expressions_run(select, &rows, passes, &error);
    fuzz_require(status == ZF_OK || status == ZF_E_USAGE || status == ZF_E_CANCELLED || status == ZF_E_MEMORY,
                 "a run ends with what the header says");
    fuzz_require(status == ZF_OK || error.text[0] != '\0', "a failure is told");
    for (size_t row = 0; status == ZF_OK && row < N_SAMPLE_ROWS; row++) {
        fuzz_require(passes[row] <= 1, "a row passes or does not");
        for (size_t k = 0; k < n_computes; k++) {
            zf_value value = zf_expressions_value(select, row, k);
            fuzz_require(is_of_type(value, zf_expressions_type(select, k)), "a value is of its column's type");
            touch(value);
        }
    }
    zf_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char *text = fuzz_text(bytes, n), *pieces[MAX_EXPRESSIONS] = {NULL};
    size_t n_pieces = fuzz_split(text, n, pieces, MAX_EXPRESSIONS);
    int n_questions = 0;
    const zf_callbacks callbacks = {.user = &n_questions, .is_cancelled = is_enough};
    const zf_named_expression computes[] = {{"first", pieces[1]}, {"second", pieces[2]}};
    const zf_named_expression rule = {"rule", pieces[3]};
    const zf_expressions_options options = {.columns = sample_columns,
                                       .n_columns = N_SAMPLE_COLUMNS,
                                       .computes = computes,
                                       .n_computes = n_pieces > 2 ? 2 : n_pieces - 1,
                                       .where = *pieces[0] != '\0' ? pieces[0] : NULL,
                                       .rules = &rule,
                                       .n_rules = n_pieces > 3};
    zf_expressions *select = NULL;
    zf_error error = ZF_ERROR_INIT;
    zf_status status = zf_expressions_create(&options, &callbacks, &select, &error);
    fuzz_require(status == ZF_OK || status == ZF_E_USAGE || status == ZF_E_CANCELLED || status == ZF_E_MEMORY,
                 "compiling ends with what the header says");
    fuzz_require(status == ZF_OK || error.text[0] != '\0', "a refusal is told");
    if (status == ZF_OK)
        run(select, options.n_computes);
    zf_expressions_destroy(status == ZF_OK ? select : NULL);
    free(text);
    return 0;
}
