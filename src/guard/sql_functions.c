/* SPDX-License-Identifier: MIT */
#include "guard/sql_functions.h"

#include "base/base.h"

#include <sqlite3.h>
#include <string.h>

typedef struct scalar_function {
    const char *name;
    zf_returns returns;
} scalar_function;

/* clang-format off */
static const scalar_function scalars[] = {
    /* core */
    {"abs", ZF_RETURNS_NUMBER}, {"char", ZF_RETURNS_TEXT}, {"coalesce", ZF_RETURNS_JOINED},
    {"concat", ZF_RETURNS_TEXT}, {"concat_ws", ZF_RETURNS_TEXT}, {"format", ZF_RETURNS_TEXT},
    {"glob", ZF_RETURNS_INTEGER}, {"hex", ZF_RETURNS_TEXT}, {"if", ZF_RETURNS_BRANCH},
    {"ifnull", ZF_RETURNS_JOINED}, {"iif", ZF_RETURNS_BRANCH}, {"instr", ZF_RETURNS_INTEGER},
    {"length", ZF_RETURNS_INTEGER}, {"like", ZF_RETURNS_INTEGER}, {"likelihood", ZF_RETURNS_FIRST},
    {"likely", ZF_RETURNS_FIRST}, {"lower", ZF_RETURNS_TEXT}, {"ltrim", ZF_RETURNS_TEXT},
    {"max", ZF_RETURNS_JOINED}, {"min", ZF_RETURNS_JOINED}, {"nullif", ZF_RETURNS_FIRST},
    {"octet_length", ZF_RETURNS_INTEGER}, {"printf", ZF_RETURNS_TEXT}, {"quote", ZF_RETURNS_TEXT},
    {"replace", ZF_RETURNS_TEXT}, {"round", ZF_RETURNS_REAL}, {"rtrim", ZF_RETURNS_TEXT},
    {"sign", ZF_RETURNS_INTEGER}, {"soundex", ZF_RETURNS_TEXT}, {"substr", ZF_RETURNS_PART},
    {"substring", ZF_RETURNS_PART}, {"trim", ZF_RETURNS_TEXT}, {"typeof", ZF_RETURNS_TEXT},
    {"unhex", ZF_RETURNS_BLOB}, {"unicode", ZF_RETURNS_INTEGER}, {"unistr", ZF_RETURNS_TEXT},
    {"unistr_quote", ZF_RETURNS_TEXT}, {"unlikely", ZF_RETURNS_FIRST}, {"upper", ZF_RETURNS_TEXT},
    {"zeroblob", ZF_RETURNS_BLOB},
    /* zonefold's own, of expressions */
    {"metres", ZF_RETURNS_REAL}, {"number", ZF_RETURNS_REAL},
    /* mathematics */
    {"acos", ZF_RETURNS_REAL}, {"acosh", ZF_RETURNS_REAL}, {"asin", ZF_RETURNS_REAL},
    {"asinh", ZF_RETURNS_REAL}, {"atan", ZF_RETURNS_REAL}, {"atan2", ZF_RETURNS_REAL},
    {"atanh", ZF_RETURNS_REAL}, {"ceil", ZF_RETURNS_NUMBER}, {"ceiling", ZF_RETURNS_NUMBER},
    {"cos", ZF_RETURNS_REAL}, {"cosh", ZF_RETURNS_REAL}, {"degrees", ZF_RETURNS_REAL},
    {"exp", ZF_RETURNS_REAL}, {"floor", ZF_RETURNS_NUMBER}, {"ln", ZF_RETURNS_REAL},
    {"log", ZF_RETURNS_REAL}, {"log10", ZF_RETURNS_REAL}, {"log2", ZF_RETURNS_REAL},
    {"mod", ZF_RETURNS_REAL}, {"pi", ZF_RETURNS_REAL}, {"pow", ZF_RETURNS_REAL},
    {"power", ZF_RETURNS_REAL}, {"radians", ZF_RETURNS_REAL}, {"sin", ZF_RETURNS_REAL},
    {"sinh", ZF_RETURNS_REAL}, {"sqrt", ZF_RETURNS_REAL}, {"tan", ZF_RETURNS_REAL},
    {"tanh", ZF_RETURNS_REAL}, {"trunc", ZF_RETURNS_NUMBER},
    /* dates: safe_functions.c replaces them */
    {"date", ZF_RETURNS_TEXT}, {"datetime", ZF_RETURNS_TEXT}, {"julianday", ZF_RETURNS_REAL},
    {"strftime", ZF_RETURNS_TEXT}, {"time", ZF_RETURNS_TEXT}, {"timediff", ZF_RETURNS_TEXT},
    {"unixepoch", ZF_RETURNS_UNIXEPOCH},
    /* JSON */
    {"->", ZF_RETURNS_TEXT}, {"->>", ZF_RETURNS_ANY}, {"json", ZF_RETURNS_TEXT},
    {"json_array", ZF_RETURNS_TEXT}, {"json_array_length", ZF_RETURNS_INTEGER},
    {"json_error_position", ZF_RETURNS_INTEGER}, {"json_extract", ZF_RETURNS_ANY},
    {"json_insert", ZF_RETURNS_TEXT}, {"json_object", ZF_RETURNS_TEXT}, {"json_patch", ZF_RETURNS_TEXT},
    {"json_pretty", ZF_RETURNS_TEXT}, {"json_quote", ZF_RETURNS_TEXT}, {"json_remove", ZF_RETURNS_TEXT},
    {"json_replace", ZF_RETURNS_TEXT}, {"json_set", ZF_RETURNS_TEXT}, {"json_type", ZF_RETURNS_TEXT},
    {"json_valid", ZF_RETURNS_INTEGER}
};

