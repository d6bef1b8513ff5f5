/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking mappings, or the right to write, away from those who have them, and collecting access
 * status.
 *
 * All of it can stop after any mapping (work.h), and leaves whole trees then: what is derived goes
 * before what it is derived from, and whose mappings those were has got their status.  Who goes on
 * finds what is left by looking again; only a walk that takes nothing away needs its place in the
 * list, which is `walk'. */
#include "mapping_db.h"

#include "arch.h"
#include "io_ports.h"
#include "kdb/counters.h"
#include "kmem.h"
#include "mapping_index.h"
#include "mapping_walk.h"
#include "space.h"
#include "superpage.h"
#include "work.h"

/* Takes everything that a node holds and its ancestors have not seen, except its page's own
 * hardware bits. */
static word_t take_kept(struct mapping *m)
{
    word_t kept = (m->info | m->info >> BELOW_SHIFT) & STATUS_MASK;
    m->info &= ~(uint32_t)STATUS_BOTH;
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
    struct mapping *parent = m->info & NODE_INDEXED ? index_parent(m) : m->prev;
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

/* How many nodes of a list may be done in this step.  A few are done in any case: the search for
 * the first one may have taken all of it, and would again. */
static inline unsigned nodes_most(const struct mapping *first)
{
    enum { LEAST = KERNEL_TESTED ? 1 : 16, LEAST_LONG = KERNEL_TESTED ? 1 : 4, NODE_LOG2 = 7, LONG_LOG2 = 9 };
    bool is_long = list_is_long(first);
    unsigned left = work_over() ? 0 : (unsigned)work_left >> (is_long ? LONG_LOG2 : NODE_LOG2);
    return left + (is_long ? LEAST_LONG : LEAST);
}

/* Takes everything below m away, leaves first.  Returns its status; with UNMAP_MORE if the step is
 * over.  It is node_delete for many nodes, none of which is the first of the list.
 *
 * It may begin anywhere below m, and does so where it has stopped: who always began with m would
 * not get on if the first leaf is very far down. */
static inline word_t delete_below(word_t *head, struct mapping *m)
{
    enum { DOWN_MOST = KERNEL_TESTED ? 3 : 500 };
    struct mapping *first = head_first(head), *d = walk_resume(WALK_DELETE, m, NULL, m->next);
    uint32_t limit = m->info | 0xff, n = 0, down = 0, most = nodes_most(first);
    word_t status = 0, more = 0;
    bool noted = removals_noted != 0, super = (*head & HEAD_SUPER) != 0;
    while (d && d->info > limit) {
        struct mapping *next = d->next, *before = d->prev;
        bool leaf = !next || next->info <= (d->info | 0xff);
        if (!leaf && down++ < DOWN_MOST) {
            d = next;
            continue;
        }
        if (!leaf || n == most) {
            walk_pause(WALK_DELETE, m, NULL, d);
            more = UNMAP_MORE;
            break;
        }
        n++;
        status |= (d->info | d->info >> BELOW_SHIFT | arch_pte_status(*d->pte)) & STATUS_MASK;
        if (noted) {
            node_note_removal(d);
        }
        before->next = next;
        if (next) {
            next->prev = before;
        }
        struct space *payer = arch_pte_clear(d->pte);
        kslab_give(&mapping_slab, d, payer);
        if (super) {
            kmem_move_charge(payer, NULL, SUPERPAGE_RESERVE);
        }
        d = before == m ? next : before;
    }
    if (m->next && m->next->info > limit) {
        more = UNMAP_MORE; /* also where others have been meanwhile */
    }
    first->length -= n * MAPPINGS_ONE;
    counters.unmaps += n;
    work_done((int32_t)(n * WORK_NODE + down * WORK_PASS));
    return status | more;
}

/* Takes everything below m away, with flush also m.  Returns the status. */
static __attribute__((flatten, noinline)) word_t unmap_all(word_t *head, struct mapping *m, bool flush)
{
    word_t status = below(m) | delete_below(head, m), more = status & UNMAP_MORE;
    status &= STATUS_MASK;
    if (removals_noted && !more) {
        index_shrink(head);
    }
    if (more || !flush) {
        return report(m, status) | more;
    }
    status |= arch_pte_status(*m->pte);
    (void)report(m, status);
    keep_above(head, m, take_kept(m));
    node_delete(head, m);
    return status_rights(status);
}

/* ---- walks that take nothing away ---- */

/* Takes the status of everything below m, with flush also of m, and the right to write if rights
 * say so. */
static RARE word_t unmap_some(struct mapping *m, word_t rights, bool flush)
{
    word_t status = below(m);
    uint32_t limit = m->info | 0xff, n = 0, most = nodes_most(NULL);
    for (struct mapping *d = walk_resume(WALK_ASK, m, NULL, m->next); d && d->info > limit;
         d = d->next, n++) {
        if (n == most) {
            work_done((int32_t)n * WORK_NODE);
            walk_pause(WALK_ASK, m, NULL, d);
            return report(m, status) | UNMAP_MORE;
        }
        status |= take_kept(d) | arch_pte_take_status(d->pte);
        if (rights & L4_Writable) {
            revoke_write(d->pte);
        }
    }
    work_done((int32_t)n * WORK_NODE);
    if (flush) {
        status |= arch_pte_take_status(m->pte);
        if (rights & L4_Writable) {
            revoke_write(m->pte);
        }
    }
    return report(m, status);
}

/* unmap_all and unmap_some, without flush, for m with one mapping d derived from it, the only one
 * behind it in its list, and m the first. */
static inline word_t unmap_child(word_t *head, struct mapping *m, struct mapping *d, word_t rights)
{
    word_t kept = d->info | d->info >> BELOW_SHIFT | m->info >> BELOW_SHIFT;
    if (rights != L4_FullyAccessible) {
        d->info &= ~(uint32_t)STATUS_BOTH;
        return report(m, (kept | arch_pte_take_status(d->pte)) & STATUS_MASK);
    }
    word_t status = report(m, (kept | arch_pte_status(*d->pte)) & STATUS_MASK);
    debug_assert(head_first(head) == m && m->next == d && !d->next);
    m->next = NULL;
    m->length = MAPPINGS_ONE + 1;
    kslab_give(&mapping_slab, d, arch_pte_clear(d->pte));
    counters.unmaps++;
    return status;
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

/* A list of devices holds several frames, a tree of each after the other. */
word_t unmap_root(paddr_t frame, word_t rights)
{
    word_t *head = mapping_head(frame), status = 0;
    struct mapping *first = head_first(head), *m = walk_resume(WALK_ASK, head, NULL, first), *next;
    for (unsigned n = 0, most = nodes_most(first); m && !(status & UNMAP_MORE); m = next, n++) {
        if (n >= most) {
            status |= UNMAP_MORE;
            break;
        }
        next = m->next;
        if (arch_pte_frame(*m->pte) != frame) {
            work_done(WORK_PASS);
        } else if (rights == L4_FullyAccessible) {
            struct mapping *before = m->length & 1 ? NULL : m->prev;
            status |= unmap_all(head, m, true);
            work_done(WORK_NODE);
            next = before ? before->next : head_first(head); /* m, if there is more */
        } else {
            word_t taken = take_kept(m) | arch_pte_take_status(m->pte);
            status |= status_rights(taken & STATUS_MASK);
            work_done(WORK_VISIT);
            if (rights & L4_Writable) {
                revoke_write(m->pte);
            }
        }
    }
    status |= status_rights(*head & STATUS_MASK); /* that of what has gone, too */
    *head &= ~(word_t)STATUS_MASK;
    if (status & UNMAP_MORE && m) {
        walk_pause(WALK_ASK, head, NULL, m);
    }
    return status;
}

word_t unmap_frame(vaddr_t address, word_t rights, bool flush)
{
    word_t status;
    if (superpages_exist() &&
        superpage_unmap(sigma0_space, address, (uint64_t)address + PAGE_BYTES, rights, flush, &status)) {
        return status;
    }
    if (!frame_is_users(address)) {
        return 0;
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
    if (!superpages_settled()) {
        return UNMAP_MORE;
    }
    if (!pte || !arch_pte_present(*pte) || arch_pte_kernel_owned(*pte)) {
        return superpages_exist() ? unmap_part(space, address, rights, flush) : 0;
    }
    return unmap_node(pte, rights, flush);
}

word_t unmap_page(struct space *space, vaddr_t address, word_t rights, bool flush)
{
    return space == sigma0_space ? unmap_frame(address, rights, flush)
                                 : unmap_user_page(space, address, rights, flush);
}

/* unmap_page for what begins at a and lies in [a, end): a page, or a whole superpage.  Returns the
 * address behind it, or a again if there is more to do. */
static uint64_t unmap_step(struct space *space, uint64_t a, uint64_t end, word_t rights, bool flush,
                           word_t *status)
{
    word_t more;
    uint64_t behind = (a | ~SUPERPAGE_MASK) + 1;
    work_done(WORK_PAGE);
    if (!superpages_exist() || !superpage_unmap(space, (vaddr_t)a, end, rights, flush, &more)) {
        more = unmap_page(space, (vaddr_t)a, rights, flush);
        behind = a + PAGE_BYTES;
    }
    *status |= more & L4_FullyAccessible;
    return more & UNMAP_MORE ? a : behind;
}

/* The next page that may be mapped, from a on.  sigma0 owns frames, not pages: its addresses are
 * physical, and each of them counts. */
static uint64_t next_page(const struct space *space, uint64_t a)
{
    if (space == sigma0_space || a >= USER_END) {
        return a;
    }
    vaddr_t next = arch_pte_next(space, (vaddr_t)a, false);
    work_done(scan_cost((vaddr_t)a, next));
    return next;
}

RARE bool unmap_range(struct space *space, struct unmapping *u, bool flush)
{
    word_t rights = L4_Rights(u->fpage), log2 = L4_SizeLog2(u->fpage), status = 0;
    if (L4_IsIoFpage(u->fpage)) {
        return unmap_ports(space, u, flush);
    }
    if (log2 != 1 && (log2 < PAGE_BITS || log2 > 32)) {
        return true;
    }
    uint64_t most = space == sigma0_space && log2 != 1 ? 1ull << 32 : USER_END, start = 0, end = most;
    if (log2 != 1) {
        start = L4_Address(u->fpage) & ~(word_t)((1ull << log2) - 1);
        end = start + (1ull << log2) < most ? start + (1ull << log2) : most;
    }
    uint64_t a = (uint64_t)u->next << PAGE_BITS;
    a = a > start ? a : start;
    do { /* one page in any case, so that who begins again and again gets on */
        a = next_page(space, a);
        if (a < end) {
            a = unmap_step(space, a, end, rights, flush, &status);
        }
    } while (a < end && !work_over());
    u->next = (word_t)(a >> PAGE_BITS);
    u->status |= status;
    return a >= end;
}

__attribute__((flatten)) word_t unmap_small(struct space *space, vaddr_t address, word_t rights, bool flush)
{
    pte_t *pte = arch_pte_find(space, address);
    if (!pte || !arch_pte_present(*pte) || arch_pte_kernel_owned(*pte)) {
        return superpages_exist() ? unmap_part(space, address, rights, flush) : 0;
    }
    if (!superpages_settled()) {
        return UNMAP_MORE;
    }
    word_t *head = mapping_head(arch_pte_frame(*pte));
    struct mapping *m = head_first(head), *d = m->next;
    bool quick = m->pte == pte && !flush && d && !d->next && !removals_noted &&
                 (rights == L4_FullyAccessible || !(rights & L4_Writable));
    return quick ? unmap_child(head, m, d, rights) : unmap_node(pte, rights, flush);
}

RARE bool unmap_space(struct space *space, vaddr_t *next)
{
    while (*next < USER_END && !work_over()) {
        vaddr_t a = arch_pte_next(space, *next, true);
        work_done(scan_cost(*next, a) + WORK_PAGE);
        *next = a;
        if (!superpages_settled()) {
            return false;
        }
        pte_t *pte = arch_pte_find(space, a);
        pte = pte || a >= USER_END ? pte : arch_pte_super(space, a, false);
        if (pte && arch_pte_kernel_owned(*pte)) {
            space_remove_page(space, a, pte);
        } else if (pte && arch_pte_present(*pte) &&
                   (unmap_node(pte, L4_FullyAccessible, true) & UNMAP_MORE)) {
            return false;
        }
        *next += a < USER_END ? PAGE_BYTES : 0;
    }
    return *next >= USER_END;
}
