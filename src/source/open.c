/* SPDX-License-Identifier: MIT */
#include "source/source_internal.h"

#include <cpl_string.h>
#include <cpl_vsi.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LAYERS_NAMED = 20 };

/* Formats that are named where they are refused. Others not: GDAL's driver of Interlis 2 follows the entities
 * of a file already to tell whether it is one. */
static const char *const refused_drivers[] = {"OGR_VRT", "WFS", "CSW", "GeoRSS", "NAS", "SVG", NULL};

static GDALDriverH identify(const char *path) {
    return GDALIdentifyDriverEx(path, GDAL_OF_VECTOR, zf_gdal_drivers(), NULL);
}

/* What a file is that is no vector file, by its first bytes, and what to do; NULL if they say nothing. */
static const char *other_content(const char *path) {
    static const struct {
        const char *bytes, *words;
        size_t n;
    } kinds[] = {
        {"\x1f\x8b", "it is compressed by gzip: unpack it, for example with gunzip", 2},
        {"BZh", "it is compressed by bzip2: unpack it, for example with bunzip2", 3},
        {"\xfd"
         "7zXZ",
         "it is compressed by xz: unpack it, for example with unxz", 5},
        {"7z\xbc\xaf", "it is a 7z archive: unpack it", 4},
        {"Rar!", "it is a RAR archive: unpack it", 4},
        {"\xff\xfe", "it is a text in UTF-16: convert it to UTF-8, for example with iconv", 2},
        {"\xfe\xff", "it is a text in UTF-16: convert it to UTF-8, for example with iconv", 2},
        {"%PDF", "it is a PDF document", 4},
        {"version https://git-lfs", "it stands for a file that is kept elsewhere (Git LFS): get that file",
         23},
        {"<!doctype html", "it is a web page, perhaps an error message: download the data again", 14},
        {"<html", "it is a web page, perhaps an error message: download the data again", 5}};
    char head[64] = "";
    VSILFILE *file = VSIFOpenL(path, "rb");
    const size_t n = file != NULL ? VSIFReadL(head, 1, sizeof head - 1, file) : 0;
    if (file != NULL)
        (void)VSIFCloseL(file);
    const size_t blanks = strspn(head, " \t\r\n");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (n >= blanks + kinds[i].n && strncasecmp(head + blanks, kinds[i].bytes, kinds[i].n) == 0)
            return kinds[i].words;
    return NULL;
}

/* What to do next depends on what lies beside the file, or does not. */
static zf_status known_format_error(const char *path, const char *driver, const char *words,
                                    zf_error *error) {
    const char *content = other_content(path);
    const char *advice = content != NULL ? content : "is it complete, and with all its side files?";
    if (zf_path_has_companion(path, "-journal"))
        advice = "a program is writing it, or died doing so, and its -journal lies beside it: open and close "
                 "the file once with the program that wrote it, which takes back what was half written";
    else if (strstr(words, "database is locked"))
        advice = "another program is writing it: wait until it has finished, or close it";
    else if (strstr(words, ".shx"))
        advice = "get all files of the shapefile, or have the .shx made anew (ogrinfo --config "
                 "SHAPE_RESTORE_SHX YES FILE)";
    return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OGR, "cannot open the file as %s: %s; %s", driver, words,
                        advice);
}

/* Why GDAL would not open something that exists. */
static zf_status open_error(const char *path, const zf_trap *trap, zf_error *error) {
    zf_trap quiet;
    zf_trap_begin(&quiet);
    GDALDriverH known = identify(path);
    GDALDriverH other = known ? NULL : GDALIdentifyDriverEx(path, GDAL_OF_VECTOR, refused_drivers, NULL);
    zf_trap_end(&quiet);
    if (known)
        return known_format_error(path, GDALGetDriverShortName(known), zf_trap_message(trap), error);
    if (other)
        return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OGR,
                            "zonefold does not read the format %s, which may lead to other files or to a "
                            "network; convert it to GeoPackage, for example with ogr2ogr",
                            GDALGetDriverShortName(other));
    if (zf_path_file_bytes(path) < 0)
        return zf_error_set(
            error, ZF_E_INPUT, ZF_DOMAIN_OGR,
            "this is a directory of files that are not read together; give the path of one of them");
    return zf_error_set(
        error, ZF_E_INPUT, ZF_DOMAIN_OGR, "not a vector file that GDAL %s can read; %s", zf_gdal_version(),
        other_content(path) != NULL ? other_content(path) : "is it complete, and with all its side files?");
}

