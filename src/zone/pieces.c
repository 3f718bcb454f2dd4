/* SPDX-License-Identifier: MIT */
#include "zone/pieces.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** For what is looked at of one feature: larger ones take more for the while. */
enum { SCRATCH_BYTES = 512 * 1024 };
/** Fewer are checked before a thread is awake. */
enum { MIN_PIECES_FOR_THREADS = 32 };
enum { BATCH_BYTES = 384 * 1024, MIN_BATCH_ROWS = 16, MAX_BATCH_ROWS = 256 };

/** Bytes of a blank at the start, or at the end, of a text: ASCII's, and the no-break space of office files.
 */
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
static zf_status id_text(zf_reader *r, const zf_value *value, const char **out, zf_error *error) {
    char number[40];
    zf_text real = {0};
    const char *bytes = number;
    size_t n = 0;
    switch (value->kind) {
    case ZF_VALUE_INTEGER:
        n = (size_t)snprintf(number, sizeof number, "%lld", (long long)value->as.integer);
        break;
    case ZF_VALUE_REAL:
        if (isfinite(value->as.real)) /* whatever the locale makes of a decimal point */
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

static zf_status keep_value(zf_reader *r, zf_value value, zf_value *out, zf_error *error) {
    *out = value;
    if (value.kind != ZF_VALUE_TEXT && value.kind != ZF_VALUE_BLOB)
        return ZF_OK;
    char *copy = NULL;
    zf_status st = zf_arena_copy(&r->catalogue->arena, value.as.bytes.bytes, value.as.bytes.n, &copy, error);
    out->as.bytes.bytes = (const uint8_t *)copy;
    return st;
}

static zf_status tell(zf_reader *r, const zf_zone_reject *reject, zf_error *error) {
    if (!reject->is_repaired)
        r->catalogue->n_skipped++;
    return r->options->reject == NULL ? ZF_OK : r->options->reject(r->options->reject_user, reject, error);
}

static zf_status refuse(zf_reader *r, int64_t fid, const zf_zone_reject *reject, zf_error *error) {
    const zf_source_info *info = zf_source_get_info(r->source);
    zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                 "the ZIP's geometry is not usable: %s%s%s; mend it, or choose --on-invalid repair or skip",
                 reject->reason, reject->detail != NULL ? ": " : "",
                 reject->detail != NULL ? reject->detail : "");
    return zf_error_at(error, ZF_E_INPUT, info->path, info->layer, fid);
}

static zf_status geom_area(zf_reader *r, const zf_geom *geom, double *out, zf_error *error) {
    uint8_t *bytes = NULL;
    size_t n = 0;
    zf_wkb wkb;
    *out = 0;
    zf_status st = zf_geom_to_wkb(r->geos, geom, &bytes, &n, error);
    if (st == ZF_OK && zf_wkb_open(bytes, n, &wkb) == ZF_WKB_POLYGONAL)
        st = zf_metric_area_m2(r->options->metric, &wkb, out, error);
    free(bytes);
    return st;
}

/** One row tells of a polygon that was closed and is invalid even so. */
static zf_zone_reject describe(const zf_piece *piece, const zf_invalidity *why) {
    if (piece->was_unclosed)
        return (zf_zone_reject){piece->fid, piece->ordinal, "unclosed ring", why->reason, false,
                                NAN,        piece->x,       piece->y};
    return (zf_zone_reject){piece->fid, piece->ordinal, "invalid", why->reason, false, NAN, why->x, why->y};
}

/** r->geom becomes valid, or NULL when no area is left. */
static zf_status repair(zf_reader *r, zf_zone_reject *reject, zf_error *error) {
    zf_geom *fixed = NULL;
    double before = NAN, after = NAN;
    zf_status st = zf_geom_make_valid(r->geos, r->geom, &fixed, NULL, error);
    if (st == ZF_OK)
        st = geom_area(r, r->geom, &before, error);
    if (st == ZF_OK)
        st = geom_area(r, fixed, &after, error);
    if (st != ZF_OK) {
        zf_geom_destroy(r->geos, fixed);
        return st;
    }
    zf_geom_destroy(r->geos, r->geom);
    r->geom = fixed;
    bool is_left = !zf_geom_is_empty(r->geos, fixed);
    if (!is_left) {
        zf_geom_destroy(r->geos, fixed);
        r->geom = NULL;
    }
    reject->is_repaired = is_left;
    reject->area_delta_m2 = after - before;
    return tell(r, reject, error);
}

static zf_status mend(zf_reader *r, zf_zone_reject *reject, zf_error *error) {
    bool is_tangled = false;
    zf_status st = zf_geom_is_tangled(r->geos, r->geom, &is_tangled, error);
    if (st != ZF_OK || !is_tangled)
        return st == ZF_OK ? repair(r, reject, error) : st;
    reject->detail = "Self-intersection, too tangled to repair";
    zf_geom_destroy(r->geos, r->geom);
    r->geom = NULL;
    return tell(r, reject, error);
}

static zf_status tell_closed(zf_reader *r, zf_piece *piece, zf_error *error) {
    zf_zone_reject reject = {piece->fid, piece->ordinal, "unclosed ring", NULL, true, 0, piece->x, piece->y};
    piece->was_unclosed = false;
    return tell(r, &reject, error);
}

/** Validity of r->geom under the policy. */
static zf_status settle_validity(zf_reader *r, zf_piece *piece, zf_error *error) {
    bool is_valid = false;
    zf_invalidity why;
    zf_status st = zf_geom_check_valid(r->geos, r->geom, &is_valid, &why, error);
    if (st != ZF_OK || is_valid)
        return st == ZF_OK && piece->was_unclosed ? tell_closed(r, piece, error) : st;
    zf_zone_reject reject = describe(piece, &why);
    piece->was_unclosed = false;
    switch (r->options->on_invalid) {
    case ZF_INVALID_FAIL:
        return refuse(r, piece->fid, &reject, error);
    case ZF_INVALID_SKIP:
        zf_geom_destroy(r->geos, r->geom);
        r->geom = NULL;
        return tell(r, &reject, error);
    default:
        return mend(r, &reject, error);
    }
}

static zf_status keep_wkb(zf_reader *r, const zf_wkb *wkb, zf_piece *piece, zf_error *error) {
    piece->envelope = wkb->envelope;
    piece->n_parts = wkb->n_polygons;
    piece->n_points = wkb->n_points < UINT32_MAX ? (uint32_t)wkb->n_points : UINT32_MAX;
    return zf_zone_store_append(&r->catalogue->store, (zf_bytes){wkb->bytes, wkb->n_bytes}, &piece->wkb,
                                error);
}

zf_status zf_pieces_keep(zf_reader *r, const zf_geom *geom, zf_piece *piece, zf_error *error) {
    uint8_t *bytes = NULL;
    size_t n = 0;
    zf_wkb wkb;
    zf_status st = zf_geom_to_wkb(r->geos, geom, &bytes, &n, error);
    if (st == ZF_OK && zf_wkb_open(bytes, n, &wkb) == ZF_WKB_POLYGONAL)
        st = keep_wkb(r, &wkb, piece, error);
    free(bytes);
    return st;
}

/** Whether it is valid is looked at later, by several threads: most are beyond doubt, and need no GEOS. */
static zf_status keep_without_geos(zf_reader *r, const zf_wkb *wkb, zf_piece *piece, bool *out_is_kept,
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
        st = keep_wkb(r, &flat, piece, error);
    }
    zf_arena_rewind(&r->scratch, mark);
    return st;
}

