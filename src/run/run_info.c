/* SPDX-License-Identifier: MIT */
#include "run/run_info.h"
#include "plan/job.h"

#include "zonefold/version.h"

#include <stdlib.h>
#include <string.h>

static zf_status write_versions(zf_output *output, zf_error *error) {
    size_t n = 0;
    const zf_library_version *versions = zf_library_versions(&n);
    zf_status st = zf_output_write_info(output, "zonefold", zf_version(), error);
    for (size_t i = 0; st == ZF_OK && i < n; i++)
        st = zf_output_write_info(output, versions[i].name, versions[i].version, error);
    return st;
}

static zf_status write_job(const zf_run_options *options, const zf_plan *plan, zf_output *output,
                           zf_error *error) {
    zf_text job = {0};
    zf_job_to_json(options, plan->queries.texts, plan->queries.n_own, &job);
    zf_status st = job.is_failed ? zf_error_memory(error, job.n, "the run's options")
                                 : zf_output_write_info(output, "job", job.bytes, error);
    zf_text_deinit(&job);
    return st;
}

/** "EPSG:2249", else the name. */
static zf_status crs_label(const zf_crs *crs, zf_text *out, zf_error *error) {
    const zf_crs_info *info = zf_crs_get_info(crs);
    if (info->auth_name != NULL && info->auth_code != NULL)
        zf_text_append_format(out, "%s:%s", info->auth_name, info->auth_code);
    else
        zf_text_append(out, info->name);
    return out->is_failed ? zf_error_memory(error, strlen(info->name), "the name of a CRS") : ZF_OK;
}

/** How coordinates of the ZIPs came into the buildings' CRS. What PROJ chose depends on the grids that it
 * found: so those are named, and those that it would have chosen. */
static zf_status write_operation(zf_transform *transform, zf_output *output, zf_error *error) {
    zf_text better = {0};
    if (transform != NULL)
        zf_transform_append_better(transform, &better);
    else
        zf_text_append(&better, "none");
    zf_status st = better.is_failed ? zf_error_memory(error, better.n, "the names of CRS operations") : ZF_OK;
    if (st == ZF_OK)
        st = zf_output_write_info(output, "crs_operation",
                                  transform != NULL ? zf_transform_describe(transform) : "none", error);
    if (st == ZF_OK)
        st = zf_output_write_info(output, "crs_grids",
                                  transform != NULL ? zf_transform_grids(transform) : "none", error);
    if (st == ZF_OK)
        st = zf_output_write_info(output, "crs_better", better.bytes, error);
    zf_text_deinit(&better);
    return st;
}

static zf_status write_crs(const zf_inputs *inputs, zf_output *output, zf_error *error) {
    zf_text label = {0};
    zf_status st = crs_label(inputs->crs, &label, error);
    if (st == ZF_OK)
        st = zf_output_write_info(output, "crs", label.bytes, error);
    zf_text_deinit(&label);
    if (st == ZF_OK)
        st = write_operation(inputs->transform, output, error);
    if (st == ZF_OK)
        st = zf_output_write_info(output, "measure", inputs->is_geodesic ? "geodesic" : "planar", error);
    return st;
}

static zf_status write_files(zf_output *output, zf_output_input row, const zf_hashed_file *files, size_t n,
                             zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        const char *slash = strrchr(files[i].path, '/');
        row.file = slash != NULL ? slash + 1 : files[i].path;
        row.n_bytes = files[i].n_bytes;
        row.sha256 = files[i].hex;
        st = zf_output_write_input(output, &row, error);
    }
    return st;
}

static zf_status write_inputs(const zf_inputs *inputs, const zf_hashes *hashes, zf_output *output,
                              zf_error *error) {
    const zf_source_info *zips = zf_source_get_info(inputs->zips),
                         *buildings = zf_source_get_info(inputs->buildings);
    zf_text zips_crs = {0}, crs = {0};
    zf_status st = crs_label(inputs->zips_crs, &zips_crs, error);
    if (st == ZF_OK)
        st = crs_label(inputs->crs, &crs, error);
    zf_output_input row = {
        .role = "zips", .layer = zips->layer, .n_features = zips->n_features, .crs = zips_crs.bytes};
    if (st == ZF_OK)
        st = write_files(output, row, hashes->files, hashes->n_zips, error);
    row = (zf_output_input){.role = "buildings",
                            .layer = buildings->layer,
                            .n_features = buildings->n_features,
                            .crs = crs.bytes};
    if (st == ZF_OK)
        st = write_files(output, row, hashes->files + hashes->n_zips, hashes->n - hashes->n_zips, error);
    zf_text_deinit(&zips_crs);
    zf_text_deinit(&crs);
    return st;
}

zf_status zf_provenance_write(const zf_run_options *options, const zf_plan *plan, const zf_inputs *inputs,
                              const zf_hashes *hashes, zf_output *output, zf_error *error) {
    zf_status st = write_versions(output, error);
    if (st == ZF_OK)
        st = write_job(options, plan, output, error);
    if (st == ZF_OK)
        st = write_crs(inputs, output, error);
    if (st == ZF_OK)
        st = write_inputs(inputs, hashes, output, error);
    return st;
}
