/* SPDX-License-Identifier: MIT */
/* What the three kinds of emitters make of the same kept buildings. */
#include "unit/zone_files.h"

#include "stream/emit.h"

enum { N_BUILDINGS = 3, N_ZIPS = 2 };

static const zone_row squares[N_BUILDINGS] = {{"'zip':'a'", "POLYGON((0 0,1 0,1 1,0 1,0 0))"},
                                              {"'zip':'b'", "POLYGON((2 0,4 0,4 2,2 2,2 0))"},
                                              {"'zip':'c'", "POLYGON((5 0,8 0,8 3,5 3,5 0))"}};

/* A batch of three squares; the first belongs to both ZIPs, the others to the second. The plan's only number
 * is the area. */
typedef struct emit_case {
    zf_budget budget;
    zf_crs *crs;
    zf_metric *metric;
    zf_source *source;
    zf_batch *batch;
    zf_scope_column columns[1];
    zf_slot slots[1];
    zf_plan plan;
    zf_kept_list kept;
    zf_selection selection;
    zf_tally tally;
    zf_emit_options options;
    zf_emitter *emitter;
} emit_case;

static void open_case(emit_case *c, unsigned needs) {
    *c = (emit_case){.columns = {{.kind = ZF_SCOPE_KIND_MEASURE, .number = ZF_MEASURE_AREA_M2}},
                     .slots = {{.column = 0, .kind = ZF_SLOT_REAL, .uses = ZF_USED_AS_TOTAL}}};
    zf_budget_init(&c->budget, 0);
    assert_int_equal(zf_crs_create_planar(&c->crs, NULL), ZF_OK);
    assert_int_equal(zf_metric_create(c->crs, false, &c->metric, NULL), ZF_OK);
    write_zones(squares, N_BUILDINGS);
    c->source = open_source(zones_path);
    const zf_source_query query = {.wants_geometry = true};
    assert_int_equal(zf_source_start(c->source, &query, NULL), ZF_OK);
    assert_int_equal(zf_source_next(c->source, &c->batch, NULL), ZF_OK);
    c->plan = (zf_plan){.scope = {.columns = c->columns, .n = 1},
                        .layout = {.slots = c->slots, .n_numbers = 1, .weight = 1},
                        .analyses = {.needs = needs, .halo = {.needs = needs}}};
    zf_kept_list_init(&c->kept, &c->budget);
    assert_int_equal(zf_kept_list_begin(&c->kept, c->batch, 100, NULL), ZF_OK);
    for (size_t row = 0; row < N_BUILDINGS; row++) {
        static const uint32_t zones[] = {0, 1};
        const zf_assignment assignment = {.assigned = row == 0 ? zones : zones + 1,
                                          .n_assigned = row == 0 ? 2 : 1};
        const unsigned measures =
            1u << ZF_MEASURE_AREA_M2 | 1u << ZF_MEASURE_CENTROID_X | 1u << ZF_MEASURE_CENTROID_Y;
        zf_shape shape;
        assert_int_equal(zf_batch_shape(c->batch, row, &shape, NULL), ZF_OK);
        assert_int_equal(zf_kept_list_add(&c->kept, row, &shape.wkb, (zf_bytes){NULL, 0}, &assignment,
                                          c->metric, measures, NULL),
                         ZF_OK);
    }
    c->selection = (zf_selection){.plan = &c->plan, .kept = &c->kept, .n = N_BUILDINGS};
    assert_int_equal(zf_tally_init(&c->tally, N_ZIPS, 0, false, true, NULL), ZF_OK);
    c->options = (zf_emit_options){.plan = &c->plan,
                                   .has_footprints = (needs & ZF_NEEDS_FOOTPRINTS) != 0,
                                   .budget = &c->budget,
                                   .tally = &c->tally};
}

static void close_case(emit_case *c) {
    if (c->emitter != NULL)
        c->emitter->class->close(c->emitter);
    zf_tally_deinit(&c->tally);
    zf_kept_list_deinit(&c->kept);
    zf_batch_release(c->batch);
    zf_source_close(c->source);
    zf_metric_destroy(c->metric);
    zf_crs_destroy(c->crs);
    assert_int_equal(c->budget.total_bytes, 0);
}

static void emit_all(emit_case *c) {
    for (size_t i = 0; i < c->kept.n; i++)
        assert_int_equal(c->emitter->class->emit(c->emitter, &c->selection, &c->kept.items[i], NULL), ZF_OK);
}

static zf_gather *open_gather(emit_case *c, size_t n_cells) {
    const zf_gather_options options = {.n_cells = n_cells, .n_writers = 1};
    zf_gather *gather = NULL;
    assert_int_equal(zf_gather_create(&options, &c->budget, &gather, NULL), ZF_OK);
    return gather;
}

