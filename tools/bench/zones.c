/* SPDX-License-Identifier: MIT */
#include "zones.h"

#include "tool.h"

#include <math.h>
#include <ogr_srs_api.h>
#include <string.h>

static const double metres_per_degree = 111320.0;

void zone_layer_open(zone_layer *zones, const char *path, const char *name, const char *where) {
    memset(zones, 0, sizeof *zones);
    zones->dataset = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, NULL, NULL, NULL);
    if (zones->dataset == NULL)
        tool_fail("cannot open the zones %s", path);
    if (name == NULL && GDALDatasetGetLayerCount(zones->dataset) != 1)
        tool_fail("%s has several layers: name one with --zones-layer", path);
    zones->layer = name != NULL ? GDALDatasetGetLayerByName(zones->dataset, name)
                                : GDALDatasetGetLayer(zones->dataset, 0);
    if (zones->layer == NULL)
        tool_fail("%s has no layer %s", path, name);
    if (where != NULL && OGR_L_SetAttributeFilter(zones->layer, where) != OGRERR_NONE)
        tool_fail("cannot filter %s by %s", path, where);
    zones->srs = OGR_L_GetSpatialRef(zones->layer);
    zones->is_geographic = zones->srs != NULL && OSRIsGeographic(zones->srs);
    zones->metres_per_unit = zones->srs != NULL ? OSRGetLinearUnits(zones->srs, NULL) : 1.0;
}

void zone_layer_close(zone_layer *zones) {
    GDALClose(zones->dataset);
}

void zone_layer_rewind(zone_layer *zones) {
    OGR_L_ResetReading(zones->layer);
}

static zone_frame frame_of(const zone_layer *zones, const OGREnvelope *box) {
    zone_frame frame = {(box->MinX + box->MaxX) / 2, (box->MinY + box->MaxY) / 2, 1 / zones->metres_per_unit,
                        1 / zones->metres_per_unit};
    if (zones->is_geographic) {
        frame.y_per_m = 1 / metres_per_degree;
        frame.x_per_m = 1 / (metres_per_degree * fmax(0.05, cos(frame.y0 * (M_PI / 180))));
    }
    return frame;
}

static void add_ring(zone_shape *shape, OGRGeometryH ring) {
    int n = OGR_G_GetPointCount(ring);
    size_t needed = shape->n_edges + (size_t)n;
    if (needed > shape->cap_edges) {
        shape->cap_edges = needed * 2;
        shape->edges = tool_resize(shape->edges, shape->cap_edges * 4, sizeof *shape->edges);
    }
    const zone_frame *f = &shape->frame;
    double last[2] = {0, 0};
    for (int i = 0; i < n; i++) {
        double x = (OGR_G_GetX(ring, i) - f->x0) / f->x_per_m;
        double y = (OGR_G_GetY(ring, i) - f->y0) / f->y_per_m;
        if (i > 0)
            memcpy(shape->edges + 4 * shape->n_edges++, (double[4]){last[0], last[1], x, y},
                   4 * sizeof(double));
        last[0] = x;
        last[1] = y;
    }
}

static void add_rings(zone_shape *shape, OGRGeometryH geometry) {
    int n = OGR_G_GetGeometryCount(geometry);
    if (n == 0 && OGR_G_GetPointCount(geometry) > 0)
        add_ring(shape, geometry);
    for (int i = 0; i < n; i++)
        add_rings(shape, OGR_G_GetGeometryRef(geometry, i));
}

static size_t band_of(const zone_shape *shape, double y_m) {
    double share = (y_m - shape->min_y_m) / (shape->max_y_m - shape->min_y_m);
    double band = share * (double)shape->n_bands;
    return band < 0 ? 0 : band >= (double)shape->n_bands ? shape->n_bands - 1 : (size_t)band;
}

static void for_each_band(zone_shape *shape, bool is_filling) {
    for (size_t e = 0; e < shape->n_edges; e++) {
        const double *edge = shape->edges + 4 * e;
        size_t low = band_of(shape, fmin(edge[1], edge[3])), high = band_of(shape, fmax(edge[1], edge[3]));
        for (size_t b = low; b <= high; b++) {
            size_t place = shape->band_start[b]++;
            if (is_filling)
                shape->banded[place] = e;
        }
    }
}

