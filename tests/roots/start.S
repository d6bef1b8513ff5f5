/* SPDX-License-Identifier: BSD-2-Clause */
/* Start of an initial server that is a test: notes what the kernel handed over, takes its own
 * stack, runs main. */
    .globl _start, start_esp, start_eflags
_start:
    movl %esp, start_esp
    movl $start_stack_end, %esp
    pushfl
    popl start_eflags
    call L4_Init
    call main
1:  jmp 1b

    .bss
    .balign 4096
start_esp:
    .skip 4
start_eflags:
    .skip 4
    .balign 4096
    .skip 8192
start_stack_end:
