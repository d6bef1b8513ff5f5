/* SPDX-License-Identifier: BSD-2-Clause */
/* The contract between kernel/l4 (which knows no IA-32) and kernel/ia32 (which knows no L4).
 * Nothing else crosses.  All functions run with interrupts off. */
#pragma once

#include "l4/space.h"
#include "l4/tcb.h"
#include "l4/word.h"

/* ---- page tables.  A pte_t * stays valid while its page table has entries. ---- */

bool arch_space_init(struct space *space);    /* page directory with the kernel's part; false: no memory */
void arch_space_destroy(struct space *space); /* no user entries are left */
pte_t *arch_pte_find(const struct space *space, vaddr_t address); /* NULL: no page table there */
pte_t *arch_pte_make(struct space *space, vaddr_t address); /* NULL: no memory, or a superpage is there */
/* First page >= address that is mapped (in a superpage too), KIP and UTCB pages left out; USER_END if none. */
vaddr_t arch_pte_next(const struct space *space, vaddr_t address);
struct space *arch_pte_space(const pte_t *pte);

bool arch_pte_present(pte_t pte);
bool arch_pte_kernel_owned(pte_t pte); /* KIP and UTCB pages: cannot be mapped over or unmapped */
paddr_t arch_pte_frame(pte_t pte);
word_t arch_pte_rights(pte_t pte); /* L4 rights */

enum { ARCH_SUPERPAGE = 0x80, ARCH_MEMORY_TYPE = 0x18 };
/* The entry was not present.  rights: with ARCH_SUPERPAGE iff it came from arch_pte_super; with a memory type. */
void arch_pte_set(pte_t *pte, paddr_t frame, word_t rights);
void arch_pte_set_kernel(pte_t *pte, const void *page, bool writable); /* a kernel page, for users to see */
/* Clears an entry, and frees the page table when that was its last; returns whose it was. */
struct space *arch_pte_clear(pte_t *pte);
void arch_pte_drop_table(pte_t *pte); /* frees the page table if it has no entries */
void arch_pte_set_rights(pte_t *pte, word_t rights);
/* The memory type that MemoryControl's attribute (an L4_..Memory) means; ~0u: the processor has none. */
RARE word_t arch_memory_type(word_t attribute);
RARE void arch_pte_set_type(pte_t *pte, word_t type); /* caches still hold what they hold */
enum { STATUS_ACCESSED = 1, STATUS_DIRTY = 2 };
word_t arch_pte_status(pte_t pte);
word_t arch_pte_take_status(pte_t *pte); /* and resets it */

/* A superpage is one entry in place of a page table, and a pte_t for all functions here.  Only if the KIP announces
 * the size. */
/* NULL: no superpage there; to make one: a page table is there. */
pte_t *arch_pte_super(struct space *space, vaddr_t address, bool make);
/* Makes a page table of it, with the same rights and status everywhere: its first entry.  NULL: no memory.  Nobody is
 * charged: the space has been already. */
pte_t *arch_pte_split(pte_t *superpage);

paddr_t arch_paddr(const void *kernel_address);
void *arch_kernel_address(paddr_t address);
bool arch_frame_allowed(paddr_t frame); /* false: kernel memory, never mapped to users */

/* Where the kernel finds a byte of user memory, up to the end of its page; marks the page accessed (dirty).
 * NULL: not mapped, or not writable. */
void *arch_user_access(struct space *space, vaddr_t address, bool write);

/* ---- ports: first <= last < 65536, all closed in a fresh space.  Only if io_ports_mapped (io_ports.h). ---- */

/* false: no memory to open them */
RARE bool arch_ports_set(struct space *space, word_t first, word_t last, bool open);
RARE word_t arch_ports_open(const struct space *space, word_t first, word_t last); /* how many */

/* ---- threads ---- */

void arch_thread_init(struct tcb *t);    /* user registers of a fresh thread */
void arch_thread_destroy(struct tcb *t); /* FPU state */
void arch_switch_to(struct tcb *t);      /* makes t current; NULL = idle */
word_t arch_user_ip(const struct tcb *t);
word_t arch_user_sp(const struct tcb *t);
word_t arch_user_flags(const struct tcb *t);
void arch_set_user_ip(struct tcb *t, word_t ip);
void arch_set_user_sp(struct tcb *t, word_t sp);
void arch_set_user_flags(struct tcb *t, word_t flags);         /* only what users may change */
void arch_ipc_return(struct tcb *t, word_t from, word_t tag);  /* from, tag and MR1, MR2 as registers */
void arch_exception_words(const struct tcb *t, word_t *words); /* 12 of them */
void arch_exception_apply(struct tcb *t, const word_t *words, size_t count);

/* ---- the machine ---- */

/* Lets pending interrupts in.  May not return: whoever calls has everything in TCBs, and current is READY. */
void arch_interrupt_window(void);

void arch_interrupt_enable(word_t line);
void arch_interrupt_disable(word_t line);
bool arch_interrupt_reserved(word_t line); /* the kernel's own: timer, cascade */
enum { TICK_US = 1000 };                   /* nominal; arch_clock_us is exact */
uint64_t arch_clock_us(void);
uint64_t arch_time_stamp(void); /* finest clock there is, for the trace */
