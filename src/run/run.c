/* SPDX-License-Identifier: MIT */
#include "run/run.h"
#include "os/thread.h"
#include "perzip/perzip.h"
#include "plan/shares.h"
#include "qgis/qgis.h"
#include "run/guard.h"
#include "run/run_info.h"
#include "stream/funnel.h"
#include "stream/halo.h"
#include "stream/passes.h"

#include <stdlib.h>
#include <string.h>

/** Everything a run owns, released in reverse. */
typedef struct run {
    const zf_run_options *options;
    zf_guard guard;
    const zf_callbacks *callbacks; /**< the guard's */
    zf_budget budget;
    size_t n_threads;
    zf_shares shares;
    zf_inputs inputs;
    zf_hashes hashes;
    zf_rejects *rejects;
    zf_catalogue *catalogue;
    zf_mutex rejects_lock;
    zf_plan plan;               /**< const once made */
    zf_queries *queries;        /**< NULL when there are none */
    zf_gather *gather;          /**< NULL when the workers add all up */
    zf_gather *partials;        /**< NULL when one pass is enough */
    zf_gather *halo;            /**< NULL when no analysis looks beyond its ZIP */
    zf_worker *workers;         /**< one per thread */
    size_t n_workers;           /**< ready ones */
    zf_zip_count *zip_counts;   /**< of all workers, per zone number */
    zf_halo_count *halo_counts; /**< likewise, with a halo */
    zf_timeline *timeline;
    zf_output *sink;
    zf_run_counts counts;
    zf_run_report report; /**< made when the buildings have been seen */
} run;

static void settle_first_pass(run *r) {
    zf_catalogue_first_pass(r->catalogue, r->shares.grid_bytes, r->shares.exact_bytes, r->n_threads,
                            zf_inputs_buildings_extent(&r->inputs));
}

static zf_status load_catalogue(run *r, zf_error *error) {
    zf_status st = zf_inputs_load_zips(&r->inputs, r->options, &r->shares, &r->n_threads, r->callbacks,
                                       r->rejects, &r->budget, &r->catalogue, error);
    if (st != ZF_OK)
        return st;
    r->counts.zips_read = zf_catalogue_features_read(r->catalogue);
    r->counts.zips_selected = zf_catalogue_count(r->catalogue);
    r->counts.zip_features_skipped = zf_catalogue_features_skipped(r->catalogue);
    settle_first_pass(r);
    return ZF_OK;
}

static zf_status open_sink(run *r, zf_error *error) {
    const zf_run_options *o = r->options;
    zf_output_options options = {.path = o->output,
                                 .overwrite = o->overwrite,
                                 .crs = r->inputs.crs,
                                 .zip_columns = r->plan.result.zip_columns,
                                 .n_zip_columns = r->plan.result.n_zip_columns,
                                 .has_buildings = o->buildings_out != ZF_BUILDINGS_NONE,
                                 .has_building_geometry = o->buildings_out == ZF_BUILDINGS_GEOMETRY,
                                 .has_areas = r->plan.statistics.is_weighted,
                                 .building_columns = r->plan.result.building_columns,
                                 .n_building_columns = r->plan.result.n_building_columns,
                                 .further = r->plan.result.tables,
                                 .n_further = r->plan.result.n_tables,
                                 .queries = r->queries,
                                 .callbacks = r->callbacks,
                                 .budget = &r->budget};
    return zf_output_open(&options, &r->sink, error);
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
                          .inputs = &r->inputs,
                          .has_unique_fids = zf_inputs_may_filter(zf_source_get_info(r->inputs.buildings))};
    return zf_worker_init(worker, r->gather, r->partials, r->halo, error);
}

