/* SPDX-License-Identifier: MIT */
#include "plan/inputs.h"
#include "os/file.h"
#include "os/thread.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Opens a layer, and checks that it may hold polygons, or, for buildings, geometries at all. */
static zf_status open_layer(const zf_source_options *source, const zf_callbacks *callbacks, zf_source **out,
                            zf_error *error) {
    zf_status st = zf_source_open(source, callbacks, out, error);
    if (st != ZF_OK)
        return st;
    const zf_source_info *info = zf_source_get_info(*out);
    bool is_zips = strcmp(source->option_name, "`zips`") == 0;
    if (!info->has_geometry || (is_zips && !info->may_hold_polygons)) {
        zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                     "the layer holds no polygons (its geometry type is %s)%s%s", info->geometry_type,
                     info->n_notes > 0 ? "; " : "", info->n_notes > 0 ? info->notes[0] : "");
        return zf_error_at(error, ZF_E_INPUT, info->path, info->layer, ZF_NO_FID);
    }
    if (!is_zips && (st = zf_source_find_kinds(*out, error)) != ZF_OK)
        return zf_error_at(error, st, info->path, info->layer, ZF_NO_FID);
    zf_log(callbacks, ZF_LOG_INFO, "%s: layer '%s' of '%s' (%s)", source->option_name, info->layer,
           source->path, info->driver);
    for (size_t i = 0; i < info->n_notes; i++)
        zf_log(callbacks, ZF_LOG_WARNING, "%s: %s", source->path, info->notes[i]);
    return ZF_OK;
}

static zf_status make_crs(const zf_source *source, const char *given, const char *option, zf_crs **out,
                          zf_error *error) {
    const zf_source_info *info = zf_source_get_info(source);
    zf_status st = zf_crs_create(given != NULL ? given : info->crs_wkt, out, error);
    if (st == ZF_OK)
        return ZF_OK;
    if (given != NULL) {
        if (st == ZF_E_INPUT) /* the option is wrong, not a file */
            st = ZF_E_USAGE;
        if (error != NULL)
            error->status = st;
        return zf_error_within(error, st, "%s", option);
    }
    zf_error_within(error, st, "the layer's own CRS cannot be used; say what it is with %s", option);
    return zf_error_at(error, st, info->path, info->layer, ZF_NO_FID);
}

static zf_status one_without_crs(const zf_inputs *in, bool zips_lack_it, zf_error *error) {
    const zf_source_info *lacks = zf_source_get_info(zips_lack_it ? in->zips : in->buildings);
    zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                 "the %s layer does not say what CRS its coordinates are in, while the %s layer does; say it "
                 "with %s (the other layer's can be corrected with %s)",
                 zips_lack_it ? "ZIP" : "building", zips_lack_it ? "building" : "ZIP",
                 zips_lack_it ? "`zips_crs`" : "`buildings_crs`",
                 zips_lack_it ? "`buildings_crs`" : "`zips_crs`");
    return zf_error_at(error, ZF_E_INPUT, lacks->path, lacks->layer, ZF_NO_FID);
}

static zf_status settle_crs(zf_inputs *in, const zf_run_options *options, zf_error *error) {
    bool zips_know = options->zips_crs != NULL || zf_source_get_info(in->zips)->crs_wkt != NULL;
    bool buildings_know =
        options->buildings_crs != NULL || zf_source_get_info(in->buildings)->crs_wkt != NULL;
    if (zips_know != buildings_know)
        return one_without_crs(in, !zips_know, error);
    if (!zips_know) {
        zf_status st = zf_crs_create_planar(&in->crs, error);
        return st == ZF_OK ? zf_crs_create_planar(&in->zips_crs, error) : st;
    }
    zf_status st = make_crs(in->buildings, options->buildings_crs, "`buildings_crs`", &in->crs, error);
    if (st == ZF_OK)
        st = make_crs(in->zips, options->zips_crs, "`zips_crs`", &in->zips_crs, error);
    if (st == ZF_OK)
        st = zf_transform_create(in->zips_crs, in->crs, &in->transform, error);
    return st;
}

