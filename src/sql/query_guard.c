/* SPDX-License-Identifier: MIT */
/*
 * What a SELECT over building may do: read that table, and call functions whose answer depends on nothing but
 * their arguments and the EPSG's list of CRS. Functions are allowed by name, as for expressions: SpatiaLite
 * has 420 that read or write files, tables, its own settings or the network, every version brings more,
 * and other parts of the process may add functions to every connection. A new function that is harmless is
 * refused by its name until it stands here; the other way round a new harmful one would be let in without a
 * word.
 */
#include "sql/queries_internal.h"

#include <stdio.h>
#include <string.h>

/* Without ST_, which all of them may have in front. Not among them: what reads files or the network
 * (BlobFromFile, ImportSHP, XB_..., GeomFromExifGPSBlob), writes (ExportSHP, BlobToFile, AddGeometryColumn,
 * Topology), asks of tables (GetLayerExtent, CheckSpatialIndex), changes how others answer
 * (BufferOptions_..., SetDecimalPrecision, EnableTinyPoint, Proj_SetDatabasePath), tells of earlier calls
 * (GEOS_GetLastErrorMsg), of this machine (versions), or what nobody can foresee (CreateUUID); and eval,
 * load_extension, sqlproc and stored procedures. */
static const char *const spatial_functions[] = {
    /* clang-format off */
    "3ddistance", "3dlength", "3dmaxdistance", "addmeasure", "addpoint", "area", "asbinary",
    "asencodedpolyline", "asewkb", "asewkt", "asfgf", "asgeojson", "asgml", "asgpb", "askml",
    "assvg", "astext", "astwkb", "aswkt", "asx3d", "atm_astext", "atm_create", "atm_createrotate",
    "atm_createscale", "atm_createtranslate", "atm_createxroll", "atm_createyroll",
    "atm_createzroll", "atm_determinant", "atm_invert", "atm_isinvertible", "atm_isvalid",
    "atm_multiply", "atm_rotate", "atm_scale", "atm_transform", "atm_translate", "atm_xroll",
    "atm_yroll", "atm_zroll", "azimuth", "bdmpolyfromtext", "bdmpolyfromwkb", "bdpolyfromtext",
    "bdpolyfromwkb", "boundary", "buffer", "buildarea", "buildcirclembr", "buildmbr", "castautomagic",
    "casttoblob",
    "casttodouble", "casttogeometrycollection", "casttointeger", "casttolinestring", "casttomulti",
    "casttomultilinestring", "casttomultipoint", "casttomultipolygon", "casttopoint",
    "casttopolygon", "casttosingle", "casttotext", "casttoxy", "casttoxym", "casttoxyz",
    "casttoxyzm", "centroid", "circularity", "closestpoint", "collect", "collectionextract",
    "compressgeometry", "concavehull", "contains", "convexhull", "coorddimension", "cot",
    "coveredby", "covers", "crosses", "curvosityindex", "cvtfromch", "cvtfromcm", "cvtfromdm",
    "cvtfromfath", "cvtfromft", "cvtfromin", "cvtfromindch", "cvtfromindft", "cvtfromindyd",
    "cvtfromkm", "cvtfromkmi", "cvtfromlink", "cvtfrommi", "cvtfrommm", "cvtfromusch",
    "cvtfromusft", "cvtfromusin", "cvtfromusmi", "cvtfromusyd", "cvtfromyd", "cvttoch", "cvttocm",
    "cvttodm", "cvttofath", "cvttoft", "cvttoin", "cvttoindch", "cvttoindft", "cvttoindyd",
    "cvttokm", "cvttokmi", "cvttolink", "cvttomi", "cvttomm", "cvttousch", "cvttousft", "cvttousin",
    "cvttousmi", "cvttousyd", "cvttoyd", "decodeurl", "delaunaytriangulation", "difference",
    "dimension", "disjoint", "dissolvepoints", "dissolvesegments", "distance", "downhillheight",
    "drapeline", "drapelineexceptions", "encodeurl", "endpoint", "ensureclosedrings", "envelope",
    "envelopesintersects", "envintersects", "equals", "expand", "extent", "exteriorring",
    "extractmultilinestring", "extractmultipoint", "extractmultipolygon", "forcelhr",
    "forcepolygonccw", "forcepolygoncw", "frechetdistance", "garsmbr", "gcp2atm", "gcp_astext",
    "gcp_compute", "gcp_isvalid", "gcp_transform", "generalize", "geodesicarcarea",
    "geodesicarcheight", "geodesicarclength", "geodesiccentralangle", "geodesicchordlength",
    "geodesiclength", "geohash", "geomcollfromtext", "geomcollfromwkb",
    "geometrycollectionfromtext", "geometrycollectionfromwkb", "geometryfromtext",
    "geometryfromwkb", "geometryn", "geometrytype", "geomfromewkb", "geomfromewkt", "geomfromfgf",
    "geomfromgeojson", "geomfromgml", "geomfromgpb", "geomfromkml", "geomfromtext", "geomfromtwkb",
    "geomfromwkb", "glength", "greatcirclelength", "gunion", "hausdorffdistance", "hexagonalgrid",
    "interiorringn", "interpolatepoint", "intersection", "intersects", "is3d", "isclosed",
    "iscompressedgeometryblob", "isdecimalnumber", "isempty", "isgeometryblob", "isinteger",
    "islowascii", "ismeasured", "isnumber", "ispolygonccw", "ispolygoncw", "isring", "issimple",
    "isvalid", "isvaliddetail", "isvalidreason", "isvalidtrajectory", "latitudefromdms", "length",
    "line_interpolate_equidistant_points", "line_interpolate_point", "line_locate_point",
    "line_substring", "linefromencodedpolyline", "linefromtext", "linefromwkb", "linemerge",
    "linescutatnodes", "linesfromrings", "linestringavgsegmentlength", "linestringfromtext",
    "linestringfromwkb", "linestringmaxsegmentlength", "linestringminsegmentlength",
    "locate_along_measure", "locate_between_measures", "locatealong", "locatebetween",
    "longitudefromdms", "longlattodms", "m", "makearc", "makecircle", "makecircularsector",
    "makecircularstripe", "makeellipse", "makeellipticarc", "makeellipticsector", "makeline",
    "makepoint", "makepointm", "makepointz", "makepointzm", "makepolygon", "makestringlist",
    "makevalid", "makevaliddiscarded", "maxdistance", "maxm", "maxx", "maxy", "maxz", "mbrcontains",
    "mbrdisjoint", "mbrequal", "mbrintersects", "mbrmaxx", "mbrmaxy", "mbrminx", "mbrminy",
    "mbroverlaps", "mbrtouches", "mbrwithin", "md5checksum", "minm", "minx", "miny", "minz",
    "mlinefromtext", "mlinefromwkb", "mpointfromtext", "mpointfromwkb", "mpolyfromtext",
    "mpolyfromwkb", "multi", "multilinestringfromtext", "multilinestringfromwkb",
    "multipointfromtext", "multipointfromwkb", "multipolygonfromtext", "multipolygonfromwkb",
    "ndims", "node", "normalizelonlat", "npoints", "nrings", "numgeometries", "numinteriorring",
    "numinteriorrings", "numpoints", "offsetcurve", "overlaps", "perimeter", "point",
    "pointfromtext", "pointfromwkb", "pointn", "pointonsurface", "polyfromtext", "polyfromwkb",
    "polygonfromtext", "polygonfromwkb", "polygonize", "project", "ptdistwithin",
    "reflectcoordinates", "reflectcoords", "relate", "relatematch", "removeextraspaces", "removepoint",
    "removerepeatedpoints", "reverse", "ringscutatnodes", "rotatecoordinates", "rotatecoords",
    "sanitizegeometry", "scalecoordinates", "scalecoords", "segmentize", "selfintersections",
    "setendpoint", "setpoint", "setsrid", "setstartpoint", "sharedpaths", "shift_longitude",
    "shiftcoordinates", "shiftcoords", "shortestline", "simplify", "simplifypreservetopology",
    "singlesidedbuffer", "snap", "snapandsplit", "snaptogrid", "split", "splitleft", "splitright",
    "squaregrid", "srid", "sridfromauthcrs", "sridgetaxis_1_name", "sridgetaxis_1_orientation",
    "sridgetaxis_2_name", "sridgetaxis_2_orientation", "sridgetdatum", "sridgetellipsoid",
    "sridgetprimemeridian", "sridgetprojection", "sridgetspheroid", "sridgetunit",
    "sridhasflippedaxes", "sridisgeographic", "sridisprojected", "startpoint", "stddev_pop",
    "stddev_samp", "subdivide", "swapcoordinates", "swapcoords", "symdifference", "togars",
    "touches", "trajectoryinterpolatepoint", "transform", "transformxy", "transformxyz",
    "translate", "triangulargrid", "unaryunion", "uncompressgeometry", "union", "updownheight",
    "uphillheight", "var_pop", "var_samp", "voronojdiagram", "within", "wkbtosql", "wkttosql", "x",
    "y", "z" /* clang-format on */
};
enum { N_SPATIAL_FUNCTIONS = sizeof spatial_functions / sizeof *spatial_functions };

