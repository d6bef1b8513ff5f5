/* SPDX-License-Identifier: BSD-2-Clause */
/* B8: SwapFinish hears of completions and wakes whoever waits.  Only the swap driver is listened
 * to. Unknown and duplicate completions are made by the driver itself when the manifest says
 * `driver ata repeat-reports` (tests/system/mechanism_false_reports.sh). */
#include "fixture.h"
#include "protocol/swap.h"
#include "rows.h"

enum { PAGES = 100, CHILDREN = 4, SEED = 0xb8, LIMIT_MS = 60 * 1000 };

static enum error as_driver(const struct child *c, L4_Word_t label, L4_Word_t a, L4_Word_t b, L4_Word_t d,
                            unsigned count)
{
    L4_Word_t in[] = {a, b, d};
    return child_physmem(c, (enum physmem_label)label, in, count, NULL, 0);
}

static void completions_of_many_requests(void)
{
    struct child c[CHILDREN];
    L4_Word_t address[CHILDREN];
    REQUIRE_SWAP();
    L4_Word_t errors = memory().io_errors;
    for (unsigned i = 0; i < CHILDREN; i++) {
        REQUIRE(child_start(&c[i], "servant"));
        address[i] = child_anonymous(&c[i], PAGES);
        (void)child_do(&c[i], SERVANT_FILL, address[i], PAGES, SEED + i);
    }
    children_settle();
    for (unsigned i = 0; i < CHILDREN; i++) {
        EXPECT_EQ(task_outswap(c[i].task, 0), OK);
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        REQUIRE(child_wait_state(&c[i], TASK_MEMORY_OUT, LIMIT_MS));
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        REQUIRE(child_post(c[i].thread, SERVANT_WRONG, address[i], PAGES, SEED + i));
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        L4_ThreadId_t from;
        L4_Word_t wrong = ~0u;
        EXPECT_EQ(child_collect(&from, &wrong, LIMIT_MS), OK);
        EXPECT_EQ(wrong, 0);
    }
    EXPECT_EQ(memory().io_errors, errors);
}

static void only_the_driver_may_speak(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    for (L4_Word_t id = 0; id < 20; id++) {
        EXPECT_EQ(as_driver(&c, SWAP_DONE, id, OK, 1, 3), ERR_PERMISSION);
        EXPECT_EQ(as_driver(&c, SWAP_DONE, ~id, ERR_IO, 0, 3), ERR_PERMISSION);
    }
    EXPECT_EQ(as_driver(&c, SWAP_PULL, 0, 0, 0, 0), ERR_PERMISSION);
    EXPECT_EQ(as_driver(&c, SWAP_ATTACH, 1000, 8, 0, 2), ERR_PERMISSION);
    /* A physmem that does not know the message refuses it too. */
    EXPECT(as_driver(&c, SWAP_BOUNCE_MAP, 1, TASK_REGIONS_BASE, 0, 2) != OK);
}

/* Unknown and duplicate ones: counted, ignored. */
static void false_completions(void)
{
    struct child c;
    REQUIRE_SWAP();
    struct memory_info before = memory();
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, PAGES);
    for (unsigned round = 0; round < CHILDREN; round++) {
        (void)child_do(&c, SERVANT_FILL, address, PAGES, SEED + round);
        REQUIRE(child_outswap(&c, 0));
        EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, PAGES, SEED + round), 0);
    }
    struct memory_info after = memory();
    L4_Word_t requests = after.reads + after.writes - before.reads - before.writes;
    ktap_diagnostic("%u requests, %u messages dropped", (unsigned)requests,
                    (unsigned)(after.dropped - before.dropped));
    if (after.dropped == before.dropped) {
        ktap_skip_rest("machine: the driver makes no false reports");
        return;
    }
    /* The last one may be under way. */
    EXPECT_LE(2 * (requests - 1), after.dropped - before.dropped);
    EXPECT_EQ(after.io_errors, before.io_errors);
}

/* tests/system/failing_disk.sh boots with a sector that cannot be read, among those that get used
 * first. */
static void a_read_error_hits_one_task(void)
{
    struct child victim, other;
    struct task_status status;
    REQUIRE_SWAP();
    REQUIRE(child_start(&victim, "servant") && child_start(&other, "servant"));
    L4_Word_t mine = child_anonymous(&victim, PAGES), theirs = child_anonymous(&other, PAGES);
    (void)child_do(&victim, SERVANT_FILL, mine, PAGES, SEED);
    (void)child_do(&other, SERVANT_FILL, theirs, PAGES, SEED);
    REQUIRE(child_outswap(&victim, 0));
    REQUIRE(child_outswap(&other, 0));
    L4_Word_t errors = memory().io_errors, in[] = {mine, PAGES, SEED}, wrong = 0;
    enum error e = child_command(victim.thread, SERVANT_WRONG, in, 3, &wrong, 1);
    bool trapped = child_last_trap().trapped;
    if (memory().io_errors == errors) {
        EXPECT_EQ(e, OK);
        ktap_skip_rest("machine: the disk does not fail");
        return;
    }
    ktap_diagnostic("I/O errors %u, the task's answer: %s", (unsigned)(memory().io_errors - errors),
                    error_text(e));
    if (trapped) { /* one of its ordinary pages: it is told, and goes on */
        EXPECT_EQ(e, ERR_IO);
        EXPECT_LE(mine, child_last_trap().address);
        L4_Word_t fresh = child_anonymous(&victim, 1);
        EXPECT_EQ(child_do(&victim, SERVANT_PEEK, fresh, 0, 0), 0);
    } else { /* one of its pager's: it ends */
        EXPECT(child_wait_end(&victim, &status, LIMIT_MS));
        EXPECT_EQ(status.end, TASK_END_FAULT);
        EXPECT_EQ(status.cause, ERR_IO);
    }
    EXPECT_EQ(child_do(&other, SERVANT_WRONG, theirs, PAGES, SEED), 0);
    EXPECT(child_lives(&other));
}

static const struct test_case cases[] = {
    {"completions_of_many_requests", completions_of_many_requests},
    {"false_completions", false_completions},
    {"a_read_error_hits_one_task", a_read_error_hits_one_task},
    {"only_the_driver_may_speak", only_the_driver_may_speak},
};
const struct row row_B8 = ROW("B8_swap_finish", cases);
