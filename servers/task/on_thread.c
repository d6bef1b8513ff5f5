/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests about threads, interrupts and wired memory. */
#include "base/assertion.h"
#include "client/physmem.h"
#include "death.h"
#include "name.h"
#include "request.h"
#include "thread.h"

enum error on_thread_create(struct request *r)
{
    L4_ThreadId_t pager = {r->in[0]};
    L4_Word_t stack = r->in[1], stack_pages = r->in[2];
    if (stack >= TASK_REGIONS_BASE || stack_pages > (TASK_REGIONS_BASE - stack) >> PAGE_SHIFT) {
        return ERR_ARGUMENT;
    }
    if (L4_IsNilThread(pager)) {
        pager = PHYSMEM_THREAD;
    }
    if (!L4_IsThreadEqual(pager, PHYSMEM_THREAD) && !thread_belongs(pager, r->task)) {
        return ERR_NO_THREAD;
    }
    L4_ThreadId_t id = L4_nilthread, local = L4_nilthread;
    enum error e = thread_create(r->task, r->sender, pager, &id, &local);
    if (e == OK) {
        thread_set_stack(id, stack, stack_pages);
    }
    r->out[0] = id.raw;
    r->out[1] = local.raw;
    r->out_count = 2;
    return e;
}

enum error on_thread_delete(struct request *r)
{
    L4_ThreadId_t id = {r->in[0]};
    if (L4_IsThreadEqual(id, r->sender)) {
        return ERR_SELF;
    }
    if (!thread_belongs(id, r->task)) {
        return ERR_NO_THREAD;
    }
    /* The id may be used again only when nobody keeps anything for it. */
    thread_stop(id);
    (void)physmem_forget_thread(id);
    wait_cancel(id);
    name_forget_thread(id);
    thread_free(id);
    ASSERT(r->task->threads > 0); /* the sender is left */
    return OK;
}

static bool serves_devices(const struct task *task)
{
    return task->kind == KIND_DRIVER || task->kind == KIND_SERVER;
}

enum error on_phys_addr(struct request *r)
{
    if (!serves_devices(r->task)) {
        return ERR_PERMISSION;
    }
    r->out_count = 1;
    return physmem_phys_addr(r->task->id, r->in[0], r->out);
}

enum error on_interrupt(struct request *r)
{
    if (!serves_devices(r->task)) {
        return ERR_PERMISSION;
    }
    return interrupt_attach(r->task, r->in[0], (L4_ThreadId_t){r->in[1]});
}
