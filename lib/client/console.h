/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls to the console server; what they mean is written in protocol/console.h.  Any thread of any
 * program may make them except a pager thread, for they wait.  The server's thread is
 * startup.console, or task_lookup finds it. */
#pragma once

#include "protocol/console.h"

/* Writes all of it, in as many messages as it takes. *written, where written is not null, is set in
 * any case. */
enum error console_write(L4_ThreadId_t server, const char *bytes, uint32_t count, uint32_t *written);
/* Waits for at least one byte; *got is 0 at the end of the input. */
enum error console_read(L4_ThreadId_t server, char *bytes, uint32_t count, uint32_t *got);
