/* SPDX-License-Identifier: MIT */
#include "geometry/relate.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_PER_CANCEL_CHECK = 8192, BRUTE_PAIRS = 4096, BRUTE_EDGES = 16 };

/** Position of a piece of an edge relative to the other shape. */
typedef enum place { PLACE_INSIDE, PLACE_OUTSIDE, PLACE_SAME, PLACE_OPPOSITE } place;

/** A point in the middle of an edge at which it is to be split. */
typedef struct split {
    size_t edge;
    zf_point at;
    double distance; /**< order along the edge: monotone from a to b */
} split;

typedef struct split_list {
    split *items;
    size_t n, cap;
} split_list;

/** A piece of an edge as it leaves a vertex. */
typedef struct spoke {
    zf_point from, to;
    bool is_interior_left;
} spoke;

/** The state of one call. */
typedef struct relating {
    const zf_relate_subject *subject;
    const zf_relate_zone *zone;
    zf_arena *scratch;
    const zf_callbacks *callbacks;
    zf_relation *out;
    zf_error *error;
    zf_relate_edges own, other; /**< the subject's and the zone's, split as far as it has come */
    split_list own_splits, other_splits;
    bool crosses; /**< an edge of the one properly crosses one of the other */
} relating;

static inline zf_envelope edge_box(const zf_relate_edge *e) {
    return (zf_envelope){fmin(e->a.x, e->b.x), fmin(e->a.y, e->b.y), fmax(e->a.x, e->b.x), fmax(e->a.y, e->b.y)};
}

/* ---- pairs of edges whose envelopes meet ---- */

/** false ends the search. */
typedef zf_status visit_pair(relating *r, size_t own, size_t other);

typedef struct sorted_edge {
    zf_envelope box;
    size_t edge;
} sorted_edge;

static int compare_boxes(const void *pa, const void *pb) {
    const sorted_edge *a = pa, *b = pb;
    return a->box.min_x != b->box.min_x ? (a->box.min_x > b->box.min_x) - (a->box.min_x < b->box.min_x)
                                        : (a->edge > b->edge) - (a->edge < b->edge);
}

/** Envelope of all edges. */
static zf_envelope box_of_edges(const zf_relate_edges *edges) {
    zf_envelope box = zf_envelope_empty();
    for (size_t i = 0; i < edges->n; i++) {
        zf_envelope_add_point(&box, edges->edges[i].a.x, edges->edges[i].a.y);
        zf_envelope_add_point(&box, edges->edges[i].b.x, edges->edges[i].b.y);
    }
    return box;
}

/** Edges whose envelopes meet the box, sorted by the left end. */
static zf_status sort_edges(relating *r, const zf_relate_edges *edges, const zf_envelope *box, sorted_edge **out,
                            size_t *out_n) {
    sorted_edge *sorted = NULL;
    size_t n = 0;
    zf_status st = zf_arena_take(r->scratch, edges->n, sizeof *sorted, &sorted, r->error);
    if (st != ZF_OK)
        return st;
    for (size_t i = 0; i < edges->n; i++) {
        sorted[n] = (sorted_edge){edge_box(&edges->edges[i]), i};
        n += zf_envelope_overlaps(&sorted[n].box, box);
    }
    qsort(sorted, n, sizeof *sorted, compare_boxes);
    *out = sorted;
    *out_n = n;
    return ZF_OK;
}

static zf_status check_cancel(relating *r, size_t *n_seen) {
    return ++*n_seen % STEPS_PER_CANCEL_CHECK == 0 ? zf_check_cancelled(r->callbacks, r->error) : ZF_OK;
}

