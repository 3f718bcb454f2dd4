/* SPDX-License-Identifier: MIT */
/*
 * Result files of anybody's making: what verify, diff, replay, archive and --project read of them. An input
 * is a whole file, when it begins as SQLite's do; else edits of a small genuine result, which is made when
 * the first input comes: random bytes seldom get past SQLite's own checks. Bytes 0xFF stand between edits; an
 * edit is a letter and what it needs (edit_database() and edit_bytes() say what).
 */
#include "cli/cli.h"
#include "provenance/job_files.h"
#include "fuzz/fuzz.h"
#include "provenance/bag.h"
#include "qgis/project_data.h"
#include "provenance/recorded.h"
#include "zonefold/diff.h"
#include "zonefold/run.h"
#include "zonefold/verify.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BETWEEN_EDITS = 0xFF,
    MAX_EDITS = 40,
    MAX_TABLES = 64,
    MAX_LOOKS = 150,     /* at whether to go on: 3 million steps of SQLite's machine */
    MAX_HEAP = 32 << 20, /* of SQLite, which then says that there is no memory */
};

static const char zips[] = "{\"type\":\"FeatureCollection\",\"features\":["
                           "{\"type\":\"Feature\",\"properties\":{\"zip\":\"02138\"},\"geometry\":{\"type\":"
                           "\"Polygon\",\"coordinates\":"
                           "[[[0,0],[0.01,0],[0.01,0.01],[0,0.01],[0,0]]]}},"
                           "{\"type\":\"Feature\",\"properties\":{\"zip\":\"02139\"},\"geometry\":{\"type\":"
                           "\"Polygon\",\"coordinates\":"
                           "[[[0.01,0],[0.02,0],[0.02,0.01],[0.01,0.01],[0.01,0]]]}}]}";
static const char buildings[] =
    "{\"type\":\"FeatureCollection\",\"features\":["
    "{\"type\":\"Feature\",\"properties\":{\"kind\":\"a\",\"storeys\":3},\"geometry\":{\"type\":\"Polygon\","
    "\"coordinates\":[[[0.001,0.001],[0.003,0.001],[0.003,0.003],[0.001,0.003],[0.001,0.001]]]}},"
    "{\"type\":\"Feature\",\"properties\":{\"kind\":\"b\",\"storeys\":2},\"geometry\":{\"type\":\"Polygon\","
    "\"coordinates\":[[[0.012,0.002],[0.015,0.002],[0.015,0.005],[0.012,0.005],[0.012,0.002]]]}},"
    "{\"type\":\"Feature\",\"properties\":{\"kind\":\"a\",\"storeys\":9},\"geometry\":{\"type\":\"Polygon\","
    "\"coordinates\":[[[0.006,0.001],[0.007,0.002],[0.007,0.001],[0.006,0.002],[0.006,0.001]]]}}]}";
static const char question[] = "SELECT kind, count(*) AS n FROM building GROUP BY kind";

/** The genuine result and where it lies. */
static struct {
    char directory[64], inputs[96];
    char a[96], b[96]; /* the genuine one, and that of the current input */
    uint8_t *bytes;
    size_t n;
    char sha256[ZF_SHA256_HEX_BYTES];
    char *tables[MAX_TABLES];
    size_t n_tables;
} genuine;

/* ---- the genuine result ---- */

static void path_in(const char *name, char out[96]) {
    (void)snprintf(out, 96, "%s/%s", genuine.directory, name);
}

static void write_file(const char *path, const void *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    fuzz_require(file != NULL && fwrite(bytes, 1, n, file) == n && fclose(file) == 0, "a file is written");
}

static void clean_up(void) {
    static const char *const names[] = {"inputs/zips.geojson",
                                        "inputs/buildings.geojson",
                                        "inputs/kinds.sql",
                                        "inputs",
                                        "a.sqlite",
                                        "b.sqlite",
                                        "b.sqlite-wal",
                                        "b.sqlite-shm",
                                        "b.sqlite-journal"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[96];
        path_in(names[i], path);
        (void)remove(path);
    }
    (void)remove(genuine.directory);
    for (size_t i = 0; i < genuine.n_tables; i++)
        free(genuine.tables[i]);
    free(genuine.bytes);
}

