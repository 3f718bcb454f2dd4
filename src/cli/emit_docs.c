/* SPDX-License-Identifier: MIT */
/**
 * @file emit_docs.c
 * A little program of the build: the option tables write the manual's generated parts and the shell
 * completion.
 *
 *     zonefold-docs man TEMPLATE OUT     a page of the manual (emit_docs.h)
 *     zonefold-docs completion OUT       completion for bash
 *     zonefold-docs names                every command, page, option, statistic, analysis, parameter and
 * measure: what the tests look for
 */
#include "cli/emit_docs.h"
#include "cli/cli.h"
#include "zonefold/describe.h"

#include <stdio.h>
#include <string.h>

static void append_statistics(zf_text *out, const char *kind, zf_field_type type) {
    zf_text names = {0};
    zf_describe_statistics(type, &names);
    for (const char *word = names.bytes != NULL ? names.bytes : ""; *word != '\0';) {
        const size_t n = strcspn(word, " ");
        zf_text_append_format(out, "%s %.*s\n", kind, (int)n, word);
        word += n + (word[n] == ' ');
    }
    out->is_failed = out->is_failed || names.is_failed;
    zf_text_deinit(&names);
}

static void append_names(zf_text *out) {
    static const char *const tables[] = {"zip_summary", "important_building", "rejected_feature",
                                         "run_count",   "run_area",           "run_funnel",
                                         "run_info",    "run_input"};
    size_t n;
    const zf_cli_command *commands = zf_cli_commands(&n);
    for (size_t c = 0; c < n; c++) {
        zf_text_append_format(out, "command %s\n", commands[c].table->command);
        zf_text_append_format(out, "page:%s %s\n", commands[c].table->command, commands[c].table->page);
        for (size_t i = 0; i < commands[c].table->n_options; i++)
            zf_text_append_format(out, "option:%s --%s\n", commands[c].table->command,
                                  commands[c].table->options[i].name);
    }
    append_statistics(out, "statistic:number", ZF_FIELD_REAL);
    append_statistics(out, "statistic:text", ZF_FIELD_TEXT);
    append_statistics(out, "statistic:date", ZF_FIELD_DATE);
    for (size_t i = 0; zf_describe_analysis(i).name != NULL; i++)
        zf_text_append_format(out, "analysis %s\n", zf_describe_analysis(i).name);
    zf_analysis_description analysis;
    for (size_t i = 0; (analysis = zf_describe_analysis(i)).name != NULL; i++)
        for (size_t k = 0; k < analysis.n_parameters; k++)
            zf_text_append_format(out, "parameter:%s %s=\n", analysis.name, zf_describe_parameter(i, k).name);
    for (size_t m = 0; zf_describe_measure(m) != NULL; m++)
        zf_text_append_format(out, "measure %s\n", zf_describe_measure(m));
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        zf_column_description column;
        for (size_t c = 0; (column = zf_describe_table_column(tables[t], c)).name != NULL; c++)
            zf_text_append_format(out, "column:%s %s\n", tables[t], column.name);
    }
}

static int write_file(const char *path, const zf_text *text) {
    FILE *file = text->is_failed ? NULL : fopen(path, "w");
    bool is_good = file != NULL && fwrite(text->bytes, 1, text->n, file) == text->n;
    if (file != NULL)
        is_good = fclose(file) == 0 && is_good;
    if (is_good)
        return 0;
    fprintf(stderr, "zonefold-docs: cannot write %s\n", path);
    if (file != NULL)
        remove(path); /* half a file would look up to date to the next build */
    return 1;
}

int main(int argc, char **argv) {
    zf_text text = {0};
    int result = 2;
    if (argc == 4 && strcmp(argv[1], "man") == 0) {
        result = zf_docs_append_man(argv[2], &text);
        if (result == 0)
            result = write_file(argv[3], &text);
    } else if (argc == 3 && strcmp(argv[1], "completion") == 0) {
        zf_docs_append_completion(&text);
        result = write_file(argv[2], &text);
    } else if (argc == 2 && strcmp(argv[1], "names") == 0) {
        append_names(&text);
        result = fwrite(text.bytes, 1, text.n, stdout) == text.n && fflush(stdout) == 0 ? 0 : 1;
    } else {
        fputs("usage: zonefold-docs man TEMPLATE OUT | completion OUT | names\n", stderr);
    }
    zf_text_deinit(&text);
    return result;
}
