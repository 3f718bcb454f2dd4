/* SPDX-License-Identifier: MIT */
/* Describes the open layer: fields, geometry type, CRS, extent, files. */
#include "os/archive_path.h"
#include "source/source_internal.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <math.h>
#include <ogr_srs_api.h>
#include <stdlib.h>
#include <string.h>

const zf_source_info *zf_source_get_info(const zf_source *source) {
    return &source->info;
}

int zf_source_field_by_name(const zf_source *source, const char *name) {
    for (size_t i = 0; i < source->info.n_fields; i++)
        if (strcmp(source->fields[i].name, name) == 0)
            return (int)i;
    for (size_t i = 0; i < source->info.n_fields; i++)
        if (zf_string_equal_nocase(source->fields[i].name, name))
            return (int)i;
    return -1;
}

/* The type of a field; UNSUPPORTED for lists and other types that are not read. */
static zf_field_type field_type(OGRFieldType type, OGRFieldSubType subtype) {
    switch (type) {
    case OFTInteger:
        return subtype == OFSTBoolean ? ZF_FIELD_BOOLEAN : ZF_FIELD_INTEGER;
    case OFTInteger64:
        return ZF_FIELD_INTEGER;
    case OFTReal:
        return ZF_FIELD_REAL;
    case OFTString:
        return ZF_FIELD_TEXT;
    case OFTDate:
        return ZF_FIELD_DATE;
    case OFTTime:
        return ZF_FIELD_TIME;
    case OFTDateTime:
        return ZF_FIELD_DATETIME;
    case OFTBinary:
        return ZF_FIELD_BLOB;
    default:
        return ZF_FIELD_UNSUPPORTED;
    }
}

static zf_status describe_fields(zf_source *source, zf_error *error) {
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(source->layer);
    size_t n = (size_t)OGR_FD_GetFieldCount(definition);
    source->fields = calloc(n + 1, sizeof *source->fields);
    source->subtypes = calloc(n + 1, sizeof *source->subtypes);
    source->findings.items = calloc(n * ZF_FINDING_KINDS + 1, sizeof *source->findings.items);
    source->stored.classes = calloc(n + 1, sizeof *source->stored.classes);
    source->stored.is_known = calloc(n + 1, sizeof *source->stored.is_known);
    if (!source->fields || !source->subtypes || !source->findings.items || !source->stored.classes ||
        !source->stored.is_known)
        return zf_error_memory(error, n * sizeof *source->fields, "the list of fields");
    for (size_t i = 0; i < n; i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, (int)i);
        source->subtypes[i] = OGR_Fld_GetSubType(field);
        source->fields[i].name = OGR_Fld_GetNameRef(field);
        source->fields[i].type = field_type(OGR_Fld_GetType(field), source->subtypes[i]);
    }
    source->info.fields = source->fields;
    source->info.n_fields = n;
    return ZF_OK;
}

/* False if the layer type excludes polygons. */
static bool may_hold_polygons(OGRwkbGeometryType type) {
    switch (OGR_GT_Flatten(type)) {
    case wkbUnknown:
    case wkbPolygon:
    case wkbMultiPolygon:
    case wkbCurvePolygon:
    case wkbMultiSurface:
    case wkbSurface:
    case wkbGeometryCollection:
        return true;
    default:
        return false;
    }
}

/* False if the layer type excludes points and lines. */
static bool may_hold_paths(OGRwkbGeometryType type) {
    switch (OGR_GT_Flatten(type)) {
    case wkbUnknown:
    case wkbGeometryCollection:
        return true;
    default:
        return !may_hold_polygons(type);
    }
}

/* The type of important_building's geometries: lines are written as multi-geometries, since files of lines
 * hold both. */
static const char *building_type(OGRwkbGeometryType type) {
    switch (OGR_GT_Flatten(type)) {
    case wkbPoint:
        return "POINT";
    case wkbMultiPoint:
        return "MULTIPOINT";
    case wkbLineString:
    case wkbMultiLineString:
    case wkbCircularString:
    case wkbCompoundCurve:
    case wkbMultiCurve:
    case wkbCurve:
        return "MULTILINESTRING";
    default:
        return "MULTIPOLYGON";
    }
}

static void describe_geometry(zf_source *source) {
    zf_source_info *info = &source->info;
    OGRwkbGeometryType type = OGR_L_GetGeomType(source->layer);
    info->has_geometry = type != wkbNone && OGR_FD_GetGeomFieldCount(OGR_L_GetLayerDefn(source->layer)) > 0;
    info->geometry_type = info->has_geometry ? OGRGeometryTypeToName(type) : "None";
    info->may_hold_polygons = info->has_geometry && may_hold_polygons(type);
    info->may_hold_paths = info->has_geometry && may_hold_paths(type);
    info->building_type = building_type(type);
    info->has_spatial_index = info->has_geometry && OGR_L_TestCapability(source->layer, OLCFastSpatialFilter);
}

/* The CRS that stand for an unknown one: GDAL gives such names to srs_id -1 (Cartesian), 0 (geographic) and
 * 99999 of a GeoPackage. */
static const char *const undefined_crs[] = {"Undefined Cartesian", "Undefined geographic SRS",
                                            "Undefined SRS",
                                            "Undefined geographic coordinate reference system"};

/* True if the name begins with one of the undefined CRS. */
static bool is_undefined(const char *name) {
    for (size_t i = 0; name && i < sizeof undefined_crs / sizeof *undefined_crs; i++)
        if (strncasecmp(name, undefined_crs[i], strlen(undefined_crs[i])) == 0)
            return true;
    return false;
}

