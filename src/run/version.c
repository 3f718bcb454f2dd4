/* SPDX-License-Identifier: MIT */
#include "zonefold/version.h"

#include "os/thread.h"
#include "source/source.h"
#include "sql/sql.h"

static zf_library_version versions[5];
static zf_once versions_once = ZF_ONCE_INIT;

static void ask_versions(void) {
    versions[0] = (zf_library_version){"GDAL", zf_gdal_version()};
    versions[1] = (zf_library_version){"GEOS", zf_geos_version()};
    versions[2] = (zf_library_version){"PROJ", zf_proj_version()};
    versions[3] = (zf_library_version){"SQLite", zf_sqlite_version()};
    versions[4] = (zf_library_version){"SpatiaLite", zf_spatialite_version()};
}

const char *zf_version(void) {
    return ZONEFOLD_VERSION;
}

const zf_library_version *zf_library_versions(size_t *out_n) {
    zf_once_run(&versions_once, ask_versions);
    *out_n = sizeof versions / sizeof *versions;
    return versions;
}
