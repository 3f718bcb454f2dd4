/* SPDX-License-Identifier: MIT */
/* The project of a result: its name, its contents, its file. */
#include "zonefold/project.h"
#include "os/output_file.h"
#include "qgis/project_data.h"
#include "qgis/qgz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char extension[] = ".qgz";

/* ---- its name ---- */

static const char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Bytes of a path before its extension; a name that begins with its only point has none. */
static size_t length_of_stem(const char *path) {
    const char *name = name_of(path), *point = strrchr(name, '.');
    return point != NULL && point > name ? (size_t)(point - path) : strlen(path);
}

/* Sets the path of the project, to be freed by the caller, and what is written there. */
static zf_status name_project(const char *result, bool overwrite, char **out_path, zf_output_target *out,
                              zf_error *error) {
    *out_path = NULL;
    if (!zf_text_is_utf8(name_of(result)))
        return zf_error_set(
            error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
            "`project`: the name of the result is not UTF-8, which a project must be; give another "
            "with `output`");
    if (asprintf(out_path, "%.*s%s", (int)length_of_stem(result), result, extension) < 0) {
        *out_path = NULL;
        return zf_error_memory(error, strlen(result), "the project's name");
    }
    *out = (zf_output_target){*out_path, "the project", "output", overwrite};
    if (strcmp(*out_path, result) != 0)
        return ZF_OK;
    return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                        "the project would have the name of the result, '%s'; give the result another "
                        "extension with `output`",
                        result);
}

zf_status zf_project_check(const zf_project_options *options, zf_error *error) {
    char *path = NULL;
    zf_output_target target;
    zf_status status = name_project(options->result, options->overwrite, &path, &target, error);
    if (status == ZF_OK)
        status = zf_output_file_check(&target, error);
    free(path);
    return status;
}

/* ---- its contents ---- */

static zf_status fill_project(const char *result, const char *title, zf_text *out, zf_error *error) {
    zf_reader reader;
    zf_template_data *data = zf_template_data_create();
    zf_status status = zf_reader_open(result, NULL, &reader, error);
    if (status == ZF_OK) {
        status = zf_project_data_read(&reader, name_of(result), title, data, error);
        zf_reader_close(&reader);
    }
    if (status == ZF_OK)
        status = zf_template_fill(zf_template_project_qgs, data, out, error);
    zf_template_data_destroy(data);
    return status;
}

/* The archive of the project, with TITLE.qgs in it. */
static zf_status make_archive(const char *result, zf_text *out, zf_error *error) {
    zf_text qgs = {0}, title = {0}, name = {0};
    zf_text_append_n(&title, name_of(result), length_of_stem(name_of(result)));
    zf_text_append_format(&name, "%s.qgs", title.bytes != NULL ? title.bytes : "");
    zf_status status = title.is_failed || name.is_failed ? zf_error_memory(error, 0, "the project's name")
                                                         : fill_project(result, title.bytes, &qgs, error);
    if (status == ZF_OK) {
        zf_qgz_append(out, name.bytes, &qgs);
        if (out->is_failed)
            status = zf_error_memory(error, qgs.n, "the project");
    }
    zf_text_deinit(&name);
    zf_text_deinit(&title);
    zf_text_deinit(&qgs);
    return status;
}

zf_status zf_project_write(const zf_project_options *options, zf_error *error) {
    char *path = NULL;
    zf_output_target target;
    zf_text archive = {0};
    zf_status status = name_project(options->result, options->overwrite, &path, &target, error);
    if (status == ZF_OK)
        status = zf_output_file_check(&target, error);
    if (status == ZF_OK)
        status = make_archive(options->result, &archive, error);
    if (status == ZF_OK)
        status = zf_output_file_write(&target, archive.bytes, archive.n, error);
    zf_text_deinit(&archive);
    free(path);
    return status;
}
