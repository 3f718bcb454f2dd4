/* SPDX-License-Identifier: MIT */
/* What is in a finished result, as SQLite and SpatiaLite see it. */
#include "unit/output_bench.h"

#include <math.h>
#include <time.h>

static const char *const layers[] = {"zip_summary", "important_building", "rejected_feature"};

static const char *askf(reader *r, const char *format, const char *name) {
    char sql[2048];
    sqlite3_snprintf(sizeof sql, sql, format, name, name, name, name, name);
    return ask(r, sql);
}

static void assert_layers_are_sound(reader *r) {
    assert_string_equal(ask(r, "PRAGMA integrity_check"), "ok");
    assert_string_equal(ask(r, "SELECT CheckSpatialMetaData()"), "3");
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(askf(r, "SELECT CheckSpatialIndex('%s','geom')", layers[i]), "1");
}

static void a_result_without_zips_and_buildings_is_sound(void **state) {
    bench *b = *state;
    zf_output_options options = bench_options(b);
    write_result(&options, 0, 0);
    reader *r = reader_open(b->path);
    assert_string_equal(ask(r, "SELECT count(*) FROM spatialite_history"),
                        "0"); /* CheckSpatialIndex writes there */
    assert_layers_are_sound(r);
    assert_string_equal(ask(r, "SELECT count(*) FROM zip_summary"), "0");
    assert_string_equal(ask(r, "SELECT f_table_name,geometry_type,coord_dimension,srid,spatial_index_enabled "
                               "FROM geometry_columns"),
                        "zip_summary|6|2|2249|1;important_building|6|2|2249|1;rejected_feature|1|2|2249|1");
    assert_string_equal(ask(r, "SELECT f_table_name,row_count,extent_min_x FROM geometry_columns_statistics"),
                        "zip_summary|0|NULL;important_building|0|NULL;rejected_feature|0|NULL");
    reader_close(r);
}

static void tables_have_the_columns_of_the_contract(void **state) {
    bench *b = *state;
    zf_output_options options = bench_options(b);
    write_result(&options, 1, 1);
    reader *r = reader_open(b->path);
    const char *columns = "SELECT group_concat(name||' '||type||' '||pk,',') FROM pragma_table_info('%s')";
    assert_string_equal(askf(r, columns, "zip_summary"),
                        "zip_rank INTEGER 1,zip TEXT 0,parts BIGINT 0,area_m2 REAL 0,geom MULTIPOLYGON 0");
    assert_string_equal(askf(r, columns, "important_building"),
                        "id INTEGER 1,zip_rank BIGINT 0,zip TEXT 0,building_fid BIGINT 0,height REAL "
                        "0,levels BIGINT 0,use TEXT 0,"
                        "photo BLOB 0,geom MULTIPOLYGON 0");
    assert_string_equal(askf(r, columns, "rejected_feature"),
                        "id INTEGER 1,layer TEXT 0,fid BIGINT 0,reason TEXT 0,detail TEXT 0,action TEXT "
                        "0,area_delta_m2 REAL 0,geom POINT 0");
    assert_string_equal(askf(r, columns, "run_count"), "name TEXT 1,value BIGINT 0");
    assert_string_equal(askf(r, columns, "run_funnel"),
                        "step INTEGER 1,rule TEXT 0,passed BIGINT 0,dropped BIGINT 0");
    assert_string_equal(askf(r, columns, "run_info"), "key TEXT 1,value TEXT 0");
    assert_string_equal(askf(r, columns, "run_input"),
                        "id INTEGER 1,role TEXT 0,file TEXT 0,layer TEXT 0,bytes BIGINT 0,sha256 TEXT "
                        "0,features BIGINT 0,crs TEXT 0");
    reader_close(r);
}

static void every_column_type_has_its_sqlite_type(void **state) {
    bench *b = *state;
    const zf_column columns[] = {{"a", ZF_FIELD_INTEGER},  {"b", ZF_FIELD_REAL}, {"c", ZF_FIELD_BOOLEAN},
                                 {"d", ZF_FIELD_TEXT},     {"e", ZF_FIELD_DATE}, {"f", ZF_FIELD_TIME},
                                 {"g", ZF_FIELD_DATETIME}, {"h", ZF_FIELD_BLOB}};
    zf_output_options options = bench_options(b);
    options.zip_columns = (zf_output_columns){columns, 8};
    write_result(&options, 0, 0);
    reader *r = reader_open(b->path);
    assert_string_equal(
        ask(r, "SELECT group_concat(name||' '||type,',') FROM pragma_table_info('zip_summary')"),
        "zip_rank INTEGER,zip TEXT,a BIGINT,b REAL,c INTEGER,d TEXT,e TEXT,f TEXT,g TEXT,h BLOB,geom "
        "MULTIPOLYGON");
    reader_close(r);
}

