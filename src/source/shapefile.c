/* SPDX-License-Identifier: MIT */
/*
 * Checks of a shapefile that GDAL does not make: it reads parts of different exports without a warning, and
 * drops the attributes if it cannot read the .dbf.
 */
#include "source/shapefile.h"

#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHP_HEADER_BYTES = 100, SHX_ENTRY_BYTES = 8, WORD_BYTES = 2, MAX_SAMPLES = 256 };

/* Reports a .dbf that cannot be read. */
static zf_status no_attributes(const char *dbf, zf_error *error) {
    return zf_error_set(
        error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
        "the attributes of the shapefile cannot be read: '%s' is %s; get it again, or remove it to do "
        "without attributes",
        dbf, zf_path_file_bytes(dbf) == 0 ? "empty" : "not a table that GDAL can read");
}

/* Notes a .prj from which GDAL could not make a CRS. */
static void check_prj(zf_source *source) {
    char *path = source->info.crs_wkt == NULL ? zf_shapefile_part(source, "prj") : NULL;
    if (path != NULL)
        zf_source_note(source, "the CRS in the .prj cannot be read%s",
                       zf_path_file_bytes(path) == 0 ? ": the file is empty" : "");
    CPLFree(path);
}

/* Checks that the .dbf can be read and does not have more records than there are shapes. Features whose
 * record is marked as deleted do not count. */
static zf_status check_dbf(zf_source *source, uint64_t n_shapes, zf_error *error) {
    zf_dbf dbf;
    char *path = zf_shapefile_part(source, "dbf");
    if (!path) {
        zf_source_note(
            source,
            "the shapefile has no .dbf: its features have no attributes; get all files of the shapefile if "
            "it should have some");
        return ZF_OK;
    }
    const bool is_open = zf_dbf_open(source, &dbf);
    if (!is_open || (source->info.n_fields == 0 && !zf_dbf_has_no_fields(&dbf))) {
        zf_status st = no_attributes(path, error);
        CPLFree(path);
        zf_dbf_close(&dbf);
        return st;
    }
    CPLFree(path);
    if (dbf.n_records > n_shapes)
        zf_source_note(source,
                       "the .dbf has %" PRIu32 " records and the .shx %" PRIu64
                       " shapes: attributes may belong to other shapes; get all files of the shapefile again",
                       dbf.n_records, n_shapes);
    source->shapefile.n_deleted = zf_dbf_count_deleted(&dbf, n_shapes);
    source->info.n_features -= (int64_t)source->shapefile.n_deleted;
    zf_dbf_close(&dbf);
    return ZF_OK;
}

/* True if record i of the .shp is where the .shx says. Some writers differ in the record number or in the
 * length, but not in both. */
static bool is_at_place(VSILFILE *shp, uint64_t i, const uint8_t *entry) {
    uint8_t record[SHX_ENTRY_BYTES];
    if (!zf_shapefile_read_at(shp, (uint64_t)zf_big_u32(entry) * WORD_BYTES, record, sizeof record))
        return true; /* a truncated file is reported when its features are read */
    return zf_big_u32(record) == i + 1 || zf_big_u32(record + 4) == zf_big_u32(entry + 4);
}

/* Compares a sample of the entries of the .shx with the .shp. */
static zf_status check_shx(zf_source *source, VSILFILE *shp, VSILFILE *shx, uint64_t n_shapes,
                           zf_error *error) {
    uint64_t step = n_shapes / MAX_SAMPLES + 1;
    for (uint64_t i = 0; i < n_shapes; i += step) {
        uint8_t entries[2 * SHX_ENTRY_BYTES];
        size_t n = i + 1 < n_shapes ? 2 : 1;
        if (!zf_shapefile_read_at(shx, SHP_HEADER_BYTES + i * SHX_ENTRY_BYTES, entries, n * SHX_ENTRY_BYTES))
            return ZF_OK;
        bool is_twice =
            n == 2 && zf_big_u32(entries) == zf_big_u32(entries + SHX_ENTRY_BYTES) && zf_big_u32(entries) > 0;
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
    char *shp_path = zf_shapefile_part(source, "shp"), *shx_path = zf_shapefile_part(source, "shx");
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
        check_prj(source);
        if (shp)
            (void)VSIFCloseL(shp);
        if (shx)
            (void)VSIFCloseL(shx);
    }
    CPLFree(shp_path);
    CPLFree(shx_path);
    return st;
}

