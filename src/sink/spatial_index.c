/* SPDX-License-Identifier: MIT */
/* The spatial index of a layer: SQLite's R*Tree under SpatiaLite's name. */
#include "sink/sink_internal.h"

/* Reads only the envelopes in the blobs' heads. Our own statement: quiet when it fails, and it can be
 * interrupted. */
zf_status zf_sink_index_build(const zf_sink_db *db, const zf_sink_table *table, zf_error *error) {
    char sql[512];
    sqlite3_snprintf(sizeof sql, sql,
                     "INSERT INTO \"idx_%w_" ZF_SINK_GEOMETRY "\"(pkid,xmin,xmax,ymin,ymax) "
                     "SELECT rowid,MbrMinX(" ZF_SINK_GEOMETRY "),MbrMaxX(" ZF_SINK_GEOMETRY
                     "),MbrMinY(" ZF_SINK_GEOMETRY "),MbrMaxY(" ZF_SINK_GEOMETRY
                     ") FROM \"%w\" WHERE " ZF_SINK_GEOMETRY " IS NOT NULL",
                     table->name, table->name);
    zf_sink_db_watch_cancel(db, true);
    zf_status status = zf_sink_db_run(db, sql, "build the spatial index of the result", error);
    zf_sink_db_watch_cancel(db, false);
    return status;
}

zf_status zf_sink_index_check(const zf_sink_db *db, const zf_sink_table *table, zf_error *error) {
    char sql[256];
    sqlite3_snprintf(sizeof sql, sql, "SELECT CheckSpatialIndex('%q','" ZF_SINK_GEOMETRY "')", table->name);
    zf_status status = zf_sink_db_expect_one(db, sql, error);
    return status == ZF_OK ? ZF_OK
                           : zf_error_within(error, status, "the spatial index of the result is wrong");
}
