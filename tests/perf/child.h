/* SPDX-License-Identifier: BSD-2-Clause */
/* Children of a benchmark of tests/perf: the program once more, with the child's role as its
 * argument.  A child waits for orders.  And what physmem says of memory: of all, and of a
 * child's. */
#pragma once

#include "client/physmem.h"
#include "client/task.h"
#include "l4/syscalls.h"
#include "loader/load.h"
#include "pilotfish/startup.h"
#include "report.h"

static inline struct memory_info memory(void)
{
    struct memory_info info = {0};
    require(physmem_memory_info(&info), "memory info");
    return info;
}

static inline struct task_memory memory_of(L4_Word_t task)
{
    struct task_memory info = {0};
    require(physmem_task_info(task, &info), "task info");
    return info;
}

enum { LABEL_ORDER = 0x710 /* to a child: MR1 = a handle or how many pages */ };

struct child {
    L4_Word_t task;
    L4_ThreadId_t thread;
};

static const char *child_program; /* argv[0] of the first one */

static inline struct child start_child(const char *role, L4_Word_t priority)
{
    static char window[LOAD_WINDOW_PAGES * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
    struct child child = {0};
    const char *argv[] = {child_program, role};
    struct load_request load = {
        .argc = 2, .argv = argv, .console = pilotfish_startup()->console, .window = (L4_Word_t)window};
    struct load_result loaded;
    L4_Word_t bytes;
    require(task_module(child_program, &load.program, &bytes), child_program);
    load.program_bytes = bytes;
    require(load_program(&load, &loaded), "loading a child");
    require(physmem_close(load.program), "closing the program");
    struct task_request request = {
        .container = loaded.container, .ip = loaded.ip, .sp = loaded.sp, .priority = priority, .name = role};
    require(task_create(&request, &child.task, &child.thread), "starting a child");
    return child;
}

static inline void order(const struct child *child, L4_Word_t word)
{
    L4_LoadMR(1, word);
    if (L4_IpcFailed(L4_Call(child->thread, L4_MsgTag(LABEL_ORDER, 1, 0)))) {
        fail("a child does not answer", ERR_IPC);
    }
}

static inline void end_child(const struct child *child)
{
    struct task_status status;
    require(task_kill(child->task, 0), "ending a child");
    require(task_wait(child->task, &status), "ending a child");
}
