/* SPDX-License-Identifier: MIT */
#include "base/quantity.h"
#include "base/base.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NUMBER_BYTES = 400, MAX_UNIT_BYTES = 16 };
static const double metres_per_foot = 0.3048, metres_per_inch = 0.0254;

/** What is left of a text. */
typedef struct rest {
    const char *at, *end;
} rest;

/** Bytes of the blank at the beginning: ASCII's, or a no-break or thin space. 0: there is none. */
static size_t blank_bytes(const rest *r) {
    static const char *const wide[] = {"\xC2\xA0", "\xE2\x80\x89", "\xE2\x80\xAF"};
    const size_t n = (size_t)(r->end - r->at);
    if (n > 0 && memchr(" \t\n\v\f\r", *r->at, 6) != NULL)
        return 1;
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (n >= strlen(wide[i]) && memcmp(r->at, wide[i], strlen(wide[i])) == 0)
            return strlen(wide[i]);
    return 0;
}

static void skip_blanks(rest *r) {
    for (size_t n; (n = blank_bytes(r)) > 0;)
        r->at += n;
}

static bool is_digit(const rest *r) {
    return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

static bool takes(rest *r, char c) {
    bool is_it = r->at < r->end && *r->at == c;
    r->at += is_it;
    return is_it;
}

/** Moves past digits; returns how many there are. */
static size_t take_digits(rest *r) {
    const char *begin = r->at;
    while (is_digit(r))
        r->at++;
    return (size_t)(r->at - begin);
}

/** Moves past an exponent, if a whole one is there. */
static void take_exponent(rest *r) {
    rest after = *r;
    if (!takes(&after, 'e') && !takes(&after, 'E'))
        return;
    if (!takes(&after, '-'))
        (void)takes(&after, '+');
    if (take_digits(&after) > 0)
        *r = after;
}

/** Converts n bytes of a number to a double, whatever the locale's decimal sign is. */
static double convert(const char *text, size_t n, char decimal_sign) {
    char copy[MAX_NUMBER_BYTES];
    memcpy(copy, text, n);
    copy[n] = '\0';
    char *sign = memchr(copy, decimal_sign, n);
    if (sign != NULL)
        *sign = localeconv()->decimal_point[0];
    return strtod(copy, NULL);
}

/** Reads a number at the beginning. */
static bool take_number(rest *r, char decimal_sign, double *out) {
    rest after = *r;
    if (!takes(&after, '-'))
        (void)takes(&after, '+');
    size_t n_digits = take_digits(&after);
    if (takes(&after, decimal_sign))
        n_digits += take_digits(&after);
    take_exponent(&after);
    const size_t n = (size_t)(after.at - r->at);
    if (n_digits == 0 || n >= MAX_NUMBER_BYTES)
        return false;
    const double number = convert(r->at, n, decimal_sign);
    if (!isfinite(number))
        return false;
    *out = number;
    *r = after;
    return true;
}

bool zf_quantity_number(const char *text, size_t n, char decimal_sign, double *out) {
    rest r = {text, text + n};
    double number = 0;
    skip_blanks(&r);
    bool is_number = take_number(&r, decimal_sign, &number);
    skip_blanks(&r);
    if (!is_number || r.at < r.end)
        return false;
    *out = number;
    return true;
}

/* ---- units ---- */

typedef struct unit_word {
    const char *word; /**< in lower case */
    zf_length_unit unit;
} unit_word;

static const unit_word words[] = {
    {"m", ZF_UNIT_M},          {"metre", ZF_UNIT_M},      {"metres", ZF_UNIT_M},
    {"meter", ZF_UNIT_M},      {"meters", ZF_UNIT_M},     {"mtr", ZF_UNIT_M},
    {"mtrs", ZF_UNIT_M},       {"km", ZF_UNIT_KM},        {"kilometre", ZF_UNIT_KM},
    {"kilometres", ZF_UNIT_KM}, {"kilometer", ZF_UNIT_KM}, {"kilometers", ZF_UNIT_KM},
    {"cm", ZF_UNIT_CM},        {"centimetre", ZF_UNIT_CM}, {"centimetres", ZF_UNIT_CM},
    {"centimeter", ZF_UNIT_CM}, {"centimeters", ZF_UNIT_CM}, {"mm", ZF_UNIT_MM},
    {"millimetre", ZF_UNIT_MM}, {"millimetres", ZF_UNIT_MM}, {"millimeter", ZF_UNIT_MM},
    {"millimeters", ZF_UNIT_MM}, {"ft", ZF_UNIT_FT},       {"foot", ZF_UNIT_FT},
    {"feet", ZF_UNIT_FT},      {"'", ZF_UNIT_FT},         {"\xE2\x80\x99", ZF_UNIT_FT},
    {"\xE2\x80\xB2", ZF_UNIT_FT}, {"in", ZF_UNIT_INCH},    {"inch", ZF_UNIT_INCH},
    {"inches", ZF_UNIT_INCH},  {"\"", ZF_UNIT_INCH},      {"''", ZF_UNIT_INCH},
    {"\xE2\x80\x9D", ZF_UNIT_INCH}, {"\xE2\x80\xB3", ZF_UNIT_INCH}, {"yd", ZF_UNIT_YARD},
    {"yds", ZF_UNIT_YARD},     {"yard", ZF_UNIT_YARD},    {"yards", ZF_UNIT_YARD},
};

static const struct {
    const char *name;
    double metres;
} units[ZF_LENGTH_UNITS] = {
    [ZF_UNIT_NONE] = {"", 1},    [ZF_UNIT_M] = {"m", 1},      [ZF_UNIT_KM] = {"km", 1000},
    [ZF_UNIT_CM] = {"cm", 0.01}, [ZF_UNIT_MM] = {"mm", 0.001}, [ZF_UNIT_FT] = {"ft", metres_per_foot},
    [ZF_UNIT_INCH] = {"in", metres_per_inch}, [ZF_UNIT_YARD] = {"yd", 0.9144},
};

const char *zf_length_unit_name(zf_length_unit unit) {
    return units[unit].name;
}

/** Whether a byte can be part of a unit: a letter, or of a sign beyond ASCII. */
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/** Bytes of the word or the sign at the beginning. */
static size_t unit_bytes(const rest *r) {
    size_t n = 0;
    const size_t n_left = (size_t)(r->end - r->at);
    if (n_left > 0 && (*r->at == '\'' || *r->at == '"'))
        return n_left > 1 && *r->at == '\'' && r->at[1] == '\'' ? 2 : 1;
    for (rest after = *r; n < n_left && is_letter(r->at[n]) && blank_bytes(&after) == 0; n++)
        after.at++;
    return n;
}

/** Reads a unit at the beginning, with a full stop after a word ("ft."). */
static bool take_unit(rest *r, zf_length_unit *out) {
    char lower[MAX_UNIT_BYTES];
    const size_t n = unit_bytes(r);
    if (n == 0 || n >= sizeof lower)
        return false;
    for (size_t i = 0; i < n; i++)
        lower[i] = r->at[i] >= 'A' && r->at[i] <= 'Z' ? (char)(r->at[i] - 'A' + 'a') : r->at[i];
    lower[n] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(lower, words[i].word) == 0) {
            *out = words[i].unit;
            r->at += n;
            if (is_letter(lower[0]))
                (void)takes(r, '.');
            return true;
        }
    return false;
}

