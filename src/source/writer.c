/* SPDX-License-Identifier: MIT */
/* One layer through OGR's writers. */
#include "source/writer.h"
#include "source/source_internal.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <inttypes.h>
#include <ogr_srs_api.h>
#include <stdlib.h>
#include <string.h>

/* A sheet of Excel has 1,048,576 rows, one of which holds the headings. */
static const zf_writer_format formats[] = {{".csv", "CSV", false, false, 0, 0},
                                           {".xlsx", "XLSX", false, false, 1048575, 32767},
                                           {".gpkg", "GPKG", true, false, 0, 0},
                                           {".geojson", "GeoJSON", true, false, 0, 0},
                                           {".fgb", "FlatGeobuf", true, true, 0, 0}};
enum { N_FORMATS = sizeof formats / sizeof *formats, DIGITS_OF_INTEGERS = 20 };

struct zf_writer {
    const zf_writer_format *format;
    char *path;      /**< where the file is to be */
    char *work_path; /**< where the driver writes it */
    GDALDatasetH dataset;
    OGRLayerH layer;
    bool has_geometry;
    size_t n_columns;
    uint64_t n_rows;
    zf_text text; /**< of one value */
};

const zf_writer_format *zf_writer_format_of(const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const size_t n = strlen(name);
    for (size_t i = 0; i < N_FORMATS; i++) {
        const size_t n_ending = strlen(formats[i].ending);
        if (n > n_ending && zf_string_equal_nocase(name + n - n_ending, formats[i].ending))
            return &formats[i];
    }
    return NULL;
}

void zf_writer_append_endings(zf_text *out) {
    for (size_t i = 0; i < N_FORMATS; i++)
        zf_text_append_format(out, "%s%s",
                              i == 0               ? ""
                              : i + 1 == N_FORMATS ? " or "
                                                   : ", ",
                              formats[i].ending);
}

/* ---- settings ---- */

/* Of this thread while a writer works: the same bytes on every day, no journal of a file that is thrown away
 * if it is not finished, no second connection for GeoPackage's spatial index. */
static const char *const settings[][2] = {{"OGR_CURRENT_DATE", "2000-01-01T00:00:00.000Z"},
                                          {"OGR_SQLITE_JOURNAL", "OFF"},
                                          {"OGR_SQLITE_SYNCHRONOUS", "OFF"},
                                          {"OGR_XLSX_HEADERS", "FORCE"},
                                          {"OGR_GPKG_ALLOW_THREADED_RTREE", "NO"}};

static void set_for_thread(bool is_on) {
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        CPLSetThreadLocalConfigOption(settings[i][0], is_on ? settings[i][1] : NULL);
}

static void begin(zf_trap *trap) {
    set_for_thread(true);
    zf_trap_begin(trap);
}

static void end(zf_trap *trap) {
    zf_trap_end(trap);
    set_for_thread(false);
}

static zf_status cannot_write(const zf_writer *writer, const zf_trap *trap, zf_error *error) {
    return zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OGR, "cannot write the %s file: %s",
                        writer->format->driver, zf_trap_message(trap));
}

/* ---- the layer ---- */

/* NULL: there is no CRS, or OGR does not read it. x stays before y. */
static OGRSpatialReferenceH crs_of(const zf_writer_crs *crs) {
    OGRSpatialReferenceH reference = NULL;
    if (crs->epsg <= 0 && (crs->wkt == NULL || *crs->wkt == '\0'))
        return NULL;
    reference = OSRNewSpatialReference(crs->epsg > 0 ? NULL : crs->wkt);
    if (reference != NULL && crs->epsg > 0 && OSRImportFromEPSG(reference, (int)crs->epsg) != OGRERR_NONE) {
        OSRDestroySpatialReference(reference);
        return NULL;
    }
    if (reference != NULL)
        OSRSetAxisMappingStrategy(reference, OAMS_TRADITIONAL_GIS_ORDER);
    return reference;
}