/** Visits all pairs whose envelopes meet, by comparing each with each. */
static zf_status visit_all(relating *r, const zf_relate_edges *own, const zf_relate_edges *other, visit_pair *visit) {
    size_t n_pairs = 0;
    zf_status st = ZF_OK;
    for (size_t i = 0; i < own->n; i++) {
        zf_envelope box = edge_box(&own->edges[i]);
        for (size_t k = 0; st == ZF_OK && !r->crosses && k < other->n; k++) {
            zf_envelope with = edge_box(&other->edges[k]);
            st = check_cancel(r, &n_pairs);
            if (st == ZF_OK && zf_envelope_overlaps(&box, &with))
                st = visit(r, i, k);
        }
    }
    return st;
}

/** Visits all pairs whose envelopes meet, by a sweep over both lists in the order of the left ends. */
static zf_status visit_by_sweep(relating *r, const zf_relate_edges *own, const zf_relate_edges *other,
                                visit_pair *visit) {
    zf_arena_mark mark = zf_arena_get_mark(r->scratch);
    sorted_edge *a = NULL, *b = NULL;
    size_t n_pairs = 0, i = 0, k = 0, n_own = 0, n_other = 0;
    const zf_envelope own_box = box_of_edges(own), other_box = box_of_edges(other);
    zf_status st = sort_edges(r, own, &other_box, &a, &n_own);
    if (st == ZF_OK)
        st = sort_edges(r, other, &own_box, &b, &n_other);
    while (st == ZF_OK && !r->crosses && i < n_own && k < n_other) {
        bool is_own = a[i].box.min_x <= b[k].box.min_x;
        const sorted_edge *one = is_own ? &a[i++] : &b[k++];
        const sorted_edge *rest = is_own ? b + k : a + i;
        size_t n = is_own ? n_other - k : n_own - i;
        for (size_t j = 0; st == ZF_OK && !r->crosses && j < n && rest[j].box.min_x <= one->box.max_x; j++) {
            st = check_cancel(r, &n_pairs);
            if (st == ZF_OK && zf_envelope_overlaps(&one->box, &rest[j].box))
                st = is_own ? visit(r, one->edge, rest[j].edge) : visit(r, rest[j].edge, one->edge);
        }
    }
    zf_arena_rewind(r->scratch, mark);
    return st;
}

static zf_status visit_pairs(relating *r, const zf_relate_edges *own, const zf_relate_edges *other, visit_pair *visit) {
    bool is_small = own->n <= BRUTE_EDGES || other->n <= BRUTE_EDGES || other->n <= BRUTE_PAIRS / own->n;
    return is_small ? visit_all(r, own, other, visit) : visit_by_sweep(r, own, other, visit);
}

/* ---- splitting ---- */

/** Adds a point at which an edge is to be split. */
static zf_status add_split(relating *r, split_list *list, size_t edge, const zf_relate_edge *e, zf_point at) {
    if (list->n == list->cap) {
        size_t cap = list->cap > 0 ? 2 * list->cap : 16;
        void *items = list->items;
        zf_status st = zf_memory_resize(r->scratch->budget, r->scratch->use, &items, list->cap * sizeof *list->items,
                                        cap * sizeof *list->items, r->error);
        if (st != ZF_OK)
            return st;
        list->items = items;
        list->cap = cap;
    }
    double distance = e->a.x != e->b.x ? at.x : at.y;
    bool is_rising = e->a.x != e->b.x ? e->a.x < e->b.x : e->a.y < e->b.y;
    list->items[list->n++] = (split){edge, at, is_rising ? distance : -distance};
    return ZF_OK;
}

static void free_splits(const relating *r, split_list *list) {
    zf_memory_free(r->scratch->budget, r->scratch->use, list->items, list->cap * sizeof *list->items);
}

static int compare_splits(const void *pa, const void *pb) {
    const split *a = pa, *b = pb;
    return a->edge != b->edge ? (a->edge > b->edge) - (a->edge < b->edge)
                              : (a->distance > b->distance) - (a->distance < b->distance);
}

