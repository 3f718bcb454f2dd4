/* SPDX-License-Identifier: MIT */
#include "zonefold/run.h"
#include "guard/sqlite_guard.h"
#include "os/thread.h"
#include "perzip/perzip.h"
#include "plan/shares.h"
#include "qgis/qgis.h"
#include "run/guard.h"
#include "run/map_text.h"
#include "run/run_info.h"
#include "stream/funnel.h"
#include "stream/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The list of rejected features behind a lock: threads append to it. */
typedef struct reject_list {
    zf_rejects *rejects;
    zf_mutex lock;
} reject_list;

/** What a run may use. */
typedef struct resources {
    zf_budget budget;
    zf_shares shares;
    size_t n_threads;
    zf_metric **metrics; /**< n_threads */
} resources;

/** Everything a run owns, released in reverse. */
typedef struct run {
    const zf_run_options *options;
    zf_guard guard;
    resources resources;
    zf_inputs inputs;
    zf_hashes hashes;
    zf_plan plan;              /**< const once made */
    zf_query_process *process; /**< of the user's SELECTs; NULL when there are none */
    zf_queries *queries;       /**< NULL when there are none */
    zf_output *sink;
    zf_timeline *timeline; /**< NULL unless it is wanted */
    reject_list rejects;
    zf_catalogue *catalogue;
    zf_stream *stream;
    zf_stream_result read; /**< what the stream left, once it has read the buildings */
    zf_run_report report;  /**< made when the buildings have been read */
} run;

/** Opens both layers, and begins to hash their files. */
static zf_status open_inputs(run *r, zf_error *error) {
    zf_status st = zf_inputs_open(r->options, &r->guard.callbacks, &r->inputs, error);
    if (st == ZF_OK)
        st = zf_hashes_start(&r->hashes, r->inputs.zips, r->inputs.buildings, r->resources.n_threads > 1,
                             &r->guard.callbacks, error);
    return st;
}

/** Makes the plan, and opens the user's queries. */
static zf_status make_plan(run *r, zf_error *error) {
    const zf_plan_sources sources = {r->inputs.zips, r->inputs.buildings, r->process};
    zf_status st =
        zf_plan_make(r->options, &sources, &r->guard.callbacks, &r->resources.budget, &r->plan, error);
    r->inputs.carried = (zf_zone_carried){r->plan.zips.fields, r->plan.zips.n_fields};
    if (st == ZF_OK)
        st = zf_plan_find_decimal_sign(&r->plan, r->inputs.buildings, &r->guard.callbacks, error);
    if (st == ZF_OK)
        st = zf_plan_open_queries(&r->plan, r->options, &r->guard.callbacks, &r->resources.budget,
                                  &r->queries, error);
    if (st == ZF_OK && r->queries != NULL)
        st = zf_queries_start(r->queries, r->inputs.crs, error);
    return st;
}

/** Creates the result beside its place, and the trace of memory. */
static zf_status open_output(run *r, zf_error *error) {
    const zf_run_options *o = r->options;
    zf_output_options options = {
        .path = o->output,
        .overwrite = o->overwrite,
        .crs = r->inputs.crs,
        .zip_columns = {r->plan.result.zip_columns, r->plan.result.n_zip_columns},
        .has_buildings = o->buildings_out != ZF_BUILDINGS_NONE,
        .building_geometry_type = o->buildings_out == ZF_BUILDINGS_GEOMETRY
                                      ? zf_source_get_info(r->inputs.buildings)->building_type
                                      : NULL,
        .has_areas = r->plan.statistics.is_weighted,
        .building_columns = {r->plan.result.building_columns, r->plan.result.n_building_columns},
        .group_columns = {r->plan.groups.columns, r->plan.groups.n_columns},
        .analysis_tables = r->plan.result.tables,
        .n_analysis_tables = r->plan.result.n_tables,
        .queries = r->queries,
        .callbacks = &r->guard.callbacks,
        .budget = &r->resources.budget};
    zf_status st = zf_output_open(&options, &r->sink, error);
    if (st == ZF_OK && o->trace != NULL)
        st = zf_timeline_open(o->trace, &r->resources.budget, &r->timeline, error);
    return st;
}

