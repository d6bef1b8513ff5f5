/* SPDX-License-Identifier: BSD-2-Clause */
#include "thread.h"

#include "invariant.h"
#include "memory.h"
#include "protocol/ids.h"
#include "task.h"

enum { HASH_SIZE = 128 };

static struct list hash[HASH_SIZE];
static struct slab threads;

void thread_init(void)
{
    slab_init(&threads, sizeof(struct thread));
    for (int i = 0; i < HASH_SIZE; i++) {
        list_init(&hash[i]);
    }
}

enum error thread_reserve(void)
{
    return slab_reserve(&threads, THREAD_FRAMES_KEPT);
}

static struct list *bucket(L4_ThreadId_t id)
{
    return &hash[L4_ThreadNo(id) % HASH_SIZE];
}

struct thread *thread_find(L4_ThreadId_t id)
{
    struct list *head = bucket(id);
    for (struct list *i = head->next; i != head; i = i->next) {
        struct thread *th = LIST_ENTRY(i, struct thread, hash);
        if (L4_IsThreadEqual(th->id, id)) {
            return th;
        }
    }
    return NULL;
}

enum error thread_get(struct task *t, L4_ThreadId_t id, struct thread **result)
{
    *result = thread_find(id);
    if (*result) {
        return OK;
    }
    if (t->thread_count >= THREAD_RECORDS_MAX) {
        return ERR_NO_MEMORY;
    }
    void *object;
    enum error e = slab_alloc(&threads, &object);
    if (e != OK) {
        return e;
    }
    struct thread *th = object;
    th->task = t;
    th->id = id;
    list_init(&th->parked);
    list_append(bucket(id), &th->hash);
    list_append(&t->threads, &th->of_task);
    t->thread_count++;
    *result = th;
    return OK;
}

void thread_free(struct thread *th)
{
    INVARIANT(th->task->thread_count > 0);
    list_remove(&th->hash);
    list_remove(&th->of_task);
    list_remove(&th->parked);
    th->task->thread_count--;
    slab_free(&threads, th);
}

void thread_trim(struct thread *th)
{
    if (th->waits == WAIT_NOTHING && th->note == OK) {
        thread_free(th);
    }
}
