/* SPDX-License-Identifier: MIT */
/**
 * @file common_options.h
 * Options that several commands have, as entries of their tables. `at`: offset of the target's member.
 */
#ifndef ZF_CLI_COMMON_OPTIONS_H
#define ZF_CLI_COMMON_OPTIONS_H

#include "cli/cli.h"

#define ZF_OPTION_INPUTS_AT(at)                                                                              \
    {                                                                                                        \
        .group = "Options", .name = "inputs", .kind = ZF_OPTION_TEXT, .hint = ZF_HINT_FILE, .value = "DIR",  \
        .offset = at,                                                                                        \
        .help = "Directory to search for the input files, with its subdirectories. Files are recognised "    \
                "by size and SHA-256, whatever their names. Default: the directory of the result."           \
    }

/** of a report */
#define ZF_OPTION_FORMAT_AT(at)                                                                              \
    {                                                                                                        \
        .group = "Options", .name = "format", .kind = ZF_OPTION_CHOICE, .choice = zf_cli_format_name,        \
        .offset = at, .help = "Format of the report on standard output. Default: text."                      \
    }

/** words: what the command leaves out then */
#define ZF_OPTION_QUIET_AT(at, words)                                                                        \
    {                                                                                                        \
        .group = "Options", .name = "quiet", .short_name = 'q', .kind = ZF_OPTION_FLAG, .offset = at,        \
        .help = words                                                                                        \
    }
#define ZF_QUIET_MESSAGES "Write only warnings and errors to standard error."
#define ZF_QUIET_PROGRESS "No progress on standard error."

#define ZF_OPTION_SHOW_HELP                                                                                  \
    {                                                                                                        \
        .group = "Options", .name = "help", .short_name = 'h', .kind = ZF_OPTION_HELP,                       \
        .help = "Show this help."                                                                            \
    }

#endif
