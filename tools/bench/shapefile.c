/* SPDX-License-Identifier: MIT */
#include "output.h"

#include "tool.h"

#include <string.h>

typedef struct field {
    const char *name;
    OGRFieldType type;
    int width, decimals;
} field;

static const field fields[] = {{"height", OFTReal, 8, 1},        {"levels", OFTInteger, 4, 0},
                               {"year_built", OFTInteger, 4, 0}, {"use", OFTString, 16, 0},
                               {"source", OFTString, 20, 0},     {"addr", OFTString, 40, 0},
                               {"note", OFTString, 200, 0},      {"height_src", OFTString, 16, 0}};

static void create_fields(OGRLayerH layer) {
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        OGRFieldDefnH definition = OGR_Fld_Create(fields[i].name, fields[i].type);
        OGR_Fld_SetWidth(definition, fields[i].width);
        OGR_Fld_SetPrecision(definition, fields[i].decimals);
        if (OGR_L_CreateField(layer, definition, FALSE) != OGRERR_NONE)
            tool_fail("cannot create the field %s", fields[i].name);
        OGR_Fld_Destroy(definition);
    }
}

static OGRGeometryH polygon_of(const building *b) {
    OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon), ring = OGR_G_CreateGeometry(wkbLinearRing);
    OGR_G_SetPoints(ring, b->n_points, b->xy, 2 * sizeof(double), b->xy + 1, 2 * sizeof(double), NULL, 0);
    OGR_G_AddGeometryDirectly(polygon, ring);
    return polygon;
}

static void fill(OGRFeatureH feature, building *b) {
    b->addr[b->addr_bytes] = b->note[b->note_bytes] = '\0';
    OGR_F_SetFID(feature, OGRNullFID);
    OGR_F_SetFieldNull(feature, 0);
    OGR_F_SetFieldNull(feature, 1);
    OGR_F_SetFieldNull(feature, 2);
    if (b->has_height)
        OGR_F_SetFieldDouble(feature, 0, b->height);
    if (b->has_levels)
        OGR_F_SetFieldInteger(feature, 1, b->levels);
    if (b->has_year)
        OGR_F_SetFieldInteger(feature, 2, b->year_built);
    OGR_F_SetFieldString(feature, 3, b->use);
    OGR_F_SetFieldString(feature, 4, b->source);
    OGR_F_SetFieldString(feature, 5, b->addr);
    OGR_F_SetFieldString(feature, 6, b->note);
    OGR_F_SetFieldString(feature, 7, b->height_src);
    OGR_F_SetGeometryDirectly(feature, polygon_of(b));
}

void output_shapefile(const town *t, const output_request *request) {
    GDALDriverH driver = GDALGetDriverByName("ESRI Shapefile");
    GDALDatasetH dataset = GDALCreate(driver, request->path, 0, 0, 0, GDT_Unknown, NULL);
    char *options[] = {"ENCODING=UTF-8", NULL};
    OGRLayerH layer = dataset != NULL
                          ? GDALDatasetCreateLayer(dataset, request->layer, request->srs, wkbPolygon, options)
                          : NULL;
    if (layer == NULL)
        tool_fail("cannot create %s", request->path);
    create_fields(layer);
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    building b;
    for (uint32_t place = 0; place < t->n_buildings; place++) {
        building_make(t, output_number(t, request, place), &b);
        fill(feature, &b);
        if (OGR_L_CreateFeature(layer, feature) != OGRERR_NONE)
            tool_fail("cannot write row %u of %s", place + 1, request->path);
    }
    OGR_F_Destroy(feature);
    GDALClose(dataset);
}
