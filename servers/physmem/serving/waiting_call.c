/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/waiting_call.h"

#include "base/assertion.h"
#include "ground/budget.h"
#include "ground/counters.h"
#include "ground/mem.h"
#include "protocol/physmem.h"
#include "serving/admission.h"
#include "serving/parking.h"
#include "swap/driver.h"
#include "swap/swap_area.h"
#include "swap/transfer.h"
#include "tasks/task.h"

enum { SERVER_WAITS_TICKS = 5000 }; /* of clock_now */

static waiting_call_maker make_call;
static struct message reply;

void waiting_call_init(waiting_call_maker maker)
{
    make_call = maker;
}

/* Frames come from the swap disk.  Neither its driver nor who would have to end and start that may
 * wait for it. */
static bool may_wait(const struct task *t)
{
    if (t->id == TASK_ID_SYSTEM) {
        return swap_area_ready() && transfer_age() < SERVER_WAITS_TICKS;
    }
    return !driver_is(t) && (swap_area_ready() || swap_area_awaited());
}

/* Who asks for kernel memory asks again: frames may come from others' ends, too. */
static enum error refusal(L4_Word_t label)
{
    return label == PHYSMEM_KERNEL_MEMORY ? ERR_BUSY : ERR_NO_MEMORY;
}

/* False: there is no memory for its record. */
static bool park(struct task *t, const struct message *in, enum fault_wait waits, const struct place *missed)
{
    struct fault_record *record;
    ASSERT(in->words <= CALL_WORDS_MAX);
    if (fault_record_get(t, in->from, &record) != OK) {
        return false;
    }
    record->note = OK; /* about a fault long before */
    call_park(record, waits, missed, in->label, &in->mr[1], in->words);
    return true;
}

enum error waiting_call_park(struct task *t, const struct message *in)
{
    if (!may_wait(t)) {
        return refusal(in->label);
    }
    if (!park(t, in, WAIT_FRAME, NULL)) {
        return t->id == TASK_ID_SYSTEM ? refusal(in->label) /* others wait for it */ : ERR_BUSY;
    }
    return OK;
}

enum error waiting_call_park_for_window(struct task *t, const struct message *in, const struct place *missed)
{
    return park(t, in, WAIT_WINDOW, missed) ? OK : ERR_BUSY;
}

bool waiting_call_park_until_in(struct task *t, const struct message *in)
{
    ASSERT(t->state != TASK_MEMORY_IN);
    return park(t, in, WAIT_TASK, NULL);
}

/* With the reply that has been made. */
static void answer(struct fault_record *record)
{
    L4_ThreadId_t id = record->id;
    fault_unpark(record);
    fault_record_trim(record);
    counters.dropped += platform_reply(id, &reply) != REPLY_DONE;
}

bool waiting_call_try(struct fault_record *record)
{
    struct message in;
    struct place missed;
    if (!may_wait(record->task)) {
        waiting_call_refuse(record);
        return true;
    }
    budget_spend(BUDGET_FAULT);
    if (record->waits == WAIT_READY && !admission_ask(record->task)) {
        fault_wait(record, WAIT_TASK);
        return true;
    }
    in.from = in.actual = record->id;
    in.label = record->call;
    memcpy(&in.mr[1], record->words, sizeof record->words);
    switch (make_call(record->task, &in, &reply, &missed)) {
    case WAIT_FRAME: {
        bool first = record->waits == WAIT_FRAME; /* else it joins those who wait for one */
        if (!first) {
            fault_wait(record, WAIT_FRAME);
        }
        return !first;
    }
    case WAIT_WINDOW:
        call_wait_for_window(record, &missed);
        return true;
    default:
        answer(record);
        return true;
    }
}

void waiting_call_refuse_with(struct fault_record *record, enum error e)
{
    ASSERT(record->call != 0);
    reply.label = PHYSMEM_REPLY;
    reply.words = 1;
    reply.typed_words = 0;
    reply.mr[1] = e;
    answer(record);
}

void waiting_call_refuse(struct fault_record *record)
{
    waiting_call_refuse_with(record, refusal(record->call));
}

void waiting_call_send_back(L4_ThreadId_t id)
{
    struct fault_record *record = parking_count() > 0 ? fault_record_find(id) : NULL;
    if (record && record->call != 0) {
        waiting_call_refuse_with(record, ERR_BUSY);
    }
}

void waiting_calls_refuse_server(void)
{
    for (struct list *i = parked_faults.next, *next; i != &parked_faults; i = next) {
        struct fault_record *record = parked_fault(i);
        next = i->next;
        if (record->waits == WAIT_WINDOW && record->call != 0 && record->task->id == TASK_ID_SYSTEM) {
            waiting_call_refuse_with(record, ERR_NO_MEMORY);
        }
    }
}
