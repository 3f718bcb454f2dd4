/* SPDX-License-Identifier: MIT */
#include "zone/pieces.h"
#include "os/thread.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Scratch memory for one feature; larger features take more. */
enum { SCRATCH_BYTES = 512 * 1024 };
/** Below this, starting threads takes longer than checking. */
enum { MIN_PIECES_FOR_THREADS = 32 };
enum { BATCH_BYTES = 384 * 1024, MIN_BATCH_ROWS = 16, MAX_BATCH_ROWS = 256 };

/** Bytes of a blank at the start or end of a text: ASCII blanks and the no-break space. */
static size_t blank_bytes(const char *bytes, size_t n, bool is_end) {
    if (n > 0 && memchr(" \t\r\n\v\f", bytes[is_end ? n - 1 : 0], 6) != NULL)
        return 1;
    return n > 1 && memcmp(is_end ? bytes + n - 2 : bytes, "\xC2\xA0", 2) == 0 ? 2 : 0;
}

static void trim(const char **inout_bytes, size_t *inout_n) {
    for (size_t blank; (blank = blank_bytes(*inout_bytes, *inout_n, false)) > 0; *inout_n -= blank)
        *inout_bytes += blank;
    for (size_t blank; (blank = blank_bytes(*inout_bytes, *inout_n, true)) > 0;)
        *inout_n -= blank;
}

/** ZIP id as text: integers keep no leading zeros because the field has none. Empty text for "no id". */
static zf_status id_text(zf_zone_reading *r, const zf_value *value, const char **out, zf_error *error) {
    char number[40];
    zf_text real = {0};
    const char *bytes = number;
    size_t n = 0;
    switch (value->kind) {
    case ZF_VALUE_INTEGER:
        n = (size_t)snprintf(number, sizeof number, "%lld", (long long)value->as.integer);
        break;
    case ZF_VALUE_REAL:
        if (isfinite(value->as.real)) /* with a decimal point in every locale */
            zf_text_append_json_number(&real, value->as.real);
        if (real.is_failed)
            return zf_error_memory(error, sizeof number, "a ZIP id");
        bytes = real.bytes;
        n = real.n;
        break;
    case ZF_VALUE_TEXT:
        bytes = (const char *)value->as.bytes.bytes;
        n = value->as.bytes.n;
        trim(&bytes, &n);
        break;
    default:
        break;
    }
    zf_status st = zf_arena_copy(&r->catalogue->arena, bytes, n, (char **)(void *)out, error);
    zf_text_deinit(&real);
    return st;
}

/** Copies a value of `order_by` into the catalogue. */
static zf_status keep_value(zf_zone_reading *r, zf_value value, zf_value *out, zf_error *error) {
    *out = value;
    if (value.kind != ZF_VALUE_TEXT && value.kind != ZF_VALUE_BLOB)
        return ZF_OK;
    char *copy = NULL;
    zf_status st = zf_arena_copy(&r->catalogue->arena, value.as.bytes.bytes, value.as.bytes.n, &copy, error);
    out->as.bytes.bytes = (const uint8_t *)copy;
    return st;
}

/** Hands a feature that was repaired or left out to the list. */
static zf_status list_rejected(zf_zone_reading *r, const zf_rejected *rejected, uint64_t ordinal,
                               zf_error *error) {
    if (!rejected->is_repaired)
        r->catalogue->tally.n_skipped++;
    return r->options->reject == NULL ? ZF_OK
                                      : r->options->reject(r->options->reject_user, rejected, ordinal, error);
}

zf_status zf_pieces_reject(zf_zone_reading *r, const zf_piece *piece, const char *detail, zf_error *error) {
    const zf_rejected rejected = {true, piece->fid, "invalid", detail, false, NAN, NAN, NAN};
    return list_rejected(r, &rejected, piece->ordinal, error);
}

/** Lists what the examination of a piece found, unless it was usable as it is. */
static zf_status list_examined(zf_zone_reading *r, zf_examined *examined, const zf_piece *piece,
                               zf_error *error) {
    if (examined->outcome == ZF_EXAMINE_USABLE)
        return ZF_OK;
    examined->rejected.fid = piece->fid;
    return list_rejected(r, &examined->rejected, piece->ordinal, error);
}

