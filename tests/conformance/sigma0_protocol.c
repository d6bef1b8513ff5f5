/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol of sigma0 (interface.md 6.6), and what the kernel does when sigma0 maps (5.4). */
#include "harness.h"

static L4_MsgTag_t ask_with(L4_Fpage_t wanted, L4_Word_t attribute, L4_Fpage_t window, L4_Fpage_t *item)
{
    L4_LoadMR(1, wanted.raw);
    L4_LoadMR(2, attribute);
    L4_Accept(window);
    L4_MsgTag_t tag = call_soon(sigma0_thread, L4_MsgTag(L4_LABEL_SIGMA0, 2, 0));
    L4_Accept(L4_Nilpage);
    item->raw = L4_StoreMR(2);
    return tag;
}

/* Asks for the fpage; what came is in *item. */
static L4_MsgTag_t ask(L4_Fpage_t wanted, L4_Fpage_t window, L4_Fpage_t *item)
{
    return ask_with(wanted, L4_DefaultMemory, window, item);
}

static bool got(L4_Fpage_t wanted, L4_Fpage_t window)
{
    L4_Fpage_t item;
    return !L4_IpcFailed(ask(wanted, window, &item)) && !L4_IsNilFpage(item);
}

static L4_Fpage_t anywhere(unsigned log2_size)
{
    return (L4_Fpage_t){0xfffffc08 | log2_size << 4};
}

TEST(reply, "a request is answered with one map item: u = 0, t = 2")
{
    L4_Fpage_t item;
    L4_MsgTag_t tag = ask(L4_FpageLog2(FRAME(300), 12), L4_CompleteAddressSpace, &item);
    EXPECT_EQ(tag.raw & 0xffff, L4_MsgTag(0, 0, 2).raw);
    EXPECT_EQ(L4_StoreMR(1) & 0xe, L4_ITEM_MAP);
    EXPECT_EQ(L4_Address(item), FRAME(300));
}

TEST(one_to_one, "a page asked for is the frame of that address")
{
    REQUIRE(got(L4_FpageLog2(FRAME(301), 12), L4_FpageLog2(WINDOW, 12)));
    poke(WINDOW, 0xabcd);
    EXPECT_EQ(peek(FRAME(301)), 0xabcd);
    (void)L4_Flush(page_rwx(WINDOW));
}

TEST(attribute, "a page can be asked for with an attribute; it is the same memory, and mapped on")
{
    static const L4_Word_t attributes[] = {L4_UncacheableMemory, L4_WriteThroughMemory, L4_WriteBackMemory};
    L4_Fpage_t item;
    for (unsigned i = 0; i < 3; i++) {
        poke(FRAME(304), i);
        EXPECT(!L4_IpcFailed(
            ask_with(L4_FpageLog2(FRAME(304), 12), attributes[i], L4_FpageLog2(WINDOW, 12), &item)));
        EXPECT_EQ(L4_Address(item), FRAME(304));
        EXPECT_EQ(peek(WINDOW), i);
        poke(WINDOW, 1000 + i);
        EXPECT_EQ(peek(FRAME(304)), 1000 + i);
        (void)L4_Flush(page_rwx(WINDOW));
    }
}

TEST(no_attribute, "with an attribute that does not exist nothing comes")
{
    L4_Fpage_t item;
    EXPECT(!L4_IpcFailed(ask_with(L4_FpageLog2(FRAME(304), 12), 3, L4_FpageLog2(WINDOW, 12), &item)));
    EXPECT(L4_IsNilFpage(item));
}

TEST(writable, "it comes with all rights")
{
    L4_Fpage_t item;
    EXPECT(!L4_IpcFailed(ask(L4_FpageLog2(FRAME(302), 12), L4_CompleteAddressSpace, &item)));
    EXPECT_EQ(L4_Rights(item), 7);
    poke(FRAME(302), 1);
    EXPECT_EQ(peek(FRAME(302)), 1);
}

