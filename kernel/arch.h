/* SPDX-License-Identifier: BSD-2-Clause */
/* The contract between kernel/l4, which knows no IA-32, and kernel/ia32, which knows no L4: first
 * what l4 may call of ia32, then what ia32 may call of l4.  Nothing else crosses, in either
 * direction: `tools/check contract' looks at what the two use of each other, and fails on what does
 * not stand here, on what stands here and is not used, and on too much.
 *
 * Both may see the other's layout of a thread (l4/tcb.h, ia32/arch_regs.h), of a space (l4/space.h)
 * and of a page's descriptor (struct kpage); l4 only hands registers, page-table entries and memory
 * types on.  Both may use panic.h, kdb/trace.h and kdb/counters.h, l4 goes on with what a thread
 * prints by kdb/printing.h, and ia32 enters the debugger through kdb/kdb.h.  main.c and kdb, which
 * show and start everything, stand outside.
 *
 * Every function here runs with interrupts off, and none waits. */
#pragma once

#include "l4/space.h"
#include "l4/tcb.h"
#include "l4/word.h"

/* ==== What l4 may call of ia32 ==== */

/* ---- page tables.  A pte_t * stays valid while its page table has entries. ---- */

/* A page directory with the kernel's part.  false: no memory. */
bool arch_space_init(struct space *space);
word_t arch_space_root(const struct space *space); /* what the processor is given to switch to it */
/* Gives the directory back.  No user entries are left, and no thread of the space is current.  What
 * the space has then is an empty directory that is not its own, to run on until arch_space_init. */
void arch_space_destroy(struct space *space);
/* How many pages and superpages are mapped, the kernel's own included.  ~0u: it has ports. */
RARE word_t arch_space_entries(const struct space *space);

/* The entry of an address.  NULL: find: there is no page table; make: no memory, or a superpage is
 * there. */
pte_t *arch_pte_find(const struct space *space, vaddr_t address);
pte_t *arch_pte_make(struct space *space, vaddr_t address);
/* The first page from address on that is mapped, be it in a superpage; KIP and UTCB pages are left
 * out, unless kernels_too.  If the first page table from there on has none, the address behind it,
 * whatever is there: no more than one is searched.  USER_END: none. */
vaddr_t arch_pte_next(const struct space *space, vaddr_t address, bool kernels_too);
struct space *arch_pte_space(const pte_t *pte);

bool arch_pte_present(pte_t pte);
bool arch_pte_kernel_owned(pte_t pte); /* a KIP or UTCB page: never mapped over */
paddr_t arch_pte_frame(pte_t pte);
word_t arch_pte_rights(pte_t pte); /* as L4 rights */
word_t arch_pte_type(pte_t pte);   /* as arch_memory_type gave it */

/* What arch_pte_set takes beside L4 rights.  l4 passes these on and does not look for them in an
 * entry: they are where the processor has them, so that no path of a mapping converts anything. */
enum { ARCH_SUPERPAGE = 0x80, ARCH_MEMORY_TYPE = 0x18 };
/* Fills an entry that is not present.  rights: with ARCH_SUPERPAGE if and only if the entry came
 * from arch_pte_super; with a memory type. */
void arch_pte_set(pte_t *pte, paddr_t frame, word_t rights);
/* The same with a page of the kernel, for users to see, in a page table that lasts. */
void arch_pte_set_kernel(pte_t *pte, const void *page, bool writable);
/* Clears an entry, and frees the page table when that was its last; returns whose it was. */
struct space *arch_pte_clear(pte_t *pte);
RARE void arch_pte_drop_table(pte_t *pte); /* frees the page table if it has no entries */
void arch_pte_set_rights(pte_t *pte, word_t rights);
/* The memory type that MemoryControl's attribute (an L4_..Memory) means.  ~0u: the processor has
 * none. */
RARE word_t arch_memory_type(word_t attribute);
RARE void arch_pte_set_type(pte_t *pte, word_t type); /* caches still hold what they hold */
enum { STATUS_ACCESSED = 1, STATUS_DIRTY = 2 };
word_t arch_pte_status(pte_t pte);
word_t arch_pte_take_status(pte_t *pte); /* and resets it */

/* A superpage is one entry in place of a page table, and a pte_t for all functions here.  l4 makes
 * one only if the KIP announces the size.  NULL: there is no superpage; to make one: a page table
 * is there. */
pte_t *arch_pte_super(struct space *space, vaddr_t address, bool make);
/* Makes a page table of it, with the same rights and status everywhere, and returns its first
 * entry.  NULL: no memory. Nobody is charged: the space has been already. */
pte_t *arch_pte_split(pte_t *superpage);

