/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls as no compiler would make them.  Offsets are those of struct worker and its
 * registers. */
    .set REGS, 28
    .set SELECTORS, REGS + 36
    .set CLEAN_DS, 0x23
    .set CLEAN_GS, 0x2b

    .text
    .globl worker_entry, servant_entry, lender_entry, client_entry, server_entry
worker_entry:                   /* ESP: the argument lies there */
    cld
    call worker_main
    ud2
servant_entry:
    cld
    call servant_main
    ud2
lender_entry:
    call lender_main
    ud2
client_entry:
    call client_main
    ud2
server_entry:
    call server_main
    ud2

    .macro SAVE
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    .endm

    .macro LOAD                 /* all from the worker at EDX; flags last, on the stack already */
    movl SELECTORS(%edx), %eax
    movl SELECTORS+4(%edx), %ebx
    movl SELECTORS+8(%edx), %ecx
    movl SELECTORS+12(%edx), %esi
    movw %bx, %es
    movw %cx, %fs
    movw %si, %gs
    pushl %eax
    movl REGS(%edx), %eax
    movl REGS+4(%edx), %ecx
    movl REGS+12(%edx), %ebx
    movl REGS+16(%edx), %esi
    movl REGS+20(%edx), %edi
    movl REGS+24(%edx), %ebp
    movl REGS+8(%edx), %edx
    popl %ds
    .endm

    .macro RESTORE              /* as the compiler has it */
    movl $CLEAN_DS, %ecx
    movl $CLEAN_GS, %edx
    movl %ecx, %ds
    movl %ecx, %es
    movl %ecx, %fs
    movl %edx, %gs
    andl $~0x244500, (%esp)     /* NT, TF, DF, AC, ID off; the rest as before */
    orl $0x200, (%esp)
    popfl
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    .endm

    .globl raw_sysenter
raw_sysenter:
    SAVE
    pushfl
    movl 24(%esp), %edx
    pushl REGS+28(%edx)
    LOAD
    movl $1f, %ebx
    leal 4(%esp), %ebp
    popfl
    sysenter
1:  RESTORE
    ret

    .globl raw_call_selectors
raw_call_selectors:
    SAVE
    pushfl
    movl 24(%esp), %edx
    pushl 28(%esp)
    pushl REGS+28(%edx)
    LOAD
    popfl
    call *%ss:(%esp)
    leal 4(%esp), %esp
    RESTORE
    ret

    .globl int_stubs, kdb_stubs, undefined_stub
undefined_stub:
    ud2
    ret
    .balign 16
int_stubs:
    .set n, 0
    .rept 256
    .byte 0xcd, n
    ret
    nop
    .set n, n + 1
    .endr

    .macro KDB operation
    .balign 8
    int3
    cmpb $\operation, %al
    ret
    .endm
    .balign 8
kdb_stubs:
    KDB 1
    KDB 3
    KDB 8
    KDB 0x40
    KDB 0x41
    KDB 0x42
    KDB 0x7f
    .balign 8
    int3
    ret
    .balign 8
    int3                        /* enter, message at a bad address: must still end */
    jmp 1f
    .byte 0xb8
    .byte 0xf0, 0xff, 0xff
1:  ret
