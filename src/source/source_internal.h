/* SPDX-License-Identifier: MIT */
/**
 * @file source_internal.h
 * Declarations shared by the files of this folder and its unit tests.
 */
#ifndef ZF_SOURCE_SOURCE_INTERNAL_H
#define ZF_SOURCE_SOURCE_INTERNAL_H

#include "source/source.h"

#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_recordbatch.h>

/* ---- GDAL: drivers and messages (gdal.c) ---- */

enum { ZF_TRAP_TEXT_BYTES = 512, ZF_TRAP_WARNINGS = 4 };

/** GDAL's messages on this thread between begin and end: the first error and the first few distinct
 * warnings. */
typedef struct zf_trap {
    bool has_failed;
    bool ignores_unreadable; /**< "Unable to read geometry" is not an error; false after begin */
    char failure[ZF_TRAP_TEXT_BYTES];
    char warnings[ZF_TRAP_WARNINGS][ZF_TRAP_TEXT_BYTES];
    size_t n_warnings;
} zf_trap;

/** Registers the drivers and suppresses the messages of GDAL's threads; once per process, from any thread. */
void zf_gdal_init(void);
/** The drivers that read only files; NULL-terminated, static storage. */
const char *const *zf_gdal_drivers(void);
/** Takes GDAL's network, SpatiaLite, side files and temporary files in strange places away, for the whole
 * process. Before the drivers are registered. (confine.c) */
void zf_gdal_confine(void);
/** Replaces GDAL's file systems, except those inside of local files, by ones that hold nothing. */
void zf_gdal_confine_file_systems(void);
/** The file systems that stay: "/vsizip/" ...; NULL-terminated. */
const char *const *zf_gdal_local_systems(void);
/** The trap must not be moved between begin and end. Traps are nested: end them in reverse order, on the same
 * thread. */
void zf_trap_begin(zf_trap *trap);
void zf_trap_end(zf_trap *trap);
/** GDAL's error message; a text that says so if there is none. */
const char *zf_trap_message(const zf_trap *trap);

/* ---- paths (path.c) ---- */

/**
 * Accepts files and directories that exist, also inside archives; refuses everything else with a reason.
 * @param out_open_path the path for GDAL, written so that GDAL cannot read it as a connection string; free().
 */
ZF_MUST_USE zf_status zf_path_check(const char *path, char **out_open_path, zf_error *error);
/** Size of a regular file, also inside archives; -1 for anything else. */
int64_t zf_path_file_bytes(const char *path);

/** Is it an SQLite database whose header names the write-ahead log? */
bool zf_path_is_in_wal_mode(const char *path);

/**
 * Checks that an archive unpacks to a sane size: one that the path leads into, or a file that is one (.zip,
 * and formats that are zipped). Nothing is done for other files.
 * @param out_open_path of a .zip the path of the one layer file in it, free(); else untouched. (archive.c)
 * @return ZF_E_USAGE lists the files of an archive that holds several.
 */
ZF_MUST_USE zf_status zf_archive_resolve(const char *path, char **out_open_path, zf_error *error);

/* ---- how a file is opened (open_options.c) ---- */

/**
 * GDAL's open options for a file of the driver's format.
 * @param out CSLDestroy. ZF_E_USAGE for an unknown encoding; ZF_E_INPUT for a GML whose schema leaves its
 * directory.
 */
ZF_MUST_USE zf_status zf_open_options(const char *path, GDALDriverH driver, const char *encoding,
                                      const zf_open_option_list *given, char ***out, zf_error *error);
/** The .xsd of a GML and the files that it includes, as far as they are there; out also on failure,
 * CSLDestroy. */
ZF_MUST_USE zf_status zf_gml_schema_files(const char *path, char ***out, zf_error *error);

/** Adds to GDAL's list the files beside those of the list that shape what the driver reads. (companions.c) */
void zf_add_companions(const char *driver, char ***inout_files);

/* ---- batches (batch.c, value.c, shape.c) ---- */

