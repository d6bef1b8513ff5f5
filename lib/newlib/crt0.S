/* SPDX-License-Identifier: BSD-2-Clause */
/* Start of every program: ESP is the address of the start-up record, which is not a stack to push on from
 * above, but the stack of the first thread ends right below it. */
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
