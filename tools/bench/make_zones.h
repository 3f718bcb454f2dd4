/* SPDX-License-Identifier: MIT */
/**
 * Zone layers that are hard on a program, made from a zone layer that is not. All write a GeoPackage with the
 * layer and the fields of the original; the first text field is taken for the id, and copies get "-1", "-2",
 * ... at its end.
 */
#ifndef BENCH_MAKE_ZONES_H
#define BENCH_MAKE_ZONES_H

#include "zones.h"

#include <stdint.h>

/** All zones `copies` times, side by side with a gap; a geographic layer stays between 180 degrees west and
 * east. */
void make_zones_tiled(zone_layer *zones, uint64_t copies, const char *path);

/** All zones once, but the largest `copies` times, each moved by a hundredth of its size. */
void make_zones_stacked(zone_layer *zones, uint64_t copies, const char *path);

/** All zones, but the edges of the largest are cut and crinkled until it has at least n_vertices. */
void make_zones_split(zone_layer *zones, uint64_t n_vertices, const char *path);

#endif