/* Opens the .shp and the .shx, once. */
static bool open_parts(zf_source *source) {
    zf_shapefile_files *files = &source->shapefile;
    if (!files->shp)
        files->shp = zf_shapefile_open_part(source, "shp");
    if (!files->shx)
        files->shx = zf_shapefile_open_part(source, "shx");
    return files->shp && files->shx;
}

/* The offset of a record of the .shp, from its entry in the .shx. */
static bool find_record(zf_source *source, int64_t fid, uint64_t *out_at) {
    uint8_t entry[SHX_ENTRY_BYTES];
    const uint64_t at = SHP_HEADER_BYTES + (uint64_t)fid * SHX_ENTRY_BYTES;
    if (fid < 0 || !open_parts(source) ||
        !zf_shapefile_read_at(source->shapefile.shx, at, entry, sizeof entry))
        return false;
    *out_at = (uint64_t)zf_big_u32(entry) * WORD_BYTES;
    return zf_big_u32(entry) > 0 && zf_big_u32(entry + 4) > 0;
}

/* True if a shape type is one of the format; *out_has_parts: its records hold a number of parts and of
 * points. */
static bool is_known_type(uint32_t type, bool *out_has_parts) {
    static const uint32_t types[] = {0, 1, 8, 11, 18, 21, 28, 3, 5, 13, 15, 23, 25, 31};
    enum { N_WITHOUT_PARTS = 7 };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (type == types[i]) {
            *out_has_parts = i >= N_WITHOUT_PARTS;
            return true;
        }
    return false;
}

bool zf_shapefile_is_corrupt_record(zf_source *source, int64_t fid) {
    enum { AT_N_PARTS = 44, AT_N_POINTS = 48, RECORD_BYTES = 52 };
    uint8_t record[RECORD_BYTES];
    uint64_t at = 0;
    bool has_parts = false;
    if (!find_record(source, fid, &at))
        return false;
    if (!zf_shapefile_read_at(source->shapefile.shp, at, record, SHX_ENTRY_BYTES + 4))
        return true;
    if (!is_known_type(zf_little_u32(record + SHX_ENTRY_BYTES), &has_parts))
        return true;
    return has_parts && zf_shapefile_read_at(source->shapefile.shp, at, record, sizeof record) &&
           (zf_little_u32(record + AT_N_PARTS) > 0 || zf_little_u32(record + AT_N_POINTS) > 0);
}

bool zf_shapefile_is_truncated(zf_source *source) {
    uint8_t header[SHP_HEADER_BYTES];
    if (!open_parts(source) || !zf_shapefile_read_at(source->shapefile.shp, 0, header, sizeof header) ||
        VSIFSeekL(source->shapefile.shp, 0, SEEK_END) != 0)
        return true;
    return VSIFTellL(source->shapefile.shp) < (uint64_t)zf_big_u32(header + 24) * WORD_BYTES;
}

void zf_shapefile_close(zf_source *source) {
    if (source->shapefile.shp)
        (void)VSIFCloseL(source->shapefile.shp);
    if (source->shapefile.shx)
        (void)VSIFCloseL(source->shapefile.shx);
}

/* Reads the number of shapes in the .qix: "SQT", byte order, version, 3 bytes, number. It includes deleted
 * ones. */
int64_t zf_shapefile_index_entries(const zf_source *source) {
    uint8_t header[12];
    VSILFILE *file = zf_shapefile_open_part(source, "qix");
    int64_t n = -1;
    const int64_t n_deleted = (int64_t)source->shapefile.n_deleted;
    if (file && zf_shapefile_read_at(file, 0, header, sizeof header) && memcmp(header, "SQT", 3) == 0)
        n = header[3] == 2 ? (int64_t)zf_big_u32(header + 8) : (int64_t)zf_little_u32(header + 8);
    if (file)
        (void)VSIFCloseL(file);
    return n == source->info.n_features + n_deleted ? source->info.n_features : n;
}
