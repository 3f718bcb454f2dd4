/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

typedef struct parser {
    const zf_option_table *table;
    int argc;
    char *const *argv;
    int at; /* next word to look at */
    void *target;
    zf_options_parsed *out;
    bool is_given[ZF_OPTIONS_MAX];
    zf_error *error;
} parser;

static const zf_option *by_name(const zf_option_table *table, const char *name, size_t n) {
    for (size_t i = 0; i < table->n_options; i++)
        if (strlen(table->options[i].name) == n && memcmp(table->options[i].name, name, n) == 0)
            return &table->options[i];
    return NULL;
}

static const zf_option *by_letter(const zf_option_table *table, char letter) {
    for (size_t i = 0; letter != '\0' && i < table->n_options; i++)
        if (table->options[i].short_name == letter)
            return &table->options[i];
    return NULL;
}

static const char *nearest_name(const zf_option_table *table, const char *word) {
    const char *names[ZF_OPTIONS_MAX];
    for (size_t i = 0; i < table->n_options; i++)
        names[i] = table->options[i].name;
    return zf_string_nearest(word, names, table->n_options);
}

static zf_status unknown_option(const parser *p, const char *name, size_t n) {
    char word[64];
    if (n >= sizeof word)
        n = sizeof word - 1;
    memcpy(word, name, n);
    word[n] = '\0';
    const char *near = nearest_name(p->table, word);
    if (near == NULL)
        return zf_error_set(p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "unknown option '--%s'", word);
    return zf_error_set(p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                        "unknown option '--%s'; did you mean '--%s'?", word, near);
}

/* Would this word be an option of the command, were it not the value of the one before it? */
static bool looks_like_option(const parser *p, const char *word) {
    if (strcmp(word, "--") == 0)
        return true;
    if (strncmp(word, "--", 2) == 0)
        return by_name(p->table, word + 2, strcspn(word + 2, "=")) != NULL;
    return word[0] == '-' && word[1] != '\0' && word[2] == '\0' && by_letter(p->table, word[1]) != NULL;
}

static zf_status missing_value(const parser *p, const zf_option *option, const char *follower) {
    zf_text shape = {0};
    zf_option_append_placeholder(option, &shape);
    const char *value = shape.bytes != NULL ? shape.bytes : "VALUE";
    zf_status status;
    if (follower == NULL)
        status = zf_error_set(p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                              "option '--%s' needs a value: --%s %s", option->name, option->name, value);
    else
        status = zf_error_set(
            p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
            "option '--%s' needs a value, but the option '%s' follows; if that is the value, write '--%s=%s'",
            option->name, follower, option->name, follower);
    zf_text_deinit(&shape);
    return status;
}

static zf_status take_following_word(parser *p, const zf_option *option, const char **out) {
    if (p->at >= p->argc)
        return missing_value(p, option, NULL);
    if (looks_like_option(p, p->argv[p->at]))
        return missing_value(p, option, p->argv[p->at]);
    *out = p->argv[p->at++];
    return ZF_OK;
}

/* attached: value written in the same word, or NULL */
static zf_status apply(parser *p, const zf_option *option, const char *attached) {
    const size_t number = (size_t)(option - p->table->options);
    if (p->is_given[number] && !zf_option_is_repeatable(option))
        return zf_error_set(p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "option '--%s' was given twice, but may be given once only", option->name);
    p->is_given[number] = true;
    const char *value = attached;
    if (!zf_option_takes_value(option)) {
        if (attached != NULL)
            return zf_error_set(p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "option '--%s' takes no value, but '%s' was given", option->name, attached);
    } else if (attached == NULL) {
        zf_status status = take_following_word(p, option, &value);
        if (status != ZF_OK)
            return status;
    }
    if (option->kind == ZF_OPTION_HELP)
        p->out->wants_help = true;
    return zf_option_store(option, value, p->target, p->error);
}

static zf_status parse_long(parser *p, const char *word) {
    const size_t n = strcspn(word, "=");
    const zf_option *option = by_name(p->table, word, n);
    if (option == NULL)
        return unknown_option(p, word, n);
    return apply(p, option, word[n] == '=' ? word + n + 1 : NULL);
}

/* -q, -qv, -o FILE, -oFILE */
static zf_status parse_letters(parser *p, const char *letters) {
    /* -overwrite is a slip of the finger, not the output file "verwrite" */
    if (letters[1] != '\0' && by_name(p->table, letters, strcspn(letters, "=")) != NULL)
        return zf_error_set(p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "unknown option '-%s'; did you mean '--%s'?", letters, letters);
    for (const char *letter = letters; *letter != '\0'; letter++) {
        const zf_option *option = by_letter(p->table, *letter);
        if (option == NULL)
            return zf_error_set(p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "unknown option '-%s'", letter);
        if (zf_option_takes_value(option))
            return apply(p, option, letter[1] != '\0' ? letter + 1 : NULL);
        zf_status status = apply(p, option, NULL);
        if (status != ZF_OK || p->out->wants_help)
            return status;
    }
    return ZF_OK;
}

