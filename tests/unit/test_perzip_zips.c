/* SPDX-License-Identifier: MIT */
/* What a ZIP holds against what was forecast, and what comes of a limit that is too low for it. */
#include "unit/zone_files.h"

#include "perzip/zips.h"
#include "unit/wkb_writer.h"

#define SQUARE "POLYGON((0 0,1000 0,1000 1000,0 1000,0 0))"

enum { SLACK_BYTES = 48 * 1024, N_NUMBERS = 4, HEIGHT = 3 };

/** A plan made by hand: area, centroid and height; and one ZIP's rows. */
typedef struct zip_case {
    zone_case zones;
    zf_plan plan;
    size_t number_scope[N_NUMBERS];
    bool is_rest[N_NUMBERS + 1], is_column[N_NUMBERS], is_added[N_NUMBERS];
    zf_stat_request requests[2];
    zf_analysis_job analyses[1];
    zf_gather *gather;
    zf_budget budget;
    zf_zip_count count;
    zf_zip_loop loop;
    zf_error error;
} zip_case;

static zf_stat mean[] = {{ZF_STAT_MEAN, 0}};
static zf_stat median[] = {{ZF_STAT_MEAN, 0}, {ZF_STAT_MEDIAN, 0}};

/* Two numbers: the numbers begin with the place, as those of buildings near a ZIP do. */
static void fill_gather(zip_case *c, size_t n, size_t n_numbers) {
    zf_gather_options options = {n_numbers, 0, 1 << 20, 1, NULL, true};
    zf_gather_writer *writer = NULL;
    assert_int_equal(zf_gather_create(&options, NULL, &c->gather, NULL), ZF_OK);
    assert_int_equal(zf_gather_writer_open(c->gather, &writer, NULL), ZF_OK);
    for (size_t i = 0; i < n; i++) {
        double x = fmod((double)i * 754.877, 1000), y = fmod((double)i * 569.84, 1000);
        const double numbers[N_NUMBERS] = {50 + (double)(i % 100), x, y, i % 7 ? (double)(i % 20) : NAN};
        const double square[] = {x, y, x + 5, y, x + 5, y + 5, x, y + 5, x, y};
        static wkb_writer w;
        wkb_polygon(&w, square, 5);
        zf_gather_row row = {1,    (int64_t)i,    i, n_numbers < N_NUMBERS ? numbers + 1 : numbers,
                             NULL, {w.bytes, w.n}};
        assert_int_equal(zf_gather_append(writer, &row, NULL), ZF_OK);
    }
    assert_int_equal(zf_gather_writer_close(writer, NULL), ZF_OK);
    assert_int_equal(zf_gather_seal(c->gather, NULL), ZF_OK);
}

static void ask(zip_case *c, size_t request, size_t slot, zf_stat *stats, size_t n_stats) {
    c->requests[request] =
        (zf_stat_request){.type = ZF_FIELD_REAL, .slot = slot, .stats = stats, .n_stats = n_stats};
    bool is_column = stats == median;
    c->is_column[slot] |= is_column;
    c->is_added[slot] |= !is_column;
}

/* `has_median`: columns must be held. `has_columns`: the analysis's results are kept for writing. */
static void open_case(zip_case *c, size_t n, bool has_nearest, bool has_median, bool has_columns) {
    const zone_row rows[] = {{"'zip':'02139'", SQUARE}};
    *c = (zip_case){.error = ZF_ERROR_INIT};
    MUST_LOAD(&c->zones, rows);
    zf_budget_init(&c->budget, 0);
    c->is_added[ZF_NUMBER_AREA] = true;
    ask(c, 0, ZF_NUMBER_AREA, has_median ? median : mean, has_median ? 2 : 1);
    ask(c, 1, HEIGHT, has_median ? median : mean, has_median ? 2 : 1);
    c->analyses[0].analysis = &zf_analysis_nearest;
    c->plan = (zf_plan){.requests = c->requests,
                        .n_requests = 2,
                        .analyses = c->analyses,
                        .n_analyses = has_nearest,
                        .needs = has_nearest ? ZF_NEEDS_POINTS : 0,
                        .number_scope = c->number_scope,
                        .n_numbers = N_NUMBERS,
                        .is_rest = c->is_rest,
                        .is_column = c->is_column,
                        .is_added = c->is_added,
                        .n_zip_columns = ZF_ZIP_FIXED + 4 + (has_nearest ? 4 : 0),
                        .n_building_columns = has_nearest && has_columns ? 2 : 0,
                        .has_rows = true};
    fill_gather(c, n, N_NUMBERS);
    static const zf_run_options options = {0};
    c->loop = (zf_zip_loop){.options = &options,
                            .plan = &c->plan,
                            .catalogue = c->zones.catalogue,
                            .zip_counts = &c->count,
                            .gather = c->gather,
                            .budget = &c->budget};
}

static void close_case(zip_case *c) {
    assert_int_equal(atomic_load(&c->budget.total_bytes), 0);
    zf_gather_destroy(c->gather);
    close_zones(&c->zones);
}

