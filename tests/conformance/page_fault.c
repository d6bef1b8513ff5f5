/* SPDX-License-Identifier: BSD-2-Clause */
/* The page-fault protocol (interface.md 6.1). */
#include "harness.h"

static bool faulting(struct remote *r, void (*function)(void *), L4_Word_t address)
{
    return remote_new(r, true) && remote_run(r, function, (void *)address) == FAULTED;
}

TEST(read_tag, "a read fault: tag 0xFFE50002, MR1 is the address")
{
    struct remote r;
    REQUIRE(faulting(&r, read_word, WINDOW + 0x124));
    EXPECT_EQ(r.tag.raw, 0xffe50002);
    EXPECT_EQ(r.mr[1], WINDOW + 0x124);
}

TEST(write_tag, "a write fault: tag 0xFFE20002, MR1 is the address")
{
    struct remote r;
    REQUIRE(faulting(&r, write_word, WINDOW + 0xffc));
    EXPECT_EQ(r.tag.raw, 0xffe20002);
    EXPECT_EQ(r.mr[1], WINDOW + 0xffc);
}

static void jump(void *to)
{
    ((void (*)(void))to)();
}

TEST(fetch_tag, "an instruction fetch fault: tag 0xFFE50002, address and IP are the same")
{
    struct remote r;
    REQUIRE(faulting(&r, jump, WINDOW + 0x10));
    EXPECT_EQ(r.tag.raw, 0xffe50002);
    EXPECT_EQ(r.mr[1], WINDOW + 0x10);
    EXPECT_EQ(r.mr[2], WINDOW + 0x10);
}

extern char fault_here[];

__attribute__((naked)) static void read_here(__attribute__((unused)) void *at)
{
    __asm__("movl 4(%esp), %eax\nfault_here:\tmovl (%eax), %eax\n\tret");
}

TEST(ip, "MR2 is the faulting instruction's address")
{
    struct remote r;
    REQUIRE(faulting(&r, read_here, WINDOW));
    EXPECT_EQ(r.mr[2], (L4_Word_t)fault_here);
}

TEST(write_to_read_only, "a write to a page mapped read-only is a write fault")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    REQUIRE(remote_map(&r, FRAME(0), WINDOW, L4_ReadeXecOnly));
    EXPECT_EQ(remote_run(&r, write_word, (void *)WINDOW), FAULTED);
    EXPECT_EQ(r.tag.raw, 0xffe20002);
    EXPECT_EQ(remote_reply_page(&r, FRAME(0), 7), DONE);
    EXPECT_EQ(peek(FRAME(0)), 0x77);
}

TEST(resumes, "a map item in the reply lets the access succeed")
{
    struct remote r;
    poke(FRAME(1), 0);
    REQUIRE(faulting(&r, write_word, WINDOW));
    EXPECT_EQ(remote_reply_page(&r, FRAME(1), 7), DONE);
    EXPECT_EQ(peek(FRAME(1)), 0x77);
}

TEST(read_after_read_only, "a page mapped read-only in reply to a write faults again")
{
    struct remote r;
    REQUIRE(faulting(&r, write_word, WINDOW));
    EXPECT_EQ(remote_reply_page(&r, FRAME(1), L4_Readable), FAULTED);
    EXPECT_EQ(r.tag.raw, 0xffe20002);
}

TEST(empty_reply, "an empty reply resumes the thread: it faults again")
{
    struct remote r;
    REQUIRE(faulting(&r, read_word, WINDOW));
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_EQ(remote_reply(&r, L4_MsgTag(0, 0, 0)), FAULTED);
        EXPECT_EQ(r.mr[1], WINDOW);
    }
}

TEST(empty_after_mapping, "an empty reply does when a third thread mapped the page meanwhile")
{
    struct remote r, other;
    REQUIRE(faulting(&r, read_word, WINDOW));
    REQUIRE(remote_new_in(&other, r.id));
    EXPECT(remote_map(&other, FRAME(1), WINDOW, 7));
    EXPECT_EQ(remote_reply(&r, L4_MsgTag(0, 0, 0)), DONE);
}

TEST(untyped_reply, "a reply with untyped words only resumes it too")
{
    struct remote r;
    REQUIRE(faulting(&r, read_word, WINDOW));
    EXPECT_EQ(remote_reply(&r, L4_MsgTag(0x55, 3, 0)), FAULTED);
}

TEST(nil_reply, "a nil fpage resumes it too")
{
    struct remote r;
    REQUIRE(faulting(&r, read_word, WINDOW));
    L4_LoadMR(1, WINDOW | L4_ITEM_MAP);
    L4_LoadMR(2, 0);
    EXPECT_EQ(remote_reply(&r, L4_MsgTag(0, 0, 2)), FAULTED);
}

TEST(window_complete, "the reply's window is the complete space: the page may go elsewhere")
{
    struct remote r;
    REQUIRE(faulting(&r, read_word, WINDOW));
    L4_LoadMR(1, (WINDOW + 0x7000) | L4_ITEM_MAP);
    L4_LoadMR(2, page_rwx(FRAME(1)).raw);
    EXPECT_EQ(remote_reply(&r, L4_MsgTag(0, 0, 2)), FAULTED);
    remote_reset(&r);
    EXPECT(remote_has(&r, WINDOW + 0x7000));
}

