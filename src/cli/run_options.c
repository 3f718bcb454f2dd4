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
static const char important[] = "Which buildings count";
static const char analysis[] = "What is computed";
static const char output[] = "Output";
static const char limits[] = "Limits and policies";

static const zf_option options[] = {
    {.group = input,
     .name = "zips",
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .is_required = true,
     .value = "PATH",
     .offset = AT(options.zips),
     .help = "File of the ZIP layer: the zones."},
    {.group = input,
     .name = "zips-layer",
     .kind = ZF_OPTION_TEXT,
     .value = "NAME",
     .offset = AT(options.zips_layer),
     .help = "Layer of that file. Default: its only layer."},
    {.group = input,
     .name = "zip-field",
     .kind = ZF_OPTION_TEXT,
     .value = "NAME",
     .offset = AT(options.zip_field),
     .help = "Field that holds the ZIP id. All features with the same id are one ZIP, so --zip-field STATE "
             "makes each state one zone. Default: the only one present among ZIP, ZIPCODE, ZIP_CODE, ZIP5, "
             "ZCTA5CE20, ZCTA5CE10, ZCTA5, POSTCODE and POSTALCODE, in any case."},
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
     .name = "combine",
     .kind = ZF_OPTION_FLAG,
     .offset = AT(options.combine),
     .help = "Unite all selected ZIPs into one zone named 'all'."},
    {.group = input,
     .name = "buildings",
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .is_required = true,
     .value = "PATH",
     .offset = AT(options.buildings),
     .help = "File of the building layer: the footprints."},
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

    {.group = important,
     .name = "assign",
     .kind = ZF_OPTION_CHOICE,
     .value = "RULE",
     .choice = assign_rule,
     .offset = AT(options.assign),
     .help =
         "When a building belongs to a ZIP: within (default: OGC within), covered-by, intersects, "
         "centroid or inner-point (the centroid, or a point on the surface, is within): a building counts in "
         "every ZIP for which the rule holds. largest: in the one ZIP that has most of its area; of equal "
         "parts the first ZIP's. share: in every ZIP that has a part of its area, weighted in statistics by "
         "that part, which is the measure 'share'."},
    {.group = important,
     .name = "compute",
     .parameter = "computes",
     .kind = ZF_OPTION_LIST,
     .value = "NAME=EXPR",
     .offset = AT(computes),
     .help = "A further column: an SQLite expression over the fields of the building, its measures and the "
             "columns computed before. It can be used in --where, --rule, --stat and later columns, and is "
             "carried into the result. Repeatable."},
    {.group = important,
     .name = "where",
     .kind = ZF_OPTION_TEXT,
     .value = "EXPR",
     .offset = AT(options.where),
     .help = "Which assigned buildings are important: an SQLite expression over the fields of the building "
             "and its measures. Default: all."},
    {.group = important,
     .name = "rule",
     .parameter = "rules",
     .kind = ZF_OPTION_LIST,
     .value = "NAME=EXPR",
     .offset = AT(rules),
     .help = "A further condition with a name, after --where. Rules are applied in the order given; "
             "run_funnel and the summary list how many buildings passed each. Repeatable."},

    {.group = analysis,
     .name = "stat",
     .parameter = "stats",
     .kind = ZF_OPTION_LIST,
     .value = "FIELD=STAT[,STAT...]",
     .offset = AT(stats),
     .help = "Statistics of a building field or measure over the important buildings of each ZIP. "
             "Repeatable. Default: area_m2=sum,mean,median,min,max."},
    {.group = analysis,
     .name = "analysis",
     .parameter = "analyses",
     .kind = ZF_OPTION_LIST,
     .hint = ZF_HINT_ANALYSIS,
     .value = "NAME[:KEY=VALUE,...]",
     .offset = AT(analyses),
     .help = "Analysis of the important buildings of each ZIP. Buildings beyond the ZIP's border are "
             "ignored, unless halo_m is given. Repeatable, also with other values; 'none' switches the "
             "default off. Default: nearest."},
    {.group = analysis,
     .name = "analysis-sql",
     .parameter = "analysis_sqls",
     .kind = ZF_OPTION_LIST,
     .hint = ZF_HINT_NAMED_FILE,
     .value = "NAME=FILE.sql",
     .offset = AT(analysis_sqls),
     .help = "A query of your own: the file holds one SELECT over the table building, the important "
             "buildings of one ZIP, with fid, all fields, measures and computed columns, and geom, the "
             "footprint. It runs once for each ZIP, also where no building is; its rows go to the table NAME "
             "of the result, after the columns zip_rank and zip, in the order in which it returns them. "
             "SpatiaLite's functions can be used, except those that read or write files or tables; no other "
             "table and no clock is accessible. A column has one type, which follows from all its values; a "
             "column of geometries becomes a layer. Repeatable."},
    {.group = analysis,
     .name = "measure",
     .kind = ZF_OPTION_CHOICE,
     .choice = measure_mode,
     .offset = AT(options.measure),
     .help = "How areas and lengths are taken. auto (default): geodesic for a geographic CRS, else planar in "
             "metres."},
    {.group = analysis,
     .name = "fields",
     .kind = ZF_OPTION_NAMES,
     .value = "NAME,...",
     .offset = AT(fields),
     .help = "Further building fields to carry into the result. A name that holds a comma is written in "
             "double quotes. Fields that nothing uses are not read."},

    {.group = output,
     .name = "output",
     .short_name = 'o',
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .is_required = true,
     .value = "FILE",
     .offset = AT(options.output),
     .help = "Result: a SpatiaLite file. It is put in place when it is complete, or not at all."},
    {.group = output,
     .name = "overwrite",
     .kind = ZF_OPTION_FLAG,
     .offset = AT(options.overwrite),
     .help = "Replace an existing result, once the new one is complete."},
    {.group = output,
     .name = "buildings-out",
     .kind = ZF_OPTION_CHOICE,
     .value = "WHAT",
     .choice = buildings_out,
     .offset = AT(options.buildings_out),
     .help = "How much of each important building is written: geometry (default: all columns and the "
             "footprint), attributes (all columns), ids (which building in which ZIP) or none."},
    {.group = output,
     .name = "project",
     .kind = ZF_OPTION_FLAG,
     .offset = AT(has_project),
     .help = "Also write a QGIS project beside the result, under its name with the extension .qgz: the "
             "layers with their styles, and a page to print. --overwrite also replaces an existing project."},
    {.group = output,
     .name = "format",
     .kind = ZF_OPTION_CHOICE,
     .choice = zf_cli_format_name,
     .offset = AT(format),
     .help = "Form of the summary on standard output. Default: text."},
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
     .help = "Write the memory timeline, one line for each ZIP, into this file."},
    {.group = output,
     .name = "quiet",
     .short_name = 'q',
     .kind = ZF_OPTION_FLAG,
     .offset = AT(is_quiet),
     .help = "Nothing on standard error but warnings and errors."},
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
     .help = "Memory for the work itself, such as 64MiB or 2GiB; the libraries take about 60 MiB more. Data "
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
     .help = "Buildings read at a time, 1 to 1000000. It does not change the result. Default: chosen."},
    {.group = limits,
     .name = "on-invalid",
     .kind = ZF_OPTION_CHOICE,
     .choice = on_invalid,
     .offset = AT(options.on_invalid),
     .help = "What to do with an invalid geometry. repair (default): use the repaired geometry, and list it "
             "in the result. skip: leave it out, and list it. fail: end the run. Buildings that come near no "
             "ZIP are not examined."},
    {.group = limits,
     .name = "strict",
     .kind = ZF_OPTION_FLAG,
     .offset = AT(is_strict),
     .help = "Exit with 1 when a feature was repaired, skipped or unusable. The result is still written; its "
             "table rejected_feature lists which, where and why."},
    {.group = limits,
     .name = "job",
     .kind = ZF_OPTION_JOB,
     .hint = ZF_HINT_FILE,
     .is_personal = true,
     .value = "FILE",
     .offset = AT(job),
     .help = "Take options from this YAML (or JSON) file: their long names as keys, lists for repeatable "
             "ones, true for those without value. Options on the command line override those of the file. "
             "Relative paths in it are relative to its directory."},
    {.group = limits,
     .name = "write-job",
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .is_personal = true,
     .value = "FILE",
     .offset = AT(write_job),
     .help = "First write the options of this command, including those of --job, to such a file."},
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
    .summary = "study the buildings of each ZIP: two layers in, one SpatiaLite file out",
    .usage = "zonefold run --zips PATH --buildings PATH -o FILE [OPTION]...",
    .description = "Reads a layer of ZIPs (zones) and a layer of buildings (footprints), finds the buildings "
                   "that belong to each ZIP, keeps those that pass the condition (the important ones), and "
                   "writes statistics, analyses and the buildings themselves into one SpatiaLite file.\n\n"
                   "PATH is a file that OGR can read: GeoPackage, shapefile, GeoJSON, FlatGeobuf and others.",
    .examples = "zonefold run --zips zips.gpkg --buildings buildings.gpkg -o result.sqlite\n"
                "zonefold run --zips zips.gpkg --buildings buildings.gpkg -o tall.sqlite --where 'height > "
                "60' --stat height=mean,median,p90 --write-job tall.yaml\n"
                "zonefold run --zips zips.gpkg --buildings town.shp -o result.sqlite --overwrite --fields "
                "'use,\"last edit\"' --format json\n"
                "zonefold run --job tall.yaml -o tall-again.sqlite",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