static void rows_come_back_as_they_were_written(void **state) {
    bench *b = *state;
    zf_output_options options = bench_options(b);
    write_result(&options, 2, 3);
    reader *r = reader_open(b->path);
    assert_layers_are_sound(r);
    assert_string_equal(
        ask(r, "SELECT zip_rank,zip,parts,area_m2,AsText(geom) FROM zip_summary WHERE zip_rank=2"),
        "2|00002|1|10000.0|MULTIPOLYGON(((2000 0, 2500 0, 2500 500, 2000 500, 2000 0)))");
    assert_string_equal(
        ask(r, "SELECT id,zip_rank,zip,building_fid,height,levels,use,hex(photo) FROM important_building"),
        "1|1|00001|100|NULL|-2|gar\xC3\xA7on|;2|1|00001|101|1.5|-1|NULL|00;3|1|00001|102|3.0|0|gar\xC3\xA7on|"
        "0001;"
        "4|2|00002|100|NULL|-2|gar\xC3\xA7on|;5|2|00002|101|1.5|-1|NULL|00;6|2|00002|102|3.0|0|gar\xC3\xA7on|"
        "0001");
    assert_string_equal(ask(r, "SELECT DISTINCT GeometryType(geom),SRID(geom) FROM important_building"),
                        "MULTIPOLYGON|2249");
    assert_string_equal(
        ask(r, "SELECT count(*) FROM important_building WHERE rowid IN (SELECT rowid FROM SpatialIndex WHERE "
               "f_table_name='important_building' AND search_frame=BuildMbr(999,-1,1004,1))"),
        "1");
    reader_close(r);
}

/* Some so long that they wait alone, some empty, some not there. */
static void texts_of_any_length_come_back(void **state) {
    enum { N_ROWS = 900, N_MOST = 700000 };
    static wkb_writer w;
    static char letters[N_MOST + 1];
    bench *b = *state;
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    uint64_t n_letters = 0;
    char expected[64];
    assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
    for (uint32_t row = 0; row < N_ROWS; row++) {
        const size_t n = row % 100 == 7 ? row * 700 : row % 3 == 0 ? 0 : row % 11 * 40;
        memset(letters, 'a' + (int)(row % 26), n);
        const zf_bytes text = {(const uint8_t *)letters, n};
        const zf_value v[] = {zf_value_null(), zf_value_integer((int64_t)n),
                              row % 5 == 4 ? zf_value_null() : zf_value_bytes(ZF_VALUE_TEXT, text),
                              zf_value_bytes(ZF_VALUE_BLOB, text)};
        assert_int_equal(zf_output_write_building(output, 1, "z", row, v, square(&w, row, 0, 1), NULL),
                         ZF_OK);
        n_letters += n;
    }
    assert_int_equal(zf_output_finish(output, NULL), ZF_OK);
    reader *r = reader_open(b->path);
    snprintf(expected, sizeof expected, "900|%llu|180|0", (unsigned long long)n_letters);
    assert_string_equal(
        ask(r, "SELECT count(*),sum(length(photo)),sum(use IS NULL),"
               "sum(NOT (length(photo)=levels AND id=building_fid+1 AND (use IS NULL)=(building_fid%5=4) AND "
               "trim(CAST(photo AS TEXT),char(97+building_fid%26))='' AND "
               "coalesce(use,CAST(photo AS TEXT))=CAST(photo AS TEXT))) FROM important_building"),
        expected);
    assert_layers_are_sound(r);
    reader_close(r);
}

