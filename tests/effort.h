/* SPDX-License-Identifier: MIT */
/** How many random cases a dear test tries: all of them, or an eighth where tools/test tries again, with
 * sanitizers or on another machine, what it has tried in full. */
#ifndef ZF_EFFORT_H
#define ZF_EFFORT_H

#include <stdlib.h>

static inline int effort(int n) {
    const int part = getenv("ZONEFOLD_QUICK") != NULL ? 8 : 1;
    return (n + part - 1) / part;
}

#endif