/* GDAL's open options for a file. */
static zf_status find_options(const char *path, const char *encoding, const zf_open_option_list *given,
                              char ***out, zf_error *error) {
    zf_trap trap;
    zf_trap_begin(&trap);
    GDALDriverH driver = identify(path);
    zf_trap_end(&trap);
    return zf_open_options(path, driver, encoding, given, out, error);
}

/* The caller closes *out also on failure. The trap holds what GDAL had to say. */
static zf_status open_dataset(const char *path, CSLConstList options, GDALDatasetH *out, zf_trap *trap,
                              zf_error *error) {
    zf_trap_begin(trap);
    *out = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, zf_gdal_drivers(),
                      (const char *const *)options, NULL);
    int n_layers = *out ? GDALDatasetGetLayerCount(*out) : 0;
    zf_trap_end(trap);
    if (!*out)
        return open_error(path, trap, error);
    if (n_layers == 0)
        return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OGR, "the %s holds no vector layers",
                            zf_path_file_bytes(path) < 0 ? "directory" : "file");
    return ZF_OK;
}

/* SpatiaLite makes layers of metadata in every file with the full set of its tables. */
static bool is_metadata(const char *name) {
    return strncasecmp(name, "ISO_metadata", 12) == 0;
}

/* QGIS keeps styles and projects beside the data; nobody means them when a file has one layer. */
static bool is_housekeeping(const char *name) {
    return strcmp(name, "layer_styles") == 0 || strcmp(name, "qgis_projects") == 0 || is_metadata(name);
}

/* The layers of a file without those of metadata, unless it has no others. */
static int count_layers(GDALDatasetH dataset) {
    const int n = GDALDatasetGetLayerCount(dataset);
    int n_data = 0;
    for (int i = 0; i < n; i++)
        n_data += !is_metadata(OGR_L_GetName(GDALDatasetGetLayer(dataset, i)));
    return n_data > 0 ? n_data : n;
}

static void append_layer_names(zf_text *text, GDALDatasetH dataset) {
    const int n = GDALDatasetGetLayerCount(dataset), n_listed = count_layers(dataset);
    for (int i = 0, n_named = 0; i < n && n_named < MAX_LAYERS_NAMED; i++) {
        const char *name = OGR_L_GetName(GDALDatasetGetLayer(dataset, i));
        if (n_listed < n && is_metadata(name))
            continue;
        zf_text_append(text, n_named++ > 0 ? ", " : "");
        zf_text_append(text, name);
    }
    if (n_listed > MAX_LAYERS_NAMED)
        zf_text_append(text, ", ...");
}

static const char *nearest_layer(GDALDatasetH dataset, const char *name) {
    int n = GDALDatasetGetLayerCount(dataset);
    const char **names = calloc((size_t)n + 1, sizeof *names);
    if (!names)
        return NULL;
    for (int i = 0; i < n; i++)
        names[i] = OGR_L_GetName(GDALDatasetGetLayer(dataset, i));
    const char *nearest = zf_string_nearest(name, names, (size_t)n);
    free(names);
    return nearest;
}

static zf_status no_such_layer(GDALDatasetH dataset, const char *name, zf_error *error) {
    zf_text names = {0};
    append_layer_names(&names, dataset);
    const char *nearest = nearest_layer(dataset, name);
    zf_status st =
        zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "the file has no layer '%s'%s%s%s; it has: %s",
                     name, nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "",
                     names.bytes ? names.bytes : "");
    zf_text_deinit(&names);
    return st;
}

static zf_status choose_layer(const zf_source_options *options, GDALDatasetH dataset, zf_error *error) {
    zf_text names = {0};
    append_layer_names(&names, dataset);
    const char *option = options->option_name;
    zf_status st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "the file has %d layers: %s; choose one with %s%s", count_layers(dataset),
                                names.bytes ? names.bytes : "", option ? option : "a layer name",
                                option ? "-layer" : "");
    zf_text_deinit(&names);
    return st;
}

