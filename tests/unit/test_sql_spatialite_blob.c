/* SPDX-License-Identifier: MIT */
/* Our blobs are SpatiaLite's blobs, byte for byte; SpatiaLite itself is asked. */
#include "property/random_shapes.h"
#include "sql/spatialite_blob.h"
#include "unit/output_bench.h"

#include <math.h>

static zf_spatialite_blob blob;

static void assert_equals_spatialite(reader *r, const uint8_t *wkb, size_t n, int srid) {
    sqlite3_stmt *s = NULL;
    zf_envelope envelope;
    assert_int_equal(sqlite3_prepare_v2(r->db, "SELECT ST_Multi(CastToXY(GeomFromWKB(?1,?2)))", -1, &s, NULL),
                     SQLITE_OK);
    sqlite3_bind_blob(s, 1, wkb, (int)n, SQLITE_STATIC);
    sqlite3_bind_int(s, 2, srid);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_int_equal(sqlite3_column_type(s, 0), SQLITE_BLOB);
    assert_int_equal(zf_spatialite_blob_polygons(&blob, srid, (zf_bytes){wkb, n}, &envelope, NULL), ZF_OK);
    assert_int_equal(blob.n, sqlite3_column_bytes(s, 0));
    assert_memory_equal(blob.bytes, sqlite3_column_blob(s, 0), blob.n);
    assert_memory_equal(blob.bytes + 6, &envelope, sizeof envelope);
    sqlite3_finalize(s);
}

static const double outer[] = {0, 0, 10, 0.1, 10, 10, 0.3, 10, 0, 0};
static const double hole[] = {1, 1, 1, 2, 2, 2, 1, 1};
static const double island[] = {-20, -20, -19, -20, -19, -19, -20, -20};

static void put_polygon_body(wkb_writer *w, uint32_t type, unsigned n_dims, bool has_hole) {
    wkb_put_header(w, type, has_hole ? 2 : 1);
    wkb_put_ring(w, outer, 5, n_dims);
    if (has_hole)
        wkb_put_ring(w, hole, 4, n_dims);
}

static void polygons_and_multipolygons_of_all_dimensions_are_the_same_bytes(void **state) {
    static wkb_writer w;
    reader *r = reader_open(":memory:");
    (void)state;
    for (unsigned k = 0; k < 4; k++) { /* XY, XYZ, XYM, XYZM in ISO numbering */
        const unsigned n_dims = k == 0 ? 2 : k == 3 ? 4 : 3;
        for (int has_hole = 0; has_hole < 2; has_hole++) {
            w.n = 0;
            put_polygon_body(&w, 1000 * k + WKB_POLYGON, n_dims, has_hole);
            assert_equals_spatialite(r, w.bytes, w.n, 2249);
            w.n = 0;
            wkb_put_header(&w, 1000 * k + WKB_MULTIPOLYGON, 2);
            put_polygon_body(&w, 1000 * k + WKB_POLYGON, n_dims, has_hole);
            wkb_put_header(&w, 1000 * k + WKB_POLYGON, 1);
            wkb_put_ring(&w, island, 4, n_dims);
            assert_equals_spatialite(r, w.bytes, w.n, -1);
        }
    }
    reader_close(r);
}

static void random_shapes_are_the_same_bytes(void **state) {
    static wkb_writer w;
    rng random = {20240229};
    reader *r = reader_open(":memory:");
    (void)state;
    for (int round = 0; round < 500; round++) {
        uint32_t n_polygons = 1 + (uint32_t)rng_below(&random, 4);
        w.n = 0;
        wkb_put_header(&w, WKB_MULTIPOLYGON, n_polygons);
        for (uint32_t p = 0; p < n_polygons; p++) {
            uint32_t n_rings = 1 + (uint32_t)rng_below(&random, 3);
            double xy[80];
            int n = 4 + rng_below(&random, 36);
            for (int j = 0; j < 2 * n; j++)
                xy[j] = j < 2 * n - 2 ? (rng_unit(&random) - 0.5) * 1e7 : xy[j - 2 * n + 2];
            wkb_put_header(&w, WKB_POLYGON, n_rings);
            for (uint32_t i = 0; i < n_rings;
                 i++) /* holes inside the shell's envelope: SpatiaLite looks at shells only */
                wkb_put_ring(&w, xy, (size_t)n, 2);
        }
        assert_equals_spatialite(r, w.bytes, w.n, 26986);
    }
    reader_close(r);
}

