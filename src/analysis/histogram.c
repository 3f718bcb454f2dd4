/* SPDX-License-Identifier: MIT */
/* How many values of a field are in each bin, ZIP by ZIP. */
#include "analysis/analysis_internal.h"
#include "geometry/double_double.h"

#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELD = 0, WIDTH, BINS, N_PARAMETERS };
enum { MAX_BINS = 10000 };

static const zf_parameter parameters[N_PARAMETERS] = {
    [FIELD] = {.name = "field",
               .kind = ZF_PARAMETER_FIELD,
               .is_required = true,
               .help = "the field or measure to count; it must hold numbers"},
    [WIDTH] = {.name = "width",
               .kind = ZF_PARAMETER_NUMBER,
               .min = 1e-9,
               .max = 1e12,
               .help =
                   "width of a bin; bins begin at multiples of the width, and only bins with buildings are "
                   "written"},
    [BINS] = {.name = "bins",
              .kind = ZF_PARAMETER_COUNT,
              .min = 1,
              .max = MAX_BINS,
              .help = "number of bins, instead of width: bins of equal width from the lowest to the highest "
                      "value of the ZIP, including empty ones"},
};

enum { BIN = 0, LOW, HIGH, N, N_TABLE_COLUMNS };
static const zf_result_column table_columns[N_TABLE_COLUMNS] = {
    [BIN] = {.name = "bin",
             .type = ZF_FIELD_INTEGER,
             .label = "Bin",
             .definition =
                 "number of the bin: with width, counted from 0 upwards at the value 0, negative below it, "
                 "the same in all ZIPs; with bins, 0, 1, ... from the lowest value of the ZIP"},
    [LOW] = {.name = "low",
             .type = ZF_FIELD_REAL,
             .label = "Lower bound",
             .definition = "lower bound, in the unit of the field"},
    [HIGH] = {.name = "high",
              .type = ZF_FIELD_REAL,
              .label = "Upper bound",
              .definition = "upper bound, in the unit of the field"},
    [N] = {.name = "n",
           .type = ZF_FIELD_INTEGER,
           .label = "Buildings",
           .definition = "number of important buildings whose value is in the bin"},
};

/** Exactly one of width and bins must be given. */
static const char *refuses(const zf_analysis_job *job) {
    if (job->arguments[WIDTH].is_there == job->arguments[BINS].is_there)
        return job->arguments[WIDTH].is_there ? "width and bins exclude each other"
                                              : "one of width and bins is missing";
    return NULL;
}

static zf_status put_row(const zf_analysis_job *job, zf_analysis_rows *rows, const double *cells,
                         zf_error *error) {
    return zf_analysis_rows_append(job, rows, cells, (zf_bytes){NULL, 0}, error);
}

/* ---- decimal numbers ---- */

/**
 * A number as its user wrote it: the shortest decimal number that is read as this double. 0.1 is then a
 * tenth, and its multiples are 0.2, 0.3, ..., which the multiples of the double are not.
 */
typedef struct decimal {
    int64_t digits; /**< up to 17 */
    int exponent;   /**< the number is digits * 10^exponent */
} decimal;

/** Reads the digits and the exponent of "-1.25e+02", whatever the decimal separator. */
static decimal read_decimal(const char *text) {
    decimal d = {0, 0};
    const char *end = strchr(text, 'e');
    bool is_fraction = false;
    for (const char *at = text; at < end; at++) {
        bool is_digit = *at >= '0' && *at <= '9';
        is_fraction |= !is_digit && *at != '-';
        d.digits = is_digit ? d.digits * 10 + (*at - '0') : d.digits;
        d.exponent -= is_digit && is_fraction;
    }
    d.exponent += (int)strtol(end + 1, NULL, 10);
    d.digits = text[0] == '-' ? -d.digits : d.digits;
    while (d.digits != 0 && d.digits % 10 == 0)
        d.digits /= 10, d.exponent++;
    return d;
}

