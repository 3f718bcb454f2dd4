/* SPDX-License-Identifier: MIT */
/* SHA-256 of files, against the vectors of FIPS 180-4 and the shell's sha256sum. */
#include "os/hash.h"
#include "output/ledger.h"
#include "unit/output_bench.h"

static void put(const char *path, const void *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void the_vectors_of_the_standard_come_out(void **state) {
    bench *b = *state;
    char hex[ZF_SHA256_HEX_BYTES];
    uint64_t n = 99;
    put(b->path, "", 0);
    assert_int_equal(zf_hash_file(b->path, NULL, hex, &n, NULL), ZF_OK);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_int_equal(n, 0);
    put(b->path, "abc", 3);
    assert_int_equal(zf_hash_file(b->path, NULL, hex, &n, NULL), ZF_OK);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(n, 3);
    char *million = malloc(1000000);
    assert_non_null(million);
    memset(million, 'a', 1000000);
    put(b->path, million, 1000000);
    free(million);
    assert_int_equal(zf_hash_file(b->path, NULL, hex, &n, NULL), ZF_OK);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void files_of_several_reads_equal_sha256sum(void **state) {
    bench *b = *state;
    const size_t sizes[] = {(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 * (1 << 20) + 17};
    for (size_t i = 0; i < 4; i++) {
        char hex[ZF_SHA256_HEX_BYTES], expected[ZF_SHA256_HEX_BYTES] = "", command[400];
        uint64_t n = 0;
        uint8_t *bytes = malloc(sizes[i]);
        assert_non_null(bytes);
        for (size_t k = 0; k < sizes[i]; k++)
            bytes[k] = (uint8_t)(k * 2654435761u >> 13);
        put(b->path, bytes, sizes[i]);
        free(bytes);
        snprintf(command, sizeof command, "sha256sum < '%s'", b->path);
        FILE *pipe = popen(command, "r");
        assert_non_null(pipe);
        assert_int_equal(fread(expected, 1, 64, pipe), 64);
        pclose(pipe);
        assert_int_equal(zf_hash_file(b->path, NULL, hex, &n, NULL), ZF_OK);
        assert_string_equal(hex, expected);
        assert_int_equal(n, sizes[i]);
    }
}

static void assert_unreadable(const char *path) {
    char hex[ZF_SHA256_HEX_BYTES];
    uint64_t n = 0;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_hash_file(path, NULL, hex, &n, &error), ZF_E_INPUT);
    assert_string_equal(error.path, path);
    assert_non_null(strstr(error.text, "SHA-256"));
}

static void what_cannot_be_read_is_an_input_error(void **state) {
    bench *b = *state;
    assert_unreadable(b->path); /* not there */
    assert_unreadable(b->directory);
}

static bool yes(void *user) {
    (void)user;
    return true;
}

static void hashing_can_be_cancelled(void **state) {
    bench *b = *state;
    const zf_callbacks callbacks = {.is_cancelled = yes};
    char hex[ZF_SHA256_HEX_BYTES];
    uint64_t n = 0;
    put(b->path, "abc", 3);
    assert_int_equal(zf_hash_file(b->path, &callbacks, hex, &n, NULL), ZF_E_CANCELLED);
}

#define HASH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        HASH_TEST(the_vectors_of_the_standard_come_out),
        HASH_TEST(files_of_several_reads_equal_sha256sum),
        HASH_TEST(what_cannot_be_read_is_an_input_error),
        HASH_TEST(hashing_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
