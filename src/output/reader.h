/* SPDX-License-Identifier: MIT */
/** A finished result, read again. */
#ifndef ZF_OUTPUT_READER_H
#define ZF_OUTPUT_READER_H

#include "base/base.h"

#include <sqlite3.h>

/** A result, open for reading. */
typedef struct zf_reader {
    const char *path; /**< borrowed */
    const zf_callbacks *callbacks;
    sqlite3 *db;
    bool is_damaged; /**< the last failure was that of a page */
} zf_reader;

/** Nothing in the file is run: no triggers, no functions of its schema. ZF_E_INPUT also when it has no
 * run_info.
 */
ZF_MUST_USE zf_status zf_reader_open(const char *path, const zf_callbacks *callbacks, zf_reader *out,
                                     zf_error *error);
void zf_reader_close(zf_reader *reader);

/** A statement; "%w" and "%s" as in sqlite3_mprintf. *out is finalized by the caller. */
ZF_MUST_USE zf_status zf_reader_prepare(zf_reader *reader, sqlite3_stmt **out, zf_error *error,
                                        const char *format, ...);
/** ZF_OK with a row, ZF_DONE after the last. */
ZF_MUST_USE zf_status zf_reader_step(zf_reader *reader, sqlite3_stmt *statement, zf_error *error);
/** The one integer that a query answers with. */
ZF_MUST_USE zf_status zf_reader_ask(zf_reader *reader, int64_t *out, zf_error *error, const char *format,
                                    ...);
/** Whether the file has such a table, and whether that has such a column. */
ZF_MUST_USE zf_status zf_reader_has_table(zf_reader *reader, const char *table, bool *out, zf_error *error);
ZF_MUST_USE zf_status zf_reader_has_column(zf_reader *reader, const char *table, const char *column,
                                           bool *out, zf_error *error);
/** Column i of the current row; borrowed until the next step. */
zf_value zf_reader_value(sqlite3_stmt *statement, int i);

#endif
