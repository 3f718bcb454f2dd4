/* SPDX-License-Identifier: MIT */
/* Reads what the project says of a result. */
#include "qgis/project_data.h"

#include "output/output.h"

#include <stdio.h>

/* Part of the hash of the content: tells layers of different results apart. */
static zf_status read_result_id(zf_reader *reader, zf_template_data *project, zf_error *error) {
    sqlite3_stmt *row = NULL;
    char id[17] = "";
    zf_status status =
        zf_reader_prepare(reader, &row, error, "SELECT value FROM run_info WHERE key='" ZF_CONTENT_KEY "'");
    if (status == ZF_OK)
        status = zf_reader_step(reader, row, error);
    if (status == ZF_OK && sqlite3_column_type(row, 0) != SQLITE_NULL)
        snprintf(id, sizeof id, "%s", (const char *)sqlite3_column_text(row, 0));
    zf_template_set(project, "result_id", id);
    sqlite3_finalize(row);
    return status == ZF_DONE ? ZF_OK : status;
}

zf_status zf_project_data_read(zf_reader *reader, const char *file, const char *title, zf_template_data *out,
                               zf_error *error) {
    bool has_styles = false;
    double scale = 1;
    zf_status status = zf_reader_has_table(reader, "layer_styles", &has_styles, error);
    if (status == ZF_OK && !has_styles) {
        zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                     "cannot write the project: the result has no styles");
        status = zf_error_at(error, ZF_E_INPUT, reader->path, NULL, ZF_NO_FID);
    }
    zf_template_set(out, "title", title);
    if (status == ZF_OK)
        status = read_result_id(reader, out, error);
    if (status == ZF_OK)
        status = zf_project_map_read(reader, out, &scale, error);
    return status == ZF_OK ? zf_project_layers_read(reader, file, scale, out, error) : status;
}
