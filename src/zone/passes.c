/* SPDX-License-Identifier: MIT */
#include "zone/zone_internal.h"

size_t zf_zone_grid_bytes(uint32_t n_points) {
    return zf_grid_forecast_bytes(n_points);
}

void zf_catalogue_first_pass(zf_catalogue *catalogue, size_t grid_bytes, size_t other_bytes,
                             const zf_envelope *expected) {
    zf_catalogue_end_passes(catalogue);
    zf_grids_set_share(catalogue->grids, SIZE_MAX);
    zf_grids_set_share(catalogue->other_grids, other_bytes < SIZE_MAX ? other_bytes : SIZE_MAX - 1);
    catalogue->grid_share_bytes = grid_bytes;
    zf_groups_first(catalogue->groups, grid_bytes, expected);
}

bool zf_catalogue_next_pass(zf_catalogue *catalogue, uint64_t n_points_of_reading) {
    zf_grids_clear(catalogue->grids);
    zf_grids_clear(catalogue->other_grids);
    bool is_left = zf_groups_next(catalogue->groups, n_points_of_reading);
    zf_grids_set_share(catalogue->grids,
                       zf_groups_is_evicting(catalogue->groups) ? catalogue->grid_share_bytes : SIZE_MAX);
    return is_left;
}

zf_envelope zf_catalogue_pass_extent(const zf_catalogue *catalogue) {
    return zf_groups_extent(catalogue->groups);
}

bool zf_catalogue_is_one_pass(const zf_catalogue *catalogue) {
    for (uint32_t i = 0; i < catalogue->n_zones; i++)
        if (zf_groups_pass(catalogue->groups, i) == ZF_PASS_LATER)
            return false;
    return true;
}

size_t zf_catalogue_forecast_passes(const zf_catalogue *catalogue, size_t grid_bytes,
                                    const zf_envelope *expected) {
    return zf_groups_forecast(catalogue->groups, grid_bytes, expected);
}

void zf_catalogue_end_passes(zf_catalogue *catalogue) {
    zf_grids_clear(catalogue->grids);
    zf_grids_clear(catalogue->other_grids);
}
