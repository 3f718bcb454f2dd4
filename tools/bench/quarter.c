/* SPDX-License-Identifier: MIT */
#include "quarter.h"

#include "random.h"
#include "tool.h"

#include <math.h>
#include <string.h>

enum { MAX_CENTRES = 6, MAX_LOTS = 64 };
static const double block_m = 480; /* side of a quarter */

typedef struct block {
    double x_m, y_m;
    double pull; /* the larger, the earlier it is built up */
} block;

typedef struct planner {
    town *t;
    quarter_map *map;
    const zone_shape *shape;
    uint32_t zone;
    uint32_t left;
    bool is_crowded; /* no free ground is left: build on top of each other */
    uint64_t random;
    double heading;
    int n_centres;
    double centres[MAX_CENTRES][2];
} planner;

/* ---- taken ground ---- */

static void map_clear(quarter_map *map, const zone_shape *shape) {
    double width = shape->max_x_m - shape->min_x_m, height = shape->max_y_m - shape->min_y_m;
    map->cell_m = fmax(12, sqrt(width * height / 1e8));
    map->n_columns = (size_t)(width / map->cell_m) + 1;
    map->n_rows = (size_t)(height / map->cell_m) + 1;
    size_t n_words = map->n_columns * map->n_rows / 64 + 1;
    if (n_words > map->cap_words) {
        map->cap_words = n_words;
        map->taken = tool_resize(map->taken, n_words, sizeof *map->taken);
    }
    memset(map->taken, 0, n_words * sizeof *map->taken);
}

void quarter_map_free(quarter_map *map) {
    free(map->taken);
}

static bool is_free(const planner *p, double x_m, double y_m) {
    const quarter_map *map = p->map;
    size_t column = (size_t)((x_m - p->shape->min_x_m) / map->cell_m);
    size_t row = (size_t)((y_m - p->shape->min_y_m) / map->cell_m);
    size_t bit = row * map->n_columns + column;
    return (map->taken[bit >> 6] >> (bit & 63) & 1) == 0;
}

static void take(planner *p, double x_m, double y_m, long reach) {
    quarter_map *map = p->map;
    long column = (long)((x_m - p->shape->min_x_m) / map->cell_m);
    long row = (long)((y_m - p->shape->min_y_m) / map->cell_m);
    for (long r = row - reach; r <= row + reach; r++) {
        for (long c = column - reach; c <= column + reach; c++) {
            if (r < 0 || c < 0 || (size_t)r >= map->n_rows || (size_t)c >= map->n_columns)
                continue;
            size_t bit = (size_t)r * map->n_columns + (size_t)c;
            map->taken[bit >> 6] |= 1ull << (bit & 63);
        }
    }
}

/* ---- streets ---- */

static void append(planner *p, const street *s) {
    town *t = p->t;
    if (t->n_streets == t->cap_streets) {
        t->cap_streets = t->cap_streets * 2 + 1024;
        t->streets = tool_resize(t->streets, t->cap_streets, sizeof *t->streets);
    }
    t->streets[t->n_streets++] = *s;
    p->left -= (uint32_t)__builtin_popcountll(s->lots);
}

/* Gives the lots of a street buildings where there is ground inside the zone. The street must not block
 * itself. */
static void build_up(planner *p, street *s, unsigned n_lots, double keep) {
    double x_m[MAX_LOTS], y_m[MAX_LOTS], heading;
    uint32_t n = 0;
    unsigned crossing = 5 + random_below(&p->random, 5); /* a side street every so many lots */
    s->lots = 0;
    s->zone = p->zone;
    for (unsigned lot = 0; lot < n_lots && n < p->left; lot++) {
        bool is_wanted = random_chance(&p->random, keep) && (lot >> 1) % crossing != crossing - 1;
        street_lot(s, lot, &x_m[lot], &y_m[lot], &heading);
        if (!is_wanted || !zone_shape_contains(p->shape, x_m[lot], y_m[lot]) ||
            !(p->is_crowded || is_free(p, x_m[lot], y_m[lot])))
            continue;
        s->lots |= 1ull << lot;
        n++;
    }
    if (n == 0)
        return;
    for (unsigned lot = 0; lot < n_lots; lot++)
        if ((s->lots >> lot & 1) != 0)
            take(p, x_m[lot], y_m[lot], s->kind == STREET_WORKS ? 3 : 1);
    append(p, s);
}

