/* SPDX-License-Identifier: BSD-2-Clause */
/* The multiboot entry: protected mode with 32 bits, paging off, interrupts off.  kickstart() lays
 * memory out and makes the page directory; then paging is turned on, and the kernel proper begins.
 * Everything here is linked at its physical address. */

    .section .multiboot, "a"
    .balign 4
    .long 0x1badb002            /* magic */
    .long 0x00000003            /* modules page-aligned, memory map wanted */
    .long -(0x1badb002 + 0x00000003)

    .text
    .globl boot_entry
boot_entry:
    cli
    cld
    movl $boot_stack_end, %esp
    pushl $0
    popfl
    pushl %ebx                  /* multiboot information */
    pushl %eax                  /* multiboot magic */
    call kickstart
    movl %eax, %cr3             /* page directory */
    movl %cr0, %eax
    orl $0x80010000, %eax       /* PG, WP */
    movl %eax, %cr0
    movl $kernel_stack_top, %esp
    movl $kernel_main, %eax
    jmp *%eax

    .data
    .balign 16
    .skip 2048
boot_stack_end:
