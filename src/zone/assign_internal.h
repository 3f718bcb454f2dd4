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
    zf_exact *own_exact; /**< of zones that are not too large for each assigner to have its own */
    uint32_t *found;     /**< n_zones; candidates of the last search whose turn is now */
    uint32_t *later;     /**< n_zones; those whose turn is to come */
    size_t n_found, n_earlier, n_later;
    zf_envelope found_for;
    uint32_t *assigned; /**< n_zones */
    uint32_t *crossing; /**< n_zones */
    double *overlaps;   /**< n_zones, when the rule goes by overlap */
};

/** One footprint under examination. GEOS's geometries are made when a zone's grid cannot settle the matter.
 */
typedef struct zf_question {
    const zf_subject *subject;
    const zf_geom *geom;      /**< the footprint; NULL until asked for */
    const zf_geom *tested;    /**< what the rule tests: the footprint or its point; NULL until asked for */
    zf_geom *own, *own_point; /**< what was made here */
    zf_envelope envelope;     /**< of the footprint and what a repair left of it */
} zf_question;

/* ---- question.c ---- */

/** Sorts numbers of zones, ascending. */
void zf_zones_sort(uint32_t *zones, size_t n);
/** The footprint as GEOS's, into question->geom. */
ZF_MUST_USE zf_status zf_question_need_geom(zf_assigner *assigner, zf_question *question, zf_error *error);
/** Do the interiors of the footprint and of the zone meet? GEOS says. */
ZF_MUST_USE zf_status zf_question_ask_crossing(zf_assigner *assigner, uint32_t zone, zf_question *question,
                                               bool *out, zf_error *error);
/** Where GEOS's side of a zone is kept. */
zf_exact *zf_assigner_keeper(const zf_assigner *assigner, uint32_t zone);

/* ---- relate_zone.c: exact answers where GEOS throws ---- */

/** How a footprint lies to a zone. ZF_E_MEMORY, ZF_E_INPUT. */
ZF_MUST_USE zf_status zf_assigner_relate(const zf_assigner *assigner, uint32_t zone, const zf_wkb *footprint,
                                         zf_relation *out, zf_error *error);
/** Areas that it has in common with n zones; see zf_overlay_measure. */
ZF_MUST_USE zf_status zf_assigner_overlay(const zf_assigner *assigner, const uint32_t *zones, size_t n,
                                          const zf_wkb *footprint, zf_overlay *out, zf_error *error);
/* ---- overlap.c ---- */

/** The rules that go by overlap: over all candidates, whatever pass they belong to. */
ZF_MUST_USE zf_status zf_overlap_assign(zf_assigner *assigner, zf_question *question, zf_assignment *out,
                                        zf_error *error);

#endif
