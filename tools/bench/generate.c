/* SPDX-License-Identifier: MIT */
#include "make_zones.h"
#include "output.h"
#include "random.h"
#include "tool.h"

#include <getopt.h>
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "bench-generate --zones FILE --count N -o FILE [options]     footprints for any layer of zones\n"
    "  --zones-layer NAME     default: the only layer\n"
    "  --zones-where SQL      buildings only in the zones that an OGR attribute filter keeps, e.g. in one\n"
    "  --layer NAME           name of the new layer (buildings)\n"
    "  --seed N               1; the same seed gives the same bytes\n"
    "  --order ORDER          spatial (default) or shuffled\n"
    "  --straddle SHARE       0.01; 1: every building stands on a border\n"
    "  --format FORMAT        gpkg (default) or shp\n"
    "  --rtree                the GeoPackage gets its spatial index, through OGR\n"
    "bench-generate tile-zones --zones FILE --copies K -o FILE   the zones side by side, K times, with ids of their own\n"
    "bench-generate stack-zones --zones FILE --copies K -o FILE  the largest zone K times, each a little beside the last\n"
    "bench-generate split-edges --zones FILE --vertices N -o FILE   the largest zone with at least N vertices\n";

typedef struct options {
    const char *command, *zones, *zones_layer, *zones_where, *layer, *output;
    uint64_t seed, count, copies, vertices;
    double straddle;
    bool is_shuffled, is_shapefile, has_rtree;
} options;

static uint64_t whole(const char *name, const char *text, uint64_t most)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || value > most)
        tool_fail("--%s wants a whole number up to %llu, not '%s'", name, (unsigned long long)most, text);
    return value;
}

static bool one_of(const char *name, const char *text, const char *no, const char *yes)
{
    if (strcmp(text, no) != 0 && strcmp(text, yes) != 0)
        tool_fail("--%s wants %s or %s, not '%s'", name, no, yes, text);
    return strcmp(text, yes) == 0;
}

static double share(const char *name, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= 0 && value <= 1))
        tool_fail("--%s wants a number from 0 to 1, not '%s'", name, text);
    return value;
}

static void parse(options *o, int argc, char **argv)
{
    static const struct option table[] = {
        {"zones", 1, NULL, 'z'},    {"zones-layer", 1, NULL, 'l'}, {"zones-where", 1, NULL, 'w'}, {"layer", 1, NULL, 'L'},
        {"count", 1, NULL, 'n'},    {"seed", 1, NULL, 's'},        {"order", 1, NULL, 'O'},       {"straddle", 1, NULL, 'b'},
        {"format", 1, NULL, 'f'},   {"rtree", 0, NULL, 'r'},       {"copies", 1, NULL, 'k'},      {"vertices", 1, NULL, 'v'},
        {"output", 1, NULL, 'o'},   {"help", 0, NULL, 'h'},        {NULL, 0, NULL, 0}};
    int c, which = 0;
    while ((c = getopt_long(argc, argv, "o:h", table, &which)) != -1) {
        switch (c) {
        case 'z': o->zones = optarg; break;
        case 'l': o->zones_layer = optarg; break;
        case 'w': o->zones_where = optarg; break;
        case 'L': o->layer = optarg; break;
        case 'n': o->count = whole("count", optarg, UINT32_MAX - 1); break;
        case 's': o->seed = whole("seed", optarg, UINT64_MAX); break;
        case 'k': o->copies = whole("copies", optarg, 1000000); break;
        case 'v': o->vertices = whole("vertices", optarg, 100000000); break;
        case 'O': o->is_shuffled = one_of("order", optarg, "spatial", "shuffled"); break;
        case 'f': o->is_shapefile = one_of("format", optarg, "gpkg", "shp"); break;
        case 'b': o->straddle = share("straddle", optarg); break;
        case 'r': o->has_rtree = true; break;
        case 'o': o->output = optarg; break;
        case 'h': fputs(usage, stdout); exit(0);
        default: fputs(usage, stderr); exit(2);
        }
    }
    if (optind < argc)
        o->command = argv[optind++];
    if (optind < argc || o->zones == NULL || o->output == NULL) {
        fputs(usage, stderr);
        exit(2);
    }
}

/* A Feistel network over the next even number of bits, walked until it falls below n: a permutation of 0 .. n - 1. */
uint32_t output_number(const town *t, const output_request *request, uint32_t place)
{
    if (!request->is_shuffled || t->n_buildings < 2)
        return place;
    unsigned bits = 32 - (unsigned)__builtin_clz(t->n_buildings - 1), half = (bits + 1) / 2;
    uint32_t mask = (1u << half) - 1, value = place;
    do {
        uint32_t left = value >> half, right = value & mask;
        for (uint64_t round = 0; round < 4; round++) {
            uint32_t mixed = left ^ ((uint32_t)random_hash(t->seed + (round << 32) + right) & mask);
            left = right;
            right = mixed;
        }
        value = left << half | right;
    } while (value >= t->n_buildings);
    return value;
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void generate(const options *o, zone_layer *zones)
{
    town t;
    double start = seconds_now();
    town_plan(&t, zones, &(town_request){(uint32_t)o->count, o->seed, o->straddle});
    double planned = seconds_now();
    OGRSpatialReferenceH wgs84 = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(wgs84, 4326);
    OSRSetAxisMappingStrategy(wgs84, OAMS_TRADITIONAL_GIS_ORDER);
    output_request request = {o->output, o->layer, zones->is_geographic ? wgs84 : zones->srs, o->is_shuffled, o->has_rtree};
    if (o->is_shapefile)
        output_shapefile(&t, &request);
    else
        output_geopackage(&t, &request);
    double done = seconds_now();
    printf("%u buildings on %zu streets of %zu zones: planned in %.2f s, written in %.2f s, %.0f buildings/s\n", t.n_buildings,
           t.n_streets, t.n_zones, planned - start, done - planned, t.n_buildings / (done - start));
    OSRDestroySpatialReference(wgs84);
    town_free(&t);
}

int main(int argc, char **argv)
{
    options o = {.layer = "buildings", .seed = 1, .straddle = 0.01, .copies = 1};
    zone_layer zones;
    parse(&o, argc, argv);
    if (access(o.output, F_OK) == 0)
        tool_fail("%s exists: remove it first", o.output);
    GDALAllRegister();
    zone_layer_open(&zones, o.zones, o.zones_layer, o.zones_where);
    if (o.command == NULL && o.count > 0)
        generate(&o, &zones);
    else if (o.command != NULL && strcmp(o.command, "tile-zones") == 0)
        make_zones_tiled(&zones, o.copies, o.output);
    else if (o.command != NULL && strcmp(o.command, "stack-zones") == 0)
        make_zones_stacked(&zones, o.copies, o.output);
    else if (o.command != NULL && strcmp(o.command, "split-edges") == 0)
        make_zones_split(&zones, o.vertices, o.output);
    else
        tool_fail("nothing to do: give --count or one of the commands that --help lists");
    zone_layer_close(&zones);
    return 0;
}
