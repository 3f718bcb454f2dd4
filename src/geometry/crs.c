/* SPDX-License-Identifier: MIT */
#include "geometry/proj_internal.h"

#include <proj_experimental.h>
#include <stdlib.h>
#include <string.h>

#define ADVICE "give a geographic or projected CRS, for example EPSG:4326"

/* A definition in an error text: shortened, because WKT can be pages long. */
#define SHOWN "%.*s%s"
#define SHOW(definition)                                                                                     \
    shown_bytes(definition), (definition), (definition)[shown_bytes(definition)] ? "..." : ""

/* Bytes of a definition to show: at most 80, no partial character. */
static int shown_bytes(const char *definition) {
    int n = (int)strnlen(definition, 80);
    while (n > 0 && ((unsigned char)definition[n] & 0xc0u) == 0x80u)
        n--;
    return n;
}

static void replace(PJ **slot, PJ *object) {
    proj_destroy(*slot);
    *slot = object;
}

/* Whether a definition is an authority and a code: "EPSG:2249". */
static bool is_code(const char *definition) {
    size_t n = strspn(definition, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    return n > 0 && definition[n] == ':' && definition[n + 1] != '\0' && !strchr(definition + n + 1, ':') &&
           strspn(definition + n + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
               strlen(definition + n + 1);
}

/* Lets PROJ parse a definition. PROJ strings need "+type=crs", which is added if it is missing. */
static zf_status parse(zf_proj *proj, const char *definition, PJ **out, zf_error *error) {
    bool is_proj_string = strstr(definition, "proj=") || strstr(definition, "init=");
    bool is_wkt = strchr(definition, '[') || strchr(definition, '{');
    zf_text text = {0};
    zf_text_append(&text, definition);
    if (is_proj_string && !is_wkt && !strstr(definition, "type=crs") && !strstr(definition, "proj=pipeline"))
        zf_text_append(&text, " +type=crs");
    bool is_failed = text.is_failed || !text.bytes;
    *out = is_failed ? NULL : proj_create(proj->context, text.bytes);
    zf_text_deinit(&text);
    if (is_failed)
        return zf_error_memory(error, strlen(definition) + 1, "a CRS definition");
    if (*out)
        return ZF_OK;
    if (is_code(definition))
        return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_PROJ,
                            "cannot find the CRS '" SHOWN
                            "' in the database of PROJ %s (%s); check the authority and the code",
                            SHOW(definition), zf_proj_version(), zf_proj_reason(proj));
    if (definition[0] != '\0' && strspn(definition, "0123456789") == strlen(definition))
        return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_PROJ,
                            "the CRS '" SHOWN "' is a number without its authority: write EPSG:" SHOWN,
                            SHOW(definition), SHOW(definition));
    return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_PROJ,
                        "cannot understand the CRS '" SHOWN
                        "': %s; a CRS is given as a code such as EPSG:4326, as WKT, or as a PROJ string",
                        SHOW(definition), zf_proj_reason(proj));
}

/** The kind of a CRS that cannot be used, for the error text. */
static const char *kind_in_words(PJ_TYPE type) {
    switch (type) {
    case PJ_TYPE_GEOCENTRIC_CRS:
        return "a geocentric CRS";
    case PJ_TYPE_VERTICAL_CRS:
        return "a vertical CRS";
    case PJ_TYPE_TEMPORAL_CRS:
        return "a temporal CRS";
    case PJ_TYPE_GEOGRAPHIC_2D_CRS:
    case PJ_TYPE_GEOGRAPHIC_3D_CRS:
        return "a CRS of shifted poles (derived geographic)";
    default:
        return "a local (engineering) CRS without a place on Earth";
    }
}

/* Whether the CRS is geographic or projected. Decided by its axes and its base, because the type numbers
 * differ between versions of PROJ. */
static bool is_usable(zf_proj *proj, const PJ *crs) {
    PJ *axes = proj_crs_get_coordinate_system(proj->context, crs);
    PJ *base = proj_crs_get_geodetic_crs(proj->context, crs);
    bool is_usable = false;
    if (axes && base && proj_cs_get_axis_count(proj->context, axes) == 2) {
        PJ_COORDINATE_SYSTEM_TYPE type = proj_cs_get_type(proj->context, axes);
        is_usable = type == PJ_CS_TYPE_CARTESIAN ||
                    (type == PJ_CS_TYPE_ELLIPSOIDAL && !proj_crs_is_derived(proj->context, crs));
    }
    proj_destroy(base);
    proj_destroy(axes);
    return is_usable;
}

