/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking mappings, or the right to write, away from those who have them, and collecting access
 * status. */
#include "mapping_db.h"

#include "arch.h"
#include "io_ports.h"
#include "kdb/counters.h"
#include "kmem.h"
#include "mapping_db_priv.h"
#include "space.h"
#include "superpage.h"

/* Takes everything that a node holds and its ancestors have not seen, except its page's own
 * hardware bits. */
static word_t take_kept(struct mapping *m)
{
    word_t kept = (m->info | m->info >> BELOW_SHIFT) & STATUS_MASK;
    m->info &= ~(uint32_t)0xff;
    return kept;
}

/* An access status as L4 rights bits.  Dirty means written, and whoever can write can do everything
 * here. */
static word_t status_rights(word_t status)
{
    enum { READ = L4_Readable | L4_eXecutable, ALL = L4_FullyAccessible };
    static const uint8_t rights[STATUS_MASK + 1] = {
        [STATUS_ACCESSED] = READ, [STATUS_DIRTY] = ALL, [STATUS_ACCESSED | STATUS_DIRTY] = ALL};
    return rights[status];
}

/* Takes a node and its page-table entry away. */
static void node_delete(word_t *head, struct mapping *m)
{
    debug_assert(arch_pte_present(*m->pte) && !arch_pte_kernel_owned(*m->pte));
    node_remove(head, m);
    struct space *payer = arch_pte_clear(m->pte);
    kslab_give(&mapping_slab, m, payer);
    if (*head & HEAD_SUPER) {
        kmem_move_charge(payer, NULL, SUPERPAGE_RESERVE);
    }
    counters.unmaps++;
}

/* Status that disappears with m, or that the space above has not seen, goes to the node above. */
static void keep_above(word_t *head, const struct mapping *m, word_t status)
{
    uint32_t d = depth(m);
    if (d == 1) {
        *head |= status;
        return;
    }
    debug_assert(d > 1 && !(m->length & 1)); /* not the first of its list */
    struct mapping *parent = m->prev;
    while (depth(parent) >= d) {
        parent = parent->prev;
    }
    parent->info |= status << BELOW_SHIFT;
}

static void revoke_write(pte_t *pte)
{
    arch_pte_set_rights(pte, arch_pte_rights(*pte) & ~(word_t)L4_Writable);
}

/* The status of mappings below m that have gone, of which m's space has not been told. */
static word_t below(const struct mapping *m)
{
    return m->info >> BELOW_SHIFT & STATUS_MASK;
}

/* m's space is told the status now, but nobody above it. */
static word_t report(struct mapping *m, word_t status)
{
    debug_assert((status & ~(word_t)STATUS_MASK) == 0);
    m->info = (m->info & ~(uint32_t)(STATUS_MASK << BELOW_SHIFT)) | status;
    return status_rights(status);
}

/* Takes everything below m away, with flush also m.  Returns the status. */
static word_t unmap_all(word_t *head, struct mapping *m, bool flush)
{
    word_t status = below(m);
    uint32_t limit = m->info | 0xff;
    for (struct mapping *d = m->next, *next; d && d->info > limit; d = next) {
        next = d->next;
        status |= take_kept(d) | arch_pte_status(*d->pte);
        node_delete(head, d);
    }
    if (!flush) {
        return report(m, status);
    }
    status |= arch_pte_status(*m->pte);
    (void)report(m, status);
    keep_above(head, m, take_kept(m));
    node_delete(head, m);
    return status_rights(status);
}

/* Takes the status of everything below m, with flush also of m, and the right to write if rights
 * say so. */
static word_t unmap_some(struct mapping *m, word_t rights, bool flush)
{
    word_t status = below(m);
    uint32_t limit = m->info | 0xff;
    for (struct mapping *d = m->next; d && d->info > limit; d = d->next) {
        status |= take_kept(d) | arch_pte_take_status(d->pte);
        if (rights & L4_Writable) {
            revoke_write(d->pte);
        }
    }
    if (flush) {
        status |= arch_pte_take_status(m->pte);
        if (rights & L4_Writable) {
            revoke_write(m->pte);
        }
    }
    return report(m, status);
}

static inline word_t unmap_node(pte_t *pte, word_t rights, bool flush)
{
    word_t *head = mapping_head(arch_pte_frame(*pte));
    struct mapping *m = node_in(head, pte);
    return rights == L4_FullyAccessible ? unmap_all(head, m, flush) : unmap_some(m, rights, flush);
}

RARE word_t unmap_entry(pte_t *pte, word_t rights, bool flush)
{
    return unmap_node(pte, rights, flush);
}

