/* SPDX-License-Identifier: BSD-2-Clause */
/* The IPC fast path: a second implementation of the commonest case, for speed alone.
 * tests/system/ipc_paths.sh runs the same cases through it and through the general path and
 * compares every register and every word of state.
 *
 * The case: call or reply-and-wait; untyped words only, no flags; the partner, named by its global
 * id (or by its local id if its UTCB is in the caller's page of UTCBs), waits for this thread or
 * for anybody; nobody is queued at this thread; no thread that is ready has a higher priority than
 * the partner; the FPU is not in use; the caller's space has no redirector (schedule_fast_limit
 * tells of the last three); no receive time-out, or the same period as the last time that the
 * kernel was asked for one; the slice that is used stays the same one, except where two threads
 * wait for each other alone, who may pay for each other up to a tick.  Anything else goes to
 * sysenter_slow with all registers as they came, but for EDI, and the two ids, which may name the
 * same thread in another way.  Up to a COMMIT, nothing has changed but words that the slow path
 * writes again.
 *
 * In: EAX to, ECX time-outs, EDX FromSpecifier, ESI tag, EDI UTCB, EBX return address, EBP user
 * stack.  ESP is behind the register block of the caller's TCB (TSS.esp0 is loaded first).  Segment
 * registers are the user's and may be anything: memory is reached through SS.  EBP becomes the
 * partner's TCB.
 *
 * Messages without words, and those with words, have a path of their own each, made of the same
 * parts.  What fails there for a time-out of either side, which mostly there is none, is tried once
 * more from the beginning, at `timed'.
 *
 * The numbers are those of asm_offsets.h and entry.h, checked against C when the kernel is
 * built. */

#define __ASSEMBLER__ 1
#include "asm_offsets.h"
#include "entry.h"

#define SELF(field) (field - TCB_REGS_BYTES)(%esp)

/* EBP: the thread with the global id in EAX.  It goes to \local if no such thread is there. */
    .macro FIND local
    movl %eax, %ebp
    shrl $ID_SHIFT, %ebp
    movl %ss:thread_table(, %ebp, WORD_BYTES), %ebp
    cmpl %eax, TCB_GLOBAL_ID(%ebp)
    jne \local
    .endm

/* The same for a local id, as thread_slot_local finds it, if that UTCB is in the same page as the
 * caller's.  Global ids go on in its place. */
    .macro FIND_LOCAL
    movl SELF(TCB_LOCAL_ID), %ebp
    xorl %eax, %ebp
    cmpl $UTCB_PAGE_BYTES, %ebp
    jae slow
    xorl SELF(TCB_UTCB), %ebp
    movl UTCB_GLOBAL_ID(%ebp), %ebp /* user memory, so id and space are compared below */
    shrl $ID_SHIFT, %ebp
    movl %ss:thread_table(, %ebp, WORD_BYTES), %ebp
    cmpl %eax, TCB_LOCAL_ID(%ebp)
    jne slow
    movl TCB_CR3(%ebp), %ebx
    cmpl SELF(TCB_CR3), %ebx
    jne slow
    cmpl %edx, %eax
    movl TCB_GLOBAL_ID(%ebp), %eax
    jne 1f
    movl %eax, %edx
1:
    .endm

/* It goes to \commit if the partner waits for this message, and this thread, afterwards, for the
 * partner alone; to \reply_commit, if for anybody.  EAX: the caller's global id. */
    .macro MATCH commit, reply_commit
    movl TCB_STATUS(%ebp), %ebx
    cmpl %ss:schedule_fast_limit, %ebx
    jae timed
    cmpl %edx, %eax
    jne 1f
    movl SELF(TCB_GLOBAL_ID), %eax
    cmpl %eax, TCB_FROM_SPEC(%ebp)
    je \commit
    cmpl $ANYTHREAD, TCB_FROM_SPEC(%ebp)
    jne slow_found
    movl SELF(TCB_PAYER), %ebx
    movl %ebx, TCB_PAYER(%ebp)
    jmp \commit
1:  cmpl $ANYTHREAD, %edx
    jne slow
    movl SELF(TCB_GLOBAL_ID), %eax
    movl SELF(TCB_PAYER), %ebx
    cmpl %eax, TCB_FROM_SPEC(%ebp)
    jne 2f
    cmpl %ebx, TCB_PAYER(%ebp)
    je \reply_commit
    jmp slow_found
