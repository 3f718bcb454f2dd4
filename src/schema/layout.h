/* SPDX-License-Identifier: MIT */
/**
 * @file layout.h
 * The layout of a gathered row: cells of 8 bytes that hold doubles or integers, then texts, then a payload.
 */
#ifndef ZF_SCHEMA_LAYOUT_H
#define ZF_SCHEMA_LAYOUT_H

#include "base/base.h"

#include <math.h>

/** 8 bytes of a gathered row. */
typedef union zf_cell {
    double real; /**< NaN: missing */
    int64_t integer;
    uint64_t bits; /**< one bit per integer slot: its value is missing */
} zf_cell;

typedef enum zf_slot_kind { ZF_SLOT_REAL = 0, ZF_SLOT_INTEGER, ZF_SLOT_TEXT } zf_slot_kind;

/** What the values of a slot are needed for, as bits. */
enum {
    ZF_USED_AS_COLUMN = 1 << 0,   /**< a statistic or an analysis needs all of a ZIP's numbers at once */
    ZF_USED_AS_TOTAL = 1 << 1,    /**< added up row by row */
    ZF_USED_BY_ANALYSIS = 1 << 2, /**< the column is kept until the analyses are done */
    ZF_USED_AS_WEIGHT = 1 << 3    /**< the weight of the row */
};

/** One value of a gathered row. */
typedef struct zf_slot {
    size_t column; /**< of the scope */
    zf_slot_kind kind;
    unsigned uses;
    size_t integer; /**< of an INTEGER slot: its number among the integers */
} zf_slot;

/** Slot numbers that are the same in each layout; the centroid is there when an analysis needs points. */
enum { ZF_SLOT_AREA = 0, ZF_SLOT_CENTROID_X, ZF_SLOT_CENTROID_Y };

typedef struct zf_row_layout {
    zf_slot *slots; /**< n_numbers numbers, then n_texts texts */
    size_t n_numbers, n_texts, n_integers;
    size_t weight;   /**< slot of the weight; n_numbers when rows are not weighted */
    size_t *payload; /**< n_payload scope columns whose values travel in the payload */
    size_t n_payload;
} zf_row_layout;

/** Cells of a row: one for each number, then one for each 64 integers with the bits of those missing. */
static inline size_t zf_layout_n_cells(const zf_row_layout *layout) {
    return layout->n_numbers + (layout->n_integers + 63) / 64;
}

/** Puts a value into its slot's cells; cells of bits start as 0. */
static inline void zf_layout_put(const zf_row_layout *layout, zf_cell *cells, size_t slot,
                                 const zf_value *value) {
    const zf_slot *s = &layout->slots[slot];
    if (s->kind != ZF_SLOT_INTEGER) {
        cells[slot].real = zf_value_number(value);
        return;
    }
    bool is_missing = value->kind != ZF_VALUE_INTEGER;
    cells[slot].integer = is_missing ? 0 : value->as.integer;
    if (is_missing)
        cells[layout->n_numbers + s->integer / 64].bits |= UINT64_C(1) << s->integer % 64;
}

/** Whether a number is missing. */
static inline bool zf_layout_is_missing(const zf_row_layout *layout, const zf_cell *cells, size_t slot) {
    const zf_slot *s = &layout->slots[slot];
    if (s->kind != ZF_SLOT_INTEGER)
        return isnan(cells[slot].real);
    return (cells[layout->n_numbers + s->integer / 64].bits >> s->integer % 64 & 1) != 0;
}

/** A number as the nearest double; NaN when it is missing. */
static inline double zf_layout_number(const zf_row_layout *layout, const zf_cell *cells, size_t slot) {
    if (layout->slots[slot].kind != ZF_SLOT_INTEGER)
        return cells[slot].real;
    return zf_layout_is_missing(layout, cells, slot) ? (double)NAN : (double)cells[slot].integer;
}

#endif
