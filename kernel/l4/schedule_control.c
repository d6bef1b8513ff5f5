/* SPDX-License-Identifier: BSD-2-Clause */
#include "schedule_control.h"

#include "arch.h"
#include "interrupt_ipc.h"
#include "l4/syscalls.h"
#include "schedule.h"
#include "space.h"
#include "thread_table.h"

enum { UNCHANGED = ~0u };

enum { DEAD = 1, HALTED = 2, RUNNING = 3, PENDING_SEND = 4, SENDING = 5, WAITING = 6, RECEIVING = 7 };

static word_t thread_state_code(const struct tcb *t)
{
    if (t->peer) {
        return t->transfer_sender ? SENDING : RECEIVING;
    }
    switch ((enum thread_state)t->state) {
    case THREAD_INACTIVE:
        return DEAD;
    case THREAD_SENDING:
        return PENDING_SEND;
    case THREAD_RECEIVING:
    case THREAD_TRANSFER:
        return WAITING;
    case THREAD_READY:
        break;
    }
    return t->halted ? HALTED : RUNNING;
}

static word_t period_ticks(word_t time)
{
    uint64_t us = (uint64_t)(time & 0x3ff) << (time >> 10 & 0x1f);
    word_t n = us > 0xffffffffu ? 0xffffffffu : (word_t)us;
    return n < TICK_US ? 1 : n / TICK_US;
}

static void set_time(struct tcb *t, word_t time)
{
    word_t slice = time >> 16, quantum = time & 0xffff;
    t->slice_ticks = slice == L4_Never.raw ? 0 : period_ticks(slice);
    t->slice_left = t->slice_ticks;
    t->quantum_left = quantum == L4_Never.raw ? 0 : period_ticks(quantum);
}

/* Ticks as an X.2 period; 0, which is no end, as never. */
static word_t ticks_period(uint32_t n)
{
    return n == 0 ? L4_Never.raw : L4_TimePeriod((L4_Word64_t)n * TICK_US).raw;
}

static void set_preemption(struct tcb *t, word_t control)
{
    t->sensitive_priority = (uint8_t)(control >> 16);
    t->max_delay_ticks = (uint16_t)((control & 0xffff) / TICK_US);
}

word_t schedule_control(struct tcb *caller, word_t dest, const struct schedule_call *c, word_t *old_time,
                        word_t *error)
{
    *old_time = 0;
    *error = 0;
    if (dest == 0) {
        return 0;
    }
    struct tcb *t = tcb_id_is_local(dest) ? thread_resolve(caller, dest) : thread_find(dest);
    const struct tcb *line = interrupt_find(dest);
    bool privileged = caller->space->privileged;
    if (line && interrupt_associated(line)) {
        *error = privileged ? 0 : L4_ErrNoPrivilege;
        return !privileged ? 0 : line->state == THREAD_SENDING ? PENDING_SEND : HALTED;
    }
    if (!t) {
        *error = L4_ErrInvalidThread;
        return 0;
    }
    bool too_high = (c->priority <= 255 && c->priority > caller->priority) ||
                    (c->preemption != UNCHANGED && (c->preemption >> 16 & 0xff) > caller->priority);
    if ((!privileged && t->scheduler != caller->global_id) || (!privileged && too_high)) {
        *error = L4_ErrNoPrivilege;
        return 0;
    }
    if (c->time != UNCHANGED && (c->time & 0x80008000u)) {
        *error = L4_ErrInvalidThread;
        return 0;
    }
    assert(t->ipc_kind != IPC_INTERRUPT);
    word_t state = thread_state_code(t);
    *old_time = ticks_period(t->slice_ticks) << 16 | ticks_period(t->quantum_left);
    if (c->time != UNCHANGED) {
        set_time(t, c->time);
    }
    if (c->preemption != UNCHANGED) {
        set_preemption(t, c->preemption);
    }
    if (c->priority != UNCHANGED && c->priority <= 255) {
        schedule_set_priority(t, (uint8_t)c->priority);
    }
    return state;
}

void thread_switch(const struct tcb *caller, word_t dest)
{
    schedule_yield(dest ? thread_resolve(caller, dest) : NULL);
}
