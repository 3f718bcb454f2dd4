/* SPDX-License-Identifier: MIT */
/* The stretches of outlines that run beside the outline of another footprint. */
#include "geometry/footprints_internal.h"

#include <stdlib.h>
#include <string.h>

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

/** The stretch of s beside which t runs, as parts of s; false if there is none. */
static bool find_stretch(const zf_segment *s, const zf_segment *t, double tolerance_m, zf_wall *out) {
    double dx = s->bx - s->ax, dy = s->by - s->ay, length2 = dx * dx + dy * dy;
    double dot_a = (t->ax - s->ax) * dx + (t->ay - s->ay) * dy, dot_b = (t->bx - s->ax) * dx + (t->by - s->ay) * dy;
    if (!(length2 > 0) || zf_greater(dot_a, dot_b) <= 0 || zf_lesser(dot_a, dot_b) >= length2)
        return false; /* t ends before s begins, or begins where s ends: most edges that meet at a corner */
    double length_m = sqrt(length2);
    dx /= length_m, dy /= length_m;
    double side_a = (t->ax - s->ax) * dy - (t->ay - s->ay) * dx;
    double side_b = (t->bx - s->ax) * dy - (t->by - s->ay) * dx;
    double along_a = (t->ax - s->ax) * dx + (t->ay - s->ay) * dy;
    double along_b = (t->bx - s->ax) * dx + (t->by - s->ay) * dy;
    double from = 0, to = 1;
    if (zf_lesser(side_a, side_b) > tolerance_m || zf_greater(side_a, side_b) < -tolerance_m)
        return false;
    clip(side_a, side_b, tolerance_m, &from, &to);
    if (!(from < to))
        return false;
    double first = along_a + from * (along_b - along_a), last = along_a + to * (along_b - along_a);
    out->from = zf_greater(zf_lesser(first, last), 0) / length_m;
    out->to = zf_lesser(zf_greater(first, last), length_m) / length_m;
    return out->from < out->to;
}

zf_status zf_wall_list_create(zf_arena *arena, zf_wall_list *out, zf_error *error) {
    *out = (zf_wall_list){.arena = arena, .cap = ZF_WALL_LIST_CAP};
    return zf_arena_take(arena, out->cap, sizeof *out->items, &out->items, error);
}

static zf_status append(zf_wall_list *list, size_t edge, const zf_wall *wall, zf_error *error) {
    if (list->n == list->cap) {
        zf_wall *larger = NULL;
        zf_status st = zf_arena_take(list->arena, 2 * list->cap, sizeof *larger, &larger, error);
        if (st != ZF_OK)
            return st;
        memcpy(larger, list->items, list->n * sizeof *larger);
        list->items = larger;
        list->cap *= 2;
    }
    list->items[list->n++] = (zf_wall){(uint32_t)edge, wall->from, wall->to};
    return ZF_OK;
}

/** What one comparison of two outlines works on. */
typedef struct comparison {
    const zf_view *a, *b;
    double tolerance_m;
    zf_wall_list *of_a, *of_b;
    zf_error *error;
} comparison;

/** Adds the stretches of one edge of a, and those of b beside it. */
static zf_status compare_edge(const comparison *c, size_t edge_a) {
    zf_segment s = zf_view_edge(c->a, edge_a);
    zf_envelope box_s = zf_segment_box(&s);
    const zf_footprints *f = c->b->footprints;
    double near2 = 2 * c->tolerance_m * c->tolerance_m;
    zf_status st = ZF_OK;
    if (zf_boxes_gap2(&box_s, &c->b->box) > near2)
        return ZF_OK;
    for (size_t ring = c->b->first_ring; ring < c->b->end_ring; ring++)
        for (size_t i = f->ring_start[ring]; st == ZF_OK && i + 1 < f->ring_start[ring + 1]; i++) {
            zf_segment t = zf_view_edge(c->b, i);
            zf_envelope box_t = zf_segment_box(&t);
            zf_wall wall;
            if (zf_boxes_gap2(&box_s, &box_t) > near2)
                continue;
            if (find_stretch(&s, &t, c->tolerance_m, &wall))
                st = append(c->of_a, edge_a, &wall, c->error);
            if (st == ZF_OK && find_stretch(&t, &s, c->tolerance_m, &wall))
                st = append(c->of_b, i, &wall, c->error);
        }
    return st;
}

static int compare_walls(const void *pa, const void *pb) {
    const zf_wall *a = pa, *b = pb;
    if (a->edge != b->edge)
        return a->edge < b->edge ? -1 : 1;
    return a->from != b->from ? (a->from > b->from) - (a->from < b->from) : (a->to > b->to) - (a->to < b->to);
}

/** Sorts stretches; mostly there are a few. */
static void sort_walls(zf_wall *walls, size_t n) {
    enum { FEW = 32 };
    if (n > FEW) {
        qsort(walls, n, sizeof *walls, compare_walls);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        zf_wall moving = walls[i];
        size_t at = i;
        for (; at > 0 && compare_walls(&walls[at - 1], &moving) > 0; at--)
            walls[at] = walls[at - 1];
        walls[at] = moving;
    }
}

/** Length of all stretches from number `first` on, each place counted once. Sorts them. */
static double sum_stretches(zf_wall_list *list, size_t first, const zf_view *outline) {
    double sum_m = 0;
    sort_walls(list->items + first, list->n - first);
    for (size_t i = first; i < list->n;) {
        uint32_t edge = list->items[i].edge;
        zf_segment s = zf_view_edge(outline, edge);
        double part = 0, reached = 0;
        for (; i < list->n && list->items[i].edge == edge; i++) {
            const zf_wall *wall = &list->items[i];
            part += zf_greater(wall->to - zf_greater(wall->from, reached), 0);
            reached = zf_greater(reached, wall->to);
        }
        sum_m += zf_lesser(part, 1) * sqrt((s.bx - s.ax) * (s.bx - s.ax) + (s.by - s.ay) * (s.by - s.ay));
    }
    return sum_m;
}

zf_status zf_footprints_add_walls(const zf_footprints *footprints, size_t a, size_t b, double tolerance_m,
                                  zf_wall_list *of_a, zf_wall_list *of_b, double *out_m, zf_error *error) {
    zf_pair_view pair;
    zf_pair_view_init(&pair, footprints, a, b);
    comparison c = {&pair.a, &pair.b, tolerance_m, of_a, of_b, error};
    size_t first = of_a->n;
    zf_status st = ZF_OK;
    of_b->n = 0;
    for (size_t ring = pair.a.first_ring; ring < pair.a.end_ring; ring++)
        for (size_t i = footprints->ring_start[ring]; st == ZF_OK && i + 1 < footprints->ring_start[ring + 1]; i++)
            st = compare_edge(&c, i);
    if (st == ZF_OK && of_a->n > first)
        *out_m = zf_lesser(sum_stretches(of_a, first, &pair.a), sum_stretches(of_b, 0, &pair.b));
    else
        *out_m = 0;
    return st;
}

double zf_footprints_walls_m(const zf_footprints *footprints, size_t footprint, zf_wall_list *walls) {
    if (walls->n == 0)
        return 0;
    zf_pair_view pair;
    zf_pair_view_init(&pair, footprints, footprint, footprint);
    return sum_stretches(walls, 0, &pair.a);
}
