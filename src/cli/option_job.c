/* SPDX-License-Identifier: MIT */
/* Options from a job file, and into one. */
#include "cli/options.h"
#include "zonefold/program.h"
#include "zonefold/run.h"

#include <stdlib.h>
#include <string.h>

/* ---- from a file ---- */

static zf_status refuse(const zf_job_entry *entry, const char *path, const char *what, zf_error *error) {
    return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "%s:%zu: '%s' takes %s", path, entry->line,
                        entry->key, what);
}

/* A path into an archive, /vsizip/PATH/INNER, from PATH on; any other path as it is. */
static const char *after_system(const char *path) {
    static const char *const systems[] = {"/vsizip/", "/vsigzip/", "/vsitar/"};
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
        const size_t n = strlen(systems[i]);
        if (strncmp(path, systems[i], n) == 0)
            return path + n + (path[n] == '{');
    }
    return path;
}

/* The path in the value of an option: all of it, or what follows the name; NULL: it holds none. */
static const char *path_in(const zf_option *option, const char *value) {
    bool is_quoted = false;
    if (option->hint == ZF_HINT_FILE)
        return after_system(value);
    for (; option->hint == ZF_HINT_NAMED_FILE && *value != '\0'; value++) {
        is_quoted ^= *value == '"';
        if (*value == '=' && !is_quoted)
            return zf_query_is_sql(value + 1) ? NULL : value + 1;
    }
    return NULL;
}

/* A value of the file's with its path as seen from here; kept until the options go. */
static zf_status beside(const zf_option *option, const char *job_path, const char *value,
                        zf_options_parsed *keep, const char **out, zf_error *error) {
    const char *slash = strrchr(job_path, '/'), *path = path_in(option, value);
    *out = value;
    if (slash == NULL || path == NULL || path[0] == '/')
        return ZF_OK;
    size_t n_name = (size_t)(path - value), n_directory = (size_t)(slash - job_path) + 1,
           n_value = strlen(value);
    char **paths = realloc(keep->paths, (keep->n_paths + 1) * sizeof *paths);
    if (paths != NULL)
        keep->paths = paths;
    char *joined = paths != NULL ? malloc(n_directory + n_value + 1) : NULL;
    if (joined == NULL)
        return zf_error_memory(error, n_directory + n_value, "a path");
    memcpy(joined, value, n_name);
    memcpy(joined + n_name, job_path, n_directory);
    memcpy(joined + n_name + n_directory, path, n_value - n_name + 1);
    paths[keep->n_paths++] = joined;
    *out = joined;
    return ZF_OK;
}

static zf_status store_flag(const zf_option *option, const zf_job_entry *entry, const char *path,
                            void *target, zf_error *error) {
    const char *value = entry->n_values == 1 && !entry->is_list && entry->is_plain ? entry->values[0] : "";
    if (strcmp(value, "true") == 0)
        return zf_option_store(option, NULL, target, error);
    return strcmp(value, "false") == 0 ? ZF_OK : refuse(entry, path, "true or false", error);
}

/* "verbose: 2" */
static zf_status store_tally(const zf_option *option, const zf_job_entry *entry, const char *path,
                             void *target, zf_error *error) {
    const char *value = entry->n_values == 1 && !entry->is_list ? entry->values[0] : "";
    if (value[0] < '0' || value[0] > '9' || value[1] != '\0')
        return refuse(entry, path, "a number from 0 to 9", error);
    zf_status status = ZF_OK;
    for (char n = '0'; status == ZF_OK && n < value[0]; n++)
        status = zf_option_store(option, NULL, target, error);
    return status;
}

static zf_status store_value(const zf_option *option, const zf_job_entry *entry, const char *value,
                             const char *path, zf_options_parsed *keep, void *target, zf_error *error) {
    void *member = (char *)target + option->offset;
    zf_status status = beside(option, path, value, keep, &value, error);
    if (status == ZF_OK && option->kind == ZF_OPTION_NAMES &&
        entry->is_list) /* no commas and quotes to read */
        status = *value != '\0' ? zf_option_list_append(member, value, error)
                                : refuse(entry, path, "names, none of them empty", error);
    else if (status == ZF_OK)
        status = zf_option_store(option, value, target, error);
    return status == ZF_OK ? ZF_OK : zf_error_within(error, status, "%s:%zu", path, entry->line);
}

static bool is_null(const zf_job_entry *entry) {
    const char *value = entry->n_values == 1 ? entry->values[0] : "x";
    return !entry->is_list && entry->is_plain &&
           (*value == '\0' || strcmp(value, "null") == 0 || strcmp(value, "~") == 0);
}

