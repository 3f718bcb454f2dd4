/* SPDX-License-Identifier: MIT */
/* The fixed tables of the result, and the measures as columns. */
#include "schema/result_column.h"

#include <string.h>

#define NAME(text)      .name = (text)
#define INTEGER         .type = ZF_FIELD_INTEGER
#define REAL            .type = ZF_FIELD_REAL
#define TEXT            .type = ZF_FIELD_TEXT
#define NOT_NULL        .constraint = "NOT NULL"
#define PRIMARY_KEY     .constraint = "PRIMARY KEY"
#define LABEL(text)     .label = (text)
#define UNIT(text)      .unit = (text)
#define IS(text)        .definition = (text)
#define NULL_WHEN(text) .null_when = (text)

#define ZIP_RANK(kind)                                                                                       \
    {                                                                                                        \
        NAME("zip_rank"), INTEGER, kind, LABEL("Rank of the ZIP"),                                           \
            IS("position of the ZIP in run order, from 1")                                                   \
    }
#define ZIP                                                                                                  \
    { NAME("zip"), TEXT, NOT_NULL, LABEL("ZIP"), IS("the ZIP id") }
#define ID                                                                                                   \
    { NAME("id"), INTEGER, PRIMARY_KEY, LABEL("id"), IS("number of the row, from 1") }

enum { N_ZIP_OWN = 2 };
static const zf_result_column zip_summary[N_ZIP_OWN + ZF_ZIP_FIXED] = {
    ZIP_RANK(PRIMARY_KEY),
    ZIP,
    [N_ZIP_OWN + ZF_ZIP_PARTS] = {NAME("parts"), INTEGER, LABEL("Parts of the ZIP"),
                                  IS("number of polygons of the ZIP"), .producer = ZF_ZIP_PARTS},
    [N_ZIP_OWN + ZF_ZIP_AREA] = {NAME("area_m2"), REAL, LABEL("Area"), UNIT("m²"), IS("area of the ZIP"),
                                 .producer = ZF_ZIP_AREA},
    [N_ZIP_OWN + ZF_ZIP_BUILDINGS] = {NAME("buildings"), INTEGER, LABEL("Buildings"),
                                      IS("number of buildings assigned to the ZIP"),
                                      .producer = ZF_ZIP_BUILDINGS},
    [N_ZIP_OWN + ZF_ZIP_IMPORTANT] = {NAME("important"), INTEGER, LABEL("Important buildings"),
                                      IS("number of important buildings of the ZIP"),
                                      .producer = ZF_ZIP_IMPORTANT},
    [N_ZIP_OWN + ZF_ZIP_CROSSING] =
        {NAME("crossing"), INTEGER, LABEL("Buildings across the border"),
         IS("number of buildings that intersect the interior of the ZIP and are not assigned "
            "to it"),
         .producer = ZF_ZIP_CROSSING},
    [N_ZIP_OWN + ZF_ZIP_BUILT_AREA] = {NAME("built_area_m2"), REAL, LABEL("Built area"), UNIT("m²"),
                                       IS("area of the important buildings, each by its share in the ZIP"),
                                       .producer = ZF_ZIP_BUILT_AREA},
    [N_ZIP_OWN + ZF_ZIP_COVERAGE] = {NAME("coverage"), REAL, LABEL("Coverage"), UNIT("built area / area"),
                                     IS("built area divided by the area of the ZIP"),
                                     NULL_WHEN("if the ZIP has no area"), .producer = ZF_ZIP_COVERAGE},
    [N_ZIP_OWN +
        ZF_ZIP_PER_KM2] = {NAME("per_km2"), REAL, LABEL("Important buildings"), UNIT("per km²"),
                           IS("important buildings per square kilometre of the ZIP, each by its share "
                              "in it"),
                           NULL_WHEN("if the ZIP has no area"), .producer = ZF_ZIP_PER_KM2},
};
const zf_result_column *const zf_zip_columns = zip_summary + N_ZIP_OWN;

