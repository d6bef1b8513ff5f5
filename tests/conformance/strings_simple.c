/* SPDX-License-Identifier: BSD-2-Clause */
/* Simple strings: one piece to one piece (interface.md 5.1, 5.2). */
#include "strings.h"

#define TEXT(offset)   ((L4_Word_t)text + (offset))
#define TARGET(offset) ((L4_Word_t)target + (offset))

static struct transfer t;

/* One string of `bytes' into a buffer of `room' bytes. */
static void one(L4_Word_t bytes, L4_Word_t from, L4_Word_t room, L4_Word_t to)
{
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, bytes, TEXT(from));
    add_buffer_piece(&t.in, room, TARGET(to));
    transfer_run(&t);
}

TEST(arrives, "a string arrives, and nothing else is written")
{
    one(100, 0, 100, 64);
    expect_success(&t);
    EXPECT(untouched(0, 64));
    EXPECT(arrived(64, 0, 100));
    EXPECT(untouched(164, 1000));
}

TEST(larger_buffer, "in a larger buffer the rest stays untouched")
{
    one(100, 0, 4000, 0);
    expect_success(&t);
    EXPECT(arrived(0, 0, 100));
    EXPECT(untouched(100, 5000));
}

TEST(lengths, "strings of 0, 1, 3, 4095, 4096, 4097 and 9999 bytes")
{
    static const L4_Word_t bytes[] = {0, 1, 3, 4095, 4096, 4097, 9999};
    REQUIRE(transfer_new(&t));
    for (unsigned i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
        strings_reset();
        job_send(&t.out, t.receiver.id, L4_MsgTag(i, 0, 0));
        job_receive(&t.in, t.sender.id);
        add_piece(&t.out, bytes[i], TEXT(0));
        add_buffer_piece(&t.in, bytes[i], TARGET(0));
        transfer_run(&t);
        expect_success(&t);
        EXPECT(arrived(0, 0, bytes[i]));
        EXPECT(untouched(bytes[i], 64));
    }
}

TEST(alignments, "every alignment of source and destination to 4 bytes")
{
    REQUIRE(transfer_new(&t));
    for (unsigned i = 0; i < 16; i++) {
        strings_reset();
        job_send(&t.out, t.receiver.id, L4_MsgTag(i, 0, 0));
        job_receive(&t.in, t.sender.id);
        add_piece(&t.out, 4099, TEXT(i / 4));
        add_buffer_piece(&t.in, 4099, TARGET(4 + i % 4));
        transfer_run(&t);
        expect_success(&t);
        EXPECT(untouched(0, 4 + i % 4));
        EXPECT(arrived(4 + i % 4, i / 4, 4099));
        EXPECT(untouched(4 + i % 4 + 4099, 16));
    }
}

TEST(item_words, "the receiver's MRs have the item's words as they were sent, pointers included")
{
    one(100, 7, 100, 0);
    EXPECT_EQ(t.in.out[1], t.out.mr[1]);
    EXPECT_EQ(t.in.out[2], TEXT(7));
}

TEST(with_words, "untyped words and a string in one message")
{
    REQUIRE(transfer_new(&t));
    t.out.tag = L4_MsgTag(0x51, 10, 0);
    for (unsigned i = 1; i <= 10; i++) {
        t.out.mr[i] = 0x9000 + i;
    }
    add_piece(&t.out, 50, TEXT(0));
    add_buffer_piece(&t.in, 50, TARGET(0));
    transfer_run(&t);
    expect_success(&t);
    EXPECT(arrived(0, 0, 50));
    for (unsigned i = 1; i <= 10; i++) {
        EXPECT_EQ(t.in.out[i], 0x9000 + i);
    }
}

TEST(buffers_kept, "the receiver's BRs survive")
{
    one(100, 0, 200, 8);
    L4_Word_t value = 0, pointer = local_id(t.receiver.id).raw;
    EXPECT(remote_read(&t.receiver, pointer + (L4_Word_t)(4 * (UTCB_BR0 - 1)), &value));
    EXPECT_EQ(value, 200u << 10);
    EXPECT(remote_read(&t.receiver, pointer + (L4_Word_t)(4 * (UTCB_BR0 - 2)), &value));
    EXPECT_EQ(value, TARGET(8));
}

