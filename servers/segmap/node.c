/* SPDX-License-Identifier: BSD-2-Clause */
#include "node.h"

#include <string.h>

#include "base/assertion.h"

enum { NODE_MARK = 0x50614d53, PLACE_BYTES = 2 };

_Static_assert(sizeof(struct node) == NODE_BYTES, "a node is a page");

bool node_is(const struct node *n, uint32_t level)
{
    return n->mark == NODE_MARK && n->level == level && n->count > 0 && n->count <= NODE_ITEMS_MAX;
}

/* All but its words lies in the node: enough to look at its key. */
static const struct item *item_head(const struct node *n, uint32_t index)
{
    uint32_t at = n->at[index];
    if (at % 4 || at < n->count * (uint32_t)PLACE_BYTES || at > NODE_BODY - sizeof(struct item)) {
        return NULL;
    }
    return (const void *)((const char *)n->at + at);
}

const struct item *node_item(const struct node *n, uint32_t index)
{
    ASSERT(index < n->count);
    const struct item *it = item_head(n, index);
    if (!it || n->at[index] + item_bytes(it) > NODE_BODY || (n->level > 0) != (it->present == 0)) {
        return NULL;
    }
    return it;
}

const struct item *node_find(const struct node *n, struct window_key key, uint32_t *index)
{
    uint32_t low = 0, high = n->count;
    while (low + 1 < high) {
        uint32_t middle = (low + high) / 2;
        const struct item *it = item_head(n, middle);
        if (!it) {
            return NULL;
        }
        if (window_key_compare(item_key(it), key) <= 0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *index = low;
    return node_item(n, low);
}

static uint32_t bytes_in_node(const struct item *it)
{
    return item_bytes(it) + PLACE_BYTES;
}

void run_add(struct item_run *run, const struct item *it)
{
    ASSERT(run->count < sizeof run->items / sizeof run->items[0]);
    run->items[run->count++] = it;
    run->bytes += bytes_in_node(it);
}

bool run_add_node(struct item_run *run, const struct node *n, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        const struct item *it = node_item(n, i);
        const struct item *last = run->count ? run->items[run->count - 1] : NULL;
        if (!it || (last && window_key_compare(item_key(last), item_key(it)) >= 0)) {
            return false;
        }
        run_add(run, it);
    }
    return true;
}

uint32_t run_split(const struct item_run *run)
{
    if (run->bytes <= NODE_BODY) {
        return run->count;
    }
    uint32_t bytes = 0, i = 0;
    while (bytes < run->bytes / 2) {
        bytes += bytes_in_node(run->items[i++]);
    }
    return i;
}

/* Items that lay side by side are copied together: most of a node is. */
static bool below(const struct item *a, const struct item *b)
{
    return (const char *)a + item_bytes(a) == (const char *)b;
}

void node_lay_out(struct node *n, uint32_t level, const struct item_run *run, uint32_t first, uint32_t end)
{
    ASSERT(first < end && end <= run->count && end - first <= NODE_ITEMS_MAX);
    n->mark = NODE_MARK;
    n->level = (uint16_t)level;
    n->count = (uint16_t)(end - first);
    uint32_t at = NODE_BODY, together = 0;
    for (uint32_t i = first; i < end; i++) {
        uint32_t bytes = item_bytes(run->items[i]);
        ASSERT(at >= bytes + n->count * (uint32_t)PLACE_BYTES);
        at -= bytes;
        together += bytes;
        n->at[i - first] = (uint16_t)at;
        if (i + 1 == end || !below(run->items[i + 1], run->items[i])) {
            memcpy((char *)n->at + at, run->items[i], together);
            together = 0;
        }
    }
}

bool node_item_is_like(const struct node *n, uint32_t index, const struct item *it)
{
    const struct item *old = node_item(n, index);
    return old && window_key_compare(item_key(old), item_key(it)) == 0 && item_bytes(old) == item_bytes(it);
}

void node_copy_with(struct node *n, const struct node *old, uint32_t index, const struct item *it)
{
    ASSERT(node_item_is_like(old, index, it));
    memcpy(n, old, NODE_BYTES);
    memcpy((char *)n->at + n->at[index], it, item_bytes(it));
}
