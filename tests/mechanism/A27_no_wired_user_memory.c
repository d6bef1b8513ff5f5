/* SPDX-License-Identifier: BSD-2-Clause */
/* A27: no pager has to be wired, and no final pager stands behind it: wired bytes of every task are
 * zero, but for the swap driver and the restart set, which is the task server's own image and the
 * driver's file.  fixture_end asserts the same after every other case. */
#include <string.h>

#include "fixture.h"
#include "rows.h"

enum { RESTART_SET_MOST = 28 };
enum { TABLES_SLACK = 8 }; /* a fault of the child may take physmem a table */

static void zero_for_every_task(void)
{
    struct task_info info;
    unsigned tasks = 0;
    for (L4_Word_t id = 0; task_info(id, &info) == OK; id = info.task + 1) {
        bool may = info.task == TASK_ID_SYSTEM || strcmp(info.name, "ata") == 0;
        ktap_diagnostic("task %u (%s): wired %u", (unsigned)info.task, info.name,
                        (unsigned)task_memory(info.task).wired);
        EXPECT(may || task_memory(info.task).wired == 0);
        EXPECT(may || task_memory(info.task).wired_frames == 0);
        tasks++;
    }
    EXPECT_LE(3, tasks);
    L4_Word_t set = task_memory(TASK_ID_SYSTEM).wired_frames;
    ktap_diagnostic("restart set: %u frames", (unsigned)set);
    EXPECT_LE(set, RESTART_SET_MOST);
    EXPECT(find_task("ata") != 0 || set == 0);
}

/* Of all tasks together. */
static L4_Word_t wired_pages(void)
{
    struct task_info info;
    L4_Word_t sum = 0;
    for (L4_Word_t id = 0; task_info(id, &info) == OK; id = info.task + 1) {
        sum += task_memory(info.task).wired_frames;
    }
    return sum;
}

/* Nobody but the task server can ask for it. */
static void nobody_else_may_wire(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t before = wired_pages(), all = wired(), task = c.task,
              in[] = {c.task, TASK_IMAGE_BASE >> PAGE_SHIFT};
    EXPECT_EQ(child_physmem(&c, PHYSMEM_WIRE, &task, 1, NULL, 0), ERR_PERMISSION);
    EXPECT_EQ(child_physmem(&c, PHYSMEM_SET_DRIVER, &task, 1, NULL, 0), ERR_PERMISSION);
    EXPECT_EQ(child_physmem(&c, PHYSMEM_PHYS_ADDR, in, 2, NULL, 0), ERR_PERMISSION);
    EXPECT_EQ(physmem_wire(self_task()), ERR_PERMISSION);
    EXPECT(task_phys_addr(TASK_IMAGE_BASE >> PAGE_SHIFT, NULL) != OK);
    EXPECT(task_interrupt(14, L4_Myself()) != OK);
    EXPECT_EQ(wired_pages(), before);
    EXPECT_LE(wired(), all + TABLES_SLACK);
    EXPECT_EQ(task_memory(c.task).wired, 0);
}

/* Seen from outside: each page of a task with a pager, whatever it is for, can be had. */
static void nothing_of_a_task_stays(void)
{
    enum { PAGES = 20, SEED = 0xa27, TRIES = 50 };
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, PAGES);
    (void)child_do(&c, SERVANT_FILL, address, PAGES, SEED);
    struct task_memory m = task_memory(c.task);
    struct container_stat dc = {0};
    L4_Word_t in[] = {HANDLE_DC, self_task(), RIGHT_READ}, seen = 0;
    EXPECT_EQ(child_physmem(&c, PHYSMEM_SHARE, in, 3, &seen, 1), OK);
    EXPECT_LT(PAGES, m.frames);
    EXPECT_EQ(m.wired_frames, 0);
    EXPECT_EQ(physmem_stat(seen, &dc), OK);
    for (unsigned i = 0; i < TRIES && m.frames + dc.in_memory > 0; i++) {
        pause_ms(SHIELD_MS);
        REQUIRE(child_evict(&c, 0));
        m = task_memory(c.task);
        EXPECT_EQ(physmem_stat(seen, &dc), OK);
    }
    EXPECT_EQ(m.frames, 0);
    EXPECT_EQ(dc.in_memory, 0); /* with its text, which others use too */
    EXPECT_EQ(physmem_close(seen), OK);
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, PAGES, SEED), 0);
}

static const struct test_case cases[] = {
    {"zero_for_every_task", zero_for_every_task},
    {"nothing_of_a_task_stays", nothing_of_a_task_stays},
    {"nobody_else_may_wire", nobody_else_may_wire},
};
const struct row row_A27 = ROW("A27_no_wired_user_memory", cases);
