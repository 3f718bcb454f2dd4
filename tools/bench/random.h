/* SPDX-License-Identifier: MIT */
/**
 * splitmix64 (Steele, Lea, Flood 2014): one 64-bit state, the same numbers on every machine.
 */
#ifndef BENCH_RANDOM_H
#define BENCH_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t random_hash(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint64_t random_next(uint64_t *state) {
    return random_hash(*state += 0x9e3779b97f4a7c15u);
}

/** A state of its own for item `number` of what `seed` governs. */
static inline uint64_t random_stream(uint64_t seed, uint64_t number) {
    return random_hash(seed + 0x9e3779b97f4a7c15u * (number + 1));
}

/** Uniform in [0, 1). */
static inline double random_unit(uint64_t *state) {
    return (double)(random_next(state) >> 11) * 0x1p-53;
}

static inline double random_between(uint64_t *state, double low, double high) {
    return low + (high - low) * random_unit(state);
}

/** Uniform in 0 .. n - 1. */
static inline uint32_t random_below(uint64_t *state, uint32_t n) {
    return (uint32_t)(((random_next(state) >> 32) * n) >> 32);
}

static inline bool random_chance(uint64_t *state, double share) {
    return random_unit(state) < share;
}

/** Normal enough for towns: mean 0, deviation 1, never beyond 3.5. */
static inline double random_bell(uint64_t *state) {
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += random_unit(state);
    return (sum - 2.0) * 1.7320508075688772;
}

#endif
