/* SPDX-License-Identifier: MIT */
/* The footprints of one ZIP, and their distances. */
#include "geometry/footprints_internal.h"

#include <float.h>

enum { POINTS_AT_ONCE = 128 };

/* ---- packing ---- */

size_t zf_footprints_bytes(size_t n, size_t n_rings, size_t n_points) {
    return n_points * 2 * sizeof(double) + (n_rings + 1) * sizeof(uint32_t) + n_rings * sizeof(bool) +
           (n + 1) * sizeof(uint32_t) + n * sizeof(zf_envelope);
}

zf_status zf_footprints_create(zf_arena *arena, size_t n, size_t n_rings, size_t n_points, zf_footprints *out,
                               zf_error *error) {
    *out = (zf_footprints){.cap = n, .cap_rings = n_rings, .cap_points = n_points};
    if (n_points >= UINT32_MAX)
        return zf_error_memory(error, zf_footprints_bytes(n, n_rings, n_points), "a ZIP's footprints");
    zf_status st = zf_arena_take(arena, n_points, 2 * sizeof *out->xy_m, &out->xy_m, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, n_rings + 1, sizeof *out->ring_start, &out->ring_start, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, n + 1, sizeof *out->first_ring, &out->first_ring, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, n_rings, sizeof *out->is_shell, &out->is_shell, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, n, sizeof *out->boxes, &out->boxes, error);
    if (st == ZF_OK)
        out->ring_start[0] = out->first_ring[0] = 0;
    return st;
}

zf_status zf_footprints_keep_crs(zf_footprints *footprints, zf_arena *arena, zf_error *error) {
    return zf_arena_take(arena, footprints->cap_points, 2 * sizeof *footprints->crs_xy, &footprints->crs_xy,
                         error);
}

zf_status zf_footprints_keep_heights(zf_footprints *footprints, const zf_frame *frame, zf_arena *arena,
                                     zf_error *error) {
    footprints->frame = *frame;
    return zf_arena_take(arena, footprints->cap_points, sizeof *footprints->up_m, &footprints->up_m, error);
}

static void keep_crs(const zf_ring *ring, double *out_xy) {
    for (uint32_t i = 0; i < ring->n; i++)
        zf_ring_point(ring, i, &out_xy[2 * i], &out_xy[2 * i + 1]);
}

/** Brings the points of a ring into the frame, from point number `first_point` on, and widens the box by
 * them. */
static zf_status add_ring(zf_footprints *f, zf_metric *metric, const zf_frame *frame, const zf_ring *ring,
                          size_t first_point, zf_error *error) {
    double xy[2 * POINTS_AT_ONCE], xyz_m[3 * POINTS_AT_ONCE];
    double *out_xy_m = f->xy_m + 2 * first_point;
    zf_status st = ZF_OK;
    for (uint32_t first = 0; st == ZF_OK && first < ring->n; first += POINTS_AT_ONCE) {
        uint32_t n = ring->n - first < POINTS_AT_ONCE ? ring->n - first : POINTS_AT_ONCE;
        for (uint32_t i = 0; i < n; i++)
            zf_ring_point(ring, first + i, &xy[2 * i], &xy[2 * i + 1]);
        st = zf_metric_to_frame(metric, frame, xy, n, xyz_m, error);
        for (uint32_t i = 0; st == ZF_OK && i < n; i++) {
            out_xy_m[2 * (first + i)] = xyz_m[3 * i];
            out_xy_m[2 * (first + i) + 1] = xyz_m[3 * i + 1];
            zf_envelope_add_point(&f->boxes[f->n], xyz_m[3 * i], xyz_m[3 * i + 1]);
            if (f->up_m != NULL)
                f->up_m[first_point + first + i] = xyz_m[3 * i + 2];
        }
    }
    return st;
}

zf_status zf_footprints_add(zf_footprints *footprints, zf_metric *metric, const zf_frame *frame,
                            const zf_wkb *wkb, zf_error *error) {
    zf_ring_cursor rings = zf_wkb_rings(wkb);
    zf_ring ring;
    size_t number = footprints->n, n_rings = footprints->cap > number ? footprints->first_ring[number] : 0;
    size_t n_points = footprints->cap > number ? footprints->ring_start[n_rings] : 0;
    zf_status st = ZF_OK;
    if (number == footprints->cap || n_rings + wkb->n_rings > footprints->cap_rings ||
        n_points + wkb->n_points > footprints->cap_points)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                            "a ZIP has more footprints than were counted");
    footprints->boxes[number] = zf_envelope_empty();
    while (st == ZF_OK && zf_wkb_next_ring(&rings, &ring)) {
        st = add_ring(footprints, metric, frame, &ring, n_points, error);
        if (footprints->crs_xy != NULL)
            keep_crs(&ring, footprints->crs_xy + 2 * n_points);
        n_points += ring.n;
        footprints->is_shell[n_rings] = ring.is_shell;
        footprints->ring_start[++n_rings] = (uint32_t)n_points;
    }
    if (st != ZF_OK)
        return st;
    footprints->first_ring[++footprints->n] = (uint32_t)n_rings;
    return ZF_OK;
}

/* ---- distance ---- */

static double square(double x) {
    return x * x;
}

/* A lower bound of the computed squared distance of what two boxes hold. The computed distance of a point
 * from a long edge may be a little less than the gap of their boxes, so what is skipped by the gap leaves a
 * margin: then the result does not depend on the limit of the search. */
static double least_distance2(const zf_envelope *a, const zf_envelope *b) {
    const double relative = 1e-9, absolute_m2 = 1e-14;
    return zf_boxes_gap2(a, b) * (1 - relative) - absolute_m2;
}

