/* SPDX-License-Identifier: MIT */
#include "perzip/pool.h"

/** A limit that is enough for a ZIP. Part of what is added goes to polygons and rows: up to a quarter. */
static size_t enough_mib(size_t needed, size_t held, size_t limit) {
    size_t bytes = (needed + held - limit / 4) / 3 * 4;
    return (bytes >> 20) + 2;
}

/** Refuses a ZIP that cannot fit before the work begins, not in the middle of it. */
static zf_status check_memory(const zf_perzip *p, zf_error *error) {
    size_t limit = p->budget->limit_bytes, held = atomic_load(&p->budget->total_bytes);
    size_t left = limit > held ? limit - held : 0;
    for (size_t i = 0; limit > 0 && i < zf_catalogue_count(p->catalogue); i++) {
        zf_zip_size size = zf_zip_size_of(p, i, p->metrics[0]);
        size_t needed = zf_forecast_zip_bytes(p->plan, &size);
        if (needed > left)
            return zf_error_set(
                error, ZF_E_MEMORY, ZF_DOMAIN_ZONEFOLD,
                "cannot analyse the %zu important buildings of ZIP '%s': that needs %zu bytes, and "
                "%zu of the limit of %zu bytes are in use; `memory_bytes` %zuMiB is enough",
                size.n, zf_catalogue_zone(p->catalogue, i)->zip, needed, held, limit,
                enough_mib(needed, held, limit));
    }
    return ZF_OK;
}

static zf_status run_one_by_one(const zf_perzip *p, zf_error *error) {
    size_t n = zf_catalogue_count(p->catalogue);
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        zf_zip_work work = {0};
        st = zf_check_cancelled(p->callbacks, error);
        if (st == ZF_OK) {
            zf_zip_init(&work, p, i, p->metrics[0]);
            st = zf_zip_load(&work, error);
        }
        if (st == ZF_OK)
            st = zf_zip_compute(&work, error);
        if (st == ZF_OK)
            st = zf_zip_write(&work, error);
        zf_zip_release(&work);
        zf_progress_report(p->callbacks, "analyses", i + 1, n);
    }
    return st;
}

zf_status zf_perzip_run(const zf_perzip *perzip, zf_error *error) {
    bool is_started = false;
    zf_status st = check_memory(perzip, error);
    if (st == ZF_OK && perzip->n_threads > 1 &&
        perzip->output.timeline == NULL) /* the bytes of a ZIP can be told only while it is alone */
        st = zf_pool_run(perzip, &is_started, error);
    return st == ZF_OK && !is_started ? run_one_by_one(perzip, error) : st;
}
