/* SPDX-License-Identifier: BSD-2-Clause */
/* Uses of memory that may be refused, without an end of the task.  For the first thread of a task
 * with a pager. */
#pragma once

#include "protocol/error.h"

/* Writes to the page at that address.  Returns what it was refused for. */
enum error touch_page(volatile char *page);
