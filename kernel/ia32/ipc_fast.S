/* SPDX-License-Identifier: BSD-2-Clause */
/* The IPC fast path: a second implementation of the commonest case, for speed alone.  tests/system/ipc_paths.sh runs
 * the same cases through it and through the general path and compares every register and every word of state.
 *
 * The case: call or reply-and-wait; untyped words only, no flags; no receive time-out; the partner, named by its
 * global id (or by its local id if its UTCB is in the first page of the UTCB area), waits for this thread or for
 * anybody, without time-out; nobody is queued at this thread; no thread that is ready has a higher priority than the
 * partner; the FPU is not in use; the caller's space has no redirector (fast_ipc_off tells).  Anything else: sysenter_slow, with all registers as they came.
 *
 * In: EAX to, ECX time-outs, EDX FromSpecifier, ESI tag, EDI UTCB, EBX return address, EBP user stack.
 * ESP is behind the register block of the caller's TCB (TSS.esp0 is loaded first).  Segment registers are the user's and may
 * be anything: memory is reached through SS.  EBP becomes the partner's TCB. */

#define __ASSEMBLER__ 1
#include "entry.h"
#include "tcb_offsets.h"

#define SELF(field) (field - TCB_REGS_BYTES)(%esp)
#define ANYTHREAD   -1
#define KERNEL_BASE 0xc0000000
/* counters of kernel/kdb/counters.h */
#define COUNTER_SPACE_SWITCHES counters + 24

    .text
    .globl sysenter_fast
    .balign 16
sysenter_fast:
    pushl %ss:kernel_eflags     /* nothing of the caller's flags (NT, DF, AC) stays for the partner; onto spare words */
    popfl
    movl (%esp), %esp
    testl $0xffc0, %esi         /* typed words, flags */
    jnz sysenter_slow
    testw %cx, %cx              /* receive time-out */
    jnz sysenter_slow
    movl %ebx, SELF(TCB_EIP)
    movl %ebp, SELF(TCB_USER_ESP)

    testb $0x3f, %al
    jz local_id
    movl %eax, %ebp             /* the partner, as thread_find */
    movl %eax, %ebx
    shrl $24, %ebp
    shrl $14, %ebx
    movl %ss:thread_leaves(, %ebp, 4), %ebp
    andl $1023, %ebx
    movl (%ebp, %ebx, 4), %ebp
    cmpl %eax, TCB_GLOBAL_ID(%ebp)
    jne slow
found:
    cmpl $STATE_RECEIVING_USER, TCB_STATE(%ebp)
    jne slow
    cmpl $0, %ss:fast_ipc_off
    jne slow
    cmpl $0, SELF(TCB_SENDERS)
    jne slow
    movzbl TCB_PRIORITY(%ebp), %ebx
    cmpl %ss:schedule_top, %ebx
    jl slow
    movl TCB_PARTNER(%ebp), %ebx
    testl %ebx, %ebx
    jnz closed
    cmpl $ANYTHREAD, TCB_FROM_SPEC(%ebp)
    jne slow                    /* anylocalthread */
    cmpl %edx, %eax
    jne 1f

    /* call; the partner waits for anybody: commit */
    movl %ebp, SELF(TCB_PARTNER)
    incl TCB_AWAITED(%ebp)
    jmp commit
1:  cmpl $ANYTHREAD, %edx
    jne slow
    movl $0, SELF(TCB_PARTNER)
    jmp commit

closed:                         /* the partner waits for one thread: this one? */
    addl $TCB_REGS_BYTES, %ebx
    cmpl %esp, %ebx
    jne slow
    cmpl $ANYTHREAD, %edx
    jne 1f

    /* reply and wait: commit */
    movl $0, SELF(TCB_PARTNER)
    jmp 2f
1:  cmpl %edx, %eax
    jne slow
    movl %ebp, SELF(TCB_PARTNER)
    incl TCB_AWAITED(%ebp)
2:  movl $0, TCB_PARTNER(%ebp)
    decl SELF(TCB_AWAITED)

commit:
    movl $STATE_RECEIVING_USER, SELF(TCB_STATE)
    movl %edx, SELF(TCB_FROM_SPEC)
    movl $STATE_READY_USER, TCB_STATE(%ebp)
    movl %esi, %ecx
    andl $63, %ecx
    jnz copy_words
copied:
    incl %ss:counter_fast_ipcs
    movl %ebp, %ss:current      /* before CR3: an NMI in between goes by it */
    movl TCB_SPACE(%ebp), %ebx
    cmpl SELF(TCB_SPACE), %ebx
    je same_space
    movl SELF(TCB_GLOBAL_ID), %eax
    movl %ss:SPACE_DIRECTORY(%ebx), %ebx
    incl %ss:COUNTER_SPACE_SWITCHES
    addl $(-KERNEL_BASE), %ebx
    movl %ebx, %cr3
switch:                         /* the segment registers are the caller's, and may be anything */
    movl $USER_DS, %ecx
    movl %ecx, %ds
    movl %ecx, %es
    movl %ecx, %fs
    leal TCB_REGS_BYTES(%ebp), %ebx
    movl %ebx, %ss:main_tss + TSS_ESP0_OFFSET
    movl TCB_LOCAL_ID(%ebp), %edi
    movl %edi, %ss:user_words
    movl $USER_GS, %ecx
    movl %ecx, %gs
    movl TCB_EIP(%ebp), %edx
    movl TCB_USER_ESP(%ebp), %ecx
    movl TCB_UTCB(%ebp), %ebp
    movl %esi, (%ebp)
    movl %ss:4(%ebp), %ebx
    movl 8(%ebp), %ebp
    sti
    sysexit

same_space:
    movl SELF(TCB_LOCAL_ID), %eax
    jmp switch

copy_words:                     /* ECX words from MR1 on */
    movl %esi, %ebx
    movl SELF(TCB_UTCB), %esi
    movl TCB_UTCB(%ebp), %edi
    addl $4, %esi
    addl $4, %edi
    movl $USER_DS, %edx         /* it stays there: not the kernel's */
    movl %edx, %es
    rep movsl %ss:(%esi), %es:(%edi)
    movl %ebx, %esi
    jmp copied

local_id:                       /* as space_utcb_find and find_local */
    movl SELF(TCB_SPACE), %ebp
    movl %eax, %ebx
    subl %ss:SPACE_UTCB_BASE(%ebp), %ebx
    cmpl $4096, %ebx
    jae slow
    addl SPACE_UTCB_PAGE(%ebp), %ebx
    movl %ss:-60(%ebx), %ebx    /* MyGlobalID: user memory, hence the checks below */
    movl %ebx, %ebp
    shrl $24, %ebp
    shrl $14, %ebx
    movl %ss:thread_leaves(, %ebp, 4), %ebp
    andl $1023, %ebx
    movl (%ebp, %ebx, 4), %ebp
    cmpl %eax, TCB_LOCAL_ID(%ebp)
    jne slow
    movl TCB_SPACE(%ebp), %ebx
    cmpl SELF(TCB_SPACE), %ebx
    je found
slow:
    movl SELF(TCB_EIP), %ebx
    movl SELF(TCB_USER_ESP), %ebp
    jmp sysenter_slow