static void a_zip_holds_what_is_forecast(void **state) {
    (void)state;
    const size_t sizes[] = {0, 1, 17, 5000, 60000};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
        for (unsigned flags = 0; flags < 8; flags++) {
            zip_case c;
            zf_zip_work work;
            open_case(&c, sizes[k], flags & 1, flags & 2, flags & 4);
            const zf_zone *zone = zf_catalogue_zone(c.zones.catalogue, 0);
            assert_int_equal(zf_zip_load(&work, &c.loop, zone, c.zones.metric, &c.error), ZF_OK);
            assert_int_equal(zf_zip_analyse(&work, &c.error), ZF_OK);
            size_t forecast = zf_zip_forecast_bytes(&c.plan, sizes[k], &c.count, NULL);
            assert_in_range(c.budget.peak_bytes, forecast, forecast + SLACK_BYTES);
            zf_zip_release(&work);
            close_case(&c);
        }
}

/* Tables of different values are not forecast, but can be told once they are there. */
static void tables_of_different_values_go_with_the_statistics(void **state) {
    (void)state;
    zf_stat stats[] = {{ZF_STAT_UNIQUE, 0}, {ZF_STAT_MODE, 0}, {ZF_STAT_LAST, 0}, {ZF_STAT_ARGMAX, 0}};
    zip_case c;
    zf_zip_work work;
    open_case(&c, 5000, false, false, false);
    c.requests[1].stats = stats;
    c.requests[1].n_stats = 4;
    c.requests[1].sources = ZF_FROM_CLASSES | ZF_FROM_PLACES;
    c.plan.has_notes = true;
    const zf_zone *zone = zf_catalogue_zone(c.zones.catalogue, 0);
    assert_int_equal(zf_zip_load(&work, &c.loop, zone, c.zones.metric, &c.error), ZF_OK);
    assert_int_equal(zf_zip_classes_bytes(&work), 32 * sizeof(zf_class)); /* of 20 heights */
    assert_int_equal(zf_zip_analyse(&work, &c.error), ZF_OK);
    assert_int_equal(zf_zip_classes_bytes(&work), 0);
    const zf_value *values = work.zip_values + ZF_ZIP_FIXED + 1;
    assert_int_equal(values[0].as.integer, 20);
    assert_true(values[1].as.real == 5.0); /* of 0 to 4 one more is missing */
    assert_true(values[2].as.real == 19.0);
    assert_int_equal(values[3].as.integer, 19);
    assert_in_range(c.budget.peak_bytes, zf_zip_forecast_bytes(&c.plan, 5000, &c.count, NULL),
                    zf_zip_forecast_bytes(&c.plan, 5000, &c.count, NULL) + SLACK_BYTES);
    zf_zip_release(&work);
    close_case(&c);
}

/* With footprints: those are held too, and an index over their boxes. */
static void a_zip_with_footprints_holds_what_is_forecast(void **state) {
    (void)state;
    const size_t sizes[] = {0, 1, 17, 5000, 60000};
    const char *const texts[] = {"nearest:metric=edge", "adjacency"};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
        for (unsigned flags = 0; flags < 4; flags++) {
            zip_case c;
            zf_zip_work work;
            zf_arena names;
            open_case(&c, sizes[k], true, false, flags & 2);
            zf_arena_init(&names, NULL, ZF_MEMORY_RECORD, 256);
            assert_int_equal(zf_analysis_job_parse(texts[flags & 1], &names, &c.analyses[0], NULL), ZF_OK);
            c.plan.needs = ZF_NEEDS_POINTS | ZF_NEEDS_FOOTPRINTS;
            c.count.n_rings = sizes[k];
            c.count.n_points = 5 * sizes[k];
            const zf_zone *zone = zf_catalogue_zone(c.zones.catalogue, 0);
            assert_int_equal(zf_zip_load(&work, &c.loop, zone, c.zones.metric, &c.error), ZF_OK);
            assert_int_equal(zf_zip_analyse(&work, &c.error), ZF_OK);
            assert_int_equal(work.footprints.n, 0); /* given back */
            size_t forecast = zf_zip_forecast_bytes(&c.plan, sizes[k], &c.count, NULL);
            assert_in_range(c.budget.peak_bytes, forecast, forecast + SLACK_BYTES);
            zf_zip_release(&work);
            close_case(&c);
            zf_arena_release(&names);
        }
}

