/* SPDX-License-Identifier: BSD-2-Clause */
/* Compound strings: scatter and gather, cut byte-exactly (interface.md 5.1, 5.2). */
#include "strings.h"

#define TEXT(offset)   ((L4_Word_t)text + (offset))
#define TARGET(offset) ((L4_Word_t)target + (offset))

static struct transfer t;

TEST(gather, "three pieces are gathered into one buffer")
{
    const L4_Word_t at[] = {TEXT(0), TEXT(1000), TEXT(2000)};
    REQUIRE(transfer_new(&t));
    add_string(&t.out, 100, 0, 3, at);
    add_buffer_piece(&t.in, 300, TARGET(0));
    transfer_run(&t);
    expect_success(&t);
    for (unsigned i = 0; i < 3; i++) {
        EXPECT(arrived(i * 100, i * 1000, 100));
    }
    EXPECT(untouched(300, 100));
}

TEST(scatter, "one piece is scattered over three buffers")
{
    const L4_Word_t at[] = {TARGET(1000), TARGET(0), TARGET(2000)};
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 300, TEXT(7));
    add_buffer(&t.in, 100, 0, 3, at);
    transfer_run(&t);
    expect_success(&t);
    EXPECT(arrived(1000, 7, 100));
    EXPECT(arrived(0, 107, 100));
    EXPECT(arrived(2000, 207, 100));
    EXPECT(untouched(100, 900));
    EXPECT(untouched(1100, 900));
    EXPECT(untouched(2100, 900));
}

TEST(both, "pieces of 70 bytes go into pieces of 33")
{
    const L4_Word_t from[] = {TEXT(0), TEXT(70), TEXT(140)};
    L4_Word_t to[7];
    for (unsigned i = 0; i < 7; i++) {
        to[i] = TARGET(i * 100);
    }
    REQUIRE(transfer_new(&t));
    add_string(&t.out, 70, 0, 3, from);
    add_buffer(&t.in, 33, 0, 7, to);
    transfer_run(&t);
    expect_success(&t);
    for (unsigned i = 0; i < 6; i++) {
        EXPECT(arrived(i * 100, i * 33, 33));
        EXPECT(untouched(i * 100 + 33, 67));
    }
    EXPECT(arrived(600, 198, 12));
    EXPECT(untouched(612, 100));
}

TEST(continued_string, "c: a second descriptor with its own length belongs to the same string")
{
    const L4_Word_t first[] = {TEXT(0), TEXT(500)}, second[] = {TEXT(1000)};
    REQUIRE(transfer_new(&t));
    add_string(&t.out, 40, STRING_CONTINUES, 2, first);
    add_string(&t.out, 111, 0, 1, second);
    add_buffer_piece(&t.in, 500, TARGET(0));
    transfer_run(&t);
    expect_success(&t);
    EXPECT(arrived(0, 0, 40));
    EXPECT(arrived(40, 500, 40));
    EXPECT(arrived(80, 1000, 111));
    EXPECT(untouched(191, 400));
}

TEST(continued_buffer, "c in a receive buffer works the same")
{
    const L4_Word_t first[] = {TARGET(0), TARGET(100)}, second[] = {TARGET(200)};
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 150, TEXT(9));
    add_buffer(&t.in, 30, STRING_CONTINUES, 2, first);
    add_buffer(&t.in, 300, 0, 1, second);
    transfer_run(&t);
    expect_success(&t);
    EXPECT(arrived(0, 9, 30));
    EXPECT(untouched(30, 70));
    EXPECT(arrived(100, 39, 30));
    EXPECT(untouched(130, 70));
    EXPECT(arrived(200, 69, 90));
    EXPECT(untouched(290, 100));
}

TEST(three_descriptors, "three descriptors in a row make one string")
{
    const L4_Word_t at[] = {TEXT(0), TEXT(100), TEXT(200)};
    REQUIRE(transfer_new(&t));
    add_string(&t.out, 10, STRING_CONTINUES, 1, &at[0]);
    add_string(&t.out, 20, STRING_CONTINUES, 1, &at[1]);
    add_string(&t.out, 30, 0, 1, &at[2]);
    add_buffer_piece(&t.in, 60, TARGET(0));
    transfer_run(&t);
    expect_success(&t);
    EXPECT(arrived(0, 0, 10));
    EXPECT(arrived(10, 100, 20));
    EXPECT(arrived(30, 200, 30));
}

TEST(cut_in_piece, "cut within a piece: offset and bytes are exact")
{
    const L4_Word_t from[] = {TEXT(0), TEXT(1000), TEXT(2000)};
    REQUIRE(transfer_new(&t));
    add_string(&t.out, 100, 0, 3, from);
    add_buffer_piece(&t.in, 257, TARGET(0));
    transfer_run(&t);
    expect_failure(&t, 8, 9, 257);
    EXPECT(arrived(0, 0, 100));
    EXPECT(arrived(100, 1000, 100));
    EXPECT(arrived(200, 2000, 57));
    EXPECT(untouched(257, 200));
}

TEST(cut_scattered, "cut at the end of scattered buffers: nothing is written beyond any of them")
{
    const L4_Word_t to[] = {TARGET(0), TARGET(100)};
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 500, TEXT(0));
    add_buffer(&t.in, 41, 0, 2, to);
    transfer_run(&t);
    expect_failure(&t, 8, 9, 82);
    EXPECT(arrived(0, 0, 41));
    EXPECT(untouched(41, 59));
    EXPECT(arrived(100, 41, 41));
    EXPECT(untouched(141, 500));
}

