/* SPDX-License-Identifier: BSD-2-Clause */
/* Failing IPC: tag and ErrorCode (interface.md 4.2). */
#include "harness.h"

static void expect_send_error(L4_ThreadId_t to)
{
    EXPECT_EQ(send_soon(to, L4_MsgTag(0x12, 1, 0)).raw & 0x8000, 0x8000);
    EXPECT_EQ(L4_ErrorCode(), 4);
}

static void expect_receive_error(L4_ThreadId_t from)
{
    EXPECT_EQ(receive_soon(from).raw, 0x8000);
    EXPECT_EQ(L4_ErrorCode(), 5);
}

TEST(send_nobody, "a send to a thread that does not exist: error 4")
{
    expect_send_error(thread_id());
}

TEST(send_nobody_tag, "its tag is 0x8000")
{
    EXPECT_EQ(send_soon(thread_id(), L4_MsgTag(0x12, 1, 0)).raw, 0x8000);
}

TEST(send_inactive, "a send to an inactive thread: error 4")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(L4_ThreadControl(t, root_thread, L4_Myself(), L4_nilthread, ~0u));
    expect_send_error(t);
}

TEST(send_version, "a send to a wrong version: error 4")
{
    expect_send_error((L4_ThreadId_t){spawn(sleeper, 0).raw ^ 0x40});
}

TEST(receive_nobody, "a closed receive from a thread that does not exist: tag 0x8000, error 5")
{
    expect_receive_error(thread_id());
}

TEST(receive_version, "a closed receive from a wrong version: tag 0x8000, error 5")
{
    expect_receive_error((L4_ThreadId_t){spawn(sleeper, 0).raw ^ 0x40});
}

TEST(receive_inactive, "a closed receive from an inactive thread fails with error 5")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(L4_ThreadControl(t, root_thread, L4_Myself(), L4_nilthread, ~0u));
    expect_receive_error(t);
}

TEST(send_bad_local, "a send to a local id that nobody has: error 4, no fault")
{
    expect_send_error((L4_ThreadId_t){UTCB_AREA + 200 * UTCB_SIZE + UTCB_MR0_OFFSET});
    expect_send_error((L4_ThreadId_t){0x40});
    expect_send_error((L4_ThreadId_t){0xc0000040});
}

TEST(receive_bad_local, "a receive from a local id that nobody has: error 5, no fault")
{
    expect_receive_error((L4_ThreadId_t){UTCB_AREA + 200 * UTCB_SIZE + UTCB_MR0_OFFSET});
}

TEST(send_unused_interrupt, "a message to an interrupt line that nobody handles fails")
{
    EXPECT(L4_IpcFailed(send_soon(L4_GlobalId(5, 1), L4_MsgTag(0, 0, 0))));
}

TEST(send_beyond, "a send to a thread number beyond all: error 4")
{
    expect_send_error(L4_GlobalId(0x3fff0, 1));
}

TEST(send_anythread, "anythread is no destination")
{
    EXPECT(L4_IpcFailed(L4_Send_Timeout(L4_anythread, L4_MsgTag(0, 0, 0), L4_ZeroTime)));
}

TEST(call_nobody, "a call to nobody does not enter its receive phase: error 4")
{
    L4_ThreadId_t t = thread_id();
    EXPECT(L4_IpcFailed(L4_Ipc(t, L4_anythread, L4_Timeouts(L4_Never, L4_Never), L4_MsgTag(0, 0, 0), 0)));
    EXPECT_EQ(L4_ErrorCode(), 4);
}

TEST(words_after_error, "after a failed receive EBX and EBP equal MR1 and MR2, which are unchanged")
{
    struct raw_regs r = {.edx = thread_id().raw, .edi = (L4_Word_t)L4_Utcb()};
    L4_LoadMR(1, 0x1234);
    L4_LoadMR(2, 0x5678);
    raw_call(entry_of(kip->ipc), &r);
    EXPECT_EQ(r.esi & 0x8000, 0x8000);
    EXPECT_EQ(L4_StoreMR(1), 0x1234);
    EXPECT_EQ(L4_StoreMR(2), 0x5678);
    EXPECT_EQ(r.ebx, 0x1234);
    EXPECT_EQ(r.ebp, 0x5678);
}