static const char *const aggregates[] = {
    "avg", "count", "cume_dist", "dense_rank", "first_value", "group_concat", "json_group_array",
    "json_group_object", "lag", "last_value", "lead", "median", "nth_value", "ntile", "percent_rank",
    "rank", "row_number", "string_agg", "sum", "total"
};

/* Without ST_, which all of them may have in front. Left out is what reads files or the network (BlobFromFile,
 * ImportSHP, XB_..., GeomFromExifGPSBlob), writes (ExportSHP, BlobToFile, AddGeometryColumn, Topology), reads
 * tables (GetLayerExtent, CheckSpatialIndex), changes the results of other functions (BufferOptions_...,
 * SetDecimalPrecision, EnableTinyPoint, Proj_SetDatabasePath), reports on earlier calls (GEOS_GetLastErrorMsg)
 * or on this machine (versions), or is random (CreateUUID); and eval, load_extension, sqlproc and stored
 * procedures. */
static const char *const spatials[] = {
    "3ddistance", "3dlength", "3dmaxdistance", "addmeasure", "addpoint", "area", "asbinary",
    "asencodedpolyline", "asewkb", "asewkt", "asfgf", "asgeojson", "asgml", "asgpb", "askml", "assvg",
    "astext", "astwkb", "aswkt", "asx3d", "atm_astext", "atm_create", "atm_createrotate",
    "atm_createscale", "atm_createtranslate", "atm_createxroll", "atm_createyroll", "atm_createzroll",
    "atm_determinant", "atm_invert", "atm_isinvertible", "atm_isvalid", "atm_multiply", "atm_rotate",
    "atm_scale", "atm_transform", "atm_translate", "atm_xroll", "atm_yroll", "atm_zroll", "azimuth",
    "bdmpolyfromtext", "bdmpolyfromwkb", "bdpolyfromtext", "bdpolyfromwkb", "boundary", "buffer",
    "buildarea", "buildcirclembr", "buildmbr", "castautomagic", "casttoblob", "casttodouble",
    "casttogeometrycollection", "casttointeger", "casttolinestring", "casttomulti",
    "casttomultilinestring", "casttomultipoint", "casttomultipolygon", "casttopoint", "casttopolygon",
    "casttosingle", "casttotext", "casttoxy", "casttoxym", "casttoxyz", "casttoxyzm", "centroid",
    "circularity", "closestpoint", "collect", "collectionextract", "compressgeometry", "concavehull",
    "contains", "convexhull", "coorddimension", "cot", "coveredby", "covers", "crosses", "curvosityindex",
    "cvtfromch", "cvtfromcm", "cvtfromdm", "cvtfromfath", "cvtfromft", "cvtfromin", "cvtfromindch",
    "cvtfromindft", "cvtfromindyd", "cvtfromkm", "cvtfromkmi", "cvtfromlink", "cvtfrommi", "cvtfrommm",
    "cvtfromusch", "cvtfromusft", "cvtfromusin", "cvtfromusmi", "cvtfromusyd", "cvtfromyd", "cvttoch",
    "cvttocm", "cvttodm", "cvttofath", "cvttoft", "cvttoin", "cvttoindch", "cvttoindft", "cvttoindyd",
    "cvttokm", "cvttokmi", "cvttolink", "cvttomi", "cvttomm", "cvttousch", "cvttousft", "cvttousin",
    "cvttousmi", "cvttousyd", "cvttoyd", "decodeurl", "delaunaytriangulation", "difference", "dimension",
    "disjoint", "dissolvepoints", "dissolvesegments", "distance", "downhillheight", "drapeline",
    "drapelineexceptions", "encodeurl", "endpoint", "ensureclosedrings", "envelope", "envelopesintersects",
    "envintersects", "equals", "expand", "extent", "exteriorring", "extractmultilinestring",
    "extractmultipoint", "extractmultipolygon", "forcelhr", "forcepolygonccw", "forcepolygoncw",
    "frechetdistance", "garsmbr", "gcp2atm", "gcp_astext", "gcp_compute", "gcp_isvalid", "gcp_transform",
    "generalize", "geodesicarcarea", "geodesicarcheight", "geodesicarclength", "geodesiccentralangle",
    "geodesicchordlength", "geodesiclength", "geohash", "geomcollfromtext", "geomcollfromwkb",
    "geometrycollectionfromtext", "geometrycollectionfromwkb", "geometryfromtext", "geometryfromwkb",
    "geometryn", "geometrytype", "geomfromewkb", "geomfromewkt", "geomfromfgf", "geomfromgeojson",
    "geomfromgml", "geomfromgpb", "geomfromkml", "geomfromtext", "geomfromtwkb", "geomfromwkb", "glength",
    "greatcirclelength", "gunion", "hausdorffdistance", "hexagonalgrid", "interiorringn",
    "interpolatepoint", "intersection", "intersects", "is3d", "isclosed", "iscompressedgeometryblob",
    "isdecimalnumber", "isempty", "isgeometryblob", "isinteger", "islowascii", "ismeasured", "isnumber",
    "ispolygonccw", "ispolygoncw", "isring", "issimple", "isvalid", "isvaliddetail", "isvalidreason",
    "isvalidtrajectory", "latitudefromdms", "length", "line_interpolate_equidistant_points",
    "line_interpolate_point", "line_locate_point", "line_substring", "linefromencodedpolyline",
    "linefromtext", "linefromwkb", "linemerge", "linescutatnodes", "linesfromrings",
    "linestringavgsegmentlength", "linestringfromtext", "linestringfromwkb", "linestringmaxsegmentlength",
    "linestringminsegmentlength", "locate_along_measure", "locate_between_measures", "locatealong",
    "locatebetween", "longitudefromdms", "longlattodms", "m", "makearc", "makecircle",
    "makecircularsector", "makecircularstripe", "makeellipse", "makeellipticarc", "makeellipticsector",
    "makeline", "makepoint", "makepointm", "makepointz", "makepointzm", "makepolygon", "makestringlist",
    "makevalid", "makevaliddiscarded", "maxdistance", "maxm", "maxx", "maxy", "maxz", "mbrcontains",
    "mbrdisjoint", "mbrequal", "mbrintersects", "mbrmaxx", "mbrmaxy", "mbrminx", "mbrminy", "mbroverlaps",
    "mbrtouches", "mbrwithin", "md5checksum", "minm", "minx", "miny", "minz", "mlinefromtext",
    "mlinefromwkb", "mpointfromtext", "mpointfromwkb", "mpolyfromtext", "mpolyfromwkb", "multi",
    "multilinestringfromtext", "multilinestringfromwkb", "multipointfromtext", "multipointfromwkb",
    "multipolygonfromtext", "multipolygonfromwkb", "ndims", "node", "normalizelonlat", "npoints", "nrings",
    "numgeometries", "numinteriorring", "numinteriorrings", "numpoints", "offsetcurve", "overlaps",
    "perimeter", "point", "pointfromtext", "pointfromwkb", "pointn", "pointonsurface", "polyfromtext",
    "polyfromwkb", "polygonfromtext", "polygonfromwkb", "polygonize", "project", "ptdistwithin",
    "reflectcoordinates", "reflectcoords", "relate", "relatematch", "removeextraspaces", "removepoint",
    "removerepeatedpoints", "reverse", "ringscutatnodes", "rotatecoordinates", "rotatecoords",
    "sanitizegeometry", "scalecoordinates", "scalecoords", "segmentize", "selfintersections",
    "setendpoint", "setpoint", "setsrid", "setstartpoint", "sharedpaths", "shift_longitude",
    "shiftcoordinates", "shiftcoords", "shortestline", "simplify", "simplifypreservetopology",
    "singlesidedbuffer", "snap", "snapandsplit", "snaptogrid", "split", "splitleft", "splitright",
    "squaregrid", "srid", "sridfromauthcrs", "sridgetaxis_1_name", "sridgetaxis_1_orientation",
    "sridgetaxis_2_name", "sridgetaxis_2_orientation", "sridgetdatum", "sridgetellipsoid",
    "sridgetprimemeridian", "sridgetprojection", "sridgetspheroid", "sridgetunit", "sridhasflippedaxes",
    "sridisgeographic", "sridisprojected", "startpoint", "stddev_pop", "stddev_samp", "subdivide",
    "swapcoordinates", "swapcoords", "symdifference", "togars", "touches", "trajectoryinterpolatepoint",
    "transform", "transformxy", "transformxyz", "translate", "triangulargrid", "unaryunion",
    "uncompressgeometry", "union", "updownheight", "uphillheight", "var_pop", "var_samp", "voronojdiagram",
    "within", "wkbtosql", "wkttosql", "x", "y", "z"
};
/* clang-format on */

