/* SPDX-License-Identifier: MIT */
/**
 * @file emit_docs.c
 * A little program of the build: the option tables write the manual's generated parts and the shell
 * completion.
 *
 *     zonefold-docs man TEMPLATE OUT     lines of TEMPLATE that are a placeholder such as @RUN_OPTIONS@ are
 * filled in zonefold-docs completion OUT       completion for bash zonefold-docs names                every
 * command, option, statistic, analysis and measure: what the tests look for
 */
#include "analysis/analysis.h"
#include "cli/cli.h"
#include "geometry/geometry.h"
#include "zonefold/version.h"

#include <stdio.h>
#include <string.h>

/* ---- manual ---- */

/* Text of a roff paragraph: no control lines, no escapes, hyphens that can be copied. */
static void append_roff(zf_text *out, const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        const bool is_line_start = c == text || c[-1] == '\n';
        if (is_line_start && (*c == '.' || *c == '\''))
            zf_text_append(out, "\\&");
        if (*c == '\n' && c[1] == '\n') {
            zf_text_append(out, "\n.IP\n");
            c++;
        } else if (*c == '\\') {
            zf_text_append(out, "\\e");
        } else if (*c == '-') {
            zf_text_append(out, "\\-");
        } else if (*c == '\'') {
            zf_text_append(out, "\\(aq");
        } else {
            zf_text_append_n(out, c, 1);
        }
    }
}

static void append_roff_option(zf_text *out, const zf_option *option) {
    zf_text_append(out, ".TP\n");
    if (option->short_name != '\0')
        zf_text_append_format(out, "\\fB\\-%c\\fR, ", option->short_name);
    zf_text_append(out, "\\fB\\-\\-");
    append_roff(out, option->name);
    zf_text_append(out, "\\fR");
    if (zf_option_takes_value(option)) {
        zf_text shape = {0};
        zf_option_append_placeholder(option, &shape);
        zf_text_append(out, " \\fI");
        append_roff(out, shape.bytes != NULL ? shape.bytes : "");
        zf_text_append(out, "\\fR");
        zf_text_deinit(&shape);
    }
    zf_text_append(out, "\n");
    append_roff(out, option->help);
    zf_text_append(out, "\n");
}

static void append_roff_options(zf_text *out, const zf_option_table *table) {
    const char *group = table->options[0].group;
    for (size_t i = 0; i < table->n_options; i++) {
        const zf_option *option = &table->options[i];
        bool is_new = strcmp(group, option->group) != 0;
        if (i == 0 || is_new) /* a paragraph of its own; a section's first line is one already */
            zf_text_append_format(out, "%s.I %s\n", is_new ? ".PP\n" : "", option->group);
        group = option->group;
        append_roff_option(out, option);
    }
}

static void append_roff_commands(zf_text *out) {
    size_t n;
    const zf_cli_command *commands = zf_cli_commands(&n);
    for (size_t i = 0; i < n; i++) {
        zf_text_append(out, ".TP\n.B ");
        append_roff(out, commands[i].table->usage);
        zf_text_append(out, "\n");
        append_roff(out, commands[i].table->description);
        zf_text_append(out, "\n");
    }
}

/* As it is called by default, where an analysis can be asked for without parameters; else with their names in
 * it. */
static void append_roff_name(zf_text *out, const zf_analysis *analysis, const char *pattern) {
    zf_arena arena;
    zf_analysis_job job;
    zf_text name = {0};
    zf_arena_init(&arena, NULL, ZF_MEMORY_RECORD, 256);
    if (zf_analysis_job_parse(analysis->name, &arena, &job, NULL) == ZF_OK)
        zf_analysis_job_name(&job, pattern, &name);
    else
        zf_text_append(&name, pattern);
    append_roff(out, name.bytes != NULL ? name.bytes : "");
    zf_text_deinit(&name);
    zf_arena_release(&arena);
}

