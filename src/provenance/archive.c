/* SPDX-License-Identifier: MIT */
/* Archives a result with its inputs and its job as a bag. */
#include "zonefold/archive.h"
#include "memory/report_arena.h"
#include "os/file.h"
#include "provenance/bag.h"
#include "provenance/job_files.h"
#include "provenance/result_internal.h"
#include "zonefold/version.h"

#include <stdlib.h>
#include <string.h>

/** State of an archive that is being written. */
typedef struct archive {
    const zf_archive_options *options;
    const zf_callbacks *callbacks;
    const char *name; /**< of the result, without directories */
    zf_recorded recorded;
    zf_recorded_job job;
    zf_bag *bag;
} archive;

/** Fails with ZF_E_INPUT at the result. */
static zf_status input_error(const archive *a, const char *what, zf_error *error) {
    zf_status status =
        zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD, "cannot archive the result: %s", what);
    return zf_error_at(error, status, a->options->result, NULL, ZF_NO_FID);
}

/* ---- before anything is written ---- */

/** Refuses a result whose latest changes are still in its -wal or -journal. */
static zf_status check_companions(const archive *a, zf_error *error) {
    if (zf_file_find_companion(a->options->result) == NULL)
        return ZF_OK;
    return input_error(
        a,
        "there is a -wal or -journal file beside it: a program has it open for writing, or crashed; "
        "close the program, or open and close the file with it once",
        error);
}

/** Refuses a result that does not pass zf_verify. */
static zf_status check_result(const archive *a, zf_error *error) {
    zf_verdict verdict = {0};
    zf_status status = check_companions(a, error);
    if (status == ZF_OK)
        status = zf_verify(&(zf_verify_options){a->options->result}, a->callbacks, &verdict, error);
    if (status == ZF_OK && verdict.n_findings > 0)
        status = input_error(
            a, "its content has changed since it was written; 'zonefold verify' lists the changes", error);
    zf_verdict_deinit(&verdict);
    return status;
}

/** Checks that all names are UTF-8, as RFC 8493 requires, and that the result's is not that of another part.
 */
static zf_status check_names(const archive *a, zf_error *error) {
    static const char *const taken[] = {"inputs", "questions", "job.yaml", "versions.txt",
                                        "ro-crate-metadata.json"};
    bool is_utf8 = zf_text_is_utf8(a->name);
    for (size_t i = 0; i < a->job.n; i++)
        is_utf8 = is_utf8 && zf_text_is_utf8(a->job.parts[i].path);
    if (!is_utf8)
        return input_error(a, "the name of a file is not UTF-8, which a bag requires; rename it", error);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(a->name, taken[i]) == 0)
            return input_error(a, "its name is that of another part of the bag; rename it", error);
    return ZF_OK;
}

/* ---- the bag ---- */

/** Adds a text to the bag as a file. */
static zf_status put_text(archive *a, const char *name, const zf_text *text, zf_error *error) {
    return text->is_failed ? zf_error_memory(error, text->n, "a file of the bag")
                           : zf_bag_put(a->bag, name, text->bytes, text->n, error);
}

/** Adds versions.txt: the recorded version of zonefold and of each library. */
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

/** Adds the description of the files that are in the bag so far. */
static zf_status put_crate(archive *a, zf_error *error) {
    zf_text text = {0};
    zf_crate crate = {.recorded = &a->recorded, .result = a->name, .date = a->options->date};
    crate.files = zf_bag_files(a->bag, &crate.n);
    zf_crate_append(&crate, &text);
    zf_status status = put_text(a, "ro-crate-metadata.json", &text, error);
    zf_text_deinit(&text);
    return status;
}

/** Adds the inputs and the SQL of the queries. */
static zf_status put_parts(archive *a, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < a->job.n; i++) {
        const zf_job_part *part = &a->job.parts[i];
        zf_progress_report(a->callbacks, "archive", i, a->job.n);
        status = part->input != NULL
                     ? zf_bag_copy(a->bag, part->path, part->input->found, part->input->sha256, error)
                     : zf_bag_put(a->bag, part->path, part->sql, strlen(part->sql), error);
    }
    return status;
}

