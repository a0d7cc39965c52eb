/*
 * The whole contract between emitted code and the platform it runs on.
 *
 * Needs no library: the headers that it includes only declare. Every function here is
 * exact, so that a program gives the same bits on every platform; where the
 * instruction set cannot do an operation, an integer algorithm does it.
 */

/*
 * Counts up when programs made for an older runtime cannot be in one binary with newer
 * ones. The header of each program says it as well, so that a mixture is refused.
 */
#ifndef DEPLOY_RUNTIME_VERSION
#define DEPLOY_RUNTIME_VERSION 1
#elif DEPLOY_RUNTIME_VERSION != 1
#error "deploy.h is another version of the runtime than a header before is made for"
#endif

#ifndef DEPLOY_H
#define DEPLOY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deploy_float.h"
#include "deploy_vector.h"

#include "deploy_dots.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __has_attribute
#define DEPLOY_HAS_ATTRIBUTE(name) __has_attribute(name)
#else
#define DEPLOY_HAS_ATTRIBUTE(name) 0
#endif

/* A kernel stays a function of its own, so that a trace can tell who touched what. */
#if DEPLOY_HAS_ATTRIBUTE(noclone)
#define DEPLOY_NOINLINE __attribute__((noinline, noclone))
#elif DEPLOY_HAS_ATTRIBUTE(noinline) || defined(__GNUC__)
#define DEPLOY_NOINLINE __attribute__((noinline))
#else
#define DEPLOY_NOINLINE
#endif

/*
 * Alignment of an object in bytes; stands in front of the declaration's type, in C++ in
 * front of all of the declaration.
 */
#ifdef __cplusplus
#define DEPLOY_ALIGN(bytes) alignas(bytes)
#else
#define DEPLOY_ALIGN(bytes) _Alignas(bytes)
#endif

/* The section of an object, by which a linker script finds it; stands behind that. */
#if DEPLOY_HAS_ATTRIBUTE(section) && defined(__ELF__)
#define DEPLOY_SECTION(name) __attribute__((section(name)))
#else
#define DEPLOY_SECTION(name)
#endif

/*
 * Around each step of the program. They cost nothing unless the program is built to be
 * profiled or watched; then whoever links it defines the functions.
 */
#if defined(DEPLOY_PROFILE) || defined(DEPLOY_MONITOR)
void deploy_step_begin(uint32_t step);
void deploy_step_end(uint32_t step);
#define DEPLOY_STEP_BEGIN(step) deploy_step_begin(step)
#define DEPLOY_STEP_END(step) deploy_step_end(step)
#else
#define DEPLOY_STEP_BEGIN(step) ((void)(step))
#define DEPLOY_STEP_END(step) ((void)(step))
#endif

/*
 * Around each start of a transfer and each wait for one. They cost nothing unless the
 * program is built for profiling; a transfer is then a step like the others.
 */
#if defined(DEPLOY_MONITOR)
void deploy_transfer_begin(uint32_t step);
void deploy_transfer_end(uint32_t step);
#define DEPLOY_TRANSFER_BEGIN(step) deploy_transfer_begin(step)
#define DEPLOY_TRANSFER_END(step) deploy_transfer_end(step)
#elif defined(DEPLOY_PROFILE)
#define DEPLOY_TRANSFER_BEGIN(step) deploy_step_begin(step)
#define DEPLOY_TRANSFER_END(step) deploy_step_end(step)
#else
#define DEPLOY_TRANSFER_BEGIN(step) ((void)(step))
#define DEPLOY_TRANSFER_END(step) ((void)(step))
#endif

/*
 * Transfers between levels of memory. `start` begins a copy of `bytes` bytes, or of
 * `rows` rows of `row_bytes` bytes whose starts are a stride apart (in bytes); between
 * a start and the wait for what it returned the program neither touches the
 * destination nor changes the source. Every transfer is waited for once, in any order.
 *
 * The program calls them, the platform has them. `deploy_dma.c` stands beside programs
 * that have transfers: there the core copies, and whoever has a DMA engine defines the
 * three functions instead.
 */
