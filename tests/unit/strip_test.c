// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Stripped spaces (kernel/l4/strip.h) where memory is short, and what is refused.  What threads see
 * of it is in kernel_ipc_test and tests/conformance/stripped_space.c. */
#include "ktap/ktap.h"
#include "l4/kernel_memory.h"
#include "l4/space_control.h"
#include "l4/strip.h"
#include "mock.h"

enum { FIRST = USER_BASE_NO + 20, UTCB_AREA_BITS = 16, PLACE = 0x400000, FRAME = 0x300000 };

static struct tcb *root, *sigma0;
static void *taken[MOCK_POOL_PAGES];
static unsigned taken_count;

static word_t id_of(word_t i)
{
    return (FIRST + i) << L4_VERSION_BITS | 1;
}

static word_t make(word_t i, word_t location)
{
    return thread_control(root, id_of(i), id_of(0), root->global_id, sigma0->global_id, location);
}

/* A space with `count' threads that wait for their start messages, one behind the other. */
static struct space *make_space(word_t count)
{
    EXPECT_EQ(thread_control(root, id_of(0), id_of(0), root->global_id, 0, MOCK_UTCB_BASE), 0);
    struct space *space = thread_find(id_of(0))->space;
    EXPECT_EQ(space_set_areas(space, L4_FpageLog2(MOCK_KIP_BASE, PAGE_BITS),
                              L4_FpageLog2(MOCK_UTCB_BASE, UTCB_AREA_BITS)),
              0);
    EXPECT_EQ(make(0, ~0u), 0);
    for (word_t i = 1; i < count; i++) {
        EXPECT_EQ(make(i, MOCK_UTCB_BASE + i * UTCB_SIZE), 0);
    }
    return space;
}

static void end_space(word_t count)
{
    for (word_t i = 0; i < count; i++) {
        EXPECT_EQ(thread_control(root, id_of(i), 0, 0, 0, ~0u), 0);
    }
    EXPECT(kmem_check());
}

static word_t strip(void)
{
    struct space_call c = {.space = id_of(0), .control = KERNEL_STRIP};
    return space_control_whole(root, &c);
}

/* Leaves so many pages free. */
static void take_pages(size_t left)
{
    while (kmem_pages_free() > left) {
        taken[taken_count++] = kmem_alloc_page(NULL);
    }
}

static void give_pages(void)
{
    while (taken_count > 0) {
        kmem_free_page(taken[--taken_count], NULL);
    }
}

static enum map_result map(struct space *to, word_t log2)
{
    struct map_progress p = {0};
    return map_item(sigma0_space, to, PLACE | L4_ITEM_MAP,
                    L4_FpageAddRights(L4_FpageLog2(FRAME, log2), L4_FullyAccessible), L4_CompleteAddressSpace,
                    &p);
}

static void test_bytes(void)
{
    ktap_begin("what is left is the record, the TCBs and the UTCBs");
    struct space *space = make_space(2);
    word_t before = space->kmem_bytes;
    EXPECT_EQ(strip(), 0);
    EXPECT_EQ(space->kmem_bytes, sizeof *space + 2 * (tcb_slab.object_bytes + (word_t)UTCB_SIZE));
    EXPECT(space_restore(space));
    EXPECT_EQ(space->kmem_bytes, before);
    end_space(2);
    (void)ktap_end();
}

static void test_whole_or_not(void)
{
    ktap_begin("a space comes back whole or, for want of memory, not at all");
    struct space *space = make_space(9); /* a directory, a table, two pages of UTCBs */
    EXPECT_EQ(strip(), 0);
    word_t bytes = space->kmem_bytes;
    for (size_t left = 0; left < 4; left++) {
        take_pages(left);
        EXPECT_EQ(map(space, PAGE_BITS), MAP_NO_MEMORY);
        EXPECT_EQ(map(space, PAGE_BITS + 2), MAP_NO_MEMORY);
        EXPECT(space->stripped && space->kmem_bytes == bytes);
        EXPECT_EQ(make(9, MOCK_UTCB_BASE + 9 * UTCB_SIZE), L4_ErrNoMem);
        EXPECT_EQ(ipc_check() + thread_check(), 0);
        give_pages();
    }
    take_pages(4); /* the page's own table takes what the UTCBs have left */
    EXPECT_EQ(map(space, PAGE_BITS), MAP_OK);
    EXPECT(!space->stripped);
    for (word_t i = 0; i < 9; i++) {
        const struct tcb *t = thread_find(id_of(i));
        EXPECT_EQ(space_utcb_find(space, t->local_id), t->utcb);
        EXPECT_EQ(t->utcb[UTCB_MY_GLOBAL_ID], id_of(i));
    }
    give_pages();
    EXPECT_EQ(strip(), L4_ErrInvalidParam);
    end_space(9);
    (void)ktap_end();
}

