/* SPDX-License-Identifier: BSD-2-Clause */
/* Between main.c and threads.c. */
#pragma once

#include "base/format.h"
#include "harness.h"

/* By the supervisor, when a test is over. */
void delete_helpers(void);
