/* SPDX-License-Identifier: MIT */
#include "geometry/overlay.h"
#include "geometry/double_double.h"

#include <stdlib.h>
#include <string.h>

enum { SLABS_PER_CANCEL_CHECK = 64, PAIRS_PER_CANCEL_CHECK = 8192 };

/** An edge that is not vertical, from left to right, in coordinates from the polygon's lower left corner. */
typedef struct strip_edge {
    zf_dd ax, ay, bx, by, slope;
    zf_dd floor_x;           /**< where it meets the floor, if it does */
    uint32_t owner;          /**< 0: the polygon; zone i: i + 1 */
    bool meets_floor;        /**< one end above the floor, the other on it or below */
    bool is_above_left;      /**< its left end is above the floor */
    zf_dd at_left, at_right; /**< y on both sides of the current slab */
} strip_edge;

/** Where a zone's boundary passes through the floor, which is the lower side of the polygon's envelope. */
typedef struct floor_mark {
    zf_dd x;
    uint32_t zone;
} floor_mark;

/** The areas so far. */
typedef struct areas {
    zf_dd *overlaps; /**< per zone */
    zf_dd whole, repeated, outside;
} areas;

/** The x at which slabs begin and end, ascending. */
typedef struct event_list {
    zf_dd *x;
    size_t n, cap;
} event_list;

/** Per zone, whether it holds what is looked at. */
typedef struct zone_flags {
    bool *floor;     /**< the floor at the current slab */
    bool *trapezoid; /**< the trapezoid at hand */
    size_t n;        /**< zones */
} zone_flags;

/** The state of one call. */
typedef struct sweep {
    zf_arena *scratch;
    const zf_callbacks *callbacks;
    zf_error *error;
    strip_edge *edges;
    size_t n_edges;
    event_list events;
    floor_mark *marks; /**< from left to right */
    size_t n_marks, next_mark;
    zone_flags is_inside;
    zf_point origin;
    zf_dd width;
    strip_edge **active;
    size_t n_active;
    areas areas;
} sweep;

/* ---- events ---- */

/** Adds an x to the list of events, which grows. */
static zf_status add_event(sweep *s, zf_dd x) {
    if (x.hi < 0 || zf_dd_compare(x, s->width) > 0)
        return ZF_OK;
    if (s->events.n == s->events.cap) {
        size_t cap = s->events.cap > 0 ? 2 * s->events.cap : 64;
        zf_dd *events = realloc(s->events.x, cap * sizeof *events);
        if (events == NULL)
            return zf_error_memory(s->error, cap * sizeof *events, "common areas");
        s->events.x = events;
        s->events.cap = cap;
    }
    s->events.x[s->events.n++] = x;
    return ZF_OK;
}

static int compare_events(const void *a, const void *b) {
    return zf_dd_compare(*(const zf_dd *)a, *(const zf_dd *)b);
}

static int compare_edges(const void *pa, const void *pb) {
    const strip_edge *a = pa, *b = pb;
    int by_x = zf_dd_compare(a->ax, b->ax);
    return by_x != 0 ? by_x : (a->owner > b->owner) - (a->owner < b->owner);
}

/** Adds the x where two edges cross as an event. A superfluous event changes nothing. */
static zf_status add_crossing(sweep *s, const strip_edge *e, const strip_edge *f) {
    zf_dd ex = zf_dd_subtract(e->bx, e->ax), ey = zf_dd_subtract(e->by, e->ay);
    zf_dd fx = zf_dd_subtract(f->bx, f->ax), fy = zf_dd_subtract(f->by, f->ay);
    zf_dd d = zf_dd_subtract(zf_dd_multiply(ex, fy), zf_dd_multiply(ey, fx));
    if (d.hi == 0)
        return ZF_OK;
    zf_dd gx = zf_dd_subtract(f->ax, e->ax), gy = zf_dd_subtract(f->ay, e->ay);
    zf_dd t = zf_dd_divide(zf_dd_subtract(zf_dd_multiply(gx, fy), zf_dd_multiply(gy, fx)), d);
    zf_dd u = zf_dd_divide(zf_dd_subtract(zf_dd_multiply(gx, ey), zf_dd_multiply(gy, ex)), d);
    const double most = 1 + 1e-20;
    if (t.hi < 0 || t.hi > most || u.hi < 0 || u.hi > most)
        return ZF_OK;
    return add_event(s, zf_dd_add(e->ax, zf_dd_multiply(t, ex)));
}

