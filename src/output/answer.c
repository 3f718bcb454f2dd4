/* SPDX-License-Identifier: MIT */
/*
 * Answers. Rows of an answer wait in the temporary database until all ZIPs have been asked; then the types of
 * its columns follow from all of its values, which depend on nothing but the inputs, and the table of the
 * result is made with these types, a geometry column as a layer.
 */
#include "output/question_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_BETWEEN_CANCEL_CHECKS = 4096, ZIP_RANK = 0, ZIP, N_OWN };

static const zf_output_own_column own_columns[N_OWN] = {
    {"zip_rank", ZF_FIELD_INTEGER, "NOT NULL"},
    {"zip", ZF_FIELD_TEXT, "NOT NULL"},
};

/* ---- columns ---- */

/* The words of question.c's CREATE TABLE. SQLite gives one only for a plain column, if need be through
 * subqueries. */
static void take_declared(zf_answer_column *column, const char *word) {
    static const struct {
        const char *word;
        zf_field_type type;
    } words[] = {{"BIGINT", ZF_FIELD_INTEGER},   {"INTEGER", ZF_FIELD_INTEGER}, {"INT", ZF_FIELD_BOOLEAN},
                 {"REAL", ZF_FIELD_REAL},        {"TEXT", ZF_FIELD_TEXT},       {"BLOB", ZF_FIELD_BLOB},
                 {"MULTIPOLYGON", ZF_FIELD_BLOB}};
    for (size_t i = 0; word != NULL && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, word) == 0) {
            column->is_declared = true;
            column->declared = words[i].type;
            column->is_footprint = strcmp(word, "MULTIPOLYGON") == 0;
        }
}

static zf_status take_names(zf_question_statement *s, zf_column *given, char **names, zf_error *error) {
    const char *own[N_OWN] = {own_columns[ZIP_RANK].name, own_columns[ZIP].name};
    for (size_t i = 0; i < s->n_columns; i++)
        given[i].name = sqlite3_column_name(s->select, (int)i);
    zf_status status = zf_output_names_settle_answer(own, N_OWN, given, s->n_columns, names, error);
    for (size_t i = 0; i < s->n_columns; i++)
        s->columns[i].name = names[i];
    return status;
}

zf_status zf_answer_describe(const zf_questions *q, zf_question_statement *s, zf_error *error) {
    const size_t most = (size_t)sqlite3_limit(q->db.handle, SQLITE_LIMIT_COLUMN, -1);
    s->n_columns = (size_t)sqlite3_column_count(s->select);
    if (s->n_columns + N_OWN > most)
        return zf_question_refuse(s, s->line, error, "it has %zu columns: SQLite allows %zu beside two more",
                                  s->n_columns, most - N_OWN);
    s->columns = calloc(s->n_columns, sizeof *s->columns);
    zf_column *given = calloc(s->n_columns, sizeof *given);
    char **names = calloc(s->n_columns, sizeof *names);
    zf_status status = ZF_OK;
    if (s->columns == NULL || given == NULL || names == NULL)
        status = zf_error_memory(error, s->n_columns * sizeof *s->columns, "the columns of an answer");
    else
        status = take_names(s, given, names, error);
    for (size_t i = 0; status == ZF_OK && i < s->n_columns; i++) {
        const char *asked = given[i].name != NULL ? given[i].name : "";
        take_declared(&s->columns[i], sqlite3_column_decltype(s->select, (int)i));
        if (strcmp(asked, s->columns[i].name) != 0)
            zf_log(
                &q->callbacks, ZF_LOG_INFO,
                "the column '%s' of --analysis-sql %s is called '%s' in the result, where that name is taken",
                asked, s->name, s->columns[i].name);
    }
    free(names);
    free(given);
    return status;
}

void zf_answer_deinit(zf_question_statement *s) {
    for (size_t i = 0; s->columns != NULL && i < s->n_columns; i++)
        free(s->columns[i].name);
    free(s->columns);
    s->columns = NULL;
}

/* ---- keeping rows ---- */

static void append_columns(zf_text *sql, const char *before, const char *form, size_t n) {
    zf_text_append(sql, before);
    for (size_t i = 0; i < n; i++) {
        zf_text_append(sql, i == 0 ? "" : ",");
        zf_text_append(sql, form);
        if (form[0] == 'c')
            zf_text_append_format(sql, "%zu", i);
    }
    zf_text_append(sql, ")");
}