2:  cmpl $ANYTHREAD, TCB_FROM_SPEC(%ebp)
    jne slow_found
    movl %ebx, TCB_PAYER(%ebp)
    jmp \reply_commit
    .endm

/* timer_cancel for the partner. */
    .macro STOP_TIMER
    andb $~FLAG_TIMER, TCB_FLAGS(%ebp)
    movl TCB_TIMER_NEXT(%ebp), %ebx
    movl TCB_TIMER_PREV(%ebp), %ecx
    testl %ebx, %ebx
    jz 1f
    movl %ecx, %ss:TCB_TIMER_PREV(%ebx)
1:  testl %ecx, %ecx
    jz 2f
    movl %ebx, %ss:TCB_TIMER_NEXT(%ecx)
    jmp 3f
2:  movzbl TCB_DEADLINE(%ebp), %ecx
    movl %ebx, %ss:timer_wheel(, %ecx, WORD_BYTES)
3:
    .endm

/* timer_arm for the caller, with the period that was asked for last. */
    .macro START_TIMER
    orb $FLAG_TIMER, SELF(TCB_FLAGS)
    movl %ss:ticks, %ebx
    addl %ss:timer_last_period + TIMER_LENGTH, %ebx
    movl %ebx, SELF(TCB_DEADLINE)
    movzbl %bl, %ebx
    movl %ss:timer_wheel(, %ebx, WORD_BYTES), %ecx
    leal -TCB_REGS_BYTES(%esp), %edi
    movl %edi, %ss:timer_wheel(, %ebx, WORD_BYTES)
    movl %ecx, SELF(TCB_TIMER_NEXT)
    movl $0, SELF(TCB_TIMER_PREV)
    testl %ecx, %ecx
    jz 1f
    movl %edi, %ss:TCB_TIMER_PREV(%ecx)
1:
    .endm

/* From here on the partner is the current thread. */
    .macro COMMIT
    movl %edx, SELF(TCB_FROM_SPEC)
    movw $KIND_AND_STATE_RECEIVING_USER, SELF(TCB_IPC_KIND)
    movl %ebp, %ss:current      /* before CR3: an NMI in between goes by it */
    movl TCB_CR3(%ebp), %ebx
    cmpl SELF(TCB_CR3), %ebx
    .endm

    .macro SWITCH_SPACE
    incl %ss:counter_fast_ipcs + COUNTER_FAST_INTER
    movl %ebx, %cr3
    .endm

    .macro SAME_SPACE
    incl %ss:counter_fast_ipcs + COUNTER_FAST_INTRA
    movl SELF(TCB_LOCAL_ID), %eax
    .endm

/* The way out: the segment registers are still the caller's, and ESI is to be the tag.  \mr0: what
 * does both that and MR0, with the UTCB in EBP. */
    .macro LEAVE mr0:vararg
    movw %ss:user_selectors + SELECTOR_DS, %ds
    movw %ss:user_selectors + SELECTOR_DS, %es
    movw %ss:user_selectors + SELECTOR_DS, %fs
    movw %ss:user_selectors + SELECTOR_GS, %gs
    leal TCB_REGS_BYTES(%ebp), %ebx
    movl %ebx, %ss:main_tss + TSS_ESP0_OFFSET
    movl TCB_LOCAL_ID(%ebp), %edi
    movl %edi, %ss:user_words
    movl TCB_EIP(%ebp), %edx
    movl TCB_USER_ESP(%ebp), %ecx
    movl TCB_UTCB(%ebp), %ebp
    \mr0
    movl %ss:WORD_BYTES(%ebp), %ebx
    movl 2 * WORD_BYTES(%ebp), %ebp
    sti
    sysexit
    .endm

    .text
    .globl sysenter_fast
    .balign 16
sysenter_fast:
    popfl                       /* no flag of the caller stays: NT, DF, AC (tss.h) */
    movl (%esp), %esp
    movl %ebx, SELF(TCB_EIP)
    movl %ebp, SELF(TCB_USER_ESP)
    movl %ecx, %edi             /* in the lower half: a receive time-out, what the tag counts, */
    orl %esi, %edi              /* or the flags of a queue */
    orw SELF(TCB_QUEUE), %di
    jnz words
    FIND local
found:
    MATCH commit, reply_commit
