/* SPDX-License-Identifier: BSD-2-Clause */
/* ThreadControl (interface.md 4.4). */
#include "harness.h"

#define EXPECT_ERROR(call, code)                                                                             \
    do {                                                                                                     \
        EXPECT_EQ(call, 0);                                                                                  \
        EXPECT_EQ(L4_ErrorCode(), code);                                                                     \
    } while (0)

static L4_Word_t create(L4_ThreadId_t t, L4_ThreadId_t pager, L4_Word_t utcb)
{
    return L4_ThreadControl(t, root_thread, L4_Myself(), pager, utcb);
}

static L4_Word_t state_of(L4_ThreadId_t t)
{
    return L4_Schedule(t, ~0u, ~0u, ~0u, ~0u);
}

/* Whether a thread with this very id exists and is active. */
static bool active(L4_ThreadId_t t)
{
    struct l4_registers r = {.control = 0};
    return L4_ExchangeRegisters(t, &r).raw != 0;
}

TEST(create_inactive, "without a pager it creates an inactive thread")
{
    L4_ThreadId_t t = thread_id();
    EXPECT_EQ(create(t, L4_nilthread, ~0u), 1);
    EXPECT(!active(t));
    EXPECT_EQ(state_of(t), 1);
}

TEST(create_active, "with a pager and a UTCB location it creates an active thread")
{
    L4_ThreadId_t t = thread_id();
    EXPECT_EQ(create(t, L4_Myself(), utcb_location(t)), 1);
    EXPECT(active(t));
    EXPECT_EQ(state_of(t), 6);
}

TEST(activate_later, "a pager given later activates an inactive thread")
{
    L4_ThreadId_t t = thread_id();
    EXPECT(create(t, L4_nilthread, ~0u));
    EXPECT(L4_ThreadControl(t, t, L4_nilthread, L4_Myself(), utcb_location(t)));
    EXPECT(active(t));
}

TEST(location_early, "a UTCB location given at creation serves for activation without one")
{
    L4_ThreadId_t t = thread_id();
    EXPECT(L4_ThreadControl(t, t, L4_Myself(), L4_nilthread, 0x00800000));
    EXPECT(L4_SpaceControl(t, 0, L4_FpageLog2(0x00c00000, 12), L4_FpageLog2(0x00800000, 13), L4_nilthread));
    EXPECT_EQ(L4_ThreadControl(t, t, L4_nilthread, L4_Myself(), ~0u), 1);
    struct l4_registers r = {.control = 0};
    EXPECT_EQ(L4_ExchangeRegisters(t, &r).raw, 0x00800100);
}

TEST(local_dest, "a local dest is refused: error 3, nothing happens to the thread")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(create(t, L4_Myself(), utcb_location(t)));
    EXPECT_ERROR(L4_ThreadControl(local_id(t), L4_nilthread, L4_nilthread, L4_nilthread, ~0u), 3);
    EXPECT(active(t));
}

TEST(kernel_range, "a dest in the kernel's range is refused: error 2")
{
    L4_ThreadId_t t = L4_GlobalId((kip->thread_info >> 8 & 0xfff) + 1, 1);
    if (L4_ThreadNo(t) >= kip->thread_info >> 20) {
        ktap_skip_rest("machine: no numbers are reserved");
        return;
    }
    EXPECT_ERROR(create(t, L4_nilthread, ~0u), 2);
}

TEST(bad_space, "a space specifier that does not exist is refused: error 3")
{
    L4_ThreadId_t t = thread_id(), nobody = thread_id();
    EXPECT_ERROR(L4_ThreadControl(t, nobody, L4_Myself(), L4_nilthread, ~0u), 3);
    EXPECT_EQ(state_of(t), 0);
}

TEST(nil_scheduler, "creation with a nil scheduler is refused: error 2 (or X.2's 4)")
{
    L4_ThreadId_t t = thread_id();
    EXPECT_EQ(L4_ThreadControl(t, root_thread, L4_nilthread, L4_nilthread, ~0u), 0);
    EXPECT(L4_ErrorCode() == 2 || L4_ErrorCode() == 4);
}

