/* SPDX-License-Identifier: MIT */
#include "source/source_internal.h"

#include <limits.h>
#include <stdlib.h>

/* WKB codes are OGR's after flattening; the names are those of the standard. */
static const char *type_name(OGRwkbGeometryType type) {
    switch (OGR_GT_Flatten(type)) {
    case wkbPoint:
        return "Point";
    case wkbLineString:
        return "LineString";
    case wkbMultiPoint:
        return "MultiPoint";
    case wkbMultiLineString:
        return "MultiLineString";
    case wkbGeometryCollection:
        return "GeometryCollection";
    case wkbCircularString:
        return "CircularString";
    case wkbCompoundCurve:
        return "CompoundCurve";
    case wkbMultiCurve:
        return "MultiCurve";
    case wkbPolyhedralSurface:
        return "PolyhedralSurface";
    case wkbTIN:
        return "TIN";
    case wkbTriangle:
        return "Triangle";
    default:
        return "unknown geometry";
    }
}

static bool is_polygonal(OGRGeometryH geometry) {
    switch (OGR_GT_Flatten(OGR_G_GetGeometryType(geometry))) {
    case wkbPolygon:
    case wkbMultiPolygon:
    case wkbCurvePolygon:
    case wkbMultiSurface:
        return true;
    default:
        return false;
    }
}

static bool append_polygons(OGRGeometryH multi, OGRGeometryH polygonal) {
    if (OGR_GT_Flatten(OGR_G_GetGeometryType(polygonal)) == wkbPolygon)
        return OGR_G_AddGeometry(multi, polygonal) == OGRERR_NONE;
    for (int i = 0; i < OGR_G_GetGeometryCount(polygonal); i++)
        if (OGR_G_AddGeometry(multi, OGR_G_GetGeometryRef(polygonal, i)) != OGRERR_NONE)
            return false;
    return true;
}

/* The polygons of a collection that holds nothing else, as one MultiPolygon; NULL when it holds something
 * else. */
static OGRGeometryH multi_from_collection(OGRGeometryH collection) {
    OGRGeometryH multi = OGR_G_CreateGeometry(wkbMultiPolygon);
    bool is_pure = multi != NULL;
    for (int i = 0; is_pure && i < OGR_G_GetGeometryCount(collection); i++) {
        OGRGeometryH member = OGR_G_GetGeometryRef(collection, i);
        OGRGeometryH linear = is_polygonal(member) ? OGR_G_GetLinearGeometry(member, 0, NULL) : NULL;
        is_pure = linear && append_polygons(multi, linear);
        OGR_G_DestroyGeometry(linear);
    }
    if (!is_pure) {
        OGR_G_DestroyGeometry(multi);
        multi = NULL;
    }
    return multi;
}

/* *out: a new Polygon or MultiPolygon for POLYGONAL. */
static zf_shape_kind normalise(OGRGeometryH geometry, OGRGeometryH *out) {
    if (OGR_G_IsEmpty(geometry))
        return ZF_SHAPE_EMPTY;
    if (OGR_GT_Flatten(OGR_G_GetGeometryType(geometry)) == wkbGeometryCollection)
        *out = multi_from_collection(geometry);
    else if (is_polygonal(geometry))
        *out = OGR_G_GetLinearGeometry(geometry, 0, NULL);
    return *out ? ZF_SHAPE_POLYGONAL : ZF_SHAPE_NOT_POLYGON;
}

static zf_shape_kind shape_kind(zf_wkb_kind kind) {
    return kind == ZF_WKB_POLYGONAL ? ZF_SHAPE_POLYGONAL
           : kind == ZF_WKB_EMPTY   ? ZF_SHAPE_EMPTY
                                    : ZF_SHAPE_CORRUPT;
}

static zf_status export_shape(zf_batch *batch, OGRGeometryH geometry, zf_shape *out, zf_error *error) {
    size_t n = OGR_G_WkbSizeEx(geometry);
    if (n > batch->cap_shape) {
        uint8_t *bytes = realloc(batch->shape_bytes, n);
        if (!bytes)
            return zf_error_memory(error, n, "a geometry");
        batch->shape_bytes = bytes;
        batch->cap_shape = n;
    }
    out->kind = ZF_SHAPE_CORRUPT;
    if (OGR_G_ExportToIsoWkb(geometry, wkbNDR, batch->shape_bytes) == OGRERR_NONE)
        out->kind = shape_kind(zf_wkb_open(batch->shape_bytes, n, &out->wkb));
    return ZF_OK;
}

/* Everything that is not little-endian Polygon or MultiPolygon. */
static zf_status shape_by_ogr(zf_batch *batch, zf_bytes wkb, zf_shape *out, zf_error *error) {
    zf_status st = ZF_OK;
    OGRGeometryH geometry = NULL;
    OGRGeometryH normal = NULL;
    zf_trap trap;
    zf_trap_begin(&trap);
    OGRErr result = OGR_G_CreateFromWkbEx(wkb.bytes, NULL, &geometry, wkb.n);
    out->kind = ZF_SHAPE_CORRUPT;
    if (result == OGRERR_NONE && geometry)
        out->kind = normalise(geometry, &normal);
    if (out->kind == ZF_SHAPE_NOT_POLYGON)
        out->type_name = type_name(OGR_G_GetGeometryType(geometry));
    if (out->kind == ZF_SHAPE_POLYGONAL)
        st = export_shape(batch, normal, out, error);
    OGR_G_DestroyGeometry(normal);
    OGR_G_DestroyGeometry(geometry);
    zf_trap_end(&trap);
    return st;
}

zf_status zf_batch_shape(zf_batch *batch, size_t row, zf_shape *out, zf_error *error) {
    out->kind = ZF_SHAPE_NULL; /* the rest is for its kinds alone: not cleared for each building */
    out->type_name = NULL;
    zf_bytes wkb = zf_column_bytes(&batch->geometry, row);
    if (!wkb.bytes) {
        if (batch->is_unreadable && batch->is_unreadable[row])
            out->kind = ZF_SHAPE_CORRUPT;
        return ZF_OK;
    }
    zf_wkb_kind kind = zf_wkb_open(wkb.bytes, wkb.n, &out->wkb);
    if (kind == ZF_WKB_OTHER)
        return shape_by_ogr(batch, wkb, out, error);
    out->kind = shape_kind(kind);
    return ZF_OK;
}