TEST(next_buffer,
     "the next string's buffer is behind all descriptors of the first; C counts in its first one")
{
    const L4_Word_t first[] = {TARGET(0)}, rest[] = {TARGET(100)}, second[] = {TARGET(200)};
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 20, TEXT(0));
    add_piece(&t.out, 30, TEXT(100));
    add_buffer(&t.in, 10, STRING_CONTINUES | STRING_MORE, 1, first);
    add_buffer(&t.in, 50, 0, 1, rest);
    add_buffer(&t.in, 50, 0, 1, second);
    transfer_run(&t);
    expect_success(&t);
    EXPECT(arrived(0, 0, 10));
    EXPECT(arrived(100, 10, 10));
    EXPECT(untouched(110, 90));
    EXPECT(arrived(200, 100, 30));
}

TEST(words_verbatim, "the words of a compound item arrive in the MRs as they were sent")
{
    const L4_Word_t first[] = {TEXT(0), TEXT(500)}, second[] = {TEXT(1000)};
    REQUIRE(transfer_new(&t));
    add_string(&t.out, 40, STRING_CONTINUES, 2, first);
    add_string(&t.out, 111, 0, 1, second);
    add_buffer_piece(&t.in, 500, TARGET(0));
    transfer_run(&t);
    for (unsigned i = 1; i <= 5; i++) {
        EXPECT_EQ(t.in.out[i], t.out.mr[i]);
    }
}

TEST(zero_pieces, "pieces of no bytes are skipped on either side")
{
    const L4_Word_t none[] = {TEXT(0), TEXT(9)}, from[] = {TEXT(0)}, to[] = {TARGET(0)};
    REQUIRE(transfer_new(&t));
    add_string(&t.out, 0, STRING_CONTINUES, 2, none);
    add_string(&t.out, 77, 0, 1, from);
    add_buffer(&t.in, 0, STRING_CONTINUES, 2, none);
    add_buffer(&t.in, 77, 0, 1, to);
    transfer_run(&t);
    expect_success(&t);
    EXPECT(arrived(0, 0, 77));
}

TEST(most_pieces, "31 pieces into 31 pieces")
{
    L4_Word_t from[31], to[31];
    for (unsigned i = 0; i < 31; i++) {
        from[i] = TEXT(i * 300);
        to[i] = TARGET((30 - i) * 300);
    }
    REQUIRE(transfer_new(&t));
    add_string(&t.out, 123, 0, 31, from);
    add_buffer(&t.in, 123, 0, 31, to);
    transfer_run(&t);
    expect_success(&t);
    for (unsigned i = 0; i < 31; i++) {
        EXPECT(arrived((30 - i) * 300, i * 300, 123));
        EXPECT(untouched((30 - i) * 300 + 123, 177));
    }
}

TEST(single_bytes, "a piece is gathered into single bytes")
{
    L4_Word_t to[20];
    for (unsigned i = 0; i < 20; i++) {
        to[i] = TARGET(i * 2);
    }
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 20, TEXT(0));
    add_buffer(&t.in, 1, 0, 20, to);
    transfer_run(&t);
    expect_success(&t);
    for (unsigned i = 0; i < 20; i++) {
        EXPECT(arrived(i * 2, i, 1));
        EXPECT(untouched(i * 2 + 1, 1));
    }
}

TEST(page_crossing, "pieces across page boundaries on both sides")
{
    const L4_Word_t from[] = {TEXT(4000), TEXT(8100)}, to[] = {TARGET(4090), TARGET(8000), TARGET(12200)};
    REQUIRE(transfer_new(&t));
    add_string(&t.out, 450, 0, 2, from);
    add_buffer(&t.in, 300, 0, 3, to);
    transfer_run(&t);
    expect_success(&t);
    EXPECT(arrived(4090, 4000, 300));
    EXPECT(arrived(8000, 4300, 150));
    EXPECT(arrived(8150, 8100, 150));
    EXPECT(arrived(12200, 8250, 300));
    EXPECT(untouched(12500, 300));
}

TEST(truncated, "a descriptor whose pointers are beyond the typed words: an error, nothing beyond is read")
{
    REQUIRE(transfer_new(&t));
    t.out.mr[1] = 100u << 10 | 5u << 4;
    t.out.mr[2] = TEXT(0);
    t.out.tag = L4_MsgTag(0x51, 0, 2);
    add_buffer_piece(&t.in, 600, TARGET(0));
    transfer_run(&t);
    EXPECT(L4_IpcFailed(t.out.result));
    EXPECT_EQ(t.out.error & 0xf, 8);
    EXPECT(untouched(200, 400));
}

TEST(kernel_source, "a source in the kernel's range is never read: the transfer fails or faults")
{
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 16, 0xc0100000);
    add_buffer_piece(&t.in, 16, TARGET(0));
    REQUIRE(transfer_start(&t));
    (void)remote_wait(&t.sender);
    EXPECT(untouched(0, 16));
}

TEST(kernel_target, "a buffer in the kernel's range is never written: the transfer fails or faults")
{
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 16, TEXT(0));
    add_buffer_piece(&t.in, 16, 0xc0100000);
    REQUIRE(transfer_start(&t));
    (void)remote_wait(&t.receiver);
    EXPECT(!t.in.done || L4_IpcFailed(t.in.result));
}

TEST(wrapping, "a piece that goes past 4 GiB is not copied from the bottom of memory")
{
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 0x2000, 0xfffff000);
    add_buffer_piece(&t.in, 0x2000, TARGET(0));
    REQUIRE(transfer_start(&t));
    (void)remote_wait(&t.sender);
    EXPECT(untouched(0, 0x2000));
}
