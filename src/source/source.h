/* SPDX-License-Identifier: MIT */
/**
 * @file source.h
 * Reads a vector layer through OGR: opens it, describes it, selects columns and returns batches of features.
 * Only this folder calls GDAL and OGR.
 */
#ifndef ZF_SOURCE_H
#define ZF_SOURCE_H

#include "geometry/geometry.h"

typedef struct zf_source zf_source;
typedef struct zf_batch zf_batch;

enum { ZF_SOURCE_NOTES = 4 };

/** GDAL's open options of the format, "KEY=VALUE". Those that would make GDAL read or write other files are
 * refused. */
typedef struct zf_open_option_list {
    const char *const *items;
    size_t n;
} zf_open_option_list;

typedef struct zf_source_options {
    const char *path;  /**< a file or directory that OGR can open; network addresses are refused */
    const char *layer; /**< NULL: the only layer, else ZF_E_USAGE listing them */
    /** Of a shapefile without a usable .cpg; NULL: as its .dbf declares, else OGR's default. */
    const char *encoding;
    const char *option_name; /**< "`zips`" or "`buildings`", for messages */
    zf_open_option_list open_options;
    const char *layer_encoding; /**< of a shapefile, whatever its .cpg says; NULL: `encoding` applies */
    bool keeps_findings; /**< findings about values are not logged, but returned by zf_source_finding */
} zf_source_options;

typedef struct zf_source_info {
    const char *path;
    const char *layer;
    const char *driver;        /**< "GPKG", "ESRI Shapefile", ... */
    const char *geometry_type; /**< OGR's name: "Multi Polygon", "Unknown (any)", "None" ... */
    bool has_geometry;         /**< false: a table without geometry column */
    bool may_hold_polygons;    /**< false when the layer type rules polygons out */
    bool may_hold_paths;       /**< points or lines; false when the layer type rules them out */
    const char *building_type; /**< SpatiaLite's type for a layer of these geometries: "POINT", "MULTIPOINT",
                                  "MULTILINESTRING" or "MULTIPOLYGON" (any other type too) */
    const zf_column *fields;   /**< n_fields attribute fields in layer order, without the fid */
    size_t n_fields;
    const char *fid_column; /**< "" when the driver has none */
    const char *crs_wkt;    /**< WKT2 of the layer's CRS, or NULL when the file does not say */
    bool is_cartesian;      /**< crs_wkt is NULL, and the file says: Cartesian coordinates of no known CRS */
    int64_t n_features;     /**< stored in the file, or counted if that is cheap; -1: unknown */
    bool has_extent;
    zf_envelope extent;                 /**< as stored in the file, in the layer's CRS */
    bool has_spatial_index;             /**< OLCFastSpatialFilter */
    const char *encoding;               /**< of a shapefile's texts, or NULL */
    uint64_t file_bytes;                /**< of all files the dataset consists of */
    int date; /**< 20240501: when the layer was last changed, as a GeoPackage or the .dbf of a shapefile states; 0:
                 unknown */
    const char *notes[ZF_SOURCE_NOTES]; /**< n_notes sentences: defects of the files that do not
                                           prevent reading */
    size_t n_notes;
} zf_source_info;

/** Version of GDAL at run time. */
const char *zf_gdal_version(void);

/** Opens a layer for reading. The path names a file, never a server or a database connection.
 * @return ZF_OK; ZF_E_INPUT if the file cannot be opened; ZF_E_USAGE if the layer is not found or ambiguous.
 */
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

/** Number of features in the layer's spatial index; -1 if there is no index or the number is unknown. In a
 * sound file it is the number of features with geometry (shapefile: of all features). Not during a reading.
 * Cost: one count. */
int64_t zf_source_index_entries(zf_source *source);

/** Layers of a file, for messages and `inspect`. */
typedef struct zf_layer_list {
    char **names;
    size_t n;
} zf_layer_list;
ZF_MUST_USE zf_status zf_source_list_layers(const char *path, zf_open_option_list open_options,
                                            zf_layer_list *out, zf_error *error);
void zf_layer_list_deinit(zf_layer_list *list);

