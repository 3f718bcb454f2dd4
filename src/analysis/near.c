/* SPDX-License-Identifier: MIT */
/* Shared by the analyses: the loop over the buildings, and the search for footprints near one. */
#include "analysis/analysis_internal.h"

#include <string.h>

zf_status zf_each_row(const zf_analysis_input *input, zf_row_step step, void *user, zf_error *error) {
    enum { ROWS_PER_CANCEL_CHECK = 1024 };
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < input->n; i++) {
        if (i % ROWS_PER_CANCEL_CHECK == 0)
            status = zf_check_cancelled(input->callbacks, error);
        if (status == ZF_OK)
            status = step(user, (uint32_t)i, error);
    }
    return status;
}

zf_status zf_take_unless_kept(zf_arena *arena, size_t n, size_t size, void *inout, zf_error *error) {
    void *kept;
    memcpy(&kept, inout, sizeof kept);
    return kept != NULL ? ZF_OK : zf_arena_take(arena, n, size, inout, error);
}

zf_value zf_mean_of_counts(const uint32_t *counts, size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += counts[i];
    return n == 0 ? zf_value_null() : zf_value_real((double)sum / (double)n);
}

/* Wider than the radius by more than the error of a computed distance. */
zf_envelope zf_window_around(const zf_envelope *box, double radius_m) {
    double margin_m = radius_m * (1 + 1e-9) + 1e-6;
    return (zf_envelope){
        nextafter(box->min_x - margin_m, -INFINITY), nextafter(box->min_y - margin_m, -INFINITY),
        nextafter(box->max_x + margin_m, INFINITY), nextafter(box->max_y + margin_m, INFINITY)};
}

/** A search around one footprint. */
typedef struct near_search {
    const zf_footprints *footprints;
    uint32_t row, first; /**< row of the index's first box */
    double radius_m;
    zf_near_visit visit;
    void *user;
} near_search;

/** Visits a footprint whose box meets the window, if it is near enough. */
static bool visit_box(void *user, uint32_t number) {
    const near_search *s = user;
    uint32_t other = s->first + number;
    if (other == s->row)
        return true;
    double distance_m = zf_footprints_distance_m(s->footprints, s->row, other, s->radius_m);
    return distance_m > s->radius_m || s->visit(s->user, other, distance_m);
}

/** Visits the footprints of an index within the radius. */
static void search_boxes(const zf_index *boxes, near_search *s) {
    zf_envelope window = zf_window_around(&s->footprints->boxes[s->row], s->radius_m);
    zf_index_window(boxes, &window, visit_box, s);
}

void zf_near_footprints(const zf_analysis_input *input, uint32_t row, double radius_m, zf_near_visit visit,
                        void *user) {
    near_search s = {input->footprints, row, 0, radius_m, visit, user};
    search_boxes(input->boxes, &s);
}

void zf_near_others(const zf_analysis_input *input, uint32_t row, double radius_m, zf_near_visit visit,
                    void *user) {
    near_search s = {input->footprints, row, (uint32_t)input->n, radius_m, visit, user};
    if (input->n_others > 0)
        search_boxes(input->other_boxes, &s);
}
