/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps that make a task, in an order in which each can be undone. */
#include "create.h"

#include <stddef.h>

#include "base/assertion.h"
#include "client/physmem.h"
#include "client/rpc.h"
#include "request.h"
#include "thread.h"

enum error task_prepare(const struct create_request *request, struct task **made)
{
    ASSERT(request->priority >= 1);
    struct task *task;
    enum error e = task_alloc(request->parent, request->name, &task);
    if (e != OK) {
        return e;
    }
    ASSERT(task->threads == 0 && L4_IsNilThread(task->waiter));
    task->kind = (uint8_t)request->kind;
    task->priority = request->priority;
    e = thread_create_first(task, request->console);
    if (e != OK) {
        task_free(task);
        return e;
    }
    /* The container last: what has been made until here can be undone without it. */
    e = physmem_task_new(task->id, request->holder, request->container, request->quota);
    if (e != OK) {
        thread_stop_all(task);
        thread_free_all(task);
        task_free(task);
        return e;
    }
    thread_set_stack(task->first_thread, request->stack_start, request->stack_pages);
    ASSERT(task->threads == 1 && task_find(task->id) == task);
    *made = task;
    return OK;
}

void task_discard(struct task *task)
{
    ASSERT(task->state == TASK_RUNNING && L4_IsNilThread(task->waiter));
    thread_stop_all(task);
    (void)physmem_task_delete(task->id, NULL);
    thread_free_all(task);
    task_free(task);
}

enum error task_start(struct task *task, L4_Word_t ip, L4_Word_t sp)
{
    enum error e = thread_start_first(task, ip, sp);
    if (e != OK) {
        task_discard(task);
    }
    return e;
}

static bool address_is_good(L4_Word_t address)
{
    return address >= TASK_IMAGE_BASE && address < TASK_REGIONS_BASE;
}

enum error on_create(struct request *r)
{
    enum { CONTAINER, IP, SP, FLAGS, PRIORITY, QUOTA, NAME, STACK_PAGES = NAME + TASK_NAME_WORDS };
    uint8_t most = r->task->priority;
    if (!address_is_good(r->in[IP]) || !address_is_good(r->in[SP]) || r->in[FLAGS] != 0 ||
        r->in[PRIORITY] > most || r->in[STACK_PAGES] > r->in[SP] >> PAGE_SHIFT) {
        return ERR_ARGUMENT;
    }
    char name[TASK_NAME_BYTES + 1];
    rpc_unpack(name, r->in + NAME, TASK_NAME_WORDS);
    struct create_request request = {
        .name = name,
        .parent = r->task->id,
        .holder = r->task->id,
        .container = r->in[CONTAINER],
        .quota = r->in[QUOTA],
        .stack_start = r->in[SP] - (r->in[STACK_PAGES] << PAGE_SHIFT),
        .stack_pages = r->in[STACK_PAGES],
        .kind = KIND_CHILD,
        .priority = (uint8_t)r->in[PRIORITY],
    };
    if (request.priority == 0) {
        request.priority = most < PRIORITY_DEFAULT ? most : PRIORITY_DEFAULT;
    }
    struct task *task;
    enum error e = task_prepare(&request, &task);
    if (e != OK) {
        return e;
    }
    L4_ThreadId_t first = task->first_thread;
    L4_Word_t id = task->id;
    e = task_start(task, r->in[IP], r->in[SP]);
    r->out[0] = id;
    r->out[1] = first.raw;
    r->out_count = 2;
    return e;
}
