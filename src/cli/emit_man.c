/* SPDX-License-Identifier: MIT */
/* Pages of the manual: templates, filled in from the option tables and the analyses. */
#include "cli/cli.h"
#include "cli/emit_docs.h"
#include "zonefold/describe.h"
#include "zonefold/version.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* 80 columns without the manual's indent */
enum { EXAMPLE_WIDTH = 72 };

/* ---- roff ---- */

/* Text of a roff paragraph: no control lines, no escapes, hyphens that can be copied. Between paragraphs of
 * the text stands `between`, a request. */
static void append_roff_paragraphs(zf_text *out, const char *text, const char *between) {
    for (const char *c = text; *c != '\0'; c++) {
        const bool is_line_start = c == text || c[-1] == '\n';
        if (is_line_start && (*c == '.' || *c == '\''))
            zf_text_append(out, "\\&");
        if (*c == '\n' && c[1] == '\n') {
            zf_text_append_format(out, "\n%s\n", between);
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

static void append_roff(zf_text *out, const char *text) {
    append_roff_paragraphs(out, text, ".IP");
}

static void append_in_font(zf_text *out, char font, const char *text, size_t n) {
    zf_text word = {0};
    zf_text_append_n(&word, text, n);
    zf_text_append_format(out, "\\f%c", font);
    append_roff(out, word.bytes != NULL ? word.bytes : "");
    zf_text_append(out, "\\fR");
    out->is_failed = out->is_failed || word.is_failed;
    zf_text_deinit(&word);
}

/* "zonefold run --zips PATH [OPTION]...": what is typed as it is in bold, what stands for something in
 * italics. */
static void append_usage(zf_text *out, const char *usage) {
    while (*usage != '\0') {
        const size_t before = strspn(usage, " ["), n = strcspn(usage + before, " ].");
        zf_text_append_n(out, usage, before);
        usage += before;
        append_in_font(out, isupper((unsigned char)*usage) ? 'I' : 'B', usage, n);
        const size_t after = strspn(usage + n, "].");
        zf_text_append_n(out, usage + n, after);
        usage += n + after;
    }
    zf_text_append(out, "\n");
}

/* ---- options ---- */

static void append_option_words(zf_text *out, const zf_option *option) {
    if (option->short_name != '\0')
        zf_text_append_format(out, "\\fB\\-%c\\fR, ", option->short_name);
    zf_text_append(out, "\\fB\\-\\-");
    append_roff(out, option->name);
    zf_text_append(out, "\\fR");
    if (zf_option_takes_value(option)) {
        zf_text shape = {0};
        zf_option_append_placeholder(option, &shape);
        zf_text_append(out, " ");
        append_in_font(out, 'I', shape.bytes != NULL ? shape.bytes : "", shape.n);
        zf_text_deinit(&shape);
    }
}

static void append_options(zf_text *out, const zf_cli_command *command) {
    const zf_option_table *table = command->table;
    const char *group = "Options"; /* the section's own heading */
    for (size_t i = 0; i < table->n_options; i++) {
        const zf_option *option = &table->options[i];
        if (strcmp(group, option->group) != 0)
            zf_text_append_format(out, ".SS %s\n", option->group);
        group = option->group;
        zf_text_append(out, ".TP\n");
        append_option_words(out, option);
        zf_text_append(out, "\n");
        append_roff(out, option->help);
        zf_text_append(out, "\n");
    }
}

/* For a page that leaves what they mean to another one. */
static void append_option_names(zf_text *out, const zf_cli_command *command) {
    const zf_option_table *table = command->table;
    const char *group = "";
    for (size_t i = 0; i < table->n_options; i++) {
        const zf_option *option = &table->options[i];
        if (strcmp(group, option->group) != 0)
            zf_text_append_format(out, ".TP\n%s\n", option->group);
        group = option->group;
        append_option_words(out, option);
        zf_text_append(
            out, i + 1 < table->n_options && strcmp(group, table->options[i + 1].group) == 0 ? ",\n" : "\n");
    }
}

/* ---- commands ---- */

static void append_commands(zf_text *out) {
    size_t n;
    const zf_cli_command *commands = zf_cli_commands(&n);
    for (size_t i = 0; i < n; i++) {
        const zf_option_table *table = commands[i].table;
        zf_text_append(out, ".TP\n.B zonefold ");
        append_roff(out, table->command);
        zf_text_append(out, "\n");
        append_roff(out, table->summary);
        if (strcmp(table->page, "zonefold") != 0) {
            zf_text_append(out, ":\n.BR ");
            append_roff(out, table->page);
            zf_text_append(out, " (1)");
        }
        zf_text_append(out, "\n");
    }
}

static void append_name(zf_text *out, const zf_cli_command *command) {
    append_roff(out, command->table->page);
    zf_text_append(out, " \\- ");
    append_roff(out, command->table->summary);
    zf_text_append(out, "\n");
}

static void append_title(zf_text *out, const char *page) {
    zf_text_append(out, ".TH ");
    for (const char *c = page; *c != '\0'; c++)
        zf_text_append_format(out, "%c", toupper((unsigned char)*c));
    zf_text_append_format(out, " 1 \"\" \"zonefold %s\" \"User Commands\"\n", zf_version());
    zf_text_append(out, ".nh\n.ad l\n"); /* names stay whole, and words where they are */
}

static void append_synopsis(zf_text *out, const zf_cli_command *command) {
    append_usage(out, command->table->usage);
}

static void append_description(zf_text *out, const zf_cli_command *command) {
    append_roff_paragraphs(out, command->table->description, ".PP");
    zf_text_append(out, "\n");
}

/* Where a shell may go on in the next line: the last blank before an option that leaves the line no longer
 * than the width, outside quotes; 0 for none. */
static size_t find_break(const char *line, size_t n) {
    size_t found = 0;
    char quote = '\0';
    for (size_t i = 0; i < n && (i <= EXAMPLE_WIDTH || found == 0); i++) {
        if (quote != '\0')
            quote = line[i] == quote ? '\0' : quote;
        else if (line[i] == '\'' || line[i] == '"')
            quote = line[i];
        else if (line[i] == ' ' && i > 4 && line[i + 1] == '-')
            found = i;
    }
    return found;
}

static void append_example(zf_text *out, const char *line, size_t n) {
    zf_text rest = {0};
    zf_text_append_n(&rest, line, n);
    while (!rest.is_failed && rest.n > EXAMPLE_WIDTH) {
        const size_t at = find_break(rest.bytes, rest.n);
        zf_text tail = {0};
        if (at == 0)
            break;
        zf_text_append_format(&tail, "    %s", rest.bytes + at + 1);
        rest.bytes[at] = '\0';
        append_roff(out, rest.bytes);
        zf_text_append(out, " \\e\n");
        zf_text_deinit(&rest);
        rest = tail;
    }
    append_roff(out, rest.bytes != NULL ? rest.bytes : "");
    zf_text_append(out, "\n");
    out->is_failed = out->is_failed || rest.is_failed;
    zf_text_deinit(&rest);
}

static void append_examples(zf_text *out, const zf_cli_command *command) {
    zf_text_append(out, ".nf\n");
    for (const char *line = command->table->examples; *line != '\0';) {
        const size_t n = strcspn(line, "\n");
        append_example(out, line, n);
        line += n + (line[n] != '\0');
    }
    zf_text_append(out, ".fi\n");
}

/* ---- analyses ---- */

/* The choice whose name a pattern holds in braces: the number of the parameter, n_parameters for none. */
static size_t choice_in(size_t analysis, const char *pattern) {
    const size_t n = zf_describe_analysis(analysis).n_parameters;
    for (size_t k = 0; k < n; k++) {
        const zf_parameter_description parameter = zf_describe_parameter(analysis, k);
        const char *at = parameter.n_words > 0 ? strstr(pattern, parameter.name) : NULL;
        if (at != NULL && at > pattern && at[-1] == '{')
            return k;
    }
    return n;
}

/* The name of a column for each word of the choice in it; a parameter of another kind stays in braces. */
static void append_column_names(zf_text *out, size_t analysis, const char *pattern) {
    const size_t choice = choice_in(analysis, pattern);
    if (choice == zf_describe_analysis(analysis).n_parameters) {
        zf_text_append(out, ".B ");
        append_roff(out, pattern);
        return;
    }
    const size_t before = (size_t)(strchr(pattern, '{') - pattern);
    const size_t n_words = zf_describe_parameter(analysis, choice).n_words;
    for (size_t w = 0; w < n_words; w++) {
        zf_text name = {0};
        zf_text_append_n(&name, pattern, before);
        zf_text_append_format(&name, "%s%s", zf_describe_word(analysis, choice, w).in_names,
                              strchr(pattern, '}') + 1);
        zf_text_append(out, w > 0 ? ", " : "");
        append_in_font(out, 'B', name.bytes != NULL ? name.bytes : "", name.n);
        out->is_failed = out->is_failed || name.is_failed;
        zf_text_deinit(&name);
    }
}

/* The definition, and a sentence on when it is NULL. Options' parameters in backquotes become options. */
static void append_definition(zf_text *out, const char *definition, const char *null_when) {
    zf_text words = {0};
    zf_cli_append_message(&words, definition);
    if (null_when != NULL) {
        zf_text_append(&words, ". NULL ");
        zf_cli_append_message(&words, null_when);
    }
    append_roff(out, words.bytes != NULL ? words.bytes : "");
    zf_text_append(out, ".\n");
    out->is_failed = out->is_failed || words.is_failed;
    zf_text_deinit(&words);
}

/* The columns of an analysis, table by table. false, after a message, for a column without a definition. */
static bool append_columns(zf_text *out, size_t analysis) {
    const zf_analysis_description described = zf_describe_analysis(analysis);
    const char *table = "";
    for (size_t c = 0; c < described.n_columns; c++) {
        const zf_column_description column = zf_describe_column(analysis, c);
        if (column.definition == NULL) {
            fprintf(stderr, "zonefold-docs: analysis %s: the column %s of %s has no definition\n",
                    described.name, column.name, column.table);
            return false;
        }
        if (strcmp(table, column.table) != 0)
            zf_text_append_format(out, "%s.PP\nColumns of\n.IR %s :\n.RS\n", *table != '\0' ? ".RE\n" : "",
                                  column.table);
        table = column.table;
        zf_text_append(out, ".TP\n");
        append_column_names(out, analysis, column.name);
        zf_text_append_format(out, "\n%s: ", zf_field_type_name(column.type));
        append_definition(out, column.definition, column.null_when);
    }
    zf_text_append(out, *table != '\0' ? ".RE\n" : "");
    return true;
}

/* The first analysis that has the same parameter: its section describes it for all. */
static size_t first_with(const zf_parameter_description *parameter) {
    zf_analysis_description analysis;
    for (size_t i = 0; (analysis = zf_describe_analysis(i)).name != NULL; i++)
        for (size_t k = 0; k < analysis.n_parameters; k++) {
            const zf_parameter_description other = zf_describe_parameter(i, k);
            if (strcmp(other.name, parameter->name) == 0 && strcmp(other.help, parameter->help) == 0)
                return i;
        }
    return SIZE_MAX;
}

static void append_parameter(zf_text *out, size_t analysis, size_t k) {
    const zf_parameter_description parameter = zf_describe_parameter(analysis, k);
    const size_t first = first_with(&parameter);
    zf_text taken = {0};
    zf_text_append(out, ".TP\n.BI ");
    append_roff(out, parameter.name);
    zf_text_append(out, "= VALUE\n");
    if (first != analysis) {
        zf_text_append_format(out, "as of\n.BR %s .\n", zf_describe_analysis(first).name);
        return;
    }
    zf_describe_values(analysis, k, &taken);
    append_roff(out, parameter.help);
    zf_text_append(out, ".\nTakes ");
    append_roff(out, taken.bytes != NULL ? taken.bytes : "");
    if (parameter.is_required)
        zf_text_append(out, "; must be given");
    if (parameter.by_default != NULL) {
        zf_text_append(out, "; default: ");
        append_roff(out, parameter.by_default);
    }
    zf_text_append(out, ".\n");
    out->is_failed = out->is_failed || taken.is_failed;
    zf_text_deinit(&taken);
}

static bool append_analysis(zf_text *out, size_t i) {
    const zf_analysis_description analysis = zf_describe_analysis(i);
    zf_text_append(out, ".SS ");
    append_roff(out, analysis.name);
    zf_text_append_format(out, "\n%c", toupper((unsigned char)analysis.summary[0]));
    append_roff(out, analysis.summary + 1);
    zf_text_append(out, ".\n");
    if (analysis.details != NULL) {
        append_roff(out, analysis.details);
        zf_text_append(out, ".\n");
    }
    if (analysis.n_parameters > 0)
        zf_text_append(out, ".PP\nParameters:\n.RS\n");
    for (size_t k = 0; k < analysis.n_parameters; k++)
        append_parameter(out, i, k);
    if (analysis.n_parameters > 0)
        zf_text_append(out, ".RE\n");
    return append_columns(out, i);
}

static bool append_analyses(zf_text *out) {
    for (size_t i = 0; zf_describe_analysis(i).name != NULL; i++)
        if (!append_analysis(out, i))
            return false;
    return true;
}

/* ---- tables, measures and statistics ---- */

/* The columns that every run gives a table; false for an unknown table. */
static bool append_table_columns(zf_text *out, const char *table) {
    zf_column_description column;
    size_t c = 0;
    for (; (column = zf_describe_table_column(table, c)).name != NULL; c++) {
        zf_text_append(out, ".TP\n.B ");
        append_roff(out, column.name);
        zf_text_append_format(out, "\n%s%s: ", zf_field_type_name(column.type),
                              column.is_primary_key ? ", primary key" : "");
        append_definition(out, column.definition, column.null_when);
    }
    return c > 0;
}

/* A paragraph with a name for heading and a definition, which begins with a capital unless it begins with a
 * name such as width_m. */
static void append_defined(zf_text *out, const char *name, const char *definition, const char *null_when) {
    zf_text words = {0};
    zf_text_append(&words, definition);
    const size_t n_word = strcspn(definition, " ,:");
    if (words.n > 0 && n_word > 1 && strcspn(definition, "_0123456789") >= n_word)
        words.bytes[0] = (char)toupper((unsigned char)words.bytes[0]);
    zf_text_append(out, ".TP\n.B ");
    append_roff(out, name);
    zf_text_append(out, "\n");
    append_definition(out, words.bytes != NULL ? words.bytes : "", null_when);
    out->is_failed = out->is_failed || words.is_failed;
    zf_text_deinit(&words);
}

static void append_measures(zf_text *out) {
    zf_column_description measure;
    for (size_t i = 0; (measure = zf_describe_measure_column(i)).name != NULL; i++)
        append_defined(out, measure.name, measure.definition, measure.null_when);
}

static void append_statistics(zf_text *out) {
    zf_statistic_description statistic;
    for (size_t i = 0; (statistic = zf_describe_statistic(i)).name != NULL; i++)
        append_defined(out, statistic.name, statistic.definition, statistic.null_when);
}

/* A line of names in bold: ".BR count \", \" missing .", with `after` behind the last. */
static void append_names_line(zf_text *out, const char *names, const char *after) {
    zf_text_append(out, ".BR");
    while (*names != '\0') {
        const size_t n = strcspn(names, " ");
        zf_text_append_format(out, " %.*s", (int)n, names);
        names += n + (names[n] == ' ');
        if (*names != '\0')
            zf_text_append(out, " \", \"");
    }
    zf_text_append_format(out, " %s\n", after);
}

/* The names of the statistics that numbers do not take, or that weights do not change, in a line. */
static void append_exceptions(zf_text *out, bool is_of_weights, const char *after) {
    zf_text names = {0};
    zf_statistic_description statistic;
    for (size_t i = 0; (statistic = zf_describe_statistic(i)).name != NULL; i++)
        if (is_of_weights ? !statistic.is_weighted : !statistic.is_of_numbers)
            zf_text_append_format(&names, "%s%s", names.n > 0 ? " " : "", statistic.name);
    append_names_line(out, names.bytes != NULL ? names.bytes : "", after);
    out->is_failed = out->is_failed || names.is_failed;
    zf_text_deinit(&names);
}

/* Which statistics the types of fields take. */
static void append_statistics_of_types(zf_text *out) {
    const struct {
        const char *taker;
        zf_field_type type;
        const char *after;
    } lists[] = {{"texts take", ZF_FIELD_TEXT, ";"}, {"dates and times take", ZF_FIELD_DATE, "."}};
    zf_text_append(out, "Numbers and booleans (as 0 and 1) take all statistics except\n");
    append_exceptions(out, false, ";");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        zf_text names = {0};
        zf_describe_statistics(lists[i].type, &names);
        zf_text_append_format(out, "%s\n", lists[i].taker);
        append_names_line(out, names.bytes != NULL ? names.bytes : "", lists[i].after);
        out->is_failed = out->is_failed || names.is_failed;
        zf_text_deinit(&names);
    }
}

/* ---- templates ---- */

typedef struct placeholder {
    const char *name;
    void (*append)(zf_text *out, const zf_cli_command *command);
} placeholder;

/** Those that speak of a command: `@OPTIONS run@`. */
static const placeholder of_command[] = {
    {"NAME", append_name},       {"SYNOPSIS", append_synopsis},         {"DESCRIPTION", append_description},
    {"OPTIONS", append_options}, {"OPTION_NAMES", append_option_names}, {"EXAMPLES", append_examples},
};

/* false for one that is unknown, or cannot be filled in. */
static bool fill_in(zf_text *out, const char *name, const char *argument) {
    if (strcmp(name, "COMMANDS") == 0)
        append_commands(out);
    else if (strcmp(name, "TITLE") == 0)
        append_title(out, argument);
    else if (strcmp(name, "STATISTICS") == 0)
        append_statistics(out);
    else if (strcmp(name, "ANALYSES") == 0)
        return append_analyses(out);
    else if (strcmp(name, "COLUMNS") == 0)
        return append_table_columns(out, argument);
    else if (strcmp(name, "MEASURES") == 0)
        append_measures(out);
    else if (strcmp(name, "STATISTICS_OF_TYPES") == 0)
        append_statistics_of_types(out);
    else if (strcmp(name, "UNWEIGHTED") == 0)
        append_exceptions(out, true, "");
    else {
        const zf_cli_command *command = zf_cli_command_by_name(argument);
        size_t i = 0;
        while (i < sizeof of_command / sizeof *of_command && strcmp(name, of_command[i].name) != 0)
            i++;
        if (command == NULL || i == sizeof of_command / sizeof *of_command)
            return false;
        of_command[i].append(out, command);
    }
    return true;
}

static bool append_line(zf_text *out, const char *line) {
    char name[32] = "", argument[32] = "";
    if (line[0] != '@') {
        zf_text_append_format(out, "%s\n", line);
        return true;
    }
    return sscanf(line, "@%31[A-Z_] %31[a-z_-]", name, argument) >= 1 && fill_in(out, name, argument);
}

int zf_docs_append_man(const char *template_path, zf_text *out) {
    FILE *file = fopen(template_path, "r");
    if (file == NULL) {
        fprintf(stderr, "zonefold-docs: cannot read %s\n", template_path);
        return 1;
    }
    char line[1024];
    int result = 0;
    while (result == 0 && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (!append_line(out, line)) {
            fprintf(stderr, "zonefold-docs: %s: cannot fill in %s\n", template_path, line);
            result = 1;
        }
    }
    if (ferror(file))
        result = 1;
    fclose(file);
    return result;
}