static const char *const clocks[] = {"current_date", "current_time", "current_timestamp"};

enum {
    N_SCALARS = sizeof scalars / sizeof *scalars,
    N_AGGREGATES = sizeof aggregates / sizeof *aggregates,
    N_SPATIALS = sizeof spatials / sizeof *spatials,
    N_CLOCKS = sizeof clocks / sizeof *clocks,
};

static const scalar_function *find_scalar(const char *name, size_t n) {
    for (size_t i = 0; i < N_SCALARS; i++)
        if (strlen(scalars[i].name) == n && sqlite3_strnicmp(scalars[i].name, name, (int)n) == 0)
            return &scalars[i];
    return NULL;
}

static const char *without_st(const char *name) {
    return sqlite3_strnicmp(name, "st_", 3) == 0 ? name + 3 : name;
}

zf_function_kind zf_sql_function_kind_of(const char *name) {
    if (find_scalar(name, strlen(name)) != NULL)
        return ZF_FUNCTION_SCALAR;
    if (zf_string_is_among_nocase(name, aggregates, N_AGGREGATES))
        return ZF_FUNCTION_AGGREGATE;
    if (zf_string_is_among_nocase(name, clocks, N_CLOCKS))
        return ZF_FUNCTION_CLOCK;
    return zf_string_is_among_nocase(without_st(name), spatials, N_SPATIALS) ? ZF_FUNCTION_SPATIAL
                                                                             : ZF_FUNCTION_OTHER;
}

zf_returns zf_sql_function_returns(const char *name, size_t n) {
    const scalar_function *found = find_scalar(name, n);
    return found != NULL ? found->returns : ZF_RETURNS_ANY;
}

const char *zf_sql_function_nearest(zf_function_kind kind, const char *name) {
    const char *names[N_SCALARS];
    if (kind == ZF_FUNCTION_SPATIAL)
        return zf_string_nearest(without_st(name), spatials, N_SPATIALS);
    for (size_t i = 0; i < N_SCALARS; i++)
        names[i] = scalars[i].name;
    return zf_string_nearest(name, names, N_SCALARS);
}
