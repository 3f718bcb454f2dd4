/* SPDX-License-Identifier: MIT */
/* The shell completion, from the option tables. */
#include "cli/cli.h"
#include "cli/emit_docs.h"
#include "zonefold/describe.h"

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
    for (size_t i = 0; zf_describe_analysis(i).name != NULL; i++)
        zf_text_append_format(out, "%s ", zf_describe_analysis(i).name);
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
    zf_analysis_description analysis;
    for (size_t i = 0; (analysis = zf_describe_analysis(i)).name != NULL; i++) {
        if (analysis.n_parameters == 0)
            continue;
        zf_text_append_format(out, "    %s) words='", analysis.name);
        for (size_t k = 0; k < analysis.n_parameters; k++) {
            const zf_parameter_description parameter = zf_describe_parameter(i, k);
            if (parameter.n_words == 0)
                zf_text_append_format(out, "%s%s=", k > 0 ? " " : "", parameter.name);
            for (size_t w = 0; w < parameter.n_words; w++)
                zf_text_append_format(out, "%s%s=%s", k + w > 0 ? " " : "", parameter.name,
                                      zf_describe_word(i, k, w).word);
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

void zf_docs_append_completion(zf_text *out) {
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
