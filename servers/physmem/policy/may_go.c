/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/may_go.h"

#include "contents/page.h"
#include "contents/task_pages.h"
#include "policy/shield.h"
#include "room/frame.h"

/* What keeps a page in memory whatever it is wanted out for, apart from transfers. */
static bool is_kept(const struct page *p, enum why_go why)
{
    if (p->wired) {
        return true;
    }
    return why == GO_FOR_FRAMES ? shield_covers(p->frame) : !page_is_own(p);
}

bool page_may_go(const struct page *p, enum why_go why)
{
    return p->state == PAGE_IN && !is_kept(p, why);
}

bool frame_may_go(frame_t f)
{
    const struct frame *frame = &frame_table[f];
    return frame->kind == FRAME_PAGE && frame->page && page_may_go(frame->page, GO_FOR_FRAMES);
}

bool page_must_go(const struct page *p)
{
    return page_has_frame(p) && !is_kept(p, GO_FOR_OUTSWAP);
}
