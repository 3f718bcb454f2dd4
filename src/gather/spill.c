/* SPDX-License-Identifier: MIT */
#include "gather_internal.h"
#include "os/temp_file.h"
#include "os/thread.h"

#include <string.h>

/** Rows are in memory in the order of appending: so many are prefetched while one is written. */
enum { ROWS_AHEAD = 12 };

zf_status zf_spill_changed(zf_error *error) {
    return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                        "cannot read back gathered buildings: their temporary file was changed from outside; "
                        "run again with a `temp_dir` that nothing else writes to");
}

zf_status zf_spill_read(const zf_gather *gather, uint64_t at, uint8_t *out, size_t n, zf_error *error) {
    return zf_temp_file_read(&gather->spill.file, at, out, n, error);
}

zf_status zf_run_writer_begin(zf_run_writer *out, zf_sorted_run *run, zf_error *error) {
    zf_gather *gather = out->gather;
    zf_mutex_lock(&gather->mutex);
    zf_status st = zf_temp_file_open(&gather->spill.file, error);
    out->is_lean = run->is_lean;
    run->fixed_at = gather->spill.n_bytes;
    run->payload_at = run->fixed_at + run->fixed_bytes;
    if (st == ZF_OK)
        gather->spill.n_bytes = run->payload_at + run->payload_bytes;
    zf_mutex_unlock(&gather->mutex);
    out->fixed = (struct zf_section_writer){out->buffers, 0, run->fixed_at};
    out->payload = (struct zf_section_writer){out->buffers + out->buffer_bytes, 0, run->payload_at};
    return st;
}

static zf_status flush(const zf_run_writer *out, struct zf_section_writer *section, zf_error *error) {
    zf_status st =
        zf_temp_file_write(&out->gather->spill.file, section->buffer, section->used, section->at, error);
    section->at += section->used;
    section->used = 0;
    return st;
}

static zf_status write_bytes(const zf_run_writer *out, struct zf_section_writer *section,
                             const uint8_t *bytes, size_t n, zf_error *error) {
    if (n == 0)
        return ZF_OK;
    if (n > out->buffer_bytes - section->used) {
        zf_status st = flush(out, section, error);
        if (st != ZF_OK)
            return st;
    }
    if (n >= out->buffer_bytes) {
        zf_status st = zf_temp_file_write(&out->gather->spill.file, bytes, n, section->at, error);
        section->at += n;
        return st;
    }
    memcpy(section->buffer + section->used, bytes, n);
    section->used += n;
    return ZF_OK;
}

zf_status zf_run_writer_row(zf_run_writer *out, const zf_row_head *head, const uint8_t *body,
                            const uint8_t *payload, zf_error *error) {
    const zf_lean_head lean = {head->fid, head->rank, (uint32_t)head->ordinal};
    zf_status st = out->is_lean ? write_bytes(out, &out->fixed, (const uint8_t *)&lean, sizeof lean, error)
                                : write_bytes(out, &out->fixed, (const uint8_t *)head, sizeof *head, error);
    if (st == ZF_OK)
        st = write_bytes(out, &out->fixed, body, head->body_n, error);
    if (st == ZF_OK)
        st = write_bytes(out, &out->payload, payload, zf_row_payload_bytes(head), error);
    return st;
}

zf_status zf_run_writer_end(zf_run_writer *out, zf_error *error) {
    zf_status st = flush(out, &out->fixed, error);
    return st == ZF_OK ? flush(out, &out->payload, error) : st;
}

zf_status zf_spill_store(zf_run_writer *out, const zf_row_store *store, zf_sorted_run *run, zf_error *error) {
    *run = (zf_sorted_run){
        .n_rows = store->n, .fixed_bytes = store->fixed_bytes, .payload_bytes = store->payload_bytes};
    run->is_lean = out->gather->row.n_texts == 0 && !store->has_payloads && store->max_ordinal <= UINT32_MAX;
    if (run->is_lean)
        run->fixed_bytes -= store->n * (sizeof(zf_row_head) - sizeof(zf_lean_head));
    zf_status st = zf_run_writer_begin(out, run, error);
    for (size_t i = 0; st == ZF_OK && i < store->n; i++) {
        const uint8_t *row = zf_row_in_order(store->entries, i)->row;
        if (i + ROWS_AHEAD < store->n)
            __builtin_prefetch(zf_row_in_order(store->entries, i + ROWS_AHEAD)->row);
        const zf_row_head *head = (const zf_row_head *)(const void *)row;
        const uint8_t *body = row + sizeof *head;
        st = zf_run_writer_row(out, head, body, body + head->body_n, error);
    }
    return st == ZF_OK ? zf_run_writer_end(out, error) : st;
}
