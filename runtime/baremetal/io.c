/*
 * Files, console, counter and exit for a program without an operating system.
 *
 * One image runs on QEMU and on Spike: what the simulator offers is found out at run
 * time, unless DEPLOY_IO_HTIF or DEPLOY_IO_SEMIHOSTING says it. Semihosting (QEMU) is a break instruction between two marks; HTIF (Spike) is
 * a mailbox in memory through which the host does system calls.
 */
#include "deploy_io.h"

#include "platform.h"

enum semihosting_operation {
    SEMIHOSTING_OPEN = 0x01,
    SEMIHOSTING_CLOSE = 0x02,
    SEMIHOSTING_WRITE_TEXT = 0x04,
    SEMIHOSTING_WRITE = 0x05,
    SEMIHOSTING_READ = 0x06,
    SEMIHOSTING_ERRNO = 0x13,
    SEMIHOSTING_EXIT_EXTENDED = 0x20,
};

enum { SEMIHOSTING_MODE_RB = 1, SEMIHOSTING_MODE_WB = 5 };
enum { SEMIHOSTING_APPLICATION_EXIT = 0x20026 };

enum htif_call {
    HTIF_OPENAT = 56,
    HTIF_CLOSE = 57,
    HTIF_READ = 63,
    HTIF_WRITE = 64,
};

/* The numbers of Linux: Spike passes them on. */
enum { HTIF_READ_ONLY = 0, HTIF_WRITE_CREATE_TRUNCATE = 01 | 0100 | 01000 };
enum { HTIF_RW_FOR_ALL = 0666, HTIF_STANDARD_OUTPUT = 1 };
enum { HTIF_CURRENT_FOLDER = -100 };

extern uint32_t deploy_semihosting_absent;
long deploy_semihosting_call(long operation, void *argument);

/* Spike finds the mailbox by these names. */
extern volatile uint64_t tohost;
extern volatile uint64_t fromhost;
DEPLOY_RUNTIME_STATE _Alignas(64) volatile uint64_t tohost;
DEPLOY_RUNTIME_STATE _Alignas(64) volatile uint64_t fromhost;

DEPLOY_RUNTIME_STATE _Alignas(64) static volatile uint64_t request[8];
DEPLOY_RUNTIME_STATE static int semihosting;

void deploy_platform_start(void) {
#if defined DEPLOY_IO_HTIF
    semihosting = 0;
#elif defined DEPLOY_IO_SEMIHOSTING
    semihosting = 1;
#else
    deploy_semihosting_call(SEMIHOSTING_ERRNO, NULL);
    semihosting = deploy_semihosting_absent == 0;
#endif
}

static int64_t htif(uint64_t call, int64_t a, uint64_t b, uint64_t c, uint64_t d,
                    uint64_t e) {
    request[0] = call;
    request[1] = (uint64_t)a;
    request[2] = b;
    request[3] = c;
    request[4] = d;
    request[5] = e;
    fromhost = 0;
    tohost = (uintptr_t)request;
    while (fromhost == 0) {
    }
    fromhost = 0;
    return (int64_t)request[0];
}

static size_t length(const char *text) {
    size_t count = 0;
    while (text[count] != '\0') {
        count++;
    }
    return count;
}

int32_t deploy_io_open(const char *path, int writing) {
    if (semihosting) {
        uintptr_t block[3] = {(uintptr_t)path,
                              writing ? SEMIHOSTING_MODE_WB : SEMIHOSTING_MODE_RB,
                              length(path)};
        return (int32_t)deploy_semihosting_call(SEMIHOSTING_OPEN, block);
    }
    uint64_t flags = writing ? HTIF_WRITE_CREATE_TRUNCATE : HTIF_READ_ONLY;
    return (int32_t)htif(HTIF_OPENAT, HTIF_CURRENT_FOLDER, (uintptr_t)path,
                         length(path) + 1, flags, HTIF_RW_FOR_ALL);
}

/* The bytes that were not moved; everything may take several calls. */
static size_t move(int32_t file, uintptr_t data, size_t bytes, long operation,
                   uint64_t call) {
    if (semihosting) {
        uintptr_t block[3] = {(uintptr_t)file, data, bytes};
        return (size_t)deploy_semihosting_call(operation, block);
    }
    while (bytes != 0) {
        int64_t moved = htif(call, file, data, bytes, 0, 0);
        if (moved <= 0) {
            break;
        }
        data += (uintptr_t)moved;
        bytes -= (size_t)moved;
    }
    return bytes;
}

int deploy_io_read(int32_t file, void *data, size_t bytes) {
    return move(file, (uintptr_t)data, bytes, SEMIHOSTING_READ, HTIF_READ) ? -1 : 0;
}

int deploy_io_write(int32_t file, const void *data, size_t bytes) {
    return move(file, (uintptr_t)data, bytes, SEMIHOSTING_WRITE, HTIF_WRITE) ? -1 : 0;
}

int deploy_io_close(int32_t file) {
    if (semihosting) {
        uintptr_t block[1] = {(uintptr_t)file};
        return deploy_semihosting_call(SEMIHOSTING_CLOSE, block) == 0 ? 0 : -1;
    }
    return htif(HTIF_CLOSE, file, 0, 0, 0, 0) == 0 ? 0 : -1;
}

void deploy_io_print(const char *text) {
    if (semihosting) {
        deploy_semihosting_call(SEMIHOSTING_WRITE_TEXT, (void *)(uintptr_t)text);
    } else {
        htif(HTIF_WRITE, HTIF_STANDARD_OUTPUT, (uintptr_t)text, length(text), 0, 0);
    }
}

#ifdef DEPLOY_COUNT_CYCLES
#define COUNTER "mcycle"
#else
#define COUNTER "minstret"
#endif

uint64_t deploy_io_count(void) {
#if __riscv_xlen == 64
    uint64_t count;
    __asm__ volatile("csrr %0, " COUNTER : "=r"(count));
    return count;
#else
    uint32_t low;
    uint32_t high;
    uint32_t high_again;
    do {
        __asm__ volatile("csrr %0, " COUNTER "h" : "=r"(high));
        __asm__ volatile("csrr %0, " COUNTER : "=r"(low));
        __asm__ volatile("csrr %0, " COUNTER "h" : "=r"(high_again));
    } while (high != high_again);
    return (uint64_t)high << 32 | low;
#endif
}

void deploy_platform_exit(int status) {
    if (semihosting) {
        uintptr_t block[2] = {SEMIHOSTING_APPLICATION_EXIT, (uintptr_t)status};
        deploy_semihosting_call(SEMIHOSTING_EXIT_EXTENDED, block);
    }
    for (;;) {
        tohost = (uint64_t)(uint32_t)status << 1 | 1;
    }
}

static void print_number(const char *label, unsigned long value) {
    char text[2 * sizeof value + 1];
    for (int i = (int)sizeof text - 2; i >= 0; i--, value >>= 4) {
        text[i] = "0123456789abcdef"[value & 15];
    }
    text[sizeof text - 1] = '\0';
    deploy_io_print(label);
    deploy_io_print(text);
}

void deploy_platform_trap(unsigned long cause, unsigned long pc, unsigned long address) {
    print_number("trap: cause 0x", cause);
    print_number(" at pc 0x", pc);
    print_number(", address 0x", address);
    deploy_io_print("\n");
    deploy_platform_exit(DEPLOY_EXIT_TRAP);
}
