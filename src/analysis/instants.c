/* SPDX-License-Identifier: MIT */
/* Dates and times as instants: how `min`, `max` and `unique` compare them. */
#include "analysis/statistics.h"

/** Position in a text that is being parsed. */
typedef struct scanner {
    const uint8_t *at, *end;
} scanner;

/** Reads exactly n digits. */
static bool read_digits(scanner *s, int n, int64_t *out) {
    *out = 0;
    for (; n > 0; n--, s->at++) {
        if (s->at == s->end || *s->at < '0' || *s->at > '9')
            return false;
        *out = 10 * *out + (*s->at - '0');
    }
    return true;
}

/** Skips a character if it is the next one. */
static bool skip(scanner *s, char c) {
    if (s->at == s->end || *s->at != (uint8_t)c)
        return false;
    s->at++;
    return true;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar.
 * Source: Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil. */
static int64_t days_of(int64_t year, int64_t month, int64_t day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/** Reads "YYYY-MM-DD". */
static bool read_date(scanner *s, int64_t *out_days) {
    int64_t year, month, day;
    bool is_negative = skip(s, '-');
    if (!read_digits(s, is_negative ? 3 : 4, &year))
        return false;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9') /* years of more than four digits */
        year = 10 * year + (*s->at++ - '0');
    if (!skip(s, '-') || !read_digits(s, 2, &month) || !skip(s, '-') || !read_digits(s, 2, &day))
        return false;
    *out_days = days_of(is_negative ? -year : year, month, day);
    return true;
}

/** Reads "HH:MM:SS" with up to three digits of a fraction. */
static bool read_time(scanner *s, int64_t *out_ms) {
    int64_t hour, minute, second, fraction = 0;
    if (!read_digits(s, 2, &hour) || !skip(s, ':') || !read_digits(s, 2, &minute) || !skip(s, ':') ||
        !read_digits(s, 2, &second))
        return false;
    if (skip(s, '.') && !read_digits(s, 3, &fraction))
        return false;
    *out_ms = ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
    return true;
}

/** Reads "Z", "+HH:MM", "-HH:MM" or nothing, which is taken as UTC. */
static bool read_zone(scanner *s, int64_t *out_ms) {
    int64_t hours, minutes;
    *out_ms = 0;
    if (s->at == s->end || skip(s, 'Z'))
        return true;
    bool is_west = *s->at == '-';
    if (!skip(s, is_west ? '-' : '+') || !read_digits(s, 2, &hours) || !skip(s, ':') ||
        !read_digits(s, 2, &minutes))
        return false;
    *out_ms = (is_west ? -1 : 1) * (hours * 60 + minutes) * 60000;
    return true;
}

bool zf_instant_read(zf_field_type type, zf_bytes text, int64_t *out_ms) {
    int64_t days = 0, ms = 0, zone_ms = 0;
    scanner s = {text.bytes, text.bytes + text.n};
    if (text.bytes == NULL || (type != ZF_FIELD_TIME && !read_date(&s, &days)))
        return false;
    if (type == ZF_FIELD_DATETIME && !skip(&s, 'T'))
        return false;
    if (type != ZF_FIELD_DATE && !read_time(&s, &ms))
        return false;
    if (type == ZF_FIELD_DATETIME && !read_zone(&s, &zone_ms))
        return false;
    *out_ms = days * 86400000 + ms - zone_ms;
    return s.at == s.end;
}
