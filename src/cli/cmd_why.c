/* SPDX-License-Identifier: MIT */
#include "cli/cells.h"
#include "cli/common_options.h"
#include "cli/missing_inputs.h"
#include "cli/terminal.h"
#include "zonefold/why.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef struct why_target {
    const char *fid, *where, *inputs, *temp_dir;
    size_t memory_bytes;
    zf_cli_format format;
    bool is_quiet;
} why_target;

#define AT(member) offsetof(why_target, member)

static const zf_option options[] = {
    {.group = "Options",
     .name = "fid",
     .kind = ZF_OPTION_TEXT,
     .value = "N",
     .offset = AT(fid),
     .help = "The building with this feature id in its layer (building_fid in important_building)."},
    {.group = "Options",
     .name = "where",
     .kind = ZF_OPTION_TEXT,
     .value = "FIELD=VALUE",
     .offset = AT(where),
     .help = "The first building whose field has this value, compared as text; or use --fid."},
    ZF_OPTION_INPUTS_AT(AT(inputs)),
    {.group = "Options",
     .name = "memory",
     .parameter = "memory_bytes",
     .kind = ZF_OPTION_SIZE,
     .value = "SIZE",
     .offset = AT(memory_bytes),
     .help = "As for 'zonefold run'."},
    {.group = "Options",
     .name = "temp-dir",
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .value = "DIR",
     .offset = AT(temp_dir),
     .help = "Directory for temporary files. Default: TMPDIR, else /tmp."},
    ZF_OPTION_FORMAT_AT(AT(format)),
    ZF_OPTION_QUIET_AT(AT(is_quiet), ZF_QUIET_MESSAGES),
    ZF_OPTION_SHOW_HELP,
};

