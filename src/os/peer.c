/* SPDX-License-Identifier: MIT */
#include "os/peer.h"

#include "os/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    EXIT_MEMORY = 5,
    MS_BETWEEN_LOOKS = 20,  /* of the parent at its caller's cancelling */
    MS_UNTIL_KILLED = 500,  /* a child that was told to end */
    US_BETWEEN_LOOKS = 2000 /* of the child at its memory */
};

/* ---- the child's memory ---- */

/* A signal handler can reach nothing but globals. */
static int memory_file = -1;
static unsigned long long limit_pages;

/* Ends the child when it holds too much. An allocation that failed instead would go unseen: GEOS and
 * SpatiaLite turn it into NULL. */
static void look_at_memory(int signal_number) {
    char text[128];
    const int before = errno;
    (void)signal_number;
    const ssize_t n = pread(memory_file, text, sizeof text - 1, 0);
    if (n > 0) { /* "size resident shared ...", in pages */
        unsigned long long pages = 0;
        ssize_t i = 0;
        while (i < n && text[i] != ' ')
            i++;
        for (i++; i < n && text[i] >= '0' && text[i] <= '9'; i++)
            pages = 10 * pages + (unsigned long long)(text[i] - '0');
        if (pages > limit_pages)
            _exit(EXIT_MEMORY);
    }
    errno = before;
}

static bool watch_memory(size_t limit_bytes) {
#ifdef __SANITIZE_ADDRESS__
    (void)limit_bytes;
    (void)look_at_memory;
    return true;
#else
    const struct sigaction action = {.sa_handler = look_at_memory, .sa_flags = SA_RESTART};
    const struct itimerval often = {.it_interval = {.tv_usec = US_BETWEEN_LOOKS},
                                    .it_value = {.tv_usec = US_BETWEEN_LOOKS}};
    memory_file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    limit_pages = limit_bytes / (size_t)sysconf(_SC_PAGESIZE);
    return memory_file >= 0 && sigaction(SIGPROF, &action, NULL) == 0 &&
           setitimer(ITIMER_PROF, &often, NULL) == 0;
#endif
}

/* ---- the child ---- */

/* Leaves standard error, for the last words of libraries that abort, and the pipes. */
static void close_files(const zf_peer *parent) {
    const int low = parent->in < parent->out ? parent->in : parent->out;
    const int high = parent->in < parent->out ? parent->out : parent->in;
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)dup2(nothing, STDIN_FILENO);
    (void)dup2(nothing, STDOUT_FILENO);
    if (low > 3)
        (void)close_range(3, (unsigned)low - 1, 0);
    if (high > low + 1)
        (void)close_range((unsigned)low + 1, (unsigned)high - 1, 0);
    (void)close_range((unsigned)high + 1, ~0u, 0);
}

static void set_signals(void) {
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ};
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigset_t none;
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        (void)sigaction(ignored[i], &action, NULL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Written by the compiler's coverage counters, if they are there. */
extern void __gcov_dump(void) __attribute__((weak));

__attribute__((noreturn)) static void be_child(zf_peer *parent, long parent_process,
                                               void (*serve)(zf_peer *parent)) {
    const struct rlimit nothing = {0, 0};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* memory grows in steps of 4 KiB, not of 2 MiB */
    (void)setrlimit(RLIMIT_CORE, &nothing);
    set_signals();
    close_files(parent);
    (void)zf_process_seal();
    if (getppid() == parent_process && watch_memory(parent->limit_bytes))
        serve(parent);
    if (__gcov_dump != NULL)
        __gcov_dump();
    _exit(EXIT_SUCCESS);
}

/* ---- the parent ---- */

static void close_pair(const int pair[2]) {
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static zf_status cannot_start(const zf_peer *peer, int cause, zf_error *error) {
    char words[128];
    const char *why = strerror_r(cause, words, sizeof words);
    return zf_error_set(error, cause == ENOMEM || cause == EAGAIN ? ZF_E_MEMORY : ZF_E_INTERNAL, ZF_DOMAIN_OS,
                        "cannot start a process for %s: %s", peer->what, why);
}

zf_status zf_peer_start(zf_peer *peer, void (*serve)(zf_peer *parent), zf_error *error) {
    int to_child[2], to_parent[2];
    const long self = getpid();
    if (pipe2(to_child, O_CLOEXEC) != 0)
        return cannot_start(peer, errno, error);
    if (pipe2(to_parent, O_CLOEXEC) != 0) {
        const int cause = errno;
        close_pair(to_child);
        return cannot_start(peer, cause, error);
    }
    const pid_t process = fork();
    if (process < 0) {
        const int cause = errno;
        close_pair(to_child);
        close_pair(to_parent);
        return cannot_start(peer, cause, error);
    }
    if (process == 0) {
        zf_peer parent = {.in = to_child[0],
                          .out = to_parent[1],
                          .limit_bytes = peer->limit_bytes,
                          .what = peer->what,
                          .is_connected = true};
        be_child(&parent, self, serve);
    }
    (void)close(to_child[0]);
    (void)close(to_parent[1]);
    peer->in = to_parent[0];
    peer->out = to_child[1];
    peer->process = process;
    peer->is_connected = true;
    (void)fcntl(peer->in, F_SETFL, O_NONBLOCK);
    (void)fcntl(peer->out, F_SETFL, O_NONBLOCK);
    return ZF_OK;
}

/* Waits at most MS_UNTIL_KILLED for the child to end. */
static bool has_ended(zf_peer *peer, int *out_how) {
    const struct timespec moment = {.tv_nsec = 1000000};
    for (int ms = 0; ms < MS_UNTIL_KILLED; ms++) {
        if (waitpid((pid_t)peer->process, out_how, WNOHANG) != 0)
            return true;
        (void)nanosleep(&moment, NULL);
    }
    return false;
}

/* Closes the pipes and waits for the child. Returns what waitpid(2) says, or -1. */
static int reap(zf_peer *peer, bool kills) {
    int how = -1;
    if (!peer->is_connected)
        return how;
    peer->is_connected = false;
    (void)close(peer->in);
    (void)close(peer->out);
    if (!kills && has_ended(peer, &how))
        return how;
    (void)kill((pid_t)peer->process, SIGKILL);
    while (waitpid((pid_t)peer->process, &how, 0) < 0 && errno == EINTR)
        how = -1;
    return how;
}

/* The child has closed its pipes: says why. */
static zf_status explain_end(zf_peer *peer, zf_error *error) {
    char words[64] = "without a reason";
    const int how = reap(peer, false);
    if (how != -1 && WIFEXITED(how) && WEXITSTATUS(how) == EXIT_MEMORY)
        return zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_ZONEFOLD,
                            "it needs more than the %zu MiB that its process may hold; allow more with "
                            "`memory_bytes`, "
                            "or let it work on less at a time",
                            peer->limit_bytes >> 20);
    if (how != -1 && WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL)
        return zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_OS,
                            "the process that ran it was killed, probably because the machine has no memory "
                            "left");
    if (how != -1 && WIFSIGNALED(how))
        (void)snprintf(words, sizeof words, "by signal %d (%s)", WTERMSIG(how), strsignal(WTERMSIG(how)));
    return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_OS,
                        "the process that ran it ended %s: a library failed in it; leave out what it calls",
                        words);
}

