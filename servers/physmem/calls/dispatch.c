/* SPDX-License-Identifier: BSD-2-Clause */
#include "calls/dispatch.h"

#include "base/assertion.h"
#include "ground/counters.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "protocol/physmem.h"
#include "protocol/swap.h"
#include "room/kernel_memory.h"
#include "room/set_aside.h"
#include "serving/event.h"
#include "serving/forget.h"
#include "serving/mappings.h"
#include "swap/driver.h"
#include "swap/transfer.h"
#include "tasks/notice.h"
#include "tasks/task.h"

enum sender { ANYBODY, TASK_SERVER, DRIVER };

static const struct {
    L4_Word_t label;
    uint8_t words, sender;
    call_handler handler;
} calls[] = {
    {PHYSMEM_ASK, 1, ANYBODY, call_ask},
    {PHYSMEM_FORGET_RANGE, 2, ANYBODY, call_forget_range},
    {PHYSMEM_FORGET_THREAD, 1, ANYBODY, call_forget_thread},
    {PHYSMEM_CREATE, 2, ANYBODY, call_create},
    {PHYSMEM_DESTROY, 1, ANYBODY, call_destroy},
    {PHYSMEM_CLOSE, 1, ANYBODY, call_close},
    {PHYSMEM_SHARE, 3, ANYBODY, call_share},
    {PHYSMEM_COPY, 5, ANYBODY, call_copy},
    {PHYSMEM_ZERO, 3, ANYBODY, call_zero},
    {PHYSMEM_PUNCH, 3, ANYBODY, call_punch},
    {PHYSMEM_STAT, 2, ANYBODY, call_stat},
    {PHYSMEM_MAP, 5, ANYBODY, call_map},
    {PHYSMEM_MEMORY_INFO, 0, ANYBODY, call_memory_info},
    {PHYSMEM_TASK_INFO, 1, ANYBODY, call_task_info},
    {PHYSMEM_TASK_NEW, 4, TASK_SERVER, call_task_new},
    {PHYSMEM_TASK_DELETE, 1, TASK_SERVER, call_task_delete},
    {PHYSMEM_WIRE, 1, TASK_SERVER, call_wire},
    {PHYSMEM_SET_DRIVER, 1, TASK_SERVER, call_set_driver},
    {PHYSMEM_MODULE, 1, TASK_SERVER, call_module},
    {PHYSMEM_NOTICE_PULL, 0, TASK_SERVER, call_notice_pull},
    {PHYSMEM_OUTSWAP, 2, TASK_SERVER, call_outswap},
    {PHYSMEM_INSWAP, 1, TASK_SERVER, call_inswap},
    {PHYSMEM_PHYS_ADDR, 2, TASK_SERVER, call_phys_addr},
    {PHYSMEM_CHECK, 0, TASK_SERVER, call_check},
    {PHYSMEM_KERNEL_MEMORY, 1, TASK_SERVER, call_kernel_memory},
    {PHYSMEM_DEBUG_DAMAGE, 2, TASK_SERVER, call_damage},
    {PHYSMEM_DEBUG_EVICT, 2, TASK_SERVER, call_evict},
    {PHYSMEM_DEBUG_HOLD, 1, TASK_SERVER, call_hold},
    {PHYSMEM_PORTS, 0, TASK_SERVER, call_ports},
    {PHYSMEM_KEEP, 3, TASK_SERVER, call_keep},
    {SWAP_ATTACH, 2, DRIVER, call_attach},
    {SWAP_PULL, 0, DRIVER, call_pull},
    {SWAP_BOUNCE_MAP, 2, DRIVER, call_bounce_map},
    {SWAP_DONE, 3, DRIVER, call_done},
    {SWAP_NONE, 0, DRIVER, call_no_disk},
};

static bool may_send(const struct task *t, uint8_t sender)
{
    return sender == ANYBODY || (sender == TASK_SERVER && t->id == TASK_ID_SYSTEM) ||
           (sender == DRIVER && driver_is(t));
}

/* Only these calls may answer ERR_BUSY; for all others the same shortage is ERR_NO_MEMORY. */
static bool may_be_busy(L4_Word_t label)
{
    switch (label) {
    case PHYSMEM_DESTROY:
    case PHYSMEM_CLOSE:
    case PHYSMEM_TASK_NEW:
    case PHYSMEM_TASK_DELETE:
    case PHYSMEM_WIRE:
    case PHYSMEM_KEEP:
    case PHYSMEM_INSWAP:
    case PHYSMEM_KERNEL_MEMORY:
        return true;
    default:
        return false;
    }
}

static enum error serve_call(struct call *c)
{
    for (uint32_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if (calls[i].label != c->in->label) {
            continue;
        }
        if (!may_send(c->task, calls[i].sender)) {
            return ERR_PERMISSION;
        }
        if (c->in->words != calls[i].words || c->in->typed_words != 0) {
            return ERR_ARGUMENT;
        }
        enum error e = calls[i].handler(c);
        ASSERT(c->reply->words + c->reply->typed_words <= MESSAGE_WORDS_MAX);
        return e == ERR_BUSY && !may_be_busy(calls[i].label) ? ERR_NO_MEMORY : e;
    }
    return ERR_UNKNOWN;
}

/* Map items that the kernel has no memory for fail the caller's IPC; so it gets some before, and
 * makes room after, for the call that comes again. */
static void send_pages(struct task *t, L4_ThreadId_t to, const struct message *m)
{
    if (kernel_memory_is_short()) {
        (void)kernel_memory_relieve();
    }
    if (platform_reply(to, m) == REPLY_NO_MEMORY) {
        (void)mappings_make_room(t);
    }
}

static bool on_call(struct task *t, const struct message *in, struct message *reply)
{
    struct call c = {.task = t, .in = in, .reply = reply};
    reply->label = PHYSMEM_REPLY;
    reply->words = 1;
    reply->typed_words = 0;
    enum error e = t ? serve_call(&c) : ERR_NO_TASK;
    reply->mr[1] = e;
    if (reply->typed_words > 0) {
        /* Now: what follows in this event may take the frames away again. */
        send_pages(t, in->from, reply);
        return false;
    }
    return !c.parked;
}

static bool is_fault(L4_Word_t label)
{
    return (label & 0xfff0) == L4_LABEL_PAGE_FAULT || (label & 0xfff0) == L4_LABEL_IO_FAULT;
}

/* Whatever this thread had parked is over: it has sent again, or somebody in its name. */
static void supersede(L4_ThreadId_t id)
{
    fault_supersede(id);
    transfer_supersede(id);
    notice_supersede(id);
}

static bool handle_message(const struct message *in, struct message *reply)
{
    struct task *t = task_find(L4_Version(in->from));
    supersede(in->from);
    set_aside_open(t && (t->id == TASK_ID_SYSTEM || driver_is(t)));
    if (in->propagated) {
        /* Only forwards come in another's name, and only from threads of the same task. */
        if (in->label == PHYSMEM_FORWARD && t && L4_Version(in->actual) == t->id) {
            on_forward(t, in);
        } else {
            counters.dropped++;
        }
        return false;
    }
    if (is_fault(in->label)) {
        on_kernel_fault(t, in);
        return false;
    }
    if (in->label == PHYSMEM_FORWARD) { /* the thread it was for has died */
        counters.dropped++;
        return false;
    }
    return on_call(t, in, reply);
}

bool dispatch(const struct message *in, struct message *reply)
{
    event_start();
    bool answer = handle_message(in, reply);
    set_aside_open(false);
    event_settle();
    return answer;
}

void dispatch_tick(void)
{
    event_start();
    progress_made();
    event_settle();
}
