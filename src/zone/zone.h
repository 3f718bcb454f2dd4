/* SPDX-License-Identifier: MIT */
/**
 * @file zone.h
 * The ZIP catalogue, and which ZIPs a building belongs to.
 */
#ifndef ZF_ZONE_H
#define ZF_ZONE_H

#include "examine/examine.h"
#include "index/index.h"

/** Where the bytes of a polygon are. */
typedef struct zf_zone_place {
    const uint8_t *bytes; /**< in memory; NULL: in the temporary file */
    uint64_t at;
    size_t n;
} zf_zone_place;

/** One ZIP: all features with the same id. Owned by the catalogue. */
typedef struct zf_zone {
    uint32_t rank; /**< 1.. in run order */
    const char *zip;
    uint32_t n_parts;     /**< polygons of the united geometry */
    uint32_t n_points;    /**< vertices, closing points included */
    zf_envelope envelope; /**< in the buildings' CRS; empty for a ZIP without area */
    zf_zone_place wkb;    /**< where its polygon is (zf_catalogue_wkb); n == 0 for a ZIP without area */
} zf_zone;

typedef struct zf_catalogue zf_catalogue;

typedef struct zf_catalogue_options {
    size_t n_threads;      /**< that may look at polygons side by side; 0: one */
    size_t share_bytes;    /**< polygons beyond it wait in a temporary file */
    const char *temp_dir;  /**< NULL: TMPDIR, else /tmp. Not touched unless it is needed */
    const char *zip_field; /**< NULL: the only well-known one */
    const char *where;
    const char *order_by; /**< "FIELD" or "FIELD DESC"; NULL: ZIP id */
    bool combine;
    zf_on_invalid on_invalid;
    zf_transform *transform; /**< into the buildings' CRS; NULL: already there */
    zf_metric *metric;       /**< of the buildings' CRS, for the areas that repairs change */
    double half_turn;        /**< zf_crs_half_turn of the buildings' CRS */
    const zf_callbacks *callbacks;
    zf_reject_sink reject; /**< takes the features that are repaired or left out; nullable */
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
/**
 * A ZIP's polygon as WKB: 2D, in the buildings' CRS, valid; bytes NULL for a ZIP without area. Borrowed from
 * the catalogue, or read from the temporary file into scratch. From any thread. ZF_E_MEMORY, ZF_E_INPUT.
 */
ZF_MUST_USE zf_status zf_catalogue_wkb(const zf_catalogue *catalogue, size_t i, zf_arena *scratch,
                                       zf_bytes *out, zf_error *error);
zf_envelope zf_catalogue_extent(const zf_catalogue *catalogue);
/** Vertices of all ZIPs, and of the largest. */
uint64_t zf_catalogue_points(const zf_catalogue *catalogue, uint32_t *out_largest);
/** Features read, and left out. */
uint64_t zf_catalogue_features_read(const zf_catalogue *catalogue);
uint64_t zf_catalogue_features_skipped(const zf_catalogue *catalogue);
/** Features with an edge around the world (zf_wkb_crosses_antimeridian), and the first of them. */
uint64_t zf_catalogue_features_turned(const zf_catalogue *catalogue, int64_t *out_first);

/* ---- passes over the buildings ---- */

/** Bytes that looking at a ZIP of so many vertices needs at most: all the while, and where GEOS must be
 * asked. */
size_t zf_zone_grid_bytes(uint32_t n_points);
size_t zf_zone_exact_bytes(uint32_t n_points);

/**
 * Settles which ZIPs are looked at in the first pass (after loading: all of them): as many as fit into
 * grid_bytes (at least one), those that meet `expected` (NULL: not known) before the others.
 * @param exact_bytes what all assigners together may keep of GEOS's prepared polygons; one at least is kept.
 */
void zf_catalogue_first_pass(zf_catalogue *catalogue, size_t grid_bytes, size_t exact_bytes,
                             size_t n_assigners, const zf_envelope *expected);
/**
 * The next pass: of the ZIPs that some building came near and whose turn has not been, as many as fit. Or all
 * of them, where neighbouring buildings come one after the other: then what speeds a ZIP up is given back
 * when others need the room and made again when the ZIP comes back, which the last pass has counted. Gives
 * the memory of the last pass back; no assigner may be at work.
 * @param n_points_of_reading vertices of ZIPs that can be made ready in the time of one reading of the
 * buildings; 0: only what fits.
 * @return false when none is left.
 */
bool zf_catalogue_next_pass(zf_catalogue *catalogue, uint64_t n_points_of_reading);
/** false when some ZIP's turn is to come, should a building come near it. */
bool zf_catalogue_is_one_pass(const zf_catalogue *catalogue);
/** Around the ZIPs of the current pass: no other building matters to it. */
zf_envelope zf_catalogue_pass_extent(const zf_catalogue *catalogue);
/** How many passes it will take at most if just the ZIPs that meet `expected` are needed. */
size_t zf_catalogue_forecast_passes(const zf_catalogue *catalogue, size_t grid_bytes,
                                    const zf_envelope *expected);
/** Gives back all that only assigning needs; nothing may be assigned any more. */
void zf_catalogue_end_passes(zf_catalogue *catalogue);

/**
 * Does the rule compare a footprint's ZIPs with one another? Then an assignment is of all candidates, and is
 * made in the first pass that has one of them; those whose turn is later are asked of GEOS.
 */
bool zf_assign_rule_is_overlap(zf_assign_rule rule);

/** Tells which ZIPs a footprint belongs to; one per thread, borrowing the catalogue. */
typedef struct zf_assigner zf_assigner;

/** Zone numbers (rank - 1), ascending; valid until the next call on the same assigner. */
typedef struct zf_assignment {
    const uint32_t *assigned;
    size_t n_assigned;
    const uint32_t *crossing; /**< not assigned, but the interiors meet */
    size_t n_crossing;
    const double *shares; /**< of the footprint's area, for each assigned; NULL: all of it */
    double again, beyond; /**< with shares: the part that they count more than once, and the part in no ZIP */
    double rounding;      /**< with shares: what their sum may be wrong by */
} zf_assignment;

/** geos is the thread's context, borrowed for the assigner's life. */
ZF_MUST_USE zf_status zf_assigner_create(const zf_catalogue *catalogue, zf_assign_rule rule, zf_geos *geos,
                                         zf_budget *budget, zf_assigner **out, zf_error *error);
void zf_assigner_destroy(zf_assigner *assigner); /**< NULL is legal */
/** After zf_catalogue_next_pass, before the pass. */
void zf_assigner_next_pass(zf_assigner *assigner);

/** ZIPs whose envelopes meet a footprint's, by the pass in which they are looked at. */
typedef struct zf_candidates {
    size_t n_now;
    size_t n_earlier; /**< looked at in an earlier pass */
    size_t n_later;
    const uint32_t
        *now; /**< n_now zone numbers, ascending; borrowed until the next call on the same assigner */
    const uint32_t *later; /**< n_later likewise, in no order */
} zf_candidates;

/**
 * Only a footprint with candidates is worth a closer look, and only in a pass that has some. Remembers which
 * ZIPs of later passes are needed. No allocation. An assignment of the same envelope that follows does not
 * search again.
 */
zf_candidates zf_assigner_find(zf_assigner *assigner, const zf_envelope *envelope);
/** One footprint to assign; everything borrowed. */
typedef struct zf_subject {
    const zf_wkb *wkb;   /**< valid, in the catalogue's CRS */
    const zf_geom *geom; /**< the same where the caller has it already, or NULL */
    const zf_geom
        *rest; /**< what a repair left of the building without area (zf_geom_make_valid), or NULL: it must lie
                  in the ZIP too for within and covered-by, and is enough for intersects */
} zf_subject;

/**
 * Equal to GEOS's unprepared predicates for every ZIP of the current pass. Cost: a walk down the tree of ZIP
 * envelopes, and an exact predicate for each candidate that cannot be settled without.
 */
ZF_MUST_USE zf_status zf_assigner_assign(zf_assigner *assigner, const zf_subject *subject, zf_assignment *out,
                                         zf_error *error);

/** Is this one of the names under which a layer's ZIP id is looked for? (fields.c) */
bool zf_zone_is_zip_name(const char *name);

/* ---- buildings near a ZIP that are not of it (halo.c) ---- */

/** Of one ZIP: how far from it, in the CRS, buildings matter. */
typedef struct zf_margin {
    double x, y; /**< negative: none do */
} zf_margin;

/** Of all ZIPs. */
typedef struct zf_halo {
    zf_margin *margins; /**< per zone number */
    zf_margin most;
    double half_turn; /**< zf_metric_half_turn */
} zf_halo;

/** The footprint's envelope, as far as the most of the margins reaches. */
zf_envelope zf_halo_around(const zf_halo *halo, const zf_envelope *envelope);
/**
 * ZIPs of the current pass that the envelope, with the ZIP's margin, is not surely outside of; but for those
 * that the building is surely assigned to. After zf_assigner_find of zf_halo_around; no other look-up
 * between.
 * @param out  zone numbers, ascending, as the assigned ones; valid until the next call on the assigner.
 */
ZF_MUST_USE zf_status zf_assigner_find_halo(zf_assigner *assigner, const zf_envelope *envelope,
                                            const zf_halo *halo, zf_assignment *out, zf_error *error);
/** Is all of the envelope in the zone's interior? false where that is not known. */
ZF_MUST_USE zf_status zf_assigner_is_inside(zf_assigner *assigner, uint32_t zone, const zf_envelope *envelope,
                                            bool *out, zf_error *error);

#endif
