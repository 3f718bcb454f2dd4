/* SPDX-License-Identifier: MIT */
/**
 * @file zonefold.h
 * The whole public promise of libzonefold.
 *
 * What the library does to the process that uses it, because files of others are data (src/decisions/0320):
 * - From the first call that reads a file on, every SQLite connection that the process opens is guarded: it
 *   calls only functions whose result depends on their arguments, has SQLite's own virtual tables only, loads
 *   no extension, and attaches files only to a database in memory. One that is opened for reading does nothing
 *   but read. Connections that are open already are as they were. GDAL can still create GeoPackages, but no
 *   SpatiaLite files.
 * - GDAL has no network, no SpatiaLite and no file systems but those inside of local files; its drivers may
 *   be asked for by others, but see nothing else either.
 * - zf_run, zf_plan_forecast and zf_replay with `analysis_sqls` fork at their beginning: the child runs the SELECTs. It
 *   takes only the calling thread along, so no other thread should be inside of SQLite, PROJ, GEOS or
 *   SpatiaLite at that moment. It ends before the call returns; the process gets its SIGCHLD.
 * - While zf_run, zf_plan_forecast, zf_replay or zf_inspect works, SQLite's heap limits hold for all connections of the
 *   process: half of memory_bytes, at least 48 MiB, beyond what they held before.
 * - Signals, seccomp and the allocator are left alone, unless zf_program_prepare is called.
 */
#ifndef ZONEFOLD_ZONEFOLD_H
#define ZONEFOLD_ZONEFOLD_H

#include "zonefold/archive.h"
#include "zonefold/callbacks.h"
#include "zonefold/describe.h"
#include "zonefold/diff.h"
#include "zonefold/export.h"
#include "zonefold/inspect.h"
#include "zonefold/job.h"
#include "zonefold/plan.h"
#include "zonefold/program.h"
#include "zonefold/project.h"
#include "zonefold/replay.h"
#include "zonefold/run.h"
#include "zonefold/status.h"
#include "zonefold/table.h"
#include "zonefold/text.h"
#include "zonefold/value.h"
#include "zonefold/verify.h"
#include "zonefold/version.h"
#include "zonefold/why.h"

#endif
