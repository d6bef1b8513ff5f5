/* SPDX-License-Identifier: BSD-2-Clause */
/* The runner's side of a victim: starts it, gives it work, and knows what must come out. */
#pragma once

#include "hostile.h"

/* One victim at a time.  It uses so many pages. */
enum error victim_start(L4_Word_t pages);
/* Ends one that did not answer, if it is still there, and starts another. */
enum error victim_start_again(void);
/* Returns false if the victim did not answer in time. */
bool victim_works(const struct work *work, struct report *report);
/* Of all that it has read. */
bool victim_hash_is_right(const struct report *report);
/* The three words by which a task learns its target. */
void target_words(char text[3][12]);
