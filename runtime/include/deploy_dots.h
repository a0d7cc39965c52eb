/*
 * Sums of four products of bytes: a part of deploy.h, which includes it.
 *
 * Byte k of a word is its bits 8k to 8k + 7; in the name of a kind, s and u say whether
 * the bytes of x and those of y have a sign. What does not fit a sum is cut off.
 */
#ifndef DEPLOY_DOTS_H
#define DEPLOY_DOTS_H

#include <stdint.h>

#ifdef __GNUC__
/* A word of memory that holds bytes. */
typedef int32_t deploy_word __attribute__((may_alias));
#endif

#define DEPLOY_DOT4_OF_WORDS(kind, left, right)                                        \
    static inline int32_t deploy_dot4_##kind(int32_t acc, int32_t x, int32_t y) {      \
        for (int shift = 0; shift < 32; shift += 8) {                                  \
            const int product =                                                        \
                (left)((uint32_t)x >> shift) * (right)((uint32_t)y >> shift);          \
            acc = (int32_t)((uint32_t)acc + (uint32_t)product);                        \
        }                                                                              \
        return acc;                                                                    \
    }

DEPLOY_DOT4_OF_WORDS(ss, int8_t, int8_t)
DEPLOY_DOT4_OF_WORDS(su, int8_t, uint8_t)
DEPLOY_DOT4_OF_WORDS(us, uint8_t, int8_t)
DEPLOY_DOT4_OF_WORDS(uu, uint8_t, uint8_t)

/* On vectors; y has words of its own for each lane, or is one word for all of them. */
#define DEPLOY_DOT4(t, kind, acc, x, y)                                                \
    __extension__({                                                                    \
        deploy_##t deploy_dot = (acc);                                                 \
        const deploy_##t deploy_dot_x = (x), deploy_dot_y = (y);                       \
        deploy_##t##_dot4_##kind(&deploy_dot, &deploy_dot_x, &deploy_dot_y);           \
        deploy_dot;                                                                    \
    })
#define DEPLOY_DOT4_WORD(t, kind, acc, x, y)                                           \
    __extension__({                                                                    \
        deploy_##t deploy_dot = (acc);                                                 \
        const deploy_##t deploy_dot_x = (x);                                           \
        deploy_##t##_dot4_word_##kind(&deploy_dot, &deploy_dot_x, y);                  \
        deploy_dot;                                                                    \
    })

/*
 * What these call, for one number of lanes, whichever of them a program needs. Vectors
 * are passed by their address: how they would be passed depends on the machine.
 */
#define DEPLOY_DOT4_INLINE __attribute__((always_inline, unused))
#define DEPLOY_DOT4_FUNCTIONS(lanes, kind, vectors, words)                             \
    static inline DEPLOY_DOT4_INLINE void deploy_i32x##lanes##_dot4_##kind(            \
        deploy_i32x##lanes *acc, const deploy_i32x##lanes *x,                          \
        const deploy_i32x##lanes *y) {                                                 \
        vectors;                                                                       \
    }                                                                                  \
    static inline DEPLOY_DOT4_INLINE void deploy_i32x##lanes##_dot4_word_##kind(       \
        deploy_i32x##lanes *acc, const deploy_i32x##lanes *x, int32_t y) {             \
        words;                                                                         \
    }

/* The same by the lane, for any machine. */
#define DEPLOY_DOT4_BY_LANE(lanes, kind, y)                                            \
    for (int k = 0; k < (lanes); k++) {                                                \
        (*acc)[k] = deploy_dot4_##kind((*acc)[k], (*x)[k], y);                         \
    }
#define DEPLOY_DOTS_BY_LANE_OF(lanes, kind)                                            \
    DEPLOY_DOT4_FUNCTIONS(lanes, kind, DEPLOY_DOT4_BY_LANE(lanes, kind, (*y)[k]),      \
                          DEPLOY_DOT4_BY_LANE(lanes, kind, y))
#define DEPLOY_DOTS_BY_LANE(lanes)                                                     \
    DEPLOY_DOTS_BY_LANE_OF(lanes, ss)                                                  \
    DEPLOY_DOTS_BY_LANE_OF(lanes, su)                                                  \
    DEPLOY_DOTS_BY_LANE_OF(lanes, us)                                                  \
    DEPLOY_DOTS_BY_LANE_OF(lanes, uu)

#if defined(__riscv_zvqdotq) && defined(__riscv_v_fixed_vlen)
#include <riscv_vector.h>

#define DEPLOY_DOT4_FIXED(lanes, name, sum, x, y)                                      \
    *acc = (deploy_i32x##lanes)(sum)__riscv_##name((sum)*acc, x, y, lanes)

/* In registers of RISC-V of a group, as m4 or mf2, that has just so many lanes. */
#define DEPLOY_DOTS(lanes, group)                                                      \
    DEPLOY_DOTS_IN(lanes, group, deploy_rvv_i32x##lanes, deploy_rvv_u32x##lanes,       \
                   deploy_rvv_i8x##lanes, deploy_rvv_u8x##lanes)
#define DEPLOY_DOTS_IN(lanes, group, i32, u32, i8, u8)                                 \
    typedef vint32##group##_t i32 __attribute__((riscv_rvv_vector_bits(32 * (lanes))));\
    typedef vuint32##group##_t u32                                                     \
        __attribute__((riscv_rvv_vector_bits(32 * (lanes))));                          \
    typedef vint8##group##_t i8 __attribute__((riscv_rvv_vector_bits(32 * (lanes))));  \
    typedef vuint8##group##_t u8 __attribute__((riscv_rvv_vector_bits(32 * (lanes)))); \
    DEPLOY_DOT4_FUNCTIONS(lanes, ss,                                                   \
                          DEPLOY_DOT4_FIXED(lanes, vqdot, i32, (i8)*x, (i8)*y),        \
                          DEPLOY_DOT4_FIXED(lanes, vqdot, i32, (i8)*x, (uint32_t)y))   \
    DEPLOY_DOT4_FUNCTIONS(lanes, su,                                                   \
                          DEPLOY_DOT4_FIXED(lanes, vqdotsu, i32, (i8)*x, (u8)*y),      \
                          DEPLOY_DOT4_FIXED(lanes, vqdotsu, i32, (i8)*x, (uint32_t)y)) \
    DEPLOY_DOT4_FUNCTIONS(lanes, us,                                                   \
                          DEPLOY_DOT4_FIXED(lanes, vqdotsu, i32, (i8)*y, (u8)*x),      \
                          DEPLOY_DOT4_FIXED(lanes, vqdotus, i32, (u8)*x, (uint32_t)y)) \
    DEPLOY_DOT4_FUNCTIONS(lanes, uu,                                                   \
                          DEPLOY_DOT4_FIXED(lanes, vqdotu, u32, (u8)*x, (u8)*y),       \
                          DEPLOY_DOT4_FIXED(lanes, vqdotu, u32, (u8)*x, (uint32_t)y))
#else
#define DEPLOY_DOTS(lanes, group) DEPLOY_DOTS_BY_LANE(lanes)
#endif

#endif
