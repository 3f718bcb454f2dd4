/* SPDX-License-Identifier: MIT */
/**
 * @file statistics.h
 * Statistics: pure functions over the values of one field in one ZIP.
 */
#ifndef ZF_ANALYSIS_STATISTICS_H
#define ZF_ANALYSIS_STATISTICS_H

#include "memory/memory.h"
#include "schema/layout.h"
#include "schema/result_column.h"

/* ---- statistics (stat.c; each source has a file of its own) ----
 * Adding a statistic of numbers: its enumerator and its function here, its row in stat.c, a file with the
 * function (as gini.c), one test. */

/** See zonefold(1) for the definitions. */
typedef enum zf_stat_kind {
    ZF_STAT_COUNT = 0, /**< values that are not missing */
    ZF_STAT_MISSING,   /**< NULL or NaN */
    ZF_STAT_UNIQUE,    /**< number of distinct values */
    ZF_STAT_MODE,      /**< the most frequent value; of several, the smallest */
    ZF_STAT_MINORITY,  /**< the least frequent value; of several, the smallest */
    ZF_STAT_FIRST,     /**< in fid order */
    ZF_STAT_LAST,
    ZF_STAT_SUM,
    ZF_STAT_MEAN,
    ZF_STAT_MIN,
    ZF_STAT_MAX,
    ZF_STAT_RANGE,
    ZF_STAT_MEDIAN,
    ZF_STAT_STDDEV,        /**< of the population */
    ZF_STAT_STDDEV_SAMPLE, /**< n - 1; NULL below two values */
    ZF_STAT_VARIANCE,      /**< of the population */
    ZF_STAT_CV,            /**< stddev / mean; NULL when the mean is 0 */
    ZF_STAT_Q1,
    ZF_STAT_Q3,
    ZF_STAT_IQR,
    ZF_STAT_PERCENTILE, /**< pNN, NN 0..100, linear interpolation between closest ranks (R type 7) */
    ZF_STAT_ARGMIN,     /**< fid of the smallest value; of several, the lowest fid */
    ZF_STAT_ARGMAX,
    ZF_STAT_GINI,
    ZF_STAT_SHANNON,
    ZF_STAT_SIMPSON,
    ZF_STAT_MIN_LENGTH, /**< of texts, in characters */
    ZF_STAT_MEAN_LENGTH,
    ZF_STAT_MAX_LENGTH,
    ZF_STAT_KINDS
} zf_stat_kind;

typedef struct zf_stat {
    zf_stat_kind kind;
    unsigned percent; /**< for PERCENTILE */
} zf_stat;

/** The numbers of a column in ascending order, with or without weights: see analysis_internal.h. */
typedef struct zf_sorted_numbers zf_sorted_numbers;
/** Computes a statistic; NaN becomes NULL. */
typedef double zf_stat_of_sorted(const zf_sorted_numbers *numbers);
/** Gini coefficient of the population: sum (2 i - n - 1) x[i] / (n sum x), i from 1; for weights see
 * zf_stats_of_weighted. NaN when a number is negative or infinite, or all are 0. */
zf_stat_of_sorted zf_gini;

/** What a statistic is computed from. */
typedef enum zf_stat_source {
    ZF_FROM_RUNNING = 1 << 0, /**< values one by one, in any order: zf_running, zf_running_text */
    ZF_FROM_ORDER = 1 << 1,   /**< values one by one, in fid order: zf_order_stats, zf_running_text */
    ZF_FROM_CLASSES = 1 << 2, /**< the distinct values and how often each occurs: zf_classes */
    ZF_FROM_COLUMN = 1 << 3,  /**< all numbers at once */
    ZF_FROM_LENGTHS = 1 << 4, /**< lengths of texts, one by one: zf_running_text */
} zf_stat_source;

/** Parses the name of a statistic, such as "mean" or "p90"; case-sensitive. False for unknown names. */
bool zf_stat_parse(const char *name, zf_stat *out);
/** "mean", "p90": the column suffix. out has at least 24 bytes. */
void zf_stat_name(zf_stat stat, char out[24]);
zf_stat_source zf_stat_source_of(zf_stat stat);
/** Whether a statistic is defined for a type: all but lengths for numbers and booleans, some for texts, dates
 * and times. */
bool zf_stat_applies(zf_stat stat, zf_field_type type);
/** Type of the result column: INTEGER for counts, lengths and fids; the field's own for statistics that are
 * one of its values; else REAL. Counts of weighted values are REAL, too. */
zf_field_type zf_stat_result_type(zf_stat stat, zf_field_type type, bool is_weighted);
/** Whether weights change the statistic. They do not change unique, first, last, min, max, range, argmin,
 * argmax, min_length and max_length. */
