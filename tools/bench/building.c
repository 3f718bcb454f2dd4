/* SPDX-License-Identifier: MIT */
#include "building.h"

#include "random.h"

#include <math.h>
#include <string.h>

/* ---- outline ---- */

typedef struct outline {
    int n;
    double u[BUILDING_MAX_POINTS],
        v[BUILDING_MAX_POINTS]; /* along the street, away from it; counter-clockwise */
} outline;

static void corner(outline *o, double u, double v) {
    o->u[o->n] = u;
    o->v[o->n++] = v;
}

/* Rectangle, L, rectangle or L with a cut corner, or a bay to the street: 5 to 9 points with the closing one.
 */
static void draw_outline(outline *o, uint64_t *r, double width, double depth) {
    double w = width / 2, d = depth / 2, shape = random_unit(r);
    double wing = width * random_between(r, 0.3, 0.6), notch = depth * random_between(r, 0.25, 0.55);
    bool is_ell = shape >= 0.42 && shape < 0.82, is_cut = shape >= 0.37 && shape < 0.47,
         has_bay = shape >= 0.82;
    double cut = fmin(w, d) * 0.3;
    o->n = 0;
    corner(o, -w, -d);
    if (has_bay) {
        double at = random_between(r, -0.3, 0.3) * w, half = wing / 3;
        corner(o, at - half, -d);
        corner(o, at - half, -d - notch / 3);
        corner(o, at + half, -d - notch / 3);
        corner(o, at + half, -d);
    }
    if (is_cut) {
        corner(o, w - cut, -d);
        corner(o, w, -d + cut);
    } else {
        corner(o, w, -d);
    }
    if (is_ell) {
        corner(o, w, d - notch);
        corner(o, w - wing, d - notch);
        corner(o, w - wing, d);
    } else {
        corner(o, w, d);
    }
    corner(o, -w, d);
}

static void mirror(outline *o) {
    for (int i = 0, k = o->n - 1; i <= k; i++, k--) {
        double u = o->u[i], v = o->v[i];
        o->u[i] = -o->u[k];
        o->v[i] = o->v[k];
        o->u[k] = -u;
        o->v[k] = v;
    }
}

static void choose_size(const street *s, uint64_t *r, double *out_width, double *out_depth) {
    double pitch = (double)s->pitch_m;
    *out_width = random_between(r, 9, 17);
    *out_depth = random_between(r, 7.5, 13);
    switch ((street_kind)s->kind) {
    case STREET_WORKS:
        *out_width = pitch * random_between(r, 0.45, 0.85);
        *out_depth = random_between(r, 22, 50);
        return;
    case STREET_DOWNTOWN:
        *out_width = pitch * random_between(r, 0.68, 0.95);
        *out_depth = random_between(r, 12, 20);
        return;
    case STREET_HOUSES:
        *out_width = pitch * random_between(r, 0.48, 0.8);
        return;
    case STREET_ROAD:
    case STREET_BORDER:
        return;
    }
}

/* Coordinates carry seven decimals of a degree or millimetres, as delivered data do. */
static double rounded(double value, double per_unit) {
    return nearbyint(value * per_unit) / per_unit;
}

static void place_outline(const town *t, const street *s, unsigned lot, uint64_t *r, building *out) {
    double width, depth, x_m, y_m, heading;
    outline o;
    choose_size(s, r, &width, &depth);
    draw_outline(&o, r, width, depth);
    if (random_chance(r, 0.5))
        mirror(&o);
    street_lot(s, lot, &x_m, &y_m, &heading);
    bool is_border = s->kind == STREET_BORDER;
    double back = is_border ? depth * random_between(r, -0.3, 0.3) : random_between(r, -1.0, 2.5);
    double c = cos(heading), n = sin(heading), turn = 0.02 * random_bell(r);
    x_m -= back * n;
    y_m += back * c;
    double c_turned = c - turn * n, n_turned = n + turn * c; /* small angles */

    const zone_frame *f = &t->frames[s->zone];
    double per_unit = t->is_geographic ? 1e7 : 1e3;
    out->n_points = o.n + 1;
    out->min_x = out->min_y = INFINITY;
    out->max_x = out->max_y = -INFINITY;
    for (int i = 0; i < o.n; i++) {
        double x = rounded(f->x0 + (x_m + o.u[i] * c_turned - o.v[i] * n_turned) * f->x_per_m, per_unit);
        double y = rounded(f->y0 + (y_m + o.u[i] * n_turned + o.v[i] * c_turned) * f->y_per_m, per_unit);
        out->xy[2 * i] = x;
        out->xy[2 * i + 1] = y;
        out->min_x = x < out->min_x ? x : out->min_x;
        out->min_y = y < out->min_y ? y : out->min_y;
        out->max_x = x > out->max_x ? x : out->max_x;
        out->max_y = y > out->max_y ? y : out->max_y;
    }
    memcpy(out->xy + 2 * o.n, out->xy, 2 * sizeof(double));
}

