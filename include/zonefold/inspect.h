/* SPDX-License-Identifier: MIT */
/**
 * @file inspect.h
 * What is in a file, and what would stand in the way of a run.
 */
#ifndef ZONEFOLD_INSPECT_H
#define ZONEFOLD_INSPECT_H

#include "zonefold/callbacks.h"
#include "zonefold/status.h"
#include "zonefold/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options of zf_inspect. Strings are UTF-8 and borrowed for the call. Zero is the default of each member. */
typedef struct zf_inspect_options {
    const char *file;                /**< that OGR can read; required */
    uint64_t max_features;           /**< read of each layer at most; 0: 1,000,000 */
    const char *encoding;            /**< of the texts of shapefiles without a usable .cpg; NULL: not given */
    const char *const *open_options; /**< "KEY=VALUE": GDAL's open options of the format */
    size_t n_open_options;
} zf_inspect_options;

/** A CRS as PROJ describes it. */
typedef struct zf_inspected_crs {
    const char *name;      /**< NULL: there is none, or it is not usable */
    const char *auth_name; /**< "EPSG"; NULL: unknown, as is the next */
    const char *auth_code; /**< "2249" */
    bool is_geographic;
    bool is_declared; /**< the file declares a CRS, be it usable or not */
} zf_inspected_crs;

/** One layer. */
typedef struct zf_inspected_layer {
    const char *name;
    int64_t n_features;        /**< as the file declares it; -1: unknown */
    uint64_t n_read;           /**< features that were read */
    const char *geometry_type; /**< OGR's name; NULL: the layer has no geometry column */
    zf_inspected_crs crs;
    bool has_extent;
    double extent[4]; /**< min x, min y, max x, max y, in the layer's CRS, as stored in the file; of a format
                         that does not store it, of the features read. With has_extent */
    bool has_spatial_index;
    const char *encoding;    /**< of a shapefile's texts, "" where it declares none; NULL: other formats */
    const zf_column *fields; /**< n_fields, in the layer's order */
    size_t n_fields;
    const char *const *problems; /**< n_problems sentences, parameters of a run in backquotes */
    size_t n_problems;
} zf_inspected_layer;

/** The report of zf_inspect. Zero-initialised it is empty. All that it points to is its own. */
typedef struct zf_inspect_report {
    const char *path;
    const char *driver; /**< OGR's name; NULL: the file has no layers */
    uint64_t file_bytes;
    const zf_inspected_layer *layers; /**< n_layers */
    size_t n_layers;
    zf_status read_status; /**< ZF_OK, or ZF_E_INPUT: the features of a layer could not be read to the end */
    zf_error read_error;   /**< of the first such layer */
    void *storage;         /**< private */
} zf_inspect_report;

/** Remembers the extents of the files inspected so far: those that do not meet are a problem. */
typedef struct zf_inspection zf_inspection;
ZF_API ZF_MUST_USE zf_status zf_inspection_create(zf_inspection **out, zf_error *error);
ZF_API void zf_inspection_destroy(zf_inspection *inspection); /**< NULL is legal */

/**
 * Describes the layers of a file, reads their features once and lists problems: geometries that are missing,
 * invalid or no polygons; ZIPs that overlap; ids that are missing, repeated or have lost their leading zeros;
 * heights that look like feet, or are 0 where they are unknown; texts that hold numbers or are in another
 * encoding; a stale spatial index; a CRS that is missing, unusable or contradicts the coordinates; an extent
 * that meets that of no file before it.
 *
 * @param inspection of the files inspected together; nullable for a single one.
 * @param options    borrowed for the call.
 * @param callbacks  nullable.
 * @param out        required; the caller's to zf_inspect_report_deinit after ZF_OK, empty after a failure.
 * @param error      nullable.
 * @return ZF_OK, also where features could not be read to the end (see read_status); ZF_E_USAGE without
 * `file`; ZF_E_INPUT when the file cannot be opened; ZF_E_CANCELLED; ZF_E_MEMORY. Cost: one read of
 * max_features of each layer, and the validity checks of a run. Memory is bounded whatever the layer: a
 * batch, fixed tallies per field, 16 MiB for each of two sets of ids, ZIPs of up to 4 million vertices.
 */
ZF_API ZF_MUST_USE zf_status zf_inspect(zf_inspection *inspection, const zf_inspect_options *options,
                                        const zf_callbacks *callbacks, zf_inspect_report *out,
                                        zf_error *error);
/** Frees what a report holds; of an empty one, nothing. */
ZF_API void zf_inspect_report_deinit(zf_inspect_report *report);

#ifdef __cplusplus
}
#endif
#endif
