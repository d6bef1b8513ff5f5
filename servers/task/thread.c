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

enum { FIRST_NUMBER = USER_BASE + 8, THREADS_MAX = 2048, LINES = 16 };
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
    uint16_t next;                    /* of its task: place in the table, and one more; 0: none */
    uint8_t slot;
};
_Static_assert((TASK_REGIONS_BASE >> PAGE_SHIFT) <= UINT16_MAX + 1, "a page of a stack fits 16 bits");

static struct thread threads[THREADS_MAX]; /* [0] has the number FIRST_NUMBER */
static unsigned thread_count;              /* usable entries */
static unsigned used_end;                  /* what lies behind was never used, and is not touched */
static unsigned next_thread;               /* numbers come back late, like task ids */
static L4_ThreadId_t line_handlers[LINES];
static L4_Word_t kernel_quota_kib;

void thread_table_init(void)
{
    unsigned bits = L4_KernelInterface()->thread_info & 0xff;
    L4_Word_t end = bits < 18 ? 1u << bits : 1u << 18;
    L4_Word_t numbers = end > FIRST_NUMBER ? end - FIRST_NUMBER : 0;
    thread_count = numbers < THREADS_MAX ? (unsigned)numbers : THREADS_MAX;
    struct memory_info info = {0};
    (void)physmem_memory_info(&info);
    L4_Word_t kib = info.frames_total * (PAGE_SIZE / 1024) / QUOTA_PART;
    kernel_quota_kib = kib > QUOTA_KIB_LEAST ? kib : QUOTA_KIB_LEAST;
}

static struct thread *thread_find(L4_ThreadId_t id)
{
    L4_Word_t index = L4_ThreadNo(id) - FIRST_NUMBER;
    if (L4_ThreadNo(id) < FIRST_NUMBER || index >= used_end) {
        return NULL;
    }
    struct thread *t = &threads[index];
    return t->task != 0 && t->task == L4_Version(id) ? t : NULL;
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
    unsigned index = next_thread;
    enum error e = task_thread_allowed(task);
    if (e != OK) {
        return e;
    }
    for (unsigned i = 0; i < thread_count && index < used_end && threads[index].task != 0; i++) {
        index = index + 1 < thread_count ? index + 1 : 0;
    }
    uint32_t slot = bitmap_find_clear(task->utcb_slots, TASK_THREADS_MAX, 0);
    if (slot == BITMAP_NONE || thread_count == 0 || (index < used_end && threads[index].task != 0)) {
        return ERR_NO_MEMORY;
    }
    ASSERT(task->threads < TASK_THREADS_MAX && !bitmap_test(task->utcb_slots, slot));
    next_thread = index + 1 < thread_count ? index + 1 : 0;
    used_end = index < used_end ? used_end : index + 1;
    bitmap_set(task->utcb_slots, slot);
    task_thread_added(task);
    threads[index] =
        (struct thread){.task = (uint16_t)task->id, .next = task->thread_list, .slot = (uint8_t)slot};
    task->thread_list = (uint16_t)(index + 1);
    *id = L4_GlobalId(FIRST_NUMBER + index, task->id);
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
    uint16_t *link = &task->thread_list;
    for (unsigned place = (unsigned)(t - threads) + 1; *link != place;) {
        ASSERT(*link != 0);
        link = &threads[*link - 1].next;
    }
    *link = t->next;
    t->task = 0;
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
    for (unsigned place = task->thread_list; place != 0; place = threads[place - 1].next) {
        thread_stop(L4_GlobalId(FIRST_NUMBER + place - 1, task->id));
    }
    ports_forget(task);
}

void thread_free_all(struct task *task)
{
    while (task->thread_list != 0) {
        thread_free(L4_GlobalId(FIRST_NUMBER + task->thread_list - 1, task->id));
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
