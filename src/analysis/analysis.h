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
    const char *in_names;  /**< its form in names of columns and tables */
    const char *in_labels; /**< its form in labels of columns */
} zf_parameter_word;

/** One parameter of an analysis; parsing, error texts, help, manual and completion use this. */
typedef struct zf_parameter {
    const char *name; /**< with its unit: "within_m" */
    zf_parameter_kind kind;
    double min, max;                /**< of numbers and counts; inclusive */
    const char *by_default;         /**< as text; NULL: none */
    bool is_required;               /**< otherwise it may be missing, even without a default */
    const zf_parameter_word *words; /**< of a choice */
    size_t n_words;
    const char *help; /**< half a sentence */
} zf_parameter;

enum { ZF_PARAMETERS_MAX = 4 };

/** The value given for a parameter, or its default. */
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
 * @return ZF_E_USAGE for an unknown analysis or parameter, a value out of range, a missing or repeated
 * parameter; the error suggests the nearest name and lists the parameters. ZF_E_MEMORY. *out is then
 * unspecified. Fields are not looked up.
 */
ZF_MUST_USE zf_status zf_analysis_job_parse(const char *text, zf_arena *arena, zf_analysis_job *out,
                                            zf_error *error);
/** Appends the job in canonical form: parameters in the analysis's order, without defaults, numbers as short
 * as possible. */
void zf_analysis_job_write(const zf_analysis_job *job, zf_text *out);
/** ZF_NEEDS_... of the job. */
unsigned zf_analysis_job_needs(const zf_analysis_job *job);
/** The distance beyond the ZIP within which other buildings count (halo_m); negative: none do. */
double zf_analysis_job_halo_m(const zf_analysis_job *job);
/** Appends the name of a column or table: `pattern` with each "{parameter}" replaced by its value ('.', '-'
 * and '+' of numbers become '_'). */
void zf_analysis_job_name(const zf_analysis_job *job, const char *pattern, zf_text *out);
/** Appends what a parameter takes, such as "a number of 0.001 to 1000000". */
void zf_parameter_describe(const zf_parameter *parameter, zf_text *out);

/* ---- analyses ---- */

/** What an analysis needs besides numbers of fields, as bits. */
enum {
    ZF_NEEDS_POINTS = 1,     /**< the packed centroids */
    ZF_NEEDS_PERIMETER = 2,  /**< the ZIP's perimeter */
    ZF_NEEDS_FOOTPRINTS = 4, /**< the footprints and the index over their boxes */
    ZF_NEEDS_FIDS = 8,       /**< its table holds rows, or it compares fids */
    ZF_NEEDS_CRS = 16        /**< also the points of the footprints in the CRS */
};

/**
 * The input of an analysis: the important buildings of one ZIP, rows 0 to n - 1 in fid order. If a job has a
 * halo, the other buildings near the ZIP follow as rows n to n + n_others - 1, also in fid order. They
 * include all buildings within the halo and some beyond it, so each job must check the distance.
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

/** Rows of an analysis's own table. Each has table.n_columns numbers (NaN is NULL; ZF_CELL_ROW is the number
 * of a building) and, if the table has geometries, a polygon as WKB in the CRS (bytes NULL: NULL). (rows.c)
 */
typedef struct zf_analysis_rows {
    zf_arena *arena;      /**< keeps what is in memory until the ZIP is written */
    const char *temp_dir; /**< for the temporary file; NULL: TMPDIR, else /tmp */
    size_t n;
    /* the buffer: rows that are not yet in the file */
    uint8_t *bytes;
    size_t n_bytes, cap;
    zf_temp_file file; /**< open when something is in it */
    uint64_t n_in_file;
    /* reading */
    uint64_t at, window_at;
    uint8_t *window, *polygon;
    size_t n_window, cap_polygon;
} zf_analysis_rows;

/** The most memory that rows take, besides twice the largest polygon. */
enum { ZF_ANALYSIS_ROWS_BYTES = 256 * 1024 };

/** Results of an analysis: one value per ZIP column; per building column an array of n cells, NULL when the
 * column is not part of the result. */
