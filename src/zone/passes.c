/* SPDX-License-Identifier: MIT */
#include "zone/zone_internal.h"

size_t zf_zone_grid_bytes(uint32_t n_points) {
    return zf_grid_forecast_bytes(n_points);
}

void zf_catalogue_first_pass(zf_catalogue *catalogue, size_t grid_bytes, size_t prepared_bytes,
                             size_t n_assigners, const zf_envelope *expected) {
    size_t shared_bytes = prepared_bytes / (n_assigners + 1);
    size_t largest_bytes = zf_zone_prepared_bytes(catalogue->tally.n_points_largest);
    if (shared_bytes < largest_bytes)
        shared_bytes = largest_bytes < prepared_bytes ? largest_bytes : prepared_bytes;
    catalogue->own_prepared_bytes = (prepared_bytes - shared_bytes) / n_assigners;
    zf_catalogue_end_passes(catalogue);
    zf_grids_set_share(catalogue->grids, SIZE_MAX);
    catalogue->grid_share_bytes = grid_bytes;
    zf_prepared_cache_set_share(catalogue->shared_prepared, shared_bytes);
    zf_groups_first(catalogue->groups, grid_bytes, expected);
}

bool zf_catalogue_next_pass(zf_catalogue *catalogue, uint64_t n_points_of_reading) {
    zf_grids_clear(catalogue->grids);
    zf_prepared_cache_clear(catalogue->shared_prepared);
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
    zf_prepared_cache_clear(catalogue->shared_prepared);
}
