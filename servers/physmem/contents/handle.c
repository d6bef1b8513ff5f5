/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/handle.h"

#include "base/assertion.h"
#include "ground/budget.h"
#include "room/slab.h"
#include "tasks/presence.h"
#include "tasks/task.h"

enum { HASH_SIZE = 256 };

static struct handle *hash[HASH_SIZE];
static struct slab handles;

void handle_init(void)
{
    slab_init(&handles, sizeof(struct handle));
    for (int i = 0; i < HASH_SIZE; i++) {
        hash[i] = NULL;
    }
}

static struct handle **chain_of(const struct task *t, handle_t number)
{
    return &hash[(t->id * 31 + number) % HASH_SIZE];
}

static enum error create(struct task *t, struct container *c, L4_Word_t rights, handle_t number,
                         struct task *payer)
{
    void *object;
    enum error e = slab_alloc(&handles, &object);
    if (e != OK) {
        return e;
    }
    struct handle *h = object;
    ASSERT(number != 0 && (rights & ~(L4_Word_t)RIGHT_ALL) == 0);
    h->task = t;
    h->payer = payer;
    h->container = c;
    h->number = number;
    h->rights = (uint8_t)rights;
    h->hash = *chain_of(t, number);
    *chain_of(t, number) = h;
    list_append(&t->handles, &h->of_task);
    list_append(&c->handles, &h->of_container);
    list_append(&payer->paid, &h->of_payer);
    payer->paid_count++;
    task_charge_record(payer, sizeof *h);
    return OK;
}

enum error handle_create(struct task *t, struct container *c, L4_Word_t rights, struct task *payer,
                         handle_t *number)
{
    if (t->next_handle == 0) { /* 2^32 handles made: none is used twice */
        return ERR_NO_MEMORY;
    }
    if (payer->paid_count >= HANDLES_PAID_MAX) {
        return ERR_QUOTA;
    }
    enum error e = task_record_allowed(payer, sizeof(struct handle));
    if (e == OK) {
        e = create(t, c, rights, t->next_handle, payer);
    }
    if (e == OK) {
        *number = t->next_handle++;
    }
    return e;
}

enum error handle_create_designated(struct task *t, struct container *c)
{
    return create(t, c, RIGHT_ALL, HANDLE_DC, t);
}

enum error handle_find(const struct task *t, handle_t number, L4_Word_t rights, struct handle **result)
{
    for (struct handle *h = *chain_of(t, number); h; h = h->hash) {
        if (h->task == t && h->number == number) {
            *result = h;
            if (!h->container || h->container->ending || h->closing) {
                return ERR_DEAD;
            }
            return (h->rights & rights) == rights ? OK : ERR_RIGHTS;
        }
    }
    return ERR_NO_HANDLE;
}

void handle_use(struct handle *h)
{
    if (h->used) {
        return; /* if the owner has changed since, container_move has seen to it */
    }
    h->used = true;
    h->container->used = true;
    h->container->foreign = h->container->foreign || h->task != h->container->owner;
}

static void walk_to(struct task *t, struct list *i)
{
    struct handle *h = i == &t->handles ? NULL : LIST_ENTRY(i, struct handle, of_task);
    t->presence->foreign = (struct handle_walk){h, 0};
}

void handle_walk_start(struct task *t)
{
    walk_to(t, t->handles.next);
}

void handle_walk_on(struct task *t)
{
    walk_to(t, t->presence->foreign.handle->of_task.next);
}

void handle_free(struct handle *h)
{
    ASSERT(!list_is_empty(&h->of_task));
    if (h->task->presence && h->task->presence->foreign.handle == h) {
        handle_walk_on(h->task);
    }
    struct handle **link = chain_of(h->task, h->number);
    while (*link != h) {
        link = &(*link)->hash;
    }
    *link = h->hash;
    list_remove(&h->of_task);
    list_remove(&h->of_container);
    list_remove(&h->of_payer);
    ASSERT(h->payer->paid_count > 0);
    h->payer->paid_count--;
    task_refund_record(h->payer, sizeof *h);
    slab_free(&handles, h);
}

static void kill(struct handle *h)
{
    h->container = NULL;
    list_remove(&h->of_container);
}

bool handle_kill_some(struct container *c, struct handle *last)
{
    ASSERT(c->ending && (!last || last->container == c));
    if (last) {
        list_remove(&last->of_container);
        list_append(&c->handles, &last->of_container);
    }
    while (!list_is_empty(&c->handles) && budget_left()) {
        kill(LIST_ENTRY(c->handles.next, struct handle, of_container));
        budget_spend(1);
    }
    return list_is_empty(&c->handles);
}
