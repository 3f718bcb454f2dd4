/* SPDX-License-Identifier: MIT */
/**
 * The plan of all streets. It is small (about 70 bytes a street) and made first; every building is then a
 * pure function of the plan, the seed and its number, so that buildings can be written in any order without
 * being held.
 */
#ifndef BENCH_TOWN_H
#define BENCH_TOWN_H

#include "zones.h"

#include <stdint.h>

typedef enum street_kind {
    STREET_HOUSES,
    STREET_DOWNTOWN,
    STREET_WORKS, /* halls, shops and schools on large lots */
    STREET_ROAD,  /* country road, wide lots */
    STREET_BORDER /* houses on the border line itself */
} street_kind;

/** Lots on both sides of a gently bent line; lot 2k lies to the left, 2k + 1 to the right of the k-th piece
 * of pitch_m. */
typedef struct street {
    double x_m, y_m; /* of its start, in its zone's frame */
    uint64_t lots;   /* bit i: lot i has a building */
    float heading, bend_per_m;
    float pitch_m, setback_m;
    uint32_t zone;
    uint32_t first; /* number of its first building */
    uint16_t year;
    uint16_t kind;
} street;

typedef struct town {
    uint64_t seed;
    uint32_t n_buildings;
    zone_frame *frames; /* one per zone */
    size_t n_zones;
    street *streets;
    size_t n_streets, cap_streets;
    uint32_t *street_of; /* of every 64th building */
    bool is_geographic;
} town;

typedef struct town_request {
    uint32_t n_buildings;
    uint64_t seed;
    double straddle; /* share of the buildings that stand on a border on purpose; some more do by chance */
} town_request;

/** Reads the layer twice: areas, then one zone at a time. */
void town_plan(town *t, zone_layer *zones, const town_request *request);
void town_free(town *t);

/** Middle of a lot in metres and the direction in which one walks past it with the lot to the left. */
void street_lot(const street *s, unsigned lot, double *out_x_m, double *out_y_m, double *out_heading);

/** The street of building `number`, and its lot there. */
const street *town_street(const town *t, uint32_t number, unsigned *out_lot);

#endif
