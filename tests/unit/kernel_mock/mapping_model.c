/* SPDX-License-Identifier: BSD-2-Clause */
/* The naive model of the mapping database (mapping_model.h). */
#include "mapping_model.h"

#include "l4/mapping_index.h"

#include <string.h>

struct node nodes[NODES];
static struct event {
    uint64_t untold; /* nodes */
    int where;
    bool write, surmised;
} events[EVENTS];
static unsigned event_count;

unsigned model_events(void)
{
    return event_count;
}

int model_find(int space, int page)
{
    for (int i = 0; i < ROOT; i++) {
        if (nodes[i].used && nodes[i].space == space && nodes[i].page == page) {
            return i;
        }
    }
    return -1;
}

bool model_below(int node, int above)
{
    while (node >= 0 && node != above) {
        node = nodes[node].parent;
    }
    return node == above;
}

static uint64_t bit(int node)
{
    return 1ull << node;
}

static void add(struct event e)
{
    for (unsigned i = 0; i < event_count; i++) {
        if (memcmp(&events[i], &e, sizeof e) == 0) {
            return; /* exactly the same is pending */
        }
    }
    assert(event_count < EVENTS);
    events[event_count++] = e;
}

void model_access(int node, bool write, bool surmised)
{
    struct event e = {.where = node, .write = write, .surmised = surmised};
    for (int i = node; i >= 0; i = nodes[i].parent) {
        e.untold |= bit(i);
    }
    add(e);
}

void model_surmise(int root, int other)
{
    for (unsigned i = 0, count = event_count; i < count; i++) {
        if (events[i].untold & bit(root)) {
            add((struct event){
                .untold = bit(other), .where = -1, .write = events[i].write, .surmised = true});
        }
    }
}

static void model_forget_told(void)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < event_count; i++) {
        if (events[i].untold) {
            events[kept++] = events[i];
        }
    }
    event_count = kept;
}

void model_told(int node, word_t rights)
{
    for (unsigned i = 0; i < event_count; i++) {
        struct event *e = &events[i];
        if (e->where == node && (rights & (e->write ? RWX : RX)) == (word_t)(e->write ? RWX : RX)) {
            e->untold &= ~bit(node);
        }
    }
    model_forget_told();
}

struct answer model_query(int node, bool flush)
{
    struct answer status = {0, 0};
    for (unsigned i = 0; i < event_count; i++) {
        struct event *e = &events[i];
        if (!(e->untold & bit(node)) || (e->where == node && !flush)) {
            continue;
        }
        word_t rights = e->write ? RWX : RX;
        status.at_most |= rights;
        status.at_least |= e->surmised ? 0 : rights;
        for (int below = 0; below < ROOT; below++) {
            if (nodes[below].used && model_below(below, node)) {
                e->untold &= ~bit(below);
            }
        }
        e->untold &= ~bit(node);
    }
    model_forget_told();
    return status;
}

void model_delete(int node)
{
    for (int i = 0; i < ROOT; i++) {
        if (nodes[i].used && nodes[i].parent == node) {
            model_delete(i);
        }
    }
    nodes[node].used = false;
    for (unsigned i = 0; i < event_count; i++) {
        events[i].untold &= ~bit(node);
        if (events[i].where == node) {
            events[i].where = -1;
        }
    }
}

struct answer model_unmap(int node, word_t rights, bool flush)
{
    struct answer status = model_query(node, flush);
    for (int i = 0; i < ROOT; i++) {
        if (nodes[i].used && model_below(i, node) && (i != node || flush)) {
            if (rights == RWX) {
                model_delete(i);
            } else if (rights & W) {
                nodes[i].writable = false;
            }
        }
    }
    model_forget_told();
    return status;
}

static void model_move(int node, int space, int page, bool writable)
{
    for (unsigned i = 0; i < event_count; i++) {
        if (events[i].where == node) { /* of the granter's page: known only to those above */
            events[i].where = -1;
            events[i].untold &= ~bit(node);
        }
    }
    model_forget_told();
    nodes[node].space = space;
    nodes[node].page = page;
    nodes[node].writable = writable;
}

void model_map(int source, int space, int page, word_t rights, bool grant)
{
    bool writable = (rights & W) && (source >= ROOT || nodes[source].writable);
    int old = model_find(space, page);
    grant = grant && source < ROOT;
    if (old == source) {
        return;
    }
    if (old >= 0 && nodes[old].frame != nodes[source].frame) {
        (void)model_unmap(old, RWX, true);
        old = -1;
    }
    if (old >= 0) {
        nodes[old].writable |= writable;
        if (!grant) {
            return;
        }
        if (!model_below(old, source)) {
            (void)model_unmap(source, RWX, true);
            return;
        }
        writable = nodes[old].writable; /* it rises to the place of its ancestor */
        (void)model_unmap(old, RWX, true);
    }
    if (grant) {
        model_move(source, space, page, writable);
        return;
    }
    for (int i = 0; i < ROOT; i++) {
        if (!nodes[i].used) {
            nodes[i] = (struct node){true, writable, source, space, page, nodes[source].frame};
            return;
        }
    }
    assert(false);
}

void model_begin(int roots)
{
    for (int i = 0; i < roots; i++) {
        nodes[ROOT + i] =
            (struct node){.used = true, .writable = true, .parent = -1, .space = -1, .frame = i};
    }
}

void model_delete_space(int space, int pages)
{
    for (int i = 0; i < pages; i++) {
        int node = model_find(space, i);
        if (node >= 0) {
            (void)model_unmap(node, RWX, true);
        }
    }
}

size_t indexed_mappings(const struct space *space)
{
    size_t count = 0;
    for (vaddr_t a = 0; (a = arch_pte_next(space, a, false)) < USER_END; a += PAGE_BYTES) {
        const pte_t *pte = arch_pte_find(space, a);
        const struct mapping *m = pte && arch_pte_present(*pte) ? mapping_first(arch_pte_frame(*pte)) : NULL;
        while (m && m->pte != pte) {
            m = m->next;
        }
        count += m && m->info & NODE_INDEXED;
    }
    return count;
}
