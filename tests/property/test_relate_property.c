/* SPDX-License-Identifier: MIT */
/*
 * How shapes lie to a zone, against arithmetic in fractions: both shapes are cut into vertical slabs between all x at
 * which an edge begins, ends or meets another; within a slab edges do not meet, so that one sample between each two of
 * them knows all of its face. Coordinates are small integers, or such in units in the last place of a large number,
 * which is the same shape to an exact predicate.
 */
#include "effort.h"
#include "geometry/overlay.h"
#include "geometry/relate.h"

#include <geos_c.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_EDGES = 64, MAX_EVENTS = 4096, CASES = 40000 };

__extension__ typedef __int128 wide;

/** A number n / d with d > 0. */
typedef struct fraction {
    wide n, d;
} fraction;

typedef struct integer_edge {
    int ax, ay, bx, by;
} integer_edge;

/** A polygon or a line on the integer grid. */
typedef struct shape {
    integer_edge edges[MAX_EDGES];
    int n, n_rings;
    int rings[8]; /* first edge of each, and the end */
    bool is_shell[8];
    bool is_line;
} shape;

static uint64_t seed = 20261130;

static unsigned draw(unsigned n) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 11) % n;
}

static int compare_fractions(fraction a, fraction b) {
    wide l = a.n * b.d, r = b.n * a.d;
    return (l > r) - (l < r);
}

static int sort_fractions(const void *a, const void *b) {
    return compare_fractions(*(const fraction *)a, *(const fraction *)b);
}

static long orient(const integer_edge *e, int x, int y) {
    return (long)(e->bx - e->ax) * (y - e->ay) - (long)(e->by - e->ay) * (x - e->ax);
}

static bool is_within_box(const integer_edge *e, int x, int y) {
    return (x - e->ax) * (x - e->bx) <= 0 && (y - e->ay) * (y - e->by) <= 0;
}

/** Have two closed segments a point in common? */
static bool segments_meet(const integer_edge *e, const integer_edge *f) {
    long a = orient(e, f->ax, f->ay), b = orient(e, f->bx, f->by), c = orient(f, e->ax, e->ay), d = orient(f, e->bx, e->by);
    if ((a == 0 && is_within_box(e, f->ax, f->ay)) || (b == 0 && is_within_box(e, f->bx, f->by)) ||
        (c == 0 && is_within_box(f, e->ax, e->ay)) || (d == 0 && is_within_box(f, e->bx, e->by)))
        return true;
    return ((a > 0 && b < 0) || (a < 0 && b > 0)) && ((c > 0 && d < 0) || (c < 0 && d > 0));
}

static fraction fraction_of(wide n, wide d) {
    return d > 0 ? (fraction){n, d} : (fraction){-n, -d};
}

/** x at which two lines that are not parallel meet. */
static bool crossing_x(const integer_edge *e, const integer_edge *f, fraction *out) {
    long dx = e->bx - e->ax, dy = e->by - e->ay, fx = f->bx - f->ax, fy = f->by - f->ay;
    long denominator = dx * fy - dy * fx;
    if (denominator == 0)
        return false;
    long t = (long)(f->ax - e->ax) * fy - (long)(f->ay - e->ay) * fx;
    *out = fraction_of((wide)e->ax * denominator + (wide)t * dx, denominator);
    return true;
}

static fraction y_at(const integer_edge *e, fraction x) {
    wide dx = e->bx - e->ax; /* y = ay + (x - ax) dy / dx */
    return fraction_of(e->ay * dx * x.d + (x.n - e->ax * x.d) * (e->by - e->ay), dx * x.d);
}

/** Edges of both shapes, and the x of all events. */
static int list_events(const shape *s, const shape *t, fraction *events) {
    const integer_edge *all[2 * MAX_EDGES];
    int n = 0, n_events = 0;
    for (int i = 0; i < s->n; i++)
        all[n++] = &s->edges[i];
    for (int i = 0; i < t->n; i++)
        all[n++] = &t->edges[i];
    for (int i = 0; i < n; i++) {
        events[n_events++] = (fraction){all[i]->ax, 1};
        for (int k = 0; k < i; k++)
            if (segments_meet(all[i], all[k]) && crossing_x(all[i], all[k], &events[n_events]))
                n_events++;
    }
    qsort(events, (size_t)n_events, sizeof *events, sort_fractions);
    return n_events;
}