static void empty_members_are_left_out(void **state) {
    static wkb_writer with, without;
    zf_envelope envelope;
    zf_spatialite_blob expected = {0};
    (void)state;
    with.n = without.n = 0;
    wkb_put_header(&without, WKB_MULTIPOLYGON, 1);
    put_polygon_body(&without, WKB_POLYGON, 2, true);
    wkb_put_header(&with, WKB_MULTIPOLYGON, 3);
    wkb_put_header(&with, WKB_POLYGON, 0);
    put_polygon_body(&with, WKB_POLYGON, 2, true);
    wkb_put_header(&with, WKB_POLYGON, 1);
    wkb_put_u32(&with, 0);
    assert_int_equal(
        zf_spatialite_blob_polygons(&expected, 1, (zf_bytes){without.bytes, without.n}, &envelope, NULL),
        ZF_OK);
    assert_int_equal(zf_spatialite_blob_polygons(&blob, 1, (zf_bytes){with.bytes, with.n}, &envelope, NULL),
                     ZF_OK);
    assert_int_equal(blob.n, expected.n);
    assert_memory_equal(blob.bytes, expected.bytes, blob.n);
    zf_spatialite_blob_deinit(&expected);
}

static void an_empty_geometry_gives_no_blob(void **state) {
    static wkb_writer w;
    zf_envelope envelope;
    (void)state;
    w.n = 0;
    wkb_put_header(&w, WKB_MULTIPOLYGON, 0);
    assert_int_equal(zf_spatialite_blob_polygons(&blob, 1, (zf_bytes){w.bytes, w.n}, &envelope, NULL), ZF_OK);
    assert_int_equal(blob.n, 0);
    assert_true(zf_envelope_is_empty(&envelope));
}

static void what_is_no_polygon_is_refused(void **state) {
    static wkb_writer w;
    zf_envelope envelope;
    zf_error error = ZF_ERROR_INIT;
    const double nan_ring[] = {0, 0, NAN, 0, 1, 1, 0, 0};
    const double inf_ring[] = {0, 0, INFINITY, 0, 1, 1, 0, 0};
    (void)state;
    w.n = 0;
    wkb_put_header(&w, 1, 0); /* a point, cut short */
    assert_int_equal(zf_spatialite_blob_polygons(&blob, 1, (zf_bytes){w.bytes, w.n}, &envelope, &error),
                     ZF_E_INTERNAL);
    assert_non_null(strstr(error.text, "polygon"));
    wkb_polygon(&w, outer, 5);
    for (size_t n = 0; n < w.n; n++)
        assert_int_equal(zf_spatialite_blob_polygons(&blob, 1, (zf_bytes){w.bytes, n}, &envelope, NULL),
                         ZF_E_INTERNAL);
    wkb_polygon(&w, nan_ring, 4);
    assert_int_equal(zf_spatialite_blob_polygons(&blob, 1, (zf_bytes){w.bytes, w.n}, &envelope, NULL),
                     ZF_E_INTERNAL);
    wkb_polygon(&w, inf_ring, 4);
    assert_int_equal(zf_spatialite_blob_polygons(&blob, 1, (zf_bytes){w.bytes, w.n}, &envelope, NULL),
                     ZF_E_INTERNAL);
}

static void points_are_the_same_bytes(void **state) {
    reader *r = reader_open(":memory:");
    sqlite3_stmt *s = NULL;
    (void)state;
    assert_int_equal(zf_spatialite_blob_point(&blob, 4326, -71.1, 42.25, NULL), ZF_OK);
    assert_int_equal(sqlite3_prepare_v2(r->db, "SELECT MakePoint(-71.1,42.25,4326)", -1, &s, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_int_equal(blob.n, sqlite3_column_bytes(s, 0));
    assert_memory_equal(blob.bytes, sqlite3_column_blob(s, 0), blob.n);
    sqlite3_finalize(s);
    reader_close(r);
}

static int free_blob(void **state) {
    (void)state;
    zf_spatialite_blob_deinit(&blob);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polygons_and_multipolygons_of_all_dimensions_are_the_same_bytes),
        cmocka_unit_test(random_shapes_are_the_same_bytes),
        cmocka_unit_test(empty_members_are_left_out),
        cmocka_unit_test(an_empty_geometry_gives_no_blob),
        cmocka_unit_test(what_is_no_polygon_is_refused),
        cmocka_unit_test(points_are_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, free_blob);
}
