/* SPDX-License-Identifier: MIT */
/*
 * Unites many features of one id within bounds of memory. Features whose envelopes meet no other, directly or by others,
 * are taken as they are. The others are united by GEOS, neighbours first, in batches whose size depends on the features
 * alone; what a batch leaves goes back to the store of polygons until the next round.
 */
#include "geometry/wkb_internal.h"
#include "zone/pieces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MANY_PIECES = 1000, /* from here on */
    BATCH_POINTS = 20000,
    BATCH_ITEMS = 4096,
    POINT_BYTES = 200, /* of GEOS for each vertex while it unites, and for each polygon */
    POLYGON_BYTES = 1000,
    QUERIES_PER_CANCEL_CHECK = 256
};

/** A polygon in the store. */
typedef struct item {
    zf_zone_location wkb;
    uint32_t n_points, n_parts;
    const zf_piece *from; /**< the feature, or the first of those that were united */
} item;

/** State of uniting the features of one id. */
typedef struct uniting {
    zf_zone_reading *reader;
    zf_arena scratch;
    item *items;
    zf_envelope *boxes; /**< n, of the items */
    uint32_t *leader;   /**< n; items whose envelopes meet have one leader, the first of them */
    uint32_t current;   /**< item whose neighbours are looked for */
    uint32_t *group;    /**< n numbers of items, group by group; in a group neighbours follow each other */
    size_t n;
} uniting;

/** Unites geometries; can be cancelled, since thousands of them may take minutes. */
static zf_status unite_watched(zf_zone_reading *r, zf_geom *const *geoms, size_t n, zf_geom **out, zf_error *error) {
    zf_geos_watch watch;
    zf_geos_watch_begin(&watch, r->options->callbacks);
    zf_status st = zf_geom_union(r->geos, geoms, n, out, error);
    if (!zf_geos_watch_end(&watch))
        return st;
    zf_geom_destroy(r->geos, *out);
    *out = NULL;
    if (error != NULL)
        *error = (zf_error)ZF_ERROR_INIT; /* GEOS's message about the interruption */
    return zf_check_cancelled(r->options->callbacks, error);
}

/* ---- groups of features whose envelopes meet ---- */

static uint32_t find_leader(uint32_t *leader, uint32_t i) {
    while (leader[i] != i)
        i = leader[i] = leader[leader[i]];
    return i;
}

/** Joins the groups of two items whose envelopes meet. */
static bool join_groups(void *user, uint32_t other) {
    uniting *u = user;
    uint32_t a = find_leader(u->leader, u->current), b = find_leader(u->leader, other);
    u->leader[a > b ? a : b] = a > b ? b : a;
    return true;
}

/** Lists the items group by group, in the order of the leaders. */
static zf_status list_groups(uniting *u, zf_error *error) {
    uint32_t *order = NULL, *at = NULL;
    zf_status st = zf_arena_take(&u->scratch, u->n, sizeof *u->group, &u->group, error);
    if (st == ZF_OK)
        st = zf_arena_take(&u->scratch, u->n, sizeof *order, &order, error);
    if (st == ZF_OK)
        st = zf_arena_take(&u->scratch, u->n + 1, sizeof *at, &at, error);
    if (st == ZF_OK)
        st = zf_index_order(u->boxes, u->n, 16, &u->scratch, order, error);
    if (st != ZF_OK)
        return st;
    memset(at, 0, (u->n + 1) * sizeof *at);
    for (uint32_t i = 0; i < u->n; i++)
        at[find_leader(u->leader, i) + 1]++;
    for (size_t i = 0; i < u->n; i++)
        at[i + 1] += at[i];
    for (size_t i = 0; i < u->n; i++)
        u->group[at[find_leader(u->leader, order[i])]++] = order[i];
    return ZF_OK;
}

