/* SPDX-License-Identifier: MIT */
#include "examine/examine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Words of the list of rejected features. */
static const char *reason_of(zf_geometry_problem problem) {
    switch (problem) {
    case ZF_GEOMETRY_NULL:
        return "no geometry";
    case ZF_GEOMETRY_EMPTY:
        return "empty geometry";
    case ZF_GEOMETRY_NOT_POLYGON:
        return "not a polygon";
    case ZF_GEOMETRY_UNCLOSED_RING:
        return "unclosed ring";
    case ZF_GEOMETRY_INVALID:
        return "invalid";
    default:
        return "corrupt geometry";
    }
}

/** Begins the row of the list; the place is not known. */
static void describe(const zf_examiner *e, zf_geometry_problem problem, const char *detail,
                     zf_examined *out) {
    out->problem = problem;
    out->rejected = (zf_rejected){.is_zip = e->is_zip,
                                  .reason = reason_of(problem),
                                  .detail = detail,
                                  .area_delta_m2 = NAN,
                                  .x = NAN,
                                  .y = NAN};
}

/** Brings the row's place into the buildings' CRS; unknown where PROJ cannot say. */
static void transform_place(const zf_examiner *e, zf_rejected *rejected) {
    double xy[2] = {rejected->x, rejected->y};
    bool is_known =
        isfinite(xy[0]) && (e->transform == NULL || zf_transform_points(e->transform, xy, 1, NULL) == ZF_OK);
    rejected->x = is_known ? xy[0] : NAN;
    rejected->y = is_known ? xy[1] : NAN;
}

/** Skips the feature, or fails where that is the policy. */
static zf_status skip_or_fail(const zf_examiner *e, zf_examined *out, zf_error *error) {
    const zf_rejected *rejected = &out->rejected;
    out->outcome = ZF_EXAMINE_SKIPPED;
    if (e->policy != ZF_INVALID_FAIL)
        return ZF_OK;
    return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                        "the %s's geometry is not usable: %s%s%s; repair it, or set `on_invalid` to repair "
                        "or skip",
                        e->is_zip ? "ZIP" : "building", rejected->reason,
                        rejected->detail != NULL ? ": " : "",
                        rejected->detail != NULL ? rejected->detail : "");
}

/* ---- the first look ---- */

static zf_status reject_coordinates(const zf_examiner *e, const zf_wkb *wkb, zf_examined *out,
                                    zf_error *error) {
    describe(e, ZF_GEOMETRY_NOT_FINITE, out->detail, out);
    out->rejected.reason = zf_wkb_unusable(wkb, out->detail, &out->rejected.x, &out->rejected.y);
    transform_place(e, &out->rejected);
    return skip_or_fail(e, out, error);
}

/** Takes the lines and points of a collection. The envelope is that of the whole until its validity is
 * examined. */
static zf_status open_rest(const zf_examiner *e, const zf_shape *shape, zf_examined *out, zf_error *error) {
    zf_geom *rest = NULL;
    zf_status st = zf_geom_from_wkb(e->geos, shape->rest.bytes, shape->rest.n, &rest, error);
    if (st == ZF_E_INPUT) {
        describe(e, ZF_GEOMETRY_CORRUPT, NULL, out);
        return skip_or_fail(e, out, error);
    }
    if (st != ZF_OK)
        return st;
    const zf_envelope envelope = zf_geom_envelope(e->geos, rest);
    zf_envelope_add(&out->wkb.envelope, &envelope);
    zf_geom_destroy(e->geos, rest);
    out->rest_wkb = shape->rest;
    return ZF_OK;
}

