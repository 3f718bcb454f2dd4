/* SPDX-License-Identifier: MIT */
#include "cli/recorded_job.h"
#include "cli/terminal.h"
#include "provenance/bag.h"

#include "os/file.h"
#include "zonefold/version.h"

#include <stdio.h>
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
     .help =
         "Directory of the bag; it must not exist, or be empty. It appears when it is complete, or not at "
         "all."},
    {.group = "Options",
     .name = "inputs",
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .value = "DIR",
     .offset = AT(inputs),
     .help =
         "Where the input files are, in DIR or below, whatever they are called now: they are known by size "
         "and SHA-256. Default: the directory of the result."},
    {.group = "Options",
     .name = "quiet",
     .short_name = 'q',
     .kind = ZF_OPTION_FLAG,
     .offset = AT(is_quiet),
     .help = "Nothing on standard error but warnings and errors."},
    {.group = "Options",
     .name = "help",
     .short_name = 'h',
     .kind = ZF_OPTION_HELP,
     .help = "Show this help."},
};

const zf_option_table zf_cli_archive_table = {
    .command = "archive",
    .page = "zonefold-archive",
    .summary = "put a result, its inputs and its job into a BagIt bag",
    .usage = "zonefold archive RESULT -o DIR [OPTION]...",
    .description =
        "Writes a bag (BagIt 1.0, RFC 8493) with the result, the input files that it was made of, a job file "
        "that runs beside them, the versions of zonefold and its libraries, and a description of them as an "
        "RO-Crate (Process Run Crate). 'zonefold replay' of the result in the bag works. The result must be "
        "as it was written, and the inputs are found as by 'zonefold replay'. Dates are taken from "
        "SOURCE_DATE_EPOCH, or left out.",
    .examples = "zonefold archive result.sqlite -o result-bag",
    .operand = "RESULT",
    .operand_hint = ZF_HINT_FILE,
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

/** What an archive holds; its end gives all of it back. */
typedef struct archive {
    const archive_target *target;
    const char *result, *name; /**< its path, and the last part of that */
    char *inputs;
    char date[DATE_BYTES]; /**< empty: none */
    zf_terminal terminal;
    zf_callbacks callbacks;
    zf_recorded recorded;
    zf_recorded_job job;
    zf_bag *bag;
} archive;

static zf_status input_error(const archive *a, const char *what, zf_error *error) {
    zf_status status =
        zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD, "cannot archive the result: %s", what);
    return zf_error_at(error, status, a->result, NULL, ZF_NO_FID);
}

/* ---- before anything is written ---- */

static zf_status read_date(archive *a, zf_error *error) {
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    struct tm when;
    if (epoch == NULL || *epoch == '\0')
        return ZF_OK;
    bool is_number = epoch[strspn(epoch, "0123456789")] == '\0' && strlen(epoch) < 13;
    time_t seconds = is_number ? (time_t)strtoll(epoch, NULL, 10) : 0;
    if (!is_number || gmtime_r(&seconds, &when) == NULL ||
        strftime(a->date, sizeof a->date, "%Y-%m-%d", &when) == 0)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "SOURCE_DATE_EPOCH is '%.100s', but is a number of seconds since 1970", epoch);
    return ZF_OK;
}

/* What a program that has it open, or died with it, has not yet brought into the file. */
static zf_status check_companions(const archive *a, zf_error *error) {
    if (zf_file_find_companion(a->result) == NULL)
        return ZF_OK;
    return input_error(
        a,
        "a program has it open for writing, or died with it (-wal or -journal lies beside it); "
        "close it first",
        error);
}

static zf_status check_result(const archive *a, zf_error *error) {
    zf_verdict verdict = {0};
    zf_status status = check_companions(a, error);
    if (status == ZF_OK)
        status = zf_verify(a->result, &a->callbacks, &verdict, error);
    if (status == ZF_OK && verdict.n_findings > 0)
        status = input_error(a, "it is not what was written; 'zonefold verify' says what has changed", error);
    zf_verdict_deinit(&verdict);
    return status;
}

/* Tag files and the description are UTF-8, and the result lies beside other files. */
static zf_status check_names(const archive *a, zf_error *error) {
    static const char *const taken[] = {"inputs", "questions", "job.yaml", "versions.txt",
                                        "ro-crate-metadata.json"};
    bool is_utf8 = zf_text_is_utf8(a->name);
    for (size_t i = 0; i < a->job.n; i++)
        is_utf8 = is_utf8 && zf_text_is_utf8(a->job.parts[i].path);
    if (!is_utf8)
        return input_error(a, "the name of a file is not UTF-8, as names in a bag are", error);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(a->name, taken[i]) == 0)
            return input_error(a, "its name is that of another part of the bag; rename it", error);
    return ZF_OK;
}

static zf_status find_inputs(archive *a, zf_error *error) {
    a->inputs =
        a->target->inputs != NULL ? zf_string_copy(a->target->inputs) : zf_recorded_directory(a->result);
    if (a->inputs == NULL)
        return zf_error_memory(error, strlen(a->result), "a path");
    zf_status status = zf_recorded_find(&a->recorded, a->inputs, &a->callbacks, error);
    if (status == ZF_OK && a->recorded.n_missing > 0)
        status = zf_recorded_missing(&a->recorded, a->result, a->inputs, error);
    return status;
}

/* ---- the bag ---- */

static zf_status put_text(archive *a, const char *name, const zf_text *text, zf_error *error) {
    return text->is_failed ? zf_error_memory(error, text->n, "a file of the bag")
                           : zf_bag_put(a->bag, name, text->bytes, text->n, error);
}