TEST(bad_scheduler, "creation with a scheduler that does not exist is refused: error 2 (or X.2's 4)")
{
    L4_ThreadId_t t = thread_id(), nobody = thread_id();
    EXPECT_EQ(L4_ThreadControl(t, root_thread, nobody, L4_nilthread, ~0u), 0);
    EXPECT(L4_ErrorCode() == 2 || L4_ErrorCode() == 4);
}

TEST(no_location, "an active thread without UTCB location is refused: error 6")
{
    L4_ThreadId_t t = thread_id();
    EXPECT_ERROR(create(t, L4_Myself(), ~0u), 6);
}

TEST(location_outside, "a UTCB location outside the area is refused: error 6")
{
    L4_ThreadId_t t = thread_id();
    EXPECT_ERROR(create(t, L4_Myself(), 0x10000000), 6);
    EXPECT_ERROR(create(t, L4_Myself(), UTCB_AREA + (1 << 17)), 6);
}

TEST(location_misaligned, "a misaligned UTCB location is refused: error 6")
{
    L4_ThreadId_t t = thread_id();
    EXPECT_ERROR(create(t, L4_Myself(), utcb_location(t) + 64), 6);
}

TEST(failed_changes_nothing, "a refused creation leaves the number unused")
{
    L4_ThreadId_t t = thread_id();
    EXPECT(!create(t, L4_Myself(), 0x10000000));
    EXPECT_EQ(state_of(t), 0);
    EXPECT(create(t, L4_Myself(), utcb_location(t)));
}

TEST(active_own_space, "an active thread in a space that it makes itself is refused: error 3")
{
    L4_ThreadId_t t = thread_id();
    EXPECT_ERROR(L4_ThreadControl(t, t, L4_Myself(), L4_Myself(), utcb_location(t)), 3);
}

TEST(uninitialised_space, "activation in an uninitialised space is refused: error 6")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(L4_ThreadControl(t, t, L4_Myself(), L4_nilthread, ~0u));
    EXPECT_ERROR(L4_ThreadControl(t, t, L4_nilthread, L4_Myself(), utcb_location(t)), 6);
}

TEST(create_in_uninitialised, "creating an active thread in an uninitialised space is refused: error 3")
{
    L4_ThreadId_t t = thread_id(), second = thread_id();
    REQUIRE(L4_ThreadControl(t, t, L4_Myself(), L4_nilthread, ~0u));
    EXPECT_ERROR(L4_ThreadControl(second, t, L4_Myself(), L4_Myself(), utcb_location(second)), 3);
}

TEST(change_active_utcb, "another UTCB location for an active thread is refused: error 6")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(create(t, L4_Myself(), utcb_location(t)));
    EXPECT_ERROR(L4_ThreadControl(t, t, L4_nilthread, L4_nilthread, utcb_location(t) + 4 * UTCB_SIZE), 6);
}

TEST(utcb_in_use, "the UTCB of an active thread is no other's: error 6, and the first one goes on")
{
    L4_ThreadId_t t = thread_id(), second = thread_id();
    REQUIRE(create(t, L4_Myself(), utcb_location(t)));
    EXPECT_ERROR(create(second, L4_Myself(), utcb_location(t)), 6);
    EXPECT_EQ(state_of(second), 0);
    REQUIRE(create(second, L4_nilthread, utcb_location(t)));
    EXPECT_ERROR(L4_ThreadControl(second, second, L4_nilthread, L4_Myself(), ~0u), 6);
    EXPECT(!active(second));
    EXPECT(active(t));
    EXPECT_EQ(delete_thread(t), 1);
    EXPECT_EQ(L4_ThreadControl(second, second, L4_nilthread, L4_Myself(), ~0u), 1);
    EXPECT(active(second));
}

