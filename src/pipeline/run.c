/* SPDX-License-Identifier: MIT */
#include "pipeline/guard.h"
#include "pipeline/provenance.h"
#include "pipeline/stream.h"
#include "pipeline/zips.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

/** Gathered rows go to a temporary file beyond this share. */
enum { GATHER_SHARE_MIB = 16 };
/** Where no rows are needed, what is added up per thread and ZIP takes at most this; beyond it, rows are
 * gathered none the less. */
enum { TOTALS_SHARE_MIB = 16 };
/** Buildings per batch: larger ones are no faster and hold more. */
enum { BATCH_ROWS = 4096 };

/** Everything a run owns, released in reverse. */
typedef struct run {
    const zf_run_options *options;
    zf_guard guard;
    const zf_callbacks *callbacks; /**< the guard's */
    zf_budget budget;
    zf_inputs inputs;
    zf_hashes hashes;
    zf_rejects *rejects;
    zf_catalogue *catalogue;
    pthread_mutex_t rejects_lock;
    zf_plan plan;
    zf_gather *gather;
    zf_worker *workers;       /**< one per thread */
    size_t n_workers;         /**< ready ones */
    zf_zip_count *zip_counts; /**< of all workers, per zone number */
    zf_timeline *timeline;
    zf_sink *sink;
    zf_run_counts counts;
} run;

static zf_status note_zone_reject(void *user, const zf_zone_reject *reject, zf_error *error) {
    zf_rejects *rejects = user;
    zf_rejected rejected = {
        true,      reject->fid, reject->reason, reject->detail, reject->is_repaired, reject->area_delta_m2,
        reject->x, reject->y};
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
    if (r->inputs.transform != NULL && strstr(zf_transform_describe(r->inputs.transform), "Ballpark") != NULL)
        zf_log(r->callbacks, ZF_LOG_WARNING,
               "PROJ knows no exact way from the ZIPs' CRS to the buildings' and moves the ZIPs roughly, "
               "perhaps off by metres: %s",
               zf_transform_describe(r->inputs.transform));
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
                               .callbacks = r->callbacks,
                               .budget = &r->budget};
    return zf_sink_open(&options, &r->sink, error);
}

/** Processors this process may use, unless the caller says otherwise. */
static size_t count_threads(const zf_run_options *options) {
    cpu_set_t set;
    if (options->n_threads > 0)
        return options->n_threads;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}

static zf_status open_worker(run *r, zf_worker *worker, zf_error *error) {
    *worker = (zf_worker){.options = r->options,
                          .plan = &r->plan,
                          .catalogue = r->catalogue,
                          .layer = zf_source_get_info(r->inputs.buildings),
                          .callbacks = r->callbacks,
                          .rejects = r->rejects,
                          .rejects_lock = &r->rejects_lock,
                          .budget = &r->budget,
                          .inputs = &r->inputs};
    return zf_worker_init(worker, r->gather, error);
}

static zf_status open_workers(run *r, zf_error *error) {
    size_t n = count_threads(r->options);
    r->plan.has_rows |= !zf_totals_fit(zf_catalogue_count(r->catalogue), r->plan.n_numbers, n,
                                       (size_t)TOTALS_SHARE_MIB << 20);
    zf_gather_options options = {.n_numbers = r->plan.n_numbers,
                                 .n_texts = r->plan.n_texts,
                                 .share_bytes = (size_t)GATHER_SHARE_MIB << 20,
                                 .n_writers = n,
                                 .temp_dir = NULL};
    zf_status st = zf_gather_create(&options, &r->budget, &r->gather, error);
    if (st != ZF_OK)
        return st;
    r->workers = calloc(n, sizeof *r->workers);
    if (r->workers == NULL)
        return zf_error_memory(error, n * sizeof *r->workers, "threads");
    while (st == ZF_OK && r->n_workers < n) {
        st = open_worker(r, &r->workers[r->n_workers], error);
        r->n_workers += st == ZF_OK;
    }
    return st;
}

/** Settles everything that can go wrong before the first building is read. */
static zf_status prepare(run *r, zf_error *error) {
    zf_status st = zf_inputs_open(r->options, r->callbacks, &r->inputs, error);
    if (st == ZF_OK)
        st = zf_plan_make(r->options, r->inputs.buildings, r->callbacks, &r->budget, &r->plan, error);
    if (st == ZF_OK)
        st = open_sink(r, error);
    if (st == ZF_OK && r->options->trace != NULL)
        st = zf_timeline_open(r->options->trace, &r->budget, &r->timeline, error);
    if (st == ZF_OK)
        st = zf_rejects_create(&r->budget, &r->rejects, error);
    if (st == ZF_OK)
        st = load_catalogue(r, error);
    if (st == ZF_OK)
        st = open_workers(r, error);
    return st;
}

