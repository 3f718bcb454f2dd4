/* SPDX-License-Identifier: MIT */
/**
 * @file shapefile.h
 * The files of a shapefile, read without GDAL for what GDAL does not check or return.
 */
#ifndef ZF_SOURCE_SHAPEFILE_H
#define ZF_SOURCE_SHAPEFILE_H

#include "source/source_internal.h"

/* ---- files and numbers (shapefile_parts.c) ---- */

/** The path of a file of the layer's shapefile, in any case of the extension; NULL if there is none. Free
 * with CPLFree. */
char *zf_shapefile_part(const zf_source *source, const char *extension);
/** Opens such a file; NULL if there is none. Close with VSIFCloseL. */
VSILFILE *zf_shapefile_open_part(const zf_source *source, const char *extension);
/** Reads n bytes at an offset; false if they are not there. */
bool zf_shapefile_read_at(VSILFILE *file, uint64_t at, uint8_t *out, size_t n);
uint32_t zf_big_u32(const uint8_t *bytes);
uint32_t zf_little_u32(const uint8_t *bytes);

/* ---- the table of attributes (dbf.c) ---- */

/** An open .dbf and the numbers of its header. */
typedef struct zf_dbf {
    VSILFILE *file;
    uint32_t n_records, header_bytes, record_bytes;
} zf_dbf;

/** A text of a record as it is stored, without the blanks at its end; width is that of the field, in bytes.
 */
typedef void (*zf_dbf_visit)(void *user, const char *text, size_t n, size_t width);

/** Opens the .dbf of the layer; false if there is none or its header cannot be read. */
bool zf_dbf_open(const zf_source *source, zf_dbf *out);
void zf_dbf_close(zf_dbf *dbf);
/** True for a table without fields and records, as GDAL writes it for an empty layer. */
bool zf_dbf_has_no_fields(const zf_dbf *dbf);
/** Number of records marked as deleted among the first n. Cost: the file is read once, in large blocks. */
uint64_t zf_dbf_count_deleted(const zf_dbf *dbf, uint64_t n);
/** Visits the texts of the first records, up to a megabyte. */
void zf_dbf_visit_texts(const zf_dbf *dbf, zf_dbf_visit visit, void *user);

#endif
