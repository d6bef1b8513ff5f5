// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* sigma0 answers with a page where another one is in the way, from which very many mappings have
 * been derived: with KERNEL_MAP_STEP no answer is longer than a step. */
#include "ktap/ktap.h"
#include "l4/kernel_memory.h"
#include "l4/work.h"
#include "mock.h"

enum { ID = (USER_BASE_NO + 20) << L4_VERSION_BITS | 1, PLACE = 0x400000, MANY_START = 0x800000 };
enum { OLD = 0x300000, NEW = 0x301000, MANY = 400, MANY_ANSWERS = MANY / 80 };

static struct tcb *root, *sigma0, *t;

/* Who else is ready waits. */
static void until_runs(const struct tcb *wanted)
{
    while (schedule_exit() != wanted) {
        ipc_system_call(current, 0, L4_anythread.raw, 0, 0);
    }
}

static void begin(const char *name)
{
    ktap_begin(name);
    EXPECT_EQ(thread_control(root, ID, ID, root->global_id, 0, MOCK_UTCB_BASE), 0);
    struct space *space = thread_find(ID)->space;
    (void)space_set_areas(space, L4_FpageLog2(MOCK_KIP_BASE, PAGE_BITS), L4_FpageLog2(MOCK_UTCB_BASE, 16));
    EXPECT_EQ(thread_control(root, ID, ID, root->global_id, root->global_id, ~0u), 0);
    t = thread_find(ID);
    struct exchange start = {.control = L4_EXREGS_START};
    (void)exchange_registers(root, ID, &start);
    *tcb_tcr(t, UTCB_PAGER) = sigma0->global_id;
    (void)map_page_whole(sigma0_space, OLD, space, PLACE, L4_ReadeXecOnly, false);
    for (unsigned i = 0; i < MANY; i++) {
        vaddr_t to = MANY_START + i * PAGE_BYTES;
        EXPECT_EQ(map_page_whole(space, PLACE, space, to, L4_ReadeXecOnly, false), MAP_OK);
    }
}

static void end(void)
{
    EXPECT_EQ(control_whole(root, ID, 0, 0, 0, ~0u), 0);
    (void)ktap_end();
}

/* t writes to the place, and sigma0 answers.  Returns in how many steps. */
static unsigned answer(word_t flags)
{
    unsigned steps = 1;
    until_runs(t);
    fault_page(t, PLACE, L4_Writable);
    until_runs(sigma0);
    sigma0->utcb[1] = PLACE | L4_ITEM_MAP | flags;
    sigma0->utcb[2] = L4_FpageAddRights(L4_FpageLog2(NEW, PAGE_BITS), L4_FullyAccessible).raw;
    ipc_system_call(sigma0, ID, 0, 0, 2 << 6);
    for (; sigma0->continuing; steps++) {
        EXPECT_EQ(mapping_db_check(), 0);
        work_begin();
        sigma0->continuing = CONTINUES_NOTHING;
        ipc_continue(sigma0);
    }
    return steps;
}

static bool has_new(void)
{
    paddr_t frame;
    return mock_rights(t->space, PLACE, &frame) && frame == NEW;
}

static void test_bounded(void)
{
    unsigned answers = 0;
    begin("an answer of one step, again and again");
    while (!has_new() && answers++ < MANY) {
        EXPECT_EQ(answer(KERNEL_MAP_STEP), 1);
    }
    EXPECT(has_new() && answers > MANY_ANSWERS);
    end();
}

static void test_unbounded(void)
{
    begin("an answer that is not bounded is one");
    EXPECT(answer(0) > MANY_ANSWERS && has_new());
    end();
}

int main(void)
{
    mock_init(MOCK_POOL_PAGES);
    root = mock_boot();
    sigma0 = sigma0_space->threads;
    mock_quiet = true;
    until_runs(root);
    ktap_start(mock_write, 2);
    test_bounded();
    test_unbounded();
    return ktap_finish();
}
