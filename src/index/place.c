/* SPDX-License-Identifier: MIT */
/* Searches from a place that is not a point of the tree: the nearest point, and the number of points within a
 * radius. */
#include "index/points_internal.h"

#include <math.h>

/** Called for each point within the limit; returns the limit from then on. */
typedef double (*visit_near)(void *user, uint32_t row, double distance_m);

/** Distance from a number to a range; 0 inside. */
static double gap_m(double at, double low, double high) {
    return at < low ? low - at : at > high ? at - high : 0.0;
}

/** Whether a child may hold points within the limit. */
static bool may_hold(const zf_index_node *node, unsigned slot, const double *xyz_m, double limit_m) {
    double dx = gap_m(xyz_m[0], node->min_x[slot], node->max_x[slot]);
    double dy = gap_m(xyz_m[1], node->min_y[slot], node->max_y[slot]);
    double m2 = dx * dx + dy * dy;
    return !(m2 - m2 * ZF_POINTS_SLACK > limit_m * limit_m);
}

/** Visits the points of a leaf that are within the limit; returns the limit from then on. */
static double search_leaf(const zf_points *points, uint32_t number, const double *xyz_m, double limit_m,
                          visit_near visit, void *user) {
    const zf_point_leaf *leaf = &points->leaves[number];
    unsigned n = zf_point_leaf_count(points, number);
    for (unsigned i = 0; i < n; i++) {
        double dx = leaf->x[i] - xyz_m[0], dy = leaf->y[i] - xyz_m[1], dz = leaf->z[i] - xyz_m[2];
        double distance_m = sqrt(dx * dx + dy * dy + dz * dz);
        if (distance_m <= limit_m)
            limit_m = visit(user, zf_point_leaf_rows(points, number)[i], distance_m);
    }
    return limit_m;
}

/** Visits all points within the limit, which visits may lower. */
static void search(const zf_points *points, const double *xyz_m, double limit_m, visit_near visit,
                   void *user) {
    uint32_t stack[ZF_INDEX_MAX_PENDING];
    size_t n_pending = 0;
    if (points->n > 0)
        stack[n_pending++] = points->n_leaves + points->n_nodes - 1;
    while (n_pending > 0) {
        uint32_t number = stack[--n_pending];
        if (number < points->n_leaves) {
            limit_m = search_leaf(points, number, xyz_m, limit_m, visit, user);
            continue;
        }
        const zf_index_node *node = &points->nodes[number - points->n_leaves];
        for (unsigned i = 0; i < ZF_INDEX_FANOUT && node->child[i] != ZF_NO_ROW; i++)
            if (may_hold(node, i, xyz_m, limit_m))
                stack[n_pending++] = node->child[i];
    }
}

typedef struct best {
    double distance_m;
    uint32_t row;
} best;

/** Keeps a point if it is nearer, or as near with a lower row. */
static double keep_nearest(void *user, uint32_t row, double distance_m) {
    best *b = user;
    if (distance_m < b->distance_m || (distance_m == b->distance_m && row < b->row))
        *b = (best){distance_m, row};
    return b->distance_m;
}

double zf_points_nearest_to(const zf_points *points, const double *xyz_m, double limit_m, uint32_t *out_row) {
    best b = {INFINITY, ZF_NO_ROW};
    search(points, xyz_m, limit_m, keep_nearest, &b);
    *out_row = b.row;
    return b.distance_m;
}

typedef struct near_count {
    double radius_m;
    uint32_t n;
} near_count;

/** Counts a point. */
static double count(void *user, uint32_t row, double distance_m) {
    near_count *c = user;
    (void)row;
    (void)distance_m;
    c->n++;
    return c->radius_m;
}

uint32_t zf_points_count_near(const zf_points *points, const double *xyz_m, double radius_m) {
    near_count c = {radius_m, 0};
    search(points, xyz_m, radius_m, count, &c);
    return c.n;
}

zf_status zf_points_each(const zf_points *points, zf_points_visit visit, void *user,
                         const zf_callbacks *callbacks, zf_error *error) {
    for (uint32_t number = 0; number < points->n_leaves; number++) {
        const zf_point_leaf *leaf = &points->leaves[number];
        zf_status status = zf_points_check_cancelled(number, callbacks, error);
        if (status != ZF_OK)
            return status;
        for (unsigned i = 0; i < zf_point_leaf_count(points, number); i++) {
            const double xyz_m[3] = {leaf->x[i], leaf->y[i], leaf->z[i]};
            visit(user, zf_point_leaf_rows(points, number)[i], xyz_m);
        }
    }
    return ZF_OK;
}