static zf_status put_versions(archive *a, zf_error *error) {
    zf_text text = {0};
    for (size_t i = 0; i < a->recorded.n_versions; i++) {
        const zf_recorded_version *version = &a->recorded.versions[i];
        zf_text_append_format(&text, "%s %s\n", version->name,
                              version->recorded != NULL ? version->recorded : "not recorded");
    }
    zf_status status = put_text(a, "versions.txt", &text, error);
    zf_text_deinit(&text);
    return status;
}

static zf_status put_crate(archive *a, zf_error *error) {
    zf_text text = {0};
    zf_crate crate = {
        .recorded = &a->recorded, .result = a->name, .date = a->date[0] != '\0' ? a->date : NULL};
    crate.files = zf_bag_files(a->bag, &crate.n);
    zf_crate_append(&crate, &text);
    zf_status status = put_text(a, "ro-crate-metadata.json", &text, error);
    zf_text_deinit(&text);
    return status;
}

static zf_status put_parts(archive *a, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < a->job.n; i++) {
        const zf_job_part *part = &a->job.parts[i];
        zf_progress_report(&a->callbacks, "archive", i, a->job.n);
        status = part->input != NULL
                     ? zf_bag_copy(a->bag, part->path, part->input->found, part->input->sha256, error)
                     : zf_bag_put(a->bag, part->path, part->sql, strlen(part->sql), error);
    }
    return status;
}

static zf_status finish(archive *a, zf_error *error) {
    zf_text info = {0};
    zf_text_append_format(&info, "Bag-Software-Agent: zonefold %s\n", zf_version());
    if (a->date[0] != '\0')
        zf_text_append_format(&info, "Bagging-Date: %s\n", a->date);
    zf_status status = info.is_failed ? zf_error_memory(error, info.n, "bag-info.txt")
                                      : zf_bag_finish(a->bag, info.bytes, error);
    zf_text_deinit(&info);
    return status;
}

static zf_status write_bag(archive *a, zf_error *error) {
    zf_status status = zf_bag_create(a->target->output, &a->callbacks, &a->bag, error);
    if (status == ZF_OK)
        status = zf_bag_copy(a->bag, a->name, a->result, NULL, error);
    if (status == ZF_OK)
        status = put_parts(a, error);
    if (status == ZF_OK)
        status = put_text(a, "job.yaml", &a->job.job, error);
    if (status == ZF_OK)
        status = put_versions(a, error);
    if (status == ZF_OK)
        status = put_crate(a, error);
    return status == ZF_OK ? finish(a, error) : status;
}

/* ---- the command ---- */

static zf_status put_answer(const archive *a, zf_error *error) {
    zf_text text = {0};
    char name[512], number[32];
    size_t n = 0;
    uint64_t n_bytes = 0;
    const zf_bag_file *files = zf_bag_files(a->bag, &n);
    for (size_t i = 0; i < n; i++)
        n_bytes += files[i].n_bytes;
    zf_text_append_format(&text, "%s: %s files, ",
                          zf_cli_printable(a->target->output, strlen(a->target->output), name, sizeof name),
                          zf_cli_grouped(n, number));
    zf_cli_append_bytes(&text, n_bytes);
    zf_text_append(&text, "\n");
    zf_status status = zf_cli_put(&text, error);
    zf_text_deinit(&text);
    if (status != ZF_OK)
        return zf_error_within(error, status, "the bag '%.300s' is complete, but not its summary",
                               a->target->output);
    return ZF_OK;
}

static zf_status archive_it(archive *a, zf_error *error) {
    zf_status status = read_date(a, error);
    if (status == ZF_OK)
        status = zf_recorded_read(a->result, &a->callbacks, &a->recorded, error);
    if (status == ZF_OK)
        status = zf_recorded_job_make(&a->recorded, &a->job, error);
    if (status == ZF_OK)
        status = check_names(a, error);
    if (status == ZF_OK)
        status = check_result(a, error);
    if (status == ZF_OK)
        status = find_inputs(a, error);
    return status == ZF_OK ? write_bag(a, error) : status;
}

static int archive_result(const archive_target *target, const char *result) {
    zf_error error = ZF_ERROR_INIT;
    int exit_status = 0;
    const char *slash = strrchr(result, '/');
    archive a = {.target = target, .result = result, .name = slash != NULL ? slash + 1 : result};
    zf_terminal_init(&a.terminal, target->is_quiet, 0, ZF_CLI_PROGRESS_AUTO);
    a.callbacks = zf_terminal_callbacks(&a.terminal);
    zf_status status = archive_it(&a, &error);
    zf_terminal_clear(&a.terminal);
    if (status == ZF_OK)
        status = put_answer(&a, &error);
    if (status != ZF_OK)
        exit_status = zf_cli_fail(status, &error, zf_cli_archive_table.command);
    if (status == ZF_E_INPUT && a.inputs != NULL && a.recorded.n_missing > 0 &&
        error.domain == ZF_DOMAIN_ZONEFOLD)
        zf_recorded_say_missing(&a.recorded, a.inputs);
    zf_bag_destroy(a.bag);
    zf_recorded_job_deinit(&a.job);
    zf_recorded_deinit(&a.recorded);
    free(a.inputs);
    return exit_status;
}

static zf_status work(void *target, const zf_option_list *operands, int *out_exit, zf_error *error) {
    (void)error; /* told already */
    *out_exit = archive_result(target, operands->items[0]);
    return ZF_OK;
}

int zf_cli_archive(int argc, char *const *argv) {
    archive_target target = {0};
    return zf_cli_perform(&zf_cli_archive_table, argc, argv, &target, work);
}
