/* SPDX-License-Identifier: MIT */
/**
 * @file zonefold.h
 * The whole public promise of libzonefold.
 */
#ifndef ZONEFOLD_ZONEFOLD_H
#define ZONEFOLD_ZONEFOLD_H

#include "zonefold/callbacks.h"
#include "zonefold/run.h"
#include "zonefold/status.h"
#include "zonefold/text.h"
#include "zonefold/value.h"
#include "zonefold/version.h"

#endif