static street_kind kind_of_block(planner *p, const block *b) {
    for (int i = 0; i < p->n_centres; i++)
        if (hypot(b->x_m - p->centres[i][0], b->y_m - p->centres[i][1]) < 0.6 * block_m)
            return STREET_DOWNTOWN;
    return random_chance(&p->random, 0.06) ? STREET_WORKS : STREET_HOUSES;
}

/* Parallel streets with the same bend in a square that stays in its block however it is turned. */
static void plan_block(planner *p, const block *b) {
    uint64_t *r = &p->random;
    street s = {.kind = (uint16_t)kind_of_block(p, b), .bend_per_m = (float)(0.0007 * random_bell(r))};
    bool is_works = s.kind == STREET_WORKS, is_downtown = s.kind == STREET_DOWNTOWN;
    double turn = random_chance(r, 0.2) ? random_between(r, -0.7, 0.7) : 0.06 * random_bell(r);
    double heading = p->heading + turn + (random_chance(r, 0.4) ? M_PI / 2 : 0);
    double side = 0.96 * block_m / (fabs(cos(turn)) + fabs(sin(turn)));
    s.pitch_m = (float)(is_works      ? random_between(r, 55, 95)
                        : is_downtown ? random_between(r, 14, 18)
                                      : random_between(r, 15, 24));
    s.setback_m = (float)(is_works      ? random_between(r, 38, 50)
                          : is_downtown ? random_between(r, 13, 16)
                                        : random_between(r, 15, 20));
    s.year = (uint16_t)(is_downtown ? random_between(r, 1860, 1930) : random_between(r, 1890, 2015));
    double spacing = (double)s.setback_m * 2 + (is_works ? 70 : is_downtown ? 24 : random_between(r, 32, 60));
    double keep = is_works ? 0.7 : random_between(r, 0.6, 0.98);
    unsigned n_lots = 2 * (unsigned)(side / (double)s.pitch_m);
    unsigned n_streets = (unsigned)fmax(1, side / spacing);
    double middle = heading + (double)s.bend_per_m * side / 2;
    for (unsigned i = 0; i < n_streets && p->left > 0; i++) {
        double across = ((double)i + 0.5) * spacing - (double)n_streets * spacing / 2;
        s.x_m = b->x_m - cos(middle) * side / 2 - sin(middle) * across;
        s.y_m = b->y_m - sin(middle) * side / 2 + cos(middle) * across;
        s.heading = (float)heading;
        build_up(p, &s, n_lots < MAX_LOTS ? n_lots : MAX_LOTS, keep);
    }
}

/* A road out of a centre, with houses here and there, until it leaves the zone. */
static void plan_road(planner *p, uint32_t until_left) {
    uint64_t *r = &p->random;
    const double *start = p->centres[random_below(r, (uint32_t)p->n_centres)];
    double heading = random_between(r, -M_PI, M_PI);
    street s = {.kind = STREET_ROAD,
                .x_m = start[0],
                .y_m = start[1],
                .year = (uint16_t)random_between(r, 1780, 2000)};
    for (int piece = 0; piece < 14 && p->left > until_left; piece++) {
        s.heading = (float)heading;
        s.bend_per_m = (float)(0.0006 * random_bell(r));
        s.pitch_m = (float)random_between(r, 26, 60);
        s.setback_m = (float)random_between(r, 18, 34);
        double length = (MAX_LOTS / 2) * (double)s.pitch_m;
        if (piece > 0 && !zone_shape_contains(p->shape, s.x_m, s.y_m))
            break;
        build_up(p, &s, MAX_LOTS, random_between(r, 0.15, 0.6));
        double half_turn = (double)s.bend_per_m * length / 2;
        s.x_m += length * cos(heading + half_turn);
        s.y_m += length * sin(heading + half_turn);
        heading += 2 * half_turn + 0.2 * random_bell(r);
    }
}