const zf_option_table zf_cli_plan_table = {
    .command = "plan",
    .page = "zonefold-plan",
    .summary = "what 'run' would do with the same options, without doing it",
    .usage = "zonefold plan --zips PATH --buildings PATH [OPTION]...",
    .description =
        "Takes the options of 'zonefold run' and shows what it would do: the layers, the fields it would "
        "read, "
        "how the ZIPs are transformed into the CRS of the buildings, the passes over the buildings, and a "
        "forecast of memory, temporary files, rows and bytes of the result. The ZIP layer is read, and the "
        "first buildings; nothing is written.",
    .examples = "zonefold plan --zips zips.gpkg --buildings buildings.gpkg --memory 64MiB",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .not_required = "output",
};

zf_run_options zf_cli_run_target_options(const zf_cli_run_target *target) {
    zf_run_options joined = target->options;
    joined.computes = target->computes.items;
    joined.n_computes = target->computes.n;
    joined.rules = target->rules.items;
    joined.n_rules = target->rules.n;
    joined.stats = target->stats.items;
    joined.n_stats = target->stats.n;
    joined.analyses = target->analyses.items;
    joined.n_analyses = target->analyses.n;
    joined.analysis_sqls = target->analysis_sqls.items;
    joined.n_analysis_sqls = target->analysis_sqls.n;
    joined.fields = target->fields.items;
    joined.n_fields = target->fields.n;
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
