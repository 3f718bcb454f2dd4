/* SPDX-License-Identifier: MIT */
/* ZIPs are written in rank order, with one thread and with several, and leave nothing behind. */
#include "unit/perzip_case.h"

#include "stream/group_key.h"

enum {
    N_ZIPS = 40,
    MAX_THREADS = 4,
    N_ZIP_COLUMNS = ZF_ZIP_FIXED + 8,
    N_GROUP_COLUMNS = 1 + ZF_GROUP_FIXED + 4
};

/** A result of N_ZIPS ZIPs, of 0, 1, 2, ... buildings. */
typedef struct write_case {
    zip_case c;
    const char *path;
    zf_crs *crs;
    zf_metric *metrics[MAX_THREADS];
    zf_zip_count counts[N_ZIPS];
    zf_column zip_columns[N_ZIP_COLUMNS];
    zf_column building_columns[2];
    zf_column group_columns[N_GROUP_COLUMNS];
    char names[N_ZIP_COLUMNS][16];
    size_t n_told;
    zf_status answer; /* of zip_done, to the 20th ZIP */
} write_case;

static zf_status on_zip(void *user, const zf_zip_line *line, zf_error *error) {
    write_case *w = user;
    w->n_told++;
    assert_int_equal(line->rank, w->n_told);
    assert_int_equal(line->n, N_ZIP_COLUMNS);
    assert_string_equal(line->columns[0].name, "c0");
    assert_int_equal(line->values[ZF_ZIP_IMPORTANT].as.integer, w->n_told - 1);
    if (w->n_told == 20 && w->answer != ZF_OK)
        return zf_error_set(error, w->answer, ZF_DOMAIN_ZONEFOLD, "the caller has seen enough");
    return ZF_OK;
}

/* 40 squares side by side. */
static void load_squares(write_case *w) {
    zone_row rows[N_ZIPS];
    char properties[N_ZIPS][32], polygons[N_ZIPS][128];
    for (int i = 0; i < N_ZIPS; i++) {
        int x = 1000 * i;
        (void)snprintf(properties[i], sizeof properties[i], "'zip':'%05d'", i);
        (void)snprintf(polygons[i], sizeof polygons[i], "POLYGON((%d 0,%d 0,%d 1000,%d 1000,%d 0))", x,
                       x + 1000, x + 1000, x, x);
        rows[i] = (zone_row){properties[i], polygons[i]};
    }
    zf_catalogue_destroy(w->c.zones.catalogue);
    zf_metric_destroy(w->c.zones.metric);
    zf_crs_destroy(w->c.zones.crs);
    zf_source_close(w->c.zones.source);
    w->c.zones = (zone_case){.n_rejects = 0};
    MUST_LOAD(&w->c.zones, rows);
}

static void open_write(write_case *w, const char *name, size_t n_threads) {
    *w = (write_case){.path = file_in(name)};
    open_case(&w->c, 0, true, true, true);
    load_squares(w);
    zf_gather_destroy(w->c.rows);
    w->c.rows = gather_squares(N_ZIPS, 0, N_NUMBERS, 1);
    w->c.plan.result.n_zip_columns = N_ZIP_COLUMNS;
    for (size_t i = 0; i < N_ZIP_COLUMNS; i++) {
        (void)snprintf(w->names[i], sizeof w->names[i], "c%zu", i);
        w->zip_columns[i] = (zf_column){w->names[i], ZF_FIELD_REAL};
    }
    w->c.plan.result.zip_columns = w->zip_columns;
    for (size_t i = 0; i < N_GROUP_COLUMNS; i++)
        w->group_columns[i] = (zf_column){w->names[i], ZF_FIELD_REAL};
    w->group_columns[1].type = w->group_columns[2].type = ZF_FIELD_INTEGER;
    w->building_columns[0] = (zf_column){"nn_m", ZF_FIELD_REAL};
    w->building_columns[1] = (zf_column){"nn_fid", ZF_FIELD_INTEGER};
    for (size_t i = 0; i < MAX_THREADS; i++)
        assert_int_equal(zf_metric_create(w->c.zones.crs, false, &w->metrics[i], NULL), ZF_OK);
    assert_int_equal(zf_crs_create_planar(&w->crs, NULL), ZF_OK);
    const zf_output_options options = {.path = w->path,
                                       .overwrite = true,
                                       .crs = w->crs,
                                       .zip_columns = {w->zip_columns, N_ZIP_COLUMNS},
                                       .has_buildings = true,
                                       .building_geometry_type = "MULTIPOLYGON",
                                       .building_columns = {w->building_columns, 2},
                                       .group_columns = {w->group_columns, N_GROUP_COLUMNS}};
    zf_perzip *p = &w->c.perzip;
    p->catalogue = w->c.zones.catalogue;
    p->metrics = w->metrics;
    p->n_threads = n_threads;
    p->flight_bytes = 1 << 20;
    p->input.rows = w->c.rows;
    p->input.counts = w->counts;
    p->output = (zf_perzip_output){.zip_done = on_zip, .user = w};
    assert_int_equal(zf_output_open(&options, &p->output.file, &w->c.error), ZF_OK);
}

