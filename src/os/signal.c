/* SPDX-License-Identifier: MIT */
#include "os/signal.h"

#include "os/unfinished.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/time.h>
#include <unistd.h>

enum { EXIT_INTERRUPTED = 6 };

/* How long the program has to stop by itself. A sanitizer takes its time for a report. */
#ifdef __SANITIZE_ADDRESS__
enum { GRACE_US = 10000000 };
#else
enum { GRACE_US = 800000 };
#endif

/* A signal handler can reach nothing but globals. */
static volatile sig_atomic_t is_interrupted = 0;
static atomic_int n_finishing;

static void start_grace(long microseconds) {
    const struct itimerval grace = {
        .it_value = {.tv_sec = microseconds / 1000000, .tv_usec = (suseconds_t)(microseconds % 1000000)}};
    (void)setitimer(ITIMER_REAL, &grace, NULL);
}

static void interrupt(int signal_number) {
    (void)signal_number;
    if (is_interrupted == 0)
        start_grace(GRACE_US);
    is_interrupted = 1;
}

/* Ends the process in the middle of what does not stop: one call of a library that takes minutes. */
static void give_up(int signal_number) {
    static const char words[] =
        "zonefold: interrupted in a step that does not stop by itself; an unfinished output is removed\n";
    const int before = errno;
    (void)signal_number;
    if (atomic_load(&n_finishing) > 0) {
        start_grace(GRACE_US);
        errno = before;
        return;
    }
    zf_unfinished_remove();
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
        errno = before;
    _exit(EXIT_INTERRUPTED);
}

void zf_signals_begin_finish(void) {
    atomic_fetch_add(&n_finishing, 1);
}

void zf_signals_end_finish(void) {
    atomic_fetch_sub(&n_finishing, 1);
}

bool zf_signals_are_raised(void) {
    return is_interrupted != 0;
}

void zf_signals_install(void) {
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);

    struct sigaction before;
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN) /* nohup keeps its meaning */
        sigaction(SIGHUP, &action, NULL);

    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);

    struct sigaction end = {.sa_handler = give_up, .sa_flags = SA_RESTART};
    sigemptyset(&end.sa_mask);
    sigaction(SIGALRM, &end, NULL);
}
