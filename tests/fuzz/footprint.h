/* SPDX-License-Identifier: MIT */
/**
 * @file footprint.h
 * What must hold of any WKB: used by the targets that make it in different ways.
 */
#ifndef ZF_TEST_FUZZ_FOOTPRINT_H
#define ZF_TEST_FUZZ_FOOTPRINT_H

#include "fuzz/fuzz.h"

#include "geometry/geometry.h"

enum { FUZZ_MAX_POINTS = 400 }; /* what goes to GEOS: more would be slow, not new */

typedef struct fuzz_tools {
    zf_geos *geos;
    zf_metric *planar, *geodesic;
    zf_arena arena;
} fuzz_tools;

static inline zf_metric *fuzz_metric(const char *definition, bool is_geodesic) {
    zf_crs *crs = NULL;
    zf_metric *metric = NULL;
    fuzz_require(zf_crs_create(definition, &crs, NULL) == ZF_OK, definition);
    fuzz_require(zf_metric_create(crs, is_geodesic, &metric, NULL) == ZF_OK, "a metric");
    zf_crs_destroy(crs);
    return metric;
}

/** Made once; lives as long as the process. */
static inline fuzz_tools *fuzz_get_tools(void) {
    static fuzz_tools tools;
    if (tools.geos == NULL) {
        fuzz_require(zf_geos_create(&tools.geos, NULL) == ZF_OK, "GEOS");
        tools.planar = fuzz_metric("EPSG:26986", false);
        tools.geodesic = fuzz_metric("EPSG:4326", true);
        zf_arena_init(&tools.arena, NULL, ZF_MEMORY_ZONE, 1 << 16);
    }
    return &tools;
}

/* The rings of the view, one by one, against what it says of the whole. */
static inline void fuzz_walk(const zf_wkb *wkb) {
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    zf_envelope envelope = zf_envelope_empty();
    size_t n_points = 0;
    uint32_t n_rings = 0;
    bool has_non_finite = false;
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring); n_rings++) {
        fuzz_require(ring.polygon < wkb->n_polygons, "a ring belongs to a polygon");
        fuzz_require(ring.stride_bytes >= 16 && ring.stride_bytes <= 32, "a point has two to four numbers");
        fuzz_require(ring.xy >= wkb->bytes &&
                         (size_t)(ring.xy - wkb->bytes) + ring.n * ring.stride_bytes <= wkb->n_bytes,
                     "a ring lies within the bytes");
        for (uint32_t i = 0; i < ring.n; i++) {
            double x, y;
            zf_ring_point(&ring, i, &x, &y);
            if (fabs(x) <= 1e100 && fabs(y) <= 1e100) /* beyond that nothing can be reckoned */
                zf_envelope_add_point(&envelope, x, y);
            else
                has_non_finite = true;
        }
        n_points += ring.n;
    }
    fuzz_require(n_points == wkb->n_points && n_rings == wkb->n_rings, "points and rings are as counted");
    fuzz_require(has_non_finite == wkb->has_non_finite, "what is not finite is seen");
    fuzz_require(has_non_finite || memcmp(&envelope, &wkb->envelope, sizeof envelope) == 0 ||
                     (envelope.min_x == wkb->envelope.min_x && envelope.max_x == wkb->envelope.max_x &&
                      envelope.min_y == wkb->envelope.min_y && envelope.max_y == wkb->envelope.max_y),
                 "the envelope is that of the points");
}

/* Called valid without GEOS: then GEOS says so too. */
static inline void fuzz_check_valid(fuzz_tools *tools, const zf_wkb *wkb) {
    zf_geom *geom = NULL;
    bool is_valid = false;
    bool is_small_sure = zf_wkb_is_surely_valid(wkb);
    bool is_sure = zf_polygon_is_surely_valid(wkb, &tools->arena);
    zf_arena_release(&tools->arena);
    if (!is_small_sure && !is_sure)
        return;
    fuzz_require(zf_geom_from_wkb(tools->geos, wkb->bytes, wkb->n_bytes, &geom, NULL) == ZF_OK,
                 "GEOS reads what is called valid");
    fuzz_require(zf_geom_check_valid(tools->geos, geom, &is_valid, NULL, NULL) == ZF_OK && is_valid,
                 "GEOS calls it valid");
    zf_geom_destroy(tools->geos, geom);
}

