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
    const zf_callbacks *callbacks; /**< borrowed, nullable */
    zf_arena scratch;              /**< of one footprint */
    uint32_t *found;               /**< n_zones; candidates of the last search in the current pass */
    uint32_t *later;               /**< n_zones; its candidates in later passes */
    size_t n_found, n_earlier, n_later;
    zf_envelope found_for; /**< envelope of the last search */
    uint32_t *assigned;    /**< n_zones */
    uint32_t *crossing;    /**< n_zones */
    double *overlaps;      /**< n_zones, when the rule goes by overlap */
};

/** State of assigning one footprint. What only some footprints need is computed when it is first needed, in the
 * assigner's scratch. */
typedef struct zf_assign_state {
    const zf_footprint *footprint;
    zf_envelope envelope;  /**< of the footprint and what a repair left of it */
    zf_relate_subject own; /**< no edges until needed */
    zf_geom_rest rest;
    bool has_rest;
    zf_point tested; /**< the footprint's centroid or inner point; NaN if it has none */
    bool has_tested;
} zf_assign_state;

/* ---- assign_state.c ---- */

/** Sorts numbers of zones, ascending. */
void zf_zones_sort(uint32_t *zones, size_t n);
/** Computes state->tested, of polygons by GEOS, unless it is there. */
ZF_MUST_USE zf_status zf_assign_state_find_tested(zf_assigner *assigner, zf_assign_state *state, zf_error *error);

/* ---- relate_zone.c: exact relations by the edges near the footprint ---- */

/** A borrowed grid. */
typedef struct zf_borrowed_grid {
    const zf_grid *grid;
    zf_grids *grids;
    uint32_t zone;
} zf_borrowed_grid;

/** Borrows a zone's grid, also of a zone of a later pass. One at a time. ZF_E_MEMORY, ZF_E_INPUT. */
ZF_MUST_USE zf_status zf_assigner_get_grid(const zf_assigner *assigner, uint32_t zone, zf_borrowed_grid *out,
                                           zf_error *error);
void zf_assigner_release_grid(const zf_borrowed_grid *grid);
/** Relation of the footprint to a zone. ZF_E_MEMORY, ZF_E_CANCELLED. */
ZF_MUST_USE zf_status zf_assigner_relate(zf_assigner *assigner, const zf_grid *grid, zf_assign_state *state,
                                         zf_relation *out, zf_error *error);
/** The same of what a repair left of it without area. */
ZF_MUST_USE zf_status zf_assigner_relate_rest(zf_assigner *assigner, const zf_grid *grid, zf_assign_state *state,
                                              zf_relation *out, zf_error *error);
/** Areas that it has in common with n zones; see zf_overlay_measure. */
ZF_MUST_USE zf_status zf_assigner_overlay(zf_assigner *assigner, const uint32_t *zones, size_t n, zf_assign_state *state,
                                          zf_overlay *out, zf_error *error);
/** Length of a footprint of lines within a zone, and of all of it. */
ZF_MUST_USE zf_status zf_assigner_measure_line(zf_assigner *assigner, uint32_t zone, zf_assign_state *state, double *out,
                                               double *out_whole, zf_error *error);

/* ---- overlap.c ---- */

/** Assigns by `largest` or `share`, over the candidates of all passes. */
ZF_MUST_USE zf_status zf_overlap_assign(zf_assigner *assigner, zf_assign_state *state, zf_assignment *out,
                                        zf_error *error);
/** The same for points and lines (path_overlap.c). n: number of candidates, in assigner->assigned, ascending. */
ZF_MUST_USE zf_status zf_path_overlap_assign(zf_assigner *assigner, size_t n, zf_assign_state *state,
                                             zf_assignment *out, zf_error *error);

#endif
