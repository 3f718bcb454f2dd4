/* SPDX-License-Identifier: MIT */
/**
 * @file analysis.h
 * Analyses: pure functions over the columns, points and footprints of one ZIP. Statistics: see statistics.h.
 * Adding an analysis: one file here that defines a `const zf_analysis`, one line in registry.c, one test.
 */
#ifndef ZF_ANALYSIS_H
#define ZF_ANALYSIS_H

#include "analysis/statistics.h"
#include "index/index.h"
#include "os/temp_file.h"
#include "schema/result_column.h"

/* ---- parameters of analyses (parameters.c) ---- */

typedef enum zf_parameter_kind {
    ZF_PARAMETER_NUMBER = 0, /**< a decimal number */
    ZF_PARAMETER_COUNT,      /**< a whole number */
    ZF_PARAMETER_CHOICE,     /**< one of some words */
    ZF_PARAMETER_FIELD       /**< a field or measure of the buildings that holds numbers */
} zf_parameter_kind;

/** One word of a choice. */
typedef struct zf_parameter_word {
    const char *word;
    const char *in_names;  /**< what stands for it in the names of columns and tables */
    const char *in_labels; /**< and in the labels of columns */
} zf_parameter_word;

/** One parameter of an analysis: what parsing, error texts, help, manual and completion are made of. */
typedef struct zf_parameter {
    const char *name; /**< with its unit: "within_m" */
    zf_parameter_kind kind;
    double min, max;                /**< of numbers and counts, both allowed */
    const char *by_default;         /**< as it would be written; NULL: none */
    bool is_required;               /**< else it may be missing even without a default */
    const zf_parameter_word *words; /**< of a choice */
    size_t n_words;
    const char *help; /**< half a sentence */
} zf_parameter;

enum { ZF_PARAMETERS_MAX = 4 };

/** What a parameter was given, or its default. */
typedef struct zf_argument {
    bool is_there;
    double number;    /**< of numbers and counts */
    size_t word;      /**< of a choice */
    const char *text; /**< of a field: its name */
    size_t column;    /**< of a field: its number in the scope; set by the plan */
    size_t slot;      /**< of a field: which of zf_analysis_input.numbers; set by the plan */
} zf_argument;

typedef struct zf_analysis zf_analysis;

/** An analysis with its arguments, as it was asked for. */
typedef struct zf_analysis_job {
    const zf_analysis *analysis;
    zf_argument arguments[ZF_PARAMETERS_MAX]; /**< in the order of the analysis's parameters */
} zf_analysis_job;

/**
 * "NAME" or "NAME:key=value,...". A value that holds a comma or a double quote stands in double quotes, inner
 * ones doubled.
 * @param arena  keeps the texts of the arguments.
 * @return ZF_E_USAGE for an unknown analysis or parameter (with the nearest), a value out of its range, a
 * missing or repeated parameter: the error names what there is; ZF_E_MEMORY. *out is then unspecified.
 * Fields are not looked up.
 */
ZF_MUST_USE zf_status zf_analysis_job_parse(const char *text, zf_arena *arena, zf_analysis_job *out,
                                            zf_error *error);
/** The job in one way of writing: parameters in the analysis's order, defaults left out, numbers as short as
 * can be. */
void zf_analysis_job_write(const zf_analysis_job *job, zf_text *out);
/** ZF_NEEDS_... of the job. */
unsigned zf_analysis_job_needs(const zf_analysis_job *job);
/** How far the job looks at buildings of other ZIPs or of none; negative: not at all. */
double zf_analysis_job_halo_m(const zf_analysis_job *job);
/** A name of a column or table: in `pattern`, "{parameter}" is replaced by its value ('.' and '-' of numbers
 * become '_'). */
void zf_analysis_job_name(const zf_analysis_job *job, const char *pattern, zf_text *out);
/** What a parameter takes, in words: "a number of 0.001 to 1000000". */
void zf_parameter_describe(const zf_parameter *parameter, zf_text *out);