static zf_status settle_measure(zf_inputs *in, const zf_run_options *options, zf_error *error) {
    in->is_geodesic = options->measure == ZF_MEASURE_GEODESIC ||
                      (options->measure == ZF_MEASURE_AUTO && zf_crs_get_info(in->crs)->is_geographic);
    return zf_metric_create(in->crs, in->is_geodesic, &in->metric, error);
}

static zf_status refuse_same(const char *option, const char *path, const char *what, zf_error *error) {
    zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                 "%s names %s, which would be lost; choose another file", option, what);
    return zf_error_at(error, ZF_E_USAGE, path, NULL, ZF_NO_FID);
}

/** What SQLite keeps beside a database is part of it: a result of such a name would be taken for that. */
static bool is_companion(const char *path, const char *input) {
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
    char name[PATH_MAX];
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        int n = snprintf(name, sizeof name, "%s%s", input, suffixes[i]);
        if (n > 0 && (size_t)n < sizeof name && zf_file_is_same(path, name))
            return true;
    }
    return false;
}

static zf_status check_companions(const zf_run_options *options, const char *input, const char *what,
                                  zf_error *error) {
    const char *const outputs[] = {options->output, options->trace};
    for (size_t i = 0; i < 2; i++)
        if (outputs[i] != NULL && is_companion(outputs[i], input)) {
            zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                         "%s has the name of a file that SQLite keeps beside %s, and would make that "
                         "unreadable; choose another name",
                         i == 0 ? "`output`" : "`trace`", what);
            return zf_error_at(error, ZF_E_USAGE, outputs[i], NULL, ZF_NO_FID);
        }
    return ZF_OK;
}

static zf_status check_against(const zf_run_options *options, const char *input, const char *what,
                               zf_error *error) {
    if (options->output != NULL && zf_file_is_same(options->output, input))
        return refuse_same("`output`", options->output, what, error);
    if (options->trace != NULL && zf_file_is_same(options->trace, input))
        return refuse_same("`trace`", options->trace, what, error);
    return check_companions(options, input, what, error);
}

/** Nothing may be written over what it is made from: not one file of a shapefile either. */
static zf_status check_files(const zf_run_options *options, zf_source *source, const char *what,
                             zf_error *error) {
    const char *const *files = NULL;
    size_t n = 0;
    zf_status st = zf_source_files(source, &files, &n, error);
    for (size_t i = 0; st == ZF_OK && i < n; i++)
        st = check_against(options, files[i], what, error);
    return st;
}

/** An existing timeline goes only with `overwrite`, as an existing result does. */
static zf_status check_trace(const zf_run_options *options, zf_error *error) {
    zf_file_info found;
    if (options->trace == NULL)
        return ZF_OK;
    if (options->output != NULL && zf_file_is_same(options->trace, options->output))
        return refuse_same("`trace`", options->trace, "the file of `output`", error);
    const char *slash = strrchr(options->trace, '/');
    char folder[PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - options->trace) : 0,
                   options->trace);
    if (folder[0] != '\0' && !zf_file_stat(folder, &found)) {
        zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_ZONEFOLD,
                     "the directory of `trace` does not exist; choose another place");
        return zf_error_at(error, ZF_E_OUTPUT, options->trace, NULL, ZF_NO_FID);
    }
    if (options->overwrite || !zf_file_stat(options->trace, &found) || found.kind != ZF_FILE_REGULAR)
        return ZF_OK;
    zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_ZONEFOLD,
                 "the file of `trace` exists; give another name, or `overwrite` to replace it");
    return zf_error_at(error, ZF_E_OUTPUT, options->trace, NULL, ZF_NO_FID);
}

/** GDAL, QGIS and spreadsheets go by the name: a SpatiaLite file called .gpkg or .csv opens in none of them.
 */
