// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread table's memory: who pays for its pages, and when they come back. */
#include "ktap/ktap.h"
#include "l4/ipc.h"
#include "mock.h"

enum { MOST = THREAD_COUNT - 1 };

static struct tcb *root;

static word_t make(word_t number)
{
    return thread_control(root, number << L4_VERSION_BITS | 1, root->global_id, root->global_id, 0, ~0u);
}

static word_t end(word_t number)
{
    return thread_control(root, number << L4_VERSION_BITS | 1, 0, 0, 0, ~0u);
}

static word_t charged(void)
{
    return root_space->kmem_bytes;
}

static void test_pages(void)
{
    static const word_t first[] = {THREAD_LEAF_ENTRIES, 5 * THREAD_LEAF_ENTRIES + 7, MOST - 1};
    ktap_begin("numbers anywhere cost a page each, charged to the root task, and give it back");
    word_t before = charged();
    for (unsigned i = 0; i < 3; i++) {
        EXPECT(!thread_find(first[i] << L4_VERSION_BITS | 1));
        EXPECT_EQ(make(first[i]), 0);
        EXPECT_EQ(charged(), before + PAGE_BYTES + tcb_slab.object_bytes);
        EXPECT_EQ(make(first[i] + 1), 0);
        EXPECT_EQ(charged(), before + PAGE_BYTES + 2u * tcb_slab.object_bytes);
        EXPECT_EQ(tcb_number(thread_find((first[i] + 1) << L4_VERSION_BITS | 1)), first[i] + 1);
        EXPECT_EQ(end(first[i]), 0);
        EXPECT_EQ(charged(), before + PAGE_BYTES + tcb_slab.object_bytes);
        EXPECT_EQ(end(first[i] + 1), 0);
        EXPECT_EQ(charged(), before);
        EXPECT(!thread_find((first[i] + 1) << L4_VERSION_BITS | 1));
    }
    EXPECT_EQ(ipc_check(), 0);
    (void)ktap_end();
}

static void test_shortage(void)
{
    ktap_begin("without a page for its number no thread is made, and nothing is lost");
    void *taken[MOCK_POOL_PAGES];
    unsigned n = 0;
    word_t before = charged();
    EXPECT_EQ(make(USER_BASE_NO + 9), 0); /* so that TCBs are not what is missing */
    while ((taken[n] = kmem_alloc_page(NULL)) != NULL) {
        n++;
    }
    EXPECT_EQ(make(9 * THREAD_LEAF_ENTRIES), L4_ErrNoMem);
    EXPECT_EQ(charged(), before + tcb_slab.object_bytes);
    EXPECT_EQ(ipc_check(), 0);
    while (n > 0) {
        kmem_free_page(taken[--n], NULL);
    }
    EXPECT_EQ(make(9 * THREAD_LEAF_ENTRIES), 0);
    EXPECT_EQ(end(9 * THREAD_LEAF_ENTRIES), 0);
    EXPECT_EQ(end(USER_BASE_NO + 9), 0);
    EXPECT_EQ(charged(), before);
    (void)ktap_end();
}

int main(void)
{
    mock_init(MOCK_POOL_PAGES);
    root = mock_boot();
    ktap_start(mock_write, 2);
    test_pages();
    test_shortage();
    return ktap_finish();
}
