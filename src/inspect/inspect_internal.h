/* SPDX-License-Identifier: MIT */
/**
 * @file inspect_internal.h
 * Declarations shared by the files of this folder. The features of a layer are read once. Memory does not
 * grow with the layer: one batch, fixed tallies per field, at most 16 MiB for each of two sets of ids, and
 * ZIPs up to a fixed number of vertices.
 */
#ifndef ZF_INSPECT_INTERNAL_H
#define ZF_INSPECT_INTERNAL_H

#include "memory/memory.h"
#include "source/source.h"
#include "zonefold/inspect.h"

/* ---- one layer (report.c) ---- */

enum { ZF_PROBLEMS_MAX = 48 };

/** One layer and its problems. Borrows from the source; the caller frees with zf_layer_report_deinit. */
typedef struct zf_layer_report {
    const zf_source_info *info;
    zf_crs *crs; /**< NULL: not declared, or not accepted by PROJ */
    zf_text problems[ZF_PROBLEMS_MAX];
    size_t n_problems;
    uint64_t n_read;    /**< features read */
    zf_envelope extent; /**< as stored, else of the features read; empty: unknown */
} zf_layer_report;

/** ZF_E_MEMORY if the text of a problem could not be stored. */
ZF_MUST_USE zf_status zf_layer_report_check(const zf_layer_report *report, zf_error *error);
/** Checks the description of the layer, without reading features. ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_layer_report_init(const zf_source_info *info, zf_layer_report *out, zf_error *error);
/** Checks that the coordinates fit the CRS. Sets the extent from that of the features read, if the whole
 * layer was read and the file does not store it. */
void zf_layer_report_add_extent(zf_layer_report *report, const zf_envelope *read, bool is_whole);
/** Adds a problem. Of more than ZF_PROBLEMS_MAX the first are kept. */
ZF_PRINTF(2, 3) void zf_layer_report_add(zf_layer_report *report, const char *format, ...);
void zf_layer_report_deinit(zf_layer_report *report);

/* ---- features of a layer (scan.c) ---- */

/**
 * Reads up to max_features of the layer and adds problems to the report.
 * @return ZF_OK; ZF_E_INPUT after a read error, with the problems found until then in the report;
 * ZF_E_CANCELLED, ZF_E_MEMORY. Cost: one pass; validity as in a run.
 */
ZF_MUST_USE zf_status zf_layer_scan(zf_source *source, zf_layer_report *report, uint64_t max_features,
                                    const zf_callbacks *callbacks, zf_error *error);

/* ---- values (fields.c) ---- */

enum { ZF_TALLIED_FIELDS = 64, ZF_EXAMPLE_BYTES = 40, ZF_HEIGHT_BINS = 2048 };

/** A set of 64-bit hashes that finds repeated values; stops growing at 2^21 slots. */
typedef struct zf_id_set {
    uint64_t *slots;
    size_t n, cap;
    uint64_t n_repeated;
    bool is_full;
} zf_id_set;

/** Counts over the numbers of a field. */
typedef struct zf_number_tally {
    uint64_t n_below_10000, n_zero, n_negative, n_positive;
    double lowest, highest; /**< and how often they occur */
    uint64_t n_lowest, n_highest;
    uint32_t *bins; /**< of a height: positive values, in quarters of a unit; the last bin holds all above */
} zf_number_tally;

/** Counts over the texts of a field. */
typedef struct zf_text_tally {
    uint64_t n_numbers, n_leading_zero, n_four_digits, n_not_utf8, n_twice_encoded;
    uint64_t n_with_unit;          /**< lengths with a unit: 12 m, 40 ft */
    unsigned units;                /**< bits of zf_length_unit that occur */
    char other[ZF_EXAMPLE_BYTES];  /**< the first value that is neither */
} zf_text_tally;

/** One field over the features read so far. */
typedef struct zf_field_tally {
    int field;
    const char *name;
    zf_field_type type;
    bool is_zip, is_id, is_height, is_year;
    uint64_t n, n_blank; /**< features with and without a value */
    int64_t first_blank; /**< feature, or ZF_NO_FID */
    char example[ZF_EXAMPLE_BYTES];
    zf_number_tally numbers;
    zf_text_tally texts;
} zf_field_tally;

typedef struct zf_field_tallies {
    zf_field_tally items[ZF_TALLIED_FIELDS];
    int fields[ZF_TALLIED_FIELDS];
    size_t n;
    zf_id_set ids;  /**< of the first field that looks like an id */
    zf_id_set fids; /**< if the format does not guarantee that they are unique */
    bool has_unique_fids;
} zf_field_tallies;

ZF_MUST_USE zf_status zf_field_tallies_init(const zf_source_info *info, zf_field_tallies *tallies,
                                            zf_error *error);
void zf_field_tallies_deinit(zf_field_tallies *tallies);
ZF_MUST_USE zf_status zf_field_tallies_add(zf_field_tallies *tallies, const zf_batch *batch, size_t row,
                                           zf_error *error);
void zf_field_tallies_report(const zf_field_tallies *tallies, zf_layer_report *report);
/** The first field whose name says that it holds ZIP ids, or NULL. */
const zf_field_tally *zf_field_tallies_zip(const zf_field_tallies *tallies);

/* ---- ZIPs that overlap (overlaps.c) ---- */

/** Polygons of ZIPs, kept to find overlaps. */
typedef struct zf_kept_zips {
    zf_arena arena;
    zf_bytes *items;
    zf_envelope *boxes;
    int64_t *fids;
    char (*ids)[ZF_EXAMPLE_BYTES];
    size_t n, cap, n_points;
    bool is_given_up; /**< too many, or too large */
} zf_kept_zips;

void zf_kept_zips_init(zf_kept_zips *zips);
void zf_kept_zips_deinit(zf_kept_zips *zips);
ZF_MUST_USE zf_status zf_kept_zips_add(zf_kept_zips *zips, const zf_wkb *wkb, int64_t fid, const char *id,
                                       zf_error *error);
/** Reports pairs that overlap. */
ZF_MUST_USE zf_status zf_kept_zips_report(zf_kept_zips *zips, zf_layer_report *report,
                                          const zf_callbacks *callbacks, zf_error *error);

/* ---- layers of several files (extents.c) ---- */

/** Extents of the layers inspected so far, to report those that do not overlap. */
typedef struct zf_layer_extents zf_layer_extents;
ZF_MUST_USE zf_status zf_layer_extents_create(zf_layer_extents **out, zf_error *error);
void zf_layer_extents_destroy(zf_layer_extents *extents);
/** Compares the extent of the layer with those of earlier files, and stores it. */
ZF_MUST_USE zf_status zf_layer_extents_add(zf_layer_extents *extents, const char *path,
                                           zf_layer_report *report, zf_error *error);

#endif
