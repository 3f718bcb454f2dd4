/* SPDX-License-Identifier: MIT */
/* Analyses and statistics as they may be asked for: what is taken, is written in one way, and read back as
 * the same. */
#include "analysis/analysis.h"
#include "fuzz/fuzz.h"

static bool is_same_argument(const zf_parameter *parameter, const zf_argument *a, const zf_argument *b) {
    if (a->is_there != b->is_there || !a->is_there)
        return a->is_there == b->is_there;
    switch (parameter->kind) {
    case ZF_PARAMETER_CHOICE:
        return a->word == b->word;
    case ZF_PARAMETER_FIELD:
        return strcmp(a->text, b->text) == 0;
    default:
        return a->number == b->number;
    }
}

static void check_arguments(const zf_analysis_job *job) {
    for (size_t i = 0; i < job->analysis->n_parameters; i++) {
        const zf_parameter *parameter = &job->analysis->parameters[i];
        const zf_argument *argument = &job->arguments[i];
        if (!argument->is_there) {
            fuzz_require(!parameter->is_required, "what is required is there");
        } else if (parameter->kind == ZF_PARAMETER_CHOICE) {
            fuzz_require(argument->word < parameter->n_words, "a word is among the words");
        } else if (parameter->kind == ZF_PARAMETER_FIELD) {
            fuzz_require(argument->text[0] != '\0', "a field has a name");
        } else {
            fuzz_require(argument->number >= parameter->min && argument->number <= parameter->max,
                         "a number keeps to its range");
        }
    }
}

static void name_all(const zf_analysis_job *job) {
    zf_text name = {0};
    const zf_analysis *analysis = job->analysis;
    for (size_t i = 0; i < analysis->n_zip_columns; i++)
        zf_analysis_job_name(job, analysis->zip_columns[i].name, &name);
    for (size_t i = 0; i < analysis->n_building_columns; i++)
        zf_analysis_job_name(job, analysis->building_columns[i].name, &name);
    fuzz_require(!name.is_failed, "names are made");
    zf_text_deinit(&name);
}

static void check_job(const char *text) {
    zf_analysis_job job, again;
    zf_arena arena;
    zf_error error = ZF_ERROR_INIT;
    zf_arena_init(&arena, NULL, ZF_MEMORY_RECORD, 1 << 10);
    zf_status status = zf_analysis_job_parse(text, &arena, &job, &error);
    fuzz_require(status == ZF_OK || status == ZF_E_USAGE, "an analysis is taken or a usage error");
    fuzz_require(status == ZF_OK || error.text[0] != '\0', "a usage error is told");
    if (status == ZF_OK) {
        zf_text first = {0}, second = {0};
        check_arguments(&job);
        name_all(&job);
        zf_analysis_job_write(&job, &first);
        fuzz_require(zf_analysis_job_parse(first.bytes, &arena, &again, NULL) == ZF_OK,
                     "what is written is taken");
        fuzz_require(again.analysis == job.analysis, "for the same analysis");
        for (size_t i = 0; i < job.analysis->n_parameters; i++)
            fuzz_require(
                is_same_argument(&job.analysis->parameters[i], &job.arguments[i], &again.arguments[i]),
                "with the same arguments");
        zf_analysis_job_write(&again, &second);
        fuzz_require(strcmp(first.bytes, second.bytes) == 0, "and is written in the same way");
        zf_text_deinit(&first);
        zf_text_deinit(&second);
    }
    zf_arena_release(&arena);
}

static void check_stat(const char *text) {
    zf_stat stat, again;
    char name[24];
    if (!zf_stat_parse(text, &stat))
        return;
    zf_stat_name(stat, name);
    fuzz_require(zf_stat_parse(name, &again), "the name of a statistic is taken");
    fuzz_require(again.kind == stat.kind &&
                     (stat.kind != ZF_STAT_PERCENTILE || again.percent == stat.percent),
                 "for the same statistic");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char *text = fuzz_text(bytes, n);
    check_job(text);
    check_stat(text);
    free(text);
    return 0;
}
