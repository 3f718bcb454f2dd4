/* SPDX-License-Identifier: MIT */
/**
 * @file wkb_writer.h
 * Writes WKB byte by byte for tests, well-formed or not.
 */
#ifndef ZF_TEST_WKB_WRITER_H
#define ZF_TEST_WKB_WRITER_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { WKB_POLYGON = 3, WKB_MULTIPOLYGON = 6 };

typedef struct wkb_writer {
    uint8_t bytes[1 << 17];
    size_t n;
} wkb_writer;

static inline void wkb_put(wkb_writer *w, const void *bytes, size_t n) {
    assert(n <= sizeof w->bytes - w->n);
    memcpy(w->bytes + w->n, bytes, n);
    w->n += n;
}

static inline void wkb_put_u32(wkb_writer *w, uint32_t v) {
    uint8_t b[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    wkb_put(w, b, sizeof b);
}

/* Little-endian header: byte order, type, count. */
static inline void wkb_put_header(wkb_writer *w, uint32_t type, uint32_t count) {
    wkb_put(w, &(uint8_t){1}, 1);
    wkb_put_u32(w, type);
    wkb_put_u32(w, count);
}

/* Points x, y and -1e9 in every further dimension, where nobody must look. */
static inline void wkb_put_ring(wkb_writer *w, const double *xy, size_t n, unsigned n_dims) {
    wkb_put_u32(w, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        wkb_put(w, xy + 2 * i, 2 * sizeof *xy);
        for (unsigned k = 2; k < n_dims; k++)
            wkb_put(w, &(double){-1e9}, sizeof(double));
    }
}

static inline void wkb_polygon(wkb_writer *w, const double *xy, size_t n) {
    w->n = 0;
    wkb_put_header(w, WKB_POLYGON, 1);
    wkb_put_ring(w, xy, n, 2);
}

#endif
