/* SPDX-License-Identifier: BSD-2-Clause */
/* Double faults and NMIs: each has a task (tss.h) with a stack and with the boot page directory, so
 * that it can strike where the stack pointer is in a TCB or at the end of the kernel's stack. */
#include "arch.h"
#include "entry.h"
#include "kdb/kdb.h"
#include "paging.h"
#include "trap.h"
#include "tss.h"

enum { STACK_BYTES = 2048 };

struct tss double_fault_tss, nmi_tss;
static char double_fault_stack[STACK_BYTES] __attribute__((aligned(16)));
static char nmi_stack[STACK_BYTES] __attribute__((aligned(16)));
extern char nmi_task[];
static word_t boot_cr3;

static void fill(struct tss *task, const void *entry, char *stack)
{
    *task = (struct tss){.cr3 = boot_cr3,
                         .eip = (uint32_t)entry,
                         .eflags = 2,
                         .esp = (uint32_t)(stack + STACK_BYTES - 16),
                         .cs = KERNEL_CS,
                         .ss = KERNEL_DS,
                         .ds = KERNEL_DS,
                         .es = KERNEL_DS,
                         .fs = KERNEL_DS,
                         .gs = 0,
                         .io_map = sizeof(struct tss)};
}

void emergency_init(void)
{
    assert(!boot_cr3);
    __asm__ volatile("movl %%cr3, %0" : "=r"(boot_cr3));
    fill(&double_fault_tss, double_fault, double_fault_stack);
    fill(&nmi_tss, nmi_task, nmi_stack);
}

/* The registers of what was interrupted: the task switch has put them into the kernel's task. */
static struct arch_regs interrupted(void)
{
    const struct tss *s = &main_tss.tss;
    return (struct arch_regs){.edi = s->edi,
                              .esi = s->esi,
                              .ebp = s->ebp,
                              .unused_esp = s->esp,
                              .ebx = s->ebx,
                              .edx = s->edx,
                              .ecx = s->ecx,
                              .eax = s->eax,
                              .eip = s->eip,
                              .cs = s->cs,
                              .eflags = s->eflags,
                              .esp = s->esp,
                              .ss = s->ss};
}

void double_fault(void)
{
    extern char kernel_stack_top[];
    struct arch_regs r = interrupted();
    word_t cr2, stack = (word_t)kernel_stack_top - PAGE_BYTES;
    __asm__ volatile("movl %%cr2, %0" : "=r"(cr2));
    panic_registers(&r);
    panic("double fault: %s",
          stack - cr2 - 1 < PAGE_BYTES ? "the kernel's stack is full" : "a bug in an entry path");
}

/* Between sti and the instruction behind it (sysexit, hlt) no interrupt comes.  An NMI may, and its
 * task switch ends that protection: so sti is executed once more. */
static void repeat_sti(struct tss *task)
{
    enum { FLAG_INTERRUPT = 0x200, STI = 0xfb };
    if (task->cs == KERNEL_CS && (task->eflags & FLAG_INTERRUPT) && ((const uint8_t *)task->eip)[-1] == STI) {
        task->eflags &= ~(uint32_t)FLAG_INTERRUPT;
        task->eip--;
    }
}

/* The way back loads CR3 from the kernel's task, where the processor does not store it.  The right
 * one is that of the current thread: whoever switches sets `current' first, and loads CR3 (perhaps
 * once more) afterwards.  If the processor is idle, any directory will do. */
void nmi(void)
{
    struct arch_regs r = interrupted();
    main_tss.tss.cr3 = current ? current->cr3 : boot_cr3;
    repeat_sti(&main_tss.tss);
    kdb_nmi(&r);
}
