/* SPDX-License-Identifier: BSD-2-Clause */
/* A19: last-resort faults are served 1:1: virtual address = offset in the designated container.
 * What lies outside of it ends the task; there is never a silent zero page. */
#include "fixture.h"
#include "rows.h"

enum { LIMIT_MS = 20 * 1000, STATUS_FAULT = 139, KERNEL_BASE_ADDRESS = (int)0xc0000000 };

static void address_is_offset(void)
{
    struct child c;
    REQUIRE(child_start(&c, "simple"));
    struct child_layout at = child_layout(&c);
    EXPECT_EQ(at.pager, PHYSMEM_THREAD.raw);
    handle_t handle = test_container(1), theirs = test_share(handle, &c, RIGHT_READ | RIGHT_WRITE);
    volatile L4_Word_t *here = test_map(handle, 1, RIGHT_READ);
    L4_Word_t places[] = {at.free_start, at.free_start + 5 * PAGE_SIZE, at.dc_end - PAGE_SIZE};
    REQUIRE(here != NULL);
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        (void)child_do(&c, SERVANT_POKE, places[i], places[i] ^ 0x55, 0);
        L4_Word_t copy[] = {HANDLE_DC, places[i] >> PAGE_SHIFT, theirs, 0, 1};
        EXPECT_EQ(child_physmem(&c, PHYSMEM_COPY, copy, 5, NULL, 0), OK);
        EXPECT_EQ(here[0], places[i] ^ 0x55);
    }
    /* And back: what is copied to a page of the container appears at that address. */
    L4_Word_t back[] = {theirs, 0, HANDLE_DC, places[1] >> PAGE_SHIFT, 1};
    EXPECT_EQ(child_physmem(&c, PHYSMEM_COPY, back, 5, NULL, 0), OK);
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, places[1], 0, 0), places[2] ^ 0x55);
}

static void expect_end(enum servant_command command, L4_Word_t address, enum error cause)
{
    struct child c;
    struct task_status status = {0};
    REQUIRE(child_start(&c, "simple"));
    REQUIRE(child_post(c.thread, command, address, 1, 0));
    EXPECT(child_wait_end(&c, &status, LIMIT_MS));
    ktap_diagnostic("0x%x: end %u, status %u, address 0x%x, cause %u", (unsigned)address,
                    (unsigned)status.end, (unsigned)status.status, (unsigned)status.address,
                    (unsigned)status.cause);
    EXPECT_EQ(status.end, TASK_END_FAULT);
    EXPECT_EQ(status.status, STATUS_FAULT);
    EXPECT_EQ(status.address, address);
    if (cause != OK) {
        EXPECT_EQ(status.cause, cause);
    } else {
        EXPECT(status.cause == ERR_RANGE || status.cause == ERR_HOLE);
    }
}

static struct child_layout some_layout(void)
{
    struct child c;
    struct child_layout at = {0};
    if (child_start(&c, "simple")) {
        at = child_layout(&c);
        child_kill(&c);
    }
    return at;
}

static void past_the_end(void)
{
    struct child_layout at = some_layout();
    REQUIRE(!ktap_failing());
    expect_end(SERVANT_POKE, at.dc_end, ERR_RANGE);
    expect_end(SERVANT_PEEK, TASK_REGIONS_BASE, ERR_RANGE);
    expect_end(SERVANT_EXECUTE, TASK_REGIONS_END - PAGE_SIZE, ERR_RANGE);
}

static void a_hole(void)
{
    struct child_layout at = some_layout();
    REQUIRE(!ktap_failing());
    expect_end(SERVANT_PEEK, at.stack_start - 4, ERR_HOLE);
    expect_end(SERVANT_POKE, 0, OK);
    expect_end(SERVANT_PEEK, 0x800, OK);
}

static void the_kernels_addresses(void)
{
    expect_end(SERVANT_PEEK, (L4_Word_t)KERNEL_BASE_ADDRESS, OK);
    expect_end(SERVANT_POKE, (L4_Word_t)KERNEL_BASE_ADDRESS + 0x100000, OK);
    expect_end(SERVANT_PEEK, ~0xfffu, OK);
}

static void kip_and_utcbs(void)
{
    struct child c;
    REQUIRE(child_start(&c, "simple"));
    /* Readable, but nobody may write there, and no page of the container shows through. */
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, TASK_KIP_BASE, 0, 0), (L4_Word_t)KIP_MAGIC);
    expect_end(SERVANT_POKE, TASK_KIP_BASE, OK);
    /* The last UTCBs of the area belong to no thread. */
    expect_end(SERVANT_POKE, TASK_UTCB_BASE + (1 << TASK_UTCB_LOG2) - 4, OK);
}

static const struct test_case cases[] = {
    {"address_is_offset", address_is_offset},         {"past_the_end", past_the_end},   {"a_hole", a_hole},
    {"the_kernels_addresses", the_kernels_addresses}, {"kip_and_utcbs", kip_and_utcbs},
};
const struct row row_A19 = ROW("A19_one_to_one", cases);