static void the_small_tables_hold_what_they_are_told(void **state) {
    bench *b = *state;
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    const zf_rejected a = {true, 7, "invalid", "Self-intersection", true, -1.5, 3, 4};
    const zf_rejected c = {false, ZF_NO_FID, "no geometry", NULL, false, NAN, NAN, NAN};
    const zf_output_input zips = {"zips", "z.gpkg", "z", 5, "ab", 12, "EPSG:2249"};
    const zf_output_input buildings = {"buildings", "b.shp", "b", 6, "cd", -1, NULL};
    assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
    assert_int_equal(zf_output_write_rejected(output, &a, NULL), ZF_OK);
    assert_int_equal(zf_output_write_rejected(output, &c, NULL), ZF_OK);
    assert_int_equal(zf_output_write_count(output, "zips_read", 9000000000u, NULL), ZF_OK);
    assert_int_equal(zf_output_write_funnel(output, 1, "where", 5, 6, NULL), ZF_OK);
    assert_int_equal(zf_output_write_info(output, "job", "{}", NULL), ZF_OK);
    assert_int_equal(zf_output_write_info(output, "note", NULL, NULL), ZF_OK);
    assert_int_equal(zf_output_write_input(output, &zips, NULL), ZF_OK);
    assert_int_equal(zf_output_write_input(output, &buildings, NULL), ZF_OK);
    assert_int_equal(zf_output_finish(output, NULL), ZF_OK);
    reader *r = reader_open(b->path);
    assert_layers_are_sound(r);
    assert_string_equal(
        ask(r, "SELECT id,layer,fid,reason,detail,action,area_delta_m2,AsText(geom) FROM rejected_feature"),
        "1|zips|7|invalid|Self-intersection|repaired|-1.5|POINT(3 4);2|buildings|NULL|no "
        "geometry|NULL|skipped|NULL|NULL");
    assert_string_equal(ask(r, "SELECT * FROM run_count"), "zips_read|9000000000");
    assert_string_equal(ask(r, "SELECT * FROM run_funnel"), "1|where|5|6");
    assert_string_equal(ask(r, "SELECT * FROM run_info WHERE key NOT LIKE 'content%'"), "job|{};note|NULL");
    assert_string_equal(ask(r, "SELECT group_concat(key,' '),min(length(value)),max(length(value)) FROM "
                               "run_info WHERE key LIKE 'content%'"),
                        "content_sha256.zip_summary content_sha256.important_building "
                        "content_sha256.rejected_feature content_sha256.run_count "
                        "content_sha256.run_funnel content_sha256.run_info content_sha256.run_input "
                        "content_sha256|64|64");
    assert_string_equal(ask(r, "SELECT * FROM run_input"),
                        "1|zips|z.gpkg|z|5|ab|12|EPSG:2249;2|buildings|b.shp|b|6|cd|NULL|NULL");
    reader_close(r);
}

static void buildings_may_go_without_geometry_or_not_at_all(void **state) {
    bench *b = *state;
    zf_output_options options = bench_options(b);
    options.building_geometry_type = NULL;
    write_result(&options, 1, 2);
    reader *r = reader_open(b->path);
    assert_string_equal(ask(r, "SELECT group_concat(name,',') FROM pragma_table_info('important_building')"),
                        "id,zip_rank,zip,building_fid,height,levels,use,photo");
    assert_string_equal(ask(r, "SELECT count(*) FROM important_building"), "2");
    assert_string_equal(ask(r, "SELECT f_table_name FROM geometry_columns"), "rejected_feature;zip_summary");
    reader_close(r);
    options.has_buildings = false;
    options.overwrite = true;
    write_result(&options, 1, 0);
    r = reader_open(b->path);
    assert_string_equal(ask(r, "SELECT count(*) FROM sqlite_master WHERE name='important_building'"), "0");
    reader_close(r);
}

static void null_and_empty_geometries_are_null(void **state) {
    bench *b = *state;
    static wkb_writer w;
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    const zf_value z[] = {zf_value_null(), zf_value_null()};
    assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
    w.n = 0;
    wkb_put_header(&w, WKB_POLYGON, 0);
    assert_int_equal(zf_output_write_zip(output, 1, "a", z, (zf_bytes){NULL, 0}, NULL), ZF_OK);
    assert_int_equal(zf_output_write_zip(output, 2, "b", z, (zf_bytes){w.bytes, w.n}, NULL), ZF_OK);
    assert_int_equal(zf_output_finish(output, NULL), ZF_OK);
    reader *r = reader_open(b->path);
    assert_layers_are_sound(r);
    assert_string_equal(ask(r, "SELECT zip_rank,geom FROM zip_summary"), "1|NULL;2|NULL");
    reader_close(r);
}

