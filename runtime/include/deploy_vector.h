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

/* deploy_f32x8, and deploy_f32x8_at: the same in memory, aligned like one element. */
#define DEPLOY_VECTOR(type, name, lanes)                                               \
    typedef type deploy_##name##x##lanes                                               \
        __attribute__((vector_size((lanes) * sizeof(type))));                          \
    typedef type deploy_##name##x##lanes##_at                                          \
        __attribute__((vector_size((lanes) * sizeof(type)), aligned(sizeof(type)),     \
                       may_alias));

/* The vector types of one number of lanes. */
#define DEPLOY_VECTORS(lanes)                                                          \
    DEPLOY_VECTOR(int8_t, i8, lanes)                                                   \
    DEPLOY_VECTOR(int16_t, i16, lanes)                                                 \
    DEPLOY_VECTOR(int32_t, i32, lanes)                                                 \
    DEPLOY_VECTOR(int64_t, i64, lanes)                                                 \
    DEPLOY_VECTOR(uint8_t, u8, lanes)                                                  \
    DEPLOY_VECTOR(uint16_t, u16, lanes)                                                \
    DEPLOY_VECTOR(uint32_t, u32, lanes)                                                \
    DEPLOY_VECTOR(uint64_t, u64, lanes)                                                \
    DEPLOY_VECTOR(float, f32, lanes)                                                   \
    DEPLOY_VECTOR(double, f64, lanes)

#define DEPLOY_LOAD(t, pointer) (*(const deploy_##t##_at *)(pointer))
#define DEPLOY_STORE(t, pointer, value) (*(deploy_##t##_at *)(pointer) = (value))

/* The same number in every lane; minus zero keeps its sign. */
#define DEPLOY_SPLAT(t, x) ((x) - (deploy_##t){0})

/* Each lane as a number of another type. */
#define DEPLOY_CONVERT(t, x) __builtin_convertvector(x, deploy_##t)

/* x where the mask is set, y elsewhere. */
#define DEPLOY_CHOOSE(t, mask, x, y)                                                   \
    ((deploy_##t)(((__typeof__(mask))(x) & (mask)) |                                   \
                  ((__typeof__(mask))(y) & ~(mask))))

#define DEPLOY_LESSER(t, x, y) DEPLOY_CHOOSE(t, (x) < (y), x, y)
#define DEPLOY_GREATER(t, x, y) DEPLOY_CHOOSE(t, (x) > (y), x, y)

/* As the scalar functions of these names, with the same answer for NaN. */
#define DEPLOY_MAXIMUM(t, x, y) DEPLOY_CHOOSE(t, ((x) < (y)) | ((y) != (y)), y, x)
#define DEPLOY_MINIMUM(t, x, y) DEPLOY_CHOOSE(t, ((x) > (y)) | ((y) != (y)), y, x)
#define DEPLOY_MAXNUM(t, x, y) DEPLOY_CHOOSE(t, ((x) < (y)) | ((x) != (x)), y, x)
#define DEPLOY_MINNUM(t, x, y) DEPLOY_CHOOSE(t, ((x) > (y)) | ((x) != (x)), y, x)

#endif
