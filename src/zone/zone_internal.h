/* SPDX-License-Identifier: MIT */
#ifndef ZF_ZONE_INTERNAL_H
#define ZF_ZONE_INTERNAL_H

#include "zone/grid.h"
#include "zone/zone.h"

/** One usable feature of the zone layer before features of one id are united. */
typedef struct zf_piece {
    const char *zip;  /**< in the catalogue's arena */
    zf_value order;   /**< text lives in the catalogue's arena */
    uint64_t ordinal; /**< position in the layer */
    zf_geom *geom;    /**< owned; NULL for a feature without area */
} zf_piece;

typedef struct zf_piece_list {
    zf_piece *items;
    size_t n, cap;
} zf_piece_list;

typedef struct zf_grids zf_grids;
typedef struct zf_locator zf_locator;

struct zf_catalogue {
    zf_budget *budget;
    zf_arena arena; /**< everything below lives here */
    zf_zone *zones; /**< n_zones, by rank */
    size_t n_zones;
    zf_locator *locator; /**< for envelopes smaller than its cells: most footprints */
    zf_index *tree;      /**< for the others: over the envelopes of the zones that have area */
    uint32_t *tree_zone; /**< tree row -> zone number */
    zf_grids *grids;
    zf_envelope extent;
    uint64_t n_read, n_skipped;
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

/* ---- grids.c: the zones' grids, each made when a building first comes near ---- */

/** For zones[0..n); borrowed for the grids' life. */
ZF_MUST_USE zf_status zf_grids_create(const zf_zone *zones, size_t n, zf_budget *budget, zf_grids **out,
                                      zf_error *error);
void zf_grids_destroy(zf_grids *grids); /**< NULL is legal */
/** Grid of a zone that has area; from any thread. */
ZF_MUST_USE zf_status zf_grids_get(zf_grids *grids, uint32_t number, const zf_grid **out, zf_error *error);

/** Settles --zip-field and --order-by against the layer. ZF_E_USAGE lists the layer's fields. */
ZF_MUST_USE zf_status zf_zone_fields_find(const zf_source *source, const zf_catalogue_options *options,
                                          zf_zone_fields *out, zf_error *error);

/** The run order of two zones' order values: NULL, then numbers, then text bytewise, as SQLite sorts. */
int zf_zone_compare_values(const zf_value *a, const zf_value *b);

#endif
