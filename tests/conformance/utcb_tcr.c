/* SPDX-License-Identifier: BSD-2-Clause */
/* UTCB and thread control registers (interface.md 3). */
#include "harness.h"

TEST(local_is_pointer, "gs:0 gives the UTCB pointer: UTCB base + 256")
{
    EXPECT_EQ((L4_Word_t)L4_Utcb() & (UTCB_SIZE - 1), UTCB_MR0_OFFSET);
    EXPECT_EQ((L4_Word_t)L4_Utcb() & ~0xffffu, UTCB_AREA);
}

static volatile L4_Word_t seen_pointer, seen_global, seen_handle, seen_pager, seen_words[8];

static void look(void *arg)
{
    (void)arg;
    seen_pointer = (L4_Word_t)L4_Utcb();
    seen_global = L4_Myself().raw;
    seen_handle = L4_Tcr(UTCB_USER_HANDLE);
    seen_pager = L4_Pager().raw;
}

TEST(pointer_of_thread, "a thread's UTCB pointer is the location given to ThreadControl + 256")
{
    L4_ThreadId_t t = spawn(look, 0);
    settle();
    EXPECT_EQ(seen_pointer, utcb_location(t) + UTCB_MR0_OFFSET);
}

TEST(pointer_in_space, "the same holds in another space")
{
    L4_ThreadId_t t = spawn_space(look, 0);
    settle();
    EXPECT_EQ(seen_pointer, utcb_location(t) + UTCB_MR0_OFFSET);
}

TEST(my_global_id, "MyGlobalID is the thread's global id")
{
    L4_ThreadId_t t = spawn_space(look, 0);
    settle();
    EXPECT_EQ(seen_global, t.raw);
}

static void look_for_ever(void *arg)
{
    volatile L4_Word_t *wrong = arg;
    L4_Word_t mine = (L4_Word_t)L4_Utcb();
    for (;;) {
        *wrong += (L4_Word_t)L4_Utcb() != mine;
    }
}

TEST(pointer_follows, "gs:0 is right after every switch: threads of one priority, two spaces")
{
    static volatile L4_Word_t wrong;
    wrong = 0;
    (void)spawn(look_for_ever, (void *)&wrong);
    (void)spawn(look_for_ever, (void *)&wrong);
    (void)spawn_space(look_for_ever, (void *)&wrong);
    sleep_us(100 * 1000);
    EXPECT_EQ(wrong, 0);
}

TEST(fresh_utcb, "a new thread's UTCB page is zeroed: its ThreadWords, handle and BR0 are 0")
{
    L4_ThreadId_t t = thread_id();
    struct remote r;
    REQUIRE(make_space(t));
    REQUIRE(remote_new_in(&r, t));
    L4_Word_t pointer = local_id(r.id).raw, word = 1;
    REQUIRE(remote_read(&r, pointer + (L4_Word_t)(4 * UTCB_THREAD_WORD0), &word));
    EXPECT_EQ(word, 0);
    EXPECT(remote_read(&r, pointer + (L4_Word_t)(4 * UTCB_USER_HANDLE), &word));
    EXPECT_EQ(word, 0);
    EXPECT(remote_read(&r, pointer + (L4_Word_t)(4 * UTCB_BR0), &word));
    EXPECT_EQ(word, 0);
}

static void keep_words(void *arg)
{
    (void)arg;
    L4_SetTcr(UTCB_THREAD_WORD0, 0x1111);
    L4_SetTcr(UTCB_THREAD_WORD1, 0x2222);
    (void)L4_Receive_Timeout(L4_Myself(), L4_TimePeriod(1000));
    seen_words[0] = L4_Tcr(UTCB_THREAD_WORD0);
    seen_words[1] = L4_Tcr(UTCB_THREAD_WORD1);
}

TEST(thread_words, "ThreadWord0 and ThreadWord1 belong to the user")
{
    (void)spawn(keep_words, 0);
    settle();
    EXPECT_EQ(seen_words[0], 0x1111);
    EXPECT_EQ(seen_words[1], 0x2222);
}

TEST(processor_number, "ProcessorNo is 0 on the boot processor")
{
    EXPECT_EQ(L4_Tcr(UTCB_PROCESSOR_NO), 0);
}

TEST(handle_tcr, "UserDefinedHandle shows what ExchangeRegisters set")
{
    struct remote r;
    REQUIRE(remote_new(&r, false));
    struct l4_registers regs = {.control = L4_EXREGS_USER_HANDLE, .user_handle = 0x4711};
    REQUIRE(L4_ExchangeRegisters(r.id, &regs).raw);
    EXPECT_EQ(remote_run(&r, look, 0), DONE);
    EXPECT_EQ(seen_handle, 0x4711);
}

