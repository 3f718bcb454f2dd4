/* SPDX-License-Identifier: MIT */
/*
 * Fills a layer's R*Tree while the rows are written: boxes are collected, ordered by sort-tile-recursive and
 * written as full leaves into the R*Tree's own tables; the levels above follow at the end. Node 1 is the
 * root, the leaves are numbered from 2 on, then each level above them.
 */
#include "sink/sink_internal.h"

#include "index/index.h"

enum {
    FIRST_CAP = 1024,
    SCRATCH_CHUNK_BYTES = 64 * 1024,
};

/* Enough rows for the one leaf that is not full not to matter, few enough for the next ZIP to fit in whole:
 * leaves that hold a part of a ZIP overlap those of its other part. */
enum { MIN_FLUSH_ROWS = ZF_RTREE_MAX_COLLECTED / 4 };

/** What goes into the nodes of one level: rows, or the nodes below. */
typedef struct level {
    const zf_envelope *boxes;
    const int64_t *rows; /**< NULL: nodes, numbered from first_child on */
    int64_t first_child;
    size_t n;
    unsigned depth; /**< levels below this one when it is the root, else 0 */
    bool is_root;
    uint32_t *order; /**< scratch of n */
    uint32_t *homes; /**< scratch of n: number of the node that each child is in */
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

static void give_home(const void *user, size_t row, size_t column, sqlite3_context *result) {
    const level *l = user;
    sqlite3_result_int64(result, column == 0 ? child_of(l, row) : (int64_t)l->homes[row]);
}

static zf_status open_homes(const zf_sink_db *db, const char *format, const char *table, bool is_appended,
                            zf_sink_feed *out, zf_error *error) {
    char name[128];
    sqlite3_snprintf(sizeof name, name, format, table);
    *out = (zf_sink_feed){.give = give_home, .n_columns = 2, .is_appended = is_appended};
    return zf_sink_feed_open(db, name, out, error);
}

zf_status zf_sink_rtree_open(const zf_sink_db *db, const char *table, zf_budget *budget, zf_sink_rtree *out,
                             zf_error *error) {
    char sql[256];
    out->budget = budget;
    out->next_row = 1;
    sqlite3_snprintf(sizeof sql, sql,
                     "SELECT length(data)=%d FROM \"idx_%w_" ZF_SINK_GEOMETRY "_node\" WHERE nodeno=1",
                     ZF_RTREE_NODE_BYTES, table);
    zf_status status = zf_sink_db_expect_one(db, sql, error);
    if (status == ZF_OK)
        status = prepare(db, "INSERT OR REPLACE INTO \"idx_%w_" ZF_SINK_GEOMETRY "_node\" VALUES(?1,?2)",
                         table, &out->write_node, error);
    if (status == ZF_OK)
        status = open_homes(db, "idx_%s_" ZF_SINK_GEOMETRY "_rowid", table, false, &out->row_homes, error);
    if (status == ZF_OK)
        status =
            open_homes(db, "idx_%s_" ZF_SINK_GEOMETRY "_rowid", table, true, &out->next_row_homes, error);
    if (status == ZF_OK)
        status = open_homes(db, "idx_%s_" ZF_SINK_GEOMETRY "_parent", table, false, &out->node_homes, error);
    return status;
}

/* ---- room ---- */

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

/* ---- nodes ---- */

/* The node of up to ZF_RTREE_CELLS children from the given place of the order on. */
static zf_status write_node(const zf_sink_db *db, zf_sink_rtree *rtree, const level *l, size_t first,
                            zf_error *error) {
    uint8_t node[ZF_RTREE_NODE_BYTES];
    const size_t n = l->n - first < ZF_RTREE_CELLS ? l->n - first : ZF_RTREE_CELLS;
    const size_t number = l->is_root ? ZF_RTREE_ROOT : ZF_RTREE_FIRST_NODE + rtree->n_nodes;
    zf_envelope around = zf_envelope_empty();
    zf_sink_rtree_node_init(node, l->depth, n);
    for (size_t i = 0; i < n; i++) {
        uint32_t child = l->order[first + i];
        zf_sink_rtree_cell_set(node, i, child_of(l, child), &l->boxes[child]);
        zf_envelope_add(&around, &l->boxes[child]);
        l->homes[child] = (uint32_t)number;
    }
    if (!l->is_root)
        rtree->nodes[rtree->n_nodes++] = around;
    sqlite3_bind_int64(rtree->write_node, 1, (sqlite3_int64)number);
    sqlite3_bind_blob(rtree->write_node, 2, node, ZF_RTREE_NODE_BYTES, SQLITE_STATIC);
    return zf_sink_db_step(db, rtree->write_node, what, error);
}

/* In the order of the children, so that the table grows at its end only. */
static zf_status write_homes(const zf_sink_db *db, zf_sink_rtree *rtree, const level *l, zf_error *error) {
    if (l->rows == NULL)
        return zf_sink_feed_write(db, &rtree->node_homes, l, l->n, what, error);
    bool has_no_gap = true;
    for (size_t i = 0; i < l->n && has_no_gap; i++)
        has_no_gap = l->rows[i] == rtree->next_row + (int64_t)i;
    rtree->next_row_homes.last_id = l->rows[l->n - 1];
    rtree->next_row = l->rows[l->n - 1] + 1;
    return zf_sink_feed_write(db, has_no_gap ? &rtree->next_row_homes : &rtree->row_homes, l, l->n, what,
                              error);
}

static zf_status write_level(const zf_sink_db *db, zf_sink_rtree *rtree, level *l, zf_error *error) {
    zf_arena scratch;
    void *order = NULL, *homes = NULL;
    zf_arena_init(&scratch, rtree->budget, ZF_MEMORY_SINK, SCRATCH_CHUNK_BYTES);
    zf_status status = zf_arena_alloc(&scratch, l->n, sizeof *l->order, &order, error);
    if (status == ZF_OK)
        status = zf_arena_alloc(&scratch, l->n, sizeof *l->homes, &homes, error);
    if (status == ZF_OK)
        status = zf_index_order(l->boxes, l->n, ZF_RTREE_CELLS, &scratch, order, error);
    l->order = order;
    l->homes = homes;
    for (size_t first = 0; status == ZF_OK && first < l->n; first += ZF_RTREE_CELLS)
        status = write_node(db, rtree, l, first, error);
    if (status == ZF_OK)
        status = write_homes(db, rtree, l, error);
    zf_arena_release(&scratch);
    return status;
}

/* ---- leaves, then what is above them ---- */

static zf_status write_leaves(const zf_sink_db *db, zf_sink_rtree *rtree, bool is_root, zf_error *error) {
    level leaves = {.boxes = rtree->boxes, .rows = rtree->rows, .n = rtree->n, .is_root = is_root};
    zf_status status = reserve_nodes(rtree, nodes_over(rtree->n), error);
    if (status == ZF_OK)
        status = write_level(db, rtree, &leaves, error);
    rtree->n = 0;
    return status;
}

zf_status zf_sink_rtree_add(const zf_sink_db *db, zf_sink_rtree *rtree, int64_t row, const zf_envelope *box,
                            zf_error *error) {
    zf_status status = ZF_OK;
    if (rtree->n == ZF_RTREE_MAX_COLLECTED)
        status = write_leaves(db, rtree, false, error);
    if (status == ZF_OK)
        status = reserve_box(rtree, error);
    if (status != ZF_OK)
        return status;
    zf_envelope rounded = zf_sink_rtree_round(box);
    rtree->rows[rtree->n] = row;
    rtree->boxes[rtree->n++] = rounded;
    zf_sink_tally_add_box(&rtree->tally, row, &rounded);
    return ZF_OK;
}

zf_status zf_sink_rtree_end_group(const zf_sink_db *db, zf_sink_rtree *rtree, zf_error *error) {
    return rtree->n < MIN_FLUSH_ROWS ? ZF_OK : write_leaves(db, rtree, false, error);
}

/* Leaves and what is above them, up to the level that one node holds. */
static zf_status write_upper_levels(const zf_sink_db *db, zf_sink_rtree *rtree, zf_error *error) {
    zf_status status = ZF_OK;
    bool is_root = false;
    for (size_t first = 0; status == ZF_OK && !is_root;) {
        const size_t n = rtree->n_nodes - first;
        status = reserve_nodes(rtree, nodes_over(n), error);
        if (status != ZF_OK)
            return status;
        is_root = n <= ZF_RTREE_CELLS;
        rtree->first_of_level[rtree->n_levels++] = ZF_RTREE_FIRST_NODE + first;
        level upper = {.boxes = rtree->nodes + first,
                       .first_child = (int64_t)(ZF_RTREE_FIRST_NODE + first),
                       .n = n,
                       .depth = is_root ? rtree->n_levels : 0,
                       .is_root = is_root};
        first = rtree->n_nodes;
        status = write_level(db, rtree, &upper, error);
    }
    return status;
}

zf_status zf_sink_rtree_finish(const zf_sink_db *db, zf_sink_rtree *rtree, zf_error *error) {
    if (rtree->n_nodes == 0 && rtree->n <= ZF_RTREE_CELLS)
        return rtree->n == 0 ? ZF_OK : write_leaves(db, rtree, true, error);
    zf_status status = rtree->n == 0 ? ZF_OK : write_leaves(db, rtree, false, error);
    return status == ZF_OK ? write_upper_levels(db, rtree, error) : status;
}

void zf_sink_rtree_deinit(zf_sink_rtree *rtree) {
    sqlite3_finalize(rtree->write_node);
    zf_sink_feed_deinit(&rtree->row_homes);
    zf_sink_feed_deinit(&rtree->next_row_homes);
    zf_sink_feed_deinit(&rtree->node_homes);
    zf_memory_free(rtree->budget, ZF_MEMORY_SINK, rtree->rows, rtree->cap_rows * sizeof *rtree->rows);
    zf_memory_free(rtree->budget, ZF_MEMORY_SINK, rtree->boxes, rtree->cap * sizeof *rtree->boxes);
    zf_memory_free(rtree->budget, ZF_MEMORY_SINK, rtree->nodes, rtree->cap_nodes * sizeof *rtree->nodes);
    *rtree = (zf_sink_rtree){0};
}
