/* SPDX-License-Identifier: MIT */
/* WKB of points and lines, read as footprints: each point or line is a ring that encloses nothing. */
#include "geometry/wkb_internal.h"

#include <math.h>

/** Reads the header of points or lines; ZF_WKB_OTHER for other types. A single point has no count: n is 1. */
static zf_wkb_kind read_header(const uint8_t *bytes, size_t n_bytes, zf_wkb_header *out) {
    const zf_wkb_kind kind = zf_wkb_read_type(bytes, n_bytes, out);
    if (kind != ZF_WKB_PUNTAL && kind != ZF_WKB_LINEAL)
        return kind == ZF_WKB_CORRUPT ? kind : ZF_WKB_OTHER;
    out->n = 1;
    if (out->type == ZF_WKB_POINT)
        return n_bytes < out->n_bytes ? ZF_WKB_CORRUPT : kind;
    return zf_wkb_read_count(bytes, n_bytes, out) ? kind : ZF_WKB_CORRUPT;
}

/** Reads the point or line at *at as a ring, and moves *at past it. */
static zf_wkb_kind read_path(const zf_wkb *wkb, size_t *at, zf_ring *out) {
    zf_wkb_header head;
    zf_wkb_kind kind = read_header(wkb->bytes + *at, wkb->n_bytes - *at, &head);
    if (kind != ZF_WKB_PUNTAL && kind != ZF_WKB_LINEAL)
        return kind;
    if (head.type != ZF_WKB_POINT && head.type != ZF_WKB_LINE)
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
    zf_wkb_header outermost;
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
                    .is_multi = outermost.type >= ZF_WKB_MULTIPOINT,
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
    zf_wkb_header outermost;
    *out = (zf_ring){0};
    if (cursor->at == 0 && read_header(cursor->wkb->bytes, cursor->wkb->n_bytes, &outermost) != ZF_WKB_OTHER)
        cursor->at = outermost.n_bytes;
    (void)read_path(cursor->wkb, &cursor->at, out);
    out->polygon = cursor->n_seen;
    if (cursor->wkb->dimension == 0 && is_empty_point(out))
        out->n = 0;
}

/** Whether a line has points, and all of them are the same. */
static bool is_short(const zf_ring *line) {
    double x0, y0, x, y;
    if (line->n == 0)
        return false;
    zf_ring_point(line, 0, &x0, &y0);
    for (uint32_t i = 1; i < line->n; i++) {
        zf_ring_point(line, i, &x, &y);
        if (x != x0 || y != y0)
            return false;
    }
    return true;
}

bool zf_wkb_has_short_line(const zf_wkb *wkb) {
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring line; zf_wkb_next_ring(&cursor, &line);)
        if (is_short(&line))
            return true;
    return false;
}

void zf_wkb_short_line(const zf_wkb *wkb, double *out_x, double *out_y) {
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    *out_x = *out_y = NAN;
    for (zf_ring line; isnan(*out_x) && zf_wkb_next_ring(&cursor, &line);)
        if (is_short(&line))
            zf_ring_point(&line, 0, out_x, out_y);
}

/** Writes the points of a line in two dimensions; returns the byte after them. */
static uint8_t *put_points(const zf_ring *line, uint8_t *out) {
    for (uint32_t i = 0; i < line->n; i++, out += 2 * sizeof(double)) {
        double xy[2];
        zf_ring_point(line, i, &xy[0], &xy[1]);
        memcpy(out, xy, sizeof xy);
    }
    return out;
}

size_t zf_wkb_drop_short_lines(const zf_wkb *wkb, uint8_t *out) {
    const size_t header_bytes = ZF_WKB_TYPE_BYTES + ZF_WKB_COUNT_BYTES;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    uint8_t *at = out != NULL ? out + header_bytes : NULL;
    size_t n_bytes = header_bytes;
    uint32_t n = 0;
    for (zf_ring line; zf_wkb_next_ring(&cursor, &line);) {
        if (line.n == 0 || is_short(&line))
            continue;
        n++;
        n_bytes += header_bytes + line.n * 2 * sizeof(double);
        if (at != NULL)
            at = put_points(&line, zf_wkb_put_header(at, ZF_WKB_LINE, line.n));
    }
    if (out != NULL)
        (void)zf_wkb_put_header(out, ZF_WKB_MULTILINE, n);
    return n > 0 ? n_bytes : 0;
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
    return ZF_WKB_TYPE_BYTES + ZF_WKB_COUNT_BYTES + (size_t)wkb->n_rings * ZF_WKB_COUNT_BYTES +
           zf_wkb_outline_points(wkb) * 2 * sizeof(double);
}

void zf_wkb_outline(const zf_wkb *wkb, uint8_t *out) {
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    out = zf_wkb_put_header(out, ZF_WKB_POLYGON, wkb->n_rings);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        uint32_t n = there_and_back(&ring);
        out = zf_wkb_put_u32(out, n);
        for (uint32_t i = 0; i < n; i++, out += 2 * sizeof(double)) {
            double xy[2];
            uint32_t from = i < ring.n ? i : ring.n == 1 ? 0 : 2 * ring.n - 2 - i;
            zf_ring_point(&ring, from, &xy[0], &xy[1]);
            memcpy(out, xy, sizeof xy);
        }
    }
}
