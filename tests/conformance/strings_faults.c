/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults in the middle of a string copy (interface.md 5.3).  Both parties are paged by the
 * tester. */
#include "strings.h"

enum { STRING = 3 * PAGE_BYTES };
enum { OWN_S = 0xa, OWN_R = 0xb, PARTNER_S = 0xc, PARTNER_R = 0xd, ABORT_S = 0xe, ABORT_R = 0xf };

#define SOURCE WINDOW               /* in the sender's space: FRAME(10).. */
#define DEST   (WINDOW + 0x100000u) /* in the receiver's: FRAME(20).. */
#define WRITE  0xffe20002u
#define READ   0xffe50002u
#define NO_IP  0xffffffffu

static struct transfer t;

/* A string of three pages and ten words; `from' and `to' say how many pages each side has
 * already. */
static bool prepare(unsigned from, unsigned to)
{
    for (unsigned i = 0; i < STRING; i += 4) {
        poke(FRAME(10) + i, 0x10000 + i);
        poke(FRAME(20) + i, 0xeeeeeeee);
    }
    if (!transfer_new(&t)) {
        return false;
    }
    for (unsigned i = 0; i < 3; i++) {
        bool ok = (i >= from || remote_map(&t.sender, FRAME(10 + i), SOURCE + i * PAGE_BYTES, 7)) &&
                  (i >= to || remote_map(&t.receiver, FRAME(20 + i), DEST + i * PAGE_BYTES, 7));
        if (!ok) {
            return false;
        }
    }
    t.out.tag = L4_MsgTag(0x51, 10, 0);
    for (unsigned i = 1; i < 64; i++) {
        t.out.mr[i] = 0x4000 + i;
        t.in.mr[i] = 0x5000 + i;
    }
    add_piece(&t.out, STRING, SOURCE);
    add_buffer_piece(&t.in, STRING, DEST);
    return true;
}

/* How many bytes are as they should be, from the start. */
static unsigned copied(void)
{
    unsigned bytes = 0;
    while (bytes < STRING && peek(FRAME(20) + bytes) == 0x10000 + bytes) {
        bytes += 4;
    }
    return bytes;
}

static bool rest_untouched(unsigned from)
{
    for (unsigned i = from; i < STRING; i += 4) {
        if (peek(FRAME(20) + i) != 0xeeeeeeee) {
            return false;
        }
    }
    return true;
}

/* Both are started and the remote faults at the address. */
static bool faults(struct remote *r, L4_Word_t tag, L4_Word_t address)
{
    enum outcome outcome = transfer_start(&t) ? remote_wait(r) : TIMED_OUT;
    EXPECT_EQ(outcome, FAULTED);
    EXPECT_EQ(r->tag.raw, tag);
    EXPECT_EQ(r->mr[1], address);
    return outcome == FAULTED;
}

static void serve(struct remote *r, L4_Word_t first_frame, L4_Word_t base)
{
    L4_LoadMR(1, (r->mr[1] & ~0xfffu) | L4_ITEM_MAP);
    L4_LoadMR(2, page_rwx(first_frame + ((r->mr[1] - base) & ~0xfffu)).raw);
    EXPECT(!L4_IpcFailed(L4_Reply(r->id, L4_MsgTag(0, 0, 2))));
}

static void expect_complete(void)
{
    EXPECT_EQ(remote_wait(&t.sender), DONE);
    EXPECT_EQ(remote_wait(&t.receiver), DONE);
    expect_success(&t);
    EXPECT_EQ(copied(), STRING);
}

TEST(source, "a fault in the source is the sender's ordinary read fault, with its IP")
{
    REQUIRE(prepare(0, 3));
    REQUIRE(faults(&t.sender, READ, SOURCE));
    EXPECT(t.sender.mr[2] != NO_IP);
    EXPECT(t.sender.mr[2] - (L4_Word_t)kip < PAGE_BYTES || t.sender.mr[2] < 0x1000000);
}

TEST(source_resumes, "with its pages mapped the copy goes on to the end")
{
    REQUIRE(prepare(0, 3));
    REQUIRE(faults(&t.sender, READ, SOURCE));
    serve(&t.sender, FRAME(10), SOURCE);
    for (unsigned i = 1; i < 3; i++) {
        EXPECT_EQ(remote_wait(&t.sender), FAULTED);
        EXPECT_EQ(t.sender.mr[1], SOURCE + i * PAGE_BYTES);
        serve(&t.sender, FRAME(10), SOURCE);
    }
    expect_complete();
}

