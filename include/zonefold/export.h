/* SPDX-License-Identifier: MIT */
/**
 * @file export.h
 * A table of a result as a file of another format.
 */
#ifndef ZONEFOLD_EXPORT_H
#define ZONEFOLD_EXPORT_H

#include "zonefold/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Options of zf_export. Strings are UTF-8 and borrowed for the call. */
typedef struct zf_export_options {
    zf_table_options
        table; /**< what to export; has_geometry: geometries as WKT, where the format has only texts */
    const char *output; /**< required: ends in .csv, .xlsx, .gpkg, .geojson or .fgb, which is the format */
    bool overwrite;     /**< replace an existing file */
    bool has_labels;    /**< head the columns with labels and units instead of names */
    bool is_rounded;
    unsigned digits; /**< where is_rounded: decimals of numbers, 0 to 15 */
} zf_export_options;

/** The report of zf_export. */
typedef struct zf_export_report {
    uint64_t n_rows;
    const char *driver; /**< "CSV", "XLSX", "GPKG", "GeoJSON" or "FlatGeobuf"; static storage */
} zf_export_report;

/**
 * Writes a table of a result with GDAL's driver of a format. Texts stay texts, so that ids keep their zeros.
 * GeoPackage, GeoJSON and FlatGeobuf have the first geometry column of the table too; GeoJSON in WGS 84 (RFC
 * 7946). The file is written in a directory beside the output, read again and put in place whole; an older
 * one stays until then. The same result and options give the same bytes, with one version of GDAL.
 *
 * @param options   borrowed for the call.
 * @param callbacks nullable; progress reports the stage "export".
 * @param out       nullable.
 * @param error     nullable.
 * @return ZF_OK; ZF_E_USAGE for options that make no sense, as zf_table_open, and for a table that the format
 * cannot hold; ZF_E_INPUT as zf_table_open, and for a value that does not have the type of its column;
 * ZF_E_OUTPUT; ZF_E_CANCELLED; ZF_E_MEMORY. Cost: one row of memory; XLSX and the spatial index of FlatGeobuf
 * are made in memory.
 */
ZF_API ZF_MUST_USE zf_status zf_export(const zf_export_options *options, const zf_callbacks *callbacks,
                                       zf_export_report *out, zf_error *error);

#ifdef __cplusplus
}
#endif
#endif
