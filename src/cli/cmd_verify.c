/* SPDX-License-Identifier: MIT */
#include "cli/common_options.h"
#include "cli/terminal.h"
#include "zonefold/verify.h"

#include <inttypes.h>
#include <string.h>

typedef struct verify_target {
    zf_cli_format format;
    bool is_quiet;
} verify_target;

static const zf_option options[] = {
    ZF_OPTION_FORMAT_AT(offsetof(verify_target, format)),
    ZF_OPTION_QUIET_AT(offsetof(verify_target, is_quiet), ZF_QUIET_PROGRESS),
    ZF_OPTION_SHOW_HELP,
};

const zf_option_table zf_cli_verify_table = {
    .command = "verify",
    .page = "zonefold-verify",
    .summary = "check that a result file is unchanged since it was written",
    .usage = "zonefold verify RESULT [OPTION]...",
    .description = "Reads a result file and checks the hash of each table, the counts against the rows, "
                   "references to ZIPs, SpatiaLite's metadata, and the spatial indexes. Tables that other "
                   "programs added are not checked. The exit status is 1 if there are findings.",
    .examples = "zonefold verify result.sqlite\n"
                "zonefold verify --format json result.sqlite",
    .operand = "RESULT",
    .operand_hint = ZF_HINT_FILE,
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

static void append_text(const char *path, const zf_verdict *verdict, zf_text *out) {
    char name[256], number[32];
    for (size_t i = 0; i < verdict->n_tables; i++) {
        const zf_verified_table *table = &verdict->tables[i];
        zf_text_append_format(out, "%s  %s %s, %s row%s\n", table->sha256,
                              zf_cli_printable(table->name, strlen(table->name), name, sizeof name),
                              table->is_as_written ? "as written" : "NOT AS WRITTEN",
                              zf_format_grouped(table->n_rows, number), table->n_rows == 1 ? "" : "s");
    }
    for (size_t i = 0; i < verdict->n_findings; i++) {
        const zf_finding *finding = &verdict->findings[i];
        char text[1024];
        zf_text_append_format(out, "%s: ", zf_check_name(finding->check));
        if (finding->table != NULL)
            zf_text_append_format(
                out, "%s: ", zf_cli_printable(finding->table, strlen(finding->table), name, sizeof name));
        zf_text_append_format(out, "%s\n",
                              zf_cli_printable(finding->text, strlen(finding->text), text, sizeof text));
    }
    if (verdict->n_findings == 0)
        zf_text_append_format(out, "%s is as it was written: content %s\n", path, verdict->sha256);
    else
        zf_text_append_format(out, "%s: %zu finding%s\n", path, verdict->n_findings,
                              verdict->n_findings == 1 ? "" : "s");
}

static void append_json(const char *path, const zf_verdict *verdict, zf_text *out) {
    zf_text_append(out, "{\n  \"file\": ");
    zf_text_append_json(out, path);
    zf_text_append_format(out, ",\n  \"is_as_written\": %s,\n  \"content_sha256\": \"%s\",\n  \"tables\": [",
                          verdict->n_findings == 0 ? "true" : "false", verdict->sha256);
    for (size_t i = 0; i < verdict->n_tables; i++) {
        const zf_verified_table *table = &verdict->tables[i];
        zf_text_append(out, i > 0 ? ",\n    {\"table\": " : "\n    {\"table\": ");
        zf_text_append_json(out, table->name);
        zf_text_append_format(out,
                              ", \"rows\": %" PRIu64 ", \"content_sha256\": \"%s\", \"is_as_written\": %s}",
                              table->n_rows, table->sha256, table->is_as_written ? "true" : "false");
    }
    zf_text_append(out, "\n  ],\n  \"findings\": [");
    for (size_t i = 0; i < verdict->n_findings; i++) {
        const zf_finding *finding = &verdict->findings[i];
        zf_text_append_format(out, "%s\n    {\"check\": \"%s\", \"table\": ", i > 0 ? "," : "",
                              zf_check_name(finding->check));
        zf_text_append_json(out, finding->table);
        zf_text_append(out, ", \"text\": ");
        zf_text_append_json(out, finding->text);
        zf_text_append(out, "}");
    }
    zf_text_append(out, verdict->n_findings > 0 ? "\n  ]\n}\n" : "]\n}\n");
}

/* *out_exit: 1 with findings. */
static zf_status verify(const verify_target *target, const char *path, int *out_exit, zf_error *error) {
    zf_terminal terminal;
    zf_terminal_init(&terminal, target->is_quiet, 0, ZF_CLI_PROGRESS_AUTO);
    const zf_callbacks callbacks = zf_terminal_callbacks(&terminal);
    zf_verdict verdict;
    zf_text text = {0};
    zf_status status = zf_verify(&(zf_verify_options){path}, &callbacks, &verdict, error);
    zf_terminal_clear(&terminal);
    if (status != ZF_OK)
        return status;
    if (target->format == ZF_CLI_JSON)
        append_json(path, &verdict, &text);
    else
        append_text(path, &verdict, &text);
    *out_exit = verdict.n_findings > 0 ? ZF_CLI_EXIT_FINDINGS : 0;
    zf_verdict_deinit(&verdict);
    status = zf_cli_put(&text, error);
    zf_text_deinit(&text);
    return status;
}

static zf_status work(void *target, const zf_option_list *operands, int *out_exit, zf_error *error) {
    return verify(target, operands->items[0], out_exit, error);
}

int zf_cli_verify(int argc, char *const *argv) {
    verify_target target = {0};
    return zf_cli_perform(&zf_cli_verify_table, argc, argv, &target, work);
}
