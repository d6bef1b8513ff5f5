/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts (interface.md 6.3), with the serial line's `transmitter empty' interrupt on line 4. */
#include "harness.h"

enum { LINE = 4, PORT = 0x3f8, IER = 1, IIR = 2, MCR = 4 };

static L4_ThreadId_t irq(void)
{
    return L4_GlobalId(LINE, 1);
}

static L4_Word_t associate(L4_ThreadId_t handler)
{
    return L4_ThreadControl(irq(), irq(), L4_nilthread, handler, ~0u);
}

static void quiet(void)
{
    out8(PORT + IER, 0);
    (void)in8(PORT + IIR);
}

/* A new edge on the line. */
static void trigger(void)
{
    quiet();
    out8(PORT + MCR, 0xb);
    out8(PORT + IER, 2);
}

static void release(void)
{
    quiet();
    (void)associate(irq());
}

static bool arrives(void)
{
    L4_MsgTag_t tag = L4_Receive_Timeout(irq(), L4_TimePeriod(20000));
    return tag.raw == 0xfff00000;
}

TEST(associate, "ThreadControl(irq, space = irq, pager = handler) associates: result 1")
{
    EXPECT_EQ(associate(L4_Myself()), 1);
    EXPECT_EQ(associate(irq()), 1);
}

TEST(message, "an interrupt is a message with tag 0xFFF00000")
{
    REQUIRE(associate(L4_Myself()));
    trigger();
    EXPECT_EQ(L4_Receive_Timeout(irq(), SOON).raw, 0xfff00000);
    release();
}

TEST(sender, "its sender is the interrupt's global id")
{
    L4_ThreadId_t from = L4_nilthread;
    REQUIRE(associate(L4_Myself()));
    trigger();
    EXPECT(!L4_IpcFailed(wait_soon(&from)));
    EXPECT_EQ(from.raw, irq().raw);
    release();
}

TEST(masked, "until it is acknowledged no further interrupt comes")
{
    REQUIRE(associate(L4_Myself()));
    trigger();
    EXPECT(arrives());
    trigger();
    EXPECT(!arrives());
    release();
}

TEST(acknowledged, "a message to the interrupt acknowledges it, and the next comes")
{
    REQUIRE(associate(L4_Myself()));
    for (unsigned i = 0; i < 10; i++) {
        trigger();
        EXPECT(arrives());
        quiet();
        EXPECT(!L4_IpcFailed(send_soon(irq(), L4_MsgTag(0, 0, 0))));
    }
    release();
}

TEST(zero_timeout, "an acknowledgement with zero time-out succeeds")
{
    REQUIRE(associate(L4_Myself()));
    trigger();
    EXPECT(arrives());
    EXPECT(!L4_IpcFailed(L4_Send_Timeout(irq(), L4_MsgTag(0, 0, 0), L4_ZeroTime)));
    release();
}

TEST(any_tag, "the acknowledgement's tag does not matter")
{
    REQUIRE(associate(L4_Myself()));
    trigger();
    EXPECT(arrives());
    quiet();
    EXPECT(!L4_IpcFailed(send_soon(irq(), L4_MsgTag(0x1234, 3, 0))));
    trigger();
    EXPECT(arrives());
    release();
}

TEST(call, "a call acknowledges and waits for the next interrupt")
{
    REQUIRE(associate(L4_Myself()));
    trigger();
    EXPECT(arrives());
    trigger();
    EXPECT_EQ(call_soon(irq(), L4_MsgTag(0, 0, 0)).raw, 0xfff00000);
    release();
}

TEST(queued, "an interrupt while the handler does not receive is delivered later, once")
{
    REQUIRE(associate(L4_Myself()));
    trigger();
    settle();
    EXPECT(arrives());
    EXPECT(!arrives());
    release();
}

TEST(only_handler, "nobody but the handler can acknowledge")
{
    struct job j;
    REQUIRE(associate(L4_Myself()));
    trigger();
    EXPECT(arrives());
    job_send(&j, irq(), L4_MsgTag(0, 0, 0));
    j.timeouts = L4_Timeouts(L4_TimePeriod(5000), L4_Never);
    (void)job_spawn(&j, true);
    EXPECT(job_finish(&j));
    EXPECT(L4_IpcFailed(j.result));
    trigger();
    EXPECT(!arrives());
    release();
}

TEST(other_space, "the handler may be in an unprivileged space")
{
    struct job in;
    job_receive(&in, irq());
    L4_ThreadId_t t = job_spawn(&in, true);
    REQUIRE(associate(t));
    settle();
    trigger();
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.result.raw, 0xfff00000);
    EXPECT_EQ(in.from.raw, irq().raw);
    release();
}

