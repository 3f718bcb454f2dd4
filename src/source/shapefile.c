/* SPDX-License-Identifier: MIT */
/*
 * Checks of a shapefile that GDAL does not make: it reads parts of different exports without a warning, and
 * drops the attributes if it cannot read the .dbf.
 */
#include "source/source_internal.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHP_HEADER_BYTES = 100,
    SHX_ENTRY_BYTES = 8,
    DBF_HEADER_BYTES = 32,
    WORD_BYTES = 2,
    MAX_SAMPLES = 256,
    MAX_TEXT_BYTES = 1 << 20
};

static uint32_t big_u32(const uint8_t *b) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | (uint32_t)b[3];
}

static uint32_t little_u32(const uint8_t *b) {
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | (uint32_t)b[0];
}

static bool read_at(VSILFILE *file, uint64_t at, uint8_t *out, size_t n) {
    return VSIFSeekL(file, at, SEEK_SET) == 0 && VSIFReadL(out, 1, n, file) == n;
}

/* The path of a file of the shapefile, in any case of the extension; NULL if there is none. Free with
 * CPLFree. */
static char *part(const zf_source *source, const char *extension) {
    char *base = zf_path_file_bytes(source->open_path) >= 0
                     ? CPLStrdup(CPLResetExtension(source->open_path, ""))
                     : CPLStrdup(CPLFormFilename(source->open_path, source->info.layer, NULL));
    size_t n = strlen(base);
    if (n > 0 && base[n - 1] == '.')
        base[n - 1] = '\0';
    char *path =
        CPLStrdup(CPLFormCIFilename(CPLGetPath(base), CPLGetBasename(CPLSPrintf("%s.x", base)), extension));
    CPLFree(base);
    if (zf_path_file_bytes(path) >= 0)
        return path;
    CPLFree(path);
    return NULL;
}

/* Reports a .dbf that cannot be read. */
static zf_status no_attributes(const char *dbf, zf_error *error) {
    return zf_error_set(
        error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
        "the attributes of the shapefile cannot be read: '%s' is %s; get it again, or remove it to do "
        "without attributes",
        dbf, zf_path_file_bytes(dbf) == 0 ? "empty" : "not a table that GDAL can read");
}

/* Notes texts that are not UTF-8 though they should be: GDAL returns them unchanged. */
static void check_encoding(zf_source *source, VSILFILE *dbf, const uint8_t *header) {
    const char *encoding = source->info.encoding ? source->info.encoding : "";
    if (*encoding && !zf_string_equal_nocase(encoding, "UTF-8"))
        return; /* in other encodings every byte is a letter */
    char *text = malloc(MAX_TEXT_BYTES + 1);
    uint32_t header_bytes = (uint32_t)header[8] | (uint32_t)header[9] << 8;
    uint32_t record_bytes = (uint32_t)header[10] | (uint32_t)header[11] << 8;
    size_t n = 0;
    if (text && record_bytes > 0 && VSIFSeekL(dbf, header_bytes, SEEK_SET) == 0)
        n = VSIFReadL(text, record_bytes, MAX_TEXT_BYTES / record_bytes, dbf) * record_bytes;
    for (size_t i = 0; i < n; i++)
        if (text[i] == '\0')
            text[i] = ' ';
    if (text)
        text[n] = '\0';
    if (n > 0 && !zf_text_is_utf8(text))
        zf_source_note(
            source,
            "%s, and its texts are not UTF-8: say what they are with `encoding`, for example `encoding` "
            "CP1252",
            *encoding ? "the shapefile says that its texts are UTF-8"
                      : "the shapefile does not say the encoding of its texts (no usable .cpg)");
    free(text);
}

/* Checks that the .dbf can be read and does not have more records than there are shapes. */
static zf_status check_dbf(zf_source *source, uint64_t n_shapes, zf_error *error) {
    uint8_t header[DBF_HEADER_BYTES];
    char *path = part(source, "dbf");
    zf_status st = ZF_OK;
    if (!path) {
        zf_source_note(
            source,
            "the shapefile has no .dbf: its features have no attributes; get all files of the shapefile if "
            "it should have some");
        return ZF_OK;
    }
    VSILFILE *file = VSIFOpenL(path, "rb");
    if (source->info.n_fields == 0 || !file || !read_at(file, 0, header, sizeof header)) {
        st = no_attributes(path, error);
    } else {
        uint32_t n_records = little_u32(header + 4);
        if (n_records > n_shapes)
            zf_source_note(
                source,
                "the .dbf has %" PRIu32 " records and the .shx %" PRIu64
                " shapes: attributes may belong to other shapes; get all files of the shapefile again",
                n_records, n_shapes);
        check_encoding(source, file, header);
    }
    if (file)
        (void)VSIFCloseL(file);
    CPLFree(path);
    return st;
}

/* True if record i of the .shp is where the .shx says. Some writers differ in the record number or in the
 * length, but not in both. */
