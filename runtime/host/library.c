/*
 * Makes a program a library of the process that loads it: inputs, outputs and working
 * memory are the caller's, so that calls may run at once in several threads. Built with
 * DEPLOY_PROFILE, it counts the nanoseconds of each step and tells who wants to know.
 */
#include "deploy_library.h"

#include "deploy.h"
#include "deploy_io.h"

#ifdef DEPLOY_PROFILE
enum { TRIALS = 5 };

static _Thread_local struct {
    const struct deploy_call *call;
    uint64_t started;
    uint64_t empty; /* what measuring itself costs */
} now;

static uint64_t since_start(void) {
    uint64_t spent = deploy_io_count() - now.started;
    return spent > now.empty ? spent - now.empty : 0;
}

/* Not inlined, so that calibrating measures the calls that a program makes. */
DEPLOY_NOINLINE void deploy_step_begin(uint32_t step) {
    if (now.call->start != NULL) {
        now.call->start(step);
    }
    now.started = deploy_io_count();
}

DEPLOY_NOINLINE void deploy_step_end(uint32_t step) {
    uint64_t spent = since_start();
    now.call->steps[step] += spent;
    if (now.call->finish != NULL) {
        now.call->finish(step, spent);
    }
}

/* The smallest of a few empty steps. */
static uint64_t calibrated(void) {
    uint64_t smallest = UINT64_MAX;
    for (int trial = 0; trial < TRIALS; trial++) {
        uint64_t spent = 0;
        const struct deploy_call nothing = {NULL, NULL, &spent, NULL, NULL};
        now.call = &nothing;
        deploy_step_begin(0);
        deploy_step_end(0);
        smallest = spent < smallest ? spent : smallest;
    }
    return smallest;
}

static int watched_call(const struct deploy_call *call) {
    now.empty = 0;
    now.empty = calibrated();
    now.call = call;
    return deploy_library_call(call->arenas, call->tensors);
}

/* What is told of a step may run another program of this library in the same thread. */
static int one_call(const struct deploy_call *call) {
    const struct deploy_call *call_before = now.call;
    uint64_t started_before = now.started;
    uint64_t empty_before = now.empty;
    int status = watched_call(call);
    now.call = call_before;
    now.started = started_before;
    now.empty = empty_before;
    return status;
}
#else
static int one_call(const struct deploy_call *call) {
    return deploy_library_call(call->arenas, call->tensors);
}
#endif

int deploy_library_run(const struct deploy_call *call, uint32_t runs, uint64_t *totals) {
    for (uint32_t run = 0; run < runs; run++) {
        uint64_t before = deploy_io_count();
        int status = one_call(call);
        totals[run] = deploy_io_count() - before;
        if (status != 0) {
            return status;
        }
    }
    return 0;
}
