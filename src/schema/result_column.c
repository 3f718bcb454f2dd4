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
            IS("rank of the ZIP: 1, 2, ... in the order of the run (`order_by`)")                            \
    }
#define ZIP                                                                                                  \
    { NAME("zip"), TEXT, NOT_NULL, LABEL("ZIP"), IS("the ZIP id, or all under `combine`") }
#define ID                                                                                                   \
    { NAME("id"), INTEGER, PRIMARY_KEY, LABEL("id"), IS("1, 2, ... in the order of the table") }

enum { N_ZIP_OWN = ZF_ZIP_KEYS };
static const zf_result_column zip_summary[N_ZIP_OWN + ZF_ZIP_FIXED] = {
    ZIP_RANK(PRIMARY_KEY),
    ZIP,
    [N_ZIP_OWN + ZF_ZIP_PARTS] = {NAME("parts"), INTEGER, LABEL("Parts of the ZIP"),
                                  IS("number of polygons of the ZIP; 0 if it has no usable polygon")},
    [N_ZIP_OWN + ZF_ZIP_AREA] =
        {NAME("area_m2"), REAL, LABEL("Area"), UNIT("m²"),
         IS("area of the ZIP in square metres, without holes, measured according to `measure`; 0 if "
            "the ZIP has no usable polygon")},
    [N_ZIP_OWN +
        ZF_ZIP_BUILDINGS] = {NAME("buildings"), INTEGER, LABEL("Buildings"),
                             IS("number of buildings that are assigned to the ZIP, important or not")},
    [N_ZIP_OWN + ZF_ZIP_IMPORTANT] = {NAME("important"), INTEGER, LABEL("Important buildings"),
                                      IS("number of important buildings of the ZIP")},
    [N_ZIP_OWN + ZF_ZIP_CROSSING] =
        {NAME("crossing"), INTEGER, LABEL("Buildings across the border"),
         IS("number of buildings that intersect the interior of the ZIP but are not assigned to it, "
            "whether or not they are assigned to another ZIP")},
    [N_ZIP_OWN + ZF_ZIP_BUILT_AREA] =
        {NAME("built_area_m2"), REAL, LABEL("Built area, all buildings"), UNIT("m²"),
         IS("sum of the areas of all buildings that are assigned to the ZIP, important or not, in square metres; "
            "under `assign` share, of their parts in the ZIP")},
    [N_ZIP_OWN + ZF_ZIP_COVERAGE] =
        {NAME("coverage"), REAL, LABEL("Coverage, all buildings"), UNIT(ZF_UNIT_BUILT_SHARE),
         IS("built_area_m2 / area_m2, without unit. It can exceed 1, because footprints may overlap "
            "or extend beyond the ZIP; a warning says so"),
         NULL_WHEN("for a ZIP without area")},
    [N_ZIP_OWN + ZF_ZIP_IMPORTANT_AREA] =
        {NAME("important_area_m2"), REAL, LABEL("Built area, important buildings"), UNIT("m²"),
         IS("sum of the areas of the important buildings in square metres; under `assign` share, of "
            "their parts in the ZIP")},
    [N_ZIP_OWN + ZF_ZIP_IMPORTANT_COVERAGE] =
        {NAME("important_coverage"), REAL, LABEL("Coverage, important buildings"), UNIT(ZF_UNIT_BUILT_SHARE),
         IS("important_area_m2 / area_m2, without unit"), NULL_WHEN("for a ZIP without area")},
    [N_ZIP_OWN + ZF_ZIP_PER_KM2] =
        {NAME("per_km2"), REAL, LABEL("Important buildings"), UNIT("per km²"),
         IS("important buildings per square kilometre of the ZIP; under `assign` share, the sum of "
            "their shares per square kilometre"),
         NULL_WHEN("for a ZIP without area")},
};
const zf_result_column *const zf_zip_columns = zip_summary + N_ZIP_OWN;

static const zf_result_column important_building[] = {
    ID,
    ZIP_RANK(NOT_NULL),
    ZIP,
    {NAME("building_fid"), INTEGER, NOT_NULL, LABEL("Building (fid)"),
     IS("feature id of the building in its layer, as OGR reports it")},
};