TEST(cut, "a buffer too short: cut; sender 8, receiver 9, with the bytes copied as offset")
{
    one(1000, 0, 777, 0);
    expect_failure(&t, 8, 9, 777);
}

TEST(cut_exact, "exactly the buffer's bytes arrive of a cut string")
{
    one(1000, 0, 777, 3);
    EXPECT(untouched(0, 3));
    EXPECT(arrived(3, 0, 777));
    EXPECT(untouched(780, 500));
}

TEST(cut_tags, "the tags of a cut message are its own tag with E")
{
    one(1000, 0, 777, 0);
    EXPECT_EQ(t.in.result.raw, t.out.tag.raw | 0x8000);
    EXPECT_EQ(t.out.result.raw, t.out.tag.raw | 0x8000);
}

TEST(not_accepted, "a receiver that accepts no strings: overflow with offset 0, nothing written")
{
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 100, TEXT(0));
    transfer_run(&t);
    expect_failure(&t, 8, 9, 0);
    EXPECT(untouched(0, 200));
}

TEST(not_accepted_header, "it still gets the item's header word")
{
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 100, TEXT(0));
    transfer_run(&t);
    EXPECT_EQ(t.in.out[1], 100u << 10);
}

TEST(window_is_no_string, "an acceptor with a window and without the s bit accepts no strings")
{
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 100, TEXT(0));
    add_buffer_piece(&t.in, 100, TARGET(0));
    t.in.br[0] = L4_CompleteAddressSpace.raw;
    transfer_run(&t);
    expect_failure(&t, 8, 9, 0);
    EXPECT(untouched(0, 200));
}

TEST(two_strings, "two strings go into two buffers; the rest of the first is skipped")
{
    L4_Word_t first = TARGET(0);
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 100, TEXT(0));
    add_piece(&t.out, 200, TEXT(1000));
    add_buffer(&t.in, 500, STRING_MORE, 1, &first);
    add_buffer_piece(&t.in, 500, TARGET(1000));
    transfer_run(&t);
    expect_success(&t);
    EXPECT(arrived(0, 0, 100));
    EXPECT(untouched(100, 900));
    EXPECT(arrived(1000, 1000, 200));
    EXPECT(untouched(1200, 500));
}

TEST(no_second_buffer, "a second string without a second buffer: overflow, offset of the first's bytes")
{
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 100, TEXT(0));
    add_piece(&t.out, 200, TEXT(1000));
    add_buffer_piece(&t.in, 500, TARGET(0));
    transfer_run(&t);
    expect_failure(&t, 8, 9, 100);
    EXPECT(arrived(0, 0, 100));
    EXPECT(untouched(100, 900));
}

TEST(buffer_not_linked, "a second descriptor counts only if the first has its C bit")
{
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 100, TEXT(0));
    add_piece(&t.out, 200, TEXT(1000));
    add_buffer_piece(&t.in, 500, TARGET(0));
    add_buffer_piece(&t.in, 500, TARGET(1000));
    transfer_run(&t);
    expect_failure(&t, 8, 9, 100);
    EXPECT(untouched(1000, 500));
}

TEST(sum_of_offsets, "a second string cut: the offset is the sum over both")
{
    L4_Word_t first = TARGET(0);
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 100, TEXT(0));
    add_piece(&t.out, 200, TEXT(1000));
    add_buffer(&t.in, 500, STRING_MORE, 1, &first);
    add_buffer_piece(&t.in, 33, TARGET(1000));
    transfer_run(&t);
    expect_failure(&t, 8, 9, 133);
    EXPECT(arrived(1000, 1000, 33));
    EXPECT(untouched(1033, 500));
}

TEST(spare_buffers, "buffers that are not needed stay untouched")
{
    L4_Word_t first = TARGET(0);
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 100, TEXT(0));
    add_buffer(&t.in, 500, STRING_MORE, 1, &first);
    add_buffer_piece(&t.in, 500, TARGET(1000));
    transfer_run(&t);
    expect_success(&t);
    EXPECT(untouched(1000, 500));
}

