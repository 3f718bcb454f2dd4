/* SPDX-License-Identifier: MIT */
/* Which operations of PROJ transformed points, where, how accurately and with which grids; and which would be
 * more accurate if their grids were installed. */
#include "geometry/proj_internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_BETTER = 5, /* how many are named, the most accurate ones */
    EDGE_POINTS = 21
};

#define AXIS_SWAP "axis order change (2D)"

/* ---- words ---- */

/** Appends the name of an operation without PROJ's changes of the axis order. */
static void append_operation_name(zf_text *text, const char *name) {
    const char *before = "";
    while (*name) {
        const char *end = strstr(name, " + ");
        size_t n = end ? (size_t)(end - name) : strlen(name);
        if (n != strlen(AXIS_SWAP) || strncmp(name, AXIS_SWAP, n) != 0) {
            zf_text_append(text, before);
            zf_text_append_n(text, name, n);
            before = " + ";
        }
        name += end ? n + 3 : n;
    }
    if (!*before)
        zf_text_append(text, "change of axis order only");
}

/** Appends the name of an operation and its accuracy. */
static void append_words(zf_text *text, const char *name, double accuracy_m) {
    append_operation_name(text, name ? name : "unnamed operation");
    zf_text_append(text, "; accuracy ");
    if (accuracy_m >= 0) {
        zf_text_append_json_number(text, accuracy_m);
        zf_text_append(text, " m");
    } else {
        zf_text_append(text, "unknown");
    }
}

static zf_status no_memory(zf_error *error) {
    return zf_error_memory(error, 256, "the name of a CRS operation");
}

/* Takes the text; NULL without memory. */
static char *string_of(zf_text *text) {
    char *string = text->is_failed ? NULL : zf_string_copy(text->bytes);
    zf_text_deinit(text);
    return string;
}

/** Appends items with a separator, and "..." if there are more. */
static void append_list(zf_text *text, char *const *items, int n, const char *between, bool is_more) {
    for (int i = 0; i < n; i++) {
        zf_text_append(text, i > 0 ? between : "");
        zf_text_append(text, items[i]);
    }
    if (is_more) {
        zf_text_append(text, between);
        zf_text_append(text, "...");
    }
}

/* ---- what was used ---- */

/* Name of a grid in PROJ's database, and whether its file is installed. A path would depend on the machine.
 */
static const char *grid_name(zf_proj *proj, const PJ *operation, int i, bool *out_is_here) {
    const char *name = NULL;
    int is_here = 0;
    if (!proj_coordoperation_get_grid_used(proj->context, operation, i, &name, NULL, NULL, NULL, NULL, NULL,
                                           &is_here))
        return NULL;
    *out_is_here = is_here != 0;
    return name && *name ? name : NULL;
}

/** Inserts the name of a grid in alphabetical order, if it is new. */
static zf_status add_grid(zf_used *used, const char *name, zf_error *error) {
    int at = 0;
    while (at < used->n_grids && strcmp(used->grids[at], name) < 0)
        at++;
    if (at < used->n_grids && strcmp(used->grids[at], name) == 0)
        return ZF_OK;
    used->is_more_grids = used->is_more_grids || used->n_grids == ZF_MAX_USED_GRIDS;
    if (used->n_grids == ZF_MAX_USED_GRIDS)
        return ZF_OK;
    char *copy = zf_string_copy(name);
    if (!copy)
        return no_memory(error);
    memmove(used->grids + at + 1, used->grids + at, (size_t)(used->n_grids - at) * sizeof *used->grids);
    used->grids[at] = copy;
    used->n_grids++;
    return ZF_OK;
}

/** Adds the installed grids of an operation. */
static zf_status add_grids(zf_used *used, zf_proj *proj, const PJ *operation, zf_error *error) {
    zf_status status = ZF_OK;
    int n = operation ? proj_coordoperation_get_grid_used_count(proj->context, operation) : 0;
    for (int i = 0; i < n && status == ZF_OK; i++) {
        bool is_here = false;
        const char *name = grid_name(proj, operation, i, &is_here);
        if (name && is_here) /* optional grids that are missing are not used */
            status = add_grid(used, name, error);
    }
    return status;
}

/* Takes words. Finds the operation or inserts it in alphabetical order, so that the order of points has no
 * effect. */