/** Finds the groups. */
static zf_status find_groups(uniting *u, zf_error *error) {
    zf_index *tree = NULL;
    zf_status st = zf_arena_take(&u->scratch, u->n, sizeof *u->leader, &u->leader, error);
    if (st == ZF_OK)
        st = zf_index_build(u->boxes, u->n, &u->scratch, &tree, error);
    if (st != ZF_OK)
        return st;
    for (uint32_t i = 0; i < u->n; i++)
        u->leader[i] = i;
    for (u->current = 0; st == ZF_OK && u->current < u->n; u->current++) {
        if (u->current % QUERIES_PER_CANCEL_CHECK == 0)
            st = zf_check_cancelled(u->reader->options->callbacks, error);
        zf_index_window(tree, &u->boxes[u->current], join_groups, u);
    }
    return st == ZF_OK ? list_groups(u, error) : st;
}

/* ---- one group ---- */

/** Reads an item's polygon. */
static zf_status read_geom(uniting *u, const item *it, zf_geom **out, zf_error *error) {
    zf_bytes wkb;
    zf_arena_mark mark = zf_arena_get_mark(&u->scratch);
    zf_status st = zf_zone_store_read(&u->reader->catalogue->store, &it->wkb, &u->scratch, &wkb, error);
    if (st == ZF_OK)
        st = zf_geom_from_wkb(u->reader->geos, wkb.bytes, wkb.n, out, error);
    zf_arena_rewind(&u->scratch, mark);
    return st;
}

/** Unites geometries one after the other, and lists the features that GEOS cannot add. */
static zf_status unite_one_by_one(uniting *u, const item *items, zf_geom **geoms, size_t n, zf_geom **out,
                                  zf_error *error) {
    zf_geom *all = geoms[0];
    geoms[0] = NULL;
    zf_status st = ZF_OK;
    for (size_t i = 1; st == ZF_OK && i < n; i++) {
        zf_geom *const two[2] = {all, geoms[i]};
        zf_geom *both = NULL;
        st = unite_watched(u->reader, two, 2, &both, error);
        if (st == ZF_E_INPUT) {
            if (error != NULL)
                *error = (zf_error)ZF_ERROR_INIT; /* GEOS's message */
            st = zf_pieces_reject(u->reader, items[i].from, "GEOS cannot unite it with the other features of its ZIP", error);
            continue;
        }
        zf_geom_destroy(u->reader->geos, all);
        all = both;
    }
    *out = all;
    return st;
}

/** Unites a batch of items into one. */
static zf_status unite_geoms(uniting *u, const item *items, zf_geom **geoms, size_t n, item *out, zf_error *error) {
    zf_geom *united = NULL;
    zf_piece piece = *items[0].from;
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < n; i++)
        st = read_geom(u, &items[i], &geoms[i], error);
    if (st == ZF_OK)
        st = unite_watched(u->reader, geoms, n, &united, error);
    if (st == ZF_E_INPUT && error != NULL)
        *error = (zf_error)ZF_ERROR_INIT; /* GEOS's message */
    if (st == ZF_E_INPUT)
        st = unite_one_by_one(u, items, geoms, n, &united, error);
    piece.wkb.n = 0;
    if (st == ZF_OK)
        st = zf_pieces_keep(u->reader, united, &piece, error);
    if (st == ZF_OK)
        *out = (item){piece.wkb, piece.n_points, piece.n_parts, items[0].from};
    zf_geom_destroy(u->reader->geos, united);
    return st;
}

/** The same with GEOS's memory charged to the budget. */
static zf_status unite_batch(uniting *u, const item *items, size_t n, item *out, zf_error *error) {
    zf_budget *budget = u->reader->catalogue->budget;
    size_t n_bytes = 0;
    for (size_t i = 0; i < n; i++)
        n_bytes += (size_t)items[i].n_points * POINT_BYTES + (size_t)items[i].n_parts * POLYGON_BYTES;
    zf_status st = zf_memory_charge(budget, ZF_MEMORY_ZONE, n_bytes, error);
    if (st != ZF_OK)
        return st;
    zf_geom **geoms = calloc(n, sizeof *geoms);
    st = geoms != NULL ? unite_geoms(u, items, geoms, n, out, error)
                       : zf_error_memory(error, n * sizeof *geoms, "uniting the features of a ZIP");
    for (size_t i = 0; geoms != NULL && i < n; i++)
        zf_geom_destroy(u->reader->geos, geoms[i]);
    free(geoms);
    zf_memory_discharge(budget, ZF_MEMORY_ZONE, n_bytes);
    return st;
}

