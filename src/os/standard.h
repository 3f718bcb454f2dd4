/* SPDX-License-Identifier: MIT */
/** Standard input, output and error; the terminal. */
#ifndef ZF_OS_STANDARD_H
#define ZF_OS_STANDARD_H

#include <stdbool.h>
#include <stddef.h>

/** Opens those of the descriptors 0 to 2 that are closed, so that no other file gets their numbers; reading
 * or writing them fails. */
void zf_standard_hold_descriptors(void);
/** Whether standard error is a terminal on which a line can be drawn over. */
bool zf_standard_error_is_screen(void);
/** Columns of that terminal; 80 when unknown. */
size_t zf_standard_error_columns(void);
/** Columns of the terminal on standard output; 0 when it is none. */
size_t zf_standard_output_columns(void);

#endif
