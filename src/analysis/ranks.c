/* SPDX-License-Identifier: MIT */
/* Partial sorting: a quicksort that skips parts without a wanted rank, and changes to heap sort if the
 * pivots are bad. */
#include "analysis/analysis_internal.h"

enum { INSERTION_SORT_AT = 16 };

/** A part of the values, with the wanted ranks in it. */
typedef struct part {
    double *values;
    size_t n;
    size_t first_rank; /**< rank of values[0] */
    const size_t *ranks;
    size_t n_ranks;
} part;

static void swap(double *a, double *b) {
    double kept = *a;
    *a = *b;
    *b = kept;
}

/** Sorts a short part. */
static void insertion_sort(double *values, size_t n) {
    for (size_t i = 1; i < n; i++) {
        double moving = values[i];
        size_t at = i;
        for (; at > 0 && values[at - 1] > moving; at--)
            values[at] = values[at - 1];
        values[at] = moving;
    }
}

/** Moves a value down a heap until no child of it is larger. */
static void sift_down(double *values, size_t n, size_t at) {
    for (size_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && values[child + 1] > values[child])
            child++;
        if (values[child] <= values[at])
            return;
        swap(&values[child], &values[at]);
        at = child;
    }
}

/** Sorts in O(n log n) at worst. */
static void heap_sort(double *values, size_t n) {
    for (size_t i = n / 2; i-- > 0;)
        sift_down(values, n, i);
    for (size_t i = n; i-- > 1;) {
        swap(&values[0], &values[i]);
        sift_down(values, i, 0);
    }
}

/** Sorts the first, the middle and the last value, which end the scans of the partition; returns the middle
 * one. */
static double choose_pivot(double *values, size_t n) {
    double *low = &values[0], *middle = &values[n / 2], *high = &values[n - 1];
    if (*middle < *low)
        swap(low, middle);
    if (*high < *middle)
        swap(middle, high);
    if (*middle < *low)
        swap(low, middle);
    return *middle;
}

/** Hoare's partition: no value before the returned position (1 to n - 1) is larger than any from there on. */
static size_t split(double *values, size_t n) {
    double pivot = choose_pivot(values, n);
    size_t i = 0, j = n - 1;
    for (;;) {
        while (values[i] < pivot)
            i++;
        while (values[j] > pivot)
            j--;
        if (i >= j)
            return j + 1;
        swap(&values[i++], &values[j--]);
    }
}

/** Sorts a part only where it contains wanted ranks. */
static void select_ranks(part p, unsigned splits_left) {
    while (p.n_ranks > 0) {
        if (p.n <= INSERTION_SORT_AT) {
            insertion_sort(p.values, p.n);
            return;
        }
        if (splits_left-- == 0) {
            heap_sort(p.values, p.n);
            return;
        }
        size_t at = split(p.values, p.n);
        size_t n_left = 0;
        while (n_left < p.n_ranks && p.ranks[n_left] - p.first_rank < at)
            n_left++;
        select_ranks((part){p.values, at, p.first_rank, p.ranks, n_left}, splits_left);
        p = (part){p.values + at, p.n - at, p.first_rank + at, p.ranks + n_left, p.n_ranks - n_left};
    }
}

/** The splits after which heap sort takes over: twice as many as halving takes. */
static unsigned most_splits(size_t n) {
    unsigned splits = 2;
    for (size_t left = n; left > 1; left /= 2)
        splits += 2;
    return splits;
}

void zf_select_ranks(double *values, size_t n, const size_t *ranks, size_t n_ranks) {
    select_ranks((part){values, n, 0, ranks, n_ranks}, most_splits(n));
}

/** Sorts all values; heap sort takes over when the splits are used up. */
static void sort(double *values, size_t n, unsigned splits_left) {
    while (n > INSERTION_SORT_AT) {
        if (splits_left-- == 0) {
            heap_sort(values, n);
            return;
        }
        size_t at = split(values, n);
        sort(values, at, splits_left);
        values += at;
        n -= at;
    }
    insertion_sort(values, n);
}

void zf_sort_numbers(double *values, size_t n) {
    sort(values, n, most_splits(n));
}
