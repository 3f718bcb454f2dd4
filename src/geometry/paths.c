/* SPDX-License-Identifier: MIT */
/* WKB of points and lines, read as footprints: each point or line is a ring that encloses nothing. */
#include "geometry/geometry.h"

#include <math.h>
#include <string.h>

enum {
    TYPE_POINT = 1,
    TYPE_LINE = 2,
    TYPE_POLYGON = 3,
    TYPE_MULTIPOINT = 4,
    TYPE_MULTILINE = 5,
    HEADER_BYTES = 5,
    COUNT_BYTES = 4,
    SRID_BYTES = 4,
    ISO_STEP = 1000,
    MAX_ISO_DIMENSIONS = 3
};

static const uint32_t ewkb_z = 0x80000000u, ewkb_m = 0x40000000u, ewkb_srid = 0x20000000u;

/** The head of a point or line, or of several. */
typedef struct path_header {
    uint32_t type, n; /**< n: points of a line, 1 for a point, members of a multi-geometry */
    unsigned n_dims;
    size_t n_bytes; /**< with the count, where there is one */
} path_header;

static uint32_t read_u32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static zf_wkb_kind read_header(const uint8_t *bytes, size_t n_bytes, path_header *out) {
    if (n_bytes < HEADER_BYTES || bytes[0] > 1)
        return ZF_WKB_CORRUPT;
    if (bytes[0] == 0)
        return ZF_WKB_OTHER;
    uint32_t code = read_u32(bytes + 1), iso = code & ~(ewkb_z | ewkb_m | ewkb_srid), dims = iso / ISO_STEP;
    out->type = iso % ISO_STEP;
    if (dims > MAX_ISO_DIMENSIONS || out->type < TYPE_POINT || out->type > TYPE_MULTILINE ||
        out->type == TYPE_POLYGON)
        return ZF_WKB_OTHER;
    out->n_dims = 2u + ((code & ewkb_z) || dims == 1 || dims == 3) + ((code & ewkb_m) || dims >= 2);
    out->n_bytes = HEADER_BYTES + ((code & ewkb_srid) ? SRID_BYTES : 0);
    out->n = 1;
    if (out->type == TYPE_POINT)
        return n_bytes < out->n_bytes ? ZF_WKB_CORRUPT : ZF_WKB_PUNTAL;
    out->n_bytes += COUNT_BYTES;
    if (n_bytes < out->n_bytes)
        return ZF_WKB_CORRUPT;
    out->n = read_u32(bytes + out->n_bytes - COUNT_BYTES);
    return out->type == TYPE_MULTIPOINT ? ZF_WKB_PUNTAL : ZF_WKB_LINEAL;
}

/** Reads the point or line at *at as a ring, and moves *at past it. */
static zf_wkb_kind read_path(const zf_wkb *wkb, size_t *at, zf_ring *out) {
    path_header head;
    zf_wkb_kind kind = read_header(wkb->bytes + *at, wkb->n_bytes - *at, &head);
    if (kind != ZF_WKB_PUNTAL && kind != ZF_WKB_LINEAL)
        return kind;
    if (head.type != TYPE_POINT && head.type != TYPE_LINE)
        return ZF_WKB_OTHER;
    *at += head.n_bytes;
    *out = (zf_ring){
        .xy = wkb->bytes + *at, .n = head.n, .stride_bytes = head.n_dims * sizeof(double), .is_shell = true};
    if (out->n > (wkb->n_bytes - *at) / out->stride_bytes)
        return ZF_WKB_CORRUPT;
    *at += out->n * out->stride_bytes;
    return kind;
}

/** Whether it is POINT EMPTY, which WKB writes as a point of NaNs. */
static bool is_empty_point(const zf_ring *ring) {
    double x, y;
    zf_ring_point(ring, 0, &x, &y);
    return isnan(x) && isnan(y);
}

/** Adds a point or line to the counts and the envelope. */
static void add_path(zf_wkb *wkb, const zf_ring *ring) {
    for (uint32_t i = 0; i < ring->n; i++) {
        double x, y;
        zf_ring_point(ring, i, &x, &y);
        if (zf_wkb_is_coordinate(x) && zf_wkb_is_coordinate(y))
            zf_envelope_add_point(&wkb->envelope, x, y);
        else
            wkb->has_non_finite = true;
    }
    wkb->n_points += ring->n;
    wkb->n_rings++;
    wkb->only = *ring;
}

