/* SPDX-License-Identifier: BSD-2-Clause */
#include "mapping_db.h"

#include "arch.h"
#include "kmem.h"
#include "mapping_db_priv.h"
#include "mapping_index.h"
#include "space.h"
#include "superpage.h"

struct kpage *frames;
size_t frame_count;
word_t device_heads[DEVICE_LISTS];
struct kslab mapping_slab = KSLAB_UNCLEARED(struct mapping);
int32_t work_left;

void mapping_db_init(struct kpage *descriptors, size_t count)
{
    frames = descriptors;
    frame_count = count;
}

size_t mapping_count(void)
{
    return mapping_slab.objects;
}

RARE struct mapping *node_search(struct mapping *first, const pte_t *pte)
{
    struct mapping *m = first;
    if (first->length & LIST_INDEXED) {
        return index_find(pte);
    }
    do {
        m = m->next;
        assert(m);
        work_done(WORK_PASS);
    } while (m->pte != pte);
    return m;
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
        if (frames[n].state == KPAGE_USER) {
            set_types(&frames[n].head, first, last, type);
        }
    }
    for (size_t n = 0; n < DEVICE_LISTS; n++) {
        set_types(&device_heads[n], first, last, type);
    }
    for (vaddr_t a = first; (a = arch_pte_next(sigma0_space, a, false)) <= last && a < USER_END;
         a += PAGE_BYTES) {
        pte_t *pte = arch_pte_find(sigma0_space, a);
        if (pte && arch_pte_present(*pte)) {
            arch_pte_set_type(pte, type);
        }
    }
}

const struct mapping *mapping_first(paddr_t frame)
{
    const word_t *head = mapping_head(superframe_big(frame) ? frame & SUPERPAGE_MASK : frame);
    return frame_is_users(frame) ? head_first(head) : NULL;
}

static bool is_super(const pte_t *pte)
{
    return ((uintptr_t)pte & PAGE_MASK) == (uintptr_t)arch_pte_space(pte)->directory;
}

static size_t list_check(const word_t *head, size_t *nodes, size_t *entries)
{
    size_t bad = 0;
    uint32_t previous = 0;
    const struct mapping *first = head_first(head), *before = NULL;
    uintptr_t length = 1, flag = first ? first->length & LIST_INDEXED : 0;
    for (const struct mapping *m = first; m; before = m, m = m->next, length += MAPPINGS_ONE) {
        bad += depth(m) == 0 || depth(m) > previous + 1 || (before && m->prev != before);
        bad += !arch_pte_present(*m->pte) || mapping_head(arch_pte_frame(*m->pte)) != head;
        bad += !(*head & HEAD_SUPER) == is_super(m->pte);
        bad += m->info & NODE_INDEXED ? !index_check(m) : flag != 0;
        previous = depth(m);
        ++*nodes;
        *entries += (m->info & NODE_INDEXED) != 0;
    }
    return bad + (first && first->length != (length | flag)) +
           (!flag && length > LIST_SHORT * MAPPINGS_ONE + 1);
}

size_t mapping_db_check(void)
{
    size_t bad = 0, nodes = 0, entries = 0;
    for (size_t i = 0; i < frame_count; i++) {
        bad += frames[i].state == KPAGE_USER ? list_check(&frames[i].head, &nodes, &entries) : 0;
    }
    for (size_t i = 0; i < DEVICE_LISTS; i++) {
        bad += list_check(&device_heads[i], &nodes, &entries);
    }
    bad += entries != index_slab.objects;
    return bad + superframe_check() + (nodes != mapping_slab.objects);
}
