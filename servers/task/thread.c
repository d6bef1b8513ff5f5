/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread's number is its place in one table of all tasks' threads; its UTCB slot is a bit in its
 * task's record.  A system call that fails for want of kernel memory is made again after physmem
 * has lent some. */
#include "thread.h"

#include <stddef.h>

#include "base/assertion.h"
#include "client/physmem.h"
#include "l4/kernel_memory.h"
#include "l4/syscalls.h"
#include "ports.h"
#include "table.h"

/* SPARE: kept for tasks of the system's own, and so that numbers come back late. */
enum { FIRST_NUMBER = USER_BASE + 8, LINES = 16, SPARE = 64 };
/* How often and at what distance physmem is asked for frames for the kernel: it may have none while
 * pages are being written. */
enum { LEND_TRIES = 100, LEND_PAUSE_US = 2000 };
/* Each task's bound of kernel memory is this part of all memory.  A task's mappings take 16 bytes a
 * page and 4 KiB for 4 MiB. */
enum { QUOTA_PART = 32, QUOTA_KIB_LEAST = 256 };

struct thread {
    uint16_t task; /* id; 0 if the number is free */
    uint16_t waits_for;
    uint16_t stack_page, stack_pages; /* first page and count; 0 pages if it is not known */
    uint32_t next : 24;               /* of its task: place in the table, and one more; 0: none */
    uint32_t slot : 8;
};
_Static_assert((TASK_REGIONS_BASE >> PAGE_SHIFT) <= UINT16_MAX + 1, "a page of a stack fits 16 bits");

static struct table table; /* place 0 has the number FIRST_NUMBER */
static L4_ThreadId_t line_handlers[LINES];
static L4_Word_t kernel_quota_kib;

void thread_table_init(char *pages, uint32_t pages_max, L4_Word_t frames)
{
    L4_Word_t numbers = (1u << (L4_KernelInterface()->thread_info & 0xff)) - FIRST_NUMBER;
    uint32_t most = numbers / (PAGE_SIZE / sizeof(struct thread));
    table_init(&table, pages, sizeof(struct thread), pages_max < most ? pages_max : most, SPARE);
    L4_Word_t kib = frames * (PAGE_SIZE / 1024) / QUOTA_PART;
    kernel_quota_kib = kib > QUOTA_KIB_LEAST ? kib : QUOTA_KIB_LEAST;
}

uint32_t thread_table_places(void)
{
    return table.places_max;
}

static L4_ThreadId_t id_of(const struct thread *t)
{
    return L4_GlobalId(FIRST_NUMBER + table_place(&table, t), t->task);
}

static struct thread *at_link(uint32_t link)
{
    return table_at(&table, link - 1);
}

static struct thread *thread_find(L4_ThreadId_t id)
{
    L4_Word_t no = L4_ThreadNo(id);
    struct thread *t = no >= FIRST_NUMBER ? table_at(&table, no - FIRST_NUMBER) : NULL;
    return t && t->task == L4_Version(id) ? t : NULL;
}

static enum error kernel_error(void)
{
    switch (L4_ErrorCode()) {
    case L4_ErrNoMem:
        return ERR_KERNEL_MEMORY;
    case L4_ErrInvalidThread:
        return ERR_NO_THREAD;
    default:
        return ERR_ARGUMENT;
    }
}

/* Returns true if the kernel was out of memory and physmem has lent it some, or has taken mappings
 * away: from the task with that id, if it is at its bound; 0 = a new one.  *tries counts down. */
static bool is_worth_a_retry(enum error e, L4_Word_t task, unsigned *tries)
{
    enum error lent = ERR_BUSY;
    if (e != ERR_KERNEL_MEMORY) {
        return false;
    }
    for (; *tries > 0 && lent == ERR_BUSY; --*tries) {
        lent = physmem_kernel_memory(task);
        if (lent == ERR_BUSY) {
            L4_Sleep(L4_TimePeriod(LEND_PAUSE_US));
        }
    }
    return lent == OK;
}

