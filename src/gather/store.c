/* SPDX-License-Identifier: MIT */
#include "gather_internal.h"

enum { FIRST_ENTRIES = 64 };

static bool has_room(const zf_row_store *store, size_t n_bytes) {
    const zf_block *block = store->blocks;
    return block != NULL && block->n_bytes - sizeof(zf_block) - block->used >= n_bytes;
}

/** Tests the first spare block only: all have the same size, except those of very large rows. */
static bool spare_has_room(const zf_row_store *store, size_t n_bytes) {
    return store->spare != NULL && store->spare->n_bytes - sizeof(zf_block) >= n_bytes;
}

static size_t block_size(size_t n_bytes, size_t block_bytes) {
    size_t wanted = 0;
    if (!zf_size_add(n_bytes, sizeof(zf_block), &wanted))
        return SIZE_MAX;
    return wanted > block_bytes ? wanted : block_bytes;
}

/** Bytes by which the entries grow for one more row. */
static size_t entries_growth(const zf_row_store *store) {
    if (store->n < store->cap)
        return 0;
    return (store->cap == 0 ? FIRST_ENTRIES : store->cap) * sizeof(zf_row_entry);
}

size_t zf_row_store_growth(const zf_row_store *store, size_t n_bytes, size_t block_bytes) {
    bool has = has_room(store, n_bytes) || spare_has_room(store, n_bytes);
    size_t growth = has ? 0 : block_size(n_bytes, block_bytes);
    return zf_size_add(growth, entries_growth(store), &growth) ? growth : SIZE_MAX;
}

static zf_status grow_entries(zf_row_store *store, zf_budget *budget, zf_error *error) {
    size_t old_bytes = store->cap * sizeof(zf_row_entry);
    size_t new_bytes = old_bytes + entries_growth(store);
    if (new_bytes == old_bytes)
        return ZF_OK;
    void *entries = store->entries;
    zf_status st = zf_memory_resize(budget, ZF_MEMORY_GATHER, &entries, old_bytes, new_bytes, error);
    if (st != ZF_OK)
        return st;
    store->entries = entries;
    store->cap = new_bytes / sizeof(zf_row_entry);
    store->held_bytes += new_bytes - old_bytes;
    return ZF_OK;
}

static zf_status add_block(zf_row_store *store, zf_budget *budget, size_t n_bytes, zf_error *error) {
    void *memory = NULL;
    zf_status st = zf_memory_alloc(budget, ZF_MEMORY_GATHER, n_bytes, &memory, error);
    if (st != ZF_OK)
        return st;
    zf_block *block = memory;
    block->next = store->blocks;
    block->n_bytes = n_bytes;
    block->used = 0;
    store->blocks = block;
    store->held_bytes += n_bytes;
    return ZF_OK;
}

/** Starts a new block, a spare one if possible. */
static zf_status next_block(zf_row_store *store, zf_budget *budget, size_t n_bytes, size_t block_bytes,
                            zf_error *error) {
    if (!spare_has_room(store, n_bytes))
        return add_block(store, budget, block_size(n_bytes, block_bytes), error);
    zf_block *block = store->spare;
    store->spare = block->next;
    block->next = store->blocks;
    store->blocks = block;
    return ZF_OK;
}

zf_status zf_row_store_reserve(zf_row_store *store, zf_budget *budget, size_t n_bytes, size_t block_bytes,
                               uint8_t **out, zf_error *error) {
    zf_status st = grow_entries(store, budget, error);
    if (st == ZF_OK && !has_room(store, n_bytes))
        st = next_block(store, budget, n_bytes, block_bytes, error);
    if (st == ZF_OK)
        *out = store->blocks->data + store->blocks->used;
    return st;
}

void zf_row_store_commit(zf_row_store *store, const zf_row_key *key, const uint8_t *row, size_t n_bytes) {
    const zf_row_head *head = (const zf_row_head *)(const void *)row;
    const int64_t first = key->bytes_at > 0 ? zf_row_key_first(key, row + sizeof *head) : head->fid;
    store->blocks->used += n_bytes;
    store->entries[store->n++] = (zf_row_entry){first, row, head->rank, 0};
    store->fixed_bytes += sizeof *head + head->body_n;
    store->payload_bytes += zf_row_payload_bytes(head);
    store->has_payloads |= head->payload_n != ZF_ROW_NO_PAYLOAD;
    store->max_ordinal = head->ordinal > store->max_ordinal ? head->ordinal : store->max_ordinal;
}

void zf_row_store_clear(zf_row_store *store) {
    for (zf_block *block = store->blocks, *next; block != NULL; block = next) {
        next = block->next;
        block->next = store->spare;
        block->used = 0;
        store->spare = block;
    }
    store->blocks = NULL;
    store->n = 0;
    store->fixed_bytes = store->payload_bytes = store->max_ordinal = 0;
    store->has_payloads = false;
}

static void free_blocks(zf_row_store *store, zf_block **blocks, zf_budget *budget) {
    for (zf_block *block = *blocks, *next; block != NULL; block = next) {
        next = block->next;
        store->held_bytes -= block->n_bytes;
        zf_memory_free(budget, ZF_MEMORY_GATHER, block, block->n_bytes);
    }
    *blocks = NULL;
}

void zf_row_store_trim(zf_row_store *store, zf_budget *budget) {
    free_blocks(store, &store->spare, budget);
}

void zf_row_store_deinit(zf_row_store *store, zf_budget *budget) {
    free_blocks(store, &store->spare, budget);
    free_blocks(store, &store->blocks, budget);
    zf_memory_free(budget, ZF_MEMORY_GATHER, store->entries, store->cap * sizeof(zf_row_entry));
    *store = (zf_row_store){0};
}
