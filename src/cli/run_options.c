/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "zonefold/describe.h"
#include "zonefold/program.h"

#include <assert.h>
#include <string.h>

/* The table writes the number of a choice into the option's enum. */
static_assert(sizeof(zf_assign_rule) == sizeof(int) && sizeof(zf_cli_format) == sizeof(int),
              "enums are as wide as int");

#define AT(member) offsetof(zf_cli_run_target, member)

static const char *assign_rule(size_t i) {
    return i < ZF_ASSIGN_END ? zf_assign_rule_name((zf_assign_rule)i) : NULL;
}

static const char *measure_mode(size_t i) {
    return i < ZF_MEASURE_END ? zf_measure_mode_name((zf_measure_mode)i) : NULL;
}

static const char *on_invalid(size_t i) {
    return i < ZF_INVALID_END ? zf_on_invalid_name((zf_on_invalid)i) : NULL;
}

static const char *buildings_out(size_t i) {
    return i < ZF_BUILDINGS_END ? zf_buildings_out_name((zf_buildings_out)i) : NULL;
}

static const char *progress(size_t i) {
    static const char *const names[] = {"auto", "always", "never"};
    return i < ZF_CLI_PROGRESS_END ? names[i] : NULL;
}

const char *zf_cli_format_name(size_t i) {
    static const char *const names[] = {"text", "json"};
    return i < ZF_CLI_FORMAT_END ? names[i] : NULL;
}

static const char input[] = "Input";
static const char important[] = "Assignment and conditions";
static const char analysis[] = "Statistics and analyses";
static const char output[] = "Output";
static const char limits[] = "Limits and policies";