static void the_statistics_are_those_of_spatialite(void **state) {
    bench *b = *state;
    const char *infos = "SELECT * FROM geometry_columns_field_infos WHERE f_table_name='%s' ORDER BY ordinal";
    const char *extents = "SELECT f_table_name,row_count,extent_min_x,extent_min_y,extent_max_x,extent_max_y "
                          "FROM geometry_columns_statistics WHERE f_table_name='%s'";
    zf_output_options options = bench_options(b);
    const zf_column strange[] = {{"All NULL", ZF_FIELD_REAL}, {"quo\"te", ZF_FIELD_TEXT}};
    options.zip_columns.items = strange;
    options.building_columns.items = bench_building_columns;
    zf_output *output = NULL;
    static wkb_writer w;
    assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
    for (uint32_t i = 1; i <= 50; i++) {
        const zf_value z[] = {zf_value_null(),
                              i % 7 == 0 ? zf_value_null() : zf_value_text(i % 2 ? "\xE2\x82\xAC uro" : "")};
        const zf_value v[] = {
            i % 5 == 0 ? zf_value_integer(-3) : zf_value_real(i / -8.0), /* an integer in a REAL column */
            i % 3 == 0   ? zf_value_real(i)
            : i % 3 == 1 ? zf_value_real(i + 0.5)
                         : zf_value_integer(-(int64_t)i),
            zf_value_text(i % 2 ? "a" : "longer"), zf_value_bytes(ZF_VALUE_BLOB, (zf_bytes){w.bytes, i})};
        assert_int_equal(zf_output_write_zip(output, i, "z", z, square(&w, i, -1.0 * i, 2), NULL), ZF_OK);
        assert_int_equal(zf_output_write_building(output, i, "z", i, v,
                                                  i == 9 ? (zf_bytes){NULL, 0} : square(&w, 3.3 * i, 0, 1),
                                                  NULL),
                         ZF_OK);
    }
    assert_int_equal(zf_output_finish(output, NULL), ZF_OK);
    reader *r = reader_open(b->path);
    for (size_t i = 0; i < 2; i++) {
        char *our_infos = strdup(askf(r, infos, layers[i]));
        char *our_extents = strdup(askf(r, extents, layers[i]));
        assert_true(strlen(our_infos) > 150);
        assert_string_equal(askf(r, "SELECT InvalidateLayerStatistics('%s','geom')", layers[i]), "1");
        assert_string_equal(
            askf(r, "UPDATE geometry_columns_field_infos SET null_values=-1 WHERE f_table_name='%s'",
                 layers[i]),
            "");
        assert_string_equal(askf(r, "SELECT UpdateLayerStatistics('%s','geom')", layers[i]), "1");
        assert_string_equal(askf(r, infos, layers[i]), our_infos);
        assert_string_equal(askf(r, extents, layers[i]), our_extents);
        free(our_infos);
        free(our_extents);
    }
    reader_close(r);
}

/* The layers must be such as SpatiaLite itself would have made them from filled tables. */
static void the_triggers_are_those_of_spatialite(void **state) {
    bench *b = *state;
    const char *triggers =
        "SELECT sql FROM sqlite_master WHERE type='trigger' AND tbl_name='%s' ORDER BY name";
    zf_output_options options = bench_options(b);
    write_result(&options, 3, 4);
    reader *r = reader_open(b->path);
    for (size_t i = 0; i < 3; i++) {
        char *ours = strdup(askf(r, triggers, layers[i]));
        assert_true(strlen(ours) > 1000);
        assert_string_equal(
            askf(r, "SELECT DisableSpatialIndex('%s','geom'),DiscardGeometryColumn('%s','geom')", layers[i]),
            "1|1");
        assert_string_equal(askf(r, "DROP TABLE idx_%s_geom", layers[i]), "");
        assert_string_equal(askf(r, triggers, layers[i]), "");
        assert_string_equal(
            askf(r,
                 strcmp(layers[i], "rejected_feature") == 0
                     ? "SELECT "
                       "RecoverGeometryColumn('%s','geom',2249,'POINT','XY'),CreateSpatialIndex('%s','geom')"
                     : "SELECT "
                       "RecoverGeometryColumn('%s','geom',2249,'MULTIPOLYGON','XY'),CreateSpatialIndex('%s','"
                       "geom')",
                 layers[i]),
            "1|1");
        assert_string_equal(askf(r, triggers, layers[i]), ours);
        free(ours);
    }
    assert_layers_are_sound(r);
    reader_close(r);
}

