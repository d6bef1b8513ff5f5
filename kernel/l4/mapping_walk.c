/* SPDX-License-Identifier: BSD-2-Clause */
#include "mapping_walk.h"

#include "mapping_index.h"
#include "tcb.h"

static struct walk {
    bool stands;
    const struct tcb *owner;
    const void *tree;
    const pte_t *wanted;
    struct mapping *next;
} walks[WALK_KINDS];
word_t removals_noted;

static void set_standing(struct walk *w, bool stands)
{
    removals_noted += (word_t)stands - w->stands;
    w->stands = stands;
}

/* Who has left a place behind may be gone, and this be another thread at the same address. */
void unmap_begin(void)
{
    if (walks[WALK_ASK].owner == current) {
        set_standing(&walks[WALK_ASK], false);
    }
}

RARE struct mapping *walk_take(enum walk_kind kind, const void *tree, const pte_t *wanted,
                               struct mapping *start)
{
    struct walk *w = &walks[kind];
    if (!w->stands || w->owner != current || w->tree != tree || w->wanted != wanted) {
        return start;
    }
    set_standing(w, false);
    return w->next;
}

RARE void walk_pause(enum walk_kind kind, const void *tree, const pte_t *wanted, struct mapping *next)
{
    struct walk *w = &walks[kind];
    set_standing(w, true);
    w->owner = current;
    w->tree = tree;
    w->wanted = wanted;
    w->next = next;
}

static void walk_note_removal(struct walk *w, const struct mapping *m)
{
    if (w->tree == m) {
        set_standing(w, false);
    } else if (w->stands && w->next == m) {
        w->next = m->next;
    }
}

RARE void node_note_removal(struct mapping *m)
{
    for (int i = 0; i < WALK_KINDS; i++) {
        walk_note_removal(&walks[i], m);
    }
    if (m->info & NODE_INDEXED) {
        index_remove(m);
    }
}
