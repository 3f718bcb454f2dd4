/* SPDX-License-Identifier: MIT */
/**
 * @file sink.h
 * The SpatiaLite result file: schema, bulk insert, spatial index, statistics, and putting it in place whole
 * or not at all.
 */
#ifndef ZF_SINK_H
#define ZF_SINK_H

#include "geometry/geometry.h"
#include "memory/memory.h"

typedef struct zf_sink zf_sink;

/*
 * Column names. Given columns may be called anything. A name that the table has already (of its own, of an
 * earlier given column, "geom", or "rowid", by which SpatiaLite finds rows), compared as SQLite does, gets
 * the first of the suffixes _2, _3, ... that makes it a name nobody has or was given; the change is logged
 * (ZF_LOG_INFO). A column without a name is called "column".
 *
 * Values. INTEGER, BOOLEAN: integer; REAL: real or integer; TEXT and dates: text; BLOB: blob; NULL anywhere,
 * and NaN is NULL. An INTEGER column also takes reals. Anything else is ZF_E_INTERNAL: the caller has mixed
 * up its columns.
 *
 * Buildings wait for each other, so that SQLite takes many at once: a failure may be that of an earlier one,
 * which the error then names, and may come out in zf_sink_finish only. What was lent is not needed after the
 * call. Memory under ZF_MEMORY_SINK: 230 KB, or more where one building's texts, blobs and geometry are more.
 *
 * Spatial indexes. They are packed while rows are written, some 0.4 us each, best where the buildings of one
 * ZIP come one after the other. Memory under ZF_MEMORY_SINK: per layer at most 7 MB, whatever the number of
 * rows or their distribution over ZIPs.
 *
 * After a failed write the result cannot be finished any more (there is no journal): zf_sink_finish then
 * cleans up and answers ZF_E_INTERNAL. A sink belongs to one thread at a time.
 */

/** A table beside the usual ones, of an analysis: rows per ZIP. */
typedef struct zf_sink_further {
    const char *name; /**< where a table has it already, it gets a suffix as columns do (ZF_LOG_INFO) */
    const zf_column *columns; /**< after `zip_rank` and `zip`, before `geom` */
    size_t n_columns;
    bool has_polygons; /**< a layer: `id` in front, and `geom`, a MULTIPOLYGON */
} zf_sink_further;

/* ---- what a table says, hashed (content.c) ---- */

/**
 * SHA-256 of a table's content, whatever the layout of its pages: of the column names, as a row of texts, and
 * then of each row in rowid order. A value is a byte for its kind (0 NULL, 1 integer, 2 real, 3 text, 4
 * blob), then 8 bytes, most significant first: the integer, the double's bits, or the number of bytes, which
 * follow; NULL has the one byte. Each row ends with a byte 10.
 */
typedef struct zf_content zf_content;
ZF_MUST_USE zf_status zf_content_create(zf_content **out, zf_error *error);
void zf_content_destroy(zf_content *content); /**< NULL is legal */
ZF_MUST_USE zf_status zf_content_add(zf_content *content, const zf_value *value, zf_error *error);
ZF_MUST_USE zf_status zf_content_end_row(zf_content *content, zf_error *error);
/** Begins anew. */
ZF_MUST_USE zf_status zf_content_finish(zf_content *content, char out_hex[ZF_SHA256_HEX_BYTES],
                                        zf_error *error);
/** Keys of run_info that hold hashes begin so: "content_sha256.zip_summary"; without a table's name it is
 * that of all hashes. The content of run_info is that of its other rows. */
#define ZF_CONTENT_KEY "content_sha256"
bool zf_content_is_key(const char *key);

/** What the file will hold. Everything borrowed for zf_sink_open. */
typedef struct zf_sink_options {
    const char *path;
    bool overwrite;
    const zf_crs *crs; /**< of all geometries. EPSG: srid is the code, the row SpatiaLite's own where it knows
                          the code. Another CRS has srid 990001, under its authority if that has a numeric
                          code, else under 'zonefold'. The undefined plane: -1. */
    const zf_column *
        zip_columns; /**< of zip_summary between `zip` and `geom` (contract's parts, area_m2, ... included) */
    size_t n_zip_columns;
    bool has_buildings; /**< table important_building is made */
    bool has_building_geometry;
    bool has_areas;                    /**< table run_area is made */
    const zf_column *building_columns; /**< of important_building after `building_fid`, before `geom` */
    size_t n_building_columns;
    const zf_sink_further *further;
    size_t n_further;
    const zf_callbacks *callbacks; /**< kept until finish or abort; nullable */
    zf_budget *budget; /**< pays for waiting buildings and spatial indexes, under ZF_MEMORY_SINK; kept until
                          finish or abort; nullable */
} zf_sink_options;

