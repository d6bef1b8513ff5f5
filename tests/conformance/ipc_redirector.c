/* SPDX-License-Identifier: BSD-2-Clause */
/* Redirectors: messages out of a space go to its redirector first (interface.md 4.2, 4.5; X.2's
 * semantics). */
#include "harness.h"

/* A remote in a space of its own whose redirector is the tester. */
static bool redirected(struct remote *r)
{
    if (!remote_new(r, true)) {
        return false;
    }
    settle(); /* the remote has all its memory afterwards */
    return L4_SpaceControl(r->id, 0, L4_Nilpage, L4_Nilpage, L4_Myself()) == 1;
}

static void drop_redirector(struct remote *r)
{
    EXPECT_EQ(L4_SpaceControl(r->id, 0, L4_Nilpage, L4_Nilpage, L4_anythread), 1);
}

static L4_Word_t intended(void)
{
    return L4_Tcr(UTCB_INTENDED_RECEIVER);
}

TEST(accepted, "SpaceControl accepts a redirector, and anythread for none")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(L4_SpaceControl(r.id, 0, L4_Nilpage, L4_Nilpage, L4_Myself()), 1);
    EXPECT_EQ(L4_SpaceControl(r.id, 0, L4_Nilpage, L4_Nilpage, L4_nilthread), 1);
    EXPECT_EQ(L4_SpaceControl(r.id, 0, L4_Nilpage, L4_Nilpage, L4_anythread), 1);
}

TEST(local, "the redirector may be given by its local id; one that names nobody is error 2")
{
    struct remote r;
    struct job out;
    L4_ThreadId_t target = spawn_space(sleeper, 0), from;
    REQUIRE(remote_new(&r, true));
    settle();
    EXPECT_EQ(L4_SpaceControl(r.id, 0, L4_Nilpage, L4_Nilpage, (L4_ThreadId_t){L4_MyLocalId().raw ^ 0x40}),
              0);
    EXPECT_EQ(L4_ErrorCode(), 2);
    REQUIRE(L4_SpaceControl(r.id, 0, L4_Nilpage, L4_Nilpage, L4_MyLocalId()) == 1);
    job_send(&out, target, L4_MsgTag(7, 0, 0));
    REQUIRE(remote_start(&r, job_run, &out));
    L4_MsgTag_t tag = wait_soon(&from);
    EXPECT_EQ(L4_Label(tag), 7);
    EXPECT_EQ(from.raw, r.id.raw);
}

TEST(goes_to_redirector, "a message to another space arrives at the redirector, R set")
{
    struct remote r;
    struct job in, out;
    job_receive(&in, L4_anythread);
    L4_ThreadId_t target = job_spawn(&in, true), from;
    REQUIRE(redirected(&r));
    job_send(&out, target, L4_MsgTag(7, 1, 0));
    out.mr[1] = 0x600d;
    REQUIRE(remote_start(&r, job_run, &out));
    L4_MsgTag_t tag = wait_soon(&from);
    EXPECT_EQ(L4_Label(tag), 7);
    EXPECT(tag.raw & L4_TAG_REDIRECTED);
    EXPECT_EQ(from.raw, r.id.raw);
    EXPECT_EQ(L4_StoreMR(1), 0x600d);
    EXPECT(!in.done);
}

TEST(intended_receiver, "IntendedReceiver tells the redirector whom the message was for")
{
    struct remote r;
    struct job out;
    L4_ThreadId_t target = spawn_space(sleeper, 0), from;
    REQUIRE(redirected(&r));
    job_send(&out, target, L4_MsgTag(7, 0, 0));
    REQUIRE(remote_start(&r, job_run, &out));
    EXPECT(!L4_IpcFailed(wait_soon(&from)));
    EXPECT_EQ(intended(), target.raw);
}

