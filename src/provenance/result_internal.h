/* SPDX-License-Identifier: MIT */
/** What the files of this folder share. */
#ifndef ZF_PROVENANCE_RESULT_INTERNAL_H
#define ZF_PROVENANCE_RESULT_INTERNAL_H

#include "output/reader.h"
#include "output/ledger.h"
#include "zonefold/verify.h"

/** ZF_OK where a required option is given, else ZF_E_USAGE with its name. */
ZF_MUST_USE zf_status zf_require(const char *value, const char *parameter, zf_error *error);

ZF_PRINTF(5, 6)
ZF_MUST_USE zf_status zf_verdict_add(zf_verdict *verdict, zf_check check, const char *table, zf_error *error,
                                     const char *format, ...);

/* The checks; findings go into the verdict. */
ZF_MUST_USE zf_status zf_verify_contents(zf_reader *reader, zf_verdict *verdict, zf_error *error);
ZF_MUST_USE zf_status zf_verify_ledger(zf_reader *reader, zf_verdict *verdict, zf_error *error);
ZF_MUST_USE zf_status zf_verify_references(zf_reader *reader, zf_verdict *verdict, zf_error *error);
ZF_MUST_USE zf_status zf_verify_layers(zf_reader *reader, zf_verdict *verdict, zf_error *error);

#endif
