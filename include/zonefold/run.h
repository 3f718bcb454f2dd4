/* SPDX-License-Identifier: MIT */
/**
 * @file run.h
 * The main job: ZIPs and buildings in, one SpatiaLite file out.
 */
#ifndef ZONEFOLD_RUN_H
#define ZONEFOLD_RUN_H

#include "zonefold/callbacks.h"
#include "zonefold/status.h"
#include "zonefold/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** When a building belongs to a ZIP. All rules from `centroid` on are of a shape derived from it. */
typedef enum zf_assign_rule {
    ZF_ASSIGN_WITHIN = 0,  /**< OGC within: interiors meet, nothing of the building outside the ZIP */
    ZF_ASSIGN_COVERED_BY,  /**< no point of the building outside the ZIP */
    ZF_ASSIGN_INTERSECTS,  /**< any point in common */
    ZF_ASSIGN_CENTROID,    /**< the centroid is within */
    ZF_ASSIGN_INNER_POINT, /**< the point on surface is within */
    ZF_ASSIGN_LARGEST, /**< the one ZIP with the largest part of its area; of equal parts, the lower rank */
    ZF_ASSIGN_SHARE,   /**< every ZIP that has a part of its area, weighted by that part */
    ZF_ASSIGN_END
} zf_assign_rule;

/** How areas and distances are taken. */
typedef enum zf_measure_mode {
    ZF_MEASURE_AUTO = 0, /**< geodesic for a geographic CRS, else planar */
    ZF_MEASURE_GEODESIC, /**< on the ellipsoid of the buildings' CRS */
    ZF_MEASURE_PLANAR,   /**< in the CRS's plane, its unit turned into metres; refused for a geographic CRS */
    ZF_MEASURE_END
} zf_measure_mode;

/** What becomes of an invalid geometry. */
typedef enum zf_on_invalid {
    ZF_INVALID_REPAIR = 0, /**< repaired, counted, listed in rejected_feature */
    ZF_INVALID_SKIP,       /**< left out, listed in rejected_feature */
    ZF_INVALID_FAIL,       /**< ends the run with ZF_E_INPUT */
    ZF_INVALID_END
} zf_on_invalid;

/** How much of each important building is written. */
typedef enum zf_buildings_out {
    ZF_BUILDINGS_GEOMETRY = 0, /**< all columns and the footprint */
    ZF_BUILDINGS_ATTRIBUTES,   /**< all columns, no footprint */
    ZF_BUILDINGS_IDS,          /**< which building in which ZIP, nothing else */
    ZF_BUILDINGS_NONE,         /**< no table important_building */
    ZF_BUILDINGS_END
} zf_buildings_out;

/** Options of a run. Strings are UTF-8, borrowed for the call; NULL means "not given". Zero is the default of
 * each member. */
typedef struct zf_run_options {
    const char *zips;              /**< file of the zone layer; required */
    const char *zips_layer;        /**< default: the only layer */
    const char *zip_field;         /**< default: the only well-known field */
    const char *zip_where;         /**< OGR attribute filter on the zone layer */
    const char *order_by;          /**< FIELD or "FIELD DESC"; default: the ZIP id as text */
    const char *const *zip_fields; /**< fields of the zone layer to carry into zip_summary */
    size_t n_zip_fields;
    const char *const
        *zip_computes; /**< "NAME=EXPR": columns of zip_summary, each over the columns before it */
    size_t n_zip_computes;
    bool combine;          /**< unite all selected ZIPs into one zone named `all` */
    const char *zips_crs;  /**< what the zone layer's coordinates are in */
    const char *buildings; /**< file of the building layer; required */
    const char *buildings_layer;
    const char *buildings_crs;
    const char *encoding; /**< of the texts of shapefiles without a usable .cpg */
    const char
        *zips_encoding; /**< of the texts of a zone layer that is a shapefile, whatever its .cpg says */
    const char *buildings_encoding;
    const char *const *zips_open_options; /**< "KEY=VALUE": GDAL's open options of the zone layer's format */
    size_t n_zips_open_options;
    const char *const *buildings_open_options; /**< the same of the building layer's */
    size_t n_buildings_open_options;
    zf_assign_rule assign;
    const char *const *computes; /**< "NAME=EXPR": columns, each over the fields, the measures and the columns
                                    before it */
    size_t n_computes;
    const char *where;        /**< SQLite expression; buildings for which it is true are important */
    const char *const *rules; /**< "NAME=EXPR": further conditions, in order, after where */
    size_t n_rules;
    const char *const *stats; /**< "FIELD=STAT[,STAT...]"; default: area_m2=sum,mean,median,min,max */
    size_t n_stats;
    const char *const *analyses; /**< "NAME[:key=value,...]" or "none"; default: nearest */
    size_t n_analyses;
    const char *const *analysis_sqls; /**< "NAME=FILE.sql" or "NAME=SELECT ...": one SELECT each, asked per
                                         ZIP of the table building */
    size_t n_analysis_sqls;
    const char *const
        *tops; /**< "N:MEASURE": the N largest important buildings of each ZIP, in a table each */
    size_t n_tops;
    const char *const *by; /**< building fields, measures or computed columns: for each of their values in a
                              ZIP, the table zip_group has the counts and statistics once more */
    size_t n_by;
    zf_measure_mode measure;
    const char *const *fields; /**< further building fields (or measures) to carry into the result */
    size_t n_fields;
    const char *map_by; /**< column of zip_summary by which QGIS colours the ZIPs; default: the first
                           statistic of `stats`, else `important` if there are conditions, else `coverage` */
    const char *title;  /**< of the map; default: says what the colours mean */
    const char *output; /**< result file; required */
    bool overwrite;     /**< replace an existing output, once the new one is complete */
    zf_buildings_out buildings_out;
    const char *trace;    /**< CSV file of the memory timeline */
    size_t memory_bytes;  /**< for the work itself; 0: 256 MiB. Never changes the result */
    const char *temp_dir; /**< for what does not fit in memory; default: TMPDIR, else /tmp */
    size_t batch_size;    /**< buildings per batch; 0: chosen. Never changes the result */
    zf_on_invalid on_invalid;
    size_t n_threads; /**< 0: all processors this process may use. Never changes the result */
} zf_run_options;

