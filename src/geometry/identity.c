/* SPDX-License-Identifier: MIT */
/* Where on Earth a transformation between two geographic CRS leaves coordinates as they are. */
#include "geometry/proj_internal.h"

#include <string.h>

/* Areas are widened by more than any datum shift: PROJ compares them in the source's coordinates. */
static const double margin_deg = 1;

static bool is_noop(zf_proj *proj, const PJ *operation) {
    const char *words = proj_as_proj_string(proj->context, operation, PJ_PROJ_5, NULL);
    return words && strcmp(words, "+proj=noop") == 0;
}

/** Adds an area, with a margin, in which coordinates may change. */
static void add_moving(zf_identity *identity, double west, double south, double east, double north) {
    if (identity->n_moving == ZF_MAX_MOVING_AREAS) {
        identity->is_lost = true;
        return;
    }
    identity->moving[identity->n_moving++] =
        (zf_envelope){west - margin_deg, south - margin_deg, east + margin_deg, north + margin_deg};
}

/* Adds the area of use of one operation that PROJ may choose, unless it changes nothing. */
static void add_operation(zf_proj *proj, zf_identity *identity, const PJ *operation) {
    double west = -180, south = -90, east = 180, north = 90;
    PJ *visual = proj_normalize_for_visualization(proj->context, operation);
    bool stands = visual && is_noop(proj, visual);
    bool is_known =
        proj_get_area_of_use(proj->context, operation, &west, &south, &east, &north, NULL) && west >= -180;
    proj_destroy(visual);
    if (stands) {
        /* a null operation of the whole world is chosen wherever no other applies */
        identity->is_anywhere |= is_known && west == -180 && south == -90 && east == 180 && north == 90;
    } else if (!is_known) {
        add_moving(identity, -180, -90, 180, 90);
    } else if (west <= east) {
        add_moving(identity, west, south, east, north);
    } else { /* across the antimeridian */
        add_moving(identity, west, south, 180, north);
        add_moving(identity, -180, south, east, north);
    }
}

/* The operations from which proj_create_crs_to_crs chooses. */
static PJ_OBJ_LIST *find_candidates(zf_proj *proj, const PJ *from, const PJ *to) {
    PJ_OPERATION_FACTORY_CONTEXT *factory = proj_create_operation_factory_context(proj->context, NULL);
    PJ_OBJ_LIST *list = NULL;
    if (factory) {
        proj_operation_factory_context_set_spatial_criterion(proj->context, factory,
                                                             PROJ_SPATIAL_CRITERION_PARTIAL_INTERSECTION);
        proj_operation_factory_context_set_grid_availability_use(
            proj->context, factory, PROJ_GRID_AVAILABILITY_DISCARD_OPERATION_IF_MISSING_GRID);
        list = proj_create_operations(proj->context, from, to, factory);
    }
    proj_operation_factory_context_destroy(factory);
    return list;
}

void zf_identity_find(zf_proj *proj, const PJ *operation, const PJ *from, const PJ *to, zf_identity *out) {
    *out = (zf_identity){0};
    if (proj_get_type(operation) != PJ_TYPE_UNKNOWN) { /* the only one */
        out->is_anywhere = is_noop(proj, operation);
        return;
    }
    PJ_OBJ_LIST *list = find_candidates(proj, from, to);
    int n = list ? proj_list_get_count(list) : 0;
    for (int i = 0; i < n; i++) {
        PJ *candidate = proj_list_get(proj->context, list, i);
        if (candidate)
            add_operation(proj, out, candidate);
        else
            add_moving(out, -180, -90, 180, 90);
        proj_destroy(candidate);
    }
    proj_list_destroy(list);
}

bool zf_identity_holds(const zf_identity *identity, const zf_envelope *e) {
    const zf_envelope world = {-180, -90, 180, 90};
    if (!identity->is_anywhere || identity->is_lost || !zf_envelope_contains(&world, e))
        return false;
    for (int i = 0; i < identity->n_moving; i++)
        if (zf_envelope_meets(&identity->moving[i], e))
            return false;
    return true;
}
