/* SPDX-License-Identifier: BSD-2-Clause */
#include "l4/server_note.h"

        SERVER_NOTE SERVER_ROLE_ROOT
/* The kernel starts the main loop's thread here, without a stack. */
        .text
        .globl  _start
        .type   _start, @function
_start:
        xorl    %ebp, %ebp
        movl    $main_stack_end, %esp
        call    main
        ud2
        .size   _start, . - _start

        .bss
        .balign 16
        .skip   16384
main_stack_end:
        .section .note.GNU-stack, "", @progbits
