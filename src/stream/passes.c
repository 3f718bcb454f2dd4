/* SPDX-License-Identifier: MIT */
#include "stream/passes.h"

#include <inttypes.h>
#include <math.h>

/** A filtered reading costs more for each building that comes. */
static const double max_filtered_part = 0.25;

/** Vertices of ZIPs whose cells are made in the time that reading one building and leaving it aside takes. */
enum { POINTS_OF_BUILDING = 4 };

static double area_of(const zf_envelope *e) {
    return (e->max_x - e->min_x) * (e->max_y - e->min_y);
}

/** Reading around the pass's ZIPs only pays where they are a small part of the layer. */
static bool is_worth_filtering(const zf_source_info *info, const zf_envelope *pass) {
    return zf_inputs_may_filter(info) && info->has_extent &&
           area_of(pass) <= max_filtered_part * area_of(&info->extent);
}

/* OGR filters by the footprint. One whose envelope alone meets the pass's ZIPs must come too, and does when
 * its whole envelope lies in the filter. Rounded outwards. */
static zf_envelope filter_of(const zf_passes *p) {
    zf_envelope e = zf_catalogue_pass_extent(p->catalogue);
    double x = 0, y = 0;
    for (size_t w = 0; w < p->n_workers; w++) {
        x = fmax(x, p->workers[w].reach_x);
        y = fmax(y, p->workers[w].reach_y);
    }
    x += p->margin.x;
    y += p->margin.y;
    x = nextafter(x, INFINITY);
    y = nextafter(y, INFINITY);
    return (zf_envelope){nextafter(e.min_x - x, -INFINITY), nextafter(e.min_y - y, -INFINITY),
                         nextafter(e.max_x + x, INFINITY), nextafter(e.max_y + y, INFINITY)};
}

static zf_status run_pass(const zf_passes *p, size_t pass, zf_error *error) {
    zf_envelope around = filter_of(p);
    bool is_filtered = pass > 0 && is_worth_filtering(zf_source_get_info(p->buildings), &around);
    zf_source_query query = {.fields = p->plan->reading.fields,
                             .n_fields = p->plan->reading.n_fields,
                             .wants_geometry = true,
                             .filter = is_filtered ? &around : NULL,
                             .batch_rows = p->batch_rows};
    if (pass > 0)
        zf_log(p->callbacks, ZF_LOG_INFO, "pass %zu over the buildings%s", pass + 1,
               is_filtered ? ", around its ZIPs only" : "");
    return zf_stream_run(p->buildings, &query, p->workers, p->n_workers, error);
}

static zf_status check_awaited(const zf_passes *p, zf_error *error) {
    const zf_source_info *info = zf_source_get_info(p->buildings);
    for (size_t i = 0; i < zf_catalogue_count(p->catalogue); i++) {
        int64_t awaited = 0;
        for (size_t w = 0; w < p->n_workers; w++)
            awaited += p->workers[w].zip_counts[i].awaited;
        if (awaited == 0)
            continue;
        zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                     "near ZIP '%s' a later reading found %" PRId64
                     " buildings %s than the first; the layer's spatial index does not fit its features: "
                     "make it anew (ogr2ogr does), or allow more memory, so that one reading is enough",
                     zf_catalogue_zone(p->catalogue, i)->zip, awaited > 0 ? awaited : -awaited,
                     awaited > 0 ? "fewer" : "more");
        return zf_error_at(error, ZF_E_INPUT, info->path, info->layer, ZF_NO_FID);
    }
    return ZF_OK;
}

static uint64_t points_of_reading(const zf_passes *p) {
    uint64_t n = 0;
    for (size_t w = 0; w < p->n_workers; w++)
        n += p->workers[w].counts.buildings_read;
    return n * POINTS_OF_BUILDING;
}

zf_status zf_passes_read(const zf_passes *passes, zf_error *error) {
    zf_status st = run_pass(passes, 0, error);
    for (size_t pass = 1; st == ZF_OK && zf_catalogue_next_pass(passes->catalogue, points_of_reading(passes));
         pass++) {
        for (size_t w = 0; w < passes->n_workers; w++)
            zf_worker_next_pass(&passes->workers[w]);
        st = run_pass(passes, pass, error);
    }
    return st == ZF_OK ? check_awaited(passes, error) : st;
}

zf_status zf_passes_run(const zf_passes *passes, zf_run_counts *counts, zf_error *error) {
    zf_status st = zf_passes_read(passes, error);
    if (st == ZF_OK)
        st = zf_stream_finish(passes->workers, passes->n_workers, counts, error);
    return st == ZF_OK && passes->partials != NULL ? zf_partials_fold(passes->partials, counts, error) : st;
}
