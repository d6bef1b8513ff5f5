/* SPDX-License-Identifier: BSD-2-Clause */
/* What the swap driver says (lib/protocol/swap.h).  dispatch.c lets nobody else through. */
#include "calls/dispatch.h"

#include "ground/platform.h"
#include "protocol/swap.h"
#include "swap/driver.h"
#include "swap/swap_area.h"
#include "swap/transfer.h"

enum error call_attach(struct call *c)
{
    return driver_attach(c->in->mr[1], c->in->mr[2]);
}

enum error call_no_disk(struct call *c)
{
    (void)c;
    return swap_area_give_up();
}

enum error call_pull(struct call *c)
{
    transfer_pull(c->in->from);
    c->parked = true;
    return OK;
}

enum error call_bounce_map(struct call *c)
{
    L4_Word_t address = c->in->mr[2];
    if (address % PAGE_SIZE != 0 || address < TASK_REGIONS_BASE ||
        address >= TASK_REGIONS_END - (SWAP_BOUNCE_MAX << PAGE_SHIFT)) {
        return ERR_ARGUMENT;
    }
    const struct request *r = transfer_lend(c->in->mr[1]);
    if (!r || r->slots > SWAP_BOUNCE_MAX) {
        return ERR_ARGUMENT;
    }
    L4_Word_t rights = r->op == SWAP_READ ? L4_ReadWriteOnly : L4_Readable;
    struct message *m = c->reply;
    for (uint32_t i = 0; i < r->slots; i++) {
        L4_Fpage_t page = L4_FpageLog2(transfer_frame(r, i) << PAGE_SHIFT, PAGE_SHIFT);
        m->mr[3 + m->typed_words] = (address + (i << PAGE_SHIFT)) | L4_ITEM_MAP;
        m->mr[4 + m->typed_words] = L4_FpageAddRights(page, rights).raw;
        m->typed_words += 2;
    }
    call_result(c, r->slots);
    return OK;
}

enum error call_done(struct call *c)
{
    return driver_report(c->in->mr[1], c->in->mr[2] == OK ? OK : ERR_IO, c->in->mr[3]);
}

enum error call_next(struct call *c)
{
    enum error e = call_done(c);
    if (e == OK && !transfer_is_under_way()) {
        transfer_work(c->in->from);
        c->parked = true;
    }
    return e;
}
