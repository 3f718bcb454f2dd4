/* SPDX-License-Identifier: MIT */
/* Reads the features of a layer and reports what a run would do with them. */
#include "examine/examine.h"
#include "inspect/inspect_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SCRATCH_BYTES = 512 * 1024, MIN_INDEXED = 10000 };

/* Features with one kind of problem: their number, the first one, and a detail of it. */
typedef struct finding {
    uint64_t n;
    int64_t first;
    char detail[128];
} finding;

/** Features that a run would not take as they are, by what is wrong with them. */
typedef struct findings {
    finding missing, not_polygon, corrupt, unusable, invalid, crossing;
} findings;

/* State of a scan. */
typedef struct scan {
    zf_source *source;
    const zf_source_info *info;
    zf_layer_report *report;
    zf_examiner examiner; /* classifies geometries as a run does */
    zf_arena scratch;
    zf_field_tallies fields;
    zf_kept_zips zips;
    bool has_zip_field;
    double half_turn; /* 180 degrees in the unit of the CRS; 0 for a projected CRS */
    uint64_t n_read, n_with_geometry;
    zf_envelope extent; /* of the features read */
    findings found;
} scan;

/* Counts a feature, and keeps the first one. */
static void count(finding *f, int64_t fid, const char *detail) {
    if (f->n++ > 0)
        return;
    f->first = fid;
    (void)snprintf(f->detail, sizeof f->detail, "%s", detail != NULL ? detail : "");
}

/* Keeps the polygon of a ZIP for the search for overlaps. */
static zf_status keep_zip(scan *s, const zf_batch *batch, size_t row, const zf_wkb *wkb, zf_error *error) {
    char scratch[ZF_VALUE_SCRATCH_BYTES], id[ZF_EXAMPLE_BYTES] = "";
    const zf_field_tally *tally = zf_field_tallies_zip(&s->fields);
    const zf_value value = zf_batch_value(batch, (size_t)(tally - s->fields.items), row, scratch);
    if (value.kind == ZF_VALUE_TEXT)
        (void)snprintf(id, sizeof id, "%.*s",
                       (int)(value.as.bytes.n < sizeof id ? value.as.bytes.n : sizeof id - 1),
                       (const char *)value.as.bytes.bytes);
    else
        (void)snprintf(id, sizeof id, "%.15g", zf_value_number(&value));
    return zf_kept_zips_add(&s->zips, wkb, zf_batch_fid(batch, row), id, error);
}

/* Checks the validity of a polygon; a valid one of a ZIP layer is kept. */
static zf_status scan_validity(scan *s, const zf_batch *batch, size_t row, zf_examined *examined,
                               zf_error *error) {
    const int64_t fid = zf_batch_fid(batch, row);
    const zf_arena_mark mark = zf_arena_get_mark(&s->scratch);
    const zf_wkb wkb = examined->wkb;
    zf_status status = zf_examine_validity(&s->examiner, &wkb, examined, error);
    if (status == ZF_OK && examined->problem == ZF_GEOMETRY_SOUND && s->has_zip_field)
        status = keep_zip(s, batch, row, &wkb, error);
    else if (status == ZF_OK && examined->problem == ZF_GEOMETRY_UNCLOSED_RING)
        count(&s->found.invalid, fid, "a ring is not closed");
    else if (status == ZF_OK && examined->problem == ZF_GEOMETRY_SHORT_RING)
        count(&s->found.invalid, fid, "a ring has too few points");
    else if (status == ZF_OK && examined->problem != ZF_GEOMETRY_SOUND)
        count(&s->found.invalid, fid, examined->rejected.detail);
    zf_examined_release(&s->examiner, examined);
    zf_arena_rewind(&s->scratch, mark);
    return status;
}

/* Checks a polygon with usable coordinates. */
static zf_status scan_polygon(scan *s, const zf_batch *batch, size_t row, zf_examined *examined,
                              zf_error *error) {
    s->n_with_geometry++;
    zf_envelope_add(&s->extent, &examined->wkb.envelope);
    if (zf_wkb_crosses_antimeridian(&examined->wkb, s->half_turn))
        count(&s->found.crossing, zf_batch_fid(batch, row), NULL);
    return scan_validity(s, batch, row, examined, error);
}

