/* SPDX-License-Identifier: MIT */
/* The CRS of the result, where SpatiaLite and QGIS look for it. */
#include "sql/database.h"

#include <stdlib.h>
#include <string.h>

enum { SRID_UNDEFINED = -1, SRID_OWN = 990001, SRID_MAX_EPSG = 989999 };

/* A whole, positive number of at most SRID_MAX_EPSG, or 0. */
static int32_t parse_code(const char *code) {
    char *end = NULL;
    long number = code != NULL && *code >= '1' && *code <= '9' ? strtol(code, &end, 10) : 0;
    return end != NULL && *end == '\0' && number > 0 && number <= SRID_MAX_EPSG ? (int32_t)number : 0;
}

/*
 * InsertEpsgSrid prints to stderr when it does not know a code, so that must be found out first. The
 * GeoPackage function of the same purpose looks the code up too and reports by SQL error: in a file that is
 * no GeoPackage, "no such table: gpkg_..." means known.
 */
static bool is_known_to_spatialite(const zf_database *db, int32_t code) {
    sqlite3_stmt *statement = NULL;
    bool is_known = false;
    if (sqlite3_prepare_v2(db->handle, "SELECT gpkgInsertEpsgSRID(?1)", -1, &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_int(statement, 1, code);
        is_known = sqlite3_step(statement) == SQLITE_ERROR &&
                   strstr(sqlite3_errmsg(db->handle), "gpkg_spatial_ref_sys") != NULL;
    }
    sqlite3_finalize(statement);
    return is_known;
}

/* Where the row is there already, nothing is done. */
static zf_status insert_known(const zf_database *db, int32_t srid, zf_error *error) {
    char sql[160];
    sqlite3_snprintf(sizeof sql, sql,
                     "SELECT CASE WHEN EXISTS(SELECT 1 FROM spatial_ref_sys WHERE srid=%d) THEN 1 ELSE "
                     "InsertEpsgSrid(%d) END",
                     srid, srid);
    return zf_database_expect_one(db, sql, error);
}

static const char *text_or(const char *text, const char *otherwise) {
    return text != NULL ? text : otherwise;
}

static zf_status insert_own(const zf_database *db, const zf_crs_info *info, int32_t srid,
                            const char *authority, int32_t code, zf_error *error) {
    sqlite3_stmt *statement = NULL;
    zf_status status =
        zf_database_prepare(db,
                            "INSERT INTO spatial_ref_sys(srid,auth_name,auth_srid,ref_sys_name,proj4text,"
                            "srtext) VALUES(?1,?2,?3,?4,?5,?6)",
                            &statement, error);
    if (status != ZF_OK)
        return status;
    sqlite3_bind_int(statement, 1, srid);
    sqlite3_bind_text(statement, 2, authority, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 3, code);
    sqlite3_bind_text(statement, 4, text_or(info->name, "unnamed"), -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 5, text_or(info->proj4, ""), -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 6, text_or(info->wkt1, text_or(info->wkt, "Undefined")), -1, SQLITE_STATIC);
    status = zf_database_step(db, statement, "record the CRS of the result", error);
    sqlite3_finalize(statement);
    return status;
}

zf_status zf_srs_add_crs(const zf_database *db, const zf_crs *crs, int32_t *out_srid, zf_error *error) {
    return zf_srs_add_info(db, crs != NULL ? zf_crs_get_info(crs) : NULL, out_srid, error);
}

zf_status zf_srs_add_info(const zf_database *db, const zf_crs_info *info, int32_t *out_srid,
                          zf_error *error) {
    if (info == NULL || (info->auth_name == NULL && info->wkt == NULL && info->proj4 == NULL)) {
        *out_srid = SRID_UNDEFINED;
        return insert_known(db, SRID_UNDEFINED, error);
    }
    int32_t code = info->auth_name != NULL ? parse_code(info->auth_code) : 0;
    if (code != 0 && zf_string_equal_nocase(info->auth_name, "EPSG")) {
        *out_srid = code;
        return is_known_to_spatialite(db, code) ? insert_known(db, code, error)
                                                : insert_own(db, info, code, "epsg", code, error);
    }
    *out_srid = SRID_OWN;
    return code != 0 ? insert_own(db, info, SRID_OWN, info->auth_name, code, error)
                     : insert_own(db, info, SRID_OWN, "zonefold", SRID_OWN, error);
}

zf_status zf_srs_add_srid(const zf_database *db, int32_t srid, bool *out_is_known, zf_error *error) {
    sqlite3_stmt *statement = NULL;
    zf_status status =
        zf_database_prepare(db, "SELECT 1 FROM spatial_ref_sys WHERE srid=?1", &statement, error);
    if (status != ZF_OK)
        return status;
    sqlite3_bind_int(statement, 1, srid);
    *out_is_known = sqlite3_step(statement) == SQLITE_ROW;
    sqlite3_finalize(statement);
    if (*out_is_known || srid <= 0 || !is_known_to_spatialite(db, srid))
        return ZF_OK;
    *out_is_known = true;
    return insert_known(db, srid, error);
}
