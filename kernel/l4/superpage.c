/* SPDX-License-Identifier: BSD-2-Clause */
#include "superpage.h"

#include "arch.h"
#include "kip_page.h"
#include "kmem.h"
#include "mapping_index.h"
#include "memory_type.h"
#include "space.h"

enum {
    FRAMES = SUPERPAGE_BYTES / PAGE_BYTES,
    /* a page table, and the slabs of FRAMES nodes */
    SPLIT_PAGES = 1 + FRAMES * sizeof(struct mapping) / PAGE_BYTES,
};

size_t big_superframes;

/* The descriptor of a superframe's first frame.  NULL: it is not all RAM. */
static struct kpage *super_frames(paddr_t frame)
{
    size_t number = (frame & SUPERPAGE_MASK) >> PAGE_BITS;
    return number + FRAMES <= frame_count ? &frames[number] : NULL;
}

/* The head of its list; it is users'. */
static word_t *super_head(paddr_t frame)
{
    struct kpage *first = super_frames(frame);
    debug_assert(first && first->state == KPAGE_USER);
    return &first->head;
}

static bool is_big(const struct kpage *first)
{
    return first->state == KPAGE_USER && first->head & HEAD_SUPER;
}

bool superframe_big(paddr_t frame)
{
    const struct kpage *first = super_frames(frame);
    return first && is_big(first);
}

bool superframe_usable(paddr_t frame)
{
    const struct kpage *f = super_frames(frame);
    if (!f) {
        return false;
    }
    if (is_big(f) && head_first(&f->head)) {
        return true;
    }
    if (memory_typed(frame, frame | ~SUPERPAGE_MASK)) {
        return false;
    }
    for (paddr_t i = 0; i < FRAMES; i++) {
        if (!arch_frame_allowed(frame + (i << PAGE_BITS)) || head_first(&f[i].head)) {
            return false;
        }
    }
    return true;
}

void superframe_use(paddr_t frame)
{
    if (!superframe_big(frame)) {
        word_t *head = super_head(frame);
        assert(!head_first(head));
        *head |= HEAD_SUPER;
        big_superframes++;
    }
}

/* The status of its first head is nobody's but that frame's. */
static void superframe_release(word_t *head)
{
    assert((*head & HEAD_SUPER) && big_superframes > 0);
    *head &= ~(word_t)HEAD_SUPER;
    big_superframes--;
}

/* Is there memory to split all mappings of a superframe, whose first is m? */
static bool affordable(const struct mapping *m)
{
    size_t pages = 0;
    for (; m; m = m->next) {
        pages += SPLIT_PAGES;
    }
    return pages <= kmem_pages_free();
}

/* Makes nodes like those of the first frame for another frame, whose list is empty. */
static void copy_list(const word_t *from, word_t *to, size_t index)
{
    struct mapping *last = NULL;
    for (const struct mapping *m = head_first(from); m; m = m->next) {
        struct mapping *copy = kslab_alloc(&mapping_slab, NULL); /* charged already */
        assert(copy);
        *copy = (struct mapping){.length = m->length, .pte = m->pte + index, .info = m->info};
        if (last) {
            copy->prev = last;
            last->next = copy;
        } else {
            *to |= (word_t)(uintptr_t)copy;
        }
        last = copy;
    }
    *to |= *from & STATUS_MASK;
}

static bool superframe_split(paddr_t frame)
{
    struct kpage *f = super_frames(frame);
    word_t *head = super_head(frame);
    if (!affordable(head_first(head))) {
        return false;
    }
    for (struct mapping *m = head_first(head); m; m = m->next) {
        m->pte = arch_pte_split(m->pte);
        assert(m->pte);
    }
    for (size_t i = 1; i < FRAMES; i++) {
        copy_list(head, &f[i].head, i);
    }
    superframe_release(head);
    return true;
}

/* Is there a superpage at this address?  Its first frame, and its entry (sigma0 has none). */
static bool find(struct space *space, word_t address, paddr_t *frame, pte_t **pte)
{
    *pte = NULL;
    *frame = address & SUPERPAGE_MASK;
    if (space == sigma0_space) {
        return superframe_big(address);
    }
    *pte = arch_pte_super(space, address, false);
    if (*pte) {
        *frame = arch_pte_frame(**pte);
    }
    return *pte;
}

bool superpage_open(struct space *space, word_t address)
{
    paddr_t frame;
    pte_t *pte;
    return !find(space, address, &frame, &pte) || superframe_split(frame);
}