/**
 * Creates the temporary file beside the output (same directory, name ".<output>.part"; where files cannot be
 * locked ".<output>.<pid>-<n>.part") and its schema. One that a killed run left there is removed.
 * @return ZF_E_OUTPUT: another run is writing the same output; the output exists and overwrite is false (says
 * --overwrite), is a directory or no regular file, or its directory is missing or not writable; ZF_E_USAGE: a
 * table would have more columns than SQLite allows (2,000); ZF_E_MEMORY. *out is untouched. No journal, no
 * clock: SpatiaLite's time stamps are pinned and its history is emptied.
 */
ZF_MUST_USE zf_status zf_sink_open(const zf_sink_options *options, zf_sink **out, zf_error *error);

/** rank, zip, n_zip_columns values, and the zone's 2D WKB (bytes NULL: NULL geometry). Ranks ascending. */
ZF_MUST_USE zf_status zf_sink_write_zip(zf_sink *sink, uint32_t rank, const char *zip, const zf_value *values,
                                        zf_bytes wkb, zf_error *error);
/** id is given by the sink (1, 2, ...). values: n_building_columns. wkb: Polygon or MultiPolygon; written as
 * 2D MULTIPOLYGON. */
ZF_MUST_USE zf_status zf_sink_write_building(zf_sink *sink, uint32_t rank, const char *zip, int64_t fid,
                                             const zf_value *values, zf_bytes wkb, zf_error *error);

/** One row of further table number `table`: zip_rank, zip and the table's values; wkb as of a building. */
ZF_MUST_USE zf_status zf_sink_write_further(zf_sink *sink, size_t table, uint32_t rank, const char *zip,
                                            const zf_value *values, zf_bytes wkb, zf_error *error);

/** One feature that was repaired, skipped or unusable. */
typedef struct zf_rejected {
    bool is_zip; /**< layer 'zips', else 'buildings' */
    int64_t fid;
    const char
        *reason; /**< short and stable: 'invalid', 'empty geometry', 'no geometry', 'not a polygon', ... */
    const char *detail;   /**< GEOS's words and the like; nullable */
    bool is_repaired;     /**< action 'repaired', else 'skipped' */
    double area_delta_m2; /**< after minus before; NaN: NULL */
    double x, y;          /**< where, in the file's CRS; NaN: NULL */
} zf_rejected;
ZF_MUST_USE zf_status zf_sink_write_rejected(zf_sink *sink, const zf_rejected *rejected, zf_error *error);
ZF_MUST_USE zf_status zf_sink_write_count(zf_sink *sink, const char *name, uint64_t value, zf_error *error);
ZF_MUST_USE zf_status zf_sink_write_area(zf_sink *sink, const char *name, double value_m2, zf_error *error);
ZF_MUST_USE zf_status zf_sink_write_funnel(zf_sink *sink, uint32_t step, const char *rule, uint64_t passed,
                                           uint64_t dropped, zf_error *error);
ZF_MUST_USE zf_status zf_sink_write_info(zf_sink *sink, const char *key, const char *value, zf_error *error);
/** One input file's row of run_input. */
typedef struct zf_sink_input {
    const char *role; /**< 'zips' or 'buildings' */
    const char *file; /**< name without directory */
    const char *layer;
    uint64_t n_bytes;
    const char *sha256; /**< 64 hex digits */
    int64_t n_features; /**< -1: NULL */
    const char *crs;    /**< nullable */
} zf_sink_input;
ZF_MUST_USE zf_status zf_sink_write_input(zf_sink *sink, const zf_sink_input *input, zf_error *error);

/**
 * Completes and checks the spatial indexes, writes the layer statistics, commits, syncs and renames the file
 * into place. Frees the sink, also on failure (then the temporary file is gone and the output as it was).
 * @return ZF_E_OUTPUT: no space, an I/O error, or without overwrite a file of that name has appeared
 * meanwhile; ZF_E_CANCELLED; ZF_E_MEMORY; ZF_E_INTERNAL: a spatial index is wrong, or an earlier write had
 * failed. Cost: some 0.1 us per geometry: nearly all of the spatial index is packed while rows are written,
 * and most of the file is on its way to the disk.
 */
ZF_MUST_USE zf_status zf_sink_finish(zf_sink *sink, zf_error *error);
/** Removes the temporary file and frees the sink. NULL is legal. */
void zf_sink_abort(zf_sink *sink);

/** Versions at run time. */
const char *zf_sqlite_version(void);
const char *zf_spatialite_version(void);

#endif
