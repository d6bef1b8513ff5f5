/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/rounds.h"

#include "contents/container.h"
#include "contents/page.h"
#include "ground/clock.h"
#include "ground/counters.h"
#include "base/assertion.h"
#include "policy/shield.h"
#include "tasks/fault_record.h"
#include "tasks/presence.h"
#include "tasks/task.h"

static bool just_now(uint32_t at)
{
    return clock_now() - at < SHIELD_TICKS;
}

/* Has the page that the fault wants left memory, without that anybody asked for it?  One whose
 * window has left did so long ago: a window leaves a turn of the hand after its pages. */
static bool was_taken(const struct fault_record *fault, entry_t page)
{
    frame_t f = entry_frame(page);
    bool is_out = f != FRAME_NONE ? frame_table[f].state != PAGE_IN : entry_is_real(page);
    is_out = is_out && page != ENTRY_AWAY;
    const struct presence *p = is_out ? fault->container->owner->presence : NULL;
    return p && !just_now(p->outswap_at);
}

static bool is_answer_to(const struct answer_ring *ring, uint32_t i, const struct fault_record *fault)
{
    return ring->entries[i].thread == fault->id.raw && ring->entries[i].page == fault->page &&
           ring->entries[i].container == fault->container &&
           ring->entries[i].copied == fault->container->copied;
}

/* The round in which the same thread was answered with the same page so shortly ago that it need
 * not have got on; 0 = it was not. */
static uint32_t last_round(const struct fault_record *fault)
{
    const struct presence *p = fault->task->presence;
    const struct answer_ring *ring = p ? &p->answers : NULL;
    uint32_t round = 0;
    for (uint32_t i = 0; ring && i < ANSWERS_PER_TASK; i++) {
        if (is_answer_to(ring, i, fault) && just_now(ring->entries[i].at) && ring->entries[i].round > round) {
            round = ring->entries[i].round;
        }
    }
    return round;
}

void rounds_arrived(struct fault_record *fault, entry_t page)
{
    fault->round = 1 + (was_taken(fault, page) ? last_round(fault) : 0);
    uint32_t depth = fault->below + fault->round;
    if (depth > counters.depth_max) {
        counters.depth_max = depth;
    }
}

uint32_t rounds_below(struct task *t, L4_ThreadId_t pager)
{
    struct presence *p = t->presence;
    if (!p || p->last_resort_thread != pager.raw) {
        return 0;
    }
    p->last_resort_thread = 0;
    return p->last_resort_rounds;
}

static void note(struct answer_ring *ring, L4_Word_t thread, const struct container *c, uint32_t page,
                 uint32_t round)
{
    struct answer *answer = &ring->entries[ring->next];
    ASSERT(ring->next < ANSWERS_PER_TASK);
    answer->thread = thread;
    answer->container = c;
    answer->copied = c->copied;
    answer->page = page;
    answer->round = round;
    answer->at = clock_now();
    ring->next = ring->next + 1 < ANSWERS_PER_TASK ? ring->next + 1 : 0;
}

void rounds_mapped(struct task *t, const struct container *c, uint32_t page)
{
    note(&t->presence->answers, 0, c, page, 0);
}

void rounds_answered(const struct fault_record *fault)
{
    struct presence *p = fault->task->presence;
    ASSERT(fault->round >= 1);
    note(&p->answers, fault->id.raw, fault->container, fault->page, fault->round);
    if (!fault->last_resort) {
        return;
    }
    if (p->last_resort_thread != fault->id.raw || fault->round > p->last_resort_rounds) {
        p->last_resort_rounds = fault->round;
    }
    p->last_resort_thread = fault->id.raw;
}

void rounds_unanswered(struct task *t)
{
    struct answer_ring *ring = &t->presence->answers;
    ring->next = (ring->next > 0 ? ring->next : ANSWERS_PER_TASK) - 1;
    ring->entries[ring->next].thread = 0;
}

bool rounds_comes_again(const struct fault_record *fault)
{
    uint32_t i = 0;
    while (i < ANSWERS_PER_TASK && !is_answer_to(&fault->task->presence->answers, i, fault)) {
        i++;
    }
    return i < ANSWERS_PER_TASK;
}
