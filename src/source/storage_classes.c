/* SPDX-License-Identifier: MIT */
/*
 * Finds which storage classes occur in columns of an SQLite table, by reading the headers of its records in
 * the file. SQL takes five times as long, because SQLite interprets a program for each row. Source:
 * https://www.sqlite.org/fileformat2.html
 */
#include "source/storage_classes.h"

#include <cpl_vsi.h>
#include <stdlib.h>
#include <string.h>

enum {
    WINDOW_BYTES = 1 << 18, /* at least the largest page, 64 KiB */
    FILE_HEADER_BYTES = 100,
    MAX_DEPTH = 20,
    TABLE_INTERIOR = 5,
    TABLE_LEAF = 13
};

/* A database file and the part of it that was read last. */
typedef struct database {
    VSILFILE *file;
    uint32_t page_bytes, usable_bytes;
    uint64_t n_pages_left; /* a table has no more pages than its file */
    uint64_t window_at, window_n;
    uint8_t *window;
    const int *columns; /* ascending record positions */
    size_t n_columns;
    uint8_t *classes;
} database;

static uint32_t big_u16(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

static uint32_t big_u32(const uint8_t *bytes) {
    return big_u16(bytes) << 16 | big_u16(bytes + 2);
}

/* Reads a varint; returns the byte after it, or NULL at the end. */
static const uint8_t *read_varint(const uint8_t *at, const uint8_t *end, uint64_t *out) {
    uint64_t value = 0;
    for (int i = 0; at < end && i < 8; i++) {
        value = value << 7 | (*at & 0x7F);
        if (*at++ < 0x80) {
            *out = value;
            return at;
        }
    }
    if (at >= end)
        return NULL;
    *out = value << 8 | *at;
    return at + 1;
}

/* Returns the byte after a varint, or NULL at the end. */
static inline const uint8_t *skip_varint(const uint8_t *at, const uint8_t *end) {
    for (int i = 1; at < end; i++)
        if (*at++ < 0x80 || i == 9)
            return at;
    return NULL;
}

static uint8_t class_of(uint64_t serial_type) {
    static const uint8_t classes[] = {ZF_STORED_NULL,  ZF_STORED_INT32, ZF_STORED_INT32, ZF_STORED_INT32,
                                      ZF_STORED_INT32, ZF_STORED_INT64, ZF_STORED_INT64, ZF_STORED_REAL,
                                      ZF_STORED_BIT,   ZF_STORED_BIT};
    if (serial_type < sizeof classes)
        return classes[serial_type];
    return serial_type % 2 ? ZF_STORED_TEXT : ZF_STORED_BLOB;
}

/* As read_varint; nearly all are of one byte. */
static inline const uint8_t *read_short_varint(const uint8_t *at, const uint8_t *end, uint64_t *out) {
    return at < end && *at < 0x80 ? (*out = *at, at + 1) : read_varint(at, end, out);
}

/* Adds the classes of one record. False if its header is not on the page. */
static inline bool add_record(database *d, const uint8_t *at, const uint8_t *end) {
    uint64_t n_bytes = 0, type = 0;
    const uint8_t *header = at;
    size_t c = 0;
    at = read_short_varint(at, end, &n_bytes);
    if (!at || n_bytes > (uint64_t)(end - header))
        return false;
    end = header + n_bytes;
    for (int position = 0; c < d->n_columns && at < end; position++) {
        at = read_short_varint(at, end, &type);
        if (!at)
            return false;
        for (; c < d->n_columns && d->columns[c] == position; c++)
            d->classes[c] |= class_of(type);
    }
    for (; c < d->n_columns; c++)
        d->classes[c] |= ZF_STORED_DEFAULT;
    return true;
}

/* The bytes of a page, valid until the next call; NULL if it cannot be read. */
static const uint8_t *read_page(database *d, uint32_t page) {
    const uint64_t at = (uint64_t)(page - 1) * d->page_bytes;
    if (page == 0)
        return NULL;
    if (at < d->window_at || at + d->page_bytes > d->window_at + d->window_n) {
        d->window_at = at;
        d->window_n =
            VSIFSeekL(d->file, at, SEEK_SET) == 0 ? VSIFReadL(d->window, 1, WINDOW_BYTES, d->file) : 0;
    }
    return d->window_n >= d->page_bytes ? d->window + (at - d->window_at) : NULL;
}

static bool add_leaf(database *d, const uint8_t *page, const uint8_t *header) {
    const uint32_t n_cells = big_u16(header + 3);
    const uint8_t *cells = header + 8, *end = page + d->usable_bytes;
    if (cells + 2 * (size_t)n_cells > end)
        return false;
    for (uint32_t i = 0; i < n_cells; i++) {
        const uint8_t *at = page + big_u16(cells + 2 * (size_t)i);
        if (!(at = skip_varint(at, end)) || !(at = skip_varint(at, end)) || !add_record(d, at, end))
            return false; /* behind the record's length and its row id */
    }
    return true;
}

static bool add_page(database *d, uint32_t page, int depth);

/* Adds the children of an interior page. Their numbers are copied, because the page is gone after the first.
 */
static bool add_children(database *d, const uint8_t *page, const uint8_t *header, int depth) {
    const uint32_t n_cells = big_u16(header + 3);
    const uint8_t *cells = header + 12, *end = page + d->usable_bytes;
    if (cells + 2 * (size_t)n_cells > end)
        return false;
    uint32_t *children = malloc((n_cells + 1) * sizeof *children);
    bool is_good = children != NULL;
    for (uint32_t i = 0; is_good && i < n_cells; i++) {
        const uint8_t *at = page + big_u16(cells + 2 * (size_t)i);
        is_good = at + 4 <= end;
        children[i] = is_good ? big_u32(at) : 0;
    }
    if (is_good)
        children[n_cells] = big_u32(header + 8);
    for (uint32_t i = 0; is_good && i <= n_cells; i++)
        is_good = add_page(d, children[i], depth + 1);
    free(children);
    return is_good;
}

/* Adds a page and those below it. Stops when more pages were read than there are: a damaged or hostile tree
 * may lead to a page again and again. */
static bool add_page(database *d, uint32_t number, int depth) {
    if (d->n_pages_left == 0 || depth >= MAX_DEPTH)
        return false;
    d->n_pages_left--;
    const uint8_t *page = read_page(d, number);
    if (!page)
        return false;
    const uint8_t *header = page + (number == 1 ? FILE_HEADER_BYTES : 0);
    if (*header == TABLE_LEAF)
        return add_leaf(d, page, header);
    return *header == TABLE_INTERIOR && add_children(d, page, header, depth);
}

/* Reads the file header. */
static bool open_database(database *d, const char *path) {
    uint8_t header[FILE_HEADER_BYTES];
    d->file = VSIFOpenL(path, "rb");
    d->window = malloc(WINDOW_BYTES);
    if (!d->file || !d->window || VSIFReadL(header, 1, sizeof header, d->file) != sizeof header ||
        memcmp(header, "SQLite format 3", 16) != 0)
        return false;
    d->page_bytes = big_u16(header + 16) == 1 ? 65536 : big_u16(header + 16);
    d->usable_bytes = d->page_bytes - header[20];
    if (d->page_bytes < 512 || d->usable_bytes < 480 || VSIFSeekL(d->file, 0, SEEK_END) != 0)
        return false;
    d->n_pages_left = VSIFTellL(d->file) / d->page_bytes;
    return true;
}

bool zf_storage_classes_scan(const char *path, uint32_t root_page, const int *columns, size_t n,
                             uint8_t *out_classes, bool *out_has_repeated_pages) {
    database d = {.columns = columns, .n_columns = n, .classes = out_classes};
    memset(out_classes, 0, n);
    const bool is_open = open_database(&d, path);
    const bool is_good = is_open && add_page(&d, root_page, 0);
    *out_has_repeated_pages = is_open && !is_good && d.n_pages_left == 0;
    if (d.file)
        (void)VSIFCloseL(d.file);
    free(d.window);
    return is_good;
}
