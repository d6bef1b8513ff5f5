/* SPDX-License-Identifier: BSD-2-Clause */
/* SpaceControl (interface.md 4.5). */
#include "harness.h"

#define KIP_PAGE  L4_FpageLog2(KIP_AREA, PAGE_BITS)
#define UTCB_PAGE L4_FpageLog2(UTCB_AREA, 17)

static L4_ThreadId_t fresh_space(void)
{
    L4_ThreadId_t t = thread_id();
    EXPECT_EQ(L4_ThreadControl(t, t, L4_Myself(), L4_nilthread, ~0u), 1);
    return t;
}

static L4_Word_t control(L4_ThreadId_t space, L4_Fpage_t kip_area, L4_Fpage_t utcb_area)
{
    return L4_SpaceControl(space, 0, kip_area, utcb_area, L4_nilthread);
}

TEST(succeeds, "it sets the areas of a fresh space and returns 1")
{
    EXPECT_EQ(control(fresh_space(), KIP_PAGE, UTCB_PAGE), 1);
}

TEST(bad_specifier, "a space that does not exist is refused: error 3")
{
    EXPECT_EQ(control(thread_id(), KIP_PAGE, UTCB_PAGE), 0);
    EXPECT_EQ(L4_ErrorCode(), 3);
}

TEST(utcb_too_small, "a UTCB area below the minimum is refused: error 6")
{
    EXPECT_EQ(control(fresh_space(), KIP_PAGE, L4_FpageLog2(UTCB_AREA, 11)), 0);
    EXPECT_EQ(L4_ErrorCode(), 6);
}

TEST(utcb_not_user, "a UTCB area outside the user range is refused: error 6")
{
    EXPECT_EQ(control(fresh_space(), KIP_PAGE, L4_FpageLog2(0xc0000000, 17)), 0);
    EXPECT_EQ(L4_ErrorCode(), 6);
    EXPECT_EQ(control(fresh_space(), KIP_PAGE, L4_FpageLog2(0xfffe0000, 17)), 0);
    EXPECT_EQ(L4_ErrorCode(), 6);
}

TEST(kip_too_small, "a KIP area below the minimum is refused: error 7")
{
    EXPECT_EQ(control(fresh_space(), L4_FpageLog2(KIP_AREA, 11), UTCB_PAGE), 0);
    EXPECT_EQ(L4_ErrorCode(), 7);
}

TEST(kip_not_user, "a KIP area outside the user range is refused: error 7")
{
    EXPECT_EQ(control(fresh_space(), L4_FpageLog2(0xc0000000, 12), UTCB_PAGE), 0);
    EXPECT_EQ(L4_ErrorCode(), 7);
}

TEST(overlap, "overlapping areas are refused: error 7")
{
    EXPECT_EQ(control(fresh_space(), L4_FpageLog2(UTCB_AREA + PAGE_BYTES, 12), UTCB_PAGE), 0);
    EXPECT_EQ(L4_ErrorCode(), 7);
}

TEST(nil_area, "a fresh space must get a UTCB area: nil is refused")
{
    L4_ThreadId_t t = fresh_space();
    EXPECT_EQ(control(t, KIP_PAGE, L4_Nilpage), 0);
    EXPECT_EQ(control(t, KIP_PAGE, UTCB_PAGE), 1);
}

TEST(refused_leaves_fresh, "a refused call leaves the space uninitialised")
{
    L4_ThreadId_t t = fresh_space();
    EXPECT_EQ(control(t, KIP_PAGE, L4_FpageLog2(UTCB_AREA, 11)), 0);
    EXPECT_EQ(L4_ThreadControl(t, t, L4_nilthread, L4_Myself(), utcb_location(t)), 0);
    EXPECT_EQ(control(t, KIP_PAGE, UTCB_PAGE), 1);
    EXPECT_EQ(L4_ThreadControl(t, t, L4_nilthread, L4_Myself(), utcb_location(t)), 1);
}

TEST(second_call, "a later call returns 1 and ignores the areas, even nil ones")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(control(r.id, L4_Nilpage, L4_Nilpage), 1);
    EXPECT_EQ(control(r.id, L4_FpageLog2(0x30000000, 12), L4_FpageLog2(0x31000000, 12)), 1);
    L4_Word_t value = 0;
    EXPECT(remote_read(&r, KIP_AREA, &value));
    EXPECT_EQ(value, KIP_MAGIC);
    EXPECT(!remote_has(&r, 0x30000000));
}

TEST(large_kip_area, "in a larger KIP area the KIP is at its base")
{
    L4_ThreadId_t t = thread_id();
    struct remote r;
    REQUIRE(L4_ThreadControl(t, t, L4_Myself(), L4_nilthread, ~0u));
    EXPECT_EQ(control(t, L4_FpageLog2(KIP_AREA, 14), UTCB_PAGE), 1);
    REQUIRE(remote_new_in(&r, t));
    L4_Word_t value = 0;
    EXPECT(remote_read(&r, KIP_AREA, &value));
    EXPECT_EQ(value, KIP_MAGIC);
}

TEST(any_thread, "any thread of the space names it, active or not")
{
    L4_ThreadId_t first = fresh_space(), second = thread_id();
    EXPECT_EQ(L4_ThreadControl(second, first, L4_Myself(), L4_nilthread, ~0u), 1);
    EXPECT_EQ(control(second, KIP_PAGE, UTCB_PAGE), 1);
    EXPECT_EQ(L4_ThreadControl(first, first, L4_nilthread, L4_Myself(), utcb_location(first)), 1);
}

static void old_control(L4_ThreadId_t space, L4_Word_t word, struct raw_regs *r)
{
    *r = (struct raw_regs){.eax = space.raw, .ecx = word, .edx = KIP_PAGE.raw, .esi = UTCB_PAGE.raw};
    raw_call(entry_of(kip->space_control), r);
}

TEST(small_space, "a small-space request is ignored: result 1, old control 0")
{
    struct raw_regs r;
    L4_ThreadId_t t = fresh_space();
    old_control(t, 0x80000001, &r);
    EXPECT_EQ(r.eax, 1);
    EXPECT_EQ(r.ecx, 0);
    old_control(t, 0x80000010, &r);
    EXPECT_EQ(r.eax, 1);
    EXPECT_EQ(r.ecx, 0);
}

TEST(areas_differ, "spaces may have their areas at different addresses")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(L4_ThreadControl(t, t, L4_Myself(), L4_nilthread, ~0u));
    EXPECT_EQ(control(t, L4_FpageLog2(0x00c00000, 12), L4_FpageLog2(0x00800000, 13)), 1);
    EXPECT_EQ(L4_ThreadControl(t, t, L4_nilthread, L4_Myself(), 0x00800200), 1);
    EXPECT_EQ(L4_ThreadControl(thread_id(), t, L4_Myself(), L4_Myself(), UTCB_AREA + 0x200), 0);
    EXPECT_EQ(L4_ErrorCode(), 6);
}

TEST(redirector_nil, "redirector nil on an initialised space leaves it unchanged: its threads still talk")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(control(r.id, L4_Nilpage, L4_Nilpage), 1);
    EXPECT_EQ(remote_run(&r, nap, 0), DONE);
}
