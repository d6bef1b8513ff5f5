/* SPDX-License-Identifier: BSD-2-Clause */
/* ProcessorControl (interface.md 4.8). */
#include "harness.h"

static L4_Word_t control(L4_Word_t processor, L4_Word_t internal, L4_Word_t external)
{
    struct raw_regs r = {.eax = processor, .ecx = internal, .edx = external};
    raw_call(entry_of(kip->processor_control), &r);
    EXPECT_EQ(r.esp_change, 0);
    return r.eax;
}

static L4_Word_t internal_khz(void)
{
    return peek((L4_Word_t)kip + kip->proc_desc + 4);
}

TEST(no_processor, "a processor that does not exist: result 0, error 5")
{
    EXPECT_EQ(control(1000, 0, 0), 0);
    EXPECT_EQ(L4_ErrorCode(), 5);
    EXPECT_EQ(control(~0u, 0, 0), 0);
    EXPECT_EQ(L4_ErrorCode(), 5);
}

TEST(refused_or_done, "frequencies: refused with error 5, or done and shown in the processor's descriptor")
{
    L4_Word_t before = internal_khz();
    if (control(0, before + 1000, 0)) {
        EXPECT_EQ(internal_khz(), before + 1000);
        EXPECT_EQ(control(0, before, 0), 1);
    } else {
        EXPECT_EQ(L4_ErrorCode(), 5);
        EXPECT_EQ(internal_khz(), before);
    }
}

TEST(clock_goes_on, "the clock goes on as before")
{
    (void)control(0, 0, 0);
    L4_Word_t before = now_us();
    sleep_us(5000);
    EXPECT_LE(5000, now_us() - before);
    EXPECT_LT(now_us() - before, 9000);
}
