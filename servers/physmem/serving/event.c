/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/event.h"

#include "contents/window.h"
#include "ground/budget.h"
#include "ground/clock.h"
#include "ground/log.h"
#include "ground/progress.h"
#include "policy/replacement.h"
#include "room/frame.h"
#include "serving/admission.h"
#include "serving/fault.h"
#include "serving/outswap.h"
#include "serving/parking.h"
#include "serving/segment_map.h"
#include "serving/turn.h"
#include "swap/driver.h"
#include "swap/swap_area.h"
#include "swap/transfer.h"
#include "tasks/notice.h"

enum { ROUNDS_MAX = 32, HOPELESS_TICKS = 100, TICK = 20 /* of clock_now */ };

static bool hopeless;
static uint32_t hopeless_since, last_tick;

void event_init(void)
{
    (void)progress_take();
    hopeless = false;
    last_tick = 0;
}

void event_start(void)
{
    clock_start();
    budget_start();
}

/* Someone waits for a frame, and no transfer is under way that would free one, nor is a swap
 * disk to come; after a while (shields run out, accessed bits fade) there is nothing left to
 * hope for. */
static void give_hopeless_up(void)
{
    if (frame_waiters() == 0 || !transfer_is_idle() || swap_area_awaited()) {
        hopeless = false;
        return;
    }
    if (replacement_under_way() || !budget_left()) {
        return; /* it may find something yet, or the event was too short for who waits */
    }
    if (!hopeless) {
        hopeless = true;
        hopeless_since = clock_now();
    } else if (clock_now() - hopeless_since > HOPELESS_TICKS) {
        hopeless = false;
        fault_refuse_hopeless();
    }
}

/* Nobody can tell a machine that waits for its disk from one that has stopped. */
static void say_who_waits(void)
{
    static struct log_limit limit;
    uint32_t missed, faults = swap_area_awaited() ? parking_for_swap() + frame_waiters() : 0;
    if (faults > 0 && log_may(&limit, &missed)) {
        log_line("%u %s for the swap disk, which is not there%s", (unsigned)faults,
                 faults == 1 ? "fault waits" : "faults wait",
                 frame_waiters() > 0 ? ", and memory is full" : "");
    }
}

/* Messages that come more often than ticks do not keep an outswap from going on as time passes. */
static bool is_tick_due(void)
{
    return (outswap_under_way() || admission_under_way() || turn_is_awaited() || segment_map_wants_tick ||
            windows_scattered) &&
           clock_now() - last_tick >= TICK;
}

bool event_has_work(void)
{
    return progress_pending() || frame_waiters() > 0 || is_tick_due();
}

void event_settle(void)
{
    if (is_tick_due()) {
        last_tick = clock_now();
        progress_made();
    }
    if (frame_waiters() > 0) {
        progress_made();
    }
    for (int round = 0; round < ROUNDS_MAX && (round == 0 || budget_left()) && progress_take(); round++) {
        driver_abandon_some();
        turn_step();
        /* Faults come first: sweeps over whole tasks take what they leave of the budget. */
        fault_serve_all();
        replacement_run();
        admission_step();
        outswap_step_all();
        segment_map_step(round == 0);
        if (round == 0) {
            window_gather_some();
        }
        transfer_kick();
        notice_flush();
        give_hopeless_up();
    }
    say_who_waits();
    /* What is left after so many rounds goes on at the next event or tick. */
}

bool event_wants_more(void)
{
    return progress_pending() && !budget_left();
}

bool event_wants_tick(void)
{
    return progress_pending() || frame_waiters() > 0 || outswap_under_way() || admission_under_way() ||
           turn_is_awaited() || transfer_is_held() || segment_map_wants_tick;
}
