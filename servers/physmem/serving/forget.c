/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/forget.h"

#include "base/assertion.h"
#include "contents/container.h"
#include "ground/budget.h"
#include "serving/parking.h"
#include "serving/refusal.h"
#include "tasks/presence.h"
#include "tasks/task.h"

void fault_supersede(L4_ThreadId_t id)
{
    struct fault_record *record = fault_record_find(id);
    if (record && record->waits != WAIT_NOTHING) {
        fault_unpark(record);
        fault_record_trim(record);
    }
}

void fault_forget_thread(struct task *t, L4_ThreadId_t id)
{
    struct fault_record *record = fault_record_find(id);
    if (t && t->presence && t->presence->spare_note.thread == id.raw) {
        fault_forget_spare_note(t);
    }
    if (!record) {
        return;
    }
    if (record->waits != WAIT_NOTHING) {
        fault_unpark(record);
    }
    ASSERT(record->waits == WAIT_NOTHING);
    fault_record_free(record);
}

/* Answers it empty, if it can be answered at all: the thread faults again. */
static bool send_back(struct fault_record *record)
{
    if (record->waits == WAIT_NOTHING || record->waits == WAIT_END) {
        return false;
    }
    fault_unpark(record);
    fault_answer_empty(record->id);
    fault_record_trim(record);
    return true;
}

uint32_t fault_forget_range(struct task *t, L4_Word_t start, L4_Word_t end)
{
    uint32_t count = 0;
    for (struct list *i = t->records.next, *next; i != &t->records; i = next) {
        next = i->next;
        struct fault_record *record = LIST_ENTRY(i, struct fault_record, of_task);
        if (record->call == 0 && record->address >= start && record->address < end) {
            count += send_back(record);
        }
    }
    return count;
}

bool fault_forget_container(struct task *t, const struct container *c)
{
    for (struct list *i = t->records.next, *next; i != &t->records; i = next) {
        next = i->next;
        struct fault_record *record = LIST_ENTRY(i, struct fault_record, of_task);
        if (record->container == c && !record->last_resort) {
            if (!budget_left()) {
                return false;
            }
            budget_spend(BUDGET_FAULT);
            (void)send_back(record);
        }
    }
    return true;
}

void fault_forget_task(struct task *t)
{
    while (!list_is_empty(&t->records)) {
        fault_forget_thread(t, LIST_ENTRY(t->records.next, struct fault_record, of_task)->id);
    }
}

bool fault_refuse_container(struct container *c, enum error why)
{
    for (struct list *i = parked_faults.next, *next; i != &parked_faults; i = next) {
        next = i->next;
        const struct fault_record *record = parked_fault(i);
        if (record->waits == WAIT_WINDOW && record->missed.container == c && record->call != 0) {
            parking_window_moved(&(struct place){c, record->missed.page});
        }
        if (record->container == c) {
            if (!budget_left()) {
                return false;
            }
            budget_spend(BUDGET_FAULT);
            fault_refuse(parked_fault(i), why);
        }
    }
    return true;
}