static OGRwkbGeometryType type_of(const zf_writer_options *options) {
    const unsigned flat = options->geometry_type % 1000, dimensions = options->geometry_type / 1000;
    if (options->geometry_name == NULL || !options->format->has_geometry)
        return wkbNone;
    OGRwkbGeometryType type = flat >= 1 && flat <= 7 ? (OGRwkbGeometryType)flat : wkbUnknown;
    if (dimensions == 1 || dimensions == 3)
        type = OGR_GT_SetZ(type);
    if (dimensions == 2 || dimensions == 3)
        type = OGR_GT_SetM(type);
    return type;
}

static char **layer_options(const zf_writer_options *options) {
    char **list = NULL;
    const char *driver = options->format->driver;
    if (strcmp(driver, "CSV") == 0)
        list = CSLSetNameValue(list, "STRING_QUOTING", "IF_AMBIGUOUS");
    if (strcmp(driver, "GeoJSON") == 0)
        list = CSLSetNameValue(list, "RFC7946", "YES");
    if (strcmp(driver, "GPKG") == 0) {
        list = CSLSetNameValue(list, "FID", options->fid_name);
        if (options->geometry_name != NULL)
            list = CSLSetNameValue(list, "GEOMETRY_NAME", options->geometry_name);
    }
    return list;
}

/* GDAL's CSV driver puts integers between quotes, as if they were texts, but not real numbers without
 * decimals. */
static OGRFieldDefnH create_field(const zf_writer_options *options, size_t i) {
    const zf_column *column = &options->columns[i];
    const bool is_exact = options->is_exact != NULL && options->is_exact[i];
    const OGRFieldType type = column->type == ZF_FIELD_REAL      ? OFTReal
                              : column->type != ZF_FIELD_INTEGER ? OFTString
                              : is_exact                         ? OFTReal
                                                                 : OFTInteger64;
    OGRFieldDefnH field = OGR_Fld_Create(column->name, type);
    if (is_exact && type == OFTReal)
        OGR_Fld_Set(field, column->name, OFTReal, DIGITS_OF_INTEGERS, 0, OJUndefined);
    return field;
}

static bool create_fields(zf_writer *writer, const zf_writer_options *options) {
    bool is_good = true;
    for (size_t i = 0; is_good && i < options->n_columns; i++) {
        OGRFieldDefnH field = create_field(options, i);
        is_good = OGR_L_CreateField(writer->layer, field, FALSE) == OGRERR_NONE;
        OGR_Fld_Destroy(field);
    }
    return is_good;
}

static bool create_layer(zf_writer *writer, const zf_writer_options *options) {
    OGRSpatialReferenceH crs = crs_of(&options->crs);
    char **list = layer_options(options);
    writer->layer = GDALDatasetCreateLayer(writer->dataset, options->layer, crs, type_of(options), list);
    CSLDestroy(list);
    if (crs != NULL)
        OSRRelease(crs);
    return writer->layer != NULL && create_fields(writer, options) &&
           (!GDALDatasetTestCapability(writer->dataset, ODsCTransactions) ||
            GDALDatasetStartTransaction(writer->dataset, FALSE) == OGRERR_NONE);
}

/* GDAL's driver of XLSX takes any ".zip" or ".xlsx" in the names of directories for an archive, and has all
 * rows in memory anyway. free(). */
static char *work_path_of(const zf_writer_options *options, const zf_writer *writer) {
    char *path = NULL;
    if (strcmp(options->format->driver, "XLSX") != 0)
        return zf_string_copy(options->path);
    return asprintf(&path, "/vsimem/zonefold-%p.xlsx", (const void *)writer) < 0 ? NULL : path;
}

