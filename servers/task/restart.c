/* SPDX-License-Identifier: BSD-2-Clause */
#include "restart.h"

#include "l4/syscalls.h"
#include "log.h"

enum { FUTILE_MAX = 8, START_TRIES = 50, PAUSE_US = 10 * 1000, SECOND_US = 1000 * 1000 };

enum error restart_begin(struct restart *r)
{
    struct program_started started;
    enum error e = ERR_BUSY;
    for (unsigned i = 0; e != OK && i < START_TRIES; i++) {
        e = program_start(&r->start, &started);
        if (e != OK) {
            L4_Sleep(L4_TimePeriod(PAUSE_US)); /* memory is short just now */
        }
    }
    r->task = e == OK ? started.task : 0;
    return e;
}

static bool is_futile(struct restart *r)
{
    struct memory_info memory;
    if (physmem_memory_info(&memory) != OK) {
        return true;
    }
    L4_Word_t work = r->work(&memory);
    bool same = work == r->worked;
    r->worked = work;
    return same;
}

static void say(struct restart *r)
{
    L4_Word64_t now = L4_SystemClock();
    if (r->said != 0 && now - r->said < SECOND_US) {
        r->ends_unsaid++;
        return;
    }
    log_failure("%s is started again (%u times since this was said last)", r->what, r->ends_unsaid + 1);
    r->said = now;
    r->ends_unsaid = 0;
}

bool restart_ended(struct restart *r, L4_Word_t task, bool killed)
{
    if (task != r->task || task == 0) {
        return false;
    }
    r->task = 0;
    r->futile = is_futile(r) && !killed ? r->futile + 1 : 0;
    if (r->futile > FUTILE_MAX) {
        log_failure("%s has ended %u times in a row and done nothing", r->what, r->futile);
        return false;
    }
    say(r);
    enum error e = restart_begin(r);
    if (e != OK) {
        log_failure("%s cannot be started again: %s", r->what, error_text(e));
    }
    return e == OK;
}
