/* SPDX-License-Identifier: MIT */
/** What stands below the title of the map. */
#ifndef ZF_RUN_MAP_TEXT_H
#define ZF_RUN_MAP_TEXT_H

#include "plan/plan.h"

/**
 * Appends which buildings are important, and from which files the layers come, with the date that a file
 * states: "Important: height > 0. Source: buildings.gpkg (changed 2024-05-01), zips.gpkg." Spaces and line
 * breaks of conditions become single spaces; long conditions are shortened.
 */
void zf_map_text_append(const zf_plan *plan, const zf_inputs *inputs, zf_text *out);

#endif