/** Number of the first items that make a batch: at least two where there are two. */
static size_t batch_size(const item *items, size_t n) {
    size_t n_taken = 0, n_points = 0;
    while (n_taken < n && n_taken < BATCH_ITEMS && (n_taken < 2 || n_points + items[n_taken].n_points <= BATCH_POINTS))
        n_points += items[n_taken++].n_points;
    return n_taken;
}

/** Unites the items of a group into the first. */
static zf_status unite_group(uniting *u, item *items, size_t n, zf_error *error) {
    zf_status st = ZF_OK;
    while (st == ZF_OK && n > 1) {
        size_t n_left = 0;
        for (size_t first = 0, n_batch; st == ZF_OK && first < n; first += n_batch) {
            n_batch = batch_size(items + first, n - first);
            item united = items[first];
            if (n_batch > 1)
                st = unite_batch(u, items + first, n_batch, &united, error);
            items[n_left++] = united;
        }
        n = n_left;
    }
    return st;
}

/* ---- all groups ---- */

/** Bytes of the polygons in a WKB, without the header of a multipolygon. */
static zf_bytes polygons_of(zf_bytes wkb, uint32_t *out_n) {
    zf_wkb_header head;
    *out_n = 1;
    if (zf_wkb_read_type(wkb.bytes, wkb.n, &head) != ZF_WKB_POLYGONAL || head.type != ZF_WKB_MULTIPOLYGON ||
        !zf_wkb_read_count(wkb.bytes, wkb.n, &head))
        return wkb;
    *out_n = head.n;
    return (zf_bytes){wkb.bytes + head.n_bytes, wkb.n - head.n_bytes};
}

/** Puts the first item of each group into one multipolygon. */
static zf_status gather(uniting *u, const item *const *parts, size_t n, uint8_t *bytes, zf_piece *out, zf_error *error) {
    uint8_t *at = zf_wkb_put_header(bytes, ZF_WKB_MULTIPOLYGON, 0);
    uint32_t n_polygons = 0;
    zf_wkb wkb;
    for (size_t i = 0; i < n; i++) {
        zf_bytes whole;
        uint32_t n_more = 0;
        zf_arena_mark mark = zf_arena_get_mark(&u->scratch);
        zf_status st = zf_zone_store_read(&u->reader->catalogue->store, &parts[i]->wkb, &u->scratch, &whole, error);
        if (st != ZF_OK)
            return st;
        zf_bytes polygons = polygons_of(whole, &n_more);
        memcpy(at, polygons.bytes, polygons.n);
        at += polygons.n;
        n_polygons += n_more;
        zf_arena_rewind(&u->scratch, mark);
    }
    (void)zf_wkb_put_header(bytes, ZF_WKB_MULTIPOLYGON, n_polygons);
    if (zf_wkb_open(bytes, (size_t)(at - bytes), &wkb) != ZF_WKB_POLYGONAL)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD, "united polygons cannot be read again");
    return zf_pieces_keep_wkb(u->reader, &wkb, out, error);
}

/** Unites each group, and puts what they leave together. */
static zf_status unite_groups(uniting *u, zf_piece *out, zf_error *error) {
    zf_budget *budget = u->reader->catalogue->budget;
    const item **parts = NULL;
    item *sorted = NULL;
    void *bytes = NULL;
    size_t n_parts = 0, n_bytes = ZF_WKB_TYPE_BYTES + ZF_WKB_COUNT_BYTES;
    zf_status st = zf_arena_take(&u->scratch, u->n, sizeof *sorted, &sorted, error);
    if (st == ZF_OK)
        st = zf_arena_take(&u->scratch, u->n, sizeof *parts, &parts, error);
    for (size_t i = 0; st == ZF_OK && i < u->n; i++)
        sorted[i] = u->items[u->group[i]];
    for (size_t i = 0, end; st == ZF_OK && i < u->n; i = end) {
        uint32_t leader = find_leader(u->leader, u->group[i]);
        for (end = i + 1; end < u->n && find_leader(u->leader, u->group[end]) == leader;)
            end++;
        st = unite_group(u, sorted + i, end - i, error);
        n_bytes += sorted[i].wkb.n;
        parts[n_parts++] = &sorted[i];
    }
    if (st == ZF_OK)
        st = zf_memory_alloc(budget, ZF_MEMORY_ZONE, n_bytes, &bytes, error);
    if (st == ZF_OK)
        st = gather(u, parts, n_parts, bytes, out, error);
    zf_memory_free(budget, ZF_MEMORY_ZONE, bytes, bytes != NULL ? n_bytes : 0);
    return st;
}

