/* SPDX-License-Identifier: BSD-2-Clause */
/* Mapping and granting a page, from one space to another. */
#include "mapping_db.h"

#include "arch.h"
#include "kdb/counters.h"
#include "kmem.h"
#include "mapping_db_priv.h"
#include "memory_type.h"
#include "space.h"
#include "strip.h"
#include "superpage.h"
#include "work.h"

/* Has the frame as many mappings as it may have?  Device frames are exempt: they share a few lists,
 * and are few. */
static bool list_full(const word_t *head, paddr_t frame)
{
    const struct mapping *first = head_first(head);
    return first && first->length > MAPPINGS_MOST * MAPPINGS_ONE && frame >> PAGE_BITS < frame_count;
}

/* The same frame is mapped to the same place again: rights are added, and the tree stays as it
 * is. */
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
        work_done(WORK_PASS);
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
    debug_assert(m->pte == source && !arch_pte_present(*destination));
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
    word_t *head = mapping_head(frame);
    struct mapping *m = list_full(head, frame) ? NULL : kslab_take(&mapping_slab, to);
    if (!m) {
        arch_pte_drop_table(pte);
        return MAP_NO_MEMORY;
    }
    debug_assert(!arch_pte_present(*pte) && (!parent || arch_pte_frame(*parent->pte) == frame));
    m->pte = pte;
    m->info = (parent ? depth(parent) + 1 : 1) << DEPTH_SHIFT;
    node_insert(head, parent, m);
    arch_pte_set(pte, frame, rights);
    counters.maps++;
    return MAP_OK;
}

/* Takes a mapping with all that is derived from it.  false: the step is over. */
static bool flush_entry(pte_t *pte)
{
    return !(unmap_entry(pte, L4_FullyAccessible, true) & UNMAP_MORE);
}

/* The entry to map into, after whatever other frame was there has been flushed.  NULL: *result says
 * why. */
static pte_t *destination_entry(struct space *to, vaddr_t address, paddr_t frame, enum map_result *result)
{
    pte_t *pte = arch_pte_find(to, address);
    if (pte && arch_pte_present(*pte) && !arch_pte_kernel_owned(*pte) && arch_pte_frame(*pte) != frame) {
        if (!flush_entry(pte)) {
            *result = MAP_MORE;
            return NULL;
        }
        pte = NULL; /* its table may have gone too */
    }
    *result = MAP_NO_MEMORY;
    if (to->stripped && !space_restore(to)) {
        return NULL;
    }
    return pte ? pte : arch_pte_make(to, address);
}

RARE enum map_result map_entry(pte_t *source_pte, pte_t *pte, struct space *to, vaddr_t destination,
                               paddr_t frame, word_t rights, bool grant)
{
    if (pte == source_pte || arch_pte_kernel_owned(*pte)) {
        return MAP_OK;
    }
    if (arch_pte_present(*pte)) {
        if (!grant || !source_pte || !derives(source_pte, pte)) {
            extend(pte, rights);
            return !grant || !source_pte || flush_entry(source_pte) ? MAP_OK : MAP_MORE;
        }
        /* Unmapping the source would take the destination along: it rises to the source's place
         * instead. */
        rights |= arch_pte_rights(*pte);
        if (!flush_entry(pte)) {
            return MAP_MORE;
        }
        pte = rights & ARCH_SUPERPAGE ? pte : arch_pte_make(to, destination);
        if (!pte) { /* the page table has gone, and the quota is less than what is in use */
            return MAP_NO_MEMORY;
        }
    }
    assert(!arch_pte_present(*pte));
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

/* As map_page, where something is mapped at the destination already, or no page table is there, or
 * the page is granted. */
static RARE enum map_result map_with_care(pte_t *source_pte, struct space *to, vaddr_t destination,
                                          paddr_t frame, word_t rights, bool grant)
{
    enum map_result result;
    pte_t *pte = destination_entry(to, destination, frame, &result);
    return pte ? map_entry(source_pte, pte, to, destination, frame, rights, grant) : result;
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
        rights = (rights & arch_pte_rights(*source_pte)) | arch_pte_type(*source_pte);
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
