/* SPDX-License-Identifier: MIT */
/* Labels of the columns of analyses: the arguments are read from a column's name and put into its label. */
#include "analysis/analysis.h"

#include <string.h>

/** The values of the parameters that were read from a name, in their form for labels. */
typedef struct captures {
    const char *text[ZF_PARAMETERS_MAX];
    size_t n[ZF_PARAMETERS_MAX];
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
        out->text[k] = word->in_labels;
        out->n[k] = strlen(word->in_labels);
        if (strncmp(name, word->in_names, n) == 0 && fits(analysis, rest, name + n, out))
            return true;
    }
    if (parameter->kind == ZF_PARAMETER_CHOICE)
        return false;
    out->text[k] = name;
    out->n[k] = strspn(name, parameter->kind == ZF_PARAMETER_COUNT ? "0123456789" : "0123456789.e+-");
    return out->n[k] > 0 && fits(analysis, rest, name + out->n[k], out);
}

bool zf_analysis_append_label(zf_text *out, const zf_analysis *analysis, const zf_result_column *columns,
                              size_t n, const char *name) {
    captures found = {{0}, {0}};
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
        if (k < analysis->n_parameters && found.text[k] != NULL)
            zf_text_append_n(out, found.text[k], found.n[k]);
    }
    zf_result_column_append_unit(out, columns[i].unit);
    return true;
}
