/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <string.h>

/* Whether a value needs no quotes: letters, digits and what paths are made of, and none of YAML's words. */
static bool is_plain(const char *value) {
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"};
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./";
    if (*value == '\0' || *value == '.' || value[strspn(value, plain)] != '\0')
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (zf_string_equal_nocase(value, words[i]))
            return false;
    return true;
}

/* U+0080 to U+009F, U+2028, U+2029, U+FEFF, U+FFFE and U+FFFF, which YAML folds or refuses where JSON takes
 * them: the character at s, or 0. */
static unsigned escaped_character(const unsigned char *s, size_t *out_bytes) {
    unsigned c = 0;
    *out_bytes = 1;
    if (s[0] == 0xC2 && s[1] >= 0x80 && s[1] < 0xA0) {
        *out_bytes = 2;
        c = s[1];
    } else if (s[0] >= 0xE2 && s[0] <= 0xEF && s[1] >= 0x80 && s[2] >= 0x80) {
        unsigned wide = ((s[0] & 0x0FU) << 12) | ((s[1] & 0x3FU) << 6) | (s[2] & 0x3FU);
        if (wide == 0x2028 || wide == 0x2029 || wide == 0xFEFF || wide >= 0xFFFE)
            c = wide;
        *out_bytes = 3;
    }
    return c;
}

/* A JSON text is a text of YAML, too, but for those characters. */
static void append_quoted(zf_text *out, const char *value) {
    zf_text json = {0};
    zf_text_append_json(&json, value);
    const unsigned char *s = (const unsigned char *)json.bytes;
    for (size_t i = 0, n = 1; i < json.n; i += n) {
        unsigned c = escaped_character(s + i, &n);
        if (c != 0)
            zf_text_append_format(out, "\\u%04x", c);
        else
            zf_text_append_n(out, json.bytes + i, n);
    }
    out->is_failed |= json.is_failed;
    zf_text_deinit(&json);
}

void zf_text_append_yaml(zf_text *text, const char *value) {
    if (is_plain(value))
        zf_text_append(text, value);
    else
        append_quoted(text, value);
}
