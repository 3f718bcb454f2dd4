/* SPDX-License-Identifier: MIT */
/**
 * @file source.h
 * A vector layer read through OGR: open, describe, project columns, hand out fixed-size columnar batches.
 * Nothing outside this folder calls GDAL or OGR.
 */
#ifndef ZF_SOURCE_H
#define ZF_SOURCE_H

#include "geometry/geometry.h"

typedef struct zf_source zf_source;
typedef struct zf_batch zf_batch;

enum { ZF_SOURCE_NOTES = 4 };

typedef struct zf_source_options {
    const char *path;        /**< a file or directory OGR can open; networks are refused */
    const char *layer;       /**< NULL: the only layer, else ZF_E_USAGE listing them */
    const char *encoding;    /**< for shapefiles; NULL: what the .cpg or .dbf says, else OGR's default */
    const char *option_name; /**< "--zips" or "--buildings", for messages: "--buildings-layer" is derived */
} zf_source_options;

typedef struct zf_source_info {
    const char *path;
    const char *layer;
    const char *driver;        /**< "GPKG", "ESRI Shapefile", ... */
    const char *geometry_type; /**< OGR's name: "Multi Polygon", "Unknown (any)", "None" ... */
    bool has_geometry;         /**< false: a table without geometry column */
    bool may_hold_polygons;    /**< false when the layer type rules polygons out */
    const zf_column *fields;   /**< n_fields attribute fields in layer order, without the fid */
    size_t n_fields;
    const char *fid_column; /**< "" when the driver has none */
    const char *crs_wkt;    /**< WKT2 of the layer's CRS, or NULL when the file does not say */
    int64_t n_features;     /**< as the file says or by counting if cheap; -1 unknown */
    bool has_extent;
    zf_envelope extent;                 /**< cheap extent, in the layer's CRS */
    bool has_spatial_index;             /**< OLCFastSpatialFilter */
    const char *encoding;               /**< of a shapefile's texts, or NULL */
    uint64_t file_bytes;                /**< of all files the dataset consists of */
    const char *notes[ZF_SOURCE_NOTES]; /**< n_notes sentences on what is odd about the files, none that
                                           stands in the way of reading them */
    size_t n_notes;
} zf_source_info;

/** Version of GDAL at run time. */
const char *zf_gdal_version(void);

/** Opens read-only, by path alone (no network, no database connection strings). ZF_E_INPUT says why not;
 * ZF_E_USAGE for a layer question. */
ZF_MUST_USE zf_status zf_source_open(const zf_source_options *options, const zf_callbacks *callbacks,
                                     zf_source **out, zf_error *error);
void zf_source_close(zf_source *source);                           /**< NULL is legal */
const zf_source_info *zf_source_get_info(const zf_source *source); /**< borrowed from source */
/** Field number by name: exact match first, then ASCII case-insensitive; -1 for none. */
int zf_source_field_by_name(const zf_source *source, const char *name);
/** Files the dataset consists of (a shapefile: .shp .shx .dbf .prj .cpg ...), sorted by name. *out_files
 * borrowed from source. */
ZF_MUST_USE zf_status zf_source_files(zf_source *source, const char *const **out_files, size_t *out_n,
                                      zf_error *error);

/** Features in the layer's spatial index, whose number must be that of the features with geometry (of a
 * shapefile: of all); -1 where it has none or does not say. Not during a reading. Cost: a count. */
int64_t zf_source_index_entries(zf_source *source);

/** Layers of a file, for messages and `inspect`. */
typedef struct zf_layer_list {
    char **names;
    size_t n;
} zf_layer_list;
ZF_MUST_USE zf_status zf_source_list_layers(const char *path, zf_layer_list *out, zf_error *error);
void zf_layer_list_deinit(zf_layer_list *list);

/** What to read. */
typedef struct zf_source_query {
    const int *fields; /**< field numbers; column c of a batch is fields[c] */
    size_t n_fields;
    bool wants_geometry;
    const char *where; /**< OGR attribute filter, or NULL */
    /**
     * In the layer's CRS, or NULL. It saves reading, it decides nothing: every feature whose geometry meets
     * it comes; others whose envelope meets it may come; features without geometry need not.
     */
    const zf_envelope *filter;
    size_t batch_rows; /**< at most; 0: the source's choice */
} zf_source_query;

/** Starts reading (again) from the first feature. ZF_E_USAGE for a bad where (says --zip-where). */
ZF_MUST_USE zf_status zf_source_start(zf_source *source, const zf_source_query *query, zf_error *error);
/**
 * Next batch. A read error is never taken for the end.
 * @return ZF_OK with *out (at least one row; the caller's until zf_batch_release), ZF_DONE at the end, or
 * ZF_E_INPUT. Several batches may be out at once, each used by one thread at a time and released by any
 * thread, before zf_source_close. GeoPackage: columnar batches by OGR_L_GetArrowStream where this GDAL does
 * it right for the types in use; else the feature loop.
 * Between zf_source_start and the end of the reading only zf_source_get_info, zf_source_field_by_name and
 * zf_source_files may be called beside it: a thread of GDAL's own may hold the file.
 */
ZF_MUST_USE zf_status zf_source_next(zf_source *source, zf_batch **out, zf_error *error);
void zf_batch_release(zf_batch *batch); /**< NULL is legal */

size_t zf_batch_count(const zf_batch *batch);
int64_t zf_batch_fid(const zf_batch *batch, size_t row);

/** What a feature's geometry is, after normalisation. */
typedef enum zf_shape_kind {
    ZF_SHAPE_POLYGONAL =
        0, /**< wkb is little-endian Polygon or MultiPolygon; curves were made linear, surfaces polygons */
    ZF_SHAPE_NULL,
    ZF_SHAPE_EMPTY,
    ZF_SHAPE_NOT_POLYGON, /**< points, lines, mixed collections; `type_name` says what */
    ZF_SHAPE_CORRUPT      /**< cannot be decoded, or is no geometry at all */
} zf_shape_kind;
typedef struct zf_shape {
    zf_shape_kind kind;
    zf_wkb wkb; /**< for POLYGONAL; valid until the batch's release or the next zf_batch_shape of the same
                   batch */
    const char *type_name; /**< for NOT_POLYGON: "Point", "LineString", ... static storage */
} zf_shape;
/** ZF_E_MEMORY only; a bad geometry is a kind, not a failure. Collections of polygons only count as
 * MultiPolygon. */
ZF_MUST_USE zf_status zf_batch_shape(zf_batch *batch, size_t row, zf_shape *out, zf_error *error);

enum { ZF_VALUE_SCRATCH_BYTES = 48 };
/** Value of column c (position in zf_source_query.fields). Text is valid until release; formatted dates live
 * in scratch. */
zf_value zf_batch_value(const zf_batch *batch, size_t column, size_t row,
                        char scratch[ZF_VALUE_SCRATCH_BYTES]);

#endif
