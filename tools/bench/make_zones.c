/* SPDX-License-Identifier: MIT */
#include "make_zones.h"

#include "random.h"
#include "tool.h"

#include <math.h>
#include <stdio.h>

typedef struct zone_writer {
    zone_layer *zones;
    GDALDatasetH dataset;
    OGRLayerH layer;
    int id_field;
} zone_writer;

static void writer_open(zone_writer *w, zone_layer *zones, const char *path) {
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(zones->layer);
    *w = (zone_writer){.zones = zones, .id_field = -1};
    w->dataset = GDALCreate(GDALGetDriverByName("GPKG"), path, 0, 0, 0, GDT_Unknown, NULL);
    if (w->dataset != NULL)
        w->layer = GDALDatasetCreateLayer(w->dataset, OGR_L_GetName(zones->layer), zones->srs,
                                          wkbMultiPolygon, NULL);
    if (w->layer == NULL)
        tool_fail("cannot create %s", path);
    for (int i = 0; i < OGR_FD_GetFieldCount(definition); i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, i);
        if (OGR_L_CreateField(w->layer, field, TRUE) != OGRERR_NONE)
            tool_fail("cannot create the field %s", OGR_Fld_GetNameRef(field));
        if (w->id_field < 0 && OGR_Fld_GetType(field) == OFTString)
            w->id_field = i;
    }
    if (w->id_field < 0)
        tool_fail("the zone layer has no text field to tell copies apart");
    GDALDatasetStartTransaction(w->dataset, FALSE);
}

static void writer_close(zone_writer *w) {
    if (GDALDatasetCommitTransaction(w->dataset) != OGRERR_NONE)
        tool_fail("cannot finish the zones");
    GDALClose(w->dataset);
}

static void move_by(OGRGeometryH geometry, double dx, double dy) {
    for (int i = 0; i < OGR_G_GetGeometryCount(geometry); i++)
        move_by(OGR_G_GetGeometryRef(geometry, i), dx, dy);
    for (int i = 0; OGR_G_GetGeometryCount(geometry) == 0 && i < OGR_G_GetPointCount(geometry); i++)
        OGR_G_SetPoint_2D(geometry, i, OGR_G_GetX(geometry, i) + dx, OGR_G_GetY(geometry, i) + dy);
}

/* copy 0 keeps its id */
static void write_copy(zone_writer *w, OGRFeatureH feature, uint64_t copy, double dx, double dy) {
    OGRFeatureH copied = OGR_F_Create(OGR_L_GetLayerDefn(w->layer));
    char id[128];
    OGR_F_SetFrom(copied, feature, TRUE);
    OGR_F_SetFID(copied, OGRNullFID);
    if (copy > 0) {
        snprintf(id, sizeof id, "%.100s-%llu", OGR_F_GetFieldAsString(feature, w->id_field),
                 (unsigned long long)copy);
        OGR_F_SetFieldString(copied, w->id_field, id);
        move_by(OGR_F_GetGeometryRef(copied), dx, dy);
    }
    OGR_F_SetGeometryDirectly(copied, OGR_G_ForceToMultiPolygon(OGR_F_StealGeometry(copied)));
    if (OGR_L_CreateFeature(w->layer, copied) != OGRERR_NONE)
        tool_fail("cannot write a zone");
    OGR_F_Destroy(copied);
}

void make_zones_tiled(zone_layer *zones, uint64_t copies, const char *path) {
    OGREnvelope box;
    if (OGR_L_GetExtent(zones->layer, &box, TRUE) != OGRERR_NONE)
        tool_fail("the zones have no extent");
    double width = (box.MaxX - box.MinX) * 1.02, height = (box.MaxY - box.MinY) * 1.02;
    /* first to the east, then to the west, then the next row towards the equator */
    uint64_t east = (uint64_t)ceil(sqrt((double)copies)), west = 0;
    if (zones->is_geographic) {
        east = (uint64_t)fmax(1, floor((180 - box.MinX) / width));
        west = (uint64_t)floor((180 + box.MinX) / width);
    }
    double towards = box.MinY + box.MaxY > 0 ? -height : height;
    zone_writer w;
    writer_open(&w, zones, path);
    for (uint64_t copy = 0; copy < copies; copy++) {
        uint64_t column = copy % (east + west), row = copy / (east + west);
        double dx = column < east ? (double)column * width : -(double)(column - east + 1) * width;
        OGRFeatureH feature;
        zone_layer_rewind(zones);
        while ((feature = OGR_L_GetNextFeature(zones->layer)) != NULL) {
            write_copy(&w, feature, copy, dx, (double)row * towards);
            OGR_F_Destroy(feature);
        }
    }
    writer_close(&w);
}