/** The error for a definition that is no CRS, or a CRS of a kind that cannot be used. */
static zf_status refuse(const PJ *object, const char *definition, zf_error *error) {
    if (!proj_is_crs(object))
        return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_PROJ,
                            "cannot use '" SHOWN "' as a CRS: PROJ knows it as something else; " ADVICE,
                            SHOW(definition));
    return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_PROJ,
                        "cannot use the CRS '" SHOWN "': it is %s, neither geographic nor projected; " ADVICE,
                        SHOW(definition), kind_in_words(proj_get_type(object)));
}

/* Without its database PROJ interprets some definitions differently, and results would differ without a
 * message. */
static zf_status check_database(zf_proj *proj, zf_error *error) {
    if (proj_context_get_database_metadata(proj->context, "EPSG.VERSION"))
        return ZF_OK;
    return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_PROJ,
                        "PROJ cannot find or read its database proj.db; install it (package proj-data), or "
                        "correct the environment variables PROJ_DATA and PROJ_LIB, which say where to look");
}

/* Sets operand and horizontal from the definition, without vertical and temporal parts. */
static zf_status understand(zf_crs *crs, const char *definition, zf_error *error) {
    PJ_CONTEXT *context = crs->proj.context;
    PJ *object;
    zf_status status = check_database(&crs->proj, error);
    if (status == ZF_OK)
        status = parse(&crs->proj, definition, &object, error);
    if (status != ZF_OK)
        return status;
    if (proj_is_crs(object))
        crs->operand = proj_crs_demote_to_2D(context, NULL, object);
    if (crs->operand && proj_get_type(crs->operand) == PJ_TYPE_BOUND_CRS)
        crs->horizontal = proj_get_source_crs(context, crs->operand);
    else if (crs->operand)
        crs->horizontal = proj_clone(context, crs->operand);
    if (!crs->horizontal || !is_usable(&crs->proj, crs->horizontal))
        status = refuse(crs->horizontal ? crs->horizontal : object, definition, error);
    proj_destroy(object);
    return status;
}

/* Replaces a file's rounded definition by that of the database, so that a shapefile and a GeoPackage of the
 * same buildings get the same results. A datum shift of the definition is kept. */
static void adopt_entry(zf_crs *crs, PJ *entry) {
    if (proj_get_type(crs->operand) != PJ_TYPE_BOUND_CRS)
        replace(&crs->operand, proj_clone(crs->proj.context, entry));
    replace(&crs->horizontal, entry);
}

/** Copies a string of PROJ into the CRS. */
static zf_status keep_string(zf_crs *crs, int slot, const char *string, const char **out, zf_error *error) {
    *out = NULL;
    if (!string)
        return ZF_OK;
    crs->strings[slot] = zf_string_copy(string);
    if (!crs->strings[slot])
        return zf_error_memory(error, strlen(string) + 1, "a CRS definition");
    *out = crs->strings[slot];
    return ZF_OK;
}

/** Fills the name, the authority code and the definitions of info. */
static zf_status fill_strings(zf_crs *crs, bool has_entry, zf_error *error) {
    static const char *const one_line[] = {"MULTILINE=NO", NULL};
    PJ_CONTEXT *context = crs->proj.context;
    zf_crs_info *info = &crs->info;
    zf_status status = keep_string(crs, 0, proj_get_name(crs->horizontal), &info->name, error);
    if (status == ZF_OK && has_entry)
        status = keep_string(crs, 1, proj_get_id_auth_name(crs->horizontal, 0), &info->auth_name, error);
    if (status == ZF_OK && has_entry)
        status = keep_string(crs, 2, proj_get_id_code(crs->horizontal, 0), &info->auth_code, error);
    if (status == ZF_OK)
        status = keep_string(crs, 3, proj_as_wkt(context, crs->operand, PJ_WKT2_2019, one_line), &info->wkt,
                             error);
    if (status == ZF_OK)
        status = keep_string(crs, 4, proj_as_wkt(context, crs->operand, PJ_WKT1_GDAL, one_line), &info->wkt1,
                             error);
    if (status == ZF_OK)
        status = keep_string(crs, 5, proj_as_proj_string(context, crs->operand, PJ_PROJ_4, NULL),
                             &info->proj4, error);
    if (status == ZF_OK && !info->wkt)
        status =
            zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_PROJ, "cannot write the CRS '%s' as WKT: %s; " ADVICE,
                         info->name ? info->name : "?", zf_proj_reason(&crs->proj));
    return status;
}

