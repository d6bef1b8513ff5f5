/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults in a string whose message has map items before and behind it (interface.md 5.3, 5.4):
 * items are done in their order, each once, and what has been done stays done. */
#include "l4/kdb.h"
#include "strings.h"

enum {
    BEFORE = 2,    /* items of a page before the string; behind it one of many pages, and one */
    MANY_LOG2 = 6, /* more than the kernel maps in a step */
    MANY = 1 << MANY_LOG2,
    ROOM = 2 * PAGE_BYTES,
    STRING = ROOM - 4,
    ABORT_S = 0xe,
    ABORT_R = 0xf
};

#define SOURCE WINDOW                /* in the sender's space: FRAME(10).. */
#define GIVES  (WINDOW + 0x200000u)  /* there, what it maps on: FRAME(128).. */
#define DEST   (WINDOW + 0x1000000u) /* in the receiver's: FRAME(20).. */
#define GETS   (WINDOW + 0x1200000u) /* there, what comes from GIVES */
#define MARK   0x3a000000u

static struct transfer t;

static L4_Word_t page(L4_Word_t base, L4_Word_t i)
{
    return base + i * PAGE_BYTES;
}

static void add_map(struct job *j, L4_Word_t to, L4_Fpage_t f)
{
    L4_Word_t *w = &j->mr[1 + L4_UntypedWords(j->tag) + L4_TypedWords(j->tag)];
    w[0] = to | L4_ITEM_MAP;
    w[1] = f.raw;
    j->tag.raw += 2 << 6;
}

/* Pages MANY.. of GIVES go one by one, and MANY of them at once behind the string.  Neither side
 * has more than the first page of its string, or, if `source' (`dest') says so, all of it. */
static bool prepare(bool source, bool dest)
{
    const L4_Fpage_t all = L4_FpageAddRights(L4_FpageLog2(FRAME(2 * MANY), PAGE_BITS + MANY_LOG2 + 1), 7);
    for (unsigned i = 0; i < 2 * MANY; i++) {
        poke(FRAME(2 * MANY + i), MARK + i);
    }
    for (unsigned i = 0; i < ROOM; i += 4) {
        poke(FRAME(10) + i, 0x10000 + i);
        poke(FRAME(20) + i, 0);
    }
    bool ok = transfer_new(&t) && remote_give(&t.sender, L4_ITEM_MAP, all, GIVES, L4_CompleteAddressSpace);
    for (unsigned i = 0; i < 2 && ok; i++) {
        ok = ((i > 0 && !source) || remote_map(&t.sender, FRAME(10 + i), page(SOURCE, i), 7)) &&
             ((i > 0 && !dest) || remote_map(&t.receiver, FRAME(20 + i), page(DEST, i), 7));
    }
    for (unsigned i = 0; i <= BEFORE; i++) {
        if (i == BEFORE) {
            add_piece(&t.out, STRING, SOURCE);
            add_map(&t.out, GETS, L4_FpageAddRights(L4_FpageLog2(GIVES, PAGE_BITS + MANY_LOG2), 7));
        }
        add_map(&t.out, page(GETS, MANY + i), page_rwx(page(GIVES, MANY + i)));
    }
    add_buffer_piece(&t.in, ROOM, DEST);
    t.in.br[0] |= L4_CompleteAddressSpace.raw;
    return ok;
}

static bool faults(struct remote *r, L4_Word_t address)
{
    enum outcome outcome = transfer_start(&t) ? remote_wait(r) : TIMED_OUT;
    EXPECT_EQ(outcome, FAULTED);
    EXPECT_EQ(r->mr[1], address);
    return outcome == FAULTED;
}

/* The pager's answer: `count' pages from the frame on, each by an item of its own; that which is
 * wanted is the last. */
static void serve(struct remote *r, L4_Word_t frame, L4_Word_t to, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        L4_LoadMR(1 + 2 * i, page(to, count - 1 - i) | L4_ITEM_MAP);
        L4_LoadMR(2 + 2 * i, page_rwx(page(frame, count - 1 - i)).raw);
    }
    EXPECT(!L4_IpcFailed(L4_Reply(r->id, L4_MsgTag(0, 0, 2 * count))));
}

/* Has the receiver got page i of what there is to give? */
static bool got(unsigned i)
{
    L4_Word_t value = 0;
    return remote_read(&t.receiver, page(GETS, i), &value) && value == MARK + i;
}

static void expect_all(void)
{
    EXPECT_EQ(remote_wait(&t.sender), DONE);
    EXPECT_EQ(remote_wait(&t.receiver), DONE);
    expect_success(&t);
    for (unsigned i = 0; i < STRING; i += 4) {
        EXPECT_EQ(peek(FRAME(20) + i), 0x10000 + i);
    }
    for (unsigned i = 0; i < MANY + BEFORE + 1; i++) {
        EXPECT(got(i));
    }
    EXPECT(!remote_has(&t.receiver, page(GETS, MANY + BEFORE + 1)));
    for (unsigned i = 1; i <= L4_TypedWords(t.out.tag); i++) {
        EXPECT_EQ(t.in.out[i], t.out.mr[i]);
    }
    EXPECT_EQ(L4_KDB_Check(), 0);
}