static zf_status at_feature(const zf_reader *r, zf_status st, int64_t fid, zf_error *error) {
    const zf_source_info *info = zf_source_get_info(r->source);
    return st == ZF_OK ? st : zf_error_at(error, st, info->path, info->layer, fid);
}

/** A place in the layer's CRS, into that of the buildings; unknown where PROJ cannot say. */
static void move_place(zf_reader *r, zf_zone_reject *reject) {
    double xy[2] = {reject->x, reject->y};
    bool is_known = isfinite(xy[0]) && (r->options->transform == NULL ||
                                        zf_transform_points(r->options->transform, xy, 1, NULL) == ZF_OK);
    reject->x = is_known ? xy[0] : NAN;
    reject->y = is_known ? xy[1] : NAN;
}

static zf_status read_polygon(zf_reader *r, const zf_wkb *wkb, int64_t fid, zf_piece *piece, zf_error *error);

/** A polygon that GEOS does not build: rings that are not closed become closed where they may be mended. */
static zf_status settle_refused(zf_reader *r, const zf_wkb *wkb, int64_t fid, zf_piece *piece,
                                zf_error *error) {
    zf_zone_reject reject = {fid, piece->ordinal, "unclosed ring", NULL, false, NAN, NAN, NAN};
    zf_wkb_first_point(wkb, &reject.x, &reject.y);
    move_place(r, &reject);
    size_t n = zf_wkb_closed_bytes(wkb);
    uint8_t *bytes = NULL;
    zf_wkb closed;
    if (n == 0) {
        reject.reason = "corrupt geometry";
        reject.detail = "a ring of too few points";
    }
    if (r->options->on_invalid == ZF_INVALID_FAIL)
        return refuse(r, fid, &reject, error);
    if (n == 0 || r->options->on_invalid == ZF_INVALID_SKIP || piece->was_unclosed) /* closed in vain */
        return tell(r, &reject, error);
    zf_arena_mark mark = zf_arena_get_mark(&r->scratch);
    zf_status st = zf_arena_take(&r->scratch, n, 1, &bytes, error);
    if (st != ZF_OK)
        return st;
    zf_wkb_close(wkb, bytes);
    piece->was_unclosed = true; /* told when it is known whether it is valid now */
    piece->x = reject.x;
    piece->y = reject.y;
    if (zf_wkb_open(bytes, n, &closed) == ZF_WKB_POLYGONAL)
        st = read_polygon(r, &closed, fid, piece, error);
    else
        st = tell(r, &reject, error);
    zf_arena_rewind(&r->scratch, mark);
    return st;
}

