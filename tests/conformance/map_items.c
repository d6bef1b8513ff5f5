/* SPDX-License-Identifier: BSD-2-Clause */
/* Map items: what arrives where, with which rights (interface.md 5.4). */
#include "harness.h"

enum { PAGES = 16, LOG2_64K = 16 };

/* FRAME(0..PAGES-1) is 64 KiB of memory, each page with its number in the first word. */
static bool prepare(struct remote *r)
{
    for (unsigned i = 0; i < PAGES; i++) {
        poke(FRAME(i), 0xf00d0000 + i);
    }
    return remote_new(r, true);
}

static L4_Fpage_t rwx(L4_Word_t base, unsigned log2_size)
{
    return L4_FpageAddRights(L4_FpageLog2(base, log2_size), L4_FullyAccessible);
}

/* Which frame the remote has at the address; -1 for none. */
static int frame_at(struct remote *r, L4_Word_t address)
{
    L4_Word_t value;
    return remote_read(r, address, &value) ? (int)(value - 0xf00d0000) : -1;
}

TEST(one_page, "one page into the complete address space arrives at the send base")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_give(&r, L4_ITEM_MAP, rwx(FRAME(3), 12), WINDOW, L4_CompleteAddressSpace));
    EXPECT_EQ(frame_at(&r, WINDOW), 3);
    EXPECT_EQ(frame_at(&r, WINDOW + PAGE_BYTES), -1);
}

TEST(shared, "the page is shared: writes are seen on both sides")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_map(&r, FRAME(3), WINDOW, 7));
    EXPECT(remote_write(&r, WINDOW + 8, 0x1234));
    EXPECT_EQ(peek(FRAME(3) + 8), 0x1234);
    poke(FRAME(3) + 12, 0x4321);
    L4_Word_t value = 0;
    EXPECT(remote_read(&r, WINDOW + 12, &value));
    EXPECT_EQ(value, 0x4321);
}

TEST(equal_sizes, "an fpage of the window's size fills the window, whatever the send base")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_give(&r, L4_ITEM_MAP, rwx(FRAME(0), LOG2_64K), 0x3000, L4_FpageLog2(WINDOW, LOG2_64K)));
    for (unsigned i = 0; i < PAGES; i++) {
        EXPECT_EQ(frame_at(&r, WINDOW + i * PAGE_BYTES), (int)i);
    }
    EXPECT_EQ(frame_at(&r, WINDOW + PAGES * PAGE_BYTES), -1);
}

TEST(smaller_fpage, "a smaller fpage goes where the send base's bits below the window's size say")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_give(&r, L4_ITEM_MAP, rwx(FRAME(5), 12), 0x70002000, L4_FpageLog2(WINDOW, LOG2_64K)));
    EXPECT_EQ(frame_at(&r, WINDOW + 0x2000), 5);
    EXPECT_EQ(frame_at(&r, WINDOW), -1);
}

TEST(smaller_aligned, "the send base's bits below the fpage's size do not count")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_give(&r, L4_ITEM_MAP, rwx(FRAME(4), 14), 0x7000, L4_FpageLog2(WINDOW, LOG2_64K)));
    for (unsigned i = 0; i < 4; i++) {
        EXPECT_EQ(frame_at(&r, WINDOW + 0x4000 + i * PAGE_BYTES), (int)(4 + i));
    }
    EXPECT_EQ(frame_at(&r, WINDOW), -1);
}

TEST(larger_fpage,
     "of a larger fpage the part comes that the send base says: 16 KiB, base 0x2000, third page")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_give(&r, L4_ITEM_MAP, rwx(FRAME(4), 14), 0x2000, L4_FpageLog2(WINDOW, 12)));
    EXPECT_EQ(frame_at(&r, WINDOW), 6);
    EXPECT_EQ(frame_at(&r, WINDOW + PAGE_BYTES), -1);
}

TEST(larger_part, "the part of a larger fpage is as large as the window")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_give(&r, L4_ITEM_MAP, rwx(FRAME(0), LOG2_64K), 0x1c000, L4_FpageLog2(WINDOW, 14)));
    for (unsigned i = 0; i < 4; i++) {
        EXPECT_EQ(frame_at(&r, WINDOW + i * PAGE_BYTES), (int)(12 + i));
    }
    EXPECT_EQ(frame_at(&r, WINDOW + 4 * PAGE_BYTES), -1);
}

TEST(junk_bits, "base bits below the fpage's size, and bit 3, are masked and not refused")
{
    struct remote r;
    REQUIRE(prepare(&r));
    L4_Fpage_t junk = {rwx(FRAME(3), 12).raw | 0xc08};
    EXPECT(remote_give(&r, L4_ITEM_MAP, junk, WINDOW, L4_CompleteAddressSpace));
    EXPECT_EQ(frame_at(&r, WINDOW), 3);
}

