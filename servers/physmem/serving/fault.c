/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/fault.h"

#include "contents/container.h"
#include "contents/page.h"
#include "ground/budget.h"
#include "ground/counters.h"
#include "base/assertion.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "protocol/physmem.h"
#include "room/frame.h"
#include "room/set_aside.h"
#include "serving/mappings.h"
#include "serving/outswap.h"
#include "serving/parking.h"
#include "serving/provide.h"
#include "serving/refusal.h"
#include "serving/rounds.h"
#include "swap/driver.h"
#include "tasks/task.h"

static enum reply_result send_answer(const struct fault_record *record, struct page *p)
{
    struct message m;
    m.label = PHYSMEM_ANSWER;
    m.words = 0;
    m.typed_words = 2;
    m.mr[1] = (record->address & ~(L4_Word_t)(PAGE_SIZE - 1)) | L4_ITEM_MAP;
    m.mr[2] = page_map_item(record->task, p, record->rights);
    return platform_reply(record->id, &m);
}

static enum error answer(const struct fault_record *record, struct page *p)
{
    ASSERT(record->task->state == TASK_MEMORY_IN);
    record->task->faults++;
    record->task->faults_dc += record->last_resort;
    enum reply_result r = send_answer(record, p);
    rounds_answered(record);
    counters.dropped += r == REPLY_GONE;
    if (r == REPLY_REFUSED) {
        return ERR_NOT_ACCEPTED; /* no fault: whoever has one accepts all pages */
    }
    if (r != REPLY_NO_MEMORY) {
        return OK;
    }
    page_unmap(p); /* so that only what is really mapped counts as that */
    if (mappings_make_room(record->task) == ERR_KERNEL_MEMORY) {
        return ERR_KERNEL_MEMORY;
    }
    fault_answer_empty(record->id); /* it faults again */
    return OK;
}

/* Goes as far as it can with the fault: PROVIDE_DONE means answered.  If it has to wait, *waits
 * says for what. */
static enum provided attempt(struct fault_record *record, enum fault_wait *waits, enum error *why)
{
    struct page *p = NULL;
    budget_spend(BUDGET_FAULT);
    ASSERT(record->container && record->page < record->container->size_pages);
    if (record->task->state == TASK_MEMORY_OUT && !record->task->hold) {
        outswap_wake(record->task);
    }
    if (record->container->ending) {
        *why = ERR_DEAD;
        return PROVIDE_REFUSED;
    }
    if (record->task->state != TASK_MEMORY_IN) {
        *waits = WAIT_TASK;
        return PROVIDE_WAIT_FRAME;
    }
    enum provided b =
        page_provide(record->container, record->page, (record->access & L4_Writable) != 0, &p, why);
    if (b == PROVIDE_DONE) {
        *why = answer(record, p);
        return *why == OK ? PROVIDE_DONE : PROVIDE_REFUSED;
    }
    switch (b) {
    case PROVIDE_WAIT_DISK:
        *waits = WAIT_DISK;
        break;
    case PROVIDE_WAIT_SWAP:
        *waits = WAIT_SWAP;
        break;
    case PROVIDE_WAIT_FRAME:
    case PROVIDE_REFUSED:
    case PROVIDE_DONE:
        *waits = WAIT_FRAME;
        break;
    }
    return b;
}

/* What is set aside is for these, also when their faults had to wait. */
static bool brings_swap(const struct task *t)
{
    return t->id == TASK_ID_SYSTEM || driver_is(t);
}

/* Serves a parked fault as far as it goes now.  The record may be gone afterwards.  False: it still
 * waits for a frame. */
static bool go_on(struct fault_record *record)
{
    enum error why = OK;
    enum fault_wait waits = WAIT_NOTHING;
    ASSERT(record->waits == WAIT_READY || record->waits == WAIT_FRAME);
    switch (attempt(record, &waits, &why)) {
    case PROVIDE_DONE:
        fault_unpark(record);
        fault_record_trim(record);
        return true;
    case PROVIDE_REFUSED:
        fault_refuse(record, why);
        return true;
    case PROVIDE_WAIT_DISK:
    case PROVIDE_WAIT_FRAME:
    case PROVIDE_WAIT_SWAP:
        break;
    }
    if (waits == WAIT_FRAME && record->waits == WAIT_FRAME) {
        return false; /* it stays where it is: the first */
    }
    fault_wait(record, waits);
    return waits != WAIT_FRAME;
}

static bool serve(struct fault_record *record)
{
    set_aside_open(brings_swap(record->task));
    bool done = go_on(record);
    set_aside_open(false);
    return done;
}

/* The fault has to wait and gets a record.  Without memory for one it is answered empty, and comes
 * again until it need not wait, or there is a record. */
static void park_new(const struct fault_record *fault)
{
    struct fault_record *record;
    enum error e = fault_record_get(fault->task, fault->id, &record);
    ASSERT(fault->waits != WAIT_NOTHING && fault->waits != WAIT_END);
    if (e == OK) {
        fault_park(record, fault);
    } else {
        fault_answer_empty(fault->id);
    }
}

/* If others wait for frames they come first, but for what is set aside for the present event. */
static bool must_queue(const struct fault_record *fault)
{
    return frame_waiters() > 0 && !set_aside_is_open() &&
           page_needs_frame(fault->container, fault->page, (fault->access & L4_Writable) != 0);
}

void fault_arrive(struct fault_record *fault)
{
    enum error why = ERR_DEAD;
    enum provided b = PROVIDE_REFUSED;
    counters.faults++;
    rounds_arrived(fault);
    fault->waits = WAIT_FRAME;
    if (fault->container) {
        b = must_queue(fault) ? PROVIDE_WAIT_FRAME : attempt(fault, &fault->waits, &why);
    }
    switch (b) {
    case PROVIDE_DONE:
        break;
    case PROVIDE_REFUSED:
        fault_refuse_new(fault, why);
        break;
    case PROVIDE_WAIT_DISK:
    case PROVIDE_WAIT_FRAME:
    case PROVIDE_WAIT_SWAP:
        park_new(fault);
        break;
    }
}

void fault_refuse_arrived(const struct fault_record *fault, enum error why)
{
    counters.faults++;
    fault_refuse_new(fault, why);
}

void fault_serve_all(void)
{
    struct fault_record *record;
    parking_collect();
    while (budget_left() && (record = parking_first_ready()) != NULL) {
        (void)serve(record);
    }
    while (budget_left() && (record = parking_first_for_frame()) != NULL && serve(record)) {
    }
    if (!budget_left() && (parking_first_ready() || parking_first_for_frame())) {
        progress_made();
    }
}

void fault_refuse_hopeless(void)
{
    struct fault_record *record = parking_first_for_frame();
    if (record) {
        fault_refuse(record, ERR_NO_ROOM);
        progress_made();
    }
}