/* Exports the CRS as WKT2; crs_wkt stays NULL if the file does not declare a CRS. The undefined Cartesian one
 * is a statement of its own. The undefined geographic one is not: GDAL wrote it for layers without CRS up to
 * 3.8, whatever their coordinates. */
static void describe_crs(zf_source *source) {
    OGRSpatialReferenceH crs = source->info.has_geometry ? OGR_L_GetSpatialRef(source->layer) : NULL;
    const char *name = crs ? OSRGetName(crs) : NULL;
    if (!crs)
        return;
    if (is_undefined(name)) {
        source->info.is_cartesian = strncasecmp(name, undefined_crs[0], strlen(undefined_crs[0])) == 0;
        return;
    }
    static const char *const options[] = {"FORMAT=WKT2_2019", "MULTILINE=NO", NULL};
    char *wkt = NULL;
    if (OSRExportToWktEx(crs, &wkt, options) == OGRERR_NONE && wkt && *wkt) {
        source->crs_wkt = wkt;
        source->info.crs_wkt = wkt;
    } else {
        CPLFree(wkt);
    }
}

/* Reads the stored extent, if it is plausible. */
static void describe_extent(zf_source *source) {
    zf_source_info *info = &source->info;
    OGREnvelope e = {0};
    info->extent = zf_envelope_empty();
    if (!info->has_geometry || info->n_features == 0 ||
        OGR_L_GetExtent(source->layer, &e, FALSE) != OGRERR_NONE)
        return;
    info->has_extent = isfinite(e.MinX) && isfinite(e.MinY) && isfinite(e.MaxX) && isfinite(e.MaxY) &&
                       e.MinX <= e.MaxX && e.MinY <= e.MaxY;
    if (info->has_extent)
        info->extent = (zf_envelope){e.MinX, e.MinY, e.MaxX, e.MaxY};
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Leaves the regular files in the list, sorted, and sums up their sizes. The list remains one for CSLDestroy.
 */
static void keep_regular_files(zf_source *source, char **files) {
    size_t n = 0;
    for (size_t i = 0; files && files[i]; i++) {
        int64_t n_bytes = zf_path_file_bytes(files[i]);
        if (n_bytes < 0) {
            CPLFree(files[i]);
            continue;
        }
        source->info.file_bytes += (uint64_t)n_bytes;
        files[n++] = files[i];
    }
    if (files)
        files[n] = NULL;
    if (n > 1)
        qsort(files, n, sizeof *files, by_name);
    source->files = files;
    source->n_files = n;
}

/* The archive stands for all that is read in it. */
static void replace_by_archive(zf_source *source) {
    zf_archive_path parts;
    if (!zf_archive_path_split(source->open_path, &parts))
        return;
    char *archive = CPLStrdup(source->open_path + parts.archive_from);
    archive[parts.n_archive] = '\0';
    CSLDestroy(source->files);
    source->files = CSLAddString(NULL, archive);
    source->n_files = 1;
    CPLFree(archive);
}

/* The files to hash. GDAL's list can include directories and files that do not exist. */
static void describe_files(zf_source *source) {
    char **files = GDALGetFileList(source->dataset);
    if (CSLCount((CSLConstList)files) == 0)
        files = CSLAddString(files, source->open_path);
    zf_add_companions(source->info.driver, &files);
    keep_regular_files(source, files);
    replace_by_archive(source);
}

zf_status zf_source_describe(zf_source *source, zf_error *error) {
    zf_source_info *info = &source->info;
    info->path = source->path;
    info->layer = OGR_L_GetName(source->layer);
    info->driver = GDALGetDriverShortName(GDALGetDatasetDriver(source->dataset));
    info->fid_column = OGR_L_GetFIDColumn(source->layer);
    if (strcmp(info->driver, "ESRI Shapefile") == 0)
        info->encoding = GDALGetMetadataItem(source->layer, "SOURCE_ENCODING", "SHAPEFILE");
    zf_status st = describe_fields(source, error);
    if (st != ZF_OK)
        return st;
    describe_geometry(source);
    describe_crs(source);
    info->n_features = OGR_L_GetFeatureCount(source->layer, FALSE);
    describe_extent(source);
    describe_files(source);
    return ZF_OK;
}

void zf_source_undescribe(zf_source *source) {
    for (size_t i = 0; i < source->info.n_notes; i++)
        free((char *)(uintptr_t)source->info.notes[i]);
    source->info.n_notes = 0;
    CPLFree(source->crs_wkt);
    CSLDestroy(source->files);
    free(source->fields);
    free(source->subtypes);
    free(source->findings.items);
    free(source->stored.classes);
    free(source->stored.is_known);
    source->stored = (zf_stored_types){0};
    source->crs_wkt = NULL;
    source->files = NULL;
    source->fields = NULL;
    source->subtypes = NULL;
    source->findings.items = NULL;
    source->info = (zf_source_info){0};
}

zf_status zf_source_files(zf_source *source, const char *const **out_files, size_t *out_n, zf_error *error) {
    (void)error;
    *out_files = (const char *const *)source->files;
    *out_n = source->n_files;
    return ZF_OK;
}

bool zf_source_query_integer(const zf_source *source, const char *sql, int64_t *out) {
    zf_trap trap;
    bool has = false;
    zf_trap_begin(&trap);
    OGRLayerH result = GDALDatasetExecuteSQL(source->dataset, sql, NULL, NULL);
    OGRFeatureH feature = result ? OGR_L_GetNextFeature(result) : NULL;
    if (feature) {
        has = OGR_F_IsFieldSetAndNotNull(feature, 0);
        *out = OGR_F_GetFieldAsInteger64(feature, 0);
        OGR_F_Destroy(feature);
    }
    if (result)
        GDALDatasetReleaseResultSet(source->dataset, result);
    zf_trap_end(&trap);
    return has;
}
