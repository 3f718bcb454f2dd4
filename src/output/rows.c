/* SPDX-License-Identifier: MIT */
/* The rows of each table. */
#include "output/output_internal.h"

#include <math.h>

/* Without a journal a failed statement may leave half a row, so the result can no longer be finished. */
static zf_status note(zf_output *output, zf_status status) {
    output->is_broken = output->is_broken || status != ZF_OK;
    return status;
}

static zf_status insert(zf_output *output, int table, const zf_output_row *row, zf_error *error) {
    return zf_output_table_insert(&output->db, &output->tables[table], row, error);
}

/* NULL bytes and empty geometries become NULL. */
static zf_status set_polygons(zf_output *output, zf_bytes wkb, zf_output_row *row, zf_error *error) {
    row->envelope = zf_envelope_empty();
    if (wkb.bytes == NULL)
        return ZF_OK;
    zf_status status = zf_spatialite_blob_polygons(&output->blob, output->srid, wkb, &row->envelope, error);
    if (status == ZF_OK && output->blob.n > 0)
        row->geometry = (zf_bytes){output->blob.bytes, output->blob.n};
    return status;
}

/** Names the type of the buildings written so far. */
static const char *type_of_buildings(unsigned types) {
    static const char *const names[] = {
        [1] = "POINT", [4] = "MULTIPOINT", [5] = "MULTILINESTRING", [6] = "MULTIPOLYGON"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (types == 1u << i)
            return names[i];
    return "GEOMETRY";
}

/** Encodes a building of any dimension, and notes its type. NULL bytes and empty geometries become NULL. */
static zf_status set_building(zf_output *output, zf_bytes wkb, zf_output_row *row, zf_error *error) {
    unsigned type = 0;
    row->envelope = zf_envelope_empty();
    if (wkb.bytes == NULL)
        return ZF_OK;
    zf_status status = zf_spatialite_blob_any(
        &output->blob, output->srid, wkb, output->buildings.has_single_points, &row->envelope, &type, error);
    if (status != ZF_OK || output->blob.n == 0)
        return status;
    row->geometry = (zf_bytes){output->blob.bytes, output->blob.n};
    if ((output->buildings.types & 1u << type) == 0) {
        output->buildings.types |= 1u << type;
        output->tables[ZF_OUTPUT_BUILDING].layer.geometry_type = type_of_buildings(output->buildings.types);
    }
    return ZF_OK;
}

zf_status zf_output_write_zip(zf_output *output, uint32_t rank, const char *zip, const zf_value *values,
                              zf_bytes wkb, zf_error *error) {
    const zf_value own[] = {zf_value_integer(rank), zf_value_text(zip)};
    zf_output_row row = {.own = own, .given = values};
    zf_status status = set_polygons(output, wkb, &row, error);
    if (status == ZF_OK)
        status = insert(output, ZF_OUTPUT_ZIP, &row, error);
    return note(output, status);
}

static zf_status locate_building(zf_output *output, zf_status status, int64_t fid, zf_error *error) {
    return status == ZF_OK ? ZF_OK : zf_error_at(error, status, output->file.path, "important_building", fid);
}

/* Keeps the rows of a ZIP together in the spatial index. */
static zf_status begin_zip(zf_output *output, zf_output_table *table, uint32_t rank, zf_error *error) {
    const bool is_next = rank != output->buildings.rank;
    output->buildings.rank = rank;
    return is_next && table->layer.geometry_type != NULL
               ? zf_output_rtree_end_group(&output->db, &table->layer.rtree, error)
               : ZF_OK;
}

zf_status zf_output_write_building(zf_output *output, uint32_t rank, const char *zip, int64_t fid,
                                   const zf_value *values, zf_bytes wkb, zf_error *error) {
    const zf_value own[] = {zf_value_integer(++output->buildings.n), zf_value_integer(rank),
                            zf_value_text(zip), zf_value_integer(fid)};
    zf_output_table *table = &output->tables[ZF_OUTPUT_BUILDING];
    zf_output_row row = {.own = own, .given = values};
    zf_status status = ZF_OK;
    if (table->name == NULL)
        return note(output, zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                                         "the result was opened without buildings"));
    status = begin_zip(output, table, rank, error);
    if (status == ZF_OK && table->layer.geometry_type != NULL)
        status = set_building(output, wkb, &row, error);
    if (status == ZF_OK)
        status = insert(output, ZF_OUTPUT_BUILDING, &row, error);
    return note(output, locate_building(output, status, fid, error));
}