typedef struct zf_analysis_output {
    zf_value *zip_values;
    void **building_columns;
    zf_analysis_rows *rows; /**< of its own table; empty at first */
} zf_analysis_output;

/** A table of an analysis's own. The producer of its columns, which follow zip_rank and zip, is ZF_CELL_NUMBER or
 * ZF_CELL_ROW. */
typedef struct zf_analysis_table {
    const char *name; /**< may hold "{parameter}"; NULL: the analysis has no table */
    const zf_result_column *columns;
    size_t n_columns;
    bool has_polygons; /**< each row has a polygon */
} zf_analysis_table;

/** One kind of analysis. Constant, in its own file. Names of columns and of the table may hold "{parameter}".
 */
struct zf_analysis {
    const char *name;
    const char *summary; /**< one line for help and manual */
    const char *details; /**< sentences for the manual: formulas and sources; nullable */
    unsigned needs;
    unsigned (*more_needs)(const zf_analysis_job *job); /**< needs that depend on the arguments; nullable */
    const zf_parameter *parameters;
    size_t n_parameters;
    /** Checks the arguments together: NULL when they fit, else a static text that says why not. Nullable. */
    const char *(*refuses)(const zf_analysis_job *job);
    /** The columns that it adds to zip_summary. */
    const zf_result_column *zip_columns;
    size_t n_zip_columns;
    /** Those that it adds to important_building; the producer is a zf_analysis_cell. */
    const zf_result_column *building_columns;
    size_t n_building_columns;
    zf_analysis_table table;
    /** Called by zf_analysis_run. out's arrays are the caller's: zip_values has n_zip_columns,
     * building_columns n_building_columns. n may be 0. */
    zf_status (*run)(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error);
    /** The most scratch that run takes for n rows (including the others), with or without building columns to
     * fill. The ZF_ANALYSIS_ROWS_BYTES of a table are not included. */
    size_t (*scratch_bytes)(const zf_analysis_job *job, size_t n, bool has_building_columns);
};

/** Appends a copy of a row. The order of the rows is that of the result. ZF_E_MEMORY; ZF_E_OUTPUT when the
 * temporary file cannot be written. */
ZF_MUST_USE zf_status zf_analysis_rows_append(const zf_analysis_job *job, zf_analysis_rows *rows,
                                              const double *cells, zf_bytes polygon, zf_error *error);
/** Reads the next of the n rows, after all have been appended. The polygon is valid until the next call.
 * ZF_E_MEMORY; ZF_E_INPUT when the temporary file cannot be read. */
ZF_MUST_USE zf_status zf_analysis_rows_next(const zf_analysis_job *job, zf_analysis_rows *rows,
                                            double *out_cells, zf_bytes *out_polygon, zf_error *error);
/** Closes the temporary file and resets the rows to zeros; legal for zeros. */
void zf_analysis_rows_close(zf_analysis_rows *rows);

/** Runs an analysis on one ZIP. Rewinds the scratch, and puts the analysis's name in front of an error. */
ZF_MUST_USE zf_status zf_analysis_run(const zf_analysis_job *job, const zf_analysis_input *input,
                                      zf_analysis_output *out, zf_error *error);

/** Finds the column whose pattern matches a name, and appends its label with the unit; false when none
 * matches. (label.c) */
bool zf_analysis_append_label(zf_text *out, const zf_analysis *analysis, const zf_result_column *columns,
                              size_t n, const char *name);

/** All analyses, in the order of the manual. */
const zf_analysis *const *zf_analyses(size_t *out_n);
/** By name; NULL for none. */
const zf_analysis *zf_analysis_by_name(const char *name);

/** Called for a footprint within the radius; false ends the visit. */
typedef bool (*zf_near_visit)(void *user, uint32_t other, double distance_m);
/** Visits all other footprints of the ZIP within radius_m of a building's, edge to edge. The order is
 * deterministic but not sorted. Needs footprints. No allocation. (near.c) */
void zf_near_footprints(const zf_analysis_input *input, uint32_t row, double radius_m, zf_near_visit visit,
                        void *user);
/** The same for the buildings beyond the ZIP, whose rows begin at n. */
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
