#ifndef TINY_H
#define TINY_H

#include <stdint.h>

/* A hand-written model: a few operators, each with what is hard about it. */
int tiny_run(const float *x, const double *wide, const int8_t *small, float *saxpy,
             float *roots, float *rounded, double *wide_roots, double *wide_rounded,
             int32_t *casts, int64_t *wide_casts, int8_t *scaled, int64_t *sum);

#endif
