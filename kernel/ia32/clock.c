/* SPDX-License-Identifier: BSD-2-Clause */
/* Time: the 8254 gives the ticks, the TSC says what time it is.  On a processor without a TSC, or
 * with one whose rate could not be measured, the ticks are counted instead. */
#include "clock.h"

#include "arch.h"
#include "cpu.h"
#include "devices.h"
#include "io.h"

enum {
    PIT_HZ = 1193182,
    PIT_CHANNEL0 = 0x40,
    PIT_CHANNEL2 = 0x42,
    PIT_COMMAND = 0x43,
    /* Of the 8254, for a tick: a little more than TICK_US, so that no time-out ends early by the
     * TSC. */
    TICK_COUNTS = 1194,
};

static uint32_t ticked_counts; /* of the 8254; it wraps */
static uint64_t ticked_us;
static uint32_t ticked_fraction; /* of a microsecond, in 2^-32 */

void pit_init(void)
{
    outb(PIT_COMMAND, 0x34); /* channel 0, rate generator */
    outb(PIT_CHANNEL0, TICK_COUNTS & 0xff);
    outb(PIT_CHANNEL0, TICK_COUNTS >> 8);
    pic_unmask(IRQ_TIMER);
}

/* One tick is 1194 / 1193182 s = 1000.6855... us. */
void pit_tick(void)
{
    enum { WHOLE_US = 1000 };
    static const uint32_t fraction = 2944465511u; /* 0.685562 * 2^32 */
    uint32_t before = ticked_fraction;
    ticked_counts += TICK_COUNTS;
    ticked_fraction += fraction;
    ticked_us += WHOLE_US + (ticked_fraction < before ? 1u : 0u);
}

/* ---- the TSC's frequency ---- */

/* The TSC and channel 2 of the 8254, which counts down, at one moment. */
struct reading {
    uint64_t tsc;
    word_t count;
    word_t width; /* TSC ticks between which the channel was read */
};

static struct reading read_once(void)
{
    enum { LATCH_CHANNEL2 = 0x80 };
    uint64_t before = cpu_tsc();
    outb(PIT_COMMAND, LATCH_CHANNEL2);
    word_t width = (word_t)(cpu_tsc() - before);
    word_t low = inb(PIT_CHANNEL2), high = inb(PIT_CHANNEL2);
    return (struct reading){.tsc = before + width / 2, .count = high << 8 | low, .width = width};
}

/* The narrowest of eight readings, because the machine may be held up in the middle of one. */
static struct reading read_both(void)
{
    struct reading best = read_once();
    for (unsigned i = 1; i < 8; i++) {
        struct reading r = read_once();
        best = r.width < best.width ? r : best;
    }
    return best;
}

/* (high * 2^32 + low) / divisor.  The divisor is greater than high, so the quotient fits. */
static word_t divide(word_t high, word_t low, word_t divisor)
{
    assert(high < divisor);
    __asm__("divl %2" : "+a"(low), "+d"(high) : "rm"(divisor));
    return low;
}

/* One try, over 40 of the 55 ms that channel 2 counts.  0: the try took too long, so the count came
 * to its end, or channel 2 does not count at all. */
static word_t measure_khz(void)
{
    enum { GATE = 0x61, GATE_ON = 1, SPEAKER = 2, OUT2 = 0x20, COUNTS = 47727, TURNS = 100000, SPIN = 10000 };
    outb(GATE, (uint8_t)((inb(GATE) & ~SPEAKER) | GATE_ON));
    outb(PIT_COMMAND, 0xb0); /* channel 2, one count */
    outb(PIT_CHANNEL2, 0xff);
    outb(PIT_CHANNEL2, 0xff);
    (void)read_both(); /* the channel has taken the count over by then */
    struct reading start = read_both(), end;
    word_t turns = 0;
    do {
        for (word_t i = 0; i < SPIN; i++) {
            __asm__ volatile("");
        }
        end = read_both();
        if ((inb(GATE) & OUT2) || ++turns == TURNS) {
            return 0;
        }
    } while (start.count - end.count < COUNTS);
    word_t divisor = (start.count - end.count) * 1000;
    uint64_t product = (end.tsc - start.tsc) * PIT_HZ;
    return (word_t)(product >> 32) < divisor ? divide((word_t)(product >> 32), (word_t)product, divisor) : 0;
}

word_t clock_init(void)
{
    enum { GUESS_KHZ = 33000, LEAST_KHZ = 2000, TRIES = 5 };
    word_t khz = 0;
    if (!cpu.tsc) {
        return GUESS_KHZ;
    }
    user_words.clock_start = cpu_tsc();
    for (unsigned i = 0; i < TRIES && khz < LEAST_KHZ; i++) {
        khz = measure_khz();
    }
    if (khz < LEAST_KHZ) {
        return GUESS_KHZ;
    }
    user_words.clock_scale = divide(1000, 0, khz);
    return khz;
}

/* ---- the time ---- */

/* kip_stub_clock in entry.S computes the same for users. */
uint64_t clock_scaled(uint64_t ticks, uint32_t scale)
{
    return (ticks >> 32) * scale + ((uint64_t)(uint32_t)ticks * scale >> 32);
}

uint64_t arch_clock_us(void)
{
    uint32_t scale = user_words.clock_scale;
    return scale ? clock_scaled(cpu_tsc() - user_words.clock_start, scale) : ticked_us;
}

/* The counts of the 8254 that have passed: what the ticks leave unsaid is read from channel 0.
 * It has begun anew without the tick that tells so if it seems to go back; it never does. */
static RARE uint32_t counts(void)
{
    enum { LATCH_CHANNEL0 = 0x00 };
    static uint32_t latest;
    outb(PIT_COMMAND, LATCH_CHANNEL0);
    uint32_t left = inb(PIT_CHANNEL0);
    left |= (uint32_t)inb(PIT_CHANNEL0) << 8;
    uint32_t now = ticked_counts + TICK_COUNTS - left;
    now += (int32_t)(now - latest) < 0 ? TICK_COUNTS : 0;
    latest = (int32_t)(now - latest) < 0 ? latest : now;
    return latest;
}

uint32_t arch_spent_us(void)
{
    static const uint32_t count_scale = 3599591090u; /* us for a count of the 8254, in 2^-32 */
    static uint32_t since, fraction;                 /* of a microsecond, in 2^-32 */
    uint32_t scale = user_words.clock_scale, now;
    if (__builtin_expect(scale != 0, 1)) {
        now = (uint32_t)cpu_tsc();
    } else {
        now = counts();
        scale = count_scale;
    }
    uint64_t spent = (uint64_t)(now - since) * scale + fraction;
    since = now;
    fraction = (uint32_t)spent;
    return (uint32_t)(spent >> 32);
}

uint64_t arch_time_stamp(void)
{
    return cpu.tsc ? cpu_tsc() : ticked_us;
}
