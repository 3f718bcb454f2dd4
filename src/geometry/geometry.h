/* SPDX-License-Identifier: MIT */
/**
 * Footprints as WKB views, their measures, and thin shims over GEOS and PROJ, a header for each subject.
 * Nothing outside this folder calls GEOS or PROJ.
 */
#ifndef ZF_GEOMETRY_H
#define ZF_GEOMETRY_H

#include "geometry/crs.h"
#include "geometry/envelope.h"
#include "geometry/footprints.h"
#include "geometry/geos.h"
#include "geometry/metric.h"
#include "geometry/wkb.h"

#endif
