/* SPDX-License-Identifier: MIT */
/* Checks whether the coordinates of the two layers fit their CRS and the measure. */
#include "plan/inputs.h"

#include <stdlib.h>

/** CRS whose coordinates differ by less are the same CRS. */
static const double same_crs_m = 1e-3;

void zf_inputs_drop_negligible_transform(zf_inputs *in, const zf_callbacks *callbacks) {
    const zf_source_info *zips = zf_source_get_info(in->zips), *buildings = zf_source_get_info(in->buildings);
    zf_envelope where = zips->has_extent        ? zips->extent
                        : buildings->has_extent ? buildings->extent
                                                : zf_envelope_empty();
    if (!zf_transform_is_negligible(in->transform, &where, same_crs_m))
        return;
    zf_log(callbacks, ZF_LOG_INFO,
           "the CRS of the ZIPs (%s) and of the buildings (%s) agree within 1 mm over the data: they are "
           "taken as the same, and no coordinate is transformed",
           zf_crs_get_info(in->zips_crs)->name, zf_crs_get_info(in->crs)->name);
    zf_transform_destroy(in->transform);
    in->transform = NULL;
}

/* ---- degrees without a CRS ---- */

static bool could_be_degrees(const zf_envelope *e) {
    return zf_envelope_is_empty(e) ||
           (e->min_x >= -180 && e->max_x <= 180 && e->min_y >= -90 && e->max_y <= 90);
}

zf_status zf_inputs_check_degrees(const zf_inputs *in, const zf_run_options *options, const zf_envelope *zips,
                                  const zf_envelope *buildings, zf_error *error) {
    bool has_crs = zf_crs_get_info(in->crs)->wkt != NULL;
    bool is_cartesian =
        zf_source_get_info(in->zips)->is_cartesian || zf_source_get_info(in->buildings)->is_cartesian;
    if (has_crs || is_cartesian || options->measure != ZF_MEASURE_AUTO || !could_be_degrees(zips) ||
        !could_be_degrees(buildings))
        return ZF_OK;
    return zf_error_set(
        error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
        "cannot tell whether the coordinates are degrees or metres: neither the ZIPs nor the buildings have "
        "a CRS, and all coordinates lie within 180 and 90, so they are probably longitudes and latitudes; "
        "give the CRS with `zips_crs` and `buildings_crs` (for example EPSG:4326), or, if they are metres of "
        "a plane such as a site plan, use `measure` planar");
}

/** Warns if the CRS of a layer is projected, although its coordinates look like degrees. */
static void warn_of_degrees(const zf_source *source, const zf_crs *crs, const zf_envelope *extent,
                            const char *option, const zf_callbacks *callbacks) {
    const zf_source_info *layer = zf_source_get_info(source);
    if (zf_crs_looks_like_degrees(crs, extent, layer->n_features))
        zf_log(
            callbacks, ZF_LOG_WARNING,
            "%s: layer '%s': the coordinates (%.6g..%.6g, %.6g..%.6g) look like degrees, but the CRS is %s: "
            "areas and distances are wrong then; give %s, for example EPSG:4326",
            layer->path, layer->layer, extent->min_x, extent->max_x, extent->min_y, extent->max_y,
            zf_crs_get_info(crs)->name, option);
}

void zf_inputs_warn_degrees(const zf_inputs *in, const zf_run_options *options, const zf_envelope *zips,
                            const zf_envelope *buildings, const zf_callbacks *callbacks) {
    const zf_source_info *zip_layer = zf_source_get_info(in->zips);
    if (options->measure == ZF_MEASURE_PLANAR)
        return;
    if (zip_layer->has_extent || in->transform == NULL) /* as stored, not transformed */
        warn_of_degrees(in->zips, in->zips_crs, zip_layer->has_extent ? &zip_layer->extent : zips,
                        "`zips_crs`", callbacks);
    if (buildings != NULL)
        warn_of_degrees(in->buildings, in->crs, buildings, "`buildings_crs`", callbacks);
}

/* ---- longitudes beyond 180 ---- */

/** Whether longitudes exceed 180, by more than rounding. */
static bool is_beyond(double x, double half_turn) {
    return x > half_turn * (1 + 1e-9);
}

