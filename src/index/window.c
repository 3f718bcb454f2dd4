/* SPDX-License-Identifier: MIT */
/* Window queries: a depth-first search with one mask of pending children per level, without allocation and
 * recursion. */
#include "index/index_internal.h"

/** A node on the path from the root, and those of its children still to be visited. */
typedef struct step {
    const zf_index_node *node;
    uint32_t pending;
} step;

/** Which children meet the window, as bits. Touching counts; missing children, whose boxes are NaN, do not
 * meet it. */
static inline uint32_t children_meeting(const zf_index_node *node, const zf_envelope *window) {
    zf_lanes min_x = zf_lanes_of(window->min_x), min_y = zf_lanes_of(window->min_y);
    zf_lanes max_x = zf_lanes_of(window->max_x), max_y = zf_lanes_of(window->max_y);
    zf_lane_mask bits = {0, 0};
    for (unsigned i = 0; i < ZF_INDEX_FANOUT; i += 2) {
        zf_lane_mask meets = (zf_lanes_at(node->min_x, i) <= max_x) & (zf_lanes_at(node->max_x, i) >= min_x) &
                             (zf_lanes_at(node->min_y, i) <= max_y) & (zf_lanes_at(node->max_y, i) >= min_y);
        bits |= zf_lanes_bits(meets, i);
    }
    return zf_lanes_join(bits);
}

/** Visits the rows of a leaf; false if the visitor ended the search. */
static bool visit_rows(const zf_index_node *leaf, uint32_t meeting, zf_index_visit visit, void *user) {
    for (; meeting != 0; meeting &= meeting - 1) {
        if (!visit(user, leaf->child[__builtin_ctz(meeting)]))
            return false;
    }
    return true;
}

void zf_index_window(const zf_index *index, const zf_envelope *window, zf_index_visit visit, void *user) {
    if (index->n == 0)
        return;
    step path[ZF_INDEX_MAX_LEVELS + 1];
    unsigned depth = 0;
    for (uint32_t number = index->n_nodes - 1;;) {
        const zf_index_node *node = &index->nodes[number];
        uint32_t meeting = children_meeting(node, window);
        if (number < index->n_leaves) {
            if (!visit_rows(node, meeting, visit, user))
                return;
        } else if (meeting != 0) {
            path[depth++] = (step){node, meeting};
        }
        while (depth > 0 && path[depth - 1].pending == 0)
            depth--;
        if (depth == 0)
            return;
        step *last = &path[depth - 1];
        number = last->node->child[__builtin_ctz(last->pending)];
        last->pending &= last->pending - 1;
    }
}
