/* SPDX-License-Identifier: MIT */
/**
 * @file emit_docs.h
 * What zonefold-docs, a little program of the build, writes: the option tables' part of the manual and the
 * shell completion.
 */
#ifndef ZF_CLI_EMIT_DOCS_H
#define ZF_CLI_EMIT_DOCS_H

#include "zonefold/text.h"

/**
 * Appends a page of the manual: the lines of a template, where one that is a placeholder, such as
 * `@OPTIONS run@`, is filled in (emit_man.c). 0, or 1 after a message on standard error: the template cannot
 * be read, a placeholder is unknown, a column of an analysis has no definition.
 */
int zf_docs_append_man(const char *template_path, zf_text *out);
/** Appends the completion for bash. (emit_completion.c) */
void zf_docs_append_completion(zf_text *out);

#endif
