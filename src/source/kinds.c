/* SPDX-License-Identifier: MIT */
/* Which kinds of geometries a layer of undeclared type holds. */
#include "source/source_internal.h"

enum { FEATURES_AT_ONCE = 64 };

/** Whether a batch holds a polygon. */
static zf_status has_polygon(zf_batch *batch, bool *out, zf_error *error) {
    zf_status st = ZF_OK;
    *out = false;
    for (size_t row = 0; st == ZF_OK && !*out && row < zf_batch_count(batch); row++) {
        zf_shape shape;
        st = zf_batch_shape(batch, row, &shape, error);
        *out = st == ZF_OK && shape.kind == ZF_SHAPE_POLYGONAL;
    }
    return st;
}

zf_status zf_source_find_kinds(zf_source *source, zf_error *error) {
    const zf_source_query query = {.wants_geometry = true, .batch_rows = FEATURES_AT_ONCE};
    zf_batch *batch = NULL;
    bool is_found = false;
    if (!source->info.may_hold_polygons || !source->info.may_hold_paths)
        return ZF_OK;
    zf_status st = zf_source_start(source, &query, NULL);
    while (st == ZF_OK && !is_found && (st = zf_source_next(source, &batch, NULL)) == ZF_OK) {
        st = has_polygon(batch, &is_found, error);
        zf_batch_release(batch);
    }
    source->info.may_hold_paths = !is_found;
    return st == ZF_E_MEMORY ? zf_error_memory(error, 1, "the first features of a layer") : ZF_OK;
}
