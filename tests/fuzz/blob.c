/* SPDX-License-Identifier: MIT */
/* WKB into SpatiaLite's blob: SpatiaLite reads it, with the same points. */
#include "fuzz/fuzz.h"
#include "sql/spatialite_blob.h"

#include <limits.h>
#include <sqlite3.h>

#include <spatialite/gaiageo.h>

/* Points of the rings that belong into a blob: none of polygons whose shell is empty. */
static size_t count_points(const zf_wkb *wkb) {
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    size_t n_points = 0;
    bool has_shell = false;
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        has_shell = ring.is_shell ? ring.n > 0 : has_shell;
        n_points += has_shell ? ring.n : 0;
    }
    return n_points;
}

static size_t count_points_of(const gaiaGeomColl *geometry) {
    size_t n_points = 0;
    for (const gaiaPolygon *polygon = geometry->FirstPolygon; polygon != NULL; polygon = polygon->Next) {
        n_points += (size_t)polygon->Exterior->Points;
        for (int i = 0; i < polygon->NumInteriors; i++)
            n_points += (size_t)polygon->Interiors[i].Points;
    }
    return n_points;
}

static void check_read(const zf_spatialite_blob *blob, const zf_wkb *wkb, const zf_envelope *envelope) {
    unsigned char *bytes = malloc(blob->n); /* of its own size, for a sanitizer to see a step beyond */
    fuzz_require(bytes != NULL && blob->n <= INT_MAX, "memory for the blob");
    memcpy(bytes, blob->bytes, blob->n);
    gaiaGeomColl *geometry = gaiaFromSpatiaLiteBlobWkb(bytes, (unsigned)blob->n);
    fuzz_require(geometry != NULL, "SpatiaLite reads the blob");
    fuzz_require(geometry->Srid == 2249, "with its SRID");
    fuzz_require(count_points_of(geometry) == count_points(wkb), "and all points");
    gaiaMbrGeometry(geometry); /* of the shells, which is all SpatiaLite looks at */
    fuzz_require(geometry->MinX >= envelope->min_x && geometry->MaxX <= envelope->max_x &&
                     geometry->MinY >= envelope->min_y && geometry->MaxY <= envelope->max_y,
                 "within the envelope");
    gaiaFreeGeomColl(geometry);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    zf_spatialite_blob blob = {0};
    zf_envelope envelope;
    zf_wkb wkb;
    zf_wkb_kind kind = zf_wkb_open(bytes, n, &wkb);
    zf_status status = zf_spatialite_blob_polygons(&blob, 2249, (zf_bytes){bytes, n}, &envelope, NULL);
    bool is_good = kind == ZF_WKB_EMPTY || (kind == ZF_WKB_POLYGONAL && !wkb.has_non_finite);
    fuzz_require(status == (is_good ? ZF_OK : ZF_E_INTERNAL), "whole footprints are written, others are not");
    if (status == ZF_OK && blob.n > 0)
        check_read(&blob, &wkb, &envelope);
    zf_spatialite_blob_deinit(&blob);
    return 0;
}