/* Others follow the ZIP's own: rows, footprints, and indexes over them. Half of those near it are its own. */
static void a_zip_with_others_holds_what_is_forecast(void **state) {
    (void)state;
    const size_t sizes[] = {1, 17, 5000, 30000};
    const char *const texts[] = {"nearest:halo_m=10", "nearest:metric=edge,halo_m=10",
                                 "neighbours:within_m=9,halo_m=10"};
    for (size_t k = 0; k < 4; k++)
        for (unsigned t = 0; t < 3; t++) {
            zip_case c;
            zf_zip_work work;
            zf_arena names;
            zf_worker worker = {.has_unique_fids = k % 2};
            zf_halo_count halo = {.n = 2 * sizes[k], .n_rings = 2 * sizes[k], .n_points = 10 * sizes[k]};
            open_case(&c, sizes[k], true, false, true);
            zf_arena_init(&names, NULL, ZF_MEMORY_RECORD, 256);
            assert_int_equal(zf_analysis_job_parse(texts[t], &names, &c.analyses[0], NULL), ZF_OK);
            c.plan.needs = c.plan.halo_needs = zf_analysis_job_needs(&c.analyses[0]);
            c.plan.has_halo = true;
            c.count.n_rings = sizes[k];
            c.count.n_points = 5 * sizes[k];
            zf_gather *own = c.gather;
            fill_gather(&c, 2 * sizes[k], 2);
            c.loop.halo = c.gather;
            c.loop.halo_counts = &halo;
            c.loop.workers = &worker;
            c.gather = own;
            const zf_zone *zone = zf_catalogue_zone(c.zones.catalogue, 0);
            assert_int_equal(zf_zip_load(&work, &c.loop, zone, c.zones.metric, &c.error), ZF_OK);
            assert_int_equal(work.n_others, sizes[k]);
            assert_int_equal(zf_zip_analyse(&work, &c.error), ZF_OK);
            size_t forecast = zf_zip_forecast_bytes(&c.plan, sizes[k], &c.count, &halo);
            assert_true(c.budget.peak_bytes <= forecast + SLACK_BYTES);
            assert_true(2 * c.budget.peak_bytes + SLACK_BYTES >= forecast);
            zf_zip_release(&work);
            zf_gather_destroy(c.loop.halo);
            close_case(&c);
            zf_arena_release(&names);
        }
}

/* What is found decides on the rows of a table: the forecast is not passed. */
static void a_zip_with_tables_holds_no_more_than_is_forecast(void **state) {
    (void)state;
    const char *const texts[] = {"overlaps", "clusters:eps_m=1,min=3", "clusters:eps_m=20,min=2"};
    for (size_t k = 0; k < 3; k++) {
        zip_case c;
        zf_zip_work work;
        zf_arena names;
        const size_t n = 5000;
        open_case(&c, n, true, false, true);
        zf_arena_init(&names, NULL, ZF_MEMORY_RECORD, 256);
        assert_int_equal(zf_analysis_job_parse(texts[k], &names, &c.analyses[0], NULL), ZF_OK);
        c.plan.needs = zf_analysis_job_needs(&c.analyses[0]);
        c.count.n_rings = n;
        c.count.n_points = 5 * n;
        const zf_zone *zone = zf_catalogue_zone(c.zones.catalogue, 0);
        assert_int_equal(zf_zip_load(&work, &c.loop, zone, c.zones.metric, &c.error), ZF_OK);
        assert_int_equal(zf_zip_analyse(&work, &c.error), ZF_OK);
        assert_true(c.budget.peak_bytes <= zf_zip_forecast_bytes(&c.plan, n, &c.count, NULL) + SLACK_BYTES);
        zf_zip_release(&work);
        close_case(&c);
        zf_arena_release(&names);
    }
}

static void a_row_takes_no_more_than_95_bytes(void **state) {
    (void)state;
    const size_t n = 2000000;
    zip_case c;
    open_case(&c, 0, true, false, true);
    assert_true(zf_zip_forecast_bytes(&c.plan, n, &c.count, NULL) <= 95 * n);
    close_case(&c);
    open_case(&c, 0, true, true, true);
    assert_true(zf_zip_forecast_bytes(&c.plan, n, &c.count, NULL) <= 95 * n);
    close_case(&c);
}

static void a_zip_too_large_for_the_limit_is_refused_before_it_is_loaded(void **state) {
    (void)state;
    zip_case c;
    char needs[64];
    open_case(&c, 5000, true, false, true);
    size_t forecast = zf_zip_forecast_bytes(&c.plan, 5000, &c.count, NULL);
    c.budget.limit_bytes = forecast - 1;
    assert_int_equal(zf_zips_run(&c.loop, &c.error), ZF_E_MEMORY);
    (void)snprintf(needs, sizeof needs, "needs %zu bytes", forecast);
    assert_non_null(strstr(c.error.text, needs));
    assert_non_null(strstr(c.error.text, "02139"));
    assert_int_equal(c.budget.peak_bytes, 0);
    close_case(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zip_holds_what_is_forecast),
        cmocka_unit_test(tables_of_different_values_go_with_the_statistics),
        cmocka_unit_test(a_zip_with_footprints_holds_what_is_forecast),
        cmocka_unit_test(a_zip_with_others_holds_what_is_forecast),
        cmocka_unit_test(a_zip_with_tables_holds_no_more_than_is_forecast),
        cmocka_unit_test(a_row_takes_no_more_than_95_bytes),
        cmocka_unit_test(a_zip_too_large_for_the_limit_is_refused_before_it_is_loaded),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
