/* SPDX-License-Identifier: MIT */
/** The archive that a QGIS project is. */
#ifndef ZF_QGIS_QGZ_H
#define ZF_QGIS_QGZ_H

#include "base/base.h"

/**
 * Appends a ZIP archive with one file in it, stored without compression and dated 1980-01-01, the first date
 * of the format. Source: PKWARE's APPNOTE 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 * @param name UTF-8.
 */
void zf_qgz_append(zf_text *out, const char *name, const zf_text *content);

#endif