static zf_status read_polygon(zf_reader *r, const zf_wkb *wkb, int64_t fid, zf_piece *piece,
                              zf_error *error) {
    bool is_kept = false;
    r->has_polygon = true;
    if (wkb->has_non_finite) {
        char detail[ZF_WKB_DETAIL_BYTES];
        zf_zone_reject reject = {fid, piece->ordinal, NULL, detail, false, NAN, NAN, NAN};
        reject.reason = zf_wkb_unusable(wkb, detail, &reject.x, &reject.y);
        move_place(r, &reject);
        return r->options->on_invalid == ZF_INVALID_FAIL ? refuse(r, fid, &reject, error)
                                                         : tell(r, &reject, error);
    }
    zf_status st = keep_without_geos(r, wkb, piece, &is_kept, error);
    if (st != ZF_OK || is_kept)
        return at_feature(r, st, fid, error);
    zf_geom *raw = NULL;
    zf_error refusal = ZF_ERROR_INIT;
    st = zf_geom_from_wkb(r->geos, wkb->bytes, wkb->n_bytes, &raw, &refusal);
    if (st == ZF_E_INPUT) /* GEOS refuses to build it, e.g. a ring that is not closed */
        return settle_refused(r, wkb, fid, piece, error);
    if (st != ZF_OK && error != NULL)
        *error = refusal;
    if (st == ZF_OK)
        st = zf_geom_transform(r->geos, raw, r->options->transform, &r->geom, error);
    zf_geom_destroy(r->geos, raw);
    return st == ZF_OK ? settle_validity(r, piece, error) : at_feature(r, st, fid, error);
}

static zf_status read_shape(zf_reader *r, zf_batch *batch, size_t row, zf_piece *piece, zf_error *error) {
    zf_shape shape;
    int64_t fid = zf_batch_fid(batch, row);
    zf_status st = zf_batch_shape(batch, row, &shape, error);
    if (st != ZF_OK)
        return st;
    zf_zone_reject reject = {fid, piece->ordinal, NULL, NULL, false, NAN, NAN, NAN};
    switch (shape.kind) {
    case ZF_SHAPE_POLYGONAL:
        return read_polygon(r, &shape.wkb, fid, piece, error);
    case ZF_SHAPE_NULL:
        reject.reason = "no geometry";
        break;
    case ZF_SHAPE_EMPTY:
        reject.reason = "empty geometry";
        break;
    case ZF_SHAPE_NOT_POLYGON:
        reject.reason = "not a polygon";
        reject.detail = shape.type_name;
        break;
    default:
        reject.reason = "corrupt geometry";
        if (r->options->on_invalid == ZF_INVALID_FAIL)
            return refuse(r, fid, &reject, error);
    }
    return tell(r, &reject, error);
}

