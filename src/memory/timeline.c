/* SPDX-License-Identifier: MIT */
#include "memory/memory.h"
#include "os/process.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct zf_timeline {
    FILE *file;
    char *path;
    const zf_budget *budget;
    int64_t start_ns; /**< by zf_process_clock_ns */
};

/** The error for a timeline that cannot be written. */
static zf_status fail(const char *path, int cause, const char *what, zf_error *error) {
    zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OS,
                 "cannot %s the memory timeline: %s; choose a place that can be written", what,
                 strerror(cause));
    return zf_error_at(error, ZF_E_OUTPUT, path, NULL, ZF_NO_FID);
}

/** Writes the names of the columns. */
static bool write_header(FILE *file) {
    fputs("seconds,zip_rank,zip,live_before_bytes,live_peak_bytes,live_after_bytes", file);
    for (int use = 0; use < ZF_MEMORY_END; use++)
        fprintf(file, ",%s_bytes", zf_memory_use_name((zf_memory_use)use));
    fputs(",rss_bytes,rss_peak_bytes\n", file);
    return !ferror(file);
}

/** Closes the file and frees the timeline. */
static void destroy(zf_timeline *timeline) {
    if (timeline->file)
        fclose(timeline->file);
    free(timeline->path);
    free(timeline);
}

zf_status zf_timeline_open(const char *path, const zf_budget *budget, zf_timeline **out, zf_error *error) {
    zf_timeline *timeline = calloc(1, sizeof *timeline);
    if (!timeline)
        return zf_error_memory(error, sizeof *timeline, "the memory timeline");
    zf_status status = ZF_OK;
    timeline->budget = budget;
    timeline->path = zf_string_copy(path);
    if (!timeline->path) {
        status = zf_error_memory(error, strlen(path) + 1, "the memory timeline");
        goto done;
    }
    timeline->file = fopen(path, "we");
    if (!timeline->file || !write_header(timeline->file)) {
        status = fail(path, errno, "create", error);
        goto done;
    }
    timeline->start_ns = zf_process_clock_ns();
    *out = timeline;
done:
    if (status != ZF_OK)
        destroy(timeline);
    return status;
}

/* Integers only: printf would write a fraction with the locale's decimal point. */
static void write_seconds(const zf_timeline *timeline) {
    int64_t ns = zf_process_clock_ns() - timeline->start_ns;
    fprintf(timeline->file, "%" PRId64 ".%06" PRId64, ns / 1000000000, ns % 1000000000 / 1000);
}

/* RFC 4180. */
static void write_field(FILE *file, const char *field) {
    if (!field[strcspn(field, "\",\r\n")]) {
        fputs(field, file);
        return;
    }
    fputc('"', file);
    for (; *field; field++) {
        if (*field == '"')
            fputc('"', file);
        fputc(*field, file);
    }
    fputc('"', file);
}

zf_status zf_timeline_write(zf_timeline *timeline, const zf_timeline_entry *entry, zf_error *error) {
    FILE *file = timeline->file;
    write_seconds(timeline);
    fprintf(file, ",%" PRIu32 ",", entry->rank);
    write_field(file, entry->zip ? entry->zip : "");
    fprintf(file, ",%zu,%zu,%zu", entry->live_before_bytes, entry->live_peak_bytes, entry->live_after_bytes);
    for (int use = 0; use < ZF_MEMORY_END; use++)
        fprintf(file, ",%zu", timeline->budget ? zf_budget_held(timeline->budget, (zf_memory_use)use) : 0);
    fprintf(file, ",%zu,%zu\n", zf_process_rss_bytes(), zf_process_rss_peak_bytes());
    return ferror(file) ? fail(timeline->path, errno, "write", error) : ZF_OK;
}

zf_status zf_timeline_close(zf_timeline *timeline, zf_error *error) {
    if (!timeline)
        return ZF_OK;
    zf_status status = ZF_OK;
    bool was_bad = ferror(timeline->file) != 0;
    errno = was_bad ? EIO : 0;
    if (fclose(timeline->file) != 0 || was_bad)
        status = fail(timeline->path, errno, "finish", error);
    timeline->file = NULL;
    destroy(timeline);
    return status;
}
