/* SPDX-License-Identifier: MIT */
/**
 * @file gather_internal.h
 * Internal to this folder. A row is encoded once, at append, and has the same form in memory and in the spill
 * file:
 *
 *     head    zf_row_head, 32 bytes
 *     body    n_cells cells, n_texts lengths (uint32), the texts, zeros up to a multiple of 8
 *     payload head.payload_n bytes
 *
 * In memory the three are contiguous in a block. A run in the spill file has two sections, heads with bodies
 * and payloads, so that loading a ZIP's columns does not read the payloads. Runs of rows without texts and
 * payloads have short heads there (zf_lean_head). Host byte order: only the process that wrote the file reads
 * it.
 */
#ifndef ZF_GATHER_GATHER_INTERNAL_H
#define ZF_GATHER_GATHER_INTERNAL_H

#include "gather/gather.h"
#include "os/temp_file.h"
#include "os/thread.h"

/** Length of a missing text or payload. */
#define ZF_ROW_NO_TEXT    UINT32_MAX
#define ZF_ROW_NO_PAYLOAD UINT64_MAX

enum { ZF_SECTION_MIN_BYTES = 4096, ZF_SECTION_MAX_BYTES = 256 * 1024 };

typedef struct zf_row_head {
    int64_t fid;
    uint64_t ordinal;
    uint64_t payload_n; /**< or ZF_ROW_NO_PAYLOAD */
    uint32_t rank;
    uint32_t body_n; /**< a multiple of 8 */
} zf_row_head;
_Static_assert(sizeof(zf_row_head) == 32, "the head is written as it is in memory");

/** The head of a row whose body is cells only, which has no payload and whose ordinal is small. */
typedef struct zf_lean_head {
    int64_t fid;
    uint32_t rank;
    uint32_t ordinal;
} zf_lean_head;
_Static_assert(sizeof(zf_lean_head) == 16, "the short head is written as it is in memory");

static inline size_t zf_row_payload_bytes(const zf_row_head *head) {
    return head->payload_n == ZF_ROW_NO_PAYLOAD ? 0 : (size_t)head->payload_n;
}

/** Where the key of a row stands in its body. Zeros: rows have no key. */
typedef struct zf_row_key {
    size_t length_at, bytes_at;
} zf_row_key;

/** Sort entry of a row: the first parts of its order, and the encoded row. */
typedef struct zf_row_entry {
    int64_t first; /**< the fid; of rows with a key, its first bytes as a number */
    const uint8_t *row;
    uint32_t rank;
    uint32_t entry_in_order; /**< after sorting, in entries[i]: index of the i-th entry in order; see
                                zf_row_in_order */
} zf_row_entry;

/** A block of memory with encoded rows. */
typedef struct zf_block {
    struct zf_block *next;
    size_t n_bytes; /**< of the whole allocation */
    size_t used;
    _Alignas(8) uint8_t data[];
} zf_block;

/** Rows in memory: of a writer, and later of a run. */
typedef struct zf_row_store {
    zf_row_entry *entries;
    size_t n;
    size_t cap;
    zf_block *blocks; /**< the current one first */
    zf_block *spare;  /**< empty ones, to be reused */
    size_t held_bytes;
    bool has_payloads; /**< some row has one */
    uint64_t max_ordinal;
    uint64_t fixed_bytes; /**< heads and bodies of all rows */
    uint64_t payload_bytes;
} zf_row_store;

/** Sorted rows: in memory when store.n > 0, else two sections of the spill file. */
typedef struct zf_sorted_run {
    zf_row_store store;
    uint64_t n_rows;
    bool is_lean; /**< in the file: short heads */
    uint64_t fixed_at, fixed_bytes;
    uint64_t payload_at, payload_bytes;
} zf_sorted_run;

typedef struct zf_merge zf_merge;

/** The sorted runs of all writers. */
typedef struct zf_run_list {
    zf_sorted_run *items;
    size_t n, cap;
} zf_run_list;

/** Number of rows by rank, 0..n_ranks-1. */
typedef struct zf_rank_counts {
    uint64_t *rows;
    size_t n_ranks;
} zf_rank_counts;

/** The temporary file of the rows that exceed the share. */
typedef struct zf_spill {
    zf_temp_file file;
    uint64_t n_bytes; /**< reserved in it so far */
} zf_spill;

