/* SPDX-License-Identifier: MIT */
#include "plan/forecast.h"

#include "guard/sqlite_guard.h"

enum {
    SAMPLE_ROWS = 1000,
    ROW_HEAD_BYTES = 40,    /* of a gathered row */
    VALUE_BYTES = 9,        /* of a number carried into the result */
    TEXT_BYTES = 24,        /* a guess */
    BLOB_HEAD_BYTES = 60,   /* SpatiaLite's frame around a geometry */
    INDEX_ENTRY_BYTES = 36, /* in the R*Tree and in its table of rows */
    SQLITE_ROW_BYTES = 24,
    EMPTY_RESULT_BYTES = 6 << 20, /* SpatiaLite's own tables: the CRS of the EPSG */
};

/** Mean bytes of the first footprints; 0 when there are none. */
static zf_status sample_footprints(zf_source *buildings, uint64_t *out_bytes, zf_error *error) {
    zf_source_query query = {.wants_geometry = true, .batch_rows = SAMPLE_ROWS};
    zf_batch *batch = NULL;
    uint64_t n_bytes = 0, n = 0;
    *out_bytes = 0;
    zf_status st = zf_source_start(buildings, &query, error);
    if (st == ZF_OK)
        st = zf_source_next(buildings, &batch, error);
    if (st != ZF_OK)
        return st == ZF_DONE ? ZF_OK : st;
    for (size_t row = 0; st == ZF_OK && row < zf_batch_count(batch); row++) {
        zf_shape shape;
        st = zf_batch_shape(batch, row, &shape, error);
        if (st == ZF_OK && (shape.kind == ZF_SHAPE_POLYGONAL || shape.kind == ZF_SHAPE_PATH)) {
            n_bytes += shape.wkb.n_bytes;
            n++;
        }
    }
    zf_batch_release(batch);
    *out_bytes = n > 0 ? n_bytes / n : 0;
    return st;
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static uint64_t carried_bytes(const zf_plan *plan) {
    uint64_t n = 0;
    for (size_t i = 0; i < plan->result.n_building_columns; i++)
        n += zf_field_type_is_number(plan->result.building_columns[i].type) ? VALUE_BYTES : TEXT_BYTES;
    return n + VALUE_BYTES * (plan->layout.n_payload - plan->result.n_carried);
}

/** Bytes of a gathered row of a building near a ZIP. At most each building has one. */
static uint64_t halo_row_bytes(const zf_plan *plan, uint64_t footprint_bytes) {
    if (!plan->analyses.halo.is_needed)
        return 0;
    return ROW_HEAD_BYTES + (plan->analyses.halo.needs & ZF_NEEDS_POINTS ? 2 * sizeof(double) : 0) +
           (plan->analyses.halo.needs & ZF_NEEDS_FOOTPRINTS ? footprint_bytes : 0);
}

/** Bytes of a gathered row of the groups. Each assigned building has one. */
static uint64_t group_row_bytes(const zf_plan *plan) {
    const zf_plan_groups *groups = &plan->groups;
    uint64_t n = 0;
    for (size_t i = 0; i < groups->n_fields; i++)
        n += zf_field_type_is_number(groups->columns[i].type) ? VALUE_BYTES : TEXT_BYTES;
    return n > 0 ? n + ROW_HEAD_BYTES + 8 * (zf_layout_n_cells(&groups->layout) + 1) + TEXT_BYTES * groups->layout.n_texts
                 : 0;
}

/** Bytes of the grids of the ZIPs within the extent of the buildings, as many as one pass holds. */
static uint64_t grid_bytes(const zf_forecast *f) {
    const zf_envelope *expected = zf_inputs_buildings_extent(&f->inputs);
    uint64_t n = 0;
    for (size_t i = 0; i < zf_catalogue_count(f->catalogue); i++) {
        const zf_zone *zone = zf_catalogue_zone(f->catalogue, i);
        if (zone->wkb.n > 0 && (expected == NULL || zf_envelope_meets(&zone->envelope, expected)))
            n += zf_zone_grid_bytes(zone->n_points);
    }
    return least(n, f->shares.grid_bytes);
}

/** The most bytes of ZIPs in work: as if all buildings were in one ZIP, up to the share. */
static uint64_t zips_bytes(const zf_forecast *f, uint64_t footprint_bytes) {
    enum { POINT_BYTES = 16 };
    const zf_plan_analyses *analyses = &f->plan.analyses;
    size_t n = (size_t)f->n_buildings, n_points = (size_t)(n * footprint_bytes / POINT_BYTES);
    zf_zip_size size = {.n = n, .n_others = analyses->halo.is_needed ? n : 0};
    if (analyses->needs & ZF_NEEDS_FOOTPRINTS) {
        bool has_others = (analyses->halo.needs & ZF_NEEDS_FOOTPRINTS) != 0;
        size.n_rings = has_others ? 2 * n : n;
        size.n_points = has_others ? 2 * n_points : n_points;
        size.has_heights = f->inputs.is_geodesic; /* of large ZIPs only: an upper bound */
    }
    return least(zf_forecast_zip_bytes(&f->plan, &size), f->shares.flight_bytes);
}

static void forecast_bytes(zf_forecast *f, const zf_run_options *options, uint64_t footprint_bytes) {
    uint32_t largest = 0;
    uint64_t zone_bytes = 16 * zf_catalogue_points(f->catalogue, &largest), n = f->n_buildings;
    uint64_t geometry = options->buildings_out == ZF_BUILDINGS_GEOMETRY ? footprint_bytes : 0;
    uint64_t carried = zf_plan_has_footprints(&f->plan, options) ? footprint_bytes : 0;
    uint64_t values = carried_bytes(&f->plan);
    uint64_t row = !f->plan.needs_rows ? 0
                                       : ROW_HEAD_BYTES + 8 * zf_layout_n_cells(&f->plan.layout) +
                                             TEXT_BYTES * f->plan.layout.n_texts + values + carried;
    uint64_t gathered = least(n * row, f->shares.gather_bytes),
             stored = least(zone_bytes, f->shares.store_bytes);
    uint64_t others = halo_row_bytes(&f->plan, footprint_bytes) * n;
    uint64_t batches =
        least(n, (f->n_threads + 2) * f->batch_rows) * (footprint_bytes + 8 * f->plan.reading.n_fields);
    const uint64_t grouped = group_row_bytes(&f->plan) * n;
    gathered += least(others, f->shares.halo_bytes) + least(grouped, f->shares.group_bytes);
    uint64_t reading = batches + stored + grid_bytes(f) + gathered + f->shares.sink_bytes;
    uint64_t writing = stored + gathered + zips_bytes(f, footprint_bytes) + f->shares.sink_bytes;
    f->memory_bytes = least(reading > writing ? reading : writing, f->shares.limit_bytes);
    f->spill_bytes = (n * row + others + grouped - gathered) + (zone_bytes - stored);
    f->result_bytes = EMPTY_RESULT_BYTES + zone_bytes + zf_catalogue_count(f->catalogue) * SQLITE_ROW_BYTES;
    if (options->buildings_out != ZF_BUILDINGS_NONE)
        f->result_bytes += n * (SQLITE_ROW_BYTES + values);
    if (geometry > 0)
        f->result_bytes += n * (geometry + BLOB_HEAD_BYTES + INDEX_ENTRY_BYTES);
}

/** Warns of what `run` finds out when it has read the buildings, as far as their stored extent says it. */
static void warn_of_extents(const zf_forecast *f, const zf_run_options *options,
                            const zf_callbacks *callbacks) {
    zf_envelope zips = zf_catalogue_extent(f->catalogue), unknown = zf_envelope_empty();
    const zf_envelope *buildings = zf_inputs_buildings_extent(&f->inputs);
    zf_error why = ZF_ERROR_INIT;
    zf_inputs_warn_degrees(&f->inputs, options, &zips, buildings, callbacks);
    if (buildings != NULL)
        zf_inputs_warn_longitudes(&f->inputs, &zips, buildings, callbacks);
    else if (zf_inputs_check_degrees(&f->inputs, options, &zips, &unknown, &why) != ZF_OK)
        zf_log(callbacks, ZF_LOG_WARNING,
               "the extent of the buildings is not stored; `run` will refuse them if they are where the ZIPs "
               "are: %s",
               why.text);
}

static zf_status make(zf_forecast *f, const zf_run_options *options, const zf_callbacks *callbacks,
                      zf_error *error) {
    zf_status st = zf_inputs_open(options, callbacks, &f->inputs, error);
    if (st == ZF_OK)
        st = zf_plan_make(options, &(zf_plan_sources){f->inputs.zips, f->inputs.buildings, NULL}, callbacks,
                          &f->budget, &f->plan, error);
    f->inputs.carried = (zf_zone_carried){f->plan.zips.fields, f->plan.zips.n_fields};
    if (st == ZF_OK)
        st = zf_inputs_load_zips(&f->inputs, options, &f->shares, &f->n_threads, callbacks, NULL, &f->budget,
                                 &f->catalogue, error);
    if (st != ZF_OK)
        return st;
    warn_of_extents(f, options, callbacks);
    uint64_t footprint_bytes = 0;
    const zf_source_info *info = zf_source_get_info(f->inputs.buildings);
    st = sample_footprints(f->inputs.buildings, &footprint_bytes, error);
    f->has_n_buildings = info->n_features >= 0;
    f->n_buildings = f->has_n_buildings ? (uint64_t)info->n_features : 0;
    if (f->has_n_buildings && f->n_buildings == 0)
        zf_log(callbacks, ZF_LOG_WARNING,
               "%s: the building layer '%s' is empty; check the file and the layer", options->buildings,
               info->layer);
    f->batch_rows = zf_inputs_batch_rows(&f->inputs, options, &f->shares, f->n_threads);
    f->n_passes = zf_catalogue_forecast_passes(f->catalogue, f->shares.grid_bytes,
                                               zf_inputs_buildings_extent(&f->inputs));
    forecast_bytes(f, options, footprint_bytes);
    return st;
}

zf_status zf_forecast_make(const zf_run_options *options, const zf_callbacks *callbacks, zf_forecast *out,
                           zf_error *error) {
    *out = (zf_forecast){.n_threads = zf_inputs_threads(options)};
    out->shares = zf_shares_divide(options->memory_bytes, out->n_threads);
    zf_shares_reserve(&out->shares, options->n_analysis_sqls + options->n_tops > 0, options->n_by > 0);
    zf_budget_init(&out->budget, out->shares.limit_bytes);
    const zf_sqlite_limit before = zf_sqlite_limit_begin(options->memory_bytes);
    zf_status st = make(out, options, callbacks, error);
    zf_sqlite_limit_end(&before);
    if (st != ZF_OK)
        zf_forecast_deinit(out);
    return st;
}

void zf_forecast_deinit(zf_forecast *forecast) {
    zf_catalogue_destroy(forecast->catalogue);
    zf_plan_deinit(&forecast->plan);
    zf_inputs_close(&forecast->inputs);
}