/** The shortest decimal number that is read as this double. */
static decimal decimal_of(double number) {
    char text[32];
    for (int n_digits = 0; n_digits <= 16; n_digits++) {
        (void)snprintf(text, sizeof text, "%.*e", n_digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    return read_decimal(text);
}

/* ---- bins of a given width, which begin at its multiples ---- */

/** The double nearest to k widths, for whole numbers k below 2^53: their product has up to 33 digits. */
static double multiple(const decimal *width, double k) {
    enum { LIMB = 1000000000 };
    __extension__ unsigned __int128 product = (unsigned __int128)(uint64_t)fabs(k) * (uint64_t)width->digits;
    char text[64];
    uint32_t limbs[4];
    for (unsigned i = 4; i-- > 0; product /= LIMB)
        limbs[i] = (uint32_t)(product % LIMB);
    (void)snprintf(text, sizeof text, "%s%" PRIu64 "%09" PRIu32 "%09" PRIu32 "%09" PRIu32 "e%d",
                   k < 0 ? "-" : "", (uint64_t)product * LIMB + limbs[0], limbs[1], limbs[2], limbs[3],
                   width->exponent);
    return strtod(text, NULL);
}

/** The bin of a value. The bounds as they are written decide, not the rounded quotient; they are computed
 * only where they are near. */
static double bin_of(double value, double width, const decimal *exact_width) {
    double quotient = value / width, bin = floor(quotient);
    double tolerance = 4 * DBL_EPSILON * (fabs(quotient) + 1);
    if (quotient - bin > tolerance && bin + 1 - quotient > tolerance)
        return bin;
    if (value < multiple(exact_width, bin))
        bin -= 1;
    else if (value >= multiple(exact_width, bin + 1))
        bin += 1;
    return bin;
}

/** Fills the bins of all finite values, in ascending order. */
static zf_status sort_bins(const double *values, size_t n, double width, double *bins, size_t *out_n,
                           zf_error *error) {
    decimal exact_width = decimal_of(width);
    size_t n_bins = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            continue;
        if (!(fabs(values[i] / width) < 0x1p52))
            return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "%.17g cannot be put into bins of width %.17g: it lies more of them from 0 "
                                "than can be counted; choose a larger width, or bins",
                                values[i], width);
        bins[n_bins++] = bin_of(values[i], width, &exact_width) + 0.0; /* -0 becomes 0 */
    }
    zf_sort_numbers(bins, n_bins);
    *out_n = n_bins;
    return ZF_OK;
}

/** Where the run of equal bins that begins at `first` ends. */
static size_t end_of_run(const double *bins, size_t n, size_t first) {
    size_t end = first + 1;
    while (end < n && bins[end] == bins[first])
        end++;
    return end;
}

/** Writes the bins that hold something. */
static zf_status count_by_width(const zf_analysis_job *job, const double *values,
                                const zf_analysis_input *input, zf_analysis_rows *rows, zf_error *error) {
    double width = job->arguments[WIDTH].number, *bins = NULL;
    decimal exact_width = decimal_of(width);
    size_t n = 0;
    zf_status status = zf_arena_take(input->arena, input->n, sizeof *bins, &bins, error);
    if (status == ZF_OK)
        status = sort_bins(values, input->n, width, bins, &n, error);
    for (size_t first = 0, end; status == ZF_OK && first < n; first = end) {
        end = end_of_run(bins, n, first);
        const double cells[N_TABLE_COLUMNS] = {[BIN] = bins[first],
                                               [LOW] = multiple(&exact_width, bins[first]),
                                               [HIGH] = multiple(&exact_width, bins[first] + 1),
                                               [N] = (double)(end - first)};
        status = put_row(job, rows, cells, error);
    }
    return status;
}

/* ---- a given number of bins between the lowest and the highest value ---- */

/** Bins between two values: bound i is low + i * (high - low) / n_bins in decimal numbers, the last one high.
 */
typedef struct range {
    double low, high, n_bins;
    double *bounds; /**< n_bins + 1, ascending */
} range;

/** The lowest and the highest finite value. */
static range range_of(const double *values, size_t n, double n_bins) {
    range r = {INFINITY, -INFINITY, n_bins, NULL};
    for (size_t i = 0; i < n; i++)
        if (isfinite(values[i])) {
            r.low = values[i] < r.low ? values[i] : r.low;
            r.high = values[i] > r.high ? values[i] : r.high;
        }
    return r;
}

/** A decimal number to some 31 digits. */
static zf_dd dd_of_decimal(decimal d) {
    zf_dd number = {(double)d.digits, 0}, ten = zf_dd_of(10);
    number.lo = (double)(d.digits - (int64_t)number.hi);
    for (; d.exponent > 0; d.exponent--)
        number = zf_dd_multiply(number, ten);
    for (; d.exponent < 0; d.exponent++)
        number = zf_dd_divide(number, ten);
    return number;
}

