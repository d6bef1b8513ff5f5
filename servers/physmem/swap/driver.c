/* SPDX-License-Identifier: BSD-2-Clause */
#include "swap/driver.h"

#include "base/assertion.h"
#include "ground/budget.h"
#include "ground/log.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "room/frame.h"
#include "room/slot.h"
#include "room/table_frame.h"
#include "swap/swap_area.h"
#include "swap/swap_finish.h"
#include "swap/transfer.h"
#include "tasks/notice.h"
#include "tasks/task.h"

static struct task *driver;
static bool abandoning; /* requests of a driver that is gone are left */
static frame_t header;  /* is for the first page of the disk that has been attached meanwhile */

void driver_init(void)
{
    driver = NULL;
    abandoning = false;
    header = FRAME_NONE;
}

void driver_set(struct task *t)
{
    if (driver && driver != t) {
        driver_gone();
    }
    ASSERT(driver == NULL || driver == t);
    driver = t;
}

bool driver_is(const struct task *t)
{
    return driver == t;
}

void driver_look(void)
{
    uint32_t age = driver ? transfer_age() : 0;
    if (age < SWAP_DEADLINE_MS) {
        return;
    }
    if (age < SWAP_DEADLINE_MS + SWAP_GRACE_MS) {
        log_line("the swap driver has not ended a request for %u s; it is asked to reset its disk",
                 (unsigned)age / 1000);
        transfer_ask_reset();
        return;
    }
    log_line("the swap driver does not answer; it is taken for dead");
    notice_broken(driver, L4_nilthread, 0, ERR_IO, 0);
}

static bool is_header(const struct request *r)
{
    return r->header_frame != FRAME_NONE;
}

enum error driver_report(L4_Word_t id, enum error e, uint32_t done)
{
    const struct request *r = transfer_end(id);
    if (!r) {
        return ERR_ARGUMENT;
    }
    if (is_header(r)) {
        swap_area_header_read(r->header_frame, e == OK && done == 1 ? OK : ERR_IO);
        table_frame_free(r->header_frame);
    } else {
        swap_finish(r, e, done);
    }
    slot_lay_out_more();
    return OK;
}

static void abandon(const struct request *r, bool sent)
{
    if (!is_header(r)) {
        swap_abandon(r, sent);
    } else if (sent) {
        frame_quarantine(r->header_frame);
    } else {
        table_frame_free(r->header_frame);
    }
}

/* The next request that the driver has left; false: there is none any more. */
static bool abandon_next(void)
{
    bool sent;
    const struct request *r = transfer_abandon(&sent);
    if (r) {
        abandon(r, sent);
        budget_spend(r->count * BUDGET_FRAME);
    } else {
        ASSERT(transfer_is_idle());
    }
    abandoning = r != NULL;
    return abandoning;
}

/* Nothing is left of a driver before this one: its disk's first page can be read. */
static void read_header(void)
{
    ASSERT(driver && transfer_is_idle());
    frame_quarantine_end(); /* the devices were reset before the disk was attached */
    transfer_submit_header(header);
    header = FRAME_NONE;
}

void driver_abandon_some(void)
{
    while (abandoning && budget_left() && abandon_next()) {
    }
    if (abandoning) {
        progress_made();
    } else if (header != FRAME_NONE) {
        read_header();
    }
}

static void forget_header(void)
{
    if (header != FRAME_NONE) {
        table_frame_free(header);
        header = FRAME_NONE;
    }
}

void driver_gone(void)
{
    static struct log_limit limit;
    uint32_t missed;
    if (swap_area_ready() && log_may(&limit, &missed)) {
        log_line(
            "the swap driver is gone; what needs its disk waits until it is back (%u times more in between)",
            (unsigned)missed);
    }
    driver = NULL;
    transfer_forget_driver();
    forget_header();
    swap_area_lose();
    abandoning = true;
    driver_abandon_some();
}

enum error driver_attach(uint32_t disk_pages, uint32_t run_max)
{
    enum error e = swap_area_begin(disk_pages, run_max);
    if (e != OK) {
        return e;
    }
    ASSERT(header == FRAME_NONE);
    frame_quarantine_end(); /* no device is at work for a driver before this one */
    if (table_frame_alloc(&header) != OK) {
        swap_area_lose();
        return ERR_NO_MEMORY;
    }
    driver_abandon_some();
    return OK;
}
