/* SPDX-License-Identifier: BSD-2-Clause */
/* Spaces that are stripped of all that the kernel keeps for their memory (docs/x2.md, Stripped
 * spaces): their threads must not notice. */
#include "strings.h"

#include "l4/kdb.h"
#include "l4/kernel_memory.h"

enum { WORDS = 20, ERROR_PARAMETER = 5, RECEIVE_TIMED_OUT = 3, RECEIVE_CANCELED = 7 };
#define NOWHERE 0x30000000u

/* The root task's pages leave all other spaces. */
static void take_all(void)
{
    L4_Fpage_t all = {L4_CompleteAddressSpace.raw};
    (void)L4_UnmapFpage(L4_FpageAddRights(all, L4_FullyAccessible));
}

static L4_Word_t control(L4_ThreadId_t space, L4_Word_t word)
{
    return L4_SpaceControl(space, word, L4_Nilpage, L4_Nilpage, L4_nilthread);
}

static L4_Word_t strip(L4_ThreadId_t space)
{
    settle();
    take_all();
    return control(space, KERNEL_STRIP);
}

/* Answers the remote's faults with the pages of this space. */
static enum outcome serve(struct remote *r, enum outcome o)
{
    while (o == FAULTED) {
        o = remote_reply_page(r, r->mr[1] & ~0xfffu, L4_FullyAccessible);
    }
    return o;
}

static enum outcome go_on(struct remote *r)
{
    return serve(r, remote_wait(r));
}

static void load_words(L4_Word_t first)
{
    for (unsigned i = 1; i <= WORDS; i++) {
        L4_LoadMR(i, first + i);
    }
}

static bool words_are(const L4_Word_t *mr, L4_Word_t first)
{
    bool good = true;
    for (unsigned i = 1; i <= WORDS; i++) {
        good &= mr[i] == first + i;
    }
    return good;
}

/* A remote in a space of its own that does one IPC, stripped while it waits. */
static bool job_stripped(struct remote *r, struct job *j)
{
    return remote_new(r, true) && remote_start(r, job_run, j) && strip(r->id) == 1;
}

TEST(gives_back, "an empty space gives its directory, tables and pages of UTCBs back, and is whole again")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    settle();
    take_all();
    L4_Word_t before = L4_KDB_KernelMemory();
    EXPECT_EQ(control(r.id, KERNEL_STRIP), 1);
    EXPECT_LE(before + 2, L4_KDB_KernelMemory()); /* three, and a page of UTCBs in use */
    EXPECT_EQ(control(r.id, KERNEL_STRIP), 1);
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT_EQ(serve(&r, remote_run(&r, nap, 0)), DONE);
    EXPECT(L4_KDB_KernelMemory() < before);
    EXPECT_EQ(L4_KDB_Check(), 0);
}

TEST(mapped, "a space in which a page is mapped is refused: error 5")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(control(r.id, KERNEL_STRIP), 0);
    EXPECT_EQ(L4_ErrorCode(), ERROR_PARAMETER);
}

TEST(fresh, "a space without areas, and one that does not exist, are refused: errors 5 and 3")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(L4_ThreadControl(t, t, L4_Myself(), L4_nilthread, ~0u));
    EXPECT_EQ(control(t, KERNEL_STRIP), 0);
    EXPECT(L4_ErrorCode() == ERROR_PARAMETER || L4_ErrorCode() == 6);
    EXPECT_EQ(control(thread_id(), KERNEL_STRIP), 0);
    EXPECT_EQ(L4_ErrorCode(), 3);
}

TEST(running, "a space with a thread that is ready is refused: error 5; halted it is not")
{
    struct remote r;
    struct l4_registers x = {.control = L4_EXREGS_SET_HALT | L4_EXREGS_ABORT_RECEIVE};
    REQUIRE(remote_new(&r, true));
    settle();
    take_all();
    (void)L4_ExchangeRegisters(r.id, &x);
    EXPECT_EQ(control(r.id, KERNEL_STRIP), 0);
    EXPECT_EQ(L4_ErrorCode(), ERROR_PARAMETER);
    settle(); /* it faults, and waits for the answer */
    x.control = L4_EXREGS_SET_HALT | L4_EXREGS_HALT;
    (void)L4_ExchangeRegisters(r.id, &x);
    EXPECT_EQ(control(r.id, KERNEL_STRIP), 1);
}

