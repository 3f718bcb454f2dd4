/* SPDX-License-Identifier: MIT */
/** @file quantity.h Numbers and lengths that people wrote as texts: ' 12.5 ', '12 m', '40 ft', `5'6"`. */
#ifndef ZF_BASE_QUANTITY_H
#define ZF_BASE_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>

/** A unit of length in texts. */
typedef enum zf_length_unit {
    ZF_UNIT_NONE = 0, /**< none is written: metres */
    ZF_UNIT_M,
    ZF_UNIT_KM,
    ZF_UNIT_CM,
    ZF_UNIT_MM,
    ZF_UNIT_FT,   /**< also feet and inches together */
    ZF_UNIT_INCH,
    ZF_UNIT_YARD,
    ZF_LENGTH_UNITS
} zf_length_unit;

/** "m", "ft", ... */
const char *zf_length_unit_name(zf_length_unit unit);

/**
 * Reads a decimal number with blanks around it: sign, digits, decimal sign, exponent. The locale does not matter.
 * @param decimal_sign '.' or ','
 * @return false, and *out untouched, for any other text, also one with a separator of thousands.
 */
bool zf_quantity_number(const char *text, size_t n, char decimal_sign, double *out);

/**
 * Reads a length: a number, or a number and a unit, or feet and inches. Units are m, km, cm, mm, ft, in and
 * yd, also as words, in any case, and the signs of feet and inches. International feet: 0.3048 m.
 * @param out_unit the unit as written; nullable.
 * @return false, and nothing touched, for any other text.
 */
bool zf_quantity_metres(const char *text, size_t n, char decimal_sign, double *out, zf_length_unit *out_unit);

/** Which decimal sign a text shows: '.' or ',' for a number or a length that has one, else '\0'. */
char zf_quantity_decimal_sign(const char *text, size_t n);

/** Whether a text is nothing but blanks. */
bool zf_quantity_is_blank(const char *text, size_t n);

#endif
