/* SPDX-License-Identifier: MIT */
/**
 * @file cells.h
 * Values as text, for tables on standard output.
 */
#ifndef ZF_CLI_CELLS_H
#define ZF_CLI_CELLS_H

#include "cli/cli.h"

/** A cell of a table for people: one line without control characters, numbers rounded, "NULL", "(96 bytes)".
 */
void zf_cli_append_cell(zf_text *out, const zf_value *value);
/** A value in JSON, whole; of a blob {"bytes": n}. */
void zf_cli_append_json_value(zf_text *out, const zf_value *value);
/** A field of a CSV (RFC 4180), whole and with quotes around texts; nothing for NULL. Control characters
 * become
 * '?', a blob is "(96 bytes)". */
void zf_cli_append_csv_value(zf_text *out, const zf_value *value);

#endif