TEST(window_junk, "the same holds for the receive window")
{
    struct remote r;
    REQUIRE(prepare(&r));
    L4_Fpage_t window = {L4_FpageLog2(WINDOW, LOG2_64K).raw | 0x3c00};
    EXPECT(remote_give(&r, L4_ITEM_MAP, rwx(FRAME(3), 12), 0, window));
    EXPECT_EQ(frame_at(&r, WINDOW), 3);
}

TEST(read_only, "without w the receiver can read and not write")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_map(&r, FRAME(1), WINDOW, L4_Readable));
    EXPECT_EQ(frame_at(&r, WINDOW), 1);
    EXPECT(!remote_write(&r, WINDOW, 1));
    EXPECT_EQ(peek(FRAME(1)), 0xf00d0001);
}

TEST(rights_none, "with rights 0, too, the receiver can read and not write, as with Pistachio")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_map(&r, FRAME(1), WINDOW, 0));
    EXPECT_EQ(frame_at(&r, WINDOW), 1);
    EXPECT(!remote_write(&r, WINDOW, 1));
    EXPECT_EQ(peek(FRAME(1)), 0xf00d0001);
}

TEST(rights_cut, "a mapper passes on no more rights than it has")
{
    struct remote a, b;
    REQUIRE(prepare(&a));
    REQUIRE(remote_new(&b, true));
    EXPECT(remote_map(&a, FRAME(1), WINDOW, L4_Readable));
    EXPECT(remote_pass(&a, &b, L4_ITEM_MAP, page_rwx(WINDOW), WINDOW));
    EXPECT_EQ(frame_at(&b, WINDOW), 1);
    EXPECT(!remote_write(&b, WINDOW, 1));
}

TEST(rights_extended, "mapping the same page again with more rights extends them")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_map(&r, FRAME(1), WINDOW, L4_Readable));
    EXPECT(!remote_write(&r, WINDOW, 1));
    EXPECT(remote_map(&r, FRAME(1), WINDOW, L4_FullyAccessible));
    EXPECT(remote_write(&r, WINDOW, 1));
}

TEST(rights_kept, "mapping the same page again with fewer rights takes none away")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_map(&r, FRAME(1), WINDOW, L4_FullyAccessible));
    EXPECT(remote_map(&r, FRAME(1), WINDOW, L4_Readable));
    EXPECT(remote_write(&r, WINDOW, 1));
}

TEST(absent, "pages that the sender does not have are skipped")
{
    struct remote a, b;
    REQUIRE(prepare(&a));
    REQUIRE(remote_new(&b, true));
    EXPECT(remote_map(&a, FRAME(1), WINDOW + PAGE_BYTES, 7));
    EXPECT(remote_pass(&a, &b, L4_ITEM_MAP, rwx(WINDOW, 14), WINDOW));
    EXPECT_EQ(frame_at(&b, WINDOW), -1);
    EXPECT_EQ(frame_at(&b, WINDOW + PAGE_BYTES), 1);
    EXPECT_EQ(frame_at(&b, WINDOW + 2 * PAGE_BYTES), -1);
}

TEST(nil_item, "a nil fpage is ignored; the message succeeds")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_give(&r, L4_ITEM_MAP, L4_Nilpage, WINDOW, L4_CompleteAddressSpace));
    EXPECT_EQ(frame_at(&r, WINDOW), -1);
}

TEST(too_small, "an fpage smaller than a page maps nothing; the message succeeds")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_give(&r, L4_ITEM_MAP, rwx(FRAME(0), 10), WINDOW, L4_CompleteAddressSpace));
    EXPECT_EQ(frame_at(&r, WINDOW), -1);
}

TEST(kernel_range, "destinations in the kernel's range are skipped")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_give(&r, L4_ITEM_MAP, rwx(FRAME(0), 12), 0xc0100000, L4_CompleteAddressSpace));
    EXPECT(remote_give(&r, L4_ITEM_MAP, rwx(FRAME(0), 12), 0xfffff000, L4_CompleteAddressSpace));
    EXPECT_EQ(frame_at(&r, 0xc0100000), -1);
}

TEST(kernel_source, "pages of the kernel's range cannot be sent")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_give(&r, L4_ITEM_MAP, rwx(0xc0100000, 12), WINDOW, L4_CompleteAddressSpace));
    EXPECT_EQ(frame_at(&r, WINDOW), -1);
}

TEST(kip_kept, "a KIP page is not replaced")
{
    struct remote r;
    L4_Word_t value = 0;
    REQUIRE(prepare(&r));
    EXPECT(remote_map(&r, FRAME(0), KIP_AREA, 7));
    EXPECT(remote_read(&r, KIP_AREA, &value));
    EXPECT_EQ(value, KIP_MAGIC);
}

TEST(replaces, "another page mapped to the same place replaces the first")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_map(&r, FRAME(1), WINDOW, 7));
    EXPECT(remote_map(&r, FRAME(2), WINDOW, 7));
    EXPECT_EQ(frame_at(&r, WINDOW), 2);
}

