/* SPDX-License-Identifier: MIT */
#include "cli/common_options.h"
#include "cli/missing_inputs.h"
#include "cli/terminal.h"
#include "zonefold/archive.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DATE_BYTES = 32 };

typedef struct archive_target {
    const char *output, *inputs;
    bool is_quiet;
} archive_target;

#define AT(member) offsetof(archive_target, member)

static const zf_option options[] = {
    {.group = "Options",
     .name = "output",
     .short_name = 'o',
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .is_required = true,
     .value = "DIR",
     .offset = AT(output),
     .help = "Directory of the bag. It must not exist, or be empty. It is put in place when it is "
             "complete, or not at all."},
    ZF_OPTION_INPUTS_AT(AT(inputs)),
    ZF_OPTION_QUIET_AT(AT(is_quiet), ZF_QUIET_MESSAGES),
    ZF_OPTION_SHOW_HELP,
};

const zf_option_table zf_cli_archive_table = {
    .command = "archive",
    .page = "zonefold-archive",
    .summary = "pack a result, its inputs and its job into a BagIt bag",
    .usage = "zonefold archive RESULT -o DIR [OPTION]...",
    .description = "Writes a bag (BagIt 1.0, RFC 8493) with the result, its input files, a job file for "
                   "them, the versions of zonefold and its libraries, and a description of all of them as an "
                   "RO-Crate (Process Run Crate). 'zonefold replay' works on the result in the bag. The "
                   "result must be unchanged since it was written. The input files are found as by 'zonefold "
                   "replay'. Dates are taken from SOURCE_DATE_EPOCH, or left out.",
    .examples = "zonefold archive result.sqlite -o result-bag",
    .operand = "RESULT",
    .operand_hint = ZF_HINT_FILE,
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

/* The date of SOURCE_DATE_EPOCH, "2020-12-31"; empty where that is not set. */
static zf_status read_date(char out[DATE_BYTES], zf_error *error) {
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    struct tm when;
    if (epoch == NULL || *epoch == '\0')
        return ZF_OK;
    bool is_number = epoch[strspn(epoch, "0123456789")] == '\0' && strlen(epoch) < 13;
    time_t seconds = is_number ? (time_t)strtoll(epoch, NULL, 10) : 0;
    if (!is_number || gmtime_r(&seconds, &when) == NULL || strftime(out, DATE_BYTES, "%Y-%m-%d", &when) == 0)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "SOURCE_DATE_EPOCH is '%.100s', but is a number of seconds since 1970", epoch);
    return ZF_OK;
}

static zf_status put_report(const archive_target *target, const zf_archive_report *archived,
                            zf_error *error) {
    zf_text text = {0};
    char name[512], number[32];
    zf_text_append_format(&text, "%s: %s files, ",
                          zf_cli_printable(target->output, strlen(target->output), name, sizeof name),
                          zf_format_grouped(archived->n_files, number));
    zf_cli_append_bytes(&text, archived->n_bytes);
    zf_text_append(&text, "\n");
    zf_status status = zf_cli_put(&text, error);
    zf_text_deinit(&text);
    if (status != ZF_OK)
        return zf_error_within(error, status, "the bag '%.300s' is complete, but not its summary",
                               target->output);
    return ZF_OK;
}

static zf_status work(void *user, const zf_option_list *operands, int *out_exit, zf_error *error) {
    const archive_target *target = user;
    char date[DATE_BYTES] = "";
    zf_archive_report archived = {0};
    zf_terminal terminal;
    zf_terminal_init(&terminal, target->is_quiet, 0, ZF_CLI_PROGRESS_AUTO);
    const zf_callbacks callbacks = zf_terminal_callbacks(&terminal);
    zf_status status = read_date(date, error);
    if (status != ZF_OK)
        return status;
    const zf_archive_options wanted = {.result = operands->items[0],
                                       .output = target->output,
                                       .inputs = target->inputs,
                                       .date = date[0] != '\0' ? date : NULL};
    status = zf_archive(&wanted, &callbacks, &archived, error);
    zf_terminal_clear(&terminal);
    if (status == ZF_OK)
        status = put_report(target, &archived, error);
    else
        status =
            zf_cli_report_missing(status, error, &archived.missing, zf_cli_archive_table.command, out_exit);
    zf_archive_report_deinit(&archived);
    return status;
}

int zf_cli_archive(int argc, char *const *argv) {
    archive_target target = {0};
    return zf_cli_perform(&zf_cli_archive_table, argc, argv, &target, work);
}