/** Reads the ZIPs. Fewer threads may remain afterwards: the largest ZIP needs room. */
static zf_status read_zips(run *r, zf_error *error) {
    zf_status st = zf_rejects_create(r->options->temp_dir, &r->resources.budget, &r->rejects.rejects, error);
    if (st == ZF_OK)
        st = zf_inputs_load_zips(&r->inputs, r->options, &r->resources.shares, &r->resources.n_threads,
                                 &r->guard.callbacks, r->rejects.rejects, &r->resources.budget, &r->catalogue,
                                 error);
    return st;
}

static zf_status append_reject(void *user, const zf_rejected *rejected, uint64_t ordinal, zf_error *error) {
    reject_list *list = user;
    zf_mutex_lock(&list->lock);
    zf_status st = zf_rejects_append(list->rejects, rejected, ordinal, error);
    zf_mutex_unlock(&list->lock);
    return st;
}

static zf_status make_metrics(run *r, zf_error *error) {
    r->resources.metrics = calloc(r->resources.n_threads, sizeof *r->resources.metrics);
    if (r->resources.metrics == NULL)
        return zf_error_memory(error, r->resources.n_threads * sizeof *r->resources.metrics, "threads");
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < r->resources.n_threads; i++)
        st = zf_metric_create(r->inputs.crs, r->inputs.is_geodesic, &r->resources.metrics[i], error);
    return st;
}

/** The last step before the first building is read: up to here anything can go wrong at little cost. */
static zf_status open_stream(run *r, zf_error *error) {
    zf_status st = make_metrics(r, error);
    zf_stream_context context = {
        .options = r->options,
        .plan = &r->plan,
        .shares = &r->resources.shares,
        .catalogue = r->catalogue,
        .buildings = r->inputs.buildings,
        .crs = r->inputs.crs,
        .expected = zf_inputs_buildings_extent(&r->inputs),
        .has_unique_fids = zf_inputs_may_filter(zf_source_get_info(r->inputs.buildings)),
        .metrics = r->resources.metrics,
        .n_threads = r->resources.n_threads,
        .batch_rows =
            zf_inputs_batch_rows(&r->inputs, r->options, &r->resources.shares, r->resources.n_threads),
        .reject = append_reject,
        .reject_user = &r->rejects,
        .callbacks = &r->guard.callbacks,
        .budget = &r->resources.budget};
    return st == ZF_OK ? zf_stream_open(&context, &r->stream, error) : st;
}

/** Reads the buildings, and settles what was counted of them. */
static zf_status stream_buildings(run *r, zf_error *error) {
    zf_status st = zf_stream_read(r->stream, &r->read, error);
    if (st != ZF_OK)
        return st;
    zf_run_counts counts = r->read.tally->counts;
    counts.zips_read = zf_catalogue_features_read(r->catalogue);
    counts.zips_selected = zf_catalogue_count(r->catalogue);
    counts.zip_features_skipped = zf_catalogue_features_skipped(r->catalogue);
    st = zf_funnel_make(&r->plan, r->read.tally, &counts, &r->report, error);
    r->report.has_areas = r->plan.statistics.is_weighted;
    if (st == ZF_OK && r->plan.statistics.is_weighted)
        st = zf_areas_settle(&r->read.tally->areas, &r->report.areas, error);
    return st;
}

/** Checks what the coordinates of both layers say about their CRS, now that all have been read. */
static zf_status check_places(const run *r, zf_error *error) {
    zf_envelope zips = zf_catalogue_extent(r->catalogue);
    const zf_envelope *buildings = &r->read.tally->extent;
    zf_inputs_warn_longitudes(&r->inputs, &zips, buildings, &r->guard.callbacks);
    zf_inputs_warn_degrees(&r->inputs, r->options, &zips, buildings, &r->guard.callbacks);
    return zf_inputs_check_degrees(&r->inputs, r->options, &zips, buildings, error);
}