/* Some houses on the line itself, in a row along one edge chosen by length. */
static void plan_border(planner *p, const double *length_until, uint32_t until_left) {
    const zone_shape *shape = p->shape;
    double place = random_unit(&p->random) * length_until[shape->n_edges - 1];
    size_t low = 0, high = shape->n_edges - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (length_until[middle] > place)
            high = middle;
        else
            low = middle + 1;
    }
    const double *e = shape->edges + 4 * low;
    double rest = length_until[low] - place, length = hypot(e[2] - e[0], e[3] - e[1]);
    double share = length > 0 ? 1 - rest / length : 0;
    street s = {
        .kind = STREET_BORDER, .zone = p->zone, .year = (uint16_t)random_between(&p->random, 1880, 2015)};
    s.pitch_m = (float)random_between(&p->random, 18, 26);
    s.heading = (float)atan2(e[3] - e[1], e[2] - e[0]);
    s.x_m = e[0] + share * (e[2] - e[0]) - cos((double)s.heading) * (double)s.pitch_m / 2;
    s.y_m = e[1] + share * (e[3] - e[1]) - sin((double)s.heading) * (double)s.pitch_m / 2;
    uint32_t n = 1 + (uint32_t)fmin(3, rest / (double)s.pitch_m);
    for (uint32_t i = 0; i < n && i < p->left - until_left; i++)
        s.lots |= 1ull << (2 * i);
    append(p, &s);
}

static void plan_borders(planner *p, uint32_t until_left) {
    if (p->left <= until_left)
        return;
    double *length_until = tool_resize(NULL, p->shape->n_edges, sizeof *length_until);
    double sum = 0;
    for (size_t i = 0; i < p->shape->n_edges; i++) {
        const double *e = p->shape->edges + 4 * i;
        length_until[i] = sum += hypot(e[2] - e[0], e[3] - e[1]);
    }
    while (p->left > until_left)
        plan_border(p, length_until, until_left);
    free(length_until);
}

/* ---- the zone ---- */

static void choose_centres(planner *p, double n_buildings) {
    const zone_shape *shape = p->shape;
    int wanted = 1 + (int)fmin(MAX_CENTRES - 1, n_buildings / 4000 + random_unit(&p->random) * 2);
    for (int tries = 0; tries < 400 && p->n_centres < wanted; tries++) {
        double x = random_between(&p->random, shape->min_x_m, shape->max_x_m);
        double y = random_between(&p->random, shape->min_y_m, shape->max_y_m);
        if (!zone_shape_contains(shape, x, y))
            continue;
        p->centres[p->n_centres][0] = x;
        p->centres[p->n_centres++][1] = y;
    }
    if (p->n_centres == 0) { /* a sliver: its first vertex will do */
        memcpy(p->centres[0], shape->edges, sizeof p->centres[0]);
        p->n_centres = 1;
    }
}

static double pull_of(planner *p, double x_m, double y_m, double reach_m) {
    double pull = 0.5 * random_unit(&p->random) * random_unit(&p->random);
    for (int i = 0; i < p->n_centres; i++) {
        double away = hypot(x_m - p->centres[i][0], y_m - p->centres[i][1]) / (reach_m / (1 + 0.5 * i));
        pull += exp(-away * away / 2);
    }
    return pull;
}

static int by_pull(const void *a, const void *b) {
    double pa = ((const block *)a)->pull, pb = ((const block *)b)->pull;
    return pa > pb ? -1 : pa < pb;
}

/* A lattice of blocks over the zone, turned as the zone's quarters are. */
static block *lay_blocks(planner *p, size_t *out_n, double reach_m) {
    const zone_shape *shape = p->shape;
    int half = (int)ceil(hypot(shape->max_x_m, shape->max_y_m) / block_m);
    double c = cos(p->heading) * block_m, s = sin(p->heading) * block_m;
    block *blocks = NULL;
    size_t n = 0, cap = 0;
    for (int v = -half; v <= half; v++) {
        for (int u = -half; u <= half; u++) {
            double x = u * c - v * s, y = u * s + v * c;
            if (!zone_shape_contains(shape, x, y))
                continue;
            if (n == cap) {
                cap = cap * 2 + 64;
                blocks = tool_resize(blocks, cap, sizeof *blocks);
            }
            blocks[n++] = (block){x, y, pull_of(p, x, y, reach_m)};
        }
    }
    if (n > 0)
        qsort(blocks, n, sizeof *blocks, by_pull);
    *out_n = n;
    return blocks;
}

