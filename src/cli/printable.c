/* SPDX-License-Identifier: MIT */
/* Texts and sizes for people. */
#include "cli/cli.h"

#include <string.h>

/* C0 but newline and tab, DEL, and C1, which some terminals obey as well */
static bool is_control(const unsigned char *text, size_t n_bytes) {
    if (n_bytes == 1)
        return (text[0] < 0x20 && text[0] != '\n' && text[0] != '\t') || text[0] == 0x7F;
    return text[0] == 0xC2 && text[1] < 0xA0;
}

const char *zf_cli_printable(const char *text, size_t n, char *out, size_t n_bytes) {
    const unsigned char *from = (const unsigned char *)text;
    size_t to = 0;
    for (size_t i = 0; i < n;) {
        const size_t width = zf_utf8_bytes(text + i, n - i);
        const bool is_shown = width > 0 && !is_control(from + i, width);
        const size_t needed = is_shown ? width : 1;
        if (to + needed >= n_bytes)
            break;
        memcpy(out + to, is_shown ? text + i : "?", needed);
        to += needed;
        i += width > 0 ? width : 1;
    }
    out[to] = '\0';
    return out;
}

size_t zf_cli_width(const char *text) {
    return zf_utf8_count(text, strlen(text));
}

void zf_cli_append_bytes(zf_text *out, uint64_t n_bytes) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)n_bytes;
    size_t unit = 0;
    while (size >= 1024.0 && unit + 1 < sizeof units / sizeof units[0]) {
        size /= 1024.0;
        unit++;
    }
    zf_text_append_format(out, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}
