/* SPDX-License-Identifier: MIT */
/*
 * Packs a layer's R*Tree while rows are written. Boxes are collected, ordered by sort-tile-recursive and
 * written as full leaves into the R*Tree's own tables. The boxes of the leaves are collected in the same way
 * for the nodes above them, and so on up. Node 1 is the root; the others are numbered in the order of
 * writing, from 2.
 */
#include "output/rtree.h"

#include "index/index.h"

enum {
    FIRST_CAP = 1024,
    SCRATCH_CHUNK_BYTES = 64 * 1024,
};

/* A ZIP's end is used as a place to pack from this many rows on: enough that one leaf with free room does not
 * matter, few enough that the next ZIP usually fits in whole. Leaves with one part of a ZIP overlap those
 * with its other part. */
enum { MIN_FLUSH_ROWS = ZF_RTREE_MAX_COLLECTED / 4 };

/** Packs the entries of one level into nodes. */
typedef struct packing {
    unsigned level;
    bool is_root;        /**< the node is the root */
    uint32_t *order;     /**< scratch, one for each child */
    uint32_t *parent_of; /**< scratch: number of the node that each child is in */
} packing;

/** The node that each child is in. */
typedef struct parents {
    const int64_t *ids;
    const uint32_t *parent_of;
} parents;

static const char what[] = "write the spatial index of the result";

static size_t nodes_over(size_t n) {
    return n / ZF_RTREE_CELLS + (n % ZF_RTREE_CELLS != 0);
}

static zf_status prepare(const zf_database *db, const char *format, const char *index, sqlite3_stmt **out,
                         zf_error *error) {
    char sql[512];
    sqlite3_snprintf(sizeof sql, sql, format, index);
    return zf_database_prepare(db, sql, out, error);
}

static void give_parent(const void *user, size_t row, size_t column, sqlite3_context *result) {
    const parents *p = user;
    sqlite3_result_int64(result, column == 0 ? p->ids[row] : (int64_t)p->parent_of[row]);
}

static zf_status open_parents(const zf_database *db, const char *index, const char *part, bool is_appended,
                              zf_output_feed *out, zf_error *error) {
    char name[256];
    sqlite3_snprintf(sizeof name, name, "%s_%s", index, part);
    *out = (zf_output_feed){.rows = {.n_columns = 2, .give = give_parent}, .is_appended = is_appended};
    return zf_output_feed_open(db, name, out, error);
}

zf_status zf_output_rtree_open(const zf_database *db, const char *table, const char *geometry,
                               zf_budget *budget, zf_output_rtree *out, zf_error *error) {
    char sql[512], index[256];
    sqlite3_snprintf(sizeof index, index, "idx_%s_%s", table, geometry);
    out->budget = budget;
    out->next_row = 1;
    out->max_nodes = ZF_RTREE_MAX_NODES;
    sqlite3_snprintf(sizeof sql, sql, "SELECT length(data)=%d FROM \"%w_node\" WHERE nodeno=1",
                     ZF_RTREE_NODE_BYTES, index);
    zf_status status = zf_database_expect_one(db, sql, error);
    if (status == ZF_OK)
        status =
            prepare(db, "INSERT OR REPLACE INTO \"%w_node\" VALUES(?1,?2)", index, &out->write_node, error);
    if (status == ZF_OK)
        status = open_parents(db, index, "rowid", false, &out->row_parents, error);
    if (status == ZF_OK)
        status = open_parents(db, index, "rowid", true, &out->next_row_parents, error);
    if (status == ZF_OK)
        status = open_parents(db, index, "parent", false, &out->node_parents, error);
    return status;
}

/* ---- room ---- */

static zf_status grow(zf_budget *budget, void **array, size_t size, size_t old_cap, size_t new_cap,
                      zf_error *error) {
    zf_status status =
        zf_memory_resize(budget, ZF_MEMORY_OUTPUT, array, old_cap * size, new_cap * size, error);
    return status == ZF_OK ? ZF_OK : zf_error_within(error, status, "spatial index of the result");
}

