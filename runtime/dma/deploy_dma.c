/*
 * Transfers for a platform without a DMA engine, or without a driver for it yet: the
 * core copies, and a transfer is done when it has been started.
 *
 * The three functions are weak where the compiler knows that word: a definition of the
 * same name anywhere else in the program replaces them. With another compiler, leave
 * this file out of the program and define them elsewhere.
 *
 * Copying is inlined into them and calls nothing, so that a trace can tell it by their
 * names from what kernels do. Each byte is read once and written once.
 */
#include "deploy.h"

DEPLOY_SHARES_RUNTIME;

#if DEPLOY_HAS_ATTRIBUTE(weak) || defined(__GNUC__)
#define DEPLOY_WEAK __attribute__((weak))
#else
#define DEPLOY_WEAK
#endif

#if defined(__GNUC__)
/* Keeps a compiler from seeing memcpy in a loop, and from calling it. */
#define NOT_AN_IDIOM() __asm__ volatile("" ::: "memory")
typedef uintptr_t __attribute__((may_alias)) word;
#define CAN_COPY_WORDS 1
#else
#define NOT_AN_IDIOM() ((void)0)
typedef uint8_t word;
#define CAN_COPY_WORDS 0
#endif

enum { WORD = sizeof(word), UNROLLED = 4 };

static inline void copy_words(word *to, const word *from, size_t count) {
    for (; count >= UNROLLED; count -= UNROLLED, to += UNROLLED, from += UNROLLED) {
        word a = from[0];
        word b = from[1];
        word c = from[2];
        word d = from[3];
        to[0] = a;
        to[1] = b;
        to[2] = c;
        to[3] = d;
        NOT_AN_IDIOM();
    }
    for (; count != 0; count--) {
        *to++ = *from++;
        NOT_AN_IDIOM();
    }
}

static inline void copy(void *dst, const void *src, size_t bytes) {
    uint8_t *to = dst;
    const uint8_t *from = src;
    if (CAN_COPY_WORDS && ((uintptr_t)to - (uintptr_t)from) % WORD == 0) {
        for (; bytes != 0 && (uintptr_t)to % WORD != 0; bytes--) {
            *to++ = *from++;
            NOT_AN_IDIOM();
        }
        size_t words = bytes / WORD;
        copy_words((word *)(void *)to, (const word *)(const void *)from, words);
        to += words * WORD;
        from += words * WORD;
        bytes -= words * WORD;
    }
    for (; bytes != 0; bytes--) {
        *to++ = *from++;
        NOT_AN_IDIOM();
    }
}

DEPLOY_WEAK deploy_dma_t deploy_dma_start_1d(void *dst, const void *src, size_t bytes) {
    copy(dst, src, bytes);
    return 0;
}

DEPLOY_WEAK deploy_dma_t deploy_dma_start_2d(void *dst, const void *src, size_t rows,
                                             size_t row_bytes, size_t dst_stride,
                                             size_t src_stride) {
    uint8_t *to = dst;
    const uint8_t *from = src;
    for (; rows != 0; rows--, to += dst_stride, from += src_stride) {
        copy(to, from, row_bytes);
    }
    return 0;
}

DEPLOY_WEAK void deploy_dma_wait(deploy_dma_t transfer) {
    (void)transfer;
}
