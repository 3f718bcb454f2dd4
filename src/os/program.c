/* SPDX-License-Identifier: MIT */
/* What the program around the library needs of this folder. */
#include "zonefold/program.h"
#include "os/file.h"
#include "os/process.h"
#include "os/seal.h"
#include "os/signal.h"
#include "os/standard.h"

#include <errno.h>
#include <string.h>

static bool is_sealed;

void zf_program_prepare(void) {
    is_sealed = zf_process_seal();
    zf_process_tune_allocator();
    zf_standard_hold_descriptors();
    zf_signals_install();
}

bool zf_program_is_sealed(void) {
    return is_sealed;
}

bool zf_program_is_interrupted(void) {
    return zf_signals_are_raised();
}

bool zf_program_has_terminal(void) {
    return zf_standard_error_is_screen();
}

size_t zf_program_terminal_columns(void) {
    return zf_standard_error_columns();
}

size_t zf_program_output_columns(void) {
    return zf_standard_output_columns();
}

double zf_program_clock_s(void) {
    return (double)zf_process_clock_ns() * 1e-9;
}

char *zf_program_directory(void) {
    return zf_file_working_directory();
}

zf_status zf_program_replace_file(const char *path, const void *bytes, size_t n, zf_error *error) {
    char why[128];
    if (zf_file_put(path, bytes, n, true))
        return ZF_OK;
    return zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OS, "cannot write '%s': %s", path,
                        strerror_r(errno, why, sizeof why));
}
