/* SPDX-License-Identifier: MIT */
#include "sql/sandbox.h"

#include "guard/sqlite_guard.h"
#include "sql/text_functions.h"

#include <stdio.h>
#include <string.h>

enum { INSTRUCTIONS_BETWEEN_LOOKS = 20000 };

/* ---- opening ---- */

/* A temporary database with SpatiaLite's metadata and all CRS that it knows. The metadata fit into the cache:
 * no file is created unless buildings come. */
static zf_status add_spatialite(zf_sandbox *s, zf_error *error) {
    /* PROJ asks nobody on the network for grids, whatever its settings are */
    const bool was_allowed = zf_crs_allow_network(false);
    zf_status status = zf_database_add_spatialite(&s->db, error);
    (void)zf_crs_allow_network(was_allowed);
    if (status == ZF_OK)
        status = zf_database_run(&s->db,
                                 "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                                 "PRAGMA cache_size=-16384; BEGIN",
                                 "prepare a temporary database", error);
    return status == ZF_OK ? zf_database_expect_one(&s->db, "SELECT InitSpatialMetaData(0,'ALL')", error)
                           : status;
}

static zf_status open_connection(zf_sandbox *s, bool is_temporary, zf_error *error) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                      SQLITE_OPEN_PRIVATECACHE | (is_temporary ? 0 : SQLITE_OPEN_MEMORY);
    const int code = zf_sqlite_open_own(is_temporary ? "" : ":memory:", &s->db.handle, flags, s->vfs.name);
    if (code == SQLITE_OK)
        return ZF_OK;
    if (code == SQLITE_NOMEM)
        return zf_error_memory(error, 0, "an SQLite connection");
    return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_SQLITE, "cannot open a connection for SQL: %s",
                        sqlite3_errstr(code));
}

zf_status zf_sandbox_open(zf_sandbox *s, const zf_policy *policy, const char *temp_directory,
                          zf_error *error) {
    s->policy = policy;
    s->db.callbacks = &s->callbacks;
    s->functions = (zf_safe_functions){.vfs = &s->vfs, .refusal = s->refusal, .n_refusal = sizeof s->refusal};
    zf_status status = zf_sandbox_vfs_register(&s->vfs, temp_directory, error);
    if (status == ZF_OK)
        status = open_connection(s, temp_directory != NULL, error);
    if (status == ZF_OK && temp_directory != NULL)
        status = add_spatialite(s, error);
    if (status == ZF_OK)
        status = zf_text_functions_register(s->db.handle, error);
    return status == ZF_OK ? zf_safe_functions_register(&s->functions, s->db.handle, error) : status;
}

zf_status zf_sandbox_close(zf_sandbox *s) {
    zf_safe_functions_close(&s->functions);
    zf_status status = zf_database_close(&s->db, NULL);
    zf_sandbox_vfs_unregister(&s->vfs);
    return status;
}

/* ---- the policy ---- */

int zf_sandbox_refuse(zf_sandbox *s, const char *culprit, const char *format, ...) {
    if (s->refusal[0] != '\0')
        return SQLITE_DENY;
    va_list values;
    va_start(values, format);
    vsnprintf(s->refusal, sizeof s->refusal, format, values);
    va_end(values);
    snprintf(s->culprit, sizeof s->culprit, "%s", culprit != NULL ? culprit : "");
    return SQLITE_DENY;
}

static int judge_select(zf_sandbox *s) {
    s->n_selects++;
    if (s->policy->max_selects == 0 || s->n_selects <= s->policy->max_selects)
        return SQLITE_OK;
    return zf_sandbox_refuse(s, NULL, "%s", s->policy->no_select);
}

/* Puts the function's name into a refusal of the policy's. */
static int refuse_function(zf_sandbox *s, const char *form, const char *name) {
    const char *at = strstr(form, "%s");
    return zf_sandbox_refuse(s, name, "%.*s%s%s", (int)(at - form), form, name, at + 2);
}