TEST(with_map_item, "a map item and a string in one message: both arrive")
{
    REQUIRE(transfer_new(&t));
    REQUIRE(remote_map(&t.sender, FRAME(9), WINDOW, 7));
    t.out.mr[1] = (WINDOW + 0x4000) | L4_ITEM_MAP | 1;
    t.out.mr[2] = page_rwx(WINDOW).raw;
    t.out.tag = L4_MsgTag(0x51, 0, 2);
    add_piece(&t.out, 100, TEXT(0));
    t.in.br[0] = L4_CompleteAddressSpace.raw;
    add_buffer_piece(&t.in, 100, TARGET(0));
    transfer_run(&t);
    expect_success(&t);
    EXPECT(arrived(0, 0, 100));
    EXPECT(remote_has(&t.receiver, WINDOW + 0x4000));
}

TEST(map_refused_after, "a map item refused behind a string: the offset is the string's bytes")
{
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 100, TEXT(0));
    t.out.mr[3] = L4_ITEM_MAP;
    t.out.mr[4] = page_rwx(WINDOW).raw;
    t.out.tag.raw += 2 << 6;
    add_buffer_piece(&t.in, 100, TARGET(0));
    transfer_run(&t);
    expect_failure(&t, 8, 9, 100);
    EXPECT(arrived(0, 0, 100));
}

TEST(cache_hint, "the cache hint bits of an item do not matter")
{
    L4_Word_t at = TEXT(0);
    REQUIRE(transfer_new(&t));
    add_string(&t.out, 100, 2 << 1, 1, &at);
    add_buffer_piece(&t.in, 100, TARGET(0));
    transfer_run(&t);
    expect_success(&t);
    EXPECT(arrived(0, 0, 100));
}

TEST(sender_first, "the same when the sender waits first")
{
    REQUIRE(transfer_new(&t));
    add_piece(&t.out, 5000, TEXT(1));
    add_buffer_piece(&t.in, 5000, TARGET(2));
    REQUIRE(remote_start(&t.sender, job_run, &t.out));
    settle();
    REQUIRE(remote_start(&t.receiver, job_run, &t.in));
    EXPECT_EQ(remote_wait(&t.sender), DONE);
    EXPECT_EQ(remote_wait(&t.receiver), DONE);
    expect_success(&t);
    EXPECT(arrived(2, 1, 5000));
}

TEST(same_space, "a string between threads of one space")
{
    struct job in, out;
    strings_reset();
    job_receive(&in, L4_anythread);
    add_buffer_piece(&in, 300, TARGET(0));
    L4_ThreadId_t receiver = job_spawn(&in, false);
    settle();
    job_send(&out, receiver, L4_MsgTag(0, 0, 0));
    add_piece(&out, 300, TEXT(5));
    (void)job_spawn(&out, false);
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.result.raw, out.tag.raw);
    EXPECT(arrived(0, 5, 300));
}

TEST(in_a_call, "strings go with a call and come with its reply")
{
    REQUIRE(transfer_new(&t));
    t.out.from_spec = t.receiver.id;
    add_piece(&t.out, 100, TEXT(0));
    add_buffer_piece(&t.out, 100, TARGET(2000));
    add_buffer_piece(&t.in, 100, TARGET(0));
    REQUIRE(transfer_start(&t));
    EXPECT_EQ(remote_wait(&t.receiver), DONE);
    struct job reply;
    job_send(&reply, t.sender.id, L4_MsgTag(0x52, 0, 0));
    add_piece(&reply, 100, TEXT(500));
    EXPECT_EQ(remote_run(&t.receiver, job_run, &reply), DONE);
    EXPECT_EQ(remote_wait(&t.sender), DONE);
    EXPECT_EQ(t.out.result.raw, reply.tag.raw);
    EXPECT(arrived(0, 0, 100));
    EXPECT(arrived(2000, 500, 100));
}

TEST(goes_on, "after a cut message the two talk on as before")
{
    one(1000, 0, 777, 0);
    strings_reset();
    job_send(&t.out, t.receiver.id, L4_MsgTag(0x53, 0, 0));
    job_receive(&t.in, t.sender.id);
    add_piece(&t.out, 100, TEXT(0));
    add_buffer_piece(&t.in, 100, TARGET(0));
    transfer_run(&t);
    expect_success(&t);
    EXPECT(arrived(0, 0, 100));
}
