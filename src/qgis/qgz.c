/* SPDX-License-Identifier: MIT */
/* A QGIS project is a ZIP archive with an XML file in it. */
#include "qgis/qgz.h"

#include <string.h>

enum {
    LOCAL_HEADER = 0x04034b50,
    CENTRAL_HEADER = 0x02014b50,
    END_OF_DIRECTORY = 0x06054b50,
    VERSION = 20,
    NAME_IS_UTF8 = 1 << 11,
    STORED = 0,
    FIRST_DATE = 1 << 5 | 1, /* years since 1980, month, day */
};

/* CRC-32 of IEEE 802.3, bit by bit: a project has a few hundred kilobytes. */
static uint32_t crc32_of(const char *bytes, size_t n) {
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < n; i++) {
        crc ^= (uint8_t)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320u & -(crc & 1));
    }
    return ~crc;
}

static void append_little(zf_text *out, uint32_t value, int n_bytes) {
    for (int i = 0; i < n_bytes; i++) {
        const char byte = (char)(value >> (8 * i) & 0xFF);
        zf_text_append_n(out, &byte, 1);
    }
}

/* The fields that the header of the file and its entry in the directory share. */
static void append_entry(zf_text *out, uint32_t crc, size_t n_content, size_t n_name) {
    append_little(out, VERSION, 2);
    append_little(out, NAME_IS_UTF8, 2);
    append_little(out, STORED, 2);
    append_little(out, 0, 2);
    append_little(out, FIRST_DATE, 2);
    append_little(out, crc, 4);
    append_little(out, (uint32_t)n_content, 4);
    append_little(out, (uint32_t)n_content, 4);
    append_little(out, (uint32_t)n_name, 2);
    append_little(out, 0, 2);
}

void zf_qgz_append(zf_text *out, const char *name, const zf_text *content) {
    enum { N_DIRECTORY_BYTES = 46 };
    const size_t n_name = strlen(name);
    out->is_failed |= content->is_failed || content->n > INT32_MAX || n_name > UINT16_MAX;
    if (out->is_failed)
        return;
    const uint32_t crc = crc32_of(content->bytes, content->n);
    append_little(out, LOCAL_HEADER, 4);
    append_entry(out, crc, content->n, n_name);
    zf_text_append(out, name);
    zf_text_append_n(out, content->bytes, content->n);
    const uint32_t directory = (uint32_t)out->n;
    append_little(out, CENTRAL_HEADER, 4);
    append_little(out, VERSION, 2);
    append_entry(out, crc, content->n, n_name);
    append_little(out, 0, 2); /* comment */
    append_little(out, 0, 2); /* disk */
    append_little(out, 0, 2); /* attributes: a file */
    append_little(out, 0, 4);
    append_little(out, 0, 4); /* where its header begins */
    zf_text_append(out, name);
    append_little(out, END_OF_DIRECTORY, 4);
    append_little(out, 0, 4); /* disks */
    append_little(out, 1, 2);
    append_little(out, 1, 2);
    append_little(out, (uint32_t)(N_DIRECTORY_BYTES + n_name), 4);
    append_little(out, directory, 4);
    append_little(out, 0, 2);
}
