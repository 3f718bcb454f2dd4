/* SPDX-License-Identifier: MIT */
#include "stream/unread.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

zf_status zf_unread_init(zf_unread_list *list, size_t n, zf_error *error) {
    *list = (zf_unread_list){.items = calloc(n + 1, sizeof *list->items), .n = n};
    return list->items != NULL ? ZF_OK
                               : zf_error_memory(error, n * sizeof *list->items, "counts per expression");
}

void zf_unread_deinit(zf_unread_list *list) {
    free(list->items);
    *list = (zf_unread_list){NULL, 0};
}

void zf_unread_add(zf_unread *one, uint64_t n_zips, int64_t fid, const char *example) {
    const bool is_first =
        one->n == 0 || fid < one->fid || (fid == one->fid && strcmp(example, one->example) < 0);
    one->n += n_zips;
    if (!is_first)
        return;
    one->fid = fid;
    snprintf(one->example, sizeof one->example, "%s", example);
}

void zf_unread_merge(zf_unread_list *into, zf_unread_list *from) {
    for (size_t i = 0; i < into->n && i < from->n; i++)
        if (from->items[i].n > 0) {
            zf_unread_add(&into->items[i], from->items[i].n, from->items[i].fid, from->items[i].example);
            from->items[i] = (zf_unread){0};
        }
}

/** Whether another expression that reads the same columns says as much, and comes first. */
static bool is_said(const zf_unread_list *list, const zf_plan_expressions *e, size_t i) {
    for (size_t k = 0; k < list->n; k++) {
        const bool is_more =
            list->items[k].n > list->items[i].n || (k < i && list->items[k].n == list->items[i].n);
        if (k != i && is_more && e->number_names[k] != NULL &&
            strcmp(e->number_names[k], e->number_names[i]) == 0)
            return true;
    }
    return false;
}

void zf_unread_warn(const zf_unread_list *list, const zf_plan *plan, const zf_callbacks *callbacks) {
    const zf_plan_expressions *e = &plan->expressions;
    for (size_t i = 0; i < list->n && i < e->n; i++) {
        const zf_unread *one = &list->items[i];
        if (one->n == 0 || (e->number_names[i] != NULL && is_said(list, e, i)))
            continue;
        const char *names = e->number_names[i] != NULL ? e->number_names[i] : "an expression";
        zf_log(callbacks, ZF_LOG_WARNING,
               "number() or metres() of %s: %" PRIu64
               " value%s could not be read and count%s as missing (NULL), "
               "for example '%s' of feature %" PRId64,
               names, one->n, one->n == 1 ? "" : "s", one->n == 1 ? "s" : "", one->example, one->fid);
    }
}
