/* SPDX-License-Identifier: MIT */
/**
 * @file zone_files.h
 * Small zone layers for the tests of src/zone, and what the catalogue makes of them.
 */
#ifndef ZF_TEST_ZONE_FILES_H
#define ZF_TEST_ZONE_FILES_H

#include "source_files.h"

#include "zone/zone.h"

#include <math.h>

enum { MAX_REJECTS = 16 };

/* One feature: properties as JSON with ' for ", geometry as WKT or NULL. */
typedef struct zone_row {
    const char *properties;
    const char *wkt;
} zone_row;

/* A zone_reject that outlives the callback. */
typedef struct told_reject {
    int64_t fid;
    uint64_t ordinal;
    char reason[64], detail[256]; /* detail: "(null)" for none */
    bool is_repaired;
    double area_delta_m2, x, y;
} told_reject;

typedef struct zone_case {
    bool is_stored; /* polygons wait in the temporary file */
    zf_source *source;
    zf_crs *crs, *from_crs;
    zf_metric *metric;
    zf_budget budget;
    zf_catalogue *catalogue;
    zf_catalogue_options options; /* may be set before load_zones */
    told_reject rejects[MAX_REJECTS];
    size_t n_rejects;
    zf_status reject_answer; /* what the callback says */
    zf_error error;
} zone_case;

static const char zones_path[] = "/vsimem/zones.geojson";

static inline void put_properties(VSILFILE *file, const char *properties) {
    for (; *properties != '\0'; properties++)
        assert_int_equal(VSIFWriteL(*properties == '\'' ? "\"" : properties, 1, 1, file), 1);
}

static inline void put_geometry(VSILFILE *file, const char *wkt) {
    if (wkt == NULL) {
        VSIFPrintfL(file, "null");
        return;
    }
    OGRGeometryH geometry = NULL;
    char *rest = (char *)(uintptr_t)wkt;
    assert_int_equal(OGR_G_CreateFromWkt(&rest, NULL, &geometry), OGRERR_NONE);
    char *json = OGR_G_ExportToJson(geometry);
    assert_non_null(json);
    assert_int_equal(VSIFWriteL(json, 1, strlen(json), file), strlen(json));
    CPLFree(json);
    OGR_G_DestroyGeometry(geometry);
}