/* Classifies the geometry of a feature. */
static zf_status scan_shape(scan *s, zf_batch *batch, size_t row, zf_error *error) {
    zf_shape shape;
    zf_examined examined;
    const int64_t fid = zf_batch_fid(batch, row);
    zf_status status = zf_batch_shape(batch, row, &shape, error);
    if (status == ZF_OK)
        status = zf_examine_shape(&s->examiner, &shape, &examined, error);
    if (status != ZF_OK)
        return status;
    switch (examined.problem) {
    case ZF_GEOMETRY_SOUND:
        return scan_polygon(s, batch, row, &examined, error);
    case ZF_GEOMETRY_NOT_POLYGON:
        s->n_with_geometry++;
        count(&s->found.not_polygon, fid, examined.rejected.detail);
        return ZF_OK;
    case ZF_GEOMETRY_NOT_FINITE:
        s->n_with_geometry++;
        count(&s->found.unusable, fid, examined.rejected.detail);
        return ZF_OK;
    case ZF_GEOMETRY_CORRUPT:
        count(&s->found.corrupt, fid, NULL);
        return ZF_OK;
    default:
        count(&s->found.missing, fid, examined.problem == ZF_GEOMETRY_NULL ? "null" : "empty");
        return ZF_OK;
    }
}

static zf_status scan_batch(scan *s, zf_batch *batch, uint64_t max_features, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t row = 0; row < zf_batch_count(batch) && status == ZF_OK && s->n_read < max_features; row++) {
        s->n_read++;
        status = zf_field_tallies_add(&s->fields, batch, row, error);
        if (status == ZF_OK && s->info->has_geometry)
            status = scan_shape(s, batch, row, error);
    }
    return status;
}

/* Reads the features. ZF_DONE: the whole layer; ZF_OK: max_features of it. */
static zf_status read_all(scan *s, uint64_t max_features, const zf_callbacks *callbacks, zf_error *error) {
    zf_source_query query = {s->fields.fields, s->fields.n, s->info->has_geometry, NULL, NULL, 0};
    zf_batch *batch = NULL;
    zf_status status = zf_source_start(s->source, &query, error);
    while (status == ZF_OK && s->n_read < max_features) {
        status = zf_check_cancelled(callbacks, error);
        if (status == ZF_OK)
            status = zf_source_next(s->source, &batch, error);
        if (status == ZF_OK) {
            status = scan_batch(s, batch, max_features, error);
            zf_batch_release(batch);
        }
    }
    return status;
}

/* Adds a problem for the features of a finding, if there are any. */
static void report_finding(scan *s, const finding *f, const char *one, const char *many, const char *advice) {
    char n[32];
    if (f->n == 0)
        return;
    zf_layer_report_add(s->report, "%s %s (first: feature %" PRId64 "%s%s): %s", zf_format_grouped(f->n, n),
                        f->n == 1 ? one : many, f->first, f->detail[0] != '\0' ? ", " : "", f->detail,
                        advice);
}

static void report_geometries(scan *s) {
    report_finding(s, &s->found.missing, "feature without geometry", "features without geometry",
                   "they are listed in rejected_feature and are not assigned to a ZIP");
    report_finding(s, &s->found.not_polygon, "feature that is not a polygon",
                   "features that are not polygons", "they are skipped and listed in rejected_feature");
    report_finding(s, &s->found.corrupt, "geometry that cannot be decoded",
                   "geometries that cannot be decoded",
                   "they are skipped and listed in rejected_feature; `on_invalid` fail stops at them");
    report_finding(s, &s->found.unusable, "geometry with unusable coordinates",
                   "geometries with unusable coordinates",
                   "they are skipped and listed in rejected_feature; `on_invalid` fail stops at them");
    report_finding(
        s, &s->found.invalid, "invalid geometry", "invalid geometries",
        "`on_invalid` repair (the default) repairs and lists them, skip leaves them out, fail stops at them");
    report_finding(
        s, &s->found.crossing, "polygon with an edge of more than 180 degrees of longitude",
        "polygons with edges of more than 180 degrees of longitude",
        "its area is that of the short way across the antimeridian, but containment is decided on the long "
        "way; split it at the antimeridian, for example with ogr2ogr -wrapdateline");
}

