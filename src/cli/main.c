/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/signals.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static int put(void (*append)(zf_text *out)) {
    zf_error error = ZF_ERROR_INIT;
    zf_text text = {0};
    append(&text);
    zf_status status = zf_cli_put(&text, &error);
    zf_text_deinit(&text);
    return status == ZF_OK ? 0 : zf_cli_fail(status, &error, NULL);
}

static int no_command(void) {
    zf_text text = {0};
    zf_cli_append_overview(&text);
    fprintf(stderr, "zonefold: no command given\n\n%s", text.bytes != NULL ? text.bytes : "");
    zf_text_deinit(&text);
    return zf_status_exit_code(ZF_E_USAGE);
}

/* A heap of its own for each thread reserves 64 MiB of addresses, which count where the process's addresses
 * are limited (ulimit -v), used or not. */
static bool are_addresses_limited(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

/* Large blocks go back to the system when they are freed, instead of waiting in a heap that only grows; a
 * batch's worth of bytes may wait, as the next batch takes them again. */
static void tune_allocator(void) {
#ifdef M_MMAP_THRESHOLD
    enum { LARGE_BYTES = 1024 * 1024, WAITING_BYTES = 4 * 1024 * 1024 };
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, WAITING_BYTES);
    if (are_addresses_limited())
        (void)mallopt(M_ARENA_MAX, 1);
#endif
}

int main(int argc, char **argv) {
    tune_allocator();
    zf_cli_hold_standard_descriptors();
    zf_cli_signals_install();
    if (argc < 2)
        return no_command();
    const char *word = argv[1];
    const zf_cli_command *command = zf_cli_command_by_name(word);
    if (command != NULL)
        return command->run(argc - 2, argv + 2);
    const bool is_version = strcmp(word, "--version") == 0;
    const bool is_help = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
    zf_error error = ZF_ERROR_INIT;
    if (!is_version && !is_help)
        zf_cli_unknown_command(word, &error);
    else if (argc > 2)
        zf_error_set(&error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "unexpected argument '%.200s' after '%s'",
                     argv[2], word);
    else
        return put(is_version ? zf_cli_append_versions : zf_cli_append_overview);
    return zf_cli_fail(ZF_E_USAGE, &error, NULL);
}
