/* SPDX-License-Identifier: MIT */
/*
 * GeoJSON geometries that GDAL cannot parse. It returns a missing geometry, or one that lacks a part. So the
 * member "geometry" of such a feature is read: in a GeoJSON through GDAL's copy of the feature (NATIVE_DATA)
 * on a second connection, in a GeoJSONSeq from its record.
 */
#include "source/source_internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { RECORD_SEPARATOR = 0x1E };

static bool is_sequence(const zf_source *source) {
    return strcmp(source->info.driver, "GeoJSONSeq") == 0;
}

bool zf_geojson_is_one(const zf_source *source) {
    return is_sequence(source) || strcmp(source->info.driver, "GeoJSON") == 0;
}

bool zf_geojson_is_geometry_error(const zf_source *source, const zf_trap *trap) {
    return zf_geojson_is_one(source) && strncmp(trap->failure, "Invalid ", 8) == 0;
}

/* ---- members of a JSON object ---- */

static const char *skip_space(const char *at) {
    while (*at && strchr(" \t\r\n", *at))
        at++;
    return at;
}

/* The end of the string that begins at `at`; NULL if it has none. */
static const char *end_of_string(const char *at) {
    for (at++; *at && *at != '"'; at++)
        if (*at == '\\' && at[1])
            at++;
    return *at ? at + 1 : NULL;
}

/* The end of the value that begins at `at`; NULL if it has none. */
static const char *end_of_value(const char *at) {
    size_t depth = 0;
    do {
        if (*at == '"') {
            at = end_of_string(at);
            if (!at)
                return NULL;
            continue;
        }
        if (*at == '{' || *at == '[')
            depth++;
        else if (depth == 0 && (*at == ',' || *at == '}' || *at == ']'))
            return at;
        else if (*at == '}' || *at == ']')
            depth--;
        if (*at)
            at++;
    } while (*at && (depth > 0 || !strchr(",}]", *at)));
    return depth == 0 ? at : NULL;
}

/* Finds a member of an object. *out stays empty if there is none. False if this is no object. */
static bool find_member(const char *json, const char *name, zf_bytes *out) {
    const char *at = skip_space(json);
    const size_t n = strlen(name);
    *out = (zf_bytes){0};
    if (*at != '{')
        return false;
    at = skip_space(at + 1);
    while (*at == '"') {
        const char *key = at + 1;
        at = end_of_string(at);
        const bool is_it = at && (size_t)(at - 1 - key) == n && strncmp(key, name, n) == 0;
        at = at ? skip_space(at) : NULL;
        if (!at || *at != ':')
            return false;
        const char *value = skip_space(at + 1);
        at = end_of_value(value);
        if (!at)
            return false;
        if (is_it) /* of repeated members the last one counts */
            *out = (zf_bytes){(const uint8_t *)value, (size_t)(at - value)};
        at = skip_space(at);
        at = *at == ',' ? skip_space(at + 1) : at;
    }
    return *at == '}';
}

/* ---- the geometry of a feature ---- */

/* True for [] with any white space: RFC 7946 lets such coordinates stand for a missing geometry. */
static bool is_empty_array(zf_bytes value) {
    const char *at = (const char *)value.bytes, *end = at + value.n;
    if (value.n == 0 || *at != '[')
        return false;
    for (at++; at < end && strchr(" \t\r\n", *at); at++)
        ;
    return at < end && *at == ']';
}

/* True if the text of a geometry is not one that GDAL can parse wholly. */
static bool is_broken(const char *text) {
    zf_trap trap;
    zf_bytes coordinates;
    if (strncmp(text, "null", 4) == 0)
        return false;
    zf_trap_begin(&trap);
    OGRGeometryH geometry = OGR_G_CreateGeometryFromJson(text);
    zf_trap_end(&trap);
    const bool is_parsed = geometry && !trap.has_failed;
    OGR_G_DestroyGeometry(geometry);
    return !is_parsed && !(find_member(text, "coordinates", &coordinates) && is_empty_array(coordinates) &&
                           find_member(text, "type", &coordinates) && coordinates.n > 0);
}

/* True if a feature, as text, has a geometry that is not missing and not sound. */
static bool has_broken_geometry(const char *feature) {
    zf_bytes member;
    if (!find_member(feature, "geometry", &member) || member.n == 0)
        return false;
    char *text = strndup((const char *)member.bytes, member.n);
    const bool is_it = text && is_broken(text);
    free(text);
    return is_it;
}

/* Looks a feature of a GeoJSON up on the second connection. */
static bool is_broken_by_fid(zf_source *source, int64_t fid) {
    if (zf_source_open_probe(source, NULL) != ZF_OK)
        return false;
    OGRLayerH layer = GDALDatasetGetLayerByName(source->probe, source->info.layer);
    OGRFeatureH feature = layer ? OGR_L_GetFeature(layer, fid) : NULL;
    const char *text = feature ? OGR_F_GetNativeData(feature) : NULL;
    const bool is_it = text && has_broken_geometry(text);
    OGR_F_Destroy(feature);
    return is_it;
}

/* The fid that GDAL gives to a record: that of its id, or the number of records before it without one. */
static int64_t fid_of_record(zf_json_records *records, const char *text) {
    zf_bytes id;
    if (find_member(text, "id", &id) && id.n > 0 && (isdigit(id.bytes[0]) || id.bytes[0] == '-'))
        return strtoll((const char *)id.bytes, NULL, 10);
    return records->n_without_id++;
}

/* Opens the records of a GeoJSONSeq: lines, or what stands between record separators. */
static zf_records *open_records(const char *path) {
    char first = '\0';
    VSILFILE *file = VSIFOpenL(path, "rb");
    if (file) {
        (void)VSIFReadL(&first, 1, 1, file);
        (void)VSIFCloseL(file);
    }
    return zf_records_open(path, first == RECORD_SEPARATOR ? first : '\n', false);
}

/* Reads on to the record of a feature: the ordinal says which, unless a filter left some out. */
static bool is_broken_by_record(zf_source *source, int64_t fid, int64_t ordinal) {
    zf_json_records *records = &source->json;
    zf_bytes type;
    const zf_text *text = NULL;
    if (!records->records)
        records->records = open_records(source->open_path);
    while (records->records && (text = zf_records_next(records->records)) != NULL) {
        if (!find_member(text->bytes, "type", &type) || type.n == 0)
            continue; /* GDAL skips what is no object */
        const int64_t own_fid = fid_of_record(records, text->bytes);
        const int64_t own_ordinal = records->n_read++;
        if (source->reader.is_filtered ? own_fid == fid : own_ordinal == ordinal)
            return has_broken_geometry(text->bytes);
    }
    return false;
}

bool zf_geojson_is_corrupt(zf_source *source, OGRFeatureH feature, int64_t ordinal) {
    OGRGeometryH geometry = OGR_F_GetGeometryRef(feature);
    zf_trap trap;
    if (!zf_geojson_is_one(source) || (geometry && !OGR_G_IsEmpty(geometry) && !source->json.has_errors))
        return false;
    zf_trap_begin(&trap); /* the second connection repeats what the first one said */
    const bool is_it = is_sequence(source) ? is_broken_by_record(source, OGR_F_GetFID(feature), ordinal)
                                           : is_broken_by_fid(source, OGR_F_GetFID(feature));
    zf_trap_end(&trap);
    return is_it;
}

void zf_geojson_rewind(zf_source *source) {
    zf_records_close(source->json.records);
    source->json.records = NULL;
    source->json.n_read = source->json.n_without_id = 0;
}
