/* SPDX-License-Identifier: MIT */
/** Memory of the whole process, its allocator, and a clock. */
#ifndef ZF_OS_PROCESS_H
#define ZF_OS_PROCESS_H

#include "base/base.h"

/** Live bytes of the whole process as the allocator counts them (GEOS, GDAL, SQLite and PROJ included). Cost:
 * some microseconds. */
size_t zf_process_live_bytes(void);
/** Resident bytes now and at most, from /proc/self; 0 where that is not there. */
size_t zf_process_rss_bytes(void);
size_t zf_process_rss_peak_bytes(void);
/**
 * Tunes the allocator for a long run; call before threads start. Large blocks go back to the system when they
 * are freed, instead of waiting in a heap that only grows; a batch's worth of bytes may wait, as the next
 * batch takes them again. Only where glibc's allocator is in use.
 */
void zf_process_tune_allocator(void);
/** Nanoseconds of a clock that only goes forward, from an arbitrary start. */
int64_t zf_process_clock_ns(void);

#endif