static const zf_result_column important_building[] = {
    ID,
    ZIP_RANK(NOT_NULL),
    ZIP,
    {NAME("building_fid"), INTEGER, NOT_NULL, LABEL("Building (fid)"), IS("feature id of the building")},
};

static const zf_result_column rejected_feature[] = {
    ID,
    {NAME("layer"), TEXT, NOT_NULL, LABEL("Layer"), IS("zips or buildings")},
    {NAME("fid"), INTEGER, LABEL("Feature (fid)"), IS("feature id in that layer"),
     NULL_WHEN("if the format gives the feature no id")},
    {NAME("reason"), TEXT, NOT_NULL, LABEL("Reason"), IS("what is wrong with the feature, in a few words")},
    {NAME("detail"), TEXT, LABEL("Detail"), IS("further information, such as the reason given by GEOS"),
     NULL_WHEN("if there is none")},
    {NAME("action"), TEXT, NOT_NULL, LABEL("Action"), IS("repaired or skipped")},
    {NAME("area_delta_m2"), REAL, LABEL("Change of area"), UNIT("m²"),
     IS("area after the repair minus area before"), NULL_WHEN("if nothing was repaired")},
};

static const zf_result_column run_count[] = {
    {NAME("name"), TEXT, .constraint = "PRIMARY KEY NOT NULL", LABEL("name"), IS("what is counted")},
    {NAME("value"), INTEGER, NOT_NULL, LABEL("value"), IS("the count")},
};

static const zf_result_column run_area[] = {
    {NAME("name"), TEXT, .constraint = "PRIMARY KEY NOT NULL", LABEL("name"), IS("which area")},
    {NAME("value_m2"), REAL, NOT_NULL, LABEL("value"), UNIT("m²"), IS("the area")},
};

static const zf_result_column run_funnel[] = {
    {NAME("step"), INTEGER, PRIMARY_KEY, LABEL("step"), IS("position of the condition, from 1")},
    {NAME("rule"), TEXT, NOT_NULL, LABEL("rule"), IS("name of the condition")},
    {NAME("passed"), INTEGER, NOT_NULL, LABEL("passed"),
     IS("pairs of a building and a ZIP that passed this and all earlier conditions")},
    {NAME("dropped"), INTEGER, NOT_NULL, LABEL("dropped"),
     IS("pairs that passed all earlier conditions but not this one")},
};

static const zf_result_column run_info[] = {
    {NAME("key"), TEXT, .constraint = "PRIMARY KEY NOT NULL", LABEL("key"), IS("a property of the run")},
    {NAME("value"), TEXT, LABEL("value"), IS("its value"), NULL_WHEN("if there is none")},
};

static const zf_result_column run_input[] = {
    ID,
    {NAME("role"), TEXT, NOT_NULL, LABEL("role"), IS("zips or buildings")},
    {NAME("file"), TEXT, NOT_NULL, LABEL("file"), IS("name of the file, without its directory")},
    {NAME("layer"), TEXT, LABEL("layer"), IS("name of the layer"),
     NULL_WHEN("for files that are not layers")},
    {NAME("bytes"), INTEGER, LABEL("bytes"), IS("size of the file"), NULL_WHEN("for directories")},
    {NAME("sha256"), TEXT, LABEL("sha256"), IS("SHA-256 of its content"),
     NULL_WHEN("if it could not be computed")},
    {NAME("features"), INTEGER, LABEL("features"), IS("number of features of the layer"),
     NULL_WHEN("if it is not known")},
    {NAME("crs"), TEXT, LABEL("crs"), IS("coordinate reference system of the layer"),
     NULL_WHEN("if it has none")},
};

static const zf_result_column per_zip[] = {ID, ZIP_RANK(NOT_NULL), ZIP};

#define TABLE(text, array, n)                                                                                \
    { (text), (array), sizeof(array) / sizeof(array)[0], (n) }