/* Waits until the pipe is ready, and looks at the caller's cancelling meanwhile. */
static zf_status wait_for(zf_peer *peer, int pipe, short event, zf_error *error) {
    struct pollfd one = {.fd = pipe, .events = event};
    while (poll(&one, 1, MS_BETWEEN_LOOKS) <= 0) {
        const zf_status status = zf_check_cancelled(peer->callbacks, error);
        if (status != ZF_OK) {
            (void)reap(peer, true);
            return status;
        }
    }
    return ZF_OK;
}

/* What to do when read(2) or write(2) did nothing: ZF_OK is to try again. */
static zf_status after_nothing(zf_peer *peer, bool is_closed, int cause, int pipe, short event,
                               zf_error *error) {
    if (!is_closed && cause == EINTR)
        return ZF_OK;
    if (!is_closed && cause == EAGAIN)
        return wait_for(peer, pipe, event, error);
    if (peer->process == 0)
        return ZF_DONE;
    const zf_status status = zf_check_cancelled(peer->callbacks, error);
    return status == ZF_OK ? explain_end(peer, error) : (zf_peer_end(peer), status);
}

static zf_status check_connected(const zf_peer *peer, zf_error *error) {
    return peer->is_connected ? ZF_OK
                              : zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                                             "the process for %s has ended before", peer->what);
}

/* write(2) without a SIGPIPE, which would end a program that does not ignore it. */
static ssize_t write_quietly(int pipe, const void *bytes, size_t n) {
    const struct timespec now = {0};
    sigset_t broken, before, pending;
    sigemptyset(&broken);
    sigaddset(&broken, SIGPIPE);
    (void)sigpending(&pending);
    (void)pthread_sigmask(SIG_BLOCK, &broken, &before);
    const ssize_t written = write(pipe, bytes, n);
    const int cause = errno;
    if (written < 0 && cause == EPIPE && !sigismember(&pending, SIGPIPE))
        while (sigtimedwait(&broken, NULL, &now) < 0 && errno == EINTR) {
        }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = cause;
    return written;
}

zf_status zf_peer_send(zf_peer *peer, const void *bytes, size_t n, zf_error *error) {
    const char *at = bytes;
    zf_status status = check_connected(peer, error);
    while (status == ZF_OK && n > 0) {
        const ssize_t sent = write_quietly(peer->out, at, n);
        if (sent > 0) {
            at += sent;
            n -= (size_t)sent;
        } else {
            status = after_nothing(peer, false, errno, peer->out, POLLOUT, error);
        }
    }
    return status;
}

zf_status zf_peer_receive(zf_peer *peer, void *bytes, size_t n, size_t *out_n, zf_error *error) {
    zf_status status = check_connected(peer, error);
    *out_n = 0;
    while (status == ZF_OK && *out_n == 0) {
        const ssize_t received = read(peer->in, bytes, n);
        if (received > 0)
            *out_n = (size_t)received;
        else
            status = after_nothing(peer, received == 0, errno, peer->in, POLLIN, error);
    }
    return status;
}

void zf_peer_end(zf_peer *peer) {
    (void)reap(peer, false);
}
