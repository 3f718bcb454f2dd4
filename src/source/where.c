/* SPDX-License-Identifier: MIT */
/* The attribute filter of a layer: sets it, checks it, and explains why it cannot be used. */
#include "source/source_internal.h"

#include <string.h>

/* True if the first feature can be read with the current filters, or if there is none. */
static bool can_read_first(const zf_source *source, zf_trap *trap) {
    zf_trap_begin(trap);
    OGR_L_ResetReading(source->layer);
    OGR_F_Destroy(OGR_L_GetNextFeature(source->layer));
    OGR_L_ResetReading(source->layer);
    zf_trap_end(trap);
    return !trap->has_failed || zf_geojson_is_geometry_error(source, trap);
}

/* True if there is a semicolon outside quotes: SQLite would run the first statement and ignore the rest. */
static bool has_second_statement(const char *where) {
    char quote = '\0';
    for (const char *c = where; *c; c++) {
        if (quote)
            quote = *c == quote ? '\0' : quote;
        else if (*c == '\'' || *c == '"' || *c == '`')
            quote = *c;
        else if (*c == ';')
            return true;
    }
    return false;
}

/* ---- why a filter cannot be used ---- */

/** Compiles the filter once more in a statement of its own: when GDAL compiles that of a GeoPackage, it does
 * not pass on SQLite's message. */
static void compile_again(const zf_source *source, const char *where, zf_trap *trap) {
    zf_text sql = {0};
    zf_text_append(&sql, "SELECT 1 FROM ");
    zf_text_append_identifier(&sql, OGR_L_GetName(source->layer));
    zf_text_append_format(&sql, " m WHERE %s", where);
    zf_trap_begin(trap);
    if (!sql.is_failed)
        GDALDatasetReleaseResultSet(source->dataset,
                                    GDALDatasetExecuteSQL(source->dataset, sql.bytes, NULL, NULL));
    zf_trap_end(trap);
    zf_text_deinit(&sql);
}

/** Appends GDAL's message without the statement that GDAL made of the filter, and without its pointer into
 * it. */
static void append_reason(zf_text *out, const char *message) {
    static const char end_of_statement[] = "):";
    const char *found = strstr(message, "sqlite3_prepare_v2("),
               *pointer = strstr(message, " Occurred around");
    for (const char *at = found; at != NULL && (at = strstr(at, end_of_statement)) != NULL;)
        found = at += sizeof end_of_statement - 1;
    const char *reason = found != NULL ? found + strspn(found, " \n") : message;
    size_t n = pointer > reason ? (size_t)(pointer - reason) : strlen(reason);
    while (n > 0 && strchr(" .\n", reason[n - 1]) != NULL)
        n--;
    zf_text_append_n(out, reason, n);
}

/** Whether a name stands as a whole word in an expression, outside of quotes. */
static bool has_bare_word(const char *where, const char *name) {
    static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    while (*where != '\0') {
        size_t n = strspn(where, word);
        const char *quoted = n == 0 && strchr("'\"`", *where) != NULL ? strchr(where + 1, *where) : NULL;
        if (n == strlen(name) && EQUALN(where, name, n))
            return true;
        where = quoted != NULL ? quoted + 1 : where + (n > 0 ? n : 1);
    }
    return false;
}

/** A field whose name is a keyword of SQL and the likely cause of a syntax error: the word that the error
 * names, `near "limit"` or `unexpected LIMIT`, or one after which the parser stops at the next word only. */
static const char *field_of_keyword(const zf_source *source, const char *where, const char *reason) {
    static const char *const openers[] = {"case", "cast", "exists", "values"};
    const char *near = strstr(reason, "near \""), *unexpected = strstr(reason, "unexpected ");
    const char *word = near != NULL ? near + 6 : unexpected != NULL ? unexpected + 11 : NULL;
    const size_t n = word != NULL ? strcspn(word, "\", ") : 0;
    for (size_t i = 0; n > 0 && i < source->info.n_fields; i++) {
        const char *name = source->fields[i].name;
        const bool is_named = strlen(name) == n && EQUALN(name, word, n);
        const bool is_opener = zf_string_is_among_nocase(name, openers, sizeof openers / sizeof *openers);
        if (is_named || (is_opener && has_bare_word(where, name)))
            return name;
    }
    return NULL;
}

/** Fails with the user's own expression, the reason, and what to do. */
static zf_status refuse_where(const zf_source *source, const char *where, const zf_trap *trap,
                              zf_error *error) {
    zf_trap again;
    zf_text reason = {0};
    const char *message = zf_trap_message(trap);
    if (strstr(message, "failed to prepare SQL") != NULL) {
        compile_again(source, where, &again);
        message = zf_trap_message(&again);
    }
    append_reason(&reason, message);
    const char *text = reason.is_failed ? "it is not a condition" : reason.bytes;
    const char *field = field_of_keyword(source, where, text);
    zf_status status = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_OGR, "cannot use `zip_where` '%s': %s%s%s%s",
                                    where, text, field != NULL ? "; this name needs double quotes: \"" : "",
                                    field != NULL ? field : "", field != NULL ? "\"" : "");
    zf_text_deinit(&reason);
    return status;
}

/* ---- setting it ---- */

zf_status zf_source_set_where(zf_source *source, const char *where, zf_error *error) {
    zf_trap trap, without;
    if (where && has_second_statement(where))
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "cannot use `zip_where` '%s': there must be one condition, without a semicolon",
                            where);
    zf_trap_begin(&trap);
    OGRErr result = OGR_L_SetAttributeFilter(source->layer, where);
    zf_trap_end(&trap);
    if (result == OGRERR_NONE && (!where || can_read_first(source, &trap)))
        return ZF_OK;
    zf_trap_begin(&without);
    (void)OGR_L_SetAttributeFilter(source->layer, NULL);
    zf_trap_end(&without);
    if (result == OGRERR_NONE && !can_read_first(source, &without))
        return zf_source_read_error(source, zf_trap_message(&without), ZF_NO_FID, error);
    if (zf_source_is_out_of_memory(zf_trap_message(&trap)))
        return zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_OGR,
                            "cannot use `zip_where` '%s': %s; allow more with `memory_bytes`", where,
                            zf_trap_message(&trap));
    return refuse_where(source, where, &trap, error);
}