bool zf_stat_is_weighted(zf_stat stat);
/** Appends the names of the statistics that a type takes, with spaces between ("pNN" for percentiles). */
void zf_stat_append_names(zf_text *out, zf_field_type type);
/** A statistic's column of zip_summary, of a field of a type and unit (NULL: none). The name is the suffix
 * behind the field's, the label what stands behind the field's and a colon; percentiles add their number to
 * both. */
zf_result_column zf_stat_column(zf_stat stat, zf_field_type type, bool is_weighted, const char *unit);

/* ---- exact sums (exact.c) ---- */

/** Limbs of 64 bits: 3 hold most sums, 35 hold any. */
enum { ZF_EXACT_WINDOW = 3, ZF_EXACT_LIMBS = 35 };

typedef struct zf_exact_wide {
    uint64_t limbs[ZF_EXACT_LIMBS]; /**< two's complement, lowest first, in units of 2^-1074 */
} zf_exact_wide;

/**
 * The exact sum of doubles in any order: a fixed-point number, so that no addition rounds. Zero-initialise.
 * Source: Neal, "Fast exact summation using small and large superaccumulators", arXiv:1505.05571, with limbs
 * that carry, and a window of them that suffices for values within a factor of 2^32 of the first.
 */
typedef struct zf_exact_sum {
    uint64_t limbs[ZF_EXACT_WINDOW]; /**< the window, while wide is NULL */
    zf_exact_wide *wide;             /**< borrowed */
    uint8_t first_limb;              /**< of the window */
    bool is_placed;                  /**< first_limb is set */
    bool has_plus_infinity, has_minus_infinity;
} zf_exact_sum;

/** Adds x, not NaN. Returns false and changes nothing when x does not fit the window: call zf_exact_widen,
 * then add again. Cost: about 3 ns. */
ZF_MUST_USE bool zf_exact_add(zf_exact_sum *sum, double x);
/** Gives a sum all limbs, in storage that must outlive it; from then on every addition fits. */
void zf_exact_widen(zf_exact_sum *sum, zf_exact_wide *wide);
/** Adds another sum to a wide one. */
void zf_exact_merge(zf_exact_sum *into, const zf_exact_sum *from);
/** The sum times 2^-exponent, rounded once, to the nearest double, ties to even (twice where only the scaling
 * makes it subnormal). Infinite when it is out of range or has infinite terms of one sign; NaN when it has
 * those of both. */
double zf_exact_scaled(const zf_exact_sum *sum, int exponent);

/* ---- statistics that need no column (running.c) ---- */

/** Numbers added one by one, in any order; partial ones can be merged. Zero-initialise. */
typedef struct zf_running {
    uint64_t n; /**< not missing */
    double min, max;
    zf_exact_sum sum;
} zf_running;

/** Adds a number; NaN is missing and changes nothing. False, and nothing changed, when `sum` must be widened
 * first. */
ZF_MUST_USE bool zf_running_add(zf_running *running, double x);
/** Adds the numbers of another; into->sum is wide. */
void zf_running_merge(zf_running *into, const zf_running *from);
/** The mean; NaN of no numbers. Finite whenever all numbers are. */
double zf_running_mean(const zf_running *running);
/** As zf_stats_of_numbers, of n_rows rows, for statistics from ZF_FROM_RUNNING. */
void zf_stats_of_running(const zf_running *running, uint64_t n_rows, const zf_stat *stats, size_t n_stats,
                         zf_value *out);

/** An exact sum with its own storage for all limbs, so that every addition fits. Zero-initialise. Not
 * movable: it holds pointers into itself. */
typedef struct zf_wide_sum {
    zf_exact_sum sum;
    zf_exact_wide wide;
} zf_wide_sum;

/** Adds x, not NaN. */
void zf_wide_sum_add(zf_wide_sum *sum, double x);
/** Rounded once. */
double zf_wide_sum_get(const zf_wide_sum *sum);

/* ---- integers that need no column (integers.c) ---- */

__extension__ typedef __int128 zf_int128;

/** Integers added one by one, in any order; partial ones can be merged. Zero-initialise. */
typedef struct zf_running_integers {
    uint64_t n; /**< not missing */
    int64_t min, max;
    zf_int128 sum; /**< exact: 2^64 integers of 64 bits fit */
} zf_running_integers;

void zf_running_integers_add(zf_running_integers *running, int64_t x);
void zf_running_integers_merge(zf_running_integers *into, const zf_running_integers *from);
/** Count, missing, sum, mean, min, max or range of n_rows rows, rounded once; min and max are integers. NULL
 * for other statistics. */
zf_value zf_stat_of_integers(zf_stat stat, const zf_running_integers *running, uint64_t n_rows);

