/* SPDX-License-Identifier: MIT */
/* What the cells of a zone say of points and of edges near a box, against a look at all edges of the zone: zones of a few
 * and of thousands of parts, with crowded cells, on coarse and on the finest lattices. */
#include "effort.h"
#include "geometry/relate.h"
#include "unit/wkb_writer.h"
#include "zone/grid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ZONES = 32, POINTS = 60 };

static uint64_t seed = 20261201;

static unsigned draw(unsigned n) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 11) % n;
}

/** Where lattice points lie: origin + step * number. */
typedef struct lattice {
    double x, y, step;
} lattice;

static const lattice lattices[] = {{0, 0, 1},         {300000, 4700000, 0.25}, {-0x1p52, 0x1p51, 1}, {1, 2, 0x1p-51},
                                   {0, 0, 0x1p-1060}, {0, 0, 0x1p-300},        {-71.0625, 42.5, 0x1p-40}};

static void put_rectangle(wkb_writer *w, const lattice *l, const double at[4], bool is_clockwise) {
    double x0 = l->x + l->step * at[0], y0 = l->y + l->step * at[1], x1 = l->x + l->step * at[2], y1 = l->y + l->step * at[3];
    const double left[10] = {x0, y0, x1, y0, x1, y1, x0, y1, x0, y0}, right[10] = {x0, y0, x0, y1, x1, y1, x1, y0, x0, y0};
    wkb_put_ring(w, is_clockwise ? right : left, 5, 2);
}

/** Squares in rows, apart or touching at corners, half of them with a hole; perhaps one far away. */
static void put_squares(wkb_writer *w, const lattice *l, unsigned n_rows, bool is_far) {
    w->n = 0;
    wkb_put_header(w, WKB_MULTIPOLYGON, n_rows * n_rows + is_far);
    for (unsigned i = 0; i < n_rows * n_rows; i++) {
        double x = 4.0 * (i % n_rows) * (1 + (n_rows < 4)), y = 4.0 * (i / n_rows);
        bool has_hole = draw(2) == 0;
        wkb_put_header(w, WKB_POLYGON, 1 + has_hole);
        put_rectangle(w, l, (double[]){x, y, x + 3, y + 3}, draw(2));
        if (has_hole)
            put_rectangle(w, l, (double[]){x + 1, y + 1, x + 2, y + 2}, draw(2));
    }
    if (is_far) {
        wkb_put_header(w, WKB_POLYGON, 1);
        put_rectangle(w, l, (double[]){100000, 90000, 100001, 90001}, false);
    }
}

/** A comb: one ring of many teeth, sloping if it is not on the finest lattice. */
static void put_comb(wkb_writer *w, const lattice *l, unsigned n_teeth) {
    static double xy[16384];
    size_t n = 0;
    double top = l->y + l->step * 6;
    for (unsigned i = 0; i < n_teeth; i++) {
        xy[n++] = l->x + l->step * 2 * i;
        xy[n++] = l->y + l->step * (1 + draw(3));
        xy[n++] = l->x + l->step * (2 * i + 1);
        xy[n++] = l->y + l->step * (4 + draw(2));
    }
    const double ends[] = {l->x + l->step * 2 * n_teeth, top, l->x, top, xy[0], xy[1]};
    for (size_t i = 0; i < 6; i++)
        xy[n++] = ends[i];
    w->n = 0;
    wkb_put_header(w, WKB_POLYGON, 1);
    wkb_put_ring(w, xy, n / 2, 2);
}

static void put_zone(wkb_writer *w, const lattice *l) {
    switch (draw(4)) {
    case 0:
        put_squares(w, l, 1 + draw(4), false);
        return;
    case 1:
        put_squares(w, l, 2 + draw(20), true);
        return;
    case 2:
        put_comb(w, l, 3 + draw(20));
        return;
    default:
        put_comb(w, l, 100 + draw(900));
    }
}

static bool is_on_edges(const zf_relate_edges *all, zf_point p) {
    for (size_t i = 0; i < all->n; i++) {
        const zf_relate_edge *e = &all->edges[i];
        if (zf_point_is_same(p, e->a) || zf_point_is_same(p, e->b) ||
            (zf_orient_exact(e->a, e->b, p) == 0 && zf_point_is_between(e->a, e->b, p)))
            return true;
    }
    return false;
}

