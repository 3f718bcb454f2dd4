/* SPDX-License-Identifier: MIT */
/* Values of options: sizes and numbers against arithmetic of 128 bits, lists of names by writing them again.
 */
#include "base/base.h"
#include "cli/options.h"
#include "fuzz/fuzz.h"

enum { MIN = 3, MAX = 70000 };
__extension__ typedef unsigned __int128 wide;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The number that the digits at *text mean, and what stands behind them. Saturates. */
static wide read_digits(const char **text) {
    const wide most = (wide)1 << 100;
    wide number = 0;
    for (; is_digit(**text); ++*text)
        number = number < most ? number * 10 + (unsigned)(**text - '0') : most;
    return number;
}

/* 0: no size. */
static size_t expected_size(const char *text) {
    static const char letters[] = "KMGT";
    bool has_digits = is_digit(*text);
    wide n = read_digits(&text);
    text += *text == ' ';
    const char *letter = *text != '\0' ? strchr(letters, *text == 'k' ? 'K' : *text) : NULL;
    bool is_small_k = *text == 'k';
    if (letter == NULL) {
        has_digits = has_digits && (*text == '\0' || strcmp(text, "B") == 0);
    } else {
        const char *rest = text + 1;
        bool is_decimal = strcmp(rest, "B") == 0;
        has_digits =
            has_digits && (is_decimal || (!is_small_k && (*rest == '\0' || strcmp(rest, "iB") == 0)));
        for (const char *l = letters; l <= letter; l++)
            n *= is_decimal ? 1000 : 1024;
    }
    return has_digits && n <= SIZE_MAX ? (size_t)n : 0;
}

static void check_size(const char *text) {
    const zf_option option = {.name = "memory", .kind = ZF_OPTION_SIZE, .value = "SIZE"};
    size_t found = 0, expected = expected_size(text);
    zf_status status = zf_option_store(&option, text, &found, NULL);
    fuzz_require(status == (expected > 0 ? ZF_OK : ZF_E_USAGE), "a size is taken, and nothing else");
    fuzz_require(found == expected, "the size is as written");
}

static void check_number(const char *text) {
    const zf_option option = {
        .name = "threads", .kind = ZF_OPTION_NUMBER, .value = "N", .min = MIN, .max = MAX};
    const char *end = text;
    size_t found = 0;
    wide number = read_digits(&end);
    bool is_good = *text != '\0' && *end == '\0' && number >= MIN && number <= MAX;
    zf_status status = zf_option_store(&option, text, &found, NULL);
    fuzz_require(status == (is_good ? ZF_OK : ZF_E_USAGE),
                 "a number in its range is taken, and nothing else");
    fuzz_require(found == (is_good ? (size_t)number : 0), "the number is as written");
}

static void check_names(const char *text) {
    const zf_option option = {.name = "fields", .kind = ZF_OPTION_NAMES, .value = "NAME,..."};
    zf_option_list names = {0}, again = {0};
    zf_text quoted = {0};
    zf_status status = zf_option_store(&option, text, &names, NULL);
    fuzz_require(status == ZF_OK || status == ZF_E_USAGE, "names are taken or a usage error");
    for (size_t i = 0; i < names.n; i++) {
        zf_text_append(&quoted, i > 0 ? "," : "");
        zf_text_append_identifier(&quoted, names.items[i]);
    }
    if (status == ZF_OK) {
        fuzz_require(zf_option_store(&option, quoted.bytes, &again, NULL) == ZF_OK,
                     "in quotes they are taken");
        fuzz_require(again.n == names.n, "and are as many");
        for (size_t i = 0; i < names.n; i++)
            fuzz_require(strcmp(names.items[i], again.items[i]) == 0, "and the same");
    }
    zf_option_list_deinit(&names);
    zf_option_list_deinit(&again);
    zf_text_deinit(&quoted);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char *text = fuzz_text(bytes, n);
    check_size(text);
    check_number(text);
    check_names(text);
    free(text);
    return 0;
}
