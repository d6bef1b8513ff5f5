/* SPDX-License-Identifier: BSD-2-Clause */
/* A naive model of the mapping database.
 *
 * The model keeps an explicit tree: a node for each page of each space, a root (sigma0) for each
 * frame.  An access is an event with the set of those who have not been told: the page's own node
 * and all nodes above it, up to the root.  A query by a node tells it every event of its subtree
 * that it does not know (of its own page: only with flush), once.  What it was told counts as told
 * to those below it, too: a query resets the status of the whole subtree.  Nobody above is
 * affected: each of them still gets every event exactly once.
 *
 * A surmised event is one that the kernel may report, but need not: an access to another page of a
 * superpage. */
#pragma once

#include "mock.h"

enum {
    NODES = 64, /* sets of nodes are 64-bit words */
    ROOTS = 8,
    ROOT = NODES - ROOTS, /* the last nodes are the roots */
    EVENTS = 4096,
    RX = L4_ReadeXecOnly,
    W = L4_Writable,
    RWX = L4_FullyAccessible,
};

struct node {
    bool used, writable;
    int parent, space, page, frame;
};

extern struct node nodes[NODES];

struct answer {
    word_t at_least, at_most; /* rights */
};

int model_find(int space, int page); /* -1: not mapped */
bool model_below(int node, int above);
void model_access(int node, bool write, bool surmised);
/* What one root has not been told may be reported to the other, too. */
void model_surmise(int root, int other);
/* A query without flush was answered with rights for the page itself, too. */
void model_told(int node, word_t rights);
struct answer model_query(int node, bool flush);
struct answer model_unmap(int node, word_t rights, bool flush);
void model_map(int source, int space, int page, word_t rights, bool grant);
void model_delete(int node);                   /* and those below */
void model_begin(int roots);                   /* their roots; nothing is mapped */
void model_delete_space(int space, int pages); /* all that it has below page `pages' */
/* How many of a space's mappings have an entry in the kernel's index, which costs as much again. */
size_t indexed_mappings(const struct space *space);
unsigned model_events(void); /* pending: somebody has not been told */
