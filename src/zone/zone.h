/* SPDX-License-Identifier: MIT */
/**
 * @file zone.h
 * The ZIP catalogue, and which ZIPs a building belongs to.
 */
#ifndef ZF_ZONE_H
#define ZF_ZONE_H

#include "examine/examine.h"
#include "index/index.h"

/** Location of a polygon's WKB. */
typedef struct zf_zone_location {
    const uint8_t *bytes; /**< in memory; NULL: in the temporary file */
    uint64_t at;
    size_t n;
} zf_zone_location;

/** One ZIP: all features with the same id. Owned by the catalogue. */
typedef struct zf_zone {
    uint32_t rank; /**< 1.. in run order */
    const char *zip;
    uint32_t n_parts;     /**< polygons of the united geometry */
    uint32_t n_points;    /**< vertices, closing points included */
    zf_envelope envelope; /**< in the buildings' CRS; empty for a ZIP without area */
    zf_zone_location wkb; /**< where its polygon is (zf_catalogue_wkb); n == 0 for a ZIP without area */
    const zf_value *values; /**< of the carried fields; NULL where the features of the ZIP differ */
} zf_zone;

typedef struct zf_catalogue zf_catalogue;

/** Fields whose values are kept with the ZIPs. */
typedef struct zf_zone_carried {
    const int *fields; /**< n field numbers */
    size_t n;
} zf_zone_carried;

