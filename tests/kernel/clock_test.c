/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock: the scaling of the time-stamp counter, in the kernel and in the users' stub. */
#include "ktest.h"

#include "ia32/clock.h"
#include "ia32/cpu.h"

/* The user's stub, where the kernel may run it. */
static uint64_t stub_clock(void)
{
    uint64_t us;
    __asm__ volatile("call *%1"
                     : "=A"(us)
                     : "r"((word_t)kip_page() + kip_page()->system_clock)
                     : "memory", "cc");
    return us;
}

/* Beside the other clock, which without a TSC stands still here, where no tick comes.  A thousand
 * looks lose nothing, though there may be less than a microsecond between two. */
static void test_spent(void)
{
    enum { LOOKS = 1000, SPIN = 100 };
    uint64_t first = arch_clock_us(), sum = 0;
    (void)arch_spent_us();
    uint64_t second = arch_clock_us();
    for (unsigned i = 0; i < LOOKS; i++) {
        for (unsigned turn = 0; turn < SPIN; turn++) {
            __asm__ volatile("");
        }
        sum += arch_spent_us();
    }
    uint64_t third = arch_clock_us();
    sum += arch_spent_us();
    uint64_t fourth = arch_clock_us();
    EXPECT(sum > 0 && sum < 60000000);
    if (user_words.clock_scale) {
        EXPECT(sum + 1 >= third - second && sum <= fourth - first + 1);
    }
}

void test_clock(void)
{
    test_spent();
    static const struct {
        uint64_t ticks;
        uint32_t scale;
        uint64_t us;
    } cases[] = {
        {0, 0xffffffff, 0},
        {1, 0xffffffff, 0},
        {0xffffffff, 4294967, 4294966},
        {0x100000000, 4294967, 4294967},
        {123456789ull << 32 | 5, 4294967, 530242834680963ull},
        {946080000000000000ull, 1431655, 315359831415116ull}, /* ten years at 3 GHz */
        {~0ull, 0xffffffff, 0xfffffffeffffffffull},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        EXPECT(clock_scaled(cases[i].ticks, cases[i].scale) == cases[i].us);
    }
    EXPECT_EQ(user_words.clock_scale != 0, cpu.tsc);
    if (!cpu.tsc || cpu.smap) {
        return;
    }
    uint64_t start = user_words.clock_start;
    for (unsigned i = 0; i < 40; i++) {
        uint64_t before = arch_clock_us(), between = stub_clock(), after = arch_clock_us();
        EXPECT(before <= between && between <= after);
        user_words.clock_start -= 1ull << (i + 10); /* as if that had been long ago */
    }
    user_words.clock_start = start;
}