static void warn_when_nothing_met(const run *r) {
    const zf_run_counts *c = &r->report.counts;
    const unsigned long long n_unusable = c->buildings_empty + c->buildings_skipped,
                             n_usable = c->buildings_read - n_unusable;
    const zf_envelope zips = zf_catalogue_extent(r->catalogue);
    if (c->buildings_assigned > 0 || c->buildings_crossing > 0)
        return;
    if (c->buildings_read == 0)
        zf_log(&r->guard.callbacks, ZF_LOG_WARNING,
               "%s: the building layer '%s' is empty; check the file and the layer (zonefold inspect)",
               r->options->buildings, zf_source_get_info(r->inputs.buildings)->layer);
    else if (n_usable == 0)
        zf_log(&r->guard.callbacks, ZF_LOG_WARNING,
               "none of the %llu buildings has a usable geometry: %llu have none, %llu were skipped; the "
               "table rejected_feature says why",
               n_unusable, (unsigned long long)c->buildings_empty, (unsigned long long)c->buildings_skipped);
    else
        zf_log(&r->guard.callbacks, ZF_LOG_WARNING,
               "none of the %llu buildings%s lies in any ZIP; check that both layers show the same place "
               "(zonefold inspect), and their CRS (`zips_crs`, `buildings_crs`)%s",
               n_usable, n_unusable > 0 ? " with a usable geometry" : "",
               zf_envelope_meets_swapped(&zips, &r->read.tally->extent) ? ZF_AXES_SWAPPED : "");
}

static void warn_of_antimeridian(const run *r) {
    const zf_antimeridian_count *count = &r->read.tally->antimeridian;
    zf_inputs_warn_antimeridian(zf_source_get_info(r->inputs.buildings), count->n, count->first_fid,
                                &r->guard.callbacks);
}

/** ZIPs that are covered more than once, and the caller's own function. */
typedef struct coverage_watch {
    zf_zip_done *zip_done;
    void *user;
    uint64_t n_above;
    double most;
    char zip[64]; /**< of the most */
} coverage_watch;

/** Notes a coverage above 1, and passes the row on. */
static zf_status watch_coverage(void *user, const zf_zip_line *line, zf_error *error) {
    /* rounding alone does not count: footprints that tile a ZIP can add up to a little more than its area */
    static const double slack = 1e-9;
    coverage_watch *watch = user;
    const double coverage = zf_value_number(&line->values[ZF_ZIP_COVERAGE]);
    watch->n_above += coverage > 1 + slack;
    if (coverage > 1 + slack && coverage > watch->most) {
        watch->most = coverage;
        snprintf(watch->zip, sizeof watch->zip, "%s", line->zip);
    }
    return watch->zip_done != NULL ? watch->zip_done(watch->user, line, error) : ZF_OK;
}

static void warn_of_coverage(const run *r, const coverage_watch *watch) {
    const zf_assign_rule rule = r->options->assign;
    if (watch->n_above == 0)
        return;
    zf_log(&r->guard.callbacks, ZF_LOG_WARNING,
           "the coverage of %llu ZIP%s is above 1, at most %.3g in ZIP '%s': footprints overlap or repeat%s; "
           "`analyses` overlaps lists such pairs",
           (unsigned long long)watch->n_above, watch->n_above == 1 ? "" : "s", watch->most, watch->zip,
           rule == ZF_ASSIGN_WITHIN || rule == ZF_ASSIGN_COVERED_BY || rule == ZF_ASSIGN_SHARE
               ? ""
               : ", or extend beyond the ZIP");
}

/** Warns of texts of ZIPs that number() and metres() could not read. */
static void warn_of_zip_texts(const run *r, const zf_unread_list *unread, const zf_expressions *select) {
    for (size_t k = 0; k < unread->n; k++)
        if (unread->items[k].n > 0) {
            const char *names = zf_expressions_number_names(select, k);
            zf_log(&r->guard.callbacks, ZF_LOG_WARNING,
                   "`zip_computes` %s: number() or metres() of %s could not read the value of %llu ZIP%s, "
                   "which counts "
                   "as missing (NULL), for example '%s' of ZIP '%s'",
                   r->plan.zips.computes[k].name, names != NULL ? names : "an expression",
                   (unsigned long long)unread->items[k].n, unread->items[k].n == 1 ? "" : "s",
                   unread->items[k].example,
                   zf_catalogue_zone(r->catalogue, (size_t)unread->items[k].fid - 1)->zip);
        }
}

