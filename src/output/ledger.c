/* SPDX-License-Identifier: MIT */
/* The count ledger: every feature read is accounted for, once. */
#include "output/ledger.h"

#include <inttypes.h>
#include <string.h>

typedef struct counter {
    const char *name;
    size_t offset;
} counter;

#define COUNTER(member)                                                                                      \
    { #member, offsetof(zf_run_counts, member) }

static const counter counters[] = {
    COUNTER(zips_read),         COUNTER(zips_selected),      COUNTER(zip_features_skipped),
    COUNTER(buildings_read),    COUNTER(buildings_assigned), COUNTER(buildings_crossing),
    COUNTER(buildings_outside), COUNTER(buildings_empty),    COUNTER(buildings_skipped),
    COUNTER(buildings_in_many), COUNTER(buildings_repaired), COUNTER(assignments),
    COUNTER(important),
};
enum { N_COUNTERS = sizeof counters / sizeof *counters };
_Static_assert(N_COUNTERS * sizeof(uint64_t) == sizeof(zf_run_counts),
               "every member of zf_run_counts has its name here");

static uint64_t get(const zf_run_counts *counts, size_t n) {
    uint64_t value;
    memcpy(&value, (const char *)counts + counters[n].offset, sizeof value);
    return value;
}

void zf_counts_set(zf_run_counts *counts, size_t n, uint64_t value) {
    memcpy((char *)counts + counters[n].offset, &value, sizeof value);
}

const char *zf_counts_get(const zf_run_counts *counts, size_t n, uint64_t *out_value) {
    if (n >= N_COUNTERS)
        return NULL;
    *out_value = get(counts, n);
    return counters[n].name;
}

void zf_counts_add(zf_run_counts *a, const zf_run_counts *b) {
    for (size_t i = 0; i < N_COUNTERS; i++)
        zf_counts_set(a, i, get(a, i) + get(b, i));
}

static zf_status check_sum(const zf_run_counts *c, zf_error *error) {
    uint64_t parts = c->buildings_assigned + c->buildings_crossing + c->buildings_outside +
                     c->buildings_empty + c->buildings_skipped;
    if (parts == c->buildings_read)
        return ZF_OK;
    return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                        "the count ledger does not balance: buildings_read is %" PRIu64
                        ", but assigned %" PRIu64 " + crossing %" PRIu64 " + outside %" PRIu64
                        " + empty %" PRIu64 " + skipped %" PRIu64 " is %" PRIu64
                        "; this is a bug of zonefold, please report it with the command line",
                        c->buildings_read, c->buildings_assigned, c->buildings_crossing, c->buildings_outside,
                        c->buildings_empty, c->buildings_skipped, parts);
}

static zf_status check_part(const char *part_name, uint64_t part, const char *whole_name, uint64_t whole,
                            zf_error *error) {
    if (part <= whole)
        return ZF_OK;
    return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                        "the count ledger does not balance: %s is %" PRIu64 ", more than %s, %" PRIu64
                        "; this is a bug of zonefold, please report it with the command line",
                        part_name, part, whole_name, whole);
}

zf_status zf_counts_check(const zf_run_counts *counts, zf_error *error) {
    const zf_run_counts *c = counts;
    const struct {
        const char *part_name;
        uint64_t part;
        const char *whole_name;
        uint64_t whole;
    } relations[] = {
        {"zip_features_skipped", c->zip_features_skipped, "zips_read", c->zips_read},
        {"zips_selected", c->zips_selected, "zips_read", c->zips_read},
        {"buildings_repaired", c->buildings_repaired, "buildings_read", c->buildings_read},
        {"buildings_in_many", c->buildings_in_many, "buildings_assigned", c->buildings_assigned},
        {"buildings_assigned + buildings_in_many", c->buildings_assigned + c->buildings_in_many,
         "assignments", c->assignments},
        {"assignments (with no building in many ZIPs)", c->buildings_in_many == 0 ? c->assignments : 0,
         "buildings_assigned", c->buildings_assigned},
        {"important", c->important, "assignments", c->assignments},
    };
    zf_status status = check_sum(c, error);
    for (size_t i = 0; status == ZF_OK && i < sizeof relations / sizeof *relations; i++)
        status = check_part(relations[i].part_name, relations[i].part, relations[i].whole_name,
                            relations[i].whole, error);
    return status;
}

zf_status zf_counts_write(const zf_run_counts *counts, zf_output *output, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < N_COUNTERS; i++)
        status = zf_output_write_count(output, counters[i].name, get(counts, i), error);
    return status;
}