static const char *without_st(const char *name) {
    return sqlite3_strnicmp(name, "st_", 3) == 0 ? name + 3 : name;
}

static bool is_spatial(const char *name) {
    for (size_t i = 0; i < N_SPATIAL_FUNCTIONS; i++)
        if (zf_string_equal_nocase(without_st(name), spatial_functions[i]))
            return true;
    return false;
}

const char *zf_query_nearest_function(const char *name) {
    return zf_string_nearest(without_st(name), spatial_functions, N_SPATIAL_FUNCTIONS);
}

/* The first thing is said; `culprit` is a word of the text. */
ZF_PRINTF(3, 4) static int refuse(zf_queries *q, const char *culprit, const char *format, ...) {
    if (q->refusal[0] != '\0')
        return SQLITE_DENY;
    va_list values;
    va_start(values, format);
    vsnprintf(q->refusal, sizeof q->refusal, format, values);
    va_end(values);
    snprintf(q->culprit, sizeof q->culprit, "%s", culprit != NULL ? culprit : "");
    return SQLITE_DENY;
}

static int judge_function(zf_queries *q, const char *name) {
    if (zf_is_pure_function(name) || zf_is_pure_aggregate(name) || is_spatial(name))
        return SQLITE_OK;
    if (zf_is_clock(name))
        return refuse(
            q, name,
            "%s asks for the present time, and the result must not depend on when it is made: write "
            "the date itself",
            name);
    return refuse(q, name,
                  "the function %s() is not allowed: only those whose answer depends on nothing but their "
                  "arguments are",
                  name);
}

