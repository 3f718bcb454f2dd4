/* SPDX-License-Identifier: MIT */
/**
 * @file storage_classes.h
 * Which storage classes occur in columns of an SQLite table.
 */
#ifndef ZF_SOURCE_STORAGE_CLASSES_H
#define ZF_SOURCE_STORAGE_CLASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Storage classes, bits. */
typedef enum zf_stored {
    ZF_STORED_NULL = 1,
    ZF_STORED_BIT = 2,   /**< 0 or 1, in the short form of file format 4 */
    ZF_STORED_INT32 = 4, /**< up to 32 bits */
    ZF_STORED_INT64 = 8, /**< stored in more than 32 bits */
    ZF_STORED_REAL = 16,
    ZF_STORED_TEXT = 32,
    ZF_STORED_BLOB = 64,
    ZF_STORED_DEFAULT = 128 /**< not stored, because the column was added later: its default value */
} zf_stored;

/**
 * Reads the headers of all records of a table, in the file as it is, without a -wal.
 *
 * @param root_page   of the table, from sqlite_master.
 * @param columns     n positions in the record, ascending; borrowed.
 * @param out_classes n sets of zf_stored; caller's storage.
 * @param out_has_repeated_pages the table leads to more pages than the file has: it is damaged, and reading
 * it by SQL may never end.
 * @return false if the file is not one of the expected form; the classes are incomplete then.
 * Cost: the pages of the table are read once. Memory: 256 KiB.
 */
bool zf_storage_classes_scan(const char *path, uint32_t root_page, const int *columns, size_t n,
                             uint8_t *out_classes, bool *out_has_repeated_pages);

#endif