TEST(target, "a fault in the destination is the receiver's write fault, MR2 = -1")
{
    REQUIRE(prepare(3, 0));
    REQUIRE(faults(&t.receiver, WRITE, DEST));
    EXPECT_EQ(t.receiver.mr[2], NO_IP);
}

TEST(target_resumes, "with its pages mapped the copy goes on to the end")
{
    REQUIRE(prepare(3, 0));
    REQUIRE(faults(&t.receiver, WRITE, DEST));
    serve(&t.receiver, FRAME(20), DEST);
    for (unsigned i = 1; i < 3; i++) {
        EXPECT_EQ(remote_wait(&t.receiver), FAULTED);
        EXPECT_EQ(t.receiver.mr[1], DEST + i * PAGE_BYTES);
        EXPECT_EQ(t.receiver.mr[2], NO_IP);
        serve(&t.receiver, FRAME(20), DEST);
    }
    expect_complete();
}

TEST(both, "faults on both sides in one transfer")
{
    REQUIRE(prepare(2, 1));
    REQUIRE(faults(&t.receiver, WRITE, DEST + PAGE_BYTES));
    serve(&t.receiver, FRAME(20), DEST);
    for (unsigned i = 0; i < 2; i++) {
        L4_ThreadId_t from;
        L4_MsgTag_t tag = wait_soon(&from);
        REQUIRE(!L4_IpcFailed(tag));
        bool source = from.raw == t.sender.id.raw;
        EXPECT_EQ(tag.raw, source ? READ : WRITE);
        (source ? &t.sender : &t.receiver)->mr[1] = L4_StoreMR(1);
        source ? serve(&t.sender, FRAME(10), SOURCE) : serve(&t.receiver, FRAME(20), DEST);
    }
    expect_complete();
}

TEST(read_only_target, "a destination mapped read-only is a write fault")
{
    REQUIRE(prepare(3, 0));
    REQUIRE(remote_map(&t.receiver, FRAME(20), DEST, L4_ReadeXecOnly));
    REQUIRE(faults(&t.receiver, WRITE, DEST));
    serve(&t.receiver, FRAME(20), DEST);
    EXPECT_EQ(remote_wait(&t.receiver), FAULTED);
}

TEST(words_survive, "all MRs of both parties survive the faults: words arrive, the others are untouched")
{
    REQUIRE(prepare(0, 0));
    REQUIRE(transfer_start(&t));
    for (unsigned i = 0; i < 6; i++) {
        L4_ThreadId_t from;
        REQUIRE(!L4_IpcFailed(wait_soon(&from)));
        bool source = from.raw == t.sender.id.raw;
        (source ? &t.sender : &t.receiver)->mr[1] = L4_StoreMR(1);
        source ? serve(&t.sender, FRAME(10), SOURCE) : serve(&t.receiver, FRAME(20), DEST);
    }
    expect_complete();
    for (unsigned i = 1; i < 64; i++) {
        EXPECT_EQ(t.in.out[i], i <= 12 ? t.out.mr[i] : 0x5000 + i);
        EXPECT_EQ(t.out.out[i], t.out.mr[i]);
    }
}

TEST(reply_and_wait, "the pager may answer by reply-and-wait")
{
    L4_ThreadId_t from;
    REQUIRE(prepare(0, 0));
    REQUIRE(transfer_start(&t));
    REQUIRE(!L4_IpcFailed(wait_soon(&from)));
    for (unsigned i = 0; i < 5; i++) {
        bool source = from.raw == t.sender.id.raw;
        L4_Word_t address = L4_StoreMR(1), offset = (address - (source ? SOURCE : DEST)) & ~0xfffu;
        L4_LoadMR(1, (address & ~0xfffu) | L4_ITEM_MAP);
        L4_LoadMR(2, page_rwx((source ? FRAME(10) : FRAME(20)) + offset).raw);
        REQUIRE(!L4_IpcFailed(L4_ReplyWait(from, L4_MsgTag(0, 0, 2), &from)));
    }
    bool source = from.raw == t.sender.id.raw;
    (source ? &t.sender : &t.receiver)->mr[1] = L4_StoreMR(1);
    source ? serve(&t.sender, FRAME(10), SOURCE) : serve(&t.receiver, FRAME(20), DEST);
    expect_complete();
}

