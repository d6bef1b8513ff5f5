/* SPDX-License-Identifier: BSD-2-Clause */
/* A1: a task with a pager thread becomes completely pageable: outswapped, it holds no frame at
 * all. */
#include "fixture.h"
#include "rows.h"

enum { PAGES = 200, SEED = 0xa1 };

static void zero_frames(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, PAGES);
    (void)child_do(&c, SERVANT_FILL, address, PAGES, SEED);
    struct task_memory in = task_memory(c.task);
    EXPECT_EQ(in.state, TASK_MEMORY_IN);
    EXPECT_LT(0, in.frames_dc);
    REQUIRE(child_outswap(&c, OUTSWAP_HOLD));
    struct task_memory out = task_memory(c.task);
    ktap_diagnostic("outswap %u: user frames %u, of the pager %u, stub %u bytes", (unsigned)c.task,
                    (unsigned)out.frames, (unsigned)out.frames_dc, (unsigned)out.stub_bytes);
    EXPECT_EQ(out.frames, 0);
    EXPECT_EQ(out.frames_dc, 0);
    EXPECT_LE(PAGES, out.swapped);
    REQUIRE(child_inswap(&c));
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, PAGES, SEED), 0);
}

static void every_page_comes_back(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    struct child_layout at = child_layout(&c);
    L4_Word_t address = child_anonymous(&c, PAGES), text_pages = 4;
    (void)child_do(&c, SERVANT_FILL, address, PAGES, SEED);
    L4_Word_t memory_hash = child_do(&c, SERVANT_HASH, address, PAGES, 0);
    L4_Word_t text_hash = child_do(&c, SERVANT_HASH, at.text, text_pages, 0);
    for (int round = 0; round < 3; round++) {
        REQUIRE(child_outswap(&c, OUTSWAP_HOLD));
        REQUIRE(child_inswap(&c));
        EXPECT_EQ(child_do(&c, SERVANT_HASH, address, PAGES, 0), memory_hash);
        EXPECT_EQ(child_do(&c, SERVANT_HASH, at.text, text_pages, 0), text_hash);
    }
}

static void a_fault_wakes_it(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, PAGES);
    (void)child_do(&c, SERVANT_FILL, address, PAGES, SEED);
    REQUIRE(child_outswap(&c, 0));
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, PAGES, SEED), 0);
    EXPECT_EQ(task_memory(c.task).state, TASK_MEMORY_IN);
}

/* Each refusal has an error of its own. */
static void bad_task_is_refused(void)
{
    L4_Word_t driver = find_task("ata"), in[2] = {driver, 0}, system[2] = {TASK_ID_SYSTEM, 0};
    EXPECT_EQ(task_outswap(self_task(), 0), ERR_SELF);
    EXPECT_EQ(task_debug(PHYSMEM_OUTSWAP, system, 2, NULL, 0), ERR_PERMISSION);
    EXPECT(task_outswap(TASK_ID_SYSTEM, 0) != OK); /* the task server does not know it as a task */
    REQUIRE(driver != 0);
    EXPECT_EQ(task_debug(PHYSMEM_OUTSWAP, in, 2, NULL, 0), ERR_WIRED);
    static const L4_Word_t unknown[] = {0, 64, 9999, TASK_ID_LAST, TASK_ID_LAST + 1, ~0u};
    for (unsigned i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        EXPECT_EQ(task_outswap(unknown[i], 0), ERR_NO_TASK);
        EXPECT_EQ(task_inswap(unknown[i]), ERR_NO_TASK);
    }
}

/* A call of the task server in the child's name. */
static enum error as_task(const struct child *c, L4_Word_t label, L4_Word_t a, L4_Word_t b)
{
    L4_Word_t in[] = {TASK_SERVER_THREAD.raw, TASK_REPLY, label | 2 << 16, a, b};
    return child_command(c->thread, SERVANT_RELAY, in, 5, NULL, 0);
}

static void only_for_its_ancestors(void)
{
    struct child c, other;
    REQUIRE(child_start(&c, "servant") && child_start(&other, "servant"));
    EXPECT_EQ(as_task(&c, TASK_OUTSWAP, other.task, OUTSWAP_HOLD), ERR_PERMISSION);
    EXPECT_EQ(as_task(&c, TASK_OUTSWAP, self_task(), OUTSWAP_HOLD), ERR_PERMISSION);
    EXPECT_EQ(as_task(&c, TASK_KILL, other.task, 1), ERR_PERMISSION);
    EXPECT_EQ(as_task(&c, TASK_KILL, self_task(), 1), ERR_PERMISSION);
    EXPECT(child_lives(&other) && child_lives(&c));
    EXPECT_EQ(task_memory(other.task).state, TASK_MEMORY_IN);
    (void)child_do(&other, SERVANT_NOTHING, 0, 0, 0);
}

static void second_time_changes_nothing(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, PAGES);
    (void)child_do(&c, SERVANT_FILL, address, PAGES, SEED);
    EXPECT_EQ(task_inswap(c.task), ERR_ALREADY);
    REQUIRE(child_outswap(&c, OUTSWAP_HOLD));
    struct memory_info before = memory();
    EXPECT_EQ(task_outswap(c.task, OUTSWAP_HOLD), ERR_ALREADY);
    EXPECT_EQ(task_memory(c.task).state, TASK_MEMORY_OUT);
    EXPECT_EQ(memory().pages_written, before.pages_written);
    REQUIRE(child_inswap(&c));
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, PAGES, SEED), 0);
}

static void without_a_disk_it_is_refused(void)
{
    struct child c;
    if (have_swap()) {
        ktap_skip_rest("machine: there is a swap disk");
        return;
    }
    REQUIRE(child_start(&c, "servant"));
    EXPECT_EQ(task_outswap(c.task, 0), ERR_NO_SWAP);
    EXPECT_EQ(task_memory(c.task).state, TASK_MEMORY_IN);
    (void)child_do(&c, SERVANT_NOTHING, 0, 0, 0);
}

static const struct test_case cases[] = {
    {"zero_frames", zero_frames},
    {"every_page_comes_back", every_page_comes_back},
    {"a_fault_wakes_it", a_fault_wakes_it},
    {"bad_task_is_refused", bad_task_is_refused},
    {"without_a_disk_it_is_refused", without_a_disk_it_is_refused},
    {"only_for_its_ancestors", only_for_its_ancestors},
    {"second_time_changes_nothing", second_time_changes_nothing},
};
const struct row row_A1 = ROW("A1_task_with_pager_goes_out", cases);
