/* SPDX-License-Identifier: BSD-2-Clause */
/* A5: a page of a container that exists is just mapped: the same container in two tasks is one
 * frame. */
#include "fixture.h"
#include "pager/pager.h"
#include "rows.h"

enum { READ_WRITE = RIGHT_READ | RIGHT_WRITE };

static L4_Word_t map_in(const struct child *c, handle_t theirs, L4_Word_t pages, L4_Word_t rights)
{
    L4_Word_t in[] = {theirs, 0, pages, rights}, address = 0;
    EXPECT_EQ(child_command(c->thread, SERVANT_MAP_CONTAINER, in, 4, &address, 1), OK);
    return address;
}

static enum error poke(const struct child *c, L4_Word_t address, L4_Word_t word)
{
    L4_Word_t in[] = {address, word};
    return child_command(c->thread, SERVANT_POKE, in, 2, NULL, 0);
}

static void one_frame_for_two_tasks(void)
{
    struct child a, b;
    struct container_stat stat;
    REQUIRE(child_start(&a, "servant") && child_start(&b, "servant"));
    handle_t handle = test_container(4);
    L4_Word_t in_a = map_in(&a, test_share(handle, &a, READ_WRITE), 4, READ_WRITE);
    L4_Word_t in_b = map_in(&b, test_share(handle, &b, READ_WRITE), 4, READ_WRITE);
    REQUIRE(!ktap_failing());
    for (L4_Word_t i = 0; i < 4; i++) {
        EXPECT_EQ(poke(&a, in_a + (i << PAGE_SHIFT), i + 100), OK);
        EXPECT_EQ(child_do(&b, SERVANT_PEEK, in_b + (i << PAGE_SHIFT), 0, 0), i + 100);
        EXPECT_EQ(poke(&b, in_b + (i << PAGE_SHIFT), i + 200), OK);
        EXPECT_EQ(child_do(&a, SERVANT_PEEK, in_a + (i << PAGE_SHIFT), 0, 0), i + 200);
    }
    EXPECT_EQ(physmem_stat(handle, &stat), OK);
    EXPECT_EQ(stat.pages, 4);
    EXPECT_EQ(stat.in_memory + stat.on_swap, 4);
    EXPECT_EQ(stat.rights, RIGHT_ALL);
}

/* The faulter gets the error, and only it. */
static void dead_container(void)
{
    struct child a, b;
    REQUIRE(child_start(&a, "servant") && child_start(&b, "servant"));
    handle_t handle = test_container(2);
    handle_t theirs = test_share(handle, &a, READ_WRITE);
    L4_Word_t address = map_in(&a, theirs, 2, READ_WRITE);
    EXPECT_EQ(poke(&a, address, 1), OK);
    EXPECT_EQ(physmem_destroy(handle), OK);
    EXPECT_EQ(poke(&a, address, 2), ERR_DEAD);
    EXPECT_EQ(child_last_trap().reason, REASON_BACKING);
    EXPECT_EQ(child_physmem(&a, PHYSMEM_STAT, (L4_Word_t[]){theirs, 0}, 2, NULL, 0), ERR_DEAD);
    EXPECT_EQ(child_physmem(&a, PHYSMEM_CLOSE, &theirs, 1, NULL, 0), OK);
    EXPECT_EQ(child_physmem(&a, PHYSMEM_STAT, (L4_Word_t[]){theirs, 0}, 2, NULL, 0), ERR_NO_HANDLE);
    EXPECT_EQ(physmem_destroy(handle), ERR_NO_HANDLE);
    (void)child_do(&b, SERVANT_NOTHING, 0, 0, 0);
    EXPECT(child_lives(&a) && child_lives(&b));
}

static void past_the_end(void)
{
    struct child a;
    REQUIRE(child_start(&a, "servant"));
    handle_t theirs = test_share(test_container(4), &a, READ_WRITE);
    L4_Word_t address = map_in(&a, theirs, 8, READ_WRITE);
    EXPECT_EQ(poke(&a, address + 3 * PAGE_SIZE, 1), OK);
    EXPECT_EQ(poke(&a, address + 4 * PAGE_SIZE, 1), ERR_RANGE);
    EXPECT_EQ(poke(&a, address + 7 * PAGE_SIZE, 1), ERR_RANGE);
    L4_Word_t in[] = {theirs, 4, 1}, wrap[] = {theirs, ~0u, 2}, hole[] = {theirs, 0, 0xfffff};
    EXPECT_EQ(child_physmem(&a, PHYSMEM_ZERO, in, 3, NULL, 0), ERR_RANGE);
    EXPECT_EQ(child_physmem(&a, PHYSMEM_ZERO, wrap, 3, NULL, 0), ERR_RANGE);
    EXPECT_EQ(child_physmem(&a, PHYSMEM_ZERO, hole, 3, NULL, 0), ERR_RANGE);
    EXPECT_EQ(child_do(&a, SERVANT_PEEK, address + 3 * PAGE_SIZE, 0, 0), 1);
}