static zf_status process_zips(run *r, zf_zip_done *zip_done, void *zip_user, zf_error *error) {
    const zf_stream_result *read = &r->read;
    zf_unread_list unread = {NULL, 0};
    coverage_watch watch = {.zip_done = zip_done, .user = zip_user};
    zf_perzip perzip = {
        .options = r->options,
        .plan = &r->plan,
        .catalogue = r->catalogue,
        .callbacks = &r->guard.callbacks,
        .budget = &r->resources.budget,
        .metrics = r->resources.metrics,
        .n_threads = r->resources.n_threads,
        .flight_bytes = r->resources.shares.flight_bytes,
        .input = {.rows = read->rows,
                  .totals = read->totals,
                  .n_totals = read->n_totals,
                  .counts = read->tally->zips,
                  .groups = read->groups,
                  .others = read->others,
                  .other_counts = read->other_counts,
                  .has_unique_fids = zf_inputs_may_filter(zf_source_get_info(r->inputs.buildings))},
        .output = {.file = r->sink,
                   .queries = r->queries,
                   .timeline = r->timeline,
                   .zip_unread = &unread,
                   .zip_done = watch_coverage,
                   .user = &watch}};
    zf_status st = zf_plan_compile_zips(&r->plan, &r->guard.callbacks, &perzip.output.zip_expressions, error);
    if (st == ZF_OK)
        st = zf_unread_init(&unread, r->plan.zips.n_computes, error);
    if (st == ZF_OK)
        st = zf_perzip_run(&perzip, error);
    if (st == ZF_OK) {
        warn_of_coverage(r, &watch);
        warn_of_zip_texts(r, &unread, perzip.output.zip_expressions);
    }
    zf_unread_deinit(&unread);
    zf_expressions_destroy(perzip.output.zip_expressions);
    return st;
}

/** Lists the tables of the result with their rows, for the report; but not those about the run: run_info
 * still grows. */
static zf_status list_tables(run *r, zf_error *error) {
    zf_run_report *report = &r->report;
    const size_t n = zf_output_n_tables(r->sink);
    report->tables = calloc(n, sizeof *report->tables);
    zf_status st = report->tables != NULL ? ZF_OK : zf_error_memory(error, n, "the report");
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        zf_run_table table = {NULL, 0};
        const char *name = zf_output_table_name(r->sink, i, &table.n_rows);
        if (name == NULL || strncmp(name, "run_", 4) == 0)
            continue;
        table.name = zf_string_copy(name);
        if (table.name == NULL)
            st = zf_error_memory(error, 0, "the report");
        else
            report->tables[report->n_tables++] = table;
    }
    return st;
}

/** Writes how QGIS draws the layers. */
static zf_status write_styles(run *r, zf_error *error) {
    zf_text subtitle = {0};
    zf_map_text_append(&r->plan, &r->inputs, &subtitle);
    const zf_qgis_map map = {.column = r->plan.result.map_column,
                             .title = r->options->title,
                             .subtitle = subtitle.bytes,
                             .has_conditions = zf_plan_n_conditions(&r->plan) > 0};
    zf_status st = subtitle.is_failed ? zf_error_memory(error, subtitle.n, "the text of the map")
                                      : zf_qgis_write_styles(r->sink, &map, &r->resources.budget, error);
    zf_text_deinit(&subtitle);
    return st;
}

