/* SPDX-License-Identifier: MIT */
/*
 * The length of a line within a zone. Each edge of the line is looked at as two: one moved to its left, one to its right,
 * by less than any number. None of the two goes through a vertex of the zone or along an edge of it, so each changes sides
 * at the zone's edges that it crosses, and signs of zf_orient_exact tell which those are. A stretch of the line counts
 * where one of the two is inside.
 */
#include "geometry/double_double.h"
#include "geometry/overlay.h"

#include <stdlib.h>

enum { EDGES_PER_CANCEL_CHECK = 8192 };

/** Where one of the two copies of an edge changes sides, as a part of the edge's length. */
typedef struct change {
    zf_dd at;
    bool is_left; /**< the copy to the left */
} change;

/** The state of one call. */
typedef struct line_walk {
    const zf_relate_zone *zone;
    zf_point corner; /**< lower left corner of the line's envelope */
    bool is_corner_inside;
    const zf_relate_edge *edge; /**< of the line */
    zf_arena *scratch;
    change *changes;
    size_t n, cap;
    const zf_callbacks *callbacks;
    size_t n_seen;
} line_walk;

/** Is v left of the edge, as seen from one of its copies? A point on the edge is right of the left copy. */
static bool is_left_of_copy(const zf_relate_edge *e, zf_point v, bool is_left) {
    int side = zf_orient_exact(e->a, e->b, v);
    return is_left ? side > 0 : side >= 0;
}

/** Side of f on which a copy begins: a little ahead of e->a, and, much less, beside it. */
static int side_of_begin(const zf_relate_edge *f, const zf_relate_edge *e, bool is_left) {
    int side = zf_orient_exact(f->a, f->b, e->a);
    if (side == 0)
        side = zf_orient_exact(f->a, f->b, e->b);
    if (side != 0)
        return side;
    bool is_same_way = f->a.x != f->b.x ? (f->b.x > f->a.x) == (e->b.x > e->a.x) : (f->b.y > f->a.y) == (e->b.y > e->a.y);
    return is_same_way == is_left ? 1 : -1;
}

/** Side of f on which a copy ends. f is not parallel to e. */
static int side_of_end(const zf_relate_edge *f, const zf_relate_edge *e) {
    int side = zf_orient_exact(f->a, f->b, e->b);
    return side != 0 ? side : zf_orient_exact(f->a, f->b, e->a);
}

/** Side of f on which a point lies that is moved to the right, and, much less, upwards (or downwards). */
static int side_of_moved(const zf_relate_edge *f, zf_point p, bool is_upwards) {
    int side = zf_orient_exact(f->a, f->b, p);
    if (side != 0)
        return side;
    if (f->a.y != f->b.y)
        return f->b.y > f->a.y ? -1 : 1;
    return (f->b.x > f->a.x) == is_upwards ? 1 : -1;
}

/** Does an edge of the zone change sides between the corner and the beginning of a copy? The way goes up along the
 * envelope's left side, then to the right. */
static bool crosses_way(const line_walk *w, const zf_relate_edge *f, bool is_left) {
    const zf_relate_edge *e = w->edge;
    const zf_point turn = {w->corner.x, e->a.y};
    bool is_upwards = e->a.y != e->b.y ? e->b.y > e->a.y : (e->b.x > e->a.x) == is_left;
    bool a_above = f->a.y != turn.y ? f->a.y > turn.y : !is_upwards, b_above = f->b.y != turn.y ? f->b.y > turn.y : !is_upwards;
    bool crosses = false;
    if ((f->a.x > turn.x) != (f->b.x > turn.x))
        crosses ^= side_of_moved(f, w->corner, true) != side_of_moved(f, turn, is_upwards);
    if (a_above != b_above)
        crosses ^= side_of_moved(f, turn, is_upwards) != side_of_begin(f, e, is_left);
    return crosses;
}

/** Where f crosses the edge, as a part of the edge's length. */
static zf_dd part_at(const zf_relate_edge *e, const zf_relate_edge *f) {
    zf_dd dx = zf_dd_difference(e->b.x, e->a.x), dy = zf_dd_difference(e->b.y, e->a.y);
    zf_dd fx = zf_dd_difference(f->b.x, f->a.x), fy = zf_dd_difference(f->b.y, f->a.y);
    zf_dd gx = zf_dd_difference(f->a.x, e->a.x), gy = zf_dd_difference(f->a.y, e->a.y);
    zf_dd d = zf_dd_subtract(zf_dd_multiply(dx, fy), zf_dd_multiply(dy, fx));
    if (d.hi == 0)
        return zf_dd_of(0);
    zf_dd at = zf_dd_divide(zf_dd_subtract(zf_dd_multiply(gx, fy), zf_dd_multiply(gy, fx)), d);
    return at.hi < 0 ? zf_dd_of(0) : at.hi > 1 ? zf_dd_of(1) : at;
}

