/* SPDX-License-Identifier: MIT */
/* Counts values that cannot be used as they are stored, and describes them. */
#include "source/source_internal.h"

#include <inttypes.h>
#include <stdio.h>

/* The sentence for a kind of finding, for one value and for several. */
static const struct {
    const char *one, *many, *outcome;
} sentences[ZF_FINDING_KINDS] = {
    [ZF_FINDING_NO_DATE] = {"value is not a date or time that exists",
                            "values are not dates or times that exist", "they count as missing"},
    [ZF_FINDING_CUT_TEXT] = {"text was cut within its last character to the width of the field",
                             "texts were cut within their last character to the width of the field",
                             "the incomplete character is left out"},
    [ZF_FINDING_WRONG_TYPE] = {"value does not have the type of the field",
                               "values do not have the type of the field", "they count as missing"},
    [ZF_FINDING_WIDE_INTEGER] = {"integer is out of the range of the field's declared type",
                                 "integers are out of the range of the field's declared type",
                                 "they are kept"},
    [ZF_FINDING_NO_BOOLEAN] = {"value of this boolean field is neither 0 nor 1",
                               "values of this boolean field are neither 0 nor 1", "they count as true"},
};

void zf_source_add_finding(zf_source *source, int field, zf_finding_kind kind, int64_t fid,
                           const char *example) {
    zf_value_finding *finding = &source->findings.items[(size_t)field * ZF_FINDING_KINDS + kind];
    if (source->findings.are_complete || source->findings.is_preview || finding->n++ > 0)
        return;
    finding->first_fid = fid;
    (void)snprintf(finding->example, sizeof finding->example, "%s", example ? example : "");
}

void zf_source_set_preview(zf_source *source, bool is_preview) {
    source->findings.is_preview = is_preview;
}

/* Writes the sentence about a finding of a field. */
static void describe(const zf_source *source, size_t item, zf_text *out) {
    const zf_value_finding *finding = &source->findings.items[item];
    const size_t kind = item % ZF_FINDING_KINDS;
    const bool is_one = finding->n == 1;
    char number[32];
    zf_text_append_format(out, "field '%s': %s %s (first: feature %" PRId64,
                          source->fields[item / ZF_FINDING_KINDS].name, zf_format_grouped(finding->n, number),
                          is_one ? sentences[kind].one : sentences[kind].many, finding->first_fid);
    if (finding->example[0])
        zf_text_append_format(out, ", '%s'", finding->example);
    zf_text_append_format(out, "): %s", sentences[kind].outcome);
}

bool zf_source_finding(const zf_source *source, size_t i, zf_text *out) {
    for (size_t item = 0; item < source->info.n_fields * ZF_FINDING_KINDS; item++)
        if (source->findings.items[item].n > 0 && i-- == 0) {
            describe(source, item, out);
            return !out->is_failed;
        }
    return false;
}

void zf_source_end_findings(zf_source *source) {
    zf_text text = {0};
    if (source->findings.are_kept || source->findings.are_complete || source->findings.is_preview)
        return;
    for (size_t i = 0; zf_source_finding(source, i, &text); i++) {
        zf_log(&source->callbacks, ZF_LOG_WARNING, "%s: %s", source->path, text.bytes);
        zf_text_deinit(&text);
        text = (zf_text){0};
    }
    zf_text_deinit(&text);
    source->findings.are_complete = true;
}
