/* SPDX-License-Identifier: MIT */
/* Footprints near a footprint, by the index over their boxes. */
#include "analysis/analysis.h"

typedef struct search {
    const zf_footprints *footprints;
    uint32_t row, first; /**< row of the index's first box */
    double radius_m;
    zf_near_visit visit;
    void *user;
} search;

static bool visit_box(void *user, uint32_t number) {
    const search *s = user;
    uint32_t other = s->first + number;
    if (other == s->row)
        return true;
    double distance_m = zf_footprints_distance_m(s->footprints, s->row, other, s->radius_m);
    return distance_m > s->radius_m || s->visit(s->user, other, distance_m);
}

static void search_in(const zf_index *boxes, search *s) {
    const zf_envelope *box = &s->footprints->boxes[s->row];
    double margin_m = nextafter(s->radius_m, INFINITY); /* the sums below are rounded */
    zf_envelope window = {
        nextafter(box->min_x - margin_m, -INFINITY), nextafter(box->min_y - margin_m, -INFINITY),
        nextafter(box->max_x + margin_m, INFINITY), nextafter(box->max_y + margin_m, INFINITY)};
    zf_index_window(boxes, &window, visit_box, s);
}

void zf_near_footprints(const zf_analysis_input *input, uint32_t row, double radius_m, zf_near_visit visit,
                        void *user) {
    search s = {input->footprints, row, 0, radius_m, visit, user};
    search_in(input->boxes, &s);
}

void zf_near_others(const zf_analysis_input *input, uint32_t row, double radius_m, zf_near_visit visit,
                    void *user) {
    search s = {input->footprints, row, (uint32_t)input->n, radius_m, visit, user};
    if (input->n_others > 0)
        search_in(input->other_boxes, &s);
}
