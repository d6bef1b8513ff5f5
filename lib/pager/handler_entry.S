/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a thread lands when its pager sends it to handle a fault or an exception.
 *
 * On entry ESP is &trap->eip of the struct pager_trap on top of the alternate stack; the other
 * registers are the interrupted code's.  The way out is hlt, a general protection exception, which
 * the pager answers with the registers of the record: on IA-32 nothing else sets all of them at
 * once without touching the interrupted stack. */
        .section .text.pager_handler, "ax", @progbits
        .globl  pager_handler_entry, pager_handler_return
        .type   pager_handler_entry, @function
pager_handler_entry:
        pushal                          /* the record is complete */
        cld
        movl    %esp, %ebx              /* EBX is the record and survives the call */
        subl    $108, %esp
        fnsave  (%esp)
        pushl   %ebx
        call    pager_handle_trap
        addl    $4, %esp
        frstor  (%esp)
        movl    %ebx, %esp
pager_handler_return:
        hlt
        .size   pager_handler_entry, . - pager_handler_entry
        .section .note.GNU-stack, "", @progbits
