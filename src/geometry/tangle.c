/* SPDX-License-Identifier: MIT */
/*
 * Polygons that cross themselves too often to be repaired. The repair of GEOS removes one layer of a polygon
 * after the other, each with an overlay of the rest. A ring that crosses itself everywhere (200 random
 * points: 4,000 crossings) takes seconds, and eight times as long with twice the points. Borders with many
 * small faults cost little, because they have few layers.
 */
#include "geometry/edge_tree.h"
#include "memory/memory.h"

#include <stdlib.h>

enum { MAX_CROSSINGS = 1000, MAX_CROSSINGS_PER_EDGE = 2, SCRATCH_BYTES = 64 * 1024 };

typedef struct tally {
    uint64_t n, limit;
} tally;

static bool count_meeting(void *user, const zf_edge_tree *tree, const zf_edge_leaf *leaf_a, uint32_t a,
                          const zf_edge_leaf *leaf_b, uint32_t b) {
    tally *t = user;
    (void)tree, (void)leaf_a, (void)a, (void)leaf_b, (void)b;
    return ++t->n <= t->limit;
}

zf_status zf_geom_is_tangled(zf_geos *geos, const zf_geom *geom, bool *out, zf_error *error) {
    uint8_t *bytes = NULL;
    size_t n = 0;
    zf_wkb wkb;
    zf_arena scratch;
    zf_edge_tree tree;
    *out = false;
    zf_status st = zf_geom_to_wkb(geos, geom, &bytes, &n, error);
    if (st != ZF_OK)
        return st;
    zf_arena_init(&scratch, NULL, ZF_MEMORY_ZONE, SCRATCH_BYTES);
    if (zf_wkb_open(bytes, n, &wkb) == ZF_WKB_POLYGONAL)
        st = zf_edge_tree_build(&wkb, &scratch, &tree, error);
    else
        st = ZF_DONE;
    if (st == ZF_OK) {
        tally t = {.limit = MAX_CROSSINGS_PER_EDGE * wkb.n_points};
        if (t.limit < MAX_CROSSINGS)
            t.limit = MAX_CROSSINGS;
        (void)zf_edge_tree_join(&tree, count_meeting, &t);
        *out = t.n > t.limit;
    }
    zf_arena_release(&scratch);
    free(bytes);
    return st == ZF_DONE ? ZF_OK : st;
}
