/* SPDX-License-Identifier: MIT */
/* Buffers rows until there are enough for one INSERT. */
#include "output/table.h"

#include <string.h>

/* Small enough for the processor's cache, large enough that the start of a statement does not matter. */
enum { MAX_VALUES = 4096, MAX_ROWS = 512, MIN_BYTES = 128 * 1024 };

void zf_output_pending_init(zf_output_pending *pending, zf_budget *budget, size_t n_columns, bool is_bulk) {
    size_t cap = !is_bulk || n_columns > MAX_VALUES ? 1 : MAX_VALUES / n_columns;
    *pending = (zf_output_pending){.budget = budget,
                                   .n_columns = n_columns,
                                   .cap_rows = cap > MAX_ROWS ? MAX_ROWS : cap,
                                   .is_copy = is_bulk};
}

static size_t bytes_of_values(const zf_output_pending *pending) {
    return pending->cap_rows * pending->n_columns * sizeof *pending->values;
}

static zf_status reserve_values(zf_output_pending *pending, zf_error *error) {
    void *values = NULL;
    if (pending->values != NULL)
        return ZF_OK;
    zf_status status =
        zf_memory_alloc(pending->budget, ZF_MEMORY_OUTPUT, bytes_of_values(pending), &values, error);
    pending->values = values;
    return status;
}

static zf_status reserve_bytes(zf_output_pending *pending, size_t n_bytes, zf_error *error) {
    void *bytes = pending->bytes;
    size_t cap = n_bytes < MIN_BYTES ? MIN_BYTES : n_bytes;
    if (!pending->is_copy || (bytes != NULL && n_bytes <= pending->cap_bytes))
        return ZF_OK;
    zf_status status =
        zf_memory_resize(pending->budget, ZF_MEMORY_OUTPUT, &bytes, pending->cap_bytes, cap, error);
    if (status != ZF_OK)
        return status;
    pending->bytes = bytes;
    pending->cap_bytes = cap;
    return ZF_OK;
}

bool zf_output_pending_has_room(const zf_output_pending *pending, size_t n_bytes) {
    return pending->n_rows == 0 ||
           (pending->n_rows < pending->cap_rows && n_bytes <= pending->cap_bytes - pending->n_bytes);
}

zf_status zf_output_pending_add(zf_output_pending *pending, size_t n_bytes, zf_value **out_values,
                                zf_error *error) {
    zf_status status = reserve_values(pending, error);
    if (status == ZF_OK)
        status = reserve_bytes(pending, pending->n_bytes + n_bytes, error);
    if (status != ZF_OK)
        return zf_error_within(error, status, "rows of the result");
    *out_values = pending->values + pending->n_rows++ * pending->n_columns;
    return ZF_OK;
}

void zf_output_pending_keep(zf_output_pending *pending, zf_value *value) {
    if (!pending->is_copy || (value->kind != ZF_VALUE_TEXT && value->kind != ZF_VALUE_BLOB) ||
        value->as.bytes.bytes == NULL)
        return;
    uint8_t *to = pending->bytes + pending->n_bytes;
    memcpy(to, value->as.bytes.bytes, value->as.bytes.n);
    pending->n_bytes += value->as.bytes.n;
    value->as.bytes.bytes = to;
}

void zf_output_pending_clear(zf_output_pending *pending) {
    pending->n_rows = pending->n_bytes = 0;
}

void zf_output_pending_deinit(zf_output_pending *pending) {
    if (pending->values != NULL)
        zf_memory_free(pending->budget, ZF_MEMORY_OUTPUT, pending->values, bytes_of_values(pending));
    zf_memory_free(pending->budget, ZF_MEMORY_OUTPUT, pending->bytes, pending->cap_bytes);
    *pending = (zf_output_pending){0};
}
