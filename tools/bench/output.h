/* SPDX-License-Identifier: MIT */
/**
 * The town as a file. Both writers refuse to write over a file that exists.
 */
#ifndef BENCH_OUTPUT_H
#define BENCH_OUTPUT_H

#include "building.h"

#include <ogr_srs_api.h>

typedef struct output_request {
    const char *path;
    const char *layer;
    OGRSpatialReferenceH srs; /* borrowed; NULL: none */
    bool is_shuffled;
    bool has_rtree;
} output_request;

/** GeoPackage 1.3, written with bare SQLite: OGR spends more than half of the time of such a run in its own
 * insert. */
void output_geopackage(const town *t, const output_request *request);

/** Shapefile through OGR; the long text is cut to 200 bytes as everywhere. */
void output_shapefile(const town *t, const output_request *request);

/** Which building comes as number `place` of the file: itself, or a permutation of all that needs no memory.
 */
uint32_t output_number(const town *t, const output_request *request, uint32_t place);

#endif
