/* SPDX-License-Identifier: BSD-2-Clause */
#include "map.h"

#include <string.h>

#include "base/assertion.h"

enum { HEAD_MARK = 0x3150614d, HEAD_PAGES = 3 };

_Static_assert(sizeof(struct map_state) <= NODE_BYTES, "a state is in one page");

/* What a change has prepared, and commits by one store. */
static struct map_state *next_state(const struct map *m)
{
    struct map_state *next = (void *)&m->pages.base[1 + (m->head->commit + 1) % 2];
    ASSERT(next != m->state);
    *next = (struct map_state){
        .number = m->head->commit + 1, .records = m->state->records, .tree = m->state->tree};
    next->batch.number = m->state->batch.number;
    return next;
}

static void commit(struct map *m, struct map_state *next)
{
    /* All that `next` names is in memory before it counts, and nothing of the old tree is written
     * before that: the compiler moves no store across. */
    __asm__ volatile("" ::: "memory");
    *(volatile uint32_t *)&m->head->commit = next->number;
    __asm__ volatile("" ::: "memory");
    m->state = next;
    pages_committed(&m->pages);
}

/* ---- opening ---- */

/* Marks all nodes below an inner one, in depth: a way is enough memory for it. */
static enum map_result mark_nodes(struct map_pages *p, const struct tree *t)
{
    enum map_result r = MAP_OK;
    struct tree_way way;
    uint32_t level = t->levels;
    if (level == 0) {
        return MAP_OK;
    }
    way.step[--level].page = t->root;
    way.step[level].index = 0;
    if (!pages_mark(p, t->root) || !pages_node(p, t->root, level)) {
        return MAP_DAMAGED;
    }
    while (level < t->levels) {
        const struct node *n = pages_node(p, way.step[level].page, level);
        if (level == 0 || way.step[level].index == n->count) {
            level++; /* a leaf has nothing below it */
            continue;
        }
        const struct item *it = node_item(n, way.step[level].index++);
        if (!it || !pages_mark(p, it->value) || (level > 1 && !pages_node(p, it->value, level - 1))) {
            r = MAP_DAMAGED;
        } else if (level > 1) {
            way.step[--level].page = it->value;
            way.step[level].index = 0;
        }
    }
    return r;
}

bool map_usable(const struct map *m)
{
    return m->head->mark == HEAD_MARK && m->state->number == m->head->commit &&
           m->state->tree.levels <= MAP_LEVELS_MAX && m->state->batch.count <= SEGMAP_BATCH_MAX;
}

enum map_result map_open(struct map *m, void *base, uint32_t count, uint32_t *used)
{
    *m = (struct map){.head = base};
    pages_init(&m->pages, base, count, used, HEAD_PAGES);
    if (m->head->mark == 0 && m->head->commit == 0) {
        m->head->mark = HEAD_MARK; /* all is zero, and so is the state: number 0, without levels */
    }
    m->state = (void *)&m->pages.base[1 + m->head->commit % 2];
    return map_usable(m) ? mark_nodes(&m->pages, &m->state->tree) : MAP_DAMAGED;
}

/* ---- one record ---- */

enum map_result map_find(const struct map *m, struct window_key key, const struct item **it)
{
    struct tree_way way;
    enum map_result result = tree_find(&m->pages, &m->state->tree, key, &way, it);
    return result == MAP_OK && window_key_compare(item_key(*it), key) != 0 ? MAP_NONE : result;
}

enum map_result map_look_up(const struct map *m, struct window_key key, struct window_record *r)
{
    const struct item *it;
    enum map_result result = map_find(m, key, &it);
    if (result == MAP_OK) {
        record_unpack(it, r);
    }
    return result;
}

enum map_result map_store(struct map *m, const struct window_record *r)
{
    uint32_t words[ITEM_BYTES_MAX / 4];
    struct item *packed = (void *)words;
    record_pack(r, packed);
    const struct tree *t = &m->state->tree;
    struct tree after;
    struct tree_way way;
    struct tree_edit edit = {.with = {packed}, .added = packed->present != 0};
    bool there = false;
    enum map_result result;
    if (t->levels > 0) {
        result = tree_place(&m->pages, t, r->key, &way, &edit.first, &there);
        if (result != MAP_OK) {
            return result;
        }
    }
    if (!there && edit.added == 0) {
        return MAP_OK; /* there is nothing to delete */
    }
    edit.end = edit.first + there;
    result = t->levels > 0 ? tree_change(&m->pages, t, &way, edit, edit.added == 0, &after)
                           : tree_plant(&m->pages, packed, &after);
    if (result == MAP_OK) {
        struct map_state *next = next_state(m);
        next->tree = after;
        next->records += edit.added - there;
        next->batch = m->state->batch;
        commit(m, next);
    }
    return result;
}

