/* SPDX-License-Identifier: BSD-2-Clause */
#include "space.h"

#include "arch.h"
#include "io_ports.h"
#include "ipc.h"
#include "kip_page.h"
#include "kmem.h"
#include "mapping_db.h"
#include "memory_type.h"
#include "reaper.h"
#include "strip.h"
#include "tcb.h"

struct space *sigma0_space, *all_spaces;
struct kslab space_slab = KSLAB(struct space);

RARE struct space *space_create(void)
{
    struct space *space = kslab_alloc(&space_slab, NULL);
    if (!space) {
        return NULL;
    }
    space->kmem_bytes = sizeof(*space);
    space->kmem_quota = KMEM_NO_QUOTA;
    if (!arch_space_init(space)) {
        kslab_free(&space_slab, space, NULL);
        return NULL;
    }
    space->utcb_page = (char *)kip_page(); /* harmless to look at */
    assert(!all_spaces || !all_spaces->prev);
    space->next = all_spaces;
    if (all_spaces) {
        all_spaces->prev = space;
    }
    all_spaces = space;
    return space;
}

/* The KIP is not the space's own. */
RARE void space_remove_page(struct space *space, vaddr_t address, pte_t *pte)
{
    if (address != space->kip_base) {
        kmem_free_page(arch_kernel_address(arch_pte_frame(*pte)), space);
    }
    (void)arch_pte_clear(pte);
}

/* The area may be large: pages behind are found with the others. */
RARE void space_remove_first_pages(struct space *space)
{
    enum { MOST = 32 };
    word_t pages = (1u << space->utcb_log2) / PAGE_BYTES;
    pte_t *pte = arch_pte_find(space, space->kip_base);
    space_remove_page(space, space->kip_base, pte);
    for (word_t i = 0; i < pages && i < MOST; i++) {
        vaddr_t at = space->utcb_base + i * PAGE_BYTES;
        pte = arch_pte_find(space, at);
        if (pte && arch_pte_kernel_owned(*pte)) { /* elsewhere users may have mapped theirs */
            space_remove_page(space, at, pte);
        }
    }
}

void space_leave_list(struct space *space)
{
    assert(space->thread_count == 0 && !space->threads);
    assert(space->prev ? space->prev->next == space : all_spaces == space);
    if (space->prev) {
        space->prev->next = space->next;
    } else {
        all_spaces = space->next;
    }
    if (space->next) {
        space->next->prev = space->prev;
    }
    if (space_initialised(space) && !space->stripped) {
        space_remove_first_pages(space);
    }
}

RARE bool space_destroy_step(struct space *space)
{
    bool empty = space->kmem_bytes == sizeof(*space) + PAGE_BYTES; /* but for its directory */
    if (!space->stripped) {
        if (!empty &&
            (!unmap_space(space, &space->destroyed) || (io_ports_mapped && !unmap_all_ports(space)))) {
            return false;
        }
        arch_space_destroy(space);
    }
    assert(space->kmem_bytes == sizeof(*space));
    kslab_free(&space_slab, space, NULL);
    return true;
}

/* Start and end of an fpage for an area of a space.  false: it is too small, or does not lie in
 * user space. */
static bool area(L4_Fpage_t f, uint64_t least, uint64_t *start, uint64_t *end)
{
    unsigned log2 = L4_SizeLog2(f);
    if (log2 < PAGE_BITS || log2 > 31) {
        return false;
    }
    *start = L4_Address(f) & ~((1u << log2) - 1);
    *end = *start + (1u << log2);
    return *end - *start >= least && *end <= USER_END;
}

RARE bool space_map_kip(struct space *space)
{
    pte_t *pte = arch_pte_make(space, space->kip_base);
    if (!pte) {
        return false;
    }
    if (!kmem_keep(pte)) {
        arch_pte_drop_table(pte);
        return false;
    }
    assert(!arch_pte_present(*pte)); /* none of its threads could receive a mapping yet */
    arch_pte_set_kernel(pte, kip_page(), false);
    return true;
}

