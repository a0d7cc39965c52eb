/*
 * What kernels may touch, and what of it means nothing.
 *
 * Kernels run in user mode, where physical memory protection allows the ranges of
 * `deploy_regions` and nothing else: the first byte outside traps. Inside, what no
 * live buffer holds is poisoned before a kernel and must be poison afterwards.
 */
#include "monitor.h"

#include "deploy_io.h"
#include "platform.h"

/* The last two entries protect the code, see start.S. */
enum { FREE_ENTRIES = 14, ENTRIES_PER_REGION = 2, TOP_OF_RANGE = 0x08 };
enum { WORD_BYTES = sizeof(uintptr_t) };

extern char deploy_protect_trap[];

#define SET_ADDRESS(number)                                                            \
    case number:                                                                       \
        __asm__ volatile("csrw pmpaddr" #number ", %0" ::"r"(value));                  \
        break;

static void set_address(uint32_t entry, uintptr_t address) {
    uintptr_t value = address >> 2;
    switch (entry) {
        SET_ADDRESS(0)
        SET_ADDRESS(1)
        SET_ADDRESS(2)
        SET_ADDRESS(3)
        SET_ADDRESS(4)
        SET_ADDRESS(5)
        SET_ADDRESS(6)
        SET_ADDRESS(7)
        SET_ADDRESS(8)
        SET_ADDRESS(9)
        SET_ADDRESS(10)
        SET_ADDRESS(11)
        SET_ADDRESS(12)
        SET_ADDRESS(13)
    }
}

/* The rights of all entries while a kernel runs, and between kernels. */
DEPLOY_MONITOR_STATE static uint8_t kernel_rights[16];
static const uint8_t no_rights[16];

static uintptr_t packed(const uint8_t *rights) {
    uintptr_t word = 0;
    for (size_t i = WORD_BYTES; i-- > 0;) {
        word = word << 8 | rights[i];
    }
    return word;
}

/*
 * Between kernels no entry counts: QEMU's debugging interface, which does files, minds
 * entries even in machine mode. Those that start.S has locked stay as they are.
 */
static void set_rights(const uint8_t *rights) {
#if __riscv_xlen == 64
    __asm__ volatile("csrw pmpcfg0, %0" ::"r"(packed(rights)));
    __asm__ volatile("csrw pmpcfg2, %0" ::"r"(packed(rights + 8)));
#else
    __asm__ volatile("csrw pmpcfg0, %0" ::"r"(packed(rights)));
    __asm__ volatile("csrw pmpcfg1, %0" ::"r"(packed(rights + 4)));
    __asm__ volatile("csrw pmpcfg2, %0" ::"r"(packed(rights + 8)));
    __asm__ volatile("csrw pmpcfg3, %0" ::"r"(packed(rights + 12)));
#endif
}

void deploy_protect_start(void) {
    for (size_t entry = 0; entry < sizeof kernel_rights; entry++) {
        kernel_rights[entry] = 0;
    }
    for (uint32_t i = 0; i < deploy_n_regions; i++) {
        const struct deploy_region *region = &deploy_regions[i];
        uint32_t entry = ENTRIES_PER_REGION * i;
        if (entry + ENTRIES_PER_REGION > FREE_ENTRIES) {
            deploy_monitor_fail("too many regions", deploy_n_regions, FREE_ENTRIES);
        }
        set_address(entry, region->range.start);
        set_address(entry + 1, region->range.end + 3);
        kernel_rights[entry + 1] = region->rights | TOP_OF_RANGE;
    }
    __asm__ volatile("csrw mtvec, %0" ::"r"(deploy_protect_trap));
}

static void fill(struct deploy_range range) {
    uintptr_t pattern = UINTPTR_MAX / 255 * DEPLOY_POISON;
    volatile uint8_t *byte = (uint8_t *)range.start;
    volatile uint8_t *end = (uint8_t *)range.end;
    for (; byte < end && (uintptr_t)byte % WORD_BYTES != 0; byte++) {
        *byte = DEPLOY_POISON;
    }
    for (; end - byte >= WORD_BYTES; byte += WORD_BYTES) {
        *(volatile uintptr_t *)(uintptr_t)byte = pattern;
    }
    for (; byte < end; byte++) {
        *byte = DEPLOY_POISON;
    }
}

/* The first byte that is no poison; the end if all are. */
static uintptr_t changed(struct deploy_range range) {
    uintptr_t pattern = UINTPTR_MAX / 255 * DEPLOY_POISON;
    uintptr_t place = range.start;
    while (place < range.end) {
        uint8_t is_whole = place % WORD_BYTES == 0 && range.end - place >= WORD_BYTES;
        if (is_whole && *(volatile uintptr_t *)place == pattern) {
            place += WORD_BYTES;
        } else if (*(volatile uint8_t *)place == DEPLOY_POISON) {
            place++;
        } else {
            return place;
        }
    }
    return place;
}

void deploy_protect_begin(uint32_t step) {
    deploy_monitor_step = step;
    deploy_monitor_check_stack();
    if (step >= deploy_n_steps) {
        deploy_monitor_fail("unknown step", step, deploy_n_steps);
    }
    uint32_t end = deploy_steps[step + 1].dead;
    for (uint32_t i = deploy_steps[step].dead; i < end; i++) {
        fill(deploy_dead[i]);
    }
    set_rights(kernel_rights);
}

void deploy_protect_end(uint32_t step) {
    set_rights(no_rights);
    for (uint32_t i = deploy_steps[step].dead; i < deploy_steps[step].new; i++) {
        uintptr_t place = changed(deploy_dead[i]);
        if (place != deploy_dead[i].end) {
            deploy_monitor_fail("written", place, 0);
        }
    }
    deploy_monitor_step = DEPLOY_NO_STEP;
}

/* A trap that is none of the two that belong to a step. */
void deploy_protect_fault(unsigned long cause, unsigned long pc, unsigned long address);
void deploy_protect_fault(unsigned long cause, unsigned long pc,
                          unsigned long address) {
    set_rights(no_rights);
    deploy_monitor_say_step();
    deploy_platform_trap(cause, pc, address);
}
