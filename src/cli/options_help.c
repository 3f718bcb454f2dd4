/* SPDX-License-Identifier: MIT */
#include "cli/options.h"
#include "zonefold/describe.h"

#include <stdint.h>
#include <string.h>

enum { LINE_WIDTH = 79, HELP_INDENT = 26, BRIEF_EXAMPLES = 2 };

void zf_option_append_placeholder(const zf_option *option, zf_text *out) {
    if (option->value != NULL) {
        zf_text_append(out, option->value);
        return;
    }
    const char *choices[ZF_OPTIONS_MAX];
    const size_t n = zf_option_choices(option, choices);
    for (size_t i = 0; i < n; i++)
        zf_text_append_format(out, "%s%s", i > 0 ? "|" : "", choices[i]);
}

static void append_spaces(zf_text *out, size_t n) {
    zf_text_append_format(out, "%*s", (int)n, "");
}

void zf_help_append_wrapped(zf_text *out, const char *text, size_t at, size_t indent) {
    bool is_first = true;
    while (*text != '\0') {
        const size_t n = strcspn(text, " \n");
        if (!is_first && at + 1 + n > LINE_WIDTH) {
            zf_text_append(out, "\n");
            append_spaces(out, indent);
            at = indent;
        } else if (!is_first && n > 0) {
            zf_text_append(out, " ");
            at++;
        }
        zf_text_append_n(out, text, n);
        at += n;
        is_first = false;
        text += n;
        if (*text == '\n') {
            zf_text_append(out, "\n");
            append_spaces(out, text[1] == '\n' ? 0 : indent);
            at = indent;
            is_first = true;
        }
        text += *text != '\0';
    }
    zf_text_append(out, "\n");
}

void zf_help_append_analyses(zf_text *out, size_t indent) {
    zf_analysis_description analysis;
    for (size_t i = 0; (analysis = zf_describe_analysis(i)).name != NULL; i++) {
        zf_text line = {0};
        zf_text_append(&line, analysis.name);
        for (size_t k = 0; k < analysis.n_parameters; k++)
            zf_text_append_format(&line, "%s%s=", k == 0 ? ":" : ",", zf_describe_parameter(i, k).name);
        zf_text_append_format(&line, " - %s", analysis.summary);
        append_spaces(out, indent);
        zf_help_append_wrapped(out, line.bytes != NULL ? line.bytes : "", indent, indent + 2);
        out->is_failed = out->is_failed || line.is_failed;
        zf_text_deinit(&line);
    }
}

/* The first sentence of a text. */
static void append_sentence(zf_text *out, const char *text) {
    zf_text sentence = {0};
    const char *end = strstr(text, ". ");
    zf_text_append_n(&sentence, text, end != NULL ? (size_t)(end - text) + 1 : strlen(text));
    zf_help_append_wrapped(out, sentence.bytes != NULL ? sentence.bytes : "", HELP_INDENT, HELP_INDENT);
    out->is_failed |= sentence.is_failed;
    zf_text_deinit(&sentence);
}

static void append_option(zf_text *out, const zf_option *option, bool is_whole) {
    const size_t start = out->n;
    if (option->short_name != '\0')
        zf_text_append_format(out, "  -%c, --%s", option->short_name, option->name);
    else
        zf_text_append_format(out, "      --%s", option->name);
    if (zf_option_takes_value(option)) {
        zf_text_append(out, " ");
        zf_option_append_placeholder(option, out);
    }
    size_t at = out->n - start;
    if (at + 2 > HELP_INDENT) {
        zf_text_append(out, "\n");
        at = 0;
    }
    append_spaces(out, HELP_INDENT - at);
    if (!is_whole) {
        append_sentence(out, option->help);
        return;
    }
    zf_help_append_wrapped(out, option->help, HELP_INDENT, HELP_INDENT);
    if (option->hint == ZF_HINT_ANALYSIS)
        zf_help_append_analyses(out, HELP_INDENT);
}

static void append_examples(zf_text *out, const char *examples, size_t n_most) {
    zf_text_append(out, "\nExamples:\n");
    for (const char *line = examples; *line != '\0' && n_most > 0; n_most--) {
        const size_t n = strcspn(line, "\n");
        zf_text_append(out, "  ");
        zf_text_append_n(out, line, n);
        zf_text_append(out, "\n");
        line += n + (line[n] != '\0');
    }
}

static bool has_common(const zf_option_table *table) {
    for (size_t i = 0; i < table->n_options; i++)
        if (table->options[i].is_common)
            return true;
    return false;
}

/* What most need, on one screen. */
static void append_common(const zf_option_table *table, zf_text *out) {
    zf_text_append(out, "\nCommon options:\n");
    for (size_t i = 0; i < table->n_options; i++)
        if (table->options[i].is_common)
            append_option(out, &table->options[i], false);
    append_examples(out, table->examples, BRIEF_EXAMPLES);
    zf_text_append_format(out,
                          "\nAll options: 'zonefold help %s --all'. Also: 'zonefold help stats', 'help\n"
                          "measures', 'help analyses', 'help expressions'. See 'man %s'.\n",
                          table->command, table->page);
}

static void append_all(const zf_option_table *table, zf_text *out) {
    const char *group = "";
    zf_text_append(out, "\n");
    zf_help_append_wrapped(out, table->description, 0, 0);
    for (size_t i = 0; i < table->n_options; i++) {
        if (strcmp(group, table->options[i].group) != 0) {
            group = table->options[i].group;
            zf_text_append_format(out, "\n%s:\n", group);
        }
        append_option(out, &table->options[i], true);
    }
    append_examples(out, table->examples, SIZE_MAX);
    zf_text_append_format(out, "\nSee 'man %s' for the full description.\n", table->page);
}

void zf_options_append_help(const zf_option_table *table, bool is_whole, zf_text *out) {
    zf_text_append_format(out, "Usage: ");
    zf_help_append_wrapped(out, table->usage, 7, 7);
    if (is_whole || !has_common(table))
        append_all(table, out);
    else
        append_common(table, out);
}