/** Whether one range exceeds 180 degrees where the other one counts negative longitudes. */
static bool do_not_match(double min_x, double max_x, double other_min_x, double other_max_x,
                         double half_turn) {
    return (is_beyond(max_x, half_turn) && !is_beyond(other_max_x, half_turn) && other_min_x < 0) ||
           (is_beyond(-min_x, half_turn) && !is_beyond(-other_min_x, half_turn) && other_max_x > 0);
}

void zf_inputs_warn_longitudes(const zf_inputs *in, const zf_envelope *zips, const zf_envelope *buildings,
                               const zf_callbacks *callbacks) {
    double half_turn = zf_crs_half_turn(in->crs);
    if (!(half_turn > 0) || zf_envelope_is_empty(zips) || zf_envelope_is_empty(buildings))
        return;
    bool are_zips = do_not_match(zips->min_x, zips->max_x, buildings->min_x, buildings->max_x, half_turn);
    if (!are_zips && !do_not_match(buildings->min_x, buildings->max_x, zips->min_x, zips->max_x, half_turn))
        return;
    const zf_source_info *info = zf_source_get_info(are_zips ? in->zips : in->buildings);
    const zf_envelope *e = are_zips ? zips : buildings;
    if (is_beyond(e->max_x, 2 * half_turn) || is_beyond(-e->min_x, 2 * half_turn)) {
        zf_log(callbacks, ZF_LOG_WARNING,
               "%s: layer '%s': the coordinates (%.6g..%.6g, %.6g..%.6g) are not longitudes and latitudes, "
               "but the "
               "CRS is %s: give the right one with %s",
               info->path, info->layer, e->min_x, e->max_x, e->min_y, e->max_y,
               zf_crs_get_info(in->crs)->name, are_zips ? "`zips_crs`" : "`buildings_crs`");
        return;
    }
    zf_log(callbacks, ZF_LOG_WARNING,
           "%s: layer '%s' has longitudes beyond 180 degrees, and the other layer counts from -180 to 180 "
           "(ZIPs %.9g to %.9g, buildings %.9g to %.9g): what lies there does not meet the other layer; "
           "bring both layers into one range, for example with ogr2ogr -wrapdateline or ST_ShiftLongitude",
           info->path, info->layer, zips->min_x, zips->max_x, buildings->min_x, buildings->max_x);
}

/* ---- projections that distort areas ---- */

static zf_envelope common_box(const zf_envelope *a, const zf_envelope *b) {
    return (zf_envelope){fmax(a->min_x, b->min_x), fmax(a->min_y, b->min_y), fmin(a->max_x, b->max_x),
                         fmin(a->max_y, b->max_y)};
}

/** Fills the envelopes of the ZIPs, as far as the buildings' extent is known to reach. */
static void list_areas(const zf_inputs *in, const zf_catalogue *catalogue, zf_envelope *out) {
    const zf_source_info *buildings = zf_source_get_info(in->buildings);
    for (size_t i = 0; i < zf_catalogue_count(catalogue); i++) {
        const zf_zone *zone = zf_catalogue_zone(catalogue, i);
        out[i] = buildings->has_extent ? common_box(&zone->envelope, &buildings->extent) : zone->envelope;
    }
}

zf_status zf_inputs_warn_areal_scale(const zf_inputs *in, const zf_run_options *options,
                                     const zf_catalogue *catalogue, const zf_callbacks *callbacks,
                                     zf_error *error) {
    size_t n = zf_catalogue_count(catalogue);
    char words[ZF_AREAL_SCALE_BYTES];
    zf_areal_scale scale;
    if (options->measure != ZF_MEASURE_AUTO || in->is_geodesic || n == 0 ||
        zf_crs_get_info(in->crs)->wkt == NULL)
        return ZF_OK;
    zf_envelope *areas = malloc(n * sizeof *areas);
    if (areas == NULL)
        return zf_error_memory(error, n * sizeof *areas, "the envelopes of the ZIPs");
    list_areas(in, catalogue, areas);
    zf_status st = zf_crs_areal_scale(in->crs, areas, n, &scale, error);
    free(areas);
    if (st == ZF_OK && zf_areal_scale_describe(&scale, words))
        zf_log(callbacks, ZF_LOG_WARNING,
               "the buildings are in %s, whose areas are %s where the ZIPs are, and distances are off, too; "
               "use `measure` geodesic to measure on the ellipsoid",
               zf_crs_get_info(in->crs)->name, words);
    return st == ZF_E_MEMORY ? st : ZF_OK;
}