static word_t unmap_superframe(paddr_t frame, word_t rights, bool flush)
{
    struct kpage *f = super_frames(frame);
    for (size_t i = 1; i < FRAMES; i++) { /* from when it was small */
        f->head |= f[i].head & STATUS_MASK;
        f[i].head &= ~(word_t)STATUS_MASK;
    }
    if (flush && rights == L4_FullyAccessible) {
        for (vaddr_t a = frame; (a = arch_pte_next(sigma0_space, a, false)) - frame < SUPERPAGE_BYTES;
             a += PAGE_BYTES) {
            arch_pte_clear(arch_pte_find(sigma0_space, a));
        }
    }
    return unmap_root(frame, rights);
}

/* A part has been asked about and the whole has answered: for the rest, whoever has answered will
 * answer again. */
static void tell_again(word_t *head, const pte_t *pte, word_t rights)
{
    struct mapping *top = pte ? head_first(head) : NULL;
    while (pte && top->pte != pte) {
        top = top->next;
    }
    word_t status =
        (rights & L4_Readable ? STATUS_ACCESSED : 0u) | (rights & L4_Writable ? STATUS_DIRTY : 0u);
    struct mapping *m = top ? top->next : head_first(head);
    if (top) {
        top->info |= status << BELOW_SHIFT;
    } else {
        *head |= status;
    }
    for (; m && (!top || depth(m) > depth(top)); m = m->next) {
        m->info |= status << BELOW_SHIFT;
    }
}

bool superpage_unmap(struct space *space, word_t address, uint64_t end, word_t rights, bool flush,
                     word_t *status)
{
    paddr_t frame;
    pte_t *pte;
    if (!find(space, address, &frame, &pte)) {
        return false;
    }
    bool whole = !(address & ~SUPERPAGE_MASK) && end - address >= SUPERPAGE_BYTES;
    if (!whole && superframe_split(frame)) {
        return false;
    }
    *status = pte ? unmap_entry(pte, rights, flush) : unmap_superframe(frame, rights, flush);
    word_t *head = super_head(frame);
    if (!whole && (!pte || arch_pte_present(*pte))) {
        tell_again(head, pte, *status);
    }
    if (!pte && !head_first(head)) { /* small again: its first frame may become the kernel's */
        if (whole) {
            superframe_release(head);
        } else {
            (void)superframe_split(frame);
        }
    }
    return true;
}

/* The directory entry to map into, with whatever else was in its 4 MiB flushed.  NULL: pages of the
 * kernel stay, or *result is MAP_MORE. */
static pte_t *destination_super(struct space *to, vaddr_t address, paddr_t frame, enum map_result *result)
{
    pte_t *pte = arch_pte_super(to, address, true);
    if (pte && (!arch_pte_present(*pte) || arch_pte_frame(*pte) == frame)) {
        return pte;
    }
    struct unmapping u = {.fpage =
                              L4_FpageAddRights(L4_FpageLog2(address, SUPERPAGE_BITS), L4_FullyAccessible)};
    if (!unmap_range(to, &u, true)) {
        *result = MAP_MORE;
        return NULL;
    }
    return arch_pte_super(to, address, true);
}

bool map_superpage(struct space *from, vaddr_t source, struct space *to, vaddr_t destination, word_t rights,
                   bool grant, enum map_result *result)
{
    if (!(kip_page()->page_info & SUPERPAGE_BYTES) || to == sigma0_space || destination >= USER_END) {
        return false;
    }
    paddr_t frame = source;
    pte_t *source_pte = NULL;
    if (from == sigma0_space) {
        if (!superframe_usable(frame)) {
            return false;
        }
    } else {
        source_pte = arch_pte_super(from, source, false);
        if (!source_pte) {
            return false;
        }
        frame = arch_pte_frame(*source_pte);
        rights &= arch_pte_rights(*source_pte);
    }
    *result = MAP_OK;
    pte_t *pte = destination_super(to, destination, frame, result);
    if (!pte) {
        return *result == MAP_MORE;
    }
    assert((frame & ~SUPERPAGE_MASK) == 0);
    if (!grant && list_is_long(head_first(super_head(frame)))) {
        return false;
    }
    superframe_use(frame);
    *result = map_entry(source_pte, pte, to, destination, frame, rights | ARCH_SUPERPAGE, grant);
    return true;
}

size_t superframe_check(void)
{
    size_t bad = 0, big = 0;
    for (size_t i = 0; i < frame_count; i++) {
        if (frames[i].state != KPAGE_USER) {
            continue;
        }
        if (frames[i].head & HEAD_SUPER) {
            big++;
            bad += i % FRAMES != 0 || i + FRAMES > frame_count;
        } else {
            bad += i % FRAMES != 0 && head_first(&frames[i].head) && superframe_big((paddr_t)i << PAGE_BITS);
        }
    }
    return bad + (big != big_superframes);
}
