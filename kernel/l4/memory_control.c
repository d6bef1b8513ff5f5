/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory_control.h"

#include "arch.h"
#include "kmem.h"
#include "l4/kernel_memory.h"
#include "mapping_db.h"
#include "memory_type.h"
#include "work.h"

/* Unmapping comes first: it may split a superpage, and must not take this very page for that.  It
 * is done in one go: sigma0 lends pages that nobody has, or waits for its own sake. */
static bool lend(paddr_t frame)
{
    void *page = arch_kernel_address(frame);
    if (kmem_owned(page)) {
        return false;
    }
    while (unmap_page(sigma0_space, frame, L4_FullyAccessible, true) & UNMAP_MORE) {
        work_begin();
    }
    bool lent = kmem_lend(page);
    assert(!lent || kmem_owned(page));
    return lent;
}

static word_t lend_or_reclaim(paddr_t first, paddr_t last, word_t attribute)
{
    for (paddr_t a = first; a - first <= last - first; a += PAGE_BYTES) {
        bool done = attribute == KERNEL_MEMORY_LEND ? lend(a) : kmem_reclaim(arch_kernel_address(a));
        if (!done) {
            return L4_ErrInvalidParam;
        }
    }
    return 0;
}

static word_t do_fpage(struct memory_control *c, L4_Fpage_t fpage)
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
        return lend_or_reclaim(first, first | mask, attribute);
    }
    if (!memory_type_set(first, first | mask, type)) {
        return L4_ErrNoMem;
    }
    c->types_changed = true;
    return 0;
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
    for (word_t i = 0; i <= c->control && !error; i++) {
        error = do_fpage(c, (L4_Fpage_t){caller->utcb[i]});
    }
    c->pages_free = kmem_pages_free();
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
