/* SPDX-License-Identifier: MIT */
/* Finds and reads the files of a shapefile. */
#include "source/shapefile.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <string.h>

char *zf_shapefile_part(const zf_source *source, const char *extension) {
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

VSILFILE *zf_shapefile_open_part(const zf_source *source, const char *extension) {
    char *path = zf_shapefile_part(source, extension);
    VSILFILE *file = path ? VSIFOpenL(path, "rb") : NULL;
    CPLFree(path);
    return file;
}

bool zf_shapefile_read_at(VSILFILE *file, uint64_t at, uint8_t *out, size_t n) {
    return VSIFSeekL(file, at, SEEK_SET) == 0 && VSIFReadL(out, 1, n, file) == n;
}

uint32_t zf_big_u32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3];
}

uint32_t zf_little_u32(const uint8_t *bytes) {
    return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[0];
}
