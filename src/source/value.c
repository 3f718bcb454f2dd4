/* SPDX-License-Identifier: MIT */
/* Values of a batch; dates and times as text. */
#include "source/source_internal.h"

#include <math.h>
#include <stdio.h>

enum { MS_PER_MINUTE = 60000, TZ_UTC = 100, TZ_STEP_MINUTES = 15 };

/* Positions of the parts, from the lowest bit: zone 8 bits, milliseconds of the minute 16, minute 6, hour 5,
 * day 5, month 4, year 16. */
enum { AT_MS = 8, AT_MINUTE = 24, AT_HOUR = 30, AT_DAY = 35, AT_MONTH = 40, AT_YEAR = 44 };

int64_t zf_timestamp_pack(const OGRField *field) {
    long ms = lroundf(field->Date.Second * 1000.0f);
    /* 59.9999 s must not be rounded to 60.000; 60 itself is a leap second. */
    if (field->Date.Second < 60.0f && ms >= MS_PER_MINUTE)
        ms = MS_PER_MINUTE - 1;
    uint64_t packed = (uint64_t)field->Date.TZFlag;
    packed |= ((uint64_t)ms & 0xFFFFu) << AT_MS;
    packed |= ((uint64_t)field->Date.Minute & 0x3Fu) << AT_MINUTE;
    packed |= ((uint64_t)field->Date.Hour & 0x1Fu) << AT_HOUR;
    packed |= ((uint64_t)field->Date.Day & 0x1Fu) << AT_DAY;
    packed |= ((uint64_t)field->Date.Month & 0xFu) << AT_MONTH;
    packed |= ((uint64_t)(uint16_t)field->Date.Year) << AT_YEAR;
    return (int64_t)packed;
}

static unsigned part(uint64_t packed, unsigned at, unsigned n_bits) {
    return (unsigned)(packed >> at) & ((1u << n_bits) - 1u);
}

static size_t format_date(uint64_t packed, char *out, size_t cap) {
    int n = snprintf(out, cap, "%04d-%02u-%02u", (int)(int16_t)part(packed, AT_YEAR, 16),
                     part(packed, AT_MONTH, 4), part(packed, AT_DAY, 5));
    return (size_t)n;
}

static size_t format_time(uint64_t packed, char *out, size_t cap) {
    unsigned ms = part(packed, AT_MS, 16);
    int n =
        snprintf(out, cap, "%02u:%02u:%02u", part(packed, AT_HOUR, 5), part(packed, AT_MINUTE, 6), ms / 1000);
    if (ms % 1000 != 0)
        n += snprintf(out + n, cap - (size_t)n, ".%03u", ms % 1000);
    return (size_t)n;
}

/* Formats OGR's time zone flag: 0 unknown, 1 local time, 100 UTC, else 100 + quarters of an hour. */
static size_t format_zone(unsigned flag, char *out, size_t cap) {
    if (flag < 2)
        return 0;
    if (flag == TZ_UTC)
        return (size_t)snprintf(out, cap, "Z");
    int minutes = ((int)flag - TZ_UTC) * TZ_STEP_MINUTES;
    unsigned size = (unsigned)(minutes < 0 ? -minutes : minutes);
    return (size_t)snprintf(out, cap, "%c%02u:%02u", minutes < 0 ? '-' : '+', size / 60, size % 60);
}

static unsigned days_of_month(int year, unsigned month) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : days[month - 1];
}

bool zf_timestamp_exists(zf_field_type type, const OGRField *field) {
    const unsigned month = field->Date.Month, day = field->Date.Day;
    if (type != ZF_FIELD_TIME &&
        (month < 1 || month > 12 || day < 1 || day > days_of_month(field->Date.Year, month)))
        return false;
    return type == ZF_FIELD_DATE || (field->Date.Hour < 24 && field->Date.Minute < 60 &&
                                     field->Date.Second >= 0.0f && field->Date.Second < 61.0f);
}

/** Formats a packed timestamp as base.h describes it; returns the length. */
static size_t format_timestamp(zf_field_type type, int64_t timestamp, char out[ZF_VALUE_SCRATCH_BYTES]) {
    uint64_t packed = (uint64_t)timestamp;
    size_t cap = ZF_VALUE_SCRATCH_BYTES;
    if (type == ZF_FIELD_TIME)
        return format_time(packed, out, cap);
    size_t n = format_date(packed, out, cap);
    if (type == ZF_FIELD_DATE)
        return n;
    out[n++] = 'T';
    n += format_time(packed, out + n, cap - n);
    return n + format_zone(part(packed, 0, 8), out + n, cap - n);
}

zf_value zf_batch_value(const zf_batch *batch, size_t column, size_t row,
                        char scratch[ZF_VALUE_SCRATCH_BYTES]) {
    const zf_batch_column *c = &batch->columns[column];
    if (c->layout == ZF_LAYOUT_NONE || zf_column_is_null(c, row))
        return zf_value_null();
    size_t i = c->first + row;
    switch (c->layout) {
    case ZF_LAYOUT_BIT:
        return zf_value_integer(((const uint8_t *)c->values)[i / 8] >> (i % 8) & 1);
    case ZF_LAYOUT_INT32:
        return zf_value_integer(((const int32_t *)c->values)[i]);
    case ZF_LAYOUT_INT64:
        return zf_value_integer(((const int64_t *)c->values)[i]);
    case ZF_LAYOUT_DOUBLE:
        return zf_value_real(((const double *)c->values)[i]);
    case ZF_LAYOUT_TIMESTAMP: {
        zf_bytes text = {(const uint8_t *)scratch,
                         format_timestamp(c->type, ((const int64_t *)c->values)[i], scratch)};
        return zf_value_bytes(ZF_VALUE_TEXT, text);
    }
    default:
        return zf_value_bytes(c->type == ZF_FIELD_BLOB ? ZF_VALUE_BLOB : ZF_VALUE_TEXT,
                              zf_column_bytes(c, row));
    }
}