static void check_point(const zf_grid *grid, const zf_relate_edges *all, zf_point p) {
    bool is_inside = zf_relate_is_inside(all, p);
    if (zf_grid_is_inside(grid, p) != is_inside)
        fail_msg("(%a %a) is %s", p.x, p.y, is_inside ? "inside" : "outside");
    zf_side expected = is_on_edges(all, p) ? ZF_SIDE_UNSURE : is_inside ? ZF_SIDE_INSIDE : ZF_SIDE_OUTSIDE;
    assert_int_equal(zf_grid_locate_point(grid, p.x, p.y), expected);
}

/** Has an edge a point in the box? Its envelope meets the box, and the corners are not all on one side of it. */
static bool meets(const zf_relate_edge *e, const zf_envelope *box) {
    const zf_point corners[] = {{box->min_x, box->min_y}, {box->max_x, box->min_y}, {box->min_x, box->max_y}, {box->max_x, box->max_y}};
    zf_envelope of_edge = {e->a.x, e->a.y, e->a.x, e->a.y};
    int sum = 0;
    zf_envelope_add_point(&of_edge, e->b.x, e->b.y);
    for (int i = 0; i < 4; i++)
        sum += zf_orient_exact(e->a, e->b, corners[i]);
    return zf_envelope_overlaps(&of_edge, box) && abs(sum) < 4;
}

static bool is_same_edge(const zf_relate_edge *near, const zf_relate_edge *e) {
    return near->is_interior_left && (e->is_interior_left
                                          ? zf_point_is_same(near->a, e->a) && zf_point_is_same(near->b, e->b)
                                          : zf_point_is_same(near->a, e->b) && zf_point_is_same(near->b, e->a));
}

/** Every edge that meets the box is there once, with its interior on the left, and nothing else but edges of the zone. */
static void check_box(const zf_grid *grid, const zf_relate_edges *all, const zf_envelope *box, zf_arena *arena) {
    zf_relate_edges near;
    size_t n_found = 0;
    assert_int_equal(zf_grid_edges_near(grid, box, arena, &near, NULL), ZF_OK);
    for (size_t i = 0; i < all->n; i++) {
        size_t n = 0;
        for (size_t k = 0; k < near.n; k++)
            n += is_same_edge(&near.edges[k], &all->edges[i]);
        assert_true(n <= 1 && (n == 1 || !meets(&all->edges[i], box)));
        n_found += n;
    }
    assert_int_equal(n_found, near.n);
}

static void check_zone(const wkb_writer *w, const lattice *l, size_t *inout_crowded) {
    zf_wkb wkb;
    zf_arena arena, scratch;
    zf_grid *grid = NULL;
    zf_relate_edges all;
    size_t n_rings;
    assert_int_equal(zf_wkb_open(w->bytes, w->n, &wkb), ZF_WKB_POLYGONAL);
    zf_arena_init(&arena, NULL, ZF_MEMORY_ZONE, 4096);
    zf_arena_init(&scratch, NULL, ZF_MEMORY_ZONE, 4096);
    assert_int_equal(zf_grid_build(&wkb, draw(3) == 0 ? 8 : ZF_GRID_MAX_CELLS, &arena, &grid, NULL), ZF_OK);
    assert_true(arena.used_bytes <= zf_grid_forecast_bytes((uint32_t)wkb.n_points));
    *inout_crowded += grid != NULL && zf_grid_is_crowded(grid);
    assert_int_equal(zf_relate_edges_of_wkb(&wkb, &scratch, &all, &n_rings, NULL), ZF_OK);
    for (int i = 0; i < POINTS; i++) {
        const zf_relate_edge *e = &all.edges[draw((unsigned)all.n)];
        zf_point p = draw(3) == 0 ? e->a : (zf_point){e->a.x / 2 + e->b.x / 2, e->a.y / 2 + e->b.y / 2};
        if (draw(3) == 0)
            p = (zf_point){p.x + l->step * (draw(5) - 2.0) / 2, p.y + l->step * (draw(5) - 2.0) / 2};
        check_point(grid, &all, p);
        zf_envelope box = {p.x - l->step * draw(4), p.y - l->step * draw(4), p.x + l->step * draw(4), p.y + l->step * draw(9)};
        if (i % 12 == 0)
            check_box(grid, &all, &box, &scratch);
    }
    zf_arena_release(&scratch);
    zf_arena_release(&arena);
}

static void cells_say_what_all_edges_say(void **state) {
    (void)state;
    static wkb_writer w;
    size_t n_crowded = 0;
    int n = effort(ZONES);
    for (int i = 0; i < n; i++) {
        const lattice *l = &lattices[draw(sizeof lattices / sizeof *lattices)];
        put_zone(&w, l);
        check_zone(&w, l, &n_crowded);
    }
    assert_true(n_crowded > (size_t)n / 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(cells_say_what_all_edges_say)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
