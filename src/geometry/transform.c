/* SPDX-License-Identifier: MIT */
#include "geometry/proj_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOOK_EVERY = 64,  /* asking PROJ which operation it used costs several times as much as a point */
    STILL_BLOCK = 256 /* where no point moves, only the first and the last of such a block are transformed */
};

struct zf_transform {
    zf_proj proj;
    PJ *operation;
    char *from_name;
    char *to_name;
    double max_latitude; /**< of the source's coordinates; INFINITY for a projected one */
    zf_identity identity;
    bool is_choice;        /**< PROJ chooses among several operations, point by point */
    const char *last_name; /**< PROJ's string of the operation last noted; only compared */
    zf_used used;
    double metres_per_unit;     /**< of the target's coordinates; at the equator for angles */
    PJ *from, *to, *horizontal; /**< source and target, for zf_transform_append_better; may be NULL */
};

/** Notes the operation by which PROJ moved a point, and the point. */
static zf_status note_used(zf_transform *t, const double *xy, zf_error *error) {
    zf_status status = ZF_OK;
    PJ_PROJ_INFO info = {0};
    if (t->is_choice)
        info = proj_pj_info(t->operation);
    if (info.description && info.description != t->last_name) {
        PJ *last = proj_trans_get_last_used_operation(t->operation);
        t->last_name = info.description;
        status = zf_used_note(&t->used, &t->proj, last, info.description, info.accuracy, error);
        proj_destroy(last);
    }
    zf_used_note_point(&t->used, xy);
    return status;
}

/** Copies the names of both CRS, for error texts. */
static zf_status keep_names(zf_transform *t, const char *from, const char *to, zf_error *error) {
    t->from_name = zf_string_copy(from);
    t->to_name = zf_string_copy(to);
    if (!t->from_name || !t->to_name)
        return zf_error_memory(error, strlen(from) + strlen(to) + 2, "the names of two CRS");
    return ZF_OK;
}

/** Asks PROJ for the operation, and notes its name if there is only one. */
static zf_status find_operation(zf_transform *t, const PJ *from, const PJ *to, zf_error *error) {
    t->operation = zf_proj_operation(&t->proj, from, to);
    if (!t->operation)
        return zf_error_set(
            error, ZF_E_INPUT, ZF_DOMAIN_PROJ,
            "cannot bring coordinates from %s to %s: %s; bring both layers into one CRS first, or correct "
            "`zips_crs` or `buildings_crs`",
            t->from_name, t->to_name, zf_proj_reason(&t->proj));
    t->is_choice = proj_get_type(t->operation) == PJ_TYPE_UNKNOWN;
    if (!t->is_choice)
        return zf_used_note(&t->used, &t->proj, t->operation, proj_get_name(t->operation),
                            proj_coordoperation_get_accuracy(t->proj.context, t->operation), error);
    zf_text_append(&t->used.words, "chosen by PROJ for each point; none transformed yet");
    zf_text_append(&t->used.grid_words, "none");
    return t->used.words.is_failed || t->used.grid_words.is_failed
               ? zf_error_memory(error, 64, "the name of a CRS operation")
               : ZF_OK;
}

/** An empty transformation. */
static zf_status allocate(const zf_crs *from, const char *to_name, zf_transform **out, zf_error *error) {
    zf_transform *t = calloc(1, sizeof *t);
    *out = t;
    if (!t)
        return zf_error_memory(error, sizeof *t, "a CRS transformation");
    /* with a tolerance, because -90.00000000000001 is a rounded pole */
    t->max_latitude = from->info.is_geographic ? 1.5707963267948966 / from->info.unit * (1 + 1e-9) : INFINITY;
    zf_status status = zf_proj_init(&t->proj, error);
    if (status == ZF_OK)
        status = keep_names(t, from->info.name, to_name, error);
    return status;
}

/* Keeps copies of both CRS in the context of the transformation. */
static zf_status keep_ends(zf_transform *t, const zf_crs *from, const zf_crs *to, zf_error *error) {
    t->metres_per_unit = to->info.unit * (to->info.is_geographic ? to->info.semi_major_m : 1);
    t->from = proj_clone(t->proj.context, from->operand);
    t->to = proj_clone(t->proj.context, to->operand);
    t->horizontal = proj_clone(t->proj.context, from->horizontal);
    return t->from && t->to && t->horizontal
               ? ZF_OK
               : zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_PROJ, "cannot keep two CRS: no memory left");
}

static bool is_in_degrees(const zf_crs *crs) {
    return crs->info.is_geographic && fabs(crs->info.unit - 0.017453292519943295) < 1e-14;
}

