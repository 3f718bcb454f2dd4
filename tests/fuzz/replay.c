/* SPDX-License-Identifier: MIT */
/* Calls a fuzz target with every file of the directories named: what was found once stays found. */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static void replay(const char *path) {
    FILE *file = fopen(path, "rb");
    struct stat found;
    fuzz_require(file != NULL && fstat(fileno(file), &found) == 0, path);
    size_t n = (size_t)found.st_size;
    uint8_t *bytes = malloc(n > 0 ? n : 1);
    fuzz_require(bytes != NULL && fread(bytes, 1, n, file) == n, path);
    fclose(file);
    fprintf(stderr, "%s\n", path); /* the last line names what failed */
    (void)LLVMFuzzerTestOneInput(bytes, n);
    free(bytes);
}

static size_t replay_directory(const char *path) {
    struct dirent **entries = NULL;
    size_t n_files = 0;
    int n = scandir(path, &entries, NULL, alphasort);
    fuzz_require(n >= 0, path);
    for (int i = 0; i < n; i++) {
        char *name = NULL;
        if (entries[i]->d_name[0] != '.') {
            fuzz_require(asprintf(&name, "%s/%s", path, entries[i]->d_name) >= 0, "memory for a name");
            replay(name);
            free(name);
            n_files++;
        }
        free(entries[i]);
    }
    free(entries);
    return n_files;
}

int main(int argc, char **argv) {
    size_t n_files = 0;
    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++)
        n_files += replay_directory(argv[i]);
    fuzz_require(n_files > 0, "no input was found");
    printf("%zu inputs\n", n_files);
    return 0;
}