static const zf_result_column zip_group[N_ZIP_OWN + ZF_GROUP_FIXED] = {
    ZIP_RANK(NOT_NULL),
    ZIP,
    [N_ZIP_OWN + ZF_GROUP_BUILDINGS] = {NAME("buildings"), INTEGER, LABEL("Buildings"),
                                        IS("number of buildings of the group that are assigned to the ZIP, important "
                                           "or not")},
    [N_ZIP_OWN + ZF_GROUP_IMPORTANT] = {NAME("important"), INTEGER, LABEL("Important buildings"),
                                        IS("number of important buildings of the group")},
    [N_ZIP_OWN + ZF_GROUP_BUILT_AREA] =
        {NAME("built_area_m2"), REAL, LABEL("Built area, all buildings"), UNIT("m²"),
         IS("sum of the areas of all buildings of the group that are assigned to the ZIP, important or not, in square "
            "metres; under `assign` share, of their parts in the ZIP")},
};
const zf_result_column *const zf_group_columns = zip_group + N_ZIP_OWN;

static const zf_result_column rejected_feature[] = {
    ID,
    {NAME("layer"), TEXT, NOT_NULL, LABEL("Layer"), IS("zips or buildings")},
    {NAME("fid"), INTEGER, LABEL("Feature (fid)"), IS("feature id in that layer"),
     NULL_WHEN("if the format gives the feature no id")},
    {NAME("reason"), TEXT, NOT_NULL, LABEL("Reason"),
     IS("invalid, no geometry (null), empty geometry, not a polygon (detail gives the type), "
        "non-finite coordinate (NaN or infinite), coordinate out of range (beyond 1e100), "
        "unclosed ring (a repair adds the first point at the end), corrupt geometry (cannot be "
        "decoded) and, for ZIPs, no ZIP id")},
    {NAME("detail"), TEXT, LABEL("Detail"),
     IS("further information, such as GEOS's reason why a geometry is invalid"),
     NULL_WHEN("if there is none")},
    {NAME("action"), TEXT, NOT_NULL, LABEL("Action"),
     IS("repaired (the feature is used with its repaired geometry) or skipped (the feature is "
        "not used)")},
    {NAME("area_delta_m2"), REAL, LABEL("Change of area"), UNIT("m²"),
     IS("area after the repair minus area before, in square metres"), NULL_WHEN("if nothing was repaired")},
};

static const zf_result_column run_count[] = {
    {NAME("name"), TEXT, .constraint = "PRIMARY KEY NOT NULL", LABEL("name"),
     IS("what is counted; the names are listed below")},
    {NAME("value"), INTEGER, NOT_NULL, LABEL("value"), IS("the count")},
};

static const zf_result_column run_area[] = {
    {NAME("name"), TEXT, .constraint = "PRIMARY KEY NOT NULL", LABEL("name"),
     IS("what is measured; the names are listed below")},
    {NAME("value_m2"), REAL, NOT_NULL, LABEL("value"), UNIT("m²"), IS("the area in square metres")},
};

static const zf_result_column run_funnel[] = {
    {NAME("step"), INTEGER, PRIMARY_KEY, LABEL("step"), IS("1, 2, ... in the order of the conditions")},
    {NAME("rule"), TEXT, NOT_NULL, LABEL("rule"), IS("name of the rule; where for the condition of `where`")},
    {NAME("passed"), INTEGER, NOT_NULL, LABEL("passed"),
     IS("pairs for which this and all earlier conditions are true")},
    {NAME("dropped"), INTEGER, NOT_NULL, LABEL("dropped"),
     IS("pairs that passed all earlier conditions but not this one")},
};

static const zf_result_column run_info[] = {
    {NAME("key"), TEXT, .constraint = "PRIMARY KEY NOT NULL", LABEL("key"),
     IS("the key; the keys are listed below")},
    {NAME("value"), TEXT, LABEL("value"), IS("the value")},
};

static const zf_result_column run_input[] = {
    ID,
    {NAME("role"), TEXT, NOT_NULL, LABEL("role"), IS("zips or buildings")},
    {NAME("file"), TEXT, NOT_NULL, LABEL("file"), IS("name of the file, without directories")},
    {NAME("layer"), TEXT, LABEL("layer"), IS("the layer that was read")},
    {NAME("bytes"), INTEGER, LABEL("bytes"), IS("size of the file in bytes")},
    {NAME("sha256"), TEXT, LABEL("sha256"), IS("SHA-256 of the file, in hexadecimal digits")},
    {NAME("features"), INTEGER, LABEL("features"), IS("number of features of the layer"),
     NULL_WHEN("if the format does not tell it")},
    {NAME("crs"), TEXT, LABEL("crs"),
     IS("CRS of the layer, as in run_info; undefined (planar, metres) if neither the file nor an "
        "option gives one")},
};

