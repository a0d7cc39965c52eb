/*
 * Float functions that need no library and give the same bits on every platform.
 * A part of deploy.h, which includes it.
 */
#ifndef DEPLOY_FLOAT_H
#define DEPLOY_FLOAT_H

#include <stdint.h>

#ifdef __has_builtin
#define DEPLOY_HAS_BUILTIN(name) __has_builtin(name)
#else
#define DEPLOY_HAS_BUILTIN(name) 0
#endif

/*
 * What the instruction set does by itself, and what this compiler makes of it.
 * DEPLOY_INLINE_ROUNDING (and _DOUBLE_): the compiler's own floor, ceil, trunc and
 * roundeven become instructions and not calls of libm.
 */
#if defined(__riscv_flen)
#define DEPLOY_FLOAT_UNIT 1
#define DEPLOY_DOUBLE_UNIT (__riscv_flen >= 64)
#elif defined(__aarch64__) || defined(__SSE2__)
#define DEPLOY_FLOAT_UNIT 1
#define DEPLOY_DOUBLE_UNIT 1
#else
#define DEPLOY_FLOAT_UNIT 0
#define DEPLOY_DOUBLE_UNIT 0
#endif

#if (defined(__riscv_flen) || defined(__aarch64__)) && defined(__GNUC__)
#define DEPLOY_HAS_MAXNUM 1
#else
#define DEPLOY_HAS_MAXNUM 0
#endif

/* A sign of clang 17: before it, the builtins are there but call libm on RISC-V. */
#if !DEPLOY_HAS_BUILTIN(__builtin_elementwise_sqrt)
#define DEPLOY_INLINE_ROUNDING 0
#define DEPLOY_INLINE_DOUBLE_ROUNDING 0
#elif defined(__riscv_flen)
#define DEPLOY_INLINE_ROUNDING 1
#define DEPLOY_INLINE_DOUBLE_ROUNDING (__riscv_flen >= 64 && __riscv_xlen >= 64)
#elif defined(__aarch64__) || defined(__SSE4_1__)
#define DEPLOY_INLINE_ROUNDING 1
#define DEPLOY_INLINE_DOUBLE_ROUNDING 1
#else
#define DEPLOY_INLINE_ROUNDING 0
#define DEPLOY_INLINE_DOUBLE_ROUNDING 0
#endif

#if defined(__riscv_vector) && DEPLOY_INLINE_DOUBLE_ROUNDING
#define DEPLOY_AVOIDS_ROUND_TO_ZERO 1
#else
#define DEPLOY_AVOIDS_ROUND_TO_ZERO 0
#endif

/* The representation of a float as an integer, and back. */

static inline uint32_t deploy_bits_from_f32(float value) {
    union {
        float number;
        uint32_t bits;
    } both;
    both.number = value;
    return both.bits;
}

static inline float deploy_f32_from_bits(uint32_t bits) {
    union {
        float number;
        uint32_t bits;
    } both;
    both.bits = bits;
    return both.number;
}

static inline uint64_t deploy_bits_from_f64(double value) {
    union {
        double number;
        uint64_t bits;
    } both;
    both.number = value;
    return both.bits;
}

static inline double deploy_f64_from_bits(uint64_t bits) {
    union {
        double number;
        uint64_t bits;
    } both;
    both.bits = bits;
    return both.number;
}

/* Absolute value and sign, exact for every input including zeros and NaNs. */

static inline float deploy_fabsf(float x) {
    return deploy_f32_from_bits(deploy_bits_from_f32(x) & UINT32_C(0x7fffffff));
}

static inline double deploy_fabs(double x) {
    uint64_t magnitude = UINT64_C(0x7fffffffffffffff);
    return deploy_f64_from_bits(deploy_bits_from_f64(x) & magnitude);
}

static inline float deploy_copysignf(float magnitude, float sign) {
    uint32_t bits = deploy_bits_from_f32(sign) & UINT32_C(0x80000000);
    return deploy_f32_from_bits(deploy_bits_from_f32(deploy_fabsf(magnitude)) | bits);
}

static inline double deploy_copysign(double magnitude, double sign) {
    uint64_t bits = deploy_bits_from_f64(sign) & UINT64_C(0x8000000000000000);
    return deploy_f64_from_bits(deploy_bits_from_f64(deploy_fabs(magnitude)) | bits);
}

/*
 * Square root, correctly rounded to nearest even. The root of a negative number is NaN.
 *
 * The integer algorithm finds the root one bit at a time, one bit more than the result
 * holds. `remainder` is (n - root * root) / bit, which stays below four roots. A root
 * never lies half way between two results, so the last bit alone decides the rounding.
 */

