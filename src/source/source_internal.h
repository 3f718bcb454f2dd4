/* SPDX-License-Identifier: MIT */
/**
 * @file source_internal.h
 * What the files of this folder share, and what its tests look at.
 */
#ifndef ZF_SOURCE_SOURCE_INTERNAL_H
#define ZF_SOURCE_SOURCE_INTERNAL_H

#include "source/source.h"

#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_recordbatch.h>

/* ---- GDAL as a library that must not speak (gdal.c) ---- */

enum { ZF_TRAP_TEXT_BYTES = 512, ZF_TRAP_WARNINGS = 4 };

/** What GDAL said on this thread between begin and end: the first failure and the first few distinct
 * warnings. */
typedef struct zf_trap {
    bool has_failed;
    bool is_deaf_to_unreadable; /**< a geometry that cannot be read is no failure here; false after begin */
    char failure[ZF_TRAP_TEXT_BYTES];
    char warnings[ZF_TRAP_WARNINGS][ZF_TRAP_TEXT_BYTES];
    size_t n_warnings;
} zf_trap;

/** Registers the drivers and silences GDAL's own threads; once per process, from any thread. */
void zf_gdal_init(void);
/** The drivers that read files and nothing but files; NULL-terminated, static storage. */
const char *const *zf_gdal_drivers(void);
/** Not to be moved between begin and end. Ends are in reverse order of begins, on the same thread. */
void zf_trap_begin(zf_trap *trap);
void zf_trap_end(zf_trap *trap);
/** The failure in GDAL's words, or words that say there are none. */
const char *zf_trap_words(const zf_trap *trap);

/* ---- paths (path.c) ---- */

/**
 * Accepts files and directories that exist, also inside archives; refuses everything else with a reason.
 * @param out_open_path what to hand to GDAL so that it cannot take the name for a connection string; free().
 */
ZF_MUST_USE zf_status zf_path_check(const char *path, char **out_open_path, zf_error *error);
/** Size of a regular file, also inside archives; -1 for anything else. */
int64_t zf_path_file_bytes(const char *path);

/* ---- batches (batch.c, value.c, shape.c) ---- */

/** How a column's values lie in memory: Arrow's layouts, plus one of our own for dates. */
typedef enum zf_layout {
    ZF_LAYOUT_NONE = 0, /**< no such column, or a format not read here */
    ZF_LAYOUT_BIT,
    ZF_LAYOUT_INT32,
    ZF_LAYOUT_INT64,
    ZF_LAYOUT_DOUBLE,
    ZF_LAYOUT_BYTES32, /**< text or blob with 32-bit offsets */
    ZF_LAYOUT_BYTES64, /**< text or blob with 64-bit offsets */
    ZF_LAYOUT_MOMENT   /**< int64 of zf_moment_pack */
} zf_layout;

/** A column of a batch; row r is element first + r. Borrowed from the batch's array or its own buffers. */
typedef struct zf_batch_column {
    zf_field_type type;
    zf_layout layout;
    size_t first;
    const uint8_t *validity; /**< bitmap, 1: has a value; NULL: all have */
    const void *values;      /**< of bytes layouts: the bytes */
    const void *offsets;     /**< of bytes layouts, else NULL */
} zf_batch_column;

/** Buffers of one column of the feature loop. */
typedef struct zf_loop_column {
    uint8_t *validity;
    int64_t *words; /**< cap_rows + 1: values (doubles by their bits), or offsets into heap */
    uint8_t *heap;
    size_t n_heap, cap_heap;
} zf_loop_column;

struct zf_batch {
    size_t n_rows;
    zf_batch_column fid;
    zf_batch_column geometry; /**< layout NONE when it was not asked for */
    bool *is_unreadable;      /**< by row: no geometry came, yet there is one; NULL: of none */
    zf_batch_column *columns;
    size_t n_columns;
    struct ArrowArray array; /**< release == NULL for the feature loop */
    zf_loop_column *loop;    /**< fid, geometry, columns...; NULL for the columnar path */
    uint8_t *shape_bytes;    /**< what zf_batch_shape had to make anew */
    size_t cap_shape;
};

ZF_MUST_USE zf_status zf_batch_create(size_t n_columns, zf_batch **out, zf_error *error);
/** Element `row` of a bytes column; bytes == NULL for a missing value. */
zf_bytes zf_column_bytes(const zf_batch_column *column, size_t row);
bool zf_column_is_null(const zf_batch_column *column, size_t row);

/** A date, a time or both in 64 bits; keeps what OGR knows (milliseconds, zone as a flag). */
int64_t zf_moment_pack(const OGRField *field);
/** Text of a moment as base.h describes it; returns its length. */
size_t zf_moment_format(zf_field_type type, int64_t moment, char out[ZF_VALUE_SCRATCH_BYTES]);

/* ---- a source and its reader (open.c, describe.c, query.c) ---- */

/** Where the columns of a query are in the stream's arrays. */
typedef struct zf_arrow_plan {
    int fid_child;
    int geometry_child; /**< -1: not wanted */
    zf_layout geometry_layout;
    int *column_child;
    zf_layout *column_layout;
} zf_arrow_plan;

