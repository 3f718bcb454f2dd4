/* SPDX-License-Identifier: MIT */
/**
 * @file curve.h
 * Places on a Z-shaped curve that fills an envelope: points near each other are mostly near each other on it.
 * Source: Morton, "A computer oriented geodetic data base and a new technique in file sequencing", 1966.
 */
#ifndef ZF_GEOMETRY_CURVE_H
#define ZF_GEOMETRY_CURVE_H

#include "geometry/envelope.h"

#include <stdint.h>

/** Spreads the lower 16 bits to the even bits. */
static inline uint32_t zf_curve_spread(uint32_t bits) {
    bits = (bits | bits << 8) & 0x00ff00ff;
    bits = (bits | bits << 4) & 0x0f0f0f0f;
    bits = (bits | bits << 2) & 0x33333333;
    return (bits | bits << 1) & 0x55555555;
}

/** Number of a coordinate among 2^16 between two bounds. */
static inline uint32_t zf_curve_number(double low, double high, double at) {
    double part = high > low ? (at - low) / (high - low) * 65535 : 0;
    return part > 0 ? part < 65535 ? (uint32_t)part : 65535 : 0;
}

/** Place of the middle of a box within the envelope of all. */
static inline uint32_t zf_curve_place(const zf_envelope *all, const zf_envelope *box) {
    uint32_t x = zf_curve_number(all->min_x, all->max_x, box->min_x / 2 + box->max_x / 2),
             y = zf_curve_number(all->min_y, all->max_y, box->min_y / 2 + box->max_y / 2);
    return zf_curve_spread(x) | zf_curve_spread(y) << 1;
}

#endif
