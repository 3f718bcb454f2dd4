/* SPDX-License-Identifier: MIT */
/**
 * @file zonefold.h
 * The whole public promise of libzonefold.
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
