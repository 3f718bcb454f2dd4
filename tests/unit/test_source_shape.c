/* SPDX-License-Identifier: MIT */
/* zf_batch_shape and zf_batch_value over hand-made batches: no file involved. */
#include "source_files.h"

/* A batch of one row with one geometry; values are borrowed. */
typedef struct one_shape {
    zf_batch *batch;
    uint32_t offsets[2];
} one_shape;

static void hold(one_shape *one, const uint8_t *wkb, size_t n) {
    assert_int_equal(zf_batch_create(0, &one->batch, NULL), ZF_OK);
    one->offsets[0] = 0;
    one->offsets[1] = (uint32_t)n;
    one->batch->n_rows = 1;
    one->batch->geometry = (zf_batch_column){
        .type = ZF_FIELD_BLOB, .layout = ZF_LAYOUT_BYTES32, .values = wkb, .offsets = one->offsets};
}

typedef struct expected_shape {
    const char *wkt;
    zf_shape_kind kind;
    uint32_t n_polygons;
    uint32_t n_rings;
    const char *type_name;
} expected_shape;

static void assert_shape(const expected_shape *e, const zf_shape *shape) {
    if (shape->kind != e->kind)
        print_error("%s\n", e->wkt);
    assert_int_equal(shape->kind, e->kind);
    if (e->kind == ZF_SHAPE_NOT_POLYGON || e->kind == ZF_SHAPE_PATH)
        assert_string_equal(shape->type_name, e->type_name);
    if (e->kind != ZF_SHAPE_POLYGONAL && e->kind != ZF_SHAPE_PATH)
        return;
    assert_int_equal(shape->wkb.bytes[0], 1);
    assert_int_equal(shape->wkb.n_polygons, e->n_polygons);
    assert_int_equal(shape->wkb.n_rings, e->n_rings);
    /* The standard's reader agrees on the kind. */
    OGRGeometryH geometry = NULL;
    assert_int_equal(OGR_G_CreateFromWkbEx(shape->wkb.bytes, NULL, &geometry, shape->wkb.n_bytes),
                     OGRERR_NONE);
    OGRwkbGeometryType type = OGR_GT_Flatten(OGR_G_GetGeometryType(geometry));
    assert_int_equal(type == wkbPolygon || type == wkbMultiPolygon, e->kind == ZF_SHAPE_POLYGONAL);
    OGR_G_DestroyGeometry(geometry);
}

#define SQUARE "((0 0,0 2,2 2,2 0,0 0))"
#define HOLED  "((10 10,10 20,20 20,20 10,10 10),(12 12,13 12,13 13,12 12))"
#define CIRCLE "(CIRCULARSTRING(0 0,1 1,2 0,1 -1,0 0))"

static const expected_shape expected[] = {
    {"POLYGON" SQUARE, ZF_SHAPE_POLYGONAL, 1, 1, NULL},
    {"POLYGON Z((0 0 9,0 2 9,2 2 9,0 0 9))", ZF_SHAPE_POLYGONAL, 1, 1, NULL},
    {"POLYGON ZM((0 0 9 1,0 2 9 1,2 2 9 1,0 0 9 1))", ZF_SHAPE_POLYGONAL, 1, 1, NULL},
    {"MULTIPOLYGON(" SQUARE "," HOLED ")", ZF_SHAPE_POLYGONAL, 2, 3, NULL},
    {"CURVEPOLYGON" CIRCLE, ZF_SHAPE_POLYGONAL, 1, 1, NULL},
    {"MULTISURFACE(CURVEPOLYGON" CIRCLE "," HOLED ")", ZF_SHAPE_POLYGONAL, 2, 3, NULL},
    {"GEOMETRYCOLLECTION(POLYGON" SQUARE ",MULTIPOLYGON(" HOLED ",((30 30,30 31,31 31,30 30))))",
     ZF_SHAPE_POLYGONAL, 3, 4, NULL},
    {"GEOMETRYCOLLECTION(CURVEPOLYGON" CIRCLE ")", ZF_SHAPE_POLYGONAL, 1, 1, NULL},
    {"GEOMETRYCOLLECTION(POLYGON" SQUARE ",POINT(1 1))", ZF_SHAPE_POLYGONAL, 1, 1, NULL},
    {"GEOMETRYCOLLECTION(LINESTRING(0 0,9 9),GEOMETRYCOLLECTION(POLYGON" SQUARE ",POLYGON" HOLED "))",
     ZF_SHAPE_POLYGONAL, 2, 3, NULL},
    {"GEOMETRYCOLLECTION(LINESTRING(0 0,9 9),POINT(1 1))", ZF_SHAPE_NOT_POLYGON, 0, 0, "GeometryCollection"},
    {"GEOMETRYCOLLECTION(POINT(1 1))", ZF_SHAPE_PATH, 1, 1, "GeometryCollection"},
    {"GEOMETRYCOLLECTION(LINESTRING(0 0,9 9),GEOMETRYCOLLECTION(MULTILINESTRING((0 0,1 1))))", ZF_SHAPE_PATH,
     2, 2, "GeometryCollection"},
    {"POINT(1 2)", ZF_SHAPE_PATH, 1, 1, "Point"},
    {"POINT Z(1 2 3)", ZF_SHAPE_PATH, 1, 1, "Point"},
    {"MULTIPOINT(1 2)", ZF_SHAPE_PATH, 1, 1, "MultiPoint"},
    {"LINESTRING(0 0,1 1)", ZF_SHAPE_PATH, 1, 1, "LineString"},
    {"MULTILINESTRING((0 0,1 1))", ZF_SHAPE_PATH, 1, 1, "MultiLineString"},
    {"CIRCULARSTRING(0 0,1 1,2 0)", ZF_SHAPE_PATH, 1, 1, "CircularString"},
    {"COMPOUNDCURVE((0 0,1 1))", ZF_SHAPE_PATH, 1, 1, "CompoundCurve"},
    {"POLYHEDRALSURFACE Z(((0 0 0,0 1 0,1 1 0,0 0 0)))", ZF_SHAPE_NOT_POLYGON, 0, 0, "PolyhedralSurface"},
    {"TIN Z(((0 0 0,0 1 0,1 1 0,0 0 0)))", ZF_SHAPE_NOT_POLYGON, 0, 0, "TIN"},
    {"TRIANGLE((0 0,0 1,1 1,0 0))", ZF_SHAPE_NOT_POLYGON, 0, 0, "Triangle"},
    {"POLYGON EMPTY", ZF_SHAPE_EMPTY, 0, 0, NULL},
    {"MULTIPOLYGON EMPTY", ZF_SHAPE_EMPTY, 0, 0, NULL},
    {"CURVEPOLYGON EMPTY", ZF_SHAPE_EMPTY, 0, 0, NULL},
    {"GEOMETRYCOLLECTION EMPTY", ZF_SHAPE_EMPTY, 0, 0, NULL},
    {"GEOMETRYCOLLECTION(POLYGON EMPTY)", ZF_SHAPE_EMPTY, 0, 0, NULL},
    {"POINT EMPTY", ZF_SHAPE_EMPTY, 0, 0, NULL},
};
enum { N_EXPECTED = sizeof expected / sizeof expected[0] };

