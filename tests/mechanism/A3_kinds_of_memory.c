/* SPDX-License-Identifier: BSD-2-Clause */
/* A3: one pager thread serves every fault, by the kind of memory at the address: designated
 * container, anonymous, container, guard, none.  There are no file pages yet.  Execution of a page
 * without the right cannot be provoked, because the processor has no such bit. */
#include "fixture.h"
#include "pager/pager.h"
#include "rows.h"

static void all_kinds_are_served(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    handle_t handle = test_container(2);
    handle_t theirs = test_share(handle, &c, RIGHT_READ | RIGHT_WRITE);
    L4_Word_t in[] = {theirs, 0, 2, RIGHT_READ | RIGHT_WRITE}, shared = 0, out[5];
    REQUIRE_EQ(child_command(c.thread, SERVANT_MAP_CONTAINER, in, 4, &shared, 1), OK);
    L4_Word_t anonymous = child_anonymous(&c, 2);
    struct child_layout at = child_layout(&c);
    L4_Word_t places[] = {shared, shared + PAGE_SIZE, anonymous, anonymous + PAGE_SIZE, child_spare_page(&c)};
    REQUIRE_EQ(child_command(c.thread, SERVANT_PAGER, NULL, 0, out, 5), OK);
    L4_Word_t forwards = out[1];
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        (void)child_do(&c, SERVANT_POKE, places[i], i + 1, 0);
    }
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        EXPECT_EQ(child_do(&c, SERVANT_PEEK, places[i], 0, 0), i + 1);
    }
    /* One pager for all of them, and it is not physmem. */
    REQUIRE_EQ(child_command(c.thread, SERVANT_PAGER, NULL, 0, out, 5), OK);
    EXPECT_EQ(out[0], at.pager);
    EXPECT_LE(forwards + sizeof places / sizeof *places, out[1]);
}

/* The command ends with a trap that tells address and access, and the pager goes on. */
static void expect_trap(const struct child *c, enum servant_command command, L4_Word_t address,
                        L4_Word_t reason)
{
    L4_Word_t in[] = {address, 1};
    EXPECT(child_command(c->thread, command, in, 2, NULL, 0) != OK);
    struct child_trap trap = child_last_trap();
    EXPECT(trap.trapped);
    EXPECT_EQ(trap.kind, TRAP_FAULT);
    EXPECT_EQ(trap.address, address);
    EXPECT_EQ((trap.access & L4_Writable) != 0, command == SERVANT_POKE);
    EXPECT_EQ(trap.reason, reason);
    L4_Word_t fresh = child_anonymous(c, 1);
    EXPECT_EQ(child_do(c, SERVANT_PEEK, fresh, 0, 0), 0);
    (void)child_do(c, SERVANT_UNMAP, fresh, 1, 0);
}

static void unmapped_address(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t gone = child_anonymous(&c, 4);
    (void)child_do(&c, SERVANT_FILL, gone, 4, 1);
    (void)child_do(&c, SERVANT_UNMAP, gone, 4, 0);
    static const L4_Word_t nowhere[] = {0, 4, 0x5a5a5000, TASK_REGIONS_END, 0xbffffffc};
    for (unsigned i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        expect_trap(&c, SERVANT_PEEK, nowhere[i], REASON_NO_REGION);
        expect_trap(&c, SERVANT_POKE, nowhere[i], REASON_NO_REGION);
    }
    expect_trap(&c, SERVANT_PEEK, gone + 3 * PAGE_SIZE, REASON_NO_REGION);
}

static void guard_page(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    struct child_layout at = child_layout(&c);
    expect_trap(&c, SERVANT_PEEK, at.stack_start - 4, REASON_GUARD);
    expect_trap(&c, SERVANT_POKE, at.stack_start - 4, REASON_GUARD);
}

static void write_to_read_only(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t pages = child_anonymous(&c, 2);
    (void)child_do(&c, SERVANT_POKE, pages, 7, 0);
    (void)child_do(&c, SERVANT_PROTECT, pages, 1, RIGHT_READ);
    expect_trap(&c, SERVANT_POKE, pages, REASON_RIGHTS);
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, pages, 0, 0), 7);
    (void)child_do(&c, SERVANT_POKE, pages + PAGE_SIZE, 8, 0);
    L4_Word_t text = child_layout(&c).text, word = child_do(&c, SERVANT_PEEK, text, 0, 0);
    expect_trap(&c, SERVANT_POKE, text, REASON_RIGHTS);
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, text, 0, 0), word);
    (void)child_do(&c, SERVANT_PROTECT, pages, 1, RIGHT_READ | RIGHT_WRITE);
    (void)child_do(&c, SERVANT_POKE, pages, 9, 0);
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, pages, 0, 0), 9);
}

static void jump_to_nowhere(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    expect_trap(&c, SERVANT_EXECUTE, 0x6b6b6000, REASON_NO_REGION);
}

/* A container of the child's own, mapped: nothing but the region goes when it is unmapped. */
static L4_Word_t mapped_container(const struct child *c, L4_Word_t pages)
{
    L4_Word_t create[] = {pages, 0}, handle = 0, address = 0;
    EXPECT_EQ(child_physmem(c, PHYSMEM_CREATE, create, 2, &handle, 1), OK);
    L4_Word_t map[] = {handle, 0, pages, RIGHT_READ | RIGHT_WRITE};
    EXPECT_EQ(child_command(c->thread, SERVANT_MAP_CONTAINER, map, 4, &address, 1), OK);
    return address;
}

/* A thread waits for a page whose region is unmapped meanwhile: it learns that at once, and the
 * page does not appear there later. */
static void unmapped_while_waited_for(void)
{
    enum { PAGES = 3, LIMIT_MS = 2 * 1000, TRIES = 5 };
    struct child c;
    bool held = false;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant") && child_add_threads(&c, 1));
    L4_ThreadId_t waiter = child_thread(&c, 0), from;
    for (unsigned i = 0; i < TRIES && !held; i++) {
        L4_Word_t address = mapped_container(&c, PAGES), page = address + PAGE_SIZE;
        (void)child_do(&c, SERVANT_FILL, address, PAGES, 3);
        pause_ms(SHIELD_MS);
        REQUIRE(child_evict(&c, EVICT_KEEP_DC));
        disk_hold();
        REQUIRE(child_post(waiter, SERVANT_PEEK, page, 0, 0));
        REQUIRE(wait_parked(1));
        (void)child_do(&c, SERVANT_UNMAP, page, 1, 0);
        enum error e = child_collect(&from, NULL, LIMIT_MS);
        struct child_trap trap = child_last_trap();
        held = disk_go_on();
        if (held) {
            EXPECT(e != OK && trap.trapped && trap.address == page && trap.reason == REASON_NO_REGION);
        }
        expect_trap(&c, SERVANT_PEEK, page, REASON_NO_REGION);
        EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, 1, 3), 0);
        (void)child_do(&c, SERVANT_UNMAP, address, 1, 0); /* one that is mapped */
        expect_trap(&c, SERVANT_PEEK, address, REASON_NO_REGION);
    }
    EXPECT(held);
}

static const struct test_case cases[] = {
    {"all_kinds_are_served", all_kinds_are_served},
    {"unmapped_address", unmapped_address},
    {"guard_page", guard_page},
    {"write_to_read_only", write_to_read_only},
    {"jump_to_nowhere", jump_to_nowhere},
    {"unmapped_while_waited_for", unmapped_while_waited_for},
};
const struct row row_A3 = ROW("A3_kinds_of_memory", cases);
