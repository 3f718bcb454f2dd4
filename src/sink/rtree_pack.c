/* SPDX-License-Identifier: MIT */
/*
 * Fills a layer's R*Tree while the rows are written: boxes are collected, ordered by sort-tile-recursive and
 * written as full leaves into the R*Tree's own tables; the levels above follow at the end. Node 1 is the
 * root, the leaves are numbered from 2 on, then each level above them.
 */
#include "sink/sink_internal.h"

#include "index/index.h"

enum {
    FIRST_NODE = 2, /* after the root */
    FIRST_CAP = 1024,
    SCRATCH_CHUNK_BYTES = 64 * 1024,
};

/* A ZIP ends here often enough for the leaves of small ones to be full, and early enough for hardly any to be
 * cut in two. */
enum { MIN_FLUSH_ROWS = ZF_RTREE_MAX_COLLECTED / 4 };

/** What goes into the nodes of one level: rows, or the nodes below. */
typedef struct level {
    const zf_envelope *boxes;
    const int64_t *rows; /**< NULL: nodes, numbered from first_child on */
    int64_t first_child;
    size_t n;
    sqlite3_stmt *write_home; /**< (row or node, the node it is in) */
} level;

static const char what[] = "write the spatial index of the result";

static size_t nodes_over(size_t n) {
    return n / ZF_RTREE_CELLS + (n % ZF_RTREE_CELLS != 0);
}

static int64_t child_of(const level *l, size_t i) {
    return l->rows != NULL ? l->rows[i] : l->first_child + (int64_t)i;
}

static zf_status prepare(const zf_sink_db *db, const char *format, const char *table, sqlite3_stmt **out,
                         zf_error *error) {
    char sql[256];
    sqlite3_snprintf(sizeof sql, sql, format, table);
    return zf_sink_db_prepare(db, sql, out, error);
}

zf_status zf_sink_rtree_open(const zf_sink_db *db, const char *table, zf_budget *budget, zf_sink_rtree *out,
                             zf_error *error) {
    char sql[256];
    out->budget = budget;
    sqlite3_snprintf(sizeof sql, sql,
                     "SELECT length(data)=%d FROM \"idx_%w_" ZF_SINK_GEOMETRY "_node\" WHERE nodeno=1",
                     ZF_RTREE_NODE_BYTES, table);
    zf_status status = zf_sink_db_expect_one(db, sql, error);
    if (status == ZF_OK)
        status = prepare(db, "INSERT OR REPLACE INTO \"idx_%w_" ZF_SINK_GEOMETRY "_node\" VALUES(?1,?2)",
                         table, &out->write_node, error);
    if (status == ZF_OK)
        status = prepare(db, "INSERT INTO \"idx_%w_" ZF_SINK_GEOMETRY "_rowid\" VALUES(?1,?2)", table,
                         &out->write_row, error);
    if (status == ZF_OK)
        status = prepare(db, "INSERT INTO \"idx_%w_" ZF_SINK_GEOMETRY "_parent\" VALUES(?1,?2)", table,
                         &out->write_parent, error);
    return status;
}

/* ---- room ------------------------------------------------------------------------------------------------ */

static zf_status grow(zf_budget *budget, void **array, size_t size, size_t old_cap, size_t new_cap,
                      zf_error *error) {
    zf_status status = zf_memory_resize(budget, ZF_MEMORY_SINK, array, old_cap * size, new_cap * size, error);
    return status == ZF_OK ? ZF_OK : zf_error_within(error, status, "spatial index of the result");
}

/* Room for one more box. */
static zf_status reserve_box(zf_sink_rtree *rtree, zf_error *error) {
    if (rtree->n < rtree->cap)
        return ZF_OK;
    size_t cap = rtree->cap == 0 ? FIRST_CAP : rtree->cap * 2;
    void *rows = rtree->rows, *boxes = rtree->boxes;
    zf_status status = grow(rtree->budget, &rows, sizeof *rtree->rows, rtree->cap_rows, cap, error);
    if (status != ZF_OK)
        return status;
    rtree->rows = rows;
    rtree->cap_rows = cap;
    status = grow(rtree->budget, &boxes, sizeof *rtree->boxes, rtree->cap, cap, error);
    if (status != ZF_OK)
        return status;
    rtree->boxes = boxes;
    rtree->cap = cap;
    return ZF_OK;
}

/* Room for n more nodes. */
static zf_status reserve_nodes(zf_sink_rtree *rtree, size_t n, zf_error *error) {
    void *nodes = rtree->nodes;
    size_t cap = rtree->cap_nodes == 0 ? FIRST_CAP : rtree->cap_nodes;
    while (cap < rtree->n_nodes + n)
        cap *= 2;
    if (cap == rtree->cap_nodes)
        return ZF_OK;
    zf_status status = grow(rtree->budget, &nodes, sizeof *rtree->nodes, rtree->cap_nodes, cap, error);
    if (status != ZF_OK)
        return status;
    rtree->nodes = nodes;
    rtree->cap_nodes = cap;
    return ZF_OK;
}

/* ---- nodes ----------------------------------------------------------------------------------------------- */

static zf_status write_node(const zf_sink_db *db, zf_sink_rtree *rtree, int64_t number, const uint8_t *node,
                            zf_error *error) {
    sqlite3_bind_int64(rtree->write_node, 1, number);
    sqlite3_bind_blob(rtree->write_node, 2, node, ZF_RTREE_NODE_BYTES, SQLITE_STATIC);
    return zf_sink_db_step(db, rtree->write_node, what, error);
}

/* One node of the children in the given order; its number into their homes, its box into *out_box. */
static zf_status write_children(const zf_sink_db *db, zf_sink_rtree *rtree, const level *l, int64_t number,
                                unsigned depth, const uint32_t *order, size_t n, int64_t *homes,
                                zf_envelope *out_box, zf_error *error) {
    uint8_t node[ZF_RTREE_NODE_BYTES];
    *out_box = zf_envelope_empty();
    zf_sink_rtree_node_init(node, depth, n);
    for (size_t i = 0; i < n; i++) {
        zf_sink_rtree_cell_set(node, i, child_of(l, order[i]), &l->boxes[order[i]]);
        zf_envelope_add(out_box, &l->boxes[order[i]]);
        homes[order[i]] = number;
    }
    return write_node(db, rtree, number, node, error);
}
