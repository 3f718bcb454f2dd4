/* SPDX-License-Identifier: MIT */
/* Writes to standard output. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

zf_status zf_cli_put_part(const zf_text *text, zf_error *error) {
    if (text->is_failed)
        return zf_error_memory(error, text->n, "the text for standard output");
    errno = 0;
    if (fwrite(text->bytes, 1, text->n, stdout) == text->n && fflush(stdout) == 0)
        return ZF_OK;
    if (errno == EPIPE)
        return ZF_DONE;
    return zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OS, "cannot write to standard output: %s",
                        strerror(errno));
}

zf_status zf_cli_put(const zf_text *text, zf_error *error) {
    const zf_status status = zf_cli_put_part(text, error);
    return status == ZF_DONE ? ZF_OK : status;
}