static inline void write_zones(const zone_row *rows, size_t n) {
    VSILFILE *file = VSIFOpenL(zones_path, "wb");
    assert_non_null(file);
    VSIFPrintfL(file, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (size_t i = 0; i < n; i++) {
        VSIFPrintfL(file, "%s{\"type\":\"Feature\",\"properties\":{", i > 0 ? "," : "");
        put_properties(file, rows[i].properties);
        VSIFPrintfL(file, "},\"geometry\":");
        put_geometry(file, rows[i].wkt);
        VSIFPrintfL(file, "}");
    }
    VSIFPrintfL(file, "]}");
    VSIFCloseL(file);
}

static inline zf_status note_reject(void *user, const zf_rejected *reject, uint64_t ordinal, zf_error *error) {
    zone_case *c = user;
    assert_true(c->n_rejects < MAX_REJECTS);
    told_reject *told = &c->rejects[c->n_rejects++];
    *told = (told_reject){.fid = reject->fid,
                          .ordinal = ordinal,
                          .is_repaired = reject->is_repaired,
                          .area_delta_m2 = reject->area_delta_m2,
                          .x = reject->x,
                          .y = reject->y};
    (void)snprintf(told->reason, sizeof told->reason, "%s", reject->reason);
    (void)snprintf(told->detail, sizeof told->detail, "%s",
                   reject->detail != NULL ? reject->detail : "(null)");
    if (c->reject_answer != ZF_OK)
        return zf_error_set(error, c->reject_answer, ZF_DOMAIN_ZONEFOLD, "the list is full");
    return ZF_OK;
}

static inline void close_zones(zone_case *c) {
    zf_catalogue_destroy(c->catalogue);
    zf_metric_destroy(c->metric);
    zf_crs_destroy(c->from_crs);
    zf_crs_destroy(c->crs);
    zf_source_close(c->source);
    assert_int_equal(c->budget.total_bytes, 0);
}

/* Loads a file into *c; close_zones in any case. */
static inline zf_status load_file(zone_case *c, const char *path) {
    c->error = (zf_error)ZF_ERROR_INIT;
    zf_budget_init(&c->budget, 0);
    c->source = open_source(path);
    assert_int_equal(zf_crs_create_planar(&c->crs, NULL), ZF_OK);
    assert_int_equal(zf_metric_create(c->crs, false, &c->metric, NULL), ZF_OK);
    c->options.share_bytes = c->is_stored ? 0 : SIZE_MAX;
    c->options.metric = c->metric;
    c->options.reject = note_reject;
    c->options.reject_user = c;
    zf_status st = zf_catalogue_load(c->source, &c->options, &c->budget, &c->catalogue, &c->error);
    assert_int_equal(c->error.status, st);
    assert_true((st == ZF_OK) == (c->catalogue != NULL));
    if (st != ZF_OK)
        assert_int_equal(c->budget.total_bytes, 0);
    return st;
}

static inline zf_status load_rows(zone_case *c, const zone_row *rows, size_t n) {
    write_zones(rows, n);
    zf_status st = load_file(c, zones_path);
    VSIUnlink(zones_path);
    return st;
}

#define LOAD(c, rows) load_rows(c, rows, sizeof(rows) / sizeof *(rows))

static inline void must_load(zone_case *c, zf_status st) {
    if (st != ZF_OK)
        fail_msg("%s: %s", zf_status_name(st), c->error.text);
}

#define MUST_LOAD(c, rows) must_load(c, LOAD(c, rows))

/* Ids in run order, as "a b c". */
static inline void assert_zips(const zone_case *c, const char *expected) {
    char found[1024] = "";
    for (size_t i = 0; i < zf_catalogue_count(c->catalogue); i++) {
        const zf_zone *zone = zf_catalogue_zone(c->catalogue, i);
        assert_int_equal(zone->rank, i + 1);
        size_t n = strlen(found);
        (void)snprintf(found + n, sizeof found - n, "%s%s", i > 0 ? " " : "", zone->zip);
    }
    assert_string_equal(found, expected);
}

/* The zone's polygon, wherever it is kept; the bytes go with the arena. */
static inline zf_wkb open_polygon(const zone_case *c, size_t i, zf_arena *arena) {
    zf_bytes bytes;
    zf_wkb wkb;
    assert_int_equal(zf_catalogue_wkb(c->catalogue, i, arena, &bytes, NULL), ZF_OK);
    assert_int_equal(zf_wkb_open(bytes.bytes, bytes.n, &wkb), ZF_WKB_POLYGONAL);
    return wkb;
}

/* 0 for a zone without geometry. */
static inline double area_of(const zone_case *c, size_t i) {
    const zf_zone *zone = zf_catalogue_zone(c->catalogue, i);
    zf_arena arena;
    double area = 0;
    if (zone->wkb.n == 0)
        return 0;
    zf_arena_init(&arena, NULL, ZF_MEMORY_ZONE, 4096);
    zf_wkb wkb = open_polygon(c, i, &arena);
    assert_int_equal(wkb.n_polygons, zone->n_parts);
    assert_int_equal(wkb.n_points, zone->n_points);
    assert_memory_equal(&wkb.envelope, &zone->envelope, sizeof wkb.envelope);
    assert_int_equal(zf_metric_area_m2(c->metric, &wkb, &area, NULL), ZF_OK);
    zf_arena_release(&arena);
    return area;
}

static inline void assert_near(double a, double b, double tolerance) {
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.17g is not %.17g", a, b);
}

static inline void assert_zone(const zone_case *c, size_t i, const char *zip, uint32_t n_parts, double area) {
    const zf_zone *zone = zf_catalogue_zone(c->catalogue, i);
    assert_string_equal(zone->zip, zip);
    assert_int_equal(zone->n_parts, n_parts);
    assert_near(area_of(c, i), area, 1e-9);
}

static inline void assert_no_area(const zone_case *c, size_t i, const char *zip) {
    const zf_zone *zone = zf_catalogue_zone(c->catalogue, i);
    assert_string_equal(zone->zip, zip);
    assert_int_equal(zone->wkb.n, 0);
    assert_int_equal(zone->n_parts, 0);
    assert_true(zf_envelope_is_empty(&zone->envelope));
}

static inline void assert_told(const zone_case *c, const char *word) {
    if (strstr(c->error.text, word) == NULL)
        fail_msg("'%s' does not hold '%s'", c->error.text, word);
}

#endif