/** What to read. */
typedef struct zf_source_query {
    const int *fields; /**< field numbers; column c of a batch is fields[c] */
    size_t n_fields;
    bool wants_geometry;
    const char *where; /**< OGR attribute filter, or NULL */
    /**
     * Spatial filter in the layer's CRS, or NULL. Every feature whose geometry intersects it is returned;
     * others whose envelope intersects it may be; features without geometry may be missing.
     */
    const zf_envelope *filter;
    size_t batch_rows; /**< maximum number of rows; 0: chosen by the source */
} zf_source_query;

/** Starts reading, or starts again, at the first feature. ZF_E_USAGE if `where` is not valid. */
ZF_MUST_USE zf_status zf_source_start(zf_source *source, const zf_source_query *query, zf_error *error);
/**
 * Reads the next batch. A read error is never reported as the end of the layer.
 * @return ZF_OK with *out (at least one row; owned by the caller until zf_batch_release), ZF_DONE at the end,
 * or ZF_E_INPUT. Several batches may be in use at the same time, each by one thread; any thread may release
 * them, before zf_source_close. A GeoPackage is read through OGR_L_GetArrowStream where this version of GDAL
 * returns correct values for the types in use, everything else feature by feature.
 * Until the reading has ended, only zf_source_get_info, zf_source_field_by_name and zf_source_files may be
 * called as well: a GDAL thread may be using the file.
 */
ZF_MUST_USE zf_status zf_source_next(zf_source *source, zf_batch **out, zf_error *error);
void zf_batch_release(zf_batch *batch); /**< NULL is legal */

size_t zf_batch_count(const zf_batch *batch);
int64_t zf_batch_fid(const zf_batch *batch, size_t row);

/** Of a layer whose type allows all geometries: reads features up to the first polygon, and clears
 * may_hold_paths if there is one. Errors of reading are left to the reading itself; ZF_E_MEMORY. (kinds.c) */
ZF_MUST_USE zf_status zf_source_find_kinds(zf_source *source, zf_error *error);

/** What a feature's geometry is, after normalisation. */
typedef enum zf_shape_kind {
    ZF_SHAPE_POLYGONAL =
        0, /**< wkb is a little-endian Polygon or MultiPolygon; curves are linearised, surfaces converted */
    ZF_SHAPE_NULL,
    ZF_SHAPE_EMPTY,
    ZF_SHAPE_NOT_POLYGON, /**< mixed collections and surfaces; `type_name` says what */
    ZF_SHAPE_CORRUPT,     /**< cannot be decoded, or is not a geometry */
    ZF_SHAPE_PATH         /**< wkb is a little-endian Point, MultiPoint, LineString or MultiLineString */
} zf_shape_kind;
typedef struct zf_shape {
    zf_shape_kind kind;
    zf_wkb wkb;    /**< for POLYGONAL and PATH; valid until the batch's release or the next zf_batch_shape of the same
                      batch */
    zf_bytes rest; /**< for POLYGONAL, valid as wkb: the lines and points that a collection has besides its
                      polygons, as WKB; bytes NULL: none */
    const char *type_name; /**< for NOT_POLYGON and PATH: "Point", "LineString", ... static storage */
} zf_shape;
/** Classifies the geometry of a row. A bad geometry is a kind, not an error: fails with ZF_E_MEMORY only. A
 * collection of polygons, lines and points is returned as the MultiPolygon of its polygons, with the rest. */
ZF_MUST_USE zf_status zf_batch_shape(zf_batch *batch, size_t row, zf_shape *out, zf_error *error);

/** Whether the readings from now on are previews, whose findings do not count: another reading follows. */
void zf_source_set_preview(zf_source *source, bool is_preview);
/**
 * Finding number i about the values read so far, one per field and kind: values that do not have the type of
 * their field, dates that do not exist, texts that were cut off. Without keeps_findings the end of a reading
 * logs them.
 * @return false if there is no such finding, or no memory for its text; otherwise *out is a sentence, freed
 * by the caller.
 */
bool zf_source_finding(const zf_source *source, size_t i, zf_text *out);

enum { ZF_VALUE_SCRATCH_BYTES = 48 };
/** Value of column c (position in zf_source_query.fields). Text is valid until release; formatted dates live
 * in scratch. */
zf_value zf_batch_value(const zf_batch *batch, size_t column, size_t row,
                        char scratch[ZF_VALUE_SCRATCH_BYTES]);

#endif
