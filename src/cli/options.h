/* SPDX-License-Identifier: MIT */
/**
 * @file options.h
 * Option tables. One table per command drives parsing, --help, the manual, the shell completion and the test
 * that these agree. Parsing touches no file.
 */
#ifndef ZF_CLI_OPTIONS_H
#define ZF_CLI_OPTIONS_H

#include "cli/job_file.h"
#include "zonefold/text.h"

/** What an option's value is, and what it is written to: the member of the target at zf_option.offset. */
typedef enum zf_option_kind {
    ZF_OPTION_FLAG = 0, /**< no value; bool */
    ZF_OPTION_TALLY,    /**< no value, repeatable; unsigned: how often */
    ZF_OPTION_TEXT,     /**< const char *, borrowed from argv */
    ZF_OPTION_LIST,     /**< repeatable; zf_option_list of texts borrowed from argv */
    ZF_OPTION_NAMES,    /**< a,b,"c,d"; zf_option_list */
    ZF_OPTION_CHOICE,   /**< one of choice(0), choice(1), ...; an enum with the same numbers */
    ZF_OPTION_NUMBER,   /**< whole number from min to max; size_t */
    ZF_OPTION_SIZE,     /**< bytes: 64MiB, 2G, 500kB; size_t */
    ZF_OPTION_JOB,      /**< const char *, borrowed from argv: a file with options (job_file.h) */
    ZF_OPTION_HELP      /**< no value; ends parsing */
} zf_option_kind;

/** What a shell may offer for the value beside the choices. */
typedef enum zf_option_hint {
    ZF_HINT_NONE = 0,
    ZF_HINT_FILE,
    ZF_HINT_NAMED_FILE, /**< NAME=FILE */
    ZF_HINT_ANALYSIS
} zf_option_hint;

typedef struct zf_option {
    const char *group;     /**< heading in help and manual; neighbours of one group carry the same text */
    const char *name;      /**< long name without the dashes */
    const char *parameter; /**< name of the same in texts of the library; NULL: `name` with underscores */
    char short_name;       /**< or 0 */
    zf_option_kind kind;
    zf_option_hint hint;
    bool is_required;
    bool is_personal;  /**< of one run or one terminal: stands in no job file */
    bool is_common;    /**< help shows it first; a table without such shows all */
    const char *value; /**< placeholder; NULL for options without value, and for choices: "a|b|c" */
    const char *(*choice)(size_t i); /**< i-th choice, NULL after the last */
    size_t min, max;                 /**< of a NUMBER */
    size_t offset;                   /**< of the target's member */
    const char *help;                /**< sentences; no markup */
} zf_option;

enum { ZF_OPTIONS_MAX = 64 };

typedef struct zf_option_table {
    const char *command;     /**< "run" */
    const char *page;        /**< of the manual: "zonefold-run" */
    const char *summary;     /**< one line, for the list of commands */
    const char *usage;       /**< "zonefold run --zips PATH ..." */
    const char *description; /**< paragraphs, an empty line between them */
    const char *examples;    /**< command lines, one per line */
    const char *operand;     /**< placeholder of positional arguments, NULL: there are none */
    zf_option_hint operand_hint;
    size_t min_operands, max_operands; /**< max 0 with an operand: any number */
    const char *operand_options[2]; /**< names of the options that positional arguments give, in this order;
                                       NULL: they are operands */
    const zf_option *options;
    size_t n_options; /**< up to ZF_OPTIONS_MAX */
    const char
        *not_required; /**< nullable: an option that this command does without though others require it */
} zf_option_table;

/** Texts given one by one. Zero-initialise; zf_option_list_deinit frees. */
typedef struct zf_option_list {
    const char **items;
    size_t n;
    char *storage; /**< of items that are not borrowed from argv */
} zf_option_list;

ZF_MUST_USE zf_status zf_option_list_append(zf_option_list *list, const char *item, zf_error *error);
void zf_option_list_deinit(zf_option_list *list);

/** What a command line holds beside its options. */
typedef struct zf_options_parsed {
    bool wants_help;         /**< --help was met; what follows it was not looked at */
    zf_option_list operands; /**< the caller's, also on failure */
    zf_job_file job;         /**< likewise: what its options were given is borrowed from it */
    char **paths;            /**< likewise: of files, as the job file's directory makes them */
    size_t n_paths;
} zf_options_parsed;

/**
 * Parse what follows the command's name. `--opt=value`, `--opt value`, `-o value`, `-ovalue`, `-qv`; `--`
 * ends options. An option of the kind JOB brings those of a file, but for those that the words give; files in
 * it that are named without a leading slash lie beside it.
 * @param target  zero-initialised struct that the table's offsets speak of; its lists are the caller's
 * (zf_options_deinit), also on failure.
 * @return ZF_OK, ZF_E_MEMORY, or ZF_E_USAGE: unknown option (with the nearest), option given twice, value
 * missing, empty, superfluous or wrong, unexpected argument, required option missing.
 */
ZF_MUST_USE zf_status zf_options_parse(const zf_option_table *table, int argc, char *const *argv,
                                       void *target, zf_options_parsed *out, zf_error *error);
/** Whether a parameter of the library, n bytes of name, is given by this option. */
bool zf_option_is_parameter(const zf_option *option, const char *name, size_t n);
void zf_options_deinit(const zf_option_table *table, void *target, zf_options_parsed *parsed);

/** Sets the target's member from one value; value is NULL for options without. Messages name the option.
 * (option_values.c) */
ZF_MUST_USE zf_status zf_option_store(const zf_option *option, const char *value, void *target,
                                      zf_error *error);
/**
 * A job file with the options of the target that differ from those of an untouched one. Files are named as
 * seen from the directory of path. ZF_E_USAGE for what YAML cannot hold. (option_job.c)
 */
ZF_MUST_USE zf_status zf_options_write_job(const zf_option_table *table, const void *target, const char *path,
                                           zf_text *out, zf_error *error);
/** Sets the target's member from an entry of a job file. path: of the file, for messages and for where its
 * files lie. */
ZF_MUST_USE zf_status zf_option_store_entry(const zf_option *option, const zf_job_entry *entry,
                                            const char *path, zf_options_parsed *keep, void *target,
                                            zf_error *error);
/** true for options that are followed by a value */
bool zf_option_takes_value(const zf_option *option);
/** true for options that may be given more than once */
bool zf_option_is_repeatable(const zf_option *option);

/** Fill a zero-terminated list of at most ZF_OPTIONS_MAX choices; returns their number. */
size_t zf_option_choices(const zf_option *option, const char *out[ZF_OPTIONS_MAX]);
/** Placeholder of the value as help shows it: `value`, or the choices joined by '|'. Nothing for options
 * without value. */
void zf_option_append_placeholder(const zf_option *option, zf_text *out);
/** The help of a command: usage, description, options by group, examples, its page of the manual; or, unless
 * is_whole, its common options in a line each. (options_help.c) */
void zf_options_append_help(const zf_option_table *table, bool is_whole, zf_text *out);
/** Appends help on a topic: "stats", "measures", "analyses", "expressions". False: there is none of that
 * name. (help_topics.c) */
bool zf_help_append_topic(const char *name, zf_text *out);
/** The i-th topic; NULL after the last. */
const char *zf_help_topic(size_t i);
/** Words of text from column `at` on, new lines begun at `indent`; a newline in the text is kept.
 * (options_help.c) */
void zf_help_append_wrapped(zf_text *out, const char *text, size_t at, size_t indent);
/** The analyses with their parameters, indented. (options_help.c) */
void zf_help_append_analyses(zf_text *out, size_t indent);

#endif