/* Room for n more. */
static zf_status reserve(zf_budget *budget, zf_output_rtree_level *level, size_t n, zf_error *error) {
    size_t cap = level->cap == 0 ? FIRST_CAP : level->cap;
    void *ids = level->ids, *boxes = level->boxes;
    while (cap < level->n + n)
        cap *= 2;
    if (cap == level->cap)
        return ZF_OK;
    zf_status status = grow(budget, &ids, sizeof *level->ids, level->cap_ids, cap, error);
    if (status != ZF_OK)
        return status;
    level->ids = ids;
    level->cap_ids = cap;
    status = grow(budget, &boxes, sizeof *level->boxes, level->cap, cap, error);
    if (status != ZF_OK)
        return status;
    level->boxes = boxes;
    level->cap = cap;
    return ZF_OK;
}

static void add(zf_output_rtree_level *level, int64_t id, const zf_envelope *box) {
    level->ids[level->n] = id;
    level->boxes[level->n++] = *box;
}

/* ---- nodes ---- */

/* Writes a node of up to ZF_RTREE_CELLS children, from place `first` of the order. */
static zf_status write_node(const zf_database *db, zf_output_rtree *rtree, const packing *p, size_t first,
                            zf_error *error) {
    uint8_t node[ZF_RTREE_NODE_BYTES];
    const zf_output_rtree_level *children = &rtree->levels[p->level];
    const size_t n = children->n - first < ZF_RTREE_CELLS ? children->n - first : ZF_RTREE_CELLS;
    const size_t number = p->is_root ? ZF_RTREE_ROOT : ZF_RTREE_FIRST_NODE + rtree->n_nodes;
    zf_envelope around = zf_envelope_empty();
    zf_output_rtree_node_init(node, p->is_root ? p->level : 0, n);
    for (size_t i = 0; i < n; i++) {
        uint32_t child = p->order[first + i];
        zf_output_rtree_cell_set(node, i, children->ids[child], &children->boxes[child]);
        zf_envelope_add(&around, &children->boxes[child]);
        p->parent_of[child] = (uint32_t)number;
    }
    if (!p->is_root) {
        add(&rtree->levels[p->level + 1], (int64_t)number, &around);
        rtree->n_nodes++;
    }
    sqlite3_bind_int64(rtree->write_node, 1, (sqlite3_int64)number);
    sqlite3_bind_blob(rtree->write_node, 2, node, ZF_RTREE_NODE_BYTES, SQLITE_STATIC);
    return zf_database_step(db, rtree->write_node, what, error);
}

/* Chooses the feed for these rows: the faster one if their numbers follow each other and the rows before. */
static zf_output_feed *feed_of_rows(zf_output_rtree *rtree, const int64_t *rows, size_t n) {
    const int64_t first = rtree->next_row;
    bool has_no_gap = true;
    for (size_t i = 0; i < n && has_no_gap; i++)
        has_no_gap = rows[i] == first + (int64_t)i;
    rtree->next_row = rows[n - 1] + 1;
    rtree->next_row_parents.last_id = rows[n - 1];
    return has_no_gap ? &rtree->next_row_parents : &rtree->row_parents;
}

/* Writes each child's parent, in the order of the children: so the table grows at its end only. */
static zf_status write_parents(const zf_database *db, zf_output_rtree *rtree, const packing *p,
                               zf_error *error) {
    const zf_output_rtree_level *children = &rtree->levels[p->level];
    const parents all = {children->ids, p->parent_of};
    zf_output_feed *feed =
        p->level == 0 ? feed_of_rows(rtree, children->ids, children->n) : &rtree->node_parents;
    return zf_output_feed_write(db, feed, &all, children->n, what, error);
}

