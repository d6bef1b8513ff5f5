/* SPDX-License-Identifier: BSD-2-Clause */
/* B8: SwapFinish hears of completions and wakes whoever waits.  Only the swap driver is listened to.
 * Not to be provoked from here: unknown, duplicate and late completions of the driver itself (the driver at hand
 * makes none); physmem's unit tests and the failing disk of tests/system do that. */
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

static const struct test_case cases[] = {
    {"completions_of_many_requests", completions_of_many_requests},
    {"only_the_driver_may_speak", only_the_driver_may_speak},
};
const struct row row_B8 = ROW("B8_swap_finish", cases);
