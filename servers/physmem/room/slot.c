/* SPDX-License-Identifier: BSD-2-Clause */
#include "room/slot.h"

#include "base/bitmap.h"
#include "base/assertion.h"
#include "ground/budget.h"
#include "ground/least.h"
#include "ground/mem.h"
#include "ground/platform.h"
#include "room/contract.h"
#include "room/frame.h"
#include "room/table_frame.h"

enum { SLOTS_PER_TABLE = PAGE_SIZE * 8, TABLES_MAX = 32, SLOTS_PER_WORD = 32 };
/* A step of a search looks at a word, or at a run that is too short.  So many go on for a longer
 * run when one has been found. */
enum { SEARCH_STEPS = 64, STEPS_PER_LOOK = 8 };

struct slot_counts slot_counts;

static struct {
    frame_t frame;
    uint32_t free; /* slots */
} tables[TABLES_MAX];
static slot_t next_fit;
static uint32_t slot_end; /* one behind the last slot; 0 = not laid out */
static uint32_t disk_end; /* one behind the last slot that the disk has */
static bool is_open;

static uint32_t *table_of(slot_t s)
{
    return frame_memory(tables[s / SLOTS_PER_TABLE].frame);
}

bool slot_is_used(slot_t s)
{
    return s > SLOT_NONE && s < slot_end && bitmap_test(table_of(s), s % SLOTS_PER_TABLE);
}

void slot_init(void)
{
    slot_counts = (struct slot_counts){0};
    slot_end = disk_end = 0;
    is_open = false;
}

/* The slots of one more table, which lies in the frame. */
static void add_table(frame_t f)
{
    uint32_t end = slot_end + SLOTS_PER_TABLE;
    ASSERT(slot_end % SLOTS_PER_TABLE == 0 && slot_end < disk_end);
    end = least(end, disk_end);
    tables[slot_end / SLOTS_PER_TABLE].frame = f;
    tables[slot_end / SLOTS_PER_TABLE].free = end - (slot_end == 0 ? 1 : slot_end);
    slot_end = end;
    slot_counts.total = slot_end - 1;
}

enum error slot_lay_out(uint32_t disk_pages)
{
    ASSERT(slot_end == 0 && disk_pages > 1);
    uint32_t most = (uint32_t)SLOTS_PER_TABLE * TABLES_MAX;
    disk_end = disk_pages < most ? disk_pages : most;
    next_fit = 1;
    frame_t f;
    enum error e = table_frame_alloc(&f);
    if (e == OK) {
        add_table(f);
    }
    return e;
}

void slot_lay_out_more(void)
{
    if (slot_end == disk_end) {
        return;
    }
    /* The contract is not asked: a table brings more promises than it takes. */
    frame_t f = frame_alloc(frame_low_mark(), FRAME_TABLE);
    if (f != FRAME_NONE) {
        memset(frame_memory(f), 0, PAGE_SIZE);
        add_table(f);
        contract_set_slots(slot_usable());
    }
}

uint32_t slot_usable(void)
{
    return is_open ? slot_counts.total - slot_counts.bad : 0;
}

void slot_open(void)
{
    ASSERT(slot_end != 0);
    is_open = true;
    contract_set_slots(slot_usable());
}

void slot_close(void)
{
    is_open = false;
    contract_set_slots(slot_usable());
}

/* The bits of the slots from s on that lie in its word, the first one lowest; 1 = used. */
static uint32_t bits_from(slot_t s)
{
    return table_of(s)[s % SLOTS_PER_TABLE / SLOTS_PER_WORD] >> s % SLOTS_PER_WORD;
}

/* Free slots from s on, `want` of them at most. */
static uint32_t free_run_at(slot_t s, uint32_t want)
{
    uint32_t n = 0, end = least(s + want, slot_end);
    while (s + n < end && bits_from(s + n) == 0) {
        n += SLOTS_PER_WORD - (s + n) % SLOTS_PER_WORD;
    }
    if (s + n < end) {
        n += (uint32_t)__builtin_ctz(bits_from(s + n));
    }
    return least(n, end - s);
}

/* The first free slot at or after s, or how far the steps go. */
static slot_t next_free(slot_t s, uint32_t *steps, uint32_t most)
{
    for (; s < slot_end && *steps < most; ++*steps) {
        uint32_t rest = SLOTS_PER_WORD - s % SLOTS_PER_WORD, used = bits_from(s);
        if (tables[s / SLOTS_PER_TABLE].free == 0) {
            s = (s / SLOTS_PER_TABLE + 1) * SLOTS_PER_TABLE;
        } else if (used == ~0u >> s % SLOTS_PER_WORD) {
            s += rest;
        } else {
            s += (uint32_t)__builtin_ctz(~used);
            break;
        }
    }
    return least(s, slot_end);
}

/* A run of `want` slots at or after the hand, going round once at most; or the longest that a
 * search of bounded length finds. */
static uint32_t find_run(uint32_t want, slot_t *first)
{
    uint32_t longest = 0, steps = 0, most = ~0u, passed = 0;
    slot_t s = next_fit < slot_end ? next_fit : 1;
    while (passed < slot_end && steps < most && longest < want) {
        slot_t at = next_free(s, &steps, most);
        uint32_t n = free_run_at(at, want);
        most = longest == 0 && n > 0 ? steps + SEARCH_STEPS : most;
        if (n > longest) {
            longest = n;
            *first = at;
        }
        passed += at - s + n + 1;
        steps++;
        s = at + n + 1 < slot_end ? at + n + 1 : 1;
    }
    budget_spend((1 + steps / STEPS_PER_LOOK) * BUDGET_LOOK);
    return longest;
}

uint32_t slot_alloc_run(uint32_t want, slot_t *first)
{
    if (slot_counts.used + slot_counts.bad >= slot_counts.total) {
        return 0;
    }
    uint32_t n = find_run(want, first);
    ASSERT(n <= want && n <= slot_counts.total - slot_counts.used - slot_counts.bad);
    for (uint32_t i = 0; i < n; i++) {
        bitmap_set(table_of(*first + i), (*first + i) % SLOTS_PER_TABLE);
        tables[(*first + i) / SLOTS_PER_TABLE].free--;
    }
    slot_counts.used += n;
    next_fit = *first + n;
    return n;
}

void slot_free(slot_t s)
{
    ASSERT(slot_is_used(s) && slot_counts.used > 0);
    bitmap_clear(table_of(s), s % SLOTS_PER_TABLE);
    tables[s / SLOTS_PER_TABLE].free++;
    slot_counts.used--;
}

void slot_set_bad(slot_t s)
{
    ASSERT(slot_is_used(s) && slot_counts.used > 0);
    slot_counts.used--;
    slot_counts.bad++;
    contract_set_slots(slot_usable());
}