static zf_status check_name(const zf_run_options *options, zf_error *error) {
    static const char *const endings[] = {".gpkg", ".csv", ".xlsx", ".geojson", ".fgb", ".shp",     ".json",
                                          ".gml",  ".kml", ".tsv",  ".ods",     ".xls", ".parquet", ".gdb"};
    const char *ending = options->output != NULL ? strrchr(options->output, '.') : NULL;
    for (size_t i = 0; ending != NULL && i < sizeof endings / sizeof *endings; i++)
        if (zf_string_equal_nocase(ending, endings[i])) {
            zf_error_set(
                error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                "the result is a SpatiaLite file, which other programs do not open under a name ending "
                "in %s; let it end in .sqlite, and make a table of it a .csv, .xlsx, .gpkg, .geojson or "
                ".fgb with 'zonefold export'",
                endings[i]);
            return zf_error_at(error, ZF_E_USAGE, options->output, NULL, ZF_NO_FID);
        }
    return ZF_OK;
}

static zf_status check_outputs(const zf_run_options *options, zf_inputs *in, zf_error *error) {
    zf_status st = check_files(options, in->zips, "a file of `zips`", error);
    if (st == ZF_OK)
        st = check_files(options, in->buildings, "a file of `buildings`", error);
    return st == ZF_OK ? check_trace(options, error) : st;
}

/** Refuses a limit that is too little for any ZIP, before something small fails. */
static zf_status check_memory(const zf_run_options *options, zf_error *error) {
    size_t n_threads = options->n_threads > 0 ? options->n_threads : 1;
    zf_shares shares = zf_shares_divide(options->memory_bytes, n_threads);
    return zf_shares_fit_zone(&shares, n_threads, 0, error);
}

zf_status zf_inputs_open(const zf_run_options *options, const zf_callbacks *callbacks, zf_inputs *out,
                         zf_error *error) {
    *out = (zf_inputs){0};
    zf_status st = ZF_OK;
    if (options->zips == NULL || options->buildings == NULL)
        st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "%s is required",
                          options->zips == NULL ? "`zips`" : "`buildings`");
    if (st == ZF_OK)
        st = check_memory(options, error);
    if (st == ZF_OK)
        st = check_name(options, error);
    if (st == ZF_OK)
        st = open_layer(
            &(zf_source_options){.path = options->zips,
                                 .layer = options->zips_layer,
                                 .encoding = options->encoding,
                                 .option_name = "`zips`",
                                 .open_options = {options->zips_open_options, options->n_zips_open_options},
                                 .layer_encoding = options->zips_encoding},
            callbacks, &out->zips, error);
    if (st == ZF_OK)
        st = open_layer(&(zf_source_options){.path = options->buildings,
                                             .layer = options->buildings_layer,
                                             .encoding = options->encoding,
                                             .option_name = "`buildings`",
                                             .open_options = {options->buildings_open_options,
                                                              options->n_buildings_open_options},
                                             .layer_encoding = options->buildings_encoding},
                        callbacks, &out->buildings, error);
    if (st == ZF_OK)
        st = check_outputs(options, out, error);
    if (st == ZF_OK)
        st = settle_crs(out, options, error);
    if (st == ZF_OK)
        st = settle_measure(out, options, error);
    if (st != ZF_OK) {
        zf_inputs_close(out);
        return st;
    }
    zf_inputs_drop_negligible_transform(out, callbacks);
    zf_log(callbacks, ZF_LOG_INFO, "buildings are in %s; ZIPs are in %s%s", zf_crs_get_info(out->crs)->name,
           zf_crs_get_info(out->zips_crs)->name, out->transform != NULL ? " and will be transformed" : "");
    return ZF_OK;
}

/** Warns if the extents of the ZIPs (in the buildings' CRS) and of the buildings do not overlap. */
static void check_extents(const zf_inputs *inputs, const zf_envelope *zips, const zf_callbacks *callbacks) {
    const zf_source_info *info = zf_source_get_info(inputs->buildings);
    const zf_envelope *b = &info->extent;
    if (!info->has_extent || zf_envelope_is_empty(zips) || zf_envelope_meets(zips, b))
        return;
    zf_log(callbacks, ZF_LOG_WARNING,
           "the extents of the ZIPs and the buildings do not overlap: in %s the ZIPs span %.6g..%.6g, "
           "%.6g..%.6g and the buildings %.6g..%.6g, %.6g..%.6g; if a layer's CRS is not what its file says "
           "(ZIPs: %s), correct it with `zips_crs` or `buildings_crs`%s",
           zf_crs_get_info(inputs->crs)->name, zips->min_x, zips->max_x, zips->min_y, zips->max_y, b->min_x,
           b->max_x, b->min_y, b->max_y, zf_crs_get_info(inputs->zips_crs)->name,
           zf_envelope_meets_swapped(zips, b) ? ZF_AXES_SWAPPED : "");
}

