/* SPDX-License-Identifier: MIT */
/* Help on what options take: statistics, measures, analyses, expressions. */
#include "cli/options.h"
#include "zonefold/describe.h"

#include <string.h>

enum { NAME_WIDTH = 20 };

/* "  name              definition" */
static void append_entry(zf_text *out, const char *name, const char *definition) {
    zf_text line = {0};
    zf_text_append_format(&line, "  %-*s", NAME_WIDTH - 2, name);
    zf_text_append(out, line.bytes != NULL ? line.bytes : "");
    if (line.n > NAME_WIDTH || line.n == 0)
        zf_text_append_format(out, "\n%*s", NAME_WIDTH, "");
    zf_help_append_wrapped(out, definition, NAME_WIDTH, NAME_WIDTH);
    out->is_failed |= line.is_failed;
    zf_text_deinit(&line);
}

/* A description without the backquotes of parameters. */
static void append_definition(zf_text *out, const char *name, const char *definition) {
    zf_text plain = {0};
    for (const char *at = definition; *at != '\0';) {
        const size_t n = strcspn(at, "`");
        zf_text_append_n(&plain, at, n);
        at += n + (at[n] == '`');
        const size_t n_name = at > definition && at[-1] == '`' ? strcspn(at, "`") : 0;
        if (n_name > 0) {
            zf_text_append(&plain, "--");
            zf_text_append_n(&plain, at, n_name);
            at += n_name + (at[n_name] == '`');
        }
    }
    append_entry(out, name, plain.bytes != NULL ? plain.bytes : "");
    out->is_failed |= plain.is_failed;
    zf_text_deinit(&plain);
}

static void append_stats(zf_text *out) {
    zf_text_append(out, "Statistics of --stat FIELD=STAT,...; 'man zonefold-run' has the formulas.\n\n");
    zf_statistic_description one;
    for (size_t i = 0; (one = zf_describe_statistic(i)).name != NULL; i++)
        append_definition(out, one.name, one.definition);
    static const struct {
        const char *words;
        zf_field_type type;
    } others[] = {{"Texts take: ", ZF_FIELD_TEXT}, {"Dates and times take: ", ZF_FIELD_DATE}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        zf_text line = {0};
        zf_text_append(&line, others[i].words);
        zf_describe_statistics(others[i].type, &line);
        zf_text_append(out, "\n");
        zf_help_append_wrapped(out, line.bytes != NULL ? line.bytes : "", 0, 2);
        out->is_failed |= line.is_failed;
        zf_text_deinit(&line);
    }
}

static void append_measures(zf_text *out) {
    zf_text_append(out, "Measures of a building, for --where, --rule, --compute, --stat and --fields.\n\n");
    for (size_t i = 0; zf_describe_measure(i) != NULL; i++)
        append_definition(out, zf_describe_measure(i), zf_describe_measure_column(i).definition);
}

static void append_analyses(zf_text *out) {
    zf_text_append(out, "Analyses of --analysis NAME[:key=value,...]; default: nearest.\n\n");
    zf_help_append_analyses(out, 2);
    zf_parameter_description parameter;
    for (size_t i = 0; zf_describe_analysis(i).name != NULL; i++)
        for (size_t k = 0; k < zf_describe_analysis(i).n_parameters; k++) {
            zf_text name = {0};
            parameter = zf_describe_parameter(i, k);
            if (k == 0)
                zf_text_append_format(out, "\n%s:\n", zf_describe_analysis(i).name);
            zf_text_append_format(&name, "%s=", parameter.name);
            append_definition(out, name.bytes != NULL ? name.bytes : "", parameter.help);
            out->is_failed |= name.is_failed;
            zf_text_deinit(&name);
        }
}

static void append_expressions(zf_text *out) {
    zf_text_append(out, "Expressions of --where, --rule and --compute are SQLite's: they name fields of\n"
                        "the buildings, fid, measures ('zonefold help measures') and columns of earlier\n"
                        "--compute options. A condition holds where it is true, not where it is NULL.\n\n"
                        "  height > 30 AND \"use\" = 'home'         texts in single quotes, names in double\n"
                        "  \"last edit\" >= '2020-01-01'            dates are texts\n"
                        "  zip_code = '02139'                     ids are texts, too\n"
                        "  year IS NULL OR year BETWEEN 1900 AND 1950\n"
                        "  name LIKE 'St %' AND \"use\" IN ('church', 'chapel')\n"
                        "  number(levels) >= 3                    a text as a number\n"
                        "  metres(height_ft) > 20                 a text such as '65 ft' as metres\n"
                        "  COALESCE(height, levels * 3.0)         the first that is not NULL\n"
                        "  NULLIF(height, 0) * 0.3048             0 as NULL, feet as metres\n"
                        "  CASE WHEN area_m2 > 500 THEN 'large' ELSE 'small' END\n\n"
                        "Each expression is a computation: no SELECT, no clock, no random number.\n");
}

static const struct {
    const char *name;
    void (*append)(zf_text *out);
} topics[] = {{"stats", append_stats},
              {"measures", append_measures},
              {"analyses", append_analyses},
              {"expressions", append_expressions}};
enum { N_TOPICS = sizeof topics / sizeof *topics };

const char *zf_help_topic(size_t i) {
    return i < N_TOPICS ? topics[i].name : NULL;
}

bool zf_help_append_topic(const char *name, zf_text *out) {
    for (size_t i = 0; i < N_TOPICS; i++)
        if (strcmp(topics[i].name, name) == 0) {
            topics[i].append(out);
            return true;
        }
    return false;
}
