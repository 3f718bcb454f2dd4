/* SPDX-License-Identifier: MIT */
/** @file text_functions.h SQLite's instr() and replace(), in time that is linear in their arguments. */
#ifndef ZF_SQL_TEXT_FUNCTIONS_H
#define ZF_SQL_TEXT_FUNCTIONS_H

#include "base/base.h"

#include <sqlite3.h>

/** Replaces the functions of a connection. */
ZF_MUST_USE zf_status zf_text_functions_register(sqlite3 *db, zf_error *error);

#endif