zf_status zf_option_store_entry(const zf_option *option, const zf_job_entry *entry, const char *path,
                                zf_options_parsed *keep, void *target, zf_error *error) {
    zf_status status = ZF_OK;
    if (option->kind == ZF_OPTION_FLAG)
        return store_flag(option, entry, path, target, error);
    if (option->kind == ZF_OPTION_TALLY)
        return store_tally(option, entry, path, target, error);
    if (is_null(entry))
        return refuse(entry, path, "a value; leave the line out for the default", error);
    if (entry->is_list && option->kind != ZF_OPTION_LIST && option->kind != ZF_OPTION_NAMES)
        return refuse(entry, path, "one value, not a list", error);
    for (size_t i = 0; status == ZF_OK && i < entry->n_values; i++)
        status = store_value(option, entry, entry->values[i], path, keep, target, error);
    return status;
}

/* ---- into a file ---- */

/* A value with its path as the directory of the job sees it. */
static zf_status as_seen_from(const zf_option *option, const char *job_path, const char *value, zf_text *out,
                              zf_error *error) {
    const char *path = path_in(option, value);
    if (path != NULL && path[0] != '/' && strchr(job_path, '/') != NULL) {
        zf_text_append_n(out, value, (size_t)(path - value));
        value = path;
        char *here = zf_program_directory();
        if (here == NULL)
            return zf_error_set(
                error, ZF_E_OUTPUT, ZF_DOMAIN_OS,
                "cannot write the job: the current directory has no name; name its files from the root");
        zf_text_append_format(out, "%s/", here);
        free(here);
    }
    zf_text_append(out, value);
    return ZF_OK;
}

static zf_status check_text(const zf_option *option, const char *value, zf_error *error) {
    if (zf_text_is_utf8(value))
        return ZF_OK;
    return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                        "--write-job: the value of '--%s' is not UTF-8, which YAML must be", option->name);
}

static zf_status write_text(const zf_option *option, const char *value, const char *path, zf_text *out,
                            zf_error *error) {
    zf_text seen = {0};
    zf_status status = check_text(option, value, error);
    if (status == ZF_OK)
        status = as_seen_from(option, path, value, &seen, error);
    if (status == ZF_OK && seen.bytes != NULL)
        zf_job_append_scalar(out, option->name, seen.bytes);
    out->is_failed |= seen.is_failed;
    zf_text_deinit(&seen);
    return status;
}

static zf_status write_element(const zf_option *option, const char *value, const char *path, zf_text *out,
                               zf_error *error) {
    zf_text seen = {0};
    zf_status status = check_text(option, value, error);
    if (status == ZF_OK)
        status = as_seen_from(option, path, value, &seen, error);
    if (status == ZF_OK && seen.bytes != NULL) {
        zf_text_append(out, "  - ");
        zf_text_append_yaml(out, seen.bytes);
        zf_text_append(out, "\n");
    }
    out->is_failed |= seen.is_failed;
    zf_text_deinit(&seen);
    return status;
}

static zf_status write_list(const zf_option *option, const zf_option_list *list, const char *path,
                            zf_text *out, zf_error *error) {
    zf_status status = ZF_OK;
    if (list->n > 0)
        zf_text_append_format(out, "%s:\n", option->name);
    for (size_t i = 0; status == ZF_OK && i < list->n; i++)
        status = write_element(option, list->items[i], path, out, error);
    return status;
}

static void write_number(const zf_option *option, size_t number, zf_text *out) {
    if (number > 0)
        zf_text_append_format(out, "%s: %zu\n", option->name, number);
}

static zf_status write_option(const zf_option *option, const void *target, const char *path, zf_text *out,
                              zf_error *error) {
    const void *member = (const char *)target + option->offset;
    int choice = 0;
    switch (option->kind) {
    case ZF_OPTION_FLAG:
        if (*(const bool *)member)
            zf_text_append_format(out, "%s: true\n", option->name);
        return ZF_OK;
    case ZF_OPTION_TALLY:
        write_number(option, *(const unsigned *)member, out);
        return ZF_OK;
    case ZF_OPTION_TEXT:
        return *(const char *const *)member != NULL
                   ? write_text(option, *(const char *const *)member, path, out, error)
                   : ZF_OK;
    case ZF_OPTION_LIST:
    case ZF_OPTION_NAMES:
        return write_list(option, member, path, out, error);
    case ZF_OPTION_CHOICE:
        memcpy(&choice, member, sizeof choice);
        if (choice > 0)
            zf_job_append_scalar(out, option->name, option->choice((size_t)choice));
        return ZF_OK;
    case ZF_OPTION_NUMBER:
    case ZF_OPTION_SIZE:
        write_number(option, *(const size_t *)member, out);
        return ZF_OK;
    case ZF_OPTION_JOB:
    case ZF_OPTION_HELP:
        break;
    }
    return ZF_OK;
}

zf_status zf_options_write_job(const zf_option_table *table, const void *target, const char *path,
                               zf_text *out, zf_error *error) {
    zf_status status = ZF_OK;
    zf_text_append_format(out, "# zonefold %s --job THIS_FILE\n", table->command);
    for (size_t i = 0; status == ZF_OK && i < table->n_options; i++)
        if (!table->options[i].is_personal)
            status = write_option(&table->options[i], target, path, out, error);
    return status;
}