zf_status zf_writer_open(const zf_writer_options *options, zf_writer **out, zf_error *error) {
    zf_trap trap;
    *out = NULL;
    zf_gdal_init();
    GDALDriverH driver = GDALGetDriverByName(options->format->driver);
    if (driver == NULL || GDALGetMetadataItem(driver, GDAL_DCAP_CREATE, NULL) == NULL)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_OGR, "this GDAL (%s) cannot write the format %s",
                            zf_gdal_version(), options->format->driver);
    zf_writer *writer = calloc(1, sizeof *writer);
    if (writer != NULL)
        *writer = (zf_writer){.format = options->format,
                              .path = zf_string_copy(options->path),
                              .has_geometry = type_of(options) != wkbNone,
                              .n_columns = options->n_columns};
    if (writer != NULL)
        writer->work_path = work_path_of(options, writer);
    if (writer == NULL || writer->path == NULL || writer->work_path == NULL) {
        zf_writer_close(writer);
        return zf_error_memory(error, sizeof *writer, "a file to write");
    }
    begin(&trap);
    writer->dataset = GDALCreate(driver, writer->work_path, 0, 0, 0, GDT_Unknown, NULL);
    const bool is_good = writer->dataset != NULL && create_layer(writer, options);
    end(&trap);
    zf_status status = is_good && !trap.has_failed ? ZF_OK : cannot_write(writer, &trap, error);
    if (status == ZF_OK)
        *out = writer;
    else
        zf_writer_close(writer);
    return status;
}

/* ---- a row ---- */

/* Bytes that are not UTF-8 become '?'; so do, for XLSX, control characters, which XML cannot hold. */
static void append_clean(const zf_writer *writer, zf_text *out, zf_bytes bytes) {
    const char *from = (const char *)bytes.bytes;
    const bool is_xml = writer->format->max_length > 0;
    for (size_t i = 0; i < bytes.n;) {
        const size_t n = zf_utf8_bytes(from + i, bytes.n - i);
        const unsigned char first = bytes.bytes[i];
        const bool is_control = first == 0 || (is_xml && first < 0x20 && !strchr("\t\n\r", first));
        zf_text_append_n(out, n == 0 || is_control ? "?" : from + i, n == 0 ? 1 : n);
        i += n == 0 ? 1 : n;
    }
}

static void append_hex(zf_text *out, zf_bytes bytes) {
    for (size_t i = 0; i < bytes.n; i++)
        zf_text_append_format(out, "%02x", bytes.bytes[i]);
}

/* A value of a text column, in the writer's text. */
static zf_status make_text(zf_writer *writer, const zf_value *value, zf_error *error) {
    zf_text *text = &writer->text;
    text->n = 0;
    zf_text_append(text, "");
    if (value->kind == ZF_VALUE_TEXT)
        append_clean(writer, text, value->as.bytes);
    else if (value->kind == ZF_VALUE_INTEGER)
        zf_text_append_format(text, "%" PRId64, value->as.integer);
    else if (value->kind == ZF_VALUE_REAL)
        zf_text_append_json_number(text, value->as.real);
    else
        append_hex(text, value->as.bytes);
    if (text->is_failed)
        return zf_error_memory(error, value->kind == ZF_VALUE_TEXT ? value->as.bytes.n : 0,
                               "a text to write");
    const uint64_t most = writer->format->max_length;
    if (most > 0 && zf_utf8_count(text->bytes, text->n) > most)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "a text of row %" PRIu64 " has %zu characters, and a cell of %s holds %" PRIu64
                            "; write another format",
                            writer->n_rows + 1, zf_utf8_count(text->bytes, text->n), writer->format->driver,
                            most);
    return ZF_OK;
}

/* A value that has not the type of its column. */
static zf_status does_not_fit(const zf_writer *writer, OGRFieldDefnH field, zf_error *error) {
    return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                        "the column %.200s of row %" PRIu64
                        " holds a value that is no %s, as the column says; leave the column out",
                        OGR_Fld_GetNameRef(field), writer->n_rows + 1,
                        OGR_Fld_GetType(field) == OFTReal ? "number" : "whole number");
}

