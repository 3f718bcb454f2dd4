/* SPDX-License-Identifier: MIT */
#include "geometry/proj_internal.h"

#include <proj_experimental.h>
#include <stdio.h>

/** Called by PROJ for each error message: keeps the first. */
static void keep_first_complaint(void *user, int level, const char *text) {
    (void)level;
    zf_proj *proj = user;
    if (!proj->message[0] && text)
        snprintf(proj->message, sizeof proj->message, "%s", text);
}

zf_status zf_proj_init(zf_proj *proj, zf_error *error) {
    proj->message[0] = '\0';
    proj->context = proj_context_create();
    if (!proj->context)
        return zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_PROJ, "cannot start PROJ: no memory left");
    proj_log_func(proj->context, proj, keep_first_complaint);
    proj_log_level(proj->context, PJ_LOG_ERROR); /* with PJ_LOG_NONE the function above would not be called */
    proj_context_set_enable_network(proj->context, 0);
    proj_context_use_proj4_init_rules(proj->context, 1); /* "+init=epsg:2249" is still used in scripts */
    return ZF_OK;
}

void zf_proj_deinit(zf_proj *proj) {
    if (proj->context)
        proj_context_destroy(proj->context);
    proj->context = NULL;
}

void zf_proj_forget(zf_proj *proj) {
    proj->message[0] = '\0';
}

const char *zf_proj_reason(const zf_proj *proj) {
    if (proj->message[0])
        return proj->message;
    int number = proj_context_errno(proj->context);
    const char *words = number ? proj_context_errno_string(proj->context, number) : NULL;
    return words ? words : "PROJ gives no reason";
}

PJ *zf_proj_operation(zf_proj *proj, const PJ *from, const PJ *to) {
    PJ *raw = proj_create_crs_to_crs_from_pj(proj->context, from, to, NULL, NULL);
    PJ *visual = raw ? proj_normalize_for_visualization(proj->context, raw) : NULL;
    proj_destroy(raw);
    return visual;
}

PJ *zf_proj_geographic(zf_proj *proj, const PJ *crs) {
    PJ_CONTEXT *context = proj->context;
    PJ *axes = proj_create_ellipsoidal_2D_cs(context, PJ_ELLPS2D_LONGITUDE_LATITUDE, NULL, 0);
    PJ *base = proj_crs_get_geodetic_crs(context, crs);
    PJ *datum = base ? proj_crs_get_datum(context, base) : NULL;
    if (base && !datum)
        datum = proj_crs_get_datum_ensemble(context, base);
    PJ *geographic = NULL;
    if (axes && datum)
        geographic = proj_create_geographic_crs_from_datum(context, proj_get_name(base), datum, axes);
    proj_destroy(datum);
    proj_destroy(base);
    proj_destroy(axes);
    return geographic;
}

bool zf_proj_is_equivalent(zf_proj *proj, const PJ *a, const PJ *b) {
    return proj_is_equivalent_to_with_ctx(proj->context, a, b, PJ_COMP_EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS);
}

const char *zf_proj_version(void) {
    return proj_info().version;
}

bool zf_crs_allow_network(bool is_allowed) {
    bool before = proj_context_is_network_enabled(NULL) != 0;
    proj_context_set_enable_network(NULL, is_allowed);
    return before;
}