static bool are_apart_in_y(const strip_edge *e, const strip_edge *f) {
    return fmax(e->ay.hi, e->by.hi) < fmin(f->ay.hi, f->by.hi) ||
           fmax(f->ay.hi, f->by.hi) < fmin(e->ay.hi, e->by.hi);
}

/** All x at which an edge begins, ends, meets another or the floor. The edges are in order of their left
 * ends. */
static zf_status list_events(sweep *s) {
    size_t n_pairs = 0;
    zf_status st = add_event(s, zf_dd_of(0));
    if (st == ZF_OK)
        st = add_event(s, s->width);
    for (size_t i = 0; st == ZF_OK && i < s->n_marks; i++)
        st = add_event(s, s->marks[i].x);
    for (size_t i = 0; st == ZF_OK && i < s->n_edges; i++) {
        const strip_edge *e = &s->edges[i];
        st = add_event(s, e->ax);
        if (st == ZF_OK)
            st = add_event(s, e->bx);
        for (size_t k = i + 1; st == ZF_OK && k < s->n_edges && zf_dd_compare(s->edges[k].ax, e->bx) < 0;
             k++) {
            if (++n_pairs % PAIRS_PER_CANCEL_CHECK == 0)
                st = zf_check_cancelled(s->callbacks, s->error);
            if (st == ZF_OK && !are_apart_in_y(e, &s->edges[k]))
                st = add_crossing(s, e, &s->edges[k]);
        }
    }
    if (st == ZF_OK)
        qsort(s->events.x, s->events.n, sizeof *s->events.x, compare_events);
    return st;
}

/* ---- edges ---- */

/** Whether an edge meets the floor at its left end or left of it. */
static bool is_left_of_start(const zf_relate_edge *edge, zf_point start) {
    int side = zf_orient_exact(edge->a, edge->b, start);
    return edge->b.y > edge->a.y ? side <= 0 : side >= 0;
}

/** Adds an edge of the polygon or of a zone, and where it meets the floor. */
static void add_edge(sweep *s, const zf_relate_edge *edge, uint32_t owner) {
    bool is_rightwards = edge->a.x < edge->b.x;
    zf_point a = is_rightwards ? edge->a : edge->b, b = is_rightwards ? edge->b : edge->a;
    strip_edge e = {.ax = zf_dd_difference(a.x, s->origin.x),
                    .ay = zf_dd_difference(a.y, s->origin.y),
                    .bx = zf_dd_difference(b.x, s->origin.x),
                    .by = zf_dd_difference(b.y, s->origin.y),
                    .owner = owner,
                    .meets_floor = owner != 0 && (a.y > s->origin.y) != (b.y > s->origin.y),
                    .is_above_left = owner == 0 || a.y > s->origin.y};
    e.floor_x = e.ax;
    if (a.x != b.x) {
        e.slope = zf_dd_divide(zf_dd_subtract(e.by, e.ay), zf_dd_subtract(e.bx, e.ax));
        if (e.meets_floor) /* its slope is not 0 */
            e.floor_x = zf_dd_subtract(e.ax, zf_dd_divide(e.ay, e.slope));
        s->edges[s->n_edges++] = e;
    }
    if (!e.meets_floor)
        return;
    s->marks[s->n_marks++] = (floor_mark){e.floor_x, owner - 1};
    s->is_inside.floor[owner - 1] ^= is_left_of_start(edge, s->origin);
}

static int compare_marks(const void *a, const void *b) {
    return zf_dd_compare(((const floor_mark *)a)->x, ((const floor_mark *)b)->x);
}

