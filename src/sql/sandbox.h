/* SPDX-License-Identifier: MIT */
/**
 * @file sandbox.h
 * A private SQLite connection that runs SQL of the user's under a policy: no clock, no time zone, no random
 * number, no file but SQLite's temporary ones, and nothing that the policy does not allow.
 */
#ifndef ZF_SQL_SANDBOX_H
#define ZF_SQL_SANDBOX_H

#include "sql/database.h"
#include "sql/policy.h"
#include "sql/safe_functions.h"
#include "sql/sandbox_vfs.h"

/** Whose SQL SQLite compiles or runs. */
typedef enum zf_sandbox_mode {
    ZF_SANDBOX_OWN = 0, /**< zonefold's: everything is allowed */
    ZF_SANDBOX_COMPILE, /**< the user's text: the policy holds */
    ZF_SANDBOX_RUN      /**< statements that functions prepare inside the user's: the policy's actions hold */
} zf_sandbox_mode;

/** Zero-initialise. Not movable: it holds pointers into itself. */
typedef struct zf_sandbox {
    zf_sandbox_vfs vfs;
    zf_database db;
    zf_safe_functions functions;
    const zf_policy *policy;
    zf_callbacks callbacks;   /**< copied; all NULL when there are none */
    const char *own_function; /**< may be called once in a statement, by zonefold; nullable */
    /** Judges the reading of a column: SQLITE_OK or zf_sandbox_refuse(). A column NULL or empty: the table is
     * read, but none of its columns. */
    int (*judge_read)(void *user, const char *table, const char *column);
    void *user;
    zf_sandbox_mode mode;
    size_t n_selects, n_own_calls; /**< in the statement that is compiled */
    char refusal[256];             /**< why something was refused; empty: nothing was */
    char culprit[128];             /**< the word of the SQL that the refusal is about, or empty */
    bool is_cancelled;
    size_t n_looks_left; /**< a statement is stopped after so many calls of the progress handler; 0: never */
} zf_sandbox;

/**
 * Opens the connection. Set callbacks, own_function, judge_read and user before.
 * @param temp_directory NULL: a database in memory. Else a temporary one with SpatiaLite, whose file is
 * created there when SQLite's cache is full; borrowed until the sandbox is closed.
 */
ZF_MUST_USE zf_status zf_sandbox_open(zf_sandbox *sandbox, const zf_policy *policy,
                                      const char *temp_directory, zf_error *error);
/** Applies the policy, and drops all virtual tables but `building`. Call it after zonefold's own tables and
 * functions are there. */
void zf_sandbox_harden(zf_sandbox *sandbox);
/** All statements must be finalised. Idempotent. ZF_E_INTERNAL: SQLite could not close the connection. */
zf_status zf_sandbox_close(zf_sandbox *sandbox);

/** sqlite3_prepare_v3 of the user's SQL, under the policy. */
int zf_sandbox_prepare(zf_sandbox *sandbox, const char *sql, sqlite3_stmt **out, const char **out_tail);
/** Forgets refusals and cancelling, before a statement is run. */
void zf_sandbox_begin(zf_sandbox *sandbox);
/** sqlite3_step of the user's statement. SQLITE_INTERRUPT also when the caller cancelled inside of a function
 * of SpatiaLite's. */
int zf_sandbox_step(zf_sandbox *sandbox, sqlite3_stmt *statement);
/** Notes the first refusal. Returns SQLITE_DENY. */
ZF_PRINTF(3, 4) int zf_sandbox_refuse(zf_sandbox *sandbox, const char *culprit, const char *format, ...);
/** Why the statement was refused while it was compiled or run; NULL: it was not. */
const char *zf_sandbox_refusal(const zf_sandbox *sandbox);

#endif
