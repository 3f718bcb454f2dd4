/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_between(unsigned char c, unsigned low, unsigned high) {
    return c >= low && c <= high;
}

/* Length of the well-formed UTF-8 character at s (NUL-terminated), 0 when there is none. Source: Unicode 15,
 * table 3-7. */
static size_t utf8_length(const unsigned char *s) {
    if (s[0] < 0x80)
        return 1;
    if (is_between(s[0], 0xC2, 0xDF))
        return is_between(s[1], 0x80, 0xBF) ? 2 : 0;
    if (is_between(s[0], 0xE0, 0xEF)) {
        unsigned low = s[0] == 0xE0 ? 0xA0 : 0x80;  /* no overlong forms */
        unsigned high = s[0] == 0xED ? 0x9F : 0xBF; /* no surrogates */
        return is_between(s[1], low, high) && is_between(s[2], 0x80, 0xBF) ? 3 : 0;
    }
    if (is_between(s[0], 0xF0, 0xF4)) {
        unsigned low = s[0] == 0xF0 ? 0x90 : 0x80;
        unsigned high = s[0] == 0xF4 ? 0x8F : 0xBF; /* nothing beyond U+10FFFF */
        bool is_whole =
            is_between(s[1], low, high) && is_between(s[2], 0x80, 0xBF) && is_between(s[3], 0x80, 0xBF);
        return is_whole ? 4 : 0;
    }
    return 0;
}

bool zf_text_is_utf8(const char *string) {
    const unsigned char *s = (const unsigned char *)string;
    size_t n = 1;
    while (*s && n > 0) {
        n = utf8_length(s);
        s += n;
    }
    return n > 0;
}

static const char *short_escape(unsigned char c) {
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return NULL;
    }
}

static void append_character(zf_text *text, const unsigned char *s, size_t n) {
    const char *escape = n == 1 ? short_escape(s[0]) : NULL;
    if (n == 0)
        zf_text_append(text, "\xEF\xBF\xBD");
    else if (escape)
        zf_text_append(text, escape);
    else if (s[0] < 0x20 || s[0] == 0x7F)
        zf_text_append_format(text, "\\u%04x", s[0]);
    else
        zf_text_append_n(text, (const char *)s, n);
}

void zf_text_append_json(zf_text *text, const char *string) {
    const unsigned char *s = (const unsigned char *)string;
    zf_text_append(text, "\"");
    while (*s) {
        size_t n = utf8_length(s);
        append_character(text, s, n);
        s += n > 0 ? n : 1;
    }
    zf_text_append(text, "\"");
}

/* Whatever the locale puts between the digits (a comma, or several bytes) becomes a point. */
static size_t put_point(char *digits) {
    size_t n = 0;
    bool is_point_put = false;
    for (const char *at = digits; *at; at++) {
        bool is_own = (*at >= '0' && *at <= '9') || *at == '-' || *at == '+' || *at == 'e';
        if (is_own)
            digits[n++] = *at;
        else if (!is_point_put) {
            digits[n++] = '.';
            is_point_put = true;
        }
    }
    digits[n] = '\0';
    return n;
}

void zf_text_append_json_number(zf_text *text, double number) {
    char digits[64];
    if (!isfinite(number)) {
        zf_text_append(text, "null");
        return;
    }
    /* printf and strtod agree on the decimal point whatever it is, as long as both see the same locale. */
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, number);
        if (strtod(digits, NULL) == number)
            break;
    }
    zf_text_append_n(text, digits, put_point(digits));
}
