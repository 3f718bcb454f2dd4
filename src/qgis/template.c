/* SPDX-License-Identifier: MIT */
/* Fills templates with named values. */
#include "qgis/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** A value, or a section with its items. */
typedef struct template_entry {
    const char *name;
    char *value; /**< NULL: a section */
    zf_template_data *first, *last;
    struct template_entry *next;
} template_entry;

struct zf_template_data {
    zf_template_data *outer; /**< whose section this is an item of; NULL: the root */
    zf_template_data *next;  /**< item of the same section */
    template_entry *entries;
    bool is_failed; /**< of the root: something did not fit in memory */
};

/* ---- values ---- */

zf_template_data *zf_template_data_create(void) {
    return calloc(1, sizeof(zf_template_data));
}

void zf_template_data_destroy(zf_template_data *data) {
    if (data == NULL)
        return;
    for (template_entry *e = data->entries, *next; e != NULL; e = next) {
        next = e->next;
        for (zf_template_data *item = e->first, *next_item; item != NULL; item = next_item) {
            next_item = item->next;
            zf_template_data_destroy(item);
        }
        free(e->value);
        free(e);
    }
    free(data);
}

static void note_failure(zf_template_data *data) {
    while (data->outer != NULL)
        data = data->outer;
    data->is_failed = true;
}

static template_entry *find_here(const zf_template_data *data, const char *name, size_t n) {
    for (template_entry *e = data->entries; e != NULL; e = e->next)
        if (strncmp(e->name, name, n) == 0 && e->name[n] == '\0')
            return e;
    return NULL;
}

/* The entry of that name, a new one if there is none; NULL when out of memory. */
static template_entry *find_or_add(zf_template_data *data, const char *name) {
    template_entry *e = find_here(data, name, strlen(name));
    if (e != NULL)
        return e;
    e = calloc(1, sizeof *e);
    if (e == NULL) {
        note_failure(data);
        return NULL;
    }
    e->name = name;
    e->next = data->entries;
    data->entries = e;
    return e;
}

void zf_template_set(zf_template_data *data, const char *name, const char *value) {
    template_entry *e = data != NULL ? find_or_add(data, name) : NULL;
    if (e == NULL)
        return;
    free(e->value);
    e->value = zf_string_copy(value != NULL ? value : "");
    if (e->value == NULL)
        note_failure(data);
}

void zf_template_set_text(zf_template_data *data, const char *name, zf_text *value) {
    zf_template_set(data, name, value->bytes);
    if (value->is_failed && data != NULL)
        note_failure(data);
    zf_text_deinit(value);
}

void zf_template_set_number(zf_template_data *data, const char *name, double number) {
    zf_text digits = {0};
    zf_text_append_json_number(&digits, number);
    zf_template_set_text(data, name, &digits);
}

void zf_template_set_count(zf_template_data *data, const char *name, size_t count) {
    char digits[24];
    snprintf(digits, sizeof digits, "%zu", count);
    zf_template_set(data, name, digits);
}

zf_template_data *zf_template_add(zf_template_data *data, const char *section) {
    template_entry *e = data != NULL ? find_or_add(data, section) : NULL;
    zf_template_data *item = e != NULL ? zf_template_data_create() : NULL;
    if (item == NULL) {
        if (data != NULL)
            note_failure(data);
        return NULL;
    }
    item->outer = data;
    if (e->last != NULL)
        e->last->next = item;
    else
        e->first = item;
    e->last = item;
    return item;
}

/* ---- filling ---- */

typedef enum tag_kind { TAG_VALUE, TAG_RAW, TAG_SECTION, TAG_END } tag_kind;

typedef struct tag {
    tag_kind kind;
    const char *name;
    size_t n_name;
    const char *after; /**< what follows it in the template */
} tag;

static zf_status refuse(const char *what, const tag *t, zf_error *error) {
    return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD, "template of a QGIS file: %s '%.*s'", what,
                        (int)t->n_name, t->name);
}

/* Reads the tag whose braces begin at `at`; false when it does not end. template: to see where lines begin.
 */
static bool read_tag(const char *template, const char *at, tag *out) {
    static const struct {
        char mark;
        tag_kind kind;
        const char *end;
    } kinds[] = {{'{', TAG_RAW, "}}}"}, {'#', TAG_SECTION, "}}"}, {'/', TAG_END, "}}"}};
    const char *end = "}}";
    *out = (tag){.kind = TAG_VALUE, .name = at + 2};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (at[2] == kinds[i].mark) {
            *out = (tag){.kind = kinds[i].kind, .name = at + 3};
            end = kinds[i].end;
        }
    const char *close = strstr(out->name, end);
    if (close == NULL)
        return false;
    out->n_name = (size_t)(close - out->name);
    out->after = close + strlen(end);
    const bool is_alone = (at == template || at[-1] == '\n') && *out->after == '\n';
    if (is_alone && (out->kind == TAG_SECTION || out->kind == TAG_END))
        out->after++;
    return true;
}

static const template_entry *find(const zf_template_data *data, const tag *t) {
    const template_entry *e = NULL;
    for (; data != NULL && e == NULL; data = data->outer)
        e = find_here(data, t->name, t->n_name);
    return e;
}

static zf_status append_value(const tag *t, const zf_template_data *data, zf_text *out, zf_error *error) {
    const template_entry *e = find(data, t);
    if (e == NULL || e->value == NULL)
        return refuse("there is no value", t, error);
    if (t->kind == TAG_RAW)
        zf_text_append(out, e->value);
    else
        zf_text_append_xml(out, e->value);
    return ZF_OK;
}

/* Fills from *at to the end of the section, or of the template where section is NULL, and moves *at behind
 * it. data NULL: skips it. */
static zf_status fill(const char *template, const char **at, const tag *section, const zf_template_data *data,
                      zf_text *out, zf_error *error) {
    for (;;) {
        const char *braces = strstr(*at, "{{");
        const size_t n_text = braces != NULL ? (size_t)(braces - *at) : strlen(*at);
        tag t;
        zf_status status = ZF_OK;
        if (data != NULL)
            zf_text_append_n(out, *at, n_text);
        if (braces == NULL)
            return section == NULL ? ZF_OK : refuse("no end of the section", section, error);
        if (!read_tag(template, braces, &t))
            return refuse("no end of a tag", &(tag){.name = braces, .n_name = 2}, error);
        *at = t.after;
        if (t.kind == TAG_END)
            return section != NULL && t.n_name == section->n_name &&
                           memcmp(t.name, section->name, t.n_name) == 0
                       ? ZF_OK
                       : refuse("no beginning of the section", &t, error);
        if (t.kind == TAG_SECTION) {
            const template_entry *e = data != NULL ? find(data, &t) : NULL;
            const zf_template_data *item = e != NULL ? e->first : NULL;
            do {
                *at = t.after;
                status = fill(template, at, &t, item, out, error);
                item = item != NULL ? item->next : NULL;
            } while (status == ZF_OK && item != NULL);
        } else if (data != NULL) {
            status = append_value(&t, data, out, error);
        }
        if (status != ZF_OK)
            return status;
    }
}

zf_status zf_template_fill(const char *template, const zf_template_data *data, zf_text *out,
                           zf_error *error) {
    const char *at = template;
    if (data == NULL || data->is_failed)
        return zf_error_memory(error, 0, "the values of a template");
    zf_status status = fill(template, &at, NULL, data, out, error);
    return status == ZF_OK && out->is_failed ? zf_error_memory(error, out->n, "a filled template") : status;
}
