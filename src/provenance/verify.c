/* SPDX-License-Identifier: MIT */
/* Verifies a result: runs all checks and collects their findings. */
#include "provenance/result_internal.h"

/** Lets SQLite check the pages of the file. */
static zf_status check_pages(zf_reader *reader, zf_verdict *verdict, zf_error *error) {
    sqlite3_stmt *answers = NULL;
    zf_status status = zf_reader_prepare(reader, &answers, error, "PRAGMA quick_check(3)");
    while (status == ZF_OK && (status = zf_reader_step(reader, answers, error)) == ZF_OK) {
        const char *said = (const char *)sqlite3_column_text(answers, 0);
        if (said != NULL && !zf_string_equal_nocase(said, "ok"))
            status = zf_verdict_add(verdict, ZF_CHECK_FILE, NULL, error, "SQLite's quick_check: %s", said);
    }
    sqlite3_finalize(answers);
    return status == ZF_DONE ? ZF_OK : status;
}

typedef zf_status check_of(zf_reader *reader, zf_verdict *verdict, zf_error *error);

/** Runs one check. Damaged pages are a finding and do not end the verification. */
static zf_status run_check(zf_reader *reader, check_of *check, zf_verdict *verdict, zf_error *error) {
    zf_error own = ZF_ERROR_INIT;
    zf_status status = check(reader, verdict, &own);
    if (status == ZF_E_INPUT && reader->is_damaged)
        return zf_verdict_add(verdict, ZF_CHECK_FILE, NULL, error, "%s", own.text);
    if (status != ZF_OK && error != NULL)
        *error = own;
    return status;
}

zf_status zf_verify(const zf_verify_options *options, const zf_callbacks *callbacks, zf_verdict *out,
                    zf_error *error) {
    static check_of *const checks[] = {check_pages, zf_verify_contents, zf_verify_ledger,
                                       zf_verify_references, zf_verify_layers};
    enum { N_CHECKS = sizeof checks / sizeof *checks };
    zf_reader reader;
    *out = (zf_verdict){0};
    zf_status status = zf_require(options->result, "result", error);
    if (status == ZF_OK)
        status = zf_reader_open(options->result, callbacks, &reader, error);
    if (status != ZF_OK)
        return status;
    for (size_t i = 0; status == ZF_OK && i < N_CHECKS; i++) {
        zf_progress_report(callbacks, "verify", i, N_CHECKS);
        status = run_check(&reader, checks[i], out, error);
    }
    zf_reader_close(&reader);
    if (status != ZF_OK)
        zf_verdict_deinit(out);
    return status;
}
