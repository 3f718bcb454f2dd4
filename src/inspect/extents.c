/* SPDX-License-Identifier: MIT */
/* Compares the extents of layers of different files. */
#include "inspect/inspect_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LAYERS = 32, SIDE_POINTS = 9, N_POINTS = SIDE_POINTS * SIDE_POINTS };

typedef struct layer_extent {
    char *path, *layer, *crs_wkt;
    zf_envelope extent;
} layer_extent;

struct zf_layer_extents {
    layer_extent items[MAX_LAYERS];
    size_t n;
};

zf_status zf_layer_extents_create(zf_layer_extents **out, zf_error *error) {
    *out = calloc(1, sizeof **out);
    return *out != NULL ? ZF_OK : zf_error_memory(error, sizeof **out, "the extents of layers");
}

void zf_layer_extents_destroy(zf_layer_extents *extents) {
    if (extents == NULL)
        return;
    for (size_t i = 0; i < extents->n; i++) {
        free(extents->items[i].path);
        free(extents->items[i].layer);
        free(extents->items[i].crs_wkt);
    }
    free(extents);
}

/* The envelope of an extent in another CRS, from a grid of its points; empty if PROJ fails. */
static zf_envelope transform_extent(const zf_envelope *extent, zf_transform *transform) {
    double xy[2 * N_POINTS];
    zf_envelope box = zf_envelope_empty();
    for (size_t i = 0; i < N_POINTS; i++) {
        xy[2 * i] =
            extent->min_x + (extent->max_x - extent->min_x) * (double)(i % SIDE_POINTS) / (SIDE_POINTS - 1);
        xy[2 * i + 1] =
            extent->min_y + (extent->max_y - extent->min_y) * (double)(i / SIDE_POINTS) / (SIDE_POINTS - 1);
    }
    if (transform != NULL && zf_transform_points(transform, xy, N_POINTS, NULL) != ZF_OK)
        return box;
    for (size_t i = 0; i < N_POINTS; i++)
        zf_envelope_add_point(&box, xy[2 * i], xy[2 * i + 1]);
    return box;
}

/* Adds a problem if the extent of the layer does not overlap that of another one. */
static void compare_with(const layer_extent *other, zf_layer_report *report) {
    zf_crs *crs = NULL;
    zf_transform *transform = NULL;
    zf_error ignored = ZF_ERROR_INIT;
    if (zf_crs_create(other->crs_wkt, &crs, &ignored) == ZF_OK &&
        zf_transform_create(crs, report->crs, &transform, &ignored) == ZF_OK) {
        const zf_envelope box = transform_extent(&other->extent, transform);
        if (!zf_envelope_is_empty(&box) && !zf_envelope_meets(&box, &report->extent))
            zf_layer_report_add(
                report,
                "its extent does not overlap the extent of layer '%s' of '%s': no building would be in a "
                "ZIP; if a CRS is wrong, correct it with `zips_crs` or `buildings_crs`%s",
                other->layer, other->path,
                zf_envelope_meets_swapped(&box, &report->extent)
                    ? "; they would overlap if x and y of one were swapped"
                    : "");
    }
    zf_transform_destroy(transform);
    zf_crs_destroy(crs);
}

zf_status zf_layer_extents_add(zf_layer_extents *extents, const char *path, zf_layer_report *report,
                               zf_error *error) {
    const zf_source_info *info = report->info;
    if (report->crs == NULL || zf_envelope_is_empty(&report->extent))
        return ZF_OK;
    for (size_t i = 0; i < extents->n; i++)
        if (strcmp(extents->items[i].path, path) != 0)
            compare_with(&extents->items[i], report);
    if (extents->n == MAX_LAYERS)
        return ZF_OK;
    layer_extent *added = &extents->items[extents->n++];
    *added = (layer_extent){zf_string_copy(path), zf_string_copy(info->layer), zf_string_copy(info->crs_wkt),
                            report->extent};
    if (added->path == NULL || added->layer == NULL || added->crs_wkt == NULL) {
        free(added->path);
        free(added->layer);
        free(added->crs_wkt);
        extents->n--;
        return zf_error_memory(error, strlen(path), "the extents of layers");
    }
    return ZF_OK;
}
