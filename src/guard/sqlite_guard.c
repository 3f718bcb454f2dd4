/* SPDX-License-Identifier: MIT */
#include "guard/sqlite_guard.h"

#include "base/base.h"
#include "guard/sql_functions.h"
#include "os/thread.h"

#include <stdatomic.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* Functions that GDAL's own SQL calls, and PROJ's over its database. Then SQLite's that reveal or change
 * nothing outside of the connection. */
static const char *const other_functions[] = {
    "gpkg_isassignable",
    "hstore_get_value",
    "importfromepsg",
    "regexp",
    "st_hilbert",
    "st_envelopesintersects",
    "intersects_bbox",
    "pseudo_area_from_swne",
    "bm25",
    "changes",
    "highlight",
    "last_insert_rowid",
    "match",
    "matchinfo",
    "offsets",
    "random",
    "randomblob",
    "rtreecheck",
    "rtreedepth",
    "rtreenode",
    "snippet",
    "sqlite_compileoption_used",
    "sqlite_source_id",
    "sqlite_version",
    "subtype",
    "total_changes",
};
/* Aggregates with which GDAL reads a GeoPackage in columns; each version has some more. */
static const char gdal_internal[] = "ogr_gpkg_";

static const char *const modules[] = {"rtree", "rtree_i32", "geopoly",   "fts3",      "fts4",
                                      "fts5",  "fts5vocab", "json_each", "json_tree", NULL};

/* The R*Tree compiles statements that write before any is needed; in a file that was opened for reading, they
 * fail. */
static const int reading_actions[] = {SQLITE_SELECT,    SQLITE_READ,   SQLITE_RECURSIVE, SQLITE_TRANSACTION,
                                      SQLITE_SAVEPOINT, SQLITE_INSERT, SQLITE_UPDATE,    SQLITE_DELETE};

/* Pragmas that tell something; with an argument, it is the name of a table or an index. */
static const char *const telling_pragmas[] = {
    "application_id", "auto_vacuum", "collation_list",   "compile_options", "database_list",
    "data_version",   "encoding",    "foreign_key_list", "freelist_count",  "function_list",
    "index_info",     "index_list",  "index_xinfo",      "integrity_check", "module_list",
    "page_count",     "page_size",   "pragma_list",      "quick_check",     "schema_version",
    "table_info",     "table_list",  "table_xinfo",      "user_version"};

/* Pragmas that change how this connection works, and nothing else. */
static const char *const setting_pragmas[] = {
    "cache_size",   "cache_spill", "case_sensitive_like", "cell_size_check",    "defer_foreign_keys",
    "foreign_keys", "mmap_size",   "query_only",          "recursive_triggers", "reverse_unordered_selects",
    "synchronous",  "threads",     "busy_timeout",        "automatic_index"};

static bool is_function_allowed(const char *name) {
    return zf_sql_function_kind_of(name) != ZF_FUNCTION_OTHER ||
           zf_string_is_among_nocase(name, other_functions, COUNT_OF(other_functions)) ||
           sqlite3_strnicmp(name, gdal_internal, (int)strlen(gdal_internal)) == 0;
}

static bool is_reading(int action) {
    for (size_t i = 0; i < COUNT_OF(reading_actions); i++)
        if (reading_actions[i] == action)
            return true;
    return false;
}

static bool is_pragma_allowed(const char *name, const char *value) {
    return zf_string_is_among_nocase(name, telling_pragmas, COUNT_OF(telling_pragmas)) ||
           zf_string_is_among_nocase(name, setting_pragmas, COUNT_OF(setting_pragmas)) ||
           (value == NULL && !zf_string_equal_nocase(name, "wal_checkpoint") &&
            !zf_string_equal_nocase(name, "optimize") &&
            !zf_string_equal_nocase(name, "incremental_vacuum") &&
            !zf_string_equal_nocase(name, "shrink_memory"));
}

/* Of a connection that was opened for reading. The database is refused nothing that only looks at it. */
static int judge_reading(void *user, int action, const char *a, const char *b, const char *database,
                         const char *view) {
    (void)user, (void)database, (void)view;
    switch (action) {
    case SQLITE_FUNCTION:
        return is_function_allowed(b) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_PRAGMA:
        return is_pragma_allowed(a, b) ? SQLITE_OK : SQLITE_DENY;
    default:
        return is_reading(action) ? SQLITE_OK : SQLITE_DENY;
    }
}

/* Of a connection that may write: a temporary database that GDAL makes, or one in memory. PROJ attaches the
 * further databases that its user has configured to one in memory. */
