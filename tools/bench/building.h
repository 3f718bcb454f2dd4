/* SPDX-License-Identifier: MIT */
/**
 * One building: a function of the plan and its number alone.
 */
#ifndef BENCH_BUILDING_H
#define BENCH_BUILDING_H

#include "town.h"

#include <stdbool.h>
#include <stdint.h>

enum { BUILDING_MAX_POINTS = 9, BUILDING_ADDR_BYTES = 64, BUILDING_NOTE_BYTES = 256 };

typedef struct building {
    int n_points; /* of the closed, counter-clockwise ring */
    double xy[2 * BUILDING_MAX_POINTS];
    double min_x, min_y, max_x, max_y;
    bool has_height, has_levels, has_year;
    double height;
    int levels, year_built;
    const char *use, *source, *height_src;
    int addr_bytes, note_bytes;
    char addr[BUILDING_ADDR_BYTES], note[BUILDING_NOTE_BYTES];
} building;

/** Number 0 .. n_buildings - 1; neighbouring numbers are neighbours on the ground. */
void building_make(const town *t, uint32_t number, building *out);

#endif
