/* SPDX-License-Identifier: MIT */
/*
 * Files beside an input that shape what GDAL reads of it, and that GDAL does not list: the types of a CSV,
 * the schema of a GML. They are inputs as well: without them, the same run reads something else.
 */
#include "source/source_internal.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <stdio.h>
#include <string.h>

/* By driver; the driver takes only these cases of the letters. */
static const struct {
    const char *driver;
    const char *endings[8];
} companions[] = {
    {"CSV", {"csvt", "prj", NULL}},
    {"GML", {"gfs", "resolved.gml", NULL}},
    {"MapInfo File", {"dat", "dbf", "map", "id", "ind", "mid", NULL}},
    {"SXF", {"rsc", "RSC", NULL}},
};

enum { MAX_UPDATES = 1000 };

static void add(const char *path, char ***inout_files) {
    if (zf_path_file_bytes(path) >= 0 && CSLFindString(*inout_files, path) < 0)
        *inout_files = CSLAddString(*inout_files, path);
}

static void add_schema(const char *file, char ***inout_files) {
    zf_error ignored = ZF_ERROR_INIT; /* opening has checked the schema */
    char **schema = NULL;
    const zf_status st = zf_gml_schema_files(file, &schema, &ignored);
    for (int i = 0; st == ZF_OK && i < CSLCount(schema); i++)
        add(schema[i], inout_files);
    CSLDestroy(schema);
}

/* A chart a.000 is corrected by a.001, a.002 and so on. */
static void add_updates(const char *file, char ***inout_files) {
    char ending[12];
    for (int i = 1; i < MAX_UPDATES; i++) {
        (void)snprintf(ending, sizeof ending, "%03d", i);
        const int n = CSLCount(*inout_files);
        add(CPLResetExtension(file, ending), inout_files);
        if (CSLCount(*inout_files) == n)
            return;
    }
}

void zf_add_companions(const char *driver, char ***inout_files) {
    const int n = CSLCount(*inout_files);
    for (int f = 0; f < n; f++) {
        char *file = CPLStrdup((*inout_files)[f]);
        for (size_t i = 0; i < sizeof companions / sizeof *companions; i++)
            for (const char *const *ending = companions[i].endings;
                 strcmp(companions[i].driver, driver) == 0 && *ending; ending++)
                add(CPLResetExtension(file, *ending), inout_files);
        if (strcmp(driver, "GML") == 0)
            add_schema(file, inout_files);
        if (strcmp(driver, "S57") == 0)
            add_updates(file, inout_files);
        CPLFree(file);
    }
}
