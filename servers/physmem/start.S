/* SPDX-License-Identifier: BSD-2-Clause */
#include "l4/server_note.h"

        SERVER_NOTE SERVER_ROLE_SIGMA0
/* physmem starts here, as sigma0: physical memory is mapped 1:1.  Its stack is static. */
        .section .text.start, "ax"
        .globl  _start
_start:
        movl    $stack_end, %esp
        xorl    %ebp, %ebp
        cld
        call    L4_Init
        call    main
1:      jmp     1b

        .bss
        .balign 16
        .globl  stack_start
stack_start:
        .skip   5120
stack_end:
        .section .note.GNU-stack, "", @progbits
