/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a thread lands when its pager sends it to handle a fault or an exception.
 *
 * The floating-point state is saved here, because a handler may use it: FPU, XMM registers and
 * MXCSR by fxsave where the processor has it (pager_has_fxsave), else the FPU alone by fnsave.
 * Either way the handler begins with the initial state.
 *
 * On entry ESP is &trap->eip of the struct pager_trap on top of the alternate stack; the other
 * registers are the interrupted code's.  The way out is hlt, a general protection exception, which
 * the pager answers with the registers of the record: on IA-32 nothing else sets all of them at
 * once without touching the interrupted stack. */
        FXSAVE_BYTES = 512              /* fnsave's 108 fit */
        FXSAVE_ALIGNMENT = 16
        MXCSR_DEFAULT = 0x1f80

        .section .text.pager_handler, "ax", @progbits
        .globl  pager_handler_entry, pager_handler_return
        .type   pager_handler_entry, @function
pager_handler_entry:
        pushal                          /* the record is complete */
        movl    %esp, %ebx              /* EBX is the record and survives the call */
        subl    $FXSAVE_BYTES, %esp
        andl    $~(FXSAVE_ALIGNMENT - 1), %esp
        movl    %esp, %esi              /* so is ESI where the floating-point state is saved */
        subl    $16, %esp
        cmpb    $0, pager_has_fxsave
        je      1f
        fxsave  (%esi)
        fninit                          /* the handler starts with what fnsave leaves */
        movl    $MXCSR_DEFAULT, 4(%esp)
        ldmxcsr 4(%esp)
        jmp     2f
1:      fnsave  (%esi)
2:      movl    %ebx, (%esp)
        call    pager_handle_trap
        cmpb    $0, pager_has_fxsave
        je      3f
        fxrstor (%esi)
        jmp     4f
3:      frstor  (%esi)
4:      movl    %ebx, %esp
pager_handler_return:
        hlt
        .size   pager_handler_entry, . - pager_handler_entry
        .section .note.GNU-stack, "", @progbits
