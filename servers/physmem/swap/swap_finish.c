/* SPDX-License-Identifier: BSD-2-Clause */
#include "swap/swap_finish.h"

#include "base/assertion.h"
#include "contents/container.h"
#include "contents/page.h"
#include "ground/counters.h"
#include "ground/log.h"
#include "ground/mem.h"
#include "ground/progress.h"
#include "room/frame.h"
#include "room/slot.h"
#include "swap/transfer.h"
#include "tasks/presence.h"
#include "tasks/task.h"

enum { READS_AGAIN = 2 };

static bool is_of_map(frame_t f)
{
    struct page_home *home = frame_table[f].home;
    return home && container_of_home(home)->map;
}

/* Who would need it is segmap, which would be ended at it again and again, and with it all that the
 * map has.  So it is none of the map's pages from now on: what was in it is missed by who asks for
 * that. */
static void lose_page_of_map(frame_t f)
{
    slot_set_bad(frame_table[f].slot);
    page_lose_slot(f);
    page_read_done(f);
    memset(frame_memory(f), 0xff, PAGE_SIZE);
    frame_table[f].dirty = true;
}

/* The page could not be read.  It is tried again, and then from its second slot, before it is lost,
 * and is never lost by a read that nobody waits for. */
static void fail_read(frame_t f, enum error why)
{
    static struct log_limit limit;
    uint32_t missed;
    struct frame *p = &frame_table[f];
    counters.io_errors++;
    if (log_may(&limit, &missed)) {
        log_line("slot %u: %s (%u other reads failed since this was said last)", (unsigned)p->slot,
                 why == ERR_CHECKSUM ? "checksum does not match" : "cannot be read", (unsigned)missed);
    }
    if (!p->wanted) {
        page_read_failed(f);
    } else if (p->failures < READS_AGAIN) {
        p->failures = (p->failures + 1) & 3;
        page_read_failed(f);
    } else if (p->twin != 0) {
        p->failures = 1; /* one more trial there */
        page_read_twin(f);
    } else if (is_of_map(f)) {
        lose_page_of_map(f);
    } else {
        page_read_damaged(f, why);
    }
}

/* When slots are short a page that is in memory has none: who goes out next would have to search
 * memory for it. */
static void leave_slot_to_others(frame_t f)
{
    if (page_has_spare_slot(f) && slot_is_short()) {
        page_give_slot_up(f);
    }
}

static void finish_read_page(frame_t f, bool moved, bool first)
{
    ASSERT(frame_table[f].state == PAGE_READING && !frame_table[f].dirty);
    if (page_is_nobodys(f)) { /* it was given up while it was in transit */
        page_free(f);
    } else if (moved && page_is_as_written(f)) {
        page_read_done(f);
        leave_slot_to_others(f);
        counters.pages_read++;
    } else if (moved || first) {
        fail_read(f, moved ? ERR_CHECKSUM : ERR_IO);
    } else {
        page_read_failed(f); /* read again if anybody wants it */
    }
}

/* A slot was not written; if it is the first one of its request, it cannot be. */
static void fail_slot(slot_t slot, bool first_failed)
{
    if (first_failed) {
        log_line("slot %u: cannot be written", (unsigned)slot);
        counters.io_errors++;
        slot_set_bad(slot);
    } else {
        slot_free(slot);
    }
}

/* The page has been written, or not, and loses its slot; and goes, if it is nobody's. */
static void end_write(frame_t f, bool done)
{
    if (!done) {
        page_lose_slot(f);
    }
    if (page_is_nobodys(f)) {
        page_free(f);
    } else if (done) {
        page_write_done(f);
        leave_slot_to_others(f);
    } else {
        page_write_failed(f);
    }
}

/* The request's i-th page. */
static void finish_write_page(const struct request *r, uint32_t i, uint32_t done)
{
    frame_t f = r->frames[i];
    const struct frame *p = &frame_table[f];
    ASSERT(p->state == PAGE_WRITING && !p->mapped);
    if (p->twin != 0 && i + p->twin >= done) {
        fail_slot(p->slot + p->twin, i + p->twin == done);
        page_lose_twin(f);
    }
    if (i < done) {
        counters.pages_written++;
    } else {
        fail_slot(p->slot, i == done);
    }
    end_write(f, i < done);
}

void swap_finish(const struct request *r, enum error e, uint32_t done)
{
    /* The driver's words are checked, not believed: all pages are well, or the one behind `done` is
     * not. */
    if (done > r->slots || (e != OK && done == r->slots)) {
        done = 0;
    }
    ASSERT(r->state == REQUEST_FREE && r->header_frame == FRAME_NONE);
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->op == SWAP_READ) {
            finish_read_page(r->frames[i], i < done, i == 0);
        } else {
            finish_write_page(r, i, done);
        }
    }
    if (r->outswap && r->outswap->presence && done < r->slots) {
        r->outswap->presence->outswap_errors++;
    }
    progress_made();
}

static void abandon_write(frame_t f)
{
    const struct frame *p = &frame_table[f];
    if (p->twin != 0) {
        slot_free(p->slot + p->twin);
        page_lose_twin(f);
    }
    slot_free(p->slot);
    end_write(f, false);
}

static void abandon_read(frame_t f, bool sent)
{
    if (page_is_nobodys(f)) {
        frame_table[f].device = sent; /* which may still write to the frame */
        page_free(f);
    } else if (sent) {
        page_read_abandoned(f);
    } else {
        page_read_failed(f);
    }
}

void swap_abandon(const struct request *r, bool sent)
{
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->op == SWAP_WRITE) {
            abandon_write(r->frames[i]);
        } else {
            abandon_read(r->frames[i], sent);
        }
    }
    progress_made();
}
