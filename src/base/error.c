/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A text cut by a fixed buffer must not end in half a character: the record promises UTF-8. */
static void trim_half_character(char *text) {
    size_t n = strlen(text);
    size_t lead = n;
    while (lead > 0 && n - lead < 3 && zf_utf8_is_continuation(text[lead - 1]))
        lead--;
    if (lead == 0)
        return;
    unsigned char c = (unsigned char)text[lead - 1];
    size_t n_expected = c >= 0xF0u ? 4 : c >= 0xE0u ? 3 : c >= 0xC0u ? 2 : 1;
    if (n_expected > n - (lead - 1))
        text[lead - 1] = '\0';
}

static void copy_cut(char *out, size_t cap, const char *text) {
    if ((size_t)snprintf(out, cap, "%s", text) >= cap)
        trim_half_character(out);
}

zf_status(zf_error_set)(zf_error *error, zf_status status, zf_domain domain, const char *format, ...) {
    if (!error || error->status > ZF_DONE)
        return status;
    *error = (zf_error)ZF_ERROR_INIT;
    error->status = status;
    error->domain = domain;
    va_list values;
    va_start(values, format);
    int n = vsnprintf(error->text, sizeof error->text, format, values);
    va_end(values);
    if (n < 0)
        copy_cut(error->text, sizeof error->text, format);
    else if ((size_t)n >= sizeof error->text)
        trim_half_character(error->text);
    return status;
}

zf_status(zf_error_at)(zf_error *error, zf_status status, const char *path, const char *layer, int64_t fid) {
    if (!error)
        return status;
    if (path && !error->path[0])
        copy_cut(error->path, sizeof error->path, path);
    if (layer && !error->layer[0])
        copy_cut(error->layer, sizeof error->layer, layer);
    if (error->fid == ZF_NO_FID)
        error->fid = fid;
    return status;
}

zf_status(zf_error_parameter)(zf_error *error, zf_status status, const char *parameter) {
    if (error && !error->parameter[0])
        copy_cut(error->parameter, sizeof error->parameter, parameter);
    return status;
}

zf_status(zf_error_within)(zf_error *error, zf_status status, const char *format, ...) {
    if (!error)
        return status;
    char prefix[ZF_ERROR_TEXT_BYTES];
    va_list values;
    va_start(values, format);
    int n = vsnprintf(prefix, sizeof prefix, format, values);
    va_end(values);
    if (n < 0)
        return status;
    char cause[ZF_ERROR_TEXT_BYTES];
    memcpy(cause, error->text, sizeof cause);
    /* When both do not fit, the cause is worth more than where it was noticed. */
    size_t n_room = sizeof error->text - 1 - strlen(cause);
    if (n_room < 3)
        return status;
    if ((size_t)n > n_room - 2)
        prefix[n_room - 2] = '\0';
    if ((size_t)n > n_room - 2 || (size_t)n >= sizeof prefix)
        trim_half_character(prefix);
    size_t n_prefix = strlen(prefix);
    memcpy(error->text, prefix, n_prefix);
    memcpy(error->text + n_prefix, ": ", 2);
    memcpy(error->text + n_prefix + 2, cause, strlen(cause) + 1);
    return status;
}

zf_status(zf_error_memory)(zf_error *error, size_t n_bytes, const char *what) {
    return zf_error_set(
        error, ZF_E_MEMORY, ZF_DOMAIN_ZONEFOLD,
        "cannot get %zu bytes for %s: no memory left; close other programs or take fewer ZIPs at a time",
        n_bytes, what);
}

/* snprintf at an offset that may already lie beyond the buffer; keeps counting the full length. */
ZF_PRINTF(4, 5) static void put(char *out, size_t n_bytes, size_t *length, const char *format, ...) {
    va_list values;
    va_start(values, format);
    size_t n_room = *length < n_bytes ? n_bytes - *length : 0;
    int n = vsnprintf(n_room > 0 ? out + *length : NULL, n_room, format, values);
    va_end(values);
    if (n > 0)
        *length += (size_t)n;
}

size_t zf_error_format(const zf_error *error, char *out, size_t n_bytes) {
    size_t length = 0;
    const char *before = " (";
    if (n_bytes > 0)
        out[0] = '\0';
    put(out, n_bytes, &length, "%s", error->text[0] ? error->text : zf_status_name(error->status));
    if (error->path[0]) {
        put(out, n_bytes, &length, "%sfile '%s'", before, error->path);
        before = ", ";
    }
    if (error->layer[0]) {
        put(out, n_bytes, &length, "%slayer '%s'", before, error->layer);
        before = ", ";
    }
    if (error->fid != ZF_NO_FID) {
        put(out, n_bytes, &length, "%sfeature %" PRId64, before, error->fid);
        before = ", ";
    }
    if (before[0] == ',')
        put(out, n_bytes, &length, ")");
    return length;
}
