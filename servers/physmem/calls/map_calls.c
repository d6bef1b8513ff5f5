/* SPDX-License-Identifier: BSD-2-Clause */
/* What segmap says (lib/protocol/segmap.h), and that it is segmap. */
#include "calls/dispatch.h"

#include "contents/handle.h"
#include "ground/least.h"
#include "protocol/segmap.h"
#include "room/contract.h"
#include "serving/segment_map.h"
#include "tasks/task.h"

/* The task has the map mapped, and loses it when it goes out or ends. */
static enum error give_map(struct task *t, struct container *map, struct task *payer)
{
    handle_t number;
    struct handle *h;
    enum error e = handle_create(t, map, RIGHT_READ | RIGHT_WRITE, payer, &number);
    if (e == OK) {
        e = handle_find(t, number, 0, &h);
    }
    if (e == OK) {
        handle_use(h);
    }
    return e;
}

enum error call_set_segmap(struct call *c)
{
    struct handle *h;
    struct task *t = task_find(c->in->mr[1]);
    if (c->in->mr[1] == 0) {
        return segment_map_set(NULL, NULL);
    }
    if (!t || t->ending) {
        return ERR_NO_TASK;
    }
    enum error e = handle_find(c->task, c->in->mr[2], RIGHT_OWNER, &h);
    if (e != OK) {
        return e;
    }
    uint32_t pages = container_size(h->container);
    uint32_t most = least(contract_map_pages(), SEGMAP_PAGES_MAX);
    if (h->container->owner != c->task || pages < SEGMAP_PAGES_LEAST || pages > most) {
        return ERR_ARGUMENT;
    }
    e = segment_map_set(t, h->container);
    return e == OK ? give_map(t, h->container, c->task) : e;
}

enum error call_segmap_open(struct call *c)
{
    L4_Word_t address, pages;
    segment_map_open(&address, &pages);
    call_result(c, address);
    call_result(c, pages);
    return OK;
}

enum error call_segmap_pull(struct call *c)
{
    enum error e = segment_map_pull(c->in);
    c->parked = e == OK;
    return e;
}
