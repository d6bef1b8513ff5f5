/* SPDX-License-Identifier: BSD-2-Clause */
/* The swap driver is started again when it ends.  While it is gone nothing can be read from its
 * disk, so what that takes stays in memory: the restart set, which is this server's own pages, but
 * for its scratch, and the part of the driver's file that the loader reads.  The main loop's thread
 * alone calls it. */
#pragma once

#include "file.h"
#include "task_table.h"

/* A driver of the manifest runs now.  The last one is the one that has the swap disk. */
void driver_started(L4_Word_t task, const struct file *file, uint32_t pages, unsigned argc,
                    const char *const *argv);
/* The boot is over: what the server has of its own stays from now on. */
void driver_keep(void);
/* The task has ended, `killed` if by somebody else, and its record is as good as gone.  If it was
 * the swap driver another one is started; false: it was not, or has been given up. */
bool driver_ended(L4_Word_t task, bool killed);
