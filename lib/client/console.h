/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls to the console server (protocol/console.h); server is startup.console or comes from task_lookup. */
#pragma once

#include "protocol/console.h"

/* Writes all of it, in as many messages as it takes; *written (may be null) is set in any case. */
enum error console_write(L4_ThreadId_t server, const char *bytes, uint32_t count, uint32_t *written);
/* Waits for at least one byte; *got = 0: end of input. */
enum error console_read(L4_ThreadId_t server, char *bytes, uint32_t count, uint32_t *got);
