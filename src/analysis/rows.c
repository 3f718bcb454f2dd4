/* SPDX-License-Identifier: MIT */
/* Rows of an analysis's own table: a buffer, and a temporary file for rows that do not fit into it. */
#include "analysis/analysis.h"
#include "os/temp_file.h"

#include <string.h>

enum { FIRST_BYTES = 4 * 1024, MOST_BYTES = 64 * 1024 };
_Static_assert((int)ZF_ANALYSIS_ROWS_BYTES >= 4 * MOST_BYTES,
               "the buffer, its smaller predecessors, and a window");

/** Enlarges the buffer, or writes it to the file once it is as large as it may be. */
static zf_status make_room(zf_analysis_rows *rows, zf_error *error) {
    uint8_t *larger = NULL;
    size_t cap = rows->cap == 0 ? FIRST_BYTES : 2 * rows->cap;
    zf_status status = ZF_OK;
    if (rows->cap < MOST_BYTES) {
        status = zf_arena_take(rows->arena, cap, 1, &larger, error);
        if (status != ZF_OK)
            return status;
        if (rows->n_bytes > 0)
            memcpy(larger, rows->bytes, rows->n_bytes);
        rows->bytes = larger;
        rows->cap = cap;
        return ZF_OK;
    }
    if (rows->n_in_file == 0) {
        zf_temp_file_init(&rows->file, rows->temp_dir, "the rows of an analysis");
        status = zf_temp_file_open(&rows->file, error);
    }
    if (status == ZF_OK)
        status = zf_temp_file_write(&rows->file, rows->bytes, rows->n_bytes, rows->n_in_file, error);
    rows->n_in_file += rows->n_bytes;
    rows->n_bytes = 0;
    return status;
}

/** Appends bytes to the buffer, and writes it to the file whenever it is full. */
static zf_status put(zf_analysis_rows *rows, const void *bytes, size_t n, zf_error *error) {
    const uint8_t *from = bytes;
    while (n > 0) {
        zf_status status = rows->n_bytes == rows->cap ? make_room(rows, error) : ZF_OK;
        if (status != ZF_OK)
            return status;
        size_t n_now = n < rows->cap - rows->n_bytes ? n : rows->cap - rows->n_bytes;
        memcpy(rows->bytes + rows->n_bytes, from, n_now);
        rows->n_bytes += n_now;
        from += n_now;
        n -= n_now;
    }
    return ZF_OK;
}

zf_status zf_analysis_rows_append(const zf_analysis_job *job, zf_analysis_rows *rows, const double *cells,
                                  zf_bytes polygon, zf_error *error) {
    uint64_t n_polygon = polygon.n;
    zf_status status = put(rows, cells, job->analysis->table.n_columns * sizeof *cells, error);
    if (status == ZF_OK && job->analysis->table.has_polygons)
        status = put(rows, &n_polygon, sizeof n_polygon, error);
    if (status == ZF_OK && n_polygon > 0)
        status = put(rows, polygon.bytes, polygon.n, error);
    rows->n += status == ZF_OK;
    return status;
}

/* ---- reading ---- */

/** Reads the next piece of the file. */
static zf_status move_window(zf_analysis_rows *rows, zf_error *error) {
    uint64_t left = rows->n_in_file - rows->at;
    zf_status status =
        rows->window == NULL ? zf_arena_take(rows->arena, MOST_BYTES, 1, &rows->window, error) : ZF_OK;
    rows->window_at = rows->at;
    rows->n_window = left < MOST_BYTES ? (size_t)left : MOST_BYTES;
    return status == ZF_OK ? zf_temp_file_read(&rows->file, rows->at, rows->window, rows->n_window, error)
                           : status;
}

/** Reads the next n bytes: first those in the file, then those in the buffer. */
static zf_status get(zf_analysis_rows *rows, void *out, size_t n, zf_error *error) {
    uint8_t *to = out;
    while (n > 0) {
        bool is_in_file = rows->at < rows->n_in_file;
        if (is_in_file && rows->at >= rows->window_at + rows->n_window) {
            zf_status status = move_window(rows, error);
            if (status != ZF_OK)
                return status;
        }
        const uint8_t *from = is_in_file ? rows->window + (rows->at - rows->window_at)
                                         : rows->bytes + (rows->at - rows->n_in_file);
        uint64_t end = is_in_file ? rows->window_at + rows->n_window : rows->n_in_file + rows->n_bytes;
        size_t n_now = n < end - rows->at ? n : (size_t)(end - rows->at);
        memcpy(to, from, n_now);
        rows->at += n_now;
        to += n_now;
        n -= n_now;
    }
    return ZF_OK;
}

/** Reads the length and the bytes of a polygon. */
static zf_status get_polygon(zf_analysis_rows *rows, zf_bytes *out, zf_error *error) {
    uint64_t n = 0;
    *out = (zf_bytes){NULL, 0};
    zf_status status = get(rows, &n, sizeof n, error);
    if (status == ZF_OK && n > rows->cap_polygon) {
        rows->cap_polygon = (size_t)n * 2;
        status = zf_arena_take(rows->arena, rows->cap_polygon, 1, &rows->polygon, error);
    }
    if (status == ZF_OK && n > 0) {
        *out = (zf_bytes){rows->polygon, (size_t)n};
        status = get(rows, rows->polygon, (size_t)n, error);
    }
    return status;
}

zf_status zf_analysis_rows_next(const zf_analysis_job *job, zf_analysis_rows *rows, double *out_cells,
                                zf_bytes *out_polygon, zf_error *error) {
    *out_polygon = (zf_bytes){NULL, 0};
    zf_status status = get(rows, out_cells, job->analysis->table.n_columns * sizeof *out_cells, error);
    return status == ZF_OK && job->analysis->table.has_polygons ? get_polygon(rows, out_polygon, error)
                                                                : status;
}

void zf_analysis_rows_close(zf_analysis_rows *rows) {
    if (rows->n_in_file > 0)
        zf_temp_file_deinit(&rows->file);
    *rows = (zf_analysis_rows){0};
}