/** Is a point that lies on no edge inside? Edges below it are counted. */
static bool is_inside(const shape *s, fraction x, fraction y) {
    bool inside = false;
    for (int i = 0; i < s->n; i++) {
        const integer_edge *e = &s->edges[i];
        bool a_left = compare_fractions((fraction){e->ax, 1}, x) < 0, b_left = compare_fractions((fraction){e->bx, 1}, x) < 0;
        if (a_left != b_left)
            inside ^= compare_fractions(y_at(e, x), y) < 0;
    }
    return inside;
}

static fraction between(fraction a, fraction b) {
    return (fraction){a.n * b.d + b.n * a.d, 2 * a.d * b.d};
}

static long double number(fraction f) {
    return (long double)f.n / (long double)f.d;
}

/** What both shapes have to do with each other. */
typedef struct facts {
    zf_relation relation;
    long double whole, overlap; /* areas of the first, and of what both have in common */
} facts;

/** Looks at a point of each face in the slab around x. */
static void sample_slab(const shape *s, const shape *t, fraction x, fraction width, facts *sums) {
    zf_relation *out = &sums->relation;
    fraction ys[2 * MAX_EDGES];
    int n = 0;
    for (int side = 0; side < 2; side++) {
        const shape *one = side == 0 ? s : t;
        for (int i = 0; i < one->n; i++) {
            const integer_edge *e = &one->edges[i];
            bool a_left = compare_fractions((fraction){e->ax, 1}, x) < 0, b_left = compare_fractions((fraction){e->bx, 1}, x) < 0;
            if (a_left != b_left)
                ys[n++] = y_at(e, x);
        }
    }
    qsort(ys, (size_t)n, sizeof *ys, sort_fractions);
    for (int i = 0; i + 1 < n; i++) {
        if (compare_fractions(ys[i], ys[i + 1]) == 0)
            continue;
        fraction y = between(ys[i], ys[i + 1]);
        bool in_s = is_inside(s, x, y), in_t = is_inside(t, x, y);
        out->interiors_meet |= in_s && in_t;
        out->is_covered &= !in_s || in_t;
        long double area = number(width) * (number(ys[i + 1]) - number(ys[i])); /* the slab's heights at its middle */
        sums->whole += in_s ? area : 0;
        sums->overlap += in_s && in_t ? area : 0;
    }
}

static facts relate_polygons_slowly(const shape *s, const shape *t) {
    static fraction events[MAX_EVENTS];
    facts out = {{false, false, true}, 0, 0};
    int n = list_events(s, t, events);
    for (int i = 0; i + 1 < n; i++) {
        fraction a = events[i], b = events[i + 1];
        if (compare_fractions(a, b) < 0)
            sample_slab(s, t, between(a, b), (fraction){b.n * a.d - a.n * b.d, a.d * b.d}, &out);
    }
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < t->n; k++)
            out.relation.meet |= segments_meet(&s->edges[i], &t->edges[k]);
    out.relation.meet |= out.relation.interiors_meet;
    return out;
}

/** Place of a point in fractions: 1 inside, 0 on the boundary, -1 outside. */
static int place_of(const shape *t, fraction x, fraction y) {
    bool inside = false;
    for (int i = 0; i < t->n; i++) {
        const integer_edge *e = &t->edges[i];
        int a = compare_fractions((fraction){e->ax, 1}, x), b = compare_fractions((fraction){e->bx, 1}, x);
        if (e->ax == e->bx) {
            int lo = e->ay < e->by ? e->ay : e->by, hi = e->ay < e->by ? e->by : e->ay;
            if (a == 0 && compare_fractions((fraction){lo, 1}, y) <= 0 && compare_fractions(y, (fraction){hi, 1}) <= 0)
                return 0;
            continue;
        }
        if (a * b > 0)
            continue;
        int above = compare_fractions(y, y_at(e, x));
        if (above == 0)
            return 0;
        if ((a < 0) != (b < 0) && above > 0)
            inside = !inside;
    }
    return inside ? 1 : -1;
}

