/* SPDX-License-Identifier: MIT */
/** WKB made flat without GEOS, against the bytes that GEOS writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "geometry/geometry.h"
#include "property/random_shapes.h"
#include "unit/wkb_writer.h"

static const uint32_t ewkb_z = 0x80000000u, ewkb_m = 0x40000000u, ewkb_srid = 0x20000000u;

static zf_transform *transform_between(const char *from, const char *to) {
    zf_crs *a, *b;
    zf_transform *transform;
    assert_int_equal(zf_crs_create(from, &a, NULL), ZF_OK);
    assert_int_equal(zf_crs_create(to, &b, NULL), ZF_OK);
    assert_int_equal(zf_transform_create(a, b, &transform, NULL), ZF_OK);
    zf_crs_destroy(a);
    zf_crs_destroy(b);
    return transform;
}

/** How a shape's dimensions are told. */
typedef struct flavour {
    uint32_t flags; /* added to the type */
    unsigned n_dims;
    bool has_srid;
} flavour;

static void put_header(wkb_writer *w, uint32_t type, const flavour *f, uint32_t count) {
    wkb_put(w, &(uint8_t){1}, 1);
    wkb_put_u32(w, (type + (f->flags < 4000 ? f->flags : 0)) | (f->flags >= 4000 ? f->flags : 0) |
                       (f->has_srid ? ewkb_srid : 0));
    if (f->has_srid)
        wkb_put_u32(w, 4326);
    wkb_put_u32(w, count);
}

static void put_random_ring(wkb_writer *w, rng *r, const flavour *f) {
    static double xy[2 * 701];
    size_t n = 3 + (size_t)rng_below(r, rng_below(r, 5) ? 20 : 697);
    for (size_t i = 0; i < n; i++) {
        xy[2 * i] = -71 + rng_unit(r);
        xy[2 * i + 1] = 42 + rng_unit(r);
    }
    xy[2 * n] = xy[0], xy[2 * n + 1] = xy[1];
    wkb_put_ring(w, xy, n + 1, f->n_dims);
}

static void put_random_shape(wkb_writer *w, rng *r) {
    const flavour flavours[] = {
        {0, 2, false},      {1000, 3, false},  {2000, 3, false},           {3000, 4, false},
        {ewkb_z, 3, false}, {ewkb_m, 3, true}, {ewkb_z | ewkb_m, 4, true}, {0, 2, true}};
    flavour f = flavours[rng_below(r, 8)];
    int n = rng_below(r, 2) ? 1 + rng_below(r, 3) : 0;
    w->n = 0;
    if (n > 0)
        put_header(w, WKB_MULTIPOLYGON, &f, (uint32_t)n);
    f.has_srid = f.has_srid && n == 0;
    for (int i = 0; i < (n > 0 ? n : 1); i++) {
        int n_rings = 1 + rng_below(r, 3);
        put_header(w, WKB_POLYGON, &f, (uint32_t)n_rings);
        for (int k = 0; k < n_rings; k++)
            put_random_ring(w, r, &f);
    }
}

static uint8_t *flat_bytes(const wkb_writer *w, zf_transform *transform, size_t *out_n) {
    zf_wkb wkb;
    assert_int_equal(zf_wkb_open(w->bytes, w->n, &wkb), ZF_WKB_POLYGONAL);
    *out_n = zf_wkb_flat_bytes(&wkb);
    assert_true(*out_n > 0);
    uint8_t *bytes = malloc(*out_n); /* to the byte: a sanitizer sees one too many */
    assert_non_null(bytes);
    assert_int_equal(zf_wkb_flatten(&wkb, transform, bytes, NULL), ZF_OK);
    return bytes;
}