/** Lists the polygons of the pieces that have area. */
static zf_status list_items(uniting *u, const zf_piece *pieces, size_t n, zf_error *error) {
    zf_status st = zf_arena_take(&u->scratch, n, sizeof *u->items, &u->items, error);
    if (st == ZF_OK)
        st = zf_arena_take(&u->scratch, n, sizeof *u->boxes, &u->boxes, error);
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        if (pieces[i].wkb.n == 0)
            continue;
        u->boxes[u->n] = pieces[i].envelope;
        u->items[u->n++] = (item){pieces[i].wkb, pieces[i].n_points, pieces[i].n_parts, &pieces[i]};
    }
    return st;
}

/** Unites many pieces into *out. Pieces that GEOS cannot unite with the others are listed and left out. */
static zf_status unite_many(zf_zone_reading *r, const zf_piece *pieces, size_t n, zf_piece *out, zf_error *error) {
    uniting u = {.reader = r};
    zf_arena_init(&u.scratch, r->catalogue->budget, ZF_MEMORY_ZONE, (size_t)64 * 1024);
    zf_status st = list_items(&u, pieces, n, error);
    if (st == ZF_OK)
        st = find_groups(&u, error);
    if (st == ZF_OK)
        st = unite_groups(&u, out, error);
    zf_arena_release(&u.scratch);
    return st;
}

/* ---- few features ---- */

/** Loads the geometries of pieces[0..n) that have area from the store. */
static zf_status load_geoms(zf_zone_reading *r, const zf_piece *pieces, size_t n, zf_geom **geoms,
                            size_t *out_n, zf_error *error) {
    zf_arena scratch;
    zf_status st = ZF_OK;
    zf_arena_init(&scratch, r->catalogue->budget, ZF_MEMORY_ZONE, 64 * 1024);
    *out_n = 0;
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        zf_arena_mark mark = zf_arena_get_mark(&scratch);
        zf_bytes wkb;
        if (pieces[i].wkb.n == 0)
            continue;
        st = zf_zone_store_read(&r->catalogue->store, &pieces[i].wkb, &scratch, &wkb, error);
        if (st == ZF_OK)
            st = zf_geom_from_wkb(r->geos, wkb.bytes, wkb.n, &geoms[*out_n], error);
        *out_n += st == ZF_OK;
        zf_arena_rewind(&scratch, mark);
    }
    zf_arena_release(&scratch);
    return st;
}

/** Unites several pieces into *out in one call. */
static zf_status unite_few(zf_zone_reading *r, const zf_piece *pieces, size_t n, zf_piece *out,
                             zf_error *error) {
    size_t n_geoms = 0;
    zf_geom *united = NULL, **geoms = calloc(n, sizeof *geoms);
    if (geoms == NULL)
        return zf_error_memory(error, n * sizeof *geoms, "uniting the features of a ZIP");
    zf_status st = load_geoms(r, pieces, n, geoms, &n_geoms, error);
    if (st == ZF_OK)
        st = unite_watched(r, geoms, n_geoms, &united, error);
    if (st == ZF_OK)
        st = zf_pieces_keep(r, united, out, error);
    zf_geom_destroy(r->geos, united);
    for (size_t i = 0; i < n_geoms; i++)
        zf_geom_destroy(r->geos, geoms[i]);
    free(geoms);
    return st;
}

zf_status zf_pieces_unite(zf_zone_reading *r, const zf_piece *pieces, size_t n, size_t n_with_area, zf_piece *out,
                          zf_error *error) {
    zf_status st = n_with_area < MANY_PIECES ? unite_few(r, pieces, n, out, error) : ZF_E_INPUT;
    if (st != ZF_E_INPUT)
        return st;
    if (error != NULL)
        *error = (zf_error)ZF_ERROR_INIT; /* GEOS cannot unite them all */
    return unite_many(r, pieces, n, out, error);
}
