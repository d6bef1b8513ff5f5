/* SPDX-License-Identifier: BSD-2-Clause */
/* IO fpages: ports that are mapped, granted and unmapped like memory (interface.md 1.2, 6.2).
 *
 * sigma0 has all ports.  Any other space has a node for each range of ports that it has.  The nodes
 * form one list in preorder, with a depth each, as in mapping_db.h, and the ranges of the nodes
 * below a node lie within its own.  A port has at most one origin in a space.  If only a part of a
 * node's range is mapped on or taken away, that part is cut out of the node, and out of all nodes
 * below it.  Ports have no access rights and no access status: a port is there or not.
 *
 * Called by map items, Unmap and the end of a space; the processor looks ports up by itself
 * (ia32/port_map.c). */
#pragma once

#include "mapping_db.h"
#include "tcb.h"

enum {
    PORT_COUNT = 0x10000,
    PORT_NODES_MOST = 256, /* in all spaces, so that a cut through all of them is short */
    PORTS_AT_ONCE = 32,    /* that arch_ports_set opens or closes with one instruction */
};

/* Set at boot, before the first space is made.  false: all ports are open to all, and IO fpages are
 * ignored. */
extern bool io_ports_mapped;

/* Can ports go from the one to the other, into this window (the complete space, or an IO fpage)? */
RARE bool ports_may_go(const struct space *from, const struct space *to, L4_Fpage_t window);

/* Maps, or grants, those ports of the IO fpage from p->next on that `from' has and that the window
 * admits.  Ports that `to' has already stay as they are, unless they are derived from those
 * granted.  A granted fpage leaves `from' whole, which is the caller's. */
RARE enum map_result map_ports(struct space *from, struct space *to, L4_Fpage_t fpage, L4_Fpage_t window,
                               bool grant, struct map_progress *p);

/* Takes the ports of u's IO fpage from all who have them from `space', with flush from that space
 * too.  If there is no memory to cut a derived range, it goes whole.  sigma0 itself keeps its
 * ports.  false: the step is over. */
RARE bool unmap_ports(struct space *space, struct unmapping *u, bool flush);

/* Takes all ports of a space, and what is derived from them, for its destruction.  false: the step
 * is over. */
RARE bool unmap_all_ports(struct space *space);

/* How often this does not hold: the list is in preorder, each range lies within the one above, and
 * the open ports of each space are those of its nodes.  For the whole-state checkers. */
RARE size_t io_ports_check(void);
