/* SPDX-License-Identifier: MIT */
/*
 * Polygons on a small lattice, where edges meet, touch and coincide: each byte is a point of 16 x 16, and a
 * few of them end a ring or a polygon. Random WKB hardly ever gets there.
 */
#include "fuzz/footprint.h"
#include "fuzz/fuzz.h"
#include "unit/wkb_writer.h"

enum { MAX_RING = 48, END_OF_RING = 0xF0, END_OF_POLYGON = 0xF1 };

typedef struct drawing {
    wkb_writer *writer;
    double xy[2 * (MAX_RING + 1)];
    size_t n; /* points of the ring being drawn */
    double step, at_x, at_y;
} drawing;

static void set_u32(wkb_writer *w, size_t at, uint32_t v) {
    for (unsigned i = 0; i < 4; i++)
        w->bytes[at + i] = (uint8_t)(v >> (8 * i));
}

/* Closes the ring and adds it to the polygon that begins at `polygon`. */
static void end_ring(drawing *d, size_t polygon, uint32_t *n_rings) {
    if (d->n == 0)
        return;
    d->xy[2 * d->n] = d->xy[0];
    d->xy[2 * d->n + 1] = d->xy[1];
    wkb_put_ring(d->writer, d->xy, d->n + 1, 2);
    set_u32(d->writer, polygon + 5, ++*n_rings);
    d->n = 0;
}

static void draw(drawing *d, const uint8_t *bytes, size_t n) {
    wkb_writer *w = d->writer;
    uint32_t n_polygons = 1, n_rings = 0;
    w->n = 0;
    wkb_put_header(w, WKB_MULTIPOLYGON, 1);
    size_t polygon = w->n;
    wkb_put_header(w, WKB_POLYGON, 0);
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == END_OF_RING || bytes[i] == END_OF_POLYGON || d->n == MAX_RING)
            end_ring(d, polygon, &n_rings);
        if (bytes[i] == END_OF_POLYGON && n_rings > 0) {
            polygon = w->n;
            n_rings = 0;
            wkb_put_header(w, WKB_POLYGON, 0);
            set_u32(w, 5, ++n_polygons);
        } else if (bytes[i] < END_OF_RING) {
            d->xy[2 * d->n] = d->at_x + d->step * (bytes[i] & 15);
            d->xy[2 * d->n + 1] = d->at_y + d->step * (bytes[i] >> 4);
            d->n++;
        }
    }
    end_ring(d, polygon, &n_rings);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static wkb_writer writer;
    static const double steps[] = {1, 0.1, 1e-5, 1.0 / 3};
    static const double places[] = {0, 236000.3, -71.06, 1e6 / 7};
    if (n < 2 || n > FUZZ_MAX_POINTS)
        return 0;
    drawing d = {.writer = &writer,
                 .step = steps[bytes[0] & 3],
                 .at_x = places[bytes[0] >> 2 & 3],
                 .at_y = places[bytes[0] >> 4 & 3]};
    draw(&d, bytes + 1, n - 1);
    uint8_t *wkb = malloc(writer.n);
    fuzz_require(wkb != NULL, "memory for the footprint");
    memcpy(wkb, writer.bytes, writer.n);
    fuzz_footprint(wkb, writer.n);
    free(wkb);
    return 0;
}