static void run_job(const char *zips_path, const char *buildings_path, const char *sql_path) {
    zf_cli_run_target target = {0};
    zf_options_parsed parsed = {0};
    zf_error error = ZF_ERROR_INIT;
    char sql[128];
    (void)snprintf(sql, sizeof sql, "kinds=%s", sql_path);
    char *const words[] = {"--zips",         (char *)zips_path,
                           "--zip-field",    "zip",
                           "--buildings",    (char *)buildings_path,
                           "--output",       genuine.a,
                           "--rule",         "large=area_m2>100",
                           "--stat",         "storeys=mean",
                           "--fields",       "kind",
                           "--threads",      "1",
                           "--analysis-sql", sql};
    zf_status status =
        zf_options_parse(&zf_cli_run_table, sizeof words / sizeof words[0], words, &target, &parsed, &error);
    if (status == ZF_OK) {
        const zf_run_options options = zf_cli_run_target_options(&target);
        status = zf_run(&options, NULL, NULL, NULL, NULL, &error);
    }
    fuzz_require(status == ZF_OK, error.text);
    zf_options_deinit(&zf_cli_run_table, &target, &parsed);
}

static void do_sql(sqlite3 *db, const char *sql) {
    fuzz_require(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sqlite3_errmsg(db));
}

/* Without what nobody reads, in small pages: an input's time goes with the size. */
static void shrink(void) {
    static const char *const steps[] = {
        "PRAGMA writable_schema=ON; DELETE FROM sqlite_master WHERE type IN ('trigger','view') OR (tbl_name "
        "NOT IN "
        "('geometry_columns','spatial_ref_sys','geometry_columns_statistics','layer_styles','zip_summary',"
        "'important_building','rejected_feature','kinds','sqlite_sequence') AND tbl_name NOT GLOB 'run_*' "
        "AND tbl_name "
        "NOT GLOB 'idx_*')",
        "UPDATE layer_styles SET styleQML='<!DOCTYPE x><qgis labelsEnabled=\"1\">style</qgis>'; "
        "PRAGMA page_size=512; VACUUM"};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        sqlite3 *db = NULL;
        fuzz_require(sqlite3_open(genuine.a, &db) == SQLITE_OK, "the genuine result opens");
        do_sql(db, steps[i]);
        fuzz_require(sqlite3_close(db) == SQLITE_OK, "and closes");
    }
}

static void list_tables(void) {
    sqlite3 *db = NULL;
    sqlite3_stmt *names = NULL;
    fuzz_require(sqlite3_open(genuine.a, &db) == SQLITE_OK &&
                     sqlite3_prepare_v2(db, "SELECT name FROM sqlite_master WHERE type='table' ORDER BY name",
                                        -1, &names, NULL) == SQLITE_OK,
                 "the genuine result has tables");
    while (sqlite3_step(names) == SQLITE_ROW && genuine.n_tables < MAX_TABLES)
        genuine.tables[genuine.n_tables++] = strdup((const char *)sqlite3_column_text(names, 0));
    sqlite3_finalize(names);
    sqlite3_close(db);
}

static void read_genuine(void) {
    FILE *file = fopen(genuine.a, "rb");
    struct stat found;
    fuzz_require(file != NULL && fstat(fileno(file), &found) == 0, "the genuine result is there");
    genuine.n = (size_t)found.st_size;
    genuine.bytes = malloc(genuine.n);
    fuzz_require(genuine.bytes != NULL && fread(genuine.bytes, 1, genuine.n, file) == genuine.n,
                 "and is read");
    fclose(file);
}