/** Writes bag-info.txt and the manifests, and puts the bag in place. */
static zf_status finish(archive *a, zf_error *error) {
    zf_text info = {0};
    zf_text_append_format(&info, "Bag-Software-Agent: zonefold %s\n", zf_version());
    if (a->options->date != NULL)
        zf_text_append_format(&info, "Bagging-Date: %s\n", a->options->date);
    zf_status status = info.is_failed ? zf_error_memory(error, info.n, "bag-info.txt")
                                      : zf_bag_finish(a->bag, info.bytes, error);
    zf_text_deinit(&info);
    return status;
}

/** Writes the bag: the result, inputs and SQL, the job file, versions and description. */
static zf_status write_bag(archive *a, zf_error *error) {
    zf_status status = zf_bag_create(a->options->output, a->callbacks, &a->bag, error);
    if (status == ZF_OK)
        status = zf_bag_copy(a->bag, a->name, a->options->result, NULL, error);
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

/* ---- all of it ---- */

/** Checks that the date has the form "2020-12-31". */
static zf_status check_date(const archive *a, zf_error *error) {
    static const char form[] = "dddd-dd-dd";
    const char *date = a->options->date;
    bool is_date = date == NULL || strlen(date) == sizeof form - 1;
    for (size_t i = 0; date != NULL && is_date && form[i] != '\0'; i++)
        is_date = form[i] == 'd' ? date[i] >= '0' && date[i] <= '9' : date[i] == form[i];
    if (is_date)
        return ZF_OK;
    zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "`date` '%.100s' is no date such as 2020-12-31",
                 date);
    return zf_error_parameter(error, ZF_E_USAGE, "date");
}

/** Checks everything that can be checked before the bag is begun, then writes it. */
static zf_status archive_result(archive *a, zf_archive_report *out, zf_error *error) {
    zf_status status = check_date(a, error);
    if (status == ZF_OK)
        status = zf_recorded_read(a->options->result, a->callbacks, &a->recorded, error);
    if (status == ZF_OK)
        status = zf_recorded_job_make(&a->recorded, &a->job, error);
    if (status == ZF_OK)
        status = check_names(a, error);
    if (status == ZF_OK)
        status = check_result(a, error);
    if (status == ZF_OK)
        status = zf_recorded_find_all(&a->recorded, a->options->result, a->options->inputs, a->callbacks,
                                      out->storage, &out->missing, error);
    if (status == ZF_OK)
        status = write_bag(a, error);
    if (status != ZF_OK)
        return status;
    const zf_bag_file *files = zf_bag_files(a->bag, &out->n_files);
    for (size_t i = 0; i < out->n_files; i++)
        out->n_bytes += files[i].n_bytes;
    return ZF_OK;
}

zf_status zf_archive(const zf_archive_options *options, const zf_callbacks *callbacks, zf_archive_report *out,
                     zf_error *error) {
    *out = (zf_archive_report){0};
    zf_status status = zf_require(options->result, "result", error);
    if (status == ZF_OK)
        status = zf_require(options->output, "output", error);
    if (status == ZF_OK)
        status = zf_report_arena_create(&out->storage, error);
    if (status != ZF_OK)
        return status;
    const char *slash = strrchr(options->result, '/');
    archive a = {
        .options = options, .callbacks = callbacks, .name = slash != NULL ? slash + 1 : options->result};
    status = archive_result(&a, out, error);
    zf_bag_destroy(a.bag);
    zf_recorded_job_deinit(&a.job);
    zf_recorded_deinit(&a.recorded);
    return status;
}

void zf_archive_report_deinit(zf_archive_report *report) {
    zf_report_arena_destroy(report->storage);
    *report = (zf_archive_report){0};
}
