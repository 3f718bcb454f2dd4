/* SPDX-License-Identifier: MIT */
/** Writes a BagIt bag (RFC 8493); it is put in place whole or not at all. */
#ifndef ZF_PROVENANCE_BAG_H
#define ZF_PROVENANCE_BAG_H

#include "provenance/recorded.h"

/** A file of the payload. */
typedef struct zf_bag_file {
    char *name; /**< below data/ */
    uint64_t n_bytes;
    char sha256[ZF_SHA256_HEX_BYTES];
} zf_bag_file;

typedef struct zf_bag zf_bag;

/**
 * Begins a bag in a temporary directory beside its final path.
 * @param path copied; must not exist, or be an empty directory.
 * @return ZF_E_OUTPUT when it exists or the directory cannot be created.
 */
ZF_MUST_USE zf_status zf_bag_create(const char *path, const zf_callbacks *callbacks, zf_bag **out,
                                    zf_error *error);
/** Adds a copy of a file. ZF_E_INPUT when it cannot be read, or its SHA-256 is not `sha256` (NULL: any). */
ZF_MUST_USE zf_status zf_bag_copy(zf_bag *bag, const char *name, const char *source, const char *sha256,
                                  zf_error *error);
/** Adds a new file with these bytes. */
ZF_MUST_USE zf_status zf_bag_put(zf_bag *bag, const char *name, const char *bytes, size_t n, zf_error *error);
/** The payload so far, in the order of adding. */
const zf_bag_file *zf_bag_files(const zf_bag *bag, size_t *out_n);
/**
 * Writes the tag files and puts the bag in place.
 * @param info lines for bag-info.txt beside Payload-Oxum, each with its end.
 */
ZF_MUST_USE zf_status zf_bag_finish(zf_bag *bag, const char *info, zf_error *error);
/** Releases the bag, and removes the temporary directory unless the bag is in place. NULL is legal. */
void zf_bag_destroy(zf_bag *bag);

/** What the description of a bag is made of. */
typedef struct zf_crate {
    const zf_recorded *recorded;
    const char *result;       /**< name of the result below data/ */
    const char *date;         /**< "2020-12-31"; NULL: none */
    const zf_bag_file *files; /**< n; an input is an object of the run, the result its result */
    size_t n;
} zf_crate;

/** ro-crate-metadata.json: a Process Run Crate 0.5 over RO-Crate 1.1 whose root is data/. (crate.c) */
void zf_crate_append(const zf_crate *crate, zf_text *out);

#endif
