/* SPDX-License-Identifier: BSD-2-Clause */
/* Nothing is measured. */
#include "meter.h"

void meter_start(L4_Word_t label)
{
    (void)label;
}

void meter_end(void)
{
}
