/* SPDX-License-Identifier: MIT */
/*
 * The finished spatial index, read back. SpatiaLite's CheckSpatialIndex looks each row up, which takes longer
 * than writing it did; three scans and checksums that do not depend on the order show the same: the leaves
 * hold each row once, under the box it was written with; each node is the child of one node a level above,
 * under the box around its own children; and both tables of homes say what the nodes say.
 */
#include "output/output_internal.h"

#include <math.h>

/* SpatiaLite's own opinion costs nothing worth saving up to here. */
enum { MAX_ROWS_TO_LOOK_UP = 10000 };
/* Beyond this the R*Tree's floats are coarser than CheckSpatialIndex allows for, and it calls every index
 * wrong: its own, too (2^23 units: a float's step is then one unit). */
static const double max_lookup_coordinate = 8388608;

/** What the scans found. */
typedef struct findings {
    const zf_output_rtree *rtree;
    zf_output_tally rows;      /**< rows and boxes in the leaves */
    zf_output_tally row_homes; /**< rows and their leaves */
    zf_output_tally nodes;     /**< nodes but the root, and the boxes around their children */
    zf_output_tally children;  /**< nodes and boxes in the nodes above the leaves */
    zf_output_tally node_homes;
    bool is_malformed; /**< a head, a depth or a level is wrong */
} findings;

/* Levels below a node. A number that no node has is found out by the tallies. */
static unsigned level_of(const zf_output_rtree *rtree, int64_t number) {
    return number == ZF_RTREE_ROOT ? rtree->n_levels : zf_output_rtree_levels_of(&rtree->levels, number);
}

static void add_cells(findings *f, int64_t number, const uint8_t *node, size_t n_cells) {
    zf_envelope around = zf_envelope_empty(), box;
    const unsigned level = level_of(f->rtree, number);
    for (size_t i = 0; i < n_cells; i++) {
        int64_t id = zf_output_rtree_cell_read(node, i, &box);
        zf_envelope_add(&around, &box);
        zf_output_tally_add_box(level == 0 ? &f->rows : &f->children, id, &box);
        zf_output_tally_add_home(level == 0 ? &f->row_homes : &f->node_homes, id, number);
        if (level > 0 && level_of(f->rtree, id) != level - 1)
            f->is_malformed = true;
    }
    if (number != ZF_RTREE_ROOT)
        zf_output_tally_add_box(&f->nodes, number, &around);
}

static void add_node(void *user, sqlite3_stmt *row) {
    findings *f = user;
    const int64_t number = sqlite3_column_int64(row, 0);
    const uint8_t *node = sqlite3_column_blob(row, 1);
    const bool is_root = number == ZF_RTREE_ROOT;
    unsigned depth = 0;
    size_t n_cells = 0;
    if (sqlite3_column_bytes(row, 1) == ZF_RTREE_NODE_BYTES)
        zf_output_rtree_node_read(node, &depth, &n_cells);
    const bool is_empty_tree = is_root && f->rtree->tally.n == 0;
    if (n_cells > ZF_RTREE_CELLS || (n_cells == 0 && !is_empty_tree) ||
        depth != (is_root ? f->rtree->n_levels : 0))
        f->is_malformed = true;
    else
        add_cells(f, number, node, n_cells);
}

static void add_home(void *user, sqlite3_stmt *row) {
    zf_output_tally_add_home(user, sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1));
}

/** Sees one row of a scan. */
typedef void visit(void *user, sqlite3_stmt *row);

static zf_status scan(const zf_database *db, const char *sql, visit *see, void *user, zf_error *error) {
    sqlite3_stmt *statement = NULL;
    int code = SQLITE_DONE;
    zf_status status = zf_database_prepare(db, sql, &statement, error);
    if (status != ZF_OK)
        return status;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        see(user, statement);
    if (code != SQLITE_DONE)
        status = zf_database_error(db, "read the spatial index of the result", error);
    sqlite3_finalize(statement);
    return status;
}

static zf_status check_scans(const zf_database *db, const zf_output_table *table, zf_error *error) {
    static const char *const parts[] = {"node", "rowid", "parent"};
    findings f = {.rtree = &table->rtree};
    zf_output_tally homes[2] = {{0}};
    zf_status status = ZF_OK;
    for (int i = 0; status == ZF_OK && i < 3; i++) {
        char sql[1024];
        sqlite3_snprintf(sizeof sql, sql, "SELECT * FROM \"idx_%w_%w_%s\"", table->name, table->geometry_name,
                         parts[i]);
        status =
            scan(db, sql, i == 0 ? add_node : add_home, i == 0 ? (void *)&f : (void *)&homes[i - 1], error);
    }
    if (status != ZF_OK)
        return status;
    const bool is_sound = !f.is_malformed && zf_output_tally_equal(&f.rows, &table->rtree.tally) &&
                          zf_output_tally_equal(&f.nodes, &f.children) &&
                          zf_output_tally_equal(&f.row_homes, &homes[0]) &&
                          zf_output_tally_equal(&f.node_homes, &homes[1]);
    return is_sound ? ZF_OK
                    : zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                                   "it does not hold the rows of %s as they were written", table->name);
}

static zf_status check_lookups(const zf_database *db, const zf_output_table *table, zf_error *error) {
    char sql[1024];
    sqlite3_snprintf(sizeof sql, sql, "SELECT CheckSpatialIndex('%q','%q')", table->name,
                     table->geometry_name);
    return zf_database_expect_one(db, sql, error);
}

static bool are_floats_fine(const zf_envelope *extent) {
    return zf_envelope_is_empty(extent) ||
           (fabs(extent->min_x) < max_lookup_coordinate && fabs(extent->max_x) < max_lookup_coordinate &&
            fabs(extent->min_y) < max_lookup_coordinate && fabs(extent->max_y) < max_lookup_coordinate);
}

zf_status zf_output_index_check(const zf_database *db, const zf_output_table *table, zf_error *error) {
    zf_database_watch_cancel(db, true);
    zf_status status = check_scans(db, table, error);
    zf_database_watch_cancel(db, false);
    if (status == ZF_OK && table->n_rows <= MAX_ROWS_TO_LOOK_UP && are_floats_fine(&table->extent))
        status = check_lookups(db, table, error);
    return status != ZF_E_INTERNAL
               ? status
               : zf_error_within(error, status, "the spatial index of the result is wrong");
}
