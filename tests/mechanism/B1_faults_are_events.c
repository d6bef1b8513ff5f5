/* SPDX-License-Identifier: BSD-2-Clause */
/* B1: faults are events, served like input and output: the faulter is blocked, everybody else
 * runs. */
#include "fixture.h"
#include "rows.h"

enum { THREADS = 64, PAGES = 64, SEED = 0xb1, LIMIT_MS = 60 * 1000, SILENCE_MS = 200 };

static void only_the_faulter_waits(void)
{
    struct child c, other;
    L4_ThreadId_t from;
    L4_Word_t wrong = ~0u;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant") && child_start(&other, "servant"));
    L4_Word_t address = child_anonymous(&c, PAGES), theirs = child_anonymous(&other, PAGES);
    (void)child_do(&c, SERVANT_FILL, address, PAGES, SEED);
    REQUIRE(child_outswap(&c, OUTSWAP_HOLD));
    REQUIRE(child_post(c.thread, SERVANT_WRONG, address, PAGES, SEED));
    (void)child_do(&other, SERVANT_FILL, theirs, PAGES, SEED);
    EXPECT_EQ(child_do(&other, SERVANT_WRONG, theirs, PAGES, SEED), 0);
    EXPECT_EQ(child_collect(&from, NULL, SILENCE_MS), ERR_IPC);
    EXPECT_LT(0, memory().parked);
    REQUIRE(child_inswap(&c));
    EXPECT_EQ(child_collect(&from, &wrong, LIMIT_MS), OK);
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(memory().parked, 0);
}

/* As many faults at once as a task may have threads: those that cannot be taken at once wait, none
 * is lost. */
static void a_full_queue_loses_nothing(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant") && child_add_threads(&c, THREADS));
    L4_Word_t address = child_anonymous(&c, THREADS);
    (void)child_do(&c, SERVANT_FILL, address, THREADS, SEED);
    for (unsigned i = 0; i < THREADS; i++) { /* each thread has run once, and knows its own stack */
        L4_Word_t in[] = {0};
        REQUIRE_EQ(child_command(child_thread(&c, i), SERVANT_NOTHING, in, 1, NULL, 0), OK);
    }
    L4_ThreadId_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        threads[i] = child_thread(&c, i);
    }
    REQUIRE(child_outswap(&c, OUTSWAP_HOLD));
    for (unsigned i = 0; i < THREADS; i++) {
        REQUIRE(child_post(threads[i], SERVANT_HASH, address + (i << PAGE_SHIFT), 1, 0));
    }
    EXPECT_EQ(task_inswap(c.task), OK);
    unsigned answers = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        L4_ThreadId_t from;
        answers += child_collect(&from, NULL, LIMIT_MS) == OK;
    }
    EXPECT_EQ(answers, THREADS);
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, THREADS, SEED), 0);
}

/* A thread that is taken out of its fault and sends something else waits for its page no more. */
static void a_new_message_ends_the_fault(void)
{
    enum { TRIES = 5 };
    struct child c;
    bool held = false;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant") && child_add_threads(&c, 1));
    struct child other = {.task = c.task, .thread = child_thread(&c, 0)};
    L4_Word_t address = child_anonymous(&c, 1), self = 0;
    for (unsigned i = 0; i < TRIES && !held; i++) {
        (void)child_do(&other, SERVANT_FILL, address, 1, SEED);
        pause_ms(SHIELD_MS);
        REQUIRE(child_evict(&c, EVICT_KEEP_DC));
        disk_hold();
        REQUIRE(child_post(other.thread, SERVANT_PEEK, address, 0, 0));
        REQUIRE(wait_parked(1));
        (void)child_do(&c, SERVANT_RESTART, 0, 0, 0);
        EXPECT_EQ(memory().parked, 1); /* physmem has not heard of it yet */
        EXPECT_EQ(child_physmem(&other, PHYSMEM_TASK_INFO, &self, 1, NULL, 0), OK);
        L4_Word_t parked = memory().parked;
        held = disk_go_on();
        EXPECT(parked == 0 || !held);
        EXPECT_EQ(child_do(&other, SERVANT_WRONG, address, 1, SEED), 0);
    }
    EXPECT(held);
}

/* Who asks physmem and then does not listen gets no answer, and keeps nobody from one. */
static void an_asker_that_does_not_listen(void)
{
    enum { DEAF_US = 3000 * 1000, SOON_US = 1000 * 1000 };
    struct child c;
    L4_ThreadId_t from;
    REQUIRE(child_start(&c, "servant"));
    REQUIRE(child_post(c.thread, SERVANT_ASK_DEAF, PHYSMEM_THREAD.raw, PHYSMEM_MEMORY_INFO, DEAF_US));
    pause_ms(SILENCE_MS);
    L4_Time_t soon = L4_TimePeriod(SOON_US);
    L4_MsgTag_t tag = L4_Ipc(PHYSMEM_THREAD, PHYSMEM_THREAD, L4_Timeouts(soon, soon),
                             L4_MsgTag(PHYSMEM_MEMORY_INFO, 0, 0), NULL);
    EXPECT(L4_IpcSucceeded(tag));
    EXPECT_EQ(child_collect(&from, NULL, LIMIT_MS), OK);
}

static const struct test_case cases[] = {
    {"only_the_faulter_waits", only_the_faulter_waits},
    {"a_full_queue_loses_nothing", a_full_queue_loses_nothing},
    {"a_new_message_ends_the_fault", a_new_message_ends_the_fault},
    {"an_asker_that_does_not_listen", an_asker_that_does_not_listen},
};
const struct row row_B1 = ROW("B1_faults_are_events", cases);
