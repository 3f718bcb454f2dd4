/* SPDX-License-Identifier: MIT */
/** One ZIP with a plan made by hand, for the tests of src/perzip and of the forecast of a ZIP. */
#ifndef ZF_TEST_PERZIP_CASE_H
#define ZF_TEST_PERZIP_CASE_H

#include "unit/zone_files.h"

#include "perzip/zip.h"
#include "unit/wkb_writer.h"

#define ZIP_SQUARE "POLYGON((0 0,1000 0,1000 1000,0 1000,0 0))"

enum { N_NUMBERS = 4, HEIGHT = 3 };

/** The plan's numbers are area, centroid and height. */
typedef struct zip_case {
    zone_case zones;
    zf_plan plan;
    zf_slot slots[N_NUMBERS];
    zf_stat_request requests[2];
    zf_analysis_job analyses[1];
    zf_gather *rows, *others;
    zf_budget budget;
    zf_zip_count count;
    zf_halo_count other_count;
    zf_metric *metrics[1];
    zf_perzip perzip;
    zf_error error;
} zip_case;

static const zf_run_options no_options = {0};

/* Height of building i; of 20 different ones, every seventh missing. */
static inline double height_of(size_t i) {
    return i % 7 ? (double)(i % 20) : NAN;
}

/* Adds n buildings of 5 x 5 m to a ZIP, spread over 1 km2; n_per_fid of them have the same fid, from 0. With
 * two numbers a row begins with the centroid, as those of buildings near a ZIP do. */
static inline void add_squares(zf_gather_writer *writer, uint32_t rank, size_t n, size_t n_numbers,
                               size_t n_per_fid) {
    for (size_t i = 0; i < n; i++) {
        double x = fmod((double)i * 754.877, 1000), y = fmod((double)i * 569.84, 1000);
        const zf_cell cells[N_NUMBERS] = {{50 + (double)(i % 100)}, {x}, {y}, {height_of(i)}};
        const double square[] = {x, y, x + 5, y, x + 5, y + 5, x, y + 5, x, y};
        static wkb_writer w;
        wkb_polygon(&w, square, 5);
        zf_gather_row row = {rank, (int64_t)(i / n_per_fid),
                             i,    n_numbers < N_NUMBERS ? cells + 1 : cells,
                             NULL, {w.bytes, w.n}};
        assert_int_equal(zf_gather_append(writer, &row, NULL), ZF_OK);
    }
}

/* Buildings of the ZIPs 1 to n_zips; the first has n, each further one more. */
static inline zf_gather *gather_squares(uint32_t n_zips, size_t n, size_t n_numbers, size_t n_per_fid) {
    zf_gather_options options = {n_numbers, 0, 1 << 20, 1, NULL, true, false};
    zf_gather *gather = NULL;
    zf_gather_writer *writer = NULL;
    assert_int_equal(zf_gather_create(&options, NULL, &gather, NULL), ZF_OK);
    assert_int_equal(zf_gather_writer_open(gather, &writer, NULL), ZF_OK);
    for (uint32_t rank = 1; rank <= n_zips; rank++)
        add_squares(writer, rank, n + rank - 1, n_numbers, n_per_fid);
    assert_int_equal(zf_gather_writer_close(writer, NULL), ZF_OK);
    assert_int_equal(zf_gather_seal(gather, NULL), ZF_OK);
    return gather;
}

static zf_stat mean_only[] = {{ZF_STAT_MEAN, 0}};
static zf_stat mean_and_median[] = {{ZF_STAT_MEAN, 0}, {ZF_STAT_MEDIAN, 0}};

static inline void request_stats(zip_case *c, size_t request, size_t slot, bool has_median) {
    c->requests[request] = (zf_stat_request){.type = ZF_FIELD_REAL,
                                             .slot = slot,
                                             .stats = has_median ? mean_and_median : mean_only,
                                             .n_stats = has_median ? 2 : 1};
    c->slots[slot].uses |= has_median ? ZF_USED_AS_COLUMN : ZF_USED_AS_TOTAL;
}

/* n buildings. `has_median`: columns must be held. `has_columns`: columns of the analysis are written. */
static inline void open_case(zip_case *c, size_t n, bool has_nearest, bool has_median, bool has_columns) {
    const zone_row rows[] = {{"'zip':'02139'", ZIP_SQUARE}};
    *c = (zip_case){.error = ZF_ERROR_INIT};
    MUST_LOAD(&c->zones, rows);
    zf_budget_init(&c->budget, 0);
    c->slots[ZF_SLOT_AREA].uses = ZF_USED_AS_TOTAL;
    request_stats(c, 0, ZF_SLOT_AREA, has_median);
    request_stats(c, 1, HEIGHT, has_median);
    c->analyses[0].analysis = &zf_analysis_nearest;
    c->plan = (zf_plan){
        .statistics = {.requests = c->requests, .n = 2},
        .analyses = {.jobs = c->analyses, .n = has_nearest, .needs = has_nearest ? ZF_NEEDS_POINTS : 0},
        .layout = {.slots = c->slots, .n_numbers = N_NUMBERS},
        .result = {.n_zip_columns = ZF_ZIP_FIXED + 4 + (has_nearest ? 4 : 0),
                   .n_building_columns = has_nearest && has_columns ? 2 : 0},
        .needs_rows = true};
    c->rows = gather_squares(1, n, N_NUMBERS, 1);
    c->metrics[0] = c->zones.metric;
    c->perzip = (zf_perzip){.options = &no_options,
                            .plan = &c->plan,
                            .catalogue = c->zones.catalogue,
                            .budget = &c->budget,
                            .metrics = c->metrics,
                            .n_threads = 1,
                            .input = {.rows = c->rows, .counts = &c->count, .has_unique_fids = true}};
}

/* The analysis, instead of nearest, and what it needs; its names live in the arena. */
static inline void set_analysis(zip_case *c, const char *text, zf_arena *names) {
    size_t n = zf_gather_rows(c->rows, 1);
    zf_arena_init(names, NULL, ZF_MEMORY_RECORD, 256);
    assert_int_equal(zf_analysis_job_parse(text, names, &c->analyses[0], NULL), ZF_OK);
    c->plan.analyses.needs = zf_analysis_job_needs(&c->analyses[0]);
    c->count.n_rings = n;
    c->count.n_points = 5 * n;
}

/* n buildings near the ZIP, of which the first are its own. */
static inline void set_others(zip_case *c, size_t n) {
    c->plan.analyses.halo.is_needed = true;
    c->plan.analyses.halo.needs = c->plan.analyses.needs;
    c->others = gather_squares(1, n, 2, 1);
    c->other_count = (zf_halo_count){.n = n, .n_rings = n, .n_points = 5 * n};
    c->perzip.input.others = c->others;
    c->perzip.input.other_counts = &c->other_count;
}

static inline void load_zip(zip_case *c, zf_zip_work *work) {
    zf_zip_init(work, &c->perzip, 0, c->zones.metric);
    assert_int_equal(zf_zip_load(work, &c->error), ZF_OK);
}

static inline size_t forecast_bytes(const zip_case *c) {
    zf_zip_size size = zf_zip_size_of(&c->perzip, 0, c->zones.metric);
    return zf_forecast_zip_bytes(&c->plan, &size);
}

/* Every byte must be back. */
static inline void close_case(zip_case *c) {
    assert_int_equal(atomic_load(&c->budget.total_bytes), 0);
    zf_gather_destroy(c->others);
    zf_gather_destroy(c->rows);
    close_zones(&c->zones);
}

#endif
