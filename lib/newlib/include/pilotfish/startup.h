/* SPDX-License-Identifier: BSD-2-Clause */
/* What the task was started with: ids of the servers, arguments, flags.  Any thread may call it. */
#pragma once

#include "protocol/startup.h"

const struct startup *pilotfish_startup(void);