static enum error alloc(struct task *task, L4_ThreadId_t *id, L4_Word_t *utcb)
{
    void *record;
    uint32_t slot = bitmap_find_clear(task->utcb_slots, TASK_THREADS_MAX, 0);
    enum error e = slot != BITMAP_NONE ? task_thread_allowed(task) : ERR_QUOTA;
    e = e == OK ? table_take(&table, task->parent == TASK_ID_SYSTEM, &record) : e;
    if (e != OK) {
        return e;
    }
    ASSERT(task->threads < TASK_THREADS_MAX && !bitmap_test(task->utcb_slots, slot));
    bitmap_set(task->utcb_slots, slot);
    task_thread_added(task);
    struct thread *t = record;
    *t = (struct thread){.task = task->id, .next = task->thread_list & 0xffffff, .slot = slot & 0xff};
    task->thread_list = table_place(&table, t) + 1;
    *id = id_of(t);
    *utcb = TASK_UTCB_BASE + slot * UTCB_SIZE;
    return OK;
}

static bool has_interrupts(L4_ThreadId_t handler)
{
    for (L4_Word_t line = 0; line < LINES; line++) {
        if (L4_IsThreadEqual(line_handlers[line], handler)) {
            return true;
        }
    }
    return false;
}

void thread_free(L4_ThreadId_t id)
{
    struct thread *t = thread_find(id);
    struct task *task = task_find(L4_Version(id));
    ASSERT(t && task && task->threads > 0);
    ASSERT(bitmap_test(task->utcb_slots, t->slot));
    ASSERT(!has_interrupts(id));
    bitmap_clear(task->utcb_slots, t->slot);
    task_thread_removed(task);
    uint32_t link = table_place(&table, t) + 1;
    if (task->thread_list == link) {
        task->thread_list = t->next;
    } else {
        struct thread *before = at_link(task->thread_list);
        while (before->next != link) {
            before = at_link(before->next);
            ASSERT(before);
        }
        before->next = t->next;
    }
    table_give(&table, t);
}

static bool make_first(L4_ThreadId_t id, L4_Word_t utcb, uint8_t priority, bool console)
{
    L4_Word_t control = KERNEL_QUOTA | KERNEL_WATCH | kernel_quota_kib | (console ? KERNEL_CONSOLE : 0);
    L4_Fpage_t kip_area = L4_FpageLog2(TASK_KIP_BASE, PAGE_SHIFT);
    L4_Fpage_t utcb_area = L4_FpageLog2(TASK_UTCB_BASE, TASK_UTCB_LOG2);
    /* The thread becomes active with the task server as pager, for a thread is started by its
     * pager. */
    return L4_ThreadControl(id, id, TASK_SERVER_THREAD, L4_nilthread, ~0u) &&
           L4_SpaceControl(id, control, kip_area, utcb_area, L4_nilthread) &&
           L4_ThreadControl(id, id, L4_nilthread, TASK_SERVER_THREAD, utcb) && L4_Set_Priority(id, priority);
}

enum error thread_create_first(struct task *task, bool console)
{
    L4_ThreadId_t id;
    L4_Word_t utcb;
    unsigned tries = LEND_TRIES;
    ASSERT(task->state == TASK_RUNNING && task->threads == 0);
    enum error e = alloc(task, &id, &utcb);
    if (e != OK) {
        return e;
    }
    ASSERT(utcb == TASK_UTCB_BASE);
    while (!make_first(id, utcb, task->priority, console)) {
        e = kernel_error();
        thread_stop(id);
        if (!is_worth_a_retry(e, 0, &tries)) {
            thread_free(id);
            return e;
        }
    }
    task->first_thread = id;
    return OK;
}

enum error thread_start_first(const struct task *task, L4_Word_t ip, L4_Word_t sp)
{
    L4_ThreadId_t id = task->first_thread;
    ASSERT(thread_belongs(id, task));
    if (!L4_ThreadControl(id, id, L4_nilthread, PHYSMEM_THREAD, ~0u)) {
        return kernel_error();
    }
    L4_LoadMR(1, ip);
    L4_LoadMR(2, sp);
    return L4_IpcFailed(L4_Reply(id, L4_MsgTag(0, 2, 0))) ? ERR_IPC : OK;
}

