/* SPDX-License-Identifier: MIT */
/* The distinct values of a field and how often each occurs: a hash table with open addressing and linear
 * probing. */
#include "analysis/analysis_internal.h"

#include <math.h>
#include <string.h>

enum { FIRST_CAP = 16, TEXT_CHUNK_BYTES = 1024 };

__extension__ typedef unsigned __int128 wide_count;

/** A text in the arena. */
typedef struct kept_text {
    size_t n;
    uint8_t bytes[];
} kept_text;

void zf_classes_init(zf_classes *classes, zf_class_kind kind, bool is_weighted, zf_budget *budget) {
    *classes = (zf_classes){.kind = kind, .is_weighted = is_weighted, .budget = budget};
    zf_arena_init(&classes->texts, budget, ZF_MEMORY_ANALYSIS, TEXT_CHUNK_BYTES);
}

void zf_classes_deinit(zf_classes *classes) {
    zf_memory_free(classes->budget, ZF_MEMORY_ANALYSIS, classes->slots,
                   classes->cap * sizeof *classes->slots);
    zf_arena_release(&classes->texts);
    *classes = (zf_classes){.cap = 0};
}

size_t zf_classes_bytes(const zf_classes *classes) {
    return classes->cap * sizeof *classes->slots + classes->texts.used_bytes;
}

/* ---- keys ---- */