TEST(inactive_bad_location,
     "a location that does not fit the space of an inactive thread is refused: error 6")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(create(t, L4_nilthread, ~0u));
    EXPECT_ERROR(L4_ThreadControl(t, t, L4_nilthread, L4_nilthread, 0x10000000), 6);
}

static volatile bool ran;

static void run(void *arg)
{
    ran = true;
    sleeper(arg);
}

TEST(pager_itself, "a thread may be its own pager: it waits, and ExchangeRegisters starts it")
{
    L4_ThreadId_t t = thread_id();
    ran = false;
    EXPECT_EQ(create(t, t, utcb_location(t)), 1);
    EXPECT_EQ(state_of(t), 6);
    restart_thread(t, run, 0);
    settle();
    EXPECT(ran);
}

/* A thread that waits for its start message from the next one that will be made. */
static L4_ThreadId_t create_early(L4_ThreadId_t *pager)
{
    L4_ThreadId_t t = thread_id();
    *pager = L4_GlobalId(L4_ThreadNo(t) + 1, L4_Version(t));
    ran = false;
    EXPECT_EQ(create(t, *pager, utcb_location(t)), 1);
    EXPECT_EQ(state_of(t), 6);
    return t;
}

TEST(pager_to_come, "its pager need not exist yet: it starts the thread later")
{
    L4_ThreadId_t pager, t = create_early(&pager);
    struct job j;
    job_send(&j, t, L4_MsgTag(0, 2, 0));
    j.mr[1] = (L4_Word_t)run;
    j.mr[2] = stack_top(t);
    EXPECT_EQ(job_spawn(&j, false).raw, pager.raw);
    EXPECT(job_finish(&j));
    EXPECT(!L4_IpcFailed(j.result));
    settle();
    EXPECT(ran);
}

TEST(activated_by_stranger, "the same for an inactive thread that a pager to come activates")
{
    L4_ThreadId_t t = thread_id(), nobody = thread_id();
    REQUIRE(create(t, L4_nilthread, utcb_location(t)));
    EXPECT_EQ(L4_ThreadControl(t, t, L4_nilthread, nobody, ~0u), 1);
    EXPECT_EQ(state_of(t), 6);
}

TEST(pager_gone, "a pager that comes later, and goes, leaves its thread halted")
{
    L4_ThreadId_t pager, t = create_early(&pager);
    EXPECT_EQ(spawn(sleeper, 0).raw, pager.raw);
    EXPECT_EQ(delete_thread(pager), 1);
    struct l4_registers r = {.control = 0};
    EXPECT(L4_ExchangeRegisters(t, &r).raw);
    EXPECT_EQ(r.control & 3, 1);
}

TEST(pager_inactive, "an inactive thread may be a pager, and go, and come again")
{
    L4_ThreadId_t pager = thread_id(), t = thread_id();
    REQUIRE(create(pager, L4_nilthread, ~0u));
    EXPECT_EQ(create(t, pager, utcb_location(t)), 1);
    EXPECT_EQ(delete_thread(pager), 1);
    EXPECT_EQ(state_of(t), 6);
    REQUIRE(create(pager, L4_Myself(), utcb_location(pager)));
    EXPECT_EQ(delete_thread(pager), 1);
    struct l4_registers r = {.control = 0};
    EXPECT(L4_ExchangeRegisters(t, &r).raw);
    EXPECT_EQ(r.control & 3, 1);
}

TEST(pager_never, "a pager whose number nobody can have is refused: error 2")
{
    L4_ThreadId_t t = thread_id();
    EXPECT_ERROR(create(t, L4_GlobalId(1u << (kip->thread_info & 0xff), 1), utcb_location(t)), 2);
    EXPECT_ERROR(create(t, L4_anythread, utcb_location(t)), 2);
    EXPECT_ERROR(create(t, local_id(thread_id()), utcb_location(t)), 2);
}