/** Notes where f crosses a copy between its ends. */
static zf_status note_change(line_walk *w, const zf_relate_edge *f, bool is_left, zf_error *error) {
    const zf_relate_edge *e = w->edge;
    bool a_left = is_left_of_copy(e, f->a, is_left), b_left = is_left_of_copy(e, f->b, is_left);
    if (a_left == b_left)
        return ZF_OK;
    int ahead = a_left ? -1 : 1; /* side of f before it is crossed */
    if (side_of_begin(f, e, is_left) != ahead || side_of_end(f, e) == ahead)
        return ZF_OK;
    if (w->n == w->cap) {
        change *grown = NULL;
        zf_status st = zf_arena_take(w->scratch, 2 * w->cap, sizeof *grown, &grown, error);
        if (st != ZF_OK)
            return st;
        for (size_t i = 0; i < w->n; i++)
            grown[i] = w->changes[i];
        w->changes = grown;
        w->cap *= 2;
    }
    w->changes[w->n++] = (change){part_at(e, f), is_left};
    return ZF_OK;
}

static int compare_changes(const void *pa, const void *pb) {
    return zf_dd_compare(((const change *)pa)->at, ((const change *)pb)->at);
}

/** Part of the edge of which a copy is inside, from the sides on which they begin and the changes. */
static zf_dd sum_parts(line_walk *w, bool is_left_inside, bool is_right_inside) {
    zf_dd sum = zf_dd_of(0), from = zf_dd_of(0);
    qsort(w->changes, w->n, sizeof *w->changes, compare_changes);
    for (size_t i = 0; i <= w->n; i++) {
        zf_dd to = i < w->n ? w->changes[i].at : zf_dd_of(1);
        if (is_left_inside || is_right_inside)
            sum = zf_dd_add(sum, zf_dd_subtract(to, from));
        from = to;
        if (i == w->n)
            break;
        is_left_inside ^= w->changes[i].is_left;
        is_right_inside ^= !w->changes[i].is_left;
    }
    return sum;
}

static bool has_boxes_that_meet(const zf_relate_edge *e, const zf_relate_edge *f) {
    return !(fmax(e->a.x, e->b.x) < fmin(f->a.x, f->b.x) || fmax(f->a.x, f->b.x) < fmin(e->a.x, e->b.x) ||
             fmax(e->a.y, e->b.y) < fmin(f->a.y, f->b.y) || fmax(f->a.y, f->b.y) < fmin(e->a.y, e->b.y));
}

/** Part of one edge of the line that lies in the zone. */
static zf_status measure_edge(line_walk *w, zf_dd *out_part, zf_error *error) {
    bool is_left_inside = w->is_corner_inside, is_right_inside = w->is_corner_inside;
    zf_status st = ZF_OK;
    w->n = 0;
    for (size_t i = 0; st == ZF_OK && i < w->zone->near.n; i++) {
        const zf_relate_edge *f = &w->zone->near.edges[i];
        if (++w->n_seen % EDGES_PER_CANCEL_CHECK == 0)
            st = zf_check_cancelled(w->callbacks, error);
        if (zf_point_is_same(f->a, f->b))
            continue;
        is_left_inside ^= crosses_way(w, f, true);
        is_right_inside ^= crosses_way(w, f, false);
        if (st != ZF_OK || !has_boxes_that_meet(w->edge, f))
            continue;
        st = note_change(w, f, true, error);
        if (st == ZF_OK)
            st = note_change(w, f, false, error);
    }
    *out_part = sum_parts(w, is_left_inside, is_right_inside);
    return st;
}

zf_status zf_overlay_measure_line(const zf_relate_edges *line, const zf_envelope *envelope, const zf_relate_zone *zone,
                                  zf_arena *scratch, const zf_callbacks *callbacks, zf_line_overlay *out,
                                  zf_error *error) {
    line_walk w = {.zone = zone,
                   .corner = {envelope->min_x, envelope->min_y},
                   .scratch = scratch,
                   .cap = 64,
                   .callbacks = callbacks};
    zf_dd inside = zf_dd_of(0), whole = zf_dd_of(0);
    zf_arena_mark mark = zf_arena_get_mark(scratch);
    zf_status st = zf_arena_take(scratch, w.cap, sizeof *w.changes, &w.changes, error);
    w.is_corner_inside = zone->is_inside(zone->user, w.corner);
    for (size_t i = 0; st == ZF_OK && i < line->n; i++) {
        zf_dd part = zf_dd_of(0);
        w.edge = &line->edges[i];
        if (zf_point_is_same(w.edge->a, w.edge->b))
            continue;
        st = measure_edge(&w, &part, error);
        zf_dd length = zf_dd_of(hypot(w.edge->b.x - w.edge->a.x, w.edge->b.y - w.edge->a.y));
        whole = zf_dd_add(whole, length);
        inside = zf_dd_add(inside, zf_dd_multiply(length, part));
    }
    *out = (zf_line_overlay){.inside = fmax(inside.hi, 0), .whole = whole.hi};
    zf_arena_rewind(scratch, mark);
    return st;
}
