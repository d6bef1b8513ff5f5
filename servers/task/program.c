/* SPDX-License-Identifier: BSD-2-Clause */
/* The file is loaded into a container, which becomes a task's; physmem hears of a driver and of
 * segmap before they run. */
#include "program.h"

#include <stddef.h>

#include "base/assertion.h"
#include "client/physmem.h"
#include "create.h"
#include "l4/syscalls.h"
#include "log.h"
#include "name.h"
#include "protocol/startup.h"
#include "text.h"

enum {
    DRIVER_FREE_PAGES = 1, /* all pages of a driver are wired: it has no heap and calls little */
    DRIVER_STACK_PAGES = 2,
    WIRE_TRIES = 10000,
    WIRE_PAUSE_US = 1000,
};

char program_window[LOAD_WINDOW_PAGES * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static L4_ThreadId_t console;

/* Brings every page of a driver in for good. */
static enum error wire(const struct task *task)
{
    enum error e = ERR_BUSY;
    for (unsigned i = 0; e == ERR_BUSY && i < WIRE_TRIES; i++) {
        e = physmem_wire(task->id);
        if (e == ERR_BUSY) {
            L4_Sleep(L4_TimePeriod(WIRE_PAUSE_US));
        }
    }
    return e == OK ? physmem_set_driver(task->id) : e;
}

/* From now on programs find a server, before it has said anything; its first thread serves. */
static void publish(const char *name, L4_Word_t task, L4_ThreadId_t first)
{
    ASSERT(L4_Version(first) == task);
    enum error e = name_set(name, first);
    if (e != OK) {
        log_failure("server %s: nobody finds it: %s", name, error_text(e));
    } else if (text_equal(name, "console")) {
        console = first;
    }
}

/* What physmem is told of the task before it runs. */
static enum error introduce(const struct task *task, handle_t map)
{
    switch (task->kind) {
    case KIND_DRIVER:
        return wire(task);
    case KIND_SEGMAP:
        return physmem_set_segmap(task->id, map);
    default:
        return OK;
    }
}

static enum error start_loaded(const struct program_start *start, const struct load_result *loaded,
                               L4_Word_t *id)
{
    static const uint8_t priorities[] = {
        [KIND_DRIVER] = PRIORITY_DRIVER, [KIND_SERVER] = PRIORITY_SERVER, [KIND_START] = PRIORITY_DEFAULT,
        [KIND_MAIN] = PRIORITY_DEFAULT,  [KIND_SEGMAP] = PRIORITY_SEGMAP,
    };
    enum task_kind kind = start->kind;
    const char *name = start->argv[0];
    struct create_request request = {
        .name = name,
        .parent = TASK_ID_SYSTEM,
        .holder = TASK_ID_SYSTEM,
        .container = loaded->container,
        .stack_start = loaded->sp - (loaded->stack_pages << PAGE_SHIFT),
        .stack_pages = loaded->stack_pages,
        .kind = kind,
        .priority = priorities[kind],
        .console = kind == KIND_DRIVER || kind == KIND_SERVER || L4_IsNilThread(console),
    };
    struct task *task;
    ASSERT(kind != KIND_CHILD && loaded->container != HANDLE_NONE);
    enum error e = task_prepare(&request, &task);
    if (e != OK) {
        (void)physmem_destroy(loaded->container);
        return e;
    }
    e = introduce(task, start->map);
    if (e != OK) {
        task_discard(task);
        return e;
    }
    log_task_info(task, "starts");
    L4_ThreadId_t first = task->first_thread;
    *id = task->id;
    e = task_start(task, loaded->ip, loaded->sp);
    if (e == OK && kind == KIND_SERVER) {
        publish(name, *id, first);
    }
    return e;
}

enum error program_start(const struct program_start *start, struct program_started *started)
{
    struct load_result loaded = {.problem = ELF_OK};
    bool is_driver = start->kind == KIND_DRIVER;
    struct load_request request = {
        .program = start->program->handle,
        .program_bytes = start->program->bytes,
        .argc = start->argc,
        .argv = start->argv,
        .startup_flags = log_quiet ? STARTUP_QUIET : 0,
        .console = console,
        .stack_pages = is_driver ? DRIVER_STACK_PAGES : 0,
        .free_pages = is_driver ? DRIVER_FREE_PAGES : 0,
        .window = (L4_Word_t)program_window,
    };
    ASSERT(start->argc > 0);
    enum error e = load_program(&request, &loaded);
    started->problem = loaded.problem;
    started->file_pages = loaded.file_pages;
    return e == OK ? start_loaded(start, &loaded, &started->task) : e;
}
