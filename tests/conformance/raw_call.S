/* SPDX-License-Identifier: BSD-2-Clause */
/* void raw_call(L4_Word_t entry, struct raw_regs *r): calls entry with all seven registers from r
 * and stores what they are afterwards, the flags too, and by how much the stack pointer changed. */
    .globl raw_call, raw_call_end
raw_call:
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl 20(%esp), %eax
    movl 24(%esp), %ebp
    pushl %ebp
    pushl %eax
    movl %esp, 32(%ebp)
    movl 0(%ebp), %eax
    movl 4(%ebp), %ecx
    movl 8(%ebp), %edx
    movl 12(%ebp), %ebx
    movl 16(%ebp), %esi
    movl 20(%ebp), %edi
    movl 24(%ebp), %ebp
    call *(%esp)
raw_call_end:
    pushfl
    xchgl %ebp, 8(%esp)         /* EBP = r; on the stack what EBP was */
    movl %eax, 0(%ebp)
    movl %ecx, 4(%ebp)
    movl %edx, 8(%ebp)
    movl %ebx, 12(%ebp)
    movl %esi, 16(%ebp)
    movl %edi, 20(%ebp)
    movl 8(%esp), %eax
    movl %eax, 24(%ebp)
    popl 28(%ebp)
    subl %esp, 32(%ebp)
    cld
    addl $8, %esp
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    ret
