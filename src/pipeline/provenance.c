/* SPDX-License-Identifier: MIT */
#include "pipeline/provenance.h"

#include "zonefold/version.h"

#include <stdlib.h>
#include <string.h>

static zf_status write_versions(zf_sink *sink, zf_error *error) {
    size_t n = 0;
    const zf_library_version *versions = zf_library_versions(&n);
    zf_status st = zf_sink_write_info(sink, "zonefold", zf_version(), error);
    for (size_t i = 0; st == ZF_OK && i < n; i++)
        st = zf_sink_write_info(sink, versions[i].name, versions[i].version, error);
    return st;
}

static zf_status write_job(const zf_run_options *options, zf_sink *sink, zf_error *error) {
    zf_text job = {0};
    zf_job_to_json(options, &job);
    zf_status st = job.is_failed ? zf_error_memory(error, job.n, "the run's options")
                                 : zf_sink_write_info(sink, "job", job.bytes, error);
    zf_text_deinit(&job);
    return st;
}

/** "EPSG:2249", else the name. */
static void crs_label(const zf_crs *crs, zf_text *out) {
    const zf_crs_info *info = zf_crs_get_info(crs);
    if (info->auth_name != NULL && info->auth_code != NULL)
        zf_text_append_format(out, "%s:%s", info->auth_name, info->auth_code);
    else
        zf_text_append(out, info->name);
}

static zf_status write_crs(const zf_inputs *inputs, zf_sink *sink, zf_error *error) {
    zf_text label = {0};
    crs_label(inputs->crs, &label);
    zf_status st = zf_sink_write_info(sink, "crs", label.bytes != NULL ? label.bytes : "", error);
    zf_text_deinit(&label);
    if (st == ZF_OK)
        st = zf_sink_write_info(sink, "crs_operation",
                                inputs->transform != NULL ? zf_transform_describe(inputs->transform) : "none", error);
    if (st == ZF_OK)
        st = zf_sink_write_info(sink, "measure", inputs->is_geodesic ? "geodesic" : "planar", error);
    return st;
}

static zf_status write_file(zf_sink *sink, zf_sink_input *row, const char *path, const zf_callbacks *callbacks,
                            zf_error *error) {
    char hex[ZF_SHA256_HEX_BYTES];
    const char *slash = strrchr(path, '/');
    zf_status st = zf_hash_file(path, callbacks, hex, &row->n_bytes, error);
    row->file = slash != NULL ? slash + 1 : path;
    row->sha256 = hex;
    return st == ZF_OK ? zf_sink_write_input(sink, row, error) : st;
}

static zf_status write_source(zf_sink *sink, const char *role, zf_source *source, const zf_crs *crs,
                              const zf_callbacks *callbacks, zf_error *error) {
    const zf_source_info *info = zf_source_get_info(source);
    const char *const *files = NULL;
    size_t n = 0;
    zf_text label = {0};
    crs_label(crs, &label);
    zf_status st = zf_source_files(source, &files, &n, error);
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        zf_sink_input row = {
            .role = role, .layer = info->layer, .n_features = info->n_features, .crs = label.bytes};
        st = write_file(sink, &row, files[i], callbacks, error);
    }
    zf_text_deinit(&label);
    return st;
}

zf_status zf_provenance_write(const zf_run_options *options, const zf_inputs *inputs, zf_sink *sink,
                              const zf_callbacks *callbacks, zf_error *error) {
    zf_status st = write_versions(sink, error);
    if (st == ZF_OK)
        st = write_job(options, sink, error);
    if (st == ZF_OK)
        st = write_crs(inputs, sink, error);
    if (st == ZF_OK)
        st = write_source(sink, "zips", inputs->zips, inputs->zips_crs, callbacks, error);
    if (st == ZF_OK)
        st = write_source(sink, "buildings", inputs->buildings, inputs->crs, callbacks, error);
    return st;
}