/* ---- dropping a range ---- */

struct drop {
    uint32_t container, first, end; /* pages */
    struct tree_edit edit;          /* of the leaf */
    uint32_t deleted;               /* records */
    uint32_t rest[2][ITEM_BYTES_MAX / 4];
};

/* Moves the entries of the range into the batch; false if the record has none of them. */
static bool cut(const struct drop *d, struct window_record *r, struct map_batch *batch)
{
    uint32_t before = batch->count;
    for (uint32_t i = 0; i < WINDOW_PAGES; i++) {
        uint32_t page = r->key.window * WINDOW_PAGES + i;
        if (r->entries[i] && page >= d->first && page < d->end) {
            ASSERT(batch->count < SEGMAP_BATCH_MAX);
            batch->entries[batch->count++] = r->entries[i];
            r->entries[i] = 0;
        }
    }
    return batch->count > before;
}

/* Goes through the records of a leaf from edit.first on.  Those with entries of the range lie side
 * by side; of the first and of the last one something can be left. */
static enum map_result cut_leaf(struct drop *d, const struct node *leaf, struct map_batch *batch)
{
    for (d->edit.end = d->edit.first; d->edit.end < leaf->count; d->edit.end++) {
        const struct item *it = node_item(leaf, d->edit.end);
        if (!it) {
            return MAP_DAMAGED;
        }
        struct window_record record;
        record_unpack(it, &record);
        if (record.key.container != d->container || record.key.window * WINDOW_PAGES >= d->end ||
            batch->count + WINDOW_PAGES > SEGMAP_BATCH_MAX) {
            return MAP_NONE;
        }
        if (!cut(d, &record, batch)) {
            if (batch->count) {
                return MAP_NONE; /* the last window of the range */
            }
            d->edit.first++; /* the first one */
            continue;
        }
        struct item *left = (void *)d->rest[d->edit.added];
        record_pack(&record, left);
        if (left->present) {
            ASSERT(d->edit.added < 2);
            d->edit.with[d->edit.added++] = left;
        } else {
            d->deleted++;
        }
    }
    return MAP_OK;
}

static enum map_result drop(struct map *m, uint32_t container, uint32_t first, uint32_t end, bool batched)
{
    ASSERT(!map_batch(m));
    struct drop d = {.container = container, .first = first, .end = end};
    struct tree_way way;
    const struct item *it;
    struct window_key key = {.container = container, .window = first / WINDOW_PAGES};
    enum map_result r = first < end ? tree_find(&m->pages, &m->state->tree, key, &way, &it) : MAP_NONE;
    if (r != MAP_OK) {
        return r;
    }
    struct map_state *next = next_state(m);
    d.edit.first = way.step[0].index;
    r = cut_leaf(&d, pages_node(&m->pages, way.step[0].page, 0), &next->batch);
    if (r == MAP_DAMAGED) {
        return r;
    }
    if (next->batch.count == 0) {
        /* Nothing in this leaf; only its last record can have kept the search from the next one. */
        uint32_t behind = (first / WINDOW_PAGES + 1) * WINDOW_PAGES;
        return r == MAP_NONE ? r : drop(m, container, behind, end, batched);
    }
    r = tree_change(&m->pages, &m->state->tree, &way, d.edit, true, &next->tree);
    if (r == MAP_OK) {
        next->records -= d.deleted;
        next->batch.container = container;
        next->batch.number += batched;
        next->batch.count = batched ? next->batch.count : 0;
        commit(m, next);
    }
    return r;
}

enum map_result map_drop(struct map *m, uint32_t container, uint32_t first, uint32_t end)
{
    return drop(m, container, first, end, true);
}

enum map_result map_forget(struct map *m, uint32_t container, uint32_t first, uint32_t end)
{
    return drop(m, container, first, end, false);
}

const struct map_batch *map_batch(const struct map *m)
{
    return m->state->batch.count ? &m->state->batch : NULL;
}

void map_batch_counted(struct map *m)
{
    ASSERT(map_batch(m));
    struct map_state *next = next_state(m);
    commit(m, next);
}
