/* SPDX-License-Identifier: MIT */
/* Tables of analyses: rows per ZIP, under a name of their own. */
#include "output/output_internal.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_taken(const char *name, const zf_output_table *taken, size_t n_taken) {
    for (size_t i = 0; i < n_taken; i++)
        if (taken[i].name != NULL && zf_string_equal_nocase(taken[i].name, name))
            return true;
    return false;
}

/* The first of name, name_2, name_3, ... that is free; NULL without memory. */
static char *free_name(const char *name, const zf_output_table *taken, size_t n_taken) {
    char *candidate = zf_string_copy(name);
    for (unsigned suffix = 2; candidate != NULL && is_taken(candidate, taken, n_taken); suffix++) {
        free(candidate);
        if (asprintf(&candidate, "%s_%u", name, suffix) < 0)
            return NULL;
    }
    return candidate;
}

zf_status zf_output_analysis_table_create(const zf_database *db, const zf_output_analysis_table *table,
                                          const zf_output_table *taken, size_t n_taken, int32_t srid,
                                          zf_output_table *out, zf_error *error) {
    char *name = free_name(table->name, taken, n_taken);
    if (name == NULL)
        return zf_error_memory(error, 0, "a table's name");
    if (is_taken(table->name, taken, n_taken))
        zf_log(db->callbacks, ZF_LOG_INFO,
               "the table '%s' is called '%s', as the result has a table of that name already", table->name,
               name);
    out->own_name = name;
    const zf_table_schema *schema = &zf_result_tables[ZF_TABLE_ANALYSIS];
    const size_t n_left_out = table->has_polygons ? 0 : 1; /* the id */
    const zf_output_table_def definition = {.name = name,
                                            .geometry_type = table->has_polygons ? "MULTIPOLYGON" : NULL,
                                            .own = schema->columns + n_left_out,
                                            .n_own = schema->n_own - n_left_out};
    zf_status status = zf_output_table_create(db, &definition, table->columns, table->n_columns, out, error);
    if (status == ZF_OK && table->has_polygons)
        status = zf_output_layer_register(db, out, srid, error);
    return status;
}
