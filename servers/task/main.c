/* SPDX-License-Identifier: BSD-2-Clause */
/* The task server, which is the root task.  One loop serves all messages of protocol/task.h.  It
 * waits for nobody but physmem, which answers in the event that receives, and replies with a zero
 * time-out. */
#include <stddef.h>

#include "base/assertion.h"
#include "boot.h"
#include "client/physmem.h"
#include "death.h"
#include "fault.h"
#include "l4/syscalls.h"
#include "log.h"
#include "module.h"
#include "notice.h"
#include "ports.h"
#include "request.h"
#include "thread.h"

int main(void);

/* What the tables of tasks and of threads may take of the machine's memory. */
enum { TASKS_PART = 64, THREADS_PART = 128 };

extern char __threads[], __tasks[], __files[]; /* task.ld */

/* By label, counted from TASK_CREATE. */
static const struct {
    enum error (*serve)(struct request *r);
    uint8_t least, most; /* untyped words of the message */
} handlers[] = {
    [TASK_CREATE & 0xff] = {on_create, 6 + TASK_NAME_WORDS, 7 + TASK_NAME_WORDS},
    [TASK_EXIT & 0xff] = {on_exit, 1, 1 + TASK_LAST_WORDS},
    [TASK_KILL & 0xff] = {on_kill, 2, 2},
    [TASK_WAIT & 0xff] = {on_wait, 1, 1},
    [TASK_INFO & 0xff] = {on_info, 1, 1},
    [TASK_THREAD_CREATE & 0xff] = {on_thread_create, 1, 3},
    [TASK_THREAD_DELETE & 0xff] = {on_thread_delete, 1, 1},
    [TASK_MODULE & 0xff] = {on_module, TASK_NAME_WORDS, TASK_NAME_WORDS},
    [TASK_OUTSWAP & 0xff] = {on_outswap, 2, 2},
    [TASK_INSWAP & 0xff] = {on_inswap, 1, 1},
    [TASK_REGISTER & 0xff] = {on_register, TASK_NAME_WORDS, TASK_NAME_WORDS},
    [TASK_LOOKUP & 0xff] = {on_lookup, TASK_NAME_WORDS, TASK_NAME_WORDS},
    [TASK_SHUTDOWN & 0xff] = {on_shutdown, 1, 1},
    [TASK_DEBUG & 0xff] = {on_debug, 1, 1 + TASK_DEBUG_WORDS_MAX},
    [TASK_PHYS_ADDR & 0xff] = {on_phys_addr, 1, 1},
    [TASK_INTERRUPT & 0xff] = {on_interrupt, 2, 2},
    [TASK_PORTS & 0xff] = {on_ports, 2, 2},
    [TASK_FILE & 0xff] = {on_file, 1, TASK_FILE_NAME_WORDS},
};

enum { HANDLER_COUNT = sizeof handlers / sizeof *handlers };

static enum error serve_request(struct request *r, L4_MsgTag_t tag)
{
    L4_Word_t index = L4_Label(tag) - TASK_CREATE;
    if (L4_Label(tag) < TASK_CREATE || index >= HANDLER_COUNT) {
        return ERR_UNKNOWN;
    }
    unsigned count = L4_UntypedWords(tag);
    if (count < handlers[index].least || count > handlers[index].most || L4_TypedWords(tag) != 0) {
        return ERR_ARGUMENT;
    }
    return handlers[index].serve(r);
}

