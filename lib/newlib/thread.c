/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads, and newlib's state for each of them (pilotfish/thread.h). */
#include "pilotfish/thread.h"

#include <reent.h>
#include <stdlib.h>
#include <string.h>

#include "base/assertion.h"
#include "client/physmem.h"
#include "client/task.h"
#include "pager/pager.h"
#include "port.h"

struct _reent *__getreent(void);

static struct thread *self(void)
{
    return (struct thread *)L4_Tcr(UTCB_USER_HANDLE);
}

struct _reent *__getreent(void)
{
    struct thread *t = self();
    return t ? t->reent : _GLOBAL_REENT;
}

/* ---- stacks, each with a guard page below: a region, or pages of the designated container ---- */

static enum error stack_alloc(uint32_t bytes, void **stack)
{
    if (port_has_pager()) {
        return pager_map_stack(bytes, stack);
    }
    uint32_t guard = port_dc_alloc((bytes >> PAGE_SHIFT) + 1);
    if (guard == 0) {
        return ERR_NO_MEMORY;
    }
    (void)physmem_punch(HANDLE_DC, guard >> PAGE_SHIFT, 1);
    *stack = (char *)guard + PAGE_SIZE;
    return OK;
}

static void stack_free(void *stack, uint32_t bytes)
{
    if (port_has_pager()) {
        (void)pager_unmap((char *)stack - PAGE_SIZE, bytes + PAGE_SIZE);
    } else {
        port_dc_free((uint32_t)stack - PAGE_SIZE, (bytes >> PAGE_SHIFT) + 1);
    }
}

/* ---- life of a thread ---- */

static void thread_main(void)
{
    struct thread *t = self();
    L4_Set_ExceptionHandler(port_has_pager() ? pager_thread() : port_startup->task_server);
    t->entry(t->argument);
    thread_exit();
}

/* The thread's struct lies at the top of its stack, and below it a 0 as return address of
 * thread_main, which does not return. */
static enum error run(struct thread *t)
{
    L4_Word_t *sp = (L4_Word_t *)((L4_Word_t)t & ~(L4_Word_t)15) - 4;
    *--sp = 0;
    struct l4_registers r = {.control = L4_EXREGS_START | L4_EXREGS_USER_HANDLE,
                             .sp = (L4_Word_t)sp,
                             .ip = (L4_Word_t)thread_main,
                             .user_handle = (L4_Word_t)t};
    return L4_IsNilThread(L4_ExchangeRegisters(t->id, &r)) ? ERR_NO_THREAD : OK;
}

static enum error create(struct thread *t)
{
    /* A pager knows the stack itself; without one, the task server reports its overflow. */
    uint32_t told_pages = port_has_pager() ? 0 : t->stack_bytes >> PAGE_SHIFT;
    const void *told = told_pages ? t->stack : NULL;
    enum error e = task_thread_create_on(pager_thread(), told, told_pages, &t->id, &t->local);
    if (e == OK && port_has_pager()) {
        e = pager_add_thread(t->local, t->id);
    }
    if (e == OK) {
        e = run(t);
    }
    return e;
}

/* The thread is deleted first; physmem and the pager hear of it before its id can be given to
 * another one. */
static void destroy(struct thread *t)
{
    void *stack = t->stack;
    uint32_t bytes = t->stack_bytes;
    if (!L4_IsNilThread(t->id)) {
        (void)task_thread_delete(t->id);
        (void)physmem_forget_thread(t->id);
        if (port_has_pager()) {
            (void)pager_remove_thread(t->local, t->id);
        }
    }
    stack_free(stack, bytes);
}

enum error thread_start(void (*entry)(void *), void *argument, unsigned stack_pages, struct thread **thread)
{
    uint32_t bytes = stack_pages * PAGE_SIZE;
    void *stack;
    if (stack_pages == 0 || stack_pages > 0x10000 || !entry) {
        return ERR_ARGUMENT;
    }
    enum error e = stack_alloc(bytes, &stack);
    if (e != OK) {
        return e;
    }
    struct thread *t = (struct thread *)((char *)stack + bytes) - 1;
    ASSERT((char *)t > (char *)stack && (uint32_t)stack % PAGE_SIZE == 0);
    *t = (struct thread){.entry = entry, .argument = argument, .stack = stack, .stack_bytes = bytes};
    t->reent = &t->own_reent;
    _REENT_INIT_PTR(t->reent);
    e = create(t);
    if (e != OK) {
        destroy(t);
        return e;
    }
    if (thread) {
        *thread = t;
    }
    return OK;
}

/* A thread cannot delete itself: it says that it is done and waits to be deleted.  Either it sees
 * the joiner's id, or the joiner, who writes first and then looks, sees done. */
void thread_exit(void)
{
    struct thread *t = self();
    if (!t) {
        exit(0);
    }
    ASSERT(!t->done);
    _reclaim_reent(t->reent);
    t->done = 1;
    __sync_synchronize();
    if (t->joiner) {
        (void)L4_Send((L4_ThreadId_t){t->joiner}, L4_MsgTag(0, 0, 0));
    }
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

enum error thread_join(struct thread *t)
{
    if (t == self() || t->joiner) {
        return ERR_ARGUMENT;
    }
    t->joiner = L4_Myself().raw;
    __sync_synchronize();
    if (!t->done) {
        (void)L4_Receive_Timeout(t->id, L4_Never);
    }
    destroy(t);
    return OK;
}

L4_ThreadId_t thread_id(const struct thread *t)
{
    return t ? t->id : L4_Myself();
}