/* Flattened without GEOS: then the bytes are those GEOS writes. */
static inline void fuzz_check_flat(fuzz_tools *tools, const zf_wkb *wkb) {
    size_t n = zf_wkb_flat_bytes(wkb), n_expected = 0;
    uint8_t *expected = NULL;
    zf_geom *geom = NULL;
    if (n == 0)
        return;
    uint8_t *flat = malloc(n);
    fuzz_require(flat != NULL && zf_wkb_flatten(wkb, NULL, flat, NULL) == ZF_OK, "it is made flat");
    fuzz_require(zf_geom_from_wkb(tools->geos, wkb->bytes, wkb->n_bytes, &geom, NULL) == ZF_OK,
                 "GEOS reads what is made flat");
    fuzz_require(zf_geom_to_wkb(tools->geos, geom, &expected, &n_expected, NULL) == ZF_OK, "GEOS writes");
    fuzz_require(n == n_expected && memcmp(flat, expected, n) == 0, "the bytes are GEOS's");
    zf_geom_destroy(tools->geos, geom);
    free(expected);
    free(flat);
}

static inline bool fuzz_is_ratio(double value) {
    return isnan(value) || (value >= 0 && value <= 1);
}

static inline void fuzz_measure(zf_metric *metric, const zf_wkb *wkb) {
    double out[ZF_MEASURE_KINDS];
    if (zf_metric_measure(metric, wkb, (1u << ZF_MEASURE_KINDS) - 1, out, NULL) != ZF_OK)
        return;
    fuzz_require(!wkb->has_non_finite, "what is not finite is not measured");
    fuzz_require(!(out[ZF_MEASURE_AREA_M2] < 0) && !(out[ZF_MEASURE_PERIMETER_M] < 0), "no negative area");
    fuzz_require(fuzz_is_ratio(out[ZF_MEASURE_ELONGATION]) && fuzz_is_ratio(out[ZF_MEASURE_RECTANGULARITY]) &&
                     fuzz_is_ratio(out[ZF_MEASURE_CONVEXITY]) && fuzz_is_ratio(out[ZF_MEASURE_COMPACTNESS]),
                 "ratios are none above 1");
    fuzz_require(!(out[ZF_MEASURE_ORIENTATION_DEG] < 0) && !(out[ZF_MEASURE_ORIENTATION_DEG] > 45),
                 "the orientation is an angle of 0 to 45 degrees");
    fuzz_require(out[ZF_MEASURE_N_VERTICES] <= (double)wkb->n_points &&
                     out[ZF_MEASURE_N_PARTS] <= (double)wkb->n_polygons,
                 "no more vertices and parts than are there");
}

/** zf_wkb_open and whatever takes its view. */
static inline void fuzz_footprint(const uint8_t *bytes, size_t n) {
    fuzz_tools *tools = fuzz_get_tools();
    zf_wkb wkb;
    zf_wkb_kind kind = zf_wkb_open(bytes, n, &wkb);
    if (kind != ZF_WKB_POLYGONAL && kind != ZF_WKB_EMPTY)
        return;
    fuzz_walk(&wkb);
    fuzz_require((wkb.n_points > 0) == (kind == ZF_WKB_POLYGONAL), "a footprint without points is empty");
    if (wkb.n_points > FUZZ_MAX_POINTS || wkb.n_rings > FUZZ_MAX_POINTS)
        return;
    fuzz_measure(tools->planar, &wkb);
    fuzz_measure(tools->geodesic, &wkb);
    if (kind != ZF_WKB_POLYGONAL)
        return;
    fuzz_check_valid(tools, &wkb);
    fuzz_check_flat(tools, &wkb);
}

#endif