static void make_genuine(void) {
    zf_verdict verdict;
    char zips_path[96], buildings_path[96], sql_path[96];
    (void)snprintf(genuine.directory, sizeof genuine.directory, "/dev/shm/zonefold-fuzz-XXXXXX");
    if (mkdtemp(genuine.directory) == NULL) {
        (void)snprintf(genuine.directory, sizeof genuine.directory, "/tmp/zonefold-fuzz-XXXXXX");
        fuzz_require(mkdtemp(genuine.directory) != NULL, "a directory");
    }
    path_in("a.sqlite", genuine.a);
    path_in("b.sqlite", genuine.b);
    path_in("inputs", genuine.inputs);
    path_in("inputs/zips.geojson", zips_path);
    path_in("inputs/buildings.geojson", buildings_path);
    path_in("inputs/kinds.sql", sql_path);
    fuzz_require(mkdir(genuine.inputs, 0700) == 0, "a directory for the inputs");
    (void)atexit(clean_up);
    write_file(zips_path, zips, sizeof zips - 1);
    write_file(buildings_path, buildings, sizeof buildings - 1);
    write_file(sql_path, question, sizeof question - 1);
    run_job(zips_path, buildings_path, sql_path);
    shrink();
    fuzz_require(zf_verify(&(zf_verify_options){.result = genuine.a}, NULL, &verdict, NULL) == ZF_OK && verdict.n_findings == 0,
                 "nothing is found in a genuine result");
    (void)snprintf(genuine.sha256, sizeof genuine.sha256, "%s", verdict.sha256);
    zf_verdict_deinit(&verdict);
    list_tables();
    read_genuine();
    (void)sqlite3_hard_heap_limit64(MAX_HEAP);
}

/* ---- edits ---- */

/** What is left of an edit while it is read. */
typedef struct edit {
    const uint8_t *bytes;
    size_t n;
} edit;

/** An image while it is edited. */
typedef struct image {
    uint8_t *bytes;
    size_t n;
    bool has_new_schema; /* collations and constraints may be other ones */
} image;

static unsigned take(edit *e) {
    if (e->n == 0)
        return 0;
    e->n--;
    return *e->bytes++;
}

static const char *take_table(edit *e) {
    return genuine.tables[take(e) % genuine.n_tables];
}

/* Edits that cannot be made are left out. sql is freed. */
static void execute(sqlite3 *db, char *sql, const edit *value, unsigned kind) {
    sqlite3_stmt *statement = NULL;
    const int n = (int)value->n;
    char text[32] = "";
    memcpy(text, value->bytes, value->n < sizeof text - 1 ? value->n : sizeof text - 1);
    if (sql != NULL && sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_bind_parameter_count(statement) > 0) {
        switch (kind) {
        case 'i':
            (void)sqlite3_bind_int64(statement, 1, strtoll(text, NULL, 10));
            break;
        case 'r':
            (void)sqlite3_bind_double(statement, 1, strtod(text, NULL));
            break;
        case 'b':
            (void)sqlite3_bind_blob(statement, 1, n > 0 ? (const void *)value->bytes : "", n, SQLITE_STATIC);
            break;
        case 'n':
            break;
        default:
            (void)sqlite3_bind_text(statement, 1, (const char *)value->bytes, n, SQLITE_STATIC);
        }
    }
    if (statement != NULL)
        (void)sqlite3_step(statement);
    sqlite3_finalize(statement);
    sqlite3_free(sql);
}

static void column_of(sqlite3 *db, const char *table, unsigned number, char out[64]) {
    sqlite3_stmt *names = NULL;
    out[0] = '\0';
    char *sql = sqlite3_mprintf(
        "SELECT name FROM pragma_table_info('%q') ORDER BY cid=%u%%count(*)OVER() DESC", table, number);
    if (sql != NULL && sqlite3_prepare_v2(db, sql, -1, &names, NULL) == SQLITE_OK &&
        sqlite3_step(names) == SQLITE_ROW)
        (void)snprintf(out, 64, "%s", (const char *)sqlite3_column_text(names, 0));
    sqlite3_finalize(names);
    sqlite3_free(sql);
}

#define ROW "rowid=(SELECT rowid FROM \"%w\" LIMIT 1 OFFSET %u)"