/** Position of a reader of all runs. */
typedef struct zf_gather_position {
    zf_merge *merge; /**< opened by the first read */
    uint32_t rank;   /**< the last rank read; 0: none */
    uint64_t n_rows; /**< rows of that rank read */
} zf_gather_position;

/** What each row has. */
typedef struct zf_row_parts {
    size_t n_cells, n_texts;
    zf_row_key key;
} zf_row_parts;

struct zf_gather {
    zf_budget *budget; /**< borrowed */
    zf_row_parts row;
    bool visits_payloads;
    size_t share_bytes;
    size_t n_writers;
    zf_mutex mutex; /**< guards spill, n_open, runs and counts while writers are open */
    zf_spill spill;
    size_t n_open; /**< writers not closed yet */
    zf_run_list runs;
    zf_rank_counts counts;
    bool is_sealed;
    size_t section_bytes;      /**< of one section's buffer, decided at seal */
    zf_gather_position visits; /**< of zf_gather_visit */
    zf_gather_position reads;  /**< of zf_gather_next */
};

/* ---- rows (row.c, sort.c) ---- */

/** Bytes of body and of the whole row in memory; ZF_E_INPUT when the row is too large to be encoded. */
ZF_MUST_USE zf_status zf_row_measure(const zf_gather *gather, const zf_gather_row *row, size_t *out_body,
                                     size_t *out_total, zf_error *error);
/** Writes head, body and payload; out is 8-aligned and has the measured size. */
void zf_row_encode(const zf_gather *gather, const zf_gather_row *row, size_t body_n, uint8_t *out);
/** Points cells and texts into a body (8-aligned). texts has n_texts elements. ZF_E_INPUT when the lengths
 * do not fit the body. */
ZF_MUST_USE zf_status zf_row_decode_body(const zf_gather *gather, const uint8_t *body, size_t body_n,
                                         const zf_cell **out_cells, zf_bytes *texts, zf_error *error);
/** The first 8 bytes of the key in a body, as a number that is ordered like them. */
int64_t zf_row_key_first(const zf_row_key *key, const uint8_t *body);
/** Below, equal to or above 0: the order of two rows of a rank by key, fid and ordinal. */
int zf_row_compare_keyed(const zf_row_key *key, const uint8_t *body_a, const zf_row_head *head_a,
                         const uint8_t *body_b, const zf_row_head *head_b);
/** Sorts entries (fewer than 2^32) by (rank, fid, ordinal), or by (rank, key, fid, ordinal) where rows have a key, for
 * zf_row_in_order; takes no memory. O(n) for rows that were appended in order but for their ranks, which are close
 * together; else O(n log n). */
void zf_row_sort(zf_row_entry *entries, size_t n, const zf_row_key *key);
/** The i-th entry after zf_row_sort. */
static inline const zf_row_entry *zf_row_in_order(const zf_row_entry *entries, size_t i) {
    return &entries[entries[i].entry_in_order];
}
/** Sorts in place; heapsort replaces quicksort below a recursion depth. A function of its own because tests
 * reach the heapsort only by a small depth: rows that exhaust the depth of zf_row_sort are hard to construct.
 */
void zf_row_sort_within(zf_row_entry *entries, size_t n, const zf_row_key *key, unsigned depth);

/* ---- rows in memory (store.c) ---- */

/** Bytes the store would grow by to take a row of n_bytes. */
size_t zf_row_store_growth(const zf_row_store *store, size_t n_bytes, size_t block_bytes);
/** Reserves memory for one row; the caller encodes into *out and calls zf_row_store_commit. ZF_E_MEMORY
 * leaves the rows unchanged. */
ZF_MUST_USE zf_status zf_row_store_reserve(zf_row_store *store, zf_budget *budget, size_t n_bytes,
                                           size_t block_bytes, uint8_t **out, zf_error *error);
void zf_row_store_commit(zf_row_store *store, const zf_row_key *key, const uint8_t *row, size_t n_bytes);
/** Removes the rows and keeps the memory. */
void zf_row_store_clear(zf_row_store *store);
/** Frees the blocks that hold no row. */
void zf_row_store_trim(zf_row_store *store, zf_budget *budget);
void zf_row_store_deinit(zf_row_store *store, zf_budget *budget);

/* ---- the spill file (spill.c) ---- */