static void close_write(write_case *w) {
    for (size_t i = 0; i < MAX_THREADS; i++)
        zf_metric_destroy(w->metrics[i]);
    zf_crs_destroy(w->crs);
    close_case(&w->c);
}

static uint8_t *read_file(const char *path, size_t *out_n) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *out_n = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*out_n);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *out_n, file), *out_n);
    fclose(file);
    return bytes;
}

static void any_number_of_threads_writes_the_same_bytes_in_rank_order(void **state) {
    (void)state;
    uint8_t *first = NULL;
    size_t n_first = 0;
    for (size_t n_threads = 1; n_threads <= MAX_THREADS; n_threads++) {
        write_case w;
        size_t n = 0;
        open_write(&w, "result.sqlite", n_threads);
        w.c.perzip.flight_bytes = n_threads % 2 ? 1 << 20 : 0; /* 0: one after the other */
        assert_int_equal(zf_perzip_run(&w.c.perzip, &w.c.error), ZF_OK);
        assert_int_equal(w.n_told, N_ZIPS);
        assert_int_equal(zf_output_finish(w.c.perzip.output.file, &w.c.error), ZF_OK);
        uint8_t *bytes = read_file(w.path, &n);
        if (first != NULL) {
            assert_int_equal(n, n_first);
            assert_memory_equal(bytes, first, n);
            free(bytes);
        } else {
            first = bytes;
            n_first = n;
        }
        close_write(&w);
    }
    free(first);
}

/* No ZIP is told of afterwards, and ZIPs that were prepared ahead are given back. */
static void a_failure_of_the_caller_ends_the_work(void **state) {
    (void)state;
    for (size_t n_threads = 1; n_threads <= MAX_THREADS; n_threads++) {
        write_case w;
        open_write(&w, "failed.sqlite", n_threads);
        w.answer = ZF_E_OUTPUT;
        assert_int_equal(zf_perzip_run(&w.c.perzip, &w.c.error), ZF_E_OUTPUT);
        assert_int_equal(w.n_told, 20);
        assert_non_null(strstr(w.c.error.text, "ZIP '00019'"));
        assert_non_null(strstr(w.c.error.text, "the caller has seen enough"));
        zf_output_abort(w.c.perzip.output.file);
        close_write(&w);
    }
}

/* With a timeline, one ZIP is in memory at a time, whatever the threads; each has a line. */
static void a_timeline_has_a_line_per_zip(void **state) {
    (void)state;
    write_case w;
    size_t n = 0, n_lines = 0;
    const char *path = file_in("trace.csv");
    open_write(&w, "traced.sqlite", 2);
    assert_int_equal(zf_timeline_open(path, &w.c.budget, &w.c.perzip.output.timeline, &w.c.error), ZF_OK);
    assert_int_equal(zf_perzip_run(&w.c.perzip, &w.c.error), ZF_OK);
    assert_int_equal(zf_timeline_close(w.c.perzip.output.timeline, &w.c.error), ZF_OK);
    zf_output_abort(w.c.perzip.output.file);
    uint8_t *bytes = read_file(path, &n);
    for (size_t i = 0; i < n; i++)
        n_lines += bytes[i] == '\n';
    assert_int_equal(n_lines, 1 + N_ZIPS);
    free(bytes);
    close_write(&w);
}