static zf_status open_workers(run *r, zf_error *error) {
    size_t n = r->n_threads;
    const zf_row_layout *layout = &r->plan.layout;
    const bool gathers_rows =
        r->plan.needs_rows ||
        !zf_totals_fit(zf_catalogue_count(r->catalogue), layout->n_numbers, n, r->shares.gather_bytes);
    zf_gather_options options = {.n_cells = zf_layout_n_cells(layout),
                                 .n_texts = layout->n_texts,
                                 .share_bytes = r->shares.gather_bytes,
                                 .n_writers = n,
                                 .temp_dir = r->options->temp_dir,
                                 .visits_payloads = (r->plan.analyses.needs & ZF_NEEDS_FOOTPRINTS) != 0};
    zf_status st = gathers_rows ? zf_gather_create(&options, &r->budget, &r->gather, error) : ZF_OK;
    if (st == ZF_OK && !zf_catalogue_is_one_pass(r->catalogue))
        st = zf_partials_create(n, r->shares.gather_bytes / 4, r->options->temp_dir, &r->budget, &r->partials,
                                error);
    if (st == ZF_OK && r->plan.analyses.halo.is_needed)
        st = zf_halo_gather_create(&r->plan, n, r->shares.halo_bytes, r->options->temp_dir, &r->budget,
                                   &r->halo, error);
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
        st = zf_hashes_start(&r->hashes, r->inputs.zips, r->inputs.buildings, r->n_threads > 1, r->callbacks,
                             error);
    if (st == ZF_OK)
        st = zf_plan_make(r->options, r->inputs.buildings, r->callbacks, &r->budget, &r->plan, error);
    if (st == ZF_OK)
        st = zf_plan_open_queries(&r->plan, r->options, r->callbacks, &r->budget, &r->queries, error);
    if (st == ZF_OK && r->queries != NULL)
        st = zf_queries_start(r->queries, r->inputs.crs, error);
    if (st == ZF_OK)
        st = open_sink(r, error);
    if (st == ZF_OK && r->options->trace != NULL)
        st = zf_timeline_open(r->options->trace, &r->budget, &r->timeline, error);
    if (st == ZF_OK)
        st = zf_rejects_create(r->options->temp_dir, &r->budget, &r->rejects, error);
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
            r->zip_counts[i].n_rings += r->workers[w].zip_counts[i].n_rings;
            r->zip_counts[i].n_points += r->workers[w].zip_counts[i].n_points;
        }
    return ZF_OK;
}

/** Buildings near ZIPs that are not of them, where an analysis looks at such. */
static zf_status read_halo(run *r, const zf_passes *passes, zf_error *error) {
    size_t n = zf_catalogue_count(r->catalogue);
    r->halo_counts = calloc(n + 1, sizeof *r->halo_counts);
    if (r->halo_counts == NULL)
        return zf_error_memory(error, n * sizeof *r->halo_counts, "counts per ZIP");
    settle_first_pass(r);
    zf_status st = zf_halo_read(passes, r->halo_counts, error);
    return st == ZF_OK ? zf_gather_seal(r->halo, error) : st;
}

static zf_status settle_areas(run *r, zf_error *error) {
    zf_areas areas = {.assigned = {.sum = {.wide = NULL}}};
    for (size_t w = 0; w < r->n_workers; w++)
        zf_areas_merge(&areas, &r->workers[w].areas);
    r->report.has_areas = true;
    return zf_areas_settle(&areas, &r->report.areas, error);
}

static zf_status stream_buildings(run *r, zf_error *error) {
    zf_passes passes = {.buildings = r->inputs.buildings,
                        .plan = &r->plan,
                        .batch_rows = zf_inputs_batch_rows(&r->inputs, r->options, &r->shares, r->n_threads),
                        .catalogue = r->catalogue,
                        .workers = r->workers,
                        .n_workers = r->n_workers,
                        .partials = r->partials,
                        .callbacks = r->callbacks};
    zf_status st = zf_passes_run(&passes, &r->counts, error);
    if (st == ZF_OK && r->plan.analyses.halo.is_needed)
        st = read_halo(r, &passes, error);
    zf_catalogue_end_passes(r->catalogue);
    if (st == ZF_OK)
        st = add_zip_counts(r, error);
    if (st == ZF_OK)
        st = zf_funnel_make(&r->plan, r->workers, r->n_workers, &r->counts, &r->report, error);
    if (st == ZF_OK && r->plan.statistics.is_weighted)
        st = settle_areas(r, error);
    return st == ZF_OK && r->gather != NULL ? zf_gather_seal(r->gather, error) : st;
}

