/* SPDX-License-Identifier: MIT */
/* Parses and writes an analysis with its arguments, "NAME:key=value,...", by its table of parameters. */
#include "analysis/analysis.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts for errors and manual ---- */

void zf_parameter_describe(const zf_parameter *parameter, zf_text *out) {
    switch (parameter->kind) {
    case ZF_PARAMETER_NUMBER:
    case ZF_PARAMETER_COUNT:
        zf_text_append(out, parameter->kind == ZF_PARAMETER_COUNT ? "a whole number of " : "a number of ");
        zf_text_append_json_number(out, parameter->min);
        zf_text_append(out, " to ");
        zf_text_append_json_number(out, parameter->max);
        break;
    case ZF_PARAMETER_CHOICE:
        for (size_t i = 0; i < parameter->n_words; i++)
            zf_text_append_format(out, "%s%s", i == 0 ? "" : " or ", parameter->words[i].word);
        break;
    case ZF_PARAMETER_FIELD:
    default:
        zf_text_append(out, "a field or measure that holds numbers");
        break;
    }
}

/** Appends the parameters of an analysis and what each takes. */
static void append_parameters(const zf_analysis *analysis, zf_text *out) {
    for (size_t i = 0; i < analysis->n_parameters; i++) {
        zf_text_append_format(out, "%s%s=", i == 0 ? "" : ", ", analysis->parameters[i].name);
        zf_parameter_describe(&analysis->parameters[i], out);
    }
}

/** Fails with ZF_E_USAGE: "`analyses` 'TEXT': WHAT; NAME takes: ...". */
static zf_status refuse(const char *text, const zf_analysis *analysis, const zf_text *what, zf_error *error) {
    zf_text taken = {0};
    append_parameters(analysis, &taken);
    zf_status status = zf_error_set(
        error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "`analyses` '%s': %s; %s takes%s %s", text,
        what->bytes != NULL ? what->bytes : "", analysis->name, analysis->n_parameters > 0 ? ":" : "",
        analysis->n_parameters > 0 && taken.bytes != NULL ? taken.bytes : "no parameters");
    zf_text_deinit(&taken);
    return status;
}

/** Refuses an unknown analysis: names the nearest one, and all that exist. */
static zf_status refuse_name(const char *text, const char *name, zf_error *error) {
    zf_text names = {0};
    size_t n = 0;
    const zf_analysis *const *all = zf_analyses(&n);
    const char **candidates = malloc(n * sizeof *candidates);
    for (size_t i = 0; i < n; i++) {
        zf_text_append_format(&names, "%s, ", all[i]->name);
        if (candidates != NULL)
            candidates[i] = all[i]->name;
    }
    const char *near = candidates != NULL ? zf_string_nearest(name, candidates, n) : NULL;
    zf_status status = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                    "`analyses` '%s': no such analysis%s%s%s; there are: %snone", text,
                                    near != NULL ? " (did you mean '" : "", near != NULL ? near : "",
                                    near != NULL ? "'?)" : "", names.bytes != NULL ? names.bytes : "");
    zf_text_deinit(&names);
    free(candidates);
    return status;
}

/** Refuses an unknown parameter, and names the nearest one. */
static zf_status refuse_key(const char *text, const zf_analysis *analysis, const char *key, zf_error *error) {
    const char *candidates[ZF_PARAMETERS_MAX];
    zf_text what = {0};
    for (size_t i = 0; i < analysis->n_parameters; i++)
        candidates[i] = analysis->parameters[i].name;
    const char *near = zf_string_nearest(key, candidates, analysis->n_parameters);
    zf_text_append_format(&what, "there is no parameter '%s'", key);
    if (near != NULL)
        zf_text_append_format(&what, " (did you mean '%s'?)", near);
    zf_status status = refuse(text, analysis, &what, error);
    zf_text_deinit(&what);
    return status;
}

/** Refuses a value that is not what the parameter takes. */
static zf_status refuse_value(const char *text, const zf_analysis *analysis, const zf_parameter *parameter,
                              const char *value, zf_error *error) {
    zf_text what = {0};
    zf_text_append_format(&what, "'%s' is not ", value);
    zf_parameter_describe(parameter, &what);
    zf_text_append_format(&what, " for %s", parameter->name);
    zf_status status = refuse(text, analysis, &what, error);
    zf_text_deinit(&what);
    return status;
}

