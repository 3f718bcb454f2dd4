/* SPDX-License-Identifier: MIT */
/**
 * @file peer.h
 * A child process that does part of the work, with a limit on its memory, and the two pipes to it. Both sides
 * see the other one as their peer.
 */
#ifndef ZF_OS_PEER_H
#define ZF_OS_PEER_H

#include "base/base.h"

/** Zero-initialise. */
typedef struct zf_peer {
    int in, out;                   /**< pipes; only where is_connected */
    long process;                  /**< of the child; 0 in the child itself */
    size_t limit_bytes;            /**< of the child's resident memory */
    const zf_callbacks *callbacks; /**< of the parent; borrowed, nullable */
    const char *what;              /**< what the child does, for messages: "`analysis_sqls`"; borrowed */
    bool is_connected;
} zf_peer;

/**
 * Forks. The child runs serve(parent) and ends when that returns. It has no files but the pipes and standard
 * error, opens no sockets and starts no programs; it ignores the signals that ask the parent to stop, and
 * dies with the thread of the parent that called this. It ends as soon as its resident memory is found above
 * limit_bytes, which is looked at every few milliseconds of its processor time (not in builds with the
 * address sanitizer).
 *
 * Fork only takes the calling thread along. Locks that other threads hold at the moment stay locked in the
 * child: call it while no other thread is inside of the libraries that serve() uses.
 * @param peer set limit_bytes, callbacks and what.
 * @return ZF_E_MEMORY or ZF_E_INTERNAL when there is no process or no pipe to be had.
 */
ZF_MUST_USE zf_status zf_peer_start(zf_peer *peer, void (*serve)(zf_peer *parent), zf_error *error);

/**
 * Sends n bytes; receives at least one and at most n.
 * @return in the parent ZF_E_CANCELLED as soon as the caller cancels; when the child has ended ZF_E_MEMORY,
 * if it was for its memory, else ZF_E_INTERNAL. In every case the child is gone afterwards. In the child
 * ZF_DONE when the parent has closed the pipe.
 */
ZF_MUST_USE zf_status zf_peer_send(zf_peer *peer, const void *bytes, size_t n, zf_error *error);
ZF_MUST_USE zf_status zf_peer_receive(zf_peer *peer, void *bytes, size_t n, size_t *out_n, zf_error *error);

/** Closes the pipes and waits for the child's end, which is enforced unless it is waiting for a message.
 * Idempotent. */
void zf_peer_end(zf_peer *peer);

#endif
