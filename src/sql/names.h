/* SPDX-License-Identifier: MIT */
/** @file names.h Distinct column names for tables whose columns come from the user's data. */
#ifndef ZF_SQL_NAMES_H
#define ZF_SQL_NAMES_H

#include "base/base.h"

/**
 * Distinct names for given columns beside a table's own. A name that clashes with none before it stays as it
 * is; another gets the first free suffix _2, _3, ...
 * @param out_names n strings, to be freed one by one, also after a failure (NULL from there on).
 */
ZF_MUST_USE zf_status zf_names_settle(const char *const *own, size_t n_own, const zf_column *columns,
                                      size_t n, char **out_names, zf_error *error);
/** The same for the columns of a query, whose geometry column is a given one and may have any name. */
ZF_MUST_USE zf_status zf_names_settle_query(const char *const *own, size_t n_own, const zf_column *columns,
                                            size_t n, char **out_names, zf_error *error);

#endif