commit:
    cmpl %eax, TCB_AWAITER(%ebp)
    jne another
reply_commit:
    movb $STATE_READY, TCB_STATE(%ebp)
    COMMIT
    je same_space
switch:
    SWITCH_SPACE
leave:
    LEAVE movl %esi, (%ebp)
same_space:
    SAME_SPACE
    jmp leave

another:                        /* tcb_await; the first and the second thread go the slow way */
    cmpl $BY_MANY, TCB_AWAITER(%ebp)
    je reply_commit
    jmp slow_found

local:
    FIND_LOCAL
    jmp found

words:
    testl $TAG_NOT_PLAIN, %edi  /* also the bits of a queue, and most of a time-out's */
    jnz timed
    testb $TAG_WORDS_MASK, %cl
    jnz timed
    FIND local_words
found_words:
    MATCH commit_words, reply_commit_words
commit_words:
    cmpl %eax, TCB_AWAITER(%ebp)
    jne another_words
reply_commit_words:
    movb $STATE_READY, TCB_STATE(%ebp)
    COMMIT
    je same_space_words
switch_words:
    SWITCH_SPACE
copy:                           /* ECX words, from MR1 on */
    movl %esi, %ecx
    andl $TAG_WORDS_MASK, %ecx
    movl TCB_UTCB(%ebp), %edi
    movl %esi, %ss:(%edi)
    movl SELF(TCB_UTCB), %esi
    addl $WORD_BYTES, %edi
    addl $WORD_BYTES, %esi
    movw %ss:user_selectors + SELECTOR_DS, %es /* not the kernel's: it may stay there */
    rep movsl %ss:(%esi), %es:(%edi)
    LEAVE movl (%ebp), %esi
same_space_words:
    SAME_SPACE
    jmp copy

another_words:
    cmpl $BY_MANY, TCB_AWAITER(%ebp)
    je reply_commit_words
    jmp slow_found

local_words:
    FIND_LOCAL
    jmp found_words

timed:                          /* all that is wrong may be time-outs, on this side or the other */
    testl $TAG_NOT_PLAIN, %esi
    jnz slow
    cmpw $0, SELF(TCB_QUEUE)
    jne slow
    movzwl %cx, %edi            /* 0, or the period that comes again and again */
    testl %edi, %edi
    jz 1f
    cmpl %ss:timer_last_period, %edi
    jne slow
1:  FIND slow
    movl TCB_STATUS(%ebp), %ebx
    andl $~STATUS_TIMER, %ebx
    cmpl %ss:schedule_fast_limit, %ebx
    jae slow
    movl SELF(TCB_GLOBAL_ID), %ebx
    cmpl %ebx, TCB_FROM_SPEC(%ebp)
    jne 2f
    cmpl %edx, %eax             /* it waits for this thread alone */
    je 7f
    cmpl $ANYTHREAD, %edx
    jne slow
    movl SELF(TCB_PAYER), %ebx
    cmpl %ebx, TCB_PAYER(%ebp)
    je 3f
    jmp slow
2:  cmpl $ANYTHREAD, TCB_FROM_SPEC(%ebp)
    jne slow
    movl SELF(TCB_PAYER), %ebx
    cmpl $ANYTHREAD, %edx
    je 6f
    cmpl %edx, %eax
    jne slow
    movl %ebx, TCB_PAYER(%ebp)
7:  movl SELF(TCB_GLOBAL_ID), %ebx
    cmpl %ebx, TCB_AWAITER(%ebp)
    je 3f
    cmpl $BY_MANY, TCB_AWAITER(%ebp)
    je 3f
    jmp slow
6:  movl %ebx, TCB_PAYER(%ebp)
3:  movl SELF(TCB_GLOBAL_ID), %eax /* commit */
    testb $FLAG_TIMER, TCB_FLAGS(%ebp)
    jz 4f
    STOP_TIMER
4:  testl %edi, %edi
    jz 5f
    START_TIMER
5:  movb $STATE_READY, TCB_STATE(%ebp)
    COMMIT
    jne switch_words
    jmp same_space_words

slow_found:
    movl TCB_GLOBAL_ID(%ebp), %eax
slow:
    movl SELF(TCB_EIP), %ebx
    movl SELF(TCB_USER_ESP), %ebp
    jmp sysenter_slow

    .section .rodata
    .balign 4
user_selectors:
    .word USER_DS, USER_GS
