/* SPDX-License-Identifier: MIT */
/*
 * The change from writing to reading. So far the share held rows; from now on it holds the rows still in
 * memory and the buffers for reading runs in the file: three per run, since zf_gather_visit reads one section
 * and zf_gather_next both; four if zf_gather_visit reads both too.
 */
#include "gather_internal.h"

#include <string.h>

enum { VISIT_SECTIONS = 1, NEXT_SECTIONS = 2 };

/** Bytes of an open run besides its buffers: a cursor per reader. */
enum { RUN_OVERHEAD_BYTES = 512 };

static size_t all_sections(const zf_gather *gather) {
    return NEXT_SECTIONS + (gather->visits_payloads ? NEXT_SECTIONS : VISIT_SECTIONS);
}

static size_t held_in_memory(const zf_gather *gather) {
    size_t held = 0;
    for (size_t r = 0; r < gather->runs.n; r++)
        held += gather->runs.items[r].store.held_bytes;
    return held;
}

static size_t count_in_file(const zf_gather *gather) {
    size_t n = 0;
    for (size_t r = 0; r < gather->runs.n; r++)
        n += gather->runs.items[r].store.n == 0;
    return n;
}

static zf_status open_out(zf_gather *gather, zf_run_writer *out, zf_error *error) {
    void *buffers = NULL;
    size_t buffer_bytes = ZF_SECTION_MIN_BYTES * 4;
    zf_status st = zf_memory_alloc(gather->budget, ZF_MEMORY_GATHER, 2 * buffer_bytes, &buffers, error);
    *out = (zf_run_writer){.gather = gather, .buffers = buffers, .buffer_bytes = buffer_bytes};
    return st;
}

static void close_out(zf_run_writer *out) {
    zf_memory_free(out->gather->budget, ZF_MEMORY_GATHER, out->buffers, 2 * out->buffer_bytes);
}

/** Writes runs in memory to the file until the others take at most half of the share: readers need the rest.
 */
static zf_status spill_leftovers(zf_gather *gather, zf_run_writer *out, zf_error *error) {
    size_t held = held_in_memory(gather);
    for (size_t r = 0; r < gather->runs.n && held > gather->share_bytes / 2; r++) {
        zf_sorted_run *run = &gather->runs.items[r], spilled;
        if (run->store.n == 0)
            continue;
        zf_status st = zf_spill_store(out, &run->store, &spilled, error);
        if (st != ZF_OK)
            return st;
        held -= run->store.held_bytes;
        zf_row_store_deinit(&run->store, gather->budget);
        *run = spilled;
    }
    return ZF_OK;
}

/** Copies all rows of a merge into a run of the file. */
static zf_status copy_rows(zf_merge *merge, zf_run_writer *out, zf_error *error) {
    zf_merge_row row;
    zf_status st;
    while ((st = zf_merge_next(merge, 0, UINT32_MAX, &row, error)) == ZF_OK)
        if ((st = zf_run_writer_row(out, row.head, row.body, row.payload, error)) != ZF_OK)
            break;
    return st == ZF_DONE ? zf_run_writer_end(out, error) : st;
}

/** Merges n runs into one run of the file. */
static zf_status merge_runs(zf_gather *gather, const zf_sorted_run *runs, size_t n, zf_run_writer *out,
                            zf_sorted_run *merged, zf_error *error) {
    zf_merge *merge = NULL;
    *merged = (zf_sorted_run){.is_lean = true};
    for (size_t r = 0; r < n; r++)
        merged->is_lean &= runs[r].is_lean;
    for (size_t r = 0; r < n; r++) {
        bool grows = runs[r].is_lean && !merged->is_lean;
        merged->n_rows += runs[r].n_rows;
        merged->fixed_bytes += runs[r].fixed_bytes;
        merged->fixed_bytes += grows ? runs[r].n_rows * (sizeof(zf_row_head) - sizeof(zf_lean_head)) : 0;
        merged->payload_bytes += runs[r].payload_bytes;
    }
    const zf_merge_plan plan = {runs, n, true, ZF_SECTION_MIN_BYTES};
    zf_status st = zf_merge_open(gather, &plan, &merge, error);
    if (st == ZF_OK)
        st = zf_run_writer_begin(out, merged, error);
    if (st == ZF_OK)
        st = copy_rows(merge, out, error);
    zf_merge_close(merge);
    return st;
}