/** The same of a line: each edge is cut where it meets the zone, and the middle of each piece is looked at. */
static facts relate_line_slowly(const shape *s, const shape *t) {
    zf_relation out = {false, false, true};
    long double whole = 0, inside = 0;
    for (int i = 0; i < s->n; i++) {
        const integer_edge *e = &s->edges[i];
        fraction at[2 * MAX_EDGES + 2] = {{0, 1}, {1, 1}}; /* along the edge */
        int n = 2;
        for (int k = 0; k < t->n; k++) {
            const integer_edge *f = &t->edges[k];
            if (!segments_meet(e, f))
                continue;
            out.meet = true;
            long dx = e->bx - e->ax, dy = e->by - e->ay, fx = f->bx - f->ax, fy = f->by - f->ay, d = dx * fy - dy * fx;
            if (d != 0) {
                at[n++] = fraction_of((long)(f->ax - e->ax) * fy - (long)(f->ay - e->ay) * fx, d);
                continue;
            }
            long length = dx * dx + dy * dy;
            const int ends[2][2] = {{f->ax, f->ay}, {f->bx, f->by}};
            for (int j = 0; j < 2; j++) {
                long along = (ends[j][0] - e->ax) * dx + (ends[j][1] - e->ay) * dy;
                if (along > 0 && along < length)
                    at[n++] = (fraction){along, length};
            }
        }
        qsort(at, (size_t)n, sizeof *at, sort_fractions);
        long double edge_length = hypotl(e->bx - e->ax, e->by - e->ay);
        whole += edge_length;
        for (int k = 0; k + 1 < n; k++) {
            if (compare_fractions(at[k], at[k + 1]) == 0)
                continue;
            fraction m = between(at[k], at[k + 1]);
            fraction x = {e->ax * m.d + (e->bx - e->ax) * m.n, m.d}, y = {e->ay * m.d + (e->by - e->ay) * m.n, m.d};
            int place = place_of(t, x, y);
            out.interiors_meet |= place > 0;
            out.is_covered &= place >= 0;
            inside += place >= 0 ? edge_length * (number(at[k + 1]) - number(at[k])) : 0;
        }
    }
    out.meet |= out.interiors_meet;
    return (facts){out, whole, inside};
}

/* ---- random shapes ---- */

static GEOSContextHandle_t geos;

static GEOSGeometry *ring_of(const shape *s, int r) {
    unsigned n = (unsigned)(s->rings[r + 1] - s->rings[r]);
    GEOSCoordSequence *points = GEOSCoordSeq_create_r(geos, n + 1, 2);
    for (unsigned i = 0; i <= n; i++) {
        const integer_edge *e = &s->edges[s->rings[r] + (int)(i % n)];
        GEOSCoordSeq_setXY_r(geos, points, i, e->ax, e->ay);
    }
    return GEOSGeom_createLinearRing_r(geos, points);
}

static bool is_valid(const shape *s) {
    GEOSGeometry *polygons[8], *holes[8];
    unsigned n = 0;
    for (int r = 0; r < s->n_rings;) {
        GEOSGeometry *shell = ring_of(s, r++);
        unsigned n_holes = 0;
        while (r < s->n_rings && !s->is_shell[r])
            holes[n_holes++] = ring_of(s, r++);
        polygons[n++] = GEOSGeom_createPolygon_r(geos, shell, holes, n_holes);
    }
    GEOSGeometry *all = GEOSGeom_createCollection_r(geos, GEOS_MULTIPOLYGON, polygons, n);
    bool valid = GEOSisValid_r(geos, all) == 1;
    GEOSGeom_destroy_r(geos, all);
    return valid;
}

static void add_ring(shape *s, unsigned size, bool is_shell) {
    int x[8], y[8], n = 3 + (int)draw(4);
    for (int i = 0; i < n; i++) {
        x[i] = (int)draw(size);
        y[i] = (int)draw(size);
    }
    s->is_shell[s->n_rings] = is_shell;
    s->rings[s->n_rings++] = s->n;
    for (int i = 0; i < n; i++)
        s->edges[s->n++] = (integer_edge){x[i], y[i], x[(i + 1) % n], y[(i + 1) % n]};
    s->rings[s->n_rings] = s->n;
}

/** Does a vertex of one ring lie on an edge of another, between its ends? */
static bool touches_itself(const shape *s) {
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < s->n; k++) {
            const integer_edge *e = &s->edges[i], *f = &s->edges[k];
            if (orient(e, f->ax, f->ay) == 0 && is_within_box(e, f->ax, f->ay) && (f->ax != e->ax || f->ay != e->ay) &&
                (f->ax != e->bx || f->ay != e->by))
                return true;
        }
    return false;
}

