/* SPDX-License-Identifier: BSD-2-Clause */
/* Start of an initial server: its own stack, then main. */
    .globl _start
_start:
    movl $start_stack_end, %esp
    call L4_Init
    call main
1:  jmp 1b

    .bss
    .balign 16
    .skip 8192
start_stack_end:
