/* SPDX-License-Identifier: BSD-2-Clause */
/* Map and grant items: fpage arithmetic (X.2 "typed items", interface.md 5.4). */
#pragma once

#include "mapping_db.h"
#include "word.h"

struct map_range { /* what an item comes to: pages of the source and where they go */
    uint64_t source, destination, bytes;
};

/* window: raw acceptor bits (complete space or an fpage).  false: nothing to map. */
bool map_range(word_t send_base, L4_Fpage_t fpage, L4_Fpage_t window, struct map_range *out);

enum map_result map_item(struct space *from, struct space *to, word_t base_word, L4_Fpage_t fpage,
                         L4_Fpage_t window);
