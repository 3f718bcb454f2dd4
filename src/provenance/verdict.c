/* SPDX-License-Identifier: MIT */
/* The verdict on a result: verified tables and findings. */
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
