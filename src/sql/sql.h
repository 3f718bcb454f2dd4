/* SPDX-License-Identifier: MIT */
/** @file sql.h The user's SQL in a sandbox: expressions over rows, queries over the buildings of a ZIP. */
#ifndef ZF_SQL_H
#define ZF_SQL_H

#include "sql/expressions.h"
#include "sql/queries.h"

/** Versions at run time. */
const char *zf_sqlite_version(void);
const char *zf_spatialite_version(void);

#endif
