/* SPDX-License-Identifier: MIT */
/* The footprints of one ZIP, their distances and shared walls. */
#include "geometry/geometry.h"

#include "geometry/orient.h"

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

static void keep_crs(const zf_ring *ring, double *out_xy) {
    for (uint32_t i = 0; i < ring->n; i++)
        zf_ring_point(ring, i, &out_xy[2 * i], &out_xy[2 * i + 1]);
}

/** Brings the points of a ring into the frame, and widens the box by them. */
static zf_status add_ring(zf_metric *metric, const zf_frame *frame, const zf_ring *ring, double *out_xy_m,
                          zf_envelope *box, zf_error *error) {
    double xy[2 * POINTS_AT_ONCE], xyz_m[3 * POINTS_AT_ONCE];
    zf_status st = ZF_OK;
    for (uint32_t first = 0; st == ZF_OK && first < ring->n; first += POINTS_AT_ONCE) {
        uint32_t n = ring->n - first < POINTS_AT_ONCE ? ring->n - first : POINTS_AT_ONCE;
        for (uint32_t i = 0; i < n; i++)
            zf_ring_point(ring, first + i, &xy[2 * i], &xy[2 * i + 1]);
        st = zf_metric_to_frame(metric, frame, xy, n, xyz_m, error);
        for (uint32_t i = 0; st == ZF_OK && i < n; i++) {
            out_xy_m[2 * (first + i)] = xyz_m[3 * i];
            out_xy_m[2 * (first + i) + 1] = xyz_m[3 * i + 1];
            zf_envelope_add_point(box, xyz_m[3 * i], xyz_m[3 * i + 1]);
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
        st = add_ring(metric, frame, &ring, footprints->xy_m + 2 * n_points, &footprints->boxes[number],
                      error);
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

static double gap2(const zf_envelope *a, const zf_envelope *b) {
    double dx = zf_greater(zf_greater(a->min_x - b->max_x, b->min_x - a->max_x), 0);
    double dy = zf_greater(zf_greater(a->min_y - b->max_y, b->min_y - a->max_y), 0);
    return dx * dx + dy * dy;
}

/* A lower bound of the computed squared distance of what two boxes hold. The computed distance of a point
 * from a long edge may be a little less than the gap of their boxes, so what is skipped by the gap leaves a
 * margin: then the result does not depend on the limit of the search. */
static double least_distance2(const zf_envelope *a, const zf_envelope *b) {
    const double relative = 1e-9, absolute_m2 = 1e-14;
    return gap2(a, b) * (1 - relative) - absolute_m2;
}

static zf_envelope box_of(const zf_segment *s) {
    return (zf_envelope){zf_lesser(s->ax, s->bx), zf_lesser(s->ay, s->by), zf_greater(s->ax, s->bx),
                         zf_greater(s->ay, s->by)};
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

static zf_segment edge_at(const zf_footprints *f, size_t point) {
    const double *xy = f->xy_m + 2 * point;
    return (zf_segment){xy[0], xy[1], xy[2], xy[3]};
}

/* Squared distance of an edge from the edges of a footprint, if it is below best2. */
static double edge_distance2(const zf_footprints *f, const zf_segment *edge, size_t other, double best2) {
    zf_envelope edge_box = box_of(edge);
    for (size_t ring = f->first_ring[other]; ring < f->first_ring[other + 1]; ring++)
        for (size_t i = f->ring_start[ring]; i + 1 < f->ring_start[ring + 1]; i++) {
            zf_segment s = edge_at(f, i);
            zf_envelope box = box_of(&s);
            if (least_distance2(&edge_box, &box) < best2)
                best2 = zf_lesser(best2, segment_distance2(edge, &s));
        }
    return best2;
}

/** Squared distance of the boundaries of two footprints, if it is below best2. */
static double boundary_distance2(const zf_footprints *f, size_t a, size_t b, double best2) {
    for (size_t ring = f->first_ring[a]; ring < f->first_ring[a + 1]; ring++)
        for (size_t i = f->ring_start[ring]; i + 1 < f->ring_start[ring + 1] && best2 > 0; i++) {
            zf_segment edge = edge_at(f, i);
            zf_envelope box = box_of(&edge);
            if (least_distance2(&box, &f->boxes[b]) < best2)
                best2 = edge_distance2(f, &edge, b, best2);
        }
    return best2;
}

/* Whether a point is inside a footprint, by the even-odd rule over all rings. */
static bool holds_point(const zf_footprints *f, size_t footprint, double x, double y) {
    bool is_in = false;
    for (size_t ring = f->first_ring[footprint]; ring < f->first_ring[footprint + 1]; ring++)
        for (size_t i = f->ring_start[ring]; i + 1 < f->ring_start[ring + 1]; i++) {
            zf_segment s = edge_at(f, i);
            if ((s.ay > y) == (s.by > y))
                continue;
            double side = (s.bx - s.ax) * (y - s.ay) - (x - s.ax) * (s.by - s.ay);
            is_in ^= (side > 0) == (s.by > s.ay);
        }
    return is_in;
}

/* Whether a ring of `inner` starts inside `outer`. If the boundaries have no common point, one point per ring
 * decides. */
static bool has_ring_within(const zf_footprints *f, size_t inner, size_t outer) {
    if (!zf_envelope_meets(&f->boxes[inner], &f->boxes[outer]))
        return false;
    for (size_t ring = f->first_ring[inner]; ring < f->first_ring[inner + 1]; ring++) {
        size_t point = f->ring_start[ring];
        if (point < f->ring_start[ring + 1] &&
            holds_point(f, outer, f->xy_m[2 * point], f->xy_m[2 * point + 1]))
            return true;
    }
    return false;
}

double zf_footprints_distance_m(const zf_footprints *footprints, size_t a, size_t b, double limit_m) {
    size_t low = a < b ? a : b, high = a < b ? b : a;
    double none2 = limit_m * limit_m * (1 + 1e-9) + DBL_MIN;
    if (least_distance2(&footprints->boxes[low], &footprints->boxes[high]) > none2)
        return INFINITY;
    if (has_ring_within(footprints, low, high) || has_ring_within(footprints, high, low))
        return 0;
    double best2 = boundary_distance2(footprints, low, high, none2);
    return best2 < none2 ? sqrt(best2) : INFINITY;
}

/* ---- shared walls ---- */

/* The part [*from, *to] of the way from u to v on which |u + t (v - u)| is at most the limit. */
static void clip(double u, double v, double limit, double *from, double *to) {
    double step = v - u;
    if (step == 0) {
        *to = fabs(u) <= limit ? *to : -INFINITY;
        return;
    }
    double enters = (-limit - u) / step, leaves = (limit - u) / step;
    *from = zf_greater(*from, zf_lesser(enters, leaves));
    *to = zf_lesser(*to, zf_greater(enters, leaves));
}

/* Length of the stretch of s beside which t runs. */
static double wall_beside(const zf_segment *s, const zf_segment *t, double tolerance_m) {
    double dx = s->bx - s->ax, dy = s->by - s->ay, length_m = sqrt(dx * dx + dy * dy);
    if (!(length_m > 0))
        return 0;
    dx /= length_m, dy /= length_m;
    double side_a = (t->ax - s->ax) * dy - (t->ay - s->ay) * dx;
    double side_b = (t->bx - s->ax) * dy - (t->by - s->ay) * dx;
    double along_a = (t->ax - s->ax) * dx + (t->ay - s->ay) * dy;
    double along_b = (t->bx - s->ax) * dx + (t->by - s->ay) * dy;
    double from = 0, to = 1;
    clip(side_a, side_b, tolerance_m, &from, &to);
    if (!(from < to))
        return 0;
    double first = along_a + from * (along_b - along_a), last = along_a + to * (along_b - along_a);
    double low = zf_greater(zf_lesser(first, last), 0), high = zf_lesser(zf_greater(first, last), length_m);
    return zf_greater(high - low, 0);
}

/** Length of an edge that lies beside edges of another footprint. */
static double walls_beside_edge(const zf_footprints *f, const zf_segment *edge, size_t other,
                                double tolerance_m) {
    zf_envelope edge_box = box_of(edge);
    double sum_m = 0;
    for (size_t ring = f->first_ring[other]; ring < f->first_ring[other + 1]; ring++)
        for (size_t i = f->ring_start[ring]; i + 1 < f->ring_start[ring + 1]; i++) {
            zf_segment s = edge_at(f, i);
            zf_envelope box = box_of(&s);
            if (gap2(&edge_box, &box) <= 2 * square(tolerance_m))
                sum_m += wall_beside(edge, &s, tolerance_m);
        }
    return sum_m;
}

double zf_footprints_shared_wall_m(const zf_footprints *footprints, size_t a, size_t b, double tolerance_m) {
    size_t low = a < b ? a : b, high = a < b ? b : a;
    double sum_m = 0;
    for (size_t ring = footprints->first_ring[low]; ring < footprints->first_ring[low + 1]; ring++)
        for (size_t i = footprints->ring_start[ring]; i + 1 < footprints->ring_start[ring + 1]; i++) {
            zf_segment edge = edge_at(footprints, i);
            zf_envelope box = box_of(&edge);
            if (gap2(&box, &footprints->boxes[high]) <= 2 * square(tolerance_m))
                sum_m += walls_beside_edge(footprints, &edge, high, tolerance_m);
        }
    return sum_m;
}

/* ---- area ---- */

double zf_footprints_area_m2(const zf_footprints *footprints, size_t footprint) {
    double area_m2 = 0;
    for (size_t r = footprints->first_ring[footprint]; r < footprints->first_ring[footprint + 1]; r++) {
        double twice_m2 = 0;
        const double *origin = footprints->xy_m + 2 * (size_t)footprints->ring_start[r];
        for (size_t i = footprints->ring_start[r]; i + 1 < footprints->ring_start[r + 1]; i++) {
            zf_segment s = edge_at(footprints, i);
            twice_m2 += (s.ax - origin[0]) * (s.by - origin[1]) - (s.bx - origin[0]) * (s.ay - origin[1]);
        }
        area_m2 += (footprints->is_shell[r] ? 0.5 : -0.5) * fabs(twice_m2);
    }
    return area_m2;
}
