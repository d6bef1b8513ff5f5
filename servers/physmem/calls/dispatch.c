/* SPDX-License-Identifier: BSD-2-Clause */
#include "calls/dispatch.h"

#include "base/assertion.h"
#include "contents/away.h"
#include "ground/counters.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "l4/kernel_memory.h"
#include "protocol/physmem.h"
#include "protocol/segmap.h"
#include "protocol/swap.h"
#include "room/kernel_memory.h"
#include "room/set_aside.h"
#include "serving/admission.h"
#include "serving/event.h"
#include "serving/fault.h"
#include "serving/forget.h"
#include "serving/mappings.h"
#include "serving/segment_map.h"
#include "serving/waiting_call.h"
#include "swap/driver.h"
#include "swap/transfer.h"
#include "tasks/notice.h"
#include "tasks/task.h"

enum sender { ANYBODY, TASK_SERVER, DRIVER, SEGMAP };

enum { ANY_WORDS = 0xff };

/* By their labels; what is not called anything has no handler. */
static const struct {
    uint8_t words, sender;
    call_handler handler;
} calls[] = {
    [PHYSMEM_ASK - PHYSMEM_FORWARD] = {1, ANYBODY, call_ask},
    [PHYSMEM_FORGET_RANGE - PHYSMEM_FORWARD] = {2, ANYBODY, call_forget_range},
    [PHYSMEM_FORGET_THREAD - PHYSMEM_FORWARD] = {1, ANYBODY, call_forget_thread},
    [PHYSMEM_CREATE - PHYSMEM_FORWARD] = {2, ANYBODY, call_create},
    [PHYSMEM_DESTROY - PHYSMEM_FORWARD] = {1, ANYBODY, call_destroy},
    [PHYSMEM_CLOSE - PHYSMEM_FORWARD] = {1, ANYBODY, call_close},
    [PHYSMEM_SHARE - PHYSMEM_FORWARD] = {3, ANYBODY, call_share},
    [PHYSMEM_COPY - PHYSMEM_FORWARD] = {5, ANYBODY, call_copy},
    [PHYSMEM_ZERO - PHYSMEM_FORWARD] = {3, ANYBODY, call_zero},
    [PHYSMEM_PUNCH - PHYSMEM_FORWARD] = {3, ANYBODY, call_punch},
    [PHYSMEM_STAT - PHYSMEM_FORWARD] = {2, ANYBODY, call_stat},
    [PHYSMEM_MAP - PHYSMEM_FORWARD] = {5, ANYBODY, call_map},
    [PHYSMEM_MEMORY_INFO - PHYSMEM_FORWARD] = {0, ANYBODY, call_memory_info},
    [PHYSMEM_TASK_INFO - PHYSMEM_FORWARD] = {1, ANYBODY, call_task_info},
    [PHYSMEM_TASK_NEW - PHYSMEM_FORWARD] = {4, TASK_SERVER, call_task_new},
    [PHYSMEM_TASK_DELETE - PHYSMEM_FORWARD] = {1, TASK_SERVER, call_task_delete},
    [PHYSMEM_WIRE - PHYSMEM_FORWARD] = {1, TASK_SERVER, call_wire},
    [PHYSMEM_SET_DRIVER - PHYSMEM_FORWARD] = {1, TASK_SERVER, call_set_driver},
    [PHYSMEM_MODULE - PHYSMEM_FORWARD] = {1, TASK_SERVER, call_module},
    [PHYSMEM_NOTICE_PULL - PHYSMEM_FORWARD] = {0, TASK_SERVER, call_notice_pull},
    [PHYSMEM_OUTSWAP - PHYSMEM_FORWARD] = {2, TASK_SERVER, call_outswap},
    [PHYSMEM_INSWAP - PHYSMEM_FORWARD] = {1, TASK_SERVER, call_inswap},
    [PHYSMEM_PHYS_ADDR - PHYSMEM_FORWARD] = {2, TASK_SERVER, call_phys_addr},
    [PHYSMEM_CHECK - PHYSMEM_FORWARD] = {0, TASK_SERVER, call_check},
    [PHYSMEM_KERNEL_MEMORY - PHYSMEM_FORWARD] = {1, ANYBODY, call_kernel_memory},
    [PHYSMEM_DEBUG_DAMAGE - PHYSMEM_FORWARD] = {2, TASK_SERVER, call_damage},
    [PHYSMEM_DEBUG_EVICT - PHYSMEM_FORWARD] = {2, TASK_SERVER, call_evict},
    [PHYSMEM_DEBUG_HOLD - PHYSMEM_FORWARD] = {1, TASK_SERVER, call_hold},
    [PHYSMEM_PORTS - PHYSMEM_FORWARD] = {0, TASK_SERVER, call_ports},
    [PHYSMEM_KEEP - PHYSMEM_FORWARD] = {3, TASK_SERVER, call_keep},
    [SWAP_ATTACH - PHYSMEM_FORWARD] = {2, DRIVER, call_attach},
    [SWAP_PULL - PHYSMEM_FORWARD] = {0, DRIVER, call_pull},
    [SWAP_BOUNCE_MAP - PHYSMEM_FORWARD] = {2, DRIVER, call_bounce_map},
    [SWAP_DONE - PHYSMEM_FORWARD] = {3, DRIVER, call_done},
    [SWAP_NEXT - PHYSMEM_FORWARD] = {3, DRIVER, call_next},
    [SWAP_NONE - PHYSMEM_FORWARD] = {0, DRIVER, call_no_disk},
    [PHYSMEM_SET_SEGMAP - PHYSMEM_FORWARD] = {2, TASK_SERVER, call_set_segmap},
    [SEGMAP_OPEN - PHYSMEM_FORWARD] = {0, SEGMAP, call_segmap_open},
    [SEGMAP_PULL - PHYSMEM_FORWARD] = {ANY_WORDS, SEGMAP, call_segmap_pull},
};