/** Moves the runs in the file before those in memory. The order of runs does not affect the result. */
static void put_file_runs_first(zf_gather *gather) {
    size_t n = 0;
    for (size_t r = 0; r < gather->runs.n; r++) {
        if (gather->runs.items[r].store.n > 0)
            continue;
        zf_sorted_run run = gather->runs.items[r];
        gather->runs.items[r] = gather->runs.items[n];
        gather->runs.items[n++] = run;
    }
}

/** Merges the oldest runs, as few as necessary, until all runs can be read at once within `room` bytes. */
static zf_status reduce_runs(zf_gather *gather, size_t room, zf_run_writer *out, zf_error *error) {
    size_t most = room / (all_sections(gather) * ZF_SECTION_MIN_BYTES + RUN_OVERHEAD_BYTES);
    size_t fan_in = room / (NEXT_SECTIONS * ZF_SECTION_MIN_BYTES + RUN_OVERHEAD_BYTES);
    put_file_runs_first(gather);
    for (size_t n_file = count_in_file(gather); n_file > most;) {
        zf_sorted_run merged;
        size_t n = n_file - most + 1 < fan_in ? n_file - most + 1 : fan_in;
        zf_status st = merge_runs(gather, gather->runs.items, n, out, &merged, error);
        if (st != ZF_OK)
            return st;
        n_file -= n - 1;
        memmove(gather->runs.items, gather->runs.items + n, (n_file - 1) * sizeof(zf_sorted_run));
        gather->runs.items[n_file - 1] = merged;
        memmove(gather->runs.items + n_file, gather->runs.items + n_file + n - 1,
                (gather->runs.n - n_file - n + 1) * sizeof(zf_sorted_run));
        gather->runs.n -= n - 1;
    }
    return ZF_OK;
}

/** Divides `room` among the buffers of the runs in the file. */
static void choose_section_bytes(zf_gather *gather, size_t room) {
    size_t n_file = count_in_file(gather);
    size_t bytes = n_file == 0 ? 0 : room / n_file;
    bytes = bytes > RUN_OVERHEAD_BYTES ? (bytes - RUN_OVERHEAD_BYTES) / all_sections(gather) : 0;
    bytes -= bytes % ZF_SECTION_MIN_BYTES;
    if (bytes < ZF_SECTION_MIN_BYTES)
        bytes = ZF_SECTION_MIN_BYTES;
    gather->section_bytes = bytes > ZF_SECTION_MAX_BYTES ? ZF_SECTION_MAX_BYTES : bytes;
}

/** Prepares the runs in the file for reading. */
static zf_status prepare_file_runs(zf_gather *gather, zf_error *error) {
    zf_run_writer out;
    zf_status st = open_out(gather, &out, error);
    if (st != ZF_OK)
        return st;
    st = spill_leftovers(gather, &out, error);
    size_t room = gather->share_bytes - held_in_memory(gather);
    if (st == ZF_OK)
        st = reduce_runs(gather, room - 2 * out.buffer_bytes, &out, error);
    close_out(&out);
    if (st == ZF_OK)
        choose_section_bytes(gather, room);
    return st;
}

zf_status zf_gather_seal(zf_gather *gather, zf_error *error) {
    if (gather->n_open > 0 || gather->is_sealed)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                            "cannot seal gathered rows: %zu writers are open", gather->n_open);
    zf_status st = count_in_file(gather) > 0 ? prepare_file_runs(gather, error) : ZF_OK;
    gather->is_sealed = st == ZF_OK;
    return st;
}