/** The count ledger of a run. It balances: read = assigned + crossing + outside + empty + skipped. */
typedef struct zf_run_counts {
    uint64_t zips_read;            /**< features of the zone layer read */
    uint64_t zips_selected;        /**< zones they make */
    uint64_t zip_features_skipped; /**< zone features left out, each listed in rejected_feature */
    uint64_t buildings_read;
    uint64_t buildings_assigned; /**< to at least one ZIP */
    uint64_t buildings_crossing; /**< assigned to none, but touching the interior of one */
    uint64_t buildings_outside;
    uint64_t buildings_empty;   /**< null or empty geometry */
    uint64_t buildings_skipped; /**< unusable, or invalid under ZF_INVALID_SKIP */
    uint64_t buildings_in_many; /**< assigned to more than one ZIP */
    uint64_t buildings_repaired;
    uint64_t assignments; /**< (building, ZIP) pairs */
    uint64_t important;   /**< pairs that pass every condition */
} zf_run_counts;

/** The i-th count and its name in the result's run_count: "zips_read", ...; NULL after the last. */
ZF_API const char *zf_counts_get(const zf_run_counts *counts, size_t i, uint64_t *out_value);

/** The ledger of areas of a run that assigns by share. It balances: assigned = in_zips - in_many + beyond,
 * but for the rounding of overlays. */
typedef struct zf_run_areas {
    double assigned_m2; /**< of the buildings assigned to at least one ZIP */
    double in_zips_m2;  /**< of their parts in ZIPs: share times area, over all pairs */
    double in_many_m2;  /**< of these, what lies in a ZIP after another ZIP had it */
    double beyond_m2;   /**< of their parts outside all ZIPs */
} zf_run_areas;

/** A condition of the funnel. */
typedef struct zf_run_step {
    char *rule;       /**< its name; "where" */
    uint64_t passed;  /**< pairs of a building and a ZIP that passed it and all before it */
    uint64_t dropped; /**< pairs that passed all before it, but not it */
} zf_run_step;

/** A table of the result. */
typedef struct zf_run_table {
    char *name;
    uint64_t n_rows;
} zf_run_table;

/** What a run tells besides its result file. */
typedef struct zf_run_report {
    zf_run_counts counts;
    zf_run_step *funnel; /**< n_funnel conditions, in order; on the heap */
    size_t n_funnel;
    uint64_t
        rejected;    /**< rows of rejected_feature: features repaired, skipped or unusable, of both layers */
    bool has_groups; /**< with `by` */
    uint64_t n_groups; /**< rows of zip_group */
    bool has_areas;    /**< under ZF_ASSIGN_SHARE */
    zf_run_areas areas;
    zf_run_table *tables; /**< n_tables of the result, without those about the run (run_...); on the heap */
    size_t n_tables;
} zf_run_report;

/** One row of zip_summary as it is written, without its geometry. Borrowed for the call. */
typedef struct zf_zip_line {
    uint32_t rank;
    const char *zip;
    const zf_column *columns; /**< n: the columns of zip_summary after `zip`, before `geom` */
    const zf_value *values;   /**< n */
    size_t n;
    size_t n_fixed;                  /**< the first of them, which every result has */
    size_t first_default, n_default; /**< those of statistics and analyses that no option asked for */
} zf_zip_line;

/** Called for each ZIP that is finished, in rank order, from one thread. The run may still fail afterwards. A
 * failure ends the run, and is what zf_run returns. */
typedef zf_status zf_zip_done(void *user, const zf_zip_line *line, zf_error *error);

/** Frees what a report holds; of a zeroed one, nothing. */
ZF_API void zf_run_report_deinit(zf_run_report *report);

/** Whether what follows NAME= of `analysis_sqls` is SQL itself, not a file: its first word is SELECT or WITH,
 * in any case. A file of such a name is given as ./NAME. */
ZF_API bool zf_query_is_sql(const char *text);

/**
 * Run the main job.
 *
 * @param options    borrowed for the call.
 * @param callbacks  nullable.
 * @param zip_done   nullable; told each ZIP's row of zip_summary.
 * @param user       passed to zip_done.
 * @param out_report nullable; filled on ZF_OK, and then the caller's to zf_run_report_deinit.
 * @param error      nullable.
 * @return ZF_OK, or the failure's status. On any failure the output is as it was before the call and no
 * temporary file is left. Cost: one sequential pass over the buildings, more only where the ZIPs of a pass
 * do not fit in memory. Not reentrant with other users of
 * GDAL error handlers in the same thread. With analysis_sqls it forks: see zonefold.h.
 */
ZF_API ZF_MUST_USE zf_status zf_run(const zf_run_options *options, const zf_callbacks *callbacks,
                                    zf_zip_done *zip_done, void *user, zf_run_report *out_report,
                                    zf_error *error);

#ifdef __cplusplus
}
#endif
#endif
