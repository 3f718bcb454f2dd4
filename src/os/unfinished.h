/* SPDX-License-Identifier: MIT */
/** The unfinished files of the process: what an ending that cannot wait must remove. */
#ifndef ZF_OS_UNFINISHED_H
#define ZF_OS_UNFINISHED_H

/** Notes the name of a file that is being written; borrowed until it is forgotten. Beyond 16 at a time a name
 * is not noted: the next run of the same output removes such a file. Any thread. */
void zf_unfinished_note(const char *path);
/** Before the name is freed, or the file is put in place. NULL and unknown names are legal. */
void zf_unfinished_forget(const char *path);
/** Removes the noted files. Async-signal-safe. */
void zf_unfinished_remove(void);

#endif
