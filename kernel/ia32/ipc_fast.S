/* SPDX-License-Identifier: BSD-2-Clause */
/* The IPC fast path: a second implementation of the commonest case, for speed alone.
 * tests/system/ipc_paths.sh runs the same cases through it and through the general path and
 * compares every register and every word of state.
 *
 * The case: call or reply-and-wait; untyped words only, no flags; no receive time-out; the partner,
 * named by its global id (or by its local id if its UTCB is in the first page of the UTCB area),
 * waits for this thread or for anybody, without time-out; nobody is queued at this thread; no
 * thread that is ready has a higher priority than the partner; the FPU is not in use; the caller's
 * space has no redirector (fast_ipc_off tells of these two).  Anything else goes to sysenter_slow
 * with all registers as they came: up to the word "commit" below, nothing has changed but words
 * that the slow path writes again.
 *
 * In: EAX to, ECX time-outs, EDX FromSpecifier, ESI tag, EDI UTCB, EBX return address, EBP user
 * stack. ESP is behind the register block of the caller's TCB (TSS.esp0 is loaded first).  Segment
 * registers are the user's and may be anything: memory is reached through SS.  EBP becomes the
 * partner's TCB.
 *
 * The numbers are those of asm_offsets.h and entry.h, checked against C when the kernel is
 * built. */

#define __ASSEMBLER__ 1
#include "asm_offsets.h"
#include "entry.h"

#define SELF(field) (field - TCB_REGS_BYTES)(%esp)

    .text
    .globl sysenter_fast
    .balign 16
sysenter_fast:
    pushl %ss:kernel_eflags     /* no flag of the caller stays for the partner: NT, DF, AC */
    popfl                       /* (the push goes onto the spare words below the TSS: tss.h) */
    movl (%esp), %esp
    testl $TAG_NOT_PLAIN, %esi
    jnz sysenter_slow
    testw %cx, %cx              /* receive time-out */
    jnz sysenter_slow
    movl %ebx, SELF(TCB_EIP)
    movl %ebp, SELF(TCB_USER_ESP)

    testb $ID_LOCAL_MASK, %al
    jz local_id
    movl %eax, %ebp             /* the partner, as thread_slot finds it */
    movl %eax, %ebx
    shrl $ID_LEAF_SHIFT, %ebp
    shrl $ID_SLOT_SHIFT, %ebx
    movl %ss:thread_leaves(, %ebp, WORD_BYTES), %ebp
    andl $ID_SLOT_MASK, %ebx
    movl (%ebp, %ebx, WORD_BYTES), %ebp
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
    jne slow                    /* it waits for any local thread */
    cmpl %edx, %eax
    jne 1f

    /* a call, and the partner waits for anybody: commit */
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

    /* a reply, and this thread waits for anybody: commit */
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
    andl $TAG_WORDS_MASK, %ecx
    jnz copy_words
copied:
    incl %ss:counter_fast_ipcs
    movl %ebp, %ss:current      /* before CR3: an NMI in between goes by it */
    movl TCB_SPACE(%ebp), %ebx
    cmpl SELF(TCB_SPACE), %ebx
    je same_space
    movl SELF(TCB_GLOBAL_ID), %eax
    movl %ss:SPACE_DIRECTORY(%ebx), %ebx
    incl %ss:counters + COUNTER_SWITCHES
    addl $(-KERNEL_BASE), %ebx
    movl %ebx, %cr3
switch:                         /* the segment registers are still the caller's */
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
    movl %ss:WORD_BYTES(%ebp), %ebx
    movl 2 * WORD_BYTES(%ebp), %ebp
    sti
    sysexit

same_space:
    movl SELF(TCB_LOCAL_ID), %eax
    jmp switch

copy_words:                     /* ECX words, from MR1 on */
    movl %esi, %ebx
    movl SELF(TCB_UTCB), %esi
    movl TCB_UTCB(%ebp), %edi
    addl $WORD_BYTES, %esi
    addl $WORD_BYTES, %edi
    movl $USER_DS, %edx         /* not the kernel's: it may stay in ES */
    movl %edx, %es
    rep movsl %ss:(%esi), %es:(%edi)
    movl %ebx, %esi
    jmp copied

local_id:                       /* as thread_slot_local finds it */
    movl SELF(TCB_SPACE), %ebp
    movl %eax, %ebx
    subl %ss:SPACE_UTCB_BASE(%ebp), %ebx
    cmpl $UTCB_PAGE_BYTES, %ebx
    jae slow
    addl SPACE_UTCB_PAGE(%ebp), %ebx
    movl %ss:UTCB_GLOBAL_ID(%ebx), %ebx /* user memory, so id and space are compared below */
    movl %ebx, %ebp
    shrl $ID_LEAF_SHIFT, %ebp
    shrl $ID_SLOT_SHIFT, %ebx
    movl %ss:thread_leaves(, %ebp, WORD_BYTES), %ebp
    andl $ID_SLOT_MASK, %ebx
    movl (%ebp, %ebx, WORD_BYTES), %ebp
    cmpl %eax, TCB_LOCAL_ID(%ebp)
    jne slow
    movl TCB_SPACE(%ebp), %ebx
    cmpl SELF(TCB_SPACE), %ebx
    je found
slow:
    movl SELF(TCB_EIP), %ebx
    movl SELF(TCB_USER_ESP), %ebp
    jmp sysenter_slow
