/* SPDX-License-Identifier: MIT */
/**
 * @file inspect_internal.h
 * What the files of this folder share: the features of a layer are read once. Memory is bounded, whatever the
 * layer: a batch, fixed tallies for each field, 16 MiB for each of two sets of ids, ZIPs of so many vertices.
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
    zf_crs *crs; /**< NULL: the file does not say, or says something PROJ does not take */
    zf_text problems[ZF_PROBLEMS_MAX];
    size_t n_problems;
    uint64_t n_read; /**< features read */
} zf_layer_report;

/** ZF_E_MEMORY when the text of a problem found no room. */
ZF_MUST_USE zf_status zf_layer_report_check(const zf_layer_report *report, zf_error *error);
/** Checks what the source says of itself, without reading features. ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_layer_report_init(const zf_source_info *info, zf_layer_report *out, zf_error *error);
/** Adds a problem. Of more than ZF_PROBLEMS_MAX the first are kept. */
ZF_PRINTF(2, 3) void zf_layer_report_add(zf_layer_report *report, const char *format, ...);
void zf_layer_report_deinit(zf_layer_report *report);

/* ---- its features (scan.c) ---- */

/**
 * Reads up to max_features of the layer and adds what it finds to the report's problems.
 * @return ZF_OK; ZF_E_INPUT when the reading broke off, with what was found until then in the report;
 * ZF_E_CANCELLED, ZF_E_MEMORY. Cost: one pass; validity as in a run.
 */
ZF_MUST_USE zf_status zf_layer_scan(zf_source *source, zf_layer_report *report, uint64_t max_features,
                                    const zf_callbacks *callbacks, zf_error *error);

/* ---- values (fields.c) ---- */

enum { ZF_TALLIED_FIELDS = 64, ZF_EXAMPLE_BYTES = 40, ZF_HEIGHT_BINS = 2048 };

/** Hashes of values, to find repeated ones; stops growing at 2^21 slots. */
typedef struct zf_id_set {
    uint64_t *slots;
    size_t n, cap;
    uint64_t n_repeated;
    bool is_full;
} zf_id_set;

/** What the numbers of a field have in common. */
typedef struct zf_number_tally {
    uint64_t n_below_10000, n_zero, n_negative, n_positive;
    uint32_t *bins; /**< of a height: positive values, in quarters of a unit; the last bin holds all above */
} zf_number_tally;

/** What the texts of a field have in common. */
typedef struct zf_text_tally {
    uint64_t n_numbers, n_leading_zero, n_four_digits, n_not_utf8, n_twice_encoded;
} zf_text_tally;

/** One field over the features read so far. */
typedef struct zf_field_tally {
    int field;
    const char *name;
    zf_field_type type;
    bool is_zip, is_id, is_height;
    uint64_t n, n_blank; /**< values; features without one */
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
    zf_id_set fids; /**< where the format does not keep them unique */
    bool has_own_fids;
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

/** Polygons of ZIPs, kept to find those that overlap. */
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
/** Reports which of them have area in common. */
ZF_MUST_USE zf_status zf_kept_zips_report(zf_kept_zips *zips, zf_layer_report *report,
                                          const zf_callbacks *callbacks, zf_error *error);

/* ---- layers of several files (extents.c) ---- */

/** The extents of layers of other files, to report those that do not meet. */
typedef struct zf_layer_extents zf_layer_extents;
ZF_MUST_USE zf_status zf_layer_extents_create(zf_layer_extents **out, zf_error *error);
void zf_layer_extents_destroy(zf_layer_extents *extents);
/** Compares the report's extent with those of other files before it, and remembers it. */
ZF_MUST_USE zf_status zf_layer_extents_add(zf_layer_extents *extents, const char *path,
                                           zf_layer_report *report, zf_error *error);

#endif