zf_status zf_pieces_keep_wkb(zf_zone_reading *r, const zf_wkb *wkb, zf_piece *piece, zf_error *error) {
    piece->envelope = wkb->envelope;
    piece->n_parts = wkb->n_polygons;
    piece->n_points = wkb->n_points < UINT32_MAX ? (uint32_t)wkb->n_points : UINT32_MAX;
    return zf_zone_store_append(&r->catalogue->store, (zf_bytes){wkb->bytes, wkb->n_bytes}, &piece->wkb,
                                error);
}

zf_status zf_pieces_keep(zf_zone_reading *r, const zf_geom *geom, zf_piece *piece, zf_error *error) {
    uint8_t *bytes = NULL;
    size_t n = 0;
    zf_wkb wkb;
    zf_status st = zf_geom_to_wkb(r->geos, geom, &bytes, &n, error);
    if (st == ZF_OK && zf_wkb_open(bytes, n, &wkb) == ZF_WKB_POLYGONAL)
        st = zf_pieces_keep_wkb(r, &wkb, piece, error);
    free(bytes);
    return st;
}

/** Keeps a polygon unchecked. Validity is checked later by several threads; most polygons need no GEOS. */
static zf_status keep_without_geos(zf_zone_reading *r, const zf_wkb *wkb, zf_piece *piece, bool *out_is_kept,
                                   zf_error *error) {
    uint8_t *bytes = NULL;
    zf_wkb flat;
    size_t n = zf_wkb_flat_bytes(wkb);
    *out_is_kept = false;
    if (n == 0)
        return ZF_OK;
    zf_arena_mark mark = zf_arena_get_mark(&r->scratch);
    zf_status st = zf_arena_take(&r->scratch, n, 1, &bytes, error);
    if (st == ZF_OK)
        st = zf_wkb_flatten(wkb, r->options->transform, bytes, error);
    if (st == ZF_OK && zf_wkb_open(bytes, n, &flat) == ZF_WKB_POLYGONAL) {
        *out_is_kept = piece->is_unchecked = true;
        st = zf_pieces_keep_wkb(r, &flat, piece, error);
    }
    zf_arena_rewind(&r->scratch, mark);
    return st;
}

static zf_status at_feature(const zf_zone_reading *r, zf_status st, int64_t fid, zf_error *error) {
    const zf_source_info *info = zf_source_get_info(r->source);
    return st == ZF_OK ? st : zf_error_at(error, st, info->path, info->layer, fid);
}

/** A polygon that cannot be flattened here: GEOS builds it, and the policy is applied at once. */
static zf_status keep_with_geos(zf_zone_reading *r, const zf_wkb *wkb, zf_piece *piece, zf_error *error) {
    zf_examined examined;
    zf_arena_mark mark = zf_arena_get_mark(&r->scratch);
    r->examiner.transform = r->options->transform;
    zf_status st = zf_examine_validity(&r->examiner, wkb, &examined, error);
    bool is_usable = st == ZF_OK && examined.outcome <= ZF_EXAMINE_REPAIRED;
    if (is_usable && examined.geom == NULL)
        st = zf_geom_from_wkb(r->geos, wkb->bytes, wkb->n_bytes, &examined.geom, error);
    st = at_feature(r, st, piece->fid, error);
    if (st == ZF_OK)
        st = list_examined(r, &examined, piece, error);
    if (st == ZF_OK && is_usable)
        st = zf_pieces_keep(r, examined.geom, piece, error);
    zf_examined_release(&r->examiner, &examined);
    zf_arena_rewind(&r->scratch, mark);
    return st;
}

/** Examines a feature's geometry and keeps it. */
static zf_status read_shape(zf_zone_reading *r, zf_batch *batch, size_t row, zf_piece *piece,
                            zf_error *error) {
    zf_shape shape;
    zf_examined examined;
    bool is_kept = false;
    zf_status st = zf_batch_shape(batch, row, &shape, error);
    if (st != ZF_OK)
        return st;
    r->has_polygon |= shape.kind == ZF_SHAPE_POLYGONAL;
    r->examiner.transform = r->options->transform;
    st = at_feature(r, zf_examine_shape(&r->examiner, &shape, &examined, error), piece->fid, error);
    if (st != ZF_OK || examined.outcome != ZF_EXAMINE_USABLE)
        return st == ZF_OK ? list_examined(r, &examined, piece, error) : st;
    st = at_feature(r, keep_without_geos(r, &shape.wkb, piece, &is_kept, error), piece->fid, error);
    return st == ZF_OK && !is_kept ? keep_with_geos(r, &shape.wkb, piece, error) : st;
}

