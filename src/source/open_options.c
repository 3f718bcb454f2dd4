/* SPDX-License-Identifier: MIT */
/* How GDAL opens a file of each format, so that it writes nothing beside it and follows nothing out of it. */
#include "source/source_internal.h"

#include <cpl_minixml.h>
#include <cpl_string.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_INCLUDES = 32, MAX_TAB_BYTES = 1 << 20 };

static bool is_driver(GDALDriverH driver, const char *name) {
    return driver && strcmp(GDALGetDriverShortName(driver), name) == 0;
}

/* ---- SQLite ---- */

/* To read a database in WAL mode SQLite creates a -wal and a -shm beside it, unless it is told that nobody
 * writes. Nobody does where there is no -wal; zf_source_check_unchanged looks at that again. */
static bool is_immutable(const char *path, GDALDriverH driver) {
    return (is_driver(driver, "GPKG") || is_driver(driver, "SQLite")) && zf_path_is_in_wal_mode(path) &&
           !zf_path_has_companion(path, "-wal");
}

/* ---- GML ---- */

/* The names of the files that a schema includes, in document order, with repetitions. */
static void list_includes(const CPLXMLNode *node, char ***inout_names) {
    for (; node; node = node->psNext) {
        const char *colon = strchr(node->pszValue, ':');
        const char *name = colon ? colon + 1 : node->pszValue;
        const char *location = CPLGetXMLValue((CPLXMLNode *)(uintptr_t)node, "schemaLocation", NULL);
        if (node->eType == CXT_Element && strcmp(name, "include") == 0 && location)
            *inout_names = CSLAddString(*inout_names, location);
        list_includes(node->psChild, inout_names);
    }
}

static char **includes_of(const char *schema) {
    char **names = NULL;
    CPLXMLNode *tree = CPLParseXMLFile(schema);
    list_includes(tree, &names);
    CPLDestroyXMLNode(tree);
    return names;
}

static zf_status leaves_directory(const char *schema, const char *name, zf_error *error) {
    return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                        "its schema '%s' includes '%.200s', which is not a file of the same directory: "
                        "zonefold reads no file that was not named; copy it there and let the schema name it "
                        "without a path, or remove the schema",
                        CPLGetFilename(schema), name);
}

/* GDAL reads what the .xsd of a GML includes, and what that includes. All of it must lie beside it. */
zf_status zf_gml_schema_files(const char *path, char ***out, zf_error *error) {
    zf_status st = ZF_OK;
    char *schema = CPLStrdup(CPLResetExtension(path, "xsd"));
    *out = zf_path_file_bytes(schema) >= 0 ? CSLAddString(NULL, schema) : NULL;
    for (int i = 0; st == ZF_OK && i < CSLCount(*out); i++) {
        char **names = includes_of((*out)[i]);
        for (char **name = names; st == ZF_OK && name && *name; name++) {
            if (strncmp(*name, "http://", 7) == 0 || strncmp(*name, "https://", 8) == 0)
                continue; /* never fetched */
            if (strpbrk(*name, "/\\:") || CSLCount(*out) == MAX_INCLUDES) {
                st = leaves_directory((*out)[i], *name, error);
                break;
            }
            const char *file = CPLFormFilename(CPLGetPath(schema), *name, NULL);
            if (zf_path_file_bytes(file) >= 0 && CSLFindString(*out, file) < 0)
                *out = CSLAddString(*out, file);
        }
        CSLDestroy(names);
    }
    CPLFree(schema);
    return st;
}

/* ---- MapInfo ---- */

/* A .tab can be a view over other tables, or a list of tables, which it names by any path. */
static zf_status check_tab(const char *path, zf_error *error) {
    static const char *const words[] = {"create view", "open table", "isseamless"};
    char *text = calloc(1, MAX_TAB_BYTES + 1);
    VSILFILE *file = zf_string_equal_nocase(CPLGetExtension(path), "tab") ? VSIFOpenL(path, "rb") : NULL;
    zf_status st = text ? ZF_OK : zf_error_memory(error, MAX_TAB_BYTES, "the header of a table");
    size_t n = text && file ? VSIFReadL(text, 1, MAX_TAB_BYTES, file) : 0;
    for (size_t i = 0; i < n; i++)
        text[i] = text[i] == '\0' || text[i] == '\t' ? ' ' : text[i];
    for (size_t i = 0; st == ZF_OK && i < sizeof words / sizeof *words; i++)
        if (strcasestr(text, words[i]))
            st = zf_error_set(
                error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                "this table is a view or a list of other tables ('%s'), and zonefold reads no file "
                "that was not named; name one of those, or export it to a table of its own",
                words[i]);
    if (file)
        (void)VSIFCloseL(file);
    free(text);
    return st;
}

