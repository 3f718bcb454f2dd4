/* SPDX-License-Identifier: MIT */
/*
 * Reads the finished spatial index back and checks it. SpatiaLite's CheckSpatialIndex looks each row up, and
 * SQLite's rtreecheck takes three times as long and does not know which rows there should be. A walk from the
 * root down and checksums that do not depend on order show that the leaves hold each row once, under the box
 * it was written with; that each node has the box that its parent gives it; and that the tables of parents
 * say what the nodes say.
 */
#include "output/table.h"

#include <math.h>
#include <string.h>

/* CheckSpatialIndex is cheap enough for so many rows. */
enum { MAX_ROWS_TO_LOOK_UP = 10000 };
/* Beyond 2^23 units, where a float's step is one unit, CheckSpatialIndex calls every index wrong, its own,
 * too. */
static const double max_lookup_coordinate = 8388608;

/** A walk through all nodes. */
typedef struct tree_walk {
    const zf_database *db;
    const zf_output_rtree *rtree;
    sqlite3_stmt *read_node;
    size_t n_nodes;
    zf_output_checksum rows;         /**< rows and boxes in the leaves */
    zf_output_checksum row_parents;  /**< rows and their leaves */
    zf_output_checksum node_parents; /**< nodes but the root, and the nodes above them */
    bool is_malformed;
} tree_walk;

static zf_status read_error(const zf_database *db, zf_error *error) {
    return zf_database_error(db, "read the spatial index of the result", error);
}

/* Copies a node. A node that is missing or of another size makes the walk malformed. */
static zf_status read_node(tree_walk *w, int64_t number, uint8_t node[ZF_RTREE_NODE_BYTES], zf_error *error) {
    sqlite3_bind_int64(w->read_node, 1, number);
    const int code = sqlite3_step(w->read_node);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return read_error(w->db, error);
    if (code == SQLITE_ROW && sqlite3_column_bytes(w->read_node, 0) == ZF_RTREE_NODE_BYTES)
        memcpy(node, sqlite3_column_blob(w->read_node, 0), ZF_RTREE_NODE_BYTES);
    else
        w->is_malformed = true;
    sqlite3_reset(w->read_node);
    return ZF_OK;
}

/* Walks through a node and all below it. level: of the leaves 0. *out_box: around the node's children. */
static zf_status walk_node(tree_walk *w, int64_t number, unsigned level, zf_envelope *out_box,
                           zf_error *error) {
    uint8_t node[ZF_RTREE_NODE_BYTES];
    unsigned depth = 0;
    size_t n_cells = 0;
    const bool is_root = number == ZF_RTREE_ROOT;
    *out_box = zf_envelope_empty();
    if (w->n_nodes++ > w->rtree->n_nodes) /* a node that is met twice */
        w->is_malformed = true;
    zf_status status = w->is_malformed ? ZF_OK : read_node(w, number, node, error);
    if (status != ZF_OK || w->is_malformed)
        return status;
    zf_output_rtree_node_read(node, &depth, &n_cells);
    if (n_cells > ZF_RTREE_CELLS || (n_cells == 0 && w->rtree->checksum.n > 0) ||
        depth != (is_root ? level : 0))
        w->is_malformed = true;
    for (size_t i = 0; status == ZF_OK && i < n_cells && !w->is_malformed; i++) {
        zf_envelope box, around;
        const int64_t id = zf_output_rtree_cell_read(node, i, &box);
        zf_envelope_add(out_box, &box);
        zf_output_checksum_add_parent(level == 0 ? &w->row_parents : &w->node_parents, id, number);
        if (level == 0) {
            zf_output_checksum_add_box(&w->rows, id, &box);
            continue;
        }
        status = walk_node(w, id, level - 1, &around, error);
        if (memcmp(&box, &around, sizeof box) != 0)
            w->is_malformed = true;
    }
    return status;
}