/** Replaces the edges by their pieces, and empties the list. */
static zf_status split_edges(relating *r, zf_relate_edges *edges, split_list *list) {
    zf_relate_edge *pieces = NULL;
    if (list->n == 0)
        return ZF_OK;
    zf_status st = zf_arena_take(r->scratch, edges->n + list->n, sizeof *pieces, &pieces, r->error);
    if (st != ZF_OK)
        return st;
    qsort(list->items, list->n, sizeof *list->items, compare_splits);
    size_t n = 0, s = 0;
    for (size_t i = 0; i < edges->n; i++) {
        zf_relate_edge rest = edges->edges[i];
        for (; s < list->n && list->items[s].edge == i; s++) {
            if (zf_point_is_same(rest.a, list->items[s].at))
                continue;
            pieces[n++] = (zf_relate_edge){rest.a, list->items[s].at, rest.is_interior_left};
            rest.a = list->items[s].at;
        }
        pieces[n++] = rest;
    }
    *edges = (zf_relate_edges){pieces, n};
    list->n = 0;
    return ZF_OK;
}

/** Splits `second` of one shape where a vertex of `first` of the same shape lies within it. */
static zf_status split_by_own(relating *r, const zf_relate_edges *edges, split_list *list, size_t first, size_t second) {
    const zf_relate_edge *e = &edges->edges[first], *f = &edges->edges[second];
    if (first == second || !zf_point_is_between(f->a, f->b, e->a) || zf_orient_exact(f->a, f->b, e->a) != 0)
        return ZF_OK;
    return add_split(r, list, second, f, e->a);
}

static zf_status split_own_by_own(relating *r, size_t first, size_t second) {
    return split_by_own(r, &r->own, &r->own_splits, first, second);
}

static zf_status split_other_by_other(relating *r, size_t first, size_t second) {
    return split_by_own(r, &r->other, &r->other_splits, first, second);
}

/** If p, which is on the line of e, is a point of e, the shapes meet. If it is not an end of e, e is split
 * there. */
static zf_status note_touch(relating *r, split_list *list, size_t edge, const zf_relate_edge *e, zf_point p) {
    if (zf_point_is_same(p, e->a) || zf_point_is_same(p, e->b)) {
        r->out->meet = true;
        return ZF_OK;
    }
    if (!zf_point_is_between(e->a, e->b, p))
        return ZF_OK;
    r->out->meet = true;
    return add_split(r, list, edge, e, p);
}

/** Notes whether an edge of one shape crosses or touches an edge of the other. */
static zf_status meet_pair(relating *r, size_t own, size_t other) {
    const zf_relate_edge *e = &r->own.edges[own], *f = &r->other.edges[other];
    if (zf_point_is_same(e->a, e->b) || zf_point_is_same(f->a, f->b))
        return ZF_OK;
    int ea = zf_orient_exact(f->a, f->b, e->a), eb = zf_orient_exact(f->a, f->b, e->b);
    if (ea * eb > 0)
        return ZF_OK;
    int fa = zf_orient_exact(e->a, e->b, f->a), fb = zf_orient_exact(e->a, e->b, f->b);
    if (fa * fb > 0)
        return ZF_OK;
    if (ea * eb < 0 && fa * fb < 0) {
        r->crosses = true;
        return ZF_OK;
    }
    zf_status st = ZF_OK;
    if (ea == 0)
        st = note_touch(r, &r->other_splits, other, f, e->a);
    if (st == ZF_OK && eb == 0)
        st = note_touch(r, &r->other_splits, other, f, e->b);
    if (st == ZF_OK && fa == 0)
        st = note_touch(r, &r->own_splits, own, e, f->a);
    if (st == ZF_OK && fb == 0)
        st = note_touch(r, &r->own_splits, own, e, f->b);
    return st;
}

/* ---- places of pieces ---- */

static int compare_points(zf_point a, zf_point b) {
    return a.x != b.x ? (a.x > b.x) - (a.x < b.x) : (a.y > b.y) - (a.y < b.y);
}

static int compare_spokes(const void *pa, const void *pb) {
    return compare_points(((const spoke *)pa)->from, ((const spoke *)pb)->from);
}