static uint8_t *wkb_of(const char *wkt, OGRwkbByteOrder order, size_t *out_n) {
    OGRGeometryH geometry = NULL;
    char *rest = (char *)(uintptr_t)wkt;
    assert_int_equal(OGR_G_CreateFromWkt(&rest, NULL, &geometry), OGRERR_NONE);
    *out_n = OGR_G_WkbSizeEx(geometry);
    uint8_t *bytes = malloc(*out_n);
    assert_non_null(bytes);
    assert_int_equal(OGR_G_ExportToIsoWkb(geometry, order, bytes), OGRERR_NONE);
    OGR_G_DestroyGeometry(geometry);
    return bytes;
}

static void every_geometry_type_has_its_kind_in_both_byte_orders(void **state) {
    (void)state;
    for (size_t i = 0; i < N_EXPECTED; i++)
        for (int order = 0; order < 2; order++) {
            size_t n;
            uint8_t *wkb = wkb_of(expected[i].wkt, order ? wkbNDR : wkbXDR, &n);
            one_shape one;
            zf_shape shape;
            hold(&one, wkb, n);
            assert_int_equal(zf_batch_shape(one.batch, 0, &shape, NULL), ZF_OK);
            assert_shape(&expected[i], &shape);
            zf_batch_release(one.batch);
            free(wkb);
        }
}

static void plain_polygons_are_not_copied(void **state) {
    (void)state;
    size_t n;
    uint8_t *wkb = wkb_of("MULTIPOLYGON(" SQUARE ")", wkbNDR, &n);
    one_shape one;
    zf_shape shape;
    hold(&one, wkb, n);
    assert_int_equal(zf_batch_shape(one.batch, 0, &shape, NULL), ZF_OK);
    assert_ptr_equal(shape.wkb.bytes, wkb);
    assert_int_equal(shape.wkb.n_bytes, n);
    zf_batch_release(one.batch);
    free(wkb);
}

static void a_circle_keeps_its_area(void **state) {
    (void)state;
    size_t n;
    uint8_t *wkb = wkb_of("CURVEPOLYGON" CIRCLE, wkbNDR, &n);
    one_shape one;
    zf_shape shape;
    OGRGeometryH geometry = NULL;
    hold(&one, wkb, n);
    assert_int_equal(zf_batch_shape(one.batch, 0, &shape, NULL), ZF_OK);
    assert_int_equal(OGR_G_CreateFromWkbEx(shape.wkb.bytes, NULL, &geometry, shape.wkb.n_bytes), OGRERR_NONE);
    double area = OGR_G_Area(geometry);
    assert_true(area > 3.13 && area < 3.1416);
    OGR_G_DestroyGeometry(geometry);
    zf_batch_release(one.batch);
    free(wkb);
}