/** Takes the arrays for all edges and zones. */
static zf_status take_storage(sweep *s, size_t n_edges) {
    zf_status st = zf_arena_take(s->scratch, n_edges, sizeof *s->edges, &s->edges, s->error);
    if (st == ZF_OK)
        st = zf_arena_take(s->scratch, n_edges, sizeof *s->active, &s->active, s->error);
    if (st == ZF_OK)
        st = zf_arena_take(s->scratch, n_edges, sizeof *s->marks, &s->marks, s->error);
    if (st == ZF_OK)
        st = zf_arena_take(s->scratch, s->is_inside.n, sizeof *s->areas.overlaps, &s->areas.overlaps,
                           s->error);
    if (st == ZF_OK)
        st = zf_arena_take(s->scratch, s->is_inside.n, sizeof *s->is_inside.floor, &s->is_inside.floor,
                           s->error);
    return st == ZF_OK ? zf_arena_take(s->scratch, s->is_inside.n, sizeof *s->is_inside.trapezoid,
                                       &s->is_inside.trapezoid, s->error)
                       : st;
}

/** Takes the edges of all, in order of their left ends. Which zones hold the floor left of all marks follows
 * from its left end and the marks left of that, whose sides are exact. */
static zf_status take_edges(sweep *s, const zf_relate_edges *polygon, const zf_relate_zone *zones) {
    size_t n = polygon->n;
    for (size_t z = 0; z < s->is_inside.n; z++)
        n += zones[z].near.n;
    zf_status st = take_storage(s, n);
    if (st != ZF_OK)
        return st;
    for (size_t i = 0; i < polygon->n; i++)
        add_edge(s, &polygon->edges[i], 0);
    for (size_t z = 0; z < s->is_inside.n; z++) {
        s->areas.overlaps[z] = zf_dd_of(0);
        s->is_inside.floor[z] = zones[z].is_inside(zones[z].user, s->origin);
        for (size_t i = 0; i < zones[z].near.n; i++)
            add_edge(s, &zones[z].near.edges[i], (uint32_t)z + 1);
    }
    qsort(s->edges, s->n_edges, sizeof *s->edges, compare_edges);
    qsort(s->marks, s->n_marks, sizeof *s->marks, compare_marks);
    return ZF_OK;
}

/* ---- slabs ---- */

/** Orders two edges by their heights in the slab. */
static int compare_heights(const void *pa, const void *pb) {
    const strip_edge *a = *(strip_edge *const *)pa, *b = *(strip_edge *const *)pb;
    zf_dd at_a = zf_dd_add(a->at_left, a->at_right), at_b = zf_dd_add(b->at_left, b->at_right);
    int by_height = zf_dd_compare(at_a, at_b);
    return by_height != 0 ? by_height : (a > b) - (a < b);
}

static zf_dd height_at(const strip_edge *e, zf_dd x) {
    return zf_dd_add(e->ay, zf_dd_multiply(zf_dd_subtract(x, e->ax), e->slope));
}

/** Is the edge above the floor in the slab around `middle`? */
static bool is_above_floor(const strip_edge *e, zf_dd middle) {
    return e->meets_floor ? (zf_dd_compare(middle, e->floor_x) < 0) == e->is_above_left : e->is_above_left;
}

/** Moves along the floor to the slab around `middle`. */
static void follow_floor(sweep *s, zf_dd middle) {
    for (; s->next_mark < s->n_marks && zf_dd_compare(s->marks[s->next_mark].x, middle) < 0; s->next_mark++)
        s->is_inside.floor[s->marks[s->next_mark].zone] ^= true;
    if (s->is_inside.n > 0)
        memcpy(s->is_inside.trapezoid, s->is_inside.floor, s->is_inside.n * sizeof *s->is_inside.trapezoid);
}

/** Adds the trapezoid between two neighbours to all that it belongs to. */
static void add_trapezoid(sweep *s, const strip_edge *low, const strip_edge *high, zf_dd half_width) {
    zf_dd sides =
        zf_dd_add(zf_dd_subtract(high->at_left, low->at_left), zf_dd_subtract(high->at_right, low->at_right));
    zf_dd area = zf_dd_multiply(sides, half_width);
    size_t n_in = 0;
    for (size_t z = 0; z < s->is_inside.n; z++)
        if (s->is_inside.trapezoid[z]) {
            s->areas.overlaps[z] = zf_dd_add(s->areas.overlaps[z], area);
            n_in++;
        }
    s->areas.whole = zf_dd_add(s->areas.whole, area);
    if (n_in == 0)
        s->areas.outside = zf_dd_add(s->areas.outside, area);
    for (; n_in > 1; n_in--)
        s->areas.repeated = zf_dd_add(s->areas.repeated, area);
}