/* ---- fields ---- */

static const char *const trees[] = {"Maple",    "Oak",    "Elm",     "Cedar",   "Birch",  "Walnut",
                                    "Chestnut", "Spruce", "Ash",     "Willow",  "Linden", "Poplar",
                                    "Hemlock",  "Alder",  "Juniper", "Sycamore"};
static const char *const endings[] = {"Street",    "Avenue", "Road",    "Lane",
                                      "Hill Road", "Court",  "Terrace", "Way"};
static const char *const remarks[] = {"roof outline taken from the gutter line, not from the walls",
                                      "outline checked against the assessor's sketch",
                                      "porch and bay drawn with the main building",
                                      "partly hidden by trees in the leaf-on imagery",
                                      "rear wing added after the last survey",
                                      "shares a party wall with the neighbouring parcel",
                                      "footprint shifted two feet to the east to meet the parcel",
                                      "demolition permit on file, still standing in 2019",
                                      "height is the median of the first returns inside the outline",
                                      "generalised to corners of at least three feet",
                                      "attached garage counted with the house",
                                      "owner reports a smaller area",
                                      "corner lot, the address is on the side street",
                                      "converted from a barn",
                                      "needs a field check",
                                      "see the record card for earlier outlines"};
static const char *const sources[] = {"county 2019", "state imagery 2016", "assessor", "lidar 2018"};
static const char *const height_sources[] = {"lidar", "photogrammetry", "levels", "permit"};

static int add_text(char *text, int at, const char *more) {
    size_t n = strlen(more);
    memcpy(text + at, more, n);
    return at + (int)n;
}

static int add_number(char *text, int at, unsigned number) {
    char digits[10];
    int n = 0;
    do
        digits[n++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (n > 0)
        text[at++] = digits[--n];
    return at;
}

static void write_texts(const street *s, size_t street_number, unsigned lot, uint64_t *r, building *out) {
    uint64_t name = random_stream(s->zone, street_number);
    int at = add_number(out->addr, 0, 1 + lot * 2 + (lot & 1) + (unsigned)(name & 3) * 100);
    out->addr[at++] = ' ';
    at = add_text(out->addr, at, trees[name >> 8 & 15]);
    out->addr[at++] = ' ';
    out->addr_bytes = add_text(out->addr, at, endings[name >> 16 & 7]);

    int wanted = 60 + (int)random_below(r, 60);
    uint64_t choice = random_next(r);
    at = add_text(out->note, 0, remarks[choice & 15]);
    while (at < wanted) {
        choice >>= 4;
        at = add_text(out->note, at, "; ");
        at = add_text(out->note, at, remarks[choice & 15]);
    }
    out->note_bytes = at < 200 ? at : 200;
    out->source = sources[name >> 24 & 3];
}

static const char *use_of(const street *s, double u) {
    switch ((street_kind)s->kind) {
    case STREET_WORKS:
        return u < 0.5 ? "industrial" : u < 0.8 ? "commercial" : "school";
    case STREET_DOWNTOWN:
        return u < 0.45 ? "commercial" : u < 0.9 ? "apartments" : "civic";
    case STREET_ROAD:
        return u < 0.75 ? "residential" : u < 0.95 ? "farm" : "church";
    case STREET_HOUSES:
    case STREET_BORDER:
        break;
    }
    return u < 0.94 ? "residential" : u < 0.98 ? "apartments" : "commercial";
}

static void write_numbers(const street *s, uint64_t *r, building *out) {
    bool is_tall = s->kind == STREET_DOWNTOWN;
    uint64_t present = random_next(r);
    double u = random_unit(r);
    out->use = use_of(s, random_unit(r));
    out->levels = is_tall                   ? 2 + (int)(6 * u * u * u)
                  : s->kind == STREET_WORKS ? 1 + (int)(u * 2)
                                            : 1 + (int)(u * u * 3.2);
    double height = out->levels * (s->kind == STREET_WORKS ? 4.6 : 2.9) + 1.5 + 1.2 * random_bell(r);
    out->height = nearbyint(fmax(2.2, height) * 10) / 10;
    out->year_built = s->year + (int)(5 * random_bell(r));
    out->has_height = (present & 31) != 0;
    if ((present >> 8 & 127) == 0)
        out->height = 0; /* a way to say unknown that occurs */
    out->has_levels = (present >> 16 & 15) != 0;
    out->has_year = (present >> 24 & 15) != 0;
    out->height_src = height_sources[present >> 32 & 3];
}

void building_make(const town *t, uint32_t number, building *out) {
    unsigned lot;
    const street *s = town_street(t, number, &lot);
    size_t street_number = (size_t)(s - t->streets);
    uint64_t r = random_stream(t->seed ^ 0x5bd1e995u, street_number * 64 + lot);
    place_outline(t, s, lot, &r, out);
    write_numbers(s, &r, out);
    write_texts(s, street_number, lot, &r, out);
}
