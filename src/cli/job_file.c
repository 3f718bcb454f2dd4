/* SPDX-License-Identifier: MIT */
#include "cli/job_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { MAX_ENTRIES = 10000 };

typedef struct reading {
    const char *path;
    yaml_parser_t parser;
    zf_job_file *file;
    FILE *stream;
    zf_error *error;
} reading;

ZF_PRINTF(3, 4) static zf_status refuse(reading *r, size_t line, const char *format, ...) {
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return zf_error_set(r->error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "%s:%zu: %s", r->path, line, text);
}

static zf_status cannot_read(const char *path, zf_error *error) {
    char why[128];
    return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OS, "cannot read the job file '%s': %s", path,
                        strerror_r(errno, why, sizeof why));
}

static zf_status no_yaml(reading *r) {
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_READER_ERROR && ferror(r->stream))
        return cannot_read(r->path, r->error);
    if (p->error == YAML_MEMORY_ERROR)
        return zf_error_memory(r->error, 0, "a job file");
    return refuse(r, p->problem_mark.line + 1, "this is no YAML: %s%s%s",
                  p->problem != NULL ? p->problem : "it cannot be read", p->context != NULL ? ", " : "",
                  p->context != NULL ? p->context : "");
}

/* *out is given back by the caller when ZF_OK. */
static zf_status next(reading *r, yaml_event_t *out) {
    if (!yaml_parser_parse(&r->parser, out))
        return no_yaml(r);
    if (out->type != YAML_ALIAS_EVENT)
        return ZF_OK;
    zf_status status = refuse(r, out->start_mark.line + 1, "aliases (*name) are not understood here");
    yaml_event_delete(out);
    return status;
}

static zf_status expect(reading *r, yaml_event_type_t type, const char *what) {
    yaml_event_t event;
    zf_status status = next(r, &event);
    if (status != ZF_OK)
        return status;
    if (event.type != type)
        status = refuse(r, event.start_mark.line + 1, "%s", what);
    yaml_event_delete(&event);
    return status;
}

static zf_status add_value(reading *r, zf_job_entry *entry, const yaml_event_t *event) {
    const char *text = (const char *)event->data.scalar.value;
    if (strlen(text) != event->data.scalar.length)
        return refuse(r, event->start_mark.line + 1, "a NUL in a value");
    char **values = realloc(entry->values, (entry->n_values + 1) * sizeof *values);
    if (values != NULL)
        entry->values = values;
    char *copy = values != NULL ? strdup(text) : NULL;
    if (copy == NULL)
        return zf_error_memory(r->error, event->data.scalar.length, "a job file");
    values[entry->n_values++] = copy;
    return ZF_OK;
}

static zf_status read_list(reading *r, zf_job_entry *entry) {
    zf_status status = ZF_OK;
    bool is_open = true;
    while (status == ZF_OK && is_open) {
        yaml_event_t event;
        status = next(r, &event);
        if (status != ZF_OK)
            return status;
        is_open = event.type != YAML_SEQUENCE_END_EVENT;
        if (is_open && event.type != YAML_SCALAR_EVENT)
            status = refuse(r, event.start_mark.line + 1, "the list of '%s' holds texts and numbers only",
                            entry->key);
        else if (is_open && entry->n_values == MAX_ENTRIES)
            status = refuse(r, event.start_mark.line + 1, "the list of '%s' is too long", entry->key);
        else if (is_open)
            status = add_value(r, entry, &event);
        yaml_event_delete(&event);
    }
    return status;
}

static zf_status read_value(reading *r, zf_job_entry *entry) {
    yaml_event_t event;
    zf_status status = next(r, &event);
    if (status != ZF_OK)
        return status;
    if (event.type == YAML_SCALAR_EVENT) {
        entry->is_plain = event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        status = add_value(r, entry, &event);
    } else if (event.type == YAML_SEQUENCE_START_EVENT) {
        entry->is_list = true;
        status = read_list(r, entry);
    } else {
        status = refuse(r, event.start_mark.line + 1, "'%s' takes a value or a list of values", entry->key);
    }
    yaml_event_delete(&event);
    return status;
}

