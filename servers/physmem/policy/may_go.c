/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/may_go.h"

#include "contents/container.h"
#include "contents/page.h"
#include "policy/shield.h"
#include "room/frame.h"

static bool is_at_home(frame_t f, const struct task *t)
{
    return page_is_paid_for(f) && container_of_home(frame_table[f].home)->owner == t;
}

/* Others who use a page are sure of it for as long as it is shielded. */
static bool is_kept_from(frame_t f, const struct task *outswap)
{
    return !is_at_home(f, outswap) || (page_is_shared(f) && shield_covers(f));
}

bool page_may_go(frame_t f, const struct task *outswap)
{
    if (frame_table[f].state != PAGE_IN || frame_table[f].wired || page_is_nobodys(f)) {
        return false;
    }
    return outswap ? !is_kept_from(f, outswap) : !shield_covers(f);
}

bool frame_may_go(frame_t f)
{
    return frame_table[f].kind == FRAME_PAGE && page_may_go(f, NULL);
}

bool page_must_go(frame_t f, const struct task *outswap)
{
    return !frame_table[f].wired && is_at_home(f, outswap);
}