/** Counts a piece with an edge that crosses the antimeridian. */
static zf_status note_crossing_antimeridian(zf_zone_reading *r, const zf_piece *piece, zf_error *error) {
    zf_bytes bytes;
    zf_wkb wkb;
    if (piece->wkb.n == 0 || !(r->options->half_turn > 0) ||
        !(piece->envelope.max_x - piece->envelope.min_x > r->options->half_turn))
        return ZF_OK;
    zf_arena_mark mark = zf_arena_get_mark(&r->scratch);
    zf_status st = zf_zone_store_read(&r->catalogue->store, &piece->wkb, &r->scratch, &bytes, error);
    if (st == ZF_OK && zf_wkb_open(bytes.bytes, bytes.n, &wkb) == ZF_WKB_POLYGONAL &&
        zf_wkb_crosses_antimeridian(&wkb, r->options->half_turn) &&
        r->catalogue->tally.n_crossing_antimeridian++ == 0)
        r->catalogue->tally.first_crossing_antimeridian = piece->fid;
    zf_arena_rewind(&r->scratch, mark);
    return st;
}

static zf_status append_piece(zf_zone_reading *r, const zf_piece *piece, zf_error *error) {
    zf_piece_list *list = &r->pieces;
    if (list->n == list->cap) {
        size_t cap = list->cap == 0 ? 256 : 2 * list->cap;
        void *items = list->items;
        zf_status st = zf_memory_resize(r->catalogue->budget, ZF_MEMORY_ZONE, &items,
                                        list->cap * sizeof *list->items, cap * sizeof *list->items, error);
        if (st != ZF_OK)
            return st;
        list->items = items;
        list->cap = cap;
    }
    list->items[list->n++] = *piece;
    return ZF_OK;
}

/** Fields in front of the carried ones: of the ZIP id and of the order. */
static size_t n_key_fields(const zf_zone_reading *r) {
    return r->fields.zip < 0 ? 0 : r->fields.order < 0 ? 1 : 2;
}

/** Copies the carried values of a row, which are in the columns from `first` on. */
static zf_status keep_carried(zf_zone_reading *r, zf_batch *batch, size_t row, size_t first, zf_piece *piece,
                              zf_error *error) {
    const size_t n = r->options->carried.n;
    zf_status st = zf_arena_take(&r->catalogue->arena, n, sizeof *piece->values, &piece->values, error);
    for (size_t k = 0; st == ZF_OK && k < n; k++) {
        char scratch[ZF_VALUE_SCRATCH_BYTES];
        st = keep_value(r, zf_batch_value(batch, first + k, row, scratch), &piece->values[k], error);
    }
    return st;
}

static zf_status read_row(zf_zone_reading *r, zf_batch *batch, size_t row, zf_error *error) {
    char scratch[ZF_VALUE_SCRATCH_BYTES];
    zf_piece piece = {.zip = "all",
                      .order = zf_value_null(),
                      .fid = zf_batch_fid(batch, row),
                      .ordinal = r->catalogue->tally.n_read++,
                      .envelope = zf_envelope_empty()};
    zf_status st = ZF_OK;
    if (r->fields.zip >= 0) {
        zf_value id = zf_batch_value(batch, 0, row, scratch);
        st = id_text(r, &id, &piece.zip, error);
    }
    if (st == ZF_OK && r->fields.order >= 0)
        st = keep_value(r, zf_batch_value(batch, 1, row, scratch), &piece.order, error);
    if (st == ZF_OK && r->options->carried.n > 0)
        st = keep_carried(r, batch, row, n_key_fields(r), &piece, error);
    if (st != ZF_OK)
        return st;
    if (piece.zip[0] == '\0') {
        const zf_rejected rejected = {true, piece.fid, "no ZIP id", NULL, false, NAN, NAN, NAN};
        return list_rejected(r, &rejected, piece.ordinal, error);
    }
    st = read_shape(r, batch, row, &piece, error);
    if (st == ZF_OK)
        st = note_crossing_antimeridian(r, &piece, error);
    if (st == ZF_OK)
        st = append_piece(r, &piece, error);
    return st;
}

