/* SPDX-License-Identifier: MIT */
/* A checksum that does not depend on order: the sum of a hash of each item. */
#include "output/rtree.h"

#include <string.h>

/* One round of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). */
static uint64_t mix(uint64_t seed, uint64_t word) {
    uint64_t z = (seed ^ word) + UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void zf_output_checksum_add_box(zf_output_checksum *checksum, int64_t id, const zf_envelope *box) {
    const double sides[] = {box->min_x, box->min_y, box->max_x, box->max_y};
    uint64_t sum = mix(0, (uint64_t)id);
    for (size_t i = 0; i < 4; i++) {
        uint64_t bits;
        memcpy(&bits, &sides[i], sizeof bits);
        sum = mix(sum, bits);
    }
    checksum->n++;
    checksum->sum += sum;
}

void zf_output_checksum_add_parent(zf_output_checksum *checksum, int64_t id, int64_t parent) {
    checksum->n++;
    checksum->sum += mix(mix(0, (uint64_t)id), (uint64_t)parent);
}

bool zf_output_checksum_equal(const zf_output_checksum *a, const zf_output_checksum *b) {
    return a->n == b->n && a->sum == b->sum;
}
