/* SPDX-License-Identifier: BSD-2-Clause */
/* The Segment Map's server is started when physmem first wants windows to leave its memory, and
 * again whenever it ends; the container with the map outlives it.  Nothing that this takes may have
 * to be asked of segmap, so what is known of it is found before there is one, and the task server's
 * own windows never leave.  The main loop's thread alone calls it. */
#pragma once

#include <stdbool.h>

#include "l4/types.h"

/* NOTICE_SEGMAP has come.  If segmap cannot be started, why is said, and windows stay. */
void segmap_wanted(void);
/* A task of KIND_SEGMAP has ended, `killed` if by somebody else, and its record is as good as
 * gone. */
void segmap_ended(L4_Word_t task, bool killed);
