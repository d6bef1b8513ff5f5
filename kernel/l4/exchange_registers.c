/* SPDX-License-Identifier: BSD-2-Clause */
#include "exchange_registers.h"

#include "arch.h"
#include "interrupt_ipc.h"
#include "ipc.h"
#include "l4/syscalls.h"
#include "thread.h"

enum { WAS_HALTED = 1, WAS_RECEIVING = 2, WAS_SENDING = 4 };

/* Own space, or the thread's pager is of the caller's space: a pager may abort whom it serves
 * (interface.md 4.3). */
static bool permitted(struct tcb *caller, struct tcb *t)
{
    if (t->space == caller->space) {
        return true;
    }
    struct tcb *pager = thread_resolve(t, *tcb_tcr(t, UTCB_PAGER));
    return pager && pager->ipc_kind != IPC_INTERRUPT && pager->space == caller->space;
}

/* In a string transfer a side counts as sending or receiving, also while it asks its pager. */
static bool sending(const struct tcb *t)
{
    return t->state == THREAD_SENDING || (t->peer && t->transfer_sender);
}

static bool receiving(const struct tcb *t)
{
    return t->state == THREAD_RECEIVING || (t->peer && !t->transfer_sender) ||
           t->continuing == CONTINUES_RECEIVING;
}

static word_t state_bits(const struct tcb *t)
{
    return (t->halted ? WAS_HALTED : 0u) | (receiving(t) ? WAS_RECEIVING : 0u) |
           (sending(t) ? WAS_SENDING : 0u);
}

static void apply(struct tcb *t, const struct exchange *x)
{
    if (((x->control & L4_EXREGS_ABORT_SEND) && sending(t)) ||
        ((x->control & L4_EXREGS_ABORT_RECEIVE) && receiving(t))) {
        ipc_abort(t, L4_IpcCanceled);
        assert(!sending(t) && !receiving(t));
    }
    if (x->control & L4_EXREGS_SP) {
        arch_set_user_sp(t, x->sp);
    }
    if (x->control & L4_EXREGS_IP) {
        arch_set_user_ip(t, x->ip);
    }
    if (x->control & L4_EXREGS_FLAGS) {
        arch_set_user_flags(t, x->flags);
    }
    if (x->control & L4_EXREGS_USER_HANDLE) {
        *tcb_tcr(t, UTCB_USER_HANDLE) = x->user_handle;
    }
    if (x->control & L4_EXREGS_PAGER) {
        *tcb_tcr(t, UTCB_PAGER) = x->pager;
    }
    if (x->control & L4_EXREGS_SET_HALT) {
        thread_set_halted(t, (x->control & L4_EXREGS_HALT) != 0);
    }
}

word_t exchange_registers(struct tcb *caller, word_t dest, struct exchange *x)
{
    struct tcb *t = thread_resolve(caller, dest);
    if (!t || t->ipc_kind == IPC_INTERRUPT || !permitted(caller, t)) {
        *x = (struct exchange){0};
        return 0;
    }
    struct exchange old = {
        .control = state_bits(t),
        .sp = arch_user_sp(t),
        .ip = arch_user_ip(t),
        .flags = arch_user_flags(t),
        .user_handle = *tcb_tcr(t, UTCB_USER_HANDLE),
        .pager = *tcb_tcr(t, UTCB_PAGER),
    };
    apply(t, x);
    *x = old;
    return tcb_id_is_local(dest) ? t->global_id : t->local_id;
}
