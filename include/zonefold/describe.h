/* SPDX-License-Identifier: MIT */
/**
 * @file describe.h
 * Names and descriptions of what the library offers: values of options, measures, statistics, analyses. For
 * help, manual and completion. Everything returned is in static storage.
 */
#ifndef ZONEFOLD_DESCRIBE_H
#define ZONEFOLD_DESCRIBE_H

#include "zonefold/run.h"
#include "zonefold/text.h"
#include "zonefold/value.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- values of options: "unknown" for a value that is none ---- */

ZF_API const char *zf_assign_rule_name(zf_assign_rule rule);     /**< "within", "covered-by", ... */
ZF_API const char *zf_measure_mode_name(zf_measure_mode mode);   /**< "auto", "geodesic", "planar" */
ZF_API const char *zf_on_invalid_name(zf_on_invalid policy);     /**< "repair", "skip", "fail" */
ZF_API const char *zf_buildings_out_name(zf_buildings_out what); /**< "geometry", "attributes", ... */

/* ---- measures and statistics ---- */

/** The i-th measure of a building, "area_m2", "perimeter_m", ...; NULL after the last. */
ZF_API const char *zf_describe_measure(size_t i);
/** Appends the statistics that a field of this type takes, spaces between them; "pNN" for percentiles. */
ZF_API void zf_describe_statistics(zf_field_type type, zf_text *out);

/** One statistic. */
typedef struct zf_statistic_description {
    const char *name;       /**< "pNN" for percentiles; NULL: there is no such statistic */
    const char *definition; /**< half a sentence */
    const char *null_when;  /**< half a sentence after "NULL"; NULL: never */
    bool is_of_numbers;     /**< numbers and booleans take it */
    bool is_weighted;       /**< weights change it */
} zf_statistic_description;

/** The i-th statistic, in the order of the manual; `name` is NULL after the last. */
ZF_API zf_statistic_description zf_describe_statistic(size_t i);

/* ---- analyses ---- */

/** One analysis. */
typedef struct zf_analysis_description {
    const char *name;    /**< NULL: there is no such analysis */
    const char *summary; /**< one line */
    const char *details; /**< sentences: formulas and sources; NULL: none */
    size_t n_parameters;
    size_t n_columns; /**< that it adds to tables of the result */
} zf_analysis_description;

/** One parameter of an analysis. */
typedef struct zf_parameter_description {
    const char *name;       /**< with its unit: "within_m" */
    const char *help;       /**< half a sentence */
    const char *by_default; /**< as it would be written; NULL: none */
    bool is_required;
    size_t n_words; /**< of a choice; else 0 */
} zf_parameter_description;

/** One word of a parameter that is a choice. */
typedef struct zf_word_description {
    const char *word;
    const char *in_names; /**< what stands for it in names of columns */
} zf_word_description;

/** One column of a table of the result. Texts may hold options' parameters in backquotes. */
typedef struct zf_column_description {
    const char *table; /**< "zip_summary", "important_building" or the analysis's own */
    const char *name;  /**< may hold "{parameter}", which its value replaces; NULL: no such column */
    zf_field_type type;
    const char *unit;       /**< "m²"; NULL: none */
    const char *definition; /**< half a sentence: what it holds */
    const char *null_when;  /**< half a sentence after "NULL"; NULL: never */
    const char *label;      /**< for people, without the unit */
    bool is_primary_key;
} zf_column_description;

/** The i-th analysis, in the order of the manual; `name` is NULL after the last. */
ZF_API zf_analysis_description zf_describe_analysis(size_t i);
/** The k-th of its n_parameters. */
ZF_API zf_parameter_description zf_describe_parameter(size_t analysis, size_t k);
/** Appends what the parameter takes: "a number of 0.001 to 1000000". */
ZF_API void zf_describe_values(size_t analysis, size_t k, zf_text *out);
/** The w-th of the parameter's n_words. */
ZF_API zf_word_description zf_describe_word(size_t analysis, size_t k, size_t w);
/** The c-th of its n_columns: those of important_building, of zip_summary, of its own table. */
ZF_API zf_column_description zf_describe_column(size_t analysis, size_t c);

/* ---- tables of the result ---- */

/** The c-th of the columns that every run gives a table: "zip_summary", "run_info", ...; "analysis" for the
 * tables of analyses and user queries. Geometry columns are not listed. `name` is NULL after the last, and
 * for an unknown table. */
ZF_API zf_column_description zf_describe_table_column(const char *table, size_t c);
/** The i-th measure as a column of important_building; `name` is NULL after the last. */
ZF_API zf_column_description zf_describe_measure_column(size_t i);

#ifdef __cplusplus
}
#endif
#endif