/** Writes rows of a run, in order, into its two sections. The buffers are the caller's. */
typedef struct zf_run_writer {
    zf_gather *gather;
    uint8_t *buffers; /**< 2 x buffer_bytes */
    size_t buffer_bytes;
    bool is_lean; /**< the run's */
    struct zf_section_writer {
        uint8_t *buffer;
        size_t used;
        uint64_t at;
    } fixed, payload;
} zf_run_writer;

/** Reserves space in the file (creates it first) for run->fixed_bytes and run->payload_bytes, and sets where
 * the sections begin. run->is_lean is set by the caller. */
ZF_MUST_USE zf_status zf_run_writer_begin(zf_run_writer *out, zf_sorted_run *run, zf_error *error);
ZF_MUST_USE zf_status zf_run_writer_row(zf_run_writer *out, const zf_row_head *head, const uint8_t *body,
                                        const uint8_t *payload, zf_error *error);
ZF_MUST_USE zf_status zf_run_writer_end(zf_run_writer *out, zf_error *error);
/** Writes a sorted store as a run of the file; the caller keeps the store. */
ZF_MUST_USE zf_status zf_spill_store(zf_run_writer *out, const zf_row_store *store, zf_sorted_run *run,
                                     zf_error *error);
/** The error ZF_E_INPUT: the file does not hold what was written to it. */
zf_status zf_spill_changed(zf_error *error);
/** Reads exactly n bytes; ZF_E_INPUT if that fails. */
ZF_MUST_USE zf_status zf_spill_read(const zf_gather *gather, uint64_t at, uint8_t *out, size_t n,
                                    zf_error *error);

/* ---- runs (gather.c) ---- */

/** Adds a run and, on success, takes ownership of its store. Locks. */
ZF_MUST_USE zf_status zf_gather_add_run(zf_gather *gather, const zf_sorted_run *run, zf_error *error);
/** Adds a sorted store's rows to the counts by rank. Locks. */
ZF_MUST_USE zf_status zf_gather_count_rows(zf_gather *gather, const zf_row_store *store, zf_error *error);

/* ---- merging (merge.c, section.c) ---- */

/** Memory for bytes that are not contiguous in a reader's buffer. */
typedef struct zf_scratch {
    uint8_t *bytes;
    size_t cap;
} zf_scratch;
/** Makes room for n bytes. */
ZF_MUST_USE zf_status zf_scratch_grow(const zf_gather *gather, zf_scratch *scratch, size_t n, zf_error *error);

/** A section of a run, read forwards through a buffer. */
typedef struct zf_section_reader {
    uint64_t at; /**< file position of the next byte to be buffered */
    uint64_t end;
    uint8_t *buffer;
    size_t cap, first, n; /**< unread: buffer[first .. n) */
} zf_section_reader;

ZF_MUST_USE zf_status zf_section_take(const zf_gather *gather, zf_section_reader *section, size_t n,
                                      zf_scratch *scratch, const uint8_t **out, zf_error *error);
ZF_MUST_USE zf_status zf_section_skip(zf_section_reader *section, uint64_t n, zf_error *error);
static inline bool zf_section_is_empty(const zf_section_reader *section) {
    return section->first == section->n && section->at == section->end;
}

/** One row of a merge; pointers are valid until the next call. */
typedef struct zf_merge_row {
    const zf_row_head *head;
    const uint8_t *body;
    const uint8_t *payload; /**< NULL without payloads */
} zf_merge_row;

/** Parameters of a merge. */
typedef struct zf_merge_plan {
    const zf_sorted_run *runs; /**< n_runs; borrowed until the merge is closed */
    size_t n_runs;
    bool has_payload;     /**< payloads are read too */
    size_t section_bytes; /**< of the buffer of each section of a run in the file; a multiple of 8 */
} zf_merge_plan;

/** Opens a merge of runs, from their beginnings. */
ZF_MUST_USE zf_status zf_merge_open(zf_gather *gather, const zf_merge_plan *plan, zf_merge **out,
                                    zf_error *error);
void zf_merge_close(zf_merge *merge); /**< NULL is legal */
/** Gives the next row with a rank in [first, last]; skips rows of lower ranks. ZF_DONE when there is none;
 * the position stays. */
ZF_MUST_USE zf_status zf_merge_next(zf_merge *merge, uint32_t first, uint32_t last, zf_merge_row *out,
                                    zf_error *error);
/** Scratch of n_texts elements, for decoding. */
zf_bytes *zf_merge_texts(zf_merge *merge);

#endif