word_t space_set_areas(struct space *space, L4_Fpage_t kip_area, L4_Fpage_t utcb_area)
{
    uint64_t kip_start, kip_end, utcb_start, utcb_end;
    if (space_initialised(space)) {
        return 0;
    }
    if (!area(utcb_area, PAGE_BYTES, &utcb_start, &utcb_end)) {
        return L4_ErrUtcbArea;
    }
    if (!area(kip_area, PAGE_BYTES, &kip_start, &kip_end) || (kip_start < utcb_end && utcb_start < kip_end)) {
        return L4_ErrKipArea;
    }
    space->kip_base = (vaddr_t)kip_start;
    if (!space_map_kip(space)) {
        return L4_ErrNoMem;
    }
    space->utcb_base = (vaddr_t)utcb_start;
    space->utcb_log2 = (uint8_t)L4_SizeLog2(utcb_area);
    return 0;
}

void space_set_redirector(struct space *space, L4_ThreadId_t redirector)
{
    if (L4_IsNilThread(redirector)) {
        return;
    }
    space->redirector = redirector.raw == L4_anythread.raw ? 0 : redirector.raw;
    reaper_look_again();
}

bool space_utcb_valid(const struct space *space, vaddr_t location)
{
    return location % UTCB_SIZE == 0 && (location - space->utcb_base) >> space->utcb_log2 == 0;
}

static word_t *utcb_in(pte_t pte, vaddr_t location)
{
    char *page = arch_kernel_address(arch_pte_frame(pte));
    return (word_t *)(void *)(page + (location & ~PAGE_MASK) + UTCB_MR0_OFFSET);
}

/* A page of UTCBs to be mapped by that entry.  NULL: there is no kernel memory. */
static void *utcb_page_alloc(struct space *space, pte_t *pte)
{
    void *page = kmem_alloc_page(space);
    if (page && !kmem_keep(pte)) {
        kmem_free_page(page, space);
        page = NULL;
    }
    return page;
}

/* Puts a page of UTCBs there, over what the user may have mapped; first, a stripped space becomes
 * whole again.  Returns its entry; NULL: there is no kernel memory, or the step is over. */
static RARE pte_t *utcb_page_make(struct space *space, vaddr_t location)
{
    if (space->stripped && !space_restore(space)) {
        return NULL;
    }
    pte_t *pte = arch_pte_make(space, location);
    if (pte && arch_pte_kernel_owned(*pte)) {
        return pte; /* it has just come back */
    }
    if (!pte || arch_pte_present(*pte)) {
        if (unmap_page(space, location, L4_FullyAccessible, true) & UNMAP_MORE) {
            return NULL;
        }
        pte = arch_pte_make(space, location);
    }
    if (!pte) {
        return NULL;
    }
    void *page = utcb_page_alloc(space, pte);
    if (!page) {
        arch_pte_drop_table(pte);
        return NULL;
    }
    assert(!arch_pte_present(*pte));
    arch_pte_set_kernel(pte, page, true);
    if ((location & PAGE_MASK) == space->utcb_base) {
        space->utcb_page = page;
    }
    return pte;
}

inline __attribute__((always_inline)) word_t *space_utcb_map(struct space *space, vaddr_t location)
{
    pte_t *pte = arch_pte_find(space, location);
    debug_assert(space_initialised(space) && space_utcb_valid(space, location));
    if (!pte || !arch_pte_kernel_owned(*pte)) {
        pte = utcb_page_make(space, location);
    }
    return pte ? utcb_in(*pte, location) : NULL;
}

word_t *space_utcb_find(const struct space *space, word_t local_id)
{
    vaddr_t location = local_id - UTCB_MR0_OFFSET;
    if (!space_initialised(space) || !space_utcb_valid(space, location)) {
        return NULL;
    }
    const pte_t *pte = arch_pte_find(space, location);
    if (!pte || !arch_pte_kernel_owned(*pte)) {
        return space->stripped ? strip_find(space, local_id) : NULL;
    }
    return utcb_in(*pte, location);
}

bool sigma0_fault(vaddr_t address)
{
    paddr_t frame = address & PAGE_MASK;
    if (address >= USER_END || !arch_frame_allowed(frame)) {
        return false;
    }
    pte_t *pte = arch_pte_make(sigma0_space, address);
    if (!pte || arch_pte_kernel_owned(*pte)) {
        return false;
    }
    if (!kmem_keep(pte)) { /* nobody takes it away from sigma0 */
        arch_pte_drop_table(pte);
        return false;
    }
    if (!arch_pte_present(*pte)) {
        arch_pte_set(pte, frame, L4_FullyAccessible | memory_type(frame));
    }
    return true;
}
