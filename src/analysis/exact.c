/* SPDX-License-Identifier: MIT */
/*
 * Exact sums of doubles. Every double is a multiple of 2^-1074, so that a two's complement integer of 35
 * limbs holds any sum of them. The three limbs around the first value are enough for most sums.
 */
#include "analysis/statistics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum {
    LIMB_BITS = 64,
    MANTISSA_BITS = 52, /**< without the leading one */
    EXPONENT_OF_INFINITY = 0x7FF,
    UNIT_EXPONENT = -1074, /**< of bit 0 of limb 0 */
    TOP = ZF_EXACT_LIMBS - 1,
};

__extension__ typedef unsigned __int128 two_limbs;

/** A double as a two's complement number: two limbs, and `sign` for all limbs above. */
typedef struct term {
    uint64_t low, high, sign;
    unsigned limb; /**< where low belongs */
    unsigned shift;
} term;

/** Splits the bits of a finite double into a two's complement term. */
static inline term term_of(uint64_t bits) {
    unsigned exponent = (unsigned)(bits >> MANTISSA_BITS) & EXPONENT_OF_INFINITY;
    uint64_t mantissa = bits & ((UINT64_C(1) << MANTISSA_BITS) - 1);
    unsigned place = exponent == 0 ? 0 : exponent - 1;
    mantissa |= (uint64_t)(exponent != 0) << MANTISSA_BITS;
    unsigned shift = place % LIMB_BITS;
    uint64_t sign = 0 - (bits >> 63);
    term t = {mantissa << shift, mantissa >> 1 >> (LIMB_BITS - 1 - shift), sign, place / LIMB_BITS, shift};
    /* -x is ~x + 1; the carry reaches high only where low is 0 */
    t.low = (t.low ^ sign) - sign;
    t.high = (t.high ^ sign) + (sign & (t.low == 0));
    t.sign = sign != 0 && t.low == 0 && t.high == 0 ? 0 : sign;
    return t;
}

/** Adds number + carry to a limb; returns the new carry. */
static inline uint64_t add_limb(uint64_t *limb, uint64_t number, uint64_t carry) {
    uint64_t sum;
    bool first = __builtin_add_overflow(*limb, number, &sum);
    bool second = __builtin_add_overflow(sum, carry, limb);
    return (uint64_t)(first | second);
}

/** Adds a term to a sum that has all limbs. */
static void add_wide(uint64_t limbs[ZF_EXACT_LIMBS], const term *t) {
    uint64_t carry = add_limb(&limbs[t->limb], t->low, 0);
    carry = add_limb(&limbs[t->limb + 1], t->high, carry);
    for (unsigned i = t->limb + 2; i < ZF_EXACT_LIMBS && carry != (t->sign & 1); i++)
        carry = add_limb(&limbs[i], t->sign, carry);
}

/** False, and nothing changed, when the term or the sum does not fit the window. */
static inline bool add_in_window(zf_exact_sum *sum, const term *t) {
    unsigned at = t->limb - sum->first_limb;
    if (at > 1)
        return false;
    uint64_t low = at == 0 ? t->low : 0, middle = at == 0 ? t->high : t->low,
             high = at == 0 ? t->sign : t->high;
    two_limbs term_part = (two_limbs)middle << LIMB_BITS | low;
    two_limbs part = ((two_limbs)sum->limbs[1] << LIMB_BITS | sum->limbs[0]) + term_part;
    uint64_t top = sum->limbs[2] + high + (part < term_part);
    if (((sum->limbs[2] ^ top) & (high ^ top)) >> (LIMB_BITS - 1))
        return false;
    sum->limbs[0] = (uint64_t)part;
    sum->limbs[1] = (uint64_t)(part >> LIMB_BITS);
    sum->limbs[2] = top;
    return true;
}

/** Places the window around the first term: it reaches at least 32 bits below its lowest bit and above its
 * mantissa. */
static void place_window(zf_exact_sum *sum, const term *t) {
    sum->first_limb = (uint8_t)(t->limb - (t->limb > 0 && t->shift < LIMB_BITS / 2));
    sum->is_placed = true;
}

/** Remembers an infinite term; infinities are not part of the fixed-point number. */
static void note_infinity(zf_exact_sum *sum, double x) {
    assert(!isnan(x));
    sum->has_plus_infinity |= x > 0;
    sum->has_minus_infinity |= x < 0;
}

bool zf_exact_add(zf_exact_sum *sum, double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    if ((bits >> MANTISSA_BITS & EXPONENT_OF_INFINITY) == EXPONENT_OF_INFINITY) {
        note_infinity(sum, x);
        return true;
    }
    if (bits << 1 == 0) /* a zero must not place the window */
        return true;
    term t = term_of(bits);
    if (!sum->is_placed)
        place_window(sum, &t);
    if (sum->wide == NULL)
        return add_in_window(sum, &t);
    add_wide(sum->wide->limbs, &t);
    return true;
}

