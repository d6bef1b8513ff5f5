/* SPDX-License-Identifier: BSD-2-Clause */
#include "fault_ipc.h"

#include "arch.h"
#include "io_ports.h"
#include "ipc.h"
#include "l4/kernel_memory.h"
#include "space.h"
#include "strip.h"
#include "thread.h"

/* A message of two words, to which any answer will do. */
static bool tell(struct tcb *t, word_t to, word_t label, word_t first, word_t second)
{
    t->ipc_kind = IPC_PREEMPTION;
    t->tag = label << 16 | 2;
    t->fault_words[1] = first;
    t->fault_words[2] = second;
    return ipc_kernel_call(t, to);
}

/* Nobody helps.  The thread of a watched space asks its scheduler; if there is none either, or the
 * space is not watched, the thread stops here until ExchangeRegisters resumes it or it is
 * deleted. */
static void stop(struct tcb *t, enum l4_stopped why, const char *what, word_t address)
{
    if (t->space->watched &&
        tell(t, t->scheduler, L4_LABEL_STOPPED | (word_t)why, address, arch_user_ip(t))) {
        return;
    }
    print("kernel: thread %x stopped: %s at %x, ip %x, and nobody handles it\n", (unsigned)t->global_id, what,
          (unsigned)address, (unsigned)arch_user_ip(t));
    thread_set_halted(t, true);
}

static inline bool ask_pager(struct tcb *t, word_t label, word_t what)
{
    debug_assert(t->state == THREAD_READY && !t->peer);
    t->ipc_kind = IPC_FAULT;
    t->tag = fault_tag(label);
    t->fault_words[1] = what;
    t->fault_words[2] = arch_user_ip(t);
    return ipc_kernel_call(t, *tcb_tcr(t, UTCB_PAGER));
}

/* t wants a page of the kernel's, of which its space has been stripped: it goes on as soon as there
 * is memory for them, which sigma0 is asked for. */
static RARE void kernel_page(struct tcb *t, vaddr_t address)
{
    if (!space_restore(t->space)) {
        (void)tell(t, SIGMA0_ID, L4_LABEL_STOPPED | STOPPED_NO_MEMORY, address, arch_user_ip(t));
    }
}

void fault_page(struct tcb *t, vaddr_t address, word_t access)
{
    if (t->space == sigma0_space) {
        if (!sigma0_fault(address)) {
            stop(t, STOPPED_NO_PAGER, "sigma0: page fault", address);
        }
        return;
    }
    if (__builtin_expect(t->redirected, 0) && strip_covers(t->space, address)) {
        kernel_page(t, address);
        return;
    }
    if (!ask_pager(t, L4_LABEL_PAGE_FAULT | access, address)) {
        stop(t, STOPPED_NO_PAGER, "page fault", address);
    }
}

void fault_ports(struct tcb *t, word_t port, word_t log2_count)
{
    if (t->space == sigma0_space) {
        if (!arch_ports_set(t->space, 0, PORT_COUNT - 1, true)) {
            stop(t, STOPPED_NO_PORT_PAGER, "sigma0: IO fault", port);
        }
        return;
    }
    L4_Fpage_t wanted = L4_FpageAddRights(L4_IoFpage(port, log2_count), L4_ReadWriteOnly);
    if (!ask_pager(t, L4_LABEL_IO_FAULT | L4_ReadWriteOnly, wanted.raw)) {
        stop(t, STOPPED_NO_PORT_PAGER, "IO fault", port);
    }
}

void fault_exception(struct tcb *t, word_t vector, word_t error)
{
    t->ipc_kind = IPC_EXCEPTION;
    t->tag = EXCEPTION_TAG;
    t->fault_vector = (uint8_t)vector;
    t->fault_error = error;
    if (!ipc_kernel_call(t, *tcb_tcr(t, UTCB_EXCEPTION_HANDLER))) {
        stop(t, STOPPED_NO_HANDLER, "exception", vector);
    }
}

void preemption_message(struct tcb *t, word_t to)
{
    uint64_t now = arch_clock_us();
    if (!tell(t, to, L4_LABEL_PREEMPTION, (word_t)now, (word_t)(now >> 32))) {
        stop(t, STOPPED_NO_SCHEDULER, "preemption", 0);
    }
}
