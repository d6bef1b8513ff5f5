/* SPDX-License-Identifier: BSD-2-Clause */
#include "mapping_db.h"

#include "arch.h"
#include "io_ports.h"
#include "kdb/counters.h"
#include "kip_page.h"
#include "kmem.h"
#include "mapping_db_priv.h"
#include "memory_type.h"
#include "space.h"
#include "superpage.h"

enum { DEVICE_LISTS = 16 };

word_t *frame_heads;
size_t frame_count;
static word_t device_heads[DEVICE_LISTS];
struct kslab mapping_slab = KSLAB_UNCLEARED(struct mapping);

void mapping_db_init(word_t *heads, size_t count)
{
    frame_heads = heads;
    frame_count = count;
}

size_t mapping_count(void)
{
    return mapping_slab.objects;
}

static word_t *head_of(paddr_t frame)
{
    size_t number = frame >> PAGE_BITS;
    return number < frame_count ? &frame_heads[number] : &device_heads[number % DEVICE_LISTS];
}

static void head_set_first(word_t *head, struct mapping *first)
{
    *head = (word_t)(uintptr_t)first | (*head & HEAD_FLAGS);
}

/* Everything a node holds that its ancestors have not seen, except its page's own hardware bits. */
static word_t take_kept(struct mapping *m)
{
    word_t kept = (m->info | m->info >> BELOW_SHIFT) & STATUS_MASK;
    m->info &= ~(uint32_t)0xff;
    return kept;
}

/* Dirty means written, and who can write can do everything here. */
static word_t status_rights(word_t status)
{
    enum { READ = L4_Readable | L4_eXecutable, ALL = L4_FullyAccessible };
    static const uint8_t rights[STATUS_MASK + 1] = {
        [STATUS_ACCESSED] = READ, [STATUS_DIRTY] = ALL, [STATUS_ACCESSED | STATUS_DIRTY] = ALL};
    return rights[status];
}

static RARE struct mapping *node_search(struct mapping *m, const pte_t *pte)
{
    do {
        m = m->next;
        assert(m);
    } while (m->pte != pte);
    return m;
}

/* The node of a mapping, in the list of its frame: short lists, except for pages mapped by very many spaces. */
static inline struct mapping *node_in(const word_t *head, const pte_t *pte)
{
    struct mapping *m = head_first(head);
    return __builtin_expect(m->pte == pte, 1) ? m : node_search(m, pte);
}

static struct mapping *node_find(const pte_t *pte)
{
    return node_in(head_of(arch_pte_frame(*pte)), pte);
}

static void node_insert(word_t *head, struct mapping *after, struct mapping *m)
{
    struct mapping *first = head_first(head);
    if (!after) {
        m->length = first ? first->length + MAPPINGS_ONE : MAPPINGS_ONE + 1;
        m->next = first;
        head_set_first(head, m);
        if (first) {
            first->prev = m;
        }
        return;
    }
    m->prev = after;
    m->next = after->next;
    after->next = m;
    if (m->next) {
        m->next->prev = m;
    }
    first->length += MAPPINGS_ONE;
}

static void node_remove(word_t *head, struct mapping *m)
{
    struct mapping *next = m->next;
    if (m->length & 1) {
        head_set_first(head, next);
        if (next) {
            next->length = m->length - MAPPINGS_ONE;
        }
        return;
    }
    m->prev->next = next;
    if (next) {
        next->prev = m->prev;
    }
    head_first(head)->length -= MAPPINGS_ONE;
}

/* Device frames share a few lists and are few. */
static bool list_full(const word_t *head, paddr_t frame)
{
    const struct mapping *first = head_first(head);
    return first && first->length > MAPPINGS_MOST * MAPPINGS_ONE && frame >> PAGE_BITS < frame_count;
}

/* Takes a node and its page-table entry away. */
static void node_delete(word_t *head, struct mapping *m)
{
    node_remove(head, m);
    struct space *payer = arch_pte_clear(m->pte);
    kslab_give(&mapping_slab, m, payer);
    if (*head & HEAD_SUPER) {
        kmem_move_charge(payer, NULL, SUPERPAGE_RESERVE);
    }
    counters.unmaps++;
}

