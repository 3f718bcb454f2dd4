/* SPDX-License-Identifier: MIT */
#include "sql/policy.h"

/* ---- limits and switches ---- */

/* Generous to people, tight enough that a hostile text cannot take the machine. */
#define COMMON_LIMITS                                                                                        \
    {SQLITE_LIMIT_SQL_LENGTH, 1 << 20}, {SQLITE_LIMIT_EXPR_DEPTH, 1000},                                     \
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000}, {SQLITE_LIMIT_ATTACHED, 0},                                \
        {SQLITE_LIMIT_TRIGGER_DEPTH, 0}, {SQLITE_LIMIT_WORKER_THREADS, 0}, {                                 \
        -1, 0                                                                                                \
    }

/* A text or blob has at most 16 MiB. */
static const zf_policy_setting expression_limits[] = {
    {SQLITE_LIMIT_LENGTH, 16 << 20}, {SQLITE_LIMIT_COMPOUND_SELECT, 1}, COMMON_LIMITS};

/* A text or blob has at most 256 MiB: the union of a large ZIP. */
static const zf_policy_setting query_limits[] = {
    {SQLITE_LIMIT_LENGTH, 256 << 20}, {SQLITE_LIMIT_COMPOUND_SELECT, 100}, COMMON_LIMITS};

/* A double-quoted word is a name, never a text. */
#define COMMON_SWITCHES                                                                                      \
    {SQLITE_DBCONFIG_DQS_DML, 0}, {SQLITE_DBCONFIG_DQS_DDL, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},            \
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0}, {SQLITE_DBCONFIG_DEFENSIVE, 1}, {                        \
        0, 0                                                                                                 \
    }

static const zf_policy_setting expression_switches[] = {
    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0}, {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, COMMON_SWITCHES};

/* SpatiaLite's functions need its triggers and its schema. */
static const zf_policy_setting query_switches[] = {COMMON_SWITCHES};

/* ---- policies ---- */

static const int expression_actions[] = {SQLITE_SELECT, SQLITE_FUNCTION, SQLITE_READ, 0};
static const int query_actions[] = {SQLITE_SELECT, SQLITE_FUNCTION, SQLITE_READ, SQLITE_RECURSIVE, 0};

const zf_policy zf_policy_expression = {
    .functions = ZF_FUNCTION_SCALAR,
    .actions = expression_actions,
    .max_selects = 1,
    .limits = expression_limits,
    .switches = expression_switches,
    .no_function = "the function %s() is not allowed: an expression may only use functions whose result "
                   "depends on nothing but their arguments",
    .no_aggregate = "%s() needs many rows: an expression sees one row at a time (one building, or one ZIP)",
    .no_select =
        "it has a subquery (SELECT, EXISTS, IN (SELECT ...) or IN with a table's name): an expression "
        "sees one row and nothing else",
    .no_action = "it does more than compute",
};

const zf_policy zf_policy_query = {
    .functions = ZF_FUNCTION_SCALAR | ZF_FUNCTION_AGGREGATE | ZF_FUNCTION_SPATIAL,
    .actions = query_actions,
    .limits = query_limits,
    .switches = query_switches,
    .no_function = "the function %s() is not allowed: a query may only use functions whose result depends on "
                   "nothing but their arguments",
    .no_action = "it does more than a SELECT may: it must only read the table building, without PRAGMA, "
                 "ATTACH, table functions such as json_each, or writing",
};

/* Not every build of SQLite has every switch; without the switch it lacks the feature too. */
void zf_policy_apply(const zf_policy *policy, sqlite3 *db) {
    for (const zf_policy_setting *one = policy->switches; one->id != 0; one++)
        sqlite3_db_config(db, one->id, one->value, NULL);
    for (const zf_policy_setting *one = policy->limits; one->id >= 0; one++)
        sqlite3_limit(db, one->id, one->value);
}