static void strip_root(void *error)
{
    *(L4_Word_t *)error = control(root_thread, KERNEL_STRIP) ? 0 : L4_ErrorCode();
}

TEST(unprivileged, "others than sigma0 and the root task are refused: error 1")
{
    struct remote r;
    L4_Word_t error = 0;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, strip_root, &error), DONE);
    EXPECT_EQ(error, 1);
    strip_root(&error);
    EXPECT_EQ(error, ERROR_PARAMETER);
}

TEST(zero_time, "a message without a time-out is delivered, with all its words")
{
    struct remote r;
    struct job in;
    job_receive(&in, L4_Myself());
    REQUIRE(job_stripped(&r, &in));
    load_words(0x100);
    EXPECT(!L4_IpcFailed(L4_Reply(r.id, L4_MsgTag(0x77, WORDS, 0))));
    EXPECT_EQ(go_on(&r), DONE);
    EXPECT_EQ(in.result.raw, L4_MsgTag(0x77, WORDS, 0).raw);
    EXPECT(words_are(in.out, 0x100));
}

TEST(queued, "what a queued sender sends is what it had before")
{
    struct remote r;
    struct job out;
    job_send(&out, L4_Myself(), L4_MsgTag(0x77, WORDS, 0));
    for (unsigned i = 1; i <= WORDS; i++) {
        out.mr[i] = 0x200 + i;
    }
    REQUIRE(job_stripped(&r, &out));
    EXPECT_EQ(receive_soon(r.id).raw, L4_MsgTag(0x77, WORDS, 0).raw);
    EXPECT(words_are(L4_Utcb(), 0x200));
    EXPECT_EQ(go_on(&r), DONE);
    EXPECT(!L4_IpcFailed(out.result));
}

TEST(timed_out, "a receive and a send end when their time is over, with the right error")
{
    struct remote r[2];
    struct job j[2];
    job_receive(&j[0], L4_Myself());
    j[0].timeouts = L4_Timeouts(L4_Never, L4_TimePeriod(40000));
    job_send(&j[1], L4_Myself(), L4_MsgTag(0, 0, 0));
    j[1].timeouts = L4_Timeouts(L4_TimePeriod(40000), L4_Never);
    for (unsigned i = 0; i < 2; i++) {
        REQUIRE(job_stripped(&r[i], &j[i]));
        sleep_us(60000);
        EXPECT_EQ(go_on(&r[i]), DONE);
        EXPECT(L4_IpcFailed(j[i].result));
        EXPECT_EQ(j[i].error & 0xf, i == 0 ? RECEIVE_TIMED_OUT : RECEIVE_TIMED_OUT - 1);
    }
}

TEST(local_ids, "a local id of the space still means its thread")
{
    struct remote a, b;
    struct job to_a, from_b;
    REQUIRE(remote_new(&a, true) && remote_new_in(&b, a.id));
    job_send(&from_b, L4_Myself(), L4_MsgTag(0x71, 0, 0));
    from_b.from_spec = local_id(a.id); /* looked up when the message has been taken */
    REQUIRE(remote_start(&b, job_run, &from_b));
    EXPECT_EQ(strip(a.id), 1);
    EXPECT_EQ(receive_soon(b.id).raw, L4_MsgTag(0x71, 0, 0).raw);
    job_send(&to_a, local_id(b.id), L4_MsgTag(0x72, 0, 0));
    EXPECT_EQ(serve(&a, remote_run(&a, job_run, &to_a)), DONE);
    EXPECT_EQ(go_on(&b), DONE);
    EXPECT_EQ(from_b.result.raw, L4_MsgTag(0x72, 0, 0).raw);
    EXPECT_EQ(from_b.from.raw, local_id(a.id).raw);
}