static uint64_t mix(uint64_t x) { /* splitmix64's finalizer */
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/** Hashes a text, 8 bytes at a time. */
static uint64_t hash_text(zf_bytes text) {
    uint64_t hash = text.n;
    for (; text.n >= sizeof hash; text.bytes += sizeof hash, text.n -= sizeof hash) {
        uint64_t word;
        memcpy(&word, text.bytes, sizeof word);
        hash = mix(hash ^ word);
    }
    uint64_t word = 0;
    if (text.n > 0)
        memcpy(&word, text.bytes, text.n);
    return mix(hash ^ word);
}

static const kept_text *text_at(uint64_t key) {
    return (const kept_text *)(uintptr_t)key;
}

static zf_bytes text_of(uint64_t key) {
    const kept_text *kept = text_at(key);
    return (zf_bytes){kept->bytes, kept->n};
}

static uint64_t hash_key(const zf_classes *classes, uint64_t key) {
    return classes->kind == ZF_CLASS_TEXT ? hash_text(text_of(key)) : mix(key);
}

/* ---- the table ---- */

/** Doubles the table. */
static zf_status grow(zf_classes *classes, zf_error *error) {
    size_t cap = classes->cap == 0 ? FIRST_CAP : 2 * classes->cap, n_bytes = 0;
    void *memory = NULL;
    if (!zf_size_mul(cap, sizeof(zf_class), &n_bytes))
        return zf_error_memory(error, classes->n, "different values");
    zf_status st = zf_memory_alloc(classes->budget, ZF_MEMORY_ANALYSIS, n_bytes, &memory, error);
    if (st != ZF_OK)
        return st;
    zf_class *slots = memory;
    memset(slots, 0, n_bytes);
    for (size_t i = 0; i < classes->cap; i++) {
        if (classes->slots[i].n.count == 0)
            continue;
        size_t at = hash_key(classes, classes->slots[i].key) & (cap - 1);
        while (slots[at].n.count > 0)
            at = (at + 1) & (cap - 1);
        slots[at] = classes->slots[i];
    }
    zf_memory_free(classes->budget, ZF_MEMORY_ANALYSIS, classes->slots,
                   classes->cap * sizeof *classes->slots);
    classes->slots = slots;
    classes->cap = cap;
    return ZF_OK;
}

static zf_status make_room(zf_classes *classes, zf_error *error) {
    return 4 * (classes->n + 1) > 3 * classes->cap ? grow(classes, error) : ZF_OK;
}

/** Counts a value whose slot has its key. A weight above 0 marks the slot as used, as a count does. */
static void count(zf_classes *classes, zf_class *class, double weight) {
    if (classes->is_weighted)
        class->n.weight += weight;
    else
        class->n.count++;
    classes->weight += weight;
    classes->n_values++;
}

/** Adds a number by its key. */
static zf_status add_key(zf_classes *classes, uint64_t key, double weight, zf_error *error) {
    zf_status st = make_room(classes, error);
    if (st != ZF_OK)
        return st;
    size_t at = mix(key) & (classes->cap - 1);
    while (classes->slots[at].n.count > 0 && classes->slots[at].key != key)
        at = (at + 1) & (classes->cap - 1);
    classes->n += classes->slots[at].n.count == 0;
    classes->slots[at].key = key;
    count(classes, &classes->slots[at], weight);
    return ZF_OK;
}

zf_status zf_classes_add_number(zf_classes *classes, double number, double weight, zf_error *error) {
    const zf_cell cell = {.real = number + 0.0}; /* one zero, not two */
    return isnan(number) ? ZF_OK : add_key(classes, cell.bits, weight, error);
}

zf_status zf_classes_add_integer(zf_classes *classes, int64_t number, double weight, zf_error *error) {
    return add_key(classes, (uint64_t)number, weight, error);
}

/** Copies a text into the arena; its address is the key. */
static zf_status keep_text(zf_classes *classes, zf_bytes text, uint64_t *out_key, zf_error *error) {
    kept_text *kept = NULL;
    size_t n_bytes = 0;
    if (!zf_size_add(sizeof *kept, text.n, &n_bytes))
        return zf_error_memory(error, text.n, "a text");
    zf_status st = zf_arena_take(&classes->texts, 1, n_bytes, &kept, error);
    if (st != ZF_OK)
        return st;
    kept->n = text.n;
    if (text.n > 0)
        memcpy(kept->bytes, text.bytes, text.n);
    *out_key = (uint64_t)(uintptr_t)kept;
    return ZF_OK;
}

static bool is_text(const zf_class *class, zf_bytes text) {
    const kept_text *kept = text_at(class->key);
    return kept->n == text.n && (text.n == 0 || memcmp(kept->bytes, text.bytes, text.n) == 0);
}

zf_status zf_classes_add_text(zf_classes *classes, zf_bytes text, double weight, zf_error *error) {
    if (text.bytes == NULL)
        return ZF_OK;
    zf_status st = make_room(classes, error);
    if (st != ZF_OK)
        return st;
    size_t at = hash_text(text) & (classes->cap - 1);
    while (classes->slots[at].n.count > 0 && !is_text(&classes->slots[at], text))
        at = (at + 1) & (classes->cap - 1);
    zf_class *class = &classes->slots[at];
    if (class->n.count == 0) {
        st = keep_text(classes, text, &class->key, error);
        if (st != ZF_OK)
            return st;
        classes->n++;
    }
    count(classes, class, weight);
    return ZF_OK;
}

/* ---- statistics ---- */

/** The value that a key stands for. */
static zf_value value_of(const zf_classes *classes, uint64_t key) {
    double real;
    switch (classes->kind) {
    case ZF_CLASS_TEXT:
        return zf_value_bytes(ZF_VALUE_TEXT, text_of(key));
    case ZF_CLASS_INTEGER:
        return zf_value_integer((int64_t)key);
    default:
        memcpy(&real, &key, sizeof real);
        return zf_value_real(real);
    }
}

/** Whether value a is smaller than value b; texts are compared bytewise. */
static bool is_smaller(const zf_classes *classes, uint64_t a, uint64_t b) {
    zf_value x = value_of(classes, a), y = value_of(classes, b);
    switch (classes->kind) {
    case ZF_CLASS_TEXT:
        return zf_text_compare(x.as.bytes, y.as.bytes) < 0;
    case ZF_CLASS_INTEGER:
        return x.as.integer < y.as.integer;
    default:
        return x.as.real < y.as.real;
    }
}

static double weight_of(const zf_classes *classes, const zf_class *class) {
    return classes->is_weighted ? class->n.weight : (double)class->n.count;
}

/** The most (or least) frequent value; of equally frequent ones, the smallest. */
static zf_value most_frequent(const zf_classes *classes, bool is_least) {
    const zf_class *best = NULL;
    double best_weight = 0;
    for (size_t i = 0; i < classes->cap; i++) {
        const zf_class *class = &classes->slots[i];
        if (class->n.count == 0)
            continue;
        double weight = weight_of(classes, class);
        bool is_better = best == NULL || (is_least ? weight < best_weight : weight > best_weight);
        if (is_better || (weight == best_weight && is_smaller(classes, class->key, best->key))) {
            best = class;
            best_weight = weight;
        }
    }
    return best == NULL ? zf_value_null() : value_of(classes, best->key);
}

/** -sum(p ln p), where p is the share of each distinct value. */
static double shannon(const zf_classes *classes) {
    zf_wide_sum sum = {.sum = {.wide = NULL}};
    double total = classes->is_weighted ? classes->weight : (double)classes->n_values;
    for (size_t i = 0; i < classes->cap; i++) {
        double share = weight_of(classes, &classes->slots[i]) / total;
        if (share > 0.0)
            zf_wide_sum_add(&sum, -share * log(share));
    }
    return zf_wide_sum_get(&sum) + 0.0; /* -0 becomes 0 */
}

/** sum(p^2), where p is the share of the weight of each distinct value. */
static double weighted_simpson(const zf_classes *classes) {
    zf_wide_sum squares = {.sum = {.wide = NULL}};
    for (size_t i = 0; i < classes->cap; i++) {
        double share = classes->slots[i].n.weight / classes->weight;
        zf_wide_sum_add(&squares, share * share);
    }
    return zf_wide_sum_get(&squares);
}

/** sum(p^2), where p is the share of each distinct value; counted in integers if there are no weights. */
static double simpson(const zf_classes *classes) {
    wide_count squares = 0;
    if (classes->is_weighted)
        return weighted_simpson(classes);
    for (size_t i = 0; i < classes->cap; i++)
        squares += (wide_count)classes->slots[i].n.count * classes->slots[i].n.count;
    return (double)squares / (double)((wide_count)classes->n_values * classes->n_values);
}

zf_value zf_stat_of_classes(zf_stat stat, const zf_classes *classes) {
    if (stat.kind == ZF_STAT_UNIQUE)
        return zf_value_integer((int64_t)classes->n);
    if (classes->n == 0)
        return zf_value_null();
    switch (stat.kind) {
    case ZF_STAT_MODE:
        return most_frequent(classes, false);
    case ZF_STAT_MINORITY:
        return most_frequent(classes, true);
    case ZF_STAT_SHANNON:
        return zf_value_real(shannon(classes));
    case ZF_STAT_SIMPSON:
        return zf_value_real(simpson(classes));
    default:
        return zf_value_null();
    }
}
