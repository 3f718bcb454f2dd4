/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD"

/* Two code points that XML has no way to write: U+FFFE and U+FFFF. */
static bool is_no_character(const unsigned char *s) {
    return s[0] == 0xEF && s[1] == 0xBF && (s[2] == 0xBE || s[2] == 0xBF);
}

static void append_ascii(zf_text *text, char c) {
    switch (c) {
    case '&':
        zf_text_append(text, "&amp;");
        break;
    case '<':
        zf_text_append(text, "&lt;");
        break;
    case '>':
        zf_text_append(text, "&gt;");
        break;
    case '"':
        zf_text_append(text, "&quot;");
        break;
    case '\t':
    case '\n':
    case '\r':
        zf_text_append_format(text, "&#%d;", c);
        break;
    default:
        if (c > 0 && c < ' ')
            zf_text_append(text, REPLACEMENT);
        else
            zf_text_append_n(text, &c, 1);
    }
}

void zf_text_append_xml(zf_text *text, const char *string) {
    const bool is_utf8 = zf_text_is_utf8(string);
    for (const unsigned char *s = (const unsigned char *)string; *s != '\0'; s++) {
        if (*s < 0x80) {
            append_ascii(text, (char)*s);
        } else if (!is_utf8) {
            zf_text_append(text, REPLACEMENT);
        } else if (is_no_character(s)) {
            zf_text_append(text, REPLACEMENT);
            s += 2;
        } else {
            zf_text_append_n(text, (const char *)s, 1);
        }
    }
}
