/* SPDX-License-Identifier: MIT */
/**
 * @file policy.h
 * What the user's SQL may do, as data: functions, actions, limits and switches of a connection.
 */
#ifndef ZF_SQL_POLICY_H
#define ZF_SQL_POLICY_H

#include "guard/sql_functions.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/** A number of SQLite's, for an action, a limit or a switch, and its value where it has one. */
typedef struct zf_policy_setting {
    int id, value;
} zf_policy_setting;

/** What one kind of the user's SQL may do. */
typedef struct zf_policy {
    unsigned functions;                /**< kinds that it may call */
    const int *actions;                /**< of the authorizer, ended by 0 */
    size_t max_selects;                /**< SELECTs in one statement; 0: any number */
    const zf_policy_setting *limits;   /**< sqlite3_limit, ended by id -1 */
    const zf_policy_setting *switches; /**< sqlite3_db_config, ended by id 0 */
    /* refusals in words; %s: the function's name */
    const char *no_function, *no_aggregate, *no_select, *no_action;
} zf_policy;

/** An expression over one building. */
extern const zf_policy zf_policy_expression;
/** A SELECT over the buildings of a ZIP, with SpatiaLite. */
extern const zf_policy zf_policy_query;

/** Sets limits and switches of a connection. */
void zf_policy_apply(const zf_policy *policy, sqlite3 *db);

#endif
