/* SPDX-License-Identifier: MIT */
#include "stream/reading.h"

#include <inttypes.h>
#include <math.h>

/** A filtered pass costs more for each building that it reads. */
static const double max_filtered_part = 0.25;

/** Vertices of ZIPs whose cells are made in the time that reading one building and leaving it aside takes. */
enum { POINTS_OF_BUILDING = 4 };

static double area_of(const zf_envelope *e) {
    return (e->max_x - e->min_x) * (e->max_y - e->min_y);
}

/** Reading around the pass's ZIPs only pays where they are a small part of the layer. */
static bool is_worth_filtering(const zf_stream_context *c, const zf_envelope *around) {
    const zf_source_info *info = zf_source_get_info(c->buildings);
    return c->has_unique_fids && info->has_extent &&
           area_of(around) <= max_filtered_part * area_of(&info->extent);
}

/* OGR filters by the footprint. One whose envelope alone meets the pass's ZIPs must come too, and does when
 * its whole envelope lies in the filter. Rounded outwards. */
static zf_envelope filter_of(const zf_reading *r, const zf_tally *tally) {
    zf_envelope e = zf_catalogue_pass_extent(r->context->catalogue);
    double x = nextafter(tally->deferred_x + r->margin.x, INFINITY);
    double y = nextafter(tally->deferred_y + r->margin.y, INFINITY);
    return (zf_envelope){nextafter(e.min_x - x, -INFINITY), nextafter(e.min_y - y, -INFINITY),
                         nextafter(e.max_x + x, INFINITY), nextafter(e.max_y + y, INFINITY)};
}

static zf_status read_pass(const zf_reading *r, size_t pass_no, const zf_tally *tally, zf_error *error) {
    const zf_stream_context *c = r->context;
    zf_envelope around = filter_of(r, tally);
    bool is_filtered = pass_no > 0 && is_worth_filtering(c, &around);
    zf_source_query query = {.fields = c->plan->reading.fields,
                             .n_fields = c->plan->reading.n_fields,
                             .wants_geometry = true,
                             .filter = is_filtered ? &around : NULL,
                             .batch_rows = c->batch_rows};
    if (pass_no > 0)
        zf_log(c->callbacks, ZF_LOG_INFO, "pass %zu over the buildings%s", pass_no + 1,
               is_filtered ? ", around its ZIPs only" : "");
    return zf_threads_read(c->buildings, &query, r->lanes, c->n_threads, error);
}

static void merge_tallies(const zf_reading *r, zf_tally *tally) {
    for (size_t i = 0; i < r->context->n_threads; i++)
        zf_tally_merge(tally, &r->lanes[i].tally);
}

/** Every deferred building must have reappeared in a later pass. */
static zf_status check_deferred(const zf_reading *r, const zf_tally *tally, zf_error *error) {
    const zf_source_info *info = zf_source_get_info(r->context->buildings);
    for (size_t i = 0; i < tally->n_zips; i++) {
        int64_t n = tally->zips[i].n_deferred;
        if (n == 0)
            continue;
        zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                     "near ZIP '%s' a later pass found %" PRId64
                     " buildings %s than the first; the layer's spatial index does not fit its features: "
                     "rebuild it (ogr2ogr does), or allow more memory, so that one pass is enough",
                     zf_catalogue_zone(r->context->catalogue, i)->zip, n > 0 ? n : -n,
                     n > 0 ? "fewer" : "more");
        return zf_error_at(error, ZF_E_INPUT, info->path, info->layer, ZF_NO_FID);
    }
    return ZF_OK;
}

zf_status zf_reading_run(const zf_reading *reading, zf_tally *tally, zf_error *error) {
    const zf_stream_context *c = reading->context;
    zf_status st = read_pass(reading, 0, tally, error);
    merge_tallies(reading, tally); /* later passes go by what the first one counted */
    uint64_t n_points = tally->counts.buildings_read * POINTS_OF_BUILDING;
    for (size_t pass_no = 1; st == ZF_OK && zf_catalogue_next_pass(c->catalogue, n_points); pass_no++) {
        for (size_t i = 0; i < c->n_threads; i++)
            zf_lane_next_pass(&reading->lanes[i]);
        st = read_pass(reading, pass_no, tally, error);
    }
    merge_tallies(reading, tally);
    if (st == ZF_OK)
        st = check_deferred(reading, tally, error);
    return st == ZF_OK ? zf_threads_finish(reading->lanes, c->n_threads, error) : st;
}
