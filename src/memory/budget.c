/* SPDX-License-Identifier: MIT */
#include "memory/memory.h"

#include <stdlib.h>

static const char *const use_names[ZF_MEMORY_END] = {
    [ZF_MEMORY_BATCH] = "batch",   [ZF_MEMORY_ZONE] = "zone",         [ZF_MEMORY_GATHER] = "gather",
    [ZF_MEMORY_INDEX] = "index",   [ZF_MEMORY_ANALYSIS] = "analysis", [ZF_MEMORY_OUTPUT] = "output",
    [ZF_MEMORY_RECORD] = "record",
};

const char *zf_memory_use_name(zf_memory_use use) {
    return (int)use >= 0 && use < ZF_MEMORY_END ? use_names[use] : "unknown";
}

void zf_budget_init(zf_budget *budget, size_t limit_bytes) {
    budget->limit_bytes = limit_bytes;
    for (int use = 0; use < ZF_MEMORY_END; use++)
        atomic_init(&budget->held_bytes[use], 0);
    atomic_init(&budget->total_bytes, 0);
    atomic_init(&budget->peak_bytes, 0);
}

void zf_budget_reset_peak(zf_budget *budget) {
    atomic_store(&budget->peak_bytes, atomic_load(&budget->total_bytes));
}

size_t zf_budget_held(const zf_budget *budget, zf_memory_use use) {
    return atomic_load(&budget->held_bytes[use]);
}

static void raise_peak(zf_budget *budget, size_t total) {
    size_t peak = atomic_load(&budget->peak_bytes);
    while (peak < total && !atomic_compare_exchange_weak(&budget->peak_bytes, &peak, total)) {
    }
}

/* Compare and exchange, not add and look: a refused request must not show, not even for a moment, to other
 * threads. */
static zf_status take(zf_budget *budget, zf_memory_use use, size_t n_bytes, zf_error *error) {
    if (!budget)
        return ZF_OK;
    size_t limit = budget->limit_bytes > 0 ? budget->limit_bytes : SIZE_MAX;
    size_t total = atomic_load(&budget->total_bytes);
    do {
        if (total > limit || n_bytes > limit - total)
            return zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_ZONEFOLD,
                                "cannot get %zu bytes for %s: %zu of the limit of %zu bytes are in use; "
                                "allow more with `memory_bytes`%s",
                                n_bytes, zf_memory_use_name(use), total, limit,
                                limit < 1024 * 1024 ? ", such as 64MiB" : "");
    } while (!atomic_compare_exchange_weak(&budget->total_bytes, &total, total + n_bytes));
    atomic_fetch_add(&budget->held_bytes[use], n_bytes);
    raise_peak(budget, total + n_bytes);
    return ZF_OK;
}

/** Subtracts bytes from an account. */
static void give(zf_budget *budget, zf_memory_use use, size_t n_bytes) {
    if (!budget)
        return;
    atomic_fetch_sub(&budget->held_bytes[use], n_bytes);
    atomic_fetch_sub(&budget->total_bytes, n_bytes);
}

zf_status zf_memory_charge(zf_budget *budget, zf_memory_use use, size_t n_bytes, zf_error *error) {
    return take(budget, use, n_bytes, error);
}

void zf_memory_discharge(zf_budget *budget, zf_memory_use use, size_t n_bytes) {
    give(budget, use, n_bytes);
}

zf_status zf_memory_alloc(zf_budget *budget, zf_memory_use use, size_t n_bytes, void **out, zf_error *error) {
    if (n_bytes == 0) {
        *out = NULL;
        return ZF_OK;
    }
    zf_status status = take(budget, use, n_bytes, error);
    if (status != ZF_OK)
        return status;
    void *ptr = malloc(n_bytes);
    if (!ptr) {
        give(budget, use, n_bytes);
        return zf_error_memory(error, n_bytes, zf_memory_use_name(use));
    }
    *out = ptr;
    return ZF_OK;
}

/** Reallocates within the budget. */
static zf_status grow(zf_budget *budget, zf_memory_use use, void **inout, size_t old_bytes, size_t new_bytes,
                      zf_error *error) {
    zf_status status = take(budget, use, new_bytes - old_bytes, error);
    if (status != ZF_OK)
        return status;
    void *ptr = realloc(*inout, new_bytes);
    if (!ptr) {
        give(budget, use, new_bytes - old_bytes);
        return zf_error_memory(error, new_bytes, zf_memory_use_name(use));
    }
    *inout = ptr;
    return ZF_OK;
}

zf_status zf_memory_resize(zf_budget *budget, zf_memory_use use, void **inout, size_t old_bytes,
                           size_t new_bytes, zf_error *error) {
    if (new_bytes > old_bytes)
        return grow(budget, use, inout, old_bytes, new_bytes, error);
    if (new_bytes == 0) {
        zf_memory_free(budget, use, *inout, old_bytes);
        *inout = NULL;
        return ZF_OK;
    }
    /* A block that will not shrink still holds what is asked for. */
    void *ptr = realloc(*inout, new_bytes);
    if (ptr)
        *inout = ptr;
    give(budget, use, old_bytes - new_bytes);
    return ZF_OK;
}

void zf_memory_free(zf_budget *budget, zf_memory_use use, void *ptr, size_t n_bytes) {
    if (!ptr)
        return;
    free(ptr);
    give(budget, use, n_bytes);
}