/** Memory layout of a column's values: those of Arrow, and one for dates. */
typedef enum zf_layout {
    ZF_LAYOUT_NONE = 0, /**< no such column, or a format that is not supported */
    ZF_LAYOUT_BIT,
    ZF_LAYOUT_INT32,
    ZF_LAYOUT_INT64,
    ZF_LAYOUT_DOUBLE,
    ZF_LAYOUT_BYTES32,  /**< text or blob with 32-bit offsets */
    ZF_LAYOUT_BYTES64,  /**< text or blob with 64-bit offsets */
    ZF_LAYOUT_TIMESTAMP /**< int64_t of zf_timestamp_pack */
} zf_layout;

/** A column of a batch; row r is element first + r. Borrowed from the batch's array or its own buffers. */
typedef struct zf_batch_column {
    zf_field_type type;
    zf_layout layout;
    size_t first;
    const uint8_t *validity; /**< bitmap, 1: has a value; NULL: all rows have one */
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

/** Buffers of a column whose values were corrected (stored_types.c). */
typedef struct zf_own_column {
    uint8_t *validity;
    int64_t *integers; /**< NULL: the values are the driver's */
} zf_own_column;

struct zf_batch {
    size_t n_rows;
    zf_batch_column fid;
    zf_batch_column geometry; /**< layout NONE if it was not requested */
    bool *is_corrupt;         /**< per row: has a geometry that GDAL did not return; NULL: no row has */
    zf_batch_column *columns;
    size_t n_columns;
    struct ArrowArray array; /**< release == NULL for the feature loop */
    zf_own_column *own;      /**< of columns with corrected values; NULL: none */
    zf_loop_column *loop;    /**< fid, geometry, columns...; NULL for the columnar path */
    uint8_t *shape_bytes;    /**< geometry converted by zf_batch_shape */
    size_t cap_shape;
};

ZF_MUST_USE zf_status zf_batch_create(size_t n_columns, zf_batch **out, zf_error *error);
/** Element `row` of a bytes column; bytes == NULL for a missing value. */
zf_bytes zf_column_bytes(const zf_batch_column *column, size_t row);
bool zf_column_is_null(const zf_batch_column *column, size_t row);

/** Packs a date, a time or both into 64 bits, with milliseconds and OGR's time zone flag. */
int64_t zf_timestamp_pack(const OGRField *field);
/** True for a date, time or both that exists: months, days, hours, minutes and seconds are in range. */
bool zf_timestamp_exists(zf_field_type type, const OGRField *field);

/* ---- a source and its reader (open.c, describe.c, query.c) ---- */

/** Positions and layouts of a query's columns in the arrays of an Arrow stream. */
typedef struct zf_arrow_plan {
    int fid_child;
    int geometry_child; /**< -1: not requested */
    zf_layout geometry_layout;
    int *column_child;
    zf_layout *column_layout;
} zf_arrow_plan;

/** State of one reading of the layer. */
typedef struct zf_feature_reader {
    int *fields;
    zf_field_type *types;
    size_t n_fields;
    bool wants_geometry;
    bool is_started, is_columnar, is_done;
    bool is_filtered;
    size_t batch_rows;
    int64_t n_read;   /**< features returned since the start */
    int64_t last_fid; /**< highest fid of the last batch, or ZF_NO_FID */
    bool was_short;   /**< the last batch had fewer rows than asked for */
    struct ArrowArrayStream stream;
    zf_arrow_plan plan;
} zf_feature_reader;

/** The files of a shapefile (shapefile.c, encoding.c). */
typedef struct zf_shapefile_files {
    VSILFILE *shp, *shx; /**< opened when first needed */
    uint64_t n_deleted;  /**< records marked as deleted; GDAL does not return them */
    bool has_utf8_texts; /**< texts are UTF-8: an incomplete last character was cut off by the writer */
} zf_shapefile_files;

/** A kind of value that cannot be used as it is stored. */
typedef enum zf_finding_kind {
    ZF_FINDING_NO_DATE = 0,  /**< a date or time that does not exist: missing */
    ZF_FINDING_CUT_TEXT,     /**< a text cut off within a character: the character is left out */
    ZF_FINDING_WRONG_TYPE,   /**< a value of another type than its field: missing */
    ZF_FINDING_WIDE_INTEGER, /**< an integer that does not fit the declared type: kept */
    ZF_FINDING_NO_BOOLEAN,   /**< a number other than 0 and 1 in a boolean field: true */
    ZF_FINDING_KINDS
} zf_finding_kind;

/** How many values of a field are of a kind, and the first feature. */
typedef struct zf_value_finding {
    uint64_t n;
    int64_t first_fid;
    char example[32];
} zf_value_finding;

/** What the columns of an SQLite table hold (stored_types.c). */
typedef struct zf_stored_types {
    uint8_t *classes;  /**< by field: set of zf_stored */
    bool *is_known;    /**< by field */
    bool is_table;     /**< the layer is a table of an SQLite file: values can be looked up by fid */
    bool has_warnings; /**< GDAL did not understand a date */
} zf_stored_types;

/** Findings about the values of all fields (findings.c). */
typedef struct zf_value_findings {
    zf_value_finding *items; /**< n_fields x ZF_FINDING_KINDS */
    bool are_kept;           /**< by the caller: not logged */
    bool is_preview;         /**< of the current reading: nothing is counted */
    bool are_complete;       /**< the layer was read once: nothing more is counted */
} zf_value_findings;

/** Records of a text file (records.c). */
typedef struct zf_records zf_records;

/** What GDAL says of the geometries of a GeoJSON, and the records of a GeoJSONSeq (geojson.c). */
typedef struct zf_json_records {
    bool has_errors;     /**< GDAL could not parse something of the file: every geometry is checked */
    zf_records *records; /**< of a GeoJSONSeq, opened when first needed */
    int64_t n_read, n_without_id;
} zf_json_records;

enum { ZF_GEOMETRY_FIELDS = 8 };

/** The columns of a CSV of which GDAL makes the geometry (geometry_text.c). */
typedef struct zf_geometry_text {
    int fields[ZF_GEOMETRY_FIELDS]; /**< those that are fields of the layer */
    size_t n;
    int columns[ZF_GEOMETRY_FIELDS]; /**< their positions in the file */
    size_t n_columns;
    bool has_names;      /**< the first record of the file is that of the names */
    char separator;      /**< of the columns of the file */
    zf_records *records; /**< of the file, opened when first needed */
    int64_t n_read;
} zf_geometry_text;

struct zf_source {
    char *path;              /**< as the user wrote it */
    const char *option_name; /**< of zf_source_options, or NULL */
    char *open_path;         /**< as passed to GDAL */
    char *crs_wkt;
    zf_callbacks callbacks;
    GDALDatasetH dataset;
    OGRLayerH layer;
    GDALDatasetH probe;  /**< second connection, opened when first needed (corrupt.c) */
    char **open_options; /**< with which GDAL opened the file */
    zf_shapefile_files shapefile;
    zf_source_info info;
    zf_column *fields;
    OGRFieldSubType *subtypes;
    zf_value_findings findings;
    zf_stored_types stored;
    zf_geometry_text text;
    zf_json_records json;
    char **files; /**< GDAL's list of files, owned: the regular files, sorted */
    size_t n_files;
    size_t n_warnings_logged;
    int wal_lock;        /**< descriptor of zf_path_lock_wal, or -1 */
    bool had_wal;        /**< a -wal lay beside the file when it was opened */
    bool is_loop_forced; /**< set by tests: always read feature by feature */
    zf_feature_reader reader;
};

/* ---- companion files (side_files.c) ---- */

enum { ZF_NOTE_BYTES = 640 };

/** Lets the caller's is_cancelled interrupt statements in the file, until zf_source_end_watch, which takes
 * what this returned and the status so far, and returns ZF_E_CANCELLED instead if it was. (query.c) */
const zf_callbacks *zf_source_begin_watch(const zf_source *source);
ZF_MUST_USE zf_status zf_source_end_watch(const zf_source *source, const zf_callbacks *before, zf_status st,
                                          zf_error *error);

/** Adds a note on a defect of the files; only the first ZF_SOURCE_NOTES are kept. */
ZF_PRINTF(2, 3) void zf_source_note(zf_source *source, const char *format, ...);
/** Checks that the parts of a shapefile match, and that a GeoPackage has its geometry column. ZF_E_INPUT if
 * values would be read wrong, else notes. Call after zf_source_describe. */
ZF_MUST_USE zf_status zf_source_check_side_files(zf_source *source, zf_error *error);
/** At the end of a reading: ZF_DONE, or ZF_E_INPUT if a database that nobody wrote when it was opened is
 * being written now. */
ZF_MUST_USE zf_status zf_source_check_unchanged(const zf_source *source, zf_error *error);
/** True if the file path + suffix exists and is not empty. */
bool zf_path_has_companion(const char *path, const char *suffix);
/** Takes a lock that prevents SQLite from changing the file while GDAL closes it. Returns a descriptor for
 * zf_path_unlock_wal, or -1 if no lock is needed. */
int zf_path_lock_wal(const char *path);
void zf_path_unlock_wal(int fd);

/* ---- shapefiles (shapefile.c, encoding.c) ---- */

/** Checks the .shx and the .dbf: ZF_E_INPUT if values would be read wrong, else notes. */
ZF_MUST_USE zf_status zf_shapefile_check(zf_source *source, zf_error *error);
/** Number of shapes in the .qix, or -1. */
int64_t zf_shapefile_index_entries(const zf_source *source);
/** For a feature that GDAL returned without geometry: true if its record is not that of a missing geometry.
 */
bool zf_shapefile_is_corrupt_record(zf_source *source, int64_t fid);
/** True if the .shp is shorter than its header says. */
bool zf_shapefile_is_truncated(zf_source *source);
/** Closes the .shp and the .shx. */
void zf_shapefile_close(zf_source *source);
/** True if the .cpg names an encoding that GDAL knows and that the texts of the first records do not
 * contradict. */
bool zf_shapefile_has_usable_cpg(const zf_source *source);
/** Notes texts that are not in the encoding of the file; `given` is the encoding that the caller gave, or
 * NULL. */
void zf_shapefile_check_encoding(zf_source *source, const char *given);
/** Number of bytes of an incomplete UTF-8 character at the end of a text; 0 if there is none. */
size_t zf_utf8_cut_bytes(const char *text, size_t n);

/* ---- description and messages (describe.c, report.c) ---- */

/** Runs a query and reads its first value as an integer; false if there is none. (describe.c) */
bool zf_source_query_integer(const zf_source *source, const char *sql, int64_t *out);

/** Fills source->info from the open dataset and layer. */
ZF_MUST_USE zf_status zf_source_describe(zf_source *source, zf_error *error);
/** Sets info.date, after zf_source_describe (date.c). */
void zf_source_describe_date(zf_source *source);
/** Frees what zf_source_describe allocated. */
void zf_source_undescribe(zf_source *source);
/** Logs a warning; at most a few per source. */
void zf_source_log_warning(zf_source *source, const char *text);
/** Logs the warnings of a trap; at most a few per source. */
void zf_source_log_warnings(zf_source *source, const zf_trap *trap);
/** True if a message of GDAL or SQLite reports a lack of memory rather than a defect of the file. */
bool zf_source_is_out_of_memory(const char *message);
/** Reports a read error with GDAL's message and the last feature that was read. Returns ZF_E_INPUT, or
 * ZF_E_MEMORY if the message reports a lack of memory. */
zf_status zf_source_read_error(const zf_source *source, const char *message, int64_t last_fid,
                               zf_error *error);

/* ---- findings about values (findings.c) ---- */

/** Counts a value; example may be NULL. */
void zf_source_add_finding(zf_source *source, int field, zf_finding_kind kind, int64_t fid,
                           const char *example);
/** At the end of a reading: logs the findings, once. */
void zf_source_end_findings(zf_source *source);

/* ---- values that do not have the type of their column (stored_types.c) ---- */

/** Finds which of the reader's columns hold such values. ZF_E_INPUT for those of a view. Before the reading.
 * Cost: the table is read once, if there are columns that were not checked before. */
ZF_MUST_USE zf_status zf_source_check_stored_types(zf_source *source, zf_error *error);
/** Corrects such values of a batch and counts them as findings. Costs nothing where the check found none. */
ZF_MUST_USE zf_status zf_source_correct_batch(zf_source *source, zf_batch *batch, zf_error *error);

/* ---- columnar reading (arrow.c) and feature loop (loop.c) ---- */

/** NULL if columnar reading returns the values of the feature loop for this query; else the reason why not.
 */
const char *zf_arrow_obstacle(const zf_source *source);
/** Opens the Arrow stream. If it returns unexpected columns, *out_obstacle says which, and nothing is open.
 */
ZF_MUST_USE zf_status zf_arrow_start(zf_source *source, const char **out_obstacle, zf_error *error);
ZF_MUST_USE zf_status zf_arrow_next(zf_source *source, zf_batch **out, zf_error *error);
void zf_arrow_stop(zf_feature_reader *reader);
/** Fills reader->plan from the schema. Returns NULL, or what the schema lacks. Called by zf_arrow_start;
 * tests pass schemas that GDAL does not produce. */
const char *zf_arrow_plan_columns(const zf_source *source, const struct ArrowSchema *schema,
                                  zf_feature_reader *reader);
/** Creates a batch from *array, which is moved in, also on failure. Called by zf_arrow_next; tests pass
 * arrays that GDAL does not produce. */
ZF_MUST_USE zf_status zf_arrow_bind(const zf_feature_reader *reader, struct ArrowArray *array, zf_batch **out,
                                    zf_error *error);

/* ---- the attribute filter (where.c) ---- */

/** Sets the attribute filter (NULL: none) and checks it on the first feature: a GeoPackage compiles it only
 * then, and its columnar reading does not report errors. ZF_E_USAGE: it is no condition on the fields. */
ZF_MUST_USE zf_status zf_source_set_where(zf_source *source, const char *where, zf_error *error);

/* ---- corrupt geometries that GDAL returns as missing (corrupt.c) ---- */

/** Sets batch->is_corrupt for rows of a columnar batch whose geometry is in the file but was not returned. */
ZF_MUST_USE zf_status zf_source_mark_corrupt(zf_source *source, zf_batch *batch, zf_error *error);
/* ---- geometries that are text (geometry_text.c) ---- */

/** Finds the fields of which GDAL makes the geometry of a CSV. After zf_source_describe. */
void zf_geometry_text_find(zf_source *source);
/** True for such a field: it must be read although nothing uses it. */
bool zf_geometry_text_is_field(const zf_source *source, size_t field);
/** For a feature without geometry: true if such a field has a value that GDAL could not parse. */
bool zf_geometry_text_is_corrupt(zf_source *source, OGRFeatureH feature);
/** Before a reading. */
void zf_geometry_text_rewind(zf_source *source);
/** Of a layer without geometry: notes a text field that holds geometries, and what to do. */
void zf_geometry_text_note(zf_source *source);

/* ---- GeoJSON (geojson.c) ---- */

bool zf_geojson_is_one(const zf_source *source);
/** True if GDAL's message is about a geometry of a GeoJSON: the feature will be listed. */
bool zf_geojson_is_geometry_error(const zf_source *source, const zf_trap *trap);
/** For a feature of a GeoJSON without usable geometry, or one of a file with errors: true if the file has a
 * geometry there that GDAL could not parse wholly. ordinal: position in the reading, from 0. */
bool zf_geojson_is_corrupt(zf_source *source, OGRFeatureH feature, int64_t ordinal);
/** Before a reading. */
void zf_geojson_rewind(zf_source *source);

/* ---- records of a text file (records.c) ---- */

/** NULL if the file cannot be opened. has_quotes: separators between double quotes do not count. */
zf_records *zf_records_open(const char *path, char separator, bool has_quotes);
void zf_records_close(zf_records *records); /**< NULL is legal */
/** The next record that is not blank, without its separator; NULL at the end. Valid until the next call. */
const zf_text *zf_records_next(zf_records *records);

/** Opens source->probe, a second connection to the file, because a GDAL thread may be using the first one. */
ZF_MUST_USE zf_status zf_source_open_probe(zf_source *source, zf_error *error);
/** For a feature without geometry: true if its record has a shape type that shapefiles do not have. */
bool zf_source_is_corrupt_shape(zf_source *source, int64_t fid);

ZF_MUST_USE zf_status zf_loop_next(zf_source *source, zf_batch **out, zf_error *error);

#endif
