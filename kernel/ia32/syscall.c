/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls: registers to arguments and back, as interface.md 4 says.  What they mean is
 * l4's. */
#include "trap.h"

#include "arch.h"
#include "entry.h"
#include "kdb/trace.h"
#include "l4/exchange_registers.h"
#include "l4/ipc.h"
#include "l4/ipc_plain.h"
#include "l4/memory_control.h"
#include "l4/schedule.h"
#include "l4/schedule_control.h"
#include "l4/space_control.h"
#include "l4/thread_control.h"
#include "l4/unmap_call.h"

/* The result of a control call of t, the current thread: 1, or 0 with the ErrorCode. */
static void control_result(struct tcb *t, word_t error)
{
    debug_assert(t == current);
    trace(TRACE_CONTROL, t->regs.vector - VECTOR_IPC, t->global_id, t->regs.eax, error);
    t->regs.eax = 1;
    if (__builtin_expect(error != 0, 0)) {
        t->regs.eax = 0;
        tcb_set_error(t, error);
    }
}

REGPARM struct tcb *syscall_ipc(struct tcb *t, word_t vector)
{
    (void)vector;
    const struct arch_regs *r = &t->regs;
    word_t time = r->ecx & 0xffff;
    struct tcb *next =
        time == 0 ? ipc_plain(t, r->eax, r->edx, r->esi) : ipc_plain_timed(t, r->eax, r->edx, time, r->esi);
    if (next) {
        return next;
    }
    ipc_system_call(t, r->eax, r->edx, r->ecx, r->esi);
    return schedule_exit();
}

void arch_ipc_return(struct tcb *t, word_t from, word_t tag)
{
    t->regs.eax = from;
    t->regs.esi = tag;
    t->regs.edi = t->local_id;
    t->regs.ebx = t->utcb[1];
    t->regs.ebp = t->utcb[2];
}

void arch_unmap_return(struct tcb *t, word_t control)
{
    t->regs.eax = control;
    t->regs.esi = t->utcb[0];
}

REGPARM struct tcb *syscall_unmap(struct tcb *t, word_t vector)
{
    (void)vector;
    t->utcb[0] = t->regs.esi;
    if (!unmap_system_call(t, t->regs.eax)) {
        return schedule_exit();
    }
    t->regs.esi = t->utcb[0];
    return t;
}

REGPARM struct tcb *syscall_exchange_registers(struct tcb *t, word_t vector)
{
    (void)vector;
    struct arch_regs *r = &t->regs;
    struct exchange x = {.control = r->ecx,
                         .sp = r->edx,
                         .ip = r->esi,
                         .flags = r->edi,
                         .user_handle = r->ebx,
                         .pager = r->ebp};
    word_t result = exchange_registers(t, r->eax, &x);
    trace(TRACE_CONTROL, SYSCALL_EXCHANGE_REGISTERS, t->global_id, r->eax, result);
    r->eax = result;
    r->ecx = x.control;
    r->edx = x.sp;
    r->esi = x.ip;
    r->edi = x.flags;
    r->ebx = x.user_handle;
    r->ebp = x.pager;
    if (!result) {
        tcb_set_error(t, L4_ErrInvalidThread);
    }
    return schedule_exit();
}

/* All calls but IPC come by `int', which is two bytes long. */
RARE void arch_call_again(struct tcb *t)
{
    enum { INT_BYTES = 2 };
    debug_assert(t == current && t->regs.vector > VECTOR_IPC && t->regs.vector < VECTOR_IPC + SYSCALL_COUNT);
    t->regs.eip -= INT_BYTES;
}

/* It stands apart from the rest of ThreadControl because that saves more registers. */
static __attribute__((noinline)) struct tcb *syscall_thread_delete(struct tcb *t)
{
    word_t error = thread_control_delete(t, t->regs.eax, t->regs.ecx);
    if (__builtin_expect(error == 0, 1) || error != THREAD_MORE) {
        control_result(t, error);
    }
    return schedule_return(t);
}

REGPARM struct tcb *syscall_thread_control(struct tcb *t, word_t vector)
{
    (void)vector;
    const struct arch_regs *r = &t->regs;
    if (r->esi == 0) {
        return syscall_thread_delete(t);
    }
    word_t error = thread_control(t, r->eax, r->esi, r->edx, r->ecx, r->edi);
    if (__builtin_expect(error != 0, 0) && error == THREAD_MORE) {
        return schedule_return(t);
    }
    control_result(t, error);
    return schedule_return(t);
}

REGPARM struct tcb *syscall_space_control(struct tcb *t, word_t vector)
{
    (void)vector;
    struct arch_regs *r = &t->regs;
    struct space_call c = {
        .space = r->eax, .control = r->ecx, .kip_area = r->edx, .utcb_area = r->esi, .redirector = r->edi};
    control_result(t, space_control(t, &c));
    r->ecx = c.old_control;
    return schedule_exit();
}

REGPARM struct tcb *syscall_schedule(struct tcb *t, word_t vector)
{
    (void)vector;
    struct arch_regs *r = &t->regs;
    struct schedule_call c = {.priority = r->ecx, .time = r->edx, .processor = r->esi, .preemption = r->edi};
    word_t error, old_time, dest = r->eax;
    r->eax = schedule_control(t, dest, &c, &old_time, &error);
    trace(TRACE_CONTROL, SYSCALL_SCHEDULE, t->global_id, dest, r->eax);
    r->edx = old_time;
    tcb_set_error(t, error);
    return schedule_exit();
}

REGPARM struct tcb *syscall_thread_switch(struct tcb *t, word_t vector)
{
    (void)vector;
    thread_switch(t, t->regs.eax);
    return schedule_exit();
}

REGPARM struct tcb *syscall_system_clock(struct tcb *t, word_t vector)
{
    (void)vector;
    uint64_t now = arch_clock_us();
    t->regs.eax = (word_t)now;
    t->regs.edx = (word_t)(now >> 32);
    return t;
}

REGPARM struct tcb *syscall_memory_control(struct tcb *t, word_t vector)
{
    (void)vector;
    struct arch_regs *r = &t->regs;
    struct memory_control c = {.control = r->eax, .attribute = {r->ecx, r->edx, r->ebx, r->ebp}};
    t->utcb[0] = r->esi;
    word_t error = memory_control(t, &c);
    if (error == MEMORY_MORE) {
        arch_call_again(t);
        return schedule_exit();
    }
    control_result(t, error);
    if (c.types_changed) { /* what caches hold of these frames goes back to memory first */
        __asm__ volatile("wbinvd" : : : "memory");
    }
    r->ecx = c.pages_free;
    r->edx = c.pages_total;
    r->ebx = c.pages_lent;
    r->esi = c.pages_for_mappings;
    return schedule_exit();
}

REGPARM struct tcb *syscall_processor_control(struct tcb *t, word_t vector)
{
    (void)vector;
    control_result(t, t->space->privileged ? L4_ErrInvalidParam : L4_ErrNoPrivilege);
    return t;
}