static OGRLayerH layer_by_name(GDALDatasetH dataset, const char *name) {
    int n = GDALDatasetGetLayerCount(dataset);
    OGRLayerH like = NULL;
    for (int i = 0; i < n; i++) {
        OGRLayerH layer = GDALDatasetGetLayer(dataset, i);
        if (strcmp(OGR_L_GetName(layer), name) == 0)
            return layer;
        if (!like && zf_string_equal_nocase(OGR_L_GetName(layer), name))
            like = layer;
    }
    return like;
}

static zf_status find_layer(const zf_source_options *options, GDALDatasetH dataset, OGRLayerH *out,
                            zf_error *error) {
    if (options->layer) {
        *out = layer_by_name(dataset, options->layer);
        return *out ? ZF_OK : no_such_layer(dataset, options->layer, error);
    }
    int n = GDALDatasetGetLayerCount(dataset);
    int n_data = 0;
    for (int i = 0; i < n; i++) {
        OGRLayerH layer = GDALDatasetGetLayer(dataset, i);
        if (n > 1 && is_housekeeping(OGR_L_GetName(layer)))
            continue;
        *out = layer;
        n_data++;
    }
    return n_data == 1 ? ZF_OK : choose_layer(options, dataset, error);
}

static void close_dataset(GDALDatasetH dataset) {
    zf_trap trap;
    zf_trap_begin(&trap);
    if (dataset)
        GDALClose(dataset);
    zf_trap_end(&trap);
}

/* Opens the file, finds the layer and describes it. */
static zf_status open_with_encoding(zf_source *source, const zf_source_options *options, const char *encoding,
                                    zf_error *error) {
    zf_trap trap;
    CSLDestroy(source->open_options);
    source->open_options = NULL;
    zf_status st =
        find_options(source->open_path, encoding, &options->open_options, &source->open_options, error);
    if (st == ZF_OK)
        st = open_dataset(source->open_path, source->open_options, &source->dataset, &trap, error);
    if (st != ZF_OK)
        return st;
    source->json.has_errors = trap.has_failed;
    zf_source_log_warnings(source, &trap);
    zf_trap_begin(&trap);
    st = find_layer(options, source->dataset, &source->layer, error);
    if (st == ZF_OK)
        st = zf_source_describe(source, error);
    zf_trap_end(&trap);
    if (st == ZF_OK) {
        zf_source_log_warnings(source, &trap);
        zf_source_describe_date(source);
    }
    return st;
}

/* Fails if GDAL does not know layer_encoding. */
static zf_status check_layer_encoding(const zf_source_options *options, zf_error *error) {
    zf_trap trap;
    zf_trap_begin(&trap);
    const bool is_known = !options->layer_encoding || CPLCanRecode("a", options->layer_encoding, "UTF-8");
    zf_trap_end(&trap);
    if (is_known)
        return ZF_OK;
    const char *name = options->option_name;
    return zf_error_set(
        error, ZF_E_USAGE, ZF_DOMAIN_OGR,
        "unknown encoding '%s' in %.*s_encoding`; use a name such as UTF-8, ISO-8859-1 or CP1252",
        options->layer_encoding, (int)strlen(name) - 1, name);
}

/* Opens the layer. `encoding` takes effect only if the shapefile does not have a usable .cpg. */
static zf_status open_layer(zf_source *source, const zf_source_options *options, zf_error *error) {
    zf_status st = check_layer_encoding(options, error);
    if (st == ZF_OK)
        st = open_with_encoding(source, options, options->layer_encoding, error);
    const bool is_shapefile = st == ZF_OK && strcmp(source->info.driver, "ESRI Shapefile") == 0;
    const char *given = options->layer_encoding;
    if (is_shapefile && options->encoding && !given && !zf_shapefile_has_usable_cpg(source)) {
        given = options->encoding;
        close_dataset(source->dataset);
        source->dataset = NULL;
        zf_source_undescribe(source);
        st = open_with_encoding(source, options, given, error);
    }
    if (st != ZF_OK)
        return st;
    zf_trap trap;
    zf_trap_begin(&trap);
    st = zf_source_check_side_files(source, error);
    if (st == ZF_OK && is_shapefile)
        zf_shapefile_check_encoding(source, given);
    zf_trap_end(&trap);
    if (st == ZF_OK)
        zf_source_log_warnings(source, &trap);
    return st;
}

