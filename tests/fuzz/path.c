/* SPDX-License-Identifier: MIT */
/* WKB of points and lines: the view keeps within its bytes, and what is made of it is sound. */
#include "fuzz/footprint.h"
#include "fuzz/fuzz.h"

static bool has_same_extent(const zf_envelope *a, const zf_envelope *b) {
    return (zf_envelope_is_empty(a) && zf_envelope_is_empty(b)) ||
           (a->min_x == b->min_x && a->max_x == b->max_x && a->min_y == b->min_y && a->max_y == b->max_y);
}

/* The polygon without area that stands for lines and points where distances are measured. */
static void check_outline(const zf_wkb *wkb) {
    zf_wkb outline;
    size_t n = zf_wkb_outline_bytes(wkb);
    uint8_t *bytes = malloc(n);
    fuzz_require(bytes != NULL, "memory for the outline");
    zf_wkb_outline(wkb, bytes);
    fuzz_require(zf_wkb_open(bytes, n, &outline) == ZF_WKB_POLYGONAL, "the outline is a polygon");
    fuzz_require(outline.n_points == zf_wkb_outline_points(wkb), "of as many points as are said");
    fuzz_require(wkb->has_non_finite || has_same_extent(&wkb->envelope, &outline.envelope),
                 "where the lines are");
    free(bytes);
}

/* What is left of lines after those without length are dropped. */
static void check_drop(const zf_wkb *wkb) {
    zf_wkb left;
    size_t n = zf_wkb_drop_short_lines(wkb, NULL);
    double x, y;
    zf_wkb_short_line(wkb, &x, &y);
    fuzz_require(wkb->has_non_finite || zf_wkb_has_short_line(wkb) == !isnan(x), "a short line has a place");
    if (n == 0)
        return;
    uint8_t *bytes = malloc(n);
    fuzz_require(bytes != NULL, "memory for the lines");
    fuzz_require(zf_wkb_drop_short_lines(wkb, bytes) == n, "as many bytes as were said");
    fuzz_require(zf_wkb_open_any(bytes, n, &left) == ZF_WKB_LINEAL, "lines are left");
    fuzz_require(!zf_wkb_has_short_line(&left), "none of them is short");
    fuzz_require(left.n_points <= wkb->n_points && left.n_rings <= wkb->n_rings, "there are not more");
    free(bytes);
}

/* GEOS reads the same points, unless it refuses a line of one point. */
static void check_geos(const fuzz_tools *tools, const zf_wkb *wkb) {
    zf_geom *geom = NULL;
    if (wkb->has_non_finite || zf_geom_from_wkb(tools->geos, wkb->bytes, wkb->n_bytes, &geom, NULL) != ZF_OK)
        return;
    zf_envelope envelope = zf_geom_envelope(tools->geos, geom);
    fuzz_require(has_same_extent(&envelope, &wkb->envelope), "the envelope is GEOS's");
    zf_geom_destroy(tools->geos, geom);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    fuzz_tools *tools = fuzz_get_tools();
    zf_wkb wkb;
    zf_wkb_kind kind = zf_wkb_open_any(bytes, n, &wkb);
    if (kind == ZF_WKB_EMPTY)
        fuzz_walk(&wkb);
    if (kind != ZF_WKB_LINEAL && kind != ZF_WKB_PUNTAL)
        return 0;
    fuzz_walk(&wkb);
    fuzz_require(wkb.n_points > 0, "it has a point");
    fuzz_require(wkb.dimension == (kind == ZF_WKB_LINEAL ? 1 : 0), "points and lines are told apart");
    if (wkb.n_points > FUZZ_MAX_POINTS || wkb.n_rings > FUZZ_MAX_POINTS)
        return 0;
    check_outline(&wkb);
    if (kind == ZF_WKB_LINEAL)
        check_drop(&wkb);
    check_geos(tools, &wkb);
    fuzz_measure(tools->planar, &wkb);
    fuzz_measure(tools->geodesic, &wkb);
    return 0;
}