typedef struct zf_feature_reader {
    int *fields;
    zf_field_type *types;
    size_t n_fields;
    bool wants_geometry;
    bool is_started, is_columnar, is_done;
    bool is_filtered;
    size_t batch_rows;
    int64_t n_read;   /**< features handed out since the start */
    int64_t last_fid; /**< highest fid of the last batch, or ZF_NO_FID */
    bool was_short;   /**< the last batch had fewer rows than asked for */
    struct ArrowArrayStream stream;
    zf_arrow_plan plan;
} zf_feature_reader;

/** Views of the same file that are opened when first needed. */
typedef struct zf_source_probe {
    GDALDatasetH dataset; /**< opened again (unreadable.c) */
    VSILFILE *shp, *shx;  /**< of a shapefile (side_files.c) */
} zf_source_probe;

struct zf_source {
    char *path;      /**< as the user wrote it */
    char *open_path; /**< as GDAL got it */
    char *crs_wkt;
    zf_callbacks callbacks;
    GDALDatasetH dataset;
    OGRLayerH layer;
    zf_source_probe probe;
    zf_source_info info;
    zf_column *fields;
    OGRFieldSubType *subtypes;
    char **files; /**< GDAL's list, ours to destroy; its regular files, sorted, come first */
    size_t n_files;
    size_t n_warnings_logged;
    int hold;            /**< of zf_path_hold */
    bool is_loop_forced; /**< set by tests: read feature by feature whatever the driver offers */
    zf_feature_reader reader;
};

/* ---- what lies beside a file (side_files.c) ---- */

enum { ZF_NOTE_BYTES = 640 };

/** Remembers what is odd about the files; of more than ZF_SOURCE_NOTES the first ones. */
ZF_PRINTF(2, 3) void zf_source_note(zf_source *source, const char *format, ...);
/** Parts of a shapefile that do not fit each other, a GeoPackage's column that is not there: ZF_E_INPUT where
 * something would be read wrong, else notes. After zf_source_describe. */
ZF_MUST_USE zf_status zf_source_check_side_files(zf_source *source, zf_error *error);
/** Does a file of this name and suffix hold anything? */
bool zf_path_has_companion(const char *path, const char *suffix);
/** Keeps SQLite from changing the file while GDAL closes it. A descriptor for zf_path_let_go after that, or
 * -1 where there is nothing to hold. */
int zf_path_hold(const char *path);
void zf_path_let_go(int fd);

/** The type in the record of shape fid; false when there is no such record. */
bool zf_shapefile_type(zf_source *source, int64_t fid, uint32_t *out);
void zf_shapefile_close(zf_source *source);

/** One integer from the dataset; false when there is none. (arrow.c) */
bool zf_source_ask_number(const zf_source *source, const char *sql, int64_t *out);

/** Fills info from the open dataset and layer. */
ZF_MUST_USE zf_status zf_source_describe(zf_source *source, zf_error *error);
void zf_source_undescribe(zf_source *source);
/** Hands a text to the log, a few per source at most. */
void zf_source_log_warning(zf_source *source, const char *text);
/** Hands the trap's warnings to the log, a few per source at most. */
void zf_source_log_warnings(zf_source *source, const zf_trap *trap);
/** GDAL's and SQLite's words for a lack of memory, which is no fault of the file. */
bool zf_source_is_out_of_memory(const char *words);
/** Reading broke off; says GDAL's words and the last good feature. ZF_E_INPUT, or ZF_E_MEMORY where the words
 * say so. */
zf_status zf_source_read_error(const zf_source *source, const char *words, int64_t last_fid, zf_error *error);

/* ---- the two ways to read (arrow.c, loop.c) ---- */

/** NULL when this GDAL's columnar path gives the same values as the feature loop for everything asked; else
 * why not. */
const char *zf_arrow_why_not(const zf_source *source);
/** Starts the stream. *out_why_not != NULL: it hands out something unexpected; nothing was started, use the
 * loop. */
ZF_MUST_USE zf_status zf_arrow_start(zf_source *source, const char **out_why_not, zf_error *error);
ZF_MUST_USE zf_status zf_arrow_next(zf_source *source, zf_batch **out, zf_error *error);
void zf_arrow_stop(zf_feature_reader *reader);
/** NULL when the schema holds what the reader wants, with reader->plan filled; else what is wrong. */
const char *zf_arrow_plan_columns(const zf_source *source, const struct ArrowSchema *schema,
                                  zf_feature_reader *reader);
/** Makes *array (moved in, also on failure) a batch. */
ZF_MUST_USE zf_status zf_arrow_bind(const zf_feature_reader *reader, struct ArrowArray *array, zf_batch **out,
                                    zf_error *error);

/* ---- geometries that are there, but cannot be read (unreadable.c) ---- */

/** Tells such from missing ones in a columnar batch, by asking the file for those rows that have none. */
ZF_MUST_USE zf_status zf_source_mark_unreadable(zf_source *source, zf_batch *batch, zf_error *error);
/** Is the feature, which came without geometry, a shape of a type that a shapefile cannot have? */
bool zf_source_is_unreadable_shape(zf_source *source, int64_t fid);

ZF_MUST_USE zf_status zf_loop_next(zf_source *source, zf_batch **out, zf_error *error);

#endif
