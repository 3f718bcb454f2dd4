/* SPDX-License-Identifier: MIT */
/* How many values of a field are in each bin, ZIP by ZIP. */
#include "analysis/analysis_internal.h"

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

/* ---- bins of a given width, which begin at its multiples ---- */

/** The bin of a value. The bounds as they are written decide, not the rounded quotient. */
static double bin_of(double value, double width) {
    double bin = floor(value / width);
    if (value < bin * width)
        bin -= 1;
    else if (value >= (bin + 1) * width)
        bin += 1;
    return bin;
}

/** Fills the bins of all finite values, in ascending order. */
static zf_status sort_bins(const double *values, size_t n, double width, double *bins, size_t *out_n,
                           zf_error *error) {
    size_t n_bins = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            continue;
        if (!(fabs(values[i] / width) < 0x1p52))
            return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "%.17g cannot be put into bins of width %.17g: it lies more of them from 0 "
                                "than can be counted; choose a larger width, or bins",
                                values[i], width);
        bins[n_bins++] = bin_of(values[i], width) + 0.0; /* -0 becomes 0 */
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
    size_t n = 0;
    zf_status status = zf_arena_take(input->arena, input->n, sizeof *bins, &bins, error);
    if (status == ZF_OK)
        status = sort_bins(values, input->n, width, bins, &n, error);
    for (size_t first = 0, end; status == ZF_OK && first < n; first = end) {
        end = end_of_run(bins, n, first);
        const double cells[N_TABLE_COLUMNS] = {[BIN] = bins[first],
                                               [LOW] = bins[first] * width,
                                               [HIGH] = (bins[first] + 1) * width,
                                               [N] = (double)(end - first)};
        status = put_row(job, rows, cells, error);
    }
    return status;
}

/* ---- a given number of bins between the lowest and the highest value ---- */

/** Bins between two values: bound i is low + i * step, the last one high itself. */
typedef struct range {
    double low, high, n_bins;
} range;

static range range_of(const double *values, size_t n, double n_bins) {
    range r = {INFINITY, -INFINITY, n_bins};
    for (size_t i = 0; i < n; i++)
        if (isfinite(values[i])) {
            r.low = values[i] < r.low ? values[i] : r.low;
            r.high = values[i] > r.high ? values[i] : r.high;
        }
    return r;
}

/** Bound i. Halves are subtracted, so that no difference overflows. */
static double bound(const range *r, double i) {
    return i == r->n_bins ? r->high : r->low + 2 * ((r->high / 2 - r->low / 2) * (i / r->n_bins));
}

/** The bin of a value, by the bounds as they are written. */
static double bin_in_range(const range *r, double value) {
    double bin = floor((value / 2 - r->low / 2) / (r->high / 2 - r->low / 2) * r->n_bins);
    bin = bin < r->n_bins - 1 ? bin : r->n_bins - 1;
    while (bin > 0 && value < bound(r, bin))
        bin -= 1;
    while (bin + 1 < r->n_bins && value >= bound(r, bin + 1))
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
    if (status != ZF_OK)
        return status;
    for (size_t i = 0; i < n_bins; i++)
        counts[i] = 0;
    for (size_t i = 0; i < input->n; i++)
        if (isfinite(values[i]))
            counts[n_bins == 1 ? 0 : (size_t)bin_in_range(&r, values[i])] += 1;
    for (size_t i = 0; status == ZF_OK && i < n_bins; i++) {
        const double cells[N_TABLE_COLUMNS] = {[BIN] = (double)i,
                                               [LOW] = bound(&r, (double)i),
                                               [HIGH] = bound(&r, (double)i + 1),
                                               [N] = counts[i]};
        status = put_row(job, rows, cells, error);
    }
    return status;
}

static zf_status run(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error) {
    const double *values = input->numbers[job->arguments[FIELD].slot];
    zf_status status = zf_check_cancelled(input->callbacks, error);
    if (status == ZF_OK)
        status = job->arguments[WIDTH].is_there ? count_by_width(job, values, input, out->rows, error)
                                                : count_by_bins(job, values, input, out->rows, error);
    return status;
}

static size_t scratch_bytes(const zf_analysis_job *job, size_t n, bool has_building_columns) {
    (void)has_building_columns;
    return (job->arguments[WIDTH].is_there ? n : (size_t)job->arguments[BINS].number) * sizeof(double);
}

const zf_analysis zf_analysis_histogram = {
    .name = "histogram",
    .summary = "number of important buildings of a ZIP by ranges of a value",
    .details = "A bin includes its lower bound and excludes its upper bound; the last bin includes both "
               "if bins is given. Missing values and infinities are in no bin. With bins, a ZIP whose "
               "values are all equal has one bin of width 0. A ZIP without values has no rows",
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .refuses = refuses,
    .table = "histogram_{field}",
    .table_columns = table_columns,
    .n_table_columns = N_TABLE_COLUMNS,
    .run = run,
    .scratch_bytes = scratch_bytes,
};