static const zf_result_column per_zip[] = {{NAME("id"), INTEGER, PRIMARY_KEY, LABEL("id"),
                                            IS("1, 2, ... in the order of the table; only in layers")},
                                           ZIP_RANK(NOT_NULL),
                                           ZIP};

#define TABLE(text, array, n)                                                                                \
    { (text), (array), sizeof(array) / sizeof(array)[0], (n) }
#define OWN(text, array) TABLE(text, array, sizeof(array) / sizeof(array)[0])
const zf_table_schema zf_result_tables[ZF_RESULT_TABLES] = {
    [ZF_TABLE_ZIP_SUMMARY] = TABLE("zip_summary", zip_summary, N_ZIP_OWN),
    [ZF_TABLE_IMPORTANT_BUILDING] = OWN("important_building", important_building),
    [ZF_TABLE_ZIP_GROUP] = TABLE("zip_group", zip_group, N_ZIP_OWN),
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

#define NO_SHAPE NULL_WHEN("for a building without extent")
const zf_result_column zf_measure_columns[ZF_MEASURE_KINDS] = {
    [ZF_MEASURE_AREA_M2] = {LABEL("Area"), UNIT("m²"), IS("area in square metres, without holes")},
    [ZF_MEASURE_PERIMETER_M] = {LABEL("Perimeter"), UNIT("m"),
                                IS("length of all rings in metres, including those of holes")},
    [ZF_MEASURE_WIDTH_M] =
        {LABEL("Width"), UNIT("m"),
         IS("shorter side, in metres, of the minimum rotated rectangle: the rectangle of smallest "
            "area, in any direction, that contains the building. Among rectangles of the same area, "
            "it is the one with the smallest perimeter, and among those, the one closest to the "
            "cardinal directions"),
         NO_SHAPE},
    [ZF_MEASURE_LENGTH_M] = {LABEL("Length"), UNIT("m"), IS("longer side of that rectangle in metres"),
                             NO_SHAPE},
    [ZF_MEASURE_ELONGATION] =
        {LABEL("Elongation"), IS("width_m / length_m: 1 for a square, near 0 for a long and narrow building"),
         NO_SHAPE},
    [ZF_MEASURE_ORIENTATION_DEG] =
        {LABEL("Orientation"), UNIT("°"),
         IS("angle, 0 to 45 degrees, between that rectangle and the cardinal directions. In a plane "
            "north is the direction of its y axis"),
         NO_SHAPE},
    [ZF_MEASURE_RECTANGULARITY] = {LABEL("Rectangularity"), IS("area_m2 / area of that rectangle, at most 1"),
                                   NO_SHAPE},
    [ZF_MEASURE_CONVEXITY] = {LABEL("Convexity"), IS("area_m2 / area of the convex hull, at most 1"),
                              NO_SHAPE},
    [ZF_MEASURE_COMPACTNESS] = {LABEL("Compactness"),
                                IS("area_m2 / area of the smallest circle around the building, at most 1"),
                                NO_SHAPE},
    [ZF_MEASURE_N_VERTICES] = {LABEL("Vertices"),
                               IS("number of vertices of all rings; closing points are not counted")},
    [ZF_MEASURE_N_PARTS] = {LABEL("Parts"), IS("number of polygons")},
    [ZF_MEASURE_N_HOLES] = {LABEL("Holes"), IS("number of holes")},
    [ZF_MEASURE_COURTYARD_AREA_M2] = {LABEL("Courtyard area"), UNIT("m²"),
                                      IS("area of the holes in square metres")},
    [ZF_MEASURE_CENTROID_X] = {LABEL("Centroid x"),
                               IS("x of the centroid, in the unit of the buildings' CRS")},
    [ZF_MEASURE_CENTROID_Y] = {LABEL("Centroid y"),
                               IS("y of the centroid, in the unit of the buildings' CRS")},
    [ZF_MEASURE_SHARE] =
        {LABEL("Share in the ZIP"), UNIT("0 to 1"),
         IS("part of the area of the building that lies in the ZIP, greater than 0 and at most 1, "
            "under `assign` share; 1 under the other rules")},
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