/* ---- values ---- */

/** Parses a number with a decimal point; strtod would expect a comma in some locales. */
static bool parse_number(const char *text, double *out) {
    char *end = NULL;
    if (*text == '\0' || text[strspn(text, "0123456789.eE+-")] != '\0')
        return false;
    locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0)
        return false;
    *out = strtod_l(text, &end, plain);
    freelocale(plain);
    return *end == '\0' && isfinite(*out);
}

/** Parses a value of the parameter's kind; false if it is none or out of range. */
static bool parse_value(const zf_parameter *parameter, const char *value, zf_argument *out) {
    *out = (zf_argument){.is_there = true, .text = value};
    switch (parameter->kind) {
    case ZF_PARAMETER_NUMBER:
    case ZF_PARAMETER_COUNT:
        return parse_number(value, &out->number) && out->number >= parameter->min &&
               out->number <= parameter->max &&
               (parameter->kind == ZF_PARAMETER_NUMBER || out->number == floor(out->number));
    case ZF_PARAMETER_CHOICE:
        for (; out->word < parameter->n_words; out->word++)
            if (strcmp(parameter->words[out->word].word, value) == 0)
                return true;
        return false;
    case ZF_PARAMETER_FIELD:
    default:
        return *value != '\0';
    }
}

/* ---- parsing ---- */

/** The end of "key=value": a comma outside of double quotes, or the end of the text. */
static char *end_of_item(char *item) {
    for (bool is_quoted = false; *item != '\0' && (*item != ',' || is_quoted); item++)
        is_quoted ^= *item == '"';
    return item;
}

/** Parses "key=value" in place, and stores it as an argument of the job. */
static zf_status parse_item(const char *text, char *item, zf_analysis_job *job, zf_error *error) {
    const zf_analysis *analysis = job->analysis;
    zf_text what = {0};
    char *equals = strchr(item, '=');
    if (equals != NULL)
        *equals = '\0';
    size_t i = 0;
    while (i < analysis->n_parameters && strcmp(analysis->parameters[i].name, item) != 0)
        i++;
    if (i == analysis->n_parameters)
        return refuse_key(text, analysis, item, error);
    if (equals == NULL)
        zf_text_append_format(&what, "%s has no value", item);
    else if (job->arguments[i].is_there)
        zf_text_append_format(&what, "%s is given twice", item);
    if (equals == NULL || job->arguments[i].is_there) {
        zf_status status = refuse(text, analysis, &what, error);
        zf_text_deinit(&what);
        return status;
    }
    const char *value = zf_name_unquote(equals + 1);
    if (!parse_value(&analysis->parameters[i], value, &job->arguments[i]))
        return refuse_value(text, analysis, &analysis->parameters[i], value, error);
    return ZF_OK;
}

/** Fills parameters that are not given with their defaults; refuses the job if one is required. */
static zf_status settle_missing(const char *text, zf_analysis_job *job, zf_error *error) {
    const zf_analysis *analysis = job->analysis;
    for (size_t i = 0; i < analysis->n_parameters; i++) {
        const zf_parameter *parameter = &analysis->parameters[i];
        if (job->arguments[i].is_there)
            continue;
        if (parameter->by_default != NULL &&
            parse_value(parameter, parameter->by_default, &job->arguments[i]))
            continue;
        job->arguments[i] = (zf_argument){0};
        if (!parameter->is_required)
            continue;
        zf_text what = {0};
        zf_text_append_format(&what, "%s is missing", parameter->name);
        zf_status status = refuse(text, analysis, &what, error);
        zf_text_deinit(&what);
        return status;
    }
    return ZF_OK;
}

/** Refuses arguments that are right one by one but not together. */
static zf_status check_together(const char *text, const zf_analysis_job *job, zf_error *error) {
    const char *why = job->analysis->refuses != NULL ? job->analysis->refuses(job) : NULL;
    zf_text what = {0};
    if (why == NULL)
        return ZF_OK;
    zf_text_append(&what, why);
    zf_status status = refuse(text, job->analysis, &what, error);
    zf_text_deinit(&what);
    return status;
}