/* Sets the code of the ellipsoid, if it has one. */
static zf_status name_ellipsoid(zf_crs *crs, const PJ *ellipsoid, zf_error *error) {
    const char *authority = proj_get_id_auth_name(ellipsoid, 0), *code = proj_get_id_code(ellipsoid, 0);
    zf_text text = {0};
    if (!authority || !code)
        return ZF_OK;
    zf_text_append_format(&text, "%s:%s", authority, code);
    zf_status status = text.is_failed ? zf_error_memory(error, text.n, "the name of an ellipsoid")
                                      : keep_string(crs, 6, text.bytes, &crs->info.ellipsoid, error);
    zf_text_deinit(&text);
    return status;
}

/** Fills the unit and the ellipsoid of info. */
static zf_status fill_numbers(zf_crs *crs, zf_error *error) {
    PJ_CONTEXT *context = crs->proj.context;
    zf_crs_info *info = &crs->info;
    PJ *axes = proj_crs_get_coordinate_system(context, crs->horizontal);
    PJ *ellipsoid = proj_get_ellipsoid(context, crs->horizontal);
    zf_status status = ZF_OK;
    if (!axes || !ellipsoid ||
        !proj_cs_get_axis_info(context, axes, 0, NULL, NULL, NULL, &info->unit, NULL, NULL, NULL) ||
        !proj_ellipsoid_get_parameters(context, ellipsoid, &info->semi_major_m, NULL, NULL,
                                       &info->inverse_flattening) ||
        !(info->unit > 0) || !(info->semi_major_m > 0))
        status =
            zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_PROJ,
                         "cannot use the CRS '%s': its unit or ellipsoid is missing; " ADVICE, info->name);
    else
        info->is_geographic = proj_cs_get_type(context, axes) == PJ_CS_TYPE_ELLIPSOIDAL;
    if (status == ZF_OK)
        status = name_ellipsoid(crs, ellipsoid, error);
    proj_destroy(ellipsoid);
    proj_destroy(axes);
    return status;
}

/** Parses the definition, looks for its entry in the database, and fills info. */
static zf_status fill(zf_crs *crs, const char *definition, zf_error *error) {
    zf_status status = understand(crs, definition, error);
    if (status != ZF_OK)
        return status;
    PJ *entry = zf_crs_find_entry(&crs->proj, crs->horizontal);
    if (entry)
        adopt_entry(crs, entry);
    if (!crs->operand)
        return zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_PROJ, "cannot keep a CRS: no memory left");
    zf_proj_forget(&crs->proj);
    status = fill_strings(crs, entry != NULL, error);
    if (status == ZF_OK)
        status = fill_numbers(crs, error);
    if (status == ZF_OK)
        crs->visual = proj_normalize_for_visualization(crs->proj.context, crs->operand);
    return status;
}

/** An empty CRS. */
static zf_status allocate(zf_crs **out, zf_error *error) {
    *out = NULL;
    zf_crs *crs = calloc(1, sizeof *crs);
    if (!crs)
        return zf_error_memory(error, sizeof *crs, "a CRS");
    *out = crs;
    return ZF_OK;
}

zf_status zf_crs_create(const char *definition, zf_crs **out, zf_error *error) {
    zf_crs *crs;
    *out = NULL;
    zf_status status = allocate(&crs, error);
    if (status == ZF_OK)
        status = zf_proj_init(&crs->proj, error);
    if (status == ZF_OK)
        status = fill(crs, definition, error);
    if (status != ZF_OK) {
        zf_crs_destroy(crs);
        return status;
    }
    *out = crs;
    return ZF_OK;
}

zf_status zf_crs_create_planar(zf_crs **out, zf_error *error) {
    zf_status status = allocate(out, error);
    if (status != ZF_OK)
        return status;
    (*out)->info.name = "undefined (planar, metres)";
    (*out)->info.unit = 1;
    return ZF_OK;
}

const zf_crs_info *zf_crs_get_info(const zf_crs *crs) {
    return &crs->info;
}

bool zf_crs_is_same(const zf_crs *a, const zf_crs *b) {
    if (a == b || (!a->operand && !b->operand))
        return true;
    if (!a->operand || !b->operand)
        return false;
    zf_proj proj; /* its own context, because other threads may be using those of a and b */
    if (zf_proj_init(&proj, NULL) != ZF_OK)
        return false;
    bool is_same = zf_proj_is_equivalent(&proj, a->operand, b->operand) ||
                   (a->visual && b->visual && zf_proj_is_equivalent(&proj, a->visual, b->visual));
    zf_proj_deinit(&proj);
    return is_same;
}

void zf_crs_destroy(zf_crs *crs) {
    if (!crs)
        return;
    proj_destroy(crs->visual);
    proj_destroy(crs->horizontal);
    proj_destroy(crs->operand);
    zf_proj_deinit(&crs->proj);
    for (int i = 0; i < ZF_CRS_STRINGS; i++)
        free(crs->strings[i]);
    free(crs);
}