#define OWN(text, array) TABLE(text, array, sizeof(array) / sizeof(array)[0])
const zf_table_schema zf_result_tables[ZF_RESULT_TABLES] = {
    [ZF_TABLE_ZIP_SUMMARY] = TABLE("zip_summary", zip_summary, N_ZIP_OWN),
    [ZF_TABLE_IMPORTANT_BUILDING] = OWN("important_building", important_building),
    [ZF_TABLE_REJECTED_FEATURE] = OWN("rejected_feature", rejected_feature),
    [ZF_TABLE_RUN_COUNT] = OWN("run_count", run_count),
    [ZF_TABLE_RUN_AREA] = OWN("run_area", run_area),
    [ZF_TABLE_RUN_FUNNEL] = OWN("run_funnel", run_funnel),
    [ZF_TABLE_RUN_INFO] = OWN("run_info", run_info),
    [ZF_TABLE_RUN_INPUT] = OWN("run_input", run_input),
    [ZF_TABLE_ANALYSIS] = OWN(NULL, per_zip),
    [ZF_TABLE_QUERY] = OWN(NULL, per_zip),
};

/* ---- measures ---- */

#define NO_SHAPE NULL_WHEN("of points and lines without a length or an area")
const zf_result_column zf_measure_columns[ZF_MEASURE_KINDS] = {
    [ZF_MEASURE_AREA_M2] = {LABEL("Area"), UNIT("m²"), IS("area of the footprint")},
    [ZF_MEASURE_PERIMETER_M] = {LABEL("Perimeter"), UNIT("m"), IS("length of all rings of the footprint")},
    [ZF_MEASURE_WIDTH_M] = {LABEL("Width"), UNIT("m"),
                            IS("shorter side of the smallest rectangle around the footprint"), NO_SHAPE},
    [ZF_MEASURE_LENGTH_M] = {LABEL("Length"), UNIT("m"),
                             IS("longer side of the smallest rectangle around the footprint"), NO_SHAPE},
    [ZF_MEASURE_ELONGATION] = {LABEL("Elongation"), IS("width divided by length"), NO_SHAPE},
    [ZF_MEASURE_ORIENTATION_DEG] = {LABEL("Orientation"), UNIT("°"), IS("direction of the longer side"),
                                    NO_SHAPE},
    [ZF_MEASURE_RECTANGULARITY] = {LABEL("Rectangularity"),
                                   IS("area divided by the area of the smallest rectangle"), NO_SHAPE},
    [ZF_MEASURE_CONVEXITY] = {LABEL("Convexity"), IS("area divided by the area of the convex hull"),
                              NO_SHAPE},
    [ZF_MEASURE_COMPACTNESS] = {LABEL("Compactness"),
                                IS("area divided by the area of the smallest circle around the footprint"),
                                NO_SHAPE},
    [ZF_MEASURE_N_VERTICES] = {LABEL("Vertices"), IS("number of vertices")},
    [ZF_MEASURE_N_PARTS] = {LABEL("Parts"), IS("number of parts")},
    [ZF_MEASURE_N_HOLES] = {LABEL("Holes"), IS("number of holes")},
    [ZF_MEASURE_COURTYARD_AREA_M2] = {LABEL("Courtyard area"), UNIT("m²"), IS("area of the holes")},
    [ZF_MEASURE_CENTROID_X] = {LABEL("Centroid x"), IS("x of the centroid, in the buildings' CRS")},
    [ZF_MEASURE_CENTROID_Y] = {LABEL("Centroid y"), IS("y of the centroid, in the buildings' CRS")},
    [ZF_MEASURE_SHARE] =
        {LABEL("Share in the ZIP"), UNIT("0 to 1"),
         IS("part of the area of the building that lies in the ZIP; 1 unless the rule is share")},
};

const zf_result_column *zf_result_column_find(const zf_result_column *columns, size_t n, const char *name,
                                              size_t n_name) {
    for (size_t i = 0; i < n; i++)
        if (strlen(columns[i].name) == n_name && memcmp(columns[i].name, name, n_name) == 0)
            return &columns[i];
    return NULL;
}

void zf_result_column_append_unit(zf_text *out, const char *unit) {
    if (unit != NULL && *unit != '\0')
        zf_text_append_format(out, " (%s)", unit);
}
