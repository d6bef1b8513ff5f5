/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults, which come from the kernel in the name of a thread or are forwarded by its pager, and
 * what a pager asks and says about the faults of its own task. */
#include "calls/dispatch.h"

#include "contents/container.h"
#include "contents/handle.h"
#include "ground/counters.h"
#include "ground/platform.h"
#include "protocol/physmem.h"
#include "serving/fault.h"
#include "serving/forget.h"
#include "serving/refusal.h"
#include "serving/rounds.h"
#include "serving/segment_map.h"
#include "swap/transfer.h"
#include "tasks/fault_record.h"
#include "tasks/notice.h"
#include "tasks/task.h"

/* Where a task can have pages at all: above its first page, KIP and UTCBs, below its last
 * region. */
static bool is_user_address(L4_Word_t address)
{
    return address >= PAGE_SIZE && address < TASK_REGIONS_END;
}

/* Are the rights enough for the access?  A read fault needs no more than some way to read: the
 * processor does not tell reading from executing. */
static bool is_allowed(L4_Word_t access, L4_Word_t rights)
{
    bool write = (access & L4_Writable) != 0;
    return write ? (rights & L4_Writable) != 0 : (rights & L4_ReadeXecOnly) != 0;
}

/* The fault of the present event, and until its answer has been sent. */
static struct fault_record fault;

/* Sets all that is said of a fault; the rest of the record stays unused. */
static void begin(struct task *t, const struct message *in, bool last_resort)
{
    t->thread = in->actual;
    fault.task = t;
    fault.id = in->from;
    fault.waits = WAIT_FRAME;
    fault.last_resort = last_resort;
    fault.container = NULL;
    fault.page = 0;
    fault.address = in->words >= 1 ? in->mr[1] : 0;
    fault.ip = 0;
    fault.access = fault.rights = 0;
    fault.round = fault.below = 0;
}

bool on_kernel_fault(struct task *t, const struct message *in, struct message *reply)
{
    struct place map;
    if (!t || in->words != 2 || in->typed_words != 0) {
        counters.dropped++;
        return false;
    }
    begin(t, in, true);
    fault.ip = in->mr[2];
    fault.container = t->dc;
    fault.page = fault.address >> PAGE_SHIFT;
    fault.access = in->label & 0xf;
    fault.rights = L4_FullyAccessible;
    if ((in->label & 0xfff0) == L4_LABEL_IO_FAULT) { /* ports are had from the task server */
        fault.address = L4_IoFpagePort((L4_Fpage_t){in->mr[1]});
        fault_refuse_arrived(&fault, ERR_PERMISSION);
        return false;
    }
    if (segment_map_is(t) && segment_map_place(fault.address, &map)) {
        fault.container = map.container;
        fault.page = map.page;
        return fault_arrive(&fault, reply);
    }
    if (!is_user_address(fault.address) || (t->dc && fault.page >= container_size(t->dc))) {
        fault_refuse_arrived(&fault, ERR_RANGE);
        return false;
    }
    return fault_arrive(&fault, reply);
}

static enum error decode_forward(struct task *t, const struct message *in)
{
    struct handle *h;
    begin(t, in, false);
    if (in->words != 4 || in->typed_words != 0) {
        return ERR_ARGUMENT;
    }
    fault.page = in->mr[3];
    enum error e = handle_find(t, in->mr[2], 0, &h);
    if (e != OK) {
        return e;
    }
    handle_use(h);
    fault.container = h->container;
    fault.access = in->mr[4] & 7;
    fault.rights = (in->mr[4] >> 4) & h->rights & L4_FullyAccessible;
    if (!is_user_address(fault.address) || fault.page >= container_size(h->container)) {
        return ERR_RANGE;
    }
    return is_allowed(fault.access, fault.rights) ? OK : ERR_RIGHTS;
}

bool on_forward(struct task *t, const struct message *in, struct message *reply)
{
    enum error e = decode_forward(t, in);
    fault.below = rounds_below(t, in->actual);
    if (e != OK) {
        fault_refuse_arrived(&fault, e);
        return false;
    }
    return fault_arrive(&fault, reply);
}

enum error call_ask(struct call *c)
{
    L4_ThreadId_t id = {c->in->mr[1]};
    if (L4_Version(id) != c->task->id) {
        return ERR_PERMISSION;
    }
    L4_Word_t address;
    call_result(c, fault_take_note(c->task, id, &address));
    call_result(c, address);
    return OK;
}

enum error call_forget_range(struct call *c)
{
    call_result(c, fault_forget_range(c->task, c->in->mr[1], c->in->mr[2]));
    return OK;
}

enum error call_forget_thread(struct call *c)
{
    L4_ThreadId_t id = {c->in->mr[1]};
    if (c->task->id != TASK_ID_SYSTEM && L4_Version(id) != c->task->id) {
        return ERR_PERMISSION;
    }
    fault_forget_thread(task_find(L4_Version(id)), id);
    transfer_supersede(id);
    notice_supersede(id);
    return OK;
}
