/* SPDX-License-Identifier: MIT */
#include "cli/cells.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/** Appends a real number for people: four to seven digits. */
static void append_rounded(zf_text *out, double number) {
    const double size = fabs(number);
    if (size == 0.0)
        zf_text_append(out, "0");
    else if (size >= 1e12 || size < 1e-3)
        zf_text_append_format(out, "%.4g", number);
    else
        zf_text_append_format(out, "%.*f", size >= 100.0 ? 1 : size >= 1.0 ? 2 : 4, number);
}

/* What may be shown on a terminal; with_lines: line ends and tabs too, else blanks in their place. */
static void append_printable(zf_text *out, zf_bytes bytes, bool with_lines) {
    char *shown = malloc(bytes.n + 1);
    if (shown == NULL) {
        out->is_failed = true;
        return;
    }
    zf_cli_printable((const char *)bytes.bytes, bytes.n, shown, bytes.n + 1);
    for (char *c = shown; *c != '\0' && !with_lines; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    zf_text_append(out, shown);
    free(shown);
}

void zf_cli_append_cell(zf_text *out, const zf_value *value) {
    switch (value->kind) {
    case ZF_VALUE_INTEGER:
        zf_text_append_format(out, "%" PRId64, value->as.integer);
        return;
    case ZF_VALUE_REAL:
        append_rounded(out, value->as.real);
        return;
    case ZF_VALUE_TEXT:
        append_printable(out, value->as.bytes, false);
        return;
    case ZF_VALUE_BLOB:
        zf_text_append_format(out, "(%zu bytes)", value->as.bytes.n);
        return;
    case ZF_VALUE_NULL:
    default:
        zf_text_append(out, "NULL");
    }
}

void zf_cli_append_json_value(zf_text *out, const zf_value *value) {
    zf_text copy = {0};
    switch (value->kind) {
    case ZF_VALUE_INTEGER:
        zf_text_append_format(out, "%" PRId64, value->as.integer);
        return;
    case ZF_VALUE_REAL:
        zf_text_append_json_number(out, value->as.real);
        return;
    case ZF_VALUE_TEXT: /* a NUL for zf_text_append_json */
        zf_text_append_n(&copy, (const char *)value->as.bytes.bytes, value->as.bytes.n);
        zf_text_append_json(out, copy.bytes != NULL ? copy.bytes : "");
        out->is_failed |= copy.is_failed;
        zf_text_deinit(&copy);
        return;
    case ZF_VALUE_BLOB:
        zf_text_append_format(out, "{\"bytes\": %zu}", value->as.bytes.n);
        return;
    case ZF_VALUE_NULL:
    default:
        zf_text_append(out, "null");
    }
}

static void append_csv_text(zf_text *out, zf_bytes bytes) {
    zf_text shown = {0};
    append_printable(&shown, bytes, true);
    zf_text_append(out, "\"");
    for (const char *at = shown.bytes != NULL ? shown.bytes : ""; *at != '\0';) {
        const size_t n = strcspn(at, "\"");
        zf_text_append_n(out, at, n);
        zf_text_append(out, at[n] == '"' ? "\"\"" : "");
        at += n + (at[n] == '"');
    }
    zf_text_append(out, "\"");
    out->is_failed |= shown.is_failed;
    zf_text_deinit(&shown);
}

void zf_cli_append_csv_value(zf_text *out, const zf_value *value) {
    if (value->kind == ZF_VALUE_TEXT)
        append_csv_text(out, value->as.bytes);
    else if (value->kind == ZF_VALUE_REAL && !isfinite(value->as.real))
        zf_text_append(out, value->as.real > 0 ? "inf" : "-inf");
    else if (value->kind == ZF_VALUE_REAL)
        zf_text_append_json_number(out, value->as.real);
    else if (value->kind != ZF_VALUE_NULL)
        zf_cli_append_cell(out, value);
}
