/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/checksum.h"

#include "ground/budget.h"
#include "ground/platform.h"

/* Each word goes into the running sum, by turns in two ways that do not commute; a second sum,
 * of the first after each sector, tells the places of the sectors.  A change of contents goes
 * unnoticed once in 2^32 times or so: what a disk does is to change bits, to give an old sector,
 * or one from another place.  Words that change places within a sector may go unnoticed if what
 * lies between them is zero.  Hardly more than one instruction a word. */
uint32_t frame_checksum(frame_t f)
{
    enum { SECTOR = 128 };
    const uint32_t *words = frame_memory(f), *end = words + PAGE_SIZE / 4;
    budget_spend(BUDGET_CHECKSUM);
    uint32_t sum = 0x9e3779b9, sum_of_sums = 0;
    for (; words < end; words += SECTOR) {
#pragma GCC unroll 128
        for (uint32_t k = 0; k < SECTOR; k += 2) {
            sum += words[k];
            sum ^= words[k + 1];
        }
        sum_of_sums += sum;
    }
    return sum ^ (sum_of_sums << 7 | sum_of_sums >> 25);
}
