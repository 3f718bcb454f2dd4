/* SPDX-License-Identifier: MIT */
/** What the project's files share. */
#ifndef ZF_QGIS_PROJECT_INTERNAL_H
#define ZF_QGIS_PROJECT_INTERNAL_H

#include "geometry/geometry.h"
#include "qgis/project.h"
#include "output/output.h"
#include "output/reader.h"

/** What a project says beside its layers. */
typedef struct zf_project {
    const char *file;   /**< name of the result without its directory */
    zf_text title;      /**< the same without extension */
    zf_text crs;        /**< `<spatialrefsys>...`; empty where the plane is undefined */
    zf_text tree;       /**< layers from top to bottom, for the list of layers */
    zf_text layers;     /**< `<maplayer>...` */
    char id[17];        /**< of the result's content; what identifies its layers beside those of others */
    zf_envelope extent; /**< of the ZIPs */
    bool is_large;      /**< more than a town: kilometres on the scale bar */
} zf_project;

/* ---- project_layers.c ---- */

/** Fills what the result says. */
ZF_MUST_USE zf_status zf_project_read(zf_reader *reader, zf_project *project, zf_error *error);
/** The project's XML, a .qgs file. */
void zf_project_append_qgs(zf_text *out, const zf_project *project);

/* ---- project_layout.c ---- */

/** A4: title, map, legend and scale bar. */
void zf_project_append_layout(zf_text *out, const zf_project *project);
/** The smallest extent around another that has the proportions of a width and a height. */
zf_envelope zf_project_fit(const zf_envelope *extent, double width, double height);
/** `xmin="..." ymin="..." xmax="..." ymax="..."` */
void zf_project_append_extent(zf_text *out, const zf_envelope *extent);

/* ---- qgz.c ---- */

/**
 * A ZIP archive with one file in it, stored as it is and dated 1980-01-01, the first date a ZIP knows.
 * Source: PKWARE's APPNOTE 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 * @param name UTF-8.
 */
void zf_qgz_append(zf_text *out, const char *name, const zf_text *content);

#endif