zf_status zf_answer_begin(zf_questions *q, size_t k, zf_error *error) {
    zf_question_statement *s = &q->statements[k];
    zf_text table = {0}, insert = {0};
    zf_text_append_format(&table, "CREATE TABLE zf_answer_%zu", k);
    append_columns(&table, "(", "c", N_OWN + s->n_columns);
    zf_text_append_format(&insert, "INSERT INTO zf_answer_%zu VALUES", k);
    append_columns(&insert, "(", "?", N_OWN + s->n_columns);
    zf_status status = ZF_OK;
    if (table.is_failed || insert.is_failed)
        status = zf_error_memory(error, table.n + insert.n, "an SQL statement");
    else if (sqlite3_exec(q->db.handle, table.bytes, NULL, NULL, NULL) != SQLITE_OK ||
             sqlite3_prepare_v3(q->db.handle, insert.bytes, -1, SQLITE_PREPARE_PERSISTENT, &s->keep, NULL) !=
                 SQLITE_OK)
        status = zf_question_storage_failed(q, sqlite3_errcode(q->db.handle),
                                            "make room for the answers to an SQL text", error);
    zf_text_deinit(&table);
    zf_text_deinit(&insert);
    return status;
}

static unsigned kind_of(sqlite3_value *value) {
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: {
        const sqlite3_int64 n = sqlite3_value_int64(value);
        const bool is_large = n > (1LL << 53) || n < -(1LL << 53);
        return ZF_SEEN_INTEGER | (is_large ? ZF_SEEN_LARGE : 0u);
    }
    case SQLITE_FLOAT:
        return ZF_SEEN_REAL;
    case SQLITE_TEXT:
        return ZF_SEEN_TEXT;
    case SQLITE_BLOB:
        return ZF_SEEN_BLOB;
    default:
        return 0;
    }
}

/* Kinds that no one type of a column holds without changing some value. */
static const char *clash(unsigned seen) {
    const bool has_number = (seen & (ZF_SEEN_INTEGER | ZF_SEEN_REAL)) != 0;
    if (has_number && (seen & ZF_SEEN_TEXT) != 0)
        return "numbers and texts";
    if (has_number && (seen & ZF_SEEN_BLOB) != 0)
        return "numbers and blobs";
    if ((seen & ZF_SEEN_TEXT) != 0 && (seen & ZF_SEEN_BLOB) != 0)
        return "texts and blobs";
    if ((seen & ZF_SEEN_REAL) != 0 && (seen & ZF_SEEN_LARGE) != 0)
        return "real numbers and integers of more than 53 bits";
    return NULL;
}

/* A blob's frame, as in blob.c; both byte orders, and compressed geometries, whose type is a million higher.
 */
enum { MBR_AT = 6, MBR_END_AT = 38, TYPE_AT = 39, LEAST_BYTES = 60 };

static bool read_geometry(const uint8_t *bytes, size_t n, zf_answer_column *out, zf_envelope *out_envelope) {
    double mbr[4];
    uint32_t words[2];
    if (n < LEAST_BYTES || bytes[0] != 0x00 || bytes[1] > 1 || bytes[MBR_END_AT] != 0x7C ||
        bytes[n - 1] != 0xFE)
        return false;
    const bool is_little = bytes[1] == 1;
    for (unsigned w = 0; w < 2; w++) {
        const uint8_t *at = bytes + (w == 0 ? 2 : TYPE_AT);
        words[w] = 0;
        for (unsigned i = 0; i < 4; i++)
            words[w] |= (uint32_t)at[is_little ? i : 3 - i] << (8 * i);
    }
    for (unsigned d = 0; d < 4; d++) {
        uint8_t turned[8];
        for (unsigned i = 0; i < 8; i++)
            turned[i] = bytes[MBR_AT + 8 * d + (is_little ? i : 7 - i)];
        memcpy(&mbr[d], turned, sizeof mbr[d]);
    }
    const uint32_t type = words[1] % 1000000;
    out->srid = (int32_t)words[0];
    out->type = type % 1000;
    out->dimensions = type / 1000;
    *out_envelope = (zf_envelope){mbr[0], mbr[1], mbr[2], mbr[3]};
    return out->type >= 1 && out->type <= 7 && out->dimensions <= 3 && isfinite(mbr[0]) && isfinite(mbr[1]) &&
           isfinite(mbr[2]) && isfinite(mbr[3]);
}

