/* SPDX-License-Identifier: MIT */
#include "pipeline/provenance.h"
#include "pipeline/zips.h"

/** Bytes a run may hold itself: gathered rows go to a temporary file beyond their share. */
enum { BUDGET_MIB = 256, GATHER_SHARE_MIB = 64 };

/** Everything a run owns, released in reverse. */
typedef struct run {
    const zf_run_options *options;
    const zf_callbacks *callbacks;
    zf_budget budget;
    zf_inputs inputs;
    zf_rejects *rejects;
    zf_catalogue *catalogue;
    zf_plan plan;
    zf_select *select;
    zf_gather *gather;
    zf_worker worker;
    zf_timeline *timeline;
    zf_sink *sink;
    zf_run_counts counts;
} run;

static zf_status note_zone_reject(void *user, const zf_zone_reject *reject, zf_error *error) {
    zf_rejects *rejects = user;
    zf_rejected rejected = {true,
                            reject->fid,
                            reject->reason,
                            reject->detail,
                            reject->is_repaired,
                            reject->area_delta_m2,
                            reject->x,
                            reject->y};
    return zf_rejects_append(rejects, &rejected, reject->ordinal, error);
}

static zf_status load_catalogue(run *r, zf_error *error) {
    const zf_run_options *o = r->options;
    zf_catalogue_options options = {.zip_field = o->zip_field,
                                    .where = o->zip_where,
                                    .order_by = o->order_by,
                                    .combine = o->combine,
                                    .on_invalid = o->on_invalid,
                                    .transform = r->inputs.transform,
                                    .metric = r->inputs.metric,
                                    .callbacks = r->callbacks,
                                    .reject = note_zone_reject,
                                    .reject_user = r->rejects};
    zf_status st = zf_catalogue_load(r->inputs.zips, &options, &r->budget, &r->catalogue, error);
    if (st != ZF_OK)
        return st;
    zf_envelope extent = zf_catalogue_extent(r->catalogue);
    zf_inputs_check_extents(&r->inputs, &extent, r->callbacks);
    r->counts.zips_read = zf_catalogue_features_read(r->catalogue);
    r->counts.zips_selected = zf_catalogue_count(r->catalogue);
    r->counts.zip_features_skipped = zf_catalogue_features_skipped(r->catalogue);
    zf_log(r->callbacks, ZF_LOG_INFO, "%zu ZIPs of %llu features", zf_catalogue_count(r->catalogue),
           (unsigned long long)r->counts.zips_read);
    return ZF_OK;
}

static zf_status open_sink(run *r, zf_error *error) {
    const zf_run_options *o = r->options;
    zf_sink_options options = {.path = o->output,
                               .overwrite = o->overwrite,
                               .crs = r->inputs.crs,
                               .zip_columns = r->plan.zip_columns,
                               .n_zip_columns = r->plan.n_zip_columns,
                               .has_buildings = o->buildings_out != ZF_BUILDINGS_NONE,
                               .has_building_geometry = o->buildings_out == ZF_BUILDINGS_GEOMETRY,
                               .building_columns = r->plan.building_columns,
                               .n_building_columns = r->plan.n_building_columns,
                               .callbacks = r->callbacks};
    return zf_sink_open(&options, &r->sink, error);
}

static zf_status open_worker(run *r, zf_error *error) {
    zf_gather_options options = {.n_numbers = r->plan.n_numbers,
                                 .n_texts = r->plan.n_texts,
                                 .share_bytes = (size_t)GATHER_SHARE_MIB << 20,
                                 .n_writers = 1,
                                 .temp_dir = NULL};
    zf_status st = zf_gather_create(&options, &r->budget, &r->gather, error);
    if (st != ZF_OK)
        return st;
    r->worker = (zf_worker){.options = r->options,
                            .plan = &r->plan,
                            .catalogue = r->catalogue,
                            .layer = zf_source_get_info(r->inputs.buildings),
                            .callbacks = r->callbacks,
                            .rejects = r->rejects,
                            .budget = &r->budget,
                            .metric = r->inputs.metric,
                            .select = r->select};
    return zf_worker_init(&r->worker, r->gather, error);
}

/** Settles everything that can go wrong before the first building is read. */
static zf_status prepare(run *r, zf_error *error) {
    zf_status st = zf_inputs_open(r->options, r->callbacks, &r->inputs, error);
    if (st == ZF_OK)
        st = zf_plan_make(r->options, r->inputs.buildings, r->callbacks, &r->budget, &r->plan, &r->select, error);
    if (st == ZF_OK)
        st = open_sink(r, error);
    if (st == ZF_OK && r->options->trace != NULL)
        st = zf_timeline_open(r->options->trace, &r->budget, &r->timeline, error);
    if (st == ZF_OK)
        st = zf_rejects_create(&r->budget, &r->rejects, error);
    if (st == ZF_OK)
        st = load_catalogue(r, error);
    if (st == ZF_OK)
        st = open_worker(r, error);
    return st;
}

