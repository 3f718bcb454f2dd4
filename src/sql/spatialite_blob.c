/* SPDX-License-Identifier: MIT */
/* SpatiaLite geometry blobs from WKB views, in one buffer that is reused from row to row. */
#include "sql/spatialite_blob.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOB_START = 0x00,
    BLOB_LITTLE_ENDIAN = 0x01,
    BLOB_MBR_END = 0x7C,
    BLOB_ENTITY = 0x69,
    BLOB_END = 0xFE,
    TYPE_POINT = 1,
    TYPE_LINESTRING = 2,
    TYPE_POLYGON = 3,
    TYPE_MULTIPOINT = 4,
    TYPE_MULTILINESTRING = 5,
    TYPE_MULTIPOLYGON = 6,
    TYPE_COLLECTION = 7,
    HEADER_BYTES = 2 + 4 + 32 + 1 + 4,
    POLYGON_BYTES = 1 + 4 + 4,
    POINT_BYTES = 16,
    MBR_AT = 6,
    MBR_END_AT = 38,
    TYPE_AT = 39,
    LEAST_BYTES = 60,
    TO_MULTI = 3,        /**< from the type of a geometry to that of its multi-geometry */
    COMPRESSED = 1000000 /**< is added to the type of compressed line strings and polygons */
};

static zf_status reserve(zf_spatialite_blob *blob, size_t n, zf_error *error) {
    if (n <= blob->cap)
        return ZF_OK;
    size_t cap = n + n / 2;
    uint8_t *bytes = realloc(blob->bytes, cap);
    if (bytes == NULL)
        return zf_error_memory(error, cap, "a geometry to write");
    blob->bytes = bytes;
    blob->cap = cap;
    return ZF_OK;
}

static void put_byte(zf_spatialite_blob *blob, uint8_t byte) {
    blob->bytes[blob->n++] = byte;
}

static void set_u32(zf_spatialite_blob *blob, size_t at, uint32_t number) {
    for (unsigned i = 0; i < 4; i++)
        blob->bytes[at + i] = (uint8_t)(number >> (8 * i));
}

static void put_u32(zf_spatialite_blob *blob, uint32_t number) {
    set_u32(blob, blob->n, number);
    blob->n += 4;
}

/* WKB views and these blobs are both little-endian, and so is every machine zonefold runs on (zf_ring_point).
 */
static void put_double(zf_spatialite_blob *blob, double number) {
    memcpy(blob->bytes + blob->n, &number, sizeof number);
    blob->n += sizeof number;
}

static void put_header(zf_spatialite_blob *blob, int32_t srid, const zf_envelope *mbr, uint32_t type) {
    blob->n = 0;
    put_byte(blob, BLOB_START);
    put_byte(blob, BLOB_LITTLE_ENDIAN);
    put_u32(blob, (uint32_t)srid);
    put_double(blob, mbr->min_x);
    put_double(blob, mbr->min_y);
    put_double(blob, mbr->max_x);
    put_double(blob, mbr->max_y);
    put_byte(blob, BLOB_MBR_END);
    put_u32(blob, type);
}

static void put_points(zf_spatialite_blob *blob, const zf_ring *ring) {
    put_u32(blob, ring->n);
    if (ring->stride_bytes == POINT_BYTES) {
        memcpy(blob->bytes + blob->n, ring->xy, (size_t)ring->n * POINT_BYTES);
        blob->n += (size_t)ring->n * POINT_BYTES;
        return;
    }
    for (uint32_t i = 0; i < ring->n; i++) {
        memcpy(blob->bytes + blob->n, ring->xy + i * ring->stride_bytes, POINT_BYTES);
        blob->n += POINT_BYTES;
    }
}

/* Members whose shell is empty have no place in a blob: SpatiaLite knows no empty polygon. */
static void put_polygons(zf_spatialite_blob *blob, const zf_wkb *wkb) {
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    zf_ring ring;
    const size_t count_at = blob->n;
    size_t rings_at = 0;
    uint32_t n_polygons = 0;
    uint32_t n_rings = 0;
    put_u32(blob, 0);
    while (zf_wkb_next_ring(&cursor, &ring)) {
        if (ring.is_shell)
            n_rings = 0;
        if (ring.n == 0 || (n_rings == 0 && !ring.is_shell))
            continue;
        if (ring.is_shell) {
            put_byte(blob, BLOB_ENTITY);
            put_u32(blob, TYPE_POLYGON);
            rings_at = blob->n;
            put_u32(blob, 0);
            n_polygons++;
        }
        set_u32(blob, rings_at, ++n_rings);
        put_points(blob, &ring);
    }
    set_u32(blob, count_at, n_polygons);
}

