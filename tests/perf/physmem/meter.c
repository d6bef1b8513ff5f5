/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes the place of servers/physmem/meter.c in build/physmem-measured.elf: measures each event,
 * from one receive of physmem to its next one, and prints a line for the first one of each label
 * that is longer than NOTABLE, and for each that is an eighth longer than the one printed last.
 *
 * It is for `tools/run --icount`, where a tick of the TSC is one instruction.  What the kernel does
 * at physmem's system calls counts.  Nothing but the kernel's timer interrupt preempts physmem,
 * whose priority is the highest; the few hundred instructions of a tick count as well, so that no
 * event is longer than what is printed.  What printing costs does not count. */
#include "meter.h"

#include "ground/log.h"
#include "protocol/physmem.h"

enum { LABELS = 256, NOTABLE = 5000 };

static uint32_t longest[LABELS + 1]; /* behind the last label: of the kernel's messages */
static uint32_t index_now;
static uint64_t start;
static bool is_counted;

static uint64_t now(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* What tests alone ask may take as long as it likes. */
static bool is_test(L4_Word_t label)
{
    return label == PHYSMEM_CHECK || label == PHYSMEM_DEBUG_DAMAGE || label == PHYSMEM_DEBUG_EVICT ||
           label == PHYSMEM_DEBUG_HOLD;
}

void meter_start(L4_Word_t label)
{
    L4_Word_t place = label - (PHYSMEM_FORWARD - 1);
    index_now = label == METER_TICK ? 0 : place < LABELS ? place : LABELS;
    is_counted = !is_test(label);
    start = now();
}

void meter_end(void)
{
    uint32_t length = (uint32_t)(now() - start), before = longest[index_now];
    if (!is_counted || length < NOTABLE || length < before + before / 8) {
        return;
    }
    longest[index_now] = length;
    L4_Word_t label = index_now + (PHYSMEM_FORWARD - 1);
    if (index_now == 0) {
        log_line("event of %u instructions, a tick", (unsigned)length);
    } else if (index_now == LABELS) {
        log_line("event of %u instructions, a fault from the kernel", (unsigned)length);
    } else {
        log_line("event of %u instructions, label 0x%x", (unsigned)length, (unsigned)label);
    }
}