/** Checks the counts, writes what is known at the end, and puts the result in place. */
static zf_status finish(run *r, zf_error *error) {
    zf_progress_report(&r->guard.callbacks, "finish", 0, 0);
    r->report.has_groups = r->plan.groups.n_fields > 0;
    r->report.n_groups = zf_output_count_groups(r->sink);
    zf_status st = zf_counts_check(&r->report.counts, error);
    if (st == ZF_OK && r->queries != NULL)
        st = zf_output_write_query_results(r->sink, r->queries, error);
    if (st == ZF_OK)
        st = zf_counts_write(&r->report.counts, r->sink, error);
    if (st == ZF_OK && r->report.has_areas)
        st = zf_areas_write(&r->report.areas, r->sink, error);
    if (st == ZF_OK)
        st = zf_funnel_write(&r->report, r->sink, error);
    if (st == ZF_OK)
        st = zf_rejects_write(r->rejects.rejects, r->sink, error);
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
        st = write_styles(r, error);
    if (st == ZF_OK)
        st = list_tables(r, error);
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
        zf_log(&r->guard.callbacks, ZF_LOG_WARNING, "%s", ignored.text);
    zf_stream_close(r->stream);
    for (size_t i = 0; r->resources.metrics != NULL && i < r->resources.n_threads; i++)
        zf_metric_destroy(r->resources.metrics[i]);
    free(r->resources.metrics);
    zf_catalogue_destroy(r->catalogue);
    zf_rejects_destroy(r->rejects.rejects);
    zf_queries_close(r->queries);
    zf_query_process_end(r->process);
    zf_plan_deinit(&r->plan);
    zf_run_report_deinit(&r->report);
    zf_hashes_stop(&r->hashes);
    zf_inputs_close(&r->inputs);
    zf_hashes_deinit(&r->hashes);
    zf_mutex_deinit(&r->rejects.lock);
    zf_guard_deinit(&r->guard);
}

static void start(run *r, const zf_callbacks *callbacks) {
    zf_guard_init(&r->guard, callbacks);
    zf_mutex_init(&r->rejects.lock);
    r->resources.n_threads = zf_inputs_threads(r->options);
    r->resources.shares = zf_shares_divide(r->options->memory_bytes, r->resources.n_threads);
    zf_shares_reserve(&r->resources.shares, r->options->n_analysis_sqls + r->options->n_tops > 0,
                      r->options->n_by > 0);
    zf_budget_init(&r->resources.budget, r->resources.shares.limit_bytes);
}

zf_status zf_run(const zf_run_options *options, const zf_callbacks *callbacks, zf_zip_done *zip_done,
                 void *user, zf_run_report *out_report, zf_error *error) {
    run r = {.options = options};
    start(&r, callbacks);
    zf_status st = ZF_OK;
    if (options->output == NULL)
        st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "`output` is required");
    if (st == ZF_OK && options->n_analysis_sqls + options->n_tops >
                           0) /* before there are threads, and as long as it is small */
        st = zf_query_process_start(r.resources.budget.limit_bytes, &r.guard.callbacks, &r.process, error);
    const zf_sqlite_limit before = zf_sqlite_limit_begin(options->memory_bytes);
    if (st == ZF_OK)
        st = open_inputs(&r, error);
    if (st == ZF_OK)
        st = make_plan(&r, error);
    if (st == ZF_OK)
        st = open_output(&r, error);
    if (st == ZF_OK)
        st = read_zips(&r, error);
    if (st == ZF_OK)
        st = open_stream(&r, error);
    if (st == ZF_OK)
        st = stream_buildings(&r, error);
    if (st == ZF_OK)
        st = check_places(&r, error);
    if (st == ZF_OK) {
        warn_when_nothing_met(&r);
        warn_of_antimeridian(&r);
        zf_unread_warn(&r.read.tally->unread, &r.plan, &r.guard.callbacks);
        st = process_zips(&r, zip_done, user, error);
    }
    if (st == ZF_OK)
        st = finish(&r, error);
    if (st == ZF_OK && out_report != NULL) {
        r.report.rejected = zf_rejects_count(r.rejects.rejects);
        *out_report = r.report;
        r.report = (zf_run_report){0};
    }
    release(&r);
    zf_sqlite_limit_end(&before);
    return st;
}