zf_status zf_spatialite_blob_polygons(zf_spatialite_blob *blob, int32_t srid, zf_bytes wkb,
                                      zf_envelope *out_envelope, zf_error *error) {
    zf_wkb view;
    zf_wkb_kind kind = zf_wkb_open(wkb.bytes, wkb.n, &view);
    blob->n = 0;
    *out_envelope = zf_envelope_empty();
    if (kind == ZF_WKB_EMPTY)
        return ZF_OK;
    if (kind != ZF_WKB_POLYGONAL)
        return zf_error_set(
            error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
            "cannot write a geometry that is not a whole little-endian polygon or multipolygon");
    if (view.has_non_finite)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                            "cannot write a geometry with coordinates that are not finite");
    size_t most = HEADER_BYTES + 4 + (size_t)view.n_polygons * POLYGON_BYTES + (size_t)view.n_rings * 4 +
                  view.n_points * POINT_BYTES + 1;
    zf_status status = reserve(blob, most, error);
    if (status != ZF_OK)
        return status;
    *out_envelope = view.envelope;
    put_header(blob, srid, &view.envelope, TYPE_MULTIPOLYGON);
    put_polygons(blob, &view);
    put_byte(blob, BLOB_END);
    return ZF_OK;
}

/** Writes the members of a MULTIPOINT or MULTILINESTRING. */
static void put_paths(zf_spatialite_blob *blob, const zf_wkb *wkb) {
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    const size_t count_at = blob->n;
    uint32_t n = 0;
    put_u32(blob, 0);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        if (ring.n == 0)
            continue;
        put_byte(blob, BLOB_ENTITY);
        put_u32(blob, wkb->dimension == 0 ? TYPE_POINT : TYPE_LINESTRING);
        put_points(blob, &ring);
        if (wkb->dimension == 0) { /* a point has no count */
            memmove(blob->bytes + blob->n - POINT_BYTES - 4, blob->bytes + blob->n - POINT_BYTES,
                    POINT_BYTES);
            blob->n -= 4;
        }
        n++;
    }
    set_u32(blob, count_at, n);
}

zf_status zf_spatialite_blob_any(zf_spatialite_blob *blob, int32_t srid, zf_bytes wkb, bool is_single,
                                 zf_envelope *out_envelope, unsigned *out_type, zf_error *error) {
    zf_wkb view;
    zf_wkb_kind kind = zf_wkb_open_any(wkb.bytes, wkb.n, &view);
    *out_type = TYPE_MULTIPOLYGON;
    if (kind != ZF_WKB_PUNTAL && kind != ZF_WKB_LINEAL)
        return zf_spatialite_blob_polygons(blob, srid, wkb, out_envelope, error);
    *out_envelope = view.envelope;
    *out_type = kind == ZF_WKB_LINEAL             ? TYPE_MULTILINESTRING
                : is_single && view.n_points == 1 ? TYPE_POINT
                                                  : TYPE_MULTIPOINT;
    if (*out_type == TYPE_POINT)
        return zf_spatialite_blob_point(blob, srid, view.envelope.min_x, view.envelope.min_y, error);
    size_t most = HEADER_BYTES + 4 + (size_t)view.n_rings * POLYGON_BYTES + view.n_points * POINT_BYTES + 1;
    zf_status status = reserve(blob, most, error);
    if (status != ZF_OK)
        return status;
    put_header(blob, srid, &view.envelope, *out_type);
    put_paths(blob, &view);
    put_byte(blob, BLOB_END);
    return ZF_OK;
}

zf_status zf_spatialite_blob_point(zf_spatialite_blob *blob, int32_t srid, double x, double y,
                                   zf_error *error) {
    const zf_envelope mbr = {x, y, x, y};
    zf_status status = reserve(blob, HEADER_BYTES + POINT_BYTES + 1, error);
    if (status != ZF_OK)
        return status;
    put_header(blob, srid, &mbr, TYPE_POINT);
    put_double(blob, x);
    put_double(blob, y);
    put_byte(blob, BLOB_END);
    return ZF_OK;
}

static uint32_t read_u32(const uint8_t *at, bool is_little) {
    uint32_t number = 0;
    for (unsigned i = 0; i < 4; i++)
        number |= (uint32_t)at[is_little ? i : 3 - i] << (8 * i);
    return number;
}

static double read_double(const uint8_t *at, bool is_little) {
    uint8_t bytes[8];
    double number;
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = at[is_little ? i : 7 - i];
    memcpy(&number, bytes, sizeof number);
    return number;
}