static void cut_and_garbled_bytes_are_corrupt(void **state) {
    (void)state;
    const char *const wkts[] = {"POLYGON" SQUARE, "MULTIPOLYGON(" SQUARE "," HOLED ")", "CURVEPOLYGON" CIRCLE,
                                "LINESTRING(0 0,1 1)"};
    for (size_t i = 0; i < 4; i++)
        for (int order = 0; order < 2; order++) {
            size_t n;
            uint8_t *wkb = wkb_of(wkts[i], order ? wkbNDR : wkbXDR, &n);
            for (size_t cut = 0; cut < n; cut++) {
                one_shape one;
                zf_shape shape;
                hold(&one, wkb, cut);
                assert_int_equal(zf_batch_shape(one.batch, 0, &shape, NULL), ZF_OK);
                assert_int_equal(shape.kind, ZF_SHAPE_CORRUPT);
                zf_batch_release(one.batch);
            }
            free(wkb);
        }
    const uint8_t nonsense[] = {1, 99, 0, 0, 0, 1, 2, 3, 4};
    one_shape one;
    zf_shape shape;
    hold(&one, nonsense, sizeof nonsense);
    assert_int_equal(zf_batch_shape(one.batch, 0, &shape, NULL), ZF_OK);
    assert_int_equal(shape.kind, ZF_SHAPE_CORRUPT);
    zf_batch_release(one.batch);
}

static void a_missing_geometry_is_null(void **state) {
    (void)state;
    const uint8_t none = 0;
    one_shape one;
    zf_shape shape;
    hold(&one, &none, 0);
    one.batch->geometry.validity = &none;
    assert_int_equal(zf_batch_shape(one.batch, 0, &shape, NULL), ZF_OK);
    assert_int_equal(shape.kind, ZF_SHAPE_NULL);
    one.batch->geometry.layout = ZF_LAYOUT_NONE;
    assert_int_equal(zf_batch_shape(one.batch, 0, &shape, NULL), ZF_OK);
    assert_int_equal(shape.kind, ZF_SHAPE_NULL);
    zf_batch_release(one.batch);
}

static void assert_moment(zf_field_type type, const OGRField *field, const char *text) {
    char scratch[ZF_VALUE_SCRATCH_BYTES];
    const int64_t packed = zf_timestamp_pack(field);
    zf_batch_column column = {.type = type, .layout = ZF_LAYOUT_TIMESTAMP, .values = &packed};
    const zf_batch batch = {.columns = &column};
    const zf_value value = zf_batch_value(&batch, 0, 0, scratch);
    assert_int_equal(value.kind, ZF_VALUE_TEXT);
    assert_int_equal(value.as.bytes.n, strlen(text));
    assert_memory_equal(value.as.bytes.bytes, text, strlen(text));
}

static OGRField moment(int year, int month, int day, float second, int zone) {
    OGRField field;
    memset(&field, 0, sizeof field);
    field.Date.Year = (GInt16)year;
    field.Date.Month = (GByte)month;
    field.Date.Day = (GByte)day;
    field.Date.Hour = 23;
    field.Date.Minute = 59;
    field.Date.Second = second;
    field.Date.TZFlag = (GByte)zone;
    return field;
}

static void dates_and_times_are_written_as_base_says(void **state) {
    (void)state;
    OGRField f = moment(2024, 2, 29, 0, 100);
    assert_moment(ZF_FIELD_DATE, &f, "2024-02-29");
    assert_moment(ZF_FIELD_TIME, &f, "23:59:00");
    assert_moment(ZF_FIELD_DATETIME, &f, "2024-02-29T23:59:00Z");
    f = moment(987, 12, 31, 5.25f, 0);
    assert_moment(ZF_FIELD_DATETIME, &f, "0987-12-31T23:59:05.250");
    f = moment(2024, 1, 1, 59.9999f, 1);
    assert_moment(ZF_FIELD_DATETIME, &f, "2024-01-01T23:59:59.999");
    f = moment(2016, 12, 31, 60, 100);
    assert_moment(ZF_FIELD_DATETIME, &f, "2016-12-31T23:59:60Z");
    f = moment(2024, 1, 1, 1.001f, 123);
    assert_moment(ZF_FIELD_DATETIME, &f, "2024-01-01T23:59:01.001+05:45");
    f = moment(2024, 1, 1, 0, 86);
    assert_moment(ZF_FIELD_DATETIME, &f, "2024-01-01T23:59:00-03:30");
    f = moment(-44, 3, 15, 0, 0);
    assert_moment(ZF_FIELD_DATE, &f, "-044-03-15");
    f = moment(32767, 12, 31, 59.5f, 156);
    assert_moment(ZF_FIELD_DATETIME, &f, "32767-12-31T23:59:59.500+14:00");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_geometry_type_has_its_kind_in_both_byte_orders),
        cmocka_unit_test(plain_polygons_are_not_copied),
        cmocka_unit_test(a_circle_keeps_its_area),
        cmocka_unit_test(cut_and_garbled_bytes_are_corrupt),
        cmocka_unit_test(a_missing_geometry_is_null),
        cmocka_unit_test(dates_and_times_are_written_as_base_says),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
