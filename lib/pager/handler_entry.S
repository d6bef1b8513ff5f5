/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a thread lands when its pager sends it to handle a fault or an exception.
 *
 * In: ESP = &trap->eip of the struct pager_trap on top of the alternate stack; the other registers are the
 * interrupted code's.  Out: hlt, a general protection exception, which the pager answers with the registers
 * of the record: the one way on IA-32 to set all of them at once without touching the interrupted stack. */
        .section .text.pager_handler, "ax", @progbits
        .globl  pager_handler_entry, pager_handler_return
        .type   pager_handler_entry, @function
pager_handler_entry:
        pushal                          /* completes the record */
        cld
        movl    %esp, %ebx              /* EBX = record, survives the call */
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