typedef uint32_t deploy_dma_t;

deploy_dma_t deploy_dma_start_1d(void *dst, const void *src, size_t bytes);
deploy_dma_t deploy_dma_start_2d(void *dst, const void *src, size_t rows,
                                 size_t row_bytes, size_t dst_stride,
                                 size_t src_stride);
void deploy_dma_wait(deploy_dma_t transfer);

/*
 * Stands in each source that calls these three or defines them, which all programs of a
 * binary share. A linker takes an absolute symbol from several objects only with one
 * value, so that it refuses objects made for different versions of the runtime.
 */
#if defined(__ELF__) && defined(__GNUC__)
#define DEPLOY_SHARES_RUNTIME DEPLOY_SHARES_VERSION(DEPLOY_RUNTIME_VERSION)
#define DEPLOY_SHARES_VERSION(version) DEPLOY_SHARES_DIGITS(version)
#define DEPLOY_SHARES_DIGITS(digits)                                                   \
    __asm__(".globl deploy_runtime_version\n"                                          \
            ".hidden deploy_runtime_version\n"                                         \
            ".set deploy_runtime_version, " #digits)
#else
#define DEPLOY_SHARES_RUNTIME typedef int deploy_shares_runtime
#endif

/*
 * The greater and the lesser of two. `maximum` and `minimum` are NaN when one of the two
 * is; `maxnum` and `minnum` are then the other one, and of two zeros either. Written so
 * that a constant on the right leaves one comparison.
 */
#define DEPLOY_FLOAT_CHOICES(type, suffix)                                             \
    static inline type deploy_maximum##suffix(type x, type y) {                        \
        return x < y ? y : (y != y ? y : x);                                           \
    }                                                                                  \
    static inline type deploy_minimum##suffix(type x, type y) {                        \
        return x > y ? y : (y != y ? y : x);                                           \
    }

/* RISC-V and AArch64 have an instruction, so that the compiler needs no library. */
#define DEPLOY_FLOAT_NUMBERS_BUILT_IN(type, suffix)                                    \
    static inline type deploy_maxnum##suffix(type x, type y) {                         \
        return __builtin_fmax##suffix(x, y);                                           \
    }                                                                                  \
    static inline type deploy_minnum##suffix(type x, type y) {                         \
        return __builtin_fmin##suffix(x, y);                                           \
    }

#define DEPLOY_FLOAT_NUMBERS(type, suffix)                                             \
    static inline type deploy_maxnum##suffix(type x, type y) {                         \
        return x < y || x != x ? y : x;                                                \
    }                                                                                  \
    static inline type deploy_minnum##suffix(type x, type y) {                         \
        return x > y || x != x ? y : x;                                                \
    }

#if defined(__GNUC__) && defined(__riscv_flen)
/*
 * A constant on the right takes the place of the other one, by a branch over one move;
 * compilers make two moves of it. Of a window most elements take no place: that is one
 * comparison, and NaN is looked for where it does not hold.
 */
#define DEPLOY_FLOAT_CHOICE(name, test, holds)                                         \
    static inline float deploy_##name##f(float x, float y) {                           \
        int is_decided;                                                                \
        if (__builtin_constant_p(x)) {                                                 \
            return deploy_##name##_of_floats(x, y);                                    \
        }                                                                              \
        if (__builtin_constant_p(y) && y == y) {                                       \
            __asm__(test "\n\tbeqz %1, 1f\n\tfmv.s %0, %2\n1:"                         \
                    : "+f"(x), "=&r"(is_decided)                                       \
                    : "f"(y));                                                         \
        } else {                                                                       \
            __asm__(holds "\n\tbnez %1, 1f\n\tfeq.s %1, %0, %0\n\tbeqz %1, 1f\n\t"      \
                          "fmv.s %0, %2\n1:"                                           \
                    : "+f"(x), "=&r"(is_decided)                                       \
                    : "f"(y));                                                         \
        }                                                                              \
        return x;                                                                      \
    }
