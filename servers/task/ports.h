/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may use which I/O ports, on a kernel booted with ioports=mapped.  The task server has them all. */
#pragma once

#include "task_table.h"

/* Gets all ports from physmem. */
void ports_init(void);
/* Whatever the task had is free: it has no threads any more, and the kernel has taken its ports. */
void ports_forget(const struct task *task);