TEST(brs_survive, "the receiver's BRs survive a fault in its buffer")
{
    L4_Word_t value = 0, pointer;
    REQUIRE(prepare(3, 2));
    pointer = local_id(t.receiver.id).raw;
    REQUIRE(faults(&t.receiver, WRITE, DEST + 2 * PAGE_BYTES));
    serve(&t.receiver, FRAME(20), DEST);
    expect_complete();
    EXPECT(remote_read(&t.receiver, pointer + (L4_Word_t)(4 * (UTCB_BR0 - 1)), &value));
    EXPECT_EQ(value, (L4_Word_t)STRING << 10);
    EXPECT(remote_read(&t.receiver, pointer + (L4_Word_t)(4 * (UTCB_BR0 - 2)), &value));
    EXPECT_EQ(value, DEST);
}

TEST(states, "during the transfer Schedule tells 5 for the sender, 7 for the receiver")
{
    REQUIRE(prepare(3, 0));
    REQUIRE(faults(&t.receiver, WRITE, DEST));
    EXPECT_EQ(L4_Schedule(t.sender.id, ~0u, ~0u, ~0u, ~0u), 5);
    EXPECT_EQ(L4_Schedule(t.receiver.id, ~0u, ~0u, ~0u, ~0u), 7);
}

TEST(not_found, "others cannot send to the receiver meanwhile")
{
    struct job j;
    REQUIRE(prepare(0, 3));
    REQUIRE(faults(&t.sender, READ, SOURCE));
    job_send(&j, t.receiver.id, L4_MsgTag(0, 0, 0));
    j.timeouts = L4_Timeouts(L4_TimePeriod(3000), L4_Never);
    (void)job_spawn(&j, false);
    EXPECT(job_finish(&j));
    EXPECT_EQ(j.error, 2);
    EXPECT(!t.in.done);
}

TEST(never, "with transfer time-outs of never the pager has all the time it needs")
{
    REQUIRE(prepare(3, 0));
    REQUIRE(faults(&t.receiver, WRITE, DEST));
    sleep_us(SOON_US + 50000); /* the IPC's own time-outs are over: they do not count any more */
    EXPECT(!t.in.done);
    serve(&t.receiver, FRAME(20), DEST);
    EXPECT_EQ(remote_wait(&t.receiver), FAULTED);
}

TEST(flushed, "pages flushed in the middle fault again, and what was copied stays right")
{
    REQUIRE(prepare(3, 2));
    REQUIRE(faults(&t.receiver, WRITE, DEST + 2 * PAGE_BYTES));
    for (unsigned i = 0; i < 3; i++) {
        (void)L4_UnmapFpage(page_rwx(FRAME(10 + i)));
    }
    serve(&t.receiver, FRAME(20), DEST);
    EXPECT_EQ(remote_wait(&t.sender), FAULTED);
    EXPECT_EQ(t.sender.mr[1], SOURCE + 2 * PAGE_BYTES);
    serve(&t.sender, FRAME(10), SOURCE);
    expect_complete();
}

/* ---- transfer time-outs ---- */

/* The second page of the destination (or source) is never given. */
static void starve(bool source, L4_Word_t sender_timeout, L4_Word_t receiver_timeout)
{
    REQUIRE(prepare(source ? 1 : 3, source ? 3 : 1));
    t.out.xfer_timeouts = sender_timeout << 16;
    t.in.xfer_timeouts = receiver_timeout;
    REQUIRE(transfer_start(&t));
    for (unsigned i = 0; i < 4 && !(t.in.done && t.out.done); i++) {
        L4_ThreadId_t from;
        /* Faults, which get no answer, and the ends. */
        (void)L4_Wait_Timeout(L4_TimePeriod(60000), &from);
    }
}

static L4_Word_t ms(L4_Word_t count)
{
    return L4_TimePeriod(count * 1000).raw;
}

TEST(zero_sender, "the sender's transfer time-out zero: fails at the first fault; sender 0xA, receiver 0xD")
{
    starve(false, L4_ZeroTime.raw, 0);
    expect_failure(&t, OWN_S, PARTNER_R, PAGE_BYTES);
}

TEST(zero_receiver, "the receiver's zero: sender 0xC, receiver 0xB")
{
    starve(false, 0, L4_ZeroTime.raw);
    expect_failure(&t, PARTNER_S, OWN_R, PAGE_BYTES);
}

TEST(zero_no_pager, "with a zero transfer time-out no pager is asked")
{
    REQUIRE(prepare(3, 1));
    t.out.xfer_timeouts = (L4_Word_t)L4_ZeroTime.raw << 16;
    REQUIRE(transfer_start(&t));
    EXPECT_EQ(remote_wait(&t.sender), DONE);
    EXPECT_EQ(remote_wait(&t.receiver), DONE);
    expect_failure(&t, OWN_S, PARTNER_R, PAGE_BYTES);
}

