/* SPDX-License-Identifier: MIT */
/* Column names that data brings along. */
#include "sql/names.h"
#include "unit/output_bench.h"

static void assert_settled(const char *const *given, const char *const *expected, size_t n) {
    static const char *const own[] = {"id", "zip_rank", "zip", "building_fid"};
    zf_column columns[16] = {{NULL, ZF_FIELD_TEXT}};
    char *names[16];
    for (size_t i = 0; i < n; i++)
        columns[i] = (zf_column){given[i], ZF_FIELD_TEXT};
    assert_int_equal(zf_names_settle(own, 4, columns, n, names, NULL), ZF_OK);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(names[i], expected[i]);
        free(names[i]);
    }
}

#define ASSERT_SETTLED(given, expected) assert_settled(given, expected, sizeof(given) / sizeof *(given))

static void names_without_a_clash_stay_as_they_are(void **state) {
    const char *const given[] = {"height", "SELECT", "a b", "\"quoted\"", "h\xC3\xB6he"};
    (void)state;
    ASSERT_SETTLED(given, given);
}

static void names_of_the_table_itself_get_a_number_whatever_their_case(void **state) {
    const char *const given[] = {"ID", "zip", "Geom", "ROWID", "Building_FID"};
    const char *const expected[] = {"ID_2", "zip_2", "Geom_2", "ROWID_2", "Building_FID_2"};
    (void)state;
    ASSERT_SETTLED(given, expected);
}

static void the_first_of_equal_names_keeps_it(void **state) {
    const char *const given[] = {"area", "AREA", "Area"};
    const char *const expected[] = {"area", "AREA_2", "Area_3"};
    (void)state;
    ASSERT_SETTLED(given, expected);
}

static void a_number_never_takes_the_name_of_another_column(void **state) {
    const char *const given[] = {"id", "id_2", "a", "a", "A_2"};
    const char *const expected[] = {"id_3", "id_2", "a", "a_3", "A_2"};
    (void)state;
    ASSERT_SETTLED(given, expected);
}

static void a_column_without_a_name_gets_one(void **state) {
    const char *const given[] = {"", "column", NULL};
    const char *const expected[] = {"column", "column_2", "column_3"};
    (void)state;
    ASSERT_SETTLED(given, expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_without_a_clash_stay_as_they_are),
        cmocka_unit_test(names_of_the_table_itself_get_a_number_whatever_their_case),
        cmocka_unit_test(the_first_of_equal_names_keeps_it),
        cmocka_unit_test(a_number_never_takes_the_name_of_another_column),
        cmocka_unit_test(a_column_without_a_name_gets_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
