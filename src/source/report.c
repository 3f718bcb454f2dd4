/* SPDX-License-Identifier: MIT */
/* What GDAL says while a source is read: warnings for the log, failures as errors. */
#include "source/source_internal.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_WARNINGS_LOGGED = 3 };

void zf_source_log_warning(zf_source *source, const char *text) {
    if (source->n_warnings_logged > MAX_WARNINGS_LOGGED)
        return;
    if (source->n_warnings_logged++ == MAX_WARNINGS_LOGGED)
        text = "GDAL has more warnings about this file";
    zf_log(&source->callbacks, ZF_LOG_WARNING, "%s: %s", source->path, text);
}

void zf_source_log_warnings(zf_source *source, const zf_trap *trap) {
    for (size_t i = 0; i < trap->n_warnings; i++)
        zf_source_log_warning(source, trap->warnings[i]);
}

bool zf_source_is_out_of_memory(const char *words) {
    return strcasestr(words, "out of memory") || strcasestr(words, "cannot allocate") ||
           strcasestr(words, "memory allocation") || strcasestr(words, "cannot start worker thread");
}

zf_status zf_source_read_error(const zf_source *source, const char *words, int64_t last_fid,
                               zf_error *error) {
    zf_status st;
    if (zf_source_is_out_of_memory(words))
        st = zf_error_set(
            error, ZF_E_MEMORY, ZF_DOMAIN_OGR,
            "no memory to read on: %s; give the process more of it, or use a smaller `batch_size`", words);
    else if (last_fid == ZF_NO_FID)
        st = zf_error_set(
            error, ZF_E_INPUT, ZF_DOMAIN_OGR,
            "cannot read the first feature: %s; the file is damaged or incomplete, get it again", words);
    else
        st = zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OGR,
                          "cannot read on after feature %" PRId64
                          ": %s; the file is damaged or incomplete, get it again",
                          last_fid, words);
    return zf_error_at(error, st, source->path, source->info.layer, ZF_NO_FID);
}