/* The checksum of a table of parents, or the number of nodes. part: "rowid", "parent", "node". */
static zf_status read_part(const zf_database *db, const zf_output_table *table, const char *columns,
                           const char *part, zf_output_checksum *out, zf_error *error) {
    sqlite3_stmt *statement = NULL;
    char sql[1024];
    int code = SQLITE_DONE;
    sqlite3_snprintf(sizeof sql, sql, "SELECT %s FROM \"idx_%w_%w_%s\"", columns, table->name,
                     table->layer.geometry_name, part);
    zf_status status = zf_database_prepare(db, sql, &statement, error);
    if (status != ZF_OK)
        return status;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        zf_output_checksum_add_parent(out, sqlite3_column_int64(statement, 0),
                                      sqlite3_column_int64(statement, 1));
    if (code != SQLITE_DONE)
        status = read_error(db, error);
    sqlite3_finalize(statement);
    return status;
}

static zf_status walk_tree(tree_walk *w, const zf_output_table *table, zf_error *error) {
    char sql[1024];
    zf_envelope around;
    sqlite3_snprintf(sizeof sql, sql, "SELECT data FROM \"idx_%w_%w_node\" WHERE nodeno=?1", table->name,
                     table->layer.geometry_name);
    zf_status status = zf_database_prepare(w->db, sql, &w->read_node, error);
    if (status == ZF_OK)
        status = walk_node(w, ZF_RTREE_ROOT, w->rtree->n_levels, &around, error);
    sqlite3_finalize(w->read_node);
    return status;
}

static zf_status check_tree(const zf_database *db, const zf_output_table *table, zf_error *error) {
    tree_walk w = {.db = db, .rtree = &table->layer.rtree};
    zf_output_checksum row_parents = {0}, node_parents = {0}, nodes = {0};
    zf_status status = walk_tree(&w, table, error);
    if (status == ZF_OK)
        status = read_part(db, table, "*", "rowid", &row_parents, error);
    if (status == ZF_OK)
        status = read_part(db, table, "*", "parent", &node_parents, error);
    if (status == ZF_OK)
        status = read_part(db, table, "nodeno,0", "node", &nodes, error);
    if (status != ZF_OK)
        return status;
    const bool is_sound = !w.is_malformed && w.n_nodes == nodes.n &&
                          zf_output_checksum_equal(&w.rows, &table->layer.rtree.checksum) &&
                          zf_output_checksum_equal(&w.row_parents, &row_parents) &&
                          zf_output_checksum_equal(&w.node_parents, &node_parents);
    return is_sound ? ZF_OK
                    : zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                                   "it does not hold the rows of %s as they were written", table->name);
}

static zf_status check_lookups(const zf_database *db, const zf_output_table *table, zf_error *error) {
    char sql[1024];
    sqlite3_snprintf(sizeof sql, sql, "SELECT CheckSpatialIndex('%q','%q')", table->name,
                     table->layer.geometry_name);
    return zf_database_expect_one(db, sql, error);
}

/* Whether CheckSpatialIndex can judge the layer. */
static bool can_look_up(const zf_output_table *table) {
    const zf_envelope *e = &table->layer.extent;
    return table->n_rows <= MAX_ROWS_TO_LOOK_UP &&
           (zf_envelope_is_empty(e) ||
            (fabs(e->min_x) < max_lookup_coordinate && fabs(e->max_x) < max_lookup_coordinate &&
             fabs(e->min_y) < max_lookup_coordinate && fabs(e->max_y) < max_lookup_coordinate));
}

zf_status zf_output_index_check(const zf_database *db, const zf_output_table *table, zf_error *error) {
    zf_database_watch_cancel(db, true);
    zf_status status = check_tree(db, table, error);
    zf_database_watch_cancel(db, false);
    if (status == ZF_OK && can_look_up(table))
        status = check_lookups(db, table, error);
    return status != ZF_E_INTERNAL
               ? status
               : zf_error_within(error, status, "the spatial index of the result is wrong");
}
