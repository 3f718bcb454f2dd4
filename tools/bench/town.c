/* SPDX-License-Identifier: MIT */
#include "town.h"

#include "quarter.h"
#include "random.h"
#include "tool.h"

#include <math.h>
#include <string.h>

/* More than this per square kilometre is only asked of a zone when all are full. */
static const double dense_per_km2 = 800;

typedef struct zone_share {
    double weight, room, share;
} zone_share;

void street_lot(const street *s, unsigned lot, double *out_x_m, double *out_y_m, double *out_heading) {
    double along = ((double)(lot >> 1) + 0.5) * (double)s->pitch_m;
    double half_turn = (double)s->bend_per_m * along / 2;
    double chord = (double)s->heading + half_turn;
    double heading = chord + half_turn + ((lot & 1) != 0 ? M_PI : 0);
    *out_x_m = s->x_m + along * cos(chord) - (double)s->setback_m * sin(heading);
    *out_y_m = s->y_m + along * sin(chord) + (double)s->setback_m * cos(heading);
    *out_heading = heading;
}

const street *town_street(const town *t, uint32_t number, unsigned *out_lot) {
    size_t i = t->street_of[number >> 6];
    while (i + 1 < t->n_streets && t->streets[i + 1].first <= number)
        i++;
    const street *s = &t->streets[i];
    uint64_t lots = s->lots;
    for (uint32_t k = s->first; k < number; k++)
        lots &= lots - 1;
    *out_lot = (unsigned)__builtin_ctzll(lots);
    return s;
}

/* Large zones hold more, but not in proportion: the square root of the area, times how lively the place is.
 */
static zone_share *weigh_zones(town *t, zone_layer *zones, zone_shape *shape) {
    zone_share *shares = NULL;
    size_t cap = 0;
    while (zone_layer_next_area(zones, shape)) {
        if (t->n_zones == cap) {
            cap = cap * 2 + 64;
            shares = tool_resize(shares, cap, sizeof *shares);
            t->frames = tool_resize(t->frames, cap, sizeof *t->frames);
        }
        uint64_t random = random_stream(t->seed, t->n_zones);
        double km2 = shape->area_m2 / 1e6;
        shares[t->n_zones] =
            (zone_share){sqrt(km2) * exp(1.1 * random_bell(&random)), km2 * dense_per_km2, 0};
        t->frames[t->n_zones++] = shape->frame;
    }
    if (t->n_zones == 0)
        tool_fail("the zone layer has no polygon");
    return shares;
}

/* In proportion to the weights, never above a zone's room while another has some left. */
static void share_out(zone_share *shares, size_t n, double count) {
    double weight = 1, left = count;
    while (left > 0.5 && weight > 0) {
        weight = 0;
        for (size_t i = 0; i < n; i++)
            weight += shares[i].share < shares[i].room ? shares[i].weight : 0;
        double given = 0;
        for (size_t i = 0; i < n && weight > 0; i++) {
            if (shares[i].share >= shares[i].room)
                continue;
            double part = fmin(shares[i].room - shares[i].share, left * shares[i].weight / weight);
            shares[i].share += part;
            given += part;
        }
        left -= given;
    }
    double room = 0;
    for (size_t i = 0; i < n; i++)
        room += shares[i].room;
    for (size_t i = 0; i < n && left > 0.5; i++)
        shares[i].share += left * shares[i].room / room;
}

static void number_buildings(town *t) {
    t->street_of = tool_resize(NULL, (size_t)(t->n_buildings >> 6) + 1, sizeof *t->street_of);
    uint32_t number = 0, next_mark = 0;
    for (size_t i = 0; i < t->n_streets; i++) {
        t->streets[i].first = number;
        number += (uint32_t)__builtin_popcountll(t->streets[i].lots);
        for (; next_mark < number; next_mark += 64)
            t->street_of[next_mark >> 6] = (uint32_t)i;
    }
    if (number != t->n_buildings)
        tool_fail("planned %u buildings instead of %u", number, t->n_buildings);
}

void town_plan(town *t, zone_layer *zones, const town_request *request) {
    memset(t, 0, sizeof *t);
    t->seed = request->seed;
    t->n_buildings = request->n_buildings;
    t->is_geographic = zones->is_geographic;
    zone_shape shape = {0};
    zone_share *shares = weigh_zones(t, zones, &shape);
    share_out(shares, t->n_zones, request->n_buildings);

    quarter_map map = {0};
    double sum = 0;
    uint32_t planned = 0;
    zone_layer_rewind(zones);
    for (uint32_t zone = 0; zone < t->n_zones && zone_layer_next(zones, &shape); zone++) {
        sum += shares[zone].share;
        uint32_t until = zone + 1 == t->n_zones ? t->n_buildings : (uint32_t)fmin(sum + 0.5, t->n_buildings);
        quarter_request here = {zone, until - planned, request->straddle};
        quarter_plan(t, &map, &shape, &here);
        planned = until;
    }
    quarter_map_free(&map);
    zone_shape_free(&shape);
    free(shares);
    number_buildings(t);
}

void town_free(town *t) {
    free(t->frames);
    free(t->streets);
    free(t->street_of);
}