/** The total of one slot of the gathered rows. */
typedef union zf_total {
    zf_running reals;
    zf_running_integers integers; /**< of an INTEGER slot */
} zf_total;

/* ---- statistics of the order of rows (order_stats.c) ---- */

/** A number and its building. */
typedef struct zf_ordered_number {
    zf_cell number;
    int64_t fid;
} zf_ordered_number;

/** Numbers, all real or all integers, added one by one in fid order. Zero-initialise. */
typedef struct zf_order_stats {
    uint64_t n; /**< not missing */
    zf_ordered_number first, last, min, max;
} zf_order_stats;

/** Adds a number; NaN is missing. */
void zf_order_stats_add_real(zf_order_stats *stats, double number, int64_t fid);
void zf_order_stats_add_integer(zf_order_stats *stats, int64_t number, int64_t fid);
/** first, last, argmin, argmax; NULL of none. */
zf_value zf_stat_of_order(zf_stat stat, const zf_order_stats *stats, bool is_integer);

/* ---- statistics of classes (classes.c) ---- */

typedef enum zf_class_kind { ZF_CLASS_REAL = 0, ZF_CLASS_INTEGER, ZF_CLASS_TEXT } zf_class_kind;

/** A distinct value, and how often it occurs or how much it weighs. */
typedef struct zf_class {
    uint64_t key; /**< a double's bits, an integer's, or the address of a text */
    union {
        uint64_t count; /**< 0: an empty slot */
        double weight;  /**< more than 0 */
    } n;
} zf_class;

/** The distinct values of a field, in a hash table of 16 bytes per slot, 3/8 to 3/4 of them in use.
 * zf_classes_deinit accepts zeros. */
typedef struct zf_classes {
    zf_class_kind kind;
    zf_budget *budget; /**< borrowed */
    zf_class *slots;
    size_t cap, n;
    uint64_t n_values;
    bool is_weighted;
    double weight;  /**< of all values */
    zf_arena texts; /**< each distinct text, once */
} zf_classes;

/** Takes no memory yet. Weights are summed in the order in which values are added. */
void zf_classes_init(zf_classes *classes, zf_class_kind kind, bool is_weighted, zf_budget *budget);
void zf_classes_deinit(zf_classes *classes);
/** Bytes that it holds. */
size_t zf_classes_bytes(const zf_classes *classes);
/** Adds a number. NaN is missing; -0 counts as 0. The weight, above 0, is read for weighted classes only.
 * ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_classes_add_number(zf_classes *classes, double number, double weight,
                                            zf_error *error);
/** Adds an integer, in classes of integers. */
ZF_MUST_USE zf_status zf_classes_add_integer(zf_classes *classes, int64_t number, double weight,
                                             zf_error *error);
/** Copies a text when it is new; bytes NULL is missing. ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_classes_add_text(zf_classes *classes, zf_bytes text, double weight, zf_error *error);
/**
 * unique, mode, minority, shannon and simpson; without values 0 for unique and NULL for the others. Texts are
 * borrowed from the classes. The result does not depend on the order of the values: shannon is an exact sum
 * rounded once, simpson counts in integers. With p the share of a class: shannon is -sum p ln p (Shannon
 * 1948), simpson is sum p^2 (Simpson, "Measurement of Diversity", Nature 163, 1949), both as in momepy.
 */
zf_value zf_stat_of_classes(zf_stat stat, const zf_classes *classes);

/* ---- dates and times (instants.c) ---- */

/** Whether values of a type are compared as instants. */
static inline bool zf_field_type_is_instant(zf_field_type type) {
    return type == ZF_FIELD_DATE || type == ZF_FIELD_TIME || type == ZF_FIELD_DATETIME;
}
/** Milliseconds since 1970-01-01T00:00Z, or since midnight for a time, of a value as the source room writes
 * it
 * ("2020-12-31T23:59:59.250+02:00"). A date-time without time zone is taken as UTC, as SQLite takes it. false
 * when the text is no such value. */
bool zf_instant_read(zf_field_type type, zf_bytes text, int64_t *out_ms);

/* ---- statistics of texts (texts.c) ---- */

/** SQLite's BINARY collation: bytes as unsigned numbers, a prefix before what it begins. */
int zf_text_compare(zf_bytes a, zf_bytes b);

/** A reused buffer for a text. */
typedef struct zf_kept_text {
    uint8_t *bytes; /**< NULL: none */
    size_t n, cap;
} zf_kept_text;

/** Texts added one by one, compared bytewise, dates and times as instants; in fid order when `wants` has
 * ZF_FROM_ORDER. Zero-initialise but for `type`, `wants` and `weights`. */
