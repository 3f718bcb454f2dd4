/* SPDX-License-Identifier: MIT */
#include "run/map_text.h"

#include <string.h>

enum { MAX_CONDITION_BYTES = 160 };

/* The conditions as one, with single spaces. */
static void append_conditions(const zf_plan_expressions *expressions, zf_text *out) {
    const bool is_one = (expressions->where != NULL) + expressions->n_rules == 1;
    if (expressions->where != NULL)
        zf_text_append_format(out, is_one ? "%s" : "(%s)", expressions->where);
    for (size_t i = 0; i < expressions->n_rules; i++)
        zf_text_append_format(out, is_one ? "%s%s" : "%s(%s)",
                              i > 0 || expressions->where != NULL ? " and " : "", expressions->rules[i].text);
}

/* On one line, and no longer than there is room for. */
static void append_short(const char *text, zf_text *out) {
    size_t n = 0;
    bool is_after_space = true;
    for (; *text != '\0'; text++) {
        const bool is_space = strchr(" \t\r\n", *text) != NULL,
                   is_start = ((unsigned char)*text & 0xc0u) != 0x80u;
        if (is_space && is_after_space)
            continue;
        if (is_start && n >= MAX_CONDITION_BYTES) {
            zf_text_append(out, " …");
            return;
        }
        zf_text_append_n(out, is_space ? " " : text, 1);
        is_after_space = is_space;
        n++;
    }
}

/* The file without its directories, and the date that it states. */
static void append_source(const zf_source_info *info, zf_text *out) {
    size_t end = strlen(info->path), start;
    while (end > 1 && info->path[end - 1] == '/')
        end--;
    for (start = end; start > 0 && info->path[start - 1] != '/'; start--)
        continue;
    zf_text_append_n(out, info->path + start, end - start);
    if (info->date > 0)
        zf_text_append_format(out, " (changed %04d-%02d-%02d)", info->date / 10000, info->date / 100 % 100,
                              info->date % 100);
}

void zf_map_text_append(const zf_plan *plan, const zf_inputs *inputs, zf_text *out) {
    const zf_source_info *zips = zf_source_get_info(inputs->zips),
                         *buildings = zf_source_get_info(inputs->buildings);
    zf_text conditions = {0};
    append_conditions(&plan->expressions, &conditions);
    if (conditions.n > 0) {
        zf_text_append(out, "Important buildings: ");
        append_short(conditions.bytes, out);
        zf_text_append(out, ". ");
    }
    out->is_failed = out->is_failed || conditions.is_failed;
    zf_text_deinit(&conditions);
    zf_text_append(out, "Source: ");
    append_source(buildings, out);
    if (strcmp(zips->path, buildings->path) != 0) {
        zf_text_append(out, ", ");
        append_source(zips, out);
    }
    zf_text_append(out, ".");
}
