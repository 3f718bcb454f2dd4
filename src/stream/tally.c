/* SPDX-License-Identifier: MIT */
#include "stream/tally.h"
#include "output/ledger.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

zf_status zf_tally_init(zf_tally *tally, size_t n_zips, size_t n_conditions, bool has_overhangs,
                        bool has_others, zf_error *error) {
    memset(tally, 0, sizeof *tally);
    tally->n_zips = n_zips;
    tally->extent = zf_envelope_empty();
    tally->n_conditions = n_conditions;
    tally->zips = calloc(n_zips + 1, sizeof *tally->zips);
    tally->n_passed = calloc(n_conditions + 1, sizeof *tally->n_passed);
    if (has_overhangs)
        tally->overhangs = calloc(n_zips + 1, sizeof *tally->overhangs);
    if (has_others)
        tally->others = calloc(n_zips + 1, sizeof *tally->others);
    if (tally->zips != NULL && tally->n_passed != NULL && (tally->overhangs != NULL || !has_overhangs) &&
        (tally->others != NULL || !has_others))
        return ZF_OK;
    zf_tally_deinit(tally);
    return zf_error_memory(error, n_zips * sizeof *tally->zips, "counts per ZIP");
}

void zf_tally_deinit(zf_tally *tally) {
    for (size_t i = 0; tally->zips != NULL && i < tally->n_zips; i++)
        zf_area_sum_deinit(&tally->zips[i].built_m2);
    free(tally->zips);
    free(tally->n_passed);
    free(tally->overhangs);
    free(tally->others);
    zf_unread_deinit(&tally->unread);
    memset(tally, 0, sizeof *tally);
}

static void merge_zip(zf_tally *into, zf_tally *from, size_t i) {
    zf_area_sum_move(&into->zips[i].built_m2, &from->zips[i].built_m2);
    into->zips[i].buildings += from->zips[i].buildings;
    into->zips[i].crossing += from->zips[i].crossing;
    into->zips[i].n_rings += from->zips[i].n_rings;
    into->zips[i].n_points += from->zips[i].n_points;
    into->zips[i].n_deferred += from->zips[i].n_deferred;
    if (into->overhangs != NULL) {
        into->overhangs[i].has_own |= from->overhangs[i].has_own;
        into->overhangs[i].x = fmax(into->overhangs[i].x, from->overhangs[i].x);
        into->overhangs[i].y = fmax(into->overhangs[i].y, from->overhangs[i].y);
    }
    if (into->others != NULL) {
        into->others[i].n += from->others[i].n;
        into->others[i].n_rings += from->others[i].n_rings;
        into->others[i].n_points += from->others[i].n_points;
    }
}

static void merge_antimeridian(zf_antimeridian_count *into, const zf_antimeridian_count *from) {
    if (from->n > 0 && (into->n == 0 || from->first_ordinal < into->first_ordinal)) {
        into->first_ordinal = from->first_ordinal;
        into->first_fid = from->first_fid;
    }
    into->n += from->n;
}

/** Sets all counts to zero; the arrays stay. */
static void clear(zf_tally *t) {
    zf_tally kept = {.extent = zf_envelope_empty(),
                     .n_zips = t->n_zips,
                     .n_conditions = t->n_conditions,
                     .zips = t->zips,
                     .n_passed = t->n_passed,
                     .overhangs = t->overhangs,
                     .others = t->others,
                     .unread = t->unread};
    memset(t->zips, 0, t->n_zips * sizeof *t->zips);
    memset(t->n_passed, 0, t->n_conditions * sizeof *t->n_passed);
    if (t->overhangs != NULL)
        memset(t->overhangs, 0, t->n_zips * sizeof *t->overhangs);
    if (t->others != NULL)
        memset(t->others, 0, t->n_zips * sizeof *t->others);
    *t = kept;
}

void zf_tally_merge(zf_tally *into, zf_tally *from) {
    zf_counts_add(&into->counts, &from->counts);
    for (size_t i = 0; i < into->n_zips; i++)
        merge_zip(into, from, i);
    for (size_t i = 0; i < into->n_conditions; i++)
        into->n_passed[i] += from->n_passed[i];
    zf_areas_merge(&into->areas, &from->areas);
    merge_antimeridian(&into->antimeridian, &from->antimeridian);
    zf_unread_merge(&into->unread, &from->unread);
    zf_envelope_add(&into->extent, &from->extent);
    into->deferred_x = fmax(into->deferred_x, from->deferred_x);
    into->deferred_y = fmax(into->deferred_y, from->deferred_y);
    into->n_invalid_others += from->n_invalid_others;
    clear(from);
}

void zf_tally_count_building(zf_tally *tally, size_t n_assigned, size_t n_crossing) {
    tally->counts.buildings_in_many += n_assigned > 1;
    if (n_assigned > 0)
        tally->counts.buildings_assigned++;
    else if (n_crossing > 0)
        tally->counts.buildings_crossing++;
    else
        tally->counts.buildings_outside++;
}

void zf_tally_count_antimeridian(zf_tally *tally, int64_t fid, uint64_t ordinal) {
    zf_antimeridian_count one = {1, ordinal, fid};
    merge_antimeridian(&tally->antimeridian, &one);
}
