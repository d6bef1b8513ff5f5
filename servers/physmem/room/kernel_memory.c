/* SPDX-License-Identifier: BSD-2-Clause */
#include "room/kernel_memory.h"

#include "base/assertion.h"
#include "ground/budget.h"
#include "room/frame.h"
#include "ground/log.h"
#include "room/table_frame.h"
#include "ground/platform.h"
#include "ground/progress.h"

/* A thread in a new space takes four pages, and new slabs: that is KERNEL_SHORT.  What is lent, at
 * least BATCH frames, does not come back at once. */
enum {
    KERNEL_SHORT = 8, /* pages */
    BATCH = 4,
    KERNEL_KEEPS = KERNEL_SHORT + BATCH,
    TRIES_MAX = 32,    /* to take one back, in one event */
    MAPPING_NEEDS = 2, /* a page table, and a page of nodes */
    /* The items of a reply are of pages in a row: two page tables, and a page of nodes. */
    REPLY_NEEDS = 3,
};

static frame_t lent_list, lent_last; /* through frame.next */
static uint32_t lent_count;

void kernel_memory_init(void)
{
    lent_list = lent_last = FRAME_NONE;
    lent_count = 0;
}

static void push_last(frame_t f)
{
    frame_table[f].next = FRAME_NONE;
    if (lent_list == FRAME_NONE) {
        lent_list = f;
    } else {
        frame_table[lent_last].next = f;
    }
    lent_last = f;
}

/* Takes frames until the kernel has been lent so many more.  It wants none below 1 MiB: when one of
 * these comes, no others are free. */
static enum error lend(uint32_t count)
{
    frame_t f;
    for (uint32_t n = 0; n < count; n++) {
        enum error e = table_frame_alloc(&f);
        if (e != OK) {
            return e;
        }
        if (!platform_lend(f)) {
            table_frame_free(f);
            return ERR_KERNEL_MEMORY;
        }
        push_last(f);
        lent_count++;
        budget_spend(BUDGET_CHECKSUM);
    }
    return OK;
}

bool kernel_memory_is_short(void)
{
    return platform_kernel_free() < KERNEL_SHORT;
}

bool kernel_memory_for_reply(void)
{
    return platform_kernel_for_mappings() >= REPLY_NEEDS;
}

bool kernel_memory_for_mapping(void)
{
    return platform_kernel_for_mappings() >= MAPPING_NEEDS;
}

enum error kernel_memory_relieve(void)
{
    uint32_t before = lent_count, free = platform_kernel_free();
    if (free >= KERNEL_SHORT) {
        return ERR_KERNEL_MEMORY;
    }
    uint32_t missing = KERNEL_SHORT - free;
    enum error e = lend(missing > BATCH ? missing : BATCH);
    progress_made(); /* others go out for what was taken, or could not be */
    if (lent_count == before) {
        return e == ERR_BUSY ? ERR_BUSY : ERR_KERNEL_MEMORY;
    }
    log_info("the kernel is lent %u frames, it has %u in all", (unsigned)(lent_count - before),
             (unsigned)lent_count);
    return OK;
}

/* The first of the list: taken back, or put behind the others because the kernel uses it. */
static bool reclaim_first(void)
{
    frame_t f = lent_list;
    ASSERT(lent_count > 0 && frame_table[f].kind == FRAME_TABLE);
    lent_list = frame_table[f].next;
    if (platform_reclaim(f)) {
        lent_last = lent_list == FRAME_NONE ? FRAME_NONE : lent_last;
        lent_count--;
        table_frame_free(f);
        return true;
    }
    push_last(f);
    return false;
}

void kernel_memory_reclaim(void)
{
    uint32_t spare = lent_list != FRAME_NONE ? platform_kernel_free() : 0;
    uint32_t tries = lent_count < TRIES_MAX ? lent_count : TRIES_MAX;
    for (; tries > 0 && spare > KERNEL_KEEPS; tries--) {
        spare -= reclaim_first();
        budget_spend(BUDGET_FRAME);
    }
}

uint32_t kernel_memory_lent(void)
{
    return lent_count;
}
