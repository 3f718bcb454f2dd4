/* SPDX-License-Identifier: MIT */
/* Reads a text file record by record, to look up what GDAL did not return. */
#include "source/source_internal.h"

#include <stdlib.h>
#include <string.h>

enum { BUFFER_BYTES = 1 << 16, MAX_RECORD_BYTES = 256 << 20 };

struct zf_records {
    VSILFILE *file;
    char separator;
    bool has_quotes;
    bool is_quoted; /* between two quotes */
    size_t at, n;   /* in buffer */
    zf_text record;
    char buffer[BUFFER_BYTES];
};

zf_records *zf_records_open(const char *path, char separator, bool has_quotes) {
    zf_records *records = calloc(1, sizeof *records);
    if (!records)
        return NULL;
    records->file = VSIFOpenL(path, "rb");
    records->separator = separator;
    records->has_quotes = has_quotes;
    if (records->file)
        return records;
    free(records);
    return NULL;
}

void zf_records_close(zf_records *records) {
    if (!records)
        return;
    (void)VSIFCloseL(records->file);
    zf_text_deinit(&records->record);
    free(records);
}

/* Length of the part of the buffer up to the next separator, or all of it. */
static size_t find_separator(zf_records *records, bool *out_is_found) {
    size_t i = records->at;
    for (; i < records->n; i++) {
        records->is_quoted ^= records->has_quotes && records->buffer[i] == '"';
        if (records->buffer[i] == records->separator && !records->is_quoted)
            break;
    }
    *out_is_found = i < records->n;
    return i - records->at;
}

static bool is_blank(const zf_text *text) {
    for (size_t i = 0; i < text->n; i++)
        if (!strchr(" \t\r\n", text->bytes[i]))
            return false;
    return true;
}

/* Reads the next record, which may be blank. */
static bool next(zf_records *records) {
    bool is_found = false, has_bytes = false;
    zf_text *record = &records->record;
    record->n = 0;
    records->is_quoted = false;
    while (!is_found && !record->is_failed && record->n < MAX_RECORD_BYTES) {
        if (records->at == records->n) {
            records->n = VSIFReadL(records->buffer, 1, BUFFER_BYTES, records->file);
            records->at = 0;
            if (records->n == 0)
                break;
        }
        const size_t n = find_separator(records, &is_found);
        zf_text_append_n(record, records->buffer + records->at, n);
        records->at += n + is_found;
        has_bytes = true;
    }
    return has_bytes && !record->is_failed;
}

const zf_text *zf_records_next(zf_records *records) {
    while (next(records))
        if (!is_blank(&records->record))
            return &records->record;
    return NULL;
}