static void send_item(L4_Word_t header, L4_Word_t acceptor, struct job *in)
{
    struct remote r;
    job_receive(in, L4_Myself());
    in->br[0] = acceptor;
    REQUIRE(remote_new(&r, true));
    REQUIRE(remote_start(&r, job_run, in));
    settle();
    L4_LoadMR(1, 0x1111);
    L4_LoadMR(2, WINDOW | header);
    L4_LoadMR(3, page_rwx(FRAME(0)).raw);
    L4_MsgTag_t tag = send_soon(r.id, L4_MsgTag(0x44, 1, 2));
    EXPECT_EQ(tag.raw, 0x8000 | L4_MsgTag(0x44, 1, 2).raw);
    EXPECT_EQ(remote_wait(&r), DONE);
}

TEST(not_accepted, "a map item that is not accepted: overflow, error 8 for the sender and 9 for the receiver")
{
    struct job in;
    send_item(L4_ITEM_MAP, 0, &in);
    EXPECT_EQ(in.result.raw, 0x8000 | L4_MsgTag(0x44, 1, 2).raw);
    EXPECT_EQ(in.error, 9);
}

TEST(sender_code, "the sender's code of a map item that is not accepted is 8")
{
    struct job in;
    send_item(L4_ITEM_MAP, 1, &in);
    EXPECT_EQ(L4_IpcMsgOverflow << 1, 8);
    EXPECT_EQ(in.error, 9);
}

TEST(untyped_delivered, "untyped words are delivered in spite of the overflow")
{
    struct job in;
    send_item(L4_ITEM_MAP, 0, &in);
    EXPECT_EQ(in.out[1], 0x1111);
    EXPECT_EQ(L4_Label(in.result), 0x44);
}

TEST(unknown_item, "an unknown item type is an overflow")
{
    struct job in;
    send_item(0xe, L4_CompleteAddressSpace.raw, &in);
    EXPECT(L4_IpcFailed(in.result));
    EXPECT_EQ(in.error & 0xf, 9);
}

TEST(truncated_item, "an item that does not end within the typed words is an overflow")
{
    struct job in;
    struct remote r;
    job_receive(&in, L4_Myself());
    in.br[0] = L4_CompleteAddressSpace.raw;
    REQUIRE(remote_new(&r, true));
    REQUIRE(remote_start(&r, job_run, &in));
    settle();
    L4_LoadMR(1, WINDOW | L4_ITEM_MAP);
    L4_LoadMR(2, page_rwx(FRAME(0)).raw);
    EXPECT(L4_IpcFailed(send_soon(r.id, L4_MsgTag(0, 0, 1))));
    EXPECT_EQ(L4_ErrorCode() & 0xf, 8);
    settle();
}

TEST(goes_on, "after an overflow both sides go on: the next message arrives")
{
    struct remote r;
    struct job in;
    REQUIRE(remote_new(&r, true));
    for (unsigned i = 0; i < 5; i++) {
        job_receive(&in, L4_Myself());
        REQUIRE(remote_start(&r, job_run, &in));
        settle();
        L4_LoadMR(1, WINDOW | L4_ITEM_MAP);
        L4_LoadMR(2, page_rwx(FRAME(0)).raw);
        EXPECT(L4_IpcFailed(send_soon(r.id, L4_MsgTag(0, 0, 2))));
        EXPECT_EQ(remote_wait(&r), DONE);
    }
    EXPECT(!remote_has(&r, WINDOW));
}

TEST(success_keeps_code, "a successful IPC's tag has no E flag after one that failed")
{
    struct job in;
    EXPECT(L4_IpcFailed(send_soon(thread_id(), L4_MsgTag(0, 0, 0))));
    job_receive(&in, L4_Myself());
    L4_ThreadId_t t = job_spawn(&in, true);
    EXPECT(!L4_IpcFailed(send_soon(t, L4_MsgTag(0, 0, 0))));
}