bool zf_spatialite_header_read(zf_bytes blob, zf_spatialite_header *out) {
    const uint8_t *at = blob.bytes;
    if (blob.n < LEAST_BYTES || at[0] != BLOB_START || at[1] > BLOB_LITTLE_ENDIAN ||
        at[MBR_END_AT] != BLOB_MBR_END || at[blob.n - 1] != BLOB_END)
        return false;
    const bool is_little = at[1] == BLOB_LITTLE_ENDIAN;
    const uint32_t type = read_u32(at + TYPE_AT, is_little) % COMPRESSED;
    *out = (zf_spatialite_header){
        .srid = (int32_t)read_u32(at + 2, is_little),
        .type = type % 1000,
        .dimensions = type / 1000,
        .envelope = {read_double(at + MBR_AT, is_little), read_double(at + MBR_AT + 8, is_little),
                     read_double(at + MBR_AT + 16, is_little), read_double(at + MBR_AT + 24, is_little)}};
    const zf_envelope *box = &out->envelope;
    return out->type >= 1 && out->type <= 7 && out->dimensions <= 3 && isfinite(box->min_x) &&
           isfinite(box->min_y) && isfinite(box->max_x) && isfinite(box->max_y);
}

static void append_u32(zf_text *out, uint32_t number, bool is_little) {
    char bytes[4];
    for (unsigned i = 0; i < 4; i++)
        bytes[is_little ? i : 3 - i] = (char)(number >> (8 * i) & 0xFF);
    zf_text_append_n(out, bytes, sizeof bytes);
}

/* A member may be compressed, the multi-geometry never is. */
void zf_spatialite_promote(zf_bytes blob, zf_text *out) {
    const char entity = (char)BLOB_ENTITY;
    const bool is_little = blob.bytes[1] == BLOB_LITTLE_ENDIAN;
    const uint32_t type = read_u32(blob.bytes + TYPE_AT, is_little);
    zf_text_append_n(out, (const char *)blob.bytes, TYPE_AT);
    append_u32(out, type % COMPRESSED + TO_MULTI, is_little);
    append_u32(out, 1, is_little);
    zf_text_append_n(out, &entity, 1);
    zf_text_append_n(out, (const char *)blob.bytes + TYPE_AT, blob.n - TYPE_AT);
}

/** A geometry on its way from a blob to WKB. */
typedef struct conversion {
    uint8_t *bytes;
    size_t n, at;
    bool is_little;
} conversion;

static bool take_u32(conversion *c, uint32_t *out) {
    if (c->n - c->at < 4)
        return false;
    *out = read_u32(c->bytes + c->at, c->is_little);
    c->at += 4;
    return true;
}

/* Passes over n points. */
static bool skip_points(conversion *c, uint32_t n, size_t point_bytes) {
    if (n > (c->n - c->at) / point_bytes)
        return false;
    c->at += n * point_bytes;
    return true;
}

/* Passes over n rings. */
static bool skip_rings(conversion *c, uint32_t n, size_t point_bytes) {
    uint32_t n_points = 0;
    for (; n > 0; n--)
        if (!take_u32(c, &n_points) || !skip_points(c, n_points, point_bytes))
            return false;
    return true;
}

/* Passes over a geometry from its type on, and puts the byte order in the place of the mark before each
 * member.
 */
static bool convert(conversion *c, bool is_member) {
    static const size_t ordinates[] = {2, 3, 3, 4};
    uint32_t type = 0, n = 1;
    if (!take_u32(c, &type) || type >= 4000 || type % 1000 < TYPE_POINT || type % 1000 > TYPE_COLLECTION)
        return false;
    const size_t point_bytes = ordinates[type / 1000] * sizeof(double);
    if (type % 1000 != TYPE_POINT && !take_u32(c, &n))
        return false;
    if (type % 1000 <= TYPE_LINESTRING)
        return skip_points(c, n, point_bytes);
    if (type % 1000 == TYPE_POLYGON)
        return skip_rings(c, n, point_bytes);
    for (; n > 0; n--) {
        if (is_member || c->at >= c->n || c->bytes[c->at] != BLOB_ENTITY)
            return false;
        c->bytes[c->at++] = c->is_little;
        if (!convert(c, true))
            return false;
    }
    return true;
}

bool zf_spatialite_append_wkb(zf_bytes blob, zf_text *out) {
    zf_spatialite_header header;
    if (!zf_spatialite_header_read(blob, &header))
        return false;
    const size_t n_before = out->n;
    zf_text_append_n(out, (const char *)blob.bytes + 1, 1); /* the byte order, and the type that follows */
    zf_text_append_n(out, (const char *)blob.bytes + TYPE_AT, blob.n - TYPE_AT - 1);
    if (out->is_failed)
        return false;
    conversion c = {(uint8_t *)out->bytes + n_before, out->n - n_before, 1,
                    blob.bytes[1] == BLOB_LITTLE_ENDIAN};
    if (convert(&c, false) && c.at == c.n)
        return true;
    out->n = n_before;
    return false;
}

void zf_spatialite_blob_deinit(zf_spatialite_blob *blob) {
    free(blob->bytes);
    *blob = (zf_spatialite_blob){0};
}