zf_status zf_transform_create(const zf_crs *from, const zf_crs *to, zf_transform **out, zf_error *error) {
    *out = NULL;
    if (zf_crs_is_same(from, to))
        return ZF_OK;
    if (!from->operand || !to->operand)
        return zf_error_set(
            error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
            "cannot bring coordinates from %s to %s: one side does not say where on Earth it is; say it "
            "with `zips_crs` or `buildings_crs`",
            from->info.name, to->info.name);
    zf_transform *t;
    zf_status status = allocate(from, to->info.name, &t, error);
    if (status == ZF_OK)
        status = find_operation(t, from->operand, to->operand, error);
    if (status == ZF_OK)
        status = keep_ends(t, from, to, error);
    if (status == ZF_OK && is_in_degrees(from) && is_in_degrees(to))
        zf_identity_find(&t->proj, t->operation, from->operand, to->operand, &t->identity);
    if (status != ZF_OK) {
        zf_transform_destroy(t);
        return status;
    }
    *out = t;
    return ZF_OK;
}

zf_status zf_transform_create_to_geographic(const zf_crs *from, zf_transform **out, zf_error *error) {
    *out = NULL;
    if (!from->horizontal)
        return zf_error_set(
            error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
            "cannot find longitudes and latitudes of %s: it has no place on Earth; measure it with "
            "`measure` planar, or give the CRS with `zips_crs` and `buildings_crs`",
            from->info.name);
    zf_transform *t;
    PJ *geographic = NULL;
    zf_status status = allocate(from, "its longitudes and latitudes", &t, error);
    if (status == ZF_OK) {
        geographic = zf_proj_geographic(&t->proj, from->horizontal);
        if (!geographic)
            status =
                zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_PROJ,
                             "cannot find the geographic CRS that %s is based on: %s; give another CRS with "
                             "`zips_crs` or `buildings_crs`",
                             from->info.name, zf_proj_reason(&t->proj));
    }
    bool is_needed = geographic && !zf_proj_is_equivalent(&t->proj, geographic, from->horizontal);
    if (status == ZF_OK && is_needed)
        status = find_operation(t, from->horizontal, geographic, error);
    proj_destroy(geographic);
    if (status != ZF_OK || !is_needed) {
        zf_transform_destroy(t);
        return status;
    }
    *out = t;
    return ZF_OK;
}

/** The error for a point that cannot be transformed. */
static zf_status refuse_point(zf_transform *t, const double *xy, const char *reason, zf_error *error) {
    return zf_error_set(
        error, ZF_E_INPUT, ZF_DOMAIN_PROJ,
        "cannot bring the point (%.12g, %.12g) from %s to %s: %s; if these are not coordinates of %s, or the "
        "other layer's are not of %s, say what they are with `zips_crs` or `buildings_crs`",
        xy[0], xy[1], t->from_name, t->to_name, reason, t->from_name, t->to_name);
}

/** Transforms one point. */
static zf_status move_point(zf_transform *t, double *xy, zf_error *error) {
    if (!isfinite(xy[0]) || !isfinite(xy[1]))
        return refuse_point(t, xy, "a coordinate is not a finite number", error);
    if (fabs(xy[1]) > t->max_latitude) /* PROJ does not check this between geographic CRS */
        return refuse_point(t, xy, "the latitude lies beyond the pole", error);
    PJ_COORD to = proj_trans(t->operation, PJ_FWD, proj_coord(xy[0], xy[1], 0, HUGE_VAL));
    if (!isfinite(to.xy.x) || !isfinite(to.xy.y)) {
        int number = proj_errno(t->operation);
        const char *words = number ? proj_context_errno_string(t->proj.context, number) : NULL;
        proj_errno_reset(t->operation);
        return refuse_point(t, xy, words ? words : "PROJ gives no reason", error);
    }
    xy[0] = to.xy.x;
    xy[1] = to.xy.y;
    return ZF_OK;
}

/** Transforms points one by one. */
static zf_status move_points(zf_transform *t, double *xy, size_t n, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t i = 0; i < n && status == ZF_OK; i++) {
        const double from[2] = {xy[2 * i], xy[2 * i + 1]};
        status = move_point(t, xy + 2 * i, error);
        if (status == ZF_OK && (i % LOOK_EVERY == 0 || i + 1 == n))
            status = note_used(t, from, error);
    }
    return status;
}

/* Envelope of points; empty if a coordinate is not finite. */
static zf_envelope envelope_of(const double *xy, size_t n) {
    zf_envelope e = {xy[0], xy[1], xy[0], xy[1]};
    double doubt = 0; /* becomes NaN if a coordinate is not finite */
    for (size_t i = 0; i < n; i++) {
        double x = xy[2 * i], y = xy[2 * i + 1];
        doubt += x * 0 + y * 0;
        e.min_x = x < e.min_x ? x : e.min_x;
        e.max_x = x > e.max_x ? x : e.max_x;
        e.min_y = y < e.min_y ? y : e.min_y;
        e.max_y = y > e.max_y ? y : e.max_y;
    }
    return doubt == 0 ? e : zf_envelope_empty();
}

/* Transforms a copy of a point, notes the operation, and tells whether the point stays. */
static zf_status try_point(zf_transform *t, const double *xy, bool *out_stays, zf_error *error) {
    double copy[2] = {xy[0], xy[1]};
    zf_status status = move_point(t, copy, error);
    if (status == ZF_OK)
        status = note_used(t, xy, error);
    *out_stays = status == ZF_OK && memcmp(copy, xy, sizeof copy) == 0;
    return status;
}