TEST(zero_without_fault, "with zero transfer time-outs a transfer without faults succeeds")
{
    REQUIRE(prepare(3, 3));
    t.out.xfer_timeouts = (L4_Word_t)L4_ZeroTime.raw << 16;
    t.in.xfer_timeouts = L4_ZeroTime.raw;
    transfer_run(&t);
    expect_success(&t);
    EXPECT_EQ(copied(), STRING);
}

TEST(sender_shorter, "the sender's time-out the shorter: sender 0xA, receiver 0xD, whoever faulted")
{
    starve(false, ms(10), ms(40));
    expect_failure(&t, OWN_S, PARTNER_R, PAGE_BYTES);
    starve(true, ms(10), ms(40));
    expect_failure(&t, OWN_S, PARTNER_R, PAGE_BYTES);
}

TEST(receiver_shorter, "the receiver's the shorter: sender 0xC, receiver 0xB, whoever faulted")
{
    starve(false, ms(40), ms(10));
    expect_failure(&t, PARTNER_S, OWN_R, PAGE_BYTES);
    starve(true, ms(40), ms(10));
    expect_failure(&t, PARTNER_S, OWN_R, PAGE_BYTES);
}

TEST(equal, "both the same: sender 0xA, receiver 0xD")
{
    starve(false, ms(10), ms(10));
    expect_failure(&t, OWN_S, PARTNER_R, PAGE_BYTES);
}

TEST(one_never, "one never: the other's counts")
{
    starve(false, 0, ms(10));
    expect_failure(&t, PARTNER_S, OWN_R, PAGE_BYTES);
    starve(false, ms(10), 0);
    expect_failure(&t, OWN_S, PARTNER_R, PAGE_BYTES);
}

TEST(nothing_beyond, "after a time-out the bytes up to the offset are there and nothing beyond")
{
    starve(true, ms(5), ms(5));
    EXPECT_EQ(copied(), PAGE_BYTES);
    EXPECT(rest_untouched(PAGE_BYTES));
}

TEST(armed_once, "the time-out runs from the first fault through the whole transfer")
{
    REQUIRE(prepare(3, 0));
    t.out.xfer_timeouts = ms(30) << 16;
    L4_Word_t before = now_us();
    REQUIRE(faults(&t.receiver, WRITE, DEST));
    sleep_us(20000);
    serve(&t.receiver, FRAME(20), DEST);
    EXPECT_EQ(remote_wait(&t.receiver), FAULTED); /* not answered */
    EXPECT_EQ(remote_wait(&t.sender), DONE);
    EXPECT_LE(29000, now_us() - before);
    EXPECT_LT(now_us() - before, 45000);
    EXPECT_EQ(t.out.error, PAGE_BYTES << 4 | OWN_S);
}

/* ---- aborts and deaths ---- */

static void abort_ipc(L4_ThreadId_t who)
{
    struct l4_registers r = {.control = L4_EXREGS_ABORT_RECEIVE | L4_EXREGS_ABORT_SEND};
    EXPECT(L4_ExchangeRegisters(who, &r).raw != 0);
}

static void expect_aborted(L4_Word_t offset)
{
    EXPECT_EQ(remote_wait(&t.sender), DONE);
    EXPECT_EQ(remote_wait(&t.receiver), DONE);
    expect_failure(&t, ABORT_S, ABORT_R, offset);
}

TEST(abort_faulting_receiver,
     "aborting the receiver while it waits for its pager: code 7 for both, with offset")
{
    REQUIRE(prepare(3, 1));
    REQUIRE(faults(&t.receiver, WRITE, DEST + PAGE_BYTES));
    abort_ipc(t.receiver.id);
    expect_aborted(PAGE_BYTES);
}

TEST(abort_faulting_sender, "aborting the sender while it waits for its pager: the same")
{
    REQUIRE(prepare(2, 3));
    REQUIRE(faults(&t.sender, READ, SOURCE + 2 * PAGE_BYTES));
    abort_ipc(t.sender.id);
    expect_aborted(2 * PAGE_BYTES);
}

static void take_pager(L4_ThreadId_t who)
{
    struct l4_registers r = {.control = L4_EXREGS_PAGER, .pager = L4_nilthread};
    EXPECT(L4_ExchangeRegisters(who, &r).raw != 0);
}

TEST(sender_without_pager, "a sender whose pager has gone before its second fault: the same")
{
    REQUIRE(prepare(0, 3));
    REQUIRE(faults(&t.sender, READ, SOURCE));
    take_pager(t.sender.id);
    serve(&t.sender, FRAME(10), SOURCE);
    expect_aborted(PAGE_BYTES);
}