static int judge_writing(void *user, int action, const char *a, const char *b, const char *database,
                         const char *view) {
    const char *path = sqlite3_db_filename(user, "main");
    (void)a, (void)database, (void)view;
    switch (action) {
    case SQLITE_FUNCTION:
        return is_function_allowed(b) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_ATTACH:
        return path == NULL || *path == '\0' ? SQLITE_OK : SQLITE_DENY;
    default:
        return SQLITE_OK;
    }
}

/* Whether a table has generated columns. The authorizer is not asked about the functions in them, since
 * SQLite compiles them with the schema. True also where the schema cannot be read. */
static bool has_generated_columns(sqlite3 *db) {
    static const char sql[] =
        "SELECT count(*) FROM sqlite_master AS m WHERE m.type = 'table' AND m.rootpage > 0 AND"
        " m.sql LIKE '%as%(%' AND EXISTS (SELECT 1 FROM pragma_table_xinfo(m.name) WHERE hidden IN (2, 3))";
    sqlite3_stmt *statement = NULL;
    bool has = true;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        has = sqlite3_column_int(statement, 0) > 0;
    (void)sqlite3_finalize(statement);
    /* The schema must be read anew once GDAL has registered its functions: SQLite does not refuse those that
     * it did not know when it compiled a generated column. */
    if (sqlite3_exec(db, "PRAGMA writable_schema = RESET", NULL, NULL, NULL) != SQLITE_OK)
        has = true;
    return has;
}

/* Views and triggers are judged by the authorizer, name by name; so the schema can be trusted unless it has
 * generated columns. GDAL's spatial functions do not work in views of an untrusted one. */
static int guard_reading(sqlite3 *db) {
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    if (!has_generated_columns(db))
        (void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL);
    return sqlite3_set_authorizer(db, judge_reading, NULL);
}

/* Set while zf_sqlite_open_own opens a connection: SQLite runs its automatic extensions in the same thread.
 */
static _Thread_local bool is_own;

/* Steps of SQLite's virtual machine between two looks at is_cancelled. */
enum { STEPS_PER_LOOK = 100000 };

static _Thread_local const zf_callbacks *watched;

static int is_cancelled(void *user) {
    (void)user;
    return zf_check_cancelled(watched, NULL) != ZF_OK;
}

const zf_callbacks *zf_sqlite_guard_watch(const zf_callbacks *callbacks) {
    const zf_callbacks *before = watched;
    watched = callbacks;
    return before;
}

/* An automatic extension: SQLite calls it at the end of each opening, before GDAL registers functions. */
static int guard(sqlite3 *db, const char **out_error, const void *routines) {
    (void)out_error, (void)routines;
    if (is_own)
        return SQLITE_OK;
    (void)sqlite3_drop_modules(db, (const char **)modules);
    sqlite3_progress_handler(db, STEPS_PER_LOOK, is_cancelled, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    return sqlite3_db_readonly(db, "main") == 1 ? guard_reading(db)
                                                : sqlite3_set_authorizer(db, judge_writing, db);
}

static zf_once install_once = ZF_ONCE_INIT;

static void install(void) {
    (void)sqlite3_auto_extension((void (*)(void))guard);
}

void zf_sqlite_guard_install(void) {
    zf_once_run(&install_once, install);
}

int zf_sqlite_open_own(const char *path, sqlite3 **out, int flags, const char *vfs) {
    is_own = true;
    const int code = sqlite3_open_v2(path, out, flags, vfs);
    is_own = false;
    return code;
}

/* ---- memory ---- */

static atomic_bool is_limited;

zf_sqlite_limit zf_sqlite_limit_begin(size_t memory_bytes) {
    const size_t mib = (size_t)1 << 20, half = (memory_bytes > 0 ? memory_bytes : 256 * mib) / 2;
    const size_t n_bytes = half > 48 * mib ? half : 48 * mib;
    if (atomic_exchange(&is_limited, true))
        return (zf_sqlite_limit){.is_set = false};
    (void)sqlite3_initialize();
    zf_sqlite_limit before = {.soft = sqlite3_soft_heap_limit64(-1), .is_set = true};
    before.hard = sqlite3_hard_heap_limit64(sqlite3_memory_used() + (sqlite3_int64)n_bytes);
    return before;
}

void zf_sqlite_limit_end(const zf_sqlite_limit *before) {
    if (!before->is_set)
        return;
    (void)sqlite3_hard_heap_limit64(before->hard);
    (void)sqlite3_soft_heap_limit64(before->soft);
    atomic_store(&is_limited, false);
}

void zf_sqlite_limit_lift(void) {
    (void)sqlite3_hard_heap_limit64(0);
    (void)sqlite3_soft_heap_limit64(0);
}
