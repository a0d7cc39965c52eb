/*
 * What the harness needs from the place it runs: files, a console, a counter.
 *
 * `runtime/host` implements it with the C library, `runtime/baremetal` with what a
 * simulator offers to a program without an operating system.
 */
#ifndef DEPLOY_IO_H
#define DEPLOY_IO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Opens a file in the current folder, for writing (made empty) or reading; -1 when
 * that fails. */
int32_t deploy_io_open(const char *path, int writing);

/* Both return 0 when all bytes were moved and -1 otherwise. */
int deploy_io_read(int32_t file, void *data, size_t bytes);
int deploy_io_write(int32_t file, const void *data, size_t bytes);

int deploy_io_close(int32_t file);

/* Text for a person. */
void deploy_io_print(const char *text);

/* Executed instructions, or nanoseconds, since some moment. */
uint64_t deploy_io_count(void);

#ifdef __cplusplus
}
#endif

#endif
