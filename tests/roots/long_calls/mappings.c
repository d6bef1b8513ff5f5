/* SPDX-License-Identifier: BSD-2-Clause */
/* Very many mappings: of one page, one from the other, of all pages of a space. */
#include "l4/kernel_memory.h"
#include "long_calls.h"

enum {
    COPIES = 5000, /* of one page */
    TABLES = 400,  /* with a page each */
    AREAS = 8,     /* of 4 MiB, full */
};
#define SPARSE_AT 0x10000000u

static void test_range(void)
{
    ktap_begin("4_MiB_mapped_asked_about_and_unmapped");
    L4_Word_t before = L4_KDB_KernelMemory(), gone = L4_KDB_Counter(KDB_UNMAPS);
    REQUIRE(visitor_make(id_of(0)));
    EXPECT(give(id_of(0), AREAS_AT, L4_ITEM_MAP, fpage(pages, SUPER_LOG2, L4_FullyAccessible)));
    L4_LoadMR(0, fpage(pages, SUPER_LOG2, 0).raw);
    L4_Unmap(0);
    EXPECT_EQ(L4_StoreMR(0) & L4_FullyAccessible, 0); /* the visitor has touched nothing */
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS), gone);
    (void)L4_UnmapFpage(fpage(pages, SUPER_LOG2, L4_Writable));
    (void)L4_UnmapFpage(fpage(pages, SUPER_LOG2, L4_FullyAccessible));
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS) - gone, SUPER / PAGE);
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT_EQ(L4_KDB_KernelMemory(), before);
    (void)ktap_end();
}

static void test_copies(void)
{
    ktap_begin("a_page_with_very_many_mappings");
    L4_Word_t before = L4_KDB_KernelMemory();
    REQUIRE(visitor_make(id_of(0)));
    for (L4_Word_t i = 0; i < COPIES; i++) {
        EXPECT(
            give(id_of(0), COPIES_AT + i * PAGE, L4_ITEM_MAP, fpage(pages, PAGE_LOG2, L4_FullyAccessible)));
    }
    for (unsigned i = 0; i < 64; i++) {
        L4_LoadMR(i, fpage(pages, PAGE_LOG2, i % 2 ? L4_Writable : 0u).raw);
    }
    L4_Unmap(63);
    L4_Word_t gone = L4_KDB_Counter(KDB_UNMAPS);
    (void)L4_UnmapFpage(fpage(pages, PAGE_LOG2, L4_FullyAccessible));
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS) - gone, COPIES);
    for (L4_Word_t i = 0; i < COPIES; i++) {
        EXPECT(give(id_of(0), COPIES_AT + i * PAGE, L4_ITEM_MAP, fpage(pages, PAGE_LOG2, L4_ReadeXecOnly)));
        if (i == COPIES / 2) { /* another page in its place */
            EXPECT(give(id_of(0), COPIES_AT, L4_ITEM_MAP, fpage(pages + PAGE, PAGE_LOG2, L4_ReadeXecOnly)));
        }
    }
    gone = L4_KDB_Counter(KDB_UNMAPS);
    EXPECT(delete_thread(id_of(0))); /* with all of them */
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS) - gone, COPIES);
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT_EQ(L4_KDB_KernelMemory(), before);
    (void)ktap_end();
}

static void accept_for_ever(void)
{
    L4_MsgTag_t tag;
    do {
        L4_Accept(L4_CompleteAddressSpace);
        tag = L4_Receive_Timeout(root, L4_Never);
    } while (L4_IpcSucceeded(tag));
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

/* Thread 0 gets this fpage there. */
static bool hand_over(L4_Word_t to, L4_Word_t kind, L4_Fpage_t f)
{
    L4_LoadMR(1, to | kind);
    L4_LoadMR(2, f.raw);
    return L4_IpcSucceeded(L4_Send(id_of(0), L4_MsgTag(0, 0, 2)));
}

/* The page goes from hand to hand: each mapping comes from the one before, all in this space. */
static void hand_on(void)
{
    L4_Fpage_t now = fpage(pages, PAGE_LOG2, L4_FullyAccessible);
    for (L4_Word_t i = 0; i < COPIES; i++) {
        EXPECT(hand_over(COPIES_AT + i * PAGE, L4_ITEM_MAP, now));
        now = fpage((void *)(COPIES_AT + i * PAGE), PAGE_LOG2, L4_FullyAccessible);
    }
}

/* The first hand's is granted to where the last one's is. */
static void test_hands(void)
{
    ktap_begin("a_page_that_goes_from_hand_to_hand");
    REQUIRE(thread_make(0) && thread_start(0, accept_for_ever));
    hand_on();
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT(hand_over(COPIES_AT + (COPIES - 1) * PAGE, L4_ITEM_GRANT,
                     fpage((void *)COPIES_AT, PAGE_LOG2, L4_FullyAccessible)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    L4_Word_t gone = L4_KDB_Counter(KDB_UNMAPS);
    (void)L4_UnmapFpage(fpage(pages, PAGE_LOG2, L4_FullyAccessible));
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS) - gone, COPIES - 1);
    hand_on();
    gone = L4_KDB_Counter(KDB_UNMAPS);
    (void)L4_UnmapFpage(fpage(pages, PAGE_LOG2, L4_FullyAccessible));
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS) - gone, COPIES);
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