static void edit_cell(sqlite3 *db, unsigned what, edit *e) {
    char column[64];
    const char *table = take_table(e);
    column_of(db, table, take(e), column);
    const unsigned row = take(e) % 16, how = take(e);
    if (what == 'a')
        execute(db, sqlite3_mprintf("INSERT OR REPLACE INTO \"%w\"(\"%w\") VALUES(?1)", table, column), e,
                how);
    else if (what == 'c')
        execute(
            db,
            sqlite3_mprintf("UPDATE OR REPLACE \"%w\" SET \"%w\"=?1 WHERE " ROW, table, column, table, row),
            e, how);
    else /* bytes of it, from one on */
        execute(
            db,
            sqlite3_mprintf("UPDATE OR REPLACE \"%w\" SET \"%w\"=CAST(substr(CAST(\"%w\" AS BLOB),1,%u)||?1||"
                            "substr(CAST(\"%w\" AS BLOB),%u) AS %s) WHERE " ROW,
                            table, column, column, how, column, how + 1 + (unsigned)e->n,
                            what == 'p' ? "BLOB" : "TEXT", table, row),
            e, 'b');
}

static void set_info(sqlite3 *db, edit *e) {
    const uint8_t *end = memchr(e->bytes, '=', e->n);
    const size_t n_key = end != NULL ? (size_t)(end - e->bytes) : e->n;
    const edit value = {e->bytes + n_key + (end != NULL), e->n - n_key - (end != NULL)};
    execute(
        db,
        sqlite3_mprintf("UPDATE run_info SET value=?1 WHERE key='%.*q'", (int)n_key, (const char *)e->bytes),
        &value, 't');
    if (sqlite3_changes(db) == 0)
        execute(db,
                sqlite3_mprintf("INSERT INTO run_info(key,value) VALUES('%.*q',?1)", (int)n_key,
                                (const char *)e->bytes),
                &value, 't');
}

static void set_schema(sqlite3 *db, edit *e) {
    const char *table = take_table(e);
    execute(db, sqlite3_mprintf("UPDATE sqlite_master SET sql=?1 WHERE name='%q'", table), e, 't');
    (void)sqlite3_exec(db, "PRAGMA schema_version=100000", NULL, NULL, NULL); /* is read again */
}

/**
 * `c` table column row kind value: a cell (kind: integer, real, blob, null, else text; numbers in decimal)
 * `p`, `q` table column row at value: bytes of a cell from one on, which becomes a blob, or text
 * `a` table column row kind value: a new row
 * `d` table row; `x` table: go
 * `k` key=value: of run_info
 * `n` table text: its new name; `m` table column text: of a column
 * `s` table text: what it is made by
 */
static void edit_database(sqlite3 *db, unsigned what, edit *e, image *out) {
    char column[64];
    const char *table;
    switch (what) {
    case 'c':
    case 'p':
    case 'q':
    case 'a':
        edit_cell(db, what, e);
        break;
    case 'd':
        table = take_table(e);
        execute(db, sqlite3_mprintf("DELETE FROM \"%w\" WHERE " ROW, table, table, take(e) % 16), e, 'n');
        break;
    case 'x':
        execute(db, sqlite3_mprintf("DROP TABLE \"%w\"", take_table(e)), e, 'n');
        break;
    case 'k':
        set_info(db, e);
        break;
    case 'n':
        table = take_table(e);
        execute(db,
                sqlite3_mprintf("ALTER TABLE \"%w\" RENAME TO \"%.*w\"", table, (int)e->n,
                                (const char *)e->bytes),
                e, 'n');
        break;
    case 'm':
        table = take_table(e);
        column_of(db, table, take(e), column);
        execute(db,
                sqlite3_mprintf("ALTER TABLE \"%w\" RENAME COLUMN \"%w\" TO \"%.*w\"", table, column,
                                (int)e->n, (const char *)e->bytes),
                e, 'n');
        break;
    case 's':
        out->has_new_schema = true;
        set_schema(db, e);
        break;
    default:
        break;
    }
}

/* `o` three bytes of a place, bytes: put there as they are; `t` three bytes: the file ends there */
static void edit_bytes(unsigned what, edit *e, image *out) {
    if (what != 'o' && what != 't')
        return;
    const size_t high = take(e), middle = take(e), low = take(e);
    const size_t at = (high << 16 | middle << 8 | low) % (out->n + 1);
    if (what == 't')
        out->n = at;
    else
        memcpy(out->bytes + at, e->bytes, e->n < out->n - at ? e->n : out->n - at);
    out->has_new_schema = true;
}

