/*
 * Between the files of a build that watches the program it runs.
 *
 * Such a build has the same program; DEPLOY_MONITOR turns the marks around its steps
 * into calls, and DEPLOY_CHECKED takes its kernels' rights away. What is known of the
 * machine and of each step is in tables that are made from the machine and the manifest.
 */
#ifndef DEPLOY_MONITOR_H
#define DEPLOY_MONITOR_H

#include <stddef.h>
#include <stdint.h>

/* Mutable bytes of the checks stand behind the machine's levels, not in them. */
#if defined(__riscv) && !__STDC_HOSTED__
#define DEPLOY_MONITOR_STATE __attribute__((section(".bss.level.deploy_checks")))
#else
#define DEPLOY_MONITOR_STATE
#endif

#define DEPLOY_NO_STEP UINT32_MAX
enum { DEPLOY_POISON = 0xA5, DEPLOY_NO_LEVEL = 255, DEPLOY_MAX_LEVELS = 16 };

/* Addresses from `start` to before `end`. */
struct deploy_range {
    uintptr_t start;
    uintptr_t end;
};

/* What kernels may do in a range: as in a byte of `pmpcfg`. */
struct deploy_region {
    struct deploy_range range;
    uint8_t rights;
};

/* What the manifest says of a step. */
struct deploy_step {
    uint32_t dead; /* the first of its ranges in `deploy_dead`: no buffer's */
    uint32_t new;  /* the first of those behind: of buffers that it fills */
    uint8_t from;  /* numbers of levels; of a transfer only */
    uint8_t to;
    uint8_t source_ends; /* nobody reads the source after this wait */
    struct deploy_range source; /* of a start: the whole buffers; 0 where unknown */
    struct deploy_range destination;
};

/* From the core outwards; empty where the linker places everything. */
extern const struct deploy_range deploy_levels[];
extern const uint32_t deploy_n_levels;
extern const uint32_t deploy_n_ranges;
extern const struct deploy_region deploy_regions[];
extern const uint32_t deploy_n_regions;

/* One more step than there are: `dead` of the next one ends the ranges of this one. */
extern const struct deploy_step deploy_steps[];
extern const uint32_t deploy_n_steps;
extern const struct deploy_range deploy_dead[];

/* The step that runs, or DEPLOY_NO_STEP. */
extern uint32_t deploy_monitor_step;

/* Says what is wrong in which step, with a number or two; ends the program. */
_Noreturn void deploy_monitor_fail(const char *what, uint64_t number, uint64_t other);

/* One line with the number of the step, in a step. */
void deploy_monitor_say_step(void);

/* Ends the program when the stack has left its room. */
void deploy_monitor_check_stack(void);

/* What transfers did, and whether all of them were waited for. */
void deploy_transfers_start(void);
void deploy_transfers_end_run(void);
const uint64_t *deploy_transfers_bytes(void);
const uint64_t *deploy_transfers_step_bytes(void);

/* In machine mode, before and after each kernel. */
void deploy_protect_start(void);
void deploy_protect_begin(uint32_t step);
void deploy_protect_end(uint32_t step);

/* The harness counts what a step takes. */
void deploy_count_begin(uint32_t step);
void deploy_count_end(uint32_t step);

#endif