static void add_operation(zf_used *used, char *words, double accuracy_m) {
    int at = 0;
    while (at < used->n && strcmp(used->operations[at].words, words) < 0)
        at++;
    bool is_known = at < used->n && strcmp(used->operations[at].words, words) == 0;
    used->current = at;
    if (is_known || used->n == ZF_MAX_USED_OPERATIONS) {
        used->is_more = used->is_more || !is_known;
        used->current = is_known ? at : -1;
        free(words);
        return;
    }
    memmove(used->operations + at + 1, used->operations + at,
            (size_t)(used->n - at) * sizeof *used->operations);
    used->operations[at] = (zf_used_operation){words, accuracy_m, zf_envelope_empty()};
    used->n++;
}

/** Writes the texts of operations and grids anew. */
static zf_status write_texts(zf_used *used, zf_error *error) {
    zf_text words = {0}, grids = {0};
    for (int i = 0; i < used->n; i++) {
        zf_text_append(&words, i > 0 ? " | " : "");
        zf_text_append(&words, used->operations[i].words);
    }
    zf_text_append(&words, used->is_more ? " | ..." : "");
    append_list(&grids, used->grids, used->n_grids, ", ", used->is_more_grids);
    zf_text_append(&grids, used->n_grids == 0 ? "none" : "");
    if (words.is_failed || grids.is_failed) {
        zf_text_deinit(&words);
        zf_text_deinit(&grids);
        return no_memory(error);
    }
    zf_text_deinit(&used->words);
    zf_text_deinit(&used->grid_words);
    used->words = words;
    used->grid_words = grids;
    return ZF_OK;
}

zf_status zf_used_note(zf_used *used, zf_proj *proj, const PJ *operation, const char *name, double accuracy_m,
                       zf_error *error) {
    zf_text text = {0};
    append_words(&text, name, accuracy_m);
    char *words = string_of(&text);
    if (!words)
        return no_memory(error);
    add_operation(used, words, accuracy_m);
    zf_status status = add_grids(used, proj, operation, error);
    return status == ZF_OK ? write_texts(used, error) : status;
}

void zf_used_note_point(zf_used *used, const double *xy) {
    if (used->current >= 0 && used->current < used->n)
        zf_envelope_add_point(&used->operations[used->current].where, xy[0], xy[1]);
}

void zf_used_deinit(zf_used *used) {
    for (int i = 0; i < used->n; i++)
        free(used->operations[i].words);
    for (int i = 0; i < used->n_grids; i++)
        free(used->grids[i]);
    zf_text_deinit(&used->words);
    zf_text_deinit(&used->grid_words);
}

/* ---- what would do better ---- */

/** Degrees; west > east across the antimeridian. */
typedef struct area {
    double west, south, east, north;
} area;

/** Operations that lack grids here, the most accurate ones first. */
typedef struct better {
    char *words[MAX_BETTER];
    double accuracy_m[MAX_BETTER];
    int n, n_all;
    bool is_failed;
} better;

/** Whether two areas have a point in common. */
static bool meet(const area *a, const area *b) {
    double a_east = a->east < a->west ? a->east + 360 : a->east;
    double b_east = b->east < b->west ? b->east + 360 : b->east;
    bool meet_somewhere = false;
    for (int turn = -360; turn <= 360; turn += 360)
        meet_somewhere |= a->west <= b_east + turn && b->west + turn <= a_east;
    return meet_somewhere && a->south <= b->north && b->south <= a->north;
}

/* The area, in degrees, in which an operation transformed points; the world if it is not known. */
static area area_of(zf_proj *proj, PJ *to_degrees, const zf_envelope *e) {
    area world = {-180, -90, 180, 90}, a = world;
    if (!to_degrees || !proj_trans_bounds(proj->context, to_degrees, PJ_FWD, e->min_x, e->min_y, e->max_x,
                                          e->max_y, &a.west, &a.south, &a.east, &a.north, EDGE_POINTS))
        return world;
    return isfinite(a.west) && isfinite(a.south) && isfinite(a.east) && isfinite(a.north) ? a : world;
}

/** Area of use of an operation; the world if it has none. */
static area area_of_use(zf_proj *proj, const PJ *operation) {
    area a = {-180, -90, 180, 90};
    double west, south, east, north;
    if (proj_get_area_of_use(proj->context, operation, &west, &south, &east, &north, NULL) && south >= -90)
        a = (area){west, south, east, north};
    return a;
}

/** Takes words. Inserts an operation by its accuracy; only the best are kept. */
static void add_better(better *b, char *words, double accuracy_m) {
    int at = 0;
    while (at < b->n && (b->accuracy_m[at] < accuracy_m ||
                         (b->accuracy_m[at] <= accuracy_m && strcmp(b->words[at], words) < 0)))
        at++;
    bool is_known = at < b->n && strcmp(b->words[at], words) == 0;
    b->n_all += !is_known;
    if (is_known || at == MAX_BETTER) {
        free(words);
        return;
    }
    if (b->n == MAX_BETTER)
        free(b->words[--b->n]);
    memmove(b->words + at + 1, b->words + at, (size_t)(b->n - at) * sizeof *b->words);
    memmove(b->accuracy_m + at + 1, b->accuracy_m + at, (size_t)(b->n - at) * sizeof *b->accuracy_m);
    b->words[at] = words;
    b->accuracy_m[at] = accuracy_m;
    b->n++;
}

