/* SPDX-License-Identifier: BSD-2-Clause */
/* Propagation (interface.md 4.2). */
#include "harness.h"

#define PROPAGATE(label, words) ((L4_MsgTag_t){L4_MsgTag(label, words, 0).raw | L4_TAG_PROPAGATED})

static void receiver_gets(struct job *in, struct job *out, bool receiver_own_space,
                          L4_ThreadId_t forwarder_space)
{
    job_receive(in, L4_anythread);
    L4_ThreadId_t receiver = job_spawn(in, receiver_own_space);
    settle();
    out->to = receiver;
    (void)spawn_with(&(struct spawn){.entry = job_run, .arg = out, .space = forwarder_space});
    EXPECT(job_finish(out));
    EXPECT(job_finish(in));
}

TEST(same_space_virtual, "a thread may send for another of its own space: the receiver sees that one, P set")
{
    struct job in, out;
    L4_ThreadId_t virtual_sender = spawn(sleeper, 0);
    job_send(&out, L4_nilthread, PROPAGATE(3, 1));
    out.mr[1] = 99;
    out.virtual_sender = virtual_sender;
    receiver_gets(&in, &out, true, L4_nilthread);
    EXPECT_EQ(in.from.raw, virtual_sender.raw);
    EXPECT_EQ(in.result.raw, PROPAGATE(3, 1).raw);
    EXPECT_EQ(in.out[1], 99);
}

TEST(actual_sender, "ActualSender is the global id of the real sender")
{
    struct job in, out;
    L4_ThreadId_t virtual_sender = spawn(sleeper, 0);
    job_receive(&in, L4_anythread);
    L4_ThreadId_t receiver = job_spawn(&in, true);
    settle();
    job_send(&out, receiver, PROPAGATE(3, 0));
    out.virtual_sender = virtual_sender;
    L4_ThreadId_t real = job_spawn(&out, false);
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.actual_sender.raw, real.raw);
}

TEST(same_space_receiver, "a thread may send for anybody to a receiver in its own space")
{
    struct job in, out;
    L4_ThreadId_t virtual_sender = spawn_space(sleeper, 0);
    job_send(&out, L4_nilthread, PROPAGATE(3, 0));
    out.virtual_sender = virtual_sender;
    receiver_gets(&in, &out, false, L4_nilthread);
    EXPECT_EQ(in.from.raw, virtual_sender.raw);
    EXPECT(L4_IpcPropagated(in.result));
}

TEST(local_form, "the virtual sender is shown in local form to a receiver of its space")
{
    struct job in, out;
    L4_ThreadId_t virtual_sender = spawn(sleeper, 0);
    job_send(&out, L4_nilthread, PROPAGATE(3, 0));
    out.virtual_sender = virtual_sender;
    receiver_gets(&in, &out, false, L4_nilthread);
    EXPECT_EQ(in.from.raw, local_id(virtual_sender).raw);
}

TEST(local_virtual, "VirtualSender may be a local id")
{
    struct job in, out;
    L4_ThreadId_t virtual_sender = spawn(sleeper, 0);
    job_send(&out, L4_nilthread, PROPAGATE(3, 0));
    out.virtual_sender = local_id(virtual_sender);
    receiver_gets(&in, &out, true, L4_nilthread);
    EXPECT_EQ(in.from.raw, virtual_sender.raw);
}

TEST(not_allowed, "sending for a stranger to a stranger: P is dropped, a normal message arrives")
{
    struct job in, out;
    L4_ThreadId_t stranger = spawn_space(sleeper, 0);
    L4_ThreadId_t forwarder = thread_id();
    REQUIRE(make_space(forwarder));
    job_send(&out, L4_nilthread, PROPAGATE(3, 0));
    out.virtual_sender = stranger;
    receiver_gets(&in, &out, true, forwarder);
    EXPECT(in.from.raw != stranger.raw);
    EXPECT_EQ(in.result.raw, L4_MsgTag(3, 0, 0).raw);
}

TEST(no_flag, "without P the VirtualSender is ignored")
{
    struct job in, out;
    L4_ThreadId_t virtual_sender = spawn(sleeper, 0);
    job_send(&out, L4_nilthread, L4_MsgTag(3, 0, 0));
    out.virtual_sender = virtual_sender;
    receiver_gets(&in, &out, true, L4_nilthread);
    EXPECT(in.from.raw != virtual_sender.raw);
    EXPECT(!L4_IpcPropagated(in.result));
}

TEST(dead_virtual, "a virtual sender that does not exist: P is dropped")
{
    struct job in, out;
    L4_ThreadId_t nobody = thread_id();
    job_send(&out, L4_nilthread, PROPAGATE(3, 0));
    out.virtual_sender = nobody;
    receiver_gets(&in, &out, true, L4_nilthread);
    EXPECT(in.from.raw != nobody.raw);
    EXPECT(!L4_IpcPropagated(in.result));
}