static bool next_edit(const uint8_t **at, const uint8_t *end, edit *out) {
    if (*at >= end)
        return false;
    const uint8_t *stop = memchr(*at, BETWEEN_EDITS, (size_t)(end - *at));
    stop = stop != NULL ? stop : end;
    *out = (edit){*at, (size_t)(stop - *at)};
    *at = stop + 1;
    return true;
}

static sqlite3 *open_genuine(void) {
    sqlite3 *db = NULL;
    uint8_t *copy = sqlite3_malloc64(genuine.n);
    fuzz_require(copy != NULL, "memory for the result");
    memcpy(copy, genuine.bytes, genuine.n);
    fuzz_require(sqlite3_open(":memory:", &db) == SQLITE_OK &&
                     sqlite3_deserialize(db, "main", copy, (sqlite3_int64)genuine.n, (sqlite3_int64)genuine.n,
                                         SQLITE_DESERIALIZE_RESIZEABLE | SQLITE_DESERIALIZE_FREEONCLOSE) ==
                         SQLITE_OK,
                 "the genuine result opens in memory");
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    do_sql(db,
           "PRAGMA writable_schema=ON; PRAGMA journal_mode=OFF; PRAGMA ignore_check_constraints=ON; BEGIN");
    return db;
}

static image make_image(const uint8_t *bytes, size_t n) {
    image out = {0};
    edit e;
    sqlite3_int64 n_bytes = 0;
    sqlite3 *db = open_genuine();
    const uint8_t *at = bytes;
    for (int i = 0; i < MAX_EDITS && next_edit(&at, bytes + n, &e); i++) {
        const unsigned what = take(&e);
        edit_database(db, what, &e, &out);
    }
    (void)sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    out.bytes = sqlite3_serialize(db, "main", &n_bytes, 0);
    fuzz_require(out.bytes != NULL, "an image");
    out.n = (size_t)n_bytes;
    sqlite3_close(db);
    at = bytes;
    for (int i = 0; i < MAX_EDITS && next_edit(&at, bytes + n, &e); i++) {
        const unsigned what = take(&e);
        edit_bytes(what, &e, &out);
    }
    return out;
}

/* ---- what is promised ---- */

static bool is_over(void *user) {
    return ++*(unsigned *)user > MAX_LOOKS;
}

static void check_status(zf_status status, const zf_error *error) {
    fuzz_require(status == ZF_OK || status == ZF_E_INPUT || status == ZF_E_CANCELLED || status == ZF_E_MEMORY,
                 "a result is read, or is none");
    fuzz_require(status == ZF_OK || (error->text[0] != '\0' && error->status == status), "a failure is told");
}

static void check_verdict(const zf_verdict *verdict) {
    fuzz_require(verdict->n_tables > 0 || verdict->n_findings > 0, "of nothing comes no good verdict");
    for (size_t i = 0; i < verdict->n_tables; i++)
        fuzz_require(verdict->tables[i].name != NULL, "a table has a name");
    for (size_t i = 0; i < verdict->n_findings; i++)
        fuzz_require((unsigned)verdict->findings[i].check < ZF_CHECK_END &&
                         verdict->findings[i].text[0] != '\0',
                     "a finding is told");
}

/* Whether the content is what was written. */
static bool verify(const zf_callbacks *callbacks) {
    zf_verdict verdict;
    zf_error error = ZF_ERROR_INIT;
    bool is_same = false, is_sound = true;
    zf_status status = zf_verify(&(zf_verify_options){.result = genuine.b}, callbacks, &verdict, &error);
    check_status(status, &error);
    if (status == ZF_OK) {
        bool has_content_finding = false;
        check_verdict(&verdict);
        is_same = strcmp(verdict.sha256, genuine.sha256) == 0;
        for (size_t i = 0; i < verdict.n_findings; i++) {
            has_content_finding |= verdict.findings[i].check == ZF_CHECK_CONTENT;
            is_sound &= verdict.findings[i].check != ZF_CHECK_FILE;
        }
        for (size_t i = 0; i < verdict.n_tables; i++)
            fuzz_require(verdict.tables[i].is_as_written || !is_sound || has_content_finding,
                         "a table that was changed is a finding");
    }
    fuzz_require(status == ZF_OK || (verdict.n_tables == 0 && verdict.n_findings == 0), "no half a verdict");
    zf_verdict_deinit(&verdict);
    return is_same && is_sound;
}