static void later_edits_keep_the_spatial_index(void **state) {
    bench *b = *state;
    zf_output_options options = bench_options(b);
    write_result(&options, 1, 10);
    reader *r = reader_open(b->path);
    assert_string_equal(ask(r, "DELETE FROM important_building WHERE id<5"), "");
    assert_string_equal(ask(r, "UPDATE important_building SET geom=ShiftCoords(geom,50,50) WHERE id=7"), "");
    assert_non_null(
        strstr(ask(r, "UPDATE important_building SET geom=MakePoint(1,2,2249) WHERE id=7"), "error"));
    assert_string_equal(ask(r, "SELECT CheckSpatialIndex('important_building','geom'),count(*) FROM "
                               "idx_important_building_geom"),
                        "1|6");
    reader_close(r);
}

/* ---- CRS ---- */

static void write_with_crs(const bench *b, const zf_crs *crs) {
    zf_output_options options = bench_options(b);
    options.crs = crs;
    options.overwrite = true;
    write_result(&options, 1, 1);
}

static const char *const srs_sql =
    "SELECT srid,auth_name,auth_srid,ref_sys_name,length(srtext)>20,length(proj4text)>10 FROM "
    "spatial_ref_sys "
    "WHERE srid=(SELECT SRID(geom) FROM zip_summary)";

static void assert_srs(const bench *b, const char *definition, const char *expected) {
    zf_crs *crs = NULL;
    assert_int_equal(zf_crs_create(definition, &crs, NULL), ZF_OK);
    write_with_crs(b, crs);
    reader *r = reader_open(b->path);
    assert_string_equal(ask(r, srs_sql), expected);
    assert_string_equal(ask(r, "SELECT count(*) FROM spatial_ref_sys"), "1");
    reader_close(r);
    zf_crs_destroy(crs);
}

static void an_epsg_crs_has_its_code(void **state) {
    assert_srs(*state, "EPSG:2249", "2249|epsg|2249|NAD83 / Massachusetts Mainland (ftUS)|1|1");
    assert_srs(*state, "EPSG:4326", "4326|epsg|4326|WGS 84|1|1");
}

static void an_epsg_crs_that_spatialite_does_not_know_has_its_code_too(void **state) {
    assert_srs(*state, "EPSG:32159", "32159|epsg|32159|NAD83 / Wyoming Lambert|1|1");
}

static void a_crs_of_another_authority_keeps_it(void **state) {
    assert_srs(*state, "ESRI:102003", "990001|ESRI|102003|USA_Contiguous_Albers_Equal_Area_Conic|1|1");
}

static void a_crs_without_authority_is_described(void **state) {
    assert_srs(*state, "+proj=laea +lat_0=42.1 +lon_0=-71.3 +units=m +type=crs",
               "990001|zonefold|990001|unknown|1|1");
}

static void the_undefined_plane_is_minus_one(void **state) {
    zf_crs *plane = NULL;
    assert_int_equal(zf_crs_create_planar(&plane, NULL), ZF_OK);
    write_with_crs(*state, plane);
    reader *r = reader_open(((const bench *)*state)->path);
    assert_string_equal(ask(r, srs_sql), "-1|NONE|-1|Undefined - Cartesian|0|0");
    assert_layers_are_sound(r);
    reader_close(r);
    zf_crs_destroy(plane);
}

/* ---- columns ---- */

static void count_log(void *user, zf_log_level level, const char *text) {
    (void)level;
    (void)text;
    ++*(int *)user;
}

