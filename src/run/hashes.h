/* SPDX-License-Identifier: MIT */
/** SHA-256 of every input file, taken while the buildings are read. */
#ifndef ZF_RUN_HASHES_H
#define ZF_RUN_HASHES_H

#include "os/thread.h"
#include "output/ledger.h"
#include "source/source.h"

#include <stdatomic.h>

/** One file of an input. */
typedef struct zf_hashed_file {
    const char *path; /**< borrowed from the source */
    int fd;           /**< -1: not open. See zf_hashes_deinit */
    uint64_t n_bytes;
    char hex[ZF_SHA256_HEX_BYTES];
} zf_hashed_file;

/** Zero-initialise. Must not move once started. */
typedef struct zf_hashes {
    zf_hashed_file *files;
    size_t n, n_zips;              /**< the first n_zips are those of the ZIP layer */
    const zf_callbacks *callbacks; /**< of the run */
    zf_callbacks own;              /**< what the hashing asks: the run's cancel, or is_given_up */
    atomic_bool is_given_up;
    zf_thread thread;
    bool is_started;
    zf_status status;
    zf_error error;
} zf_hashes;

/** Lists the files and begins to hash them in a thread, if is_threaded and one can be had. The sources must
 * outlive the hashes. */
ZF_MUST_USE zf_status zf_hashes_start(zf_hashes *hashes, zf_source *zips, zf_source *buildings,
                                      bool is_threaded, const zf_callbacks *callbacks, zf_error *error);
/** Waits for the end, or does the work now. */
ZF_MUST_USE zf_status zf_hashes_finish(zf_hashes *hashes, zf_error *error);
/** Gives up what is not yet hashed. Before the sources are closed. */
void zf_hashes_stop(zf_hashes *hashes);
/** After the sources are closed: closing any descriptor of a file takes this process's POSIX locks from it,
 * and with them SQLite's. */
void zf_hashes_deinit(zf_hashes *hashes);

#endif
