/* SPDX-License-Identifier: MIT */
/* Plans made from options and a small layer: scope, slots, columns, refusals. */
#include "unit/source_files.h"

#include "plan/plan.h"

typedef struct plan_case {
    zf_source *source;
    zf_plan plan;
    zf_run_options options;
    zf_error error;
} plan_case;

static const char *layer_path(void) {
    static const char *path;
    static const test_field fields[] = {{"height", OFTReal, OFSTNone},
                                        {"id_no", OFTInteger64, OFSTNone},
                                        {"use", OFTString, OFSTNone},
                                        {"AREA_M2", OFTReal, OFSTNone}};
    if (path != NULL)
        return path;
    path = file_in("plan.gpkg");
    GDALDatasetH dataset = create_dataset("GPKG", path);
    OGRLayerH layer = add_layer(dataset, "b", 26919, wkbPolygon);
    add_fields(layer, fields, 4);
    add_square(layer, 0, 0);
    GDALClose(dataset);
    return path;
}

static zf_status make(plan_case *c) {
    const zf_source_options source = {.path = layer_path()};
    c->error = (zf_error)ZF_ERROR_INIT;
    assert_int_equal(zf_source_open(&source, NULL, &c->source, &c->error), ZF_OK);
    return zf_plan_make(&c->options, &(zf_plan_sources){c->source, c->source, NULL}, NULL, NULL, &c->plan, &c->error);
}

static void release(plan_case *c) {
    zf_plan_deinit(&c->plan);
    zf_source_close(c->source);
}

#define LIST(member, ...)                                                                                    \
    .member = (const char *const[]){__VA_ARGS__},                                                            \
    .n_##member = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

static size_t slot_of(const zf_plan *plan, const char *name) {
    size_t column = 0, slot = 0, n = plan->layout.n_numbers + plan->layout.n_texts;
    assert_true(zf_scope_find(&plan->scope, name, &column));
    while (slot < n && plan->layout.slots[slot].column != column)
        slot++;
    assert_true(slot < n);
    return slot;
}

static void the_default_plan_measures_areas_and_nearest_neighbours(void **state) {
    (void)state;
    plan_case c = {.source = NULL};
    assert_int_equal(make(&c), ZF_OK);
    const zf_plan *p = &c.plan;
    assert_int_equal(p->layout.n_numbers, 3);
    assert_int_equal(p->layout.slots[ZF_SLOT_AREA].uses, ZF_USED_AS_COLUMN | ZF_USED_AS_TOTAL);
    assert_int_equal(p->layout.slots[ZF_SLOT_CENTROID_Y].column, zf_scope_measure(ZF_MEASURE_CENTROID_Y));
    assert_int_equal(zf_layout_n_cells(&p->layout), 3);
    assert_int_equal(p->reading.n_fields, 0);
    assert_true(p->needs_rows);
    assert_int_equal(p->result.n_zip_columns, ZF_ZIP_FIXED + 5 + 4);
    assert_string_equal(p->result.zip_columns[ZF_ZIP_FIXED].name, "area_m2_sum");
    assert_string_equal(p->result.zip_columns[ZF_ZIP_FIXED + 5].name, "nn_mean_m");
    assert_int_equal(p->result.n_constant, 1); /* share, area_m2, nn_m, nn_fid */
    assert_int_equal(p->result.n_building_columns, 4);
    release(&c);
}

static void integers_of_fields_have_integer_slots_and_a_bit_each(void **state) {
    (void)state;
    plan_case c = {.options = {LIST(stats, "id_no=sum,median", "fid=max", "n_parts=max", "use=mode"),
                               LIST(analyses, "none"), .buildings_out = ZF_BUILDINGS_NONE}};
    assert_int_equal(make(&c), ZF_OK);
    const zf_row_layout *layout = &c.plan.layout;
    const size_t id_no = slot_of(&c.plan, "id_no"), use = slot_of(&c.plan, "use");
    assert_int_equal(layout->slots[id_no].kind, ZF_SLOT_INTEGER);
    assert_int_equal(layout->slots[id_no].uses, ZF_USED_AS_COLUMN | ZF_USED_AS_TOTAL);
    assert_int_equal(layout->slots[slot_of(&c.plan, "fid")].kind, ZF_SLOT_INTEGER);
    assert_int_equal(layout->slots[slot_of(&c.plan, "n_parts")].kind, ZF_SLOT_REAL);
    assert_int_equal(layout->slots[use].kind, ZF_SLOT_TEXT);
    assert_int_equal(use, layout->n_numbers);
    assert_int_equal(zf_layout_n_cells(layout), layout->n_numbers + 1);
    zf_cell cells[8] = {{0}};
    const zf_value null = zf_value_null(), least = zf_value_integer(INT64_MIN);
    zf_layout_put(layout, cells, id_no, &null);
    assert_true(zf_layout_is_missing(layout, cells, id_no));
    assert_false(zf_layout_is_missing(layout, cells, slot_of(&c.plan, "fid")));
    assert_true(isnan(zf_layout_number(layout, cells, id_no)));
    cells[layout->n_numbers].bits = 0;
    zf_layout_put(layout, cells, id_no, &least);
    assert_false(zf_layout_is_missing(layout, cells, id_no));
    assert_true(cells[id_no].integer == INT64_MIN);
    release(&c);
}

