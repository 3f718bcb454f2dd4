/* SPDX-License-Identifier: MIT */
/* The day on which a layer was last changed, as its file states it. */
#include "source/shapefile.h"
#include "source/source_internal.h"

#include <string.h>

static bool is_date(int64_t date) {
    const int64_t month = date / 100 % 100, day = date % 100;
    return date >= 19000101 && date <= 99991231 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* gpkg_contents.last_change: https://www.geopackage.org/spec131/#_contents */
static int64_t date_of_geopackage(const zf_source *source) {
    zf_text sql = {0};
    int64_t date = 0;
    zf_text_append(&sql,
                   "SELECT CAST(replace(substr(last_change, 1, 10), '-', '') AS INTEGER) FROM gpkg_contents "
                   "WHERE last_change GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND "
                   "lower(table_name) = lower(");
    zf_text_append_literal(&sql, source->info.layer);
    zf_text_append(&sql, ")");
    const bool is_found = !sql.is_failed && zf_source_query_integer(source, sql.bytes, &date);
    zf_text_deinit(&sql);
    return is_found ? date : 0;
}

/* Bytes 1 to 3 of the table: year after 1900, month, day. Old writers leave the constant of the library
 * shapelib, 1995-07-26, which says nothing. */
static int64_t date_of_shapefile(const zf_source *source) {
    static const int64_t constant = 19950726;
    zf_dbf dbf;
    uint8_t bytes[3];
    if (!zf_dbf_open(source, &dbf))
        return 0;
    const bool is_read = zf_shapefile_read_at(dbf.file, 1, bytes, sizeof bytes);
    zf_dbf_close(&dbf);
    const int64_t date = is_read ? (1900 + bytes[0]) * 10000 + bytes[1] * 100 + bytes[2] : 0;
    return date != constant ? date : 0;
}

void zf_source_describe_date(zf_source *source) {
    int64_t date = 0;
    if (strcmp(source->info.driver, "GPKG") == 0)
        date = date_of_geopackage(source);
    else if (strcmp(source->info.driver, "ESRI Shapefile") == 0)
        date = date_of_shapefile(source);
    source->info.date = is_date(date) ? (int)date : 0;
}
