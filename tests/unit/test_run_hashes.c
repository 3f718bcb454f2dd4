/* SPDX-License-Identifier: MIT */
/* SHA-256 of all files of both inputs, with a thread and without, against sha256sum. */
#include "source_files.h"

#include "run/hashes.h"

#include <sys/stat.h>

/* In the order in which they are hashed. */
enum { ZIPS_DBF = 0, ZIPS_PRJ, ZIPS_SHP, ZIPS_SHX, BUILDINGS_GPKG, N_FILES };
static const char *const file_names[N_FILES] = {"zips.dbf", "zips.prj", "zips.shp", "zips.shx",
                                                "buildings.gpkg"};

typedef struct inputs {
    zf_source *zips, *buildings;
    zf_hashes hashes;
} inputs;

/* A shapefile of ZIPs, a GeoPackage of buildings. */
static int open_inputs(void **state) {
    inputs *in = calloc(1, sizeof *in);
    assert_non_null(in);
    make_squares("ESRI Shapefile", file_in("zips.shp"), 7);
    make_squares("GPKG", file_in("buildings.gpkg"), 5000);
    in->zips = open_source(file_in("zips.shp"));
    in->buildings = open_source(file_in("buildings.gpkg"));
    *state = in;
    return 0;
}

static int close_inputs(void **state) {
    inputs *in = *state;
    zf_hashes_stop(&in->hashes);
    zf_source_close(in->zips);
    zf_source_close(in->buildings);
    zf_hashes_deinit(&in->hashes);
    free(in);
    for (size_t i = 0; i < N_FILES; i++)
        (void)unlink(file_in(file_names[i]));
    return 0;
}

static void sha256sum(const char *path, char hex[ZF_SHA256_HEX_BYTES]) {
    char command[700];
    (void)snprintf(command, sizeof command, "sha256sum < '%s'", path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_int_equal(fread(hex, 1, 64, pipe), 64);
    hex[64] = '\0';
    assert_int_equal(pclose(pipe), 0);
}

static void assert_file(const zf_hashed_file *file, const char *path) {
    char hex[ZF_SHA256_HEX_BYTES];
    struct stat status;
    assert_string_equal(file->path, path);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(file->n_bytes, status.st_size);
    sha256sum(path, hex);
    assert_string_equal(file->hex, hex);
}

static void assert_all_files(inputs *in, bool is_threaded) {
    const zf_callbacks none = {0};
    assert_int_equal(zf_hashes_start(&in->hashes, in->zips, in->buildings, is_threaded, &none, NULL), ZF_OK);
    assert_int_equal(in->hashes.is_started, is_threaded);
    assert_int_equal(zf_hashes_finish(&in->hashes, NULL), ZF_OK);
    assert_int_equal(in->hashes.n, N_FILES);
    assert_int_equal(in->hashes.n_zips, N_FILES - 1);
    for (size_t i = 0; i < N_FILES; i++)
        assert_file(&in->hashes.files[i], file_in(file_names[i]));
}

static void a_thread_hashes_every_file_of_both_inputs(void **state) {
    assert_all_files(*state, true);
}

static void without_a_thread_the_same_comes_out_in_the_end(void **state) {
    assert_all_files(*state, false);
}

static void one_file_for_both_inputs_is_hashed_for_each(void **state) {
    inputs *in = *state;
    assert_int_equal(zf_hashes_start(&in->hashes, in->buildings, in->buildings, true, NULL, NULL), ZF_OK);
    assert_int_equal(zf_hashes_finish(&in->hashes, NULL), ZF_OK);
    assert_int_equal(in->hashes.n, 2);
    assert_int_equal(in->hashes.n_zips, 1);
    assert_file(&in->hashes.files[0], file_in("buildings.gpkg"));
    assert_file(&in->hashes.files[1], file_in("buildings.gpkg"));
}

static void a_file_that_went_away_before_the_start_is_an_input_error(void **state) {
    inputs *in = *state;
    const char *const *files = NULL;
    size_t n = 0;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_source_files(in->zips, &files, &n, NULL), ZF_OK); /* remembered while it was there */
    assert_int_equal(unlink(file_in("zips.prj")), 0);
    assert_int_equal(zf_hashes_start(&in->hashes, in->zips, in->buildings, true, NULL, &error), ZF_E_INPUT);
    assert_string_equal(error.path, file_in("zips.prj"));
    assert_int_equal(error.domain, ZF_DOMAIN_OS);
    assert_non_null(strstr(error.text, "SHA-256"));
    assert_false(in->hashes.is_started);
}