enum error thread_create(struct task *task, L4_ThreadId_t sibling, L4_ThreadId_t pager, L4_ThreadId_t *id,
                         L4_ThreadId_t *local)
{
    L4_Word_t utcb;
    unsigned tries = LEND_TRIES;
    ASSERT(task->state == TASK_RUNNING && thread_belongs(sibling, task));
    enum error e = alloc(task, id, &utcb);
    if (e != OK) {
        return e;
    }
    while (!L4_ThreadControl(*id, sibling, TASK_SERVER_THREAD, pager, utcb)) {
        e = kernel_error();
        if (!is_worth_a_retry(e, task->id, &tries)) {
            thread_free(*id);
            return e;
        }
    }
    (void)L4_Set_Priority(*id, task->priority);
    local->raw = utcb + UTCB_MR0_OFFSET;
    return OK;
}

static void interrupts_detach(L4_ThreadId_t handler)
{
    for (L4_Word_t line = 0; line < LINES; line++) {
        if (L4_IsThreadEqual(line_handlers[line], handler)) {
            L4_ThreadId_t irq = L4_GlobalId(line, 1);
            (void)L4_ThreadControl(irq, irq, L4_nilthread, irq, ~0u);
            line_handlers[line] = L4_nilthread;
        }
    }
}

void thread_stop(L4_ThreadId_t id)
{
    interrupts_detach(id);
    (void)L4_ThreadControl(id, L4_nilthread, L4_nilthread, L4_nilthread, ~0u);
}

void thread_stop_all(const struct task *task)
{
    for (const struct thread *t = at_link(task->thread_list); t; t = at_link(t->next)) {
        thread_stop(id_of(t));
    }
    ports_forget(task);
}

void thread_free_all(struct task *task)
{
    while (task->thread_list != 0) {
        thread_free(id_of(at_link(task->thread_list)));
    }
    ASSERT(task->threads == 0);
}

bool thread_belongs(L4_ThreadId_t id, const struct task *task)
{
    return L4_Version(id) == task->id && thread_find(id);
}

void thread_set_stack(L4_ThreadId_t id, L4_Word_t start, L4_Word_t pages)
{
    struct thread *t = thread_find(id);
    ASSERT(t && start < TASK_REGIONS_BASE && pages <= (TASK_REGIONS_BASE - start) >> PAGE_SHIFT);
    t->stack_page = (uint16_t)(start >> PAGE_SHIFT);
    t->stack_pages = (uint16_t)pages;
}

L4_Word_t thread_stack_above(L4_ThreadId_t id, L4_Word_t address)
{
    const struct thread *t = thread_find(id);
    return t && t->stack_page == (address >> PAGE_SHIFT) + 1 ? t->stack_pages : 0;
}

L4_Word_t thread_waits_for(L4_ThreadId_t id)
{
    const struct thread *t = thread_find(id);
    ASSERT(t);
    return t->waits_for;
}

void thread_set_wait(L4_ThreadId_t id, L4_Word_t task)
{
    struct thread *t = thread_find(id);
    ASSERT(t && (task == 0 || t->waits_for == 0));
    t->waits_for = (uint16_t)task;
}

enum error interrupt_attach(const struct task *task, L4_Word_t line, L4_ThreadId_t handler)
{
    if (line >= LINES) {
        return ERR_ARGUMENT;
    }
    if (!thread_belongs(handler, task)) {
        return ERR_NO_THREAD;
    }
    L4_ThreadId_t before = line_handlers[line];
    ASSERT(L4_IsNilThread(before) || thread_find(before));
    if (!L4_IsNilThread(before) && L4_Version(before) != task->id) {
        return ERR_BUSY;
    }
    L4_ThreadId_t irq = L4_GlobalId(line, 1);
    if (!L4_ThreadControl(irq, irq, L4_nilthread, handler, ~0u)) {
        return kernel_error();
    }
    line_handlers[line] = handler;
    return OK;
}
