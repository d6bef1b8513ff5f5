/* SPDX-License-Identifier: BSD-2-Clause */
#include "mapping_index.h"

#include "arch.h"
#include "kmem.h"
#include "work.h"

struct kslab index_slab = KSLAB_FOR_MAPPINGS(struct index_entry);
static struct index_entry *root;

/* The link to the entry of a mapping, or to where it would be. */
static struct index_entry **link_of(const pte_t *pte)
{
    enum { GOLDEN = 0x9e3779b1, TOP = 31 };
    struct index_entry **link = &root;
    uint32_t hash = (uint32_t)((uintptr_t)pte / sizeof *pte) * (uint32_t)GOLDEN;
    while (*link && (*link)->node->pte != pte) {
        link = &(*link)->child[hash >> TOP];
        hash <<= 1;
    }
    return link;
}

static struct index_entry *entry_of(const struct mapping *m)
{
    struct index_entry *e = *link_of(m->pte);
    assert(m->info & NODE_INDEXED && e && e->node == m);
    return e;
}

static void enter(struct index_entry *e)
{
    struct index_entry **link = link_of(e->node->pte);
    assert(!*link);
    e->child[0] = e->child[1] = NULL;
    *link = e;
}

/* Takes the entry of m out of the tree: some leaf below takes its place. */
static struct index_entry *leave(const struct mapping *m)
{
    struct index_entry **link = link_of(m->pte), **last = link, *e = *link;
    assert(m->info & NODE_INDEXED && e && e->node == m);
    while ((*last)->child[0] || (*last)->child[1]) {
        last = &(*last)->child[!(*last)->child[0]];
    }
    struct index_entry *leaf = *last;
    *last = NULL;
    if (leaf != e) {
        leaf->child[0] = e->child[0];
        leaf->child[1] = e->child[1];
        *link = leaf;
    }
    return e;
}

RARE struct mapping *index_find(const pte_t *pte)
{
    struct index_entry *e = *link_of(pte);
    assert(e);
    work_done(WORK_INDEX);
    return e->node;
}

RARE struct mapping *index_parent(const struct mapping *m)
{
    const struct index_entry *parent = entry_of(m)->parent;
    return parent ? parent->node : NULL;
}

static void add(struct index_entry *e, struct mapping *m, struct index_entry *parent)
{
    debug_assert(!(m->info & NODE_INDEXED) && depth(m) == (parent ? depth(parent->node) + 1 : 1));
    *e = (struct index_entry){.node = m, .parent = parent};
    m->info |= NODE_INDEXED;
    enter(e);
    removals_noted++;
    work_done(WORK_INDEX);
}

RARE void index_add(struct index_entry *e, struct mapping *m, const struct mapping *parent)
{
    add(e, m, parent ? entry_of(parent) : NULL);
}

RARE void index_remove(struct mapping *m)
{
    struct index_entry *e = leave(m);
    kslab_give(&index_slab, e, arch_pte_space(m->pte));
    m->info &= ~(uint32_t)NODE_INDEXED;
    removals_noted--;
    work_done(WORK_INDEX);
}

RARE void index_move(struct mapping *m, pte_t *to)
{
    struct index_entry *e = leave(m);
    m->pte = to;
    enter(e);
}

bool index_check(const struct mapping *m)
{
    const struct index_entry *e = *link_of(m->pte), *parent = e ? e->parent : NULL;
    return e && e->node == m && depth(m) == (parent ? depth(parent->node) + 1 : 1);
}

/* The entry from which that of m descends, if `before' is the entry of the node before m. */
static struct index_entry *parent_entry(const struct mapping *m, struct index_entry *before)
{
    while (before && depth(before->node) >= depth(m)) {
        before = before->parent;
        work_done(WORK_PASS);
    }
    return before;
}

/* The next node from m on that has no entry and is not `but'. */
static struct mapping *without_entry(struct mapping *m, const struct mapping *but)
{
    unsigned passed = 0;
    for (; m && (m->info & NODE_INDEXED || m == but); m = m->next) {
        passed++;
    }
    work_done((int32_t)passed * WORK_PASS);
    return m;
}

/* The entry of the node before m, if `but' were not there.  NULL: m is the first. */
static struct index_entry *entry_before(const struct mapping *m, const struct mapping *first,
                                        const struct mapping *but)
{
    const struct mapping *before = m == first ? NULL : m->prev;
    if (before == but && before) {
        before = before == first ? NULL : before->prev;
    }
    return before ? entry_of(before) : NULL;
}

/* Those that have an entry already are passed; they are no more than LIST_SHORT.  A few nodes are
 * done in any case. */
RARE enum map_result index_list(const word_t *head, const struct mapping *new_one)
{
    enum { LEAST = KERNEL_TESTED ? 1 : 4 };
    struct mapping *first = head_first(head);
    if (first->length & LIST_INDEXED) {
        return MAP_OK;
    }
    unsigned n = 0;
    for (struct mapping *m = first; (m = without_entry(m, new_one)); n++) {
        if (work_over() && n >= LEAST) {
            return MAP_MORE;
        }
        struct index_entry *e = kslab_alloc(&index_slab, NULL);
        if (!e) {
            return MAP_NO_MEMORY;
        }
        kmem_move_charge(NULL, arch_pte_space(m->pte), sizeof *e);
        add(e, m, parent_entry(m, entry_before(m, first, new_one)));
    }
    first->length |= LIST_INDEXED;
    return MAP_OK;
}

RARE void index_shrink(const word_t *head)
{
    enum { FEW = 4 };
    struct mapping *first = head_first(head);
    if (!(first->length & LIST_INDEXED) || (first->length & ~LIST_INDEXED) > FEW * MAPPINGS_ONE + 1) {
        return;
    }
    for (struct mapping *m = first; m; m = m->next) {
        index_remove(m);
    }
    first->length &= ~LIST_INDEXED;
}
