/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts one fuzzer after the other, each for a piece of the messages, while another thread has the
 * victim work and compares its hash. */
#include "hostile.h"
#include "look.h"
#include "runner.h"

#include <stdio.h>
#include <string.h>

#include "client/physmem.h"
#include "client/task.h"
#include "ktap/ktap.h"
#include "l4/syscalls.h"
#include "pilotfish/thread.h"

enum {
    PIECE = 2048,
    STEP = 32,
    STACK_PAGES = 4,
    SILENCE_US = 2 * 1000 * 1000,
    SILENCES = 10,
    END_MS = 20,
    ENDS = 50,
    SETTLE_MS = 500,
    VICTIM_PAGES = 2048
};

/* Of the thread that drives the victim. */
static struct {
    volatile bool stop, ready, failed, done;
    volatile bool rest, rests; /* it is to do nothing for a while; it does nothing */
    volatile unsigned works;   /* how often it has worked, with the right hash */
} driven;

static void print(const char *text)
{
    (void)fputs(text, stdout);
}

static void sleep_ms(L4_Word_t ms)
{
    L4_Sleep(L4_TimePeriod(ms * 1000));
}

static void drive_victim(void *argument)
{
    static const struct work little = {.computing = 10, .touches = 64, .visits = 32};
    struct report report;
    (void)argument;
    driven.failed = victim_start(VICTIM_PAGES) != OK;
    driven.ready = true;
    while (!driven.stop && !driven.failed) {
        while ((driven.rests = driven.rest)) {
            sleep_ms(1);
        }
        driven.failed =
            !victim_works(&little, &report) || report.error != OK || !victim_hash_is_right(&report);
        driven.works += !driven.failed;
    }
    driven.done = true;
}

static enum error start_fuzzer(L4_Word_t seed, L4_Word_t first, L4_Word_t count, L4_Word_t *task,
                               L4_ThreadId_t *thread)
{
    char numbers[3][12], text[3][12];
    const L4_Word_t values[] = {seed, first, count};
    const char *words[] = {"fuzzer", numbers[0], numbers[1], numbers[2], text[0], text[1], text[2]};
    for (unsigned i = 0; i < 3; i++) {
        (void)snprintf(numbers[i], sizeof(numbers[i]), "%lu", (unsigned long)values[i]);
    }
    target_words(text);
    (void)snprintf(text[0], sizeof(text[0]), "0x%lx", (unsigned long)L4_Myself().raw);
    return spawn(words, 7, 0, task, thread);
}

static bool has_ended(L4_Word_t task)
{
    struct task_info info;
    return task_info(task, &info) != OK || info.task != task || info.state == TASK_ENDED;
}

/* Runs one fuzzer to its end.  Returns the number behind the last message that it may have sent. */
static L4_Word_t run_piece(L4_Word_t seed, L4_Word_t first, L4_Word_t count)
{
    L4_Word_t task, at = first;
    L4_ThreadId_t thread;
    enum error e = start_fuzzer(seed, first, count, &task, &thread);
    EXPECT_EQ(e, OK);
    if (e != OK) {
        return first + count;
    }
    for (unsigned silences = 0; at < first + count && silences < SILENCES && !has_ended(task);) {
        L4_MsgTag_t tag = L4_Receive_Timeout(thread, L4_TimePeriod(SILENCE_US));
        bool told = L4_IpcSucceeded(tag) && L4_Label(tag) == HOSTILE_AT;
        silences = told ? 0 : silences + 1;
        at = told ? L4_StoreMR(1) : at;
    }
    if (at < first + count) {
        at += STEP; /* one of those behind the last report has ended it */
    }
    for (unsigned i = 0; i < ENDS && !has_ended(task); i++) {
        sleep_ms(END_MS);
    }
    (void)task_kill(task, 1); /* one that has deleted its own pager does not get to its end */
    (void)task_wait(task, NULL);
    return at < first + count ? at : first + count;
}

static void send_all(L4_Word_t seed, L4_Word_t messages)
{
    unsigned fuzzers = 0, tenth = 0;
    for (L4_Word_t at = 0; at < messages && !ktap_failing() && !driven.failed; fuzzers++) {
        L4_Word_t left = messages - at;
        at = run_piece(seed, at, left < PIECE ? left : PIECE);
        if (at / (messages / 10 + 1) > tenth) {
            tenth = at / (messages / 10 + 1);
            ktap_diagnostic("fuzz: %lu messages, the victim has worked %u times", (unsigned long)at,
                            driven.works);
        }
    }
    ktap_diagnostic("%lu messages of seed %lu by %u fuzzers", (unsigned long)messages, (unsigned long)seed,
                    fuzzers);
}

/* What is there between two pieces of the victim's work, when it has given back what it touches,
 * and what has ended is gone. */
static struct rest look_at_memory(void)
{
    driven.rest = true;
    while (!driven.rests && !driven.done) {
        sleep_ms(1);
    }
    sleep_ms(SETTLE_MS);
    struct rest now = rest();
    driven.rest = false;
    return now;
}

int run_fuzzer(L4_Word_t seed, L4_Word_t messages)
{
    struct thread *driver;
    ktap_start(print, 4);
    ktap_begin("the victim works");
    EXPECT_EQ(thread_start(drive_victim, NULL, STACK_PAGES, &driver), OK);
    while (!driven.ready && !ktap_failing()) {
        sleep_ms(10);
    }
    EXPECT(!driven.failed);
    if (!ktap_end()) {
        return 1;
    }
    L4_Word_t drivers[] = {find_task("ata"), find_task("console")};
    (void)run_piece(seed, 0, STEP); /* what is made once is made now */
    struct rest before = look_at_memory();
    ktap_begin("all messages are sent");
    send_all(seed, messages);
    (void)ktap_end();
    ktap_begin("the servers are those that they were, and right");
    EXPECT_EQ(find_task("ata"), drivers[0]);
    EXPECT_EQ(find_task("console"), drivers[1]);
    L4_Word_t out[2] = {0};
    EXPECT_EQ(task_debug(PHYSMEM_CHECK, NULL, 0, out, 2), OK);
    EXPECT_EQ(out[0], 0);
    struct rest after = look_at_memory();
    EXPECT_LE(after.promised, before.promised + 1);
    EXPECT_LE(after.wired, before.wired);
    (void)ktap_end();
    driven.stop = true;
    while (!driven.done) {
        sleep_ms(10);
    }
    ktap_diagnostic("the victim has worked %u times", driven.works);
    (void)ktap_ok(!driven.failed && driven.works > messages / 1000,
                  "the victim's hash is right, and it has worked on");
    return ktap_finish();
}