/** Fills the bounds. Each is rounded once, so that 0 to 0.7 in 7 bins has the bounds 0.1, 0.2, 0.3, ... */
static void fill_bounds(range *r) {
    zf_dd low = dd_of_decimal(decimal_of(r->low)), high = dd_of_decimal(decimal_of(r->high));
    zf_dd n = zf_dd_of(r->n_bins);
    r->bounds[0] = r->low;
    for (size_t i = 1; i < (size_t)r->n_bins; i++) {
        zf_dd of_low = zf_dd_divide(zf_dd_of(r->n_bins - (double)i), n),
              of_high = zf_dd_divide(zf_dd_of((double)i), n);
        double bound = zf_dd_add(zf_dd_multiply(low, of_low), zf_dd_multiply(high, of_high)).hi;
        r->bounds[i] = zf_between(bound, r->bounds[i - 1], r->high);
    }
    r->bounds[(size_t)r->n_bins] = r->high;
}

/** The bin of a value, by the bounds as they are written. */
static size_t bin_in_range(const range *r, double value) {
    double quotient = floor((value / 2 - r->low / 2) / (r->high / 2 - r->low / 2) * r->n_bins);
    size_t last = (size_t)r->n_bins - 1, bin = quotient < r->n_bins - 1 ? (size_t)quotient : last;
    while (bin > 0 && value < r->bounds[bin])
        bin -= 1;
    while (bin < last && value >= r->bounds[bin + 1])
        bin += 1;
    return bin;
}

/** Writes all bins. */
static zf_status count_by_bins(const zf_analysis_job *job, const double *values,
                               const zf_analysis_input *input, zf_analysis_rows *rows, zf_error *error) {
    range r = range_of(values, input->n, job->arguments[BINS].number);
    if (!(r.low <= r.high))
        return ZF_OK;
    if (r.low == r.high)
        r.n_bins = 1; /* one value has no width to divide */
    size_t n_bins = (size_t)r.n_bins;
    double *counts = NULL;
    zf_status status = zf_arena_take(input->arena, n_bins, sizeof *counts, &counts, error);
    if (status == ZF_OK)
        status = zf_arena_take(input->arena, n_bins + 1, sizeof *r.bounds, &r.bounds, error);
    if (status != ZF_OK)
        return status;
    fill_bounds(&r);
    for (size_t i = 0; i < n_bins; i++)
        counts[i] = 0;
    for (size_t i = 0; i < input->n; i++)
        if (isfinite(values[i]))
            counts[n_bins == 1 ? 0 : bin_in_range(&r, values[i])] += 1;
    for (size_t i = 0; status == ZF_OK && i < n_bins; i++) {
        const double cells[N_TABLE_COLUMNS] = {
            [BIN] = (double)i, [LOW] = r.bounds[i], [HIGH] = r.bounds[i + 1], [N] = counts[i]};
        status = put_row(job, rows, cells, error);
    }
    return status;
}

/** Counts the values of the field by the width or the number of bins. */
static zf_status run(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error) {
    const double *values = input->numbers[job->arguments[FIELD].slot];
    zf_status status = zf_check_cancelled(input->callbacks, error);
    if (status == ZF_OK)
        status = job->arguments[WIDTH].is_there ? count_by_width(job, values, input, out->rows, error)
                                                : count_by_bins(job, values, input, out->rows, error);
    return status;
}

/** A bin number for each building, or the counts and bounds of all bins. */
static size_t scratch_bytes(const zf_analysis_job *job, size_t n, bool has_building_columns) {
    (void)has_building_columns;
    return (job->arguments[WIDTH].is_there ? n : 2 * (size_t)job->arguments[BINS].number + 1) *
           sizeof(double);
}

const zf_analysis zf_analysis_histogram = {
    .name = "histogram",
    .summary = "number of important buildings of a ZIP by ranges of a value",
    .details = "Bounds are the numbers nearest to decimal multiples: with width=0.1, 0.3 begins bin 3. "
               "A bin includes its lower bound and excludes its upper bound; the last bin includes both "
               "if bins is given. Missing values and infinities are in no bin. With bins, a ZIP whose "
               "values are all equal has one bin of width 0. A ZIP without values has no rows",
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .refuses = refuses,
    .table = {.name = "histogram_{field}", .columns = table_columns, .n_columns = N_TABLE_COLUMNS},
    .run = run,
    .scratch_bytes = scratch_bytes,
};
