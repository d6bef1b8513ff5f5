/* SPDX-License-Identifier: BSD-2-Clause */
#include "unmap_call.h"

#include "arch.h"
#include "kdb/trace.h"
#include "l4/kernel_memory.h"
#include "mapping_db.h"
#include "schedule.h"
#include "space.h"
#include "work.h"

enum { COUNT_MASK = 0x3f, FLUSH = 0x40 };

static word_t items(word_t control)
{
    return (control & COUNT_MASK) + 1;
}

static void item_done(struct tcb *t, word_t item, L4_Fpage_t f, word_t status, bool flush)
{
    t->utcb[item] = (f.raw & ~(word_t)L4_FullyAccessible) | status;
    trace(TRACE_UNMAP, flush ? TRACE_FLUSH : 0u, t->global_id, f.raw, status);
}

/* t has done its step; `now' is the item that it goes on with. */
static RARE void pause(struct tcb *t, word_t item, word_t control, struct unmapping now)
{
    t->unmap = (struct unmap_call){.now = now, .item = (uint8_t)item, .control = control};
    t->continuing = CONTINUES_UNMAP;
    schedule_look_closely();
}

/* An item that is not one small page, or goes on.  false: the step is over, and t paused. */
static RARE bool run_long(struct tcb *t, word_t item, word_t control, struct unmapping u)
{
    bool flush = (control & FLUSH) != 0;
    if (!unmap_range(t->space, &u, flush)) {
        pause(t, item, control, u);
        return false;
    }
    item_done(t, item, u.fpage, u.status, flush);
    return true;
}

static inline word_t unmap_one(struct space *space, vaddr_t address, word_t rights, bool flush)
{
    if (space != sigma0_space) {
        return unmap_small(space, address, rights, flush);
    }
    work_done(WORK_PAGE);
    return unmap_frame(address, rights, flush);
}

/* The items from `item' on, none of which has begun.  false: the step is over, and t paused. */
static __attribute__((noinline)) bool run(struct tcb *t, word_t item, word_t control)
{
    bool flush = (control & FLUSH) != 0;
    for (word_t count = items(control); item < count; item++) {
        L4_Fpage_t f = {t->utcb[item]};
        if (work_over()) {
            pause(t, item, control, (struct unmapping){.fpage = f});
            return false;
        }
        if (L4_SizeLog2(f) != PAGE_BITS) {
            if (!run_long(t, item, control, (struct unmapping){.fpage = f})) {
                return false;
            }
            continue;
        }
        word_t status = unmap_one(t->space, f.raw & PAGE_MASK, L4_Rights(f), flush);
        if (status & UNMAP_MORE) {
            pause(t, item, control, (struct unmapping){.fpage = f, .status = status & L4_FullyAccessible});
            return false;
        }
        item_done(t, item, f, status, flush);
    }
    return true;
}

bool unmap_system_call(struct tcb *t, word_t control)
{
    work_begin();
    unmap_begin();
    return run(t, 0, control);
}

/* A step of those that sigma0 allows the call is over.  Returns whether it was the last one. */
static bool last_step(const struct tcb *t, struct unmap_call *c)
{
    if (t->space != sigma0_space || !(c->control & KERNEL_UNMAP_STEPS)) {
        return false;
    }
    c->control -= KERNEL_UNMAP_STEP;
    return !(c->control & KERNEL_UNMAP_STEPS);
}

/* The call ends; the items that are not done say so. */
static void end_early(struct tcb *t, const struct unmap_call *c)
{
    word_t status = c->now.status;
    for (word_t item = c->item; item < items(c->control); item++, status = 0) {
        t->utcb[item] = (t->utcb[item] & ~(word_t)L4_FullyAccessible) | status | KERNEL_UNMAP_MORE;
    }
    unmap_begin(); /* where it stands in a list is of no use to another call */
    arch_unmap_return(t, c->control);
}

RARE void unmap_continue(struct tcb *t)
{
    struct unmap_call c = t->unmap;
    assert(t == current && t->continuing == CONTINUES_UNMAP && c.item < items(c.control));
    t->continuing = CONTINUES_NOTHING;
    if (last_step(t, &c)) {
        end_early(t, &c);
    } else if (run_long(t, c.item, c.control, c.now) && run(t, c.item + 1u, c.control)) {
        arch_unmap_return(t, c.control);
    }
}

RARE void unmap_cut(struct tcb *t)
{
    if (t->continuing == CONTINUES_UNMAP) {
        schedule_remove(t);
        t->continuing = CONTINUES_NOTHING;
        arch_unmap_return(t, t->unmap.control);
        schedule_wake(t);
    }
}