static void any_field_name_can_be_carried(void **state) {
    bench *b = *state;
    int n_logged = 0;
    const zf_callbacks callbacks = {.log = count_log, .user = &n_logged};
    const zf_column columns[] = {{"ID", ZF_FIELD_REAL},          {"geom", ZF_FIELD_INTEGER},
                                 {"it's \"so\"", ZF_FIELD_TEXT}, {"rowid", ZF_FIELD_BLOB},
                                 {"select", ZF_FIELD_REAL},      {"a;b--", ZF_FIELD_INTEGER},
                                 {"%s%n", ZF_FIELD_TEXT},        {"Select", ZF_FIELD_BLOB}};
    zf_output_options options = bench_options(b);
    options.building_columns = (zf_output_columns){columns, 8};
    options.callbacks = &callbacks;
    zf_output *output = NULL;
    static wkb_writer w;
    const zf_value v[] = {zf_value_real(1), zf_value_integer(2), zf_value_text("3"), zf_value_null(),
                          zf_value_real(5), zf_value_integer(6), zf_value_text("7"), zf_value_null()};
    assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
    assert_int_equal(zf_output_write_building(output, 1, "z", 1, v, square(&w, 0, 0, 1), NULL), ZF_OK);
    assert_int_equal(zf_output_finish(output, NULL), ZF_OK);
    assert_int_equal(n_logged, 4);
    reader *r = reader_open(b->path);
    assert_layers_are_sound(r);
    assert_string_equal(
        ask(r, "SELECT group_concat(name,' ') FROM pragma_table_info('important_building')"),
        "id zip_rank zip building_fid ID_2 geom_2 it's \"so\" rowid_2 select a;b-- %s%n Select_2 geom");
    assert_string_equal(ask(r, "SELECT ID_2,geom_2,\"it's \"\"so\"\"\",rowid_2,\"select\",\"a;b--\",\"%s%n\" "
                               "FROM important_building"),
                        "1.0|2|3|NULL|5.0|6|7");
    reader_close(r);
}

static zf_status open_with_columns(const bench *b, size_t n, zf_error *error) {
    static char names[2100][32];
    static zf_column columns[2100];
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    for (size_t i = 0; i < n; i++) {
        snprintf(names[i], sizeof names[i], "c%zu", i);
        columns[i] = (zf_column){names[i], ZF_FIELD_INTEGER};
    }
    options.zip_columns = (zf_output_columns){columns, n};
    zf_status status = zf_output_open(&options, &output, error);
    return status == ZF_OK ? zf_output_finish(output, error) : status;
}

static void as_many_columns_as_sqlite_takes_are_written(void **state) {
    zf_error error = ZF_ERROR_INIT;
    bench *b = *state;
    assert_int_equal(open_with_columns(b, 2000 - 3, &error), ZF_OK);
    reader *r = reader_open(b->path);
    assert_layers_are_sound(r);
    reader_close(r);
}

static void more_columns_than_sqlite_takes_are_refused_with_both_numbers(void **state) {
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(open_with_columns(*state, 2000 - 2, &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, "2001"));
    assert_non_null(strstr(error.text, "2000"));
    assert_non_null(strstr(error.text, "`fields`"));
    assert_string_equal(error.layer, "zip_summary");
    assert_int_equal(count_files(*state), 0);
}

/* ---- what the caller may not do ---- */

static zf_status write_wrong(zf_output *output, int kind, zf_error *error) {
    static wkb_writer w;
    const zf_value text_in_integer[] = {zf_value_text("1"), zf_value_null()};
    const zf_value good[] = {zf_value_integer(1), zf_value_null()};
    switch (kind) {
    case 0:
        return zf_output_write_zip(output, 1, "z", text_in_integer, square(&w, 0, 0, 1), error);
    case 1:
        return zf_output_write_zip(output, 1, "z", good, (zf_bytes){(const uint8_t *)"\1\3", 2}, error);
    case 2:
        if (zf_output_write_zip(output, 1, "z", good, square(&w, 0, 0, 1), error) != ZF_OK)
            return ZF_OK;
        return zf_output_write_zip(output, 1, "again", good, square(&w, 0, 0, 1), error);
    default:
        return zf_output_write_zip(output, 1, NULL, good, square(&w, 0, 0, 1), error);
    }
}

static void a_wrong_row_is_refused_and_no_result_can_follow(void **state) {
    bench *b = *state;
    zf_output_options options = bench_options(b);
    for (int kind = 0; kind < 4; kind++) {
        zf_output *output = NULL;
        zf_error error = ZF_ERROR_INIT;
        assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
        assert_int_equal(write_wrong(output, kind, &error), ZF_E_INTERNAL);
        assert_true(strlen(error.text) > 10);
        assert_int_equal(zf_output_finish(output, NULL), ZF_E_INTERNAL);
        assert_int_equal(count_files(b), 0);
    }
}