/* Of two types: the same, that of many of the kind, or 0. */
static unsigned common_type(unsigned a, unsigned b) {
    const bool is_alike = a >= 1 && b >= 1 && a <= 6 && b <= 6 && a % 3 == b % 3;
    return a == b ? a : is_alike ? (a > b ? a : b) : 0;
}

static void note_geometry(zf_answer_column *column, const uint8_t *bytes, size_t n) {
    zf_answer_column found = {0};
    zf_envelope envelope;
    if (!read_geometry(bytes, n, &found, &envelope)) {
        column->is_no_geometry = true;
    } else if (!column->has_geometry) {
        column->has_geometry = true;
        column->srid = found.srid;
        column->type = found.type;
        column->dimensions = found.dimensions;
    } else {
        column->is_no_geometry |= column->srid != found.srid || column->dimensions != found.dimensions;
        column->type = common_type(column->type, found.type);
    }
}

static zf_status note_value(const zf_question_statement *s, size_t i, sqlite3_value *value, zf_error *error) {
    zf_answer_column *column = &s->columns[i];
    column->seen |= kind_of(value);
    if (sqlite3_value_type(value) == SQLITE_BLOB && !column->is_no_geometry)
        note_geometry(column, sqlite3_value_blob(value), (size_t)sqlite3_value_bytes(value));
    if (clash(column->seen) == NULL)
        return ZF_OK;
    return zf_question_refuse(s, s->line, error,
                              "the column '%s' gives %s (also over several ZIPs), and a column has one type: "
                              "write CAST(... AS TEXT), or AS REAL",
                              column->name, clash(column->seen));
}

zf_status zf_answer_keep(zf_questions *q, zf_question_statement *s, uint32_t rank, const char *zip,
                         zf_error *error) {
    zf_status status = ZF_OK;
    int code = sqlite3_bind_int64(s->keep, 1 + ZIP_RANK, rank);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(s->keep, 1 + ZIP, zip, -1, SQLITE_STATIC);
    for (size_t i = 0; status == ZF_OK && code == SQLITE_OK && i < s->n_columns; i++) {
        /* protected for this connection, which has no mutex and one thread */
        sqlite3_value *value = sqlite3_column_value(s->select, (int)i);
        status = note_value(s, i, value, error);
        code = sqlite3_bind_value(s->keep, (int)(1 + N_OWN + i), value);
    }
    if (status == ZF_OK && (code != SQLITE_OK || sqlite3_step(s->keep) != SQLITE_DONE))
        status = zf_question_storage_failed(q, sqlite3_errcode(q->db.handle), "keep an answer to an SQL text",
                                            error);
    sqlite3_reset(s->keep);
    sqlite3_clear_bindings(s->keep);
    return status;
}

/* ---- the table of the result ---- */

/* Of a column with no value at all the declared type, else text. */
static zf_field_type type_of(const zf_answer_column *column) {
    const zf_field_type declared = column->declared;
    if (column->seen == 0)
        return column->is_declared ? declared : ZF_FIELD_TEXT;
    if ((column->seen & ZF_SEEN_REAL) != 0)
        return ZF_FIELD_REAL;
    if ((column->seen & ZF_SEEN_TEXT) != 0)
        return ZF_FIELD_TEXT;
    if ((column->seen & ZF_SEEN_BLOB) != 0)
        return ZF_FIELD_BLOB;
    if (column->is_declared && (declared == ZF_FIELD_REAL || declared == ZF_FIELD_BOOLEAN) &&
        (column->seen & ZF_SEEN_LARGE) == 0)
        return declared;
    return ZF_FIELD_INTEGER;
}

/* SpatiaLite's metadata refuse quotes in names. */
static bool is_layer_name(const char *name) {
    return strpbrk(name, "'\"") == NULL && strlen(name) <= ZF_OUTPUT_MAX_NAME_BYTES;
}

static zf_status is_layer_column(zf_output *sink, const zf_questions *q, const zf_question_statement *s,
                                 zf_answer_column *column, bool *out, zf_error *error) {
    *out = false;
    if (column->seen == 0 && column->is_declared && column->is_footprint) {
        column->has_geometry = true;
        column->srid = q->srid;
        column->type = 6;
    }
    if (!column->has_geometry || column->is_no_geometry || !is_layer_name(s->name) ||
        !is_layer_name(column->name))
        return ZF_OK;
    return zf_output_crs_know(&sink->db, column->srid, out, error);
}

