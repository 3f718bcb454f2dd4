/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    if (string == NULL) {
        zf_text_append(text, "null");
        return;
    }
    const char *end = string + strlen(string);
    zf_text_append(text, "\"");
    while (string < end) {
        size_t n = zf_utf8_bytes(string, (size_t)(end - string));
        append_character(text, (const unsigned char *)string, n);
        string += n > 0 ? n : 1;
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
