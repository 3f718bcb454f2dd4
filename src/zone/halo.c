/* SPDX-License-Identifier: MIT */
/* Finds the ZIPs near a building that it is not assigned to, by their grids. */
#include "zone/assign_internal.h"
#include "zone/grid_internal.h"

zf_envelope zf_halo_around(const zf_halo *halo, const zf_envelope *envelope) {
    zf_envelope around = zf_envelope_widened(envelope, halo->most.x, halo->most.y);
    if (around.min_x < -halo->half_turn ||
        around.max_x > halo->half_turn) { /* it continues on the other side of the antimeridian */
        around.min_x = -ZF_MARGIN_EVERYWHERE;
        around.max_x = ZF_MARGIN_EVERYWHERE;
    }
    return around;
}

/** Side of an envelope by the zone's grid; UNSURE outside the zone's pass. */
static zf_status locate_envelope(zf_assigner *a, uint32_t zone, const zf_envelope *box, zf_side *out,
                                 zf_error *error) {
    const zf_grid *grid = NULL;
    *out = ZF_SIDE_UNSURE;
    if (zf_groups_pass(a->catalogue->groups, zone) != ZF_PASS_CURRENT)
        return ZF_OK;
    zf_status st = zf_grids_get(a->catalogue->grids, zone, &grid, error);
    if (st != ZF_OK)
        return st;
    *out = zf_grid_locate_box(grid, box);
    zf_grids_release(a->catalogue->grids, zone);
    return ZF_OK;
}

zf_status zf_assigner_is_inside(zf_assigner *assigner, uint32_t zone, const zf_envelope *envelope, bool *out,
                                zf_error *error) {
    zf_side side = ZF_SIDE_UNSURE;
    zf_status st = locate_envelope(assigner, zone, envelope, &side, error);
    *out = side == ZF_SIDE_INSIDE;
    return st;
}

/** true if no other ZIP can take the building: rules that compare ZIPs may assign it to another one that
 * contains it. */
static bool is_alone(const zf_assigner *a, const zf_envelope *envelope) {
    size_t n = 0;
    for (size_t i = 0; i < a->n_found; i++)
        n += zf_envelope_meets(&a->catalogue->zones[a->found[i]].envelope, envelope);
    return n <= 1 && a->n_earlier + a->n_later == 0;
}

/** Tests one ZIP for zf_assigner_find_halo. */
static zf_status is_near(zf_assigner *a, uint32_t zone, const zf_envelope *envelope, const zf_halo *halo,
                         bool *out, zf_error *error) {
    const zf_margin *m = &halo->margins[zone];
    zf_side side = ZF_SIDE_UNSURE;
    *out = false;
    if (m->x < 0)
        return ZF_OK;
    zf_envelope around = zf_halo_around(&(zf_halo){.most = *m, .half_turn = halo->half_turn}, envelope);
    zf_status st = locate_envelope(a, zone, &around, &side, error);
    *out = side != ZF_SIDE_OUTSIDE;
    if (side == ZF_SIDE_INSIDE && (!zf_assign_rule_is_overlap(a->rule) || is_alone(a, envelope)))
        *out = false;
    return st;
}

zf_status zf_assigner_find_halo(zf_assigner *assigner, const zf_envelope *envelope, const zf_halo *halo,
                                zf_assignment *out, zf_error *error) {
    size_t n = 0;
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < assigner->n_found; i++) {
        bool is_in = false;
        st = is_near(assigner, assigner->found[i], envelope, halo, &is_in, error);
        assigner->assigned[n] = assigner->found[i];
        n += is_in;
    }
    *out = (zf_assignment){.assigned = assigner->assigned, .n_assigned = n, .crossing = assigner->crossing};
    return st;
}