/* Status that disappears with m, or that its space has not seen, goes to the node above. */
static void keep_above(word_t *head, const struct mapping *m, word_t status)
{
    uint32_t d = depth(m);
    if (d == 1) {
        *head |= status;
        return;
    }
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

/* What m's space has not been told about the mappings below that have gone. */
static word_t below(const struct mapping *m)
{
    return m->info >> BELOW_SHIFT & STATUS_MASK;
}

/* m's space is told the status now, but nobody above it. */
static word_t report(struct mapping *m, word_t status)
{
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

/* Takes the status of everything below m, with flush also of m, and the right to write if rights say so. */
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
    word_t *head = head_of(arch_pte_frame(*pte));
    struct mapping *m = node_in(head, pte);
    return rights == L4_FullyAccessible ? unmap_all(head, m, flush) : unmap_some(m, rights, flush);
}

word_t unmap_super_node(pte_t *pte, word_t rights, bool flush)
{
    return unmap_node(pte, rights, flush);
}

/* Device lists hold several frames. */
word_t unmap_root(paddr_t frame, word_t rights)
{
    word_t *head = head_of(frame);
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

/* As unmap_page, where no small page is: one in a superpage, or nothing. */
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

/* As unmap_page, not for sigma0. */
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

/* unmap_page of what lies in [a, end) and at a, a superpage at once if need be; what comes behind it. */
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

/* The pages of an fpage, which may be of any size. */
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
    if (space == sigma0_space) { /* owns frames, not pages: the range is one of physical addresses */
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

/* The same frame again: rights are added, the tree stays. */
static void extend(pte_t *pte, word_t rights)
{
    arch_pte_set_rights(pte, arch_pte_rights(*pte) | rights);
}

/* Is pte's mapping one of those derived from source's? */
static bool derives(const pte_t *source, const pte_t *pte)
{
    const struct mapping *m = node_find(source);
    uint32_t limit = depth(m);
    do {
        m = m->next;
    } while (m && depth(m) > limit && m->pte != pte);
    return m && depth(m) > limit;
}

/* The destination takes the source's place in the tree. */
static enum map_result grant_node(struct mapping *m, pte_t *source, pte_t *destination, paddr_t frame,
                                  word_t rights)
{
    struct space *from = arch_pte_space(source), *to = arch_pte_space(destination);
    size_t bytes = sizeof *m + (rights & ARCH_SUPERPAGE ? SUPERPAGE_RESERVE : 0);
    if (from != to && !kmem_affordable(to, bytes)) {
        arch_pte_drop_table(destination);
        return MAP_NO_MEMORY;
    }
    m->info |= arch_pte_take_status(source);
    m->pte = destination;
    kmem_move_charge(from, to, bytes);
    arch_pte_set(destination, frame, rights);
    (void)arch_pte_clear(source);
    counters.maps++;
    return MAP_OK;
}

static enum map_result map_new(struct mapping *parent, pte_t *pte, struct space *to, paddr_t frame,
                               word_t rights)
{
    word_t *head = head_of(frame);
    struct mapping *m = list_full(head, frame) ? NULL : kslab_take(&mapping_slab, to);
    if (!m) {
        arch_pte_drop_table(pte);
        return MAP_NO_MEMORY;
    }
    m->pte = pte;
    m->info = (parent ? depth(parent) + 1 : 1) << DEPTH_SHIFT;
    node_insert(head, parent, m);
    arch_pte_set(pte, frame, rights);
    counters.maps++;
    return MAP_OK;
}

/* The entry to map into, with whatever other frame was there flushed.  NULL: no memory. */
static pte_t *destination_entry(struct space *to, vaddr_t address, paddr_t frame)
{
    pte_t *pte = arch_pte_find(to, address);
    if (pte && arch_pte_present(*pte) && !arch_pte_kernel_owned(*pte) && arch_pte_frame(*pte) != frame) {
        (void)unmap_node(pte, L4_FullyAccessible, true);
        pte = NULL; /* its table may have gone too */
    }
    return pte ? pte : arch_pte_make(to, address);
}

/* Maps from one entry to another, both small or (then the rights say so) both superpages.  source_pte: NULL for
 * sigma0.  pte: for another frame it is not present. */
static RARE enum map_result map_entry(pte_t *source_pte, pte_t *pte, struct space *to, vaddr_t destination,
                                      paddr_t frame, word_t rights, bool grant)
{
    if (pte == source_pte || arch_pte_kernel_owned(*pte)) {
        return MAP_OK;
    }
    if (arch_pte_present(*pte)) {
        if (!grant || !source_pte || !derives(source_pte, pte)) {
            extend(pte, rights);
            if (grant && source_pte) {
                (void)unmap_node(source_pte, L4_FullyAccessible, true);
            }
            return MAP_OK;
        }
        /* unmapping the source would take the destination along: it rises to the source's place instead */
        rights |= arch_pte_rights(*pte);
        (void)unmap_node(pte, L4_FullyAccessible, true);
        pte = rights & ARCH_SUPERPAGE ? pte : arch_pte_make(to, destination);
        if (!pte) { /* a quota that is less than what is in use */
            return MAP_NO_MEMORY;
        }
    }
    struct mapping *parent = source_pte ? node_find(source_pte) : NULL;
    if (grant && parent) {
        return grant_node(parent, source_pte, pte, frame, rights);
    }
    if (rights & ARCH_SUPERPAGE) {
        if (!kmem_affordable(to, sizeof *parent + SUPERPAGE_RESERVE)) {
            return MAP_NO_MEMORY;
        }
        kmem_move_charge(NULL, to, SUPERPAGE_RESERVE);
    }
    enum map_result result = map_new(parent, pte, to, frame, rights);
    if (result != MAP_OK && rights & ARCH_SUPERPAGE) {
        kmem_move_charge(to, NULL, SUPERPAGE_RESERVE);
    }
    return result;
}

/* As map_page, where something is mapped at the destination already, or no page table is there, or the page is granted. */
static RARE enum map_result map_with_care(pte_t *source_pte, struct space *to, vaddr_t destination,
                                          paddr_t frame, word_t rights, bool grant)
{
    pte_t *pte = destination_entry(to, destination, frame);
    return pte ? map_entry(source_pte, pte, to, destination, frame, rights, grant) : MAP_NO_MEMORY;
}

enum map_result map_page(struct space *from, vaddr_t source, struct space *to, vaddr_t destination,
                         word_t rights, bool grant)
{
    if (to == sigma0_space || destination >= USER_END) {
        return MAP_OK;
    }
    if (superpages_exist() && !(superpage_open(from, source) && superpage_open(to, destination))) {
        return MAP_NO_MEMORY;
    }
    paddr_t frame = source & PAGE_MASK;
    pte_t *source_pte = NULL;
    if (from != sigma0_space) {
        source_pte = arch_pte_find(from, source);
        if (!source_pte || !arch_pte_present(*source_pte) || arch_pte_kernel_owned(*source_pte)) {
            return MAP_OK;
        }
        frame = arch_pte_frame(*source_pte);
        rights = (rights & arch_pte_rights(*source_pte)) | (*source_pte & ARCH_MEMORY_TYPE);
    } else if (!arch_frame_allowed(frame)) {
        return MAP_OK;
    } else {
        rights |= memory_type(frame);
    }
    pte_t *pte = arch_pte_find(to, destination);
    if (grant || !pte || arch_pte_present(*pte)) {
        return map_with_care(source_pte, to, destination, frame, rights, grant);
    }
    return map_new(source_pte ? node_find(source_pte) : NULL, pte, to, frame, rights);
}

/* The directory entry to map into, with whatever else was in its 4 MiB flushed.  NULL: pages of the kernel stay. */
static pte_t *destination_super(struct space *to, vaddr_t address, paddr_t frame)
{
    pte_t *pte = arch_pte_super(to, address, true);
    if (pte && (!arch_pte_present(*pte) || arch_pte_frame(*pte) == frame)) {
        return pte;
    }
    (void)unmap_fpage(to, L4_FpageAddRights(L4_FpageLog2(address, SUPERPAGE_BITS), L4_FullyAccessible), true);
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
    pte_t *pte = destination_super(to, destination, frame);
    if (!pte) {
        return false;
    }
    superframe_use(frame);
    *result = map_entry(source_pte, pte, to, destination, frame, rights | ARCH_SUPERPAGE, grant);
    return true;
}

static void set_types(const word_t *head, paddr_t first, paddr_t last, word_t type)
{
    for (const struct mapping *m = head_first(head); m; m = m->next) {
        paddr_t frame = arch_pte_frame(*m->pte);
        if (frame >= first && frame <= last) {
            arch_pte_set_type(m->pte, type);
        }
    }
}

RARE void mapping_set_type(paddr_t first, paddr_t last, word_t type)
{
    for (size_t n = first >> PAGE_BITS; n < frame_count && n <= last >> PAGE_BITS; n++) {
        set_types(&frame_heads[n], first, last, type);
    }
    for (size_t n = 0; n < DEVICE_LISTS; n++) {
        set_types(&device_heads[n], first, last, type);
    }
    for (vaddr_t a = first; (a = arch_pte_next(sigma0_space, a)) <= last && a < USER_END; a += PAGE_BYTES) {
        arch_pte_set_type(arch_pte_find(sigma0_space, a), type);
    }
}

const struct mapping *mapping_first(paddr_t frame)
{
    return head_first(head_of(superframe_big(frame) ? frame & SUPERPAGE_MASK : frame));
}

static bool is_super(const pte_t *pte)
{
    return ((uintptr_t)pte & PAGE_MASK) == (uintptr_t)arch_pte_space(pte)->directory;
}

static size_t list_check(const word_t *head, size_t *nodes)
{
    size_t bad = 0;
    uint32_t previous = 0;
    uintptr_t length = 1;
    const struct mapping *first = head_first(head), *before = NULL;
    for (const struct mapping *m = first; m; before = m, m = m->next, length += MAPPINGS_ONE) {
        bad += depth(m) == 0 || depth(m) > previous + 1 || (before && m->prev != before);
        bad += !arch_pte_present(*m->pte) || head_of(arch_pte_frame(*m->pte)) != head;
        bad += !(*head & HEAD_SUPER) == is_super(m->pte);
        previous = depth(m);
        ++*nodes;
    }
    return bad + (first && first->length != length);
}

size_t mapping_db_check(void)
{
    size_t bad = 0, nodes = 0;
    for (size_t i = 0; i < frame_count; i++) {
        bad += list_check(&frame_heads[i], &nodes);
    }
    for (size_t i = 0; i < DEVICE_LISTS; i++) {
        bad += list_check(&device_heads[i], &nodes);
    }
    return bad + superframe_check() + (nodes != mapping_slab.objects);
}