TEST(delete, "SpaceSpecifier nil deletes the thread")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(create(t, L4_Myself(), utcb_location(t)));
    EXPECT_EQ(delete_thread(t), 1);
    EXPECT(!active(t));
    EXPECT_EQ(state_of(t), 0);
}

TEST(delete_inactive, "an inactive thread can be deleted")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(create(t, L4_nilthread, ~0u));
    EXPECT_EQ(delete_thread(t), 1);
    EXPECT_EQ(state_of(t), 0);
}

TEST(delete_nobody, "deleting a thread that does not exist returns 1")
{
    EXPECT_EQ(delete_thread(thread_id()), 1);
}

TEST(delete_version, "deletion ignores the version, as with Pistachio")
{
    L4_ThreadId_t t = thread_id(), other = L4_GlobalId(L4_ThreadNo(t), L4_Version(t) ^ 0x40);
    REQUIRE(create(t, L4_Myself(), utcb_location(t)));
    EXPECT_EQ(delete_thread(other), 1);
    EXPECT(!active(t));
    EXPECT_EQ(state_of(t), 0);
}

TEST(delete_self, "a thread cannot delete itself: error 2")
{
    EXPECT_ERROR(L4_ThreadControl(L4_Myself(), L4_nilthread, L4_nilthread, L4_nilthread, ~0u), 2);
}

TEST(reuse, "a number can be used again at once, with the same version, in the same UTCB")
{
    L4_ThreadId_t t = thread_id();
    for (unsigned i = 0; i < 20; i++) {
        REQUIRE_EQ(create(t, L4_Myself(), utcb_location(t)), 1);
        REQUIRE(active(t));
        REQUIRE_EQ(delete_thread(t), 1);
    }
}

TEST(reuse_space, "a space can be made and deleted again and again under one id")
{
    L4_ThreadId_t t = thread_id();
    for (unsigned i = 0; i < 50; i++) {
        REQUIRE(make_space(t));
        REQUIRE_EQ(L4_ThreadControl(t, t, L4_nilthread, L4_Myself(), ~0u), 1);
        REQUIRE_EQ(delete_thread(t), 1);
    }
}

TEST(version, "a dest with another version gives an existing thread that version")
{
    L4_ThreadId_t t = thread_id(), next = L4_GlobalId(L4_ThreadNo(t), L4_Version(t) ^ 0x40);
    REQUIRE(create(t, L4_Myself(), utcb_location(t)));
    EXPECT_EQ(L4_ThreadControl(next, t, L4_nilthread, L4_nilthread, ~0u), 1);
    EXPECT(!active(t));
    EXPECT(active(next));
}

TEST(version_specifier, "the new id cannot name its own space before the change: error 3")
{
    L4_ThreadId_t t = thread_id(), next = L4_GlobalId(L4_ThreadNo(t), L4_Version(t) ^ 0x40);
    REQUIRE(create(t, L4_Myself(), utcb_location(t)));
    EXPECT_ERROR(L4_ThreadControl(next, next, L4_nilthread, L4_nilthread, ~0u), 3);
    EXPECT(active(t));
}

TEST(migrate_bad_utcb, "moving to a space whose area does not hold the UTCB is refused: error 6")
{
    L4_ThreadId_t t = thread_id(), space = thread_id();
    REQUIRE(create(t, L4_Myself(), utcb_location(t)));
    REQUIRE(L4_ThreadControl(space, space, L4_Myself(), L4_nilthread, ~0u));
    REQUIRE(
        L4_SpaceControl(space, 0, L4_FpageLog2(0x30000000, 12), L4_FpageLog2(0x31000000, 12), L4_nilthread));
    EXPECT_ERROR(L4_ThreadControl(t, space, L4_nilthread, L4_nilthread, ~0u), 6);
    EXPECT(active(t));
}

static void write_window(void *arg)
{
    (void)arg;
    L4_Sleep(L4_TimePeriod(2 * SETTLE_US));
    poke(FRAME(1), 0x1234);
    (void)L4_Call(pager_thread, L4_MsgTag(0x1, 0, 0));
}

