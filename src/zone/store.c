/* SPDX-License-Identifier: MIT */
/* Stores the ZIPs' polygons: in memory up to a share, the others in a temporary file. */
#include "os/temp_file.h"
#include "zone/zone_internal.h"

#include <string.h>

enum { CHUNK_BYTES = 64 * 1024 };

void zf_zone_store_init(zf_zone_store *store, zf_budget *budget, size_t share_bytes, const char *temp_dir) {
    *store = (zf_zone_store){.share_bytes = share_bytes};
    zf_arena_init(&store->arena, budget, ZF_MEMORY_ZONE, CHUNK_BYTES);
    zf_temp_file_init(&store->file, temp_dir, "the polygons of the ZIPs");
}

void zf_zone_store_deinit(zf_zone_store *store) {
    zf_arena_release(&store->arena);
    zf_temp_file_deinit(&store->file);
}

zf_status zf_zone_store_append(zf_zone_store *store, zf_bytes wkb, zf_zone_location *out, zf_error *error) {
    bool fits = store->file.fd < 0 && wkb.n <= store->share_bytes &&
                store->arena.used_bytes <= store->share_bytes - wkb.n;
    char *copy = NULL;
    *out = (zf_zone_location){.n = wkb.n};
    if (fits) {
        zf_status st = zf_arena_copy(&store->arena, wkb.bytes, wkb.n, &copy, error);
        out->bytes = (const uint8_t *)copy;
        return st;
    }
    zf_status st = zf_temp_file_open(&store->file, error);
    if (st == ZF_OK)
        st = zf_temp_file_write(&store->file, wkb.bytes, wkb.n, store->file_bytes, error);
    if (st != ZF_OK)
        return st;
    out->at = store->file_bytes;
    store->file_bytes += wkb.n;
    return ZF_OK;
}

zf_status zf_zone_store_read(const zf_zone_store *store, const zf_zone_location *location, zf_arena *scratch,
                             zf_bytes *out, zf_error *error) {
    uint8_t *bytes = NULL;
    *out = (zf_bytes){location->bytes, location->n};
    if (location->n == 0 || location->bytes != NULL)
        return ZF_OK;
    zf_status st = zf_arena_take(scratch, location->n, 1, &bytes, error);
    if (st == ZF_OK)
        st = zf_temp_file_read(&store->file, location->at, bytes, location->n, error);
    out->bytes = bytes;
    return st;
}

zf_status zf_catalogue_wkb(const zf_catalogue *catalogue, size_t i, zf_arena *scratch, zf_bytes *out,
                           zf_error *error) {
    return zf_zone_store_read(&catalogue->store, &catalogue->zones[i].wkb, scratch, out, error);
}
