/* SPDX-License-Identifier: MIT */
/**
 * @file writer.h
 * Writes one table as a file of another format through OGR.
 */
#ifndef ZF_SOURCE_WRITER_H
#define ZF_SOURCE_WRITER_H

#include "base/base.h"

/** A format that can be written. */
typedef struct zf_writer_format {
    const char *ending;  /**< of file names: ".csv" */
    const char *driver;  /**< GDAL's short name */
    bool has_geometry;   /**< holds geometries; otherwise they are texts in a column */
    bool needs_geometry; /**< of each row */
    uint64_t max_rows;   /**< 0: any number */
    uint64_t max_length; /**< characters of a text; 0: any number */
} zf_writer_format;

/** The format that a file name asks for, in any case; NULL for none. */
const zf_writer_format *zf_writer_format_of(const char *path);
/** ".csv, .xlsx, ..." */
void zf_writer_append_endings(zf_text *out);

/** A coordinate reference system as a SpatiaLite file states it. */
typedef struct zf_writer_crs {
    int64_t epsg;    /**< 0: not one of EPSG */
    const char *wkt; /**< used without epsg; NULL or empty: there is no CRS */
} zf_writer_crs;

typedef struct zf_writer_options {
    const char *path; /**< a file that does not exist, in a directory of its own */
    const zf_writer_format *format;
    const char *layer;        /**< name of the layer or sheet */
    const zf_column *columns; /**< n_columns: INTEGER, REAL, or anything else as text; unique names */
    size_t n_columns;
    const bool *is_exact;      /**< n_columns: an INTEGER whose values are exact as doubles; NULL: none is */
    const char *geometry_name; /**< NULL: the table has no geometry; unlike all columns */
    unsigned geometry_type;    /**< as SpatiaLite and ISO number it: 6, 1006 ... */
    zf_writer_crs crs;
    const char
        *fid_name; /**< for formats with a column of their own for the feature id; unlike all columns */
} zf_writer_options;

typedef struct zf_writer zf_writer;

/** Creates the file with its layer. ZF_E_OUTPUT; ZF_E_USAGE where this GDAL cannot write the format, or the
 * format not such a table; ZF_E_MEMORY. Everything but path is borrowed for the call. */
ZF_MUST_USE zf_status zf_writer_open(const zf_writer_options *options, zf_writer **out, zf_error *error);
/**
 * Adds a row.
 * @param values n_columns values; a number in a text column is written in decimal, a blob in hexadecimal
 * digits.
 * @param wkb bytes NULL: no geometry.
 * @return ZF_E_INPUT for a value that does not fit its column, and a geometry that OGR does not read;
 * ZF_E_OUTPUT.
 */
ZF_MUST_USE zf_status zf_writer_add(zf_writer *writer, const zf_value *values, zf_bytes wkb, zf_error *error);
/** Closes the file and reads it again: ZF_E_OUTPUT unless it holds all rows. */
ZF_MUST_USE zf_status zf_writer_finish(zf_writer *writer, zf_error *error);
/** NULL is legal. */
void zf_writer_close(zf_writer *writer);

/** Appends the WKT of a geometry; ZF_E_INPUT where OGR does not read it. */
ZF_MUST_USE zf_status zf_writer_append_wkt(zf_text *out, zf_bytes wkb, zf_error *error);

#endif