/* A device list holds several frames. */
word_t unmap_root(paddr_t frame, word_t rights)
{
    word_t *head = mapping_head(frame);
    word_t status = *head & STATUS_MASK;
    *head &= ~(word_t)STATUS_MASK;
    for (struct mapping *m = head_first(head), *next; m; m = next) {
        next = m->next;
        if (arch_pte_frame(*m->pte) != frame) {
            continue;
        }
        status |= take_kept(m) | arch_pte_take_status(m->pte);
        if (rights == L4_FullyAccessible) {
            node_delete(head, m);
        } else if (rights & L4_Writable) {
            revoke_write(m->pte);
        }
    }
    return status_rights(status);
}

static RARE word_t unmap_sigma0_page(vaddr_t address, word_t rights, bool flush)
{
    word_t status;
    if (superpages_exist() &&
        superpage_unmap(sigma0_space, address, (uint64_t)address + PAGE_BYTES, rights, flush, &status)) {
        return status;
    }
    pte_t *pte = arch_pte_find(sigma0_space, address);
    if (flush && rights == L4_FullyAccessible && pte && arch_pte_present(*pte) &&
        !arch_pte_kernel_owned(*pte)) {
        (void)arch_pte_clear(pte);
    }
    return unmap_root(address & PAGE_MASK, rights);
}

/* unmap_page where no small page is: there is a part of a superpage, or nothing. */
static RARE word_t unmap_part(struct space *space, vaddr_t address, word_t rights, bool flush)
{
    word_t status = 0;
    if (superpage_unmap(space, address, (uint64_t)address + PAGE_BYTES, rights, flush, &status)) {
        return status;
    }
    pte_t *pte = arch_pte_find(space, address); /* split */
    bool user = pte && arch_pte_present(*pte) && !arch_pte_kernel_owned(*pte);
    return user ? unmap_node(pte, rights, flush) : 0;
}

/* unmap_page for any space but sigma0's. */
static inline word_t unmap_user_page(struct space *space, vaddr_t address, word_t rights, bool flush)
{
    pte_t *pte = arch_pte_find(space, address);
    if (!pte || !arch_pte_present(*pte) || arch_pte_kernel_owned(*pte)) {
        return superpages_exist() ? unmap_part(space, address, rights, flush) : 0;
    }
    return unmap_node(pte, rights, flush);
}

word_t unmap_page(struct space *space, vaddr_t address, word_t rights, bool flush)
{
    return space == sigma0_space ? unmap_sigma0_page(address, rights, flush)
                                 : unmap_user_page(space, address, rights, flush);
}

/* unmap_page for what begins at a and lies in [a, end): a page, or a whole superpage.  Returns the
 * address behind it. */
static uint64_t unmap_step(struct space *space, uint64_t a, uint64_t end, word_t rights, bool flush,
                           word_t *status)
{
    word_t more;
    if (superpages_exist() && superpage_unmap(space, (vaddr_t)a, end, rights, flush, &more)) {
        *status |= more;
        return (a | ~SUPERPAGE_MASK) + 1;
    }
    *status |= unmap_page(space, (vaddr_t)a, rights, flush);
    return a + PAGE_BYTES;
}

/* unmap_fpage for an fpage of any size. */
static RARE word_t unmap_range(struct space *space, L4_Fpage_t fpage, bool flush)
{
    word_t rights = L4_Rights(fpage), log2 = L4_SizeLog2(fpage), status = 0;
    uint64_t start, end;
    if (L4_IsIoFpage(fpage)) {
        unmap_ports(space, fpage, flush);
        return 0;
    }
    if (log2 == 1) {
        start = 0;
        end = USER_END;
    } else if (log2 < PAGE_BITS || log2 > 32) {
        return 0;
    } else {
        start = L4_Address(fpage) & ~(word_t)((1ull << log2) - 1);
        end = start + (1ull << log2);
    }
    if (space == sigma0_space) { /* it owns frames, not pages: these are physical addresses */
        for (uint64_t a = start; a < end;) {
            a = unmap_step(space, a, end, rights, flush, &status);
        }
        return status;
    }
    if (end > USER_END) {
        end = USER_END;
    }
    for (uint64_t a = start; (a = arch_pte_next(space, (vaddr_t)a)) < end;) {
        a = unmap_step(space, a, end, rights, flush, &status);
    }
    return status;
}

word_t unmap_fpage(struct space *space, L4_Fpage_t fpage, bool flush)
{
    if (L4_SizeLog2(fpage) == PAGE_BITS && space != sigma0_space) {
        return unmap_user_page(space, fpage.raw & PAGE_MASK, L4_Rights(fpage), flush);
    }
    return unmap_range(space, fpage, flush);
}

void unmap_space(struct space *space)
{
    for (vaddr_t a = arch_pte_next(space, 0); a < USER_END; a = arch_pte_next(space, a + PAGE_BYTES)) {
        if (space == sigma0_space) {
            (void)arch_pte_clear(arch_pte_find(space, a));
        } else {
            pte_t *pte = arch_pte_find(space, a);
            (void)unmap_node(pte ? pte : arch_pte_super(space, a, false), L4_FullyAccessible, true);
        }
    }
}