TEST(again, "a page can be asked for again, flushed and asked for again, any number of times")
{
    poke(FRAME(303), 77);
    for (unsigned i = 0; i < 50; i++) {
        REQUIRE(got(L4_FpageLog2(FRAME(303), 12), L4_CompleteAddressSpace));
        REQUIRE_EQ(peek(FRAME(303)), 77);
        if (i & 1) {
            (void)L4_Flush(page_rwx(FRAME(303)));
        }
    }
}

TEST(anywhere, "`anywhere' gives some page")
{
    L4_Fpage_t item;
    EXPECT(!L4_IpcFailed(ask(anywhere(12), L4_FpageLog2(WINDOW, 12), &item)));
    EXPECT(!L4_IsNilFpage(item));
    EXPECT_EQ(L4_SizeLog2(item), 12);
    poke(WINDOW, 5);
    EXPECT_EQ(peek(L4_Address(item)), 5);
    (void)L4_Flush(page_rwx(WINDOW));
}

TEST(anywhere_distinct, "`anywhere' gives another page every time")
{
    L4_Fpage_t a, b;
    (void)ask(anywhere(12), L4_CompleteAddressSpace, &a);
    (void)ask(anywhere(12), L4_CompleteAddressSpace, &b);
    EXPECT(L4_Address(a) != L4_Address(b));
}

TEST(larger, "64 KiB come at once")
{
    REQUIRE(got(L4_FpageLog2(0x1400000, 16), L4_FpageLog2(WINDOW, 16)));
    for (L4_Word_t i = 0; i < 16; i++) {
        poke(WINDOW + i * PAGE_BYTES, i);
        EXPECT_EQ(peek(0x1400000 + i * PAGE_BYTES), i);
    }
    (void)L4_Flush(L4_FpageAddRights(L4_FpageLog2(WINDOW, 16), 7));
}

TEST(superpage, "4 MiB come at once; a single page of them can be unmapped and passed on")
{
    struct remote r;
    REQUIRE(got(L4_FpageLog2(0x1c00000, 22), L4_CompleteAddressSpace));
    poke(0x1c00000 + 0x123000, 0x123);
    REQUIRE(remote_new(&r, true));
    EXPECT(remote_map(&r, 0x1c00000 + 0x123000, WINDOW, 7));
    L4_Word_t value = 0;
    EXPECT(remote_read(&r, WINDOW, &value));
    EXPECT_EQ(value, 0x123);
    (void)L4_UnmapFpage(page_rwx(0x1c00000 + 0x123000));
    EXPECT(!remote_has(&r, WINDOW));
    EXPECT_EQ(peek(0x1c00000 + 0x123000), 0x123);
}

TEST(superpage_status, "4 MiB mapped on: written once, the whole is dirty; a part can be unmapped alone")
{
    enum { AT = 0x2400000, TO = 0x24000000, LOG2 = 22 };
    struct remote r;
    REQUIRE(got(L4_FpageLog2(AT, LOG2), L4_CompleteAddressSpace));
    REQUIRE(remote_new(&r, true));
    EXPECT(remote_give(&r, L4_ITEM_MAP, L4_FpageAddRights(L4_FpageLog2(AT, LOG2), 7), TO,
                       L4_CompleteAddressSpace));
    EXPECT(remote_write(&r, TO + 0x123000, 5));
    EXPECT_EQ(L4_Rights(L4_UnmapFpage(L4_FpageLog2(AT, LOG2))), 7);
    EXPECT_EQ(L4_Rights(L4_UnmapFpage(L4_FpageLog2(AT, LOG2))), 0);
    EXPECT(remote_write(&r, TO + 0x123000, 6));
    EXPECT_EQ(L4_Rights(L4_UnmapFpage(L4_FpageLog2(AT + 0x123000, 12))), 7);
    (void)L4_UnmapFpage(page_rwx(AT + 0x124000));
    EXPECT(!remote_has(&r, TO + 0x124000));
    EXPECT(remote_has(&r, TO + 0x123000));
    EXPECT(remote_has(&r, TO + 0x3ff000));
    EXPECT_EQ(peek(AT + 0x123000), 6);
    (void)L4_UnmapFpage(L4_FpageAddRights(L4_FpageLog2(AT, LOG2), 7));
    EXPECT(!remote_has(&r, TO));
    EXPECT(!remote_has(&r, TO + 0x3ff000));
    (void)L4_Flush(L4_FpageAddRights(L4_FpageLog2(AT, LOG2), 7));
}