/** Writes the window's number with all limbs. */
static void spread(const zf_exact_sum *sum, uint64_t limbs[ZF_EXACT_LIMBS]) {
    uint64_t sign = 0 - (sum->limbs[ZF_EXACT_WINDOW - 1] >> 63);
    memset(limbs, 0, sum->first_limb * sizeof *limbs);
    memcpy(limbs + sum->first_limb, sum->limbs, sizeof sum->limbs);
    for (unsigned i = sum->first_limb + ZF_EXACT_WINDOW; i < ZF_EXACT_LIMBS; i++)
        limbs[i] = sign;
}

void zf_exact_widen(zf_exact_sum *sum, zf_exact_wide *wide) {
    assert(sum->wide == NULL);
    spread(sum, wide->limbs);
    sum->wide = wide;
}

void zf_exact_merge(zf_exact_sum *into, const zf_exact_sum *from) {
    uint64_t spread_limbs[ZF_EXACT_LIMBS];
    const uint64_t *limbs = from->wide != NULL ? from->wide->limbs : spread_limbs;
    assert(into->wide != NULL);
    if (from->wide == NULL)
        spread(from, spread_limbs);
    uint64_t carry = 0;
    for (unsigned i = 0; i < ZF_EXACT_LIMBS; i++)
        carry = add_limb(&into->wide->limbs[i], limbs[i], carry);
    into->is_placed |= from->is_placed;
    into->has_plus_infinity |= from->has_plus_infinity;
    into->has_minus_infinity |= from->has_minus_infinity;
}

/* ---- rounding, once ---- */

/** Changes the sign of a two's complement number. */
static void negate(uint64_t limbs[ZF_EXACT_LIMBS]) {
    uint64_t carry = 1;
    for (unsigned i = 0; i < ZF_EXACT_LIMBS; i++) {
        uint64_t limb = ~limbs[i];
        carry = (uint64_t)__builtin_add_overflow(limb, carry, &limbs[i]);
    }
}

/** The 64 bits from bit `from` on. */
static uint64_t bits_from(const uint64_t limbs[ZF_EXACT_LIMBS], unsigned from) {
    unsigned limb = from / LIMB_BITS, shift = from % LIMB_BITS;
    uint64_t above = limb < TOP ? limbs[limb + 1] : 0;
    return limbs[limb] >> shift | above << 1 << (LIMB_BITS - 1 - shift);
}

/** Whether one of the bits below bit `bit` is set. */
static bool any_below(const uint64_t limbs[ZF_EXACT_LIMBS], unsigned bit) {
    for (unsigned i = 0; i < bit / LIMB_BITS; i++)
        if (limbs[i] != 0)
            return true;
    return (limbs[bit / LIMB_BITS] & ((UINT64_C(1) << bit % LIMB_BITS) - 1)) != 0;
}

/** Rounds to 53 bits, to nearest, ties to even. The number is not negative. */
static double round_scaled(const uint64_t limbs[ZF_EXACT_LIMBS], int exponent) {
    unsigned top = TOP;
    while (top > 0 && limbs[top] == 0)
        top--;
    if (limbs[top] == 0)
        return 0.0;
    unsigned highest = top * LIMB_BITS + (LIMB_BITS - 1 - (unsigned)__builtin_clzll(limbs[top]));
    if (highest <= MANTISSA_BITS)
        return ldexp((double)limbs[0], UNIT_EXPONENT - exponent);
    unsigned lowest = highest - MANTISSA_BITS;
    uint64_t mantissa = bits_from(limbs, lowest);
    bool is_half = bits_from(limbs, lowest - 1) & 1;
    if (is_half && ((mantissa & 1) != 0 || any_below(limbs, lowest - 1)))
        mantissa++;
    return ldexp((double)mantissa, (int)lowest + UNIT_EXPONENT - exponent);
}

double zf_exact_scaled(const zf_exact_sum *sum, int exponent) {
    uint64_t limbs[ZF_EXACT_LIMBS];
    if (sum->has_plus_infinity || sum->has_minus_infinity)
        return sum->has_plus_infinity && sum->has_minus_infinity ? NAN
               : sum->has_plus_infinity                          ? INFINITY
                                                                 : -INFINITY;
    if (sum->wide != NULL)
        memcpy(limbs, sum->wide->limbs, sizeof limbs);
    else
        spread(sum, limbs);
    bool is_negative = limbs[TOP] >> 63;
    if (is_negative)
        negate(limbs);
    double size = round_scaled(limbs, exponent);
    return is_negative ? -size : size;
}

void zf_wide_sum_add(zf_wide_sum *sum, double x) {
    while (!zf_exact_add(&sum->sum, x))
        zf_exact_widen(&sum->sum, &sum->wide);
}

double zf_wide_sum_get(const zf_wide_sum *sum) {
    return zf_exact_scaled(&sum->sum, 0);
}
