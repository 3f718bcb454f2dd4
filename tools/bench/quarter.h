/* SPDX-License-Identifier: MIT */
/**
 * The streets of one zone: quarters around a few centres, country roads out of them, and houses on the border
 * line.
 */
#ifndef BENCH_QUARTER_H
#define BENCH_QUARTER_H

#include "town.h"

/** Which ground of the zone is taken: a bit for every square of cell_m. Kept between zones for its memory. */
typedef struct quarter_map {
    double cell_m;
    size_t n_columns, n_rows, cap_words;
    uint64_t *taken;
} quarter_map;

typedef struct quarter_request {
    uint32_t zone;
    uint32_t n_buildings;
    double straddle;
} quarter_request;

/** Appends streets with exactly n_buildings lots to the town. */
void quarter_plan(town *t, quarter_map *map, const zone_shape *shape, const quarter_request *request);
void quarter_map_free(quarter_map *map);

#endif
