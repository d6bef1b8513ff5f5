/* SPDX-License-Identifier: BSD-2-Clause */
/* Local ids in IPC: which form goes in, which comes back (interface.md 4.2). */
#include "harness.h"

static L4_ThreadId_t sender_seen(L4_ThreadId_t spec, struct job *j)
{
    L4_ThreadId_t from = L4_nilthread;
    (void)j;
    L4_MsgTag_t tag = L4_Ipc(L4_nilthread, spec, L4_Timeouts(L4_Never, SOON), (L4_MsgTag_t){0}, &from);
    EXPECT(!L4_IpcFailed(tag));
    return from;
}

TEST(open_same_space, "an open receive from a thread of the same space returns its local id")
{
    struct job j;
    job_send(&j, L4_Myself(), L4_MsgTag(1, 0, 0));
    L4_ThreadId_t t = job_spawn(&j, false);
    EXPECT_EQ(sender_seen(L4_anythread, &j).raw, local_id(t).raw);
}

TEST(open_other_space, "an open receive from a thread of another space returns its global id")
{
    struct job j;
    job_send(&j, L4_Myself(), L4_MsgTag(1, 0, 0));
    L4_ThreadId_t t = job_spawn(&j, true);
    EXPECT_EQ(sender_seen(L4_anythread, &j).raw, t.raw);
}

TEST(closed_global, "a closed receive by global id returns the local id within a space")
{
    struct job j;
    job_send(&j, L4_Myself(), L4_MsgTag(1, 0, 0));
    L4_ThreadId_t t = job_spawn(&j, false);
    EXPECT_EQ(sender_seen(t, &j).raw, local_id(t).raw);
}

TEST(closed_local, "a closed receive by local id returns the local id")
{
    struct job j;
    job_send(&j, L4_Myself(), L4_MsgTag(1, 0, 0));
    L4_ThreadId_t t = job_spawn(&j, false);
    EXPECT_EQ(sender_seen(local_id(t), &j).raw, local_id(t).raw);
}

TEST(closed_other_space, "a closed receive from another space returns the global id")
{
    struct job j;
    job_send(&j, L4_Myself(), L4_MsgTag(1, 0, 0));
    L4_ThreadId_t t = job_spawn(&j, true);
    EXPECT_EQ(sender_seen(t, &j).raw, t.raw);
}

TEST(receiver_waits, "the forms are the same when the receiver waits first")
{
    struct job in, j;
    job_receive(&in, L4_anythread);
    L4_ThreadId_t receiver = job_spawn(&in, false);
    settle();
    job_send(&j, receiver, L4_MsgTag(1, 0, 0));
    L4_ThreadId_t t = job_spawn(&j, false);
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.from.raw, local_id(t).raw);
}

TEST(receiver_waits_other, "the same for another space")
{
    struct job in, j;
    job_receive(&in, L4_anythread);
    L4_ThreadId_t receiver = job_spawn(&in, false);
    settle();
    job_send(&j, receiver, L4_MsgTag(1, 0, 0));
    L4_ThreadId_t t = job_spawn(&j, true);
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.from.raw, t.raw);
}

TEST(send_local, "a send to a local id reaches the thread")
{
    struct job in;
    job_receive(&in, L4_Myself());
    L4_ThreadId_t t = job_spawn(&in, false);
    EXPECT(!L4_IpcFailed(send_soon(local_id(t), L4_MsgTag(8, 0, 0))));
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.result.raw, 0x80000);
}

TEST(local_is_own_space, "a local id means a thread of the caller's own space")
{
    struct job in, out;
    job_receive(&in, L4_anythread);
    L4_ThreadId_t here = job_spawn(&in, false);
    settle();
    job_send(&out, local_id(here), L4_MsgTag(8, 0, 0));
    out.timeouts = L4_Timeouts(L4_TimePeriod(5000), L4_Never);
    (void)job_spawn(&out, true);
    EXPECT(job_finish(&out));
    EXPECT(L4_IpcFailed(out.result));
    EXPECT(!in.done);
}

TEST(anylocal_takes, "anylocalthread receives from threads of the own space")
{
    struct job j;
    job_send(&j, L4_Myself(), L4_MsgTag(1, 0, 0));
    L4_ThreadId_t t = job_spawn(&j, false);
    EXPECT_EQ(sender_seen(L4_anylocalthread, &j).raw, local_id(t).raw);
}

TEST(anylocal_refuses, "anylocalthread does not receive from other spaces")
{
    struct job j;
    job_send(&j, L4_Myself(), L4_MsgTag(1, 0, 0));
    (void)job_spawn(&j, true);
    settle();
    EXPECT(L4_IpcFailed(L4_Receive_Timeout(L4_anylocalthread, L4_TimePeriod(5000))));
    EXPECT_EQ(L4_ErrorCode(), 3);
    EXPECT(!j.done);
}