static void append_roff_columns(zf_text *out, const zf_analysis *analysis, const zf_column *columns, size_t n,
                                const char *table) {
    if (n == 0)
        return;
    zf_text_append_format(out, "Columns in %s: ", table);
    for (size_t i = 0; i < n; i++) {
        zf_text_append(out, i > 0 ? ", " : "");
        append_roff_name(out, analysis, columns[i].name);
    }
    zf_text_append(out, ".\n");
}

static void append_roff_parameter(zf_text *out, const zf_parameter *parameter) {
    zf_text taken = {0};
    zf_parameter_describe(parameter, &taken);
    zf_text_append(out, ".TP\n.BI ");
    append_roff(out, parameter->name);
    zf_text_append(out, "= VALUE\n");
    append_roff(out, parameter->help);
    zf_text_append(out, ".\nTakes ");
    append_roff(out, taken.bytes != NULL ? taken.bytes : "");
    if (parameter->is_required)
        zf_text_append(out, "; must be given");
    if (parameter->by_default != NULL) {
        zf_text_append(out, "; default: ");
        append_roff(out, parameter->by_default);
    }
    zf_text_append(out, ".\n");
    out->is_failed = out->is_failed || taken.is_failed;
    zf_text_deinit(&taken);
}

static void append_roff_analysis(zf_text *out, const zf_analysis *analysis) {
    zf_text_append(out, ".TP\n.B ");
    append_roff(out, analysis->name);
    zf_text_append(out, "\n");
    append_roff(out, analysis->summary);
    zf_text_append(out, ".\n");
    if (analysis->details != NULL) {
        append_roff(out, analysis->details);
        zf_text_append(out, ".\n");
    }
    append_roff_columns(out, analysis, analysis->zip_columns, analysis->n_zip_columns, "zip_summary");
    append_roff_columns(out, analysis, analysis->building_columns, analysis->n_building_columns,
                        "important_building");
    if (analysis->table != NULL)
        append_roff_columns(out, analysis, analysis->table_columns, analysis->n_table_columns,
                            analysis->table);
    if (analysis->n_parameters == 0)
        return;
    zf_text_append(out, ".RS\n");
    for (size_t i = 0; i < analysis->n_parameters; i++)
        append_roff_parameter(out, &analysis->parameters[i]);
    zf_text_append(out, ".RE\n");
}

static void append_roff_analyses(zf_text *out) {
    size_t n;
    const zf_analysis *const *analyses = zf_analyses(&n);
    for (size_t i = 0; i < n; i++)
        append_roff_analysis(out, analyses[i]);
}

static void append_roff_examples(zf_text *out) {
    size_t n;
    const zf_cli_command *commands = zf_cli_commands(&n);
    zf_text_append(out, ".nf\n");
    for (size_t i = 0; i < n; i++) {
        append_roff(out, commands[i].table->examples);
        zf_text_append(out, "\n");
    }
    zf_text_append(out, ".fi\n");
}

/* One line of the template; false for a placeholder that is none. */
static bool append_man_line(zf_text *out, const char *line) {
    if (line[0] != '@') {
        zf_text_append_format(out, "%s\n", line);
    } else if (strcmp(line, "@TITLE@") == 0) {
        zf_text_append_format(out, ".TH ZONEFOLD 1 \"\" \"zonefold %s\" \"User Commands\"\n", zf_version());
    } else if (strcmp(line, "@COMMANDS@") == 0) {
        append_roff_commands(out);
    } else if (strcmp(line, "@RUN_OPTIONS@") == 0) {
        append_roff_options(out, &zf_cli_run_table);
    } else if (strcmp(line, "@INSPECT_OPTIONS@") == 0) {
        append_roff_options(out, &zf_cli_inspect_table);
    } else if (strcmp(line, "@REPLAY_OPTIONS@") == 0) {
        append_roff_options(out, &zf_cli_replay_table);
    } else if (strcmp(line, "@ARCHIVE_OPTIONS@") == 0) {
        append_roff_options(out, &zf_cli_archive_table);
    } else if (strcmp(line, "@ANALYSES@") == 0) {
        append_roff_analyses(out);
    } else if (strcmp(line, "@EXAMPLES@") == 0) {
        append_roff_examples(out);
    } else {
        return false;
    }
    return true;
}