TEST(wakes_higher, "an interrupt's handler preempts a thread of lower priority")
{
    struct job in;
    job_receive(&in, irq());
    L4_ThreadId_t t = spawn_with(&(struct spawn){.entry = job_run, .arg = &in, .prio = PRIO_TESTER + 1});
    REQUIRE(associate(t));
    settle();
    trigger();
    for (unsigned i = 0; i < 10000 && !in.done; i++) {
    }
    EXPECT(in.done);
    release();
}

TEST(closed_other, "a closed receive from another thread is not ended by an interrupt")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    REQUIRE(associate(L4_Myself()));
    trigger();
    EXPECT_EQ(L4_Receive_Timeout(t, L4_TimePeriod(5000)).raw, 0x8000);
    EXPECT(arrives());
    release();
}

TEST(deassociated, "after de-association no interrupt comes")
{
    REQUIRE(associate(L4_Myself()));
    EXPECT_EQ(associate(irq()), 1);
    trigger();
    EXPECT(!arrives());
    quiet();
}

TEST(unhandled, "a line that nobody handles stays masked: the machine goes on")
{
    trigger();
    settle();
    quiet();
    EXPECT(true);
}

TEST(handler_gone, "when its handler was deleted the line stays masked, and can be associated again")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    settle();
    REQUIRE(associate(t));
    EXPECT_EQ(delete_thread(t), 1);
    trigger();
    settle();
    quiet();
    EXPECT_EQ(associate(L4_Myself()), 1);
    trigger();
    EXPECT(arrives());
    release();
}

TEST(local_handler, "the handler may be given by its local id")
{
    REQUIRE(associate(L4_MyLocalId()));
    trigger();
    EXPECT(arrives());
    release();
    EXPECT_EQ(associate((L4_ThreadId_t){L4_MyLocalId().raw ^ 0x40}), 0);
    EXPECT_EQ(L4_ErrorCode(), 2);
}

TEST(bad_version, "an interrupt id of another version than 1: error 2")
{
    L4_ThreadId_t wrong = L4_GlobalId(LINE, 2);
    EXPECT_EQ(L4_ThreadControl(wrong, wrong, L4_nilthread, L4_Myself(), ~0u), 0);
    EXPECT_EQ(L4_ErrorCode(), 2);
}

TEST(bad_handler, "a handler that does not exist: error 2")
{
    EXPECT_EQ(associate(thread_id()), 0);
    EXPECT_EQ(L4_ErrorCode(), 2);
}

TEST(timer_line, "the kernel keeps its timer and the cascade line: error 2")
{
    L4_ThreadId_t line = L4_GlobalId(0, 1);
    EXPECT_EQ(L4_ThreadControl(line, line, L4_nilthread, L4_Myself(), ~0u), 0);
    EXPECT_EQ(L4_ErrorCode(), 2);
    line = L4_GlobalId(2, 1);
    EXPECT_EQ(L4_ThreadControl(line, line, L4_nilthread, L4_Myself(), ~0u), 0);
    EXPECT_EQ(L4_ErrorCode(), 2);
}

TEST(schedule, "Schedule takes an interrupt's id only while it is associated")
{
    EXPECT_EQ(L4_Schedule(irq(), ~0u, ~0u, ~0u, ~0u), 0);
    EXPECT_EQ(L4_ErrorCode(), 2);
    REQUIRE(associate(L4_Myself()));
    EXPECT(L4_Schedule(irq(), ~0u, ~0u, ~0u, ~0u) != 0);
    trigger();
    settle();
    EXPECT_EQ(L4_Schedule(irq(), ~0u, ~0u, ~0u, ~0u), 4); /* it waits for us: pending send */
    EXPECT(arrives());
    release();
    EXPECT_EQ(L4_Schedule(irq(), ~0u, ~0u, ~0u, ~0u), 0);
}

TEST(slave_line, "a line of the second controller: the real-time clock's periodic interrupt on line 8")
{
    L4_ThreadId_t line = L4_GlobalId(8, 1);
    if (!L4_ThreadControl(line, line, L4_nilthread, L4_Myself(), ~0u)) {
        ktap_skip_rest("machine: the kernel keeps line 8");
        return;
    }
    out8(0x70, 0xb);
    L4_Word_t b = in8(0x71);
    out8(0x70, 0xb);
    out8(0x71, b | 0x40);
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_EQ(L4_Receive_Timeout(line, SOON).raw, 0xfff00000);
        out8(0x70, 0xc);
        (void)in8(0x71);
        EXPECT(!L4_IpcFailed(send_soon(line, L4_MsgTag(0, 0, 0))));
    }
    out8(0x70, 0xb);
    out8(0x71, b & ~0x40u);
    out8(0x70, 0xc);
    (void)in8(0x71);
    EXPECT_EQ(L4_ThreadControl(line, line, L4_nilthread, line, ~0u), 1);
}