static zf_status add_zip_counts(run *r, zf_error *error) {
    size_t n = zf_catalogue_count(r->catalogue);
    r->zip_counts = calloc(n, sizeof *r->zip_counts);
    if (r->zip_counts == NULL)
        return zf_error_memory(error, n * sizeof *r->zip_counts, "counts per ZIP");
    for (size_t w = 0; w < r->n_workers; w++)
        for (size_t i = 0; i < n; i++) {
            r->zip_counts[i].buildings += r->workers[w].zip_counts[i].buildings;
            r->zip_counts[i].crossing += r->workers[w].zip_counts[i].crossing;
        }
    return ZF_OK;
}

static zf_status stream_buildings(run *r, zf_error *error) {
    size_t batch_rows = r->options->batch_size > 0 ? r->options->batch_size : BATCH_ROWS;
    zf_source_query query = {r->plan.fields, r->plan.n_fields, true, NULL, NULL, batch_rows};
    zf_status st = zf_hashes_start(&r->hashes, r->inputs.zips, r->inputs.buildings, r->n_workers > 1,
                                   r->callbacks, error);
    if (st == ZF_OK)
        st = zf_stream_run(r->inputs.buildings, &query, r->workers, r->n_workers, &r->counts, error);
    if (st == ZF_OK)
        st = add_zip_counts(r, error);
    return st == ZF_OK ? zf_gather_seal(r->gather, error) : st;
}

static void warn_when_nothing_met(const run *r) {
    const zf_run_counts *c = &r->counts;
    if (c->buildings_read > 0 && c->buildings_assigned == 0 && c->buildings_crossing == 0)
        zf_log(r->callbacks, ZF_LOG_WARNING,
               "none of the %llu buildings lies in any ZIP; check that both layers show the same place "
               "(zonefold inspect), "
               "and their CRS (--zips-crs, --buildings-crs)",
               (unsigned long long)c->buildings_read);
}

static zf_status finish(run *r, zf_error *error) {
    zf_progress_report(r->callbacks, "finish", 0, 0);
    zf_status st = zf_counts_check(&r->counts, error);
    if (st == ZF_OK)
        st = zf_counts_write(&r->counts, r->sink, error);
    if (st == ZF_OK && r->options->where != NULL)
        st = zf_sink_write_funnel(r->sink, 1, "where", r->counts.important,
                                  r->counts.assignments - r->counts.important, error);
    if (st == ZF_OK)
        st = zf_rejects_write(r->rejects, r->sink, error);
    if (st == ZF_OK)
        st = zf_hashes_finish(&r->hashes, error);
    if (st == ZF_OK)
        st = zf_provenance_write(r->options, &r->inputs, &r->hashes, r->sink, error);
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
    for (size_t i = 0; i < r->n_workers; i++)
        zf_worker_deinit(&r->workers[i]);
    free(r->workers);
    free(r->zip_counts);
    zf_gather_destroy(r->gather);
    zf_catalogue_destroy(r->catalogue);
    zf_rejects_destroy(r->rejects);
    zf_plan_deinit(&r->plan);
    zf_hashes_stop(&r->hashes);
    zf_inputs_close(&r->inputs);
    zf_hashes_deinit(&r->hashes);
    pthread_mutex_destroy(&r->rejects_lock);
    zf_guard_deinit(&r->guard);
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
                          zf_status (*zip_done)(void *user, const zf_zip_line *line, zf_error *error),
                          void *zip_user, zf_run_report *out_report, zf_error *error) {
    run r = {.options = options};
    zf_guard_init(&r.guard, callbacks);
    r.callbacks = &r.guard.callbacks;
    pthread_mutex_init(&r.rejects_lock, NULL);
    zf_budget_init(&r.budget, 0);
    zf_status st = check_required(options, error);
    if (st == ZF_OK)
        st = prepare(&r, error);
    if (st == ZF_OK)
        st = stream_buildings(&r, error);
    if (st == ZF_OK) {
        warn_when_nothing_met(&r);
        zf_zip_loop loop = {.options = options,
                            .plan = &r.plan,
                            .catalogue = r.catalogue,
                            .zip_counts = r.zip_counts,
                            .callbacks = r.callbacks,
                            .workers = r.workers,
                            .n_workers = r.n_workers,
                            .gather = r.gather,
                            .sink = r.sink,
                            .budget = &r.budget,
                            .timeline = r.timeline,
                            .zip_done = zip_done,
                            .zip_user = zip_user};
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