TEST(source, "a fault in the source: all items arrive, before it and behind it")
{
    REQUIRE(prepare(false, true));
    REQUIRE(faults(&t.sender, page(SOURCE, 1)));
    serve(&t.sender, FRAME(11), page(SOURCE, 1), 1);
    expect_all();
}

TEST(target, "a fault in the destination: the same")
{
    REQUIRE(prepare(true, false));
    REQUIRE(faults(&t.receiver, page(DEST, 1)));
    serve(&t.receiver, FRAME(21), page(DEST, 1), 1);
    expect_all();
}

TEST(pager_source, "the pager may answer a fault in the source with several items")
{
    REQUIRE(prepare(false, true));
    REQUIRE(faults(&t.sender, page(SOURCE, 1)));
    serve(&t.sender, FRAME(11), page(SOURCE, 1), 4);
    expect_all();
    for (unsigned i = 1; i <= 4; i++) {
        EXPECT(remote_has(&t.sender, page(SOURCE, i)));
    }
}

TEST(pager_target, "the pager may answer a fault in the destination with several items")
{
    REQUIRE(prepare(true, false));
    REQUIRE(faults(&t.receiver, page(DEST, 1)));
    serve(&t.receiver, FRAME(21), page(DEST, 1), 4);
    expect_all();
    for (unsigned i = 1; i <= 4; i++) {
        EXPECT(remote_has(&t.receiver, page(DEST, i)));
    }
}

/* The receiver has what was mapped before the string, and nothing of what is behind it. */
static void expect_half(void)
{
    EXPECT_EQ(remote_wait(&t.receiver), DONE);
    EXPECT_EQ(t.in.error, PAGE_BYTES << 4 | ABORT_R);
    for (unsigned i = 0; i < BEFORE; i++) {
        EXPECT(got(MANY + i));
    }
    EXPECT(!remote_has(&t.receiver, page(GETS, MANY + BEFORE)));
    EXPECT(!remote_has(&t.receiver, GETS));
    EXPECT_EQ(L4_KDB_Check(), 0);
}

TEST(kill_sender, "the sender deleted at its fault: its space goes, and all that it has mapped with it")
{
    REQUIRE(prepare(false, true));
    REQUIRE(faults(&t.sender, page(SOURCE, 1)));
    EXPECT_EQ(delete_thread(t.sender.id), 1);
    EXPECT_EQ(remote_wait(&t.receiver), DONE);
    EXPECT_EQ(t.in.error, PAGE_BYTES << 4 | ABORT_R);
    for (unsigned i = 0; i < MANY + BEFORE + 1; i++) {
        EXPECT(!remote_has(&t.receiver, page(GETS, i)));
    }
    EXPECT_EQ(L4_KDB_Check(), 0);
}

TEST(kill_sender_mate, "if its space stays: what was mapped before the string stays, no more comes")
{
    struct remote mate;
    REQUIRE(prepare(true, false));
    REQUIRE(remote_new_in(&mate, t.sender.id));
    REQUIRE(faults(&t.receiver, page(DEST, 1)));
    EXPECT_EQ(delete_thread(t.sender.id), 1);
    expect_half();
}

TEST(abort, "a sender that is cancelled: the same")
{
    struct l4_registers r = {.control = L4_EXREGS_ABORT_RECEIVE | L4_EXREGS_ABORT_SEND};
    REQUIRE(prepare(false, true));
    REQUIRE(faults(&t.sender, page(SOURCE, 1)));
    EXPECT(L4_ExchangeRegisters(t.sender.id, &r).raw != 0);
    EXPECT_EQ(remote_wait(&t.sender), DONE);
    EXPECT_EQ(t.out.error, PAGE_BYTES << 4 | ABORT_S);
    expect_half();
}

/* Its space goes with it, and what it has got. */
static void kill_receiver(struct remote *faulting, L4_Word_t address)
{
    REQUIRE(faults(faulting, address));
    EXPECT_EQ(delete_thread(t.receiver.id), 1);
    EXPECT_EQ(remote_wait(&t.sender), DONE);
    EXPECT_EQ(t.out.error, PAGE_BYTES << 4 | ABORT_S);
    EXPECT(remote_has(&t.sender, page(GIVES, MANY)));
    EXPECT_EQ(L4_KDB_Check(), 0);
}

TEST(kill_receiver, "the receiver deleted at its own fault: the sender gets 0xE and keeps its pages")
{
    REQUIRE(prepare(true, false));
    kill_receiver(&t.receiver, page(DEST, 1));
}

TEST(kill_waiting_receiver, "the receiver deleted at the sender's fault: the same")
{
    REQUIRE(prepare(false, true));
    kill_receiver(&t.sender, page(SOURCE, 1));
}
