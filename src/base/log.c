/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <stdio.h>

void zf_log(const zf_callbacks *callbacks, zf_log_level level, const char *format, ...) {
    if (!callbacks || !callbacks->log)
        return;
    char text[ZF_ERROR_TEXT_BYTES];
    va_list values;
    va_start(values, format);
    int n = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    callbacks->log(callbacks->user, level, n < 0 ? format : text);
}

void zf_progress_report(const zf_callbacks *callbacks, const char *stage, uint64_t n_done, uint64_t n_total) {
    if (!callbacks || !callbacks->progress)
        return;
    zf_progress progress = {.stage = stage, .n_done = n_done, .n_total = n_total};
    callbacks->progress(callbacks->user, &progress);
}

zf_status zf_check_cancelled(const zf_callbacks *callbacks, zf_error *error) {
    if (!callbacks || !callbacks->is_cancelled || !callbacks->is_cancelled(callbacks->user))
        return ZF_OK;
    return zf_error_set(error, ZF_E_CANCELLED, ZF_DOMAIN_ZONEFOLD,
                        "interrupted on request; an output that existed is as it was");
}