static inline float deploy_integer_sqrtf(float x) {
    uint32_t bits = deploy_bits_from_f32(x);
    if ((bits & UINT32_C(0x7fffffff)) == 0 || bits == UINT32_C(0x7f800000)) {
        return x;
    }
    if (bits > UINT32_C(0x7f800000)) {
        return deploy_f32_from_bits(UINT32_C(0x7fc00000));
    }
    int32_t exponent = (int32_t)(bits >> 23) - 127;
    uint32_t significand = bits & UINT32_C(0x007fffff);
    if (exponent == -127) {
        for (exponent = -126; significand < UINT32_C(0x00800000); exponent--) {
            significand <<= 1;
        }
    } else {
        significand |= UINT32_C(0x00800000);
    }
    if (exponent % 2 != 0) {
        significand <<= 1;
        exponent--;
    }
    uint32_t root = 0;
    uint32_t remainder = significand << 1;
    for (uint32_t bit = UINT32_C(1) << 24; bit != 0; bit >>= 1) {
        uint32_t taken = 2 * root + bit;
        if (remainder >= taken) {
            remainder -= taken;
            root += bit;
        }
        remainder <<= 1;
    }
    uint32_t biased = (uint32_t)(exponent / 2 + 127);
    uint32_t rounded = (root + 1) >> 1;
    return deploy_f32_from_bits((biased << 23) + rounded - UINT32_C(0x00800000));
}

static inline double deploy_integer_sqrt(double x) {
    uint64_t bits = deploy_bits_from_f64(x);
    uint64_t infinity = UINT64_C(0x7ff0000000000000);
    uint64_t leading = UINT64_C(0x0010000000000000);
    if ((bits & UINT64_C(0x7fffffffffffffff)) == 0 || bits == infinity) {
        return x;
    }
    if (bits > infinity) {
        return deploy_f64_from_bits(UINT64_C(0x7ff8000000000000));
    }
    int32_t exponent = (int32_t)(bits >> 52) - 1023;
    uint64_t significand = bits & (leading - 1);
    if (exponent == -1023) {
        for (exponent = -1022; significand < leading; exponent--) {
            significand <<= 1;
        }
    } else {
        significand |= leading;
    }
    if (exponent % 2 != 0) {
        significand <<= 1;
        exponent--;
    }
    uint64_t root = 0;
    uint64_t remainder = significand << 1;
    for (uint64_t bit = UINT64_C(1) << 53; bit != 0; bit >>= 1) {
        uint64_t taken = 2 * root + bit;
        if (remainder >= taken) {
            remainder -= taken;
            root += bit;
        }
        remainder <<= 1;
    }
    uint64_t biased = (uint64_t)(exponent / 2 + 1023);
    uint64_t rounded = (root + 1) >> 1;
    return deploy_f64_from_bits((biased << 52) + rounded - leading);
}

/* Not the library's function: it would set errno, and bare metal has no library. */
static inline float deploy_sqrtf(float x) {
#if DEPLOY_FLOAT_UNIT && DEPLOY_HAS_BUILTIN(__builtin_elementwise_sqrt)
    return __builtin_elementwise_sqrt(x);
#elif defined(__riscv_flen)
    float root;
    __asm__("fsqrt.s %0, %1" : "=f"(root) : "f"(x));
    return root;
#elif defined(__AVX__)
    float root;
    __asm__("vsqrtss %1, %1, %0" : "=x"(root) : "x"(x));
    return root;
#elif defined(__SSE2__) && defined(__GNUC__)
    float root;
    __asm__("sqrtss %1, %0" : "=x"(root) : "x"(x));
    return root;
#elif defined(__aarch64__) && defined(__GNUC__)
    float root;
    __asm__("fsqrt %s0, %s1" : "=w"(root) : "w"(x));
    return root;
#else
    return deploy_integer_sqrtf(x);
#endif
}

static inline double deploy_sqrt(double x) {
#if DEPLOY_DOUBLE_UNIT && DEPLOY_HAS_BUILTIN(__builtin_elementwise_sqrt)
    return __builtin_elementwise_sqrt(x);
#elif defined(__riscv_flen) && DEPLOY_DOUBLE_UNIT
    double root;
    __asm__("fsqrt.d %0, %1" : "=f"(root) : "f"(x));
    return root;
#elif defined(__AVX__)
    double root;
    __asm__("vsqrtsd %1, %1, %0" : "=x"(root) : "x"(x));
    return root;
#elif defined(__SSE2__) && defined(__GNUC__)
    double root;
    __asm__("sqrtsd %1, %0" : "=x"(root) : "x"(x));
    return root;
#elif defined(__aarch64__) && defined(__GNUC__)
    double root;
    __asm__("fsqrt %d0, %d1" : "=w"(root) : "w"(x));
    return root;
#else
    return deploy_integer_sqrt(x);
#endif
}