TEST(kernel_refused, "memory of the kernel is refused with a nil fpage")
{
    L4_Fpage_t item = {1};
    L4_Word_t low = 0;
    const struct kip_memdesc *d = (const void *)((L4_Word_t)kip + (kip->memory_info >> 16));
    for (unsigned i = 0; i < (kip->memory_info & 0xffff); i++) {
        low = (d[i].low & 0x20f) == MEMDESC_RESERVED ? d[i].low & ~0xfffu : low;
    }
    EXPECT(!L4_IpcFailed(ask(L4_FpageLog2(low, 12), L4_CompleteAddressSpace, &item)));
    EXPECT_EQ(item.raw & ~7u, 0);
}

TEST(device, "device memory is given: the video memory")
{
    REQUIRE(got(L4_FpageLog2(0xb8000, 12), L4_FpageLog2(WINDOW, 12)));
    L4_Word_t before = peek(WINDOW);
    poke(WINDOW, 0x07410742);
    EXPECT_EQ(peek(WINDOW), 0x07410742);
    poke(WINDOW, before);
    (void)L4_Flush(page_rwx(WINDOW));
}

static void expect_silence(L4_MsgTag_t tag)
{
    L4_LoadMR(1, L4_FpageLog2(FRAME(304), 12).raw);
    L4_LoadMR(2, 0);
    tag = L4_Ipc(sigma0_thread, sigma0_thread, L4_Timeouts(SOON, L4_TimePeriod(10000)), tag, 0);
    EXPECT(L4_IpcFailed(tag));
    EXPECT_EQ(L4_ErrorCode(), 3);
}

TEST(unknown_label, "an unknown label gets no answer")
{
    expect_silence(L4_MsgTag(0x1230, 2, 0));
}

TEST(wrong_count, "a request of one word gets no answer")
{
    expect_silence(L4_MsgTag(L4_LABEL_SIGMA0, 1, 0));
}

TEST(goes_on, "afterwards sigma0 still answers")
{
    expect_silence(L4_MsgTag(0, 0, 0));
    EXPECT(got(L4_FpageLog2(FRAME(305), 12), L4_CompleteAddressSpace));
}

static void fault_at_sigma0(void *arg)
{
    L4_Set_Pager(sigma0_thread);
    poke((L4_Word_t)arg, 0x5150);
}

TEST(page_faults, "sigma0 serves page faults: the frame of the same address")
{
    struct remote r;
    poke(FRAME(306), 0);
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, fault_at_sigma0, (void *)FRAME(306)), DONE);
    EXPECT_EQ(peek(FRAME(306)), 0x5150);
}

TEST(not_accepted, "without a window the item is not accepted: error 9")
{
    L4_Fpage_t item;
    EXPECT(L4_IpcFailed(ask(L4_FpageLog2(FRAME(307), 12), L4_Nilpage, &item)));
    EXPECT_EQ(L4_ErrorCode(), 9);
}

TEST(status, "what is mapped on from sigma0's pages has its own status")
{
    struct remote r;
    REQUIRE(got(L4_FpageLog2(FRAME(308), 12), L4_CompleteAddressSpace));
    poke(FRAME(308), 1);
    REQUIRE(remote_new(&r, true));
    EXPECT(remote_map(&r, FRAME(308), WINDOW, 7));
    EXPECT_EQ(L4_Rights(L4_UnmapFpage(L4_FpageLog2(FRAME(308), 12))), 0);
    EXPECT(remote_has(&r, WINDOW));
    EXPECT_EQ(L4_Rights(L4_UnmapFpage(L4_FpageLog2(FRAME(308), 12))), 5);
}
