/* SPDX-License-Identifier: BSD-2-Clause */
#include "dispatch.h"

#include "protocol/swap.h"
#include "swap_area.h"
#include "transfer.h"

enum error call_attach(struct call *c)
{
    return swap_area_attach(c->in->mr[1], c->in->mr[2]);
}

enum error call_pull(struct call *c)
{
    transfer_pull(c->in->from);
    c->parked = true;
    return OK;
}

enum error call_done(struct call *c)
{
    return transfer_done(c->in->mr[1], c->in->mr[2] == OK ? OK : ERR_IO, c->in->mr[3]);
}
