/*
 * The four functions a C compiler may call even in a freestanding program.
 *
 * The empty assembly keeps a compiler from recognising a loop as the very function
 * it stands in.
 */
#include <stddef.h>
#include <stdint.h>

#define NOT_AN_IDIOM() __asm__ volatile("" ::: "memory")

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *left, const void *right, size_t bytes);

typedef uintptr_t __attribute__((may_alias)) word;

enum { WORD = sizeof(word) };

static void copy_up(uint8_t *to, const uint8_t *from, size_t bytes) {
    if (((uintptr_t)to - (uintptr_t)from) % WORD == 0) {
        for (; bytes != 0 && (uintptr_t)to % WORD != 0; bytes--) {
            *to++ = *from++;
            NOT_AN_IDIOM();
        }
        for (; bytes >= WORD; bytes -= WORD, to += WORD, from += WORD) {
            *(word *)(void *)to = *(const word *)(const void *)from;
            NOT_AN_IDIOM();
        }
    }
    for (; bytes != 0; bytes--) {
        *to++ = *from++;
        NOT_AN_IDIOM();
    }
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    copy_up(to, from, bytes);
    return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
    if ((uintptr_t)to - (uintptr_t)from >= bytes) {
        copy_up(to, from, bytes);
        return to;
    }
    for (size_t i = bytes; i-- > 0;) {
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
        NOT_AN_IDIOM();
    }
    return to;
}

void *memset(void *to, int value, size_t bytes) {
    uint8_t *byte = to;
    word pattern = (uint8_t)value * (UINTPTR_MAX / 255);
    for (; bytes != 0 && (uintptr_t)byte % WORD != 0; bytes--) {
        *byte++ = (uint8_t)value;
        NOT_AN_IDIOM();
    }
    for (; bytes >= WORD; bytes -= WORD, byte += WORD) {
        *(word *)(void *)byte = pattern;
        NOT_AN_IDIOM();
    }
    for (; bytes != 0; bytes--) {
        *byte++ = (uint8_t)value;
        NOT_AN_IDIOM();
    }
    return to;
}

int memcmp(const void *left, const void *right, size_t bytes) {
    const uint8_t *a = left;
    const uint8_t *b = right;
    for (size_t i = 0; i < bytes; i++) {
        if (a[i] != b[i]) {
            return a[i] - b[i];
        }
        NOT_AN_IDIOM();
    }
    return 0;
}