void zf_inputs_warn_antimeridian(const zf_source_info *layer, uint64_t n, int64_t first,
                                 const zf_callbacks *callbacks) {
    if (n > 0)
        zf_log(callbacks, ZF_LOG_WARNING,
               "%s: layer '%s': %llu %s with an edge of more than 180 degrees of longitude (first: feature "
               "%lld), taken as reaching around the world: split at the antimeridian what crosses it, for "
               "example with ogr2ogr -wrapdateline",
               layer->path, layer->layer, (unsigned long long)n, n == 1 ? "feature" : "features",
               (long long)first);
}

/** Warns of carried fields in which the features of one ZIP differ. */
static void warn_of_differing(const zf_inputs *inputs, const zf_catalogue *catalogue,
                              const zf_callbacks *callbacks) {
    for (size_t k = 0; k < inputs->carried.n; k++) {
        const char *zip = NULL;
        const size_t n = zf_catalogue_differing(catalogue, k, &zip);
        if (n > 0)
            zf_log(callbacks, ZF_LOG_WARNING,
                   "`zip_fields` %s: the features of %zu ZIP%s have different values (first: ZIP '%s'); there it is "
                   "missing (NULL)",
                   zf_source_get_info(inputs->zips)->fields[inputs->carried.fields[k]].name, n, n == 1 ? "" : "s", zip);
    }
}

/** Warns of ZIPs that may not be where their coordinates say. */
static void warn_of_zips(const zf_inputs *inputs, const zf_catalogue *catalogue,
                         const zf_callbacks *callbacks) {
    zf_envelope extent = zf_catalogue_extent(catalogue);
    int64_t first = 0;
    uint64_t n_turned = zf_catalogue_features_crossing_antimeridian(catalogue, &first);
    check_extents(inputs, &extent, callbacks);
    warn_of_differing(inputs, catalogue, callbacks);
    zf_inputs_warn_antimeridian(zf_source_get_info(inputs->zips), n_turned, first, callbacks);
    if (inputs->transform != NULL && strstr(zf_transform_describe(inputs->transform), "Ballpark") != NULL)
        zf_log(callbacks, ZF_LOG_WARNING,
               "PROJ knows no exact way from the ZIPs' CRS to the buildings' and moves the ZIPs roughly, "
               "perhaps off by metres: %s",
               zf_transform_describe(inputs->transform));
}

/** Checks what the extents of both layers say about their CRS, as far as the buildings' extent is stored. */
static zf_status check_places(const zf_inputs *inputs, const zf_run_options *options,
                              const zf_catalogue *catalogue, const zf_callbacks *callbacks, zf_error *error) {
    zf_envelope zips = zf_catalogue_extent(catalogue);
    const zf_envelope *buildings = zf_inputs_buildings_extent(inputs);
    zf_status st = ZF_OK;
    if (buildings != NULL)
        st = zf_inputs_check_degrees(inputs, options, &zips, buildings, error);
    return st == ZF_OK ? zf_inputs_warn_areal_scale(inputs, options, catalogue, callbacks, error) : st;
}

static zf_status list_rejected(void *rejects, const zf_rejected *rejected, uint64_t ordinal,
                               zf_error *error) {
    return zf_rejects_append(rejects, rejected, ordinal, error);
}