/* What to open: the path itself, or of a .zip the one layer file in it. free() */
static zf_status resolve(const char *path, char **out, zf_error *error) {
    char *member = NULL;
    zf_status st = zf_path_check(path, out, error);
    if (st == ZF_OK)
        st = zf_archive_resolve(*out, &member, error);
    if (st == ZF_OK && member) {
        free(*out);
        *out = member;
    }
    return st;
}

zf_status zf_source_open(const zf_source_options *options, const zf_callbacks *callbacks, zf_source **out,
                         zf_error *error) {
    *out = NULL;
    zf_gdal_init();
    zf_source *source = calloc(1, sizeof *source);
    if (!source)
        return zf_error_memory(error, sizeof *source, "a source");
    if (callbacks)
        source->callbacks = *callbacks;
    source->wal_lock = -1;
    source->option_name = options->option_name;
    source->findings.are_kept = options->keeps_findings;
    zf_status st = resolve(options->path, &source->open_path, error);
    if (st == ZF_OK) {
        source->wal_lock = zf_path_lock_wal(source->open_path);
        source->path = zf_string_copy(options->path);
        const zf_callbacks *before = zf_source_begin_watch(source);
        st = source->path ? open_layer(source, options, error)
                          : zf_error_memory(error, strlen(options->path), "a path");
        st = zf_source_end_watch(source, before, st, error);
    }
    if (st != ZF_OK) {
        zf_source_close(source);
        return zf_error_at(error, st, options->path, NULL, ZF_NO_FID);
    }
    *out = source;
    return ZF_OK;
}

void zf_source_close(zf_source *source) {
    if (!source)
        return;
    zf_trap trap;
    zf_trap_begin(&trap);
    zf_arrow_stop(&source->reader);
    zf_trap_end(&trap);
    close_dataset(source->probe);
    close_dataset(source->dataset);
    CSLDestroy(source->open_options);
    zf_geojson_rewind(source);
    zf_geometry_text_rewind(source);
    zf_shapefile_close(source);
    zf_path_unlock_wal(source->wal_lock);
    zf_source_undescribe(source);
    free(source->reader.fields);
    free(source->reader.types);
    free(source->reader.plan.column_child);
    free(source->reader.plan.column_layout);
    free(source->path);
    free(source->open_path);
    free(source);
}

static zf_status copy_layer_names(GDALDatasetH dataset, zf_layer_list *out, zf_error *error) {
    const int n = GDALDatasetGetLayerCount(dataset), n_listed = count_layers(dataset);
    out->names = calloc((size_t)n, sizeof *out->names);
    if (!out->names)
        return zf_error_memory(error, (size_t)n * sizeof *out->names, "names of layers");
    for (int i = 0; i < n; i++) {
        const char *name = OGR_L_GetName(GDALDatasetGetLayer(dataset, i));
        if (n_listed < n && is_metadata(name))
            continue;
        out->names[out->n] = zf_string_copy(name);
        if (!out->names[out->n])
            return zf_error_memory(error, strlen(name), "the name of a layer");
        out->n++;
    }
    return ZF_OK;
}

zf_status zf_source_list_layers(const char *path, zf_open_option_list open_options, zf_layer_list *out,
                                zf_error *error) {
    *out = (zf_layer_list){0};
    zf_gdal_init();
    char *open_path = NULL, **options = NULL;
    GDALDatasetH dataset = NULL;
    zf_trap trap;
    zf_status st = resolve(path, &open_path, error);
    int wal_lock = st == ZF_OK ? zf_path_lock_wal(open_path) : -1;
    if (st == ZF_OK)
        st = find_options(open_path, NULL, &open_options, &options, error);
    if (st == ZF_OK)
        st = open_dataset(open_path, options, &dataset, &trap, error);
    if (st == ZF_OK)
        st = copy_layer_names(dataset, out, error);
    if (st != ZF_OK)
        zf_layer_list_deinit(out);
    close_dataset(dataset);
    CSLDestroy(options);
    zf_path_unlock_wal(wal_lock);
    free(open_path);
    return st == ZF_OK ? ZF_OK : zf_error_at(error, st, path, NULL, ZF_NO_FID);
}

void zf_layer_list_deinit(zf_layer_list *list) {
    for (size_t i = 0; i < list->n; i++)
        free(list->names[i]);
    free(list->names);
    *list = (zf_layer_list){0};
}
