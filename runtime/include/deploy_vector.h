/*
 * Vectors of a fixed number of lanes, in the form that gcc and clang share.
 * A part of deploy.h, which includes it.
 *
 * Everything here is a macro: a function that takes or returns a vector would depend on
 * the registers that it is passed in. A macro may read its arguments several times. `t`
 * is an element type and a number of lanes, like f32x8. A mask is a vector of signed
 * integers as wide as what it chooses among, with 0 or -1 in each lane.
 */
#ifndef DEPLOY_VECTOR_H
#define DEPLOY_VECTOR_H

#include <stdint.h>

/*
 * deploy_f32x8, and in memory deploy_f32x8_at, the same, aligned like one element, and
 * deploy_f32x8_lane, one element.
 */
#define DEPLOY_VECTOR(type, name, lanes, form)                                         \
    enum { deploy_##name##x##lanes##_lanes = (lanes) };                                \
    typedef type deploy_##name##x##lanes __attribute__((form));                        \
    typedef type deploy_##name##x##lanes##_lane __attribute__((may_alias));            \
    typedef type deploy_##name##x##lanes##_at                                          \
        __attribute__((form, aligned(sizeof(type)), may_alias));

/* The vector types of one number of lanes, given their form for each size of these. */
#define DEPLOY_VECTORS_OF(lanes, form1, form2, form4, form8)                           \
    DEPLOY_VECTOR(int8_t, i8, lanes, form1)                                            \
    DEPLOY_VECTOR(int16_t, i16, lanes, form2)                                          \
    DEPLOY_VECTOR(int32_t, i32, lanes, form4)                                          \
    DEPLOY_VECTOR(int64_t, i64, lanes, form8)                                          \
    DEPLOY_VECTOR(uint8_t, u8, lanes, form1)                                           \
    DEPLOY_VECTOR(uint16_t, u16, lanes, form2)                                         \
    DEPLOY_VECTOR(uint32_t, u32, lanes, form4)                                         \
    DEPLOY_VECTOR(uint64_t, u64, lanes, form8)                                         \
    DEPLOY_VECTOR(float, f32, lanes, form4)                                            \
    DEPLOY_VECTOR(double, f64, lanes, form8)

/* The same for a power of two lanes. */
#define DEPLOY_VECTORS(lanes)                                                          \
    DEPLOY_VECTORS_OF(lanes, vector_size(lanes), vector_size(2 * (lanes)),             \
                      vector_size(4 * (lanes)), vector_size(8 * (lanes)))

/* Written out, a loop that carries many vectors would load so early that these spill. */
#if defined(__clang__) && defined(__riscv_vector)
#define DEPLOY_LOOP _Pragma("clang loop unroll(disable)")
#else
#define DEPLOY_LOOP
#endif

#define DEPLOY_LOAD(t, pointer) (*(const deploy_##t##_at *)(pointer))
#define DEPLOY_STORE(t, pointer, value) (*(deploy_##t##_at *)(pointer) = (value))

/*
 * And for another number: there is room for `whole` lanes, the next power of two, but
 * memory for `lanes`. Clang has such vectors, and does them in one instruction where
 * instructions are told how many lanes there are; gcc fills the others with zeros.
 * Clang copies bytes, or it would move three lanes as four; gcc moves lanes one by one
 * where there are no masks, or it would go through memory.
 */
#if defined(__clang__)
#define DEPLOY_PART_VECTORS(lanes, whole)                                              \
    DEPLOY_VECTORS_OF(lanes, ext_vector_type(lanes), ext_vector_type(lanes),           \
                      ext_vector_type(lanes), ext_vector_type(lanes))
#define DEPLOY_LOAD_PART(t, pointer)                                                   \
    __extension__({                                                                    \
        deploy_##t deploy_part = {0};                                                  \
        __builtin_memcpy(&deploy_part, pointer,                                        \
                         deploy_##t##_lanes * sizeof deploy_part[0]);                  \
        deploy_part;                                                                   \
    })
#define DEPLOY_STORE_PART(t, pointer, value)                                           \
    __extension__({                                                                    \
        const deploy_##t deploy_part = (value);                                        \
        __builtin_memcpy(pointer, &deploy_part,                                        \
                         deploy_##t##_lanes * sizeof deploy_part[0]);                  \
    })
/* The first lanes of a vector of `whole` lanes, given by their numbers. */
#define DEPLOY_FIRST(t, x, ...) __builtin_shufflevector(x, x, __VA_ARGS__)
#else
#define DEPLOY_FIRST(t, x, ...) ((deploy_##t)(x))
#define DEPLOY_PART_VECTORS(lanes, whole)                                              \
    DEPLOY_VECTORS_OF(lanes, vector_size(whole), vector_size(2 * (whole)),             \
                      vector_size(4 * (whole)), vector_size(8 * (whole)))
#define DEPLOY_LOAD_LANES(t, part, pointer)                                            \
    do {                                                                               \
        const deploy_##t##_lane *deploy_at = (const void *)(pointer);                  \
        _Pragma("GCC unroll 64") for (int k = 0; k < (int)deploy_##t##_lanes; k++) {   \
            (part)[k] = deploy_at[k];                                                  \
        }                                                                              \
    } while (0)
#define DEPLOY_STORE_LANES(t, pointer, part)                                           \
    do {                                                                               \
        deploy_##t##_lane *deploy_at = (void *)(pointer);                              \
        _Pragma("GCC unroll 64") for (int k = 0; k < (int)deploy_##t##_lanes; k++) {   \
            deploy_at[k] = (part)[k];                                                  \
        }                                                                              \
    } while (0)

/*
 * AVX-512 moves bytes of a register by a mask, which is one instruction where lanes one
 * by one are two for each.
 */
#if defined(__AVX512BW__) && defined(__AVX512VL__)
#define DEPLOY_PART_BYTES(t) (deploy_##t##_lanes * sizeof(deploy_##t##_lane))
#define DEPLOY_IS_MASKED(t) (sizeof(deploy_##t) >= 16 && sizeof(deploy_##t) <= 64)
#define DEPLOY_PART_MASK(t)                                                            \
    (DEPLOY_IS_MASKED(t) ? ~0ULL >> (64 - DEPLOY_PART_BYTES(t)) : 0ULL)
#define DEPLOY_LOAD_PART(t, pointer)                                                   \
    __extension__({                                                                    \
        deploy_##t deploy_part = {0};                                                  \
        if (DEPLOY_IS_MASKED(t)) {                                                     \
            __asm__("vmovdqu8 %1, %0%{%2%}%{z%}"                                       \
                    : "=v"(deploy_part)                                                \
                    : "m"(*(const char(*)[DEPLOY_PART_BYTES(t)])(pointer)),            \
                      "Yk"(DEPLOY_PART_MASK(t)));                                      \
        } else {                                                                       \
            DEPLOY_LOAD_LANES(t, deploy_part, pointer);                                \
        }                                                                              \
        deploy_part;                                                                   \
    })
#define DEPLOY_STORE_PART(t, pointer, value)                                           \
    __extension__({                                                                    \
        const deploy_##t deploy_part = (value);                                        \
        if (DEPLOY_IS_MASKED(t)) {                                                     \
            __asm__("vmovdqu8 %1, %0%{%2%}"                                            \
                    : "=m"(*(char(*)[DEPLOY_PART_BYTES(t)])(pointer))                  \
                    : "v"(deploy_part), "Yk"(DEPLOY_PART_MASK(t)));                    \
        } else {                                                                       \
            DEPLOY_STORE_LANES(t, pointer, deploy_part);                               \
        }                                                                              \
    })
#else
#define DEPLOY_LOAD_PART(t, pointer)                                                   \
    __extension__({                                                                    \
        deploy_##t deploy_part = {0};                                                  \
        DEPLOY_LOAD_LANES(t, deploy_part, pointer);                                    \
        deploy_part;                                                                   \
    })
#define DEPLOY_STORE_PART(t, pointer, value)                                           \
    __extension__({                                                                    \
        const deploy_##t deploy_part = (value);                                        \
        DEPLOY_STORE_LANES(t, pointer, deploy_part);                                   \
    })
#endif
#endif

/*
 * A load for DEPLOY_MULHI. Where the compiler moved it out of a loop and made it wide
 * there, it would not see that what is in the loop is the upper half of a product.
 */
#if defined(__clang__) && defined(__riscv_vector)
#define DEPLOY_LOAD_FACTOR(t, pointer)                                                 \
    __extension__({                                                                    \
        const deploy_##t##_at *deploy_place = (const deploy_##t##_at *)(pointer);      \
        __asm__ volatile("" : "+r"(deploy_place));                                     \
        *deploy_place;                                                                 \
    })
#else
#define DEPLOY_LOAD_FACTOR(t, pointer) DEPLOY_LOAD(t, pointer)
#endif

/* The lanes that there is room for: gcc does the same to all of them at once. */
#define DEPLOY_ROOM(x) ((int)(sizeof(x) / sizeof((x)[0])))

/* The same number in every lane; minus zero keeps its sign. */
#define DEPLOY_SPLAT(t, x) ((x) - (deploy_##t){0})

/* Each lane as a number of another type. */
#define DEPLOY_CONVERT(t, x) __builtin_convertvector(x, deploy_##t)

/* Of the lanes of x, which is a variable, those from `number` times the lanes of t on. */
#define DEPLOY_PART(t, x, number) (((const deploy_##t##_at *)&(x))[number])

/* The upper half of each product; `wide` has twice as many bits a lane as `t`. */
#define DEPLOY_MULHI(t, wide, x, y)                                                    \
    DEPLOY_CONVERT(t, (DEPLOY_CONVERT(wide, x) * DEPLOY_CONVERT(wide, y)) >>           \
                          (4 * sizeof((deploy_##wide){0}[0])))

/* x where the mask is set, y elsewhere. */
#define DEPLOY_CHOOSE(t, mask, x, y)                                                   \
    ((deploy_##t)(((__typeof__(mask))(x) & (mask)) |                                   \
                  ((__typeof__(mask))(y) & ~(mask))))

#define DEPLOY_LESSER(t, x, y) DEPLOY_CHOOSE(t, (x) < (y), x, y)
#define DEPLOY_GREATER(t, x, y) DEPLOY_CHOOSE(t, (x) > (y), x, y)

/*
 * From here on as the scalar functions of these names, also for NaN. What is of use
 * more than once has a name that no program gives out.
 */

#define DEPLOY_MAXIMUM(t, x, y) DEPLOY_CHOOSE(t, ((x) < (y)) | ((y) != (y)), y, x)
#define DEPLOY_MINIMUM(t, x, y) DEPLOY_CHOOSE(t, ((x) > (y)) | ((y) != (y)), y, x)

/*
 * The same of vectors with another number of lanes than a power of two, of which y is no
 * constant. Clang compares y with itself as zero with zero too, and here it would mask
 * each result by that of the lanes there are; it does not know what y is at most.
 */
#if defined(__clang__) && defined(__riscv_vector) && DEPLOY_DOUBLE_UNIT
#define DEPLOY_NUMBERS(t, x)                                                           \
    __extension__({                                                                    \
        deploy_##t##_lane deploy_most = __builtin_inff();                              \
        __asm__("" : "+f"(deploy_most));                                               \
        (x) <= (deploy_##t)(deploy_most);                                              \
    })
#define DEPLOY_MAXIMUM_PART(t, x, y)                                                   \
    DEPLOY_CHOOSE(t, ((x) < (y)) | ~DEPLOY_NUMBERS(t, y), y, x)
#define DEPLOY_MINIMUM_PART(t, x, y)                                                   \
    DEPLOY_CHOOSE(t, ((x) > (y)) | ~DEPLOY_NUMBERS(t, y), y, x)
#else
#define DEPLOY_MAXIMUM_PART(t, x, y) DEPLOY_MAXIMUM(t, x, y)
#define DEPLOY_MINIMUM_PART(t, x, y) DEPLOY_MINIMUM(t, x, y)
#endif

/* Of two zeros either. */
#if DEPLOY_DOUBLE_UNIT && DEPLOY_HAS_BUILTIN(__builtin_elementwise_sqrt)
#define DEPLOY_MAXNUM(t, x, y) __builtin_elementwise_max(x, y)
#define DEPLOY_MINNUM(t, x, y) __builtin_elementwise_min(x, y)
#else
#define DEPLOY_MAXNUM(t, x, y) DEPLOY_CHOOSE(t, ((x) < (y)) | ((x) != (x)), y, x)
#define DEPLOY_MINNUM(t, x, y) DEPLOY_CHOOSE(t, ((x) > (y)) | ((x) != (x)), y, x)
#endif

/* One of two things, by the type of the lanes of x. */
#define DEPLOY_BY_LANES(x, for_float, for_double)                                      \
    _Generic((x)[0], float: for_float, double: for_double)

/* x as integers of the same width, and all bits of such an integer but the sign. */
#define DEPLOY_BITS(x) ((__typeof__((x) < (x)))(x))
#define DEPLOY_MAGNITUDE(x) DEPLOY_BY_LANES(x, INT32_MAX, INT64_MAX)

#if DEPLOY_HAS_BUILTIN(__builtin_elementwise_sqrt)
#define DEPLOY_ABS(t, x) __builtin_elementwise_abs(x)
#define DEPLOY_COPYSIGN(t, x, sign) __builtin_elementwise_copysign(x, sign)
#else
#define DEPLOY_ABS(t, x) ((deploy_##t)(DEPLOY_BITS(x) & DEPLOY_MAGNITUDE(x)))
#define DEPLOY_COPYSIGN(t, x, sign)                                                    \
    ((deploy_##t)((DEPLOY_BITS(x) & DEPLOY_MAGNITUDE(x)) |                             \
                  (DEPLOY_BITS(sign) & ~DEPLOY_MAGNITUDE(sign))))
#endif

#if DEPLOY_DOUBLE_UNIT && DEPLOY_HAS_BUILTIN(__builtin_elementwise_sqrt)
#define DEPLOY_SQRT(t, x) __builtin_elementwise_sqrt(x)
#else
#define DEPLOY_SQRT(t, x)                                                              \
    __extension__({                                                                    \
        deploy_##t deploy_root = (x);                                                  \
        for (int k = 0; k < (int)deploy_##t##_lanes; k++) {                            \
            deploy_root[k] = DEPLOY_BY_LANES(deploy_root, deploy_sqrtf, deploy_sqrt)(  \
                deploy_root[k]);                                                       \
        }                                                                              \
        deploy_root;                                                                   \
    })
#endif

#if DEPLOY_DOUBLE_UNIT && DEPLOY_HAS_BUILTIN(__builtin_elementwise_fma)
#define DEPLOY_FMA(t, x, y, z) __builtin_elementwise_fma(x, y, z)
#elif DEPLOY_HAS_FMA && defined(__clang__)
/* Not lane by lane, for which clang would keep the vectors in memory. */
#define DEPLOY_FMA(t, x, y, z)                                                         \
    __extension__({                                                                    \
        _Pragma("STDC FP_CONTRACT ON")                                                 \
        const deploy_##t deploy_fma_x = (x), deploy_fma_y = (y), deploy_fma_z = (z);   \
        deploy_fma_x *deploy_fma_y + deploy_fma_z;                                     \
    })
#elif DEPLOY_HAS_FMA
#define DEPLOY_FMA(t, x, y, z)                                                         \
    __extension__({                                                                    \
        const deploy_##t deploy_fma_x = (x), deploy_fma_y = (y);                       \
        deploy_##t deploy_fma_z = (z);                                                 \
        for (int k = 0; k < DEPLOY_ROOM(deploy_fma_z); k++) {                          \
            deploy_fma_z[k] = DEPLOY_BY_LANES(deploy_fma_z, deploy_fmaf, deploy_fma)(  \
                deploy_fma_x[k], deploy_fma_y[k], deploy_fma_z[k]);                    \
        }                                                                              \
        deploy_fma_z;                                                                  \
    })
#else
#define DEPLOY_FMA(t, x, y, z) ((x) * (y) + (z))
#endif

/*
 * Rounding to integral values. In the rounding mode that programs start in, `rint` is
 * `roundeven`, and need not set the mode. Where the compiler would call a library,
 * the sum with 2^23 (2^52) has no binary places left.
 */
#if DEPLOY_INLINE_DOUBLE_ROUNDING
#define DEPLOY_ROUNDEVEN(t, x) __builtin_elementwise_rint(x)
#define DEPLOY_FLOOR(t, x) __builtin_elementwise_floor(x)
#define DEPLOY_CEIL(t, x) __builtin_elementwise_ceil(x)
#else
#define DEPLOY_ROUNDEVEN(t, x)                                                         \
    __extension__({                                                                    \
        const deploy_##t deploy_even_x = (x);                                          \
        const deploy_##t deploy_even_size = DEPLOY_ABS(t, deploy_even_x);              \
        const deploy_##t deploy_even_step =                                            \
            DEPLOY_SPLAT(t, DEPLOY_BY_LANES(deploy_even_x, 0x1p23F, 0x1p52));          \
        const deploy_##t deploy_even =                                                 \
            DEPLOY_CHOOSE(t, deploy_even_size < deploy_even_step,                      \
                          deploy_even_size + deploy_even_step - deploy_even_step,      \
                          deploy_even_x);                                              \
        DEPLOY_COPYSIGN(t, deploy_even, deploy_even_x);                                \
    })
#define DEPLOY_FLOOR(t, x)                                                             \
    __extension__({                                                                    \
        const deploy_##t deploy_floor_x = (x);                                         \
        const deploy_##t deploy_floor_even = DEPLOY_ROUNDEVEN(t, deploy_floor_x);      \
        DEPLOY_CHOOSE(t, deploy_floor_even > deploy_floor_x,                           \
                      deploy_floor_even - DEPLOY_BY_LANES(deploy_floor_x, 1.0F, 1.0),  \
                      deploy_floor_even);                                              \
    })
#define DEPLOY_CEIL(t, x) (-DEPLOY_FLOOR(t, -(x)))
#endif
#define DEPLOY_TRUNC(t, x)                                                             \
    __extension__({                                                                    \
        const deploy_##t deploy_trunc_x = (x);                                         \
        DEPLOY_COPYSIGN(t, DEPLOY_FLOOR(t, DEPLOY_ABS(t, deploy_trunc_x)),             \
                        deploy_trunc_x);                                               \
    })

/*
 * Floats as signed integers of type t, towards zero.
 * INTEGRAL: the floats are integral numbers that fit. CHOPPED: the results fit.
 * SATURATED: any floats, as the scalar functions do it; integers of the same width.
 */
#if DEPLOY_AVOIDS_ROUND_TO_ZERO
/* A compiler that sees through `floor` of a magnitude rounds it to zero after all. */
#define DEPLOY_INTEGRAL(t, x) DEPLOY_CONVERT(t, __builtin_elementwise_rint(x))
#define DEPLOY_CHOPPED(t, x)                                                           \
    __extension__({                                                                    \
        const __typeof__(x) deploy_cut_x = (x);                                        \
        const __typeof__(x) deploy_cut_size = __builtin_elementwise_abs(deploy_cut_x); \
        const deploy_##t deploy_cut_even = DEPLOY_INTEGRAL(t, deploy_cut_size);        \
        const deploy_##t deploy_cut_sign = DEPLOY_CONVERT(t, deploy_cut_x < 0);        \
        const deploy_##t deploy_cut_over = DEPLOY_CONVERT(                             \
            t, __builtin_convertvector(deploy_cut_even, __typeof__(deploy_cut_x)) >    \
                   deploy_cut_size);                                                   \
        ((deploy_cut_even + deploy_cut_over) ^ deploy_cut_sign) - deploy_cut_sign;     \
    })
#else
#define DEPLOY_INTEGRAL(t, x) DEPLOY_CONVERT(t, x)
#define DEPLOY_CHOPPED(t, x) DEPLOY_CONVERT(t, x)
#endif
#define DEPLOY_SATURATED(t, x)                                                         \
    __extension__({                                                                    \
        const __typeof__(x) deploy_x = (x);                                            \
        const __typeof__((x)[0]) deploy_end =                                          \
            DEPLOY_BY_LANES(deploy_x, 0x1p31F, 0x1p63);                                \
        const deploy_##t deploy_high = (deploy_##t)(deploy_x >= deploy_end);           \
        const deploy_##t deploy_low = (deploy_##t)(deploy_x <= -deploy_end);           \
        const deploy_##t deploy_fits = (deploy_##t)(deploy_x < deploy_end) &           \
                                       (deploy_##t)(deploy_x > -deploy_end);           \
        const __typeof__(x) deploy_safe =                                              \
            (__typeof__(deploy_x))(DEPLOY_BITS(deploy_x) & deploy_fits);               \
        DEPLOY_CHOPPED(t, deploy_safe) |                                               \
            (deploy_high & DEPLOY_MAGNITUDE(deploy_x)) |                               \
            (deploy_low & ~DEPLOY_MAGNITUDE(deploy_x));                                \
    })

#endif