/* Serves a message of a task's thread.  Returns false if there is nothing to answer. */
static bool serve_task(L4_MsgTag_t tag, struct request *r, L4_MsgTag_t *reply)
{
    struct task *task = task_find(L4_Version(r->sender));
    if (!task || !thread_belongs(r->sender, task)) {
        return false; /* it has ended while its message waited */
    }
    ASSERT(task->state == TASK_RUNNING && task->threads > 0);
    r->task = task;
    r->in_count = L4_UntypedWords(tag) < REQUEST_IN_MAX ? L4_UntypedWords(tag) : REQUEST_IN_MAX;
    for (unsigned i = 0; i < r->in_count; i++) {
        r->in[i] = L4_StoreMR(1 + i);
    }
    wait_cancel(r->sender);
    if (L4_Label(tag) == L4_LABEL_EXCEPTION && r->in_count == 12) {
        if (!on_exception(task, r->in)) {
            return false;
        }
        for (unsigned i = 0; i < r->in_count; i++) {
            L4_LoadMR(1 + i, r->in[i]);
        }
        *reply = L4_MsgTag(0, r->in_count, 0);
        return true;
    }
    if ((L4_Label(tag) & 0xfff0) == L4_LABEL_PAGE_FAULT && r->in_count == 2) {
        on_page_fault(task, r->in[0], r->in[1]);
        return false;
    }
    if ((L4_Label(tag) & 0xfff0) == L4_LABEL_IO_FAULT && r->in_count == 2) {
        on_page_fault(task, L4_IoFpagePort((L4_Fpage_t){r->in[0]}), r->in[1]);
        return false;
    }
    if ((L4_Label(tag) & 0xfff0) == L4_LABEL_STOPPED && r->in_count == 2) {
        on_stopped(task, (enum l4_stopped)(L4_Label(tag) & 0xf), r->in[0], r->in[1]);
        return false;
    }
    enum error e = serve_request(r, tag);
    if (r->silent && e == OK) {
        return false;
    }
    unsigned out_count = e == OK ? r->out_count : 0;
    ASSERT(out_count <= REQUEST_OUT_MAX);
    if (e == OK && !L4_IsNilFpage(r->map)) {
        (void)physmem_kernel_memory(0); /* a map item that finds no memory fails the caller's IPC */
    }
    L4_LoadMR(1, (L4_Word_t)e);
    for (unsigned i = 0; i < out_count; i++) {
        L4_LoadMR(2 + i, r->out[i]);
    }
    if (e == OK && !L4_IsNilFpage(r->map)) {
        L4_LoadMR(2 + out_count, L4_ITEM_MAP);
        L4_LoadMR(3 + out_count, r->map.raw);
        *reply = L4_MsgTag(TASK_REPLY, 1 + out_count, 2);
        return true;
    }
    *reply = L4_MsgTag(TASK_REPLY, 1 + out_count, 0);
    return true;
}

static void take_notice(L4_MsgTag_t tag)
{
    L4_Word_t words[NOTICE_WORDS];
    ASSERT(L4_Label(tag) == NOTICE_LABEL && L4_UntypedWords(tag) == NOTICE_WORDS);
    for (unsigned i = 0; i < NOTICE_WORDS; i++) {
        words[i] = L4_StoreMR(1 + i);
    }
    on_notice(words);
}

/* The words are set by whoever knows how many there are. */
static void request_init(struct request *r, L4_ThreadId_t sender)
{
    r->sender = sender;
    r->task = NULL;
    r->in_count = 0;
    r->out_count = 0;
    r->map = L4_Nilpage;
    r->silent = false;
}

/* Messages and the ends of orphans take turns. */
static void serve_for_ever(void)
{
    for (;;) {
        L4_ThreadId_t from;
        L4_MsgTag_t tag = L4_Wait_Timeout(death_is_pending() ? L4_ZeroTime : L4_Never, &from);
        bool answer = true;
        while (answer) {
            struct request r;
            request_init(&r, from);
            L4_MsgTag_t reply = {0};
            if (L4_IpcFailed(tag)) {
                answer = false; /* nobody waited for the reply, a message had items, or none came */
            } else if (notice_is_sender(from)) {
                take_notice(tag);
                answer = false;
            } else {
                answer = serve_task(tag, &r, &reply);
            }
            if (answer && death_is_pending()) {
                (void)L4_Reply(r.sender, reply);
                answer = false;
            } else if (answer) {
                tag = L4_ReplyWait(r.sender, reply, &from);
            }
        }
        death_go_on();
    }
}

static uint32_t table_pages(L4_Word_t most, const char *start, const char *end)
{
    L4_Word_t pages = (L4_Word_t)(end - start) >> PAGE_SHIFT;
    pages = most < pages ? most : pages;
    return pages > 0 ? pages : 1;
}

static void make_tables(void)
{
    struct memory_info memory = {0};
    (void)physmem_memory_info(&memory);
    thread_table_init(__threads, table_pages(memory.frames_total / THREADS_PART, __threads, __tasks),
                      memory.frames_total);
    task_table_init(__tasks, table_pages(memory.frames_total / TASKS_PART, __tasks, __files),
                    thread_table_places());
}

int main(void)
{
    L4_Init();
    make_tables();
    module_table_init();
    enum error e = notice_start();
    if (e != OK) {
        log_failure("no thread for notices: %s", error_text(e));
    }
    ports_init();
    boot();
    serve_for_ever();
    return 0;
}