/** Reads the inches after feet, with or without a sign: 5'6", 5 ft 6 in, 5'6. */
static bool take_inches(rest *r, char decimal_sign, double *out) {
    rest after = *r;
    zf_length_unit unit = ZF_UNIT_INCH;
    double inches = 0;
    (void)takes(&after, '-'); /* 5'-6" */
    skip_blanks(&after);
    if (!is_digit(&after) || !take_number(&after, decimal_sign, &inches))
        return false;
    skip_blanks(&after);
    if (after.at < after.end && (!take_unit(&after, &unit) || unit != ZF_UNIT_INCH))
        return false;
    *r = after;
    *out = inches;
    return true;
}

bool zf_quantity_metres(const char *text, size_t n, char decimal_sign, double *out,
                        zf_length_unit *out_unit) {
    rest r = {text, text + n};
    zf_length_unit unit = ZF_UNIT_NONE;
    double number = 0, inches = 0;
    skip_blanks(&r);
    if (!take_number(&r, decimal_sign, &number))
        return false;
    const bool is_negative = signbit(number) != 0;
    skip_blanks(&r);
    if (r.at < r.end && !take_unit(&r, &unit))
        return false;
    skip_blanks(&r);
    const bool has_inches = unit == ZF_UNIT_FT && take_inches(&r, decimal_sign, &inches);
    skip_blanks(&r);
    if (r.at < r.end)
        return false;
    *out = has_inches ? (12 * number + (is_negative ? -inches : inches)) * metres_per_inch
                      : number * units[unit].metres;
    if (out_unit != NULL)
        *out_unit = unit;
    return true;
}

/** Whether a sign stands before a digit: not the full stop of "ft.". */
static bool has_decimals(const char *text, size_t n, char sign) {
    for (size_t i = 0; i + 1 < n; i++)
        if (text[i] == sign && text[i + 1] >= '0' && text[i + 1] <= '9')
            return true;
    return false;
}

char zf_quantity_decimal_sign(const char *text, size_t n) {
    static const char signs[] = {'.', ','};
    double ignored = 0;
    for (size_t i = 0; i < sizeof signs; i++)
        if (has_decimals(text, n, signs[i]) && zf_quantity_metres(text, n, signs[i], &ignored, NULL))
            return signs[i];
    return '\0';
}

bool zf_quantity_is_blank(const char *text, size_t n) {
    rest r = {text, text + n};
    skip_blanks(&r);
    return r.at == r.end;
}
