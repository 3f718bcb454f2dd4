/* SPDX-License-Identifier: MIT */
/*
 * A sort of our own: qsort of glibc 2.36 allocates as much memory as it sorts, outside the budget, and calls
 * a function pointer for each comparison. Counting sort by rank if the rows are otherwise in order; else
 * quicksort, with heapsort where quicksort would become quadratic, and insertion sort for small parts.
 */
#include "gather_internal.h"

#include <string.h>

enum { SMALL = 16, CAP_RANKS = 16384 };

static const zf_row_head *head_of(const zf_row_entry *entry) {
    return (const zf_row_head *)(const void *)entry->row;
}

/** Order of entries that their first parts do not decide. */
static bool is_tied_before(const zf_row_entry *a, const zf_row_entry *b, const zf_row_key *key) {
    if (key->bytes_at > 0)
        return zf_row_compare_keyed(key, a->row + sizeof(zf_row_head), head_of(a), b->row + sizeof(zf_row_head),
                                    head_of(b)) < 0;
    return head_of(a)->ordinal < head_of(b)->ordinal;
}

static inline bool is_before(const zf_row_entry *a, const zf_row_entry *b, const zf_row_key *key) {
    if (a->rank != b->rank)
        return a->rank < b->rank;
    if (a->first != b->first)
        return a->first < b->first;
    return is_tied_before(a, b, key);
}

static inline void swap(zf_row_entry *a, zf_row_entry *b) {
    zf_row_entry t = *a;
    *a = *b;
    *b = t;
}

static void sort_by_insertion(zf_row_entry *e, size_t n, const zf_row_key *key) {
    for (size_t i = 1; i < n; i++) {
        zf_row_entry x = e[i];
        size_t at = i;
        for (; at > 0 && is_before(&x, &e[at - 1], key); at--)
            e[at] = e[at - 1];
        e[at] = x;
    }
}

static void sift_down(zf_row_entry *e, size_t root, size_t n, const zf_row_key *key) {
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && is_before(&e[child], &e[child + 1], key))
            child++;
        if (!is_before(&e[root], &e[child], key))
            return;
        swap(&e[root], &e[child]);
    }
}

static void sort_by_heap(zf_row_entry *e, size_t n, const zf_row_key *key) {
    for (size_t root = n / 2; root > 0; root--)
        sift_down(e, root - 1, n, key);
    for (size_t last = n - 1; last > 0; last--) {
        swap(&e[0], &e[last]);
        sift_down(e, 0, last, key);
    }
}

static size_t median(const zf_row_entry *e, size_t a, size_t b, size_t c, const zf_row_key *key) {
    if (is_before(&e[b], &e[a], key)) {
        size_t t = a;
        a = b;
        b = t;
    }
    if (!is_before(&e[c], &e[b], key))
        return b;
    return is_before(&e[c], &e[a], key) ? a : c;
}

/** Hoare's partition: afterwards e[0 .. result) <= pivot <= e[result .. n), both parts smaller than n. */
static size_t partition(zf_row_entry *e, size_t n, const zf_row_key *key) {
    size_t step = n / 8;
    size_t middle = median(e, median(e, 0, step, 2 * step, key), median(e, 3 * step, 4 * step, 5 * step, key),
                           median(e, 6 * step, 7 * step, n - 1, key), key);
    swap(&e[0], &e[middle]);
    zf_row_entry pivot = e[0];
    size_t i = 0, j = n - 1;
    while (is_before(&pivot, &e[j], key))
        j--;
    while (i < j) {
        swap(&e[i], &e[j]);
        do
            i++;
        while (is_before(&e[i], &pivot, key));
        do
            j--;
        while (is_before(&pivot, &e[j], key));
    }
    return j + 1;
}

static bool is_sorted(const zf_row_entry *e, size_t n, const zf_row_key *key) {
    for (size_t i = 1; i < n; i++)
        if (is_before(&e[i], &e[i - 1], key))
            return false;
    return true;
}

/** true if the entries are in order but for their ranks. Rows are mostly appended in the order of the source.
 */
static bool is_sorted_but_for_rank(const zf_row_entry *e, size_t n, const zf_row_key *key) {
    for (size_t i = 1; i < n; i++)
        if (e[i].first < e[i - 1].first ||
            (e[i].first == e[i - 1].first && is_tied_before(&e[i], &e[i - 1], key)))
            return false;
    return true;
}

/** Counting sort by rank into entry_in_order; the entries stay, since moving them along the cycles of the
 * permutation takes longer than sorting. Returns false and does nothing when the ranks are too far apart. */
static bool order_by_rank(zf_row_entry *e, size_t n) {
    uint32_t next[CAP_RANKS], low = UINT32_MAX, high = 0;
    for (size_t i = 0; i < n; i++) {
        low = e[i].rank < low ? e[i].rank : low;
        high = e[i].rank > high ? e[i].rank : high;
    }
    if (high - low >= CAP_RANKS || high - low > n)
        return false;
    memset(next, 0, (high - low + 1) * sizeof *next);
    for (size_t i = 0; i < n; i++)
        next[e[i].rank - low]++;
    for (uint32_t r = 0, place = 0, count; r <= high - low; r++, place += count) {
        count = next[r];
        next[r] = place;
    }
    for (size_t i = 0; i < n; i++)
        e[next[e[i].rank - low]++].entry_in_order = (uint32_t)i;
    return true;
}

void zf_row_sort_within(zf_row_entry *e, size_t n, const zf_row_key *key, unsigned depth) {
    while (n > SMALL) {
        if (depth-- == 0) {
            sort_by_heap(e, n, key);
            return;
        }
        size_t at = partition(e, n, key);
        if (at < n - at) { /* the smaller part by recursion: the stack stays logarithmic */
            zf_row_sort_within(e, at, key, depth);
            e += at;
            n -= at;
        } else {
            zf_row_sort_within(e + at, n - at, key, depth);
            n = at;
        }
    }
    sort_by_insertion(e, n, key);
}

void zf_row_sort(zf_row_entry *entries, size_t n, const zf_row_key *key) {
    unsigned depth = 0;
    for (size_t k = n; k > 0; k /= 2)
        depth += 2;
    if (!is_sorted(entries, n, key)) {
        if (is_sorted_but_for_rank(entries, n, key) && order_by_rank(entries, n))
            return;
        zf_row_sort_within(entries, n, key, depth);
    }
    for (size_t i = 0; i < n; i++)
        entries[i].entry_in_order = (uint32_t)i;
}