void make_zones_stacked(zone_layer *zones, uint64_t copies, const char *path) {
    zone_writer w;
    GIntBig largest = zone_layer_largest(zones);
    OGRFeatureH feature;
    writer_open(&w, zones, path);
    zone_layer_rewind(zones);
    while ((feature = OGR_L_GetNextFeature(zones->layer)) != NULL) {
        bool is_largest = OGR_F_GetFID(feature) == largest;
        OGREnvelope box = {0, 0, 0, 0};
        if (is_largest)
            OGR_G_GetEnvelope(OGR_F_GetGeometryRef(feature), &box);
        for (uint64_t copy = 0; copy < (is_largest ? copies : 1); copy++) {
            double share = 0.001 * (double)copy;
            write_copy(&w, feature, copy, share * (box.MaxX - box.MinX), share * (box.MaxY - box.MinY));
        }
        OGR_F_Destroy(feature);
    }
    writer_close(&w);
}

static uint64_t count_edges(OGRGeometryH geometry) {
    int n = OGR_G_GetGeometryCount(geometry);
    uint64_t sum = n == 0 ? (uint64_t)OGR_G_GetPointCount(geometry) - 1 : 0;
    for (int i = 0; i < n; i++)
        sum += count_edges(OGR_G_GetGeometryRef(geometry, i));
    return sum;
}

/* Each edge becomes `pieces`; the new points leave it by at most a fiftieth of a piece, so that the ring
 * stays simple. */
static OGRGeometryH crinkle(OGRGeometryH geometry, uint64_t pieces) {
    int n =
        OGR_G_GetGeometryCount(geometry); /* a ring has none, and says of itself that it is a line string */
    OGRGeometryH out = OGR_G_CreateGeometry(n == 0 ? wkbLinearRing : OGR_G_GetGeometryType(geometry));
    for (int i = 0; i < n; i++)
        OGR_G_AddGeometryDirectly(out, crinkle(OGR_G_GetGeometryRef(geometry, i), pieces));
    int n_points = n == 0 ? OGR_G_GetPointCount(geometry) : 0;
    for (int i = 0; i < n_points; i++) {
        double x = OGR_G_GetX(geometry, i), y = OGR_G_GetY(geometry, i);
        OGR_G_AddPoint_2D(out, x, y);
        if (i + 1 == n_points)
            break;
        double step_x = (OGR_G_GetX(geometry, i + 1) - x) / (double)pieces;
        double step_y = (OGR_G_GetY(geometry, i + 1) - y) / (double)pieces;
        uint64_t random = random_stream(7, (uint64_t)i);
        for (uint64_t p = 1; p < pieces; p++) {
            double off = random_between(&random, -0.02, 0.02);
            OGR_G_AddPoint_2D(out, x + (double)p * step_x - off * step_y,
                              y + (double)p * step_y + off * step_x);
        }
    }
    return out;
}

void make_zones_split(zone_layer *zones, uint64_t n_vertices, const char *path) {
    zone_writer w;
    GIntBig largest = zone_layer_largest(zones);
    OGRFeatureH feature;
    writer_open(&w, zones, path);
    zone_layer_rewind(zones);
    while ((feature = OGR_L_GetNextFeature(zones->layer)) != NULL) {
        if (OGR_F_GetFID(feature) == largest) {
            OGRGeometryH geometry = OGR_F_GetGeometryRef(feature);
            OGR_F_SetGeometryDirectly(feature, crinkle(geometry, n_vertices / count_edges(geometry) + 1));
        }
        write_copy(&w, feature, 0, 0, 0);
        OGR_F_Destroy(feature);
    }
    writer_close(&w);
}
