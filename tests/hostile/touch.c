/* SPDX-License-Identifier: BSD-2-Clause */
/* The handler for faults jumps back to where the page was touched. */
#include "touch.h"

#include <setjmp.h>
#include <stdbool.h>

#include "pager/pager.h"

static jmp_buf refused;
static volatile bool touching;
static volatile enum error reason;

static bool on_trap(struct pager_trap *trap)
{
    if (!touching || trap->kind != TRAP_FAULT) {
        return false;
    }
    touching = false;
    reason = trap->error == OK ? ERR_HOLE : (enum error)trap->error;
    longjmp(refused, 1);
}

enum error touch_page(volatile char *page)
{
    pager_set_trap_handler(on_trap);
    if (setjmp(refused) != 0) {
        return reason;
    }
    touching = true;
    *page = 1;
    touching = false;
    return OK;
}
