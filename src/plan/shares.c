/* SPDX-License-Identifier: MIT */
#include "plan/shares.h"

#include "sql/queries.h"
#include "zone/zone.h"

#include <stdio.h>

enum {
    PARTS = 16, /* of the limit; those below are counted in them */
    STORE_PARTS = 2,
    GRID_PARTS = 4,
    OTHER_PARTS = 2,
    SINK_BYTES = 12 << 20,       /* two spatial indexes, SQLite's cache, statements */
    THREAD_BYTES = 1 << 20,      /* buffers, conditions, contexts of GEOS and PROJ */
    MIN_GATHER_BYTES = 1 << 20,  /* per thread */
    THREAD_PART_BYTES = 8 << 20, /* of the limit, for each thread that nobody asked for */
    MIN_OTHER_BYTES = 4 << 20,
    MAX_BATCH_ROWS = 4096, /* larger batches are no faster and hold more */
    MIN_BATCH_ROWS = 16,
};

static size_t at_least(size_t n, size_t least) {
    return n < least ? least : n;
}

zf_shares zf_shares_divide(size_t limit_bytes, size_t n_threads) {
    size_t limit = limit_bytes > 0 ? limit_bytes : ZF_DEFAULT_MEMORY_BYTES, part = limit / PARTS;
    return (zf_shares){.limit_bytes = limit,
                       .batch_bytes = part,
                       .store_bytes = STORE_PARTS * part,
                       .grid_bytes = GRID_PARTS * part,
                       .other_bytes = OTHER_PARTS * part,
                       .gather_bytes = at_least(part, n_threads * MIN_GATHER_BYTES),
                       .halo_bytes = part,
                       .flight_bytes = part,
                       .sink_bytes = SINK_BYTES + n_threads * THREAD_BYTES};
}

void zf_shares_reserve(zf_shares *shares, bool has_queries, bool has_groups) {
    shares->group_bytes = has_groups ? shares->gather_bytes : 0;
    shares->has_queries = has_queries;
    shares->sink_bytes += has_queries ? zf_queries_bytes(shares->limit_bytes) : 0;
}

/** All that a pass needs beside the grids of its largest ZIP and of one of another pass. */
static size_t rest_bytes(const zf_shares *s) {
    return s->batch_bytes + s->store_bytes + s->gather_bytes + s->group_bytes + s->sink_bytes;
}

/** A grid with what building it takes: (edge, cell) pairs, and the WKB out of the temporary file. */
static size_t built_bytes(uint32_t n_points) {
    return zf_zone_grid_bytes(n_points) + 33 * (size_t)n_points;
}

/** The grids of two ZIPs of this size, one of them of another pass. */
static size_t zone_bytes(uint32_t n_points) {
    return 2 * built_bytes(n_points);
}

static bool fits(const zf_shares *s, uint32_t n_points) {
    size_t rest = rest_bytes(s), zone = at_least(zone_bytes(n_points), MIN_OTHER_BYTES);
    return rest <= s->limit_bytes && zone <= s->limit_bytes - rest;
}

static size_t least_bytes(size_t n_threads, uint32_t n_points, const zf_shares *like) {
    size_t low = 0, high = SIZE_MAX / PARTS; /* fits() grows with the limit */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        zf_shares s = zf_shares_divide(middle > 0 ? middle : 1, n_threads);
        zf_shares_reserve(&s, like->has_queries, like->group_bytes > 0);
        if (fits(&s, n_points))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

zf_status zf_shares_fit_zone(zf_shares *shares, size_t n_threads, uint32_t n_points, zf_error *error) {
    if (!fits(shares, n_points)) {
        size_t mib = (least_bytes(n_threads, n_points, shares) + (1 << 20) - 1) >> 20;
        char zip[64];
        (void)snprintf(zip, sizeof zip, " and a largest ZIP of %u vertices", (unsigned)n_points);
        return zf_error_set(
            error, ZF_E_MEMORY, ZF_DOMAIN_ZONEFOLD,
            "the memory allowed is too little: %zu %s%s need%s `memory_bytes` %zuMiB at least", n_threads,
            n_threads == 1 ? "thread" : "threads", n_points > 0 ? zip : "",
            n_points > 0 || n_threads > 1 ? "" : "s", mib);
    }
    size_t grid = built_bytes(n_points), other = grid;
    size_t left = shares->limit_bytes - rest_bytes(shares);
    shares->grid_bytes =
        at_least(shares->grid_bytes < left - other ? shares->grid_bytes : left - other, grid);
    left -= shares->grid_bytes;
    shares->other_bytes = at_least(shares->other_bytes < left ? shares->other_bytes : left, other);
    return ZF_OK;
}

size_t zf_shares_most_threads(size_t limit_bytes) {
    size_t n = (limit_bytes > 0 ? limit_bytes : ZF_DEFAULT_MEMORY_BYTES) / THREAD_PART_BYTES;
    return n > 0 ? n : 1;
}

size_t zf_shares_batch_rows(const zf_shares *shares, size_t n_threads, uint64_t n_bytes_per_row) {
    /* one per thread, two that the driver fills ahead */
    uint64_t rows = shares->batch_bytes / (n_threads + 2) / (n_bytes_per_row > 0 ? n_bytes_per_row : 1);
    return rows < MIN_BATCH_ROWS ? MIN_BATCH_ROWS : rows > MAX_BATCH_ROWS ? MAX_BATCH_ROWS : (size_t)rows;
}