DEPLOY_FLOAT_CHOICES(float, _of_floats)
DEPLOY_FLOAT_CHOICE(maximum, "flt.s %1, %0, %2", "fle.s %1, %2, %0")
DEPLOY_FLOAT_CHOICE(minimum, "flt.s %1, %2, %0", "fle.s %1, %0, %2")
#else
DEPLOY_FLOAT_CHOICES(float, f)
#endif
DEPLOY_FLOAT_CHOICES(double, )

#if DEPLOY_HAS_MAXNUM
DEPLOY_FLOAT_NUMBERS_BUILT_IN(float, f)
#else
DEPLOY_FLOAT_NUMBERS(float, f)
#endif
#if DEPLOY_HAS_MAXNUM && DEPLOY_DOUBLE_UNIT
DEPLOY_FLOAT_NUMBERS_BUILT_IN(double, )
#else
DEPLOY_FLOAT_NUMBERS(double, )
#endif

/* Whether one of two is NaN; whether two are different and neither is NaN. */
#define DEPLOY_FLOAT_COMPARISONS(type, suffix)                                         \
    static inline int deploy_unordered_##suffix(type x, type y) {                      \
        return x != x || y != y;                                                       \
    }                                                                                  \
    static inline int deploy_ordered_differ_##suffix(type x, type y) {                 \
        return x < y || x > y;                                                         \
    }

DEPLOY_FLOAT_COMPARISONS(float, f32)
DEPLOY_FLOAT_COMPARISONS(double, f64)

/*
 * A float as an integer, towards zero. C leaves numbers that do not fit undefined: here
 * they give the nearest integer that does, and NaN gives 0. `limit` is the first power
 * of two that does not fit.
 */
#if DEPLOY_AVOIDS_ROUND_TO_ZERO
#define DEPLOY_CHOP(to, x)                                                  \
    ((x) < 0 ? -(to)__builtin_elementwise_floor(-(x))                                  \
             : (to)__builtin_elementwise_floor(x))
#else
#define DEPLOY_CHOP(to, x) (to)(x)
#endif

#define DEPLOY_FLOAT_TO_INTEGER(from, from_name, to, to_name, least, greatest, limit)  \
    static inline to deploy_##to_name##_from_##from_name(from x) {                     \
        if (x >= (from)(limit)) {                                                      \
            return greatest;                                                           \
        }                                                                              \
        return x > (least < 0 ? -(from)(limit) : (from)-1) ? DEPLOY_CHOP(to, x) \
               : x != x                                    ? 0                         \
                                                           : least;                    \
    }

DEPLOY_FLOAT_TO_INTEGER(float, f32, int32_t, i32, INT32_MIN, INT32_MAX, 2147483648.0F)
DEPLOY_FLOAT_TO_INTEGER(double, f64, int32_t, i32, INT32_MIN, INT32_MAX, 2147483648.0)
DEPLOY_FLOAT_TO_INTEGER(float, f32, int64_t, i64, INT64_MIN, INT64_MAX,
                        9223372036854775808.0F)
DEPLOY_FLOAT_TO_INTEGER(double, f64, int64_t, i64, INT64_MIN, INT64_MAX,
                        9223372036854775808.0)
DEPLOY_FLOAT_TO_INTEGER(float, f32, uint32_t, u32, 0, UINT32_MAX, 4294967296.0F)
DEPLOY_FLOAT_TO_INTEGER(double, f64, uint32_t, u32, 0, UINT32_MAX, 4294967296.0)
DEPLOY_FLOAT_TO_INTEGER(float, f32, uint64_t, u64, 0, UINT64_MAX,
                        18446744073709551616.0F)
DEPLOY_FLOAT_TO_INTEGER(double, f64, uint64_t, u64, 0, UINT64_MAX,
                        18446744073709551616.0)

/* The greater and the lesser of two integers; narrower ones are passed as 32 bits. */
#define DEPLOY_INTEGER_CHOICES(type, suffix)                                           \
    static inline type deploy_max_##suffix(type x, type y) {                           \
        return x < y ? y : x;                                                          \
    }                                                                                  \
    static inline type deploy_min_##suffix(type x, type y) {                           \
        return x > y ? y : x;                                                          \
    }