/* ---- analyses ---- */

/** What an analysis wants to see beside numbers of fields, as bits. */
enum {
    ZF_NEEDS_POINTS = 1,     /**< the packed centroids */
    ZF_NEEDS_PERIMETER = 2,  /**< the ZIP's perimeter */
    ZF_NEEDS_FOOTPRINTS = 4, /**< the footprints and the index over their boxes */
    ZF_NEEDS_FIDS = 8,       /**< its table holds rows, or it compares fids */
    ZF_NEEDS_CRS = 16        /**< the footprints' points in the CRS, too */
};

/**
 * One ZIP as an analysis sees it: its important buildings in fid order. Where jobs look beyond the ZIP, the
 * others that may be within their reach follow as rows n to n + n_others - 1, in fid order too: all that are,
 * and some that are not, so that each job goes by distances of its own.
 */
typedef struct zf_analysis_input {
    size_t n, n_others;
    double area_m2, perimeter_m;     /**< of the ZIP, all rings; the latter 0 unless needed */
    const zf_points *points;         /**< the n centroids in the ZIP's frame, metres; NULL unless needed */
    const zf_footprints *footprints; /**< n + n_others, in the ZIP's frame; NULL unless needed */
    const zf_index *boxes;           /**< over the boxes of the n */
    const zf_points *other_points;   /**< the others' centroids, from row 0; NULL unless needed */
    const zf_index *other_boxes;     /**< over the others' boxes, from row 0; NULL unless needed */
    const int64_t *fids;             /**< n + n_others; NULL unless needed */
    double *const *numbers;          /**< numbers[slot]: n values of a field, NaN where missing */
    zf_arena *arena;                 /**< scratch; zf_analysis_run rewinds it */
    const zf_callbacks *callbacks;
} zf_analysis_input;

/** What a column holds per row until it is written. */
typedef enum zf_analysis_cell {
    ZF_CELL_NUMBER = 0, /**< a double; NaN: NULL */
    ZF_CELL_ROW,        /**< a uint32_t, the row of another building, written as its fid; ZF_NO_ROW: NULL */
    ZF_CELL_COUNT       /**< a uint32_t */
} zf_analysis_cell;

/** Bytes of a cell. */
size_t zf_analysis_cell_bytes(zf_analysis_cell cell);

/** Rows of an analysis's own table: n_table_columns numbers each, NaN is NULL, and ZF_CELL_ROW the number of
 * a row; and a polygon each, WKB in the CRS, where the table has geometries (bytes NULL: NULL). (rows.c) */
typedef struct zf_analysis_rows {
    zf_arena *arena;      /**< keeps what is in memory until the ZIP is written */
    const char *temp_dir; /**< for what is over a buffer; NULL: TMPDIR, else /tmp */
    size_t n;
    /* those not yet in the file, as bytes */
    uint8_t *bytes;
    size_t n_bytes, cap;
    zf_temp_file file; /**< open when something is in it */
    uint64_t n_in_file;
    /* reading */
    uint64_t at, window_at;
    uint8_t *window, *polygon;
    size_t n_window, cap_polygon;
} zf_analysis_rows;

/** Memory that they take at most, however many, beside the largest polygon twice. */
enum { ZF_ANALYSIS_ROWS_BYTES = 256 * 1024 };

/** Results: one value per ZIP column; per building column an array of n cells, or NULL when nobody wants it.
 */
typedef struct zf_analysis_output {
    zf_value *zip_values;
    void **building_columns;
    zf_analysis_rows *rows; /**< of its table; none to begin with */
} zf_analysis_output;

/** One kind of analysis. Constant, in its own file. Names of columns and of the table may hold "{parameter}".
 */