TEST(within_space, "messages within the space are not redirected")
{
    struct remote r;
    struct job in, out;
    REQUIRE(redirected(&r));
    job_receive(&in, L4_anythread);
    L4_ThreadId_t t = spawn_with(&(struct spawn){.entry = job_run, .arg = &in, .space = r.id});
    settle();
    job_send(&out, t, L4_MsgTag(9, 0, 0));
    REQUIRE(remote_start(&r, job_run, &out));
    EXPECT_EQ(remote_wait(&r), DONE);
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.result.raw, L4_MsgTag(9, 0, 0).raw);
}

TEST(to_redirector, "a message to the redirector itself is not marked as redirected")
{
    struct remote r;
    struct job out;
    REQUIRE(redirected(&r));
    job_send(&out, L4_Myself(), L4_MsgTag(9, 0, 0));
    REQUIRE(remote_start(&r, job_run, &out));
    EXPECT_EQ(receive_soon(r.id).raw, L4_MsgTag(9, 0, 0).raw);
}

TEST(forwarding,
     "the redirector may pass the message on with propagation: the target sees the original sender")
{
    struct remote r;
    struct job in, out;
    job_receive(&in, L4_anythread);
    L4_ThreadId_t target = job_spawn(&in, true), from;
    REQUIRE(redirected(&r));
    job_send(&out, target, L4_MsgTag(7, 1, 0));
    REQUIRE(remote_start(&r, job_run, &out));
    L4_MsgTag_t tag = wait_soon(&from);
    REQUIRE(!L4_IpcFailed(tag));
    L4_Set_VirtualSender(from);
    tag.raw = (tag.raw & 0xffff0fff) | L4_TAG_PROPAGATED;
    EXPECT(!L4_IpcFailed(send_soon((L4_ThreadId_t){intended()}, tag)));
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.from.raw, r.id.raw);
    EXPECT(L4_IpcPropagated(in.result));
    EXPECT_EQ(in.actual_sender.raw, L4_Myself().raw);
}

TEST(forwarded_call, "a call that the redirector passed on gets the target's reply")
{
    struct remote r;
    struct job in, out;
    job_receive(&in, L4_anythread);
    L4_ThreadId_t target = job_spawn(&in, true), from;
    REQUIRE(redirected(&r));
    job_send(&out, target, L4_MsgTag(7, 0, 0));
    out.from_spec = target;
    REQUIRE(remote_start(&r, job_run, &out));
    L4_MsgTag_t tag = wait_soon(&from);
    REQUIRE(!L4_IpcFailed(tag));
    L4_Set_VirtualSender(from);
    (void)send_soon(target, (L4_MsgTag_t){L4_MsgTag(7, 0, 0).raw | L4_TAG_PROPAGATED});
    EXPECT(job_finish(&in));
    struct job reply;
    job_send(&reply, r.id, L4_MsgTag(8, 0, 0));
    restart_thread(target, job_run, &reply);
    EXPECT_EQ(remote_wait(&r), DONE);
    EXPECT_EQ(out.result.raw, L4_MsgTag(8, 0, 0).raw);
    EXPECT_EQ(out.from.raw, target.raw);
}

TEST(incoming, "messages into the space are not redirected")
{
    struct remote r;
    struct job in;
    REQUIRE(redirected(&r));
    job_receive(&in, L4_anythread);
    REQUIRE(remote_start(&r, job_run, &in));
    struct job out;
    job_send(&out, r.id, L4_MsgTag(4, 0, 0));
    L4_ThreadId_t t = job_spawn(&out, true);
    EXPECT_EQ(remote_wait(&r), DONE);
    EXPECT_EQ(in.result.raw, L4_MsgTag(4, 0, 0).raw);
    EXPECT_EQ(in.from.raw, t.raw);
}

TEST(dropped, "after the redirector was dropped, messages go straight again")
{
    struct remote r;
    struct job in, out;
    job_receive(&in, L4_anythread);
    L4_ThreadId_t target = job_spawn(&in, true);
    REQUIRE(redirected(&r));
    drop_redirector(&r);
    job_send(&out, target, L4_MsgTag(7, 0, 0));
    EXPECT_EQ(remote_run(&r, job_run, &out), DONE);
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.result.raw, L4_MsgTag(7, 0, 0).raw);
}