/* The first column that can be one; n_columns: there is none. */
static zf_status find_layer(zf_output *sink, const zf_questions *q, zf_question_statement *s, size_t *out,
                            zf_error *error) {
    zf_status status = ZF_OK;
    bool is_one = false;
    for (*out = 0; *out < s->n_columns; (*out)++) {
        status = is_layer_column(sink, q, s, &s->columns[*out], &is_one, error);
        if (status != ZF_OK || is_one)
            break;
        if (s->columns[*out].has_geometry)
            zf_log(&q->callbacks, ZF_LOG_INFO,
                   "the geometries of '%s' in the table '%s' stay blobs: SpatiaLite knows no layer of such a "
                   "name, CRS or mixture of dimensions",
                   s->columns[*out].name, s->name);
    }
    return status;
}

static zf_status create(zf_output *sink, const zf_question_statement *s, size_t layer, zf_output_table *table,
                        zf_error *error) {
    static const char *const types[] = {
        "GEOMETRY",   "POINT",           "LINESTRING",   "POLYGON",
        "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"};
    static const char *const dimensions[] = {"XY", "XYZ", "XYM", "XYZM"};
    const bool is_layer = layer < s->n_columns;
    const zf_answer_column *geometry = is_layer ? &s->columns[layer] : NULL;
    const zf_output_layer_def names = {is_layer ? geometry->name : "", N_OWN + layer,
                                     dimensions[is_layer ? geometry->dimensions : 0]};
    const zf_output_table_def definition = {
        s->name, is_layer ? types[geometry->type] : NULL, own_columns, N_OWN, 0, &names};
    zf_column *columns = calloc(s->n_columns, sizeof *columns);
    if (columns == NULL)
        return zf_error_memory(error, s->n_columns * sizeof *columns, "the columns of an answer");
    size_t n = 0;
    for (size_t i = 0; i < s->n_columns; i++)
        if (i != layer)
            columns[n++] = (zf_column){s->columns[i].name, type_of(&s->columns[i])};
    zf_status status = zf_output_table_create(&sink->db, &definition, columns, n, table, error);
    free(columns);
    if (status == ZF_OK && is_layer)
        status = zf_output_layer_register(&sink->db, table, geometry->srid, error);
    return status == ZF_OK ? zf_output_table_prepare(&sink->db, table, sink->budget, error) : status;
}

static zf_value read_value(sqlite3_stmt *row, int i) {
    static const uint8_t nothing[1] = {0};
    zf_bytes bytes;
    switch (sqlite3_column_type(row, i)) {
    case SQLITE_INTEGER:
        return zf_value_integer(sqlite3_column_int64(row, i));
    case SQLITE_FLOAT:
        return zf_value_real(sqlite3_column_double(row, i));
    case SQLITE_TEXT:
        bytes.bytes = sqlite3_column_text(row, i);
        bytes.n = (size_t)sqlite3_column_bytes(row, i);
        return zf_value_bytes(ZF_VALUE_TEXT, bytes);
    case SQLITE_BLOB:
        bytes.bytes = sqlite3_column_blob(row, i);
        bytes.n = (size_t)sqlite3_column_bytes(row, i);
        if (bytes.n == 0)
            bytes.bytes = nothing;
        return zf_value_bytes(ZF_VALUE_BLOB, bytes);
    default:
        return zf_value_null();
    }
}

static void append_word(zf_text *out, uint32_t word, bool is_little) {
    char bytes[4];
    for (unsigned i = 0; i < 4; i++)
        bytes[is_little ? i : 3 - i] = (char)(word >> (8 * i) & 0xFF);
    zf_text_append_n(out, bytes, sizeof bytes);
}

/* The only member of a geometry of many: QGIS draws no layer of several types. As SpatiaLite's CastToMulti.
 */
static void promote(zf_bytes single, zf_text *out) {
    enum { BODY_AT = TYPE_AT + 4, MARK = 0x69, TO_MULTI = 3, COMPRESSED = 1000000 };
    const uint8_t *type_at = single.bytes + TYPE_AT;
    const bool is_little = single.bytes[1] == 1;
    uint32_t type = 0;
    for (unsigned i = 0; i < 4; i++)
        type |= (uint32_t)type_at[is_little ? i : 3 - i] << (8 * i);
    const char mark = (char)MARK;
    out->n = 0;
    zf_text_append_n(out, (const char *)single.bytes, TYPE_AT);
    append_word(out, type % COMPRESSED + TO_MULTI,
                is_little); /* the members are compressed, never the whole */
    append_word(out, 1, is_little);
    zf_text_append_n(out, &mark, 1);
    zf_text_append_n(out, (const char *)type_at, single.n - TYPE_AT);
}