static zf_status count_row(void *user, const zf_row_difference *row, zf_error *error) {
    (void)error;
    fuzz_require((unsigned)row->kind < ZF_DIFFERENCE_KINDS && row->n_key > 0, "a row has a key");
    fuzz_require((row->kind == ZF_CHANGED) == (row->n_changed > 0), "a changed row says what is changed");
    ++*(uint64_t *)user;
    return ZF_OK;
}

/* diff from a to b; *out_n: rows that only a has, only b, changed ones. */
static zf_status diff(const char *a, const char *b, const zf_callbacks *callbacks,
                      uint64_t out_n[ZF_DIFFERENCE_KINDS]) {
    zf_difference difference;
    zf_error error = ZF_ERROR_INIT;
    uint64_t n_told = 0, n_counted = 0;
    zf_status status = zf_diff(&(zf_diff_options){a, b}, callbacks, count_row, &n_told, &difference, &error);
    check_status(status, &error);
    for (size_t i = 0; i < difference.n_tables; i++) {
        const zf_table_difference *t = &difference.tables[i];
        fuzz_require(t->n_rows_a - t->n[ZF_ONLY_IN_A] == t->n_rows_b - t->n[ZF_ONLY_IN_B] &&
                         t->n_rows_a - t->n[ZF_ONLY_IN_A] >= t->n[ZF_CHANGED],
                     "each row is in one, or in both");
        for (int k = 0; k < ZF_DIFFERENCE_KINDS; k++) {
            out_n[k] += t->n[k];
            n_counted += t->n[k];
        }
    }
    fuzz_require(status != ZF_OK || n_told == n_counted, "each row that differs is told");
    zf_difference_deinit(&difference);
    return status;
}

static void check_diff(const image *file, bool is_same, const zf_callbacks *callbacks) {
    uint64_t n[ZF_DIFFERENCE_KINDS] = {0}, back[ZF_DIFFERENCE_KINDS] = {0};
    zf_status status = diff(genuine.a, genuine.b, callbacks, n);
    if (file->has_new_schema || status != ZF_OK)
        return;
    fuzz_require(!is_same || n[0] + n[1] + n[2] == 0, "where the hashes are the same nothing differs");
    if (diff(genuine.b, genuine.a, callbacks, back) == ZF_OK)
        fuzz_require(n[ZF_ONLY_IN_A] == back[ZF_ONLY_IN_B] && n[ZF_ONLY_IN_B] == back[ZF_ONLY_IN_A] &&
                         n[ZF_CHANGED] == back[ZF_CHANGED],
                     "the other way round it is the same");
}

/* archive's description of the files is JSON, whatever their names hold. */
static void check_crate(const zf_recorded *recorded, const zf_recorded_job *job) {
    zf_text text = {0};
    sqlite3 *db = NULL;
    sqlite3_stmt *answer = NULL;
    zf_bag_file *files = calloc(job->n, sizeof *files);
    fuzz_require(files != NULL, "memory for the files");
    for (size_t i = 0; i < job->n; i++)
        files[i] = (zf_bag_file){.name = job->parts[i].path};
    zf_crate_append(&(zf_crate){.recorded = recorded, .result = "b.sqlite", .files = files, .n = job->n},
                    &text);
    fuzz_require(!text.is_failed && sqlite3_open(":memory:", &db) == SQLITE_OK &&
                     sqlite3_prepare_v2(db, "SELECT json_valid(?1)", -1, &answer, NULL) == SQLITE_OK &&
                     sqlite3_bind_text(answer, 1, text.bytes, (int)text.n, SQLITE_STATIC) == SQLITE_OK &&
                     sqlite3_step(answer) == SQLITE_ROW && sqlite3_column_int(answer, 0) == 1,
                 "a crate is JSON");
    sqlite3_finalize(answer);
    sqlite3_close(db);
    free(files);
    zf_text_deinit(&text);
}

