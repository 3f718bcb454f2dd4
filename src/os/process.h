/* SPDX-License-Identifier: MIT */
/** Memory of the whole process. */
#ifndef ZF_OS_PROCESS_H
#define ZF_OS_PROCESS_H

#include "base/base.h"

/** Live bytes of the whole process as the allocator counts them (GEOS, GDAL, SQLite and PROJ included). Cost:
 * some microseconds. */
size_t zf_process_live_bytes(void);
/** Resident bytes now and at most, from /proc/self; 0 where that is not there. */
size_t zf_process_rss_bytes(void);
size_t zf_process_rss_peak_bytes(void);

#endif