/** Every piece as seen from each of its ends, sorted by that end. */
static zf_status make_spokes(relating *r, const zf_relate_edges *edges, spoke **out, size_t *out_n) {
    spoke *spokes = NULL;
    zf_status st = zf_arena_take(r->scratch, 2 * edges->n, sizeof *spokes, &spokes, r->error);
    if (st != ZF_OK)
        return st;
    size_t n = 0;
    for (size_t i = 0; i < edges->n; i++) {
        const zf_relate_edge *e = &edges->edges[i];
        if (zf_point_is_same(e->a, e->b))
            continue;
        spokes[n++] = (spoke){e->a, e->b, e->is_interior_left};
        spokes[n++] = (spoke){e->b, e->a, !e->is_interior_left};
    }
    qsort(spokes, n, sizeof *spokes, compare_spokes);
    *out = spokes;
    *out_n = n;
    return ZF_OK;
}

/** The spokes that leave p: *out_n of them, 0 when p is no vertex of the shape. */
static const spoke *spokes_at(const spoke *spokes, size_t n, zf_point p, size_t *out_n) {
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (compare_points(spokes[middle].from, p) < 0)
            lo = middle + 1;
        else
            hi = middle;
    }
    size_t end = lo;
    while (end < n && zf_point_is_same(spokes[end].from, p))
        end++;
    *out_n = end - lo;
    return spokes + lo;
}

/** Turning clockwise from p->q, in which part of the turn p->to comes: 0 at once, then 1 (right of it), 2 (opposite),
 * 3 (left of it). */
static int turn_part(zf_point p, zf_point q, zf_point to) {
    int side = zf_orient_exact(p, q, to);
    if (side != 0)
        return side < 0 ? 1 : 3;
    bool is_ahead = q.x != p.x ? (q.x > p.x) == (to.x > p.x) : (q.y > p.y) == (to.y > p.y);
    return is_ahead ? 0 : 2;
}

/** Of the spokes at p the first that a clockwise turn from p->q comes to: p->q lies in the sector left of it. */
static const spoke *first_clockwise(const spoke *spokes, size_t n, zf_point p, zf_point q, bool *out_is_along) {
    const spoke *best = spokes;
    int best_part = turn_part(p, q, best->to);
    for (size_t i = 1; i < n; i++) {
        int part = turn_part(p, q, spokes[i].to);
        bool is_sooner = part != best_part ? part < best_part : zf_orient_exact(p, best->to, spokes[i].to) > 0;
        if (!is_sooner)
            continue;
        best = &spokes[i];
        best_part = part;
    }
    *out_is_along = best_part == 0;
    return best;
}

/** A shape in which pieces of the other are located. */
typedef struct locator {
    const spoke *spokes;
    size_t n_spokes;
    const zf_envelope *envelope; /**< outside of which nothing is inside; NULL: not known */
    bool (*is_inside)(const void *user, zf_point point);
    const void *user;
} locator;

/** Whether a piece lies inside, outside or on the boundary of the other shape. `before` is the piece
 * before it. */
static place locate_piece(const locator *l, const zf_relate_edge *piece, const zf_relate_edge *before, place before_place) {
    size_t n = 0;
    const spoke *at = spokes_at(l->spokes, l->n_spokes, piece->a, &n);
    if (n > 0) {
        bool is_along = false;
        const spoke *s = first_clockwise(at, n, piece->a, piece->b, &is_along);
        if (is_along)
            return s->is_interior_left == piece->is_interior_left ? PLACE_SAME : PLACE_OPPOSITE;
        return s->is_interior_left ? PLACE_INSIDE : PLACE_OUTSIDE;
    }
    if (before != NULL && zf_point_is_same(before->b, piece->a))
        return before_place; /* no boundary passes through this vertex */
    const zf_envelope *e = l->envelope;
    if (e != NULL && (piece->a.x < e->min_x || piece->a.x > e->max_x || piece->a.y < e->min_y || piece->a.y > e->max_y))
        return PLACE_OUTSIDE;
    return l->is_inside(l->user, piece->a) ? PLACE_INSIDE : PLACE_OUTSIDE;
}

