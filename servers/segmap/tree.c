/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree.h"

#include "base/assertion.h"

enum { KEPT_PAGES = CHANGE_PAGES_MAX, MERGE_BYTES = NODE_BODY / 4 };

/* An item of an inner node, which has no words. */
struct child {
    _Alignas(struct item) char bytes[sizeof(struct item)];
};

static const struct item *child_item(struct child *c, struct window_key key, uint32_t page)
{
    struct item *it = (void *)c->bytes;
    it->container = key.container;
    it->window = (uint16_t)key.window;
    it->present = 0;
    it->value = page;
    return it;
}

static const struct node *node_of(const struct map_pages *p, const struct tree_way *way, uint32_t level)
{
    return pages_node(p, way->step[level].page, level);
}

/* Goes on from the step above `level` to the leaf, which it returns; NULL: one on the way is
 * damaged.  To the key, or, without one, to the first item: *found is that of the leaf. */
static const struct node *descend(const struct map_pages *p, struct tree_way *way, uint32_t level,
                                  const struct window_key *key, const struct item **found)
{
    for (;; level--) {
        const struct node *n = node_of(p, way, level);
        way->step[level].index = 0;
        const struct item *it = !n    ? NULL
                                : key ? node_find(n, *key, &way->step[level].index)
                                      : node_item(n, 0);
        if (!it) {
            return NULL;
        }
        if (level == 0) {
            *found = it;
            return n;
        }
        way->step[level - 1].page = it->value;
    }
}

/* The same from the root.  *order: where the item stands, before the key, at it, or behind it. */
static const struct node *go_to(const struct map_pages *p, const struct tree *t, struct window_key key,
                                struct tree_way *way, const struct item **found, int *order)
{
    ASSERT(t->levels > 0 && t->levels <= MAP_LEVELS_MAX);
    way->step[t->levels - 1].page = t->root;
    const struct node *leaf = descend(p, way, t->levels - 1, &key, found);
    *order = leaf ? window_key_compare(item_key(*found), key) : 0;
    return leaf;
}

enum map_result tree_place(const struct map_pages *p, const struct tree *t, struct window_key key,
                           struct tree_way *way, uint32_t *first, bool *there)
{
    const struct item *it;
    int order;
    if (!go_to(p, t, key, way, &it, &order)) {
        return MAP_DAMAGED;
    }
    *there = order == 0;
    *first = way->step[0].index + (order < 0);
    return MAP_OK;
}

/* Moves the way from the end of a leaf to the start of the next one. */
static enum map_result next_leaf(const struct map_pages *p, const struct tree *t, struct tree_way *way,
                                 const struct item **found)
{
    for (uint32_t level = 1; level < t->levels; level++) {
        const struct node *n = node_of(p, way, level);
        if (way->step[level].index + 1U < n->count) {
            const struct item *it = node_item(n, ++way->step[level].index);
            if (!it) {
                return MAP_DAMAGED;
            }
            way->step[level - 1].page = it->value;
            return descend(p, way, level - 1, NULL, found) ? MAP_OK : MAP_DAMAGED;
        }
    }
    return MAP_NONE;
}

enum map_result tree_find(const struct map_pages *p, const struct tree *t, struct window_key key,
                          struct tree_way *way, const struct item **found)
{
    if (t->levels == 0) {
        return MAP_NONE;
    }
    int order;
    const struct node *leaf = go_to(p, t, key, way, found, &order);
    if (!leaf) {
        return MAP_DAMAGED;
    }
    if (order >= 0) {
        return MAP_OK;
    }
    if (++way->step[0].index == leaf->count) {
        return next_leaf(p, t, way, found);
    }
    *found = node_item(leaf, way->step[0].index);
    return *found ? MAP_OK : MAP_DAMAGED;
}

/* ---- changes ---- */

/* The node as it will be. */
static bool run_of(struct item_run *run, const struct node *n, const struct tree_edit *e)
{
    ASSERT(e->first <= e->end && e->end <= n->count);
    if (!run_add_node(run, n, 0, e->first)) {
        return false;
    }
    for (uint32_t i = 0; i < e->added; i++) {
        run_add(run, e->with[i]);
    }
    return run_add_node(run, n, e->end, n->count);
}

static uint32_t bytes_of(const struct node *n)
{
    struct item_run run = {0};
    return run_add_node(&run, n, 0, n->count) ? run.bytes : NODE_BODY;
}

/* Takes the neighbour of a node that has become small into the run, if both fit into one page.
 * `up` is what the parent is to replace: one child, and then both. */
static void join_neighbour(struct map_pages *p, const struct tree_way *way, uint32_t level,
                           struct item_run *run, struct tree_edit *up)
{
    const struct node *parent = node_of(p, way, level + 1);
    bool left = up->end == parent->count;
    if (left && up->first == 0) {
        return; /* it has none */
    }
    const struct item *it = node_item(parent, left ? up->first - 1 : up->end);
    const struct node *n = it ? pages_node(p, it->value, level) : NULL;
    if (!n || run->bytes + bytes_of(n) > NODE_BODY) {
        return; /* a damaged neighbour is left as it is */
    }
    struct item_run joined = {0};
    if (left) {
        run_add_node(&joined, n, 0, n->count);
    }
    for (uint32_t i = 0; i < run->count; i++) {
        run_add(&joined, run->items[i]);
    }
    if (!left) {
        run_add_node(&joined, n, 0, n->count);
    }
    *run = joined;
    *(left ? &up->first : &up->end) += left ? -1U : 1U;
    pages_give_up(p, it->value);
}

