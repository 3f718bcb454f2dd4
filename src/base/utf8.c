/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <string.h>

/* Source: Unicode 15, table 3-7. */
size_t zf_utf8_bytes(const char *text, size_t n) {
    const unsigned char lead = n > 0 ? (unsigned char)text[0] : 0xFF;
    const size_t n_wanted = lead < 0x80   ? 1
                            : lead < 0xC2 ? 0
                            : lead < 0xE0 ? 2
                            : lead < 0xF0 ? 3
                            : lead < 0xF5 ? 4
                                          : 0;
    if (n_wanted < 2 || n_wanted > n)
        return n_wanted <= n ? n_wanted : 0;
    for (size_t i = 1; i < n_wanted; i++)
        if (!zf_utf8_is_continuation(text[i]))
            return 0;
    const unsigned char second = (unsigned char)text[1];
    const bool is_overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool is_surrogate = lead == 0xED && second > 0x9F, is_beyond = lead == 0xF4 && second > 0x8F;
    return is_overlong || is_surrogate || is_beyond ? 0 : n_wanted;
}

size_t zf_utf8_count(const char *text, size_t n) {
    size_t n_characters = 0;
    for (size_t i = 0; i < n; i++)
        n_characters += !zf_utf8_is_continuation(text[i]);
    return n_characters;
}

bool zf_text_is_utf8(const char *string) {
    const char *end = string + strlen(string);
    size_t n_bytes = 1;
    for (; string < end && n_bytes > 0; string += n_bytes)
        n_bytes = zf_utf8_bytes(string, (size_t)(end - string));
    return n_bytes > 0;
}
