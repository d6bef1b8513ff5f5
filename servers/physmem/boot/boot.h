/* SPDX-License-Identifier: BSD-2-Clause */
/* From the kernel interface page to a frame table, boot modules and the root task's memory. */
#pragma once

#include "l4/kip.h"

/* Sets up every part of physmem; main.c calls it once.  Where memory is too small, boot modules are
 * left out from the end on, and if not even the root task fits, it says so and does not return. */
void boot(const struct kip *kip);
