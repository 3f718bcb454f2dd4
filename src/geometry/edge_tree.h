/* SPDX-License-Identifier: MIT */
/**
 * @file edge_tree.h
 * The edges of a polygon's rings under a tree of boxes, in the order of the rings, or, where there are many rings, from
 * neighbour to neighbour: which edges meet, and which rings lie about a point.
 */
#ifndef ZF_GEOMETRY_EDGE_TREE_H
#define ZF_GEOMETRY_EDGE_TREE_H

#include "geometry/geometry.h"
#include "geometry/orient.h"

/** A closed ring among the tree's points: edge i goes from point i to point i + 1, for first <= i < last. */
typedef struct zf_edge_ring {
    uint32_t first, last; /**< points; point `last` repeats point `first` */
    uint32_t polygon;
    bool is_shell;
} zf_edge_ring;

/** Up to ZF_LEAF_EDGES edges of one ring that follow each other. */
typedef struct zf_edge_leaf {
    uint32_t first_edge, end_edge, ring;
} zf_edge_leaf;

enum { ZF_LEAF_EDGES = 8, ZF_TREE_FAN_OUT = 4, ZF_TREE_MAX_LEVELS = 17 };

/** Nodes [FAN_OUT * i, FAN_OUT * (i + 1)) of a level are the children of node i of the next. */
typedef struct zf_edge_tree {
    double *xy; /**< points of all rings, closing points included, repeated ones left out */
    zf_edge_ring *rings;
    zf_edge_leaf *leaves;
    zf_envelope *levels[ZF_TREE_MAX_LEVELS]; /**< one after the other in memory */
    zf_envelope *about; /**< per node, in the order of the levels: envelope of the whole rings below it; NULL: not made */
    uint32_t n_nodes[ZF_TREE_MAX_LEVELS]; /**< n_nodes[0]: leaves */
    uint32_t n_points, n_rings, n_levels;
} zf_edge_tree;

static inline zf_segment zf_edge_segment(const zf_edge_tree *tree, uint32_t edge) {
    const double *p = tree->xy + 2 * (size_t)edge;
    return (zf_segment){p[0], p[1], p[2], p[3]};
}

/**
 * @param wkb  POLYGONAL, all coordinates finite.
 * @return ZF_OK; ZF_DONE when a ring is not closed or has fewer than four points (repeated ones not counted),
 * or there are 2^31 points or more; ZF_E_MEMORY. Everything is taken from arena. Cost: linear.
 */
ZF_MUST_USE zf_status zf_edge_tree_build(const zf_wkb *wkb, zf_arena *arena, zf_edge_tree *out,
                                         zf_error *error);

/** Two edges that are not surely apart; a < b if they are of one ring. false ends the walk. */
typedef bool zf_edge_meeting(void *user, const zf_edge_tree *tree, const zf_edge_leaf *leaf_a, uint32_t a,
                             const zf_edge_leaf *leaf_b, uint32_t b);
/**
 * Calls back for all pairs of edges that may have a point in common, but for neighbours in a ring.
 * @return false when the walk was ended, or when more than some 100 pairs an edge had to be compared (edges
 * whose boxes overlap everywhere).
 */
bool zf_edge_tree_join(const zf_edge_tree *tree, zf_edge_meeting *meet, void *user);

/** Makes tree->about, by which zf_edge_tree_rings_about leaves out rings far from its point. ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_edge_tree_note_rings(zf_edge_tree *tree, zf_arena *arena, zf_error *error);

/**
 * Which rings, but for ring `but`, have the point inside: is_inside[ring] is flipped for each of their edges
 * that a ray to the right crosses.
 * @param is_inside  n_rings, all false on entry.
 * @param out_rings  n_rings; the rings with a flip, each once, in no order.
 * @return how many rings; UINT32_MAX when it is not sure for an edge.
 */
uint32_t zf_edge_tree_rings_about(const zf_edge_tree *tree, double x, double y, uint32_t but,
                                  uint8_t *is_inside, uint32_t *out_rings);

#endif