static zf_status stream_buildings(run *r, zf_error *error) {
    zf_source *source = r->inputs.buildings;
    const zf_source_info *info = zf_source_get_info(source);
    uint64_t total = info->n_features > 0 ? (uint64_t)info->n_features : 0, n_read = 0;
    zf_source_query query = {r->plan.fields, r->plan.n_fields, true, NULL, NULL, r->options->batch_size};
    zf_status st = zf_source_start(source, &query, error);
    zf_batch *batch = NULL;
    while (st == ZF_OK && (st = zf_source_next(source, &batch, error)) == ZF_OK) {
        size_t n = zf_batch_count(batch);
        st = zf_check_cancelled(r->callbacks, error);
        if (st == ZF_OK)
            st = zf_worker_process(&r->worker, batch, n_read, error);
        zf_batch_release(batch);
        n_read += n;
        zf_progress_report(r->callbacks, "buildings", n_read, total);
    }
    if (st != ZF_DONE)
        return st;
    zf_counts_add(&r->counts, &r->worker.counts);
    st = zf_worker_finish(&r->worker, error);
    return st == ZF_OK ? zf_gather_seal(r->gather, error) : st;
}

static void warn_when_nothing_met(const run *r) {
    const zf_run_counts *c = &r->counts;
    if (c->buildings_read > 0 && c->buildings_assigned == 0 && c->buildings_crossing == 0)
        zf_log(r->callbacks, ZF_LOG_WARNING,
               "none of the %llu buildings lies in any ZIP; check that both layers show the same place (zonefold inspect), "
               "and their CRS (--zips-crs, --buildings-crs)",
               (unsigned long long)c->buildings_read);
}

static zf_status finish(run *r, zf_error *error) {
    zf_progress_report(r->callbacks, "finish", 0, 0);
    zf_status st = zf_counts_check(&r->counts, error);
    if (st == ZF_OK)
        st = zf_counts_write(&r->counts, r->sink, error);
    if (st == ZF_OK && r->options->where != NULL)
        st = zf_sink_write_funnel(r->sink, 1, "where", r->counts.important, r->counts.assignments - r->counts.important,
                                  error);
    if (st == ZF_OK)
        st = zf_rejects_write(r->rejects, r->sink, error);
    if (st == ZF_OK)
        st = zf_provenance_write(r->options, &r->inputs, r->sink, r->callbacks, error);
    if (st == ZF_OK && r->timeline != NULL) {
        zf_timeline *timeline = r->timeline;
        r->timeline = NULL;
        st = zf_timeline_close(timeline, error);
    }
    if (st != ZF_OK)
        return st;
    zf_sink *sink = r->sink;
    r->sink = NULL;
    return zf_sink_finish(sink, error);
}

static void release(run *r) {
    zf_error ignored = ZF_ERROR_INIT;
    zf_sink_abort(r->sink);
    if (r->timeline != NULL && zf_timeline_close(r->timeline, &ignored) != ZF_OK)
        zf_log(r->callbacks, ZF_LOG_WARNING, "%s", ignored.text);
    zf_worker_deinit(&r->worker);
    zf_gather_destroy(r->gather);
    zf_select_destroy(r->select);
    zf_catalogue_destroy(r->catalogue);
    zf_rejects_destroy(r->rejects);
    zf_plan_deinit(&r->plan);
    zf_inputs_close(&r->inputs);
}

static zf_status check_required(const zf_run_options *options, zf_error *error) {
    const char *missing = options->zips == NULL        ? "--zips"
                          : options->buildings == NULL ? "--buildings"
                          : options->output == NULL    ? "--output"
                                                       : NULL;
    return missing == NULL ? ZF_OK
                           : zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "%s is required", missing);
}

zf_status zf_pipeline_run(const zf_run_options *options, const zf_callbacks *callbacks,
                          zf_status (*zip_done)(void *user, const zf_zip_line *line, zf_error *error), void *zip_user,
                          zf_run_report *out_report, zf_error *error) {
    run r = {.options = options, .callbacks = callbacks};
    zf_budget_init(&r.budget, (size_t)BUDGET_MIB << 20);
    zf_status st = check_required(options, error);
    if (st == ZF_OK)
        st = prepare(&r, error);
    if (st == ZF_OK)
        st = stream_buildings(&r, error);
    if (st == ZF_OK) {
        warn_when_nothing_met(&r);
        zf_zip_loop loop = {options,         &r.plan,  r.catalogue, r.worker.zip_counts, callbacks, r.inputs.metric,
                            r.gather,        r.sink,   &r.budget,   r.timeline,          zip_done,  zip_user};
        st = zf_zips_run(&loop, error);
    }
    if (st == ZF_OK)
        st = finish(&r, error);
    if (st == ZF_OK && out_report != NULL)
        out_report->counts = r.counts;
    release(&r);
    return st;
}

zf_status zf_run(const zf_run_options *options, const zf_callbacks *callbacks, zf_run_report *out_report,
                 zf_error *error) {
    return zf_pipeline_run(options, callbacks, NULL, NULL, out_report, error);
}