static zf_status set_field(zf_writer *writer, OGRFeatureH feature, int i, const zf_value *value,
                           zf_error *error) {
    OGRFieldDefnH field = OGR_F_GetFieldDefnRef(feature, i);
    const OGRFieldType type = OGR_Fld_GetType(field);
    const bool is_number = value->kind == ZF_VALUE_INTEGER || value->kind == ZF_VALUE_REAL;
    if (value->kind == ZF_VALUE_NULL) {
        OGR_F_SetFieldNull(feature, i);
    } else if (type == OFTString) {
        zf_status status = make_text(writer, value, error);
        if (status != ZF_OK)
            return status;
        OGR_F_SetFieldString(feature, i, writer->text.bytes);
    } else if (type == OFTReal && is_number) {
        OGR_F_SetFieldDouble(feature, i, zf_value_number(value));
    } else if (type == OFTInteger64 && value->kind == ZF_VALUE_INTEGER) {
        OGR_F_SetFieldInteger64(feature, i, value->as.integer);
    } else {
        return does_not_fit(writer, field, error);
    }
    return ZF_OK;
}

/* NULL where OGR does not read it. */
static OGRGeometryH geometry_of(zf_bytes wkb) {
    OGRGeometryH geometry = NULL;
    if (wkb.n > INT32_MAX || OGR_G_CreateFromWkb(wkb.bytes, NULL, &geometry, (int)wkb.n) != OGRERR_NONE) {
        OGR_G_DestroyGeometry(geometry);
        return NULL;
    }
    return geometry;
}

static zf_status unreadable(uint64_t row, zf_error *error) {
    return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OGR,
                        "the geometry of row %" PRIu64 " cannot be decoded; verify the result", row);
}

static zf_status set_geometry(const zf_writer *writer, OGRFeatureH feature, zf_bytes wkb, zf_error *error) {
    if (!writer->has_geometry || wkb.bytes == NULL)
        return ZF_OK;
    OGRGeometryH geometry = geometry_of(wkb);
    if (geometry == NULL)
        return unreadable(writer->n_rows + 1, error);
    OGR_F_SetGeometryDirectly(feature, geometry);
    return ZF_OK;
}

zf_status zf_writer_add(zf_writer *writer, const zf_value *values, zf_bytes wkb, zf_error *error) {
    zf_trap trap;
    begin(&trap);
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(writer->layer));
    zf_status status = set_geometry(writer, feature, wkb, error);
    for (size_t i = 0; status == ZF_OK && i < writer->n_columns; i++)
        status = set_field(writer, feature, (int)i, &values[i], error);
    if (status == ZF_OK && (OGR_L_CreateFeature(writer->layer, feature) != OGRERR_NONE || trap.has_failed))
        status = cannot_write(writer, &trap, error);
    OGR_F_Destroy(feature);
    end(&trap);
    writer->n_rows += status == ZF_OK;
    return status;
}

zf_status zf_writer_append_wkt(zf_text *out, zf_bytes wkb, zf_error *error) {
    zf_trap trap;
    char *wkt = NULL;
    zf_trap_begin(&trap);
    OGRGeometryH geometry = geometry_of(wkb);
    const bool is_good = geometry != NULL && OGR_G_ExportToIsoWkt(geometry, &wkt) == OGRERR_NONE;
    OGR_G_DestroyGeometry(geometry);
    zf_trap_end(&trap);
    if (is_good)
        zf_text_append(out, wkt);
    CPLFree(wkt);
    return is_good ? ZF_OK
                   : zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OGR,
                                  "a geometry cannot be decoded; verify the result");
}

/* ---- the end ---- */

/* Whether the file ends as its driver ends it. The drivers of texts do not tell that the last bytes could not
 * be written. */
