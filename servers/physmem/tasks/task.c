/* SPDX-License-Identifier: BSD-2-Clause */
#include "tasks/task.h"

#include "base/assertion.h"
#include "room/slab.h"

enum { HASH_SIZE = 64 };

struct list task_list;
static struct list hash[HASH_SIZE];
static struct slab tasks;

void task_init(void)
{
    slab_init(&tasks, sizeof(struct task));
    list_init(&task_list);
    for (int i = 0; i < HASH_SIZE; i++) {
        list_init(&hash[i]);
    }
}

enum error task_create(L4_Word_t id, struct task **result)
{
    void *object;
    enum error e = slab_alloc(&tasks, &object);
    if (e != OK) {
        return e;
    }
    struct task *t = object;
    ASSERT(id != 0 && !task_find(id));
    t->id = id;
    t->next_handle = HANDLE_DC + 1;
    list_init(&t->containers);
    list_init(&t->handles);
    list_init(&t->records);
    list_append(&task_list, &t->all);
    list_append(&hash[id % HASH_SIZE], &t->hash);
    *result = t;
    return OK;
}

void task_free(struct task *t)
{
    ASSERT(list_is_empty(&t->containers) && list_is_empty(&t->handles) && list_is_empty(&t->records));
    ASSERT(t->promised == 0);
    list_remove(&t->all);
    list_remove(&t->hash);
    slab_free(&tasks, t);
}

struct task *task_find(L4_Word_t id)
{
    struct list *head = &hash[id % HASH_SIZE];
    for (struct list *i = head->next; i != head; i = i->next) {
        struct task *t = LIST_ENTRY(i, struct task, hash);
        if (t->id == id) {
            return t;
        }
    }
    return NULL;
}

enum error task_quota_allows(const struct task *t, uint32_t extra)
{
    return t->quota != 0 && t->promised + extra > t->quota ? ERR_QUOTA : OK;
}
