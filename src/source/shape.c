/* SPDX-License-Identifier: MIT */
/* The geometry of a row as Polygon or MultiPolygon. */
#include "source/source_internal.h"

#include <limits.h>
#include <stdlib.h>

/* The name of a geometry type in the Simple Features standard. */
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

/* Points and lines, curves too. */
static bool is_path(OGRGeometryH geometry) {
    switch (OGR_GT_Flatten(OGR_G_GetGeometryType(geometry))) {
    case wkbPoint:
    case wkbMultiPoint:
    case wkbLineString:
    case wkbMultiLineString:
    case wkbCircularString:
    case wkbCompoundCurve:
    case wkbMultiCurve:
        return true;
    default:
        return false;
    }
}

/* Adds a Polygon, or the polygons of a MultiPolygon, to a MultiPolygon. */
static bool append_polygons(OGRGeometryH multi, OGRGeometryH polygonal) {
    if (OGR_GT_Flatten(OGR_G_GetGeometryType(polygonal)) == wkbPolygon)
        return OGR_G_AddGeometry(multi, polygonal) == OGRERR_NONE;
    for (int i = 0; i < OGR_G_GetGeometryCount(polygonal); i++)
        if (OGR_G_AddGeometry(multi, OGR_G_GetGeometryRef(polygonal, i)) != OGRERR_NONE)
            return false;
    return true;
}

/* Adds the polygons of a collection to one MultiPolygon, and its lines and points to another collection.
 * False if it has members of another kind. */
static bool split_collection(OGRGeometryH collection, OGRGeometryH multi, OGRGeometryH rest) {
    for (int i = 0; i < OGR_G_GetGeometryCount(collection); i++) {
        OGRGeometryH member = OGR_G_GetGeometryRef(collection, i);
        if (OGR_G_IsEmpty(member))
            continue;
        if (OGR_GT_Flatten(OGR_G_GetGeometryType(member)) == wkbGeometryCollection) {
            if (!split_collection(member, multi, rest))
                return false;
            continue;
        }
        OGRGeometryH linear = OGR_G_GetLinearGeometry(member, 0, NULL);
        const bool is_taken =
            linear && (is_polygonal(linear)             ? append_polygons(multi, linear)
                       : OGR_G_GetDimension(linear) < 2 ? OGR_G_AddGeometry(rest, linear) == OGRERR_NONE
                                                        : false);
        OGR_G_DestroyGeometry(linear);
        if (!is_taken)
            return false;
    }
    return true;
}

/* Converts a collection with polygons to a MultiPolygon; NULL if it has none, or members that are neither
 * polygons, lines nor points. *out_rest: its lines and points, or NULL. */
static OGRGeometryH multi_from_collection(OGRGeometryH collection, OGRGeometryH *out_rest) {
    OGRGeometryH multi = OGR_G_CreateGeometry(wkbMultiPolygon);
    OGRGeometryH rest = OGR_G_CreateGeometry(wkbGeometryCollection);
    if (!multi || !rest || !split_collection(collection, multi, rest) || OGR_G_IsEmpty(multi)) {
        OGR_G_DestroyGeometry(multi);
        OGR_G_DestroyGeometry(rest);
        return NULL;
    }
    if (!OGR_G_IsEmpty(rest)) {
        *out_rest = rest;
    } else {
        OGR_G_DestroyGeometry(rest);
    }
    return multi;
}

/* Adds the points or the lines of a collection to one multi-geometry. False if it has members of another
 * dimension. */
static bool append_paths(OGRGeometryH collection, OGRGeometryH multi) {
    for (int i = 0; i < OGR_G_GetGeometryCount(collection); i++) {
        OGRGeometryH member = OGR_G_GetGeometryRef(collection, i);
        if (OGR_G_IsEmpty(member))
            continue;
        if (OGR_GT_IsSubClassOf(OGR_G_GetGeometryType(member), wkbGeometryCollection)) {
            if (!append_paths(member, multi))
                return false;
            continue;
        }
        OGRGeometryH linear = is_path(member) ? OGR_G_GetLinearGeometry(member, 0, NULL) : NULL;
        const bool is_taken = linear && OGR_G_AddGeometry(multi, linear) == OGRERR_NONE;
        OGR_G_DestroyGeometry(linear);
        if (!is_taken)
            return false;
    }
    return true;
}

/* Converts a collection of points only, or of lines only, to a multi-geometry; NULL for others. */
static OGRGeometryH path_from_collection(OGRGeometryH collection) {
    const OGRwkbGeometryType types[] = {wkbMultiPoint, wkbMultiLineString};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        OGRGeometryH multi = OGR_G_CreateGeometry(types[i]);
        if (multi && append_paths(collection, multi) && !OGR_G_IsEmpty(multi))
            return multi;
        OGR_G_DestroyGeometry(multi);
    }
    return NULL;
}

/* Classifies a geometry. For POLYGONAL and PATH, *out is new and linear, *out_rest what a collection has
 * besides. */