struct zf_analysis {
    const char *name;
    const char *summary; /**< one line for help and manual */
    const char *details; /**< sentences for the manual: formulas and sources; nullable */
    unsigned needs;
    unsigned (*more_needs)(const zf_analysis_job *job); /**< those that the arguments bring; nullable */
    const zf_parameter *parameters;
    size_t n_parameters;
    /** What is wrong with arguments that are right one by one, in static words; NULL: nothing. Nullable. */
    const char *(*refuses)(const zf_analysis_job *job);
    /** The columns that it adds to zip_summary. */
    const zf_result_column *zip_columns;
    size_t n_zip_columns;
    /** Those that it adds to important_building; the producer is a zf_analysis_cell. */
    const zf_result_column *building_columns;
    size_t n_building_columns;
    const char *table; /**< a table of its own; NULL: none */
    /** The table's columns after zip_rank and zip; the producer is ZF_CELL_NUMBER or ZF_CELL_ROW. */
    const zf_result_column *table_columns;
    size_t n_table_columns;
    bool has_table_polygons; /**< each row has a polygon */
    /** Called by zf_analysis_run. out's arrays are the caller's: zip_values has n_zip_columns,
     * building_columns n_building_columns. n may be 0. */
    zf_status (*run)(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error);
    /** Scratch that run takes at most, for n rows, others among them, with or without building columns to
     * fill. Beside it go ZF_ANALYSIS_ROWS_BYTES for a table. */
    size_t (*scratch_bytes)(const zf_analysis_job *job, size_t n, bool has_building_columns);
};

/** One more row, copied; the order is that of the result. ZF_E_MEMORY, ZF_E_OUTPUT where the temporary file
 * cannot be written. */
ZF_MUST_USE zf_status zf_analysis_rows_append(const zf_analysis_job *job, zf_analysis_rows *rows,
                                              const double *cells, zf_bytes polygon, zf_error *error);
/** The next of the n rows, once all are there. The polygon lives until the next call. ZF_E_MEMORY, ZF_E_INPUT
 * where the temporary file cannot be read back. */
ZF_MUST_USE zf_status zf_analysis_rows_next(const zf_analysis_job *job, zf_analysis_rows *rows,
                                            double *out_cells, zf_bytes *out_polygon, zf_error *error);
/** Closes the file; zeros are legal, and what is left. */
void zf_analysis_rows_close(zf_analysis_rows *rows);

/** Runs an analysis on one ZIP. Rewinds the scratch, and adds the analysis's name to the text of a failure.
 */
ZF_MUST_USE zf_status zf_analysis_run(const zf_analysis_job *job, const zf_analysis_input *input,
                                      zf_analysis_output *out, zf_error *error);

/** Appends the label, with its unit, of that of the analysis's n columns whose pattern a name fits; false: of
 * none. (label.c) */
bool zf_analysis_append_label(zf_text *out, const zf_analysis *analysis, const zf_result_column *columns,
                              size_t n, const char *name);

/** All analyses, in the order of the manual. */
const zf_analysis *const *zf_analyses(size_t *out_n);
/** By name; NULL for none. */
const zf_analysis *zf_analysis_by_name(const char *name);

/** Called for a footprint within the radius; false ends the visit. */
typedef bool (*zf_near_visit)(void *user, uint32_t other, double distance_m);
/** All other footprints at most radius_m from a building's, edge to edge; in no particular but a
 * deterministic order. Needs footprints. No allocation. (near.c) */
void zf_near_footprints(const zf_analysis_input *input, uint32_t row, double radius_m, zf_near_visit visit,
                        void *user);
/** The same among the others, whose rows begin at n. */
void zf_near_others(const zf_analysis_input *input, uint32_t row, double radius_m, zf_near_visit visit,
                    void *user);

extern const zf_analysis zf_analysis_nearest;
extern const zf_analysis zf_analysis_clark_evans;
extern const zf_analysis zf_analysis_neighbours;
extern const zf_analysis zf_analysis_adjacency;
extern const zf_analysis zf_analysis_overlaps;
extern const zf_analysis zf_analysis_clusters;
extern const zf_analysis zf_analysis_histogram;

#endif