static bool is_at_place(VSILFILE *shp, uint64_t i, const uint8_t *entry) {
    uint8_t record[SHX_ENTRY_BYTES];
    if (!read_at(shp, (uint64_t)big_u32(entry) * WORD_BYTES, record, sizeof record))
        return true; /* a truncated file is reported when its features are read */
    return big_u32(record) == i + 1 || big_u32(record + 4) == big_u32(entry + 4);
}

/* Compares a sample of the entries of the .shx with the .shp. */
static zf_status check_shx(zf_source *source, VSILFILE *shp, VSILFILE *shx, uint64_t n_shapes,
                           zf_error *error) {
    uint64_t step = n_shapes / MAX_SAMPLES + 1;
    for (uint64_t i = 0; i < n_shapes; i += step) {
        uint8_t entries[2 * SHX_ENTRY_BYTES];
        size_t n = i + 1 < n_shapes ? 2 : 1;
        if (!read_at(shx, SHP_HEADER_BYTES + i * SHX_ENTRY_BYTES, entries, n * SHX_ENTRY_BYTES))
            return ZF_OK;
        bool is_twice =
            n == 2 && big_u32(entries) == big_u32(entries + SHX_ENTRY_BYTES) && big_u32(entries) > 0;
        if (is_at_place(shp, i, entries) && !is_twice)
            continue;
        zf_status st =
            zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                         "the .shx does not belong to the .shp: %s; get all files of the shapefile again, or "
                         "remove the .shx and rebuild it (ogrinfo --config SHAPE_RESTORE_SHX YES FILE)",
                         is_twice ? "two of its entries are equal" : "an entry does not point to its shape");
        return zf_error_at(error, st, source->path, source->info.layer, (int64_t)i);
    }
    return ZF_OK;
}

zf_status zf_shapefile_check(zf_source *source, zf_error *error) {
    char *shp_path = part(source, "shp"), *shx_path = part(source, "shx");
    int64_t n_bytes = shx_path ? zf_path_file_bytes(shx_path) : 0;
    uint64_t n_shapes =
        n_bytes > SHP_HEADER_BYTES ? (uint64_t)(n_bytes - SHP_HEADER_BYTES) / SHX_ENTRY_BYTES : 0;
    zf_status st = ZF_OK;
    if (shp_path && shx_path) { /* otherwise it is a table without geometry */
        VSILFILE *shp = VSIFOpenL(shp_path, "rb"), *shx = VSIFOpenL(shx_path, "rb");
        if (shp && shx)
            st = check_shx(source, shp, shx, n_shapes, error);
        if (st == ZF_OK)
            st = check_dbf(source, n_shapes, error);
        if (shp)
            (void)VSIFCloseL(shp);
        if (shx)
            (void)VSIFCloseL(shx);
    }
    CPLFree(shp_path);
    CPLFree(shx_path);
    return st;
}

/* Opens the .shp and the .shx for zf_shapefile_record_type. */
static bool open_parts(zf_source *source) {
    char *shp = source->probe.shp ? NULL : part(source, "shp"),
         *shx = source->probe.shx ? NULL : part(source, "shx");
    if (shp)
        source->probe.shp = VSIFOpenL(shp, "rb");
    if (shx)
        source->probe.shx = VSIFOpenL(shx, "rb");
    CPLFree(shp);
    CPLFree(shx);
    return source->probe.shp && source->probe.shx;
}

bool zf_shapefile_record_type(zf_source *source, int64_t fid, uint32_t *out) {
    uint8_t entry[SHX_ENTRY_BYTES], type[4];
    uint64_t at = SHP_HEADER_BYTES + (uint64_t)fid * SHX_ENTRY_BYTES;
    if (fid < 0 || !open_parts(source) || !read_at(source->probe.shx, at, entry, sizeof entry) ||
        big_u32(entry + 4) * WORD_BYTES < sizeof type ||
        !read_at(source->probe.shp, (uint64_t)big_u32(entry) * WORD_BYTES + SHX_ENTRY_BYTES, type,
                 sizeof type))
        return false;
    *out = little_u32(type);
    return true;
}

void zf_shapefile_close(zf_source *source) {
    if (source->probe.shp)
        (void)VSIFCloseL(source->probe.shp);
    if (source->probe.shx)
        (void)VSIFCloseL(source->probe.shx);
}

/* Number of shapes in the .qix: "SQT", byte order, version, 3 bytes, number of shapes. */
int64_t zf_shapefile_index_entries(const zf_source *source) {
    uint8_t header[12];
    char *path = part(source, "qix");
    VSILFILE *file = path ? VSIFOpenL(path, "rb") : NULL;
    int64_t n = -1;
    if (file && read_at(file, 0, header, sizeof header) && memcmp(header, "SQT", 3) == 0)
        n = header[3] == 2 ? (int64_t)big_u32(header + 8) : (int64_t)little_u32(header + 8);
    if (file)
        (void)VSIFCloseL(file);
    CPLFree(path);
    return n;
}
