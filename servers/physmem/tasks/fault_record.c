/* SPDX-License-Identifier: BSD-2-Clause */
#include "tasks/fault_record.h"

#include "base/assertion.h"
#include "room/slab.h"
#include "protocol/ids.h"
#include "tasks/task.h"

enum { HASH_SIZE = 128 };

static struct list hash[HASH_SIZE];
static struct slab threads;

void fault_record_init(void)
{
    slab_init(&threads, sizeof(struct fault_record));
    for (int i = 0; i < HASH_SIZE; i++) {
        list_init(&hash[i]);
    }
}

enum error fault_record_reserve(void)
{
    return slab_reserve(&threads, RECORD_FRAMES_KEPT);
}

static struct list *bucket(L4_ThreadId_t id)
{
    return &hash[L4_ThreadNo(id) % HASH_SIZE];
}

struct fault_record *fault_record_find(L4_ThreadId_t id)
{
    struct list *head = bucket(id);
    for (struct list *i = head->next; i != head; i = i->next) {
        struct fault_record *record = LIST_ENTRY(i, struct fault_record, hash);
        if (L4_IsThreadEqual(record->id, id)) {
            return record;
        }
    }
    return NULL;
}

enum error fault_record_get(struct task *t, L4_ThreadId_t id, struct fault_record **result)
{
    *result = fault_record_find(id);
    if (*result) {
        return OK;
    }
    if (t->record_count >= RECORDS_MAX) {
        return ERR_NO_MEMORY;
    }
    void *object;
    enum error e = slab_alloc(&threads, &object);
    if (e != OK) {
        return e;
    }
    struct fault_record *record = object;
    ASSERT(L4_Version(id) == t->id);
    record->task = t;
    record->id = id;
    list_init(&record->parked);
    list_init(&record->queue);
    list_append(bucket(id), &record->hash);
    list_append(&t->records, &record->of_task);
    t->record_count++;
    *result = record;
    return OK;
}

void fault_record_free(struct fault_record *record)
{
    ASSERT(record->task->record_count > 0 && record->waits == WAIT_NOTHING);
    list_remove(&record->hash);
    list_remove(&record->of_task);
    list_remove(&record->parked);
    record->task->record_count--;
    slab_free(&threads, record);
}

void fault_record_trim(struct fault_record *record)
{
    if (record->waits == WAIT_NOTHING && record->note == OK) {
        fault_record_free(record);
    }
}