static int judge_function(zf_sandbox *s, const char *name) {
    if (s->own_function != NULL && strcmp(name, s->own_function) == 0 && s->n_own_calls++ == 0)
        return SQLITE_OK;
    const zf_function_kind kind = zf_sql_function_kind_of(name);
    if ((kind & s->policy->functions) != 0)
        return SQLITE_OK;
    if (kind == ZF_FUNCTION_CLOCK)
        return zf_sandbox_refuse(s, name,
                                 "%s asks for the present time, and the result must not depend on when it is "
                                 "made: write the date itself",
                                 name);
    return refuse_function(
        s, kind == ZF_FUNCTION_AGGREGATE ? s->policy->no_aggregate : s->policy->no_function, name);
}

static bool is_allowed_action(const zf_policy *policy, int action) {
    for (const int *allowed = policy->actions; *allowed != 0; allowed++)
        if (*allowed == action)
            return true;
    return false;
}

/* The callback of sqlite3_set_authorizer. */
static int authorize(void *user, int action, const char *a, const char *b, const char *database,
                     const char *trigger) {
    zf_sandbox *s = user;
    (void)database, (void)trigger;
    if (s->mode == ZF_SANDBOX_OWN)
        return SQLITE_OK;
    if (!is_allowed_action(s->policy, action))
        return zf_sandbox_refuse(s, NULL, "%s", s->policy->no_action);
    if (s->mode == ZF_SANDBOX_RUN)
        return SQLITE_OK;
    switch (action) {
    case SQLITE_SELECT:
        return judge_select(s);
    case SQLITE_FUNCTION:
        return judge_function(s, b);
    case SQLITE_READ:
        return s->judge_read(s->user, a, b);
    default:
        return SQLITE_OK;
    }
}

/* The progress handler. */
static int look(void *user) {
    zf_sandbox *s = user;
    if (s->n_looks_left > 0 && --s->n_looks_left == 0)
        return 1;
    if (zf_check_cancelled(&s->callbacks, NULL) == ZF_OK)
        return 0;
    s->is_cancelled = true;
    return 1;
}

void zf_sandbox_harden(zf_sandbox *s) {
    static const char *kept[] = {"building", NULL};
    /* Newer SQLite asks the authorizer nothing when a statement opens a table function such as json_each */
    sqlite3_drop_modules(s->db.handle, kept);
    zf_policy_apply(s->policy, s->db.handle);
    sqlite3_set_authorizer(s->db.handle, authorize, s);
    sqlite3_progress_handler(s->db.handle, INSTRUCTIONS_BETWEEN_LOOKS, look, s);
}

/* ---- the user's statements ---- */

int zf_sandbox_prepare(zf_sandbox *s, const char *sql, sqlite3_stmt **out, const char **out_tail) {
    zf_sandbox_begin(s);
    s->n_selects = s->n_own_calls = 0;
    s->mode = ZF_SANDBOX_COMPILE;
    const int code = sqlite3_prepare_v3(s->db.handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, out_tail);
    s->mode = ZF_SANDBOX_OWN;
    return code;
}

void zf_sandbox_begin(zf_sandbox *s) {
    s->refusal[0] = s->culprit[0] = '\0';
    s->vfs.has_refused_time = s->is_cancelled = false;
}

int zf_sandbox_step(zf_sandbox *s, sqlite3_stmt *statement) {
    const bool has_geos = (s->policy->functions & ZF_FUNCTION_SPATIAL) != 0;
    zf_geos_watch watch;
    if (has_geos)
        zf_geos_watch_begin(&watch, &s->callbacks);
    s->mode = ZF_SANDBOX_RUN;
    const int code = sqlite3_step(statement);
    s->mode = ZF_SANDBOX_OWN;
    if (!has_geos || !zf_geos_watch_end(&watch))
        return code;
    s->is_cancelled = true; /* SpatiaLite returns NULL when GEOS is interrupted */
    return SQLITE_INTERRUPT;
}

const char *zf_sandbox_refusal(const zf_sandbox *s) {
    if (s->vfs.has_refused_time)
        return "it asks for the present time ('now', or a date function without a date), and the result must "
               "not depend on when it is made: write the date itself";
    return s->refusal[0] != '\0' ? s->refusal : NULL;
}