TEST(cancelled, "ExchangeRegisters ends an IPC, and reads and writes registers")
{
    struct remote r;
    struct job in;
    job_receive(&in, L4_Myself());
    REQUIRE(job_stripped(&r, &in));
    struct l4_registers x = {.control = L4_EXREGS_USER_HANDLE, .user_handle = 0x1234};
    EXPECT_EQ(L4_ExchangeRegisters(r.id, &x).raw, local_id(r.id).raw);
    EXPECT_EQ(x.pager.raw, L4_Myself().raw);
    x.control = L4_EXREGS_ABORT_RECEIVE;
    (void)L4_ExchangeRegisters(r.id, &x);
    EXPECT_EQ(x.user_handle, 0x1234);
    EXPECT_EQ(go_on(&r), DONE);
    EXPECT_EQ(in.error & 0xf, RECEIVE_CANCELED);
}

/* A fault of the stub at the top of a stack that is not there: with a time-stamp counter it pushes
 * first, without one it enters the kernel and pops. */
static bool is_of_the_stub(const struct remote *r)
{
    return (r->mr[1] == NOWHERE - 4 || r->mr[1] == NOWHERE) && r->mr[2] >= KIP_AREA;
}

TEST(kernels_page, "a thread that goes on in the KIP is not its pager's business")
{
    struct remote r;
    struct job in;
    job_receive(&in, L4_Myself());
    REQUIRE(job_stripped(&r, &in));
    struct l4_registers x = {.control = L4_EXREGS_START, .ip = entry_of(kip->system_clock), .sp = NOWHERE};
    (void)L4_ExchangeRegisters(r.id, &x);
    EXPECT_EQ(remote_wait(&r), FAULTED);
    EXPECT(is_of_the_stub(&r));
}

static void read_handle(void *to)
{
    *(L4_Word_t *)to = L4_Tcr(UTCB_USER_HANDLE);
}

static void keep_words(void *unused)
{
    (void)unused;
    L4_SetTcr(UTCB_USER_HANDLE, 0x5678);
    L4_SetTcr(UTCB_THREAD_WORD0, 0x9abc);
}

TEST(registers, "thread control registers and the id in the UTCB are what they were")
{
    struct remote r;
    L4_Word_t handle = 0;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, keep_words, 0), DONE);
    EXPECT_EQ(strip(r.id), 1);
    EXPECT_EQ(serve(&r, remote_run(&r, read_handle, &handle)), DONE);
    EXPECT_EQ(handle, 0x5678);
    L4_Word_t id = 0;
    EXPECT(remote_read(&r, local_id(r.id).raw + (L4_Word_t)UTCB_MY_GLOBAL_ID * 4, &id));
    EXPECT_EQ(id, r.id.raw);
}

static void load_fpu(void *value)
{
    __asm__ volatile("fninit\n\tfldl %0" : : "m"(*(double *)value));
}

static void store_fpu(void *value)
{
    __asm__ volatile("fstpl %0" : "=m"(*(double *)value));
}

TEST(fpu, "the state of the FPU is what it was")
{
    struct remote r;
    double in = 2.75, out = 0;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, load_fpu, &in), DONE);
    EXPECT_EQ(strip(r.id), 1);
    double other = 1.5;
    load_fpu(&other);
    EXPECT_EQ(serve(&r, remote_run(&r, store_fpu, &out)), DONE);
    EXPECT(out == in);
}

TEST(whoever_goes, "threads end in it, and it ends with the last, giving everything back")
{
    for (unsigned round = 0; round < 3; round++) {
        static L4_Word_t before;
        struct remote a, b;
        REQUIRE(remote_new(&a, true) && remote_new_in(&b, a.id));
        EXPECT_EQ(strip(a.id), 1);
        EXPECT_EQ(delete_thread(a.id), 1);
        EXPECT_EQ(L4_KDB_Check(), 0);
        EXPECT_EQ(control(b.id, KERNEL_STRIP), 1);
        if (round == 1) {
            EXPECT_EQ(serve(&b, remote_run(&b, nap, 0)), DONE);
        }
        EXPECT_EQ(delete_thread(b.id), 1);
        take_all();
        EXPECT_EQ(L4_KDB_Check(), 0);
        L4_Word_t after = L4_KDB_KernelMemory();
        EXPECT(round == 0 || after == before);
        before = after;
    }
}

