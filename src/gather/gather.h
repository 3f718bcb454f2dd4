/* SPDX-License-Identifier: MIT */
/**
 * @file gather.h
 * Sorts the rows of the assigned buildings by (rank, fid, ordinal) in bounded memory: an external merge sort.
 * With a key, by (rank, key, fid, ordinal).
 * Writers append in any order; rows that exceed the memory share go to a temporary file as sorted runs. The
 * ZIPs are then read in rank order, each with its rows in fid order. The result does not depend on the order
 * of appending, the number of writers or the share.
 */
#ifndef ZF_GATHER_H
#define ZF_GATHER_H

#include "memory/memory.h"
#include "schema/layout.h"

typedef struct zf_gather zf_gather;
typedef struct zf_gather_writer zf_gather_writer;

typedef struct zf_gather_options {
    size_t n_cells;       /**< numbers per row, of 8 bytes each */
    size_t n_texts;       /**< texts per row */
    size_t share_bytes;   /**< memory of all writers for rows that are not in the file, and later of the
                             readers; at least 1 MiB. In addition: 8 bytes per rank, 140 per run in the file,
                             and one row per reader */
    size_t n_writers;     /**< writers that divide the share among them */
    const char *temp_dir; /**< for the spill file; borrowed for the life of the gather; NULL: TMPDIR, else
                             /tmp. Not touched unless rows spill */
    bool visits_payloads; /**< zf_gather_visit gives payloads too: one more buffer per run in the file */
    bool has_key;         /**< the first text, never missing, is a key: the rows of a rank are sorted by its bytes, then
                             by fid and ordinal. A reader keeps one row per run in the file in addition */
} zf_gather_options;

/** One (building, ZIP) pair; no two have the same rank, fid and ordinal. Everything is borrowed for the
 * append; texts and payload of a row read back live until the next read. */
typedef struct zf_gather_row {
    uint32_t rank; /**< of the ZIP, from 1 */
    int64_t fid;
    uint64_t ordinal;      /**< position of the building in its source: sorts equal fids */
    const zf_cell *cells;  /**< n_cells; the caller knows what they hold */
    const zf_bytes *texts; /**< n_texts; bytes NULL is "missing" */
    zf_bytes payload;      /**< opaque here: what writing the result needs */
} zf_gather_row;

ZF_MUST_USE zf_status zf_gather_create(const zf_gather_options *options, zf_budget *budget, zf_gather **out,
                                       zf_error *error);
void zf_gather_destroy(
    zf_gather *gather); /**< NULL is legal; closes the spill file; writers must be closed */

/** One writer per thread. */
ZF_MUST_USE zf_status zf_gather_writer_open(zf_gather *gather, zf_gather_writer **out, zf_error *error);
/** Copies the row. ZF_E_MEMORY; ZF_E_INPUT for texts of 4 GiB and more; ZF_E_OUTPUT when the spill file
 * cannot be written (says the directory, and that it may be full). Amortised O(1), no per-row malloc. */
ZF_MUST_USE zf_status zf_gather_append(zf_gather_writer *writer, const zf_gather_row *row, zf_error *error);
/** Moves the writer's rows to the gather and frees the writer, also on failure. NULL is legal. */
ZF_MUST_USE zf_status zf_gather_writer_close(zf_gather_writer *writer, zf_error *error);
/** Frees the writer and its rows. NULL is legal. */
void zf_gather_writer_abandon(zf_gather_writer *writer);

/** Prepares for reading, after all writers are closed. ZF_E_MEMORY; ZF_E_OUTPUT as in zf_gather_append. */
ZF_MUST_USE zf_status zf_gather_seal(zf_gather *gather, zf_error *error);

/** Rows of one ZIP; after sealing, from any thread. */
size_t zf_gather_rows(const zf_gather *gather, uint32_t rank);

/** Called for each row, in fid order; the row is borrowed for the call. Any status but ZF_OK ends the visit,
 * which returns it. */
typedef zf_status (*zf_gather_take)(void *user, const zf_gather_row *row, zf_error *error);
/**
 * Calls `take` for each row of one ZIP, without payloads unless visits_payloads. Ranks must ascend, each at
 * most once.
 * @return ZF_OK, ZF_E_MEMORY, or ZF_E_INPUT when the spill file cannot be read back.
 */
ZF_MUST_USE zf_status zf_gather_visit(zf_gather *gather, uint32_t rank, zf_gather_take take, void *user,
                                      zf_error *error);
/**
 * Gives the same rows one by one, with payloads, in the same order. Has its own position, independent of
 * visits; ranks must ascend here too.
 * @return ZF_OK with *out (borrowed until the next call), ZF_DONE after the ZIP's last row; failures as in
 * zf_gather_visit.
 */
ZF_MUST_USE zf_status zf_gather_next(zf_gather *gather, uint32_t rank, zf_gather_row *out, zf_error *error);

#endif
