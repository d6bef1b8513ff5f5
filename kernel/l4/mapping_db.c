/* SPDX-License-Identifier: BSD-2-Clause */
#include "mapping_db.h"

#include "arch.h"
#include "kmem.h"
#include "mapping_db_priv.h"
#include "mapping_index.h"
#include "mapping_walk.h"
#include "space.h"
#include "superpage.h"

struct kpage *frames;
size_t frame_count;
word_t device_heads[DEVICE_LISTS];
struct kslab mapping_slab = KSLAB_FOR_MAPPINGS(struct mapping);
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

/* false: the step is over. */
static bool set_types(const word_t *head, paddr_t first, paddr_t last, word_t type)
{
    struct mapping *m = walk_resume(WALK_ASK, head, NULL, head_first(head));
    for (unsigned n = 0; m; m = m->next, n++) {
        if (work_over() && n > 0) {
            walk_pause(WALK_ASK, head, NULL, m);
            return false;
        }
        paddr_t frame = arch_pte_frame(*m->pte);
        if (frame >= first && frame <= last) {
            arch_pte_set_type(m->pte, type);
        }
        work_done(WORK_VISIT);
    }
    return true;
}

static bool set_types_of_frames(paddr_t first, paddr_t last, word_t type, word_t *next)
{
    word_t n = first >> PAGE_BITS;
    for (n = n > *next ? n : *next; n < frame_count && n <= last >> PAGE_BITS; n++) {
        *next = n;
        work_done(WORK_ENTRY);
        if (work_over() ||
            (frames[n].state == KPAGE_USER && !set_types(&frames[n].head, first, last, type))) {
            return false;
        }
    }
    return true;
}

static bool set_types_of_devices(paddr_t first, paddr_t last, word_t type, word_t *next)
{
    for (; *next < DEVICE_LISTS; ++*next) {
        if (!set_types(&device_heads[*next], first, last, type)) {
            return false;
        }
    }
    return true;
}

static bool set_types_of_sigma0(paddr_t first, paddr_t last, word_t type, word_t *next)
{
    vaddr_t a = first > *next ? first : *next;
    while (a < USER_END && !work_over()) {
        vaddr_t from = a;
        a = arch_pte_next(sigma0_space, a, false);
        work_done(scan_cost(from, a) + WORK_VISIT);
        if (a > last || a >= USER_END) {
            return true;
        }
        pte_t *pte = arch_pte_find(sigma0_space, a);
        if (pte && arch_pte_present(*pte) && !arch_pte_kernel_owned(*pte)) {
            arch_pte_set_type(pte, type);
        }
        a += PAGE_BYTES;
    }
    *next = a;
    return a >= USER_END;
}

RARE bool mapping_set_type(paddr_t first, paddr_t last, word_t type, struct type_progress *p)
{
    static bool (*const parts[])(paddr_t first, paddr_t last, word_t type, word_t * next) = {
        [TYPE_FRAMES] = set_types_of_frames,
        [TYPE_DEVICES] = set_types_of_devices,
        [TYPE_SIGMA0] = set_types_of_sigma0,
    };
    for (; p->part <= TYPE_SIGMA0; p->part++, p->next = 0) {
        if (!parts[p->part](first, last, type, &p->next)) {
            return false;
        }
    }
    return true;
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
