/* SPDX-License-Identifier: MIT */
/* What a query of the user may not do, and what is said about it. */
#include "guard/sqlite_guard.h"
#include "sql/query_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

static zf_query_engine *engine;

/* One engine serves all cases: its database takes longer to create than all of them to be refused. */
static int open_engine(void **state) {
    static const zf_column columns[] = {
        {"fid", ZF_FIELD_INTEGER}, {"height", ZF_FIELD_REAL}, {"use", ZF_FIELD_TEXT}};
    static const zf_query query = {.name = "first", .path = "first.sql", .sql = "SELECT fid FROM building"};
    const zf_query_engine_options options = {.columns = columns,
                                             .n_columns = sizeof columns / sizeof *columns,
                                             .geometry_type = "MULTIPOLYGON",
                                             .queries = &query,
                                             .n_queries = 1,
                                             .temp_dir = "/tmp"};
    (void)state;
    setenv("SPATIALITE_SECURITY", "relaxed", 1); /* SpatiaLite then brings functions that open files */
    zf_sqlite_limit_lift();
    return zf_query_engine_open(&options, &engine, NULL) == ZF_OK ? 0 : -1;
}

static int close_engine(void **state) {
    (void)state;
    zf_query_engine_close(engine);
    return 0;
}

static zf_status compile(const char *sql, zf_error *error) {
    char name[] = "answer", path[] = "question.sql";
    zf_query_statement statement = {.name = name, .path = path, .sql = zf_string_copy(sql)};
    assert_non_null(statement.sql);
    const zf_status status = zf_query_compile(engine, &statement, error);
    sqlite3_finalize(statement.select);
    free(statement.sql);
    return status;
}

static void check_refused(const char *sql, int line, const char *says) {
    zf_error error = ZF_ERROR_INIT;
    char place[64];
    snprintf(place, sizeof place, "`analysis_sqls` answer: question.sql:%d: ", line);
    if (compile(sql, &error) != ZF_E_USAGE)
        fail_msg("not refused: %s", sql);
    if (strncmp(error.text, place, strlen(place)) != 0 || strstr(error.text, says) == NULL)
        fail_msg("%s: '%s' does not say '%s' in line %d", sql, error.text, says, line);
}

static void check_allowed(const char *sql) {
    zf_error error = ZF_ERROR_INIT;
    if (compile(sql, &error) != ZF_OK)
        fail_msg("refused: %s: %s", sql, error.text);
}

static void nothing_but_the_buildings_is_in_reach(void **state) {
    static const char *const attacks[] = {
        "ATTACH 'inputs.gpkg' AS x",
        "DETACH main",
        "PRAGMA user_version",
        "PRAGMA writable_schema = ON",
        "SELECT * FROM pragma_table_list",
        "SELECT count(*) FROM pragma_table_list",
        "SELECT count(*) FROM sqlite_master",
        "SELECT sql FROM sqlite_schema",
        "SELECT * FROM sqlite_temp_master",
        "SELECT count(*) FROM spatial_ref_sys",
        "SELECT 1 WHERE EXISTS (SELECT srid FROM spatial_ref_sys)",
        "SELECT 1 IN spatialite_history",
        "SELECT count(*) FROM geometry_columns",
        "SELECT * FROM json_each('[1]')",
        "SELECT count(*) FROM dbstat",
        "SELECT * FROM SpatialIndex",
        "SELECT * FROM zf_answer_0",
        "SELECT * FROM zip_summary",
        "DELETE FROM building",
        "INSERT INTO building(fid) VALUES (1)",
        "UPDATE building SET fid = 1",
        "WITH x AS (SELECT 1) DELETE FROM building",
        "CREATE TABLE t (a)",
        "CREATE TEMP VIEW v AS SELECT 1",
        "DROP TABLE building",
        "BEGIN",
        "COMMIT",
        "SAVEPOINT s",
        "REINDEX",
        "ANALYZE",
        "CREATE VIRTUAL TABLE v USING VirtualShape('x', UTF-8, -1)",
        "SELECT load_extension('mod_spatialite')",
        "SELECT BlobFromFile('inputs.gpkg')",
        "SELECT BlobToFile(x'00', 'evil')",
        "SELECT ExportSHP('building', 'geom', 'evil', 'UTF-8')",
        "SELECT ImportSHP('evil', 't', 'UTF-8')",
        "SELECT ExportGeoJSON('building', 'geom', 'evil')",
        "SELECT XB_LoadXML('inputs.gpkg')",
        "SELECT XB_StoreXML(x'00', 'evil')",
        "SELECT ImportDXF('evil')",
        "SELECT ExportDBF('building', 'evil', 'UTF-8')",
        "SELECT InitSpatialMetaData(1)",
        "SELECT AddGeometryColumn('building', 'g', 4326, 'POINT', 'XY')",
        "SELECT DropTable(NULL, 'building')",
        "SELECT CloneTable('main', 'building', 'b2', 1)",
        "SELECT RecoverGeometryColumn('building', 'geom', 2249, 'MULTIPOLYGON', 'XY')",
        "SELECT SqlProc_Execute(SqlProc_FromText('DELETE FROM building'))",
        "SELECT StoredProc_Execute('x')",
        "SELECT eval('SELECT 1')",
        "SELECT PROJ_SetDatabasePath('/')",
        "SELECT BufferOptions_SetEndCapStyle('FLAT')",
        "SELECT SetDecimalPrecision(3)",
        "SELECT EnableGpkgMode()",
        "SELECT XB_SchemaValidate(x'00', 'http://localhost/x.xsd', 0)",
        "SELECT random()",
        "SELECT hex(randomblob(4))",
        "SELECT CreateUUID()",
        "SELECT CURRENT_TIMESTAMP",
        "SELECT date('now')",
        "SELECT strftime('%s')",
        "SELECT julianday()",
        "SELECT datetime('2020-01-01', 'localtime')",
        "SELECT datetime('2020-01-01', 'u' || 'tc')",
        "SELECT sqlite_version()",
        "SELECT sqlite_compileoption_get(0)",
        "SELECT last_insert_rowid()",
        "SELECT changes()",
        "SELECT fts3_tokenizer('simple')",
        "SELECT GEOS_GetLastErrorMsg()",
        "SELECT spatialite_version()",
        "SELECT CheckSpatialIndex('building', 'geom')",
        "SELECT pause()",
        "SELECT rtreenode(2, x'00')",
        "SELECT 1 FROM building WHERE use MATCH 'x'",
        "SELECT zeroblob(300000000)",
    };
    (void)state;
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
        check_refused(attacks[i], 1, "");
}