/* Files below the directory of the job, each once; and a job file that can be read. */
static void check_job(const zf_recorded *recorded) {
    zf_recorded_job job = {0};
    zf_job_file file = {0};
    zf_error error = ZF_ERROR_INIT;
    char path[96];
    fuzz_require(zf_recorded_job_make(recorded, &job, NULL) == ZF_OK && job.n > 0, "a job is made");
    for (size_t i = 0; i < job.n; i++) {
        const char *part = job.parts[i].path;
        fuzz_require(strncmp(part, "inputs/", 7) == 0 || strncmp(part, "questions/", 10) == 0,
                     "in its directory");
        fuzz_require(strstr(part, "/../") == NULL && strcmp(strrchr(part, '/'), "/..") != 0, "not above it");
        for (size_t k = 0; k < i; k++)
            fuzz_require(strcmp(job.parts[k].path, part) != 0, "each file once");
    }
    path_in("inputs/job.yaml", path);
    write_file(path, job.job.bytes, job.job.n);
    fuzz_require(zf_job_file_read(path, &file, &error) == ZF_OK, error.text);
    fuzz_require(file.n == recorded->n_options + (recorded->n_queries > 0), "with all options");
    zf_job_file_deinit(&file);
    (void)unlink(path);
    check_crate(recorded, &job);
    zf_recorded_job_deinit(&job);
}

static void read_record(const zf_callbacks *callbacks) {
    zf_recorded recorded;
    zf_error error = ZF_ERROR_INIT;
    size_t n_missing = 0;
    zf_status status = zf_recorded_read(genuine.b, callbacks, &recorded, &error);
    check_status(status, &error);
    if (status == ZF_OK) {
        fuzz_require(zf_recorded_value(&recorded, "zips") != NULL &&
                         zf_recorded_value(&recorded, "buildings") != NULL,
                     "both layers are named");
        check_job(&recorded);
        status = zf_recorded_find(&recorded, genuine.inputs, callbacks, &error);
        check_status(status, &error);
        for (size_t i = 0; i < recorded.n_files; i++)
            n_missing += recorded.files[i].found == NULL;
        fuzz_require(n_missing == recorded.n_missing, "what is missing is counted");
    }
    zf_recorded_deinit(&recorded);
}

static void read_project(const zf_callbacks *callbacks) {
    zf_reader reader;
    zf_text out = {0};
    zf_error error = ZF_ERROR_INIT;
    zf_template_data *data = zf_template_data_create();
    zf_status status = zf_reader_open(genuine.b, callbacks, &reader, &error);
    if (status == ZF_OK) {
        status = zf_project_data_read(&reader, "b.sqlite", "b", data, &error);
        zf_reader_close(&reader);
    }
    if (status == ZF_OK) {
        status = zf_template_fill(zf_template_project_qgs, data, &out, &error);
        fuzz_require(out.n > 0 && strlen(out.bytes) == out.n, "a project is a text");
    }
    check_status(status, &error);
    zf_template_data_destroy(data);
    zf_text_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static const char start[] = "SQLite format 3";
    image file = {.has_new_schema = true};
    unsigned looks[4] = {0};
    zf_callbacks callbacks[4];
    if (genuine.bytes == NULL)
        make_genuine();
    const bool is_whole = n >= sizeof start && memcmp(bytes, start, sizeof start) == 0;
    if (!is_whole)
        file = make_image(bytes, n);
    write_file(genuine.b, is_whole ? bytes : file.bytes, is_whole ? n : file.n);
    sqlite3_free(file.bytes);
    for (int i = 0; i < 4; i++)
        callbacks[i] = (zf_callbacks){.user = &looks[i], .is_cancelled = is_over};
    const bool is_same = verify(&callbacks[0]);
    fuzz_require(n > 0 || is_same, "a genuine result is as it was written");
    check_diff(&file, is_same, &callbacks[1]);
    read_record(&callbacks[2]);
    read_project(&callbacks[3]);
    return 0;
}
