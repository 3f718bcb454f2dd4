/* SPDX-License-Identifier: MIT */
/**
 * @file terminal.h
 * Messages and progress on standard error.
 */
#ifndef ZF_CLI_TERMINAL_H
#define ZF_CLI_TERMINAL_H

#include "cli/cli.h"

/** What standard error shows. Zero-initialise; no heap. */
typedef struct zf_terminal {
    bool is_quiet;
    unsigned verbosity; /**< 0: warnings, 1: info too, 2: detail too */
    bool has_progress;
    bool is_line;   /**< progress as one line that is drawn over, else as lines now and then */
    bool is_drawn;  /**< the line is on the screen */
    char stage[32]; /**< of the last progress */
    double stage_start_s;
    double last_shown_s;
    uint64_t last_shown_done;
} zf_terminal;

void zf_terminal_init(zf_terminal *terminal, bool is_quiet, unsigned verbosity, zf_cli_progress progress);
/** Callbacks that log and show progress here and stop at a signal; terminal is borrowed. */
zf_callbacks zf_terminal_callbacks(zf_terminal *terminal);
/** Takes the progress line off the screen, before anything else is written. */
void zf_terminal_clear(zf_terminal *terminal);

#endif
