/* SPDX-License-Identifier: MIT */
/* The steps of one building: its geometry, the candidate ZIPs, the assignment. */
#include "provenance/why_internal.h"

#include <math.h>
#include <string.h>

/** Where the row of the list of rejected features goes. */
typedef struct rejection {
    zf_arena *arena;
    zf_why_geometry *geometry;
} rejection;

/* Takes what the run would have listed of the building. */
static zf_status note_rejected(void *user, const zf_rejected *rejected, uint64_t ordinal, zf_error *error) {
    rejection *r = user;
    (void)ordinal;
    r->geometry->is_used = rejected->is_repaired;
    r->geometry->area_delta_m2 = rejected->is_repaired ? rejected->area_delta_m2 : NAN;
    zf_status status = zf_why_copy(r->arena, rejected->reason, &r->geometry->reason, error);
    return status == ZF_OK ? zf_why_copy(r->arena, rejected->detail, &r->geometry->detail, error) : status;
}

/* Puts the candidates into the report. */
static zf_status list_candidates(const zf_why_tools *t, const zf_candidates *candidates, zf_arena *arena,
                                 zf_why_report *out, zf_error *error) {
    zf_why_zip *zips = NULL;
    zf_status status = zf_arena_take(arena, candidates->n_now, sizeof *zips, &zips, error);
    for (size_t i = 0; status == ZF_OK && i < candidates->n_now; i++) {
        const zf_zone *zone = zf_catalogue_zone(t->catalogue, candidates->now[i]);
        zips[i] = (zf_why_zip){NULL, ZF_WHY_APART, 1};
        status = zf_why_copy(arena, zone->zip, &zips[i].zip, error);
    }
    out->zips = zips;
    out->n_zips = status == ZF_OK ? candidates->n_now : 0;
    return status;
}

/* Both lists are in the order of the ZIPs. */
static void mark(const zf_why_tools *t, const uint32_t *zones, size_t n, const double *shares,
                 zf_why_relation relation, zf_why_report *out) {
    zf_why_zip *zips = (zf_why_zip *)out->zips;
    for (size_t i = 0, z = 0; i < n; i++) {
        const char *zip = zf_catalogue_zone(t->catalogue, zones[i])->zip;
        while (z < out->n_zips && strcmp(zips[z].zip, zip) != 0)
            z++;
        if (z == out->n_zips)
            return;
        zips[z].relation = relation;
        zips[z].share = shares != NULL ? shares[i] : 1;
    }
}

/* The conditions for each kept entry: one for all ZIPs, or one for each where the building has shares. */
static zf_status judge(zf_why_tools *t, zf_arena *arena, zf_why_report *out, zf_error *error) {
    const zf_kept_list *kept = &t->lane.kept;
    zf_why_judgement *judgements = NULL;
    zf_status status = zf_arena_take(arena, kept->n, sizeof *judgements, &judgements, error);
    for (size_t i = 0; status == ZF_OK && i < kept->n; i++) {
        judgements[i] = (zf_why_judgement){0};
        status = zf_why_judge(t, i, arena, &judgements[i], error);
        if (status == ZF_OK && kept->n > 1)
            status = zf_why_copy(arena,
                                 zf_catalogue_zone(t->catalogue, kept->zones[kept->items[i].first_zone])->zip,
                                 &judgements[i].zip, error);
    }
    out->judgements = judgements;
    out->n_judgements = status == ZF_OK ? kept->n : 0;
    return status;
}

static zf_status assign(zf_why_tools *t, zf_building *b, zf_arena *arena, zf_why_report *out,
                        zf_error *error) {
    const zf_footprint subject = {&b->footprint.wkb, b->footprint.geom, b->footprint.rest};
    zf_assignment assignment;
    zf_status status = zf_assigner_assign(t->lane.assigner, &subject, &assignment, error);
    if (status != ZF_OK)
        return status;
    mark(t, assignment.crossing, assignment.n_crossing, NULL, ZF_WHY_CROSSING, out);
    mark(t, assignment.assigned, assignment.n_assigned, assignment.shares, ZF_WHY_ASSIGNED, out);
    if (assignment.n_assigned == 0)
        return ZF_OK;
    status = zf_building_keep(&t->lane, b, &assignment, error);
    return status == ZF_OK ? judge(t, arena, out, error) : status;
}

zf_status zf_why_tell(zf_why_tools *t, size_t row, zf_arena *arena, zf_why_report *out, zf_error *error) {
    zf_building building;
    rejection rejected = {arena, &out->geometry};
    bool is_usable = false;
    out->geometry = (zf_why_geometry){.is_used = true, .is_examined = true, .area_delta_m2 = NAN};
    t->context.reject = note_rejected;
    t->context.reject_user = &rejected;
    zf_status status = zf_building_read(&t->lane, row, true, &building, &is_usable, error);
    if (status == ZF_OK && is_usable) {
        const zf_candidates candidates = zf_assigner_find(t->lane.assigner, &building.footprint.wkb.envelope);
        status = list_candidates(t, &candidates, arena, out, error);
        out->geometry.is_examined = candidates.n_now > 0;
    }
    if (status == ZF_OK && is_usable && out->n_zips > 0) {
        status = zf_building_examine(&t->lane, &building, &is_usable, error);
        if (status == ZF_OK && is_usable)
            status = assign(t, &building, arena, out, error);
    }
    zf_examined_release(&t->lane.examiner, &building.footprint);
    return zf_building_at(&t->lane, status, row, error);
}