TEST(receiver_without_pager, "a receiver whose pager has gone before its second fault: the same")
{
    REQUIRE(prepare(3, 0));
    REQUIRE(faults(&t.receiver, WRITE, DEST));
    take_pager(t.receiver.id);
    serve(&t.receiver, FRAME(20), DEST);
    expect_aborted(PAGE_BYTES);
}

TEST(abort_waiting_sender, "aborting the sender while the receiver's page is missing: the same")
{
    REQUIRE(prepare(3, 1));
    REQUIRE(faults(&t.receiver, WRITE, DEST + PAGE_BYTES));
    abort_ipc(t.sender.id);
    expect_aborted(PAGE_BYTES);
}

TEST(abort_waiting_receiver, "aborting the receiver while the sender's page is missing: the same")
{
    REQUIRE(prepare(1, 3));
    REQUIRE(faults(&t.sender, READ, SOURCE + PAGE_BYTES));
    abort_ipc(t.receiver.id);
    expect_aborted(PAGE_BYTES);
}

static void kill(struct remote *victim, struct remote *faulting, struct remote *survivor, L4_Word_t code)
{
    REQUIRE(prepare(faulting == &t.sender ? 1 : 3, faulting == &t.receiver ? 1 : 3));
    REQUIRE(transfer_start(&t));
    EXPECT_EQ(remote_wait(faulting), FAULTED);
    EXPECT_EQ(delete_thread(victim->id), 1);
    EXPECT_EQ(remote_wait(survivor), DONE);
    EXPECT_EQ(survivor == &t.sender ? t.out.error : t.in.error, PAGE_BYTES << 4 | code);
    EXPECT_EQ(remote_run(survivor, nap, 0), DONE);
}

TEST(kill_sender, "the sender deleted while the receiver waits for its pager: the receiver gets 0xF")
{
    kill(&t.sender, &t.receiver, &t.receiver, ABORT_R);
}

TEST(kill_receiver, "the receiver deleted while the sender waits for its pager: the sender gets 0xE")
{
    kill(&t.receiver, &t.sender, &t.sender, ABORT_S);
}

TEST(kill_faulting_sender, "the faulting sender deleted: the receiver gets 0xF")
{
    kill(&t.sender, &t.sender, &t.receiver, ABORT_R);
}

TEST(kill_faulting_receiver, "the faulting receiver deleted: the sender gets 0xE")
{
    kill(&t.receiver, &t.receiver, &t.sender, ABORT_S);
}

TEST(usable_again, "after an aborted transfer the two can talk again")
{
    REQUIRE(prepare(3, 1));
    REQUIRE(faults(&t.receiver, WRITE, DEST + PAGE_BYTES));
    abort_ipc(t.receiver.id);
    expect_aborted(PAGE_BYTES);
    for (unsigned i = 1; i < 3; i++) {
        EXPECT(remote_map(&t.receiver, FRAME(20 + i), DEST + i * PAGE_BYTES, 7));
    }
    t.out.done = t.in.done = false;
    transfer_run(&t);
    expect_success(&t);
    EXPECT_EQ(copied(), STRING);
}

/* ---- preemption ---- */

TEST(preemptible, "31 MiB in one message do not keep a thread of higher priority from running")
{
    enum { MEGABYTE = 1 << 20 };
    L4_Word_t from[31], to[31], worst = 0;
    L4_Fpage_t frames = L4_FpageAddRights(L4_FpageLog2(FRAME(0), 20), 7);
    REQUIRE(transfer_new(&t));
    REQUIRE(remote_give(&t.sender, L4_ITEM_MAP, frames, WINDOW, L4_CompleteAddressSpace));
    REQUIRE(remote_give(&t.receiver, L4_ITEM_MAP, frames, WINDOW, L4_CompleteAddressSpace));
    for (unsigned i = 0; i < 31; i++) {
        from[i] = to[i] = WINDOW;
    }
    add_string(&t.out, MEGABYTE, 0, 31, from);
    add_buffer(&t.in, MEGABYTE, 0, 31, to);
    REQUIRE(transfer_start(&t));
    for (unsigned i = 0; i < 20; i++) {
        L4_Word_t before = now_us();
        sleep_us(500);
        L4_Word_t took = now_us() - before;
        worst = took > worst ? took : worst;
    }
    EXPECT_LT(worst, 3500);
    EXPECT_EQ(remote_wait(&t.sender), DONE);
    EXPECT_EQ(remote_wait(&t.receiver), DONE);
    expect_success(&t);
}