/** What a row of an answer is written with. */
typedef struct answer_row {
    size_t layer, n;     /**< n columns; layer: of the geometry */
    unsigned layer_type; /**< of its column */
    zf_value *given;     /**< n - 1 others */
    zf_text promoted;    /**< its bytes, where they are not those that were kept */
} answer_row;

static zf_status take_geometry(answer_row *a, zf_bytes kept, zf_output_row *row, zf_error *error) {
    zf_answer_column found = {0};
    row->geometry = kept;
    const bool is_one = read_geometry(kept.bytes, kept.n, &found, &row->envelope);
    if (!is_one || found.type > 3 || found.type + 3 != a->layer_type)
        return ZF_OK;
    promote(kept, &a->promoted);
    if (a->promoted.is_failed)
        return zf_error_memory(error, kept.n, "a geometry of an answer");
    row->geometry = (zf_bytes){.bytes = (const uint8_t *)a->promoted.bytes, .n = a->promoted.n};
    return ZF_OK;
}

static zf_status write_row(zf_output *sink, zf_output_table *table, sqlite3_stmt *stored, answer_row *a,
                           zf_error *error) {
    const zf_value own[N_OWN] = {read_value(stored, ZIP_RANK), read_value(stored, ZIP)};
    zf_output_row row = {.own = own, .given = a->given, .envelope = zf_envelope_empty()};
    zf_status status = ZF_OK;
    for (size_t i = 0, to = 0; i < a->n; i++) {
        zf_value value = read_value(stored, (int)(N_OWN + i));
        if (i != a->layer)
            a->given[to++] = value;
        else if (value.kind == ZF_VALUE_BLOB)
            status = take_geometry(a, value.as.bytes, &row, error);
    }
    return status == ZF_OK ? zf_output_table_insert(&sink->db, table, &row, error) : status;
}

static zf_status write_rows(zf_output *sink, zf_questions *q, size_t k, size_t layer, zf_output_table *table,
                            zf_error *error) {
    const size_t n = q->statements[k].n_columns;
    sqlite3_stmt *stored = NULL;
    answer_row row = {.layer = layer, .n = n, .given = calloc(n, sizeof *row.given)};
    char sql[64];
    sqlite3_snprintf(sizeof sql, sql, "SELECT * FROM zf_answer_%llu ORDER BY rowid", (unsigned long long)k);
    zf_status status = ZF_OK;
    int code = SQLITE_DONE;
    if (layer < n)
        row.layer_type = q->statements[k].columns[layer].type;
    if (row.given == NULL)
        status = zf_error_memory(error, n * sizeof *row.given, "a row of an answer");
    else if (sqlite3_prepare_v2(q->db.handle, sql, -1, &stored, NULL) != SQLITE_OK)
        status = zf_question_storage_failed(q, sqlite3_errcode(q->db.handle),
                                            "read the answers to an SQL text", error);
    while (status == ZF_OK && (code = sqlite3_step(stored)) == SQLITE_ROW) {
        status = write_row(sink, table, stored, &row, error);
        if (status == ZF_OK && table->n_rows % ROWS_BETWEEN_CANCEL_CHECKS == 0)
            status = zf_check_cancelled(&q->callbacks, error);
    }
    if (status == ZF_OK && code != SQLITE_DONE)
        status = zf_question_storage_failed(q, sqlite3_errcode(q->db.handle),
                                            "read the answers to an SQL text", error);
    sqlite3_finalize(stored);
    zf_text_deinit(&row.promoted);
    free(row.given);
    return status;
}

zf_status zf_output_write_answers(zf_output *sink, zf_questions *q, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t k = 0; status == ZF_OK && k < q->n_statements; k++) {
        zf_question_statement *s = &q->statements[k];
        zf_output_table *table = &sink->tables[sink->first_answer + k];
        size_t layer = s->n_columns;
        status = find_layer(sink, q, s, &layer, error);
        if (status == ZF_OK)
            status = create(sink, s, layer, table, error);
        if (status == ZF_OK)
            status = write_rows(sink, q, k, layer, table, error);
    }
    sink->is_broken = sink->is_broken || status != ZF_OK;
    return status;
}
