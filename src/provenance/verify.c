/* SPDX-License-Identifier: MIT */
#include "provenance/result_internal.h"

#include <stdio.h>
#include <stdlib.h>

const char *zf_check_name(zf_check check) {
    static const char *const names[ZF_CHECK_END] = {"file",       "content",  "ledger",
                                                    "references", "metadata", "index"};
    return (unsigned)check < ZF_CHECK_END ? names[check] : "unknown";
}

zf_status zf_verdict_add(zf_verdict *verdict, zf_check check, const char *table, zf_error *error,
                         const char *format, ...) {
    zf_finding *findings = realloc(verdict->findings, (verdict->n_findings + 1) * sizeof *verdict->findings);
    if (findings == NULL)
        return zf_error_memory(error, sizeof *findings, "a finding");
    verdict->findings = findings;
    zf_finding *finding = &findings[verdict->n_findings];
    *finding = (zf_finding){check, zf_string_copy(table), NULL};
    va_list arguments;
    va_start(arguments, format);
    int n = vasprintf(&finding->text, format, arguments);
    va_end(arguments);
    if (n < 0 || (table != NULL && finding->table == NULL)) {
        free(n < 0 ? NULL : finding->text);
        free(finding->table);
        return zf_error_memory(error, 0, "a finding");
    }
    verdict->n_findings++;
    return ZF_OK;
}

static zf_status check_pages(zf_reader *reader, zf_verdict *verdict, zf_error *error) {
    sqlite3_stmt *answers = NULL;
    zf_status status = zf_reader_prepare(reader, &answers, error, "PRAGMA quick_check(3)");
    while (status == ZF_OK && (status = zf_reader_step(reader, answers, error)) == ZF_OK) {
        const char *said = (const char *)sqlite3_column_text(answers, 0);
        if (said != NULL && !zf_string_equal_nocase(said, "ok"))
            status = zf_verdict_add(verdict, ZF_CHECK_FILE, NULL, error, "SQLite says: %s", said);
    }
    sqlite3_finalize(answers);
    return status == ZF_DONE ? ZF_OK : status;
}

zf_status zf_require(const char *value, const char *parameter, zf_error *error) {
    if (value != NULL)
        return ZF_OK;
    zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "`%s` is required", parameter);
    return zf_error_parameter(error, ZF_E_USAGE, parameter);
}

typedef zf_status check_of(zf_reader *reader, zf_verdict *verdict, zf_error *error);

/* Damaged pages are a finding, not the end of the answer. */
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

void zf_verdict_deinit(zf_verdict *verdict) {
    for (size_t i = 0; i < verdict->n_tables; i++)
        free(verdict->tables[i].name);
    for (size_t i = 0; i < verdict->n_findings; i++) {
        free(verdict->findings[i].table);
        free(verdict->findings[i].text);
    }
    free(verdict->tables);
    free(verdict->findings);
    *verdict = (zf_verdict){0};
}