static int emit_man(const char *template_path, zf_text *out) {
    FILE *file = fopen(template_path, "r");
    if (file == NULL) {
        fprintf(stderr, "zonefold-docs: cannot read %s\n", template_path);
        return 1;
    }
    char line[1024];
    int result = 0;
    while (result == 0 && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (!append_man_line(out, line)) {
            fprintf(stderr, "zonefold-docs: %s: unknown placeholder %s\n", template_path, line);
            result = 1;
        }
    }
    if (ferror(file))
        result = 1;
    fclose(file);
    return result;
}

/* ---- completion ---- */

static void append_option_words(zf_text *out, const zf_option_table *table) {
    for (size_t i = 0; i < table->n_options; i++) {
        zf_text_append_format(out, "%s--%s", i > 0 ? " " : "", table->options[i].name);
        if (table->options[i].short_name != '\0')
            zf_text_append_format(out, " -%c", table->options[i].short_name);
    }
}

static void append_value_words(zf_text *out, const zf_option *option) {
    const char *choices[ZF_OPTIONS_MAX];
    const size_t n_choices = zf_option_choices(option, choices);
    for (size_t i = 0; i < n_choices; i++)
        zf_text_append_format(out, "%s%s", i > 0 ? " " : "", choices[i]);
    if (option->hint != ZF_HINT_ANALYSIS)
        return;
    size_t n;
    const zf_analysis *const *analyses = zf_analyses(&n);
    for (size_t i = 0; i < n; i++)
        zf_text_append_format(out, "%s ", analyses[i]->name);
    zf_text_append(out, "none");
}

/* The branch of the case over the word before, for one option that takes a value. */
static void append_value_case(zf_text *out, const zf_option_table *table, const zf_option *option) {
    zf_text_append_format(out, "    %s:--%s", table->command, option->name);
    if (option->short_name != '\0')
        zf_text_append_format(out, " | %s:-%c", table->command, option->short_name);
    zf_text_append(out, ") ");
    if (option->hint == ZF_HINT_FILE) {
        zf_text_append(out, "files=1 ;;\n");
        return;
    }
    zf_text_append(out, "words='");
    append_value_words(out, option);
    zf_text_append(out, "' ;;\n");
}

static void append_words_case(zf_text *out, const zf_option_table *table) {
    /* where nothing but options can follow, they are offered before the first dash too */
    zf_text_append_format(out, "    %s:%s) words='", table->command, table->operand == NULL ? "*" : "-*");
    append_option_words(out, table);
    zf_text_append(out, "' ;;\n");
    if (table->operand_hint == ZF_HINT_FILE)
        zf_text_append_format(out, "    %s:*) files=1 ;;\n", table->command);
}

/* What can follow "NAME:", for each analysis. */
static void append_parameter_cases(zf_text *out) {
    size_t n;
    const zf_analysis *const *analyses = zf_analyses(&n);
    for (size_t i = 0; i < n; i++) {
        if (analyses[i]->n_parameters == 0)
            continue;
        zf_text_append_format(out, "    %s) words='", analyses[i]->name);
        for (size_t k = 0; k < analyses[i]->n_parameters; k++) {
            const zf_parameter *parameter = &analyses[i]->parameters[k];
            if (parameter->n_words == 0)
                zf_text_append_format(out, "%s%s=", k > 0 ? " " : "", parameter->name);
            for (size_t w = 0; w < parameter->n_words; w++)
                zf_text_append_format(out, "%s%s=%s", k + w > 0 ? " " : "", parameter->name,
                                      parameter->words[w].word);
        }
        zf_text_append(out, "' ;;\n");
    }
}

static void append_command_words(zf_text *out) {
    size_t n;
    const zf_cli_command *commands = zf_cli_commands(&n);
    for (size_t i = 0; i < n; i++)
        zf_text_append_format(out, "%s%s", i > 0 ? " " : "", commands[i].table->command);
}