TEST(whoever_comes, "a thread that is made, or made active, in it finds it whole")
{
    struct remote r, late;
    L4_Word_t value = 0;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(strip(r.id), 1);
    REQUIRE(remote_new_in(&late, r.id));
    EXPECT(remote_read(&late, KIP_AREA, &value));
    EXPECT_EQ(value, KIP_MAGIC);
    L4_ThreadId_t t = thread_id();
    REQUIRE(L4_ThreadControl(t, r.id, L4_Myself(), L4_nilthread, ~0u));
    EXPECT_EQ(strip(r.id), 1);
    EXPECT_EQ(L4_ThreadControl(t, r.id, L4_nilthread, L4_Myself(), utcb_location(t)), 1);
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT_EQ(serve(&r, remote_run(&r, nap, 0)), DONE);
}

TEST(moved, "a thread that moves to another space takes its registers along, from it and to it")
{
    struct remote a, b, c;
    L4_Word_t handle = 0;
    REQUIRE(remote_new(&a, true) && remote_new_in(&b, a.id) && remote_new(&c, true));
    EXPECT_EQ(remote_run(&b, keep_words, 0), DONE);
    EXPECT_EQ(strip(a.id), 1);
    EXPECT_EQ(strip(c.id), 1);
    EXPECT_EQ(L4_ThreadControl(b.id, c.id, L4_nilthread, L4_nilthread, ~0u), 1);
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT_EQ(serve(&b, remote_run(&b, read_handle, &handle)), DONE);
    EXPECT_EQ(handle, 0x5678);
    EXPECT_EQ(serve(&a, remote_run(&a, nap, 0)), DONE);
    EXPECT_EQ(L4_KDB_Check(), 0);
}

TEST(propagated, "a message in another's name arrives as such")
{
    struct remote r;
    struct job in;
    L4_ThreadId_t other = spawn(sleeper, 0);
    job_receive(&in, L4_anythread);
    REQUIRE(job_stripped(&r, &in));
    L4_Set_VirtualSender(other);
    L4_MsgTag_t tag = {L4_MsgTag(0x73, 0, 0).raw | L4_TAG_PROPAGATED};
    EXPECT(!L4_IpcFailed(L4_Reply(r.id, tag)));
    EXPECT_EQ(go_on(&r), DONE);
    EXPECT_EQ(in.from.raw, other.raw);
    EXPECT_EQ(in.actual_sender.raw, L4_Myself().raw);
}

TEST(string_arrives, "a string is copied into it, page by page as its pager gives them")
{
    struct remote r;
    struct job in, out;
    strings_reset();
    job_receive(&in, L4_anythread);
    add_buffer_piece(&in, 3 * PAGE_BYTES, (L4_Word_t)target);
    REQUIRE(job_stripped(&r, &in));
    job_send(&out, r.id, L4_MsgTag(0x74, 0, 0));
    add_piece(&out, 3 * PAGE_BYTES, (L4_Word_t)text);
    (void)job_spawn(&out, false);
    EXPECT_EQ(remote_wait(&r), FAULTED);
    EXPECT_EQ(r.mr[2], ~0u); /* in the middle of the transfer */
    EXPECT_EQ(remote_reply_page(&r, (L4_Word_t)target, L4_FullyAccessible), FAULTED);
    take_all();
    EXPECT_EQ(control(r.id, KERNEL_STRIP), 0);
    EXPECT_EQ(L4_ErrorCode(), ERROR_PARAMETER);
    EXPECT_EQ(serve(&r, FAULTED), DONE);
    EXPECT(job_finish(&out));
    EXPECT(!L4_IpcFailed(in.result) && !L4_IpcFailed(out.result));
    EXPECT(arrived(0, 0, 3 * PAGE_BYTES));
}

TEST(mapped_into, "a map item brings page and space back; what it mapped is there")
{
    struct remote r;
    struct job in;
    L4_Word_t value = 0;
    poke(FRAME(3), 0x4711);
    job_receive(&in, L4_Myself());
    in.br[0] = L4_CompleteAddressSpace.raw;
    REQUIRE(job_stripped(&r, &in));
    L4_LoadMR(1, WINDOW | L4_ITEM_MAP);
    L4_LoadMR(2, page_rwx(FRAME(3)).raw);
    EXPECT(!L4_IpcFailed(L4_Reply(r.id, L4_MsgTag(0, 0, 2))));
    EXPECT_EQ(control(r.id, KERNEL_STRIP), 0);
    EXPECT_EQ(go_on(&r), DONE);
    EXPECT(remote_read(&r, WINDOW, &value));
    EXPECT_EQ(value, 0x4711);
}