static void bytes_are_those_that_geos_writes(void **state) {
    (void)state;
    static wkb_writer w;
    zf_transform *transforms[] = {NULL, transform_between("EPSG:4326", "EPSG:2249"),
                                  transform_between("EPSG:4269", "EPSG:4326")};
    zf_geos *geos;
    rng r = {1};
    assert_int_equal(zf_geos_create(&geos, NULL), ZF_OK);
    for (int i = 0; i < 600; i++) {
        zf_transform *transform = transforms[i % 3];
        zf_geom *geom, *moved;
        uint8_t *wanted;
        size_t n, n_wanted;
        put_random_shape(&w, &r);
        assert_int_equal(zf_geom_from_wkb(geos, w.bytes, w.n, &geom, NULL), ZF_OK);
        assert_int_equal(zf_geom_transform(geos, geom, transform, &moved, NULL), ZF_OK);
        assert_int_equal(zf_geom_to_wkb(geos, moved, &wanted, &n_wanted, NULL), ZF_OK);
        uint8_t *got = flat_bytes(&w, transform, &n);
        assert_int_equal(n, n_wanted);
        assert_memory_equal(got, wanted, n);
        free(got);
        free(wanted);
        zf_geom_destroy(geos, moved);
        zf_geom_destroy(geos, geom);
    }
    zf_geos_destroy(geos);
    for (int i = 0; i < 3; i++)
        zf_transform_destroy(transforms[i]);
}

static size_t flat_size(const wkb_writer *w) {
    zf_wkb wkb;
    assert_int_equal(zf_wkb_open(w->bytes, w->n, &wkb), ZF_WKB_POLYGONAL);
    return zf_wkb_flat_bytes(&wkb);
}

static void what_geos_might_write_otherwise_is_left_to_it(void **state) {
    (void)state;
    static wkb_writer w;
    const double ring[] = {0, 0, 1, 0, 0, 1, 0, 0}, open[] = {0, 0, 1, 0, 0, 1, 1, 1},
                 flat[] = {0, 0, 1, 0, 0, 0}, odd[] = {0, 0, 1, NAN, 0, 1, 0, 0};
    wkb_polygon(&w, ring, 4);
    assert_int_equal(flat_size(&w), 9 + 4 + 64);
    wkb_polygon(&w, open, 4);
    assert_int_equal(flat_size(&w), 0);
    wkb_polygon(&w, flat, 3);
    assert_int_equal(flat_size(&w), 0);
    wkb_polygon(&w, odd, 4);
    assert_int_equal(flat_size(&w), 0);
    w.n = 0; /* an empty hole */
    wkb_put_header(&w, WKB_POLYGON, 2);
    wkb_put_ring(&w, ring, 4, 2);
    wkb_put_ring(&w, ring, 0, 2);
    assert_int_equal(flat_size(&w), 0);
    w.n = 0; /* an empty member, last or first */
    wkb_put_header(&w, WKB_MULTIPOLYGON, 2);
    wkb_put_header(&w, WKB_POLYGON, 1);
    wkb_put_ring(&w, ring, 4, 2);
    wkb_put_header(&w, WKB_POLYGON, 0);
    assert_int_equal(flat_size(&w), 0);
    w.n = 0;
    wkb_put_header(&w, WKB_MULTIPOLYGON, 2);
    wkb_put_header(&w, WKB_POLYGON, 0);
    wkb_put_header(&w, WKB_POLYGON, 1);
    wkb_put_ring(&w, ring, 4, 2);
    assert_int_equal(flat_size(&w), 0);
}

static void a_point_that_cannot_be_moved_is_told(void **state) {
    (void)state;
    static wkb_writer w;
    const double ring[] = {-71, 42, -70, 42, -70, 95, -71, 42};
    zf_transform *transform = transform_between("EPSG:4326", "EPSG:2249");
    zf_error error = ZF_ERROR_INIT;
    zf_wkb wkb;
    uint8_t out[9 + 4 + 64];
    wkb_polygon(&w, ring, 4);
    assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
    assert_int_equal(zf_wkb_flat_bytes(&wkb), sizeof out);
    assert_int_equal(zf_wkb_flatten(&wkb, transform, out, &error), ZF_E_INPUT);
    assert_non_null(strstr(error.text, "(-70, 95)"));
    zf_transform_destroy(transform);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_those_that_geos_writes),
        cmocka_unit_test(what_geos_might_write_otherwise_is_left_to_it),
        cmocka_unit_test(a_point_that_cannot_be_moved_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