TEST(replaces_derived, "what was derived from the replaced page is flushed")
{
    struct remote a, b;
    REQUIRE(prepare(&a));
    REQUIRE(remote_new(&b, true));
    EXPECT(remote_map(&a, FRAME(1), WINDOW, 7));
    EXPECT(remote_pass(&a, &b, L4_ITEM_MAP, page_rwx(WINDOW), WINDOW));
    EXPECT_EQ(frame_at(&b, WINDOW), 1);
    EXPECT(remote_map(&a, FRAME(2), WINDOW, 7));
    EXPECT_EQ(frame_at(&b, WINDOW), -1);
}

TEST(two_items, "two items in one message are both mapped")
{
    struct remote r;
    struct job in;
    REQUIRE(prepare(&r));
    job_receive(&in, L4_Myself());
    in.br[0] = L4_CompleteAddressSpace.raw;
    REQUIRE(remote_start(&r, job_run, &in));
    L4_LoadMR(1, 0x11);
    L4_LoadMR(2, WINDOW | L4_ITEM_MAP | 1);
    L4_LoadMR(3, page_rwx(FRAME(1)).raw);
    L4_LoadMR(4, (WINDOW + 0x5000) | L4_ITEM_MAP);
    L4_LoadMR(5, page_rwx(FRAME(2)).raw);
    EXPECT(!L4_IpcFailed(send_soon(r.id, L4_MsgTag(0, 1, 4))));
    EXPECT_EQ(remote_wait(&r), DONE);
    EXPECT_EQ(frame_at(&r, WINDOW), 1);
    EXPECT_EQ(frame_at(&r, WINDOW + 0x5000), 2);
}

TEST(words_verbatim, "the receiver gets the item's words as they were sent")
{
    struct remote r;
    struct job in;
    REQUIRE(prepare(&r));
    job_receive(&in, L4_Myself());
    in.br[0] = L4_CompleteAddressSpace.raw;
    REQUIRE(remote_start(&r, job_run, &in));
    L4_LoadMR(1, WINDOW | L4_ITEM_MAP);
    L4_LoadMR(2, page_rwx(FRAME(1)).raw);
    EXPECT(!L4_IpcFailed(send_soon(r.id, L4_MsgTag(0, 0, 2))));
    EXPECT_EQ(remote_wait(&r), DONE);
    EXPECT_EQ(in.result.raw, L4_MsgTag(0, 0, 2).raw);
    EXPECT_EQ(in.out[1], WINDOW | L4_ITEM_MAP);
    EXPECT_EQ(in.out[2], page_rwx(FRAME(1)).raw);
}

TEST(stays_at_overflow, "items before one that is refused stay mapped")
{
    struct remote r;
    struct job in;
    REQUIRE(prepare(&r));
    job_receive(&in, L4_Myself());
    in.br[0] = L4_CompleteAddressSpace.raw;
    REQUIRE(remote_start(&r, job_run, &in));
    settle();
    L4_LoadMR(1, WINDOW | L4_ITEM_MAP | 1);
    L4_LoadMR(2, page_rwx(FRAME(1)).raw);
    L4_LoadMR(3, 0xe);
    L4_LoadMR(4, 0);
    EXPECT(L4_IpcFailed(send_soon(r.id, L4_MsgTag(0, 0, 4))));
    EXPECT_EQ(L4_ErrorCode() & 0xf, 8);
    EXPECT_EQ(remote_wait(&r), DONE);
    EXPECT_EQ(frame_at(&r, WINDOW), 1);
}

TEST(same_space, "a map item between threads of one space makes an alias")
{
    struct remote r;
    for (unsigned i = 0; i < PAGES; i++) {
        poke(FRAME(i), 0xf00d0000 + i);
    }
    REQUIRE(remote_new(&r, false));
    EXPECT(remote_map(&r, FRAME(2), WINDOW, 7));
    EXPECT_EQ(frame_at(&r, WINDOW), 2);
    EXPECT_EQ(frame_at(&r, FRAME(2)), 2);
    (void)L4_Flush(page_rwx(WINDOW));
    EXPECT_EQ(frame_at(&r, WINDOW), -1);
    EXPECT_EQ(peek(FRAME(2)), 0xf00d0002);
}

TEST(large, "4 MiB are mapped at once, every page of them")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    L4_LoadMR(1, L4_FpageLog2(0x1800000, 22).raw);
    L4_LoadMR(2, 0);
    L4_Accept(L4_CompleteAddressSpace);
    EXPECT(!L4_IpcFailed(call_soon(sigma0_thread, L4_MsgTag(L4_LABEL_SIGMA0, 2, 0))));
    poke(0x1800000, 0xf00d0000);
    poke(0x1bff000, 0xf00d03ff);
    EXPECT(remote_give(&r, L4_ITEM_MAP, rwx(0x1800000, 22), 0x24000000, L4_CompleteAddressSpace));
    EXPECT_EQ(frame_at(&r, 0x24000000), 0);
    EXPECT_EQ(frame_at(&r, 0x243ff000), 0x3ff);
}
