/* SPDX-License-Identifier: BSD-2-Clause */
#include "long_call.h"

#include "ipc.h"
#include "kdb/printing.h"
#include "reaper.h"
#include "unmap_call.h"
#include "work.h"

void long_call_continue(struct tcb *t)
{
    work_begin();
    switch ((enum continuing)t->continuing) {
    case CONTINUES_TRANSFER:
        ipc_continue(t);
        break;
    case CONTINUES_RECEIVING:
        ipc_receive(t);
        break;
    case CONTINUES_UNMAP:
        unmap_continue(t);
        break;
    case CONTINUES_REAPING:
        t->continuing = reaper_step() ? CONTINUES_NOTHING : CONTINUES_REAPING;
        break;
    case CONTINUES_PRINTING:
        kdb_print_continue(t);
        break;
    case CONTINUES_NOTHING:
        break;
    }
}