static bool may_send(const struct task *t, uint8_t sender)
{
    return sender == ANYBODY || (sender == TASK_SERVER && t->id == TASK_ID_SYSTEM) ||
           (sender == DRIVER && driver_is(t)) || (sender == SEGMAP && segment_map_is(t));
}

/* For these calls ERR_BUSY says other things than that no frame was free just now. */
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
    L4_Word_t i = c->in->label - PHYSMEM_FORWARD;
    if (i >= sizeof calls / sizeof calls[0] || !calls[i].handler) {
        return ERR_UNKNOWN;
    }
    if (!may_send(c->task, calls[i].sender)) {
        return ERR_PERMISSION;
    }
    if ((c->in->words != calls[i].words && calls[i].words != ANY_WORDS) || c->in->typed_words != 0) {
        return ERR_ARGUMENT;
    }
    away_forget_missed();
    enum error e = calls[i].handler(c);
    ASSERT(c->reply->words + c->reply->typed_words <= MESSAGE_WORDS_MAX);
    c->wants_frame = e == ERR_BUSY && (c->wants_frame || !may_be_busy(c->in->label));
    c->wants_window = c->wants_frame && away_missed(&c->missed);
    c->wants_frame = c->wants_frame && !c->wants_window;
    return e;
}

/* A reply with this error, and nothing else yet. */
static void begin_reply(struct message *reply, enum error e)
{
    reply->label = PHYSMEM_REPLY;
    reply->words = 1;
    reply->typed_words = 0;
    reply->mr[1] = e;
}

static void make_call(struct call *c)
{
    begin_reply(c->reply, ERR_NO_TASK);
    if (c->task) {
        c->reply->mr[1] = serve_call(c);
    }
}

/* A call that has waited for a frame or a window. */
static enum fault_wait make_waiting_call(struct task *t, struct message *in, struct message *reply,
                                         struct place *missed)
{
    struct call c = {.task = t, .in = in, .reply = reply};
    in->words = calls[in->label - PHYSMEM_FORWARD].words;
    in->typed_words = 0;
    make_call(&c);
    ASSERT(!c.parked && reply->typed_words == 0);
    *missed = c.missed;
    return c.wants_window ? WAIT_WINDOW : c.wants_frame ? WAIT_FRAME : WAIT_NOTHING;
}

/* OK, or the answer.  The task server waits for no window if it has to start segmap. */
static enum error park(const struct call *c)
{
    if (c->wants_frame) {
        return waiting_call_park(c->task, c->in);
    }
    if (c->task->id == TASK_ID_SYSTEM && !segment_map_is_there()) {
        return ERR_NO_MEMORY;
    }
    return waiting_call_park_for_window(c->task, c->in, &c->missed);
}

