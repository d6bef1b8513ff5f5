/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests: the driver ends, or does nothing any more, in the middle of its work, at a moment that
 * chance chooses.  The transfer thread alone calls it. */
#pragma once

#include <stdbool.h>

enum dies_moment { DIES_BEFORE, DIES_UNDER_WAY, DIES_UNREPORTED, DIES_REPORTED };

/* Counts the moments that come from now on.  hangs: the driver takes requests and ends none. */
void dies_begin(bool hangs);
/* Such a moment is now: if it is the one, this does not return.  Nothing happens before
 * dies_begin. */
void dies_at(enum dies_moment moment);