void *arch_kernel_address(paddr_t address); /* of RAM, in the direct map */
bool arch_frame_allowed(paddr_t frame);     /* false: kernel memory, never mapped to users */

/* Where the kernel finds a byte of user memory, up to the end of its page; marks the page accessed
 * (dirty).  NULL: it is not mapped, or not writable. */
void *arch_user_access(struct space *space, vaddr_t address, bool write);

/* ---- ports ----
 *
 * first <= last < 65536; all are closed in a fresh space.  Called only if io_ports_mapped
 * (l4/io_ports.h). */

/* false: there is no memory to open them. */
RARE bool arch_ports_set(struct space *space, word_t first, word_t last, bool open);
/* How many of them are open. */
RARE word_t arch_ports_open(const struct space *space, word_t first, word_t last);

/* ---- threads ---- */

/* Shows page as the index-th page of thread_table (l4/thread_table.h). */
void arch_thread_leaf(word_t index, struct tcb **page);
void arch_thread_init(struct tcb *t);    /* user registers of a fresh thread */
void arch_thread_destroy(struct tcb *t); /* gives its FPU state back */
/* What ia32 keeps for a thread, charged to its space; it is the FPU state. */
size_t arch_thread_bytes(const struct tcb *t);
void arch_switch_to(struct tcb *t); /* makes t current; NULL: idle */
word_t arch_user_ip(const struct tcb *t);
word_t arch_user_sp(const struct tcb *t);
word_t arch_user_flags(const struct tcb *t);
void arch_set_user_ip(struct tcb *t, word_t ip);
void arch_set_user_sp(struct tcb *t, word_t sp);
void arch_set_user_flags(struct tcb *t, word_t flags); /* only what users may change */
/* The result of an IPC, and MR1 and MR2, into the registers. */
void arch_ipc_return(struct tcb *t, word_t from, word_t tag);
void arch_unmap_return(struct tcb *t, word_t control); /* of an Unmap that is over, and its MR0 */
/* The current thread, whose registers are still those of its call (but IPC), makes it again when it
 * is back at user level. */
RARE void arch_call_again(struct tcb *t);
void arch_exception_words(const struct tcb *t, word_t *words); /* 12 of them */
/* The first `count' of the 12. */
void arch_exception_apply(struct tcb *t, const word_t *words, size_t count);

/* ---- the machine ---- */

/* Lets pending interrupts in.  It may not return: whoever calls has everything in TCBs, and current
 * is READY or NULL. */
void arch_interrupt_window(void);

void arch_interrupt_enable(word_t line);
void arch_interrupt_disable(word_t line);
bool arch_interrupt_reserved(word_t line); /* the kernel's own: timer, cascade */
enum { TICK_US = 1000 };                   /* nominal; arch_clock_us is exact */
uint64_t arch_clock_us(void);
/* The time since the last call: whole microseconds, and no part of one is lost over all calls.
 * Called by the scheduler alone, at least once a tick. */
uint32_t arch_spent_us(void);

/* ==== What ia32 may call of l4: each stands with its rules in the header that is named ====
 *
 * Events.  schedule_exit, or the function itself, says who runs afterwards.
 *   l4/fault_ipc.h           fault_page fault_ports fault_exception
 *   l4/interrupt_ipc.h       interrupt_occurred
 *   l4/ipc_plain.h           ipc_plain ipc_plain_timed ipc_plain_fault ipc_plain_exception
 *   l4/schedule.h            schedule_timer schedule_exit schedule_return
 *
 * System calls, whose registers ia32 takes apart.
 *   l4/ipc.h                 ipc_system_call
 *   l4/exchange_registers.h  exchange_registers
 *   l4/schedule_control.h    schedule_control thread_switch
 *   l4/thread_control.h      thread_control thread_control_delete
 *   l4/space_control.h       space_control
 *   l4/memory_control.h      memory_control
 *   l4/unmap_call.h          unmap_system_call
 *   l4/tcb.h                 tcb_set_error
 *
 * Memory for page tables, bitmaps and FPU states, and the page of the system-call stubs.
 *   l4/kmem.h                kmem_alloc kmem_free_page kmem_page kmem_owned
 *   l4/kmem.h                kslab_alloc kslab_free
 *   l4/kip_page.h            kip_page
 *
 * Variables: who runs, whether ports are mapped, and what ipc_fast.S looks up by itself
 * (beside thread_table of l4/thread_table.h, which linker.ld places).
 *   l4/tcb.h                 current
 *   l4/io_ports.h            io_ports_mapped
 *   l4/schedule.h            schedule_fast_limit schedule_fast_path
 *   l4/timer.h               ticks timer_wheel timer_last_period
 */