/* The rows of n assigned buildings of the first ZIP, in groups of n_per_group; every third is not important.
 */
static zf_gather *gather_groups(size_t n, size_t n_per_group) {
    const zf_gather_options options = {
        .n_cells = N_NUMBERS + 1, .n_texts = 1, .share_bytes = 1 << 20, .n_writers = 1, .has_key = true};
    zf_gather *gather = NULL;
    zf_gather_writer *writer = NULL;
    zf_payload key;
    zf_payload_init(&key, NULL);
    assert_int_equal(zf_gather_create(&options, NULL, &gather, NULL), ZF_OK);
    assert_int_equal(zf_gather_writer_open(gather, &writer, NULL), ZF_OK);
    for (size_t i = 0; i < n; i++) {
        const zf_value value = zf_value_real((double)(i / n_per_group));
        const zf_cell cells[N_NUMBERS + 1] = {{10}, {0}, {0}, {height_of(i)}, {.integer = i % 3 > 0}};
        zf_payload_clear(&key);
        assert_int_equal(zf_group_key_append(&key, &value, NULL), ZF_OK);
        const zf_bytes text = {key.bytes, key.n};
        const zf_gather_row row = {1, (int64_t)i, i, cells, &text, {NULL, 0}};
        assert_int_equal(zf_gather_append(writer, &row, NULL), ZF_OK);
    }
    zf_payload_deinit(&key);
    assert_int_equal(zf_gather_writer_close(writer, NULL), ZF_OK);
    assert_int_equal(zf_gather_seal(gather, NULL), ZF_OK);
    return gather;
}

/* However the buildings are divided: one group holds the most. */
static void groups_hold_no_more_than_is_forecast(void **state) {
    enum { N = 30000, SLACK_BYTES = 48 * 1024 };
    const size_t sizes[] = {1, 17, N};
    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        write_case w;
        size_t field = 0;
        open_write(&w, "groups.sqlite", 1);
        zf_plan *plan = &w.c.plan;
        plan->statistics.sources = ZF_FROM_COLUMN;
        plan->analyses = (zf_plan_analyses){.n = 0};
        plan->groups =
            (zf_plan_groups){&field, 1, plan->statistics, plan->layout, w.group_columns, N_GROUP_COLUMNS};
        w.c.perzip.input.groups = gather_groups(N, sizes[k]);
        zf_zip_work work;
        zf_zip_init(&work, &w.c.perzip, 0, w.metrics[0]);
        work.own.n = N;
        zf_budget_reset_peak(&w.c.budget);
        assert_int_equal(zf_zip_write_groups(&work, &w.c.error), ZF_OK);
        assert_int_equal(zf_output_count_groups(w.c.perzip.output.file), (N + sizes[k] - 1) / sizes[k]);
        assert_int_equal(atomic_load(&w.c.budget.total_bytes), 0);
        const size_t peak = atomic_load(&w.c.budget.peak_bytes);
        const zf_zip_size size = {.n = N};
        assert_true(peak <= zf_forecast_zip_bytes(plan, &size) + SLACK_BYTES);
        assert_true(peak >= 2 * N * sizeof(double)); /* the columns of two statistics */
        zf_zip_release(&work);
        zf_gather_destroy(w.c.perzip.input.groups);
        zf_output_abort(w.c.perzip.output.file);
        close_write(&w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_writes_the_same_bytes_in_rank_order),
        cmocka_unit_test(a_failure_of_the_caller_ends_the_work),
        cmocka_unit_test(a_timeline_has_a_line_per_zip),
        cmocka_unit_test(groups_hold_no_more_than_is_forecast),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