static bool is_settled(const zf_relation *relation) {
    return relation->interiors_meet && !relation->is_covered;
}

/** Derives the relation from the positions of the subject's pieces. */
static zf_status judge_own(relating *r, const locator *zone) {
    const zf_relate_edge *before = NULL;
    place at = PLACE_OUTSIDE;
    size_t n_seen = 0;
    for (size_t i = 0; i < r->own.n && !is_settled(r->out); i++) {
        const zf_relate_edge *piece = &r->own.edges[i];
        zf_status st = check_cancel(r, &n_seen);
        if (st != ZF_OK)
            return st;
        if (zf_point_is_same(piece->a, piece->b))
            continue;
        at = locate_piece(zone, piece, before, at);
        before = piece;
        if (at == PLACE_INSIDE)
            r->out->interiors_meet = true;
        else if (at == PLACE_OUTSIDE)
            r->out->is_covered = false;
        else if (!r->subject->is_line && at == PLACE_SAME)
            r->out->interiors_meet = true;
        else if (!r->subject->is_line)
            r->out->is_covered = false;
    }
    return ZF_OK;
}

/** A piece of the zone's boundary inside the subject has the zone's interior on one side and its exterior on the
 * other. */
static zf_status judge_other(relating *r, const locator *subject) {
    const zf_relate_edge *before = NULL;
    place at = PLACE_OUTSIDE;
    size_t n_seen = 0;
    for (size_t i = 0; i < r->other.n && !is_settled(r->out); i++) {
        const zf_relate_edge *piece = &r->other.edges[i];
        zf_status st = check_cancel(r, &n_seen);
        if (st != ZF_OK)
            return st;
        if (zf_point_is_same(piece->a, piece->b))
            continue;
        at = locate_piece(subject, piece, before, at);
        before = piece;
        if (at == PLACE_INSIDE)
            *r->out = (zf_relation){true, true, false};
    }
    return ZF_OK;
}

static bool is_inside_edges(const void *user, zf_point point) {
    return zf_relate_is_inside(user, point);
}

/** Splits both shapes where they touch; r->crosses when there is nothing more to find out. */
static zf_status arrange(relating *r) {
    zf_status st = ZF_OK;
    if (r->subject->is_line) { /* what crosses an edge of the zone where another ring touches it may stay outside */
        st = visit_pairs(r, &r->other, &r->other, split_other_by_other);
        if (st == ZF_OK)
            st = split_edges(r, &r->other, &r->other_splits);
    }
    if (st == ZF_OK)
        st = visit_pairs(r, &r->own, &r->other, meet_pair);
    if (st == ZF_OK && r->out->meet && !r->crosses && !r->subject->is_line)
        st = visit_pairs(r, &r->other, &r->other, split_other_by_other);
    if (st == ZF_OK && r->out->meet && !r->crosses && !r->subject->is_line && r->subject->may_touch_self)
        st = visit_pairs(r, &r->own, &r->own, split_own_by_own);
    if (st != ZF_OK || r->crosses)
        return st;
    st = split_edges(r, &r->own, &r->own_splits);
    return st == ZF_OK ? split_edges(r, &r->other, &r->other_splits) : st;
}

/** Decides the relation from the places of all pieces. */
static zf_status judge(relating *r) {
    spoke *own = NULL, *other = NULL;
    size_t n_own = 0, n_other = 0;
    zf_status st = ZF_OK;
    if (r->out->meet) {
        st = make_spokes(r, &r->own, &own, &n_own);
        if (st == ZF_OK)
            st = make_spokes(r, &r->other, &other, &n_other);
    }
    if (st != ZF_OK)
        return st;
    const locator zone = {other, n_other, NULL, r->zone->is_inside, r->zone->user};
    const locator subject = {own, n_own, &r->subject->envelope, is_inside_edges, &r->subject->edges};
    r->out->is_covered = r->subject->edges.n > 0;
    st = judge_own(r, &zone);
    if (st == ZF_OK && !r->subject->is_line)
        st = judge_other(r, &subject);
    r->out->meet |= r->out->interiors_meet;
    return st;
}

