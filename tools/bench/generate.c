/* SPDX-License-Identifier: MIT */
#include "make_zones.h"
#include "output.h"
#include "random.h"
#include "tool.h"

#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "bench-generate --zones FILE --count N -o FILE [options]     footprints for any layer of zones\n"
    "  --zones-layer NAME     default: the only layer\n"
    "  --zones-where SQL      buildings only in the zones that an OGR attribute filter keeps\n"
    "  --largest-zone         buildings only in the largest zone\n"
    "  --layer NAME           name of the new layer (buildings)\n"
    "  --seed N               1; the same seed gives the same bytes\n"
    "  --order ORDER          spatial (default) or shuffled\n"
    "  --straddle SHARE       0.01; 1: every building stands on a border\n"
    "  --format FORMAT        gpkg (default) or shp\n"
    "  --rtree                the GeoPackage gets its spatial index, through OGR\n"
    "bench-generate tile-zones --zones FILE --copies K -o FILE   the zones side by side, K times, with ids "
    "of their own\n"
    "bench-generate stack-zones --zones FILE --copies K -o FILE  the largest zone K times, each a little "
    "beside the last\n"
    "bench-generate split-edges --zones FILE --vertices N -o FILE   the largest zone with at least N "
    "vertices\n";

typedef struct options {
    const char *command, *zones, *zones_layer, *zones_where, *layer, *output;
    uint64_t seed, count, copies, vertices;
    double straddle;
    bool is_shuffled, is_shapefile, has_rtree, is_largest_only;
} options;

static uint64_t whole(const char *name, const char *text, uint64_t most) {
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || value > most)
        tool_fail("--%s wants a whole number up to %llu, not '%s'", name, (unsigned long long)most, text);
    return value;
}

static bool one_of(const char *name, const char *text, const char *no, const char *yes) {
    if (strcmp(text, no) != 0 && strcmp(text, yes) != 0)
        tool_fail("--%s wants %s or %s, not '%s'", name, no, yes, text);
    return strcmp(text, yes) == 0;
}

static double share(const char *name, const char *text) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= 0 && value <= 1))
        tool_fail("--%s wants a number from 0 to 1, not '%s'", name, text);
    return value;
}

static bool take_flag(options *o, const char *name) {
    if (strcmp(name, "help") == 0) {
        fputs(usage, stdout);
        exit(0);
    }
    if (strcmp(name, "rtree") == 0)
        return o->has_rtree = true;
    return strcmp(name, "largest-zone") == 0 && (o->is_largest_only = true);
}

static bool take_value(options *o, const char *name, const char *text) {
    const struct {
        const char *name;
        const char **target;
    } texts[] = {{"zones", &o->zones},
                 {"zones-layer", &o->zones_layer},
                 {"zones-where", &o->zones_where},
                 {"layer", &o->layer},
                 {"output", &o->output}};
    const struct {
        const char *name;
        uint64_t *target, most;
    } numbers[] = {{"count", &o->count, UINT32_MAX - 1},
                   {"seed", &o->seed, UINT64_MAX},
                   {"copies", &o->copies, 1000000},
                   {"vertices", &o->vertices, 100000000}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(name, texts[i].name) == 0)
            return (*texts[i].target = text) != NULL;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(name, numbers[i].name) == 0) {
            *numbers[i].target = whole(name, text, numbers[i].most);
            return true;
        }
    if (strcmp(name, "order") == 0)
        o->is_shuffled = one_of(name, text, "spatial", "shuffled");
    else if (strcmp(name, "format") == 0)
        o->is_shapefile = one_of(name, text, "gpkg", "shp");
    else if (strcmp(name, "straddle") == 0)
        o->straddle = share(name, text);
    else
        return false;
    return true;
}

static void parse(options *o, int argc, char **argv) {
    bool is_right = true;
    for (int i = 1; i < argc && is_right; i++) {
        const char *name = strcmp(argv[i], "-o") == 0 ? "output" : argv[i] + 2;
        if (argv[i][0] != '-') {
            is_right = o->command == NULL;
            o->command = argv[i];
        } else if (strcmp(argv[i], "-o") != 0 && strncmp(argv[i], "--", 2) != 0) {
            is_right = false;
        } else if (!take_flag(o, name)) {
            is_right = i + 1 < argc && take_value(o, name, argv[i + 1]);
            i++;
        }
    }
    if (!is_right || o->zones == NULL || o->output == NULL) {
        fputs(usage, stderr);
        exit(2);
    }
}

/* A Feistel network over the next even number of bits, walked until it falls below n: a permutation of 0 .. n
 * - 1. */
uint32_t output_number(const town *t, const output_request *request, uint32_t place) {
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

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void generate(const options *o, zone_layer *zones) {
    town t;
    char filter[32];
    double start = seconds_now();
    if (o->is_largest_only) {
        snprintf(filter, sizeof filter, "FID = %lld", (long long)zone_layer_largest(zones));
        OGR_L_SetAttributeFilter(zones->layer, filter);
    }
    town_plan(&t, zones, &(town_request){(uint32_t)o->count, o->seed, o->straddle});
    double planned = seconds_now();
    OGRSpatialReferenceH wgs84 = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(wgs84, 4326);
    OSRSetAxisMappingStrategy(wgs84, OAMS_TRADITIONAL_GIS_ORDER);
    output_request request = {o->output, o->layer, zones->is_geographic ? wgs84 : zones->srs, o->is_shuffled,
                              o->has_rtree};
    if (o->is_shapefile)
        output_shapefile(&t, &request);
    else
        output_geopackage(&t, &request);
    double done = seconds_now();
    printf(
        "%u buildings on %zu streets of %zu zones: planned in %.2f s, written in %.2f s, %.0f buildings/s\n",
        t.n_buildings, t.n_streets, t.n_zones, planned - start, done - planned,
        t.n_buildings / (done - start));
    OSRDestroySpatialReference(wgs84);
    town_free(&t);
}

int main(int argc, char **argv) {
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