TEST(anylocal_skips, "anylocalthread passes over a queued sender of another space")
{
    struct job other, own;
    job_send(&other, L4_Myself(), L4_MsgTag(1, 0, 0));
    job_send(&own, L4_Myself(), L4_MsgTag(2, 0, 0));
    (void)job_spawn(&other, true);
    settle();
    (void)job_spawn(&own, false);
    settle();
    EXPECT_EQ(L4_Label(receive_soon(L4_anylocalthread)), 2);
    EXPECT_EQ(L4_Label(receive_soon(L4_anythread)), 1);
}

TEST(send_while_anylocal, "a sender of another space waits while the receiver waits for anylocalthread")
{
    struct job in, other, own;
    job_receive(&in, L4_anylocalthread);
    L4_ThreadId_t receiver = job_spawn(&in, false);
    settle();
    job_send(&other, receiver, L4_MsgTag(1, 0, 0));
    job_send(&own, receiver, L4_MsgTag(2, 0, 0));
    (void)job_spawn(&other, true);
    settle();
    EXPECT(!in.done);
    (void)job_spawn(&own, false);
    EXPECT(job_finish(&in));
    EXPECT_EQ(L4_Label(in.result), 2);
    EXPECT(!other.done);
}

TEST(fault_form, "a fault message to a pager in the same space names the faulter by its local id")
{
    struct remote r;
    L4_ThreadId_t from = L4_nilthread;
    REQUIRE(remote_new(&r, false));
    REQUIRE(remote_start(&r, read_word, (void *)WINDOW));
    L4_MsgTag_t tag = wait_soon(&from);
    EXPECT_EQ(L4_Label(tag) & 0xfff0, L4_LABEL_PAGE_FAULT);
    EXPECT_EQ(from.raw, local_id(r.id).raw);
}

TEST(fault_form_other, "from another space it names it by the global id")
{
    struct remote r;
    L4_ThreadId_t from = L4_nilthread;
    REQUIRE(remote_new(&r, true));
    REQUIRE(remote_start(&r, read_word, (void *)WINDOW));
    L4_MsgTag_t tag = wait_soon(&from);
    EXPECT_EQ(L4_Label(tag) & 0xfff0, L4_LABEL_PAGE_FAULT);
    EXPECT_EQ(from.raw, r.id.raw);
}

TEST(thread_switch_local, "ThreadSwitch and Schedule take local ids")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    settle();
    L4_ThreadSwitch(local_id(t));
    EXPECT_EQ(L4_Schedule(local_id(t), ~0u, ~0u, ~0u, ~0u), 6);
}

static void answer_local(void *arg)
{
    L4_ThreadId_t from;
    (void)arg;
    L4_MsgTag_t tag = L4_Ipc(L4_nilthread, L4_anylocalthread, 0, (L4_MsgTag_t){0}, &from);
    for (;;) {
        tag = L4_Ipc(from, L4_anylocalthread, L4_Timeouts(L4_ZeroTime, L4_Never),
                     L4_MsgTag(L4_Label(tag), 0, 0), &from);
    }
}

/* Microseconds of a thousand calls of t; under -icount each is a thousand instructions. */
static L4_Word_t calls_of(L4_ThreadId_t t)
{
    enum { CALLS = 300 };
    L4_Word_t start = now_us();
    for (unsigned i = 0; i < CALLS; i++) {
        EXPECT(!L4_IpcFailed(L4_Call(t, L4_MsgTag(1, 0, 0))));
    }
    return now_us() - start;
}

/* The machine that emulates this one may be busy: the best of many counts. */
static L4_Word_t best_calls_of(L4_ThreadId_t t)
{
    L4_Word_t best = calls_of(t);
    for (int i = 0; i < 9; i++) {
        L4_Word_t once = calls_of(t);
        best = once < best ? once : best;
    }
    return best;
}

TEST(foreign_queue, "senders of other spaces in its queue cost who waits for local threads nothing")
{
    enum { SENDERS = 24 };
    static struct job j[SENDERS];
    L4_ThreadId_t t = spawn(answer_local, 0);
    settle();
    L4_Word_t alone = best_calls_of(t);
    for (unsigned i = 0; i < SENDERS; i++) {
        job_send(&j[i], t, L4_MsgTag(2, 0, 0));
        (void)job_spawn(&j[i], true);
    }
    settle();
    EXPECT(!j[0].done && !j[SENDERS - 1].done);
    EXPECT_LE(best_calls_of(t), alone + alone / 2 + 5); /* more than twice where it is searched */
}