zf_status zf_relate(const zf_relate_subject *subject, const zf_relate_zone *zone, zf_arena *scratch,
                    const zf_callbacks *callbacks, zf_relation *out, zf_error *error) {
    relating r = {.subject = subject,
                  .zone = zone,
                  .scratch = scratch,
                  .callbacks = callbacks,
                  .out = out,
                  .error = error,
                  .own = subject->edges,
                  .other = zone->near};
    zf_arena_mark mark = zf_arena_get_mark(scratch);
    *out = (zf_relation){false, false, false};
    zf_status st = arrange(&r);
    if (st == ZF_OK && r.crosses)
        *out = (zf_relation){true, true, false};
    else if (st == ZF_OK)
        st = judge(&r);
    free_splits(&r, &r.own_splits);
    free_splits(&r, &r.other_splits);
    zf_arena_rewind(scratch, mark);
    return st;
}

/* ---- edges of a polygon ---- */

bool zf_relate_is_inside(const zf_relate_edges *polygon, zf_point point) {
    bool is_inside = false;
    for (size_t i = 0; i < polygon->n; i++) {
        const zf_relate_edge *e = &polygon->edges[i];
        if ((e->a.y > point.y) == (e->b.y > point.y))
            continue;
        int side = zf_orient_exact(e->a, e->b, point); /* does a ray to the right pass through the edge? */
        is_inside ^= e->b.y > e->a.y ? side > 0 : side < 0;
    }
    return is_inside;
}

/** Do the n edges of a valid ring go round it counter-clockwise? Decided at its lowest, of these its leftmost vertex. */
static bool is_counter_clockwise(const zf_relate_edge *ring, size_t n) {
    size_t low = 0;
    for (size_t i = 1; i < n; i++)
        if (ring[i].a.y < ring[low].a.y || (ring[i].a.y == ring[low].a.y && ring[i].a.x < ring[low].a.x))
            low = i;
    size_t before = low, after = low;
    for (size_t i = 1; i < n && zf_point_is_same(ring[before].a, ring[low].a); i++)
        before = before > 0 ? before - 1 : n - 1;
    for (size_t i = 1; i < n && zf_point_is_same(ring[after].b, ring[low].a); i++)
        after = after + 1 < n ? after + 1 : 0;
    return zf_orient_exact(ring[before].a, ring[low].a, ring[after].b) > 0;
}

zf_status zf_relate_edges_of_wkb(const zf_wkb *wkb, zf_arena *arena, zf_relate_edges *out, size_t *out_n_rings,
                                 zf_error *error) {
    zf_relate_edge *edges = NULL;
    zf_status st = zf_arena_take(arena, wkb->n_points, sizeof *edges, &edges, error);
    if (st != ZF_OK)
        return st;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    zf_ring ring;
    size_t n = 0;
    *out_n_rings = 0;
    while (zf_wkb_next_ring(&cursor, &ring)) {
        size_t first = n;
        for (uint32_t i = 0; i + 1 < ring.n; i++, n++) {
            zf_ring_point(&ring, i, &edges[n].a.x, &edges[n].a.y);
            zf_ring_point(&ring, i + 1, &edges[n].b.x, &edges[n].b.y);
        }
        bool is_left = n > first && is_counter_clockwise(edges + first, n - first) == ring.is_shell;
        for (size_t i = first; i < n; i++)
            edges[i].is_interior_left = is_left;
        ++*out_n_rings;
    }
    *out = (zf_relate_edges){edges, n};
    return ZF_OK;
}
