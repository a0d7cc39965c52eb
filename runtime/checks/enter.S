/*
 * The ways from machine mode into a kernel's user mode and back.
 *
 * Begin and end of a step are functions to the program: the first returns in user mode
 * with the caller's stack and registers, the second comes back by an environment call.
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

#define MSTATUS_PREVIOUS_MODE (3 << 11)
#define CALL_FROM_USER_MODE 8
#define FRAME_BYTES 16
#define TRAP_STACK_BYTES 4096

    .section .text.deploy_step_begin, "ax", @progbits
    .globl deploy_step_begin
    .balign 4
deploy_step_begin:
    addi sp, sp, -FRAME_BYTES
    STORE ra, 0(sp)
    STORE a0, WORD(sp)
    call deploy_protect_begin
#ifdef DEPLOY_PROFILE
    LOAD a0, WORD(sp)
    call deploy_count_begin
#endif
    LOAD ra, 0(sp)
    addi sp, sp, FRAME_BYTES
    csrw mepc, ra
    li t0, MSTATUS_PREVIOUS_MODE
    csrc mstatus, t0
    mret

    .section .text.deploy_step_end, "ax", @progbits
    .globl deploy_step_end
    .balign 4
deploy_step_end:
back_to_machine_mode:
    ecall
#ifdef DEPLOY_PROFILE
    addi sp, sp, -FRAME_BYTES
    STORE ra, 0(sp)
    STORE a0, WORD(sp)
    call deploy_count_end
    LOAD a0, WORD(sp)
    LOAD ra, 0(sp)
    addi sp, sp, FRAME_BYTES
#endif
    tail deploy_protect_end

/* A call clobbers temporaries, so the one that is expected needs no other room. */
    .section .text.deploy_protect_trap, "ax", @progbits
    .globl deploy_protect_trap
    .balign 4
deploy_protect_trap:
    csrr t0, mcause
    li t1, CALL_FROM_USER_MODE
    bne t0, t1, fatal
    csrr t0, mepc
    la t1, back_to_machine_mode
    bne t0, t1, fatal
    addi t0, t0, 4
    csrw mepc, t0
    li t0, MSTATUS_PREVIOUS_MODE
    csrs mstatus, t0
    mret
fatal:
    la t0, hang
    csrw mtvec, t0
    la sp, trap_stack_top
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    call deploy_protect_fault
    .balign 4
hang:
    j hang

    .section .bss.level.deploy_checks, "aw", @nobits
    .balign 16
    .zero TRAP_STACK_BYTES
trap_stack_top:
