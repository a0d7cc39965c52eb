/*
 * Runs a program on inputs that come as data, so that one build serves every input.
 *
 * `inputs.bin` in the current folder: "DPLYIN01", the number of runs (32 bits), zero, or
 * one to do everything but call the program (32 bits), then for each run the bytes of
 * every input in order.
 * `outputs.bin`, written by the harness: for each run the bytes of every output, then,
 * when built with DEPLOY_PROFILE, one 64-bit count per step, then the 64-bit count of
 * the whole run. Numbers are in the byte order of the target. Counts are executed
 * instructions on bare metal and nanoseconds on a computer with an operating system.
 *
 * Without `inputs.bin` the program runs once on zeros, and the console shows a
 * checksum and the first bytes of each output.
 */
#ifndef DEPLOY_HARNESS_H
#define DEPLOY_HARNESS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct deploy_tensor {
    const char *name;
    void *data;
    size_t bytes;
};

/*
 * `run` calls the program once on the tensors' memory; anything but 0 is a failure.
 * Returns the exit status: 0, or 1 after a message on the console.
 */
int deploy_harness(const struct deploy_tensor *inputs, uint32_t n_inputs,
                   const struct deploy_tensor *outputs, uint32_t n_outputs,
                   uint32_t n_steps, int (*run)(void));

/*
 * A program that is built to be watched (DEPLOY_MONITOR) has these besides: before the
 * first run, after each, and after the last, when something is written that can fail.
 */
#ifdef DEPLOY_MONITOR
void deploy_monitor_start(void);
void deploy_monitor_end_run(void);
int deploy_monitor_finish(void);
#endif

#ifdef __cplusplus
}
#endif

#endif