static void numbers_that_are_added_up_need_no_rows(void **state) {
    (void)state;
    plan_case c = {.options = {LIST(stats, "id_no=sum,min", "height=mean"), LIST(analyses, "none"),
                               .buildings_out = ZF_BUILDINGS_NONE}};
    assert_int_equal(make(&c), ZF_OK);
    assert_false(c.plan.needs_rows);
    assert_int_equal(c.plan.layout.slots[slot_of(&c.plan, "height")].uses, ZF_USED_AS_TOTAL);
    release(&c);
    c.options.stats = (const char *const[]){"height=first"};
    c.options.n_stats = 1;
    assert_int_equal(make(&c), ZF_OK);
    assert_true(c.plan.needs_rows);
    release(&c);
}

static void shares_are_weights_and_travel_with_each_row(void **state) {
    (void)state;
    plan_case c = {.options = {.assign = ZF_ASSIGN_SHARE, .buildings_out = ZF_BUILDINGS_IDS}};
    assert_int_equal(make(&c), ZF_OK);
    const zf_row_layout *layout = &c.plan.layout;
    assert_int_equal(layout->slots[layout->weight].uses, ZF_USED_AS_COLUMN | ZF_USED_AS_WEIGHT);
    assert_int_equal(c.plan.result.n_carried, 1);
    assert_int_equal(layout->payload[0], zf_scope_measure(ZF_MEASURE_SHARE));
    release(&c);
}

static void arguments_of_analyses_and_computed_columns_are_found(void **state) {
    (void)state;
    plan_case c = {.options = {LIST(computes, "storeys=height / 3.5"),
                               LIST(analyses, "histogram:field=storeys,width=1", "adjacency:halo_m=7"),
                               LIST(stats, "HEIGHT=max")}};
    assert_int_equal(make(&c), ZF_OK);
    const zf_analysis_job *histogram = &c.plan.analyses.jobs[0];
    assert_int_equal(histogram->arguments[0].slot, slot_of(&c.plan, "storeys"));
    assert_int_equal(c.plan.layout.slots[histogram->arguments[0].slot].uses,
                     ZF_USED_AS_COLUMN | ZF_USED_BY_ANALYSIS);
    assert_true(c.plan.analyses.halo.is_needed);
    assert_true(c.plan.analyses.halo.metres == 7);
    assert_int_equal(c.plan.reading.n_fields, 1);
    assert_string_equal(c.plan.result.tables[0].name, "histogram_storeys");
    size_t column = 0;
    assert_true(zf_scope_find(&c.plan.scope, "area_m2", &column)); /* the measure hides the field */
    assert_int_equal(c.plan.scope.columns[column].kind, ZF_SCOPE_KIND_MEASURE);
    release(&c);
}

static void what_makes_no_sense_is_refused(void **state) {
    (void)state;
    const struct {
        zf_run_options options;
        const char *text;
    } cases[] = {
        {{LIST(stats, "hight=mean")}, "did you mean 'height'"},
        {{LIST(stats, "use=mean")}, "a field of type text takes: count missing"},
        {{LIST(stats, "height=meen")}, "'meen' is no statistic"},
        {{LIST(stats, "height")}, "FIELD=STAT"},
        {{LIST(analyses, "overlaps", "overlaps")}, "given twice"},
        {{LIST(analyses, "none", "overlaps")}, "stands alone"},
        {{LIST(analyses, "histogram:field=use,width=1")}, "takes numbers"},
        {{LIST(fields, "fid")}, "building_fid"},
        {{LIST(computes, "zip=1")}, "important_building has a column of that name"},
        {{LIST(computes, "use=1")}, "has a field of that name"},
        {{LIST(rules, "where=1")}, "choose another name"},
        {{LIST(rules, "a=1", "A=2")}, "a rule of that name already"},
        {{.where = "share > 0.5", .assign = ZF_ASSIGN_SHARE, LIST(analyses, "nearest:halo_m=5")}, "halo_m"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        plan_case c = {.options = cases[i].options};
        assert_int_equal(make(&c), ZF_E_USAGE);
        if (strstr(c.error.text, cases[i].text) == NULL)
            fail_msg("'%s' says nothing of '%s'", c.error.text, cases[i].text);
        zf_source_close(c.source); /* a plan that was not made has nothing to deinit */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_plan_measures_areas_and_nearest_neighbours),
        cmocka_unit_test(integers_of_fields_have_integer_slots_and_a_bit_each),
        cmocka_unit_test(numbers_that_are_added_up_need_no_rows),
        cmocka_unit_test(shares_are_weights_and_travel_with_each_row),
        cmocka_unit_test(arguments_of_analyses_and_computed_columns_are_found),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
