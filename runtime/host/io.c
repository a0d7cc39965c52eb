/* Files, console and clock from the C library and the operating system. */
#define _POSIX_C_SOURCE 199309L
#include "deploy_io.h"

#include <stdio.h>
#include <time.h>

enum { MAX_FILES = 4 };

static FILE *files[MAX_FILES];

int32_t deploy_io_open(const char *path, int writing) {
    for (int32_t file = 0; file < MAX_FILES; file++) {
        if (files[file] == NULL) {
            files[file] = fopen(path, writing ? "wb" : "rb");
            return files[file] != NULL ? file : -1;
        }
    }
    return -1;
}

int deploy_io_read(int32_t file, void *data, size_t bytes) {
    return fread(data, 1, bytes, files[file]) == bytes ? 0 : -1;
}

int deploy_io_write(int32_t file, const void *data, size_t bytes) {
    return fwrite(data, 1, bytes, files[file]) == bytes ? 0 : -1;
}

int deploy_io_close(int32_t file) {
    int status = fclose(files[file]);
    files[file] = NULL;
    return status == 0 ? 0 : -1;
}

void deploy_io_print(const char *text) {
    fputs(text, stdout);
    fflush(stdout);
}

uint64_t deploy_io_count(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}
