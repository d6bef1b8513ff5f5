/* SPDX-License-Identifier: BSD-2-Clause */
#include "swap/swap_finish.h"

#include "base/assertion.h"
#include "contents/page.h"
#include "ground/counters.h"
#include "ground/log.h"
#include "ground/progress.h"
#include "room/frame.h"
#include "room/slot.h"
#include "swap/transfer.h"
#include "tasks/task.h"

enum { READS_AGAIN = 2 };

/* Nobody refers to the page any more: it was given back while it was in transit. */
static bool is_doomed(const struct page *p)
{
    return p->refs == 0;
}

/* The page could not be read.  It is tried again, and then from its second slot, before it is lost,
 * and is never lost by a read that nobody waits for. */
static void fail_read(struct page *p, enum error why)
{
    static struct log_limit limit;
    uint32_t missed;
    counters.io_errors++;
    if (log_may(&limit, &missed)) {
        log_line("slot %u: %s (%u other reads failed since this was said last)", (unsigned)p->slot,
                 why == ERR_CHECKSUM ? "checksum does not match" : "cannot be read", (unsigned)missed);
    }
    if (!p->wanted) {
        page_read_failed(p);
    } else if (p->error < READS_AGAIN) {
        p->error = (p->error + 1) & 0x1f;
        page_read_failed(p);
    } else if (p->twin != 0) {
        p->error = 1; /* one more trial there */
        page_read_twin(p);
    } else {
        page_read_damaged(p, why);
    }
}

/* When slots are short a page that is in memory has none: who goes out next would have to search
 * memory for it. */
static void leave_slot_to_others(struct page *p)
{
    if (page_has_spare_slot(p) && slot_is_short()) {
        page_give_slot_up(p);
    }
}

static void finish_read_page(struct page *p, bool moved, bool first)
{
    ASSERT(p->state == PAGE_READING && !p->dirty);
    if (is_doomed(p)) {
        page_read_failed(p);
        page_free(p);
    } else if (moved && page_checksum(p->frame) == p->checksum) {
        page_read_done(p);
        leave_slot_to_others(p);
        counters.pages_read++;
    } else if (moved || first) {
        fail_read(p, moved ? ERR_CHECKSUM : ERR_IO);
    } else {
        page_read_failed(p); /* read again if anybody wants it */
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

/* The request's i-th page. */
static void finish_write_page(const struct request *r, uint32_t i, uint32_t done)
{
    struct page *p = r->pages[i];
    ASSERT(p->state == PAGE_WRITING && !frame_table[p->frame].mapped);
    if (p->twin != 0 && i + p->twin >= done) {
        fail_slot(p->slot + p->twin, i + p->twin == done);
        page_forget_twin(p);
    }
    if (i < done) {
        page_write_done(p);
        leave_slot_to_others(p);
        counters.pages_written++;
    } else {
        fail_slot(p->slot, i == done);
        page_write_failed(p);
    }
    if (is_doomed(p)) {
        page_free(p);
    }
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
            finish_read_page(r->pages[i], i < done, i == 0);
        } else {
            finish_write_page(r, i, done);
        }
    }
    if (r->outswap && done < r->slots) {
        r->outswap->outswap_errors++;
    }
    progress_made();
}

void swap_abandon(const struct request *r, bool sent)
{
    for (uint32_t i = 0; i < r->count; i++) {
        struct page *p = r->pages[i];
        if (r->op == SWAP_WRITE) {
            page_give_twin_up(p);
            slot_free(p->slot);
            page_write_failed(p);
        } else if (sent) {
            page_read_abandoned(p);
        } else {
            page_read_failed(p);
        }
        if (is_doomed(p)) {
            page_free(p);
        }
    }
    progress_made();
}
