/* SPDX-License-Identifier: BSD-2-Clause */
/* Privileged workers take other spaces' memory away, strip them as sigma0 does (docs/x2.md,
 * Stripped spaces), and let them come back: by a fault, by a page in a message, by a new thread, or
 * as it comes. */
#include "fuzz.h"

enum { WITNESSES = 2, ALL = WORKERS + WITNESSES, PORTS_LOG2 = 3 };

L4_Word_t strips;

extern char __executable_start[], _end[];

static void unmap(L4_Word_t at, unsigned log2)
{
    (void)L4_UnmapFpage(L4_FpageAddRights(L4_FpageLog2(at, log2), L4_FullyAccessible));
}

/* Of whatever others have from the root task, which has from sigma0 all that there is. */
static void take_everything(void)
{
    for (L4_Word_t at = (L4_Word_t)__executable_start & ~0xfffu; at < (L4_Word_t)_end; at += PAGE_BYTES) {
        unmap(at, PAGE_BITS);
    }
    for (unsigned i = 0; i < ALL; i++) {
        unmap(REGION(i), REGION_BITS);
    }
    (void)L4_UnmapFpage((L4_Fpage_t){L4_IoFpage(PORTS, PORTS_LOG2).raw | L4_FullyAccessible});
}

static void set_halted(L4_ThreadId_t t, bool halted)
{
    struct l4_registers r = {.control = L4_EXREGS_SET_HALT | (halted ? L4_EXREGS_HALT : 0)};
    (void)L4_ExchangeRegisters(t, &r);
}

/* What makes the space whole again. */
static void bring_back(struct worker *w, L4_ThreadId_t t, bool witness)
{
    L4_ThreadId_t junk = relative_id(NO_JUNK + below(w, JUNK), 1);
    L4_Word_t slot = FIRST_SLOT + WORKERS + below(w, 20);
    switch (below(w, witness ? 2 : 4)) {
    case 0:
        set_halted(t, false);
        break;
    case 1: /* the servants wait for messages with pages */
        L4_LoadMR(1, (REGION(w->index) + SCRATCH) | L4_ITEM_MAP);
        L4_LoadMR(2, L4_FpageAddRights(L4_FpageLog2(REGION(w->index) + SCRATCH, PAGE_BITS), 7).raw);
        (void)L4_Send_Timeout(t, L4_MsgTag(0, 0, 2), L4_ZeroTime);
        break;
    case 2: /* not where it could speak in a witness's name */
        (void)L4_ThreadControl(junk, t, root_id, root_id, UTCB_AREA + slot * UTCB_SIZE);
        break;
    default: /* by whom it may be */
        break;
    }
}

/* A worker that runs is stopped first, so that it may be stripped; a witness is not. */
void do_strip(struct worker *w)
{
    unsigned i = PRIVILEGED + below(w, ALL - PRIVILEGED);
    bool witness = i >= WORKERS;
    if (!w->privileged) {
        return;
    }
    L4_ThreadId_t t = !witness ? worker_ids[i] : i == WORKERS ? client_id : server_id;
    bool halt = !witness && below(w, 2);
    if (halt) {
        set_halted(t, true);
    }
    take_everything();
    strips += L4_SpaceControl(t, KERNEL_STRIP, L4_Nilpage, L4_Nilpage, L4_nilthread) == 1;
    bring_back(w, t, witness);
    if (halt && below(w, 8)) {
        set_halted(t, false);
    }
}