/* Rows wait for each other, so that a later call may have to say it; it names the row all the same. */
static void a_row_that_sqlite_refuses_is_named_whenever_it_comes_out(void **state) {
    static const uint32_t wrong_ones[] = {0, 1, 399, 400, 401, 511, 512, 513, 900, 1999};
    static wkb_writer w;
    bench *b = *state;
    zf_output_options options = bench_options(b);
    for (size_t i = 0; i < sizeof wrong_ones / sizeof *wrong_ones; i++) {
        zf_output *output = NULL;
        zf_error error = ZF_ERROR_INIT;
        zf_status status = ZF_OK;
        assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
        for (uint32_t row = 0; status == ZF_OK && row < 2000; row++) {
            const zf_value v[] = {zf_value_null(), zf_value_null(), zf_value_text("t"), zf_value_null()};
            status = zf_output_write_building(output, 1 + row / 700, row == wrong_ones[i] ? NULL : "z",
                                              10000 + row, v, square(&w, row, 0, 1), &error);
            assert_true(status == ZF_OK || row >= wrong_ones[i]);
        }
        assert_int_equal(zf_output_finish(output, status == ZF_OK ? &error : NULL), ZF_E_INTERNAL);
        assert_int_equal(error.status, ZF_E_INTERNAL);
        assert_int_equal(error.fid, 10000 + wrong_ones[i]);
        assert_string_equal(error.layer, "important_building");
        assert_string_equal(error.path, b->path);
        assert_int_equal(count_files(b), 0);
    }
}

/* ---- reproducible ---- */

static void the_same_rows_a_second_later_are_the_same_bytes(void **state) {
    bench *b = *state;
    char other[320];
    size_t n = 0, m = 0;
    zf_output_options options = bench_options(b);
    write_result(&options, 20, 100);
    nanosleep(&(struct timespec){1, 100000000}, NULL);
    snprintf(other, sizeof other, "%s/other-name.sqlite", b->directory);
    options.path = other;
    write_result(&options, 20, 100);
    uint8_t *first = read_whole(b->path, &n);
    uint8_t *second = read_whole(other, &m);
    assert_int_equal(n, m);
    assert_memory_equal(first, second, n);
    free(first);
    free(second);
}

static void no_year_of_today_is_in_the_file(void **state) {
    bench *b = *state;
    char today[16];
    size_t n = 0;
    time_t now = time(NULL);
    struct tm utc;
    zf_output_options options = bench_options(b);
    write_result(&options, 2, 2);
    strftime(today, sizeof today, "%Y-%m-", gmtime_r(&now, &utc));
    uint8_t *bytes = read_whole(b->path, &n);
    assert_null(memmem(bytes, n, today, strlen(today)));
    assert_non_null(memmem(bytes, n, "1970-01-01T", 11));
    free(bytes);
}

#define RESULT_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        RESULT_TEST(a_result_without_zips_and_buildings_is_sound),
        RESULT_TEST(tables_have_the_columns_of_the_contract),
        RESULT_TEST(every_column_type_has_its_sqlite_type),
        RESULT_TEST(rows_come_back_as_they_were_written),
        RESULT_TEST(texts_of_any_length_come_back),
        RESULT_TEST(the_small_tables_hold_what_they_are_told),
        RESULT_TEST(buildings_may_go_without_geometry_or_not_at_all),
        RESULT_TEST(null_and_empty_geometries_are_null),
        RESULT_TEST(the_statistics_are_those_of_spatialite),
        RESULT_TEST(the_triggers_are_those_of_spatialite),
        RESULT_TEST(later_edits_keep_the_spatial_index),
        RESULT_TEST(an_epsg_crs_has_its_code),
        RESULT_TEST(an_epsg_crs_that_spatialite_does_not_know_has_its_code_too),
        RESULT_TEST(a_crs_of_another_authority_keeps_it),
        RESULT_TEST(a_crs_without_authority_is_described),
        RESULT_TEST(the_undefined_plane_is_minus_one),
        RESULT_TEST(any_field_name_can_be_carried),
        RESULT_TEST(as_many_columns_as_sqlite_takes_are_written),
        RESULT_TEST(more_columns_than_sqlite_takes_are_refused_with_both_numbers),
        RESULT_TEST(a_wrong_row_is_refused_and_no_result_can_follow),
        RESULT_TEST(a_row_that_sqlite_refuses_is_named_whenever_it_comes_out),
        RESULT_TEST(the_same_rows_a_second_later_are_the_same_bytes),
        RESULT_TEST(no_year_of_today_is_in_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
