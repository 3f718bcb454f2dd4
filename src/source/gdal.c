/* SPDX-License-Identifier: MIT */
/* Initialises GDAL and collects its messages. */
#include "os/thread.h"
#include "source/source_internal.h"

#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <stdio.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>

/* Creates GDAL's file systems before a test can, so that those which are replaced later count as no leak. */
__attribute__((constructor)) static void create_file_systems(void) {
    __lsan_disable();
    CSLDestroy(VSIGetFileSystemsPrefixes());
    __lsan_enable();
}
#endif

/* Drivers that read only files. Excluded are drivers that connect to servers, formats whose files can refer
 * to a server (OGR_VRT, GMLAS, WFS and OAPIF descriptions, HTTP), and Interlis 2, which Xerces reads with all
 * the external entities that a file names. */
static const char *const file_drivers[] = {
    "GPKG",    "ESRI Shapefile", "GeoJSON",    "GeoJSONSeq",  "ESRIJSON",     "TopoJSON",
    "JSONFG",  "FlatGeobuf",     "SQLite",     "OpenFileGDB", "MapInfo File", "GML",
    "KML",     "LIBKML",         "GPX",        "CSV",         "DXF",          "DGN",
    "Parquet", "Arrow",          "MapML",      "JML",         "OGR_GMT",      "Selafin",
    "VDV",     "LVBAG",          "S57",        "TIGER",       "AVCE00",       "UK .NTF",
    "SXF",     "Interlis 1",     "Geoconcept", "OSM",         "XLSX",         "ODS",
    NULL};

static zf_once init_once = ZF_ONCE_INIT;

/* Silences and confines GDAL, and registers its drivers. GDAL drops the file systems that are replaced: once
 * per process, which is no leak of ours, and their stacks are too short for a suppression by name. */
static void init(void) {
    /* Worker threads of a driver, such as GeoPackage's, do not inherit pushed handlers and would print to
     * stderr. A handler that the host program installed is left in place. */
    CPLErrorHandler before = CPLSetErrorHandler(CPLQuietErrorHandler);
    if (before && before != CPLDefaultErrorHandler)
        CPLSetErrorHandler(before);
#ifdef __SANITIZE_ADDRESS__
    __lsan_disable();
#endif
    zf_gdal_confine();
    GDALAllRegister();
    zf_gdal_confine_file_systems();
#ifdef __SANITIZE_ADDRESS__
    __lsan_enable();
#endif
}

void zf_gdal_init(void) {
    zf_once_run(&init_once, init);
}

const char *const *zf_gdal_drivers(void) {
    return file_drivers;
}

/* A copy, because GDAL's own text is valid only until the thread's next call. */
static char version[64];
static zf_once version_once = ZF_ONCE_INIT;

static void read_version(void) {
    (void)snprintf(version, sizeof version, "%s", GDALVersionInfo("RELEASE_NAME"));
}

const char *zf_gdal_version(void) {
    zf_once_run(&version_once, read_version);
    return version;
}

/* Copies a message as one line without trailing full stop. */
static void copy_line(char *out, const char *text) {
    (void)snprintf(out, ZF_TRAP_TEXT_BYTES, "%s", text);
    for (char *c = out; *c; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
    for (size_t n = strlen(out); n > 0 && (out[n - 1] == ' ' || out[n - 1] == '.'); n--)
        out[n - 1] = '\0';
}

/* Keeps a warning that is not yet among the few that are kept. */
static void keep_warning(zf_trap *trap, const char *text) {
    char line[ZF_TRAP_TEXT_BYTES];
    copy_line(line, text);
    for (size_t i = 0; i < trap->n_warnings; i++)
        if (strcmp(trap->warnings[i], line) == 0)
            return;
    if (trap->n_warnings < ZF_TRAP_WARNINGS)
        memcpy(trap->warnings[trap->n_warnings++], line, sizeof line);
}

/* The error handler: keeps the first error and the first few warnings. */
static void CPL_STDCALL on_gdal_error(CPLErr level, CPLErrorNum number, const char *text) {
    (void)number;
    zf_trap *trap = CPLGetErrorHandlerUserData();
    /* GDAL's SQLite driver knows the option, but not that it does */
    if (level == CE_Warning && !strstr(text, "does not support open option IMMUTABLE"))
        keep_warning(trap, text);
    if (level < CE_Failure || trap->has_failed)
        return;
    if (trap->ignores_unreadable && strcmp(text, "Unable to read geometry") == 0)
        return;
    trap->has_failed = true;
    copy_line(trap->failure, text);
}

void zf_trap_begin(zf_trap *trap) {
    trap->has_failed = trap->ignores_unreadable = false;
    trap->failure[0] = '\0';
    trap->n_warnings = 0;
    CPLPushErrorHandlerEx(on_gdal_error, trap);
}

void zf_trap_end(zf_trap *trap) {
    (void)trap;
    CPLPopErrorHandler();
}

const char *zf_trap_message(const zf_trap *trap) {
    return trap->failure[0] ? trap->failure : "GDAL gives no reason";
}
