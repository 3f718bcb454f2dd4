/* SPDX-License-Identifier: MIT */
/* Checks that the ledger of a result balances, and that it agrees with the rows that it counts. */
#include "provenance/result_internal.h"

#include <inttypes.h>
#include <math.h>

/** A count of the ledger, and the query that must give the same number. */
typedef struct equality {
    const char *name;
    const char *table; /**< the check is skipped when it does not exist */
    const char *sql;
} equality;

static const equality equalities[] = {
    {"zips_selected", "zip_summary", "SELECT count(*) FROM zip_summary"},
    {"important", "zip_summary", "SELECT total(important) FROM zip_summary"},
    {"important", "important_building", "SELECT count(*) FROM important_building"},
    {"assignments", "zip_summary", "SELECT total(buildings) FROM zip_summary"},
    {"buildings_repaired", "rejected_feature",
     "SELECT count(*) FROM rejected_feature WHERE layer='buildings' AND action='repaired'"},
};
enum { N_EQUALITIES = sizeof equalities / sizeof *equalities };

/** Reads the ledger; a count that is missing or repeated is a finding. */
static zf_status read_counts(zf_reader *reader, zf_run_counts *counts, zf_verdict *verdict, zf_error *error) {
    uint64_t value = 0;
    const char *name;
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && (name = zf_counts_get(counts, i, &value)) != NULL; i++) {
        int64_t n = 0, found = 0;
        status = zf_reader_ask(reader, &n, error, "SELECT count(*) FROM run_count WHERE name='%q'", name);
        if (status == ZF_OK)
            status =
                zf_reader_ask(reader, &found, error, "SELECT value FROM run_count WHERE name='%q'", name);
        if (status == ZF_OK && n != 1)
            status = zf_verdict_add(verdict, ZF_CHECK_LEDGER, "run_count", error,
                                    "the row %s is missing or repeated", name);
        zf_counts_set(counts, i, (uint64_t)found);
    }
    return status;
}

/** Compares a count with the rows that it counts. */
static zf_status check_equality(zf_reader *reader, const equality *e, zf_verdict *verdict, zf_error *error) {
    int64_t counted = 0, found = 0;
    bool is_there = false;
    zf_status status = zf_reader_has_table(reader, e->table, &is_there, error);
    if (status != ZF_OK || !is_there)
        return status;
    status = zf_reader_ask(reader, &counted, error, "SELECT value FROM run_count WHERE name='%q'", e->name);
    if (status == ZF_OK)
        status = zf_reader_ask(reader, &found, error, "%s", e->sql);
    if (status != ZF_OK || counted == found)
        return status;
    return zf_verdict_add(verdict, ZF_CHECK_LEDGER, e->table, error,
                          "%s is %" PRId64 " in run_count, but %" PRId64 " by the rows", e->name, counted,
                          found);
}

/** Checks the funnel: what one condition passes is the input of the next. */
static zf_status check_funnel(zf_reader *reader, const zf_run_counts *counts, zf_verdict *verdict,
                              zf_error *error) {
    sqlite3_stmt *steps = NULL;
    int64_t reached = (int64_t)counts->assignments;
    bool adds_up = true;
    zf_status status =
        zf_reader_prepare(reader, &steps, error, "SELECT passed, dropped FROM run_funnel ORDER BY step");
    while (status == ZF_OK && (status = zf_reader_step(reader, steps, error)) == ZF_OK) {
        const int64_t passed = sqlite3_column_int64(steps, 0), dropped = sqlite3_column_int64(steps, 1);
        int64_t sum = 0;
        adds_up &= !__builtin_add_overflow(passed, dropped, &sum) && sum == reached;
        reached = passed;
    }
    sqlite3_finalize(steps);
    if (status != ZF_DONE || (adds_up && reached == (int64_t)counts->important))
        return status == ZF_DONE ? ZF_OK : status;
    return zf_verdict_add(
        verdict, ZF_CHECK_LEDGER, "run_funnel", error,
        "its counts do not lead from the assignments to the important buildings of run_count");
}

