/* SPDX-License-Identifier: BSD-2-Clause */
#include "strip.h"

#include "arch.h"
#include "kip_page.h"
#include "kmem.h"
#include "tcb.h"
#include "work.h"

#include <string.h>

/* So many, that strip and restore stay one short step; and a sigma0 that keeps eight pages free can
 * always restore. */
enum { THREADS_MOST = 32, UTCB_PAGES_MOST = 4 };

struct utcb {
    char bytes[UTCB_SIZE];
};
struct kslab utcb_slab = KSLAB_UNCLEARED(struct utcb);

static struct utcb *utcb_of(const struct tcb *t)
{
    return (struct utcb *)(void *)((char *)t->utcb - UTCB_MR0_OFFSET);
}

static void use_utcb(struct tcb *t, struct utcb *u)
{
    t->utcb = (word_t *)(void *)(u->bytes + UTCB_MR0_OFFSET);
}

/* ---- strip ---- */

static bool is_at_rest(const struct tcb *t)
{
    return !t->peer && !t->continuing && (t->state != THREAD_READY || t->halted);
}

static bool all_at_rest(const struct space *space)
{
    const struct tcb *t = space->threads;
    while (t && is_at_rest(t)) {
        t = t->space_next;
    }
    return !t;
}

/* The KIP and the first pages of UTCBs: what may be mapped, and no more. */
static word_t kernel_pages(const struct space *space)
{
    word_t count = 1;
    for (vaddr_t i = 0; i < UTCB_PAGES_MOST && i << PAGE_BITS >> space->utcb_log2 == 0; i++) {
        const pte_t *pte = arch_pte_find(space, space->utcb_base + (i << PAGE_BITS));
        count += pte && arch_pte_kernel_owned(*pte);
    }
    return count;
}

/* Room for so many UTCBs, in a list through their first words.  Nobody is charged: the space will
 * be, when it has given back more. */
static bool take_room(word_t count, void **list)
{
    for (*list = NULL; count > 0; count--) {
        void **room = kslab_alloc(&utcb_slab, NULL);
        if (!room) {
            while ((room = *list) != NULL) {
                *list = *room;
                kslab_free(&utcb_slab, room, NULL);
            }
            return false;
        }
        *room = *list;
        *list = room;
    }
    return true;
}

/* A thread that has ended and is still there for those who wait for it keeps nothing. */
static word_t active_threads(const struct space *space)
{
    word_t count = 0;
    for (struct tcb *t = space->threads; t; t = t->space_next) {
        if (!tcb_active(t)) {
            t->utcb = NULL;
        }
        count += t->utcb != NULL;
    }
    return count;
}

static void pack(struct space *space, void *room)
{
    for (struct tcb *t = space->threads; t; t = t->space_next) {
        t->redirected = true;
        if (t->utcb) {
            struct utcb *u = room;
            assert(u);
            room = *(void **)room;
            *u = *utcb_of(t);
            use_utcb(t, u);
        }
    }
}

static void use_directory(struct space *space)
{
    for (struct tcb *t = space->threads; t; t = t->space_next) {
        t->cr3 = arch_space_root(space);
    }
}

RARE word_t space_strip(struct space *space)
{
    void *room;
    if (space->stripped) {
        return 0;
    }
    if (!space_initialised(space) || space->thread_count > THREADS_MOST || !all_at_rest(space) ||
        arch_space_entries(space) != kernel_pages(space)) {
        return L4_ErrInvalidParam;
    }
    word_t count = active_threads(space);
    if (!take_room(count, &room)) {
        return L4_ErrNoMem;
    }
    /* from here on nothing fails */
    pack(space, room);
    space_remove_first_pages(space);
    arch_space_destroy(space);
    kmem_move_charge(NULL, space, count * UTCB_SIZE);
    space->utcb_page = (char *)kip_page();
    space->stripped = true;
    use_directory(space);
    return 0;
}

/* ---- restore ---- */

/* The directory, one or two page tables, and those pages of UTCBs that are in use. */
static word_t pages_wanted(const struct space *space)
{
    word_t seen = 0, count = 2 + ((space->kip_base ^ space->utcb_base) >> SUPERPAGE_BITS != 0);
    for (const struct tcb *t = space->threads; t; t = t->space_next) {
        word_t bit = 1u << ((t->local_id - space->utcb_base) >> PAGE_BITS & 31);
        count += t->utcb && !(seen & bit);
        seen |= t->utcb ? bit : 0;
    }
    return count;
}

static void unpack(struct space *space, struct tcb *t)
{
    struct utcb *u = utcb_of(t);
    vaddr_t at = t->local_id - UTCB_MR0_OFFSET;
    const pte_t *pte = arch_pte_make(space, at);
    t->utcb = pte ? space_utcb_map(space, at) : NULL;
    assert(t->utcb);
    *utcb_of(t) = *u;
    kslab_free(&utcb_slab, u, space);
}

RARE bool space_restore(struct space *space)
{
    word_t wanted = pages_wanted(space), quota = space->kmem_quota;
    assert(space->stripped);
    if (kmem_pages_free() < wanted) {
        return false;
    }
    space->kmem_quota = KMEM_NO_QUOTA;
    space->stripped = false;
    bool done = arch_space_init(space) && space_map_kip(space);
    assert(done);
    use_directory(space);
    for (struct tcb *t = space->threads; t; t = t->space_next) {
        t->redirected = space->redirector != 0;
        if (t->utcb) {
            unpack(space, t);
        }
    }
    space->kmem_quota = quota;
    work_done((int32_t)wanted * WORK_TABLE);
    return true;
}

/* ---- while it is stripped ---- */

RARE bool strip_covers(const struct space *space, vaddr_t address)
{
    return space->stripped &&
           (address - space->kip_base < PAGE_BYTES || (address - space->utcb_base) >> space->utcb_log2 == 0);
}

RARE word_t *strip_find(const struct space *space, word_t local_id)
{
    const struct tcb *t = space->threads;
    while (t && (t->local_id != local_id || !t->utcb)) {
        t = t->space_next;
    }
    return t ? t->utcb : NULL;
}

RARE void strip_leave(struct tcb *t)
{
    kslab_free(&utcb_slab, utcb_of(t), t->space);
    t->utcb = NULL;
}
