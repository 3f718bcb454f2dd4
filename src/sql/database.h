/* SPDX-License-Identifier: MIT */
/**
 * @file database.h
 * An SQLite connection with SpatiaLite's functions. The result file and the temporary database of the user's
 * queries are opened with it.
 */
#ifndef ZF_SQL_DATABASE_H
#define ZF_SQL_DATABASE_H

#include "geometry/geometry.h"

#include <sqlite3.h>

/** The text of every time stamp that SpatiaLite writes. */
#define ZF_DATABASE_EPOCH "1970-01-01T00:00:00.000Z"
/** Name of the geometry column of all tables that zonefold defines. */
#define ZF_GEOMETRY_COLUMN "geom"

/** Zero-initialise. Whoever opens the handle sets path and callbacks. */
typedef struct zf_database {
    sqlite3 *handle;
    void *spatialite;              /**< SpatiaLite's state of the connection */
    const char *path;              /**< the output, for error messages; borrowed, nullable */
    const zf_callbacks *callbacks; /**< borrowed, nullable */
} zf_database;

/** Registers SpatiaLite's functions on the open handle, and a strftime() that always returns
 * ZF_DATABASE_EPOCH. */
ZF_MUST_USE zf_status zf_database_add_spatialite(zf_database *db, zf_error *error);
/** Closes the handle and frees SpatiaLite's state. All statements must be finalised. Idempotent. */
ZF_MUST_USE zf_status zf_database_close(zf_database *db, zf_error *error);

/** The connection's last error as a status; the error text begins with "cannot <what>: ". */
zf_status zf_database_error(const zf_database *db, const char *what, zf_error *error);
/** Runs statements that return no rows. */
ZF_MUST_USE zf_status zf_database_run(const zf_database *db, const char *sql, const char *what,
                                      zf_error *error);
ZF_MUST_USE zf_status zf_database_prepare(const zf_database *db, const char *sql, sqlite3_stmt **out,
                                          zf_error *error);
/** Steps a statement without rows to its end and resets it. */
ZF_MUST_USE zf_status zf_database_step(const zf_database *db, sqlite3_stmt *statement, const char *what,
                                       zf_error *error);
/** Runs a SELECT of one integer, for SpatiaLite's functions with side effects. ZF_E_INTERNAL with the SQL
 * unless the integer is 1. */
ZF_MUST_USE zf_status zf_database_expect_one(const zf_database *db, const char *sql, zf_error *error);
/** Writes SQLite's cached pages to the file. */
ZF_MUST_USE zf_status zf_database_flush(const zf_database *db, zf_error *error);
/** Lets the caller's cancel interrupt our own statements. Keep it off while SpatiaLite runs statements of its
 * own: it prints when they are interrupted. */
void zf_database_watch_cancel(const zf_database *db, bool is_on);

/* ---- spatial_ref_sys.c ---- */

/** Inserts the CRS into spatial_ref_sys. *out_srid: see zf_output_options.crs. */
ZF_MUST_USE zf_status zf_srs_add_crs(const zf_database *db, const zf_crs *crs, int32_t *out_srid,
                                     zf_error *error);
/** The same by what is known of it; NULL: undefined. */
ZF_MUST_USE zf_status zf_srs_add_info(const zf_database *db, const zf_crs_info *info, int32_t *out_srid,
                                      zf_error *error);
/** Inserts the CRS of a SRID that SpatiaLite knows. *out_is_known: spatial_ref_sys has the SRID now. */
ZF_MUST_USE zf_status zf_srs_add_srid(const zf_database *db, int32_t srid, bool *out_is_known,
                                      zf_error *error);

#endif
