/* SPDX-License-Identifier: BSD-2-Clause */
/* Processor features, descriptor tables, the FPU, the interrupt controller and the serial line. */
#pragma once

#include "l4/word.h"

struct kslab;
struct tcb;

struct cpu_features {
    bool cpuid, tsc, sysenter, fxsr, pge, pat, smep, smap;
};
extern struct cpu_features cpu;

void cpu_detect(void); /* and gives the PAT its types */

/* Only with cpu.tsc. */
static inline uint64_t cpu_tsc(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

void descriptor_init(bool fast_ipc);   /* GDT, IDT, TSS, sysenter */
void descriptor_switch(struct tcb *t); /* esp0 and the word behind gs:0 */

extern uint32_t fast_ipc_off; /* current must not take the fast path: it owns the FPU, or is redirected */
void fpu_init(void);
extern struct kslab fpu_slab; /* the saved states; for the debugger */
extern struct tcb *fpu_owner; /* whose state is in the registers; NULL: nobody's */
void fpu_switch_slowly(const struct tcb *next);
bool fpu_unavailable(struct tcb *t); /* #NM; false: no memory for its state */
void fpu_release(struct tcb *t);

void pic_init(void);
void pic_mask(word_t line);
void pic_unmask(word_t line);
bool pic_spurious(word_t line);
void pic_end_of_interrupt(word_t line);
enum { IRQ_TIMER = 0, IRQ_CASCADE = 2 };

void uart_init(void);
void uart_put(char c);
int uart_get(void); /* -1: nothing there */
