/* SPDX-License-Identifier: MIT */
/**
 * @file queries.h
 * User queries: SELECTs that run once per ZIP over the table `building`, which holds the ZIP's important
 * buildings. They run in a child process, in a private temporary database with SpatiaLite's functions and the
 * EPSG's list of CRS. The child may hold as much memory as zf_queries_bytes allows, and no more: what GEOS
 * and SpatiaLite allocate cannot be limited inside of a process without wrong results (src/decisions/0393).
 * A query can read `building` and call functions whose result depends on nothing but their arguments. It
 * reaches no other table, no file, no network, no clock and no random number.
 */
#ifndef ZF_SQL_QUERIES_H
#define ZF_SQL_QUERIES_H

#include "geometry/geometry.h"
#include "memory/memory.h"

typedef struct zf_queries zf_queries;
/** The child process in which the queries of one run are checked, and then run. */
typedef struct zf_query_process zf_query_process;

/** What a run of so much memory (0: without a limit of its own) must leave to its queries. */
size_t zf_queries_bytes(size_t memory_bytes);
/**
 * Starts the process. Call it before the run has threads, and as early as possible: the child inherits the
 * memory. Fails as zf_peer_start does.
 * @param callbacks borrowed until the end; nullable.
 */
ZF_MUST_USE zf_status zf_query_process_start(size_t memory_bytes, const zf_callbacks *callbacks,
                                             zf_query_process **out, zf_error *error);
void zf_query_process_end(zf_query_process *process); /**< NULL is legal */

typedef struct zf_query {
    const char *name; /**< of the table of its results */
    const char *path; /**< of the file it was read from, for error messages */
    const char *sql;  /**< one SELECT, or WITH ... SELECT; comments and a semicolon at its end are allowed */
    bool is_taken;    /**< the result has a table of that name; set by zf_queries_open */
} zf_query;

/** Borrowed for the call. */
typedef struct zf_queries_options {
    const zf_column *columns; /**< of building, before `geom`; later duplicates, a column `geom` and lists
                                 cannot be read */
    size_t n_columns;
    const char *geometry_type; /**< of `geom`, static storage: "POINT", "MULTIPOINT", "MULTILINESTRING",
                                  "MULTIPOLYGON", or "GEOMETRY"; NULL: MULTIPOLYGON */
    const zf_query *queries;
    size_t n_queries;
    bool (*is_table_name)(const char *name); /**< whether the result has a table of that name; nullable */
    const char *temp_dir;
    const zf_callbacks *callbacks; /**< copied; nullable */
    zf_budget *budget;             /**< charged with zf_queries_bytes until they are closed; nullable */
    zf_query_process *process;     /**< borrowed until they are closed; NULL: they start one of their own */
} zf_queries_options;

/** The columns of one query's result, after zip_rank and zip. */
typedef struct zf_query_columns {
    const char **names; /**< as they will be called in the result */
    size_t n;
} zf_query_columns;

/** What a plan needs to know of the queries. */
typedef struct zf_queries_info {
    size_t *used; /**< n_used numbers of the columns of building that some query reads, ascending */
    size_t n_used;
    bool use_geometry;
    zf_query_columns *results; /**< one per query */
} zf_queries_info;

/**
 * Checks the queries: compiles them and runs each once without buildings. Touches no file. With a `process`,
 * they are kept there for zf_queries_open, without a charge on the budget; else everything is closed again.
 * @param arena takes *out.
 * @return ZF_E_USAGE, with file and line, for what is not one SELECT, is wrong or is not allowed, and for
 * names that are given twice or belong to other tables; ZF_E_MEMORY.
 */
ZF_MUST_USE zf_status zf_queries_check(const zf_queries_options *options, zf_arena *arena,
                                       zf_queries_info *out, zf_error *error);

/** Opens the database and compiles the queries, or takes those that zf_queries_check has left in `process`: the
 * options must be the same. Fails as zf_queries_check does. */
ZF_MUST_USE zf_status zf_queries_open(const zf_queries_options *options, zf_queries **out, zf_error *error);
void zf_queries_close(zf_queries *queries);         /**< NULL is legal */
size_t zf_queries_count(const zf_queries *queries); /**< of NULL 0 */
const char *zf_queries_name(const zf_queries *queries, size_t k);
/** Columns of a query's result after zip_rank and zip. */
size_t zf_queries_n_columns(const zf_queries *queries, size_t k);

/** Call before the first ZIP. crs: of the footprints. ZF_E_OUTPUT: the temporary directory is not writable.
 */
ZF_MUST_USE zf_status zf_queries_start(zf_queries *queries, const zf_crs *crs, zf_error *error);
/**
 * Inserts one building of the next ZIP. What goes wrong with it may be told by a later call only.
 * @param values of the used columns, in their order.
 * @param wkb    its footprint, where `geom` is used.
 */
ZF_MUST_USE zf_status zf_queries_add_building(zf_queries *queries, const zf_value *values, zf_bytes wkb,
                                              zf_error *error);
/**
 * Runs all queries over the buildings inserted, stores the rows of their results in the temporary database,
 * and deletes the buildings.
 * @return ZF_E_USAGE when a query fails, or gives a column values that no single type holds; ZF_E_OUTPUT when
 * the temporary file cannot be written; ZF_E_CANCELLED (checked inside long statements too); ZF_E_MEMORY.
 */
ZF_MUST_USE zf_status zf_queries_run(zf_queries *queries, uint32_t rank, const char *zip, zf_error *error);

/* ---- query results: to be read after the last ZIP ---- */

/** One column of a query's result, from all of its values. */
typedef struct zf_query_column {
    const char *name;
    zf_field_type type;
    bool has_geometry; /**< a value is a geometry; the first one's SRID, type and dimensions follow */
    bool is_mixed;     /**< not all values are geometries of one SRID and dimension */
    int32_t srid;
    unsigned geometry_type; /**< common type of all, as SpatiaLite numbers them; 0: several kinds */
    unsigned dimensions;    /**< 0: XY, 1: XYZ, 2: XYM, 3: XYZM */
} zf_query_column;
/** *out: the columns of query k's result, zf_queries_n_columns of them; borrowed. Fails as zf_queries_run
 * does. */
ZF_MUST_USE zf_status zf_queries_result_columns(zf_queries *queries, size_t k, const zf_query_column **out,
                                                zf_error *error);

/** Begins to read query k's result, in the order in which its rows came. Read on to ZF_DONE before another
 * call, or close the queries. */
ZF_MUST_USE zf_status zf_query_rows_begin(zf_queries *queries, size_t k, zf_error *error);
/** out_values: rank, ZIP and the columns' values, borrowed until the next call. ZF_DONE after the last row;
 * ZF_E_CANCELLED; ZF_E_MEMORY when a row does not fit into the budget. */
ZF_MUST_USE zf_status zf_query_rows_next(zf_queries *queries, zf_value *out_values, zf_error *error);

#endif