static bool is_table(const zf_queries *q, const char *name) {
    static const char *const families[] = {"sqlite_", "pragma_"};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (sqlite3_strnicmp(name, families[i], (int)strlen(families[i])) == 0)
            return true;
    for (size_t i = 0; i < q->n_tables; i++)
        if (zf_string_equal_nocase(name, q->tables[i]))
            return true;
    return false;
}

static int note_column(zf_queries *q, const char *name) {
    if (zf_string_equal_nocase(name, ZF_GEOMETRY_COLUMN)) {
        q->uses_geometry = true;
        return SQLITE_OK;
    }
    for (size_t c = 0; c < q->n_columns; c++)
        if (!q->is_hidden[c] && zf_string_equal_nocase(q->columns[c].name, name)) {
            q->is_used[c] = true;
            return SQLITE_OK;
        }
    return SQLITE_OK; /* ROWID: the place of the building in its ZIP */
}

/* A name without a column is a table that is only counted, or one that the text itself makes by WITH. */
static int judge_table(zf_queries *q, const char *table, const char *column) {
    const bool has_column = column != NULL && column[0] != '\0';
    if (table == NULL)
        return refuse(q, NULL, "it reads something else than the table building");
    if (zf_string_equal_nocase(table, "building"))
        return has_column ? note_column(q, column) : SQLITE_OK;
    if (!has_column && !is_table(q, table))
        return SQLITE_OK;
    return refuse(q, table, "it reads the table %s: building is the only table there is", table);
}

int zf_query_guard(void *user, int action, const char *a, const char *b, const char *database,
                   const char *trigger) {
    zf_queries *q = user;
    (void)database, (void)trigger;
    if (q->mode == ZF_QUERY_OWN)
        return SQLITE_OK;
    const bool is_strict = q->mode == ZF_QUERY_COMPILE;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return is_strict ? judge_function(q, b) : SQLITE_OK;
    case SQLITE_READ:
        return is_strict ? judge_table(q, a, b) : SQLITE_OK;
    default:
        return refuse(q, NULL,
                      "it does more than a SELECT may: it must only read the table building, without PRAGMA, "
                      "ATTACH, table "
                      "functions such as json_each, or writing");
    }
}