const zf_option_table zf_cli_why_table = {
    .command = "why",
    .page = "zonefold-why",
    .summary = "tell why a building counts in a ZIP, or why not",
    .usage = "zonefold why RESULT --fid N | --where FIELD=VALUE [OPTION]...",
    .description =
        "Finds the input files of a result by their SHA-256, reads one building as the run did, and "
        "tells each step: its geometry, the ZIPs near it, the assignment rule, and each condition "
        "with the values that it reads.",
    .examples = "zonefold why result.sqlite --fid 361\n"
                "zonefold why result.sqlite --where use=outbuilding --inputs .",
    .operand = "RESULT",
    .operand_hint = ZF_HINT_FILE,
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

/* ---- text ---- */

static void append_shown(zf_text *out, const char *text) {
    const zf_value value = {ZF_VALUE_TEXT, {.bytes = {(const uint8_t *)text, strlen(text)}}};
    zf_cli_append_cell(out, &value);
}

/* "height = 12.5", "use = 'home'" */
static void append_value(zf_text *out, const zf_why_value *value) {
    const char *quote = value->value.kind == ZF_VALUE_TEXT ? "'" : "";
    append_shown(out, value->column);
    zf_text_append_format(out, " = %s", quote);
    if (value->value.kind == ZF_VALUE_REAL)
        zf_cli_append_json_value(out,
                                 &value->value); /* not rounded: a condition may turn on the last digit */
    else
        zf_cli_append_cell(out, &value->value);
    zf_text_append(out, quote);
}

static void append_values(zf_text *out, const zf_why_value *values, size_t n) {
    for (size_t i = 0; i < n; i++) {
        zf_text_append(out, i > 0 ? ", " : "");
        append_value(out, &values[i]);
    }
}

static void append_geometry(zf_text *out, const zf_why_geometry *geometry) {
    zf_text_append(out, "Geometry    ");
    if (geometry->reason == NULL) {
        zf_text_append(out, geometry->is_examined ? "valid\n" : "usable\n");
        return;
    }
    append_shown(out, geometry->reason);
    if (geometry->detail != NULL) {
        zf_text_append(out, " (");
        append_shown(out, geometry->detail);
        zf_text_append(out, ")");
    }
    zf_text_append(out, geometry->is_used ? ": repaired" : ": skipped");
    if (!isnan(geometry->area_delta_m2))
        zf_text_append_format(out, ", area %+.1f m2", geometry->area_delta_m2);
    zf_text_append(out, "\n");
}

static void append_zips(zf_text *out, const zf_why_report *report) {
    static const char *const words[ZF_WHY_RELATIONS] = {[ZF_WHY_ASSIGNED] = "assigned: the rule holds",
                                                        [ZF_WHY_CROSSING] =
                                                            "not assigned, but crosses its border",
                                                        [ZF_WHY_APART] = "not assigned: near, but not in it"};
    if (!report->geometry.is_used)
        return;
    zf_text_append_format(out, "Rule        %s\n", report->rule);
    if (report->n_zips == 0)
        zf_text_append(out, "ZIPs        none near: the building is outside all ZIPs\n");
    for (size_t i = 0; i < report->n_zips; i++) {
        const zf_why_zip *zip = &report->zips[i];
        zf_text_append(out, i == 0 ? "ZIPs        " : "            ");
        append_shown(out, zip->zip);
        zf_text_append_format(out, "  %s", words[zip->relation]);
        if (zip->relation == ZF_WHY_ASSIGNED && zip->share < 1)
            zf_text_append_format(out, ", for %.4g of its area", zip->share);
        zf_text_append(out, "\n");
    }
}

static void append_judgement(zf_text *out, const zf_why_judgement *judged) {
    const zf_why_condition *first_false = NULL;
    if (judged->zip != NULL) {
        zf_text_append(out, "In ZIP ");
        append_shown(out, judged->zip);
        zf_text_append(out, "\n");
    }
    if (judged->n_computed > 0) {
        zf_text_append(out, "Computed    ");
        append_values(out, judged->computed, judged->n_computed);
        zf_text_append(out, "\n");
    }
    for (size_t i = 0; i < judged->n_conditions; i++) {
        const zf_why_condition *condition = &judged->conditions[i];
        zf_text_append(out, i == 0 ? "Conditions  " : "            ");
        append_shown(out, condition->name);
        zf_text_append_format(out, ": %s  ", zf_why_truth_name(condition->truth));
        append_shown(out, condition->text);
        zf_text_append(out, condition->n_values > 0 ? "  (" : "");
        append_values(out, condition->values, condition->n_values);
        zf_text_append(out, condition->n_values > 0 ? ")\n" : "\n");
        if (first_false == NULL && condition->truth != ZF_WHY_TRUE)
            first_false = condition;
    }
    zf_text_append(out, judged->is_important ? "Outcome     important" : "Outcome     not important");
    if (judged->is_important)
        zf_text_append(out,
                       judged->n_conditions > 0 ? ": all conditions are true" : ": there are no conditions");
    if (!judged->is_important && first_false != NULL) {
        zf_text_append(out, ": dropped by ");
        append_shown(out, first_false->name);
        zf_text_append_format(out, ", which is %s", zf_why_truth_name(first_false->truth));
    }
    zf_text_append(out, "\n");
}

/* Why there is no judgement. */
static void append_end(zf_text *out, const zf_why_report *report) {
    bool is_crossing = false;
    for (size_t i = 0; i < report->n_zips; i++)
        is_crossing |= report->zips[i].relation == ZF_WHY_CROSSING;
    zf_text_append(out, !report->geometry.is_used ? "Outcome     left out; see rejected_feature\n"
                        : is_crossing             ? "Outcome     counted as crossing, in no ZIP\n"
                                                  : "Outcome     counted as outside\n");
}

static void append_text(zf_text *out, const zf_why_report *report) {
    char number[32];
    zf_text_append_format(out, "Building    fid %" PRId64 " of layer '", report->fid);
    append_shown(out, report->layer);
    zf_text_append(out, "' of ");
    append_shown(out, report->file);
    if (report->n_found > 1)
        zf_text_append_format(out, "; the first of %s", zf_format_grouped(report->n_found, number));
    zf_text_append(out, "\n");
    append_geometry(out, &report->geometry);
    append_zips(out, report);
    for (size_t i = 0; i < report->n_judgements; i++)
        append_judgement(out, &report->judgements[i]);
    if (report->n_judgements == 0)
        append_end(out, report);
}

/* ---- JSON ---- */

static void append_json_text(zf_text *out, const char *key, const char *text) {
    zf_text_append_format(out, "\"%s\": ", key);
    zf_text_append_json(out, text);
}

static void append_json_values(zf_text *out, const char *key, const zf_why_value *values, size_t n) {
    zf_text_append_format(out, "\"%s\": {", key);
    for (size_t i = 0; i < n; i++) {
        zf_text_append(out, i > 0 ? ", " : "");
        zf_text_append_json(out, values[i].column);
        zf_text_append(out, ": ");
        zf_cli_append_json_value(out, &values[i].value);
    }
    zf_text_append(out, "}");
}

static void append_json_judgement(zf_text *out, const zf_why_judgement *judged) {
    zf_text_append(out, "{");
    append_json_text(out, "zip", judged->zip);
    zf_text_append_format(out, ", \"is_important\": %s, ", judged->is_important ? "true" : "false");
    append_json_values(out, "computed", judged->computed, judged->n_computed);
    zf_text_append(out, ", \"conditions\": [");
    for (size_t i = 0; i < judged->n_conditions; i++) {
        const zf_why_condition *condition = &judged->conditions[i];
        const char *const truths[ZF_WHY_TRUTHS] = {"true", "false", "null"};
        zf_text_append(out, i > 0 ? ", {" : "{");
        append_json_text(out, "name", condition->name);
        zf_text_append(out, ", ");
        append_json_text(out, "text", condition->text);
        zf_text_append_format(out, ", \"is_true\": %s, ", truths[condition->truth]);
        append_json_values(out, "values", condition->values, condition->n_values);
        zf_text_append(out, "}");
    }
    zf_text_append(out, "]}");
}

static void append_json(zf_text *out, const zf_why_report *report) {
    const zf_why_geometry *geometry = &report->geometry;
    zf_text_append_format(out, "{\n  \"fid\": %" PRId64 ",\n  \"found\": %" PRIu64 ",\n  ", report->fid,
                          report->n_found);
    append_json_text(out, "file", report->file);
    zf_text_append(out, ",\n  ");
    append_json_text(out, "layer", report->layer);
    zf_text_append_format(out, ",\n  \"geometry\": {\"is_used\": %s, ", geometry->is_used ? "true" : "false");
    append_json_text(out, "reason", geometry->reason);
    zf_text_append(out, ", ");
    append_json_text(out, "detail", geometry->detail);
    zf_text_append(out, ", \"area_delta_m2\": ");
    zf_text_append_json_number(out, geometry->area_delta_m2);
    zf_text_append(out, "},\n  ");
    append_json_text(out, "rule", report->rule);
    zf_text_append(out, ",\n  \"zips\": [");
    for (size_t i = 0; i < report->n_zips; i++) {
        const zf_why_zip *zip = &report->zips[i];
        zf_text_append(out, i > 0 ? ", {" : "{");
        append_json_text(out, "zip", zip->zip);
        zf_text_append_format(out,
                              ", \"relation\": \"%s\", \"share\": ", zf_why_relation_name(zip->relation));
        zf_text_append_json_number(out, zip->relation == ZF_WHY_ASSIGNED ? zip->share : NAN);
        zf_text_append(out, "}");
    }
    zf_text_append(out, "],\n  \"judgements\": [");
    for (size_t i = 0; i < report->n_judgements; i++) {
        zf_text_append(out, i > 0 ? ",\n    " : "\n    ");
        append_json_judgement(out, &report->judgements[i]);
    }
    zf_text_append(out, report->n_judgements > 0 ? "\n  ]\n}\n" : "]\n}\n");
}

/* ---- the command ---- */

static zf_status work(void *user, const zf_option_list *operands, int *out_exit, zf_error *error) {
    const why_target *target = user;
    const zf_why_options wanted = {.result = operands->items[0],
                                   .inputs = target->inputs,
                                   .fid = target->fid,
                                   .where = target->where,
                                   .temp_dir = target->temp_dir,
                                   .memory_bytes = target->memory_bytes};
    zf_why_report report;
    zf_text text = {0};
    zf_terminal terminal;
    zf_terminal_init(&terminal, target->is_quiet, 0, ZF_CLI_PROGRESS_AUTO);
    const zf_callbacks callbacks = zf_terminal_callbacks(&terminal);
    zf_status status = zf_why(&wanted, &callbacks, &report, error);
    zf_terminal_clear(&terminal);
    if (status == ZF_OK) {
        (target->format == ZF_CLI_JSON ? append_json : append_text)(&text, &report);
        status = zf_cli_put(&text, error);
    } else {
        status = zf_cli_report_missing(status, error, &report.missing, zf_cli_why_table.command, out_exit);
    }
    zf_text_deinit(&text);
    zf_why_report_deinit(&report);
    return status;
}

int zf_cli_why(int argc, char *const *argv) {
    why_target target = {0};
    return zf_cli_perform(&zf_cli_why_table, argc, argv, &target, work);
}