static bool on_call(struct task *t, const struct message *in, struct message *reply)
{
    struct call c = {.task = t, .in = in, .reply = reply};
    make_call(&c);
    if (c.wants_frame || c.wants_window) {
        reply->mr[1] = park(&c);
        return reply->mr[1] != OK;
    }
    if (reply->typed_words > 0 && !kernel_memory_for_reply()) {
        (void)kernel_memory_relieve(); /* what it cannot map fails the caller's IPC */
    }
    return !c.parked;
}

/* The kernel, in the name of a thread, has no memory to restore its space, which was stripped.
 * That is a call for some, but for a task that is out it is not made before that comes in.  The
 * thread tries again, whatever the answer. */
__attribute__((cold)) static bool on_shortage(struct task *t, const struct message *in, struct message *reply)
{
    struct message call;
    call.from = call.actual = in->from;
    call.label = PHYSMEM_KERNEL_MEMORY;
    call.words = 1;
    call.typed_words = 0;
    call.mr[1] = t ? t->id : 0;
    if (t && !admission_ask(t) && waiting_call_park_until_in(t, &call)) {
        return false;
    }
    return on_call(t, &call, reply);
}

void dispatch_init(void)
{
    waiting_call_init(make_waiting_call);
}

static bool is_kernel_fault(const struct message *in)
{
    return !in->propagated &&
           ((in->label & 0xfff0) == L4_LABEL_PAGE_FAULT || (in->label & 0xfff0) == L4_LABEL_IO_FAULT);
}

/* Only forwards come in another's name, and only from threads of the same task. */
static bool is_forward(const struct task *t, const struct message *in)
{
    return in->propagated && in->label == PHYSMEM_FORWARD && t && L4_Version(in->actual) == t->id;
}

static struct task *served; /* whose message this event is about, or NULL */

/* Whatever the thread had parked is over: it has sent again, or somebody in its name.  The note of
 * its last fault is out of date when there is a new one. */
static bool handle_message(const struct message *in, struct message *reply)
{
    struct task *t = task_find(L4_Version(in->from));
    served = t;
    if (in->propagated) {
        waiting_call_send_back(in->from);
    }
    transfer_supersede(in->from);
    notice_supersede(in->from);
    set_aside_open(segment_map_set_aside_for(t));
    if (is_forward(t, in)) {
        fault_forget_thread(t, in->from);
        return on_forward(t, in, reply);
    }
    if (is_kernel_fault(in)) {
        fault_forget_thread(t, in->from);
        return on_kernel_fault(t, in, reply);
    }
    fault_supersede(in->from);
    if (in->propagated || in->label == PHYSMEM_FORWARD) { /* a stranger's, or its thread has died */
        counters.dropped++;
        return false;
    }
    if (in->label == (L4_LABEL_STOPPED | STOPPED_NO_MEMORY)) {
        return on_shortage(t, in, reply);
    }
    return on_call(t, in, reply);
}

/* Nothing has happened since the reply was made.  A call comes again, and finds more room. */
__attribute__((cold)) static void on_failure(const struct message *reply, enum reply_result why)
{
    set_aside_open(segment_map_set_aside_for(served));
    if (reply->label == PHYSMEM_ANSWER) {
        fault_answer_failed(why);
    } else if (why == REPLY_NO_MEMORY) {
        (void)mappings_make_room(served);
    }
    set_aside_open(false);
}

bool dispatch(const struct message *in, struct message *reply)
{
    event_start();
    bool answer = handle_message(in, reply);
    set_aside_open(false);
    if (answer && reply->typed_words > 0) {
        if (!event_has_work()) {
            return true;
        }
        /* What follows may take the frames away again, and the faulter need not wait for it. */
        enum reply_result r = platform_reply(in->from, reply);
        if (r != REPLY_DONE) {
            on_failure(reply, r);
        }
        answer = false;
    }
    event_settle();
    return answer;
}

void dispatch_failure(const struct message *reply, enum reply_result why)
{
    event_start();
    on_failure(reply, why);
    event_settle();
}

void dispatch_tick(void)
{
    event_start();
    progress_made();
    event_settle();
}
