/* SPDX-License-Identifier: MIT */
#include "cli/missing_inputs.h"

#include <stdio.h>
#include <string.h>

zf_status zf_cli_report_missing(zf_status status, const zf_error *error, const zf_missing_inputs *missing,
                                const char *command, int *out_exit) {
    char name[512], number[32];
    if (missing->n == 0)
        return status;
    *out_exit = zf_cli_fail(status, error, command);
    for (size_t i = 0; i < missing->n; i++) {
        const zf_missing_input *file = &missing->items[i];
        fprintf(stderr, "  missing: %s (%s), %s bytes, SHA-256 %s\n",
                zf_cli_printable(file->name, strlen(file->name), name, sizeof name), file->role,
                zf_format_grouped(file->n_bytes, number), file->sha256);
    }
    fprintf(stderr, "  looked at: %s files in '%s'%s%s\n", zf_format_grouped(missing->n_examined, number),
            zf_cli_printable(missing->directory, strlen(missing->directory), name, sizeof name),
            missing->is_cut ? "; there are more, or deeper directories, than are looked at" : "",
            missing->has_unreadable ? "; some could not be read" : "");
    return ZF_OK;
}