static const zf_option options[] = {
    {.group = input,
     .name = "zips",
     .short_name = 'z',
     .is_common = true,
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .is_required = true,
     .value = "PATH",
     .offset = AT(options.zips),
     .help = "File with the ZIP layer (the zones)."},
    {.group = input,
     .name = "zips-layer",
     .kind = ZF_OPTION_TEXT,
     .value = "NAME",
     .offset = AT(options.zips_layer),
     .help = "Layer of that file. Default: its only layer."},
    {.group = input,
     .name = "zip-field",
     .short_name = 'i',
     .is_common = true,
     .kind = ZF_OPTION_TEXT,
     .value = "NAME",
     .offset = AT(options.zip_field),
     .help = "Field with the ZIP id. All features with the same id are one ZIP, so --zip-field STATE makes "
             "each state one zone. Default: the only field named ZIP, ZIPCODE, ZIP_CODE, ZIP5, ZCTA5CE20, "
             "ZCTA5CE10, ZCTA5, POSTCODE or POSTALCODE, in upper or lower case."},
    {.group = input,
     .name = "zip-where",
     .kind = ZF_OPTION_TEXT,
     .value = "SQL",
     .offset = AT(options.zip_where),
     .help = "Use only the ZIP features for which this condition holds: an attribute filter of OGR, written "
             "like the WHERE clause of a query."},
    {.group = input,
     .name = "order-by",
     .kind = ZF_OPTION_TEXT,
     .value = "FIELD",
     .offset = AT(options.order_by),
     .help = "Order of the ZIPs: a field of the ZIP layer, or 'FIELD DESC' for descending order. Where a ZIP "
             "has several features, the first one counts. Default: the ZIP id, ascending, as text."},
    {.group = input,
     .name = "zip-fields",
     .kind = ZF_OPTION_NAMES,
     .value = "NAME,...",
     .offset = AT(lists.zip_fields),
     .help = "Fields of the ZIP layer to write to zip_summary, such as a name or the population. Where the "
             "features of a ZIP have different values, the value is NULL and a warning says so."},
    {.group = input,
     .name = "combine",
     .kind = ZF_OPTION_FLAG,
     .offset = AT(options.combine),
     .help = "Unite all selected ZIPs into one zone named 'all'."},
    {.group = input,
     .name = "buildings",
     .short_name = 'b',
     .is_common = true,
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .is_required = true,
     .value = "PATH",
     .offset = AT(options.buildings),
     .help = "File with the building layer (the footprints)."},
    {.group = input,
     .name = "buildings-layer",
     .kind = ZF_OPTION_TEXT,
     .value = "NAME",
     .offset = AT(options.buildings_layer),
     .help = "Layer of that file. Default: its only layer."},
    {.group = input,
     .name = "zips-crs",
     .kind = ZF_OPTION_TEXT,
     .value = "CRS",
     .offset = AT(options.zips_crs),
     .help = "CRS of the ZIP layer, where the file declares none or a wrong one: EPSG:2249, WKT or a PROJ "
             "string."},
    {.group = input,
     .name = "buildings-crs",
     .kind = ZF_OPTION_TEXT,
     .value = "CRS",
     .offset = AT(options.buildings_crs),
     .help = "The same for the building layer. The ZIPs are transformed into the CRS of the buildings."},
    {.group = input,
     .name = "encoding",
     .kind = ZF_OPTION_TEXT,
     .value = "NAME",
     .offset = AT(options.encoding),
     .help = "Encoding of the texts of shapefiles that have no usable .cpg file, such as CP1252."},
    {.group = input,
     .name = "zips-encoding",
     .kind = ZF_OPTION_TEXT,
     .value = "NAME",
     .offset = AT(options.zips_encoding),
     .help = "Encoding of the texts of the ZIP layer, if it is a shapefile. Takes precedence over its .cpg "
             "file and over --encoding."},
    {.group = input,
     .name = "buildings-encoding",
     .kind = ZF_OPTION_TEXT,
     .value = "NAME",
     .offset = AT(options.buildings_encoding),
     .help = "The same for the building layer."},
    {.group = input,
     .name = "zips-open-option",
     .parameter = "zips_open_options",
     .kind = ZF_OPTION_LIST,
     .value = "KEY=VALUE",
     .offset = AT(lists.zips_open_options),
     .help = "An open option of GDAL's driver for the ZIP layer, as 'ogr2ogr -oo' takes it. Options that "
             "name other files or run SQL are refused. Repeatable."},
    {.group = input,
     .name = "buildings-open-option",
     .parameter = "buildings_open_options",
     .kind = ZF_OPTION_LIST,
     .value = "KEY=VALUE",
     .offset = AT(lists.buildings_open_options),
     .help = "The same for the building layer, such as X_POSSIBLE_NAMES=lon for a CSV file. Repeatable."},

    {.group = important,
     .name = "assign",
     .short_name = 'r',
     .is_common = true,
     .kind = ZF_OPTION_CHOICE,
     .value = "RULE",
     .choice = assign_rule,
     .offset = AT(options.assign),
     .help = "Rule that assigns buildings to ZIPs. within (default: OGC within), covered-by, intersects, "
             "centroid and inner-point (the centroid, or a point on the surface, is within) assign a "
             "building to every ZIP for which the rule holds. largest: the one ZIP that contains the largest "
             "part of its area; if parts are equal, the first of these ZIPs. share: every ZIP that contains "
             "part of its area; statistics are weighted by that part, the measure 'share'."},
    {.group = important,
     .name = "compute",
     .parameter = "computes",
     .kind = ZF_OPTION_LIST,
     .value = "NAME=EXPR",
     .offset = AT(lists.computes),
     .help = "Add a column: an SQLite expression over the fields of the building, its measures and the "
             "columns computed before. It can be used in --where, --rule, --stat and later columns, and is "
             "written to the result. Repeatable."},
    {.group = important,
     .name = "where",
     .short_name = 'w',
     .is_common = true,
     .kind = ZF_OPTION_TEXT,
     .value = "EXPR",
     .offset = AT(options.where),
     .help =
         "Which assigned buildings are important: an SQLite expression over fields and measures. Default: "
         "all."},
    {.group = important,
     .name = "rule",
     .parameter = "rules",
     .kind = ZF_OPTION_LIST,
     .value = "NAME=EXPR",
     .offset = AT(lists.rules),
     .help = "A condition with a name. Rules are applied after --where, in the order given; run_funnel and "
             "the summary list how many buildings passed each. Repeatable."},

    {.group = analysis,
     .name = "stat",
     .short_name = 's',
     .is_common = true,
     .parameter = "stats",
     .kind = ZF_OPTION_LIST,
     .value = "FIELD=STAT[,STAT...]",
     .offset = AT(lists.stats),
     .help = "Statistics of a building field or measure over the important buildings of each ZIP. "
             "Repeatable. Default: area_m2=sum,mean,median,min,max."},
    {.group = analysis,
     .name = "analysis",
     .short_name = 'a',
     .is_common = true,
     .parameter = "analyses",
     .kind = ZF_OPTION_LIST,
     .hint = ZF_HINT_ANALYSIS,
     .value = "NAME[:KEY=VALUE,...]",
     .offset = AT(lists.analyses),
     .help = "Analysis of the important buildings of each ZIP. Buildings beyond the ZIP's border are "
             "ignored, unless halo_m is given. Repeatable, also for the same analysis with other values; "
             "'none' switches the default off. Default: nearest."},
    {.group = analysis,
     .name = "analysis-sql",
     .parameter = "analysis_sqls",
     .kind = ZF_OPTION_LIST,
     .hint = ZF_HINT_NAMED_FILE,
     .value = "NAME=FILE.sql|SELECT",
     .offset = AT(lists.analysis_sqls),
     .help = "Analysis in SQL. The file, or the text after NAME= itself if it begins with SELECT or WITH, contains one "
             "SELECT over the table building, which holds the "
             "important buildings of one ZIP, with fid, all fields, measures and computed columns, and geom, "
             "the footprint. It runs once for each ZIP, including ZIPs without buildings. Its rows go to the "
             "table NAME of the result, after the columns zip_rank and zip, in the order in which it returns "
             "them. The functions of SpatiaLite can be used, except those that read or write files or "
             "tables; other tables and the clock are not accessible. A column has one type, which follows "
             "from all its values; a column of geometries becomes a layer. Repeatable."},
    {.group = analysis,
     .name = "top",
     .parameter = "tops",
     .kind = ZF_OPTION_LIST,
     .value = "N:MEASURE",
     .offset = AT(lists.tops),
     .help = "The N largest important buildings of each ZIP by a measure, a field of numbers or a computed column: the "
             "layer top_MEASURE with rank, fid, value and footprint. Of equal values the lower fid comes first; "
             "buildings without a value are left out. For example 10:area_m2. Repeatable."},
    {.group = analysis,
     .name = "by",
     .kind = ZF_OPTION_NAMES,
     .value = "FIELD,...",
     .offset = AT(lists.by),
     .help = "Count the buildings and take the statistics once more for each value of these building fields, measures or "
             "computed columns within each ZIP: the table zip_group. --by use: how many buildings of each use has each ZIP, "
             "and how large are they? Buildings without a value are a group of their own (NULL)."},
    {.group = analysis,
     .name = "zip-compute",
     .parameter = "zip_computes",
     .kind = ZF_OPTION_LIST,
     .value = "NAME=EXPR",
     .offset = AT(lists.zip_computes),
     .help = "Add a column to zip_summary: an SQLite expression over its other columns, the fields of --zip-fields, "
             "the statistics and the columns of analyses included, and the columns added before. For example "
             "per_head='built_area_m2 / population'. Repeatable."},
    {.group = analysis,
     .name = "measure",
     .kind = ZF_OPTION_CHOICE,
     .choice = measure_mode,
     .offset = AT(options.measure),
     .help = "How areas and lengths are measured. auto (default): geodesic for a geographic CRS, else planar "
             "in metres."},
    {.group = analysis,
     .name = "fields",
     .short_name = 'f',
     .is_common = true,
     .kind = ZF_OPTION_NAMES,
     .value = "NAME,...",
     .offset = AT(lists.fields),
     .help = "Additional building fields to write to the result. A name that contains a comma must be in "
             "double quotes. Fields that are not used are not read."},

    {.group = output,
     .name = "output",
     .short_name = 'o',
     .is_common = true,
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .is_required = true,
     .value = "FILE",
     .offset = AT(options.output),
     .help = "The result, a SpatiaLite file. It is put in place when it is complete, or not at all."},
    {.group = output,
     .name = "overwrite",
     .short_name = 'y',
     .is_common = true,
     .kind = ZF_OPTION_FLAG,
     .offset = AT(options.overwrite),
     .help = "Replace an existing result. It stays until the new one is complete."},
    {.group = output,
     .name = "buildings-out",
     .kind = ZF_OPTION_CHOICE,
     .value = "WHAT",
     .choice = buildings_out,
     .offset = AT(options.buildings_out),
     .help = "What to write for each important building: geometry (default: all columns and the footprint), "
             "attributes (all columns), ids (which building in which ZIP) or none."},
    {.group = output,
     .name = "map-by",
     .kind = ZF_OPTION_TEXT,
     .value = "COLUMN",
     .offset = AT(options.map_by),
     .help = "Column of zip_summary by which QGIS colours the ZIPs. Default: the first statistic of --stat, if "
             "it is a number; else important, if there is a --where or --rule; else coverage."},
    {.group = output,
     .name = "title",
     .kind = ZF_OPTION_TEXT,
     .value = "TEXT",
     .offset = AT(options.title),
     .help = "Title of the map. Default: what the colours show, such as 'Mean of height by ZIP'."},
    {.group = output,
     .name = "project",
     .kind = ZF_OPTION_FLAG,
     .offset = AT(has_project),
     .help =
         "Also write a QGIS project in the directory of the result, under its name with the extension .qgz: "
         "the layers with their styles, and a print layout. --overwrite also replaces an existing project."},
    {.group = output,
     .name = "format",
     .kind = ZF_OPTION_CHOICE,
     .choice = zf_cli_format_name,
     .offset = AT(format),
     .help = "Format of the summary on standard output. Default: text."},
    {.group = output,
     .name = "progress",
     .kind = ZF_OPTION_CHOICE,
     .choice = progress,
     .offset = AT(progress),
     .help = "Progress on standard error. auto (default): a bar, if standard error is a terminal. always: "
             "without a terminal, a line every few seconds."},
    {.group = output,
     .name = "trace",
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .value = "FILE.csv",
     .offset = AT(options.trace),
     .help = "Write the memory timeline to this file, one line for each ZIP."},
    {.group = output,
     .name = "quiet",
     .short_name = 'q',
     .kind = ZF_OPTION_FLAG,
     .offset = AT(is_quiet),
     .help = "Write only warnings and errors to standard error."},
    {.group = output,
     .name = "verbose",
     .short_name = 'v',
     .kind = ZF_OPTION_TALLY,
     .offset = AT(verbosity),
     .help = "Report on standard error what is being done; -vv adds every decision."},

    {.group = limits,
     .name = "memory",
     .parameter = "memory_bytes",
     .kind = ZF_OPTION_SIZE,
     .value = "SIZE",
     .offset = AT(options.memory_bytes),
     .help =
         "Memory for zonefold's own data, such as 64MiB or 2GiB; the libraries take about 60 MiB more. Data "
         "that does not fit goes to temporary files, and ZIPs that do not fit together are processed in "
         "several passes over the buildings. It does not change the result. Default: 256MiB."},
    {.group = limits,
     .name = "temp-dir",
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .value = "DIR",
     .offset = AT(options.temp_dir),
     .help = "Directory for temporary files. Default: TMPDIR, else /tmp."},
    {.group = limits,
     .name = "threads",
     .parameter = "n_threads",
     .kind = ZF_OPTION_NUMBER,
     .value = "N",
     .min = 1,
     .max = 256,
     .offset = AT(options.n_threads),
     .help = "Number of threads. It does not change the result. Default: all processors, but no more than "
             "one for every 8 MiB of --memory."},
    {.group = limits,
     .name = "batch-size",
     .kind = ZF_OPTION_NUMBER,
     .value = "ROWS",
     .min = 1,
     .max = 1000000,
     .offset = AT(options.batch_size),
     .help = "Number of buildings read at a time, 1 to 1000000. It does not change the result. Default: "
             "derived from --memory."},
    {.group = limits,
     .name = "on-invalid",
     .kind = ZF_OPTION_CHOICE,
     .choice = on_invalid,
     .offset = AT(options.on_invalid),
     .help = "What to do with an invalid geometry. repair (default): use the repaired geometry, and list it "
             "in the result. skip: leave it out, and list it. fail: end the run. Buildings whose envelope "
             "intersects that of no ZIP are not examined."},
    {.group = limits,
     .name = "strict",
     .kind = ZF_OPTION_FLAG,
     .offset = AT(is_strict),
     .help = "Exit with status 1 if a feature was repaired, skipped or unusable. The result is still "
             "written; its table rejected_feature lists the features with reason and location."},
    {.group = limits,
     .name = "job",
     .kind = ZF_OPTION_JOB,
     .hint = ZF_HINT_FILE,
     .is_personal = true,
     .value = "FILE",
     .offset = AT(job),
     .help = "Read options from this YAML (or JSON) file: their long names as keys, lists for repeatable "
             "options, true for options without value. Options on the command line override those of the "
             "file. Relative paths in it are relative to its directory."},
    {.group = limits,
     .name = "write-job",
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .is_personal = true,
     .value = "FILE",
     .offset = AT(write_job),
     .help = "First write the options of this command, including those of --job, to this file, in the format "
             "of --job."},
    {.group = limits,
     .name = "help",
     .short_name = 'h',
     .kind = ZF_OPTION_HELP,
     .is_personal = true,
     .help = "Show this help."},
};

