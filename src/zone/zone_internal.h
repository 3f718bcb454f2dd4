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
    int64_t fid;
    uint64_t ordinal;  /**< position in the layer */
    zf_zone_place wkb; /**< n == 0 for a feature without area */
    zf_envelope envelope;
    uint32_t n_parts, n_points;
    bool is_unchecked; /**< it may be invalid */
} zf_piece;

typedef struct zf_piece_list {
    zf_piece *items;
    size_t n, cap;
} zf_piece_list;

typedef struct zf_grids zf_grids;
typedef struct zf_groups zf_groups;
typedef struct zf_exact zf_exact;
typedef struct zf_locator zf_locator;

/** store.c: the polygons of the catalogue. */
typedef struct zf_zone_store {
    size_t share_bytes;
    zf_arena arena;
    zf_temp_file file;
    uint64_t file_bytes;
} zf_zone_store;

/** What was met while the ZIP layer was read. */
typedef struct zf_catalogue_tally {
    zf_envelope extent; /**< of all zones */
    uint64_t n_points;  /**< of all zones */
    uint32_t n_points_largest;
    uint64_t n_read, n_skipped; /**< features */
    uint64_t n_turned;          /**< features that cross the antimeridian without being split there */
    int64_t first_turned;       /**< fid of the first of them */
} zf_catalogue_tally;

struct zf_catalogue {
    zf_budget *budget;
    zf_arena arena; /**< everything below lives here */
    zf_zone_store store;
    zf_zone *zones; /**< n_zones, by rank */
    size_t n_zones;
    zf_locator *locator; /**< for envelopes smaller than its cells: most footprints */
    zf_index *tree;      /**< for the others: over the envelopes of the zones that have area */
    uint32_t *tree_zone; /**< tree row -> zone number */
    zf_groups *groups;
    zf_grids *grids;
    size_t grid_share_bytes;
    zf_exact *shared_exact; /**< of ZIPs too large for each assigner to have its own */
    size_t own_exact_bytes; /**< what each assigner may keep for itself */
    zf_catalogue_tally tally;
};

/** Fields of the zone layer that matter. */
typedef struct zf_zone_fields {
    int zip;   /**< -1 when ZIPs are combined */
    int order; /**< -1: by ZIP id */
    bool is_descending;
} zf_zone_fields;

/* ---- locator.c ---- */

/** Lives in the arena: 4 bytes for each (zone, cell) pair, of which there are at most a million. extent is
 * that of all zones. */
ZF_MUST_USE zf_status zf_locator_create(const zf_zone *zones, size_t n, const zf_envelope *extent,
                                        zf_arena *arena, zf_locator **out, zf_error *error);
/**
 * Zones that may meet the envelope (their own envelopes are still to be compared), ascending; borrowed from
 * the locator.
 * @return false when the envelope reaches over several cells: ask the tree.
 */
bool zf_locator_find(const zf_locator *locator, const zf_envelope *envelope, const uint32_t **out,
                     size_t *out_n);

/* ---- store.c ---- */

void zf_zone_store_init(zf_zone_store *store, zf_budget *budget, size_t share_bytes, const char *temp_dir);
void zf_zone_store_deinit(zf_zone_store *store);
/** ZF_E_OUTPUT when the temporary file cannot be written. */
ZF_MUST_USE zf_status zf_zone_store_append(zf_zone_store *store, zf_bytes wkb, zf_zone_place *out,
                                           zf_error *error);
/** Borrowed from the store, or in scratch. From any thread, once nothing is appended any more. */
ZF_MUST_USE zf_status zf_zone_store_read(const zf_zone_store *store, const zf_zone_place *place,
                                         zf_arena *scratch, zf_bytes *out, zf_error *error);

/* ---- groups.c: passes ---- */

/** When a zone is looked at, seen from the current pass. */
typedef enum zf_zone_turn { ZF_TURN_OVER = 0, ZF_TURN_NOW, ZF_TURN_LATER } zf_zone_turn;

/** Lives in the arena; zones borrowed. Nobody's turn is now. */
ZF_MUST_USE zf_status zf_groups_create(const zf_zone *zones, size_t n, zf_arena *arena, zf_groups **out,
                                       zf_error *error);
/** See zf_catalogue_first_pass. */
void zf_groups_first(zf_groups *groups, size_t share_bytes, const zf_envelope *expected);
/** See zf_catalogue_next_pass. */
bool zf_groups_next(zf_groups *groups, uint64_t n_points_of_reading);
/** The zones of this pass do not fit together. */
bool zf_groups_is_flowing(const zf_groups *groups);
zf_zone_turn zf_groups_turn(const zf_groups *groups, uint32_t zone);
/** A building came near a zone whose turn is later. From any thread. */
void zf_groups_want(zf_groups *groups, uint32_t zone);
zf_envelope zf_groups_extent(const zf_groups *groups);
size_t zf_groups_forecast(const zf_groups *groups, size_t share_bytes, const zf_envelope *expected);

/* ---- exact.c: GEOS's prepared polygons, as many as fit ---- */

/** A prepared polygon of GEOS. */
typedef struct zf_exact_zone {
    zf_geom *geom;
    zf_prepared *prepared;
} zf_exact_zone;

/** is_shared: several threads ask, each holds what it gets until it lets go. */
ZF_MUST_USE zf_status zf_exact_create(const zf_catalogue *catalogue, size_t share_bytes, bool is_shared,
                                      zf_exact **out, zf_error *error);
void zf_exact_destroy(zf_exact *exact); /**< NULL is legal */
/** *out is the caller's until zf_exact_let_go; nothing else may be asked for meanwhile. geos: the thread's.
 */
ZF_MUST_USE zf_status zf_exact_get(zf_exact *exact, zf_geos *geos, uint32_t zone, const zf_exact_zone **out,
                                   zf_error *error);
void zf_exact_let_go(zf_exact *exact);
/** What may be kept from now on. */
void zf_exact_set_share(zf_exact *exact, size_t share_bytes);
/** Gives everything back. */
void zf_exact_clear(zf_exact *exact);

/* ---- grids.c: the zones' grids, each made when a building comes near ---- */

/** For the zones of the catalogue, borrowed for the grids' life. */
ZF_MUST_USE zf_status zf_grids_create(const zf_catalogue *catalogue, zf_grids **out, zf_error *error);
void zf_grids_destroy(zf_grids *grids); /**< NULL is legal */
/** Gives back all grids; no thread may be using one. */
void zf_grids_clear(zf_grids *grids);
/**
 * What grids may take from now on: beyond that those not lately used are given back. SIZE_MAX: all stay. No
 * thread may be using one.
 */
void zf_grids_set_share(zf_grids *grids, size_t share_bytes);
/** Grid of a zone that has area, which stays until it is let go. From any thread, which uses one at a time:
 * who keeps a grid for long may keep others waiting for room. */
ZF_MUST_USE zf_status zf_grids_get(zf_grids *grids, uint32_t number, const zf_grid **out, zf_error *error);
void zf_grids_let_go(zf_grids *grids, uint32_t number);

/** Settles --zip-field and --order-by against the layer. ZF_E_USAGE lists the layer's fields. */
ZF_MUST_USE zf_status zf_zone_fields_find(const zf_source *source, const zf_catalogue_options *options,
                                          zf_zone_fields *out, zf_error *error);

/** The run order of two zones' order values: NULL, then numbers, then text bytewise, as SQLite sorts. */
int zf_zone_compare_values(const zf_value *a, const zf_value *b);

#endif