/* ---- all of them ---- */

static zf_status check_encoding(const char *encoding, zf_error *error) {
    zf_trap trap;
    zf_trap_begin(&trap);
    bool is_known = CPLCanRecode("a", encoding, "UTF-8");
    zf_trap_end(&trap);
    return is_known ? ZF_OK
                    : zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_OGR,
                                   "unknown `encoding` '%s'; use a name such as UTF-8, ISO-8859-1 or CP1252",
                                   encoding);
}

static zf_status add_gml_options(const char *path, char ***inout, zf_error *error) {
    zf_trap trap;
    char **files = NULL;
    zf_trap_begin(&trap);
    zf_status st = zf_gml_schema_files(path, &files, error);
    zf_trap_end(&trap);
    CSLDestroy(files);
    *inout = CSLSetNameValue(*inout, "DOWNLOAD_SCHEMA", "NO");
    *inout = CSLSetNameValue(*inout, "WRITE_GFS", "NO");
    return st;
}

/* ---- given by the user ---- */

/* Options that name other files, run SQL, or are zonefold's own business. */
static bool is_refused(const char *key) {
    static const char *const keys[] = {
        "XSD",         "GFS_TEMPLATE",      "WRITE_GFS",       "REGISTRY",
        "NOLOCK",      "IMMUTABLE",         "DOWNLOAD_SCHEMA", "PRELUDE_STATEMENTS",
        "CONFIG_FILE", "USE_SCHEMA_IMPORT", "PROFILE",         "SXF_RSC_FILENAME",
        "TEMPLATE"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (zf_string_equal_nocase(key, keys[i]))
            return true;
    return false;
}

/* The names of a driver's options, without those that are refused. */
static char **known_keys(GDALDriverH driver) {
    const char *xml = driver ? GDALGetMetadataItem(driver, GDAL_DMD_OPENOPTIONLIST, NULL) : NULL;
    CPLXMLNode *tree = xml ? CPLParseXMLString(xml) : NULL;
    char **keys = NULL;
    for (const CPLXMLNode *node = tree ? tree->psChild : NULL; node; node = node->psNext) {
        const char *name = CPLGetXMLValue((CPLXMLNode *)(uintptr_t)node, "name", "");
        if (strcmp(node->pszValue, "Option") == 0 && *name && !is_refused(name))
            keys = CSLAddString(keys, name);
    }
    CPLDestroyXMLNode(tree);
    return keys;
}

static zf_status unknown_key(const char *key, char **keys, GDALDriverH driver, zf_error *error) {
    zf_text names = {0};
    for (int i = 0; i < CSLCount(keys); i++)
        zf_text_append_format(&names, "%s%s", i > 0 ? ", " : "", keys[i]);
    zf_status st = zf_error_set(
        error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
        "the format %s has no open option '%.100s' that zonefold can pass on; it has: %s",
        driver ? GDALGetDriverShortName(driver) : "of the file", key, names.bytes ? names.bytes : "none");
    zf_text_deinit(&names);
    return st;
}

static zf_status add_given(const zf_open_option_list *given, GDALDriverH driver, char ***inout,
                           zf_error *error) {
    char **keys = given && given->n > 0 ? known_keys(driver) : NULL;
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && given && i < given->n; i++) {
        char *key = NULL;
        const char *value = CPLParseNameValue(given->items[i], &key);
        if (!value || !key || !*key)
            st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                              "the open option '%.100s' must be of the form KEY=VALUE", given->items[i]);
        else if (CSLFindString(keys, key) < 0)
            st = unknown_key(key, keys, driver, error);
        else
            *inout = CSLSetNameValue(*inout, key, value);
        CPLFree(key);
    }
    CSLDestroy(keys);
    return st;
}

zf_status zf_open_options(const char *path, GDALDriverH driver, const char *encoding,
                          const zf_open_option_list *given, char ***out, zf_error *error) {
    *out = NULL;
    zf_status st = add_given(given, driver, out, error);
    if (st == ZF_OK && is_driver(driver, "GML"))
        st = add_gml_options(path, out, error);
    else if (st == ZF_OK && is_driver(driver, "MapInfo File"))
        st = check_tab(path, error);
    if (is_immutable(path, driver))
        *out = CSLSetNameValue(*out, "IMMUTABLE", "YES");
    if (st == ZF_OK && encoding && is_driver(driver, "ESRI Shapefile")) {
        st = check_encoding(encoding, error);
        *out = CSLSetNameValue(*out, "ENCODING", encoding);
    }
    if (st != ZF_OK) {
        CSLDestroy(*out);
        *out = NULL;
    }
    return st;
}