/** Of the few that are so wide, those that go around the world because they were not split. */
static zf_status note_turned(zf_reader *r, const zf_piece *piece, zf_error *error) {
    zf_bytes bytes;
    zf_wkb wkb;
    if (piece->wkb.n == 0 || !(r->options->half_turn > 0) ||
        !(piece->envelope.max_x - piece->envelope.min_x > r->options->half_turn))
        return ZF_OK;
    zf_arena_mark mark = zf_arena_get_mark(&r->scratch);
    zf_status st = zf_zone_store_read(&r->catalogue->store, &piece->wkb, &r->scratch, &bytes, error);
    if (st == ZF_OK && zf_wkb_open(bytes.bytes, bytes.n, &wkb) == ZF_WKB_POLYGONAL &&
        zf_wkb_turns_around(&wkb, r->options->half_turn) && r->catalogue->n_turned++ == 0)
        r->catalogue->first_turned = piece->fid;
    zf_arena_rewind(&r->scratch, mark);
    return st;
}

static zf_status append_piece(zf_reader *r, const zf_piece *piece, zf_error *error) {
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

static zf_status read_row(zf_reader *r, zf_batch *batch, size_t row, zf_error *error) {
    char scratch[ZF_VALUE_SCRATCH_BYTES];
    zf_piece piece = {.zip = "all",
                      .order = zf_value_null(),
                      .fid = zf_batch_fid(batch, row),
                      .ordinal = r->catalogue->n_read++,
                      .envelope = zf_envelope_empty()};
    zf_status st = ZF_OK;
    if (r->fields.zip >= 0) {
        zf_value id = zf_batch_value(batch, 0, row, scratch);
        st = id_text(r, &id, &piece.zip, error);
    }
    if (st == ZF_OK && r->fields.order >= 0)
        st = keep_value(r, zf_batch_value(batch, 1, row, scratch), &piece.order, error);
    if (st != ZF_OK)
        return st;
    if (piece.zip[0] == '\0') {
        zf_zone_reject reject = {
            zf_batch_fid(batch, row), piece.ordinal, "no ZIP id", NULL, false, NAN, NAN, NAN};
        return tell(r, &reject, error);
    }
    st = read_shape(r, batch, row, &piece, error);
    if (st == ZF_OK && r->geom != NULL)
        st = zf_pieces_keep(r, r->geom, &piece, error);
    if (st == ZF_OK)
        st = note_turned(r, &piece, error);
    if (st == ZF_OK)
        st = append_piece(r, &piece, error);
    zf_geom_destroy(r->geos, r->geom);
    r->geom = NULL;
    return st;
}

static zf_status read_batch(zf_reader *r, zf_batch *batch, zf_error *error) {
    zf_status st = zf_check_cancelled(r->options->callbacks, error);
    for (size_t row = 0; st == ZF_OK && row < zf_batch_count(batch); row++)
        st = read_row(r, batch, row, error);
    zf_progress_report(r->options->callbacks, "zips", r->catalogue->n_read, 0);
    return st;
}

/** A batch of large polygons is kept small: what the driver takes for it is then taken again for the next. */
static size_t batch_rows(const zf_source *source) {
    const zf_source_info *info = zf_source_get_info(source);
    uint64_t n = info->n_features > 0 ? (uint64_t)info->n_features : 1;
    uint64_t rows = BATCH_BYTES / (info->file_bytes / n + 1);
    return rows < MIN_BATCH_ROWS ? MIN_BATCH_ROWS : rows > MAX_BATCH_ROWS ? MAX_BATCH_ROWS : (size_t)rows;
}

zf_status zf_pieces_read(zf_reader *r, zf_error *error) {
    int fields[2] = {r->fields.zip, r->fields.order};
    zf_source_query query = {fields, 0, true, r->options->where, NULL, batch_rows(r->source)};
    query.n_fields = r->fields.zip < 0 ? 0 : r->fields.order < 0 ? 1 : 2;
    char *first = NULL;
    zf_arena_init(&r->scratch, r->catalogue->budget, ZF_MEMORY_ZONE, SCRATCH_BYTES);
    zf_status st = zf_arena_copy(&r->scratch, "", 0, &first, error); /* a chunk to keep */
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
    zf_reader *reader;
    size_t first, n_checkers;
    pthread_t thread;
    bool is_started;
    zf_status status;
    zf_error error;
} checker;

static zf_status check_piece(zf_reader *r, zf_piece *piece, zf_arena *scratch, zf_error *error) {
    zf_bytes bytes;
    zf_wkb wkb;
    zf_arena_mark mark = zf_arena_get_mark(scratch);
    zf_status st = zf_zone_store_read(&r->catalogue->store, &piece->wkb, scratch, &bytes, error);
    if (st == ZF_OK && zf_wkb_open(bytes.bytes, bytes.n, &wkb) == ZF_WKB_POLYGONAL)
        piece->is_unchecked = !zf_polygon_is_surely_valid(&wkb, scratch);
    zf_arena_rewind(scratch, mark);
    return st;
}

static void *check_pieces(void *arg) {
    checker *c = arg;
    zf_reader *r = c->reader;
    zf_arena scratch;
    char *first = NULL;
    zf_arena_init(&scratch, r->catalogue->budget, ZF_MEMORY_ZONE, SCRATCH_BYTES);
    c->status = zf_arena_copy(&scratch, "", 0, &first, &c->error); /* a chunk to keep */
    for (size_t i = c->first; c->status == ZF_OK && i < r->pieces.n; i += c->n_checkers)
        if (r->pieces.items[i].is_unchecked)
            c->status = check_piece(r, &r->pieces.items[i], &scratch, &c->error);
    zf_arena_release(&scratch);
    return NULL;
}

/** Threads that cannot be started are done without. */
static zf_status check_all(zf_reader *r, zf_error *error) {
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
            checkers[i].is_started =
                pthread_create(&checkers[i].thread, NULL, check_pieces, &checkers[i]) == 0;
    }
    for (size_t i = 0; i < n; i++) {
        if (checkers[i].is_started)
            pthread_join(checkers[i].thread, NULL);
        else
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

/** GEOS settles what is not valid beyond doubt. */
static zf_status settle_piece(zf_reader *r, zf_piece *piece, zf_error *error) {
    zf_bytes bytes;
    zf_zone_place unsettled = piece->wkb;
    zf_arena_mark mark = zf_arena_get_mark(&r->scratch);
    zf_status st = zf_zone_store_read(&r->catalogue->store, &unsettled, &r->scratch, &bytes, error);
    if (st == ZF_OK)
        st = at_feature(r, zf_geom_from_wkb(r->geos, bytes.bytes, bytes.n, &r->geom, error), piece->fid,
                        error);
    zf_geom *read = r->geom;
    if (st == ZF_OK)
        st = settle_validity(r, piece, error);
    if (st == ZF_OK && r->geom != read) { /* repaired, or left out */
        piece->wkb = (zf_zone_place){0};
        piece->envelope = zf_envelope_empty();
        piece->n_parts = piece->n_points = 0;
        if (r->geom != NULL)
            st = zf_pieces_keep(r, r->geom, piece, error);
    }
    zf_geom_destroy(r->geos, r->geom);
    r->geom = NULL;
    zf_arena_rewind(&r->scratch, mark);
    return st;
}

zf_status zf_pieces_settle(zf_reader *r, zf_error *error) {
    zf_status st = check_all(r, error);
    for (size_t i = 0; st == ZF_OK && i < r->pieces.n; i++)
        if (r->pieces.items[i].is_unchecked)
            st = settle_piece(r, &r->pieces.items[i], error);
        else if (r->pieces.items[i].was_unclosed)
            st = tell_closed(r, &r->pieces.items[i], error);
    return st;
}

void zf_pieces_release(zf_reader *r) {
    zf_arena_release(&r->scratch);
    zf_memory_free(r->catalogue->budget, ZF_MEMORY_ZONE, r->pieces.items,
                   r->pieces.cap * sizeof *r->pieces.items);
    r->pieces = (zf_piece_list){0};
}
