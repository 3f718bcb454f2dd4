/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

bool zf_option_takes_value(const zf_option *option) {
    return option->kind != ZF_OPTION_FLAG && option->kind != ZF_OPTION_TALLY &&
           option->kind != ZF_OPTION_HELP;
}

bool zf_option_is_repeatable(const zf_option *option) {
    return option->kind == ZF_OPTION_TALLY || option->kind == ZF_OPTION_LIST;
}

bool zf_option_is_parameter(const zf_option *option, const char *name, size_t n) {
    if (option->parameter != NULL && strlen(option->parameter) == n &&
        memcmp(option->parameter, name, n) == 0)
        return true;
    for (size_t i = 0; i < n; i++)
        if (option->name[i] != (name[i] == '_' ? '-' : name[i]))
            return false;
    return option->name[n] == '\0';
}

size_t zf_option_choices(const zf_option *option, const char *out[ZF_OPTIONS_MAX]) {
    size_t n = 0;
    while (option->choice != NULL && n < ZF_OPTIONS_MAX && (out[n] = option->choice(n)) != NULL)
        n++;
    return n;
}

zf_status zf_option_list_append(zf_option_list *list, const char *item, zf_error *error) {
    /* sizes 1, 2, 4, 8, ...: grown when n is a power of two or 0 */
    if ((list->n & (list->n - 1)) == 0) {
        const size_t cap = list->n == 0 ? 1 : 2 * list->n;
        const char **items = realloc(list->items, cap * sizeof *items);
        if (items == NULL)
            return zf_error_memory(error, cap * sizeof *items, "the command line");
        list->items = items;
    }
    list->items[list->n++] = item;
    return ZF_OK;
}

void zf_option_list_deinit(zf_option_list *list) {
    free(list->items);
    free(list->storage);
    *list = (zf_option_list){0};
}

static zf_status store_choice(const zf_option *option, const char *value, void *member, zf_error *error) {
    const char *choices[ZF_OPTIONS_MAX];
    const size_t n = zf_option_choices(option, choices);
    for (size_t i = 0; i < n; i++)
        if (strcmp(choices[i], value) == 0) {
            const int number = (int)i;
            memcpy(member, &number, sizeof number);
            return ZF_OK;
        }
    zf_text all = {0};
    for (size_t i = 0; i < n; i++)
        zf_text_append_format(&all, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", choices[i]);
    const char *near = zf_string_nearest(value, choices, n);
    zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "option '--%s' takes %s, not '%.200s'%s%s%s",
                 option->name, all.bytes != NULL ? all.bytes : "other values", value,
                 near != NULL ? "; did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
    zf_text_deinit(&all);
    return ZF_E_USAGE;
}

/* *inout = 10 * *inout + digit; false on overflow, or where it is no digit. */
static bool append_digit(size_t *inout, char digit) {
    const size_t value = (size_t)(digit - '0');
    if (digit < '0' || digit > '9' || *inout > (SIZE_MAX - value) / 10)
        return false;
    *inout = *inout * 10 + value;
    return true;
}

static zf_status store_number(const zf_option *option, const char *value, size_t *member, zf_error *error) {
    size_t number = 0;
    bool is_good = true;
    for (const char *digit = value; *digit != '\0' && is_good; digit++)
        is_good = append_digit(&number, *digit);
    if (!is_good || number < option->min || number > option->max)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "option '--%s' takes a whole number from %zu to %zu, not '%.200s'", option->name,
                            option->min, option->max, value);
    *member = number;
    return ZF_OK;
}

/* What a unit multiplies by; 0 for no unit. K, M, G, T alone are binary, as with GDAL. */
static size_t unit_bytes(const char *unit) {
    static const struct {
        const char *name;
        size_t n_bytes;
    } units[] = {{"", 1},
                 {"B", 1},
                 {"kB", 1000},
                 {"KB", 1000},
                 {"MB", 1000000},
                 {"GB", 1000000000},
                 {"TB", 1000000000000},
                 {"K", (size_t)1 << 10},
                 {"KiB", (size_t)1 << 10},
                 {"M", (size_t)1 << 20},
                 {"MiB", (size_t)1 << 20},
                 {"G", (size_t)1 << 30},
                 {"GiB", (size_t)1 << 30},
                 {"T", (size_t)1 << 40},
                 {"TiB", (size_t)1 << 40}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i].name, unit) == 0)
            return units[i].n_bytes;
    return 0;
}