static void rows_are_gathered_for_each_zip_with_their_footprints(void **state) {
    (void)state;
    emit_case c;
    open_case(&c, ZF_NEEDS_FOOTPRINTS);
    zf_gather *rows = open_gather(&c, 1);
    assert_int_equal(zf_emit_rows_open(&c.options, rows, &c.emitter, NULL), ZF_OK);
    emit_all(&c);
    assert_int_equal(c.emitter->class->finish(c.emitter, NULL), ZF_OK);
    assert_int_equal(zf_gather_seal(rows, NULL), ZF_OK);
    assert_int_equal(zf_gather_rows(rows, 1), 1);
    assert_int_equal(zf_gather_rows(rows, 2), N_BUILDINGS);
    for (size_t i = 0; i < N_BUILDINGS; i++) {
        zf_gather_row row;
        zf_wkb wkb;
        assert_int_equal(zf_gather_next(rows, 2, &row, NULL), ZF_OK);
        assert_int_equal(row.fid, zf_batch_fid(c.batch, i));
        assert_int_equal(row.ordinal, 100 + i);
        assert_true(row.cells[0].real == (double)((i + 1) * (i + 1)));
        assert_int_equal(zf_wkb_open(row.payload.bytes, row.payload.n, &wkb), ZF_WKB_POLYGONAL);
        assert_int_equal(wkb.n_points, 5);
    }
    assert_int_equal(c.tally.zips[0].n_points, 5);
    assert_int_equal(c.tally.zips[1].n_points, 5 * N_BUILDINGS);
    assert_int_equal(c.tally.zips[1].n_rings, N_BUILDINGS);
    zf_gather_destroy(rows);
    close_case(&c);
}

static void rows_not_handed_over_are_dropped(void **state) {
    (void)state;
    emit_case c;
    open_case(&c, 0);
    zf_gather *rows = open_gather(&c, 1);
    assert_int_equal(zf_emit_rows_open(&c.options, rows, &c.emitter, NULL), ZF_OK);
    emit_all(&c);
    c.emitter->class->close(c.emitter);
    c.emitter = NULL;
    assert_int_equal(zf_gather_seal(rows, NULL), ZF_OK);
    assert_int_equal(zf_gather_rows(rows, 2), 0);
    zf_gather_destroy(rows);
    close_case(&c);
}

static void totals_are_added_up_for_each_zip(void **state) {
    (void)state;
    emit_case c;
    zf_totals totals;
    open_case(&c, 0);
    assert_int_equal(zf_totals_init(&totals, NULL, N_ZIPS, &c.plan.layout, NULL), ZF_OK);
    assert_int_equal(zf_emit_totals_open(&c.options, &totals, &c.emitter, NULL), ZF_OK);
    emit_all(&c);
    assert_int_equal(c.emitter->class->finish(c.emitter, NULL), ZF_OK);
    assert_int_equal(totals.zips[0]->n_rows, 1);
    assert_int_equal(totals.zips[1]->n_rows, N_BUILDINGS);
    assert_true(zf_exact_scaled(&totals.zips[0]->columns[0].reals.sum, 0) == 1);
    assert_true(zf_exact_scaled(&totals.zips[1]->columns[0].reals.sum, 0) == 1 + 4 + 9);
    zf_totals_deinit(&totals);
    close_case(&c);
}

static void buildings_near_a_zip_are_gathered_with_their_centroids(void **state) {
    (void)state;
    emit_case c;
    zf_gather *rows = NULL;
    zf_gather_row row;
    open_case(&c, ZF_NEEDS_POINTS);
    assert_int_equal(zf_emit_halo_gather(&c.plan, 1, 0, NULL, &c.budget, &rows, NULL), ZF_OK);
    assert_int_equal(zf_emit_halo_open(&c.options, rows, &c.emitter, NULL), ZF_OK);
    emit_all(&c);
    assert_int_equal(c.emitter->class->finish(c.emitter, NULL), ZF_OK);
    assert_int_equal(zf_gather_seal(rows, NULL), ZF_OK);
    assert_int_equal(c.tally.others[0].n, 1);
    assert_int_equal(c.tally.others[1].n, N_BUILDINGS);
    assert_int_equal(c.tally.others[1].n_points, 0); /* nobody needs footprints */
    assert_int_equal(c.tally.zips[1].n_points, 0);
    assert_int_equal(zf_gather_next(rows, 2, &row, NULL), ZF_OK);
    assert_true(row.cells[0].real == 0.5 && row.cells[1].real == 0.5);
    assert_int_equal(row.payload.n, 0);
    zf_gather_destroy(rows);
    close_case(&c);
}

static void footprints_of_buildings_near_a_zip_are_counted(void **state) {
    (void)state;
    emit_case c;
    zf_gather *rows = NULL;
    open_case(&c, ZF_NEEDS_FOOTPRINTS);
    assert_int_equal(zf_emit_halo_gather(&c.plan, 1, 0, NULL, &c.budget, &rows, NULL), ZF_OK);
    assert_int_equal(zf_emit_halo_open(&c.options, rows, &c.emitter, NULL), ZF_OK);
    emit_all(&c);
    assert_int_equal(c.emitter->class->finish(c.emitter, NULL), ZF_OK);
    assert_int_equal(c.tally.others[0].n_points, 5);
    assert_int_equal(c.tally.others[1].n_points, 5 * N_BUILDINGS);
    assert_int_equal(c.tally.others[1].n_rings, N_BUILDINGS);
    zf_gather_destroy(rows);
    close_case(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_gathered_for_each_zip_with_their_footprints),
        cmocka_unit_test(rows_not_handed_over_are_dropped),
        cmocka_unit_test(totals_are_added_up_for_each_zip),
        cmocka_unit_test(buildings_near_a_zip_are_gathered_with_their_centroids),
        cmocka_unit_test(footprints_of_buildings_near_a_zip_are_counted),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