/* "NAD27 to WGS 84 (79); accuracy 5 m; needs us_noaa_conus.tif"; NULL where no grid is missing. */
static char *words_of_missing(zf_proj *proj, const PJ *operation, double accuracy_m, better *b) {
    zf_text text = {0};
    int n_missing = 0, n = proj_coordoperation_get_grid_used_count(proj->context, operation);
    append_words(&text, proj_get_name(operation), accuracy_m);
    for (int i = 0; i < n; i++) {
        bool is_here = false;
        const char *name = grid_name(proj, operation, i, &is_here);
        if (!name || is_here)
            continue;
        zf_text_append(&text, n_missing++ > 0 ? ", " : "; needs ");
        zf_text_append(&text, name);
    }
    char *words = string_of(&text);
    b->is_failed |= !words;
    if (n_missing > 0)
        return words;
    free(words);
    return NULL;
}

/** Adds an operation if it lacks grids and is more accurate than one that moved points in its area of
 * use. */
static void judge(const zf_used *used, const area *areas, zf_proj *proj, const PJ *operation, better *b) {
    double accuracy_m = proj_coordoperation_get_accuracy(proj->context, operation);
    if (accuracy_m < 0 || proj_coordoperation_is_instantiable(proj->context, operation))
        return;
    area reach = area_of_use(proj, operation);
    for (int i = 0; i < used->n; i++) {
        const zf_used_operation *u = &used->operations[i];
        if ((u->accuracy_m >= 0 && u->accuracy_m <= accuracy_m) || zf_envelope_is_empty(&u->where) ||
            !meet(&reach, &areas[i]))
            continue;
        char *words = words_of_missing(proj, operation, accuracy_m, b);
        if (words)
            add_better(b, words, accuracy_m);
        return;
    }
}

/* The operations from which proj_create_crs_to_crs chooses, and those whose grids are not installed. */
static PJ_OBJ_LIST *all_operations(zf_proj *proj, const PJ *from, const PJ *to) {
    PJ_OPERATION_FACTORY_CONTEXT *factory = proj_create_operation_factory_context(proj->context, NULL);
    PJ_OBJ_LIST *list = NULL;
    if (factory) {
        proj_operation_factory_context_set_spatial_criterion(proj->context, factory,
                                                             PROJ_SPATIAL_CRITERION_PARTIAL_INTERSECTION);
        proj_operation_factory_context_set_grid_availability_use(proj->context, factory,
                                                                 PROJ_GRID_AVAILABILITY_IGNORED);
        list = proj_create_operations(proj->context, from, to, factory);
    }
    proj_operation_factory_context_destroy(factory);
    return list;
}

/** Appends the operations, and how many more there are. */
static void append_better(const better *b, zf_text *out) {
    append_list(out, b->words, b->n, " | ", false);
    if (b->n_all > b->n)
        zf_text_append_format(out, " | and %d more", b->n_all - b->n);
    zf_text_append(out, b->n == 0 ? "none" : "");
    out->is_failed |= b->is_failed;
}

void zf_used_append_better(const zf_used *used, zf_proj *proj, const PJ *from, const PJ *to,
                           const PJ *horizontal, zf_text *out) {
    PJ *geographic = zf_proj_geographic(proj, horizontal);
    PJ *to_degrees = geographic ? zf_proj_operation(proj, horizontal, geographic) : NULL;
    PJ_OBJ_LIST *list = all_operations(proj, from, to);
    area areas[ZF_MAX_USED_OPERATIONS];
    better b = {.n = 0};
    for (int i = 0; i < used->n; i++)
        areas[i] = area_of(proj, to_degrees, &used->operations[i].where);
    int n = list ? proj_list_get_count(list) : 0;
    for (int i = 0; i < n; i++) {
        PJ *operation = proj_list_get(proj->context, list, i);
        if (operation)
            judge(used, areas, proj, operation, &b);
        proj_destroy(operation);
    }
    if (list)
        append_better(&b, out);
    else
        zf_text_append(out, "unknown: PROJ lists no operations");
    for (int i = 0; i < b.n; i++)
        free(b.words[i]);
    proj_list_destroy(list);
    proj_destroy(to_degrees);
    proj_destroy(geographic);
}
