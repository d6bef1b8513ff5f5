/* SPDX-License-Identifier: BSD-2-Clause */
/* Mapping and granting a page, from one space to another. */
#include "mapping_db.h"

#include "arch.h"
#include "kdb/counters.h"
#include "kmem.h"
#include "mapping_db_priv.h"
#include "mapping_index.h"
#include "mapping_walk.h"
#include "memory_type.h"
#include "space.h"
#include "strip.h"
#include "superpage.h"
#include "work.h"

/* The same frame is mapped to the same place again: rights are added, and the tree stays as it
 * is. */
static void extend(pte_t *pte, word_t rights)
{
    arch_pte_set_rights(pte, arch_pte_rights(*pte) | rights);
}

/* Is pte's mapping one of those derived from source's?  In *result MAP_MORE: the step is over. */
static bool derives(const pte_t *source, const pte_t *pte, enum map_result *result)
{
    const struct mapping *top = node_find(source);
    struct mapping *m = walk_resume(WALK_DERIVE, top, pte, top->next);
    uint32_t limit = depth(top);
    for (unsigned n = 0, least = KERNEL_TESTED ? 1 : 16; m && depth(m) > limit && m->pte != pte;
         m = m->next, n++) {
        work_done(WORK_PASS);
        if (work_over() && n >= least) {
            walk_pause(WALK_DERIVE, top, pte, m);
            *result = MAP_MORE;
            return false;
        }
    }
    return m && depth(m) > limit;
}

/* The destination takes the source's place in the tree. */
static enum map_result grant_node(struct mapping *m, pte_t *source, pte_t *destination, paddr_t frame,
                                  word_t rights)
{
    struct space *from = arch_pte_space(source), *to = arch_pte_space(destination);
    size_t bytes = sizeof *m + (rights & ARCH_SUPERPAGE ? SUPERPAGE_RESERVE : 0) +
                   (m->info & NODE_INDEXED ? sizeof(struct index_entry) : 0);
    if (from != to && !kmem_affordable(to, bytes)) {
        arch_pte_drop_table(destination);
        return MAP_NO_MEMORY;
    }
    debug_assert(m->pte == source && !arch_pte_present(*destination));
    m->info |= arch_pte_take_status(source);
    if (m->info & NODE_INDEXED) {
        index_move(m, destination);
    }
    m->pte = destination;
    kmem_move_charge(from, to, bytes);
    arch_pte_set(destination, frame, rights);
    (void)arch_pte_clear(source);
    counters.maps++;
    return MAP_OK;
}

/* Makes an entry in the index for the node of a mapping that is not there yet; if that is not
 * possible, the node goes again. */
static RARE enum map_result index_new(word_t *head, struct mapping *m, struct mapping *parent)
{
    struct space *to = arch_pte_space(m->pte);
    enum map_result result = index_list(head, m);
    struct index_entry *e = result == MAP_OK ? kslab_take(&index_slab, to) : NULL;
    if (e) {
        index_add(e, m, parent);
        return MAP_OK;
    }
    node_remove(head, m);
    arch_pte_drop_table(m->pte);
    kslab_give(&mapping_slab, m, to);
    return result == MAP_OK ? MAP_NO_MEMORY : result;
}

static enum map_result map_new(struct mapping *parent, pte_t *pte, struct space *to, paddr_t frame,
                               word_t rights)
{
    word_t *head = mapping_head(frame);
    struct mapping *m = kslab_take(&mapping_slab, to);
    if (!m) {
        arch_pte_drop_table(pte);
        return MAP_NO_MEMORY;
    }
    debug_assert(!arch_pte_present(*pte) && (!parent || arch_pte_frame(*parent->pte) == frame));
    m->pte = pte;
    m->info = (parent ? depth(parent) + 1 : 1) << DEPTH_SHIFT;
    if (__builtin_expect(node_insert(head, parent, m) > LIST_SHORT * MAPPINGS_ONE + 1, 0)) {
        enum map_result result = index_new(head, m, parent);
        if (result != MAP_OK) {
            return result;
        }
    }
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
        enum map_result derived = MAP_OK;
        if (!grant || !source_pte || !derives(source_pte, pte, &derived)) {
            if (derived == MAP_MORE) {
                return MAP_MORE;
            }
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
    if (superpages_exist()) {
        enum map_result result = superpage_open(from, source);
        result = result == MAP_OK ? superpage_open(to, destination) : result;
        if (result != MAP_OK) {
            return result;
        }
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
