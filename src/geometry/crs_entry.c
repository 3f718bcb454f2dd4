/* SPDX-License-Identifier: MIT */
/* Finds the entry of PROJ's database that equals a CRS. */
#include "geometry/proj_internal.h"

#include <math.h>

enum {
    SURE_PERCENT = 90, /* confidence of PROJ: equal coordinates, different names */
    MAX_CANDIDATES = 16,
    GRID = 5
};

/* Other software rounds the parameters or writes them in another order (the standard parallels of Esri's
 * .prj). PROJ then gives a low confidence, although coordinates agree within this distance. */
static const double SAME_PLACE_M = 1e-3;

/** One point, transformed; not finite if PROJ cannot. */
static PJ_COORD transformed(PJ *operation, double x, double y) {
    PJ_COORD to = proj_trans(operation, PJ_FWD, proj_coord(x, y, 0, HUGE_VAL));
    if (proj_errno(operation))
        proj_errno_reset(operation);
    return to;
}

/* Metres per unit of a CRS's coordinates, roughly for degrees; 0 when it does not say. */
static double metres_per_unit(zf_proj *proj, const PJ *crs) {
    double unit = 0;
    PJ *axes = proj_crs_get_coordinate_system(proj->context, crs);
    if (!axes || !proj_cs_get_axis_info(proj->context, axes, 0, NULL, NULL, NULL, &unit, NULL, NULL, NULL))
        unit = 0;
    bool is_angle = axes && proj_cs_get_type(proj->context, axes) == PJ_CS_TYPE_ELLIPSOIDAL;
    proj_destroy(axes);
    return is_angle ? unit * 6.4e6 : unit;
}

/* Whether both give the same coordinates to a grid of points over the candidate's area of use. */
static bool agree_over_area(zf_proj *proj, PJ *to_crs, PJ *to_candidate, const PJ *candidate,
                            double tolerance) {
    double west, south, east, north;
    if (!proj_get_area_of_use(proj->context, candidate, &west, &south, &east, &north, NULL) || south < -90)
        return false;
    if (east < west)
        east += 360;
    int n_compared = 0;
    for (int i = 0; i < GRID * GRID; i++) {
        double x = west + (east - west) * (i % GRID) / (GRID - 1);
        double y = south + (north - south) * (i / GRID) / (GRID - 1);
        PJ_COORD a = transformed(to_crs, x, y);
        PJ_COORD b = transformed(to_candidate, x, y);
        if (!isfinite(a.xy.x) || !isfinite(b.xy.x))
            continue;
        if (!(fabs(a.xy.x - b.xy.x) <= tolerance && fabs(a.xy.y - b.xy.y) <= tolerance))
            return false;
        n_compared++;
    }
    return n_compared > 0;
}

/** Whether two CRS are based on the same geodetic CRS. */
static bool has_same_datum(zf_proj *proj, const PJ *a, const PJ *b) {
    PJ *base_a = proj_crs_get_geodetic_crs(proj->context, a);
    PJ *base_b = proj_crs_get_geodetic_crs(proj->context, b);
    bool is_same = base_a && base_b && zf_proj_is_equivalent(proj, base_a, base_b);
    proj_destroy(base_a);
    proj_destroy(base_b);
    return is_same;
}

/** Whether two CRS have equal definitions, or equal coordinates within SAME_PLACE_M over the area of use
 * of the candidate. */
static bool is_same_place(zf_proj *proj, const PJ *crs, const PJ *candidate) {
    if (zf_proj_is_equivalent(proj, crs, candidate))
        return true;
    double unit = metres_per_unit(proj, candidate);
    if (unit <= 0 || !has_same_datum(proj, crs, candidate))
        return false;
    PJ *geographic = zf_proj_geographic(proj, candidate);
    PJ *to_crs = geographic ? zf_proj_operation(proj, geographic, crs) : NULL;
    PJ *to_candidate = geographic ? zf_proj_operation(proj, geographic, candidate) : NULL;
    bool is_same =
        to_crs && to_candidate && agree_over_area(proj, to_crs, to_candidate, candidate, SAME_PLACE_M / unit);
    proj_destroy(to_candidate);
    proj_destroy(to_crs);
    proj_destroy(geographic);
    return is_same;
}

/* The entry that the definition names, if it has the same coordinates. */
static PJ *entry_by_own_name(zf_proj *proj, const PJ *crs) {
    const char *authority = proj_get_id_auth_name(crs, 0);
    const char *code = proj_get_id_code(crs, 0);
    if (!authority || !code)
        return NULL;
    PJ *entry = proj_create_from_database(proj->context, authority, code, PJ_CATEGORY_CRS, 0, NULL);
    if (entry && is_same_place(proj, crs, entry))
        return entry;
    proj_destroy(entry);
    return NULL;
}

/** The first entry of an authority that PROJ identifies and that has the same coordinates. */
static PJ *entry_by_look(zf_proj *proj, const PJ *crs, const char *authority) {
    int *percent = NULL;
    PJ *entry = NULL;
    PJ_OBJ_LIST *candidates = proj_identify(proj->context, crs, authority, NULL, &percent);
    int n = candidates && percent ? proj_list_get_count(candidates) : 0;
    for (int i = 0; i < n && i < MAX_CANDIDATES && !entry; i++) {
        PJ *candidate = proj_list_get(proj->context, candidates, i);
        bool is_it = candidate && !proj_is_deprecated(candidate) &&
                     (percent[i] >= SURE_PERCENT || is_same_place(proj, crs, candidate));
        if (is_it)
            entry = candidate;
        else
            proj_destroy(candidate);
    }
    proj_int_list_destroy(percent);
    proj_list_destroy(candidates);
    return entry;
}

/* The CRS without its authority code; NULL if it has none. With a code, PROJ would identify only that entry.
 */
static PJ *without_claim(zf_proj *proj, const PJ *crs) {
    if (!proj_get_id_code(crs, 0))
        return NULL;
    const char *wkt = proj_as_wkt(proj->context, crs, PJ_WKT1_ESRI, NULL);
    return wkt ? proj_create(proj->context, wkt) : NULL;
}

PJ *zf_crs_find_entry(zf_proj *proj, const PJ *crs) {
    PJ *entry = entry_by_own_name(proj, crs);
    if (entry)
        return entry;
    PJ *unclaimed = without_claim(proj, crs);
    entry = entry_by_look(proj, unclaimed ? unclaimed : crs, "EPSG");
    if (!entry)
        entry = entry_by_look(proj, unclaimed ? unclaimed : crs, NULL);
    proj_destroy(unclaimed);
    return entry;
}