/*
 * Rounding to an integral value. From 2^23 (2^52) on, every number is one already, and
 * NaN and infinity stay what they are. The sign of x survives, also that of zero.
 *
 * With RISC-V vectors nothing here may become a vector conversion that rounds to zero
 * (vfcvt.rtz and its relatives): QEMU before 8.0 aborts on them. Rounding the
 * magnitude down gives the same.
 */

static inline float deploy_truncf(float x) {
#if DEPLOY_AVOIDS_ROUND_TO_ZERO
    return deploy_copysignf(__builtin_elementwise_floor(deploy_fabsf(x)), x);
#elif DEPLOY_INLINE_ROUNDING
    return __builtin_elementwise_trunc(x);
#else
    if (!(deploy_fabsf(x) < 8388608.0F)) {
        return x;
    }
    return deploy_copysignf((float)(int32_t)x, x);
#endif
}

static inline double deploy_trunc(double x) {
#if DEPLOY_AVOIDS_ROUND_TO_ZERO
    return deploy_copysign(__builtin_elementwise_floor(deploy_fabs(x)), x);
#elif DEPLOY_INLINE_DOUBLE_ROUNDING
    return __builtin_elementwise_trunc(x);
#else
    if (!(deploy_fabs(x) < 4503599627370496.0)) {
        return x;
    }
    return deploy_copysign((double)(int64_t)x, x);
#endif
}

static inline float deploy_floorf(float x) {
#if DEPLOY_INLINE_ROUNDING
    return __builtin_elementwise_floor(x);
#else
    float whole = deploy_truncf(x);
    return whole > x ? whole - 1.0F : whole;
#endif
}

static inline double deploy_floor(double x) {
#if DEPLOY_INLINE_DOUBLE_ROUNDING
    return __builtin_elementwise_floor(x);
#else
    double whole = deploy_trunc(x);
    return whole > x ? whole - 1.0 : whole;
#endif
}

static inline float deploy_ceilf(float x) {
#if DEPLOY_INLINE_ROUNDING
    return __builtin_elementwise_ceil(x);
#else
    float whole = deploy_truncf(x);
    return whole < x ? whole + 1.0F : whole;
#endif
}

static inline double deploy_ceil(double x) {
#if DEPLOY_INLINE_DOUBLE_ROUNDING
    return __builtin_elementwise_ceil(x);
#else
    double whole = deploy_trunc(x);
    return whole < x ? whole + 1.0 : whole;
#endif
}

/* To the nearest integral value; half way goes to the even one. */
static inline float deploy_roundevenf(float x) {
#if DEPLOY_INLINE_ROUNDING
    return __builtin_elementwise_roundeven(x);
#else
    if (!(deploy_fabsf(x) < 8388608.0F)) {
        return x;
    }
    int32_t whole = (int32_t)x;
    float rest = deploy_fabsf(x - (float)whole);
    if (rest > 0.5F || (rest == 0.5F && whole % 2 != 0)) {
        whole += x < 0.0F ? -1 : 1;
    }
    return deploy_copysignf((float)whole, x);
#endif
}

static inline double deploy_roundeven(double x) {
#if DEPLOY_INLINE_DOUBLE_ROUNDING
    return __builtin_elementwise_roundeven(x);
#else
    if (!(deploy_fabs(x) < 4503599627370496.0)) {
        return x;
    }
    int64_t whole = (int64_t)x;
    double rest = deploy_fabs(x - (double)whole);
    if (rest > 0.5 || (rest == 0.5 && whole % 2 != 0)) {
        whole += x < 0.0 ? -1 : 1;
    }
    return deploy_copysign((double)whole, x);
#endif
}

/*
 * x * y + z rounded once where that is one instruction: the library's fmaf would be a
 * call, slow and absent on bare metal.
 */
#if defined(__riscv_flen) || defined(__aarch64__) || defined(__FMA__)
#define DEPLOY_HAS_FMA 1

/* The second form is a call all the same in clang if the library's might set errno. */
static inline float deploy_fmaf(float x, float y, float z) {
#if DEPLOY_HAS_BUILTIN(__builtin_elementwise_fma)
    return __builtin_elementwise_fma(x, y, z);
#else
    return __builtin_fmaf(x, y, z);
#endif
}

static inline double deploy_fma(double x, double y, double z) {
#if DEPLOY_HAS_BUILTIN(__builtin_elementwise_fma)
    return __builtin_elementwise_fma(x, y, z);
#else
    return __builtin_fma(x, y, z);
#endif
}
#else
#define DEPLOY_HAS_FMA 0

static inline float deploy_fmaf(float x, float y, float z) {
    return x * y + z;
}

static inline double deploy_fma(double x, double y, double z) {
    return x * y + z;
}
#endif

#endif
