/* SPDX-License-Identifier: MIT */
/* Footprints near a footprint, by the index over their boxes. */
#include "analysis/analysis.h"

typedef struct search {
    const zf_footprints *footprints;
    uint32_t row;
    double radius_m;
    zf_near_visit visit;
    void *user;
} search;

static bool visit_box(void *user, uint32_t other) {
    const search *s = user;
    if (other == s->row)
        return true;
    double distance_m = zf_footprints_distance_m(s->footprints, s->row, other, s->radius_m);
    return distance_m > s->radius_m || s->visit(s->user, other, distance_m);
}

void zf_near_footprints(const zf_analysis_input *input, uint32_t row, double radius_m, zf_near_visit visit,
                        void *user) {
    search s = {input->footprints, row, radius_m, visit, user};
    const zf_envelope *box = &input->footprints->boxes[row];
    double margin_m = nextafter(radius_m, INFINITY); /* the sums below are rounded */
    zf_envelope window = {
        nextafter(box->min_x - margin_m, -INFINITY), nextafter(box->min_y - margin_m, -INFINITY),
        nextafter(box->max_x + margin_m, INFINITY), nextafter(box->max_y + margin_m, INFINITY)};
    zf_index_window(input->boxes, &window, visit_box, &s);
}