zf_status zf_examine_shape(const zf_examiner *examiner, const zf_shape *shape, zf_examined *out,
                           zf_error *error) {
    out->geom = out->rest = NULL;
    out->rest_wkb = out->repaired = (zf_bytes){NULL, 0};
    switch (shape->kind) {
    case ZF_SHAPE_PATH:
        if (!examiner->takes_paths) {
            describe(examiner, ZF_GEOMETRY_NOT_POLYGON, shape->type_name, out);
            out->outcome = ZF_EXAMINE_SKIPPED;
            return ZF_OK;
        }
        __attribute__((fallthrough));
    case ZF_SHAPE_POLYGONAL:
        if (shape->wkb.has_non_finite)
            return reject_coordinates(examiner, &shape->wkb, out, error);
        out->outcome = ZF_EXAMINE_USABLE;
        out->problem = ZF_GEOMETRY_SOUND;
        out->wkb = shape->wkb;
        return shape->rest.bytes != NULL && !examiner->is_zip ? open_rest(examiner, shape, out, error)
                                                              : ZF_OK;
    case ZF_SHAPE_NULL:
    case ZF_SHAPE_EMPTY:
        describe(examiner, shape->kind == ZF_SHAPE_NULL ? ZF_GEOMETRY_NULL : ZF_GEOMETRY_EMPTY, NULL, out);
        out->outcome = ZF_EXAMINE_EMPTY;
        return ZF_OK;
    case ZF_SHAPE_NOT_POLYGON: /* left out under every policy */
        describe(examiner, ZF_GEOMETRY_NOT_POLYGON, shape->type_name, out);
        out->outcome = ZF_EXAMINE_SKIPPED;
        return ZF_OK;
    default:
        describe(examiner, ZF_GEOMETRY_CORRUPT, NULL, out);
        return skip_or_fail(examiner, out, error);
    }
}

/* ---- the second look ---- */

static zf_status measure_area(const zf_examiner *e, const zf_wkb *wkb, double *out_m2, zf_error *error) {
    double measures[ZF_MEASURE_KINDS];
    if (e->is_zip)
        return zf_metric_area_m2(e->metric, wkb, out_m2, error);
    zf_status st = zf_metric_measure(e->metric, wkb, 1u << ZF_MEASURE_AREA_M2, measures, error);
    *out_m2 = measures[ZF_MEASURE_AREA_M2];
    return st;
}

/** Writes a geometry into the arena and opens it. */
static zf_status copy_to_arena(const zf_examiner *e, const zf_geom *geom, zf_bytes *out_bytes, zf_wkb *out,
                               zf_wkb_kind *out_kind, zf_error *error) {
    uint8_t *bytes = NULL;
    char *copy = NULL;
    size_t n = 0;
    zf_status st = zf_geom_to_wkb(e->geos, geom, &bytes, &n, error);
    if (st == ZF_OK)
        st = zf_arena_copy(e->arena, bytes, n, &copy, error);
    free(bytes);
    if (st != ZF_OK)
        return st;
    *out_bytes = (zf_bytes){(const uint8_t *)copy, n};
    *out_kind = zf_wkb_open(out_bytes->bytes, n, out);
    return ZF_OK;
}

/** What GEOS cannot examine or repair is skipped like other features that are not usable, never the end of the run. */
static zf_status skip_failed(const zf_examiner *e, zf_examined *out, const char *detail, zf_error *error) {
    if (error != NULL)
        *error = (zf_error)ZF_ERROR_INIT; /* GEOS's message */
    out->rejected.detail = detail;
    return skip_or_fail(e, out, error);
}

/** out->geom becomes valid, or SKIPPED when no area is left or GEOS cannot repair it. */
static zf_status repair(const zf_examiner *e, zf_examined *out, zf_error *error) {
    zf_geom *fixed = NULL;
    zf_bytes bytes = {NULL, 0};
    zf_wkb wkb;
    zf_wkb_kind kind = ZF_WKB_POLYGONAL;
    double before = NAN, after = 0;
    zf_status st = zf_geom_make_valid(e->geos, out->geom, &fixed, e->is_zip ? NULL : &out->rest, error);
    if (st == ZF_E_INPUT || st == ZF_E_INTERNAL)
        return skip_failed(e, out, "GEOS cannot repair it", error);
    if (st == ZF_OK)
        st = copy_to_arena(e, fixed, &bytes, &wkb, &kind, error);
    if (st == ZF_OK && e->metric != NULL)
        st = measure_area(e, &out->wkb, &before, error);
    if (st == ZF_OK && e->metric != NULL && kind == ZF_WKB_POLYGONAL)
        st = measure_area(e, &wkb, &after, error);
    if (st != ZF_OK) {
        zf_geom_destroy(e->geos, fixed);
        return st;
    }
    zf_geom_destroy(e->geos, out->geom);
    out->geom = fixed;
    out->rejected.area_delta_m2 = after - before;
    out->outcome = kind == ZF_WKB_POLYGONAL ? ZF_EXAMINE_REPAIRED : ZF_EXAMINE_SKIPPED;
    out->rejected.is_repaired = out->outcome == ZF_EXAMINE_REPAIRED;
    if (out->outcome == ZF_EXAMINE_REPAIRED) {
        out->wkb = wkb;
        out->repaired = bytes;
    }
    return ZF_OK;
}

