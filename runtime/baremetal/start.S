/*
 * The first instructions of a program without an operating system, for rv32 and rv64
 * in machine mode, and the way in for traps. `link.ld` defines the __deploy symbols.
 */
#if __riscv_xlen == 64
#define STORE sd
#define LOAD ld
#define WORD 8
#else
#define STORE sw
#define LOAD lw
#define WORD 4
#endif

#define MSTATUS_VS_INITIAL (1 << 9)
#define MSTATUS_FS_INITIAL (1 << 13)

/*
 * A locked region from pmpaddr14 up to pmpaddr15 that can be read and executed only: the
 * last entries, so that others can say more about parts of it.
 */
#define PMP_TOP_OF_RANGE 0x08
#define PMP_READ_EXECUTE 0x05
#define PMP_LOCKED 0x80
#define PMP_LAST_ENTRY(flags) ((flags) << (__riscv_xlen - 8))
#if __riscv_xlen == 64
#define PMP_LAST_ENTRIES pmpcfg2
#else
#define PMP_LAST_ENTRIES pmpcfg3
#endif

#define BREAKPOINT 3
#define TRAP_STACK_BYTES 1024

    /* In front of all data of its level: as short as can be. */
    .section .init, "ax", @progbits
    .globl _start
    .balign 4
_start:
    la t0, start
    jr t0

    .section .text.deploy_start, "ax", @progbits
    .balign 4
start:
    csrw mie, zero
    la sp, __deploy_stack_top

    /* A core without memory protection traps here, and goes on without it. */
    la t0, unprotected
    csrw mtvec, t0
    /* Spike begins with all of memory in the first entry, which would win. */
    csrw pmpcfg0, zero
    la t0, __deploy_read_only_start
    srli t0, t0, 2
    csrw pmpaddr14, t0
    /* QEMU takes an empty range that ends at 0 for all of memory. */
    la t0, __deploy_read_only_end
    beqz t0, unprotected
    srli t0, t0, 2
    csrw pmpaddr15, t0
    li t0, PMP_LAST_ENTRY(PMP_LOCKED | PMP_TOP_OF_RANGE | PMP_READ_EXECUTE)
    csrw PMP_LAST_ENTRIES, t0
    .balign 4
unprotected:
    la t0, deploy_trap_entry
    csrw mtvec, t0

#ifdef __riscv_flen
    li t0, MSTATUS_FS_INITIAL
    csrs mstatus, t0
    csrw fcsr, zero
#endif
#ifdef __riscv_vector
    li t0, MSTATUS_VS_INITIAL
    csrs mstatus, t0
    csrw vcsr, zero
#endif

    /* Sections begin and end on 16 bytes. */
    la t0, __deploy_data_load
    la t1, __deploy_data_start
    la t2, __deploy_data_end
    beq t0, t1, 3f
    j 2f
1:  LOAD t3, 0(t0)
    STORE t3, 0(t1)
    addi t0, t0, WORD
    addi t1, t1, WORD
2:  bltu t1, t2, 1b
3:
    la t1, __deploy_runtime_start
    la t2, __deploy_runtime_end
    j 2f
1:  STORE zero, 0(t1)
    addi t1, t1, WORD
2:  bltu t1, t2, 1b
    la t1, __deploy_bss_start
    la t2, __deploy_bss_end
    j 2f
1:  STORE zero, 0(t1)
    addi t1, t1, WORD
2:  bltu t1, t2, 1b

    call deploy_platform_start
    call main
    call deploy_platform_exit
1:  j 1b

/*
 * Traps are fatal, with one exception: where nobody listens, the break of a
 * semihosting call traps; it then counts as a call that returned -1.
 */
    .section .text.deploy_trap_entry, "ax", @progbits
    .balign 4
deploy_trap_entry:
    csrr t0, mcause
    li t1, BREAKPOINT
    bne t0, t1, fatal
    csrr t0, mepc
    la t1, semihosting_break
    bne t0, t1, fatal
    addi t0, t0, 4
    csrw mepc, t0
    la t0, deploy_semihosting_absent
    li t1, 1
    sw t1, 0(t0)
    li a0, -1
    mret
fatal:
    la t0, hang
    csrw mtvec, t0
    la sp, trap_stack_top
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    call deploy_platform_trap
    .balign 4
hang:
    j hang

/* long deploy_semihosting_call(long operation, void *argument) */
    .section .text.deploy_semihosting_call, "ax", @progbits
    .globl deploy_semihosting_call
    /* The three instructions are one signal: uncompressed, in one page. */
    .balign 16
    .option push
    .option norvc
deploy_semihosting_call:
    slli zero, zero, 0x1f
semihosting_break:
    ebreak
    srai zero, zero, 7
    ret
    .option pop

    .section .bss.deploy_runtime, "aw", @nobits
    .globl deploy_semihosting_absent
    .balign 16
deploy_semihosting_absent:
    .zero 16
    .zero TRAP_STACK_BYTES
trap_stack_top:
