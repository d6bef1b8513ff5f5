/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/refusal.h"

#include "ground/counters.h"
#include "base/assertion.h"
#include "ground/platform.h"
#include "protocol/physmem.h"
#include "serving/parking.h"
#include "tasks/notice.h"
#include "tasks/presence.h"
#include "tasks/task.h"

void fault_answer_empty(L4_ThreadId_t id)
{
    static const struct message empty = {.label = PHYSMEM_ANSWER};
    if (platform_reply(id, &empty) == REPLY_GONE) {
        counters.dropped++;
    }
}

/* One note per thread; where there is no memory for it, at least one per task. */
static void keep_note(struct task *t, L4_ThreadId_t id, L4_Word_t address, enum error why)
{
    struct fault_record *record;
    if (fault_record_get(t, id, &record) == OK) {
        record->note = why;
        record->note_address = address;
    } else if (presence_make(&t->presence) == OK) {
        t->presence->spare_note = (struct spare_note){id.raw, address, why};
    }
}

void fault_forget_spare_note(struct task *t)
{
    t->presence->spare_note = (struct spare_note){0, 0, OK};
    task_trim_presence(t);
}

enum error fault_take_note(struct task *t, L4_ThreadId_t id, L4_Word_t *address)
{
    struct fault_record *record = fault_record_find(id);
    enum error note = OK;
    *address = 0;
    if (record && record->note != OK) {
        note = record->note;
        *address = record->note_address;
        record->note = OK;
        fault_record_trim(record);
    } else if (t->presence && t->presence->spare_note.thread == id.raw) {
        note = t->presence->spare_note.error;
        *address = t->presence->spare_note.address;
        fault_forget_spare_note(t);
    }
    return note;
}

void fault_refuse_new(const struct fault_record *fault, enum error why)
{
    struct fault_record *record;
    if (!fault->last_resort || !notice_broken(fault->task, fault->id, fault->address, why, fault->ip)) {
        keep_note(fault->task, fault->id, fault->address, why);
        fault_answer_empty(fault->id);
        return;
    }
    if (fault_record_get(fault->task, fault->id, &record) == OK) {
        struct fault_record end = *fault;
        end.waits = WAIT_END;
        end.container = NULL;
        fault_park(record, &end);
    }
}

void fault_refuse(struct fault_record *record, enum error why)
{
    ASSERT(record->waits != WAIT_NOTHING);
    if (record->last_resort && notice_broken(record->task, record->id, record->address, why, record->ip)) {
        fault_park_for_end(record);
        return;
    }
    fault_unpark(record);
    record->note = why;
    record->note_address = record->address;
    fault_answer_empty(record->id);
}