TEST(large_item, "an item of many pages does so, too")
{
    struct remote r;
    struct job in;
    job_receive(&in, L4_Myself());
    in.br[0] = L4_CompleteAddressSpace.raw;
    REQUIRE(job_stripped(&r, &in));
    L4_LoadMR(1, WINDOW | L4_ITEM_MAP);
    L4_LoadMR(2, L4_FpageAddRights(L4_FpageLog2(FRAME(0), PAGE_BITS + 4), L4_FullyAccessible).raw);
    EXPECT(!L4_IpcFailed(L4_Reply(r.id, L4_MsgTag(0, 0, 2))));
    EXPECT_EQ(go_on(&r), DONE);
    for (unsigned i = 0; i < 16; i++) {
        EXPECT(remote_has(&r, WINDOW + i * PAGE_BYTES));
    }
}

TEST(redirected, "a redirector that comes and goes changes nothing of that")
{
    struct remote r;
    struct job in;
    job_receive(&in, L4_Myself());
    REQUIRE(job_stripped(&r, &in));
    EXPECT_EQ(L4_SpaceControl(r.id, 0, L4_Nilpage, L4_Nilpage, L4_Myself()), 1);
    EXPECT_EQ(L4_SpaceControl(r.id, 0, L4_Nilpage, L4_Nilpage, L4_anythread), 1);
    struct l4_registers x = {.control = L4_EXREGS_START, .ip = entry_of(kip->system_clock), .sp = NOWHERE};
    (void)L4_ExchangeRegisters(r.id, &x);
    EXPECT_EQ(remote_wait(&r), FAULTED);
    EXPECT(is_of_the_stub(&r));
}

TEST(ports, "ports that are mapped into it restore it; a space with ports is refused: error 5")
{
    enum { STATUS = 0x64 }; /* of the keyboard controller */
    struct remote r;
    struct job in;
    if (user_flags() != 0x202) {
        ktap_skip_rest("machine: booted without ioports=mapped");
        return;
    }
    (void)in8(STATUS); /* ours to give */
    job_receive(&in, L4_Myself());
    in.br[0] = L4_CompleteAddressSpace.raw;
    REQUIRE(job_stripped(&r, &in));
    L4_LoadMR(1, L4_ITEM_MAP);
    L4_LoadMR(2, L4_FpageAddRights(L4_IoFpage(STATUS, 0), L4_FullyAccessible).raw);
    EXPECT(!L4_IpcFailed(L4_Reply(r.id, L4_MsgTag(0, 0, 2))));
    EXPECT_EQ(go_on(&r), DONE);
    EXPECT_EQ(strip(r.id), 0);
    EXPECT_EQ(L4_ErrorCode(), ERROR_PARAMETER);
    EXPECT_EQ(L4_KDB_Check(), 0);
}

static L4_ThreadId_t line(void)
{
    return L4_GlobalId(4, 1);
}

static void serial_interrupt(bool on)
{
    enum { PORT = 0x3f8, IER = 1, IIR = 2, MCR = 4 };
    out8(PORT + IER, 0);
    (void)in8(PORT + IIR);
    if (on) {
        out8(PORT + MCR, 0xb);
        out8(PORT + IER, 2);
    }
}

TEST(interrupt, "an interrupt wakes its handler")
{
    struct remote r;
    struct job in;
    job_receive(&in, line());
    REQUIRE(remote_new(&r, true));
    REQUIRE(L4_ThreadControl(line(), line(), L4_nilthread, r.id, ~0u));
    REQUIRE(remote_start(&r, job_run, &in));
    EXPECT_EQ(strip(r.id), 1);
    serial_interrupt(true);
    EXPECT_EQ(go_on(&r), DONE);
    EXPECT_EQ(in.result.raw, 0xfff00000);
    serial_interrupt(false);
    (void)L4_ThreadControl(line(), line(), L4_nilthread, line(), ~0u);
}
