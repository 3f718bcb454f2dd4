/* SPDX-License-Identifier: MIT */
/**
 * @file cli.h
 * The program over the library: its commands, what they parse into, and how they speak. Commands return the
 * exit status; only main ends the process. Standard output carries results only.
 */
#ifndef ZF_CLI_H
#define ZF_CLI_H

#include "cli/options.h"
#include "zonefold/run.h"
#include "zonefold/text.h"

/* ---- commands (commands.c) ---- */

/** One command of the program. */
typedef struct zf_cli_command {
    const zf_option_table *table; /**< its name, options and help */
    /** argv: what follows the command's name. Returns the exit status. */
    int (*run)(int argc, char *const *argv);
} zf_cli_command;

/** All commands, in the order of the manual. */
const zf_cli_command *zf_cli_commands(size_t *out_n);
/** NULL for none. */
const zf_cli_command *zf_cli_command_by_name(const char *name);
/** The option, of any command, that a parameter of the library is given by; NULL for none. */
const zf_option *zf_cli_option_of_parameter(const char *name, size_t n);
/** ZF_E_USAGE with "unknown command", the nearest one or all of them. Returns ZF_E_USAGE. */
zf_status zf_cli_unknown_command(const char *name, zf_error *error);

/** What a command does with its parsed options. *out_exit: the exit status of a ZF_OK, 0 before. */
typedef zf_status zf_cli_work(void *target, const zf_option_list *operands, int *out_exit, zf_error *error);
/** A command from its words to its exit status: options into the target, which holds defaults, help where it
 * is asked for, else the work, and a message where that fails. */
int zf_cli_perform(const zf_option_table *table, int argc, char *const *argv, void *target,
                   zf_cli_work *work);

int zf_cli_run(int argc, char *const *argv);
int zf_cli_plan(int argc, char *const *argv);
int zf_cli_inspect(int argc, char *const *argv);
int zf_cli_verify(int argc, char *const *argv);
int zf_cli_diff(int argc, char *const *argv);
int zf_cli_replay(int argc, char *const *argv);
int zf_cli_archive(int argc, char *const *argv);
int zf_cli_export(int argc, char *const *argv);
int zf_cli_why(int argc, char *const *argv);
int zf_cli_show(int argc, char *const *argv);
int zf_cli_help(int argc, char *const *argv);

extern const zf_option_table zf_cli_run_table;
extern const zf_option_table zf_cli_plan_table; /**< the options of run */
extern const zf_option_table zf_cli_inspect_table;
extern const zf_option_table zf_cli_verify_table;
extern const zf_option_table zf_cli_diff_table;
extern const zf_option_table zf_cli_replay_table;
extern const zf_option_table zf_cli_archive_table;
extern const zf_option_table zf_cli_export_table;
extern const zf_option_table zf_cli_why_table;
extern const zf_option_table zf_cli_show_table;
extern const zf_option_table zf_cli_help_table;

/* ---- what the commands parse into ---- */

typedef enum zf_cli_format { ZF_CLI_TEXT = 0, ZF_CLI_JSON, ZF_CLI_FORMAT_END } zf_cli_format;
/** "text", "json"; NULL from ZF_CLI_FORMAT_END on. */
const char *zf_cli_format_name(size_t i);

typedef enum zf_cli_progress {
    ZF_CLI_PROGRESS_AUTO = 0, /**< when standard error is a terminal */
    ZF_CLI_PROGRESS_ALWAYS,
    ZF_CLI_PROGRESS_NEVER,
    ZF_CLI_PROGRESS_END
} zf_cli_progress;

/** The options of a run that are lists. */
typedef struct zf_cli_run_lists {
    zf_option_list zips_open_options;
    zf_option_list buildings_open_options;
    zf_option_list computes;
    zf_option_list rules;
    zf_option_list stats;
    zf_option_list analyses;
    zf_option_list analysis_sqls;
    zf_option_list tops;
    zf_option_list by;
    zf_option_list zip_fields;
    zf_option_list zip_computes;
    zf_option_list fields;
} zf_cli_run_lists;

/** Target of zf_cli_run_table. zf_options_deinit gives its lists back. */
typedef struct zf_cli_run_target {
    zf_run_options options; /**< its lists are joined in by zf_cli_run_target_options */
    zf_cli_run_lists lists;
    zf_cli_format format;
    zf_cli_progress progress;
    bool has_project;
    bool is_strict; /**< exit status 1 when a feature was rejected */
    bool is_quiet;
    unsigned verbosity; /**< how often -v was given */
    const char *job, *write_job;
} zf_cli_run_target;

/** The library's options out of a parsed target; borrows from it. */
zf_run_options zf_cli_run_target_options(const zf_cli_run_target *target);

/** Writes the job file that --write-job asks for, if it does. ZF_E_OUTPUT leaves an older one as it was. */
ZF_MUST_USE zf_status zf_cli_write_job(const zf_cli_run_target *target, zf_error *error);

/* ---- help (cmd_help.c) ---- */

/** The program's own help: the commands, one line each. */
void zf_cli_append_overview(zf_text *out);
/** Version of zonefold and of its libraries, one per line. */
void zf_cli_append_versions(zf_text *out);

/* ---- standard output (output.c), error messages (message.c), texts for people (printable.c) ---- */

/** Exit status of a command that is done and has found something: differences, rejected features. */
enum { ZF_CLI_EXIT_FINDINGS = 1 };

/** Writes all of text to standard output and flushes. A pipe that its reader has closed is no failure.
 * ZF_E_OUTPUT says why not; ZF_E_MEMORY when the text itself failed. */
ZF_MUST_USE zf_status zf_cli_put(const zf_text *text, zf_error *error);
/** The same for a part of what is written; ZF_DONE when the reader of the pipe wants no more. */
ZF_MUST_USE zf_status zf_cli_put_part(const zf_text *text, zf_error *error);
/**
 * "zonefold: <error>" on standard error; a usage error adds where help is. Control characters of file
 * contents are not passed to the terminal.
 * @param status  what the failed call returned.
 * @param command nullable: the command whose help is advised.
 * @return the exit status that belongs to the status.
 */
int zf_cli_fail(zf_status status, const zf_error *error, const char *command);
/** Appends a text of the library with its parameters as options: `zips_crs` becomes --zips-crs. */
void zf_cli_append_message(zf_text *out, const char *text);
/** "4.1 MiB". */
void zf_cli_append_bytes(zf_text *out, uint64_t n_bytes);
/** Copies whole characters into at most n_bytes - 1 bytes; control characters and what is not UTF-8 become
 * '?'. Returns out. */
const char *zf_cli_printable(const char *text, size_t n, char *out, size_t n_bytes);
/** Characters of a UTF-8 text, which is how wide it is for tables. */
size_t zf_cli_width(const char *text);

#endif
