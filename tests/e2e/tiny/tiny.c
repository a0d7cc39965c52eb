#include "tiny.h"

#include "deploy.h"

enum { COUNT = 64 };

DEPLOY_ALIGN(16) static const float slope[4] = {2.0F, -0.5F, 1.0F / 3.0F, 1e-30F};
static int32_t calls = 7;

DEPLOY_NOINLINE void tiny_kernel_saxpy(const float *x, float *y);
DEPLOY_NOINLINE void tiny_kernel_saxpy(const float *x, float *y) {
    for (int i = 0; i < COUNT; i++) {
        y[i] = slope[i % 4] * x[i] + x[COUNT - 1 - i];
    }
}

/* The platform's root, then the integer algorithm's. */
DEPLOY_NOINLINE void tiny_kernel_root(const float *x, float *y);
DEPLOY_NOINLINE void tiny_kernel_root(const float *x, float *y) {
    for (int i = 0; i < COUNT; i++) {
        y[i] = deploy_sqrtf(x[i]);
        y[COUNT + i] = deploy_integer_sqrtf(x[i]);
    }
}

DEPLOY_NOINLINE void tiny_kernel_round(const float *x, float *y);
DEPLOY_NOINLINE void tiny_kernel_round(const float *x, float *y) {
    for (int i = 0; i < COUNT; i++) {
        y[i] = deploy_floorf(x[i]);
        y[COUNT + i] = deploy_ceilf(x[i]);
        y[2 * COUNT + i] = deploy_truncf(x[i]);
        y[3 * COUNT + i] = deploy_roundevenf(x[i]);
    }
}

DEPLOY_NOINLINE void tiny_kernel_wide_root(const double *x, double *y);
DEPLOY_NOINLINE void tiny_kernel_wide_root(const double *x, double *y) {
    for (int i = 0; i < COUNT; i++) {
        y[i] = deploy_sqrt(x[i]);
        y[COUNT + i] = deploy_integer_sqrt(x[i]);
    }
}

DEPLOY_NOINLINE void tiny_kernel_wide_round(const double *x, double *y);
DEPLOY_NOINLINE void tiny_kernel_wide_round(const double *x, double *y) {
    for (int i = 0; i < COUNT; i++) {
        y[i] = deploy_floor(x[i]);
        y[COUNT + i] = deploy_ceil(x[i]);
        y[2 * COUNT + i] = deploy_trunc(x[i]);
        y[3 * COUNT + i] = deploy_roundeven(x[i]);
    }
}

DEPLOY_NOINLINE void tiny_kernel_cast(const float *x, int32_t *y);
DEPLOY_NOINLINE void tiny_kernel_cast(const float *x, int32_t *y) {
    for (int i = 0; i < COUNT; i++) {
        y[i] = deploy_i32_from_f32(x[i]);
        y[COUNT + i] = (int32_t)deploy_u32_from_f32(x[i]);
    }
}

DEPLOY_NOINLINE void tiny_kernel_wide_cast(const double *x, int64_t *y);
DEPLOY_NOINLINE void tiny_kernel_wide_cast(const double *x, int64_t *y) {
    for (int i = 0; i < COUNT; i++) {
        y[i] = deploy_i64_from_f64(x[i]);
        y[COUNT + i] = (int64_t)deploy_u64_from_f64(x[i]);
    }
}

/* Eight bits in, 64-bit products and a division in between. */
DEPLOY_NOINLINE void tiny_kernel_scale(const int8_t *x, int8_t *y, int64_t *sum);
DEPLOY_NOINLINE void tiny_kernel_scale(const int8_t *x, int8_t *y, int64_t *sum) {
    int64_t total = calls;
    for (int i = 0; i < COUNT; i++) {
        int64_t product = (int64_t)x[i] * 1431655765;
        int32_t scaled = (int32_t)(product >> 30);
        y[i] = (int8_t)(scaled > 127 ? 127 : scaled < -128 ? -128 : scaled);
        total += product / (i + 3);
    }
    sum[0] = total;
}

int tiny_run(const float *x, const double *wide, const int8_t *small, float *saxpy,
             float *roots, float *rounded, double *wide_roots, double *wide_rounded,
             int32_t *casts, int64_t *wide_casts, int8_t *scaled, int64_t *sum) {
    calls++;
    DEPLOY_STEP_BEGIN(0);
    tiny_kernel_saxpy(x, saxpy);
    DEPLOY_STEP_END(0);
    DEPLOY_STEP_BEGIN(1);
    tiny_kernel_root(x, roots);
    DEPLOY_STEP_END(1);
    DEPLOY_STEP_BEGIN(2);
    tiny_kernel_round(x, rounded);
    DEPLOY_STEP_END(2);
    DEPLOY_STEP_BEGIN(3);
    tiny_kernel_wide_root(wide, wide_roots);
    DEPLOY_STEP_END(3);
    DEPLOY_STEP_BEGIN(4);
    tiny_kernel_wide_round(wide, wide_rounded);
    DEPLOY_STEP_END(4);
    DEPLOY_STEP_BEGIN(5);
    tiny_kernel_cast(x, casts);
    DEPLOY_STEP_END(5);
    DEPLOY_STEP_BEGIN(6);
    tiny_kernel_wide_cast(wide, wide_casts);
    DEPLOY_STEP_END(6);
    DEPLOY_STEP_BEGIN(7);
    tiny_kernel_scale(small, scaled, sum);
    DEPLOY_STEP_END(7);
    return 0;
}