/** A valid polygon or multipolygon, often with holes; half of them with rings that touch within an edge. */
static void draw_polygon(shape *out, unsigned size) {
    bool is_touching = draw(2) == 0 && size > 3;
    int n_rings = is_touching ? 2 + (int)draw(2) : 1 + (int)draw(3) / 2;
    do {
        *out = (shape){.n = 0};
        add_ring(out, size, true);
        while (out->n_rings < n_rings)
            add_ring(out, size, draw(2) == 0);
    } while ((is_touching && !touches_itself(out)) || !is_valid(out));
}

static void draw_line(shape *out, unsigned size) {
    *out = (shape){.is_line = true, .n_rings = 1};
    int x = (int)draw(size), y = (int)draw(size), n = 1 + (int)draw(4);
    while (out->n < n) {
        int to_x = (int)draw(size), to_y = (int)draw(size);
        if (to_x == x && to_y == y)
            continue;
        out->edges[out->n++] = (integer_edge){x, y, to_x, to_y};
        x = to_x;
        y = to_y;
    }
}

/* ---- the shapes in doubles ---- */

/** Integers become doubles: x = base_x + k * step, without rounding. */
typedef struct lattice {
    double base_x, base_y, step;
    bool is_mirrored, is_swapped;
} lattice;

static zf_point on_lattice(const lattice *l, int x, int y) {
    double px = l->base_x + (l->is_mirrored ? -x : x) * l->step, py = l->base_y + y * l->step;
    return l->is_swapped ? (zf_point){py, px} : (zf_point){px, py};
}

typedef struct drawn {
    zf_relate_edge edges[MAX_EDGES];
    zf_relate_edges list;
    zf_envelope envelope;
} drawn;

static long twice_area(const shape *s, int r) {
    long sum = 0;
    for (int i = s->rings[r]; i < s->rings[r + 1]; i++)
        sum += (long)s->edges[i].ax * s->edges[i].by - (long)s->edges[i].bx * s->edges[i].ay;
    return sum;
}

static void draw_on(const shape *s, const lattice *l, bool is_reversed, drawn *out) {
    out->envelope = zf_envelope_empty();
    for (int r = 0; r < s->n_rings; r++) {
        int first = s->is_line ? 0 : s->rings[r], end = s->is_line ? s->n : s->rings[r + 1];
        bool is_left = s->is_line || (((twice_area(s, r) > 0) == s->is_shell[r]) != (l->is_mirrored != l->is_swapped));
        for (int i = first; i < end; i++) {
            const integer_edge *e = &s->edges[is_reversed ? end - 1 - (i - first) : i];
            zf_point a = on_lattice(l, e->ax, e->ay), b = on_lattice(l, e->bx, e->by);
            out->edges[i] = is_reversed ? (zf_relate_edge){b, a, !is_left} : (zf_relate_edge){a, b, is_left};
            zf_envelope_add_point(&out->envelope, a.x, a.y);
            zf_envelope_add_point(&out->envelope, b.x, b.y);
        }
    }
    out->list = (zf_relate_edges){out->edges, (size_t)s->n};
}

static bool is_inside_drawn(const void *user, zf_point point) {
    return zf_relate_is_inside(&((const drawn *)user)->list, point);
}

static zf_relation relate_on(const shape *s, const drawn *a, const drawn *b, zf_arena *arena) {
    zf_relation out;
    zf_relate_subject subject = {a->list, s->is_line, s->is_line || s->n_rings > 1, a->envelope};
    zf_relate_zone zone = {b->list, is_inside_drawn, b};
    assert_int_equal(zf_relate(&subject, &zone, arena, NULL, &out, NULL), ZF_OK);
    return out;
}

static void print_shape(const char *what, const shape *s) {
    print_message("%s:", what);
    for (int i = 0; i < s->n; i++)
        print_message(" (%d %d, %d %d)", s->edges[i].ax, s->edges[i].ay, s->edges[i].bx, s->edges[i].by);
    print_message("\n");
}

static bool is_near(double found, long double expected, long double least) {
    return fabsl((long double)found - expected) <= 1e-12L * expected + least;
}