/** Threads that nobody asked for make room for the largest ZIP. */
static zf_status fit_largest(const zf_run_options *options, zf_shares *shares, size_t *inout_threads,
                             uint32_t n_points, zf_error *error) {
    const bool has_queries = shares->has_queries, has_groups = shares->group_bytes > 0;
    while (options->n_threads == 0 && *inout_threads > 1 &&
           zf_shares_fit_zone(shares, *inout_threads, n_points, NULL) != ZF_OK) {
        *shares = zf_shares_divide(shares->limit_bytes, --*inout_threads);
        zf_shares_reserve(shares, has_queries, has_groups);
    }
    return zf_shares_fit_zone(shares, *inout_threads, n_points, error);
}

zf_status zf_inputs_load_zips(const zf_inputs *inputs, const zf_run_options *options, zf_shares *shares,
                              size_t *inout_threads, const zf_callbacks *callbacks, zf_rejects *rejects,
                              zf_budget *budget, zf_catalogue **out, zf_error *error) {
    uint32_t largest = 0;
    zf_catalogue_options wanted = {.n_threads = *inout_threads,
                                   .share_bytes = shares->store_bytes,
                                   .temp_dir = options->temp_dir,
                                   .zip_field = options->zip_field,
                                   .where = options->zip_where,
                                   .order_by = options->order_by,
                                   .combine = options->combine,
                                   .carried = inputs->carried,
                                   .on_invalid = options->on_invalid,
                                   .transform = inputs->transform,
                                   .metric = inputs->metric,
                                   .half_turn = zf_crs_half_turn(inputs->crs),
                                   .callbacks = callbacks,
                                   .reject = rejects != NULL ? list_rejected : NULL,
                                   .reject_user = rejects};
    zf_status st = zf_catalogue_load(inputs->zips, &wanted, budget, out, error);
    if (st != ZF_OK)
        return st;
    warn_of_zips(inputs, *out, callbacks);
    zf_inputs_warn_alike_ids(inputs, *out, callbacks);
    zf_inputs_warn_swapped(inputs, *out, callbacks);
    st = check_places(inputs, options, *out, callbacks, error);
    zf_log(callbacks, ZF_LOG_INFO, "%zu ZIPs of %llu features", zf_catalogue_count(*out),
           (unsigned long long)zf_catalogue_features_read(*out));
    (void)zf_catalogue_points(*out, &largest);
    if (st == ZF_OK)
        st = fit_largest(options, shares, inout_threads, largest, error);
    if (st != ZF_OK) {
        zf_catalogue_destroy(*out);
        *out = NULL;
    }
    return st;
}

size_t zf_inputs_threads(const zf_run_options *options) {
    if (options->n_threads > 0)
        return options->n_threads;
    size_t n = zf_processor_count();
    size_t n_most = zf_shares_most_threads(options->memory_bytes);
    return n < n_most ? n : n_most;
}

bool zf_inputs_may_filter(const zf_source_info *buildings) {
    static const char *const drivers[] = {"GPKG", "ESRI Shapefile", "FlatGeobuf"};
    bool has_own_fids = false;
    for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++)
        has_own_fids |= strcmp(buildings->driver, drivers[i]) == 0;
    return has_own_fids && buildings->has_spatial_index;
}

const zf_envelope *zf_inputs_buildings_extent(const zf_inputs *inputs) {
    const zf_source_info *info = zf_source_get_info(inputs->buildings);
    return info->has_extent ? &info->extent : NULL;
}

size_t zf_inputs_batch_rows(const zf_inputs *inputs, const zf_run_options *options, const zf_shares *shares,
                            size_t n_threads) {
    const zf_source_info *info = zf_source_get_info(inputs->buildings);
    uint64_t n = info->n_features > 0 ? (uint64_t)info->n_features : 1;
    return options->batch_size > 0 ? options->batch_size
                                   : zf_shares_batch_rows(shares, n_threads, info->file_bytes / n);
}

void zf_inputs_close(zf_inputs *inputs) {
    zf_metric_destroy(inputs->metric);
    zf_transform_destroy(inputs->transform);
    zf_crs_destroy(inputs->zips_crs);
    zf_crs_destroy(inputs->crs);
    zf_source_close(inputs->zips);
    zf_source_close(inputs->buildings);
    *inputs = (zf_inputs){0};
}
