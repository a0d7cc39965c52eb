/*
 * Follows the steps, watches the stack, and writes `checks.bin` at the end:
 * "DPLYCK01", the bytes of the stack and those used of it, the numbers of levels and
 * steps, the bytes moved from each level to each level, and the bytes moved by each
 * step; numbers of 64 bits in the byte order of the target.
 */
#include "monitor.h"

#include "deploy.h"
#include "deploy_harness.h"
#include "deploy_io.h"

DEPLOY_MONITOR_STATE uint32_t deploy_monitor_step;

#if __STDC_HOSTED__
#include <stdlib.h>

static void paint_stack(void) {}

void deploy_monitor_check_stack(void) {}

static size_t stack_size(void) {
    return 0;
}

static size_t stack_used(void) {
    return 0;
}

static _Noreturn void leave(void) {
    exit(1);
}
#else
#include "platform.h"

extern uint8_t __deploy_stack_bottom[];
extern uint8_t __deploy_stack_top[];

/* It calls nobody, so that what is below its own small frame is free. */
enum { FRAME_BYTES = 64 };

static DEPLOY_NOINLINE void paint_stack(void) {
    uint8_t *here;
    __asm__ volatile("mv %0, sp" : "=r"(here));
    volatile uint8_t *end = here - FRAME_BYTES;
    for (volatile uint8_t *byte = __deploy_stack_bottom; byte < end; byte++) {
        *byte = DEPLOY_POISON;
    }
}

void deploy_monitor_check_stack(void) {
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t bottom = (uintptr_t)__deploy_stack_bottom;
    if (here < bottom) {
        deploy_monitor_fail("stack overflow", bottom - here, 0);
    }
}

static size_t stack_size(void) {
    return (size_t)(__deploy_stack_top - __deploy_stack_bottom);
}

static size_t stack_used(void) {
    const volatile uint8_t *byte = __deploy_stack_bottom;
    while (byte < __deploy_stack_top && *byte == DEPLOY_POISON) {
        byte++;
    }
    return (size_t)(__deploy_stack_top - byte);
}

static _Noreturn void leave(void) {
    deploy_platform_exit(1);
}
#endif

static void print_number(uint64_t value) {
    char text[21];
    size_t place = sizeof text - 1;
    text[place] = '\0';
    do {
        text[--place] = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value != 0);
    deploy_io_print(text + place);
}

void deploy_monitor_say_step(void) {
    if (deploy_monitor_step != DEPLOY_NO_STEP) {
        deploy_io_print("monitor: in step ");
        print_number(deploy_monitor_step);
        deploy_io_print("\n");
    }
}

void deploy_monitor_fail(const char *what, uint64_t number, uint64_t other) {
    deploy_monitor_say_step();
    deploy_io_print("monitor: ");
    deploy_io_print(what);
    deploy_io_print(" ");
    print_number(number);
    deploy_io_print(" ");
    print_number(other);
    deploy_io_print("\n");
    leave();
}

void deploy_monitor_start(void) {
    deploy_monitor_step = DEPLOY_NO_STEP;
    deploy_transfers_start();
    paint_stack();
#ifdef DEPLOY_CHECKED
    deploy_protect_start();
#endif
}

void deploy_monitor_end_run(void) {
    deploy_transfers_end_run();
}

int deploy_monitor_finish(void) {
    int32_t file = deploy_io_open("checks.bin", 1);
    if (file < 0) {
        return -1;
    }
    uint64_t numbers[4] = {stack_size(), stack_used(), deploy_n_levels, deploy_n_steps};
    size_t pairs = (size_t)deploy_n_levels * deploy_n_levels;
    int failed = deploy_io_write(file, "DPLYCK01", 8);
    failed |= deploy_io_write(file, numbers, sizeof numbers);
    failed |= deploy_io_write(file, deploy_transfers_bytes(), pairs * sizeof numbers[0]);
    failed |= deploy_io_write(file, deploy_transfers_step_bytes(),
                              deploy_n_steps * sizeof numbers[0]);
    return deploy_io_close(file) | failed;
}

void deploy_transfer_begin(uint32_t step) {
    deploy_monitor_step = step;
    deploy_monitor_check_stack();
#ifdef DEPLOY_PROFILE
    deploy_count_begin(step);
#endif
}

void deploy_transfer_end(uint32_t step) {
#ifdef DEPLOY_PROFILE
    deploy_count_end(step);
#endif
    (void)step;
    deploy_monitor_step = DEPLOY_NO_STEP;
}

#ifndef DEPLOY_CHECKED
void deploy_step_begin(uint32_t step) {
    deploy_transfer_begin(step);
}

void deploy_step_end(uint32_t step) {
    deploy_transfer_end(step);
}
#endif