/* Squared distance of a point from a segment; the order of its ends changes nothing. */
static double point_distance2(const zf_segment *s, double x, double y) {
    double dx = s->bx - s->ax, dy = s->by - s->ay, length2 = dx * dx + dy * dy;
    double from_a2 = square(x - s->ax) + square(y - s->ay), from_b2 = square(x - s->bx) + square(y - s->by);
    double ends2 = zf_lesser(from_a2, from_b2);
    double along = (x - s->ax) * dx + (y - s->ay) * dy, back = (x - s->bx) * -dx + (y - s->by) * -dy;
    if (!(along > 0 && back > 0))
        return ends2;
    double across =
        from_a2 <= from_b2 ? (x - s->ax) * dy - (y - s->ay) * dx : (x - s->bx) * dy - (y - s->by) * dx;
    return zf_lesser(ends2, across * across / length2);
}

/** Squared distance of two segments. */
static double segment_distance2(const zf_segment *s, const zf_segment *t) {
    if (zf_segments_meet(s, t) == ZF_MEETING_CROSS)
        return 0;
    return zf_lesser(zf_lesser(point_distance2(s, t->ax, t->ay), point_distance2(s, t->bx, t->by)),
                     zf_lesser(point_distance2(t, s->ax, s->ay), point_distance2(t, s->bx, s->by)));
}

/* Squared distance of an edge from the edges of a footprint, if it is below best2. Rings are closed. */
static double edge_distance2(const zf_segment *edge, const zf_view *other, double best2) {
    const zf_footprints *f = other->footprints;
    zf_envelope edge_box = zf_segment_box(edge);
    for (size_t ring = other->first_ring; ring < other->end_ring; ring++)
        for (size_t i = f->ring_start[ring]; i + 1 < f->ring_start[ring + 1]; i++) {
            zf_segment s = zf_view_edge(other, i);
            zf_envelope box = zf_segment_box(&s);
            if (least_distance2(&edge_box, &box) < best2)
                best2 = zf_lesser(best2, segment_distance2(edge, &s));
        }
    return best2;
}

/** Squared distance of the boundaries of two footprints, if it is below best2. */
static double boundary_distance2(const zf_view *a, const zf_view *b, double best2) {
    const zf_footprints *f = a->footprints;
    for (size_t ring = a->first_ring; ring < a->end_ring; ring++)
        for (size_t i = f->ring_start[ring]; i + 1 < f->ring_start[ring + 1] && best2 > 0; i++) {
            zf_segment edge = zf_view_edge(a, i);
            zf_envelope box = zf_segment_box(&edge);
            if (least_distance2(&box, &b->box) < best2)
                best2 = edge_distance2(&edge, b, best2);
        }
    return best2;
}

/* Whether a point is inside a footprint, by the even-odd rule over all rings. */
static bool holds_point(const zf_view *v, double x, double y) {
    const zf_footprints *f = v->footprints;
    bool is_in = false;
    for (size_t ring = v->first_ring; ring < v->end_ring; ring++)
        for (size_t i = f->ring_start[ring]; i + 1 < f->ring_start[ring + 1]; i++) {
            zf_segment s = zf_view_edge(v, i);
            if ((s.ay > y) == (s.by > y))
                continue;
            double side = (s.bx - s.ax) * (y - s.ay) - (x - s.ax) * (s.by - s.ay);
            is_in ^= (side > 0) == (s.by > s.ay);
        }
    return is_in;
}

/* Whether a ring of `inner` starts inside `outer`. If the boundaries have no common point, one point per ring
 * decides. */
static bool has_ring_within(const zf_view *inner, const zf_view *outer) {
    const zf_footprints *f = inner->footprints;
    if (!zf_envelope_meets(&inner->box, &outer->box))
        return false;
    for (size_t ring = inner->first_ring; ring < inner->end_ring; ring++) {
        double xy[2];
        if (f->ring_start[ring] == f->ring_start[ring + 1])
            continue;
        zf_view_point(inner, f->ring_start[ring], xy);
        if (holds_point(outer, xy[0], xy[1]))
            return true;
    }
    return false;
}

double zf_footprints_distance_m(const zf_footprints *footprints, size_t a, size_t b, double limit_m) {
    size_t low = a < b ? a : b, high = a < b ? b : a;
    double none2 = limit_m * limit_m * (1 + 1e-9) + DBL_MIN;
    zf_pair_view pair;
    if (least_distance2(&footprints->boxes[low], &footprints->boxes[high]) > none2)
        return INFINITY; /* the plane of the frame shows no distance longer than it is */
    zf_pair_view_init(&pair, footprints, low, high);
    if (has_ring_within(&pair.a, &pair.b) || has_ring_within(&pair.b, &pair.a))
        return 0;
    double best2 = boundary_distance2(&pair.a, &pair.b, none2);
    return best2 < none2 ? sqrt(best2) : INFINITY;
}

/* ---- area ---- */

double zf_footprints_area_m2(const zf_footprints *footprints, size_t footprint) {
    zf_pair_view pair;
    double area_m2 = 0;
    zf_pair_view_init(&pair, footprints, footprint, footprint);
    for (size_t r = pair.a.first_ring; r < pair.a.end_ring; r++) {
        double twice_m2 = 0, origin[2];
        zf_view_point(&pair.a, footprints->ring_start[r], origin);
        for (size_t i = footprints->ring_start[r]; i + 1 < footprints->ring_start[r + 1]; i++) {
            zf_segment s = zf_view_edge(&pair.a, i);
            twice_m2 += (s.ax - origin[0]) * (s.by - origin[1]) - (s.bx - origin[0]) * (s.ay - origin[1]);
        }
        area_m2 += (footprints->is_shell[r] ? 0.5 : -0.5) * fabs(twice_m2);
    }
    return area_m2;
}
