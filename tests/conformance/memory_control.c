/* SPDX-License-Identifier: BSD-2-Clause */
/* MemoryControl (interface.md 4.8). */
#include "harness.h"

/* One fpage in MR0, its rights bits choosing attribute 0. */
static L4_Word_t control(L4_Word_t count, L4_Word_t page, L4_Word_t attribute)
{
    struct raw_regs r = {.eax = count, .ecx = attribute, .esi = page, .edi = (L4_Word_t)L4_Utcb()};
    L4_LoadMR(0, page);
    raw_call(entry_of(kip->memory_control), &r);
    EXPECT_EQ(r.esp_change, 0);
    return r.eax;
}

TEST(count, "a control word of 64 or more: error 5")
{
    EXPECT_EQ(control(64, 0, 0), 0);
    EXPECT_EQ(L4_ErrorCode(), 5);
    EXPECT_EQ(control(~0u, 0, 0), 0);
    EXPECT_EQ(L4_ErrorCode(), 5);
}

TEST(unknown_attribute, "an attribute that does not exist: error 5")
{
    static const L4_Word_t none[] = {3, 6, 7, 9, 0x100};
    for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        EXPECT_EQ(control(0, L4_FpageLog2(FRAME(0), 12).raw, none[i]), 0);
        EXPECT_EQ(L4_ErrorCode(), 5);
    }
}

TEST(refused_types, "write-combining and write-protected: refused with error 5, or the former done")
{
    EXPECT(control(0, L4_FpageLog2(FRAME(0), 12).raw, 5) == 1 || L4_ErrorCode() == 5);
    (void)control(0, L4_FpageLog2(FRAME(0), 12).raw, 0);
    EXPECT_EQ(control(0, L4_FpageLog2(FRAME(0), 12).raw, 8), 0);
    EXPECT_EQ(L4_ErrorCode(), 5);
}

TEST(not_owned, "pages that are not the caller's one-to-one: error 5")
{
    EXPECT_EQ(control(0, L4_FpageLog2(WINDOW, 12).raw, 4), 0);
    EXPECT_EQ(L4_ErrorCode(), 5);
}

TEST(data_kept, "whatever the answer, the memory stays what it was")
{
    poke(FRAME(0), 0x1234);
    (void)control(0, L4_FpageLog2(FRAME(0), 12).raw, 0);
    EXPECT_EQ(peek(FRAME(0)), 0x1234);
    (void)control(0, L4_FpageLog2(FRAME(0), 12).raw, 1);
    EXPECT_EQ(peek(FRAME(0)), 0x1234);
    poke(FRAME(0), 0x4321);
    EXPECT_EQ(peek(FRAME(0)), 0x4321);
}