TEST(migrate, "a thread moved to another space keeps nothing of its memory")
{
    L4_ThreadId_t space = thread_id(), me = L4_Myself();
    REQUIRE(make_space(space));
    L4_ThreadId_t t = spawn_with(&(struct spawn){.entry = write_window, .pager = me});
    settle();
    poke(FRAME(1), 0);
    EXPECT_EQ(L4_ThreadControl(t, space, L4_nilthread, L4_nilthread, ~0u), 1);
    L4_MsgTag_t tag = receive_soon(t);
    EXPECT(!L4_IpcFailed(tag));
    EXPECT_EQ(L4_Label(tag) & 0xfff0, L4_LABEL_PAGE_FAULT);
    EXPECT_EQ(peek(FRAME(1)), 0);
}

TEST(local_arguments, "pager, scheduler and space specifier may be local ids")
{
    L4_ThreadId_t t = thread_id();
    EXPECT_EQ(L4_ThreadControl(t, L4_MyLocalId(), L4_MyLocalId(), L4_MyLocalId(), utcb_location(t)), 1);
    EXPECT(active(t));
}

TEST(change_scheduler, "the scheduler can be changed, to an existing thread only")
{
    L4_ThreadId_t t = thread_id(), nobody = thread_id();
    REQUIRE(create(t, L4_Myself(), utcb_location(t)));
    EXPECT_EQ(L4_ThreadControl(t, t, root_thread, L4_nilthread, ~0u), 1);
    EXPECT_EQ(L4_ThreadControl(t, t, nobody, L4_nilthread, ~0u), 0);
}

TEST(delete_wakes_receiver, "deleting a thread wakes who receives from it: error 5")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    struct job j;
    job_receive(&j, t);
    (void)job_spawn(&j, false);
    settle();
    EXPECT_EQ(delete_thread(t), 1);
    EXPECT(job_finish(&j));
    EXPECT_EQ(j.error, 5);
}

TEST(delete_wakes_sender, "deleting a thread wakes who waits to send to it: error 4")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    struct job j;
    job_send(&j, t, L4_MsgTag(1, 0, 0));
    (void)job_spawn(&j, true);
    settle();
    EXPECT_EQ(delete_thread(t), 1);
    EXPECT(job_finish(&j));
    EXPECT_EQ(j.error, 4);
}

TEST(delete_last, "deleting the last thread of a space flushes what the space had passed on")
{
    struct remote owner, other;
    REQUIRE(remote_new(&owner, true));
    REQUIRE(remote_new(&other, true));
    poke(FRAME(2), 0x5555);
    struct job in, out, last;
    job_receive(&in, L4_Myself());
    in.br[0] = L4_CompleteAddressSpace.raw;
    REQUIRE(remote_start(&owner, job_run, &in));
    L4_LoadMR(1, WINDOW | L4_ITEM_MAP);
    L4_LoadMR(2, page_rwx(FRAME(2)).raw);
    EXPECT(!L4_IpcFailed(send_soon(owner.id, L4_MsgTag(0, 0, 2))));
    EXPECT_EQ(remote_wait(&owner), DONE);
    job_receive(&last, owner.id);
    last.br[0] = L4_CompleteAddressSpace.raw;
    REQUIRE(remote_start(&other, job_run, &last));
    job_send(&out, other.id, L4_MsgTag(0, 0, 2));
    out.mr[1] = WINDOW | L4_ITEM_MAP;
    out.mr[2] = page_rwx(WINDOW).raw;
    REQUIRE(remote_start(&owner, job_run, &out));
    EXPECT_EQ(remote_wait(&owner), DONE);
    EXPECT_EQ(remote_wait(&other), DONE);
    EXPECT(remote_has(&other, WINDOW));
    EXPECT_EQ(delete_thread(owner.id), 1);
    EXPECT(!remote_has(&other, WINDOW));
}