static void there_must_be_one_select(void **state) {
    static const struct {
        const char *sql;
        int line;
    } refused[] = {
        {"", 1},
        {"-- nothing\n/* at\nall */ ;\n", 1},
        {"SELECT 1;\n-- and\nSELECT 2", 3},
        {"SELECT 1;\n\nnonsense", 3},
        {"/* not closed\nSELECT 1", 1},
        {"EXPLAIN SELECT 1", 1},
        {"VACUUM INTO 'x.db'", 1},
    };
    static const char *const allowed[] = {
        "-- a\n/* b; */ SELECT count(*) AS n FROM building ; -- c\n;;",
        "\015\nSELECT count(*) AS n\015\nFROM building\015\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        check_refused(refused[i].sql, refused[i].line, "one SELECT");
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        check_allowed(allowed[i]);
}

static void errors_name_the_line_and_what_was_meant(void **state) {
    static const struct {
        const char *sql;
        int line;
        const char *says;
    } refused[] = {
        {"SELECT fid,\n  heigt\nFROM building", 2, "perhaps height is meant"},
        {"SELECT b.heigt FROM building b", 1, "perhaps height is meant"},
        {"SELECT nowhere FROM building", 1, "the columns of building are geom, height"},
        {"SELECT\n\nST_Aera(geom) FROM building", 3, "ST_area()"},
        {"SELECT fid FROM\nbuildings", 2, "building is the only table"},
        {"SELECT fid\nFORM building", 2, "syntax error"},
        {"SELECT fid\nFROM building WHERE (", 2, "incomplete input"},
        {"SELECT fid FROM building\nWHERE height > ?", 1, "parameter (?)"},
        {"SELECT \"a text\" FROM building", 1, "no such column"},
        {"-- comment\n\nSELECT sum(", 3, "incomplete input"},
        {"SELECT 1,\n  random()", 2, "random() is not allowed"},
        {"-- sqlite_master\nSELECT 'sqlite_master',\n * FROM sqlite_master", 3, "the table sqlite_master"},
        {"SELECT printf('%.*c', 2000000000, 'x')", 1, "16"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        check_refused(refused[i].sql, refused[i].line, refused[i].says);
}

/* A text of n copies of a part, freed by the caller. */
static char *repeated(const char *first, const char *part, size_t n, const char *last) {
    zf_text text = {0};
    zf_text_append(&text, first);
    for (size_t i = 0; i < n; i++)
        zf_text_append(&text, part);
    zf_text_append(&text, last);
    assert_false(text.is_failed);
    return text.bytes;
}

static void depth_and_length_have_limits(void **state) {
    char *const texts[] = {repeated("SELECT 1", " + 1", 5000, ""),
                           repeated("SELECT 1", " UNION ALL SELECT 1", 500, "")};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        check_refused(texts[i], 1, "");
        free(texts[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_but_the_buildings_is_in_reach),
        cmocka_unit_test(there_must_be_one_select),
        cmocka_unit_test(errors_name_the_line_and_what_was_meant),
        cmocka_unit_test(depth_and_length_have_limits),
    };
    return cmocka_run_group_tests_name("sql refusals of queries", tests, open_engine, close_engine);
}
