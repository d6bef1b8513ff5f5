/* SPDX-License-Identifier: BSD-2-Clause */
/* Ipc: untyped messages, phases, order (interface.md 4.2). */
#include "harness.h"

static void fill(struct job *j)
{
    for (unsigned i = 1; i < 64; i++) {
        j->mr[i] = 0xa0000000 + i;
    }
}

/* A message of `words' words from a helper to the tester. */
static void receive_words(unsigned words, bool own_space)
{
    struct job j;
    job_send(&j, L4_Myself(), L4_MsgTag(0x77, words, 0));
    fill(&j);
    L4_ThreadId_t t = job_spawn(&j, own_space);
    for (unsigned i = 1; i < 64; i++) {
        L4_LoadMR(i, i);
    }
    L4_MsgTag_t tag = receive_soon(t);
    EXPECT_EQ(tag.raw, L4_MsgTag(0x77, words, 0).raw);
    for (unsigned i = 1; i < 64; i++) {
        EXPECT_EQ(L4_StoreMR(i), i <= words ? 0xa0000000 + i : i);
    }
    EXPECT(job_finish(&j));
    EXPECT_EQ(j.result.raw, L4_MsgTag(0x77, words, 0).raw);
}

TEST(no_words, "a message without words arrives and leaves MR1..63 alone")
{
    receive_words(0, true);
}

TEST(two_words, "a message of 2 words arrives and leaves MR3..63 alone")
{
    receive_words(2, true);
}

TEST(all_words_inter, "63 words arrive from another space")
{
    receive_words(63, true);
}

TEST(all_words_intra, "63 words arrive from a thread of the same space")
{
    receive_words(63, false);
}

TEST(every_count, "every number of words from 0 to 63 arrives exactly")
{
    struct job j;
    struct remote r;
    REQUIRE(remote_new(&r, true));
    for (unsigned words = 0; words < 64; words++) {
        job_send(&j, L4_Myself(), L4_MsgTag(words, words, 0));
        fill(&j);
        REQUIRE(remote_start(&r, job_run, &j));
        if (words < 63) {
            L4_LoadMR(words + 1, 0x5a);
        }
        REQUIRE_EQ(receive_soon(r.id).raw, L4_MsgTag(words, words, 0).raw);
        REQUIRE(words == 0 || L4_StoreMR(words) == 0xa0000000 + words);
        REQUIRE(words == 63 || L4_StoreMR(words + 1) == 0x5a);
        REQUIRE_EQ(remote_wait(&r), DONE);
    }
}

TEST(label, "all 16 bits of the label arrive")
{
    struct job j;
    job_send(&j, L4_Myself(), L4_MsgTag(0xbeef, 0, 0));
    EXPECT_EQ(receive_soon(job_spawn(&j, true)).raw, 0xbeef0000);
}

TEST(input_flags, "a sender's R, X and E flags do not arrive")
{
    struct job j;
    job_send(&j, L4_Myself(), (L4_MsgTag_t){0x1230e001});
    EXPECT_EQ(receive_soon(job_spawn(&j, true)).raw, 0x12300001);
}

TEST(too_many, "more than 63 words in all are refused: overflow")
{
    struct job j;
    job_receive(&j, L4_Myself());
    L4_ThreadId_t t = job_spawn(&j, true);
    settle();
    EXPECT(L4_IpcFailed(send_soon(t, L4_MsgTag(0, 62, 2))));
    EXPECT_EQ(L4_ErrorCode() & 0xf, 8);
}

TEST(send_only_success, "a send alone returns 0 in EAX and its own tag in ESI, junk flags included")
{
    struct job j, in;
    job_receive(&in, L4_anythread);
    job_send(&j, job_spawn(&in, true), (L4_MsgTag_t){0x1230e001});
    settle();
    (void)job_spawn(&j, true);
    EXPECT(job_finish(&j));
    EXPECT_EQ(j.from.raw, 0);
    EXPECT_EQ(j.result.raw, 0x1230e001);
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.result.raw, 0x12300001);
}

TEST(no_phases, "to nil and from nil: own tag, EAX 0, ErrorCode unchanged")
{
    struct raw_regs r = {.esi = 0x12340003, .edi = (L4_Word_t)L4_Utcb()};
    L4_SetTcr(UTCB_ERROR_CODE, 0x99);
    raw_call(entry_of(kip->ipc), &r);
    EXPECT_EQ(r.esi, 0x12340003);
    EXPECT_EQ(r.eax, 0);
    EXPECT_EQ(L4_ErrorCode(), 0x99);
}

