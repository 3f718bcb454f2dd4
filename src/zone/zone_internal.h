/* SPDX-License-Identifier: MIT */
#ifndef ZF_ZONE_ZONE_INTERNAL_H
#define ZF_ZONE_ZONE_INTERNAL_H

#include "os/temp_file.h"
#include "zone/grid.h"
#include "zone/zone.h"

#include <stdatomic.h>

/** One usable feature of the zone layer before features of one id are united. */
typedef struct zf_piece {
    const char *zip; /**< in the catalogue's arena */
    zf_value order;  /**< text lives in the catalogue's arena */
    zf_value *values; /**< of the carried fields; in the catalogue's arena */
    int64_t fid;
    uint64_t ordinal;     /**< position in the layer */
    zf_zone_location wkb; /**< n == 0 for a feature without area */
    zf_envelope envelope;
    uint32_t n_parts, n_points;
    bool is_unchecked; /**< not yet known to be valid */
} zf_piece;

typedef struct zf_piece_list {
    zf_piece *items;
    size_t n, cap;
} zf_piece_list;

typedef struct zf_grids zf_grids;
typedef struct zf_groups zf_groups;
typedef struct zf_locator zf_locator;

/** store.c: the polygons of the catalogue. */
typedef struct zf_zone_store {
    size_t share_bytes;
    zf_arena arena;
    zf_temp_file file;
    uint64_t file_bytes;
} zf_zone_store;

/** Counts of the ZIP layer. */
typedef struct zf_catalogue_tally {
    zf_envelope extent; /**< of all zones */
    uint64_t n_points;  /**< of all zones */
    uint32_t n_points_largest;
    uint64_t n_read, n_skipped;       /**< features */
    uint64_t n_crossing_antimeridian; /**< features that cross the antimeridian without being split there */
    int64_t first_crossing_antimeridian; /**< fid of the first of them */
} zf_catalogue_tally;

/** ZIPs whose features have different values in a carried field. */
typedef struct zf_differing {
    size_t n;
    const char *zip; /**< of the first of them */
} zf_differing;

struct zf_catalogue {
    zf_budget *budget;
    zf_arena arena; /**< everything below lives here */
    zf_zone_store store;
    zf_zone *zones; /**< n_zones, by rank */
    size_t n_zones;
    zf_locator *locator; /**< finds candidates of small envelopes, that is of most footprints */
    zf_index *tree; /**< finds candidates of the others; over the envelopes of the zones that have area */
    uint32_t *tree_zone; /**< tree row -> zone number */
    zf_groups *groups;
    zf_grids *grids;       /**< of the zones of the current pass */
    zf_grids *other_grids; /**< of zones of other passes, those that were used last */
    size_t grid_share_bytes;
    zf_differing *differing; /**< one for each carried field */
    zf_catalogue_tally tally;
};

/** Fields of the zone layer that are read. */
typedef struct zf_zone_fields {
    int zip;   /**< -1 when ZIPs are combined */
    int order; /**< -1: by ZIP id */
    bool is_descending;
} zf_zone_fields;

/* ---- locator.c ---- */

/** Builds the locator in the arena: 4 bytes for each (zone, cell) pair, at most a million pairs. extent is
 * that of all zones. */
ZF_MUST_USE zf_status zf_locator_create(const zf_zone *zones, size_t n, const zf_envelope *extent,
                                        zf_arena *arena, zf_locator **out, zf_error *error);
/**
 * Finds the zones that may intersect the envelope, ascending; borrowed from the locator. The caller compares
 * their envelopes.
 * @return false when the envelope extends over several cells: use the tree.
 */
bool zf_locator_find(const zf_locator *locator, const zf_envelope *envelope, const uint32_t **out,
                     size_t *out_n);

/* ---- store.c ---- */

void zf_zone_store_init(zf_zone_store *store, zf_budget *budget, size_t share_bytes, const char *temp_dir);
void zf_zone_store_deinit(zf_zone_store *store);
/** Copies a polygon into the store. ZF_E_OUTPUT when the temporary file cannot be written. */
ZF_MUST_USE zf_status zf_zone_store_append(zf_zone_store *store, zf_bytes wkb, zf_zone_location *out,
                                           zf_error *error);
/** Gives a polygon back, borrowed from the store or read into scratch. Thread-safe once nothing is appended
 * any more. */
ZF_MUST_USE zf_status zf_zone_store_read(const zf_zone_store *store, const zf_zone_location *location,
                                         zf_arena *scratch, zf_bytes *out, zf_error *error);

/* ---- groups.c: passes ---- */

/** The pass of a zone, relative to the current one. */
typedef enum zf_zone_pass { ZF_PASS_DONE = 0, ZF_PASS_CURRENT, ZF_PASS_LATER } zf_zone_pass;

/** Lives in the arena; zones borrowed. No zone is in the current pass yet. */
ZF_MUST_USE zf_status zf_groups_create(const zf_zone *zones, size_t n, zf_arena *arena, zf_groups **out,
                                       zf_error *error);
/** See zf_catalogue_first_pass. */
void zf_groups_first(zf_groups *groups, size_t share_bytes, const zf_envelope *expected);
/** See zf_catalogue_next_pass. */
bool zf_groups_next(zf_groups *groups, uint64_t n_points_of_reading);
/** true if the grids of this pass do not fit into memory together. */
bool zf_groups_is_evicting(const zf_groups *groups);
zf_zone_pass zf_groups_pass(const zf_groups *groups, uint32_t zone);
/** Marks a zone of a later pass as the candidate of some building. Thread-safe. */
void zf_groups_want(zf_groups *groups, uint32_t zone);
zf_envelope zf_groups_extent(const zf_groups *groups);
size_t zf_groups_forecast(const zf_groups *groups, size_t share_bytes, const zf_envelope *expected);

/* ---- grids.c: the zones' grids, each built when it is first needed ---- */

/** For the zones of the catalogue, borrowed for the grids' life. */
ZF_MUST_USE zf_status zf_grids_create(const zf_catalogue *catalogue, zf_grids **out, zf_error *error);
void zf_grids_destroy(zf_grids *grids); /**< NULL is legal */
/** Releases all grids; no thread may be using one. */
void zf_grids_clear(zf_grids *grids);
/**
 * Sets the limit in bytes; above it, grids that were not used recently are evicted. SIZE_MAX: none is. No
 * thread may be using one.
 */
void zf_grids_set_share(zf_grids *grids, size_t share_bytes);
/** Borrows the grid of a zone that has area, until zf_grids_release. Thread-safe; each thread holds one grid
 * at a time, and for a short time: other threads may wait for its memory. */
ZF_MUST_USE zf_status zf_grids_get(zf_grids *grids, uint32_t number, const zf_grid **out, zf_error *error);
void zf_grids_release(zf_grids *grids, uint32_t number);

/** Finds the fields of `zip_field` and `order_by` in the layer. ZF_E_USAGE lists the layer's fields. */
ZF_MUST_USE zf_status zf_zone_fields_find(const zf_source *source, const zf_catalogue_options *options,
                                          zf_zone_fields *out, zf_error *error);

/** The run order of two zones' order values: NULL, then numbers, then text bytewise, as SQLite sorts. */
int zf_zone_compare_values(const zf_value *a, const zf_value *b);

#endif