/* A positional argument in the place of an option: the first one that is not given. */
static zf_status apply_operand(parser *p, const char *word) {
    const zf_option_table *table = p->table;
    for (size_t i = 0; i < sizeof table->operand_options / sizeof *table->operand_options; i++) {
        const char *name = table->operand_options[i];
        const zf_option *option = name != NULL ? by_name(table, name, strlen(name)) : NULL;
        if (option != NULL && !p->is_given[option - table->options])
            return apply(p, option, word);
    }
    return zf_error_set(p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                        "unexpected argument '%s': %s are given already, and all else is an option", word,
                        table->operand);
}

static zf_status parse_operand(parser *p, const char *word) {
    const zf_option_table *table = p->table;
    if (table->operand_options[0] != NULL)
        return apply_operand(p, word);
    if (table->operand == NULL)
        return zf_error_set(p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "unexpected argument '%s': 'zonefold %s' takes options only", word,
                            table->command);
    if (table->max_operands > 0 && p->out->operands.n == table->max_operands)
        return zf_error_set(p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "unexpected argument '%s': 'zonefold %s' takes at most %zu %s", word,
                            table->command, table->max_operands, table->operand);
    return zf_option_list_append(&p->out->operands, word, p->error);
}

/* A line to copy: the first of the examples. */
static int first_example_length(const zf_option_table *table) {
    return (int)strcspn(table->examples, "\n");
}

static zf_status check_required(const parser *p) {
    const zf_option_table *table = p->table;
    zf_text missing = {0};
    for (size_t i = 0; i < table->n_options; i++)
        if (table->options[i].is_required && !p->is_given[i] &&
            (table->not_required == NULL || strcmp(table->options[i].name, table->not_required) != 0))
            zf_text_append_format(&missing, "%s--%s", missing.n > 0 ? ", " : "", table->options[i].name);
    zf_status status = ZF_OK;
    if (missing.is_failed)
        status = zf_error_memory(p->error, 64, "a message");
    else if (missing.n > 0)
        status = zf_error_set(p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "missing %s; for example: %.*s",
                              missing.bytes, first_example_length(table), table->examples);
    else if (p->out->operands.n < table->min_operands)
        status = zf_error_set(p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "missing %s; for example: %.*s",
                              table->operand, first_example_length(table), table->examples);
    zf_text_deinit(&missing);
    return status;
}

/* ---- a job file ---- */

static zf_status apply_entry(parser *p, const char *path, const zf_job_entry *entry) {
    const zf_option *option = by_name(p->table, entry->key, strlen(entry->key));
    if (option == NULL) {
        const char *near = nearest_name(p->table, entry->key);
        return zf_error_set(p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "%s:%zu: unknown option '%.200s'%s%s%s",
                            path, entry->line, entry->key, near != NULL ? "; did you mean '" : "",
                            near != NULL ? near : "", near != NULL ? "'?" : "");
    }
    if (option->is_personal)
        return zf_error_set(p->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "%s:%zu: '%s' has no place in a job file; give it on the command line", path,
                            entry->line, entry->key);
    const size_t number = (size_t)(option - p->table->options);
    if (p->is_given[number])
        return ZF_OK; /* the command line wins */
    p->is_given[number] = true;
    return zf_option_store_entry(option, entry, path, p->out, p->target, p->error);
}

static zf_status apply_job(parser *p) {
    zf_status status = ZF_OK;
    for (size_t i = 0; i < p->table->n_options; i++) {
        const zf_option *option = &p->table->options[i];
        if (option->kind != ZF_OPTION_JOB || !p->is_given[i])
            continue;
        const char *path = *(const char **)(void *)((char *)p->target + option->offset);
        status = zf_job_file_read(path, &p->out->job, p->error);
        for (size_t k = 0; status == ZF_OK && k < p->out->job.n; k++)
            status = apply_entry(p, path, &p->out->job.entries[k]);
        break;
    }
    return status;
}

zf_status zf_options_parse(const zf_option_table *table, int argc, char *const *argv, void *target,
                           zf_options_parsed *out, zf_error *error) {
    parser p = {.table = table, .argc = argc, .argv = argv, .target = target, .out = out, .error = error};
    bool has_options_ended = false;
    while (p.at < argc) {
        const char *word = argv[p.at++];
        zf_status status = ZF_OK;
        if (has_options_ended || word[0] != '-' || word[1] == '\0')
            status = parse_operand(&p, word);
        else if (strcmp(word, "--") == 0)
            has_options_ended = true;
        else if (word[1] == '-')
            status = parse_long(&p, word + 2);
        else
            status = parse_letters(&p, word + 1);
        if (status != ZF_OK || out->wants_help)
            return status;
    }
    zf_status status = apply_job(&p);
    return status == ZF_OK ? check_required(&p) : status;
}

void zf_options_deinit(const zf_option_table *table, void *target, zf_options_parsed *parsed) {
    for (size_t i = 0; i < table->n_options; i++) {
        const zf_option *option = &table->options[i];
        if (option->kind == ZF_OPTION_LIST || option->kind == ZF_OPTION_NAMES)
            zf_option_list_deinit((zf_option_list *)(void *)((char *)target + option->offset));
    }
    zf_option_list_deinit(&parsed->operands);
    zf_job_file_deinit(&parsed->job);
    for (size_t i = 0; i < parsed->n_paths; i++)
        free(parsed->paths[i]);
    free(parsed->paths);
    parsed->paths = NULL;
    parsed->n_paths = 0;
}