static void echo(void *arg)
{
    L4_ThreadId_t from;
    (void)arg;
    L4_MsgTag_t tag = L4_Wait(&from);
    for (;;) {
        L4_LoadMR(1, L4_StoreMR(1) + 1);
        tag = L4_ReplyWait(from, tag, &from);
    }
}

TEST(call_inter, "a call gets its reply, which came with a zero time-out: 100 times, other space")
{
    L4_ThreadId_t t = spawn_space(echo, 0);
    for (unsigned i = 0; i < 100; i++) {
        L4_LoadMR(1, i);
        REQUIRE_EQ(call_soon(t, L4_MsgTag(3, 1, 0)).raw, L4_MsgTag(3, 1, 0).raw);
        REQUIRE_EQ(L4_StoreMR(1), i + 1);
    }
}

TEST(call_intra, "the same within one space")
{
    L4_ThreadId_t t = spawn(echo, 0);
    for (unsigned i = 0; i < 100; i++) {
        L4_LoadMR(1, i);
        REQUIRE_EQ(call_soon(t, L4_MsgTag(3, 1, 0)).raw, L4_MsgTag(3, 1, 0).raw);
        REQUIRE_EQ(L4_StoreMR(1), i + 1);
    }
}

TEST(call_lower_prio, "a zero time-out reply also reaches a caller of lower priority than the replier")
{
    L4_ThreadId_t t = spawn_with(&(struct spawn){.entry = echo, .prio = PRIO_TESTER + 10});
    for (unsigned i = 0; i < 100; i++) {
        REQUIRE(!L4_IpcFailed(call_soon(t, L4_MsgTag(3, 1, 0))));
    }
}

TEST(fifo, "senders are received in the order in which they queued")
{
    struct job j[3];
    L4_ThreadId_t t[3];
    for (unsigned i = 0; i < 3; i++) {
        job_send(&j[i], L4_Myself(), L4_MsgTag(i, 0, 0));
        t[i] = job_spawn(&j[i], true);
        settle();
    }
    for (unsigned i = 0; i < 3; i++) {
        L4_ThreadId_t from;
        L4_MsgTag_t tag = wait_soon(&from);
        EXPECT_EQ(tag.raw, L4_MsgTag(i, 0, 0).raw);
        EXPECT_EQ(from.raw, t[i].raw);
    }
}

/* The commonest IPCs, of which the kernel may have a faster second implementation. */
TEST(reply_and_take, "a reply-and-wait takes the first of its queue at once")
{
    struct job caller, queued;
    L4_ThreadId_t from;
    job_send(&caller, L4_Myself(), L4_MsgTag(1, 0, 0));
    caller.from_spec = L4_Myself();
    L4_ThreadId_t first = job_spawn(&caller, true);
    /* As a server, on the caller's time: so the reply may go the fast path. */
    REQUIRE(L4_IpcSucceeded(receive_soon(L4_anythread)));
    job_send(&queued, L4_Myself(), L4_MsgTag(2, 0, 0));
    L4_ThreadId_t second = job_spawn(&queued, true);
    settle();
    L4_MsgTag_t tag = L4_ReplyWait(first, L4_MsgTag(3, 0, 0), &from);
    EXPECT_EQ(tag.raw, L4_MsgTag(2, 0, 0).raw);
    EXPECT_EQ(from.raw, second.raw);
    EXPECT(job_finish(&caller) && job_finish(&queued));
    EXPECT_EQ(caller.result.raw, L4_MsgTag(3, 0, 0).raw);
}

TEST(call_to_closed, "a call does not reach a thread that waits for another one")
{
    struct job waiter, caller;
    job_receive(&waiter, L4_Myself());
    L4_ThreadId_t server = job_spawn(&waiter, true);
    settle();
    job_send(&caller, server, L4_MsgTag(1, 0, 0));
    caller.from_spec = server;
    (void)job_spawn(&caller, true);
    settle();
    EXPECT(!waiter.done);
    EXPECT(L4_IpcSucceeded(send_soon(server, L4_MsgTag(2, 0, 0))));
    EXPECT(job_finish(&waiter));
    EXPECT_EQ(waiter.result.raw, L4_MsgTag(2, 0, 0).raw);
    EXPECT_EQ(waiter.from.raw, L4_Myself().raw);
}