/** What the policy makes of an invalid geometry. GEOS needs hours for a polygon that is too tangled. */
static zf_status apply_policy(const zf_examiner *e, zf_examined *out, zf_error *error) {
    bool is_tangled = false;
    if (e->policy != ZF_INVALID_REPAIR)
        return skip_or_fail(e, out, error);
    zf_status st = zf_geom_is_tangled(e->geos, out->geom, &is_tangled, error);
    if (st != ZF_OK || !is_tangled)
        return st == ZF_OK ? repair(e, out, error) : st;
    out->rejected.detail = "Self-intersection, too tangled to repair";
    return skip_or_fail(e, out, error);
}

/** Asks GEOS whether out->geom is valid. `out` already describes an unclosed ring when one was closed. */
static zf_status check_geom(const zf_examiner *e, zf_examined *out, zf_error *error) {
    bool is_valid = false, was_closed = out->problem == ZF_GEOMETRY_UNCLOSED_RING;
    zf_invalidity why = {.x = NAN, .y = NAN};
    zf_status st = zf_geom_check_valid(e->geos, out->geom, &is_valid, &why, error);
    if (st == ZF_E_INTERNAL) {
        describe(e, ZF_GEOMETRY_INVALID, NULL, out);
        return skip_failed(e, out, "GEOS cannot tell whether it is valid", error);
    }
    if (st != ZF_OK)
        return st;
    if (is_valid && was_closed) {
        out->outcome = ZF_EXAMINE_REPAIRED;
        out->rejected.is_repaired = true;
        out->rejected.area_delta_m2 = 0;
    }
    if (is_valid)
        return ZF_OK;
    (void)snprintf(out->detail, sizeof out->detail, "%s", why.reason);
    if (was_closed) {
        out->rejected.detail = out->detail;
    } else {
        describe(e, ZF_GEOMETRY_INVALID, out->detail, out);
        out->rejected.x = why.x;
        out->rejected.y = why.y;
    }
    return apply_policy(e, out, error);
}

/** Builds out->geom, in the buildings' CRS. *out_is_refused: GEOS does not build such a geometry. */
static zf_status build_geom(const zf_examiner *e, zf_examined *out, bool *out_is_refused, zf_error *error) {
    zf_error refusal = ZF_ERROR_INIT;
    zf_geom *built = NULL;
    zf_wkb_kind kind;
    zf_status st = zf_geom_from_wkb(e->geos, out->wkb.bytes, out->wkb.n_bytes, &built, &refusal);
    *out_is_refused = st == ZF_E_INPUT;
    if (st != ZF_OK && st != ZF_E_INPUT && error != NULL)
        *error = refusal;
    if (st != ZF_OK || e->transform == NULL) {
        out->geom = built;
        return *out_is_refused ? ZF_OK : st;
    }
    st = zf_geom_transform(e->geos, built, e->transform, &out->geom, error);
    zf_geom_destroy(e->geos, built);
    return st == ZF_OK ? copy_to_arena(e, out->geom, &out->repaired, &out->wkb, &kind, error) : st;
}

/** A polygon that GEOS does not build: closes its rings where that is all it needs. */
static zf_status close_rings(const zf_examiner *e, zf_examined *out, zf_error *error) {
    size_t n = zf_wkb_closed_bytes(&out->wkb);
    uint8_t *bytes = NULL;
    bool is_refused = false;
    if (n > 0)
        describe(e, ZF_GEOMETRY_UNCLOSED_RING, NULL, out);
    else
        describe(e, ZF_GEOMETRY_SHORT_RING, "a ring of too few points", out);
    zf_wkb_first_point(&out->wkb, &out->rejected.x, &out->rejected.y);
    transform_place(e, &out->rejected);
    if (n == 0 || e->policy != ZF_INVALID_REPAIR)
        return skip_or_fail(e, out, error);
    zf_status st = zf_arena_take(e->arena, n, 1, &bytes, error);
    if (st != ZF_OK)
        return st;
    zf_wkb_close(&out->wkb, bytes);
    if (zf_wkb_open(bytes, n, &out->wkb) != ZF_WKB_POLYGONAL)
        return skip_or_fail(e, out, error);
    out->repaired = (zf_bytes){bytes, n};
    st = build_geom(e, out, &is_refused, error);
    if (st == ZF_OK && is_refused)
        return skip_or_fail(e, out, error);
    return st == ZF_OK ? check_geom(e, out, error) : st;
}