static zf_status read_batch(zf_zone_reading *r, zf_batch *batch, zf_error *error) {
    zf_status st = zf_check_cancelled(r->options->callbacks, error);
    for (size_t row = 0; st == ZF_OK && row < zf_batch_count(batch); row++)
        st = read_row(r, batch, row, error);
    zf_progress_report(r->options->callbacks, "zips", r->catalogue->tally.n_read, 0);
    return st;
}

/** Rows of a batch: few if features are large, to limit the driver's memory. */
static size_t batch_rows(const zf_source *source) {
    const zf_source_info *info = zf_source_get_info(source);
    uint64_t n = info->n_features > 0 ? (uint64_t)info->n_features : 1;
    uint64_t rows = BATCH_BYTES / (info->file_bytes / n + 1);
    return rows < MIN_BATCH_ROWS ? MIN_BATCH_ROWS : rows > MAX_BATCH_ROWS ? MAX_BATCH_ROWS : (size_t)rows;
}

/** Lists the fields to read: the ZIP id, the order, the carried ones. */
static zf_status list_fields(zf_zone_reading *r, int **out_fields, zf_source_query *query, zf_error *error) {
    const size_t n_keys = n_key_fields(r), n = n_keys + r->options->carried.n;
    zf_status st = zf_arena_take(&r->catalogue->arena, n + 2, sizeof **out_fields, out_fields, error);
    if (st != ZF_OK)
        return st;
    (*out_fields)[0] = r->fields.zip;
    (*out_fields)[1] = r->fields.order;
    for (size_t k = 0; k < r->options->carried.n; k++)
        (*out_fields)[n_keys + k] = r->options->carried.fields[k];
    query->fields = *out_fields;
    query->n_fields = n;
    return ZF_OK;
}

zf_status zf_pieces_read(zf_zone_reading *r, zf_error *error) {
    int *fields = NULL;
    zf_source_query query = {.wants_geometry = true, .where = r->options->where, .batch_rows = batch_rows(r->source)};
    char *first = NULL;
    zf_arena_init(&r->scratch, r->catalogue->budget, ZF_MEMORY_ZONE, SCRATCH_BYTES);
    r->examiner = (zf_examiner){.policy = r->options->on_invalid,
                                .is_zip = true,
                                .geos = r->geos,
                                .metric = r->options->metric,
                                .arena = &r->scratch};
    zf_status st = zf_arena_copy(&r->scratch, "", 0, &first, error); /* allocates the first chunk */
    if (st == ZF_OK)
        st = list_fields(r, &fields, &query, error);
    if (st == ZF_OK)
        st = zf_source_start(r->source, &query, error);
    zf_batch *batch = NULL;
    while (st == ZF_OK && (st = zf_source_next(r->source, &batch, error)) == ZF_OK) {
        st = read_batch(r, batch, error);
        zf_batch_release(batch);
    }
    return st == ZF_DONE ? ZF_OK : st;
}

/* ---- validity of what was read ---- */

/** One thread's part of the pieces: each n_checkers-th. */
typedef struct checker {
    zf_zone_reading *reader;
    size_t first, n_checkers;
    zf_thread thread;
    zf_status status;
    zf_error error;
} checker;

/** Marks a piece as checked if it is valid without doubt. */
static zf_status check_piece(zf_zone_reading *r, zf_piece *piece, zf_arena *scratch, zf_error *error) {
    zf_bytes bytes;
    zf_wkb wkb;
    zf_arena_mark mark = zf_arena_get_mark(scratch);
    zf_status st = zf_zone_store_read(&r->catalogue->store, &piece->wkb, scratch, &bytes, error);
    if (st == ZF_OK && zf_wkb_open(bytes.bytes, bytes.n, &wkb) == ZF_WKB_POLYGONAL)
        piece->is_unchecked = !zf_polygon_is_surely_valid(&wkb, scratch);
    zf_arena_rewind(scratch, mark);
    return st;
}