static void append_completion(zf_text *out) {
    size_t n;
    const zf_cli_command *commands = zf_cli_commands(&n);
    zf_text_append(
        out, "# bash completion for zonefold; written from the program's option tables\n"
             "_zonefold() {\n"
             "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words='' files=0\n"
             "  # bash breaks --option=value at the sign\n"
             "  if [[ $current == '=' ]]; then\n"
             "    current=''\n"
             "  elif [[ $before == '=' ]]; then\n"
             "    before=${COMP_WORDS[COMP_CWORD-2]}\n"
             "  fi\n"
             "  local command=${COMP_WORDS[1]} analysis=''\n"
             "  # and an analysis at the colon before its parameters\n"
             "  if [[ $current == ':' ]]; then\n"
             "    analysis=$before current=''\n"
             "  elif [[ $before == ':' ]]; then\n"
             "    analysis=${COMP_WORDS[COMP_CWORD-2]}\n"
             "  fi\n"
             "  if [[ -n $analysis ]]; then\n"
             "    compopt -o nospace 2>/dev/null\n"
             "    case $analysis in\n");
    append_parameter_cases(out);
    zf_text_append(out, "    esac\n"
                        "  elif (( COMP_CWORD == 1 )); then\n"
                        "    words='");
    append_command_words(out);
    zf_text_append(out, " --help --version'\n"
                        "  else\n"
                        "    case $command:$before in\n");
    for (size_t c = 0; c < n; c++)
        for (size_t i = 0; i < commands[c].table->n_options; i++)
            if (zf_option_takes_value(&commands[c].table->options[i]))
                append_value_case(out, commands[c].table, &commands[c].table->options[i]);
    zf_text_append(out, "    *)\n    case $command:$current in\n");
    for (size_t c = 0; c < n; c++)
        append_words_case(out, commands[c].table);
    zf_text_append(out, "    help:*) words='");
    append_command_words(out);
    zf_text_append(out, "' ;;\n"
                        "    esac ;;\n"
                        "    esac\n"
                        "  fi\n"
                        "  COMPREPLY=()\n"
                        "  if (( files )); then\n"
                        "    compopt -o filenames 2>/dev/null\n"
                        "    mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
                        "  else\n"
                        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
                        "  fi\n"
                        "}\n"
                        "complete -F _zonefold zonefold\n");
}

/* ---- names ---- */

static void append_words_as_lines(zf_text *out, const char *kind, const char *words) {
    while (*words != '\0') {
        const size_t n = strcspn(words, " ");
        zf_text_append_format(out, "%s %.*s\n", kind, (int)n, words);
        words += n + (words[n] == ' ');
    }
}

static void append_names(zf_text *out) {
    size_t n;
    const zf_cli_command *commands = zf_cli_commands(&n);
    for (size_t c = 0; c < n; c++) {
        zf_text_append_format(out, "command %s\n", commands[c].table->command);
        for (size_t i = 0; i < commands[c].table->n_options; i++)
            zf_text_append_format(out, "option:%s --%s\n", commands[c].table->command,
                                  commands[c].table->options[i].name);
    }
    append_words_as_lines(out, "statistic:number", zf_stat_names_for(ZF_FIELD_REAL));
    append_words_as_lines(out, "statistic:text", zf_stat_names_for(ZF_FIELD_TEXT));
    append_words_as_lines(out, "statistic:date", zf_stat_names_for(ZF_FIELD_DATE));
    const zf_analysis *const *analyses = zf_analyses(&n);
    for (size_t i = 0; i < n; i++)
        zf_text_append_format(out, "analysis %s\n", analyses[i]->name);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < analyses[i]->n_parameters; k++)
            zf_text_append_format(out, "parameter:%s %s=\n", analyses[i]->name,
                                  analyses[i]->parameters[k].name);
    for (int m = 0; m < ZF_MEASURE_KINDS; m++)
        zf_text_append_format(out, "measure %s\n", zf_measure_name((zf_measure)m));
}

/* ---- main ---- */

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
        result = emit_man(argv[2], &text);
        if (result == 0)
            result = write_file(argv[3], &text);
    } else if (argc == 3 && strcmp(argv[1], "completion") == 0) {
        append_completion(&text);
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
