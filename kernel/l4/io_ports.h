/* SPDX-License-Identifier: BSD-2-Clause */
/* IO fpages: ports that are mapped, granted and unmapped like memory (interface.md 1.2, 6.2).
 *
 * sigma0 has all ports.  Who else has some has a node for each range of them; the nodes form one list in preorder, with
 * a depth each, as in mapping_db.h, and the ranges of the nodes below a node lie within its own.  A port has at most
 * one origin in a space.  What of a node's range is mapped on or taken away alone is cut out of it, and out of all
 * below.  Ports have no access rights and no access status: a port is there or not. */
#pragma once

#include "mapping_db.h"
#include "word.h"

enum { PORT_COUNT = 0x10000 };

/* Set before the first space is made.  false: all ports are open, IO fpages are ignored. */
extern bool io_ports_mapped;

/* Maps, or grants, those ports of the IO fpage that `from' has and the window (complete, or an IO fpage) admits.  What
 * `to' has already stays as it is, unless it is derived from what is granted.  A granted fpage leaves `from' whole. */
RARE enum map_result map_ports(struct space *from, struct space *to, L4_Fpage_t fpage, L4_Fpage_t window,
                               bool grant);

/* Takes the ports of the IO fpage from all who have them from `space', with flush from space too.  Without memory for
 * the cut a derived mapping goes whole.  sigma0 itself keeps them. */
RARE void unmap_ports(struct space *space, L4_Fpage_t fpage, bool flush);

/* All that a space has, and what is derived of it, for its destruction. */
RARE void unmap_all_ports(struct space *space);

/* The list in preorder, ranges within those above, and spaces' open ports those of their nodes; number of violations. */
RARE size_t io_ports_check(void);