static zf_status add_key(reading *r, const yaml_event_t *event, zf_job_entry **out) {
    const char *key = (const char *)event->data.scalar.value;
    size_t line = event->start_mark.line + 1;
    zf_job_file *file = r->file;
    for (size_t i = 0; i < file->n; i++)
        if (strcmp(file->entries[i].key, key) == 0)
            return refuse(r, line, "'%s' stands here for the second time, after line %zu", key,
                          file->entries[i].line);
    zf_job_entry *entries =
        file->n < MAX_ENTRIES ? realloc(file->entries, (file->n + 1) * sizeof *entries) : NULL;
    if (entries != NULL)
        file->entries = entries;
    char *copy = entries != NULL ? strdup(key) : NULL;
    if (copy == NULL)
        return zf_error_memory(r->error, strlen(key), "a job file");
    entries[file->n] = (zf_job_entry){.key = copy, .line = line};
    *out = &entries[file->n++];
    return ZF_OK;
}

/* A key and its value; *out_is_open is false at the end of the mapping. */
static zf_status read_entry(reading *r, bool *out_is_open) {
    yaml_event_t event;
    zf_job_entry *entry = NULL;
    zf_status status = next(r, &event);
    if (status != ZF_OK)
        return status;
    *out_is_open = event.type != YAML_MAPPING_END_EVENT;
    if (*out_is_open && event.type != YAML_SCALAR_EVENT)
        status = refuse(r, event.start_mark.line + 1, "a key is the long name of an option, such as zips");
    else if (*out_is_open)
        status = add_key(r, &event, &entry);
    yaml_event_delete(&event);
    return entry != NULL ? read_value(r, entry) : status;
}

static zf_status read_document(reading *r) {
    static const char mapping[] = "a job is a mapping of options to values, such as 'zips: zips.gpkg'";
    bool is_open = true;
    zf_status status = expect(r, YAML_STREAM_START_EVENT, mapping);
    if (status == ZF_OK)
        status = expect(r, YAML_DOCUMENT_START_EVENT, mapping);
    if (status == ZF_OK)
        status = expect(r, YAML_MAPPING_START_EVENT, mapping);
    while (status == ZF_OK && is_open)
        status = read_entry(r, &is_open);
    if (status == ZF_OK)
        status = expect(r, YAML_DOCUMENT_END_EVENT, mapping);
    return status == ZF_OK ? expect(r, YAML_STREAM_END_EVENT, "a job file holds one document") : status;
}

zf_status zf_job_file_read(const char *path, zf_job_file *out, zf_error *error) {
    reading r = {.path = path, .file = out, .error = error};
    *out = (zf_job_file){0};
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return cannot_read(path, error);
    r.stream = file;
    zf_status status = ZF_OK;
    if (yaml_parser_initialize(&r.parser)) {
        yaml_parser_set_input_file(&r.parser, file);
        status = read_document(&r);
        yaml_parser_delete(&r.parser);
    } else {
        status = zf_error_memory(error, sizeof r.parser, "a job file");
    }
    (void)fclose(file);
    if (status != ZF_OK)
        zf_job_file_deinit(out);
    return status;
}

void zf_job_file_deinit(zf_job_file *file) {
    for (size_t i = 0; i < file->n; i++) {
        for (size_t v = 0; v < file->entries[i].n_values; v++)
            free(file->entries[i].values[v]);
        free(file->entries[i].values);
        free(file->entries[i].key);
    }
    free(file->entries);
    *file = (zf_job_file){0};
}

/* ---- writing ---- */

void zf_job_append_scalar(zf_text *out, const char *key, const char *value) {
    zf_text_append_format(out, "%s: ", key);
    zf_text_append_yaml(out, value);
    zf_text_append(out, "\n");
}
