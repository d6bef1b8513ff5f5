/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may use which I/O ports, on a kernel booted with ioports=mapped.  The task server has them
 * all and maps them on.  The main loop's thread alone calls it. */
#pragma once

#include "task_table.h"

/* Gets all ports from physmem.  To be called once, at the start. */
void ports_init(void);
/* Frees whatever the task had.  It has no threads any more, so the kernel has taken its ports. */
void ports_forget(const struct task *task);
