/* SPDX-License-Identifier: BSD-2-Clause */
#include "superpage.h"

#include "arch.h"
#include "kip_page.h"
#include "kmem.h"
#include "mapping_index.h"
#include "memory_type.h"
#include "space.h"
#include "work.h"

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
    work_done(FRAMES * WORK_PASS);
    for (size_t i = 0; i < FRAMES; i++) {
        if (f[i].state != KPAGE_USER || head_first(&f[i].head)) {
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

/* The pages that it takes to split all mappings of a superframe, whose first is m. */
static size_t pages_to_split(const struct mapping *m)
{
    size_t pages = 0;
    for (; m; m = m->next) {
        pages += SPLIT_PAGES;
    }
    return pages;
}

/* ---- splitting, of one superframe at a time ----
 *
 * First each mapping gets a page table, then frame after frame its list.  In between, those lists
 * are not what the page tables say; so whoever maps or unmaps anything goes on with this first, and
 * nobody has to remember who has begun. */
static struct {
    struct kpage *frames;       /* of the superframe; NULL: there is none */
    struct mapping *closed;     /* the next one without a page table */
    size_t index;               /* of the frame whose list is being made */
    const struct mapping *from; /* the next one to copy */
    struct mapping *last;       /* in that list */
} split;

static void split_begin(struct kpage *f, size_t pages)
{
    assert(!split.frames);
    split.frames = f;
    split.closed = head_first(&f->head);
    split.index = 0;
    split.from = NULL;
    kmem_set_aside(pages);
}

/* Makes a node like the next one of the first frame's. */
static void copy_node(word_t *to)
{
    const struct mapping *m = split.from;
    struct mapping *copy = kslab_alloc(&mapping_slab, NULL); /* charged already */
    assert(copy);
    *copy = (struct mapping){.length = m->length, .pte = m->pte + split.index, .info = m->info};
    if (split.last) {
        copy->prev = split.last;
        split.last->next = copy;
    } else {
        *to |= (word_t)(uintptr_t)copy;
    }
    split.last = copy;
    split.from = m->next;
}

/* One page table, one node, or one frame further.  false: that was all. */
static bool split_one(void)
{
    struct kpage *f = split.frames;
    if (split.closed) {
        work_done(WORK_TABLE * 4);
        split.closed->pte = arch_pte_split(split.closed->pte);
        assert(split.closed->pte);
        split.closed = split.closed->next;
        return true;
    }
    work_done(WORK_VISIT);
    if (split.from) {
        copy_node(&f[split.index].head);
        return true;
    }
    if (++split.index == FRAMES) {
        return false;
    }
    split.from = head_first(&f->head);
    split.last = NULL;
    f[split.index].head |= f->head & STATUS_MASK;
    return true;
}

RARE bool superpages_settle(void)
{
    size_t free = kmem_pages_for_mappings(), aside = kmem_pages_set_aside();
    bool more = split.frames != NULL;
    if (!more) {
        return true;
    }
    kmem_set_aside(0);
    do {
        more = split_one();
    } while (more && !work_over());
    if (more) {
        kmem_set_aside(kmem_pages_for_mappings() - free);
        assert(kmem_pages_set_aside() <= aside);
        return false;
    }
    superframe_release(&split.frames->head);
    split.frames = NULL;
    return true;
}

static enum map_result superframe_split(paddr_t frame)
{
    struct kpage *f = super_frames(frame);
    size_t pages = pages_to_split(head_first(super_head(frame)));
    if (pages > kmem_pages_for_mappings()) {
        return MAP_NO_MEMORY;
    }
    split_begin(f, pages);
    return superpages_settle() ? MAP_OK : MAP_MORE;
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

RARE enum map_result superpage_open(struct space *space, word_t address)
{
    paddr_t frame;
    pte_t *pte;
    if (!superpages_settled()) {
        return MAP_MORE;
    }
    return find(space, address, &frame, &pte) ? superframe_split(frame) : MAP_OK;
}

static word_t unmap_superframe(paddr_t frame, word_t rights, bool flush)
{
    struct kpage *f = super_frames(frame);
    work_done(FRAMES * WORK_PASS);
    for (size_t i = 1; i < FRAMES; i++) { /* from when it was small */
        f->head |= f[i].head & STATUS_MASK;
        f[i].head &= ~(word_t)STATUS_MASK;
    }
    if (flush && rights == L4_FullyAccessible) {
        for (vaddr_t a = frame; (a = arch_pte_next(sigma0_space, a, false)) - frame < SUPERPAGE_BYTES;
             a += PAGE_BYTES) {
            arch_pte_clear(arch_pte_find(sigma0_space, a));
            work_done(WORK_NODE);
            if (work_over()) {
                return UNMAP_MORE;
            }
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
    *status = UNMAP_MORE;
    if (!superpages_settled()) {
        return true;
    }
    if (!find(space, address, &frame, &pte)) {
        return false;
    }
    bool whole = !(address & ~SUPERPAGE_MASK) && end - address >= SUPERPAGE_BYTES;
    enum map_result split_result = whole ? MAP_NO_MEMORY : superframe_split(frame);
    if (split_result != MAP_NO_MEMORY) {
        return split_result == MAP_MORE;
    }
    *status = pte ? unmap_entry(pte, rights, flush) : unmap_superframe(frame, rights, flush);
    word_t *head = super_head(frame);
    if (!whole && (!pte || arch_pte_present(*pte))) {
        tell_again(head, pte, *status);
    }
    if (pte || head_first(head) || *status & UNMAP_MORE) {
        return true;
    }
    if (whole) { /* small again: its first frame may become the kernel's */
        superframe_release(head);
    } else if (superframe_split(frame) == MAP_MORE) {
        *status |= UNMAP_MORE;
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
    *result = MAP_MORE;
    if (!superpages_settled()) {
        return true;
    }
    *result = MAP_OK;
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