TEST(kernel_address, "an access to a kernel address is sent as usual")
{
    struct remote r;
    REQUIRE(faulting(&r, read_word, 0xc0100000));
    EXPECT_EQ(r.mr[1], 0xc0100000);
    EXPECT_EQ(L4_Label(r.tag) & 0xfff0, L4_LABEL_PAGE_FAULT);
}

TEST(kernel_never, "a pager cannot satisfy it")
{
    struct remote r;
    REQUIRE(faulting(&r, write_word, 0xfffff000));
    EXPECT_EQ(remote_reply_page(&r, FRAME(0), 7), FAULTED);
}

TEST(not_from_others, "the faulter takes a reply from nobody but its pager")
{
    struct remote r;
    struct job j;
    REQUIRE(faulting(&r, read_word, WINDOW));
    job_send(&j, r.id, L4_MsgTag(0, 0, 0));
    j.timeouts = L4_Timeouts(L4_TimePeriod(5000), L4_Never);
    (void)job_spawn(&j, false);
    EXPECT(job_finish(&j));
    EXPECT_EQ(j.error, 2);
}

TEST(same_space_pager, "a pager in the faulter's own space works the same")
{
    struct remote r;
    REQUIRE(remote_new(&r, false));
    EXPECT_EQ(remote_run(&r, write_word, (void *)(WINDOW + 0x9000)), FAULTED);
    EXPECT_EQ(r.tag.raw, 0xffe20002);
    EXPECT_EQ(remote_reply_page(&r, FRAME(1), 7), DONE);
    (void)L4_Flush(page_rwx(WINDOW + 0x9000));
}

TEST(zero_timeout_reply, "the faulter waits for the reply: one with zero time-out reaches it")
{
    struct remote r;
    REQUIRE(faulting(&r, read_word, WINDOW));
    EXPECT(!L4_IpcFailed(L4_Reply(r.id, L4_MsgTag(0, 0, 0))));
    EXPECT_EQ(remote_wait(&r), FAULTED);
}

/* ---- the faulter's registers ---- */

struct state {
    L4_Word_t mr[64], br[33], error, sender, wrong;
};

/* Fills all registers of the UTCB, faults, and counts which have changed. */
static void fault_full(void *arg)
{
    struct state *s = arg;
    for (unsigned i = 0; i < 64; i++) {
        L4_LoadMR(i, 0x5000 + i);
    }
    for (int i = 0; i < 33; i++) {
        L4_SetTcr(UTCB_BR0 - i, 0x6000 + (L4_Word_t)i * 16);
    }
    L4_SetTcr(UTCB_ERROR_CODE, 0x7777);
    L4_SetTcr(UTCB_VIRTUAL_SENDER, 0x8888);
    (void)peek(WINDOW);
    for (unsigned i = 0; i < 64; i++) {
        s->mr[i] = L4_StoreMR(i) - (0x5000 + i);
    }
    for (int i = 0; i < 33; i++) {
        s->br[i] = L4_Tcr(UTCB_BR0 - i) - (0x6000 + (L4_Word_t)i * 16);
    }
    s->error = L4_ErrorCode();
    s->sender = L4_Tcr(UTCB_VIRTUAL_SENDER);
}

static bool fault_and_reply(struct state *s)
{
    struct remote r;
    if (!remote_new(&r, true) || remote_run(&r, fault_full, s) != FAULTED) {
        return false;
    }
    L4_SetTcr(UTCB_ERROR_CODE, 0);
    return remote_reply_page(&r, FRAME(1), 7) == DONE;
}

TEST(keeps_mrs, "a fault leaves all MRs of the faulter alone")
{
    static struct state s;
    REQUIRE(fault_and_reply(&s));
    for (unsigned i = 0; i < 64; i++) {
        EXPECT_EQ(s.mr[i], 0);
    }
}

TEST(keeps_brs, "a fault leaves all BRs of the faulter alone")
{
    static struct state s;
    REQUIRE(fault_and_reply(&s));
    for (unsigned i = 0; i < 33; i++) {
        EXPECT_EQ(s.br[i], 0);
    }
}

TEST(keeps_tcrs, "a fault leaves ErrorCode and ActualSender of the faulter alone")
{
    static struct state s;
    REQUIRE(fault_and_reply(&s));
    EXPECT_EQ(s.error, 0x7777);
    EXPECT_EQ(s.sender, 0x8888);
}

/* ---- pagers that are none ---- */

static void set_pager_and_read(void *arg)
{
    L4_Set_Pager(*(L4_ThreadId_t *)arg);
    (void)peek(WINDOW);
}

static void expect_halted(L4_ThreadId_t its_pager)
{
    L4_ThreadId_t t = spawn_space(set_pager_and_read, &its_pager);
    settle();
    EXPECT_EQ(L4_Schedule(t, ~0u, ~0u, ~0u, ~0u), 2);
}

TEST(nil_pager, "a fault of a thread with a nil pager halts it")
{
    expect_halted(L4_nilthread);
}

TEST(dead_pager, "a fault of a thread whose pager does not exist halts it")
{
    expect_halted(thread_id());
}

static void put_stack_away(void *arg)
{
    (void)arg;
    __asm__ volatile("movl %0, %%esp\n\tpushl $1" : : "r"(WINDOW + 16) : "memory");
}

TEST(stack_fault, "a push on a missing stack page is a write fault of that address")
{
    struct remote r;
    REQUIRE(faulting(&r, put_stack_away, 0));
    EXPECT_EQ(r.tag.raw, 0xffe20002);
    EXPECT_EQ(r.mr[1], WINDOW + 12);
}
