/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a build that measures events is told of them: tests/perf/physmem/meter.c takes the place of
 * meter.c there.  main.c alone calls these. */
#pragma once

#include "l4/types.h"

enum { METER_TICK = 0 }; /* instead of a label: the receive timed out */

/* An event begins, right behind the receive; and ends, right before the next one. */
void meter_start(L4_Word_t label);
void meter_end(void);
