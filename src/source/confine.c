/* SPDX-License-Identifier: MIT */
/*
 * GDAL without network, without links out of a file, and without files beside an input. The drivers that may
 * open a file are an allow-list (gdal.c); this is what a driver of that list would still do: a GeoJSON may
 * name its CRS by a URL, a GML its schema, a SQLite file runs SpatiaLite's functions, a GML gets a .gfs.
 * All of it holds for the whole process: GDAL reads some formats in threads of its own.
 */
#include "guard/sqlite_guard.h"
#include "source/source_internal.h"

#include <cpl_conv.h>
#include <cpl_http.h>
#include <cpl_string.h>
#include <ogr_srs_api.h>
#include <stdlib.h>
#include <string.h>

static const char *const local_systems[] = {"/vsizip/", "/vsigzip/", "/vsitar/", "/vsimem/", NULL};
/* GDAL looks through this one at a part of a file that it has open. */
static const char part_of_file[] = "/vsisubfile/";

const char *const *zf_gdal_local_systems(void) {
    return local_systems;
}

/* Set by name, so that neither the environment nor GDAL's configuration file can switch them back. */
static const struct {
    const char *name, *value;
} settings[] = {
    {"SPATIALITE_LOAD", "NO"}, /* its functions fetch and write, its virtual tables read any file */
    {"OGR_SQLITE_STATIC_VIRTUAL_OGR", "NO"},
    {"OGR_SQLITE_ALLOW_EXTERNAL_ACCESS", "NO"},
    {"GML_DOWNLOAD_WFS_SCHEMA", "NO"},
    {"GML_SKIP_RESOLVE_ELEMS", "ALL"}, /* xlink:href */
    {"GML_PARSER", "EXPAT"},           /* Xerces follows external entities */
    {"LIBKML_RESOLVE_STYLE", "NO"},
    {"SHAPE_RESTORE_SHX", "NO"},
    {"GDAL_PAM_ENABLED", "NO"},
    {"CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO"},
    {"CPL_VSIL_GZIP_SAVE_INFO", "NO"},
    {"GDAL_VRT_ENABLE_PYTHON", "NO"},
};

/* A URL in a file: what it leads to is left out, with a warning. */
static CPLHTTPResult *fetch_nothing(const char *url, CSLConstList options, GDALProgressFunc progress,
                                    void *progress_user, CPLHTTPFetchWriteFunc write, void *write_user,
                                    void *user) {
    (void)options, (void)progress, (void)progress_user, (void)write, (void)write_user, (void)user;
    CPLError(CE_Warning, CPLE_AppDefined,
             "the file refers to '%.200s', which zonefold does not fetch: it reads files only", url);
    CPLHTTPResult *result = CPLCalloc(1, sizeof *result);
    result->nStatus = 1;
    result->pszErrBuf = CPLStrdup("there is no network");
    return result;
}

void zf_gdal_confine(void) {
    const char *temporary = getenv("TMPDIR");
    zf_sqlite_guard_install();
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        CPLSetConfigOption(settings[i].name, settings[i].value);
    CPLSetConfigOption("CPL_TMPDIR", temporary && *temporary ? temporary : "/tmp");
    CPLHTTPSetFetchCallback(fetch_nothing, NULL);
    OSRSetPROJEnableNetwork(FALSE);
}

/* ---- file systems ---- */

static void *open_nothing(void *user, const char *path, const char *access) {
    (void)user, (void)path, (void)access;
    return NULL;
}

static int find_nothing(void *user, const char *path, VSIStatBufL *out, int flags) {
    (void)user, (void)path, (void)out, (void)flags;
    return -1;
}

static bool is_kept(const char *prefix) {
    for (const char *const *system = local_systems; *system; system++)
        if (strcmp(prefix, *system) == 0)
            return true;
    return strcmp(prefix, part_of_file) == 0;
}

/* GDAL copies the callbacks and keeps a handler until the end of the process. */
void zf_gdal_confine_file_systems(void) {
    char **prefixes = VSIGetFileSystemsPrefixes();
    VSIFilesystemPluginCallbacksStruct *nothing = VSIAllocFilesystemPluginCallbacksStruct();
    nothing->open = open_nothing;
    nothing->stat = find_nothing;
    for (char **prefix = prefixes; prefix && *prefix; prefix++)
        if (strncmp(*prefix, "/vsi", 4) == 0 && !is_kept(*prefix))
            (void)VSIInstallPluginHandler(*prefix, nothing);
    VSIFreeFilesystemPluginCallbacksStruct(nothing);
    CSLDestroy(prefixes);
}
