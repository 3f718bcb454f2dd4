/* SPDX-License-Identifier: MIT */
/* The style of the important buildings: by the scale of the map, as shapes or as dots. */
#include "qgis/style.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/** A footprint of this width on the map can be seen, and points or lines so far apart can be told apart. */
static const double least_width_m = 0.0002, least_spacing_m = 0.001;

/** Dots for more buildings would hide the colours of the ZIPs on a page, and take long to draw. */
static const double most_dots = 100000;

/** Footprints that cover a larger part of their ZIPs, as parcels do, are drawn as outlines. */
static const double most_covered = 0.35;

/* The smallest scale at which shapes can be seen, as 1 to so many, of two digits. */
static double smallest_scale(const zf_output_zip_sums *sums, bool has_areas) {
    static const double without_buildings = 50000, largest = 1e8;
    char digits[32];
    double scale = without_buildings;
    if (sums->n_important > 0 && has_areas && sums->important_area_m2 > 0)
        scale = sqrt(sums->important_area_m2 / sums->n_important) / least_width_m;
    else if (sums->n_important > 0 && sums->home_area_m2 > 0)
        scale = sqrt(sums->home_area_m2 / sums->n_important) / least_spacing_m;
    snprintf(digits, sizeof digits, "%.1e", fmin(fmax(scale, 1), largest));
    return strtod(digits, NULL);
}

zf_status zf_building_style_set(const zf_output *output, const zf_qgis_map *map, zf_style_shape shape,
                                zf_template_data *data, zf_error *error) {
    static const char *const sections[] = {
        [ZF_SHAPE_POINTS] = "points", [ZF_SHAPE_LINES] = "lines", [ZF_SHAPE_POLYGONS] = "polygons"};
    zf_output_zip_sums sums;
    zf_status status = zf_output_sum_zips(output, &sums, error);
    if (status != ZF_OK)
        return status;
    const bool is_dense = sums.important_area_m2 > most_covered * sums.home_area_m2;
    zf_template_set_count(data, "geometry_type", shape);
    zf_template_set_number(data, "scale", smallest_scale(&sums, shape == ZF_SHAPE_POLYGONS));
    zf_template_set(data, "name", map->has_conditions ? "Important buildings" : "Buildings");
    zf_template_set(data, "fill_alpha", is_dense ? "0" : "255");
    (void)zf_template_add(data, sections[shape]);
    (void)zf_template_add(data, sums.n_important <= most_dots ? "dots" : "shapes_only");
    return ZF_OK;
}
