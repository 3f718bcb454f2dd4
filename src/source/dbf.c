/* SPDX-License-Identifier: MIT */
/* Reads the attribute table of a shapefile: marks of deletion, and texts as they are stored. */
#include "source/shapefile.h"

#include <stdlib.h>

enum {
    HEADER_BYTES = 32,
    FIELD_BYTES = 32,
    AT_FIELD_TYPE = 11,
    AT_FIELD_WIDTH = 16, /* of text also the next byte, times 256 */
    END_OF_FIELDS = 0x0D,
    BLOCK_BYTES = 1 << 20
};

static uint32_t little_u16(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
}

bool zf_dbf_open(const zf_source *source, zf_dbf *out) {
    uint8_t header[HEADER_BYTES];
    *out = (zf_dbf){.file = zf_shapefile_open_part(source, "dbf")};
    if (!out->file)
        return false;
    if (!zf_shapefile_read_at(out->file, 0, header, sizeof header)) {
        zf_dbf_close(out);
        return false;
    }
    out->n_records = zf_little_u32(header + 4);
    out->header_bytes = little_u16(header + 8);
    out->record_bytes = little_u16(header + 10);
    return true;
}

void zf_dbf_close(zf_dbf *dbf) {
    if (dbf->file)
        (void)VSIFCloseL(dbf->file);
    dbf->file = NULL;
}

bool zf_dbf_has_no_fields(const zf_dbf *dbf) {
    return dbf->n_records == 0 && dbf->header_bytes >= HEADER_BYTES && dbf->header_bytes <= HEADER_BYTES + 2;
}

/* Reads the next records into a block; their number, 0 at the end. */
static size_t read_block(const zf_dbf *dbf, uint8_t *block) {
    return VSIFReadL(block, dbf->record_bytes, BLOCK_BYTES / dbf->record_bytes, dbf->file);
}

uint64_t zf_dbf_count_deleted(const zf_dbf *dbf, uint64_t n) {
    uint64_t n_deleted = 0, n_read = 0;
    size_t n_block = 1;
    uint8_t *block = malloc(BLOCK_BYTES);
    n = n < dbf->n_records ? n : dbf->n_records;
    if (!block || dbf->record_bytes == 0 || VSIFSeekL(dbf->file, dbf->header_bytes, SEEK_SET) != 0)
        n = 0;
    while (n_read < n && (n_block = read_block(dbf, block)) > 0)
        for (size_t i = 0; i < n_block && n_read < n; i++, n_read++)
            n_deleted += block[i * dbf->record_bytes] == '*';
    free(block);
    return n_deleted;
}

/* Visits the texts of one record; fields is the header from its first field on. */
static void visit_record(const uint8_t *record, size_t record_bytes, const uint8_t *fields, size_t n_fields,
                         zf_dbf_visit visit, void *user) {
    size_t at = 1;
    for (size_t i = 0; i < n_fields; i++) {
        const uint8_t *field = fields + i * FIELD_BYTES;
        const bool is_text = field[AT_FIELD_TYPE] == 'C';
        const size_t width = is_text ? little_u16(field + AT_FIELD_WIDTH) : field[AT_FIELD_WIDTH];
        size_t n = width;
        if (at + width > record_bytes)
            return;
        while (n > 0 && (record[at + n - 1] == ' ' || record[at + n - 1] == '\0'))
            n--;
        if (is_text && n > 0)
            visit(user, (const char *)record + at, n, width);
        at += width;
    }
}

void zf_dbf_visit_texts(const zf_dbf *dbf, zf_dbf_visit visit, void *user) {
    size_t n_fields = 0;
    const size_t cap =
        dbf->header_bytes > HEADER_BYTES ? (dbf->header_bytes - HEADER_BYTES) / FIELD_BYTES : 0;
    uint8_t *block = malloc(BLOCK_BYTES), *fields = malloc(cap * FIELD_BYTES + 1);
    if (!block || !fields || dbf->record_bytes == 0 ||
        !zf_shapefile_read_at(dbf->file, HEADER_BYTES, fields, cap * FIELD_BYTES) ||
        VSIFSeekL(dbf->file, dbf->header_bytes, SEEK_SET) != 0)
        goto done;
    while (n_fields < cap && fields[n_fields * FIELD_BYTES] != END_OF_FIELDS)
        n_fields++;
    const size_t n_block = read_block(dbf, block);
    for (size_t i = 0; i < n_block && i < dbf->n_records; i++)
        visit_record(block + i * dbf->record_bytes, dbf->record_bytes, fields, n_fields, visit, user);
done:
    free(block);
    free(fields);
}
