/* SPDX-License-Identifier: BSD-2-Clause */
/* How a task changes from physmem to a pager of its own: the first thread makes the pager thread,
 * writes down what there is in the designated container, and hands itself over. */
#include "base/assertion.h"
#include "client/physmem.h"
#include "client/task.h"
#include "pager/pager_priv.h"

enum { PAGER_STACK_PAGES = 4, NAME_BYTES = 32 };

extern char __image_start[], __text_end[], __image_end[]; /* program.ld */

struct dc_pages pager_dc;
static char name_buffer[NAME_BYTES] = "?";
const char *pager_name = name_buffer;

static void set_name(const struct startup *s)
{
    const char *name = s->argc > 0 ? ((const char *const *)s->argv)[0] : "?";
    for (unsigned i = 0; i < NAME_BYTES - 1; i++) {
        name_buffer[i] = name[i];
        if (!name[i]) {
            break;
        }
    }
}

static void add_designated(uint32_t start, uint32_t end, uint8_t rights)
{
    struct region r = {start, end, start >> PAGE_SHIFT, HANDLE_DC, REGION_DESIGNATED, rights};
    if (start < end) {
        (void)region_add(&pager.regions, &r);
    }
}

static void add_guard(uint32_t start, uint32_t end)
{
    struct region r = {.start = start, .end = end, .kind = REGION_GUARD};
    if (start < end) {
        (void)region_add(&pager.regions, &r);
    }
}

/* Writes the layout of protocol/ids.h into the region table. */
static void describe_container(const struct startup *s)
{
    const uint8_t rx = RIGHT_READ | RIGHT_EXEC, rw = RIGHT_READ | RIGHT_WRITE;
    uint32_t text_end = (uint32_t)__text_end;
    uint32_t data_end = ((uint32_t)__image_end + PAGE_SIZE - 1) & ~(uint32_t)(PAGE_SIZE - 1);
    region_table_init(&pager.regions, pager.first_regions, PAGER_FIRST_REGIONS);
    add_designated((uint32_t)__image_start, text_end, rx);
    add_designated(text_end, data_end, rw);
    add_guard(data_end, s->stack_start);
    add_designated(s->stack_start, s->stack_end, rw);
    add_designated(s->stack_end, s->dc_free, rw);
    add_designated(s->dc_free, s->dc_end, rw);
    dc_pages_init(&pager_dc, s->dc_free, s->dc_end);
}

/* The page below the pager's stack becomes a hole, so that a stack that is too small ends the task
 * instead of going unseen. */
static uint32_t make_stack(void)
{
    uint32_t base = dc_pages_alloc(&pager_dc, 1 + PAGER_STACK_PAGES);
    if (base != 0) {
        (void)physmem_punch(HANDLE_DC, base >> PAGE_SHIFT, 1);
        base += (1 + PAGER_STACK_PAGES) * PAGE_SIZE;
    }
    return base;
}

/* While frames are on their way it waits for them. */
static enum error prepare_first_thread(void)
{
    enum error e = ERR_BUSY;
    for (unsigned i = 0; e == ERR_BUSY && i < PAGER_BUSY_TRIES; i++) {
        e = pager_thread_prepare(L4_MyLocalId(), L4_Myself());
        if (e == ERR_BUSY) {
            L4_Sleep(L4_TimePeriod(PAGER_BUSY_PAUSE_US));
        }
    }
    return e;
}

enum error pager_start(const struct startup *s)
{
    L4_ThreadId_t thread, local;
    if (!L4_IsNilThread(pager.thread)) {
        return ERR_ALREADY;
    }
    set_name(s);
    pager.physmem = s->physmem;
    pager.task_server = s->task_server;
    pager.console = s->console;
    pager_handler_init();
    describe_container(s);
    uint32_t stack_top = make_stack();
    enum error e = stack_top == 0 ? ERR_NO_MEMORY : prepare_first_thread();
    if (e == OK) {
        const void *stack = (const void *)(stack_top - PAGER_STACK_PAGES * PAGE_SIZE);
        e = task_thread_create_on(L4_nilthread, stack, PAGER_STACK_PAGES, &thread, &local);
    }
    if (e != OK) {
        return e;
    }
    ((L4_Word_t *)stack_top)[-1] = 0; /* pager_main never returns */
    struct l4_registers r = {.control = L4_EXREGS_START, .sp = stack_top - 4, .ip = (L4_Word_t)pager_main};
    if (L4_IsNilThread(L4_ExchangeRegisters(thread, &r))) {
        return ERR_NO_THREAD;
    }
    /* The hand-over: from here on this thread's faults and exceptions go to the pager.  None can be
     * under way, for the thread is running. */
    ASSERT(region_table_check(&pager.regions) && pager_find_thread(L4_MyLocalId())->stack_top != 0);
    pager.thread = thread;
    pager.stats.regions = pager.regions.count;
    L4_Set_Pager(thread);
    L4_Set_ExceptionHandler(thread);
    return OK;
}