typedef struct zf_running_text {
    zf_field_type type;
    unsigned wants; /**< of zf_stat_source: ZF_FROM_ORDER for first and last, ZF_FROM_LENGTHS */
    uint64_t n;     /**< not missing */
    zf_kept_text min, max, first, last;
    int64_t min_ms, max_ms;                        /**< of dates and times: the instants of min and max */
    uint64_t min_length, max_length, total_length; /**< characters */
    zf_wide_sum *weights; /**< 3 sums of weights: of texts, of lengths times weights, of missing ones;
                             borrowed; NULL: unweighted */
} zf_running_text;

/** Adds a text; bytes NULL is missing. Takes at most some 16 times the longest text from the arena.
 * ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_running_text_add(zf_running_text *running, zf_bytes text, double weight,
                                          zf_arena *arena, zf_error *error);
/** count, missing, min, max of n_rows rows, and first, last and lengths if wanted; other statistics are NULL.
 * Results borrow from the arena. */
void zf_stats_of_running_text(const zf_running_text *running, uint64_t n_rows, const zf_stat *stats,
                              size_t n_stats, zf_value *out);

/* ---- statistics of columns (numbers.c) ---- */

/**
 * Statistics of one column of numbers.
 * @param values   n doubles; NaN is missing; infinities are values. Borrowed, unchanged.
 * @param scratch  n doubles are taken for sorting when a statistic needs ranks; rewound.
 * @param out      n_stats values. Without values, count, missing and sum are 0 and all others NULL. A result
 * that is NaN is NULL. The sum is exact and rounded once; the mean is that sum divided by the count. The
 * variance is computed in two passes, with compensated sums (Neumaier) in row order: the same on every
 * machine, for one order of rows. Statistics from ZF_FROM_ORDER, ZF_FROM_CLASSES and ZF_FROM_LENGTHS are
 * NULL.
 */
ZF_MUST_USE zf_status zf_stats_of_numbers(const double *values, size_t n, const zf_stat *stats,
                                          size_t n_stats, zf_arena *scratch, zf_value *out, zf_error *error);
/** Bytes of scratch that zf_stats_of_numbers takes. */
size_t zf_stats_scratch_bytes(size_t n, const zf_stat *stats, size_t n_stats);
/** The exact sum, rounded once; NaN is missing. Infinite only when the true sum is infinite or out of range.
 */
double zf_sum(const double *values, size_t n);

/* ---- statistics of weighted numbers (weighted.c) ---- */

/**
 * As zf_stats_of_numbers, for weighted numbers: a weight is the share of a building that lies in the ZIP.
 * Statistics for which zf_stat_is_weighted is false are the same without weights. With W the sum of the
 * weights of values that are not missing: count is W (REAL); missing is the sum of the other weights; sum is
 * sum(w x) and mean sum(w x) / W; variance and stddev sum(w (x - mean)^2) / W, of the sample / (W - 1), NULL
 * unless W > 1 (weights are parts of a building, as frequencies are in R's Hmisc::wtd.var). Percentiles are
 * the weighted type 7 of Akinshin (2023, arXiv:2304.07265): with the weights of the sorted values side by
 * side on [0, W] and L = sum(w^2) / W, percentile p is the mean of the values over [p (W - L), p (W - L) +
 * L]. Only the ratios of the weights matter; equal weights give R's type 7 to the bit. Gini: 1 - sum w[i]
 * (S[i-1] + S[i]) / (W S[n]) with S the running sum of w x (Lerman and Yitzhaki 1989). Where all weights are
 * 1, all results are as without weights.
 * @param weights n, each above 0 and at most 1.
 * @param scratch 2 n doubles are taken for sorting; rewound.
 */
ZF_MUST_USE zf_status zf_stats_of_weighted(const double *values, const double *weights, size_t n,
                                           const zf_stat *stats, size_t n_stats, zf_arena *scratch,
                                           zf_value *out, zf_error *error);

/* ---- all statistics of a field (field.c) ---- */

/** What the statistics of a field of one ZIP are computed from. Pointers that no statistic needs are NULL. */
typedef struct zf_field_facts {
    zf_field_type type;
    size_t n_rows;
    const double *column;                /**< n_rows; NULL: running */
    const double *weights;               /**< n_rows, of numbers; NULL: unweighted */
    const zf_running *running;           /**< of real numbers without a column */
    const zf_running_integers *integers; /**< of integers */
    const zf_running_text *texts;
    const zf_order_stats *order; /**< of numbers */
    const zf_classes *classes;
} zf_field_facts;

/**
 * @param scratch for ranks; rewound.
 * @param keep    holds copies of texts from facts->classes; texts from facts->texts stay where they are.
 */
ZF_MUST_USE zf_status zf_stats_of_field(const zf_field_facts *facts, const zf_stat *stats, size_t n_stats,
                                        zf_arena *scratch, zf_arena *keep, zf_value *out, zf_error *error);

#endif
