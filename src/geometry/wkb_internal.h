/* SPDX-License-Identifier: MIT */
/**
 * @file wkb_internal.h
 * The bytes of WKB in front of coordinates: byte order, type, dimensions, count. ISO's and PostGIS's (EWKB)
 * codes of dimensions are read, XY is written.
 */
#ifndef ZF_GEOMETRY_WKB_INTERNAL_H
#define ZF_GEOMETRY_WKB_INTERNAL_H

#include "geometry/geometry.h"

#include <string.h>

enum {
    ZF_WKB_POINT = 1,
    ZF_WKB_LINE = 2,
    ZF_WKB_POLYGON = 3,
    ZF_WKB_MULTIPOINT = 4,
    ZF_WKB_MULTILINE = 5,
    ZF_WKB_MULTIPOLYGON = 6,
    ZF_WKB_TYPE_BYTES = 5, /**< byte order, type */
    ZF_WKB_COUNT_BYTES = 4
};

/** What stands in front of a polygon's rings, a line's points, or the members of a multi-geometry. */
typedef struct zf_wkb_header {
    uint32_t type;   /**< ZF_WKB_POINT ... ZF_WKB_MULTIPOLYGON */
    uint32_t n;      /**< rings, points or members, after zf_wkb_read_count */
    unsigned n_dims; /**< coordinates of a point */
    size_t n_bytes;  /**< of the header as far as it was read */
} zf_wkb_header;

static inline uint32_t zf_wkb_read_u32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/** Reads byte order and type. ZF_WKB_OTHER: another type, or big-endian; ZF_WKB_CORRUPT: no WKB. Nothing is
 * said of the bytes after these. */
static inline zf_wkb_kind zf_wkb_read_type(const uint8_t *bytes, size_t n_bytes, zf_wkb_header *out) {
    const uint32_t ewkb_z = 0x80000000u, ewkb_m = 0x40000000u, ewkb_srid = 0x20000000u, iso_step = 1000;
    const size_t srid_bytes = 4;
    if (n_bytes < ZF_WKB_TYPE_BYTES || bytes[0] > 1)
        return ZF_WKB_CORRUPT;
    if (bytes[0] == 0)
        return ZF_WKB_OTHER;
    const uint32_t code = zf_wkb_read_u32(bytes + 1);
    const uint32_t iso = code & ~(ewkb_z | ewkb_m | ewkb_srid);
    const uint32_t iso_dims = iso / iso_step; /* 0: XY, 1: XYZ, 2: XYM, 3: XYZM */
    out->type = iso % iso_step;
    if (iso_dims > 3 || out->type < ZF_WKB_POINT || out->type > ZF_WKB_MULTIPOLYGON)
        return ZF_WKB_OTHER;
    const bool has_z = (code & ewkb_z) || iso_dims == 1 || iso_dims == 3;
    const bool has_m = (code & ewkb_m) || iso_dims == 2 || iso_dims == 3;
    out->n_dims = 2u + has_z + has_m;
    out->n_bytes = ZF_WKB_TYPE_BYTES + ((code & ewkb_srid) ? srid_bytes : 0);
    if (out->type == ZF_WKB_POLYGON || out->type == ZF_WKB_MULTIPOLYGON)
        return ZF_WKB_POLYGONAL;
    return out->type == ZF_WKB_POINT || out->type == ZF_WKB_MULTIPOINT ? ZF_WKB_PUNTAL : ZF_WKB_LINEAL;
}

/** Reads the count after the type. False: the bytes end before it. */
static inline bool zf_wkb_read_count(const uint8_t *bytes, size_t n_bytes, zf_wkb_header *inout) {
    inout->n_bytes += ZF_WKB_COUNT_BYTES;
    if (n_bytes < inout->n_bytes)
        return false;
    inout->n = zf_wkb_read_u32(bytes + inout->n_bytes - ZF_WKB_COUNT_BYTES);
    return true;
}

/** Writes a number; returns the byte after it. */
static inline uint8_t *zf_wkb_put_u32(uint8_t *at, uint32_t v) {
    const uint8_t bytes[] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    memcpy(at, bytes, sizeof bytes);
    return at + sizeof bytes;
}

/** Writes a header with its count; returns the byte after it. */
static inline uint8_t *zf_wkb_put_header(uint8_t *at, uint32_t type, uint32_t count) {
    *at++ = 1;
    return zf_wkb_put_u32(zf_wkb_put_u32(at, type), count);
}

#endif