/* Decides whether all points stay where they are, and need not be transformed. */
static zf_status look_for_still(zf_transform *t, const double *xy, size_t n, bool *out_stay,
                                zf_error *error) {
    zf_envelope e = envelope_of(xy, n);
    zf_status status = ZF_OK;
    *out_stay = zf_transform_is_identity(t, &e);
    if (*out_stay && t->is_choice)
        status = try_point(t, xy, out_stay, error);
    if (status == ZF_OK && *out_stay && t->is_choice)
        status = try_point(t, xy + 2 * (n - 1), out_stay, error);
    return status;
}

/** The area of use of one of the CRS in the source's coordinates; empty if neither has one. */
static zf_envelope area_of_use(const zf_transform *t) {
    zf_proj proj;
    zf_envelope area = zf_envelope_empty();
    double west, south, east, north;
    bool has_area = proj_get_area_of_use(t->proj.context, t->from, &west, &south, &east, &north, NULL) ||
                    proj_get_area_of_use(t->proj.context, t->to, &west, &south, &east, &north, NULL);
    if (!has_area || south < -90 || zf_proj_init(&proj, NULL) != ZF_OK)
        return area;
    PJ *geographic = zf_proj_geographic(&proj, t->horizontal);
    PJ *operation = geographic ? zf_proj_operation(&proj, geographic, t->horizontal) : NULL;
    for (int i = 0; operation && i < 4; i++) {
        PJ_COORD at = proj_trans(
            operation, PJ_FWD, proj_coord(i % 2 == 0 ? west : east, i / 2 == 0 ? south : north, 0, HUGE_VAL));
        if (isfinite(at.xy.x) && isfinite(at.xy.y))
            zf_envelope_add_point(&area, at.xy.x, at.xy.y);
    }
    proj_destroy(operation);
    proj_destroy(geographic);
    zf_proj_deinit(&proj);
    return area;
}

bool zf_transform_is_negligible(zf_transform *t, const zf_envelope *envelope, double limit_m) {
    enum { SIDE = 9 };
    double largest_m = 0;
    if (t == NULL || !t->from)
        return false;
    zf_envelope e = zf_envelope_is_empty(envelope) ? area_of_use(t) : *envelope;
    if (zf_envelope_is_empty(&e))
        return false;
    for (int i = 0; i < SIDE * SIDE && largest_m <= limit_m; i++) {
        double u = (double)(i % SIDE) / (SIDE - 1), v = (double)(i / SIDE) / (SIDE - 1);
        double x = e.min_x * (1 - u) + e.max_x * u, y = e.min_y * (1 - v) + e.max_y * v;
        PJ_COORD to = proj_trans(t->operation, PJ_FWD, proj_coord(x, y, 0, HUGE_VAL));
        double moved_m = fmax(fabs(to.xy.x - x), fabs(to.xy.y - y)) * t->metres_per_unit;
        proj_errno_reset(t->operation);
        largest_m = moved_m <= limit_m ? fmax(largest_m, moved_m) : INFINITY;
    }
    return largest_m > 0 && largest_m <= limit_m;
}

zf_status zf_transform_points(zf_transform *transform, double *xy, size_t n, zf_error *error) {
    if (!transform->identity.is_anywhere)
        return move_points(transform, xy, n, error);
    zf_status status = ZF_OK;
    for (size_t done = 0; done < n && status == ZF_OK; done += STILL_BLOCK) {
        size_t count = n - done < STILL_BLOCK ? n - done : STILL_BLOCK;
        bool stay = false;
        status = look_for_still(transform, xy + 2 * done, count, &stay, error);
        if (status == ZF_OK && !stay)
            status = move_points(transform, xy + 2 * done, count, error);
    }
    return status;
}

bool zf_transform_is_identity(const zf_transform *transform, const zf_envelope *envelope) {
    return transform == NULL ||
           (!zf_envelope_is_empty(envelope) && zf_identity_holds(&transform->identity, envelope));
}

const char *zf_transform_describe(const zf_transform *transform) {
    return transform->used.words.bytes;
}

const char *zf_transform_grids(const zf_transform *transform) {
    return transform->used.grid_words.bytes;
}

void zf_transform_append_better(zf_transform *transform, zf_text *out) {
    if (transform->from)
        zf_used_append_better(&transform->used, &transform->proj, transform->from, transform->to,
                              transform->horizontal, out);
    else
        zf_text_append(out, "none");
}

void zf_transform_destroy(zf_transform *transform) {
    if (!transform)
        return;
    proj_destroy(transform->operation);
    proj_destroy(transform->horizontal);
    proj_destroy(transform->to);
    proj_destroy(transform->from);
    zf_proj_deinit(&transform->proj);
    free(transform->from_name);
    free(transform->to_name);
    zf_used_deinit(&transform->used);
    free(transform);
}
