/* SPDX-License-Identifier: BSD-2-Clause */
/* B11: whoever waits for page faults gets the faulted page: the address is the one that was
 * touched, whatever kind it is. */
#include "fixture.h"
#include "pager/pager.h"
#include "rows.h"

enum { LIMIT_MS = 20 * 1000, ROUNDS = 50, THREADS = 8 };

static void the_address_is_exact(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    static const L4_Word_t offsets[] = {0, 4, 0x7fc, 0xffc};
    for (unsigned i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        L4_Word_t in[] = {0x70000000 + offsets[i], 1};
        EXPECT(child_command(c.thread, SERVANT_POKE, in, 2, NULL, 0) != OK);
        EXPECT(child_last_trap().trapped);
        EXPECT_EQ(child_last_trap().address, in[0]);
    }
    /* Two pages by one access: the second one is what is missing. */
    L4_Word_t page = child_anonymous(&c, 1), in[] = {page + PAGE_SIZE - 2, 1};
    EXPECT(child_command(c.thread, SERVANT_POKE, in, 2, NULL, 0) != OK);
    EXPECT_EQ(child_last_trap().address, page + PAGE_SIZE);
}

static void expect_trap(const struct child *c, enum servant_command command, L4_Word_t address)
{
    L4_Word_t in[] = {address, 1};
    EXPECT(child_command(c->thread, command, in, 2, NULL, 0) != OK);
    EXPECT(child_last_trap().trapped);
    EXPECT_EQ(child_last_trap().address, address);
}

static void addresses_of_the_kernel(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    static const L4_Word_t places[] = {0xc0000000, 0xc0100000, 0xf0000000, 0xfffff000, 0xfffffffc};
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        expect_trap(&c, SERVANT_PEEK, places[i]);
        expect_trap(&c, SERVANT_POKE, places[i]);
        expect_trap(&c, SERVANT_EXECUTE, places[i]);
    }
}

static void kip_and_utcbs(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, TASK_KIP_BASE, 0, 0), (L4_Word_t)KIP_MAGIC);
    expect_trap(&c, SERVANT_POKE, TASK_KIP_BASE);
    expect_trap(&c, SERVANT_PEEK, TASK_UTCB_BASE + (1 << TASK_UTCB_LOG2) - 4);
    expect_trap(&c, SERVANT_POKE, TASK_UTCB_BASE + (1 << TASK_UTCB_LOG2) - 4);
}

/* A fault for a page that is there already: rights taken and given back while threads use it. */
static void already_mapped(void)
{
    struct child c;
    L4_ThreadId_t from;
    REQUIRE(child_start(&c, "servant") && child_add_threads(&c, THREADS));
    L4_Word_t page = child_anonymous(&c, 1);
    for (unsigned round = 0; round < ROUNDS; round++) {
        (void)child_do(&c, SERVANT_FLUSH, page | PAGE_SHIFT << 4 | L4_FullyAccessible, 0, 0);
        for (unsigned i = 0; i < THREADS; i++) {
            REQUIRE(child_post(child_thread(&c, i), SERVANT_POKE, page + 4 * i, round + i, 0));
        }
        for (unsigned i = 0; i < THREADS; i++) {
            REQUIRE_EQ(child_collect(&from, NULL, LIMIT_MS), OK);
        }
        for (unsigned i = 0; i < THREADS; i++) {
            EXPECT_EQ(child_do(&c, SERVANT_PEEK, page + 4 * i, 0, 0), round + i);
        }
    }
}

/* Messages that look like a fault but are none: dropped and counted. */
static void forged_forwards(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, 1);
    L4_Word_t before = memory().dropped;
    for (unsigned i = 0; i < 5; i++) {
        L4_LoadMR(1, address);
        L4_LoadMR(2, HANDLE_DC);
        L4_LoadMR(3, 32);
        L4_LoadMR(4, L4_FullyAccessible | L4_FullyAccessible << 4);
        EXPECT(L4_IpcSucceeded(L4_Send(PHYSMEM_THREAD, L4_MsgTag(PHYSMEM_FORWARD, 4, 0))));
    }
    EXPECT_EQ(memory().dropped, before + 5);
    EXPECT_EQ(memory().parked, 0);
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, address, 0, 0), 0);
}

static const struct test_case cases[] = {
    {"the_address_is_exact", the_address_is_exact},
    {"addresses_of_the_kernel", addresses_of_the_kernel},
    {"kip_and_utcbs", kip_and_utcbs},
    {"already_mapped", already_mapped},
    {"forged_forwards", forged_forwards},
};
const struct row row_B11 = ROW("B11_faulted_page", cases);