zf_status zf_analysis_job_parse(const char *text, zf_arena *arena, zf_analysis_job *out, zf_error *error) {
    char *copy = NULL;
    zf_status status = zf_arena_copy(arena, text, strlen(text), &copy, error);
    if (status != ZF_OK)
        return status;
    char *items = strchr(copy, ':');
    if (items != NULL)
        *items++ = '\0';
    *out = (zf_analysis_job){.analysis = zf_analysis_by_name(copy)};
    if (out->analysis == NULL)
        return refuse_name(text, copy, error);
    while (status == ZF_OK && items != NULL) {
        char *end = end_of_item(items), *next = *end == ',' ? end + 1 : NULL;
        *end = '\0';
        status = parse_item(text, items, out, error);
        items = next;
    }
    if (status == ZF_OK)
        status = settle_missing(text, out, error);
    return status == ZF_OK ? check_together(text, out, error) : status;
}

/* ---- writing ---- */

/** Whether an argument is the parameter's default. */
static bool is_default(const zf_parameter *parameter, const zf_argument *argument) {
    zf_argument other;
    if (parameter->by_default == NULL || !parse_value(parameter, parameter->by_default, &other))
        return false;
    if (parameter->kind == ZF_PARAMETER_CHOICE)
        return argument->word == other.word;
    return parameter->kind == ZF_PARAMETER_FIELD ? strcmp(argument->text, other.text) == 0
                                                 : argument->number == other.number;
}

/** Appends an argument as it would be written in a job. */
static void append_value(const zf_parameter *parameter, const zf_argument *argument, zf_text *out) {
    if (parameter->kind == ZF_PARAMETER_CHOICE)
        zf_text_append(out, parameter->words[argument->word].word);
    else if (parameter->kind != ZF_PARAMETER_FIELD)
        zf_text_append_json_number(out, argument->number);
    else if (strpbrk(argument->text, ",\"") != NULL)
        zf_text_append_identifier(out, argument->text);
    else
        zf_text_append(out, argument->text);
}

void zf_analysis_job_write(const zf_analysis_job *job, zf_text *out) {
    const char *before = ":";
    zf_text_append(out, job->analysis->name);
    for (size_t i = 0; i < job->analysis->n_parameters; i++) {
        const zf_parameter *parameter = &job->analysis->parameters[i];
        if (!job->arguments[i].is_there || is_default(parameter, &job->arguments[i]))
            continue;
        zf_text_append_format(out, "%s%s=", before, parameter->name);
        append_value(parameter, &job->arguments[i], out);
        before = ",";
    }
}

/** Appends an argument as it stands in names of columns and tables. */
static void append_in_name(const zf_parameter *parameter, const zf_argument *argument, zf_text *out) {
    zf_text value = {0};
    if (!argument->is_there)
        return;
    if (parameter->kind == ZF_PARAMETER_CHOICE) {
        zf_text_append(out, parameter->words[argument->word].in_names);
    } else if (parameter->kind == ZF_PARAMETER_FIELD) {
        zf_text_append(out, argument->text);
    } else {
        zf_text_append_json_number(&value, argument->number);
        for (size_t i = 0; i < value.n; i++)
            if (strchr(".+-", value.bytes[i]) != NULL)
                value.bytes[i] = '_';
        zf_text_append_n(out, value.bytes != NULL ? value.bytes : "", value.n);
        out->is_failed = out->is_failed || value.is_failed;
        zf_text_deinit(&value);
    }
}

void zf_analysis_job_name(const zf_analysis_job *job, const char *pattern, zf_text *out) {
    while (*pattern != '\0') {
        size_t n = strcspn(pattern, "{");
        zf_text_append_n(out, pattern, n);
        pattern += n;
        if (*pattern == '\0')
            return;
        size_t n_name = strcspn(++pattern, "}");
        for (size_t i = 0; i < job->analysis->n_parameters; i++) {
            const zf_parameter *parameter = &job->analysis->parameters[i];
            if (strlen(parameter->name) == n_name && memcmp(parameter->name, pattern, n_name) == 0)
                append_in_name(parameter, &job->arguments[i], out);
        }
        pattern += n_name + (pattern[n_name] == '}');
    }
}
