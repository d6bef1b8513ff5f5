/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel entry and exit.
 *
 * TSS.esp0 points behind the register block of the current thread's TCB: the processor pushes
 * straight into it, pusha completes it, and ESP is the TCB.  Then ESP moves to the one kernel
 * stack, a C function handles the event, and the way out leads through the block of whoever it says
 * runs next.  From the idle loop (ring 0) nothing is saved: its frame is dropped. */

#define __ASSEMBLER__ 1
#include "arch_regs.h"
#include "asm_offsets.h"
#include "entry.h"

    .text

    .macro STUB vector, has_error, entry=common_entry
    .balign 16
    clac                        /* gates of processors without SMAP point behind it (CLAC_BYTES) */
    .if \has_error == 0
    pushl $0
    .endif
    pushl $\vector
    jmp \entry
    .endm

    .globl exception_stubs
    .balign 16
exception_stubs:                /* STUB_BYTES each, vectors 0 .. 31 */
    .set n, 0
    .rept 32
    .if n == VECTOR_PROTECTION
    .balign 16
    clac
    jmp protection_entry
    .elseif n == 8 || (n >= 10 && n <= 14) || n == 17 || n == 21
    STUB n, 1
    .else
    STUB n, 0
    .endif
    .set n, n + 1
    .endr
    .org exception_stubs + 32 * STUB_BYTES /* no stub is longer: `.org' does not go back */

protection_entry:               /* error code 0: DS and ES go into its upper half, for trap.c */
    cmpl $0, (%esp)
    jne 1f
    pushl %eax
    movl %ds, %eax
    movb %al, 6(%esp)
    movl %es, %eax
    movb %al, 7(%esp)
    popl %eax
1:  pushl $VECTOR_PROTECTION
    jmp common_entry

    .globl irq_stubs
    .balign 16
irq_stubs:
    .set n, 0
    .rept 16
    STUB (VECTOR_IRQ_BASE + n), 0
    .set n, n + 1
    .endr
    .org irq_stubs + 16 * STUB_BYTES

    .globl syscall_stubs
    .balign 16
syscall_stubs:
    .set n, 0
    .rept SYSCALL_COUNT
    STUB (VECTOR_IPC + n), 0, user_entry
    .set n, n + 1
    .endr
    .org syscall_stubs + SYSCALL_COUNT * STUB_BYTES

    .balign 16
common_entry:
    pushal
    cld                         /* the user's may be set */
    testb $3, REGS_CS(%esp)
    jnz from_user

/* Ring 0: an interrupt in the idle loop, or a bug.  ESP: block without esp, ss. */
    movl %esp, %eax
    movl REGS_VECTOR(%esp), %edx
    cmpl $VECTOR_IRQ_BASE, %edx
    jb 1f
    incl counters + COUNTER_ENTRIES
    movl $kernel_stack_top, %esp
    call *vector_handlers(, %edx, 4)
    jmp resume
1:  cmpl $1, %edx               /* a single step over sysenter traps in here, at once */
    jne 2f
    cmpl $sysenter_fast, REGS_EIP(%esp)
    je 3f
    cmpl $sysenter_entry, REGS_EIP(%esp)
    je 3f
2:  cmpl $7, %edx               /* an NMI behind clts: its task switch has set CR0.TS */
    je 4f
    call kernel_exception       /* does not return */
4:  clts
    jmp 5f
3:  andl $~FLAG_TRAP, REGS_EFLAGS(%esp)
5:  popal
    addl $8, %esp
    iretl

    .balign 16
user_entry:                     /* what can only come from user mode */
    pushal
    cld
from_user:
    movl $USER_DS, %ecx
    movl %ecx, %ds
    movl %ecx, %es
enter:                          /* ESP: register block = TCB */
    incl counters + COUNTER_ENTRIES
    movl %esp, %eax
    movl REGS_VECTOR(%esp), %edx
    movl $kernel_stack_top, %esp
    call *vector_handlers(, %edx, 4)
resume:                         /* EAX: TCB to run, NULL = idle */
    testl %eax, %eax
    jz idle
    movl %eax, %esp
    movl $USER_GS, %ecx
    movl $USER_DS, %edx
    movl %ecx, %gs
    movl %edx, %fs
    cmpl $VECTOR_SYSENTER, REGS_VECTOR(%esp)
    je 1f
/* The fast path leaves the vector and the flags of its caller as they are, and whoever answers it
 * may come this way: so the block always says sysenter from here on. */
    movl $VECTOR_SYSENTER, REGS_VECTOR(%esp)
    popal
    addl $8, %esp
    iretl
1:  popal                       /* result registers; EDX and ECX are sysexit's */
    movl (REGS_EIP - REGS_VECTOR)(%esp), %edx
    movl (REGS_ESP - REGS_VECTOR)(%esp), %ecx
    sti
    sysexit

    .globl resume_first
resume_first:                   /* leaves the boot: regparm EAX = first thread */
    jmp resume

idle:
    movl $kernel_stack_top, %esp
    sti
    hlt
    jmp idle

/* EBX: user return address, EBP: user stack pointer; the IPC registers are where int leaves them.
 * Most IPCs take the fast path (ipc_fast.S), which comes to sysenter_slow with the same registers
 * if it has nothing for this one. */
    .globl sysenter_entry, sysenter_slow
    .balign 16
sysenter_entry:
    popfl                       /* sysenter clears neither NT nor DF */
    movl (%esp), %esp           /* TSS.esp0: behind the register block */
sysenter_slow:
    pushl $USER_DS
    pushl %ebp
    pushl %ss:user_eflags
    pushl $USER_CS
    pushl %ebx
    pushl $0
    pushl $VECTOR_SYSENTER
    pushal
    movl $USER_DS, %ecx
    movl %ecx, %ds
    movl %ecx, %es
    jmp enter

/* The task of NMIs.  iret goes back to the interrupted task; the next NMI goes on behind it. */
    .globl nmi_task
nmi_task:
    call nmi
    iretl
    jmp nmi_task

/* System-call stubs.  descriptor.c copies them into the KIP page and knows their sizes, so they are
 * position independent, and each is aligned to KIP_STUB_BYTES. */
    .globl kip_stubs, kip_stubs_end, kip_stub_ipc_sysenter, kip_stub_clock
    .balign 16
kip_stubs:
    .set n, 0
    .rept SYSCALL_COUNT
    .balign KIP_STUB_BYTES
    int $(VECTOR_IPC + n)
    ret
    .set n, n + 1
    .endr
    .balign KIP_STUB_BYTES
kip_stub_ipc_sysenter:
    popl %ebx
    movl %esp, %ebp
    sysenter
    .balign KIP_STUB_BYTES
kip_stub_clock:                 /* clock_scaled() of the TSC since CLOCK_START */
    pushl %ecx
    rdtsc
    subl CLOCK_START, %eax
    sbbl CLOCK_START + 4, %edx
    movl %edx, %ecx
    mull CLOCK_SCALE
    movl %ecx, %eax
    movl %edx, %ecx
    mull CLOCK_SCALE
    addl %ecx, %eax
    adcl $0, %edx
    popl %ecx
    ret
kip_stubs_end:

    .section .stack, "aw", @nobits
    .balign KERNEL_STACK_SIZE
    .globl kernel_stack_top
    .skip KERNEL_STACK_SIZE
kernel_stack_top:
