/* SPDX-License-Identifier: MIT */
/**
 * @file zone.h
 * The ZIP catalogue, and which ZIPs a building belongs to.
 */
#ifndef ZF_ZONE_H
#define ZF_ZONE_H

#include "index/index.h"
#include "source/source.h"
#include "zonefold/run.h"

/** One ZIP: all features with the same id. Owned by the catalogue. */
typedef struct zf_zone {
    uint32_t rank; /**< 1.. in run order */
    const char *zip;
    uint32_t n_parts;     /**< polygons of the united geometry */
    zf_envelope envelope; /**< in the buildings' CRS; empty for a ZIP without area */
    zf_bytes wkb;         /**< 2D, in the buildings' CRS, valid; bytes NULL for a ZIP without area */
} zf_zone;

typedef struct zf_catalogue zf_catalogue;

/** A zone feature that was repaired or left out, as it is told to the caller. Borrowed for the call. */
typedef struct zf_zone_reject {
    int64_t fid;
    uint64_t ordinal;
    const char *reason;
    const char *detail; /**< nullable */
    bool is_repaired;
    double area_delta_m2; /**< NaN: unknown */
    double x, y;          /**< in the buildings' CRS; NaN: unknown */
} zf_zone_reject;

typedef struct zf_catalogue_options {
    const char *zip_field; /**< NULL: the only well-known one */
    const char *where;
    const char *order_by; /**< "FIELD" or "FIELD DESC"; NULL: ZIP id */
    bool combine;
    zf_on_invalid on_invalid;
    zf_transform *transform; /**< into the buildings' CRS; NULL: already there */
    zf_metric *metric;       /**< of the buildings' CRS, for the areas that repairs change */
    const zf_callbacks *callbacks;
    zf_status (*reject)(void *user, const zf_zone_reject *reject, zf_error *error);
    void *reject_user;
} zf_catalogue_options;

/**
 * Reads the zone layer once: filter, repair, transform, unite features of one id, order.
 * @return ZF_E_USAGE for fields that are not there (lists those that are), ZF_E_INPUT for a layer without a
 * polygon or an invalid feature under ZF_INVALID_FAIL. Order: by order_by (numbers as numbers, text bytewise,
 * NULL first as in SQLite; DESC turns it), then by ZIP id bytewise.
 */
ZF_MUST_USE zf_status zf_catalogue_load(zf_source *source, const zf_catalogue_options *options,
                                        zf_budget *budget, zf_catalogue **out, zf_error *error);
void zf_catalogue_destroy(zf_catalogue *catalogue); /**< NULL is legal */
size_t zf_catalogue_count(const zf_catalogue *catalogue);
const zf_zone *zf_catalogue_zone(const zf_catalogue *catalogue, size_t i); /**< i = rank - 1 */
zf_envelope zf_catalogue_extent(const zf_catalogue *catalogue);
/** Features read, and left out. */
uint64_t zf_catalogue_features_read(const zf_catalogue *catalogue);
uint64_t zf_catalogue_features_skipped(const zf_catalogue *catalogue);

/** Tells which ZIPs a footprint belongs to; one per thread, borrowing the catalogue. */
typedef struct zf_assigner zf_assigner;

/** Zone numbers (rank - 1), ascending; valid until the next call on the same assigner. */
typedef struct zf_assignment {
    const uint32_t *assigned;
    size_t n_assigned;
    const uint32_t *crossing; /**< not assigned, but the interiors meet */
    size_t n_crossing;
} zf_assignment;

/** geos is the thread's context, borrowed for the assigner's life. */
ZF_MUST_USE zf_status zf_assigner_create(const zf_catalogue *catalogue, zf_assign_rule rule, zf_geos *geos,
                                         zf_budget *budget, zf_assigner **out, zf_error *error);
void zf_assigner_destroy(zf_assigner *assigner); /**< NULL is legal */
/**
 * true when some ZIP's envelope meets this one: only then is the footprint worth a closer look. No
 * allocation. An assignment of the same envelope that follows does not search again.
 */
bool zf_assigner_has_candidates(zf_assigner *assigner, const zf_envelope *envelope);
/** One footprint to assign; everything borrowed. */
typedef struct zf_subject {
    const zf_wkb *wkb;   /**< valid, in the catalogue's CRS */
    const zf_geom *geom; /**< the same where the caller has it already, or NULL */
    const zf_geom
        *rest; /**< what a repair left of the building without area (zf_geom_make_valid), or NULL: it must lie
                  in the ZIP too for within and covered-by, and is enough for intersects */
} zf_subject;

/**
 * Equal to GEOS's unprepared predicates for every ZIP. Cost: a walk down the tree of ZIP envelopes, and an
 * exact predicate for each candidate that cannot be settled without.
 */
ZF_MUST_USE zf_status zf_assigner_assign(zf_assigner *assigner, const zf_subject *subject, zf_assignment *out,
                                         zf_error *error);

#endif
