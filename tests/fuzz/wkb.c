/* SPDX-License-Identifier: MIT */
/* WKB as a file may hold it: the view keeps within its bytes, and what it says is what GEOS says. */
#include "fuzz/footprint.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    fuzz_footprint(bytes, n);
    return 0;
}