static zf_status write_nodes(const zf_database *db, zf_output_rtree *rtree, packing *p, zf_error *error) {
    zf_arena scratch;
    void *order = NULL, *parent_of = NULL;
    const zf_output_rtree_level *children = &rtree->levels[p->level];
    zf_arena_init(&scratch, rtree->budget, ZF_MEMORY_OUTPUT, SCRATCH_CHUNK_BYTES);
    zf_status status = zf_arena_alloc(&scratch, children->n, sizeof *p->order, &order, error);
    if (status == ZF_OK)
        status = zf_arena_alloc(&scratch, children->n, sizeof *p->parent_of, &parent_of, error);
    if (status == ZF_OK)
        status = zf_index_order(children->boxes, children->n, ZF_RTREE_CELLS, &scratch, order, error);
    p->order = order;
    p->parent_of = parent_of;
    for (size_t first = 0; status == ZF_OK && first < children->n; first += ZF_RTREE_CELLS)
        status = write_node(db, rtree, p, first, error);
    if (status == ZF_OK)
        status = write_parents(db, rtree, p, error);
    zf_arena_release(&scratch);
    return status;
}

/* ---- levels ---- */

/* Packs all entries of a level into nodes, which become entries of the next level. Levels above that would
 * overflow are packed first, from the top down. */
static zf_status pack(const zf_database *db, zf_output_rtree *rtree, unsigned level, zf_error *error) {
    unsigned top = level;
    zf_status status = ZF_OK;
    while (rtree->levels[top + 1].n + nodes_over(rtree->levels[top].n) > rtree->max_nodes)
        top++;
    for (unsigned i = top + 1; status == ZF_OK && i-- > level;) {
        zf_output_rtree_level *children = &rtree->levels[i];
        packing p = {.level = i};
        if (children->n == 0)
            continue;
        status = reserve(rtree->budget, &rtree->levels[i + 1], nodes_over(children->n), error);
        if (status == ZF_OK)
            status = write_nodes(db, rtree, &p, error);
        children->n = 0;
        children->is_packed = true;
    }
    return status;
}

zf_status zf_output_rtree_add(const zf_database *db, zf_output_rtree *rtree, int64_t row,
                              const zf_envelope *box, zf_error *error) {
    zf_output_rtree_level *rows = &rtree->levels[0];
    zf_status status = ZF_OK;
    if (rows->n == ZF_RTREE_MAX_COLLECTED)
        status = pack(db, rtree, 0, error);
    if (status == ZF_OK && rows->n == rows->cap)
        status = reserve(rtree->budget, rows, 1, error);
    if (status != ZF_OK)
        return status;
    const zf_envelope rounded = zf_output_rtree_round(box);
    add(rows, row, &rounded);
    zf_output_checksum_add_box(&rtree->checksum, row, &rounded);
    return ZF_OK;
}

zf_status zf_output_rtree_end_group(const zf_database *db, zf_output_rtree *rtree, zf_error *error) {
    return rtree->levels[0].n < MIN_FLUSH_ROWS ? ZF_OK : pack(db, rtree, 0, error);
}

/* Packs level by level until one node holds all entries: the root. */
zf_status zf_output_rtree_finish(const zf_database *db, zf_output_rtree *rtree, zf_error *error) {
    unsigned level = 0;
    zf_status status = ZF_OK;
    for (; rtree->levels[level].is_packed || rtree->levels[level].n > ZF_RTREE_CELLS; level++) {
        if (rtree->levels[level].n > 0)
            status = pack(db, rtree, level, error);
        if (status != ZF_OK)
            return status;
    }
    packing p = {.level = level, .is_root = true};
    rtree->n_levels = level;
    return rtree->levels[level].n == 0 ? ZF_OK : write_nodes(db, rtree, &p, error);
}

void zf_output_rtree_deinit(zf_output_rtree *rtree) {
    zf_budget *budget = rtree->budget;
    sqlite3_finalize(rtree->write_node);
    zf_output_feed_deinit(&rtree->row_parents);
    zf_output_feed_deinit(&rtree->next_row_parents);
    zf_output_feed_deinit(&rtree->node_parents);
    for (unsigned i = 0; i < ZF_RTREE_MAX_LEVELS; i++) {
        zf_output_rtree_level *l = &rtree->levels[i];
        zf_memory_free(budget, ZF_MEMORY_OUTPUT, l->ids, l->cap_ids * sizeof *l->ids);
        zf_memory_free(budget, ZF_MEMORY_OUTPUT, l->boxes, l->cap * sizeof *l->boxes);
    }
    *rtree = (zf_output_rtree){0};
}