static void warn_when_nothing_met(const run *r) {
    const zf_run_counts *c = &r->counts;
    const unsigned long long n_unusable = c->buildings_empty + c->buildings_skipped,
                             n_usable = c->buildings_read - n_unusable;
    if (c->buildings_read == 0 || c->buildings_assigned > 0 || c->buildings_crossing > 0)
        return;
    if (n_usable == 0)
        zf_log(
            r->callbacks, ZF_LOG_WARNING,
            "none of the %llu buildings has a usable geometry: %llu have none, %llu were skipped; the table "
            "rejected_feature says why",
            n_unusable, (unsigned long long)c->buildings_empty, (unsigned long long)c->buildings_skipped);
    else
        zf_log(r->callbacks, ZF_LOG_WARNING,
               "none of the %llu buildings%s lies in any ZIP; check that both layers show the same place "
               "(zonefold inspect), "
               "and their CRS (--zips-crs, --buildings-crs)",
               n_usable, n_unusable > 0 ? " with a usable geometry" : "");
}

static void warn_of_turned(const run *r) {
    uint64_t n = 0, ordinal = UINT64_MAX;
    int64_t fid = 0;
    for (size_t w = 0; w < r->n_workers; w++) {
        const zf_worker *worker = &r->workers[w];
        n += worker->n_turned;
        if (worker->n_turned > 0 && worker->turned_ordinal < ordinal) {
            ordinal = worker->turned_ordinal;
            fid = worker->turned_fid;
        }
    }
    zf_inputs_warn_turned(zf_source_get_info(r->inputs.buildings), n, fid, r->callbacks);
}

static zf_status work_on_zips(run *r,
                              zf_status (*zip_done)(void *user, const zf_zip_line *line, zf_error *error),
                              void *zip_user, zf_error *error) {
    const size_t n = r->n_workers;
    zf_metric **metrics = calloc(n, sizeof *metrics);
    const zf_totals **totals = calloc(n, sizeof *totals);
    zf_status st = ZF_OK;
    if (metrics == NULL || totals == NULL) {
        st = zf_error_memory(error, n * sizeof *metrics, "threads");
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        metrics[i] = r->workers[i].metric;
        totals[i] = &r->workers[i].totals;
    }
    zf_perzip perzip = {.options = r->options,
                        .plan = &r->plan,
                        .catalogue = r->catalogue,
                        .callbacks = r->callbacks,
                        .budget = &r->budget,
                        .metrics = metrics,
                        .n_threads = n,
                        .flight_bytes = r->shares.flight_bytes,
                        .input = {.rows = r->gather,
                                  .totals = totals,
                                  .n_totals = n,
                                  .counts = r->zip_counts,
                                  .others = r->halo,
                                  .other_counts = r->halo_counts,
                                  .has_unique_fids = r->workers[0].has_unique_fids},
                        .output = {r->sink, r->queries, r->timeline, zip_done, zip_user}};
    st = zf_perzip_run(&perzip, error);
done:
    free(metrics);
    free(totals);
    return st;
}