zf_wkb_kind zf_wkb_open_any(const uint8_t *bytes, size_t n_bytes, zf_wkb *out) {
    path_header outermost;
    zf_wkb_kind kind = zf_wkb_open(bytes, n_bytes, out);
    if (kind != ZF_WKB_OTHER)
        return kind;
    kind = read_header(bytes, n_bytes, &outermost);
    if (kind != ZF_WKB_PUNTAL && kind != ZF_WKB_LINEAL)
        return kind;
    *out = (zf_wkb){.bytes = bytes,
                    .n_bytes = n_bytes,
                    .n_dims = outermost.n_dims,
                    .dimension = kind == ZF_WKB_LINEAL ? 1 : 0,
                    .is_multi = outermost.type >= TYPE_MULTIPOINT,
                    .envelope = zf_envelope_empty()};
    out->n_polygons = out->is_multi ? outermost.n : 1;
    size_t at = out->is_multi ? outermost.n_bytes : 0;
    for (uint32_t i = 0; i < out->n_polygons; i++) {
        zf_ring ring;
        zf_wkb_kind member = read_path(out, &at, &ring);
        if (member != kind)
            return member == ZF_WKB_CORRUPT ? member : ZF_WKB_OTHER;
        if (out->dimension == 0 && is_empty_point(&ring))
            ring.n = 0;
        add_path(out, &ring);
    }
    return out->n_points > 0 ? kind : ZF_WKB_EMPTY;
}

void zf_wkb_walk_to_path(zf_ring_cursor *cursor, zf_ring *out) {
    path_header outermost;
    *out = (zf_ring){0};
    if (cursor->at == 0 && read_header(cursor->wkb->bytes, cursor->wkb->n_bytes, &outermost) != ZF_WKB_OTHER)
        cursor->at = outermost.n_bytes;
    (void)read_path(cursor->wkb, &cursor->at, out);
    out->polygon = cursor->n_seen;
    if (cursor->wkb->dimension == 0 && is_empty_point(out))
        out->n = 0;
}

bool zf_wkb_has_short_line(const zf_wkb *wkb) {
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        double x0, y0, x, y;
        bool differs = ring.n == 0;
        if (ring.n > 0)
            zf_ring_point(&ring, 0, &x0, &y0);
        for (uint32_t i = 1; i < ring.n && !differs; i++) {
            zf_ring_point(&ring, i, &x, &y);
            differs = x != x0 || y != y0;
        }
        if (!differs)
            return true;
    }
    return false;
}

/* ---- as polygons without area ---- */

/** Points of the ring that runs along a line and back. */
static uint32_t there_and_back(const zf_ring *ring) {
    return ring->n == 0 ? 0 : ring->n == 1 ? 2 : 2 * ring->n - 1;
}

size_t zf_wkb_outline_points(const zf_wkb *wkb) {
    size_t n = 0;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    if (wkb->dimension == 2)
        return wkb->n_points;
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);)
        n += there_and_back(&ring);
    return n;
}

size_t zf_wkb_outline_bytes(const zf_wkb *wkb) {
    return HEADER_BYTES + COUNT_BYTES + (size_t)wkb->n_rings * COUNT_BYTES +
           zf_wkb_outline_points(wkb) * 2 * sizeof(double);
}

static uint8_t *put_u32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++)
        *at++ = (uint8_t)(value >> 8 * i);
    return at;
}

void zf_wkb_outline(const zf_wkb *wkb, uint8_t *out) {
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    *out++ = 1;
    out = put_u32(out, TYPE_POLYGON);
    out = put_u32(out, wkb->n_rings);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        uint32_t n = there_and_back(&ring);
        out = put_u32(out, n);
        for (uint32_t i = 0; i < n; i++, out += 2 * sizeof(double)) {
            double xy[2];
            uint32_t from = i < ring.n ? i : ring.n == 1 ? 0 : 2 * ring.n - 2 - i;
            zf_ring_point(&ring, from, &xy[0], &xy[1]);
            memcpy(out, xy, sizeof xy);
        }
    }
}