/** Moves the edges above the floor to the front of active[], sorted by height; returns how many. */
static size_t list_slab(sweep *s, zf_dd left, zf_dd right, zf_dd middle) {
    size_t n = 0;
    for (size_t i = 0; i < s->n_active; i++) {
        strip_edge *e = s->active[i];
        if (!is_above_floor(e, middle))
            continue;
        e->at_left = height_at(e, left);
        e->at_right = height_at(e, right);
        s->active[i] = s->active[n];
        s->active[n++] = e;
    }
    qsort(s->active, n, sizeof *s->active, compare_heights);
    return n;
}

/** Adds the trapezoids of one slab, from the floor upwards. Each edge switches between inside and outside of
 * its shape. */
static void measure_slab(sweep *s, zf_dd left, zf_dd right) {
    zf_dd width = zf_dd_subtract(right, left), half = {width.hi / 2, width.lo / 2},
          middle = zf_dd_add(left, half);
    size_t n = list_slab(s, left, right, middle);
    follow_floor(s, middle);
    bool is_in_polygon = false;
    for (size_t i = 0; i < n; i++) {
        const strip_edge *e = s->active[i];
        if (e->owner == 0)
            is_in_polygon = !is_in_polygon;
        else
            s->is_inside.trapezoid[e->owner - 1] ^= true;
        if (is_in_polygon && i + 1 < n)
            add_trapezoid(s, e, s->active[i + 1], half);
    }
}

/** Goes through all slabs from left to right. */
static zf_status measure_slabs(sweep *s) {
    size_t next = 0;
    for (size_t i = 0; i + 1 < s->events.n; i++) {
        zf_dd left = s->events.x[i], right = s->events.x[i + 1];
        if (zf_dd_compare(left, right) >= 0)
            continue;
        if (i % SLABS_PER_CANCEL_CHECK == 0) {
            zf_status st = zf_check_cancelled(s->callbacks, s->error);
            if (st != ZF_OK)
                return st;
        }
        while (next < s->n_edges && zf_dd_compare(s->edges[next].ax, left) <= 0)
            s->active[s->n_active++] = &s->edges[next++];
        size_t n = 0;
        for (size_t k = 0; k < s->n_active; k++)
            if (zf_dd_compare(s->active[k]->bx, right) >= 0)
                s->active[n++] = s->active[k];
        s->n_active = n;
        measure_slab(s, left, right);
    }
    return ZF_OK;
}

zf_status zf_overlay_measure(const zf_relate_edges *polygon, const zf_envelope *envelope,
                             const zf_relate_zone *zones, size_t n_zones, zf_arena *scratch,
                             const zf_callbacks *callbacks, zf_overlay *out, zf_error *error) {
    sweep s = {.scratch = scratch,
               .callbacks = callbacks,
               .error = error,
               .is_inside.n = n_zones,
               .origin = {envelope->min_x, envelope->min_y},
               .width = zf_dd_difference(envelope->max_x, envelope->min_x)};
    zf_arena_mark mark = zf_arena_get_mark(scratch);
    zf_status st = take_edges(&s, polygon, zones);
    if (st == ZF_OK)
        st = list_events(&s);
    if (st == ZF_OK)
        st = measure_slabs(&s);
    if (st == ZF_OK) {
        for (size_t z = 0; z < n_zones; z++)
            out->overlaps[z] = fmax(s.areas.overlaps[z].hi, 0); /* shapes that only touch */
        out->whole = s.areas.whole.hi;
        out->repeated = fmax(s.areas.repeated.hi, 0);
        out->outside = fmax(s.areas.outside.hi, 0);
    }
    free(s.events.x);
    zf_arena_rewind(scratch, mark);
    return st;
}