typedef struct zf_catalogue_options {
    size_t n_threads;      /**< threads that check polygons in parallel; 0: one */
    size_t share_bytes;    /**< memory for polygons; the others go to a temporary file */
    const char *temp_dir;  /**< NULL: TMPDIR, else /tmp. Not touched unless it is needed */
    const char *zip_field; /**< NULL: the only well-known one */
    const char *where;
    const char *order_by; /**< "FIELD" or "FIELD DESC"; NULL: ZIP id */
    bool combine;
    zf_zone_carried carried;
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
/** Number of ZIPs whose features have different values in carried field k, and the id of the first. */
size_t zf_catalogue_differing(const zf_catalogue *catalogue, size_t k, const char **out_zip);
/** Finds a field of the zone layer for a parameter. ZF_E_USAGE lists the fields, and names the nearest. */
ZF_MUST_USE zf_status zf_zone_find_field(const zf_source *source, const char *parameter, const char *name,
                                         int *out, zf_error *error);
/** Features read, and left out. */
uint64_t zf_catalogue_features_read(const zf_catalogue *catalogue);
uint64_t zf_catalogue_features_skipped(const zf_catalogue *catalogue);
/** Number of features with an edge that crosses the antimeridian (zf_wkb_crosses_antimeridian), and the fid of the
 * first. */
uint64_t zf_catalogue_features_crossing_antimeridian(const zf_catalogue *catalogue, int64_t *out_first);

/* ---- passes over the buildings ---- */

/** Upper bound for a ZIP of n_points vertices: bytes of its grid. */
size_t zf_zone_grid_bytes(uint32_t n_points);

/**
 * Chooses the ZIPs of the first pass: as many as fit into grid_bytes (at least one), those that intersect
 * `expected` (NULL: unknown) first. After loading, all ZIPs are in the first pass.
 * @param other_bytes limit for grids of ZIPs of other passes, which rules that compare ZIPs need; one is always kept.
 */
void zf_catalogue_first_pass(zf_catalogue *catalogue, size_t grid_bytes, size_t other_bytes,
                             const zf_envelope *expected);
/**
 * Chooses the ZIPs of the next pass among those that are candidates of some building and have not been in a
 * pass: as many as fit, or all of them if evicting and rebuilding their grids costs less than more readings
 * of the buildings (the last pass has counted how often grids would be rebuilt). Releases the memory of the
 * last pass; no assigner may be in use.
 * @param n_points_of_reading number of ZIP vertices whose grids can be built in the time of one reading of
 * the buildings; 0: never evict.
 * @return false when no ZIP is left.
 */
bool zf_catalogue_next_pass(zf_catalogue *catalogue, uint64_t n_points_of_reading);
/** false when some ZIP is left for a later pass. */
bool zf_catalogue_is_one_pass(const zf_catalogue *catalogue);
/** Envelope of the ZIPs of the current pass; buildings outside it are not needed in this pass. */
zf_envelope zf_catalogue_pass_extent(const zf_catalogue *catalogue);
/** Upper bound of the number of passes if only the ZIPs that intersect `expected` are needed. */
size_t zf_catalogue_forecast_passes(const zf_catalogue *catalogue, size_t grid_bytes,
                                    const zf_envelope *expected);
/** Releases what only assigning needs; no assignment may follow. */
void zf_catalogue_end_passes(zf_catalogue *catalogue);

/**
 * true for rules that compare the ZIPs of a footprint with one another (largest, share). They assign in the
 * first pass that has a candidate and consider all candidates, also those of later passes.
 */
bool zf_assign_rule_is_overlap(zf_assign_rule rule);

/** Finds the ZIPs of a footprint; one per thread; borrows the catalogue. */
typedef struct zf_assigner zf_assigner;

/** Zone numbers (rank - 1), ascending; valid until the next call on the same assigner. */
typedef struct zf_assignment {
    const uint32_t *assigned;
    size_t n_assigned;
    const uint32_t *crossing; /**< not assigned, but the interiors intersect */
    size_t n_crossing;
    const double *shares; /**< n_assigned, parts of the footprint's area; NULL: 1 for each */
    double repeated,
        outside; /**< with shares: the part in several ZIPs, counted more than once, and the part in no ZIP */
    double rounding; /**< with shares: error bound of their sum */
} zf_assignment;

/** geos is the thread's context, borrowed for the assigner's life. */
ZF_MUST_USE zf_status zf_assigner_create(const zf_catalogue *catalogue, zf_assign_rule rule, zf_geos *geos,
                                         zf_budget *budget, zf_assigner **out, zf_error *error);
void zf_assigner_destroy(zf_assigner *assigner); /**< NULL is legal */
/** Lets the caller cancel the assignment of a large footprint. callbacks: borrowed for the assigner's life. */
void zf_assigner_watch(zf_assigner *assigner, const zf_callbacks *callbacks);
/** After zf_catalogue_next_pass, before the pass. */
void zf_assigner_next_pass(zf_assigner *assigner);

/** ZIPs whose envelopes intersect a footprint's, by pass. */
typedef struct zf_candidates {
    size_t n_now;
    size_t n_earlier; /**< of earlier passes */
    size_t n_later;
    const uint32_t
        *now; /**< n_now zone numbers, ascending; borrowed until the next call on the same assigner */
    const uint32_t *later; /**< n_later likewise, in no order */
} zf_candidates;

/**
 * Finds the candidates of an envelope and marks those of later passes as needed. Takes no memory. A following
 * zf_assigner_assign of the same envelope reuses the result.
 */
zf_candidates zf_assigner_find(zf_assigner *assigner, const zf_envelope *envelope);
/** One footprint to assign; everything borrowed. */
typedef struct zf_footprint {
    const zf_wkb *wkb;   /**< valid, in the catalogue's CRS */
    const zf_geom *geom; /**< the same where the caller has it already, or NULL: saves time for the point rules */
    const zf_geom *rest; /**< lines and points that a repair left beside the polygons (zf_geom_make_valid), or
                            NULL. within and covered-by require the ZIP to cover it; for intersects it is
                            enough that it intersects */
} zf_footprint;

/**
 * Assigns a footprint, exactly on the coordinates as they are, for every ZIP of the current pass. Cost: a search in the
 * locator or the tree of ZIP envelopes, and for each candidate that its grid cannot decide the edges near the footprint.
 * ZF_E_MEMORY; ZF_E_INPUT if the temporary file cannot be read; ZF_E_CANCELLED.
 */
ZF_MUST_USE zf_status zf_assigner_assign(zf_assigner *assigner, const zf_footprint *footprint,
                                         zf_assignment *out, zf_error *error);

/** true for the field names that are taken as ZIP id by default. (fields.c) */
bool zf_zone_is_zip_name(const char *name);

/* ---- buildings near a ZIP that are not assigned to it (halo.c) ---- */

/** How far from one ZIP buildings count as near, in units of the CRS. */
typedef struct zf_margin {
    double x, y; /**< negative: none is near */
} zf_margin;

/** The margins of all ZIPs. */
typedef struct zf_halo {
    zf_margin *margins; /**< per zone number */
    zf_margin most;     /**< the largest */
    double half_turn;   /**< zf_metric_half_turn */
} zf_halo;

/** The footprint's envelope, widened by the largest margin. */
zf_envelope zf_halo_around(const zf_halo *halo, const zf_envelope *envelope);
/**
 * Finds the ZIPs of the current pass that the envelope, widened by the ZIP's margin, may intersect, except
 * those to which the building is certainly assigned. Must directly follow zf_assigner_find with
 * zf_halo_around.
 * @param out  zone numbers, ascending, as the assigned ones; valid until the next call on the assigner.
 */
ZF_MUST_USE zf_status zf_assigner_find_halo(zf_assigner *assigner, const zf_envelope *envelope,
                                            const zf_halo *halo, zf_assignment *out, zf_error *error);
/** true if the whole envelope lies in the zone's interior; false if not or unknown. */
ZF_MUST_USE zf_status zf_assigner_is_inside(zf_assigner *assigner, uint32_t zone, const zf_envelope *envelope,
                                            bool *out, zf_error *error);

#endif
