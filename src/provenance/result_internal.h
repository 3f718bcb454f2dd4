/* SPDX-License-Identifier: MIT */
/** Shared by the files of this folder. */
#ifndef ZF_PROVENANCE_RESULT_INTERNAL_H
#define ZF_PROVENANCE_RESULT_INTERNAL_H

#include "output/ledger.h"
#include "output/reader.h"
#include "zonefold/verify.h"

/** ZF_OK where a required option is given, else ZF_E_USAGE with its name. */
ZF_MUST_USE static inline zf_status zf_require(const char *value, const char *parameter, zf_error *error) {
    if (value != NULL)
        return ZF_OK;
    zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "`%s` is required", parameter);
    return zf_error_parameter(error, ZF_E_USAGE, parameter);
}

/** Adds a finding of a check; table NULL: of the whole file. */
ZF_PRINTF(5, 6)
ZF_MUST_USE zf_status zf_verdict_add(zf_verdict *verdict, zf_check check, const char *table, zf_error *error,
                                     const char *format, ...);

/* The checks; findings go into the verdict. */
ZF_MUST_USE zf_status zf_verify_contents(zf_reader *reader, zf_verdict *verdict, zf_error *error);
ZF_MUST_USE zf_status zf_verify_ledger(zf_reader *reader, zf_verdict *verdict, zf_error *error);
ZF_MUST_USE zf_status zf_verify_references(zf_reader *reader, zf_verdict *verdict, zf_error *error);
ZF_MUST_USE zf_status zf_verify_layers(zf_reader *reader, zf_verdict *verdict, zf_error *error);

#endif
