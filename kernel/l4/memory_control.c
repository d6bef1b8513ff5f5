/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory_control.h"

#include "arch.h"
#include "kmem.h"
#include "l4/kernel_memory.h"
#include "mapping_db.h"

enum { DEFAULT = 0 }; /* the attribute that every page has */

/* Unmapping comes first: it may split a superpage, and must not take this very page for that. */
static bool lend(paddr_t frame)
{
    void *page = arch_kernel_address(frame);
    if (kmem_owned(page)) {
        return false;
    }
    (void)unmap_page(sigma0_space, frame, L4_FullyAccessible, true);
    return kmem_lend(page);
}

static bool do_fpage(L4_Fpage_t fpage, word_t attribute)
{
    word_t log2 = L4_SizeLog2(fpage);
    if (L4_IsNilFpage(fpage)) {
        return true;
    }
    if (log2 < PAGE_BITS || log2 > 31) {
        return false;
    }
    paddr_t first = L4_Address(fpage) & ~((1u << log2) - 1);
    for (word_t offset = 0; offset >> log2 == 0; offset += PAGE_BYTES) {
        bool done = attribute == KERNEL_MEMORY_LEND ? lend(first + offset)
                                                    : kmem_reclaim(arch_kernel_address(first + offset));
        if (!done) {
            return false;
        }
    }
    return true;
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
        L4_Fpage_t fpage = {caller->utcb[i]};
        word_t attribute = c->attribute[fpage.raw & 3];
        bool known = attribute == KERNEL_MEMORY_LEND || attribute == KERNEL_MEMORY_RECLAIM;
        bool done = attribute == DEFAULT || (known && do_fpage(fpage, attribute));
        error = done ? 0 : L4_ErrInvalidParam;
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
    of->space->kmem_quota = kib == KERNEL_QUOTA_NONE ? KMEM_NO_QUOTA : kib << 10;
    return KERNEL_QUOTA | (old == KMEM_NO_QUOTA ? KERNEL_QUOTA_NONE : old >> 10);
}
