/* SPDX-License-Identifier: BSD-2-Clause */
/* From the kernel interface page to a frame table, boot modules and the root task's memory.  Runs once. */
#pragma once

#include "l4/kip.h"

/* Sets up every part of physmem.  Fails (assertion) only on a machine without memory to start with. */
void boot(const struct kip *kip);
