/* SPDX-License-Identifier: MIT */
/* Points as seen from places that are none of them: the nearest one, and how many are near. */
#include "index/points_internal.h"

#include <math.h>

enum { CAP_PENDING = ZF_INDEX_FANOUT * ZF_INDEX_MAX_LEVELS };

/** More than all roundings of a squared distance together. */
static const double slack = 0x1p-48;

/** Called for each point not surely farther than the limit; returns the limit from then on. */
typedef double (*meet)(void *user, uint32_t row, double distance_m);

static double gap_m(double at, double low, double high) {
    return at < low ? low - at : at > high ? at - high : 0.0;
}

static bool may_hold(const zf_index_node *node, unsigned slot, const double *xyz_m, double limit_m) {
    double dx = gap_m(xyz_m[0], node->min_x[slot], node->max_x[slot]);
    double dy = gap_m(xyz_m[1], node->min_y[slot], node->max_y[slot]);
    double m2 = dx * dx + dy * dy;
    return !(m2 - m2 * slack > limit_m * limit_m);
}

static double look_at_leaf(const zf_points *points, uint32_t number, const double *xyz_m, double limit_m,
                           meet visit, void *user) {
    const zf_point_leaf *leaf = &points->leaves[number];
    unsigned n = zf_point_leaf_count(points, number);
    for (unsigned i = 0; i < n; i++) {
        double dx = leaf->x[i] - xyz_m[0], dy = leaf->y[i] - xyz_m[1], dz = leaf->z[i] - xyz_m[2];
        double distance_m = sqrt(dx * dx + dy * dy + dz * dz);
        if (distance_m <= limit_m)
            limit_m = visit(user, points->rows[(size_t)number * ZF_INDEX_FANOUT + i], distance_m);
    }
    return limit_m;
}

static void search(const zf_points *points, const double *xyz_m, double limit_m, meet visit, void *user) {
    uint32_t stack[CAP_PENDING];
    size_t n_pending = 0;
    if (points->n > 0)
        stack[n_pending++] = points->n_leaves + points->n_nodes - 1;
    while (n_pending > 0) {
        uint32_t number = stack[--n_pending];
        if (number < points->n_leaves) {
            limit_m = look_at_leaf(points, number, xyz_m, limit_m, visit, user);
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

typedef struct tally {
    double radius_m;
    uint32_t n;
} tally;

static double count(void *user, uint32_t row, double distance_m) {
    tally *t = user;
    (void)row;
    (void)distance_m;
    t->n++;
    return t->radius_m;
}

uint32_t zf_points_count_near(const zf_points *points, const double *xyz_m, double radius_m) {
    tally t = {radius_m, 0};
    search(points, xyz_m, radius_m, count, &t);
    return t.n;
}

zf_status zf_points_each(const zf_points *points, zf_points_visit visit, void *user,
                         const zf_callbacks *callbacks, zf_error *error) {
    enum { LEAVES_PER_CANCEL_CHECK = 256 };
    for (uint32_t number = 0; number < points->n_leaves; number++) {
        const zf_point_leaf *leaf = &points->leaves[number];
        zf_status status =
            number % LEAVES_PER_CANCEL_CHECK == 0 ? zf_check_cancelled(callbacks, error) : ZF_OK;
        if (status != ZF_OK)
            return status;
        for (unsigned i = 0; i < zf_point_leaf_count(points, number); i++) {
            const double xyz_m[3] = {leaf->x[i], leaf->y[i], leaf->z[i]};
            visit(user, points->rows[(size_t)number * ZF_INDEX_FANOUT + i], xyz_m);
        }
    }
    return ZF_OK;
}