DEPLOY_INTEGER_CHOICES(int32_t, i32)
DEPLOY_INTEGER_CHOICES(int64_t, i64)
DEPLOY_INTEGER_CHOICES(uint32_t, u32)
DEPLOY_INTEGER_CHOICES(uint64_t, u64)

/*
 * The upper half of the product of two integers. On 32-bit RISC-V a constant is kept from
 * the compiler, which would replace one instruction by four.
 */
static inline int32_t deploy_mulhi_i32(int32_t x, int32_t y) {
#if defined(__GNUC__) && defined(__riscv) && __riscv_xlen == 32
    __asm__("" : "+r"(y));
#endif
    return (int32_t)(((int64_t)x * y) >> 32);
}

/*
 * Two variables whose next uses come behind both are known; no instruction. For where
 * many products would be made before the sums that they are added to. And one that is
 * known before anything that is loaded further down.
 */
#if defined(__GNUC__) && defined(__riscv)
#define DEPLOY_TOGETHER(x, y) __asm__("" : "+r"(x), "+r"(y))
#define DEPLOY_LOADS_AFTER(x) __asm__ volatile("" : "+r"(x) : : "memory")
#else
#define DEPLOY_TOGETHER(x, y) ((void)(x), (void)(y))
#define DEPLOY_LOADS_AFTER(x) ((void)(x))
#endif

/* The same number, of which compilers know nothing but its type. */
#if defined(__GNUC__) && defined(__riscv)
#define DEPLOY_HIDE(x) __asm__("" : "+r"(x))
#else
#define DEPLOY_HIDE(x) ((void)(x))
#endif
#define DEPLOY_OPAQUE(type, suffix)                                                    \
    static inline type deploy_opaque_##suffix(type x) {                                \
        DEPLOY_HIDE(x);                                                                \
        return x;                                                                      \
    }
DEPLOY_OPAQUE(int8_t, i8)
DEPLOY_OPAQUE(int16_t, i16)
DEPLOY_OPAQUE(int32_t, i32)

/* The same memory, of which compilers do not know that they have loaded from it. */
static inline void *deploy_anew(const void *place) {
#if defined(__GNUC__) && defined(__riscv)
    __asm__("" : "+r"(place));
#endif
    return (void *)place;
}

/* Quotients rounded down and up, and absolute values (the least number stays itself). */
#define DEPLOY_INTEGER_DIVISIONS(type, unsigned_type, suffix)                          \
    static inline type deploy_floordiv_##suffix(type x, type y) {                      \
        type quotient = x / y;                                                         \
        return x % y != 0 && (x < 0) != (y < 0) ? quotient - 1 : quotient;             \
    }                                                                                  \
    static inline type deploy_ceildiv_##suffix(type x, type y) {                       \
        type quotient = x / y;                                                         \
        return x % y != 0 && (x < 0) == (y < 0) ? quotient + 1 : quotient;             \
    }                                                                                  \
    static inline type deploy_abs_##suffix(type x) {                                   \
        return x < 0 ? (type)(0 - (unsigned_type)x) : x;                               \
    }

DEPLOY_INTEGER_DIVISIONS(int32_t, uint32_t, i32)
DEPLOY_INTEGER_DIVISIONS(int64_t, uint64_t, i64)

/* Constants without <math.h>, which bare metal need not have. */
#if DEPLOY_HAS_BUILTIN(__builtin_inff) || defined(__GNUC__)
#define DEPLOY_INFINITY_F32 __builtin_inff()
#define DEPLOY_INFINITY_F64 __builtin_inf()
#define DEPLOY_NAN_F32 __builtin_nanf("")
#define DEPLOY_NAN_F64 __builtin_nan("")
#else
#define DEPLOY_INFINITY_F32 (1.0F / 0.0F)
#define DEPLOY_INFINITY_F64 (1.0 / 0.0)
#define DEPLOY_NAN_F32 (0.0F / 0.0F)
#define DEPLOY_NAN_F64 (0.0 / 0.0)
#endif

#ifdef __cplusplus
}
#endif

#endif
