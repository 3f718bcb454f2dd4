/* SPDX-License-Identifier: MIT */
/**
 * Zones as the generator sees them: one after the other, in metres around their own centre.
 */
#ifndef BENCH_ZONES_H
#define BENCH_ZONES_H

#include <gdal.h>
#include <ogr_api.h>
#include <stdbool.h>
#include <stddef.h>

/** Where a zone's metres lie in the coordinates of its layer: x = x0 + x_m * x_per_m. */
typedef struct zone_frame {
    double x0, y0;
    double x_per_m, y_per_m;
} zone_frame;

/** All rings of one zone in metres, and its edges sorted into horizontal bands for the point test. */
typedef struct zone_shape {
    zone_frame frame;
    double area_m2;
    double min_x_m, min_y_m, max_x_m, max_y_m;
    size_t n_edges, cap_edges;
    double *edges; /* n_edges x 4: x1 y1 x2 y2 */
    size_t n_bands, cap_bands, cap_banded;
    size_t *band_start; /* n_bands + 1 places in banded */
    size_t *banded;
} zone_shape;

typedef struct zone_layer {
    GDALDatasetH dataset;
    OGRLayerH layer;
    OGRSpatialReferenceH srs; /* borrowed from the layer; NULL when it has none */
    bool is_geographic;
    double metres_per_unit;
} zone_layer;

/** @param name NULL for the only layer; @param where NULL or an OGR attribute filter. Ends the tool when it
 * cannot be opened. */
void zone_layer_open(zone_layer *zones, const char *path, const char *name, const char *where);
void zone_layer_close(zone_layer *zones);
void zone_layer_rewind(zone_layer *zones);

/** The next zone with an area; its arrays are reused from call to call. False at the end. */
bool zone_layer_next(zone_layer *zones, zone_shape *shape);
/** The same zone, but only its frame, area and extent: no edges to test points against. */
bool zone_layer_next_area(zone_layer *zones, zone_shape *shape);
/** Feature id of the largest zone, in the layer's own units of area; rewinds. */
GIntBig zone_layer_largest(zone_layer *zones);

void zone_shape_free(zone_shape *shape);

/** Even-odd rule over all rings; cost: the edges of one band. */
bool zone_shape_contains(const zone_shape *shape, double x_m, double y_m);

#endif
