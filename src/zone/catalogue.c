/* SPDX-License-Identifier: MIT */
#include "zone/pieces.h"

#include <stdlib.h>
#include <string.h>

/** Order by id, then by position in the layer. */
static int compare_pieces(const void *pa, const void *pb) {
    const zf_piece *a = pa, *b = pb;
    int c = strcmp(a->zip, b->zip);
    return c != 0 ? c : (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

/** A zone with its sort key, until ranks are assigned. */
typedef struct ordered_zone {
    zf_zone zone;
    zf_value order;
    bool is_descending;
} ordered_zone;

static int compare_zones(const void *pa, const void *pb) {
    const ordered_zone *a = pa, *b = pb;
    int c = zf_zone_compare_values(&a->order, &b->order);
    if (c != 0)
        return a->is_descending ? -c : c;
    return strcmp(a->zone.zip, b->zone.zip);
}

static zf_status not_usable(zf_zone_reading *r, const char *what, zf_error *error) {
    const zf_source_info *info = zf_source_get_info(r->source);
    zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD, "%s", what);
    return zf_error_at(error, ZF_E_INPUT, info->path, info->layer, ZF_NO_FID);
}

/** Fails for a layer without usable ZIPs. */
static zf_status check_pieces(zf_zone_reading *r, zf_error *error) {
    if (r->catalogue->tally.n_read == 0)
        return not_usable(r,
                          r->options->where != NULL
                              ? "no ZIP passes `zip_where`; a text is compared with all its zeros and in "
                                "single quotes, such as ZIP = '02139'"
                              : "the ZIP layer has no features",
                          error);
    if (r->pieces.n == 0) /* tested first: geometries of features without id are not examined */
        return not_usable(
            r, "no feature of the ZIP layer has a ZIP id; choose another field with `zip_field`", error);
    if (!r->has_polygon)
        return not_usable(r, "the ZIP layer holds no polygon; ZIPs must be polygons", error);
    return ZF_OK;
}

static bool are_same(const zf_value *a, const zf_value *b) {
    if (a->kind != b->kind)
        return false;
    if (a->kind == ZF_VALUE_TEXT || a->kind == ZF_VALUE_BLOB)
        return a->as.bytes.n == b->as.bytes.n &&
               (a->as.bytes.n == 0 || memcmp(a->as.bytes.bytes, b->as.bytes.bytes, a->as.bytes.n) == 0);
    return a->kind == ZF_VALUE_REAL ? a->as.real == b->as.real : a->as.integer == b->as.integer;
}

/**
 * Settles the carried values of a ZIP of pieces[0..n): the one value that its features have, those without a
 * value left aside; NULL if they differ. The first piece's array takes them.
 */
static void settle_values(zf_zone_reading *r, const zf_piece *pieces, size_t n, zf_zone *zone) {
    zf_value *values = pieces[0].values;
    for (size_t k = 0; k < r->options->carried.n; k++) {
        zf_differing *differing = &r->catalogue->differing[k];
        bool is_same = true;
        for (size_t i = 1; i < n; i++) {
            const zf_value *other = &pieces[i].values[k];
            if (values[k].kind == ZF_VALUE_NULL)
                values[k] = *other;
            else if (other->kind != ZF_VALUE_NULL)
                is_same = is_same && are_same(&values[k], other);
        }
        if (is_same)
            continue;
        values[k] = zf_value_null();
        if (differing->n++ == 0)
            differing->zip = zone->zip;
    }
    zone->values = values;
}

/** Makes one zone from pieces[0..n), which have the same id. */
static zf_status unite(zf_zone_reading *r, const zf_piece *pieces, size_t n, zf_zone *zone, zf_error *error) {
    zf_piece one = {.envelope = zf_envelope_empty()};
    size_t n_with_area = 0;
    zf_status st = ZF_OK;
    for (size_t i = 0; i < n; i++)
        if (pieces[i].wkb.n > 0) {
            one = pieces[i];
            n_with_area++;
        }
    if (n_with_area > 1) {
        one = (zf_piece){.envelope = zf_envelope_empty()};
        st = zf_pieces_unite(r, pieces, n, n_with_area, &one, error);
    }
    *zone = (zf_zone){.zip = pieces[0].zip,
                      .envelope = one.envelope,
                      .n_parts = one.n_parts,
                      .n_points = one.n_points,
                      .wkb = one.wkb};
    settle_values(r, pieces, n, zone);
    return st == ZF_OK ? st : zf_error_within(error, st, "ZIP '%s'", pieces[0].zip);
}

/** Groups the pieces by id into zones in run order. */
static zf_status make_zones(zf_zone_reading *r, zf_error *error) {
    zf_catalogue *c = r->catalogue;
    zf_piece *pieces = r->pieces.items;
    size_t n = r->pieces.n, n_zones = 0;
    void *zones = NULL;
    ordered_zone *ordered = malloc(n * sizeof *ordered);
    if (ordered == NULL)
        return zf_error_memory(error, n * sizeof *ordered, "ordering the ZIPs");
    qsort(pieces, n, sizeof *pieces, compare_pieces);
    zf_status st = ZF_OK;
    for (size_t i = 0, end; st == ZF_OK && i < n; i = end) {
        for (end = i + 1; end < n && strcmp(pieces[end].zip, pieces[i].zip) == 0;)
            end++;
        ordered[n_zones].order = pieces[i].order;
        ordered[n_zones].is_descending = r->fields.is_descending;
        st = unite(r, pieces + i, end - i, &ordered[n_zones++].zone, error);
        if (st == ZF_OK)
            st = zf_check_cancelled(r->options->callbacks, error);
    }
    if (st == ZF_OK)
        st = zf_arena_alloc(&c->arena, n_zones, sizeof *c->zones, &zones, error);
    if (st == ZF_OK) {
        qsort(ordered, n_zones, sizeof *ordered, compare_zones);
        c->zones = zones;
        c->n_zones = n_zones;
        for (size_t i = 0; i < n_zones; i++) {
            c->zones[i] = ordered[i].zone;
            c->zones[i].rank = (uint32_t)(i + 1);
            zf_envelope_add(&c->tally.extent, &c->zones[i].envelope);
            c->tally.n_points += c->zones[i].n_points;
            if (c->zones[i].n_points > c->tally.n_points_largest)
                c->tally.n_points_largest = c->zones[i].n_points;
        }
    }
    free(ordered);
    return st;
}

/** Builds the tree of the envelopes of zones that have area. */
static zf_status build_tree(zf_catalogue *c, zf_error *error) {
    void *numbers = NULL;
    zf_envelope *boxes = malloc((c->n_zones + 1) * sizeof *boxes);
    if (boxes == NULL)
        return zf_error_memory(error, c->n_zones * sizeof *boxes, "the tree of ZIP envelopes");
    zf_status st = zf_arena_alloc(&c->arena, c->n_zones, sizeof *c->tree_zone, &numbers, error);
    if (st == ZF_OK) {
        size_t n = 0;
        c->tree_zone = numbers;
        for (size_t i = 0; i < c->n_zones; i++)
            if (c->zones[i].wkb.n > 0) {
                boxes[n] = c->zones[i].envelope;
                c->tree_zone[n++] = (uint32_t)i;
            }
        st = zf_index_build(boxes, n, &c->arena, &c->tree, error);
    }
    free(boxes);
    return st;
}

static zf_status take_differing(zf_catalogue *c, size_t n, zf_error *error) {
    zf_status st = zf_arena_take(&c->arena, n, sizeof *c->differing, &c->differing, error);
    if (st == ZF_OK)
        memset(c->differing, 0, n * sizeof *c->differing);
    return st;
}

zf_status zf_catalogue_load(zf_source *source, const zf_catalogue_options *options, zf_budget *budget,
                            zf_catalogue **out, zf_error *error) {
    zf_zone_reading r = {.source = source, .options = options};
    *out = NULL;
    zf_status st = zf_zone_fields_find(source, options, &r.fields, error);
    if (st != ZF_OK)
        return st;
    r.catalogue = calloc(1, sizeof *r.catalogue);
    if (r.catalogue == NULL)
        return zf_error_memory(error, sizeof *r.catalogue, "the ZIP catalogue");
    r.catalogue->budget = budget;
    r.catalogue->tally.extent = zf_envelope_empty();
    zf_arena_init(&r.catalogue->arena, budget, ZF_MEMORY_ZONE, 64 * 1024);
    if (options->carried.n > 0)
        st = take_differing(r.catalogue, options->carried.n, error);
    zf_zone_store_init(&r.catalogue->store, budget, options->share_bytes, options->temp_dir);
    if (st == ZF_OK)
        st = zf_geos_create(&r.geos, error);
    if (st == ZF_OK)
        st = zf_pieces_read(&r, error);
    if (st == ZF_OK)
        st = zf_pieces_validate(&r, error);
    if (st == ZF_OK)
        st = check_pieces(&r, error);
    if (st == ZF_OK)
        st = make_zones(&r, error);
    if (st == ZF_OK)
        st = build_tree(r.catalogue, error);
    if (st == ZF_OK)
        st = zf_locator_create(r.catalogue->zones, r.catalogue->n_zones, &r.catalogue->tally.extent,
                               &r.catalogue->arena, &r.catalogue->locator, error);
    if (st == ZF_OK)
        st = zf_groups_create(r.catalogue->zones, r.catalogue->n_zones, &r.catalogue->arena,
                              &r.catalogue->groups, error);
    if (st == ZF_OK)
        st = zf_grids_create(r.catalogue, &r.catalogue->grids, error);
    if (st == ZF_OK)
        st = zf_grids_create(r.catalogue, &r.catalogue->other_grids, error);
    zf_pieces_release(&r);
    zf_geos_destroy(r.geos);
    if (st != ZF_OK) {
        zf_catalogue_destroy(r.catalogue);
        return st;
    }
    zf_catalogue_first_pass(r.catalogue, SIZE_MAX, SIZE_MAX, NULL);
    *out = r.catalogue;
    return ZF_OK;
}

void zf_catalogue_destroy(zf_catalogue *catalogue) {
    if (catalogue == NULL)
        return;
    zf_grids_destroy(catalogue->other_grids);
    zf_grids_destroy(catalogue->grids);
    zf_zone_store_deinit(&catalogue->store);
    zf_arena_release(&catalogue->arena);
    free(catalogue);
}

size_t zf_catalogue_count(const zf_catalogue *catalogue) {
    return catalogue->n_zones;
}

const zf_zone *zf_catalogue_zone(const zf_catalogue *catalogue, size_t i) {
    return &catalogue->zones[i];
}

uint64_t zf_catalogue_points(const zf_catalogue *catalogue, uint32_t *out_largest) {
    *out_largest = catalogue->tally.n_points_largest;
    return catalogue->tally.n_points;
}

size_t zf_catalogue_differing(const zf_catalogue *catalogue, size_t k, const char **out_zip) {
    *out_zip = catalogue->differing[k].zip;
    return catalogue->differing[k].n;
}

zf_envelope zf_catalogue_extent(const zf_catalogue *catalogue) {
    return catalogue->tally.extent;
}

uint64_t zf_catalogue_features_read(const zf_catalogue *catalogue) {
    return catalogue->tally.n_read;
}

uint64_t zf_catalogue_features_skipped(const zf_catalogue *catalogue) {
    return catalogue->tally.n_skipped;
}

uint64_t zf_catalogue_features_crossing_antimeridian(const zf_catalogue *catalogue, int64_t *out_first) {
    *out_first = catalogue->tally.first_crossing_antimeridian;
    return catalogue->tally.n_crossing_antimeridian;
}