static void a_hole(void)
{
    struct child a;
    handle_t handle = test_container(4);
    REQUIRE(child_start(&a, "servant"));
    handle_t theirs = test_share(handle, &a, READ_WRITE);
    L4_Word_t address = map_in(&a, theirs, 4, READ_WRITE);
    EXPECT_EQ(poke(&a, address + PAGE_SIZE, 1), OK);
    EXPECT_EQ(physmem_punch(handle, 1, 1), OK);
    EXPECT_EQ(poke(&a, address + PAGE_SIZE, 1), ERR_HOLE);
    EXPECT_EQ(poke(&a, address, 1), OK);
    EXPECT_EQ(physmem_zero(handle, 1, 1), OK);
    EXPECT_EQ(child_do(&a, SERVANT_PEEK, address + PAGE_SIZE, 0, 0), 0);
}

static void missing_right(void)
{
    struct child a;
    REQUIRE(child_start(&a, "servant"));
    handle_t handle = test_container(2), theirs = test_share(handle, &a, RIGHT_READ);
    /* The region promises more than the handle gives. */
    L4_Word_t address = map_in(&a, theirs, 2, READ_WRITE);
    EXPECT_EQ(child_do(&a, SERVANT_PEEK, address, 0, 0), 0);
    EXPECT_EQ(poke(&a, address, 1), ERR_RIGHTS);
    EXPECT_EQ(child_do(&a, SERVANT_PEEK, address, 0, 0), 0);
    L4_Word_t range[] = {theirs, 0, 1}, share[] = {theirs, self_task(), READ_WRITE};
    L4_Word_t owner[] = {theirs, self_task(), RIGHT_READ | RIGHT_OWNER},
              copy[] = {HANDLE_DC, 40, theirs, 0, 1};
    EXPECT_EQ(child_physmem(&a, PHYSMEM_ZERO, range, 3, NULL, 0), ERR_RIGHTS);
    EXPECT_EQ(child_physmem(&a, PHYSMEM_PUNCH, range, 3, NULL, 0), ERR_RIGHTS);
    EXPECT_EQ(child_physmem(&a, PHYSMEM_DESTROY, &theirs, 1, NULL, 0), ERR_RIGHTS);
    EXPECT_EQ(child_physmem(&a, PHYSMEM_COPY, copy, 5, NULL, 0), ERR_RIGHTS);
    EXPECT_EQ(child_physmem(&a, PHYSMEM_SHARE, share, 3, NULL, 0), ERR_RIGHTS);
    EXPECT(child_physmem(&a, PHYSMEM_SHARE, owner, 3, NULL, 0) != OK);
}

/* Handles mean something only together with the task that has them. */
static void foreign_handle(void)
{
    struct child a;
    REQUIRE(child_start(&a, "servant"));
    handle_t mine = test_container(2), theirs = test_share(mine, &a, RIGHT_READ);
    L4_Word_t numbers[] = {HANDLE_NONE, theirs + 1, theirs + 1000, 0x7fffffff, ~0u};
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        EXPECT_EQ(child_physmem(&a, PHYSMEM_STAT, (L4_Word_t[]){numbers[i], 0}, 2, NULL, 0), ERR_NO_HANDLE);
    }
    L4_Word_t address = map_in(&a, theirs + 1, 1, READ_WRITE);
    EXPECT_EQ(poke(&a, address, 1), ERR_NO_HANDLE);
    EXPECT_EQ(physmem_share(mine, 9999, RIGHT_READ, NULL), ERR_NO_TASK);
    EXPECT_EQ(physmem_create(0, 0, NULL), ERR_ARGUMENT);
    EXPECT_EQ(physmem_create((1 << 20) + 1, 0, NULL), ERR_ARGUMENT);
}

static const struct test_case cases[] = {
    {"one_frame_for_two_tasks", one_frame_for_two_tasks},
    {"dead_container", dead_container},
    {"past_the_end", past_the_end},
    {"a_hole", a_hole},
    {"missing_right", missing_right},
    {"foreign_handle", foreign_handle},
};
const struct row row_A5 = ROW("A5_existing_container", cases);