/* sigma0 waits for anybody whenever it runs. */
static void root_runs(void)
{
    while (schedule_exit() != root) {
        if (current == sigma0) {
            ipc_system_call(sigma0, 0, L4_anythread.raw, 0, 0);
        }
    }
}

static void test_asks_sigma0(void)
{
    ktap_begin("who faults at the KIP without memory for it asks sigma0, and goes on");
    struct space *space = make_space(1);
    struct tcb *t = thread_find(id_of(0));
    EXPECT_EQ(strip(), 0);
    struct exchange start = {.control = L4_EXREGS_START};
    *tcb_tcr(t, UTCB_PAGER) = root->global_id;
    (void)exchange_registers(root, id_of(0), &start);
    ipc_system_call(root, 0, id_of(0), 0, 0); /* were it asked, the pager would hear it */
    EXPECT(schedule_exit() == t);
    take_pages(2);
    fault_page(t, MOCK_KIP_BASE, L4_ReadeXecOnly);
    EXPECT(t->state != THREAD_READY && t->ipc_kind == IPC_PREEMPTION && space->stripped);
    EXPECT(t->partner == sigma0 || t->from_spec == sigma0->global_id);
    EXPECT_EQ(root->state, THREAD_RECEIVING);
    ipc_abort(t, L4_IpcCanceled); /* or an answer */
    give_pages();
    fault_page(t, MOCK_KIP_BASE, L4_ReadeXecOnly);
    EXPECT(t->state == THREAD_READY && !space->stripped);
    ipc_abort(root, L4_IpcCanceled);
    root_runs();
    end_space(1);
    (void)ktap_end();
}

static void test_quota(void)
{
    ktap_begin("a quota below what it had does not keep a space from coming back");
    struct space *space = make_space(2);
    EXPECT_EQ(strip(), 0);
    space->kmem_quota = PAGE_BYTES;
    EXPECT(space_restore(space));
    EXPECT_EQ(space->kmem_quota, PAGE_BYTES);
    EXPECT_EQ(map(space, PAGE_BITS), MAP_NO_MEMORY);
    end_space(2);
    (void)ktap_end();
}

static void test_refused(void)
{
    ktap_begin("refused: too many threads, UTCBs far behind, ports, no room for UTCBs");
    struct space *space = make_space(32);
    EXPECT_EQ(strip(), 0);
    EXPECT(space_restore(space));
    EXPECT_EQ(make(32, MOCK_UTCB_BASE + 32 * UTCB_SIZE), 0);
    EXPECT_EQ(strip(), L4_ErrInvalidParam);
    end_space(33);
    space = make_space(1);
    EXPECT_EQ(make(1, MOCK_UTCB_BASE + 4 * PAGE_BYTES), 0);
    EXPECT_EQ(strip(), L4_ErrInvalidParam);
    end_space(2);
    space = make_space(1);
    take_pages(0);
    EXPECT_EQ(strip(), L4_ErrNoMem);
    EXPECT(!space->stripped);
    EXPECT_EQ(thread_find(id_of(0))->utcb, space_utcb_find(space, thread_find(id_of(0))->local_id));
    give_pages();
    EXPECT(arch_ports_set(space, 0x300, 0x307, true));
    EXPECT_EQ(strip(), L4_ErrInvalidParam);
    end_space(1);
    (void)ktap_end();
}

int main(void)
{
    mock_init(MOCK_POOL_PAGES);
    root = mock_boot();
    sigma0 = sigma0_space->threads;
    mock_quiet = true;
    root_runs();
    ktap_start(mock_write, 6);
    /* So that slabs and the leaf of the thread table are there. */
    EXPECT_EQ(thread_control(root, id_of(99), id_of(99), root->global_id, 0, ~0u), 0);
    size_t pages = kmem_pages_free();
    test_bytes();
    test_whole_or_not();
    test_asks_sigma0();
    test_quota();
    test_refused();
    (void)ktap_ok(kmem_pages_free() == pages && utcb_slab.objects == 0, "all kernel memory is back");
    return ktap_finish();
}
