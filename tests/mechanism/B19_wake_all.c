/* SPDX-License-Identifier: BSD-2-Clause */
/* B19: when a page has come, everybody who faulted on it goes on. */
#include "fixture.h"
#include "rows.h"

enum { THREADS = 10, SEED = 0xb19, LIMIT_MS = 60 * 1000, SILENCE_MS = 50, GONE = 4 };

/* A child whose threads all wait for the same word of a page that is out. */
static L4_Word_t all_wait(struct child *c, L4_ThreadId_t threads[THREADS])
{
    if (!child_start(c, "servant") || !child_add_threads(c, THREADS)) {
        return 0;
    }
    L4_Word_t address = child_anonymous(c, 1);
    (void)child_do(c, SERVANT_FILL, address, 1, SEED);
    for (unsigned i = 0; i < THREADS; i++) {
        threads[i] = child_thread(c, i);
    }
    if (!child_outswap(c, OUTSWAP_HOLD)) {
        return 0;
    }
    for (unsigned i = 0; i < THREADS; i++) {
        EXPECT(child_post(threads[i], SERVANT_PEEK, address + 40, 0, 0));
    }
    pause_ms(SILENCE_MS); /* now they have run, and faulted */
    return ktap_failing() ? 0 : address;
}

static void one_read_and_ten_wakes(void)
{
    struct child c;
    L4_ThreadId_t threads[THREADS], from;
    REQUIRE_SWAP();
    REQUIRE(all_wait(&c, threads) != 0);
    struct memory_info before = memory();
    struct task_memory out = task_memory(c.task);
    REQUIRE(child_inswap(&c));
    for (unsigned i = 0; i < THREADS; i++) {
        L4_Word_t word = 0;
        EXPECT_EQ(child_collect(&from, &word, LIMIT_MS), OK);
        EXPECT_EQ(word, servant_word(SEED, 0, 10));
    }
    struct memory_info after = memory();
    EXPECT_LE(after.pages_read - before.pages_read, out.swapped);
    EXPECT_EQ(after.parked, 0);
}

static void one_of_them_is_deleted(void)
{
    struct child c;
    L4_ThreadId_t threads[THREADS], from;
    REQUIRE_SWAP();
    REQUIRE(all_wait(&c, threads) != 0);
    REQUIRE(child_post(c.thread, SERVANT_THREAD_DELETE, GONE, 0, 0));
    REQUIRE(child_inswap(&c));
    /* Whether it got its word before it went is a race; the others must all go on. */
    unsigned others = 0;
    bool deleted = false;
    while (others < THREADS - 1 || !deleted) {
        enum error e = child_collect(&from, NULL, LIMIT_MS);
        REQUIRE_EQ(e, OK);
        deleted = deleted || L4_IsThreadEqual(from, c.thread);
        others += !L4_IsThreadEqual(from, c.thread) && !L4_IsThreadEqual(from, threads[GONE]);
    }
    EXPECT_EQ(memory().parked, 0);
}

static void the_task_is_killed(void)
{
    struct child c;
    L4_ThreadId_t threads[THREADS];
    REQUIRE_SWAP();
    REQUIRE(all_wait(&c, threads) != 0);
    EXPECT_LT(0, memory().parked);
    child_kill(&c);
    EXPECT_EQ(memory().parked, 0);
    /* And while the page is being read. */
    REQUIRE(all_wait(&c, threads) != 0);
    EXPECT_EQ(task_inswap(c.task), OK);
    child_kill(&c);
    EXPECT_EQ(memory().parked, 0);
}

static const struct test_case cases[] = {
    {"one_read_and_ten_wakes", one_read_and_ten_wakes},
    {"one_of_them_is_deleted", one_of_them_is_deleted},
    {"the_task_is_killed", the_task_is_killed},
};
const struct row row_B19 = ROW("B19_wake_all", cases);
