/* SPDX-License-Identifier: BSD-2-Clause */
/* The wanted pages (page.h) whose transfers have ended in this event.  page.c adds them, and
 * serving/parking.c takes them to find the faults that waited. */
#pragma once

#include "ground/types.h"

struct page;

enum { ARRIVALS_MAX = 64 };

void arrivals_init(void);
void arrivals_add(const struct page *p);
/* Takes all, at most ARRIVALS_MAX.  False: there were more, and none is told; then all faults that
 * wait for the disk have to look.  A page may have been freed meanwhile: nobody waits for it any
 * more, and it is just a name. */
bool arrivals_take(const struct page **pages, uint32_t *count);