/* Reports a spatial index that is missing or stale. */
static void report_index(scan *s) {
    static const char *const indexed[] = {"GPKG", "ESRI Shapefile", "FlatGeobuf"};
    bool may_have = false;
    char a[32], b[32];
    for (size_t i = 0; i < sizeof indexed / sizeof indexed[0]; i++)
        may_have |= strcmp(s->info->driver, indexed[i]) == 0;
    const int64_t entries = zf_source_index_entries(s->source);
    const uint64_t wanted = strcmp(s->info->driver, "GPKG") == 0 ? s->n_with_geometry : s->n_read;
    if (may_have && s->info->has_geometry && !s->info->has_spatial_index && s->n_read >= MIN_INDEXED)
        zf_layer_report_add(
            s->report,
            "no spatial index: a run in several passes (a small `memory_bytes`) reads the whole layer "
            "in each; create one with the program that wrote the file, or copy the layer with ogr2ogr");
    else if (entries >= 0 && (uint64_t)entries != wanted && s->found.corrupt.n == 0)
        zf_layer_report_add(
            s->report,
            "the spatial index is stale: it has %s entries for %s features; rebuild it, or copy "
            "the layer with ogr2ogr",
            zf_format_grouped((uint64_t)entries, a), zf_format_grouped(wanted, b));
}

/* Reports stored counts and extents that differ from the features. The whole layer has been read. */
static void report_contradictions(scan *s) {
    char a[32], b[32];
    const zf_envelope *stored = &s->info->extent;
    if (s->n_read == 0 && s->info->n_features != 0)
        zf_layer_report_add(s->report, "the layer is empty");
    else if (s->info->n_features >= 0 && (uint64_t)s->info->n_features != s->n_read)
        zf_layer_report_add(
            s->report, "the stored number of features is %s, but there are %s; copy the layer with ogr2ogr",
            zf_format_grouped((uint64_t)s->info->n_features, a), zf_format_grouped(s->n_read, b));
    if (s->info->has_extent && !zf_envelope_is_empty(&s->extent) && !zf_envelope_meets(stored, &s->extent))
        zf_layer_report_add(s->report,
                            "the stored extent is not that of the features (x %.6g to %.6g, y %.6g to "
                            "%.6g); copy the layer with ogr2ogr",
                            s->extent.min_x, s->extent.max_x, s->extent.min_y, s->extent.max_y);
    report_index(s);
}

/* Reports values that a run cannot use as they are stored. */
static void report_findings(scan *s) {
    zf_text text = {0};
    for (size_t i = 0; zf_source_finding(s->source, i, &text); i++) {
        zf_layer_report_add(s->report, "%s", text.bytes);
        zf_text_deinit(&text);
        text = (zf_text){0};
    }
    zf_text_deinit(&text);
}

/* Reports what was found. */
static zf_status finish(scan *s, zf_status status, const zf_callbacks *callbacks, zf_error *error) {
    char a[32];
    s->report->n_read = s->n_read;
    zf_layer_report_add_extent(s->report, &s->extent, status == ZF_DONE);
    report_findings(s);
    zf_field_tallies_report(&s->fields, s->report);
    report_geometries(s);
    if (status == ZF_DONE)
        report_contradictions(s);
    else if (status == ZF_OK)
        zf_layer_report_add(s->report,
                            "only the first %s features were read; give a larger `max_features` to read more",
                            zf_format_grouped(s->n_read, a));
    else if (status == ZF_E_INPUT && error != NULL)
        zf_layer_report_add(s->report, "%s", error->text);
    if (status != ZF_OK && status != ZF_DONE)
        return status;
    return s->has_zip_field ? zf_kept_zips_report(&s->zips, s->report, callbacks, error) : ZF_OK;
}

zf_status zf_layer_scan(zf_source *source, zf_layer_report *report, uint64_t max_features,
                        const zf_callbacks *callbacks, zf_error *error) {
    scan s = {.source = source,
              .info = zf_source_get_info(source),
              .report = report,
              .extent = zf_envelope_empty()};
    s.half_turn = zf_crs_half_turn(report->crs);
    zf_arena_init(&s.scratch, NULL, ZF_MEMORY_ZONE, SCRATCH_BYTES);
    s.examiner = (zf_examiner){.policy = ZF_INVALID_SKIP,
                               .arena = &s.scratch,
                               .takes_paths = !s.info->may_hold_polygons,
                               .has_large_shapes = true};
    zf_kept_zips_init(&s.zips);
    zf_status status = zf_field_tallies_init(s.info, &s.fields, error);
    if (status == ZF_OK)
        status = zf_geos_create(&s.examiner.geos, error);
    s.has_zip_field = zf_field_tallies_zip(&s.fields) != NULL;
    if (status == ZF_OK) {
        status = read_all(&s, max_features, callbacks, error);
        status = finish(&s, status, callbacks, error);
    }
    zf_kept_zips_deinit(&s.zips);
    zf_field_tallies_deinit(&s.fields);
    zf_geos_destroy(s.examiner.geos);
    zf_arena_release(&s.scratch);
    return status;
}
