/* SPDX-License-Identifier: MIT */
/** A layer's R*Tree: its nodes, packing while rows are written, the checksums that prove it. */
#ifndef ZF_OUTPUT_RTREE_H
#define ZF_OUTPUT_RTREE_H

#include "output/feed.h"

/* ---- rtree_node.c: a node of SQLite's R*Tree ---- */

/**
 * A node is a blob: a head (number of levels below the root, 0 in other nodes; number of cells), then cells
 * (row or node, box). With pages of 4,096 bytes a node has room for 51 cells. The table "..._node" holds the
 * nodes by number, "..._rowid" the leaf of each row, "..._parent" the parent of each node but the root.
 * Source: "Database Format of R-Tree Tables" in SQLite's ext/rtree/rtree.c,
 * https://www.sqlite.org/src/file/ext/rtree/rtree.c
 */
enum {
    ZF_RTREE_CELLS = 51,
    ZF_RTREE_HEAD_BYTES = 4,
    ZF_RTREE_CELL_BYTES = 24,
    ZF_RTREE_NODE_BYTES = ZF_RTREE_HEAD_BYTES + ZF_RTREE_CELLS * ZF_RTREE_CELL_BYTES,
    ZF_RTREE_ROOT = 1,
    ZF_RTREE_FIRST_NODE, /**< first number of the others */
    ZF_RTREE_MAX_LEVELS = 16,
};

/** The box in single precision as the R*Tree stores it: it contains the given one. */
zf_envelope zf_output_rtree_round(const zf_envelope *box);
/** node: ZF_RTREE_NODE_BYTES. Sets all cells to zero. */
void zf_output_rtree_node_init(uint8_t *node, unsigned depth, size_t n_cells);
void zf_output_rtree_node_read(const uint8_t *node, unsigned *out_depth, size_t *out_n_cells);
/** box: rounded. */
void zf_output_rtree_cell_set(uint8_t *node, size_t cell, int64_t id, const zf_envelope *box);
/** Returns the id of a cell. */
int64_t zf_output_rtree_cell_read(const uint8_t *node, size_t cell, zf_envelope *out_box);

/* ---- checksum.c ---- */

/** Count and checksum of items that were added in any order. Zero-initialise. */
typedef struct zf_output_checksum {
    uint64_t n;
    uint64_t sum;
} zf_output_checksum;

void zf_output_checksum_add_box(zf_output_checksum *checksum, int64_t id, const zf_envelope *box);
void zf_output_checksum_add_parent(zf_output_checksum *checksum, int64_t id, int64_t parent);
bool zf_output_checksum_equal(const zf_output_checksum *a, const zf_output_checksum *b);

/* ---- rtree_pack.c: the R*Tree of a layer, packed while its rows are written ---- */

enum {
    ZF_RTREE_MAX_COLLECTED = 65536, /**< rows that are collected before they are packed into leaves */
    ZF_RTREE_MAX_NODES = 32768,     /**< nodes of one level that are collected before they are packed */
};

/** The entries collected for nodes of one level: rows for leaves, nodes for the nodes above them. */
typedef struct zf_output_rtree_level {
    int64_t *ids;
    zf_envelope *boxes;
    size_t n, cap, cap_ids;
    bool is_packed; /**< there is a node of this level */
} zf_output_rtree_level;

/**
 * Zero-initialise. Memory, under ZF_MEMORY_OUTPUT, whatever the number of rows: 40 bytes for each collected
 * entry (room for 1,024, doubled as needed; 2.6 MB for rows, 1.3 MB for leaves and for each higher level that
 * is ever full, the next one at 85 million rows), and 32 more for each entry of a level while its nodes are
 * written.
 */
typedef struct zf_output_rtree {
    zf_budget *budget; /**< nullable */
    sqlite3_stmt *write_node;
    zf_output_feed row_parents, node_parents; /**< (row or node, the node it is in) */
    zf_output_feed next_row_parents;          /**< row_parents for rows that are numbered without a gap */
    int64_t next_row;                         /**< one more than the last that has a parent */
    zf_output_rtree_level levels[ZF_RTREE_MAX_LEVELS];
    size_t max_nodes;            /**< ZF_RTREE_MAX_NODES; less in tests, for deep trees of few rows */
    size_t n_nodes;              /**< without the root */
    unsigned n_levels;           /**< below the root, when it is finished */
    zf_output_checksum checksum; /**< of the rows and their boxes */
} zf_output_rtree;

/** Prepares writing to the layer's empty R*Tree. */
ZF_MUST_USE zf_status zf_output_rtree_open(const zf_database *db, const char *table, const char *geometry,
                                           zf_budget *budget, zf_output_rtree *out, zf_error *error);
/** Adds a row. In ascending order where possible, which keeps the tables compact. */
ZF_MUST_USE zf_status zf_output_rtree_add(const zf_database *db, zf_output_rtree *rtree, int64_t row,
                                          const zf_envelope *box, zf_error *error);
/** Tells that the following rows lie elsewhere: a good place to pack. */
ZF_MUST_USE zf_status zf_output_rtree_end_group(const zf_database *db, zf_output_rtree *rtree,
                                                zf_error *error);
/** Packs what is left, up to the root. Nothing may be added afterwards. */
ZF_MUST_USE zf_status zf_output_rtree_finish(const zf_database *db, zf_output_rtree *rtree, zf_error *error);
void zf_output_rtree_deinit(zf_output_rtree *rtree);

#endif
