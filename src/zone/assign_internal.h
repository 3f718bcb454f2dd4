/* SPDX-License-Identifier: MIT */
/** What assigning by predicates (assign.c) and by overlap (overlap.c) share. */
#ifndef ZF_ZONE_ASSIGN_INTERNAL_H
#define ZF_ZONE_ASSIGN_INTERNAL_H

#include "geometry/overlay.h"
#include "zone/zone_internal.h"

struct zf_assigner {
    const zf_catalogue *catalogue;
    zf_assign_rule rule;
    zf_geos *geos; /**< borrowed */
    zf_budget *budget;
    zf_prepared_cache *own_prepared; /**< of zones that are not too large for each assigner to have its own */
    uint32_t *found;                 /**< n_zones; candidates of the last search in the current pass */
    uint32_t *later;                 /**< n_zones; its candidates in later passes */
    size_t n_found, n_earlier, n_later;
    zf_envelope found_for; /**< envelope of the last search */
    uint32_t *assigned;    /**< n_zones */
    uint32_t *crossing;    /**< n_zones */
    double *overlaps;      /**< n_zones, when the rule goes by overlap */
};

/** State of assigning one footprint. GEOS's geometries are built only when a zone's grid cannot decide. */
typedef struct zf_assign_state {
    const zf_footprint *footprint;
    const zf_geom *geom;      /**< the footprint; NULL until needed */
    const zf_geom *tested;    /**< what the rule tests: the footprint or its point; NULL until needed */
    zf_geom *own, *own_point; /**< geometries built here; owned */
    zf_envelope envelope;     /**< of the footprint and what a repair left of it */
} zf_assign_state;

/* ---- assign_state.c ---- */

/** Sorts numbers of zones, ascending. */
void zf_zones_sort(uint32_t *zones, size_t n);
/** Builds state->geom, the footprint in GEOS, unless it is there. */
ZF_MUST_USE zf_status zf_assign_state_build_geom(zf_assigner *assigner, zf_assign_state *state,
                                                 zf_error *error);
/** Decides by GEOS whether the interiors of the footprint and of the zone intersect. */
ZF_MUST_USE zf_status zf_assign_state_find_crossing(zf_assigner *assigner, uint32_t zone,
                                                    zf_assign_state *state, bool *out, zf_error *error);
/** The cache that holds a zone's prepared polygon: the assigner's own, or the shared one for large zones. */
zf_prepared_cache *zf_assigner_prepared_cache(const zf_assigner *assigner, uint32_t zone);

/* ---- relate_zone.c: exact relations where GEOS throws ---- */

/** Relation of a footprint to a zone. ZF_E_MEMORY, ZF_E_INPUT. */
ZF_MUST_USE zf_status zf_assigner_relate(const zf_assigner *assigner, uint32_t zone, const zf_wkb *footprint,
                                         zf_relation *out, zf_error *error);
/** Areas that it has in common with n zones; see zf_overlay_measure. */
ZF_MUST_USE zf_status zf_assigner_overlay(const zf_assigner *assigner, const uint32_t *zones, size_t n,
                                          const zf_wkb *footprint, zf_overlay *out, zf_error *error);
/* ---- overlap.c ---- */

/** Assigns by `largest` or `share`, over the candidates of all passes. */
ZF_MUST_USE zf_status zf_overlap_assign(zf_assigner *assigner, zf_assign_state *state, zf_assignment *out,
                                        zf_error *error);
/** The same for points and lines (path_overlap.c). n: number of candidates, in assigner->assigned, ascending. */
ZF_MUST_USE zf_status zf_path_overlap_assign(zf_assigner *assigner, size_t n, zf_assign_state *state,
                                             zf_assignment *out, zf_error *error);

#endif