static uint64_t spread_bits(double share) {
    uint64_t v = (uint64_t)(share * 65535);
    v = (v | v << 8) & 0x00ff00ffu;
    v = (v | v << 4) & 0x0f0f0f0fu;
    v = (v | v << 2) & 0x33333333u;
    return (v | v << 1) & 0x55555555u;
}

/* Neighbours in the zone become neighbours in the file: order by Morton code; `first` holds it until
 * buildings are numbered. */
static int by_first(const void *a, const void *b) {
    const street *sa = a, *sb = b;
    if (sa->first != sb->first)
        return sa->first < sb->first ? -1 : 1;
    return sa->x_m < sb->x_m ? -1 : sa->x_m > sb->x_m;
}

static void order_streets(planner *p, size_t from) {
    const zone_shape *shape = p->shape;
    for (size_t i = from; i < p->t->n_streets; i++) {
        street *s = &p->t->streets[i];
        double x = (s->x_m - shape->min_x_m) / (shape->max_x_m - shape->min_x_m);
        double y = (s->y_m - shape->min_y_m) / (shape->max_y_m - shape->min_y_m);
        s->first = (uint32_t)(spread_bits(fmin(1, fmax(0, x))) | spread_bits(fmin(1, fmax(0, y))) << 1);
    }
    qsort(p->t->streets + from, p->t->n_streets - from, sizeof(street), by_first);
}

/* What found no place yet: odd streets anywhere, at last on top of others, and in a sliver on its border. */
static void fill_up(planner *p) {
    const zone_shape *shape = p->shape;
    for (uint32_t tries = 2000 + p->left; tries > 0 && p->left > 0; tries--) {
        p->is_crowded = tries < 1000 + p->left / 2;
        street s = {.kind = STREET_HOUSES, .pitch_m = 18, .setback_m = 16, .year = 1970};
        s.heading = (float)random_between(&p->random, -M_PI, M_PI);
        s.x_m = random_between(&p->random, shape->min_x_m, shape->max_x_m);
        s.y_m = random_between(&p->random, shape->min_y_m, shape->max_y_m);
        build_up(p, &s, MAX_LOTS, 0.9);
    }
    plan_borders(p, 0);
}

void quarter_plan(town *t, quarter_map *map, const zone_shape *shape, const quarter_request *request) {
    planner p = {.t = t, .map = map, .shape = shape, .zone = request->zone, .left = request->n_buildings};
    if (p.left == 0)
        return;
    size_t first_street = t->n_streets, n_blocks;
    p.random = random_stream(~t->seed, request->zone);
    p.heading = random_between(&p.random, -M_PI / 4, M_PI / 4);
    double n = request->n_buildings, per_km2 = n / (shape->area_m2 / 1e6);
    map_clear(map, shape);
    choose_centres(&p, n);
    uint32_t n_border =
        (uint32_t)(n * request->straddle + random_unit(&p.random)); /* right on average for small zones too */
    plan_borders(&p, p.left - (n_border < p.left ? n_border : p.left));

    uint32_t for_roads = (uint32_t)(p.left * fmax(0.05, 0.45 - per_km2 / 1000));
    block *blocks = lay_blocks(&p, &n_blocks, sqrt(n / 800) * block_m);
    size_t b = 0;
    for (; b < n_blocks && p.left > for_roads; b++)
        plan_block(&p, &blocks[b]);
    for (int tries = 0; tries < 400 && p.left > 0; tries++)
        plan_road(&p, 0);
    for (; b < n_blocks && p.left > 0; b++)
        plan_block(&p, &blocks[b]);
    fill_up(&p);
    order_streets(&p, first_street);
    free(blocks);
}
