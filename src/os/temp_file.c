/* SPDX-License-Identifier: MIT */
#include "os/temp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void zf_temp_file_init(zf_temp_file *file, const char *directory, const char *what) {
    const char *from_environment = getenv("TMPDIR");
    bool has_one = from_environment != NULL && from_environment[0] != '\0';
    *file = (zf_temp_file){.fd = -1,
                           .directory = directory != NULL ? directory
                                        : has_one         ? from_environment
                                                          : "/tmp",
                           .what = what};
}

void zf_temp_file_deinit(zf_temp_file *file) {
    if (file->what != NULL && file->fd >= 0)
        (void)close(file->fd);
    file->fd = -1;
}

static zf_status cannot_write(const zf_temp_file *file, int cause, const char *what, zf_error *error) {
    char words[128];
    return zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OS,
                        "cannot %s a temporary file for %s in the directory '%s': %s; it may be full: make "
                        "room, or name another with `temp_dir`",
                        what, file->what, file->directory, strerror_r(cause, words, sizeof words));
}

/* Where the file system has files without a name, there is no moment at which one could stay behind. */
static int open_nameless(const char *directory) {
    return open(directory, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

/* Unlinked at once: whatever ends the process, nothing stays behind. */
static zf_status open_unlinked(zf_temp_file *file, zf_error *error) {
    zf_text path = {0};
    zf_text_append_format(&path, "%s/zonefold-XXXXXX", file->directory);
    if (path.is_failed) {
        zf_text_deinit(&path);
        return zf_error_memory(error, strlen(file->directory), "the name of a temporary file");
    }
    int fd = mkostemp(path.bytes, O_CLOEXEC);
    int cause = errno;
    if (fd >= 0)
        (void)unlink(path.bytes);
    zf_text_deinit(&path);
    if (fd < 0)
        return cannot_write(file, cause, "create", error);
    file->fd = fd;
    return ZF_OK;
}

zf_status zf_temp_file_open(zf_temp_file *file, zf_error *error) {
    if (file->fd < 0)
        file->fd = open_nameless(file->directory);
    return file->fd >= 0 ? ZF_OK : open_unlinked(file, error);
}

zf_status zf_temp_file_write(const zf_temp_file *file, const void *bytes, size_t n, uint64_t at,
                             zf_error *error) {
    const char *from = bytes;
    while (n > 0) {
        ssize_t done = pwrite(file->fd, from, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return cannot_write(file, done < 0 ? errno : ENOSPC, "write", error);
        from += done;
        n -= (size_t)done;
        at += (uint64_t)done;
    }
    return ZF_OK;
}

zf_status zf_temp_file_read(const zf_temp_file *file, uint64_t at, void *out, size_t n, zf_error *error) {
    char words[128], *to = out;
    while (n > 0) {
        ssize_t done = pread(file->fd, to, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OS,
                                "cannot read back the temporary file for %s in the directory '%s': %s; check "
                                "that disk, or name another directory with `temp_dir`",
                                file->what, file->directory,
                                done < 0 ? strerror_r(errno, words, sizeof words) : "it ends too early");
        to += done;
        n -= (size_t)done;
        at += (uint64_t)done;
    }
    return ZF_OK;
}
