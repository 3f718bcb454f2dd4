/* SPDX-License-Identifier: MIT */
/* The connection to the temporary file of the result. */
#include "output/output_internal.h"

zf_status zf_output_database_open(zf_database *db, zf_output_vfs *vfs, const zf_output_file *file,
                                  zf_error *error) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    zf_status status = zf_output_vfs_register(vfs, file->fd, error);
    if (status != ZF_OK)
        return status;
    if (sqlite3_open_v2(file->temp_path, &db->handle, flags, vfs->name) != SQLITE_OK) {
        if (db->handle == NULL)
            return zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_SQLITE,
                                "cannot open the result: out of memory");
        return zf_database_error(db, "open the temporary file of the result", error);
    }
    status = zf_database_add_spatialite(db, error);
    if (status != ZF_OK)
        return status;
    return zf_database_run(
        db,
        "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA secure_delete=OFF;"
        "PRAGMA cache_size=-512; BEGIN",
        "start the result", error);
}

zf_status zf_output_database_close(zf_database *db, zf_output_vfs *vfs, zf_error *error) {
    zf_status status = zf_database_close(db, error);
    zf_output_vfs_unregister(vfs);
    return status;
}
