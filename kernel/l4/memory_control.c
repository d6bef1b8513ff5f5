/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory_control.h"

#include "arch.h"
#include "kmem.h"
#include "l4/kernel_memory.h"
#include "mapping_db.h"
#include "memory_type.h"
#include "schedule.h"
#include "work.h"

/* How far the last call is, if it is not over.  Any other call, whoever makes it, takes its place:
 * so nothing that this one has done has changed when it goes on. */
static struct memory_call {
    const struct tcb *caller; /* NULL: there is none */
    word_t control, fpage;    /* its own, and the fpage that it is at */
    word_t item;              /* the number of that */
    word_t next;              /* the offset of the next frame of it to be lent or taken back */
    struct type_progress type;
    bool types_changed;
} stopped;

/* Unmapping comes first: it may split a superpage, and must not take this very page for that. */
static word_t lend(paddr_t frame)
{
    void *page = arch_kernel_address(frame);
    if (kmem_owned(page)) {
        return L4_ErrInvalidParam;
    }
    if (unmap_page(sigma0_space, frame, L4_FullyAccessible, true) & UNMAP_MORE) {
        return MEMORY_MORE;
    }
    bool lent = kmem_lend(page);
    assert(!lent || kmem_owned(page));
    return lent ? 0 : L4_ErrInvalidParam;
}

static word_t reclaim(paddr_t frame)
{
    work_done(WORK_TABLE);
    return kmem_reclaim(arch_kernel_address(frame)) ? 0 : L4_ErrInvalidParam;
}

static word_t lend_or_reclaim(paddr_t first, paddr_t last, word_t attribute, word_t *next)
{
    word_t error = 0;
    for (word_t a = *next; a <= last - first && !error; a += PAGE_BYTES) {
        *next = a;
        if (work_over()) {
            return MEMORY_MORE;
        }
        work_done(WORK_PAGE);
        error = attribute == KERNEL_MEMORY_LEND ? lend(first + a) : reclaim(first + a);
    }
    return error;
}

static word_t do_fpage(struct memory_control *c, L4_Fpage_t fpage, struct memory_call *at)
{
    word_t attribute = c->attribute[fpage.raw & 3], log2 = L4_SizeLog2(fpage);
    bool lending = attribute == KERNEL_MEMORY_LEND || attribute == KERNEL_MEMORY_RECLAIM;
    word_t type = lending ? 0 : arch_memory_type(attribute);
    if (type == ~0u) {
        return L4_ErrInvalidParam;
    }
    if (L4_IsNilFpage(fpage)) {
        return 0;
    }
    bool whole = log2 == 1 && !lending;
    if ((log2 < PAGE_BITS || log2 > 31) && !whole) {
        return L4_ErrInvalidParam;
    }
    paddr_t mask = whole ? ~0u : (1u << log2) - 1, first = L4_Address(fpage) & ~mask;
    if (lending) {
        return lend_or_reclaim(first, first | mask, attribute, &at->next);
    }
    enum map_result result = memory_type_set(first, first | mask, type, &at->type);
    at->types_changed = at->types_changed || at->type.part != TYPE_BEGINS;
    return result == MAP_OK ? 0 : result == MAP_MORE ? MEMORY_MORE : (word_t)L4_ErrNoMem;
}

/* Is this the call that has stopped? */
static bool goes_on(const struct tcb *caller, const struct memory_control *c)
{
    return stopped.caller == caller && stopped.control == c->control && stopped.item <= c->control &&
           stopped.fpage == caller->utcb[stopped.item];
}

static word_t stop(struct tcb *caller, const struct memory_control *c, const struct memory_call *at)
{
    stopped = *at;
    stopped.caller = caller;
    stopped.control = c->control;
    stopped.fpage = caller->utcb[at->item];
    caller->continuing = CONTINUES_REAPING; /* at nothing, perhaps */
    schedule_look_closely();
    return MEMORY_MORE;
}

word_t memory_control(struct tcb *caller, struct memory_control *c)
{
    if (!caller->space->privileged) {
        return L4_ErrNoPrivilege;
    }
    if (caller->space != sigma0_space || c->control >= UTCB_MR_COUNT) {
        return L4_ErrInvalidParam;
    }
    word_t error = 0;
    struct memory_call at = {0};
    work_begin();
    if (goes_on(caller, c)) {
        at = stopped;
    } else {
        unmap_begin();
    }
    stopped.caller = NULL;
    while (at.item <= c->control && (error = do_fpage(c, (L4_Fpage_t){caller->utcb[at.item]}, &at)) == 0) {
        at = (struct memory_call){.item = at.item + 1, .types_changed = at.types_changed};
    }
    if (error == MEMORY_MORE) {
        return stop(caller, c, &at);
    }
    c->types_changed = at.types_changed;
    c->pages_free = kmem_pages_free();
    c->pages_for_mappings = kmem_pages_for_mappings();
    c->pages_total = kmem_pages_total();
    c->pages_lent = kmem_pages_lent();
    return error;
}

word_t memory_quota(struct tcb *of, word_t control)
{
    if (!(control & KERNEL_QUOTA)) {
        return 0;
    }
    word_t old = of->space->kmem_quota, kib = control & KERNEL_QUOTA_NONE;
    word_t watched = of->space->watched ? KERNEL_WATCH : 0;
    of->space->kmem_quota = kib == KERNEL_QUOTA_NONE ? KMEM_NO_QUOTA : kib << 10;
    of->space->watched = (control & KERNEL_WATCH) != 0;
    return KERNEL_QUOTA | watched | (old == KMEM_NO_QUOTA ? KERNEL_QUOTA_NONE : old >> 10);
}