/** Areas of the same zone twice: what is counted again is the overlap. */
static void check_areas(const shape *s, const shape *t, const drawn *a, const drawn *b, const facts *expected, double step,
                        zf_arena *arena) {
    double overlaps[2];
    zf_overlay found = {.overlaps = overlaps};
    const zf_relate_zone zones[2] = {{b->list, is_inside_drawn, b}, {b->list, is_inside_drawn, b}};
    assert_int_equal(zf_overlay_measure(&a->list, &a->envelope, zones, 2, arena, NULL, &found, NULL), ZF_OK);
    long double unit = (long double)step * step, box = 600 * unit, whole = expected->whole * unit, overlap = expected->overlap * unit;
    bool is_right = is_near(found.whole, whole, 0) && is_near(overlaps[0], overlap, 1e-25L * box) && overlaps[1] == overlaps[0] &&
                    is_near(found.repeated, overlap, 1e-25L * box) && is_near(found.outside, whole - overlap, 1e-18L * box) &&
                    overlaps[0] >= 0;
    if (is_right)
        return;
    print_shape("polygon", s);
    print_shape("zone", t);
    fail_msg("step %g: whole %.17g for %.17Lg, overlap %.17g for %.17Lg, repeated %.17g, outside %.17g", step, found.whole, whole,
             overlaps[0], overlap, found.repeated, found.outside);
}

/** Length of a line within the zone, its boundary included. */
static void check_length(const shape *s, const shape *t, const drawn *a, const drawn *b, const facts *expected, double step,
                         zf_arena *arena) {
    zf_line_overlay found;
    const zf_relate_zone zone = {b->list, is_inside_drawn, b};
    assert_int_equal(zf_overlay_measure_line(&a->list, &a->envelope, &zone, arena, NULL, &found, NULL), ZF_OK);
    if (is_near(found.whole, expected->whole * step, 0) && is_near(found.inside, expected->overlap * step, 1e-18L * step))
        return;
    print_shape("line", s);
    print_shape("zone", t);
    fail_msg("step %g: inside %.17g for %.17Lg", step, found.inside, expected->overlap * step);
}

static void check_pair(const shape *s, const shape *t, zf_arena *arena) {
    static const lattice lattices[] = {{0, 0, 1, false, false},
                                       {-0x1p52, 0x1p51, 1, true, false},
                                       {1, -2, 0x1p-52, false, true}, /* numbers above -2 are half as far apart */
                                       {0, 0, 0x1p-200, true, true},
                                       {0, 0, 0x1p-1070, false, true}, /* all products vanish */
                                       {-71.0625, 42.5, 0x1p-40, false, false}};
    const lattice *l = &lattices[draw(sizeof lattices / sizeof *lattices)];
    drawn a, b;
    draw_on(s, l, draw(2) == 0, &a);
    draw_on(t, l, draw(2) == 0, &b);
    facts expected = s->is_line ? relate_line_slowly(s, t) : relate_polygons_slowly(s, t);
    zf_relation found = relate_on(s, &a, &b, arena);
    if (memcmp(&found, &expected.relation, sizeof found) != 0) {
        print_shape("subject", s);
        print_shape("zone", t);
        fail_msg("meet %d for %d, interiors %d for %d, covered %d for %d", found.meet, expected.relation.meet,
                 found.interiors_meet, expected.relation.interiors_meet, found.is_covered, expected.relation.is_covered);
    }
    if (s->is_line && l->step > 0x1p-1000)
        check_length(s, t, &a, &b, &expected, l->step, arena);
    else if (!s->is_line && l->step > 0x1p-1000)
        check_areas(s, t, &a, &b, &expected, l->step, arena);
}

static void polygons_and_lines_lie_as_fractions_say(void **state) {
    (void)state;
    static shape pool[512], lines[64];
    zf_arena arena;
    zf_arena_init(&arena, NULL, ZF_MEMORY_ZONE, 64 * 1024);
    const unsigned sizes[] = {3, 4, 5, 6, 9, 24};
    size_t n = (size_t)effort(CASES), n_met = 0;
    for (size_t i = 0; i < n; i++) {
        if (i % 200000 == 0) { /* each pair of a pool is one case */
            for (size_t k = 0; k < 512; k++)
                draw_polygon(&pool[k], sizes[draw(6)]);
            for (size_t k = 0; k < 64; k++)
                draw_line(&lines[k], sizes[draw(6)]);
        }
        const shape *zone = &pool[draw(512)];
        const shape *subject = draw(4) == 0 ? &lines[draw(64)] : &pool[draw(512)];
        check_pair(subject, zone, &arena);
        n_met++;
    }
    assert_true(n_met == n);
    zf_arena_release(&arena);
}

int main(void) {
    geos = GEOS_init_r();
    const struct CMUnitTest tests[] = {cmocka_unit_test(polygons_and_lines_lie_as_fractions_say)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    GEOS_finish_r(geos);
    return failed;
}
