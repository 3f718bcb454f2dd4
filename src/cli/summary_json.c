/* SPDX-License-Identifier: MIT */
#include "cli/cells.h"
#include "cli/summary.h"

#include <inttypes.h>

void zf_summary_json_add(zf_summary *summary, const zf_zip_line *line) {
    zf_text *out = &summary->zips;
    zf_text_append_format(
        out, "%s\n    {\"zip_rank\": %" PRIu32 ", \"zip\": ", summary->n_zips > 1 ? "," : "", line->rank);
    zf_text_append_json(out, line->zip);
    for (size_t i = 0; i < line->n; i++) {
        zf_text_append(out, ", ");
        zf_text_append_json(out, line->columns[i].name);
        zf_text_append(out, ": ");
        zf_cli_append_json_value(out, &line->values[i]);
    }
    zf_text_append(out, "}");
}

static void append_areas(const zf_run_areas *areas, zf_text *out) {
    const struct {
        const char *name;
        double m2;
    } all[] = {{"assigned", areas->assigned_m2},
               {"in_zips", areas->in_zips_m2},
               {"in_many", areas->in_many_m2},
               {"beyond", areas->beyond_m2}};
    zf_text_append(out, "  \"areas_m2\": {");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        zf_text_append_format(out, "%s\"%s\": ", i > 0 ? ", " : "", all[i].name);
        zf_text_append_json_number(out, all[i].m2);
    }
    zf_text_append(out, "},\n");
}

/* Without a condition there is no funnel. */
static void append_funnel(const zf_run_report *report, zf_text *out) {
    if (report->n_funnel == 0)
        return;
    zf_text_append(out, "  \"funnel\": [");
    for (size_t i = 0; i < report->n_funnel; i++) {
        const zf_run_step *step = &report->funnel[i];
        zf_text_append_format(out, "%s\n    {\"step\": %zu, \"rule\": ", i > 0 ? "," : "", i + 1);
        zf_text_append_json(out, step->rule);
        zf_text_append_format(out, ", \"passed\": %" PRIu64 ", \"dropped\": %" PRIu64 "}", step->passed,
                              step->dropped);
    }
    zf_text_append(out, "\n  ],\n");
}

static void append_tables(const zf_run_report *report, zf_text *out) {
    zf_text_append(out, "  \"tables\": {");
    for (size_t i = 0; i < report->n_tables; i++) {
        zf_text_append(out, i > 0 ? ", " : "");
        zf_text_append_json(out, report->tables[i].name);
        zf_text_append_format(out, ": %" PRIu64, report->tables[i].n_rows);
    }
    zf_text_append(out, "},\n");
}

void zf_summary_json_append(const zf_summary *summary, const char *output, const zf_run_report *report,
                            zf_text *out) {
    zf_text_append(out, "{\n  \"output\": ");
    zf_text_append_json(out, output);
    zf_text_append(out, ",\n  \"counts\": {");
    uint64_t value;
    const char *name;
    for (size_t i = 0; (name = zf_counts_get(&report->counts, i, &value)) != NULL; i++) {
        zf_text_append_format(out, "%s\n    ", i > 0 ? "," : "");
        zf_text_append_json(out, name);
        zf_text_append_format(out, ": %" PRIu64, value);
    }
    zf_text_append(out, "\n  },\n");
    zf_text_append_format(out, "  \"rejected_features\": %" PRIu64 ",\n", report->rejected);
    if (report->has_groups)
        zf_text_append_format(out, "  \"groups\": %" PRIu64 ",\n", report->n_groups);
    if (report->has_areas)
        append_areas(&report->areas, out);
    append_funnel(report, out);
    append_tables(report, out);
    zf_text_append(out, "  \"zips\": [");
    if (summary->zips.n > 0)
        zf_text_append_n(out, summary->zips.bytes, summary->zips.n);
    zf_text_append(out, summary->n_zips > 0 ? "\n  ]\n}\n" : "]\n}\n");
    out->is_failed |= summary->zips.is_failed;
}
