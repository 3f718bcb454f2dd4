/* SPDX-License-Identifier: MIT */
/* Labels of the columns of analyses: the arguments are read from a column's name and put into its label. */
#include "analysis/analysis.h"

#include <stdio.h>
#include <string.h>

enum { CAPTURE_BYTES = 32 };

/** The values of the parameters that were read from a name, in their form for labels; "" where there is none.
 */
typedef struct captures {
    char text[ZF_PARAMETERS_MAX][CAPTURE_BYTES];
} captures;

/** The number of the parameter in "{name}" at the beginning of a pattern; *out_rest is what follows it. */
static size_t parameter_at(const zf_analysis *analysis, const char *pattern, const char **out_rest) {
    size_t n = strcspn(pattern, "}"), k = 0;
    while (k < analysis->n_parameters && (strlen(analysis->parameters[k].name) != n - 1 ||
                                          memcmp(analysis->parameters[k].name, pattern + 1, n - 1) != 0))
        k++;
    *out_rest = pattern + n + (pattern[n] == '}');
    return k;
}

/** Reads a number at the beginning of a name back: "12_5" is 12.5 (zf_analysis_job_name). Returns the number
 * of characters read; 0 if there is no number. */
static size_t capture_number(const char *name, char out[CAPTURE_BYTES]) {
    const size_t n = strspn(name, "0123456789_");
    if (n == 0 || n >= CAPTURE_BYTES)
        return 0;
    for (size_t i = 0; i < n; i++)
        out[i] = name[i] == '_' ? '.' : name[i];
    out[n] = '\0';
    return n;
}

/** Whether a name matches a pattern; captures the values of the parameters. */
static bool fits(const zf_analysis *analysis, const char *pattern, const char *name, captures *out) {
    const char *rest = NULL;
    for (; *pattern != '\0' && *pattern != '{'; pattern++, name++)
        if (*pattern != *name)
            return false;
    if (*pattern == '\0')
        return *name == '\0';
    const size_t k = parameter_at(analysis, pattern, &rest);
    if (k == analysis->n_parameters || analysis->parameters[k].kind == ZF_PARAMETER_FIELD)
        return false;
    const zf_parameter *parameter = &analysis->parameters[k];
    for (size_t w = 0; parameter->kind == ZF_PARAMETER_CHOICE && w < parameter->n_words; w++) {
        const zf_parameter_word *word = &parameter->words[w];
        const size_t n = strlen(word->in_names);
        (void)snprintf(out->text[k], CAPTURE_BYTES, "%s", word->in_labels);
        if (strncmp(name, word->in_names, n) == 0 && fits(analysis, rest, name + n, out))
            return true;
    }
    if (parameter->kind == ZF_PARAMETER_CHOICE)
        return false;
    const size_t n = capture_number(name, out->text[k]);
    return n > 0 && fits(analysis, rest, name + n, out);
}

bool zf_analysis_append_label(zf_text *out, const zf_analysis *analysis, const zf_result_column *columns,
                              size_t n, const char *name) {
    captures found = {{{0}}};
    size_t i = 0;
    while (i < n && !fits(analysis, columns[i].name, name, &found))
        i++;
    if (i == n)
        return false;
    for (const char *label = columns[i].label; *label != '\0';) {
        const size_t n_plain = strcspn(label, "{");
        zf_text_append_n(out, label, n_plain);
        label += n_plain;
        if (*label == '\0')
            break;
        const size_t k = parameter_at(analysis, label, &label);
        if (k < analysis->n_parameters)
            zf_text_append(out, found.text[k]);
    }
    zf_result_column_append_unit(out, columns[i].unit);
    return true;
}