TEST(pager_tcr, "the Pager TCR shows what ThreadControl set")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    settle();
    REQUIRE(L4_ThreadControl(r.id, r.id, L4_nilthread, sigma0_thread, ~0u));
    EXPECT_EQ(remote_run(&r, look, 0), DONE);
    EXPECT_EQ(seen_pager, sigma0_thread.raw);
}

static void touch_after_set_pager(void *arg)
{
    L4_Set_Pager(*(L4_ThreadId_t *)arg);
    (void)peek(WINDOW);
}

TEST(pager_by_user, "the user may write the Pager TCR: the next fault goes there")
{
    L4_ThreadId_t me = L4_Myself();
    L4_ThreadId_t t = spawn_space(touch_after_set_pager, &me);
    L4_MsgTag_t tag = receive_soon(t);
    REQUIRE(!L4_IpcFailed(tag));
    EXPECT_EQ(L4_Label(tag) & 0xfff0, L4_LABEL_PAGE_FAULT);
    EXPECT_EQ(L4_StoreMR(1), WINDOW);
}

TEST(utcb_not_mapped_over, "a map item cannot replace a UTCB page")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    struct job j;
    job_receive(&j, L4_Myself());
    j.br[0] = L4_CompleteAddressSpace.raw;
    REQUIRE(remote_start(&r, job_run, &j));
    poke(FRAME(0), 0xdead);
    L4_LoadMR(1, UTCB_AREA | L4_ITEM_MAP);
    L4_LoadMR(2, page_rwx(FRAME(0)).raw);
    EXPECT(!L4_IpcFailed(send_soon(r.id, L4_MsgTag(0, 0, 2))));
    EXPECT_EQ(remote_wait(&r), DONE);
    L4_Word_t value = 0;
    EXPECT(remote_read(&r, UTCB_AREA, &value));
    EXPECT(value != 0xdead);
}

static void unmap_all(void *arg)
{
    (void)arg;
    (void)L4_Flush(L4_FpageAddRights(L4_FpageLog2(UTCB_AREA, PAGE_BITS), L4_FullyAccessible));
    (void)L4_Flush(L4_FpageAddRights(L4_FpageLog2(KIP_AREA, PAGE_BITS), L4_FullyAccessible));
}

TEST(utcb_not_unmapped, "a thread cannot unmap its UTCB or its KIP")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, unmap_all, 0), DONE);
    EXPECT(remote_has(&r, KIP_AREA));
}

TEST(utcb_not_sent, "UTCB and KIP pages cannot be given away in map items")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    struct job j;
    job_receive(&j, L4_Myself());
    j.br[0] = L4_CompleteAddressSpace.raw;
    REQUIRE(remote_start(&r, job_run, &j));
    L4_LoadMR(1, WINDOW | L4_ITEM_MAP);
    L4_LoadMR(2, page_rwx(UTCB_AREA).raw);
    L4_LoadMR(3, (WINDOW + PAGE_BYTES) | L4_ITEM_MAP);
    L4_LoadMR(4, page_rwx(KIP_AREA).raw);
    (void)send_soon(r.id, L4_MsgTag(0, 0, 4));
    EXPECT_EQ(remote_wait(&r), DONE);
    EXPECT(!remote_has(&r, WINDOW));
    EXPECT(!remote_has(&r, WINDOW + PAGE_BYTES));
}

/* DS, ES and FS each with an access of their own (QEMU does not look at them; Bochs and processors
 * do). */
static void null_selectors(void *arg)
{
    volatile L4_Word_t *value = arg;
    L4_Word_t seen = 0, *to = &seen;
    __asm__ volatile("xorl %%eax, %%eax\n\tmovl %%eax, %%ds\n\tmovl $0x600d, (%1)\n\t"
                     "xorl %%eax, %%eax\n\tmovl %%eax, %%fs\n\tmovl %%fs:(%1), %%eax\n\t"
                     "movl $0, %%edx\n\tmovl %%edx, %%es\n\tstosl"
                     : "+D"(to)
                     : "r"(value)
                     : "eax", "edx", "memory");
    *value = seen;
}

TEST(null_selector, "null data selectors are repaired silently")
{
    static volatile L4_Word_t value;
    struct remote r;
    REQUIRE(remote_new(&r, true));
    value = 0;
    EXPECT_EQ(remote_run(&r, null_selectors, (void *)&value), DONE);
    EXPECT_EQ(value, 0x600d);
}