static void a_file_that_goes_away_after_the_start_is_still_hashed(void **state) {
    inputs *in = *state;
    char hex[ZF_SHA256_HEX_BYTES];
    sha256sum(file_in("zips.prj"), hex);
    assert_int_equal(zf_hashes_start(&in->hashes, in->zips, in->buildings, false, NULL, NULL), ZF_OK);
    assert_int_equal(unlink(file_in("zips.prj")), 0);
    assert_int_equal(zf_hashes_finish(&in->hashes, NULL), ZF_OK);
    assert_string_equal(in->hashes.files[ZIPS_PRJ].hex, hex);
}

static bool yes(void *user) {
    (void)user;
    return true;
}

static void cancelling_is_told_with_a_thread_and_without(void **state) {
    inputs *in = *state;
    const zf_callbacks callbacks = {.is_cancelled = yes};
    for (int is_threaded = 0; is_threaded < 2; is_threaded++) {
        zf_error error = ZF_ERROR_INIT;
        assert_int_equal(zf_hashes_start(&in->hashes, in->zips, in->buildings, is_threaded, &callbacks, NULL),
                         ZF_OK);
        assert_int_equal(zf_hashes_finish(&in->hashes, &error), ZF_E_CANCELLED);
        assert_int_equal(error.status, ZF_E_CANCELLED);
        zf_hashes_deinit(&in->hashes);
    }
}

/* Holds the thread at its first question until it is given up. */
static bool wait_until_given_up(void *user) {
    zf_hashes *hashes = user;
    while (!atomic_load(&hashes->is_given_up))
        (void)usleep(100);
    return false;
}

static void stopping_gives_up_and_finishing_says_so(void **state) {
    inputs *in = *state;
    const zf_callbacks callbacks = {.is_cancelled = wait_until_given_up, .user = &in->hashes};
    for (int is_threaded = 0; is_threaded < 2; is_threaded++) {
        zf_error error = ZF_ERROR_INIT;
        assert_int_equal(zf_hashes_start(&in->hashes, in->zips, in->buildings, is_threaded, &callbacks, NULL),
                         ZF_OK);
        zf_hashes_stop(&in->hashes);
        assert_int_equal(zf_hashes_finish(&in->hashes, &error), ZF_E_CANCELLED);
        assert_int_equal(error.status, ZF_E_CANCELLED);
        assert_string_equal(in->hashes.files[BUILDINGS_GPKG].hex, "");
        zf_hashes_deinit(&in->hashes);
    }
}

static void hashes_that_were_never_started_can_be_let_go(void **state) {
    (void)state;
    zf_hashes hashes = {0};
    zf_hashes_stop(&hashes);
    zf_hashes_deinit(&hashes);
    zf_hashes_deinit(&hashes);
    assert_null(hashes.files);
}

static void letting_go_closes_every_file(void **state) {
    inputs *in = *state;
    int before = dup(0);
    assert_true(before >= 0);
    assert_int_equal(close(before), 0);
    assert_int_equal(zf_hashes_start(&in->hashes, in->zips, in->buildings, true, NULL, NULL), ZF_OK);
    zf_hashes_deinit(&in->hashes);
    int after = dup(0); /* the lowest free number */
    assert_int_equal(after, before);
    assert_int_equal(close(after), 0);
}

#define HASHES_TEST(name) cmocka_unit_test_setup_teardown(name, open_inputs, close_inputs)

int main(void) {
    const struct CMUnitTest tests[] = {
        HASHES_TEST(a_thread_hashes_every_file_of_both_inputs),
        HASHES_TEST(without_a_thread_the_same_comes_out_in_the_end),
        HASHES_TEST(one_file_for_both_inputs_is_hashed_for_each),
        HASHES_TEST(a_file_that_went_away_before_the_start_is_an_input_error),
        HASHES_TEST(a_file_that_goes_away_after_the_start_is_still_hashed),
        HASHES_TEST(cancelling_is_told_with_a_thread_and_without),
        HASHES_TEST(stopping_gives_up_and_finishing_says_so),
        cmocka_unit_test(hashes_that_were_never_started_can_be_let_go),
        HASHES_TEST(letting_go_closes_every_file),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
