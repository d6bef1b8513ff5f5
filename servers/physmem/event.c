/* SPDX-License-Identifier: BSD-2-Clause */
#include "event.h"

#include "fault.h"
#include "notice.h"
#include "outswap.h"
#include "platform.h"
#include "replacement.h"
#include "transfer.h"

enum { ROUNDS_MAX = 32, HOPELESS_TICKS = 100 };

static bool progress, clock_known, hopeless;
static uint32_t clock_value, hopeless_since;

void event_init(void)
{
    progress = clock_known = hopeless = false;
}

void event_progress(void)
{
    progress = true;
}

void event_start(void)
{
    clock_known = false;
}

uint32_t event_clock(void)
{
    if (!clock_known) {
        clock_value = platform_clock();
        clock_known = true;
    }
    return clock_value;
}

/* Someone waits for a frame, and no transfer is under way that would free one; after a while (shields run out,
 * accessed bits fade) there is nothing left to hope for. */
static void give_hopeless_up(void)
{
    if (fault_waiting_for_frame() == 0 || !transfer_is_idle()) {
        hopeless = false;
        return;
    }
    if (!hopeless) {
        hopeless = true;
        hopeless_since = event_clock();
    } else if (event_clock() - hopeless_since > HOPELESS_TICKS) {
        hopeless = false;
        fault_refuse_hopeless();
    }
}

void event_settle(void)
{
    if (fault_waiting_for_frame() > 0) {
        progress = true;
    }
    for (int round = 0; progress && round < ROUNDS_MAX; round++) {
        progress = false;
        outswap_step_all();
        fault_serve_all();
        replacement_run();
        transfer_kick();
        notice_flush();
        give_hopeless_up();
    }
    /* What is left after so many rounds goes on at the next event or tick. */
}

bool event_wants_tick(void)
{
    return progress || fault_waiting_for_frame() > 0 || outswap_under_way();
}