static void forward(void *arg)
{
    L4_ThreadId_t from;
    L4_MsgTag_t tag = L4_Wait(&from);
    for (;;) {
        tag = PROPAGATE(L4_Label(tag), L4_UntypedWords(tag));
        L4_Set_VirtualSender(from);
        (void)L4_Send(*(L4_ThreadId_t *)arg, tag);
        tag = L4_Wait(&from);
    }
}

static void answer(void *arg)
{
    L4_ThreadId_t from;
    L4_MsgTag_t tag = L4_Wait(&from);
    (void)arg;
    for (;;) {
        L4_LoadMR(1, L4_StoreMR(1) * 2);
        tag = L4_ReplyWait(from, L4_MsgTag(L4_Label(tag), 1, 0), &from);
    }
}

static void call_through(bool server_own_space)
{
    static L4_ThreadId_t server;
    server = server_own_space ? spawn_space(answer, 0) : spawn(answer, 0);
    L4_ThreadId_t forwarder = spawn(forward, &server);
    struct job j;
    job_send(&j, forwarder, L4_MsgTag(5, 1, 0));
    j.from_spec = forwarder;
    j.mr[1] = 21;
    (void)job_spawn(&j, !server_own_space);
    EXPECT(job_finish(&j));
    EXPECT(!L4_IpcFailed(j.result));
    EXPECT_EQ(j.out[1], 42);
    EXPECT_EQ(j.from.raw, server.raw);
}

TEST(call_forwarded, "a virtual sender waiting for the forwarder is changed to wait for the receiver")
{
    call_through(false);
}

TEST(call_forwarded_out,
     "the same when the caller and the forwarder share a space and the server is elsewhere")
{
    call_through(true);
}

TEST(queued, "propagation also holds for a message that had to queue")
{
    struct job out;
    L4_ThreadId_t virtual_sender = spawn_space(sleeper, 0), from;
    job_send(&out, L4_Myself(), PROPAGATE(3, 0));
    out.virtual_sender = virtual_sender;
    L4_ThreadId_t real = job_spawn(&out, false);
    settle();
    L4_MsgTag_t tag = wait_soon(&from);
    EXPECT_EQ(from.raw, virtual_sender.raw);
    EXPECT(L4_IpcPropagated(tag));
    EXPECT_EQ(L4_ActualSender().raw, real.raw);
}

TEST(closed_for_virtual, "a receiver waiting for the virtual sender alone takes a propagated message from it")
{
    struct job in, out;
    L4_ThreadId_t virtual_sender = spawn_space(sleeper, 0);
    job_receive(&in, virtual_sender);
    L4_ThreadId_t receiver = job_spawn(&in, false);
    settle();
    job_send(&out, receiver, PROPAGATE(3, 0));
    out.virtual_sender = virtual_sender;
    out.timeouts = L4_Timeouts(SOON, L4_Never);
    (void)job_spawn(&out, false);
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.from.raw, virtual_sender.raw);
}

TEST(closed_for_actual, "a receiver waiting for the real sender alone takes what that one propagates")
{
    struct job in;
    L4_ThreadId_t virtual_sender = spawn(sleeper, 0);
    job_receive(&in, L4_Myself());
    L4_ThreadId_t receiver = job_spawn(&in, true);
    settle();
    L4_Set_VirtualSender(virtual_sender);
    EXPECT(!L4_IpcFailed(send_soon(receiver, PROPAGATE(3, 0))));
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.from.raw, virtual_sender.raw);
    EXPECT_EQ(in.result.raw, PROPAGATE(3, 0).raw);
    EXPECT_EQ(in.actual_sender.raw, L4_Myself().raw);
}

TEST(queued_for_actual, "the same if the message is queued already")
{
    struct job out;
    L4_ThreadId_t virtual_sender = spawn_space(sleeper, 0);
    job_send(&out, L4_Myself(), PROPAGATE(3, 0));
    out.virtual_sender = virtual_sender;
    L4_ThreadId_t real = job_spawn(&out, false);
    settle();
    L4_MsgTag_t tag = receive_soon(real);
    EXPECT_EQ(tag.raw, PROPAGATE(3, 0).raw);
    EXPECT_EQ(L4_ActualSender().raw, real.raw);
    EXPECT(job_finish(&out));
    EXPECT(!L4_IpcFailed(out.result));
}

TEST(closed_for_third, "a receiver waiting for neither of the two does not take it")
{
    struct job out;
    L4_ThreadId_t virtual_sender = spawn(sleeper, 0), third = spawn(sleeper, 0);
    job_send(&out, L4_Myself(), PROPAGATE(3, 0));
    out.virtual_sender = virtual_sender;
    (void)job_spawn(&out, false);
    settle();
    EXPECT(L4_IpcFailed(receive_soon(third)));
    EXPECT(!out.done);
}
