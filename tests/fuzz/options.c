/* SPDX-License-Identifier: MIT */
/* Command lines of anybody's making, words with NULs between: run's options, of which there are all kinds. */
#include "cli/cli.h"
#include "fuzz/fuzz.h"

enum { MAX_WORDS = 60 };

typedef struct command_line {
    char *words[MAX_WORDS + 1];
    int n;
    const char *begin, *end;
} command_line;

static void check_text(const command_line *line, const char *text) {
    fuzz_require(text == NULL || (text >= line->begin && text < line->end && *text != '\0'),
                 "a text is a piece of the command line, and not empty");
}

static void check_list(const command_line *line, const zf_option_list *list, bool is_borrowed) {
    for (size_t i = 0; i < list->n; i++) {
        fuzz_require(list->items[i][0] != '\0', "no empty name");
        if (is_borrowed)
            check_text(line, list->items[i]);
    }
}

static void check_target(const command_line *line, const zf_cli_run_target *target) {
    const zf_run_options *options = &target->options;
    const char *const texts[] = {options->zips,      options->zips_layer,      options->zip_field,
                                 options->zip_where, options->order_by,        options->buildings,
                                 options->output,    options->buildings_layer, options->zips_crs,
                                 options->encoding,  options->buildings_crs,   options->where,
                                 options->trace,     options->temp_dir};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_text(line, texts[i]);
    check_list(line, &target->lists.computes, true);
    check_list(line, &target->lists.rules, true);
    check_list(line, &target->lists.stats, true);
    check_list(line, &target->lists.analyses, true);
    check_list(line, &target->lists.fields, false);
    fuzz_require(options->n_threads <= 256 && options->batch_size <= 1000000, "numbers keep to their range");
    fuzz_require((unsigned)target->format < ZF_CLI_FORMAT_END &&
                     (unsigned)target->progress < ZF_CLI_PROGRESS_END &&
                     (unsigned)options->on_invalid < ZF_INVALID_END &&
                     (unsigned)options->buildings_out < ZF_BUILDINGS_END,
                 "choices are among the choices");
}

static void parse(const zf_option_table *table, command_line *line) {
    zf_cli_run_target target = {0};
    zf_options_parsed parsed = {0};
    zf_error error = ZF_ERROR_INIT;
    zf_status status = zf_options_parse(table, line->n, line->words, &target, &parsed, &error);
    fuzz_require(status == ZF_OK || status == ZF_E_USAGE, "a command line is right or a usage error");
    fuzz_require(status == ZF_OK || error.text[0] != '\0', "a usage error is told");
    check_target(line, &target);
    if (status == ZF_OK && !parsed.wants_help && table == &zf_cli_run_table)
        fuzz_require(target.options.zips != NULL && target.options.buildings != NULL &&
                         target.options.output != NULL,
                     "what is required is there");
    zf_options_deinit(table, &target, &parsed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char *text = fuzz_text(bytes, n);
    command_line line = {.begin = text, .end = text + n + 1};
    line.n = (int)fuzz_split(text, n, line.words, MAX_WORDS);
    for (int i = 0; i < line.n; i++) /* which opens a file: job.c's part */
        if (strncmp(line.words[i], "--job", 5) == 0) {
            free(text);
            return 0;
        }
    parse(&zf_cli_run_table, &line);
    parse(&zf_cli_plan_table, &line);
    free(text);
    return 0;
}
