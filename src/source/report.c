/* SPDX-License-Identifier: MIT */
/* GDAL's messages during a reading: warnings go to the log, errors become errors of the reading. Notes. */
#include "source/source_internal.h"

#include <inttypes.h>
#include <stdio.h>
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

bool zf_source_is_out_of_memory(const char *message) {
    return strcasestr(message, "out of memory") || strcasestr(message, "cannot allocate") ||
           strcasestr(message, "memory allocation") || strcasestr(message, "cannot start worker thread");
}

zf_status zf_source_read_error(const zf_source *source, const char *message, int64_t last_fid,
                               zf_error *error) {
    zf_status st;
    if (zf_source_is_out_of_memory(message))
        st = zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_OGR,
                          "not enough memory to continue reading: %s; give the process more memory, or use a "
                          "smaller `batch_size`",
                          message);
    else if (strstr(message, "prepare SQL") || strstr(message, "not authorized"))
        st = zf_error_set(
            error, ZF_E_INPUT, ZF_DOMAIN_OGR,
            "cannot read the layer by SQL: %s; if it is a view, or has computed columns, these may "
            "only use SQLite's functions: write it into a table",
            message);
    else if (last_fid == ZF_NO_FID)
        st = zf_error_set(
            error, ZF_E_INPUT, ZF_DOMAIN_OGR,
            "cannot read the first feature: %s; the file is damaged or incomplete: get it again", message);
    else
        st = zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OGR,
                          "read error after feature %" PRId64
                          ": %s; the file is damaged or incomplete: get it again",
                          last_fid, message);
    return zf_error_at(error, st, source->path, source->info.layer, ZF_NO_FID);
}

void zf_source_note(zf_source *source, const char *format, ...) {
    char text[ZF_NOTE_BYTES];
    va_list values;
    if (source->info.n_notes == ZF_SOURCE_NOTES)
        return;
    va_start(values, format);
    (void)vsnprintf(text, sizeof text, format, values);
    va_end(values);
    char *copy = zf_string_copy(text);
    if (copy)
        source->info.notes[source->info.n_notes++] = copy;
}