static zf_status finish(run *r, zf_error *error) {
    zf_progress_report(r->callbacks, "finish", 0, 0);
    zf_status st = zf_counts_check(&r->counts, error);
    if (st == ZF_OK && r->queries != NULL)
        st = zf_output_write_query_results(r->sink, r->queries, error);
    if (st == ZF_OK)
        st = zf_counts_write(&r->counts, r->sink, error);
    if (st == ZF_OK && r->report.has_areas)
        st = zf_areas_write(&r->report.areas, r->sink, error);
    if (st == ZF_OK)
        st = zf_funnel_write(&r->report, r->sink, error);
    if (st == ZF_OK)
        st = zf_rejects_write(r->rejects, r->sink, error);
    if (st == ZF_OK)
        st = zf_hashes_finish(&r->hashes, error);
    if (st == ZF_OK)
        st = zf_provenance_write(r->options, &r->plan, &r->inputs, &r->hashes, r->sink, error);
    if (st == ZF_OK && r->timeline != NULL) {
        zf_timeline *timeline = r->timeline;
        r->timeline = NULL;
        st = zf_timeline_close(timeline, error);
    }
    if (st == ZF_OK)
        st = zf_qgis_write_styles(r->sink, &r->budget, error);
    if (st != ZF_OK)
        return st;
    zf_output *sink = r->sink;
    r->sink = NULL;
    return zf_output_finish(sink, error);
}

static void release(run *r) {
    zf_error ignored = ZF_ERROR_INIT;
    zf_output_abort(r->sink);
    if (r->timeline != NULL && zf_timeline_close(r->timeline, &ignored) != ZF_OK)
        zf_log(r->callbacks, ZF_LOG_WARNING, "%s", ignored.text);
    for (size_t i = 0; i < r->n_workers; i++)
        zf_worker_deinit(&r->workers[i]);
    free(r->workers);
    free(r->zip_counts);
    free(r->halo_counts);
    zf_gather_destroy(r->halo);
    zf_gather_destroy(r->partials);
    zf_gather_destroy(r->gather);
    zf_catalogue_destroy(r->catalogue);
    zf_rejects_destroy(r->rejects);
    zf_queries_close(r->queries);
    zf_plan_deinit(&r->plan);
    zf_run_report_deinit(&r->report);
    zf_hashes_stop(&r->hashes);
    zf_inputs_close(&r->inputs);
    zf_hashes_deinit(&r->hashes);
    zf_mutex_deinit(&r->rejects_lock);
    zf_guard_deinit(&r->guard);
}

zf_status zf_pipeline_run(const zf_run_options *options, const zf_callbacks *callbacks,
                          zf_status (*zip_done)(void *user, const zf_zip_line *line, zf_error *error),
                          void *zip_user, zf_run_report *out_report, zf_error *error) {
    run r = {.options = options};
    zf_guard_init(&r.guard, callbacks);
    r.callbacks = &r.guard.callbacks;
    zf_mutex_init(&r.rejects_lock);
    r.n_threads = zf_inputs_threads(options);
    r.shares = zf_shares_divide(options->memory_bytes, r.n_threads);
    zf_shares_reserve(&r.shares, options->n_analysis_sqls > 0 ? ZF_QUERIES_BYTES : 0);
    zf_budget_init(&r.budget, r.shares.limit_bytes);
    zf_status st = ZF_OK;
    if (options->output == NULL)
        st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "--output is required");
    if (st == ZF_OK)
        st = prepare(&r, error);
    if (st == ZF_OK)
        st = stream_buildings(&r, error);
    if (st == ZF_OK) {
        warn_when_nothing_met(&r);
        warn_of_turned(&r);
        st = work_on_zips(&r, zip_done, zip_user, error);
    }
    if (st == ZF_OK)
        st = finish(&r, error);
    if (st == ZF_OK && out_report != NULL) {
        r.report.rejected = zf_rejects_count(r.rejects);
        *out_report = r.report;
        r.report = (zf_run_report){0};
    }
    release(&r);
    return st;
}

zf_status zf_run(const zf_run_options *options, const zf_callbacks *callbacks, zf_run_report *out_report,
                 zf_error *error) {
    return zf_pipeline_run(options, callbacks, NULL, NULL, out_report, error);
}
