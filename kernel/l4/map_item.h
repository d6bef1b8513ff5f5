/* SPDX-License-Identifier: BSD-2-Clause */
/* Map and grant items (interface.md 5.4): which pages of the sender go to which places of the
 * receiver.  Called by ipc_transfer.c alone. */
#pragma once

#include "mapping_db.h"
#include "tcb.h"

struct map_range { /* what an item comes to: pages of the source and where they go */
    uint64_t source, destination, bytes;
};

/* window: the receiver's acceptor, which is the complete space or an fpage.  false: there is
 * nothing to map. */
bool map_range(word_t send_base, L4_Fpage_t fpage, L4_Fpage_t window, struct map_range *out);

/* Does one item from one space to another, from *p on.  Pages that the sender does not have, and
 * places that the receiver may not have, are left out.  MAP_MORE: the step is over, and *p says
 * where it goes on; each page for itself is done or not. */
enum map_result map_item(struct space *from, struct space *to, word_t base_word, L4_Fpage_t fpage,
                         L4_Fpage_t window, struct map_progress *p);

/* The progress of an item that goes to a page fault at this address: the page is done first, and
 * what lies in front of it is left out. */
struct map_progress map_from_fault(word_t base_word, L4_Fpage_t fpage, vaddr_t address);