static void test_full_space(void)
{
    ktap_begin("a_space_with_full_tables_goes");
    L4_Word_t before = L4_KDB_KernelMemory();
    REQUIRE(visitor_make(id_of(0)));
    for (L4_Word_t i = 0; i < AREAS; i++) {
        EXPECT(
            give(id_of(0), AREAS_AT + i * SUPER, L4_ITEM_MAP, fpage(pages, SUPER_LOG2, L4_FullyAccessible)));
    }
    /* other pages over them: what was there goes first */
    EXPECT(
        give(id_of(0), AREAS_AT, L4_ITEM_MAP, fpage(pages + SUPER / 2, SUPER_LOG2 - 1, L4_FullyAccessible)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT_EQ(L4_KDB_KernelMemory(), before);
    (void)ktap_end();
}

static bool ask_sigma0(L4_Fpage_t f, L4_Word_t attribute)
{
    L4_LoadMR(1, f.raw);
    L4_LoadMR(2, attribute);
    L4_Accept(L4_CompleteAddressSpace);
    L4_MsgTag_t tag = L4_Call(L4_Pager(), L4_MsgTag(L4_LABEL_SIGMA0, 2, 0));
    L4_Accept(L4_Nilpage);
    return L4_IpcSucceeded(tag);
}

/* Of 1 024 frames, the first of which has very many mappings. */
static void test_types(void)
{
    ktap_begin("memory_types_of_very_many_mappings");
    REQUIRE(visitor_make(id_of(0)));
    for (L4_Word_t i = 0; i < COPIES; i++) {
        EXPECT(give(id_of(0), COPIES_AT + i * PAGE, L4_ITEM_MAP, fpage(pages, PAGE_LOG2, L4_ReadeXecOnly)));
    }
    EXPECT(ask_sigma0(L4_FpageLog2((L4_Word_t)pages, SUPER_LOG2), L4_WriteThroughMemory));
    EXPECT(ask_sigma0(L4_FpageLog2((L4_Word_t)pages, SUPER_LOG2), L4_WriteBackMemory));
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* Root and the visitor have the same 4 MiB as superpages, the visitor very often; then root asks
 * about a page of them. */
static void test_superpages(void)
{
    enum { BIG = 0x2400000, TIMES = 40, PIECES = TIMES + 1 };
    ktap_begin("superpages_that_are_split");
    REQUIRE(ask_sigma0(L4_FpageLog2(BIG, SUPER_LOG2), L4_DefaultMemory));
    REQUIRE(visitor_make(id_of(0)));
    L4_Word_t gone = L4_KDB_Counter(KDB_UNMAPS);
    for (L4_Word_t i = 0; i < TIMES; i++) {
        EXPECT(give(id_of(0), COPIES_AT + i * SUPER, L4_ITEM_MAP,
                    fpage((void *)BIG, SUPER_LOG2, L4_FullyAccessible)));
    }
    (void)L4_UnmapFpage(fpage((void *)(BIG + PAGE), PAGE_LOG2, L4_FullyAccessible));
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS) - gone, TIMES);
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)L4_Flush(fpage((void *)BIG, SUPER_LOG2, L4_FullyAccessible));
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS) - gone, PIECES * (SUPER / PAGE));
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

static void test_sparse_space(void)
{
    ktap_begin("a_space_with_sparse_tables_goes");
    L4_Word_t before = L4_KDB_KernelMemory();
    REQUIRE(visitor_make(id_of(0)));
    for (L4_Word_t i = 0; i < TABLES; i++) {
        EXPECT(give(id_of(0), SPARSE_AT + (i << SUPER_LOG2) + SUPER - PAGE, L4_ITEM_MAP,
                    fpage(pages + i * PAGE, PAGE_LOG2, L4_FullyAccessible)));
    }
    EXPECT_LE(L4_KDB_KernelMemory(), before - TABLES);
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_KernelMemory(), before);
    (void)L4_UnmapFpage(L4_CompleteAddressSpace); /* no rights: all of its space is asked about */
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* Without ports that are mapped, nothing happens. */

void test_mappings(void)
{
    test_range();
    test_copies();
    test_hands();
    test_full_space();
    test_superpages();
    test_types();
    test_sparse_space();
}
