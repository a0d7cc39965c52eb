/* A program as a library: one function to call, whatever the program is called. */
#ifndef DEPLOY_LIBRARY_H
#define DEPLOY_LIBRARY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct deploy_call {
    uint8_t *const *arenas; /* as in the program's struct of arenas, in order */
    void *const *tensors;   /* inputs, then outputs */
    /* With DEPLOY_PROFILE: nanoseconds are added per step; the others may be NULL. */
    uint64_t *steps;
    void (*start)(uint32_t step);
    void (*finish)(uint32_t step, uint64_t nanoseconds);
};

/*
 * Calls the program `runs` times; `totals` has the nanoseconds of each. Returns what
 * the first call that fails returns, else 0.
 */
int deploy_library_run(const struct deploy_call *call, uint32_t runs, uint64_t *totals);

/* What stands beside this for each program. */
int deploy_library_call(uint8_t *const *arenas, void *const *tensors);

#ifdef __cplusplus
}
#endif

#endif