zf_status zf_output_write_group(zf_output *output, uint32_t rank, const char *zip, const zf_value *values,
                                zf_error *error) {
    const zf_value own[] = {zf_value_integer(rank), zf_value_text(zip)};
    const zf_output_row row = {.own = own, .given = values, .envelope = zf_envelope_empty()};
    return note(output, insert(output, ZF_OUTPUT_GROUP, &row, error));
}

uint64_t zf_output_count_groups(const zf_output *output) {
    return output->tables[ZF_OUTPUT_GROUP].n_rows;
}

zf_status zf_output_write_analysis_row(zf_output *output, size_t table, uint32_t rank, const char *zip,
                                       const zf_value *values, zf_bytes wkb, zf_error *error) {
    zf_output_table *to = &output->tables[ZF_OUTPUT_TABLES + table];
    const bool is_layer = to->layer.geometry_type != NULL;
    const zf_value own[] = {zf_value_integer((int64_t)to->n_rows + 1), zf_value_integer(rank),
                            zf_value_text(zip)};
    zf_output_row row = {.own = is_layer ? own : own + 1, .given = values};
    zf_status status = is_layer ? set_polygons(output, wkb, &row, error) : ZF_OK;
    if (status == ZF_OK)
        status = insert(output, (int)(ZF_OUTPUT_TABLES + table), &row, error);
    return note(output, status == ZF_OK ? ZF_OK : zf_error_within(error, status, "ZIP '%s'", zip));
}

zf_status zf_output_write_rejected(zf_output *output, const zf_rejected *rejected, zf_error *error) {
    const zf_value own[] = {
        zf_value_integer(++output->n_rejected),
        zf_value_text(rejected->is_zip ? "zips" : "buildings"),
        rejected->fid == ZF_NO_FID ? zf_value_null() : zf_value_integer(rejected->fid),
        zf_value_text(rejected->reason),
        zf_value_text(rejected->detail),
        zf_value_text(rejected->is_repaired ? "repaired" : "skipped"),
        zf_value_real(rejected->area_delta_m2),
    };
    zf_output_row row = {.own = own, .envelope = zf_envelope_empty()};
    zf_status status = ZF_OK;
    if (isfinite(rejected->x) && isfinite(rejected->y)) {
        status = zf_spatialite_blob_point(&output->blob, output->srid, rejected->x, rejected->y, error);
        row.geometry = (zf_bytes){output->blob.bytes, output->blob.n};
        row.envelope = (zf_envelope){rejected->x, rejected->y, rejected->x, rejected->y};
    }
    if (status == ZF_OK)
        status = insert(output, ZF_OUTPUT_REJECTED, &row, error);
    return note(output, status);
}

zf_status zf_output_write_count(zf_output *output, const char *name, uint64_t value, zf_error *error) {
    const zf_value own[] = {zf_value_text(name), zf_value_integer((int64_t)value)};
    return note(output, insert(output, ZF_OUTPUT_COUNT, &(zf_output_row){.own = own}, error));
}

zf_status zf_output_write_area(zf_output *output, const char *name, double value_m2, zf_error *error) {
    const zf_value own[] = {zf_value_text(name), zf_value_real(value_m2)};
    return note(output, insert(output, ZF_OUTPUT_AREA, &(zf_output_row){.own = own}, error));
}

zf_status zf_output_write_funnel(zf_output *output, uint32_t step, const char *rule, uint64_t passed,
                                 uint64_t dropped, zf_error *error) {
    const zf_value own[] = {zf_value_integer(step), zf_value_text(rule), zf_value_integer((int64_t)passed),
                            zf_value_integer((int64_t)dropped)};
    return note(output, insert(output, ZF_OUTPUT_FUNNEL, &(zf_output_row){.own = own}, error));
}

zf_status zf_output_write_info(zf_output *output, const char *key, const char *value, zf_error *error) {
    const zf_value own[] = {zf_value_text(key), zf_value_text(value)};
    return note(output, insert(output, ZF_OUTPUT_INFO, &(zf_output_row){.own = own}, error));
}

zf_status zf_output_write_input(zf_output *output, const zf_output_input *input, zf_error *error) {
    const zf_value own[] = {
        zf_value_integer(++output->n_inputs),
        zf_value_text(input->role),
        zf_value_text(input->file),
        zf_value_text(input->layer),
        zf_value_integer((int64_t)input->n_bytes),
        zf_value_text(input->sha256),
        input->n_features < 0 ? zf_value_null() : zf_value_integer(input->n_features),
        zf_value_text(input->crs),
    };
    return note(output, insert(output, ZF_OUTPUT_INPUT, &(zf_output_row){.own = own}, error));
}