static bool has_end(const zf_writer *writer) {
    const char *driver = writer->format->driver;
    const char *end = strcmp(driver, "CSV") == 0 ? "\n" : strcmp(driver, "GeoJSON") == 0 ? "]\n}\n" : "";
    char found[8] = "";
    const size_t n = strlen(end);
    VSILFILE *file = VSIFOpenL(writer->work_path, "rb");
    const bool is_so = file != NULL && VSIFSeekL(file, 0, SEEK_END) == 0 && VSIFTellL(file) >= n &&
                       VSIFSeekL(file, VSIFTellL(file) - n, SEEK_SET) == 0 &&
                       VSIFReadL(found, 1, n, file) == n && memcmp(found, end, n) == 0;
    if (file != NULL)
        (void)VSIFCloseL(file);
    return is_so;
}

/* Features that can be read one by one. */
static int64_t read_features(OGRLayerH layer) {
    int64_t n = 0;
    OGRFeatureH feature;
    for (; (feature = OGR_L_GetNextFeature(layer)) != NULL; n++)
        OGR_F_Destroy(feature);
    return n;
}

/* Rows of the finished file, -1 when it cannot be read. */
static int64_t count_rows(const zf_writer *writer) {
    const char *driver = writer->format->driver;
    const char *const drivers[] = {driver, NULL};
    char **options = strcmp(driver, "CSV") == 0 ? CSLSetNameValue(NULL, "HEADERS", "YES") : NULL;
    GDALDatasetH dataset =
        GDALOpenEx(writer->work_path, GDAL_OF_VECTOR, drivers, (const char *const *)options, NULL);
    CSLDestroy(options);
    OGRLayerH layer = dataset != NULL ? GDALDatasetGetLayer(dataset, 0) : NULL;
    const bool is_counted =
        strcmp(driver, "FlatGeobuf") != 0; /* whose header says how many there should be */
    const int64_t n = layer == NULL ? -1
                      : is_counted  ? OGR_L_GetFeatureCount(layer, TRUE)
                                    : read_features(layer);
    if (dataset != NULL)
        GDALClose(dataset);
    return n;
}

/* Copies a file that was made in memory to its place. */
static bool save(const zf_writer *writer) {
    vsi_l_offset n = 0;
    if (strcmp(writer->path, writer->work_path) == 0)
        return true;
    const GByte *bytes = VSIGetMemFileBuffer(writer->work_path, &n, FALSE);
    VSILFILE *file = bytes != NULL ? VSIFOpenL(writer->path, "wb") : NULL;
    const bool is_written = file != NULL && VSIFWriteL(bytes, 1, n, file) == n;
    return file != NULL && VSIFCloseL(file) == 0 && is_written;
}

zf_status zf_writer_finish(zf_writer *writer, zf_error *error) {
    zf_trap trap;
    begin(&trap);
    bool is_good = !GDALDatasetTestCapability(writer->dataset, ODsCTransactions) ||
                   GDALDatasetCommitTransaction(writer->dataset) == OGRERR_NONE;
    GDALClose(writer->dataset);
    writer->dataset = NULL;
    is_good = is_good && !trap.has_failed;
    const int64_t n = is_good && has_end(writer) ? count_rows(writer) : -1;
    is_good = is_good && save(writer);
    end(&trap);
    if (is_good && n >= 0 && (uint64_t)n == writer->n_rows)
        return ZF_OK;
    if (!is_good || trap.has_failed)
        return cannot_write(writer, &trap, error);
    if (n < 0)
        return zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OGR,
                            "cannot write the %s file: its end is missing; is the disk full?",
                            writer->format->driver);
    return zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OGR,
                        "cannot write the %s file: it holds %" PRId64 " of %" PRIu64 " rows",
                        writer->format->driver, n, writer->n_rows);
}

void zf_writer_close(zf_writer *writer) {
    zf_trap trap;
    if (writer == NULL)
        return;
    begin(&trap);
    if (writer->dataset != NULL)
        GDALClose(writer->dataset);
    if (writer->path != NULL && writer->work_path != NULL && strcmp(writer->path, writer->work_path) != 0)
        (void)VSIUnlink(writer->work_path);
    end(&trap);
    zf_text_deinit(&writer->text);
    free(writer->path);
    free(writer->work_path);
    free(writer);
}
