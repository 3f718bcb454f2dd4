/* SPDX-License-Identifier: MIT */
/**
 * @file inspect_scan.h
 * What `inspect` finds by reading the features of a layer once. Memory is bounded, whatever the layer: a
 * batch, fixed tallies for each field, 16 MiB for each of two sets of ids, ZIPs of so many vertices.
 */
#ifndef ZF_CLI_INSPECT_SCAN_H
#define ZF_CLI_INSPECT_SCAN_H

#include "cli/inspect_report.h"

/**
 * Reads up to max_features of the layer and adds what it finds to the report's problems.
 * @return ZF_OK; ZF_E_INPUT when the reading broke off, with what was found until then in the report;
 * ZF_E_CANCELLED, ZF_E_MEMORY. Cost: one pass; validity as in a run.
 */
ZF_MUST_USE zf_status zf_layer_scan(zf_source *source, zf_layer_report *report, uint64_t max_features,
                                    const zf_callbacks *callbacks, zf_error *error);

/* ---- values (inspect_fields.c) ---- */

enum { ZF_LOOK_FIELDS = 64, ZF_LOOK_EXAMPLE_BYTES = 40, ZF_LOOK_BINS = 2048 };

/** Hashes of values, to find repeated ones; stops growing at 2^21 slots. */
typedef struct zf_id_set {
    uint64_t *slots;
    size_t n, cap;
    uint64_t n_repeated;
    bool is_full;
} zf_id_set;

/** One field as the features go by. */
typedef struct zf_field_look {
    int field;
    const char *name;
    zf_field_type type;
    bool is_zip, is_id, is_height;
    uint64_t n, n_blank, n_numbers, n_leading_zero, n_not_utf8, n_twice_encoded;
    uint64_t n_below_10000, n_four_digits, n_five_digits, n_zero, n_negative, n_positive;
    int64_t first_blank;
    char example[ZF_LOOK_EXAMPLE_BYTES];
    uint32_t *bins; /**< positive heights, in quarters of a unit; the last bin holds all above */
} zf_field_look;

typedef struct zf_field_looks {
    zf_field_look items[ZF_LOOK_FIELDS];
    int fields[ZF_LOOK_FIELDS];
    size_t n;
    zf_id_set ids;  /**< of the first field that looks like an id */
    zf_id_set fids; /**< where the format does not keep them apart */
    bool has_own_fids;
} zf_field_looks;

ZF_MUST_USE zf_status zf_field_looks_init(const zf_source_info *info, zf_field_looks *looks, zf_error *error);
void zf_field_looks_deinit(zf_field_looks *looks);
ZF_MUST_USE zf_status zf_field_looks_add(zf_field_looks *looks, const zf_batch *batch, size_t row,
                                         zf_error *error);
void zf_field_looks_tell(const zf_field_looks *looks, zf_layer_report *report);
/** The first field whose name says that it holds ZIP ids, or NULL. */
const zf_field_look *zf_field_looks_zip(const zf_field_looks *looks);

/* ---- ZIPs over each other (inspect_zips.c) ---- */

/** Polygons kept to be held against each other. */
typedef struct zf_zip_looks {
    zf_arena arena;
    zf_bytes *items;
    zf_envelope *boxes;
    int64_t *fids;
    char (*ids)[ZF_LOOK_EXAMPLE_BYTES];
    size_t n, cap, n_points;
    bool is_given_up; /**< too many, or too large */
} zf_zip_looks;

void zf_zip_looks_init(zf_zip_looks *looks);
void zf_zip_looks_deinit(zf_zip_looks *looks);
ZF_MUST_USE zf_status zf_zip_looks_add(zf_zip_looks *looks, const zf_wkb *wkb, int64_t fid, const char *id,
                                       zf_error *error);
/** Which of them have area in common. */
ZF_MUST_USE zf_status zf_zip_looks_tell(zf_zip_looks *looks, zf_layer_report *report,
                                        const zf_callbacks *callbacks, zf_error *error);

/* ---- files beside each other (inspect_pairs.c) ---- */

/** Where layers lie, to tell of those that do not meet. */
typedef struct zf_layer_places zf_layer_places;
ZF_MUST_USE zf_status zf_layer_places_create(zf_layer_places **out, zf_error *error);
void zf_layer_places_destroy(zf_layer_places *places);
/** Holds the report's layer against those before it, of other files, and remembers it. */
ZF_MUST_USE zf_status zf_layer_places_add(zf_layer_places *places, const char *path, zf_layer_report *report,
                                          zf_error *error);

#endif
