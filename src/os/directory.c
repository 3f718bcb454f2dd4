/* SPDX-License-Identifier: MIT */
#include "os/file.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { OPEN_DIRECTORIES = 16 };

bool zf_directory_make_parents(char *path, size_t n_base, bool is_private) {
    bool is_made = true;
    for (char *slash = strchr(path + n_base + 1, '/'); is_made && slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        is_made = mkdir(path, is_private ? 0700 : 0777) == 0 || errno == EEXIST;
        *slash = '/';
    }
    return is_made;
}

static DIR *stream_of(zf_directory *directory) {
    return (DIR *)(void *)directory;
}

zf_directory *zf_directory_open(const char *path) {
    return (zf_directory *)(void *)opendir(path);
}

const char *zf_directory_next(zf_directory *directory) {
    const struct dirent *entry;
    do
        entry = readdir(stream_of(directory));
    while (entry != NULL && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    return entry != NULL ? entry->d_name : NULL;
}

void zf_directory_close(zf_directory *directory) {
    if (directory != NULL)
        (void)closedir(stream_of(directory));
}

bool zf_directory_is_empty(const char *path) {
    zf_directory *directory = zf_directory_open(path);
    bool is_empty = directory != NULL && zf_directory_next(directory) == NULL;
    zf_directory_close(directory);
    return is_empty;
}

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *place) {
    (void)found;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0;
}

void zf_directory_remove(const char *path) {
    (void)nftw(path, remove_one, OPEN_DIRECTORIES, FTW_DEPTH | FTW_PHYS);
}
