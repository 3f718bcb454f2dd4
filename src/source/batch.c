/* SPDX-License-Identifier: MIT */
/* A batch of features in columns. */
#include "source/source_internal.h"

#include <stdlib.h>
#include <string.h>

zf_status zf_batch_create(size_t n_columns, zf_batch **out, zf_error *error) {
    zf_batch *batch = calloc(1, sizeof *batch);
    zf_batch_column *columns = calloc(n_columns + 1, sizeof *columns);
    if (!batch || !columns) {
        free(batch);
        free(columns);
        return zf_error_memory(error, sizeof *batch + n_columns * sizeof *columns, "a batch of features");
    }
    batch->columns = columns;
    batch->n_columns = n_columns;
    *out = batch;
    return ZF_OK;
}

static void free_loop_columns(zf_batch *batch) {
    for (size_t i = 0; batch->loop && i < batch->n_columns + 2; i++) {
        free(batch->loop[i].validity);
        free(batch->loop[i].words);
        free(batch->loop[i].heap);
    }
    free(batch->loop);
}

void zf_batch_release(zf_batch *batch) {
    if (!batch)
        return;
    if (batch->array.release)
        batch->array.release(&batch->array);
    free_loop_columns(batch);
    for (size_t c = 0; batch->own && c < batch->n_columns; c++) {
        free(batch->own[c].validity);
        free(batch->own[c].integers);
    }
    free(batch->own);
    free(batch->is_corrupt);
    free(batch->shape_bytes);
    free(batch->columns);
    free(batch);
}

size_t zf_batch_count(const zf_batch *batch) {
    return batch->n_rows;
}

int64_t zf_batch_fid(const zf_batch *batch, size_t row) {
    return ((const int64_t *)batch->fid.values)[batch->fid.first + row];
}

bool zf_column_is_null(const zf_batch_column *column, size_t row) {
    size_t i = column->first + row;
    return column->validity && (column->validity[i / 8] & (1 << (i % 8))) == 0;
}

zf_bytes zf_column_bytes(const zf_batch_column *column, size_t row) {
    /* A value that is present but has no buffer is empty, not missing. */
    static const uint8_t no_bytes[1] = {0};
    if (column->layout == ZF_LAYOUT_NONE || zf_column_is_null(column, row))
        return (zf_bytes){NULL, 0};
    size_t i = column->first + row;
    size_t from, to;
    if (column->layout == ZF_LAYOUT_BYTES32) {
        from = (size_t)((const uint32_t *)column->offsets)[i];
        to = (size_t)((const uint32_t *)column->offsets)[i + 1];
    } else {
        from = (size_t)((const uint64_t *)column->offsets)[i];
        to = (size_t)((const uint64_t *)column->offsets)[i + 1];
    }
    if (to <= from || !column->values)
        return (zf_bytes){no_bytes, 0};
    return (zf_bytes){(const uint8_t *)column->values + from, to - from};
}