/** Leaves out the lines of a multiline that have no length. */
static zf_status drop_short_lines(const zf_examiner *e, size_t n, zf_examined *out, zf_error *error) {
    uint8_t *bytes = NULL;
    zf_status st = zf_arena_take(e->arena, n, 1, &bytes, error);
    if (st != ZF_OK)
        return st;
    (void)zf_wkb_drop_short_lines(&out->wkb, bytes);
    if (zf_wkb_open_any(bytes, n, &out->wkb) != ZF_WKB_LINEAL)
        return skip_or_fail(e, out, error);
    out->repaired = (zf_bytes){bytes, n};
    out->outcome = ZF_EXAMINE_REPAIRED;
    out->rejected.is_repaired = true;
    out->rejected.area_delta_m2 = 0;
    return ZF_OK;
}

/** Points are valid; a line needs two different points. */
static zf_status examine_path(const zf_examiner *e, zf_examined *out, zf_error *error) {
    if (out->wkb.dimension == 0 || !zf_wkb_has_short_line(&out->wkb))
        return ZF_OK;
    const size_t n = zf_wkb_drop_short_lines(&out->wkb, NULL);
    describe(e, ZF_GEOMETRY_INVALID, "Too few points in geometry component", out);
    zf_wkb_short_line(&out->wkb, &out->rejected.x, &out->rejected.y);
    return n == 0 || e->policy != ZF_INVALID_REPAIR ? skip_or_fail(e, out, error)
                                                    : drop_short_lines(e, n, out, error);
}

/** Adds the lines and points of a collection to what a repair left, and restores the envelope of the
 * polygons. */
static zf_status add_rest(const zf_examiner *e, zf_examined *out, zf_error *error) {
    zf_geom *parts[2] = {NULL, out->rest};
    zf_geom *both = NULL;
    zf_status st = zf_geom_from_wkb(e->geos, out->rest_wkb.bytes, out->rest_wkb.n, &parts[0], error);
    if (st == ZF_OK && e->transform != NULL) {
        zf_geom *moved = NULL;
        st = zf_geom_transform(e->geos, parts[0], e->transform, &moved, error);
        zf_geom_destroy(e->geos, parts[0]);
        parts[0] = moved;
    }
    if (st != ZF_OK || out->rest == NULL) {
        out->rest = st == ZF_OK ? parts[0] : out->rest;
        return st;
    }
    st = zf_geom_union(e->geos, parts, 2, &both, error);
    zf_geom_destroy(e->geos, parts[0]);
    if (st != ZF_OK)
        return st;
    zf_geom_destroy(e->geos, out->rest);
    out->rest = both;
    return ZF_OK;
}

/** Examines the polygons. */
static zf_status examine_polygons(const zf_examiner *examiner, zf_examined *out, zf_error *error) {
    bool is_refused = false;
    if (examiner->transform == NULL && zf_wkb_is_surely_valid(&out->wkb))
        return ZF_OK;
    if (examiner->transform == NULL && examiner->has_large_shapes &&
        zf_polygon_is_surely_valid(&out->wkb, examiner->arena))
        return ZF_OK;
    zf_status st = build_geom(examiner, out, &is_refused, error);
    if (st != ZF_OK)
        return st;
    return is_refused ? close_rings(examiner, out, error) : check_geom(examiner, out, error);
}

zf_status zf_examine_validity(const zf_examiner *examiner, const zf_wkb *wkb, zf_examined *out,
                              zf_error *error) {
    const bool has_rest = &out->wkb == wkb && !examiner->is_zip && out->rest_wkb.bytes != NULL;
    out->outcome = ZF_EXAMINE_USABLE;
    out->problem = ZF_GEOMETRY_SOUND;
    out->geom = out->rest = NULL;
    out->repaired = (zf_bytes){NULL, 0};
    if (&out->wkb != wkb)
        out->wkb = *wkb;
    if (wkb->dimension < 2)
        return examine_path(examiner, out, error);
    if (has_rest)
        (void)zf_wkb_open(wkb->bytes, wkb->n_bytes, &out->wkb);
    zf_status st = examine_polygons(examiner, out, error);
    return st == ZF_OK && has_rest && out->outcome <= ZF_EXAMINE_REPAIRED ? add_rest(examiner, out, error)
                                                                          : st;
}

void zf_examined_release(const zf_examiner *examiner, zf_examined *examined) {
    if (examined->geom == NULL && examined->rest == NULL)
        return;
    zf_geom_destroy(examiner->geos, examined->rest);
    zf_geom_destroy(examiner->geos, examined->geom);
    examined->geom = examined->rest = NULL;
}
