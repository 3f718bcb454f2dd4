/* SPDX-License-Identifier: MIT */
/**
 * @file callbacks.h
 * How the library speaks to its caller while it works. The library itself prints nothing.
 */
#ifndef ZONEFOLD_CALLBACKS_H
#define ZONEFOLD_CALLBACKS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum zf_log_level {
    ZF_LOG_WARNING = 0, /**< something the user should look at; the run goes on */
    ZF_LOG_INFO,        /**< what is being done */
    ZF_LOG_DETAIL       /**< for whoever wants to see the decisions */
} zf_log_level;

/** Where a run stands. Totals are 0 when unknown. */
typedef struct zf_progress {
    const char *stage; /**< "zips", "buildings", "analyses" or "finish"; static storage */
    uint64_t n_done;   /**< features or ZIPs done in this stage */
    uint64_t n_total;  /**< of how many, or 0 */
} zf_progress;

/** Every member may be NULL. The callbacks may be called from any thread, one call at a time. */
typedef struct zf_callbacks {
    void (*log)(void *user, zf_log_level level, const char *text);
    void (*progress)(void *user, const zf_progress *progress);
    bool (*is_cancelled)(void *user); /**< asked often; true ends the run with ZF_E_CANCELLED */
    void *user;
} zf_callbacks;

#ifdef __cplusplus
}
#endif
#endif