/* Lays the run out and tells the parent of one child, of two, or of none. */
static void lay_out(struct map_pages *p, uint32_t level, const struct item_run *run, struct child *children,
                    struct tree_edit *up)
{
    up->added = 0;
    for (uint32_t first = 0, end; first < run->count; first = end) {
        end = first == 0 ? run_split(run) : run->count;
        uint32_t page = pages_take(p);
        node_lay_out(&p->base[page], level, run, first, end);
        up->with[up->added] = child_item(&children[up->added], item_key(run->items[first]), page);
        up->added++;
    }
}

/* The node is copied but for one item: the usual case above a leaf, where all else stays. */
static void change_item(struct map_pages *p, const struct node *n, struct child *child,
                        const struct tree_edit *edit, struct tree_edit *up)
{
    uint32_t page = pages_take(p);
    node_copy_with(&p->base[page], n, edit->first, edit->with[0]);
    up->with[0] = child_item(child, item_key(node_item(n, 0)), page);
    up->added = 1;
}

/* The items are laid out anew. */
static bool change_items(struct map_pages *p, const struct tree_way *way, uint32_t level, bool has_parent,
                         struct child *children, const struct tree_edit *edit, struct tree_edit *up)
{
    struct item_run run = {0};
    if (!run_of(&run, node_of(p, way, level), edit)) {
        return false;
    }
    if (has_parent && run.count && run.bytes < MERGE_BYTES) {
        join_neighbour(p, way, level, &run, up);
    }
    lay_out(p, level, &run, children, up);
    return true;
}

static bool one_for_another(const struct node *n, const struct tree_edit *e)
{
    return e->added == 1 && e->end == e->first + 1 && node_item(n, 0) &&
           node_item_is_like(n, e->first, e->with[0]);
}

/* Changes one node: `edit` says what of it is replaced and, afterwards, what of its parent. */
static bool change_node(struct map_pages *p, const struct tree *t, const struct tree_way *way, uint32_t level,
                        struct child *children, struct tree_edit *edit)
{
    const struct node *n = node_of(p, way, level);
    bool has_parent = level + 1 < t->levels;
    uint32_t index = has_parent ? way->step[level + 1].index : 0;
    struct tree_edit up = {.first = index, .end = index + has_parent};
    if (one_for_another(n, edit)) {
        change_item(p, n, children, edit, &up);
    } else if (!change_items(p, way, level, has_parent, children, edit, &up)) {
        return false;
    }
    pages_give_up(p, way->step[level].page);
    *edit = up;
    return true;
}

/* The root's page, or two: a level more; or none.  A root with one child is none. */
static void new_root(struct map_pages *p, const struct tree *t, const struct tree_edit *top,
                     struct tree *after)
{
    *after = (struct tree){0};
    if (top->added == 0) {
        return;
    }
    *after = (struct tree){.root = top->with[0]->value, .levels = t->levels};
    if (top->added == 2) {
        struct item_run run = {0};
        run_add(&run, top->with[0]);
        run_add(&run, top->with[1]);
        after->root = pages_take(p);
        node_lay_out(&p->base[after->root], after->levels++, &run, 0, run.count);
    }
    const struct node *n = &p->base[after->root];
    while (n->level > 0 && n->count == 1) {
        pages_give_up(p, after->root);
        after->root = node_item(n, 0)->value;
        after->levels--;
        n = &p->base[after->root];
    }
}

enum map_result tree_change(struct map_pages *p, const struct tree *t, const struct tree_way *way,
                            struct tree_edit edit, bool urgent, struct tree *after)
{
    struct child children[2][2];
    ASSERT(p->taken_count == 0 && p->given_up_count == 0);
    if (p->free < 2 * t->levels + 1 + (urgent ? 0 : KEPT_PAGES) || t->levels == MAP_LEVELS_MAX) {
        return MAP_FULL;
    }
    for (uint32_t level = 0; level < t->levels; level++) {
        if (!change_node(p, t, way, level, children[level % 2], &edit)) {
            pages_undone(p);
            return MAP_DAMAGED;
        }
    }
    new_root(p, t, &edit, after);
    return MAP_OK;
}

enum map_result tree_plant(struct map_pages *p, const struct item *record, struct tree *after)
{
    if (p->free < 1 + KEPT_PAGES) {
        return MAP_FULL;
    }
    struct item_run run = {0};
    run_add(&run, record);
    *after = (struct tree){.root = pages_take(p), .levels = 1};
    node_lay_out(&p->base[after->root], 0, &run, 0, 1);
    return MAP_OK;
}