/** Body of one thread: checks its pieces. */
static void *check_pieces(void *arg) {
    checker *c = arg;
    zf_zone_reading *r = c->reader;
    zf_arena scratch;
    char *first = NULL;
    zf_arena_init(&scratch, r->catalogue->budget, ZF_MEMORY_ZONE, SCRATCH_BYTES);
    c->status = zf_arena_copy(&scratch, "", 0, &first, &c->error); /* allocates the first chunk */
    for (size_t i = c->first; c->status == ZF_OK && i < r->pieces.n; i += c->n_checkers)
        if (r->pieces.items[i].is_unchecked)
            c->status = check_piece(r, &r->pieces.items[i], &scratch, &c->error);
    zf_arena_release(&scratch);
    return NULL;
}

/** Checks all pieces in several threads; where a thread cannot be started, in this one. */
static zf_status check_all(zf_zone_reading *r, zf_error *error) {
    size_t n = r->options->n_threads;
    if (n < 1 || r->pieces.n < MIN_PIECES_FOR_THREADS)
        n = 1;
    zf_status st = ZF_OK;
    checker *checkers = calloc(n, sizeof *checkers);
    if (checkers == NULL)
        return zf_error_memory(error, n * sizeof *checkers, "threads");
    for (size_t i = 0; i < n; i++) {
        checkers[i] = (checker){.reader = r, .first = i, .n_checkers = n, .error = ZF_ERROR_INIT};
        if (i > 0)
            (void)zf_thread_start(&checkers[i].thread, check_pieces, &checkers[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (!zf_thread_join(&checkers[i].thread))
            check_pieces(&checkers[i]);
        if (st == ZF_OK && checkers[i].status != ZF_OK) {
            st = checkers[i].status;
            if (error != NULL)
                *error = checkers[i].error;
        }
    }
    free(checkers);
    return st;
}

/** Applies the policy to a piece that may be invalid. */
static zf_status validate_piece(zf_zone_reading *r, zf_piece *piece, zf_error *error) {
    zf_bytes bytes;
    zf_wkb wkb;
    zf_examined examined = {.geom = NULL};
    zf_zone_location unchecked = piece->wkb;
    zf_arena_mark mark = zf_arena_get_mark(&r->scratch);
    zf_status st = zf_zone_store_read(&r->catalogue->store, &unchecked, &r->scratch, &bytes, error);
    r->examiner.transform = NULL; /* it is in the buildings' CRS */
    if (st == ZF_OK && zf_wkb_open(bytes.bytes, bytes.n, &wkb) == ZF_WKB_POLYGONAL)
        st = at_feature(r, zf_examine_validity(&r->examiner, &wkb, &examined, error), piece->fid, error);
    if (st == ZF_OK)
        st = list_examined(r, &examined, piece, error);
    if (st == ZF_OK && examined.outcome != ZF_EXAMINE_USABLE) {
        piece->wkb = (zf_zone_location){0};
        piece->envelope = zf_envelope_empty();
        piece->n_parts = piece->n_points = 0;
    }
    if (st == ZF_OK && examined.outcome == ZF_EXAMINE_REPAIRED)
        st = zf_pieces_keep_wkb(r, &examined.wkb, piece, error);
    zf_examined_release(&r->examiner, &examined);
    zf_arena_rewind(&r->scratch, mark);
    return st;
}

zf_status zf_pieces_validate(zf_zone_reading *r, zf_error *error) {
    zf_status st = check_all(r, error);
    for (size_t i = 0; st == ZF_OK && i < r->pieces.n; i++)
        if (r->pieces.items[i].is_unchecked)
            st = validate_piece(r, &r->pieces.items[i], error);
    return st;
}

void zf_pieces_release(zf_zone_reading *r) {
    zf_arena_release(&r->scratch);
    zf_memory_free(r->catalogue->budget, ZF_MEMORY_ZONE, r->pieces.items,
                   r->pieces.cap * sizeof *r->pieces.items);
    r->pieces = (zf_piece_list){0};
}