static zf_status store_size(const zf_option *option, const char *value, size_t *member, zf_error *error) {
    size_t n = 0, digits = strspn(value, "0123456789");
    bool is_good = digits > 0;
    for (size_t i = 0; i < digits && is_good; i++)
        is_good = append_digit(&n, value[i]);
    size_t unit = unit_bytes(value + digits + (value[digits] == ' '));
    if (!is_good || unit == 0 || n == 0 || n > SIZE_MAX / unit)
        return zf_error_set(
            error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
            "option '--%s' takes a number of bytes with a unit, such as 64MiB or 2GiB, not '%.200s'",
            option->name, value);
    *member = n * unit;
    return ZF_OK;
}

static const char *skip_spaces(const char *at) {
    return at + strspn(at, " \t");
}

/* One name from *at, which is left on the comma or the end behind it; *out is left behind the copy's NUL.
 * false: bad quotes. */
static bool take_name(const char **at, char **out) {
    const char *from = skip_spaces(*at);
    char *to = *out;
    if (*from == '"') {
        for (from++; *from != '\0' && (from[0] != '"' || from[1] == '"'); from++) {
            from += *from == '"';
            *to++ = *from;
        }
        if (*from != '"')
            return false;
        from = skip_spaces(from + 1);
        if (*from != '\0' && *from != ',')
            return false;
    } else {
        while (*from != '\0' && *from != ',')
            *to++ = *from++;
        while (to > *out && (to[-1] == ' ' || to[-1] == '\t'))
            to--;
    }
    *to = '\0';
    *out = to + 1;
    *at = from;
    return true;
}

static zf_status store_names(const zf_option *option, const char *value, zf_option_list *list,
                             zf_error *error) {
    const size_t n_bytes =
        strlen(value) + 1; /* each name takes its bytes and the NUL takes the comma's place */
    list->storage = malloc(n_bytes);
    if (list->storage == NULL)
        return zf_error_memory(error, n_bytes, "the command line");
    char *end = list->storage;
    for (const char *at = value;; at++) {
        const char *name = end;
        if (!take_name(&at, &end))
            return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "option '--%s': the double quotes in '%.300s' do not pair up; a name that "
                                "holds a comma is written \"like, this\", a quote in it twice",
                                option->name, value);
        if (*name == '\0')
            return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "option '--%s': an empty name in '%.300s'", option->name, value);
        zf_status status = zf_option_list_append(list, name, error);
        if (status != ZF_OK)
            return status;
        if (*at == '\0')
            return ZF_OK;
    }
}

zf_status zf_option_store(const zf_option *option, const char *value, void *target, zf_error *error) {
    void *member = (char *)target + option->offset;
    if (zf_option_takes_value(option) && (value == NULL || *value == '\0'))
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "option '--%s' needs a value, but an empty one was given", option->name);
    switch (option->kind) {
    case ZF_OPTION_FLAG:
        *(bool *)member = true;
        return ZF_OK;
    case ZF_OPTION_TALLY:
        ++*(unsigned *)member;
        return ZF_OK;
    case ZF_OPTION_TEXT:
    case ZF_OPTION_JOB:
        *(const char **)member = value;
        return ZF_OK;
    case ZF_OPTION_LIST:
        return zf_option_list_append(member, value, error);
    case ZF_OPTION_NAMES:
        return store_names(option, value, member, error);
    case ZF_OPTION_CHOICE:
        return store_choice(option, value, member, error);
    case ZF_OPTION_NUMBER:
        return store_number(option, value, member, error);
    case ZF_OPTION_SIZE:
        return store_size(option, value, member, error);
    case ZF_OPTION_HELP:
        break;
    }
    return ZF_OK;
}
