/* SPDX-License-Identifier: MIT */
#include "plan/plan_internal.h"

static zf_status use_fields(const zf_run_options *options, zf_scope *scope, zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t i = 0, column; st == ZF_OK && i < options->n_fields; i++) {
        st = zf_scope_use(scope, "`fields`", options->fields[i], &column, error);
        if (st == ZF_OK && column == ZF_SCOPE_FID)
            st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                              "`fields` fid: the feature id is always there, as building_fid");
    }
    return st;
}

/* A building has a share of each ZIP that it is of, and none of those that it is only near. */
static zf_status check_halo(const zf_plan *p, zf_error *error) {
    if (!p->analyses.halo.is_needed || !p->statistics.is_weighted || !p->expressions.uses_share)
        return ZF_OK;
    return zf_error_set(
        error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
        "an expression goes by 'share', which a building has in its own ZIPs only: that does not "
        "go together with the halo_m of an analysis under `assign` share");
}

/* Fields and measures in use; each field then knows its column in the batches. */
static zf_status list_reading(const zf_plan_statistics *statistics, const zf_plan_analyses *analyses,
                              zf_arena *arena, zf_scope *scope, zf_plan_reading *out, zf_error *error) {
    *out = (zf_plan_reading){.measures = 1u << ZF_MEASURE_AREA_M2};
    zf_status st = zf_plan_take(arena, scope->n, sizeof *out->fields, &out->fields, error);
    for (size_t i = 0; st == ZF_OK && i < scope->n; i++) {
        zf_scope_column *c = &scope->columns[i];
        if (c->is_used && c->kind == ZF_SCOPE_KIND_MEASURE)
            out->measures |= 1u << c->number;
        if (c->is_used && c->kind == ZF_SCOPE_KIND_FIELD) {
            c->batch_column = out->n_fields;
            out->fields[out->n_fields++] = (int)c->number;
        }
    }
    if (statistics->is_weighted)
        out->measures |= 1u << ZF_MEASURE_SHARE;
    if (analyses->needs & ZF_NEEDS_POINTS)
        out->measures |= 1u << ZF_MEASURE_CENTROID_X | 1u << ZF_MEASURE_CENTROID_Y;
    return st;
}

/* Rows are needed unless every number can be added up where it is found. */
static bool needs_rows(const zf_plan *p, const zf_run_options *options) {
    bool is_needed = p->layout.n_texts > 0 || zf_plan_needs_field_values(p) || p->analyses.n > 0 ||
                     p->queries.n > 0 || options->buildings_out != ZF_BUILDINGS_NONE;
    for (size_t i = 0; i < p->layout.n_numbers; i++)
        is_needed |= (p->layout.slots[i].uses & ZF_USED_AS_COLUMN) != 0;
    return is_needed;
}

/** Refuses analyses of areas for a layer that has none. */
static zf_status check_areas(const zf_plan *p, const zf_source_info *info, zf_error *error) {
    for (size_t i = 0; i < p->analyses.n && !info->may_hold_polygons; i++) {
        const char *name = p->analyses.jobs[i].analysis->name;
        if (strcmp(name, "adjacency") == 0 || strcmp(name, "overlaps") == 0)
            return zf_error_set(
                error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                "`analyses` '%s' needs polygons, and the building layer's geometry type is %s; leave it out",
                name, info->geometry_type);
    }
    return ZF_OK;
}

/** The type of building.geom: that of the layer, if the layer has one type. */
static const char *building_type_of(const zf_source_info *info) {
    return info->may_hold_polygons && info->may_hold_paths ? "GEOMETRY" : info->building_type;
}

zf_status zf_plan_make(const zf_run_options *options, const zf_plan_sources *sources,
                       const zf_callbacks *callbacks, zf_budget *budget, zf_plan *out, zf_error *error) {
    const zf_source_info *info = zf_source_get_info(sources->buildings);
    zf_carried carried = {.n = 0};
    *out = (zf_plan){.needs_rows = false};
    zf_plan *p = out;
    p->queries.geometry_type = building_type_of(info);
    p->queries.process = sources->process;
    zf_arena *arena = &p->arena;
    zf_arena_init(arena, budget, ZF_MEMORY_RECORD, 16 * 1024);
    zf_status st = zf_scope_make(info, options->n_computes, arena, &p->scope, error);
    if (st == ZF_OK)
        st = zf_plan_make_expressions(options, callbacks, arena, &p->scope, &p->expressions, error);
    if (st == ZF_OK)
        st = zf_plan_make_statistics(options, arena, &p->scope, &p->statistics, error);
    if (st == ZF_OK)
        st = zf_plan_make_analyses(options, arena, &p->scope, &p->analyses, error);
    if (st == ZF_OK)
        st = check_areas(p, info, error);
    if (st == ZF_OK)
        st = zf_plan_make_zip_fields(options, sources->zips, arena, &p->scope, &p->zips, error);
    if (st == ZF_OK)
        st = use_fields(options, &p->scope, error);
    if (st == ZF_OK)
        st = zf_plan_use_groups(options, arena, &p->scope, &p->groups, error);
    if (st == ZF_OK)
        st = check_halo(p, error);
    if (st == ZF_OK)
        st = zf_plan_check_computes(&p->expressions, &p->analyses, error);
    if (st == ZF_OK)
        st = zf_plan_make_queries(options, &p->analyses, callbacks, arena, &p->scope, &p->queries, error);
    if (st == ZF_OK)
        st = list_reading(&p->statistics, &p->analyses, arena, &p->scope, &p->reading, error);
    if (st == ZF_OK)
        st = zf_plan_list_carried(options, &p->scope, p->statistics.is_weighted, arena, &carried, error);
    if (st == ZF_OK)
        st = zf_plan_make_layout(&p->scope, &carried, &p->statistics, &p->analyses, &p->queries, arena,
                                 &p->layout, error);
    if (st == ZF_OK)
        st = zf_plan_make_result(options, p, &carried, error);
    if (st == ZF_OK && p->groups.n_fields > 0)
        st = zf_plan_make_groups(p, error);
    if (st == ZF_OK)
        st = zf_plan_make_zip_computes(options, callbacks, p, error);
    if (st == ZF_OK)
        st = zf_plan_choose_map_column(options, p, error);
    if (st == ZF_OK)
        p->needs_rows = needs_rows(p, options);
    else
        zf_plan_deinit(p);
    return st;
}

void zf_plan_deinit(zf_plan *plan) {
    zf_arena_release(&plan->arena);
    *plan = (zf_plan){.needs_rows = false};
}