const zf_option_table zf_cli_run_table = {
    .command = "run",
    .page = "zonefold-run",
    .summary = "compute statistics of the buildings of each ZIP: two layers in, one SpatiaLite file out",
    .usage = "zonefold run ZIPS BUILDINGS -o FILE [OPTION]...",
    .description =
        "Reads a layer of ZIPs (zones) and a layer of buildings (footprints), determines which buildings "
        "belong to each ZIP, keeps the important ones (those that pass all conditions), and writes "
        "statistics, analyses and the buildings themselves to one SpatiaLite file.\n\nZIPS and BUILDINGS "
        "are files that OGR can read: GeoPackage, shapefile, GeoJSON, FlatGeobuf and others. They can be "
        "given with --zips and --buildings instead.",
    .examples = "zonefold run zips.gpkg buildings.gpkg -o result.sqlite\nzonefold run "
                "--zips zips.gpkg --buildings buildings.gpkg -o tall.sqlite --where 'height > 60' --stat "
                "height=mean,median,p90 --write-job tall.yaml\nzonefold run --zips zips.gpkg --buildings "
                "town.shp -o result.sqlite --overwrite --fields 'use,\"last edit\"' --format json\nzonefold "
                "run --job tall.yaml -o tall-again.sqlite",
    .operand = "ZIPS and BUILDINGS",
    .operand_hint = ZF_HINT_FILE,
    .max_operands = 2,
    .operand_options = {"zips", "buildings"},
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

const zf_option_table zf_cli_plan_table = {
    .command = "plan",
    .page = "zonefold-plan",
    .summary = "show what 'run' would do with the same options",
    .usage = "zonefold plan ZIPS BUILDINGS [OPTION]...",
    .description = "Takes the options of 'zonefold run' and shows what it would do: the layers, the fields "
                   "it would read, how the ZIPs are transformed into the CRS of the buildings, the passes "
                   "over the buildings, and a forecast of memory, temporary files, rows and bytes of the "
                   "result. It reads the ZIP layer and the first buildings, and writes nothing.",
    .examples = "zonefold plan --zips zips.gpkg --buildings buildings.gpkg --memory 64MiB",
    .operand = "ZIPS and BUILDINGS",
    .operand_hint = ZF_HINT_FILE,
    .max_operands = 2,
    .operand_options = {"zips", "buildings"},
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .not_required = "output",
};

zf_run_options zf_cli_run_target_options(const zf_cli_run_target *target) {
    zf_run_options joined = target->options;
    joined.zips_open_options = target->lists.zips_open_options.items;
    joined.n_zips_open_options = target->lists.zips_open_options.n;
    joined.buildings_open_options = target->lists.buildings_open_options.items;
    joined.n_buildings_open_options = target->lists.buildings_open_options.n;
    joined.computes = target->lists.computes.items;
    joined.n_computes = target->lists.computes.n;
    joined.rules = target->lists.rules.items;
    joined.n_rules = target->lists.rules.n;
    joined.stats = target->lists.stats.items;
    joined.n_stats = target->lists.stats.n;
    joined.analyses = target->lists.analyses.items;
    joined.n_analyses = target->lists.analyses.n;
    joined.analysis_sqls = target->lists.analysis_sqls.items;
    joined.n_analysis_sqls = target->lists.analysis_sqls.n;
    joined.tops = target->lists.tops.items;
    joined.n_tops = target->lists.tops.n;
    joined.by = target->lists.by.items;
    joined.n_by = target->lists.by.n;
    joined.zip_fields = target->lists.zip_fields.items;
    joined.n_zip_fields = target->lists.zip_fields.n;
    joined.zip_computes = target->lists.zip_computes.items;
    joined.n_zip_computes = target->lists.zip_computes.n;
    joined.fields = target->lists.fields.items;
    joined.n_fields = target->lists.fields.n;
    return joined;
}

zf_status zf_cli_write_job(const zf_cli_run_target *target, zf_error *error) {
    zf_text text = {0};
    if (target->write_job == NULL)
        return ZF_OK;
    zf_status status = zf_options_write_job(&zf_cli_run_table, target, target->write_job, &text, error);
    if (status == ZF_OK && text.is_failed)
        status = zf_error_memory(error, text.n, "the job");
    if (status == ZF_OK)
        status = zf_program_replace_file(target->write_job, text.bytes, text.n, error);
    zf_text_deinit(&text);
    return status == ZF_E_OUTPUT ? zf_error_within(error, status, "--write-job") : status;
}
