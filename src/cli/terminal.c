/* SPDX-License-Identifier: MIT */
#include "cli/terminal.h"

#include "zonefold/program.h"

#include <stdio.h>
#include <string.h>

enum { BAR_CELLS = 12 }; /* so that a line with numbers of seven digits has 79 columns */
static const double redraw_every_s = 0.1;
static const double line_every_s = 5.0;

void zf_terminal_init(zf_terminal *terminal, bool is_quiet, unsigned verbosity, zf_cli_progress progress) {
    *terminal =
        (zf_terminal){.is_quiet = is_quiet, .verbosity = verbosity, .is_line = zf_program_has_terminal()};
    terminal->has_progress = progress == ZF_CLI_PROGRESS_ALWAYS ||
                             (progress == ZF_CLI_PROGRESS_AUTO && !is_quiet && terminal->is_line);
}

void zf_terminal_clear(zf_terminal *terminal) {
    if (terminal->is_drawn)
        fputs("\r\033[K", stderr);
    terminal->is_drawn = false;
}

static void show_log(void *user, zf_log_level level, const char *text) {
    zf_terminal *terminal = user;
    if (level != ZF_LOG_WARNING && (terminal->is_quiet || terminal->verbosity < (unsigned)level))
        return;
    char shown[2048];
    zf_text message = {0};
    zf_cli_append_message(&message, text);
    if (message.bytes != NULL && !message.is_failed)
        text = message.bytes;
    zf_terminal_clear(terminal);
    fprintf(stderr, "zonefold: %s%s\n", level == ZF_LOG_WARNING ? "warning: " : "",
            zf_cli_printable(text, strlen(text), shown, sizeof shown));
    zf_text_deinit(&message);
}

/* "1:02:03", "4:05"; "" when unknown */
static void format_remaining(char out[32], const zf_progress *progress, double rate) {
    out[0] = '\0';
    if (progress->n_total == 0 || progress->n_done >= progress->n_total || rate <= 0.0)
        return;
    const double left_s = (double)(progress->n_total - progress->n_done) / rate;
    if (left_s >= 360000.0)
        return;
    const unsigned s = (unsigned)(left_s + 0.5);
    if (s >= 3600)
        snprintf(out, 32, ", %u:%02u:%02u left", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(out, 32, ", %u:%02u left", s / 60, s % 60);
}

static void format_bar(char out[BAR_CELLS + 8], double share) {
    const size_t full = (size_t)(share * BAR_CELLS);
    out[0] = '[';
    for (size_t i = 0; i < BAR_CELLS; i++)
        out[1 + i] = i < full ? '=' : ' ';
    memcpy(out + 1 + BAR_CELLS, "] ", 3);
}

static void format_progress(char *out, size_t n_bytes, const zf_terminal *terminal,
                            const zf_progress *progress, double t_s) {
    const double elapsed_s = t_s - terminal->stage_start_s;
    const double rate = elapsed_s > 0.0 ? (double)progress->n_done / elapsed_s : 0.0;
    char done[32], total[32] = "", per_second[32] = "", remaining[32], bar[BAR_CELLS + 8] = "",
                   percent[16] = "";
    zf_format_grouped(progress->n_done, done);
    if (rate >= 1.0)
        zf_format_grouped((uint64_t)rate, per_second);
    format_remaining(remaining, progress, rate);
    if (progress->n_total > 0) {
        zf_format_grouped(progress->n_total, total);
        const double share =
            progress->n_done < progress->n_total ? (double)progress->n_done / (double)progress->n_total : 1.0;
        snprintf(percent, sizeof percent, "%3d%% ", (int)(share * 100.0));
        if (terminal->is_line)
            format_bar(bar, share);
    }
    snprintf(out, n_bytes, "%-9s %s%s%s%s%s%s%s%s%s", progress->stage, bar, percent, done,
             total[0] != '\0' ? " of " : "", total, per_second[0] != '\0' ? ", " : "", per_second,
             per_second[0] != '\0' ? "/s" : "", remaining);
}

/* Is this the moment to show where the run stands? */
static bool is_due(const zf_terminal *terminal, const zf_progress *progress, double t_s) {
    if (!terminal->is_line && progress->n_total > 0 && progress->n_done == progress->n_total)
        return terminal->last_shown_done != progress->n_done;
    return t_s - terminal->last_shown_s >= (terminal->is_line ? redraw_every_s : line_every_s);
}

static void show_progress(void *user, const zf_progress *progress) {
    zf_terminal *terminal = user;
    if (!terminal->has_progress || progress->stage == NULL)
        return;
    const double t_s = zf_program_clock_s();
    if (strncmp(terminal->stage, progress->stage, sizeof terminal->stage - 1) != 0) {
        snprintf(terminal->stage, sizeof terminal->stage, "%s", progress->stage);
        terminal->stage_start_s = t_s;
        terminal->last_shown_s = 0.0;
        terminal->last_shown_done = UINT64_MAX;
    }
    if (!is_due(terminal, progress, t_s))
        return;
    terminal->last_shown_s = t_s;
    terminal->last_shown_done = progress->n_done;
    char line[256];
    format_progress(line, sizeof line, terminal, progress, t_s);
    if (!terminal->is_line) {
        fprintf(stderr, "zonefold: %s\n", line);
        return;
    }
    const size_t columns = zf_program_terminal_columns();
    fprintf(stderr, "\r%.*s\033[K", columns > 1 ? (int)(columns - 1) : 1, line);
    fflush(stderr);
    terminal->is_drawn = true;
}

static bool is_cancelled(void *user) {
    (void)user;
    return zf_program_is_interrupted();
}

zf_callbacks zf_terminal_callbacks(zf_terminal *terminal) {
    return (zf_callbacks){
        .log = show_log, .progress = show_progress, .is_cancelled = is_cancelled, .user = terminal};
}
