/* SPDX-License-Identifier: MIT */
/**
 * @file proj_internal.h
 * PROJ as this folder uses it: one context per object, quiet, without network, remembering what it complained
 * about.
 */
#ifndef ZF_GEOMETRY_PROJ_INTERNAL_H
#define ZF_GEOMETRY_PROJ_INTERNAL_H

#include "geometry/geometry.h"

#include <proj.h>

/** A PROJ context and its first complaint since zf_proj_forget. Must not be moved once initialised: PROJ
 * keeps its address. */
typedef struct zf_proj {
    PJ_CONTEXT *context;
    char message[256];
} zf_proj;

enum { ZF_CRS_STRINGS = 7 };

struct zf_crs {
    zf_crs_info info;
    char *strings[ZF_CRS_STRINGS]; /**< what info points to */
    zf_proj proj;
    PJ *operand; /**< what coordinates are transformed from and to: bound when the definition brings its own
                    datum shift */
    PJ *horizontal; /**< operand without such a shift; both NULL for the plane */
    PJ *visual;     /**< operand with x and y in our order, for comparing */
};

/** ZF_E_MEMORY is the only failure; then nothing needs zf_proj_deinit. */
ZF_MUST_USE zf_status zf_proj_init(zf_proj *proj, zf_error *error);
void zf_proj_deinit(zf_proj *proj);
void zf_proj_forget(zf_proj *proj);
/** The first complaint, else PROJ's words for its error number, else "PROJ gives no reason". */
const char *zf_proj_reason(const zf_proj *proj);

/** Operation from one CRS to another with x = easting or longitude on both sides; NULL when PROJ has none.
 * Caller destroys. */
PJ *zf_proj_operation(zf_proj *proj, const PJ *from, const PJ *to);
/** The longitude and latitude CRS, in degrees, on crs's own datum; NULL when there is none. Caller destroys.
 */
PJ *zf_proj_geographic(zf_proj *proj, const PJ *crs);
/** Equivalent according to PROJ, whatever the names and the axis order of geographic CRS. */
bool zf_proj_is_equivalent(zf_proj *proj, const PJ *a, const PJ *b);

enum {
    ZF_MAX_USED_OPERATIONS = 16, /**< of one run; if there are more, the record says "..." */
    ZF_MAX_USED_GRIDS = 32
};

/** An operation that moved points. */
typedef struct zf_used_operation {
    char *words;       /**< "NAD27 to WGS 84 (4); accuracy 9 m" */
    double accuracy_m; /**< < 0: unknown */
    zf_envelope where; /**< of the points noted, in the source's coordinates */
} zf_used_operation;

/** What a transformation's record is made of (used.c). Zeroed: nothing yet. */
typedef struct zf_used {
    zf_used_operation operations[ZF_MAX_USED_OPERATIONS]; /**< by their words */
    int n;
    int current;                    /**< the one noted last; -1: there was no room for it */
    char *grids[ZF_MAX_USED_GRIDS]; /**< by their names */
    int n_grids;
    bool is_more, is_more_grids; /**< than there was room for */
    zf_text words;               /**< the operations, " | " between them */
    zf_text grid_words;          /**< the grids, ", " between them, or "none" */
} zf_used;

/**
 * Takes note of an operation. ZF_E_MEMORY is the only failure.
 * @param operation whose grids are noted; NULL: none.
 */
ZF_MUST_USE zf_status zf_used_note(zf_used *used, zf_proj *proj, const PJ *operation, const char *name,
                                   double accuracy_m, zf_error *error);
/** The operation noted last moves this point of the source. */
void zf_used_note_point(zf_used *used, const double *xy);
/** Those between from and to that are more accurate than what moved points in their area of use, and lack
 * grids here; or "none". `horizontal` is from without a datum shift of its own. Cost: tens of milliseconds.
 */
void zf_used_append_better(const zf_used *used, zf_proj *proj, const PJ *from, const PJ *to,
                           const PJ *horizontal, zf_text *out);
void zf_used_deinit(zf_used *used);

enum { ZF_MAX_MOVING_AREAS = 64 };

/** Where a transformation between geographic CRS in degrees changes no coordinate. Zeroed: nowhere. */
typedef struct zf_identity {
    bool is_anywhere;
    bool is_lost; /**< more moving areas than there is room for */
    int n_moving;
    zf_envelope moving[ZF_MAX_MOVING_AREAS]; /**< where PROJ might choose an operation that moves */
} zf_identity;

/** By the operations that PROJ may choose from for `operation`, and their areas of use. Whatever fails only
 * leaves less of it. Cost: some milliseconds where there are several. */
void zf_identity_find(zf_proj *proj, const PJ *operation, const PJ *from, const PJ *to, zf_identity *out);
/** true when every point of e stays, to the bit. */
bool zf_identity_holds(const zf_identity *identity, const zf_envelope *e);
/**
 * Whether zf_transform_points would leave every point of the envelope as it is, to the bit: NAD83 to WGS 84
 * in New England, where PROJ has nothing but null operations to choose from. NULL: true. An empty envelope:
 * false. Used by zf_transform_points itself, and by tests that compare with PROJ point by
 * point. (transform.c)
 */
bool zf_transform_is_identity(const zf_transform *transform, const zf_envelope *envelope);

/**
 * The entry of PROJ's database that crs is: the one it names itself, else the one it is recognised as, EPSG
 * before others.
 * @return NULL when it is none. Caller destroys.
 */
PJ *zf_crs_find_entry(zf_proj *proj, const PJ *crs);

#endif
