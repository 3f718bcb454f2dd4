/* SPDX-License-Identifier: MIT */
/* Job files of anybody's making: read, or refused with a line; what is read can be written, and is then read
 * the same. */
#include "cli/cli.h"
#include "fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

/** A file in memory, under a name that the reader can open. */
static int put(const void *bytes, size_t n, char name[64]) {
    int fd = memfd_create("job", 0);
    fuzz_require(fd >= 0 && write(fd, bytes, n) == (ssize_t)n, "a file in memory");
    snprintf(name, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static void check_file(const zf_job_file *file) {
    for (size_t i = 0; i < file->n; i++) {
        const zf_job_entry *entry = &file->entries[i];
        fuzz_require(entry->key != NULL && entry->line > 0, "an entry has a key and a line");
        fuzz_require(entry->is_list || entry->n_values == 1, "what is no list is one value");
        for (size_t k = 0; k < i; k++)
            fuzz_require(strcmp(file->entries[k].key, entry->key) != 0, "a key is there once");
    }
}

/* Values under a key that needs no quotes. */
static void check_again(const zf_job_entry *entry) {
    zf_text text = {0};
    char name[64];
    zf_job_file again = {0};
    if (!entry->is_list)
        zf_job_append_scalar(&text, "key", entry->values[0]);
    else if (entry->n_values > 0)
        zf_text_append(&text, "key:");
    for (size_t i = 0; entry->is_list && i < entry->n_values; i++) {
        zf_text_append(&text, "\n  - ");
        zf_text_append_yaml(&text, entry->values[i]);
    }
    if (text.bytes == NULL)
        return;
    int fd = put(text.bytes, text.n, name);
    fuzz_require(zf_job_file_read(name, &again, NULL) == ZF_OK && again.n == 1, "what is written is read");
    fuzz_require(again.entries[0].n_values == entry->n_values, "as many values");
    for (size_t i = 0; i < entry->n_values; i++)
        fuzz_require(strcmp(again.entries[0].values[i], entry->values[i]) == 0, "the same values");
    zf_job_file_deinit(&again);
    close(fd);
    zf_text_deinit(&text);
}

/* Through the option table; "job" has no place in a job file, so that no other file is opened. */
static void check_options(char *name) {
    char option[] = "--job";
    char *const words[] = {option, name};
    zf_cli_run_target target = {0};
    zf_options_parsed parsed = {0};
    zf_error error = ZF_ERROR_INIT;
    zf_status status = zf_options_parse(&zf_cli_run_table, 2, words, &target, &parsed, &error);
    fuzz_require(status == ZF_OK || status == ZF_E_USAGE, "a job is right or a usage error");
    fuzz_require(status == ZF_OK || error.text[0] != '\0', "a usage error is told");
    zf_options_deinit(&zf_cli_run_table, &target, &parsed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char name[64];
    zf_job_file file = {0};
    zf_error error = ZF_ERROR_INIT;
    int fd = put(bytes, n, name);
    zf_status status = zf_job_file_read(name, &file, &error);
    fuzz_require(status == ZF_OK || (status == ZF_E_USAGE && error.text[0] != '\0'),
                 "a job is read or refused");
    check_file(&file);
    for (size_t i = 0; i < file.n; i++)
        check_again(&file.entries[i]);
    zf_job_file_deinit(&file);
    check_options(name);
    close(fd);
    return 0;
}