TEST(closed_chooses, "a closed receive finds its partner in the queue")
{
    struct job j[3];
    L4_ThreadId_t t[3];
    for (unsigned i = 0; i < 3; i++) {
        job_send(&j[i], L4_Myself(), L4_MsgTag(i, 0, 0));
        t[i] = job_spawn(&j[i], false);
        settle();
    }
    EXPECT_EQ(L4_Label(receive_soon(t[2])), 2);
    EXPECT_EQ(L4_Label(receive_soon(t[0])), 0);
    EXPECT_EQ(L4_Label(receive_soon(t[1])), 1);
}

TEST(closed_refuses, "a closed receive is not ended by anybody else's message")
{
    struct job in, j;
    L4_ThreadId_t other = spawn(sleeper, 0);
    job_receive(&in, other);
    L4_ThreadId_t t = job_spawn(&in, true);
    settle();
    job_send(&j, t, L4_MsgTag(0, 0, 0));
    EXPECT(L4_IpcFailed(L4_Send_Timeout(t, L4_MsgTag(1, 0, 0), L4_TimePeriod(5000))));
    EXPECT(!in.done);
}

TEST(stale_memory_mr0, "the tag counts that is in ESI, not what memory has as MR0")
{
    struct job in;
    job_receive(&in, L4_Myself());
    L4_ThreadId_t t = job_spawn(&in, true);
    L4_LoadMR(0, L4_MsgTag(9, 9, 0).raw);
    EXPECT(!L4_IpcFailed(send_soon(t, L4_MsgTag(4, 1, 0))));
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.result.raw, L4_MsgTag(4, 1, 0).raw);
}

TEST(memory_mr0, "after a receive the tag is in memory too")
{
    struct job in;
    job_receive(&in, L4_Myself());
    L4_ThreadId_t t = job_spawn(&in, true);
    EXPECT(!L4_IpcFailed(send_soon(t, L4_MsgTag(4, 1, 0))));
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.out[0], L4_MsgTag(4, 1, 0).raw);
}

TEST(sender_words, "a send leaves the sender's own MRs alone")
{
    struct job in, j;
    job_receive(&in, L4_anythread);
    job_send(&j, job_spawn(&in, true), L4_MsgTag(0, 63, 0));
    fill(&j);
    (void)job_spawn(&j, true);
    EXPECT(job_finish(&j));
    for (unsigned i = 1; i < 64; i++) {
        EXPECT_EQ(j.out[i], 0xa0000000 + i);
    }
}

TEST(acceptor_kept, "BR0 survives IPC")
{
    struct job in;
    job_receive(&in, L4_Myself());
    in.br[0] = 0x10;
    struct remote r;
    REQUIRE(remote_new(&r, false));
    REQUIRE(remote_start(&r, job_run, &in));
    EXPECT(!L4_IpcFailed(send_soon(r.id, L4_MsgTag(4, 1, 0))));
    settle();
    EXPECT_EQ(peek(local_id(r.id).raw + (L4_Word_t)(4 * UTCB_BR0)), 0x10);
}

TEST(send_to_self, "a send to oneself does not succeed")
{
    EXPECT(L4_IpcFailed(L4_Send_Timeout(L4_Myself(), L4_MsgTag(1, 0, 0), L4_TimePeriod(1000))));
}

TEST(lipc, "Lipc is Ipc for threads of one space")
{
    struct job j;
    L4_ThreadId_t t = spawn(echo, 0);
    struct remote r;
    REQUIRE(remote_new(&r, false));
    job_send(&j, local_id(t), L4_MsgTag(6, 1, 0));
    j.from_spec = local_id(t);
    j.mr[1] = 41;
    j.lipc = true;
    EXPECT_EQ(remote_run(&r, job_run, &j), DONE);
    EXPECT_EQ(j.result.raw, L4_MsgTag(6, 1, 0).raw);
    EXPECT_EQ(j.out[1], 42);
    EXPECT_EQ(j.from.raw, local_id(t).raw);
}

TEST(lipc_other_space, "Lipc also reaches other spaces, by global ids")
{
    struct job j;
    L4_ThreadId_t t = spawn_space(echo, 0);
    struct remote r;
    REQUIRE(remote_new(&r, false));
    job_send(&j, t, L4_MsgTag(6, 1, 0));
    j.from_spec = t;
    j.lipc = true;
    EXPECT_EQ(remote_run(&r, job_run, &j), DONE);
    EXPECT_EQ(j.result.raw, L4_MsgTag(6, 1, 0).raw);
}
