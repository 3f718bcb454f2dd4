/* SPDX-License-Identifier: MIT */
/* Whether the buildings of a ZIP are scattered at random, clustered or evenly spread. */
#include "analysis/analysis.h"

#include <math.h>

enum { CE_INDEX = 0, CE_Z, N_ZIP_COLUMNS };

static const zf_result_column zip_columns[N_ZIP_COLUMNS] = {
    [CE_INDEX] = {.name = "ce_index",
                  .type = ZF_FIELD_REAL,
                  .label = "Clark-Evans index",
                  .definition =
                      "mean distance to the nearest neighbour, divided by its expected value for the same "
                      "number of random points: below 1 for clustered buildings, above 1 for evenly spread "
                      "ones; no unit",
                  .null_when = "for fewer than two buildings, or if the ZIP has no area"},
    [CE_Z] = {.name = "ce_z",
              .type = ZF_FIELD_REAL,
              .label = "Clark-Evans z",
              .definition =
                  "difference between the mean distance and its expected value, in standard deviations: "
                  "values beyond 1.96 or -1.96 are unlikely for random points (5 %); no unit",
              .null_when = "for fewer than two buildings, or if the ZIP has no area"},
};

/** For n points at random in an area: the expected mean distance to the nearest other one, and its standard
 * deviation. */
typedef struct scatter {
    double mean_m, deviation_m;
} scatter;

/** Source: Donnelly, "Simulations to determine the variance and edge effect of total nearest neighbour
 * distance", in Hodder (ed.), Simulation Studies in Archaeology, Cambridge 1978, pp. 91-95. spatstat's
 * clarkevans has the same mean (with 0.0412 for 0.041); R scripts of ecologists have the variance with 0.07
 * for 0.0703 and the same 0.037. */
static scatter at_random(double n, double area_m2, double perimeter_m) {
    double density_side_m = sqrt(area_m2 / n);
    return (scatter){
        .mean_m = 0.5 * density_side_m + (0.0514 + 0.041 / sqrt(n)) * perimeter_m / n,
        .deviation_m = sqrt(0.0703 * area_m2 + 0.037 * perimeter_m * density_side_m) / n,
    };
}

/** Compares the mean distance to the nearest neighbour with that of random points. */
static zf_status run(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error) {
    double *distance_m = NULL;
    (void)job;
    out->zip_values[CE_INDEX] = out->zip_values[CE_Z] = zf_value_null();
    if (input->n < 2 || !(input->area_m2 > 0))
        return ZF_OK;
    zf_status status = zf_arena_take(input->arena, input->n, sizeof *distance_m, &distance_m, error);
    if (status == ZF_OK)
        status = zf_points_nearest_all(input->points, distance_m, NULL, input->callbacks, error);
    if (status == ZF_OK) {
        scatter random = at_random((double)input->n, input->area_m2, input->perimeter_m);
        double mean_m = zf_sum(distance_m, input->n) / (double)input->n;
        out->zip_values[CE_INDEX] = zf_value_real(mean_m / random.mean_m);
        out->zip_values[CE_Z] = zf_value_real((mean_m - random.mean_m) / random.deviation_m);
    }
    return status;
}

/** One distance per building. */
static size_t scratch_bytes(const zf_analysis_job *job, size_t n, bool has_building_columns) {
    (void)job;
    (void)has_building_columns;
    return n < 2 ? 0 : n * sizeof(double);
}

const zf_analysis zf_analysis_clark_evans = {
    .name = "clark-evans",
    .summary = "whether the centroids of the important buildings of a ZIP are clustered, random or "
               "evenly spread",
    .details = "For N buildings in a ZIP of area A and perimeter P (all rings), after Donnelly (1978), "
               "with his edge correction: expected mean 0.5 sqrt(A/N) + (0.0514 + 0.041/sqrt(N)) P/N; "
               "standard deviation sqrt(0.0703 A + 0.037 P sqrt(A/N)) / N. The formulas are meant for N "
               "of 7 or more, and for ZIPs without deep bays. There is no halo_m: without the edge "
               "correction, all neighbours beyond the border must be known, at any distance, and beyond "
               "a coast there are none",
    .needs = ZF_NEEDS_POINTS | ZF_NEEDS_PERIMETER,
    .zip_columns = zip_columns,
    .n_zip_columns = N_ZIP_COLUMNS,
    .run = run,
    .scratch_bytes = scratch_bytes,
};