static zf_shape_kind normalise(OGRGeometryH geometry, OGRGeometryH *out, OGRGeometryH *out_rest) {
    if (OGR_G_IsEmpty(geometry))
        return ZF_SHAPE_EMPTY;
    if (OGR_GT_Flatten(OGR_G_GetGeometryType(geometry)) == wkbGeometryCollection) {
        *out = multi_from_collection(geometry, out_rest);
        if (*out == NULL && (*out = path_from_collection(geometry)) != NULL)
            return ZF_SHAPE_PATH;
    } else if (is_polygonal(geometry))
        *out = OGR_G_GetLinearGeometry(geometry, 0, NULL);
    if (*out == NULL && is_path(geometry)) {
        *out = OGR_G_GetLinearGeometry(geometry, 0, NULL);
        return *out ? ZF_SHAPE_PATH : ZF_SHAPE_NOT_POLYGON;
    }
    return *out ? ZF_SHAPE_POLYGONAL : ZF_SHAPE_NOT_POLYGON;
}

static zf_shape_kind shape_kind(zf_wkb_kind kind) {
    return kind == ZF_WKB_POLYGONAL                         ? ZF_SHAPE_POLYGONAL
           : kind == ZF_WKB_EMPTY                           ? ZF_SHAPE_EMPTY
           : kind == ZF_WKB_LINEAL || kind == ZF_WKB_PUNTAL ? ZF_SHAPE_PATH
                                                            : ZF_SHAPE_CORRUPT;
}

/* Writes a geometry as WKB into the batch and opens it; behind it the rest, unless NULL. */
static zf_status export_shape(zf_batch *batch, OGRGeometryH geometry, OGRGeometryH rest, zf_shape *out,
                              zf_error *error) {
    const size_t n = OGR_G_WkbSizeEx(geometry), n_rest = rest ? OGR_G_WkbSizeEx(rest) : 0;
    if (n + n_rest > batch->cap_shape) {
        uint8_t *bytes = realloc(batch->shape_bytes, n + n_rest);
        if (!bytes)
            return zf_error_memory(error, n + n_rest, "a geometry");
        batch->shape_bytes = bytes;
        batch->cap_shape = n + n_rest;
    }
    out->kind = ZF_SHAPE_CORRUPT;
    if (OGR_G_ExportToIsoWkb(geometry, wkbNDR, batch->shape_bytes) == OGRERR_NONE)
        out->kind = shape_kind(zf_wkb_open_any(batch->shape_bytes, n, &out->wkb));
    if (rest && OGR_G_ExportToIsoWkb(rest, wkbNDR, batch->shape_bytes + n) == OGRERR_NONE)
        out->rest = (zf_bytes){batch->shape_bytes + n, n_rest};
    return ZF_OK;
}

/* Converts any other geometry than a little-endian Polygon or MultiPolygon through OGR. */
static zf_status shape_by_ogr(zf_batch *batch, zf_bytes wkb, zf_shape *out, zf_error *error) {
    zf_status st = ZF_OK;
    OGRGeometryH geometry = NULL;
    OGRGeometryH normal = NULL, rest = NULL;
    zf_trap trap;
    zf_trap_begin(&trap);
    OGRErr result = OGR_G_CreateFromWkbEx(wkb.bytes, NULL, &geometry, wkb.n);
    out->kind = ZF_SHAPE_CORRUPT;
    if (result == OGRERR_NONE && geometry)
        out->kind = normalise(geometry, &normal, &rest);
    if (out->kind == ZF_SHAPE_NOT_POLYGON || out->kind == ZF_SHAPE_PATH)
        out->type_name = type_name(OGR_G_GetGeometryType(geometry));
    if (out->kind == ZF_SHAPE_POLYGONAL || out->kind == ZF_SHAPE_PATH)
        st = export_shape(batch, normal, rest, out, error);
    OGR_G_DestroyGeometry(rest);
    OGR_G_DestroyGeometry(normal);
    OGR_G_DestroyGeometry(geometry);
    zf_trap_end(&trap);
    return st;
}

zf_status zf_batch_shape(zf_batch *batch, size_t row, zf_shape *out, zf_error *error) {
    out->kind =
        ZF_SHAPE_NULL; /* wkb is set only for POLYGONAL: clearing it would cost time for each building */
    out->type_name = NULL;
    out->rest.bytes = NULL;
    zf_bytes wkb = zf_column_bytes(&batch->geometry, row);
    if (!wkb.bytes) {
        if (batch->is_corrupt && batch->is_corrupt[row])
            out->kind = ZF_SHAPE_CORRUPT;
        return ZF_OK;
    }
    zf_wkb_kind kind = zf_wkb_open_any(wkb.bytes, wkb.n, &out->wkb);
    if (kind == ZF_WKB_OTHER)
        return shape_by_ogr(batch, wkb, out, error);
    out->kind = shape_kind(kind);
    if (out->kind == ZF_SHAPE_PATH)
        out->type_name = kind == ZF_WKB_PUNTAL ? out->wkb.is_multi ? "MultiPoint" : "Point"
                         : out->wkb.is_multi   ? "MultiLineString"
                                               : "LineString";
    return ZF_OK;
}
