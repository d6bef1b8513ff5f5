/* SPDX-License-Identifier: BSD-2-Clause */
/* The start of every program.  ESP is the address of the start-up record; the stack of the first
 * thread ends right below it, so pushing leaves the record alone. */
        .section .text.start, "ax", @progbits
        .globl  _start
        .type   _start, @function
_start:
        xorl    %ebp, %ebp
        movl    %esp, %eax
        andl    $-16, %esp
        subl    $12, %esp
        pushl   %eax
        call    __pilotfish_start
        hlt                             /* it does not return */
        .size   _start, . - _start
        .section .note.GNU-stack, "", @progbits
