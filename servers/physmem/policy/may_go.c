/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/may_go.h"

#include "contents/container.h"
#include "contents/page.h"
#include "policy/shield.h"
#include "room/frame.h"

static bool is_at_home(const struct page *p, const struct task *t)
{
    return p->home && container_of_home(p->home)->owner == t;
}

/* Others who use a page are sure of it for as long as it is shielded. */
static bool is_kept_from(const struct page *p, const struct task *outswap)
{
    return !is_at_home(p, outswap) || (p->refs > 1 && shield_covers(p->frame));
}

bool page_may_go(const struct page *p, const struct task *outswap)
{
    if (p->state != PAGE_IN || p->wired) {
        return false;
    }
    return outswap ? !is_kept_from(p, outswap) : !shield_covers(p->frame);
}

bool frame_may_go(frame_t f)
{
    const struct frame *frame = &frame_table[f];
    return frame->kind == FRAME_PAGE && frame->page && page_may_go(frame->page, NULL);
}

bool page_must_go(const struct page *p, const struct task *outswap)
{
    return page_has_frame(p) && !p->wired && is_at_home(p, outswap);
}
