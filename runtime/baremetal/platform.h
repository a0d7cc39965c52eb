/* Between the files of this folder. */
#ifndef DEPLOY_PLATFORM_H
#define DEPLOY_PLATFORM_H

/* Mutable bytes of the runtime; `link.ld` holds a fixed room for all of them. */
#define DEPLOY_RUNTIME_STATE __attribute__((section(".bss.deploy_runtime")))

/* Exit status of a program that trapped. */
enum { DEPLOY_EXIT_TRAP = 121 };

void deploy_platform_start(void);
_Noreturn void deploy_platform_exit(int status);
_Noreturn void deploy_platform_trap(unsigned long cause, unsigned long pc,
                                    unsigned long address);

#endif
