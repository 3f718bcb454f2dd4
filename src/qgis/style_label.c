/* SPDX-License-Identifier: MIT */
/* Labels of columns, derived from their names. */
#include "analysis/analysis.h"
#include "qgis/style.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* In which layers a name has the label: it may mean something else in others. */
enum {
    Z = 1 << ZF_OUTPUT_LAYER_ZIPS,
    B = 1 << ZF_OUTPUT_LAYER_BUILDINGS,
    R = 1 << ZF_OUTPUT_LAYER_REJECTED,
    C = 1 << ZF_OUTPUT_LAYER_ANALYSIS,
    A = 1 << ZF_OUTPUT_LAYER_QUERY
};

typedef struct known_name {
    const char *name;
    const char *words;
    const char *unit;
    int kinds;
} known_name;

static const known_name known_names[] = {
    {"zip_rank", "Rank of the ZIP", "", Z | B | C | A},
    {"zip", "ZIP", "", Z | B | C | A},
    {"building_fid", "Building (fid)", "", B},
    {"parts", "Parts of the ZIP", "", Z},
    {"buildings", "Buildings", "", Z | C},
    {"important", "Important buildings", "", Z},
    {"crossing", "Buildings across the border", "", Z},
    {"built_area_m2", "Built area", "m²", Z},
    {"coverage", "Coverage", "built area / area", Z},
    {"per_km2", "Important buildings", "per km²", Z},
    {"cluster", "Cluster", "", C},
    {"cores", "Core buildings", "", C},
    {"layer", "Layer", "", R},
    {"fid", "Feature (fid)", "", R},
    {"reason", "Reason", "", R},
    {"detail", "Detail", "", R},
    {"action", "Action", "", R},
    {"area_delta_m2", "Change of area", "m²", R},
    /* measures */
    {"area_m2", "Area", "m²", Z | B},
    {"perimeter_m", "Perimeter", "m", B},
    {"width_m", "Width", "m", B},
    {"length_m", "Length", "m", B},
    {"elongation", "Elongation", "", B},
    {"orientation_deg", "Orientation", "°", B},
    {"rectangularity", "Rectangularity", "", B},
    {"convexity", "Convexity", "", B},
    {"compactness", "Compactness", "", B},
    {"n_vertices", "Vertices", "", B},
    {"n_parts", "Parts", "", B},
    {"n_holes", "Holes", "", B},
    {"courtyard_area_m2", "Courtyard area", "m²", B},
    {"centroid_x", "Centroid x", "", B},
    {"centroid_y", "Centroid y", "", B},
    {"share", "Share in the ZIP", "0 to 1", B},
    /* analyses */
    {"nn_m", "Nearest neighbour", "m", B},
    {"nn_fid", "Nearest neighbour (fid)", "", B},
    {"nn_mean_m", "Nearest neighbour: mean", "m", Z},
    {"nn_median_m", "Nearest neighbour: median", "m", Z},
    {"nn_min_m", "Nearest neighbour: minimum", "m", Z},
    {"nn_max_m", "Nearest neighbour: maximum", "m", Z},
    {"nn_edge_m", "Nearest wall", "m", B},
    {"nn_edge_fid", "Nearest wall (fid)", "", B},
    {"nn_edge_mean_m", "Nearest wall: mean", "m", Z},
    {"nn_edge_median_m", "Nearest wall: median", "m", Z},
    {"nn_edge_min_m", "Nearest wall: minimum", "m", Z},
    {"nn_edge_max_m", "Nearest wall: maximum", "m", Z},
    {"ce_index", "Clark-Evans index", "", Z},
    {"ce_z", "Clark-Evans z", "", Z},
    {"adjacent", "Adjacent buildings", "", B},
    {"shared_wall_m", "Shared wall", "m", B},
    {"adjacent_buildings", "Buildings with neighbours wall to wall", "", Z},
    {"adjacent_mean", "Adjacent buildings: mean", "", Z},
    {"shared_wall_mean_m", "Shared wall: mean", "m", Z},
    {"overlaps", "Overlapping buildings", "", B},
    {"overlap_pairs", "Overlapping pairs", "", Z},
    {"overlap_area_m2", "Area of overlaps", "m²", Z},
    {"repeat_pairs", "Pairs of the same building", "", Z},
};

static const known_name *find(const char *name, size_t n, int kinds) {
    for (size_t i = 0; i < sizeof known_names / sizeof *known_names; i++) {
        const known_name *known = &known_names[i];
        if ((known->kinds & kinds) != 0 && strlen(known->name) == n && memcmp(known->name, name, n) == 0)
            return known;
    }
    return NULL;
}

static void append_unit(zf_text *out, const char *unit) {
    if (*unit != '\0')
        zf_text_append_format(out, " (%s)", unit);
}

/* ---- columns that are named by an analysis's arguments ---- */

/* "50" of "50m", "0.5" of "0.5m": what stands before "m"; NULL where there is no such number. */
static const char *read_metres(const char *at, size_t *n) {
    *n = strspn(at, "0123456789.e+-");
    return *n > 0 && at[*n] == 'm' ? at + *n + 1 : NULL;
}

static bool append_neighbours(zf_text *out, const char *column) {
    static const char prefix[] = "neighbours_";
    size_t n = 0;
    if (strncmp(column, prefix, sizeof prefix - 1) != 0)
        return false;
    const char *metres = column + sizeof prefix - 1, *rest = read_metres(metres, &n);
    if (rest == NULL || (*rest != '\0' && strcmp(rest, "_mean") != 0))
        return false;
    zf_text_append_format(out, "Neighbours within %.*s m%s", (int)n, metres, *rest != '\0' ? ": mean" : "");
    return true;
}