/* counting sort: count, sum up, fill, and shift the starts back */
static void sort_into_bands(zone_shape *shape) {
    shape->n_bands = shape->n_edges / 4 + 16;
    if (shape->n_bands + 1 > shape->cap_bands) {
        shape->cap_bands = shape->n_bands + 1;
        shape->band_start = tool_resize(shape->band_start, shape->cap_bands, sizeof *shape->band_start);
    }
    memset(shape->band_start, 0, (shape->n_bands + 1) * sizeof *shape->band_start);
    for_each_band(shape, false);
    size_t sum = 0;
    for (size_t b = 0; b <= shape->n_bands; b++) {
        size_t n = shape->band_start[b];
        shape->band_start[b] = sum;
        sum += n;
    }
    if (sum > shape->cap_banded) {
        shape->cap_banded = sum;
        shape->banded = tool_resize(shape->banded, sum, sizeof *shape->banded);
    }
    for_each_band(shape, true);
    memmove(shape->band_start + 1, shape->band_start, shape->n_bands * sizeof *shape->band_start);
    shape->band_start[0] = 0;
}

static OGRFeatureH next_with_area(zone_layer *zones, zone_shape *shape) {
    OGRFeatureH feature;
    while ((feature = OGR_L_GetNextFeature(zones->layer)) != NULL) {
        OGRGeometryH geometry = OGR_F_GetGeometryRef(feature);
        double area = geometry != NULL ? OGR_G_Area(geometry) : 0;
        if (area > 0) {
            OGREnvelope box;
            OGR_G_GetEnvelope(geometry, &box);
            zone_frame f = frame_of(zones, &box);
            shape->frame = f;
            shape->area_m2 = area / (f.x_per_m * f.y_per_m);
            shape->max_x_m = (box.MaxX - f.x0) / f.x_per_m;
            shape->max_y_m = (box.MaxY - f.y0) / f.y_per_m;
            shape->min_x_m = -shape->max_x_m;
            shape->min_y_m = -shape->max_y_m;
            return feature;
        }
        OGR_F_Destroy(feature);
    }
    return NULL;
}

bool zone_layer_next_area(zone_layer *zones, zone_shape *shape) {
    OGRFeatureH feature = next_with_area(zones, shape);
    OGR_F_Destroy(feature);
    return feature != NULL;
}

bool zone_layer_next(zone_layer *zones, zone_shape *shape) {
    OGRFeatureH feature = next_with_area(zones, shape);
    if (feature == NULL)
        return false;
    shape->n_edges = 0;
    add_rings(shape, OGR_F_GetGeometryRef(feature));
    sort_into_bands(shape);
    OGR_F_Destroy(feature);
    return true;
}

GIntBig zone_layer_largest(zone_layer *zones) {
    GIntBig fid = OGRNullFID;
    double most = 0;
    OGRFeatureH feature;
    zone_layer_rewind(zones);
    while ((feature = OGR_L_GetNextFeature(zones->layer)) != NULL) {
        OGRGeometryH geometry = OGR_F_GetGeometryRef(feature);
        double area = geometry != NULL ? OGR_G_Area(geometry) : 0;
        if (area > most) {
            most = area;
            fid = OGR_F_GetFID(feature);
        }
        OGR_F_Destroy(feature);
    }
    zone_layer_rewind(zones);
    return fid;
}

void zone_shape_free(zone_shape *shape) {
    free(shape->edges);
    free(shape->band_start);
    free(shape->banded);
}

bool zone_shape_contains(const zone_shape *shape, double x_m, double y_m) {
    if (x_m < shape->min_x_m || x_m > shape->max_x_m || y_m < shape->min_y_m || y_m > shape->max_y_m)
        return false;
    size_t band = band_of(shape, y_m);
    bool is_inside = false;
    for (size_t i = shape->band_start[band]; i < shape->band_start[band + 1]; i++) {
        const double *e = shape->edges + 4 * shape->banded[i];
        if ((e[1] > y_m) != (e[3] > y_m) && x_m < e[0] + (y_m - e[1]) * (e[2] - e[0]) / (e[3] - e[1]))
            is_inside = !is_inside;
    }
    return is_inside;
}
