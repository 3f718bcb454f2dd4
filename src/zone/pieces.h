/* SPDX-License-Identifier: MIT */
/** Reading the zone layer feature by feature, before features of one id are united. */
#ifndef ZF_ZONE_PIECES_H
#define ZF_ZONE_PIECES_H

#include "zone/zone_internal.h"

/** State of one reading of the zone layer. */
typedef struct zf_zone_reading {
    zf_source *source;
    const zf_catalogue_options *options;
    zf_geos *geos;
    zf_zone_fields fields;
    zf_catalogue *catalogue;
    zf_piece_list pieces;
    zf_arena scratch; /**< for one feature at a time */
    zf_examiner examiner;
    bool has_polygon; /**< at least one feature had a polygon */
} zf_zone_reading;

/** Fills r->pieces with every feature that has an id, in the buildings' CRS. */
ZF_MUST_USE zf_status zf_pieces_read(zf_zone_reading *r, zf_error *error);
/** Checks and repairs the pieces; afterwards each is valid or without area. */
ZF_MUST_USE zf_status zf_pieces_validate(zf_zone_reading *r, zf_error *error);
/** Puts a polygon into the catalogue's store and fills the piece's geometric members; those of a geometry
 * without area stay as they are. */
ZF_MUST_USE zf_status zf_pieces_keep(zf_zone_reading *r, const zf_geom *geom, zf_piece *piece,
                                     zf_error *error);
/** The same of a polygon's WKB. */
ZF_MUST_USE zf_status zf_pieces_keep_wkb(zf_zone_reading *r, const zf_wkb *wkb, zf_piece *piece, zf_error *error);
/** Lists a piece as skipped: it is left out. detail: why; must stay. */
ZF_MUST_USE zf_status zf_pieces_reject(zf_zone_reading *r, const zf_piece *piece, const char *detail, zf_error *error);
void zf_pieces_release(zf_zone_reading *r);

/** Unites pieces of one id, n_with_area >= 2 of which have area, into *out, whose geometric members are filled; can be
 * cancelled. Pieces that GEOS cannot unite with the others are listed and left out. ZF_E_MEMORY, ZF_E_OUTPUT,
 * ZF_E_CANCELLED. (unite.c) */
ZF_MUST_USE zf_status zf_pieces_unite(zf_zone_reading *r, const zf_piece *pieces, size_t n, size_t n_with_area,
                                      zf_piece *out, zf_error *error);

#endif
