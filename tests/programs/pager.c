/* SPDX-License-Identifier: BSD-2-Clause */
/* The task's own pager where the C library does not lead: threads made by hand, and a task server
 * that does not listen.  Prints KTAP.  With a number as argument it starts so many threads and does
 * nothing else, with another word it ends. */
#include <stdio.h>
#include <stdlib.h>

#include "client/task.h"
#include "ktap/ktap.h"
#include "l4/syscalls.h"
#include "pager/pager_priv.h"
#include "pilotfish/thread.h"

static void write_text(const char *text)
{
    (void)fputs(text, stdout);
    (void)fflush(stdout);
}

/* ---- a local id is given out again before the pager knows that its thread has gone ---- */

static void test_slot(void)
{
    ktap_begin("a new thread with the local id of one that has just gone");
    L4_ThreadId_t old, old_local, new, new_local;
    EXPECT(task_thread_create(pager_thread(), &old, &old_local) == OK);
    EXPECT(pager_add_thread(old_local, old) == OK);
    EXPECT(pager_add_thread(old_local, old) == ERR_ALREADY);
    EXPECT(task_thread_delete(old) == OK);
    EXPECT(task_thread_create(pager_thread(), &new, &new_local) == OK);
    EXPECT(L4_IsThreadEqual(new_local, old_local) && !L4_IsThreadEqual(new, old));
    EXPECT(pager_add_thread(new_local, new) == OK);
    EXPECT(pager_remove_thread(old_local, old) == OK);
    EXPECT(pager_add_thread(new_local, new) == ERR_ALREADY); /* it has kept its stack */
    EXPECT(task_thread_delete(new) == OK);
    EXPECT(pager_remove_thread(new_local, new) == OK);
    EXPECT(pager_remove_thread(new_local, new) == ERR_NO_THREAD);
    (void)ktap_end();
}

/* Here it comes as it may: once in some thousands. */
enum { STARTERS = 4, STARTS = 1200 };
static volatile unsigned refused, started;

static void nothing(void *argument)
{
    (void)argument;
}

static void start_threads(void *argument)
{
    for (unsigned i = 0; i < (unsigned)argument / STARTERS; i++) {
        struct thread *t;
        if (thread_start(nothing, NULL, 2, &t) == OK) {
            (void)thread_join(t);
            __sync_fetch_and_add(&started, 1);
        } else {
            __sync_fetch_and_add(&refused, 1);
        }
    }
}

static void test_starts(unsigned count)
{
    ktap_begin("threads that start and join threads at once");
    struct thread *threads[STARTERS];
    for (unsigned i = 0; i < STARTERS; i++) {
        EXPECT(thread_start(start_threads, (void *)count, 8, &threads[i]) == OK);
    }
    for (unsigned i = 0; i < STARTERS; i++) {
        EXPECT(thread_join(threads[i]) == OK);
    }
    EXPECT_EQ(refused, 0);
    EXPECT_EQ(started, count);
    (void)ktap_end();
}

/* ---- the task has to end, and the task server does not listen ---- */

static char *volatile nowhere = (char *)0xa0000000;

static void fault(void)
{
    *nowhere = 1;
}

/* A thread of which the pager was not told has nowhere to run a handler, so the pager ends the
 * task. */
static void fault_without_stack(void)
{
    static L4_Word_t stack[256];
    L4_ThreadId_t id, local;
    EXPECT(task_thread_create(pager_thread(), &id, &local) == OK);
    struct l4_registers r = {
        .control = L4_EXREGS_START, .sp = (L4_Word_t)&stack[255], .ip = (L4_Word_t)fault};
    EXPECT(!L4_IsNilThread(L4_ExchangeRegisters(id, &r)));
    L4_Sleep(L4_TimePeriod(5000)); /* it has faulted by then */
}

static void sleep_for_ever(void *argument)
{
    (void)argument;
    L4_Sleep(L4_Never);
}

static void test_deaf_server(void)
{
    ktap_begin("faults are served while the task server does not listen");
    enum { PAGES = 64 };
    void *address;
    struct thread *deaf;
    EXPECT(thread_start(sleep_for_ever, NULL, 2, &deaf) == OK);
    EXPECT(pager_map_anonymous(PAGES * 4096, RIGHT_READ | RIGHT_WRITE, &address) == OK);
    pager.task_server = thread_id(deaf);
    fault_without_stack();
    for (unsigned i = 0; i < PAGES; i++) {
        ((volatile char *)address)[i * 4096] = 1;
    }
    (void)ktap_end();
}

int main(int argc, char **argv)
{
    unsigned starts = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    if (starts > 0) {
        ktap_start(write_text, 1);
        test_starts(starts);
        return ktap_finish();
    }
    if (argc > 1) { /* the task ends, though not at the first attempt */
        ktap_start(write_text, 1);
        test_deaf_server();
        pager.task_server = TASK_SERVER_THREAD;
        L4_Sleep(L4_Never);
    }
    ktap_start(write_text, 3);
    test_slot();
    test_starts(STARTS);
    test_deaf_server();
    return ktap_finish();
}