zf_status zf_verify_ledger(zf_reader *reader, zf_verdict *verdict, zf_error *error) {
    zf_run_counts counts = {0};
    zf_error imbalance = ZF_ERROR_INIT;
    const char *const needed[] = {"run_count", "run_funnel"};
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < sizeof needed / sizeof *needed; i++) {
        bool is_there = false;
        status = zf_reader_has_table(reader, needed[i], &is_there, error);
        if (status == ZF_OK && !is_there)
            return zf_verdict_add(verdict, ZF_CHECK_LEDGER, needed[i], error, "the table is missing");
    }
    if (status == ZF_OK)
        status = read_counts(reader, &counts, verdict, error);
    if (status == ZF_OK && zf_counts_check(&counts, &imbalance) != ZF_OK)
        status = zf_verdict_add(verdict, ZF_CHECK_LEDGER, "run_count", error, "it does not balance");
    for (size_t i = 0; status == ZF_OK && i < N_EQUALITIES; i++)
        status = check_equality(reader, &equalities[i], verdict, error);
    return status == ZF_OK ? check_funnel(reader, &counts, verdict, error) : status;
}

/* ---- references ---- */

/** Checks that zip_rank and zip of each row are those of zip_summary. */
static zf_status check_reference(zf_reader *reader, const char *table, zf_verdict *verdict, zf_error *error) {
    int64_t n = 0;
    bool has_rank = false;
    zf_status status = zf_reader_has_column(reader, table, "zip_rank", &has_rank, error);
    if (status != ZF_OK || !has_rank)
        return status;
    status = zf_reader_ask(reader, &n, error,
                           "SELECT count(*) FROM \"%w\" t LEFT JOIN zip_summary z ON z.zip_rank = t.zip_rank "
                           "WHERE z.zip IS NOT t.zip",
                           table);
    if (status != ZF_OK || n == 0)
        return status;
    return zf_verdict_add(verdict, ZF_CHECK_REFERENCES, table, error,
                          "%" PRId64 " rows have a ZIP and rank that are not in zip_summary", n);
}

/** Compares the count of important buildings of each ZIP with its rows. */
static zf_status check_counts_of_zips(zf_reader *reader, zf_verdict *verdict, zf_error *error) {
    int64_t n = 0;
    bool is_there = false;
    zf_status status = zf_reader_has_table(reader, "important_building", &is_there, error);
    if (status != ZF_OK || !is_there)
        return status;
    status = zf_reader_ask(reader, &n, error,
                           "SELECT count(*) FROM zip_summary z LEFT JOIN (SELECT zip_rank, count(*) n FROM "
                           "important_building GROUP BY zip_rank) b USING (zip_rank) "
                           "WHERE z.important IS NOT coalesce(b.n, 0)");
    if (status != ZF_OK || n == 0)
        return status;
    return zf_verdict_add(verdict, ZF_CHECK_REFERENCES, "important_building", error,
                          "%" PRId64 " ZIPs have a different number of rows here than zip_summary.important",
                          n);
}

/** Compares the buildings and important buildings of each ZIP with the sums over its groups. */
static zf_status check_groups(zf_reader *reader, zf_verdict *verdict, zf_error *error) {
    int64_t n = 0;
    bool is_there = false;
    zf_status status = zf_reader_has_table(reader, "zip_group", &is_there, error);
    if (status != ZF_OK || !is_there)
        return status;
    status = zf_reader_ask(reader, &n, error,
                           "SELECT count(*) FROM zip_summary z LEFT JOIN (SELECT zip_rank, sum(buildings) b, "
                           "sum(important) i FROM zip_group GROUP BY zip_rank) g USING (zip_rank) "
                           "WHERE z.buildings IS NOT coalesce(g.b, 0) OR z.important IS NOT coalesce(g.i, 0)");
    if (status != ZF_OK || n == 0)
        return status;
    return zf_verdict_add(verdict, ZF_CHECK_REFERENCES, "zip_group", error,
                          "%" PRId64 " ZIPs have different numbers of buildings here than in zip_summary", n);
}

zf_status zf_verify_references(zf_reader *reader, zf_verdict *verdict, zf_error *error) {
    bool is_there = false;
    zf_status status = zf_reader_has_table(reader, "zip_summary", &is_there, error);
    if (status != ZF_OK || !is_there) /* zf_verify_contents reports it */
        return status;
    for (size_t i = 0; status == ZF_OK && i < verdict->n_tables; i++) {
        status = zf_reader_has_table(reader, verdict->tables[i].name, &is_there, error);
        if (status == ZF_OK && is_there)
            status = check_reference(reader, verdict->tables[i].name, verdict, error);
    }
    if (status == ZF_OK)
        status = check_counts_of_zips(reader, verdict, error);
    return status == ZF_OK ? check_groups(reader, verdict, error) : status;
}
