/* SPDX-License-Identifier: MIT */
/** A row of zip_summary as callers are told of it. */
#ifndef ZF_PERZIP_ZIP_LINE_H
#define ZF_PERZIP_ZIP_LINE_H

#include "base/base.h"

/** One row of zip_summary as it is written, without its geometry. Borrowed for the call. */
typedef struct zf_zip_line {
    uint32_t rank;
    const char *zip;
    const zf_column *columns; /**< n columns of zip_summary after `zip`, before `geom` */
    const zf_value *values;
    size_t n;
} zf_zip_line;

#endif