static bool append_clusters(zf_text *out, const char *column) {
    static const char *const names[][2] = {
        {"clusters_", "Clusters"}, {"clustered_", "Buildings in clusters"}, {"cluster_", "Cluster"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const size_t n_name = strlen(names[i][0]);
        size_t n = 0;
        const char *rest =
            strncmp(column, names[i][0], n_name) == 0 ? read_metres(column + n_name, &n) : NULL;
        if (rest == NULL || *rest != '_' || rest[1] == '\0' ||
            strspn(rest + 1, "0123456789") != strlen(rest + 1))
            continue;
        zf_text_append_format(out, "%s (%s buildings within %.*s m)", names[i][1], rest + 1, (int)n,
                              column + n_name);
        return true;
    }
    return false;
}

/* ---- statistics: <field>_<stat> ---- */

/* What becomes of the field's unit. */
typedef enum unit_rule { NO_UNIT = 0, SAME_UNIT, SQUARED_UNIT, IN_CHARACTERS } unit_rule;

typedef struct stat_words {
    const char *words;
    unit_rule unit;
} stat_words;

static const stat_words words_of_stat[ZF_STAT_KINDS] = {
    [ZF_STAT_COUNT] = {"values", NO_UNIT},
    [ZF_STAT_MISSING] = {"missing values", NO_UNIT},
    [ZF_STAT_UNIQUE] = {"different values", NO_UNIT},
    [ZF_STAT_MODE] = {"most frequent", SAME_UNIT},
    [ZF_STAT_MINORITY] = {"least frequent", SAME_UNIT},
    [ZF_STAT_FIRST] = {"first", SAME_UNIT},
    [ZF_STAT_LAST] = {"last", SAME_UNIT},
    [ZF_STAT_SUM] = {"sum", SAME_UNIT},
    [ZF_STAT_MEAN] = {"mean", SAME_UNIT},
    [ZF_STAT_MIN] = {"minimum", SAME_UNIT},
    [ZF_STAT_MAX] = {"maximum", SAME_UNIT},
    [ZF_STAT_RANGE] = {"range", SAME_UNIT},
    [ZF_STAT_MEDIAN] = {"median", SAME_UNIT},
    [ZF_STAT_STDDEV] = {"standard deviation", SAME_UNIT},
    [ZF_STAT_STDDEV_SAMPLE] = {"standard deviation of the sample", SAME_UNIT},
    [ZF_STAT_VARIANCE] = {"variance", SQUARED_UNIT},
    [ZF_STAT_CV] = {"coefficient of variation", NO_UNIT},
    [ZF_STAT_Q1] = {"first quartile", SAME_UNIT},
    [ZF_STAT_Q3] = {"third quartile", SAME_UNIT},
    [ZF_STAT_IQR] = {"between the quartiles", SAME_UNIT},
    [ZF_STAT_PERCENTILE] = {"percentile", SAME_UNIT},
    [ZF_STAT_ARGMIN] = {"fid of the minimum", NO_UNIT},
    [ZF_STAT_ARGMAX] = {"fid of the maximum", NO_UNIT},
    [ZF_STAT_GINI] = {"Gini coefficient", NO_UNIT},
    [ZF_STAT_SHANNON] = {"Shannon index", NO_UNIT},
    [ZF_STAT_SIMPSON] = {"Simpson index", NO_UNIT},
    [ZF_STAT_MIN_LENGTH] = {"least length", IN_CHARACTERS},
    [ZF_STAT_MEAN_LENGTH] = {"mean length", IN_CHARACTERS},
    [ZF_STAT_MAX_LENGTH] = {"greatest length", IN_CHARACTERS},
};

static void append_unit_of_stat(zf_text *out, unit_rule rule, const char *unit) {
    if (rule == SAME_UNIT)
        append_unit(out, unit);
    else if (rule == SQUARED_UNIT && *unit != '\0')
        append_unit(out, strcmp(unit, "m") == 0 ? "m²" : strcmp(unit, "m²") == 0 ? "m⁴" : "");
    else if (rule == IN_CHARACTERS)
        append_unit(out, "characters");
}

/* The longest end that is a statistic: of "height_stddev_sample" that is no "height_stddev", "sample". */
static bool append_stat(zf_text *out, const char *column) {
    zf_stat stat;
    for (const char *at = column; (at = strchr(at, '_')) != NULL; at++) {
        if (at == column || !zf_stat_parse(at + 1, &stat))
            continue;
        const known_name *measure = find(column, (size_t)(at - column), B);
        const stat_words *words = &words_of_stat[stat.kind];
        if (measure != NULL)
            zf_text_append_format(out, "%s: %s", measure->words, words->words);
        else
            zf_text_append_format(out, "%.*s: %s", (int)(at - column), column, words->words);
        if (stat.kind == ZF_STAT_PERCENTILE)
            zf_text_append_format(out, " %u", stat.percent);
        append_unit_of_stat(out, words->unit, measure != NULL ? measure->unit : "");
        return true;
    }
    return false;
}

void zf_style_append_label(zf_text *out, zf_output_layer_kind kind, const char *column) {
    const known_name *known = find(column, strlen(column), 1 << kind);
    if (known != NULL) {
        zf_text_append(out, known->words);
        append_unit(out, known->unit);
        return;
    }
    const bool is_found = (kind == ZF_OUTPUT_LAYER_ZIPS || kind == ZF_OUTPUT_LAYER_BUILDINGS) &&
                          (append_neighbours(out, column) || append_clusters(out, column));
    if (!is_found && kind == ZF_OUTPUT_LAYER_ZIPS)
        (void)append_stat(out, column);
}
