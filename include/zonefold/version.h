/* SPDX-License-Identifier: MIT */
/**
 * @file version.h
 * Versions of zonefold and of the libraries it runs with.
 */
#ifndef ZONEFOLD_VERSION_H
#define ZONEFOLD_VERSION_H

#include "zonefold/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ZONEFOLD_VERSION "0.2.0"

/** Version of this library, "MAJOR.MINOR.PATCH". Static storage. */
ZF_API const char *zf_version(void);

/** One library in use at run time. */
typedef struct zf_library_version {
    const char *name;    /**< "GDAL", "GEOS", "PROJ", "SQLite", "SpatiaLite" */
    const char *version; /**< as the library says at run time; static storage */
} zf_library_version;

/**
 * Versions of the libraries that the result depends on.
 * @param out_n number of entries; required.
 * @return array of *out_n entries in static storage. Safe from any thread after its first return.
 */
ZF_API const zf_library_version *zf_library_versions(size_t *out_n);

#ifdef __cplusplus
}
#endif
#endif
