/* SPDX-License-Identifier: MIT */
/* Chooses the CRS of a map. */
#include "geometry/proj_internal.h"

#include <math.h>
#include <proj_experimental.h>
#include <stdio.h>

/** UTM is good for a zone and a half to each side of its central meridian; beyond it scale changes visibly.
 */
static const double widest_utm_deg = 9, utm_south_deg = -80, utm_north_deg = 84;
static const double widest_regional_deg = 150;

/** A circle drawn by the CRS may become an ellipse whose axes differ by a tenth. */
static const double largest_distortion_rad = 0.1;

static const double degree = 0.017453292519943295;

/* The conversion that fits the extent, and its name. */
static PJ *choose_conversion(zf_proj *proj, const zf_envelope *extent, char *name, size_t n_name) {
    const double x = (extent->min_x + extent->max_x) / 2, y = (extent->min_y + extent->max_y) / 2;
    const double width = extent->max_x - extent->min_x;
    if (width <= widest_utm_deg && extent->min_y >= utm_south_deg && extent->max_y <= utm_north_deg) {
        const double turned = fmod(fmod(x + 180, 360) + 360, 360);
        const int zone = (int)(turned / 6) + 1;
        (void)snprintf(name, n_name, "UTM zone %d%s", zone, y >= 0 ? "N" : "S");
        return proj_create_conversion_utm(proj->context, zone, y >= 0);
    }
    if (width <= widest_regional_deg) { /* to whole degrees, so that two maps of a region have the same CRS */
        (void)snprintf(name, n_name, "Lambert Azimuthal Equal Area %.0f %.0f", round(y), round(x));
        return proj_create_conversion_lambert_azimuthal_equal_area(proj->context, round(y), round(x), 0, 0,
                                                                   "degree", degree, "metre", 1);
    }
    (void)snprintf(name, n_name, "Equal Earth %.0f", round(x));
    return proj_create_conversion_equal_earth(proj->context, round(x), 0, 0, "degree", degree, "metre", 1);
}

/* WKT of the CRS of that conversion on the datum of another CRS; appends nothing when PROJ cannot. */
static void append_wkt(zf_proj *proj, const PJ *crs, const zf_envelope *extent, zf_text *out) {
    static const char *const one_line[] = {"MULTILINE=NO", NULL};
    char conversion_name[80];
    zf_text name = {0};
    PJ *base = proj_crs_get_geodetic_crs(proj->context, crs);
    PJ *conversion = choose_conversion(proj, extent, conversion_name, sizeof conversion_name);
    PJ *axes = proj_create_cartesian_2D_cs(proj->context, PJ_CART2D_EASTING_NORTHING, "metre", 1);
    if (base)
        zf_text_append_format(&name, "%s / %s", proj_get_name(base), conversion_name);
    PJ *made = base && conversion && axes && name.bytes
                   ? proj_create_projected_crs(proj->context, name.bytes, base, conversion, axes)
                   : NULL;
    const char *wkt = made ? proj_as_wkt(proj->context, made, PJ_WKT2_2019, one_line) : NULL;
    if (wkt)
        zf_text_append(out, wkt);
    proj_destroy(made);
    zf_text_deinit(&name);
    proj_destroy(axes);
    proj_destroy(conversion);
    proj_destroy(base);
}

/* Whether a projected CRS keeps shapes in the middle of the extent. */
static bool keeps_shapes(zf_proj *proj, const PJ *crs, const zf_envelope *extent) {
    PJ *own = proj_clone(proj->context, crs); /* proj_factors changes it */
    const double x = (extent->min_x + extent->max_x) / 2, y = (extent->min_y + extent->max_y) / 2;
    PJ_FACTORS factors = {0};
    if (own)
        factors = proj_factors(own, proj_coord(x * degree, y * degree, 0, 0));
    const bool is_failed = !own || proj_errno(own) != 0;
    proj_destroy(own);
    return is_failed || !(factors.angular_distortion > largest_distortion_rad);
}

zf_status zf_crs_create_for_map(const zf_crs *crs, const zf_envelope *extent_deg, zf_crs **out,
                                zf_error *error) {
    zf_proj proj; /* its own context, as other threads may be using that of crs */
    zf_text wkt = {0};
    *out = NULL;
    if (!crs->horizontal || zf_envelope_is_empty(extent_deg))
        return ZF_OK;
    zf_status status = zf_proj_init(&proj, error);
    if (status != ZF_OK)
        return status;
    if (crs->info.is_geographic || !keeps_shapes(&proj, crs->horizontal, extent_deg))
        append_wkt(&proj, crs->horizontal, extent_deg, &wkt);
    if (wkt.is_failed)
        status = zf_error_memory(error, wkt.n, "the CRS of the map");
    else if (wkt.n > 0)
        status = zf_crs_create(wkt.bytes, out, error);
    zf_text_deinit(&wkt);
    zf_proj_deinit(&proj);
    return status;
}
