/* SPDX-License-Identifier: MIT */
/* Reads and writes a node of SQLite's R*Tree: all numbers big-endian, coordinates in single precision. */
#include "output/rtree.h"

#include <math.h>
#include <string.h>

enum { N_SIDES = 4 };

/* Rounds to a single on the outer side of d, exactly as the R*Tree does on INSERT: the nearest or the one
 * after it. */
static double round_down(double d) {
    float f = (float)d;
    return (double)f > d ? (double)(float)(d * (d < 0 ? 1.0 + 0x1p-23 : 1.0 - 0x1p-23)) : (double)f;
}

static double round_up(double d) {
    float f = (float)d;
    return (double)f < d ? (double)(float)(d * (d < 0 ? 1.0 - 0x1p-23 : 1.0 + 0x1p-23)) : (double)f;
}

zf_envelope zf_output_rtree_round(const zf_envelope *box) {
    return (zf_envelope){round_down(box->min_x), round_down(box->min_y), round_up(box->max_x),
                         round_up(box->max_y)};
}

static void put_number(uint8_t *bytes, size_t n_bytes, uint64_t number) {
    for (size_t i = n_bytes; i > 0; i--, number >>= 8)
        bytes[i - 1] = (uint8_t)number;
}

static uint64_t get_number(const uint8_t *bytes, size_t n_bytes) {
    uint64_t number = 0;
    for (size_t i = 0; i < n_bytes; i++)
        number = number << 8 | bytes[i];
    return number;
}

static void put_side(uint8_t *bytes, double side) {
    float single = (float)side;
    uint32_t bits;
    memcpy(&bits, &single, sizeof bits);
    put_number(bytes, sizeof bits, bits);
}

static double get_side(const uint8_t *bytes) {
    uint32_t bits = (uint32_t)get_number(bytes, sizeof bits);
    float single;
    memcpy(&single, &bits, sizeof single);
    return (double)single;
}

void zf_output_rtree_node_init(uint8_t *node, unsigned depth, size_t n_cells) {
    memset(node, 0, ZF_RTREE_NODE_BYTES);
    put_number(node, 2, depth);
    put_number(node + 2, 2, n_cells);
}

void zf_output_rtree_node_read(const uint8_t *node, unsigned *out_depth, size_t *out_n_cells) {
    *out_depth = (unsigned)get_number(node, 2);
    *out_n_cells = (size_t)get_number(node + 2, 2);
}

void zf_output_rtree_cell_set(uint8_t *node, size_t cell, int64_t id, const zf_envelope *box) {
    const double sides[N_SIDES] = {box->min_x, box->max_x, box->min_y, box->max_y};
    uint8_t *bytes = node + ZF_RTREE_HEAD_BYTES + cell * ZF_RTREE_CELL_BYTES;
    put_number(bytes, 8, (uint64_t)id);
    for (size_t i = 0; i < N_SIDES; i++)
        put_side(bytes + 8 + 4 * i, sides[i]);
}

int64_t zf_output_rtree_cell_read(const uint8_t *node, size_t cell, zf_envelope *out_box) {
    const uint8_t *bytes = node + ZF_RTREE_HEAD_BYTES + cell * ZF_RTREE_CELL_BYTES;
    *out_box =
        (zf_envelope){get_side(bytes + 8), get_side(bytes + 16), get_side(bytes + 12), get_side(bytes + 20)};
    return (int64_t)get_number(bytes, 8);
}
